"""What every code means, in Chinese and English. Codes are stored; sentences are made when somebody reads.

The word 安全 is never a verdict, and 重大/较大/一般 grade accidents, not conflicts.
"""

from collections.abc import Mapping
from typing import Any

from spatial.errors import Language
from spatial.saying.pairs import Pair
from spatial.saying.reason_texts import REASONS
from spatial.saying.word_texts import WORDS

UNKNOWNS: Mapping[str, Pair] = {
    "no_utility": (
        "没有燃气企业申明此处属于其服务范围",
        "no utility has declared that this ground is in its service area",
    ),
    "service_area_undeclared": (
        "{name}（{utility}）未申明服务范围，其管道可能在任何地方",
        "{name} ({utility}) has not declared its service area: its pipes may be anywhere",
    ),
    "town_gas_not_judged": (
        "所用规则只适用于长输管道，而登记资料不区分长输管道与城镇燃气管道：请另按城镇燃气规则（如 cn-gb55009）判断",
        "the rules used are for long-distance pipes only, and the register does not tell them from town gas: ask again "
        "by the rules of town gas, such as cn-gb55009",
    ),
    "no_dataset": (
        "{name}（{utility}）没有导入任何管网资料",
        "{name} ({utility}) has brought no network at all",
    ),
    "coverage_missing": (
        "{name}（{utility}）未申明此处资料完整：{pipe_kinds}",
        "{name} ({utility}) does not declare its register complete here: {pipe_kinds}",
    ),
    "coverage_assumed": (
        "{name}（{utility}）此处的资料范围仅为推定：{pipe_kinds}",
        "the coverage of {name} ({utility}) is only assumed here: {pipe_kinds}",
    ),
    "coverage_stale": (
        "{name}（{utility}）的资料截至 {as_of}，已超过承诺的时限：{pipe_kinds}",
        "the data of {name} ({utility}) are as of {as_of}, older than promised: {pipe_kinds}",
    ),
    "coverage_age_unset": (
        "{name}（{utility}）未承诺资料时限：{pipe_kinds}",
        "{name} ({utility}) has not promised how old its data may get: {pipe_kinds}",
    ),
    "blank": (
        "{name}（{utility}）申明此处资料缺失",
        "{name} ({utility}) has declared this ground a blank in its data",
    ),
    "unreadable": (
        "{name}（{utility}）的数据集 {datasets} 在此处有无法读取的记录",
        "dataset {datasets} of {name} ({utility}) has rows here that could not be read",
    ),
    "rejected_unconfirmed": (
        "{name}（{utility}）有 {count} 条无法读取、位置不明的记录尚未确认",
        "{name} ({utility}) has {count} unreadable rows of unknown place that nobody has confirmed",
    ),
    "site_width_unknown": (
        "未说明开挖宽度，按半宽 {half_width_m} m 估计（默认值，尚待核实）",
        "the width of the dig was not stated: a half width of {half_width_m} m was taken (an unverified default)",
    ),
    "top_width_unknown": (
        "未说明开挖深度，无法由坑底和边坡推算上口，按向外 {half_width_m} m 估计（默认值，尚待核实）",
        "without the depth the opening at the surface cannot be told from the bottom: {half_width_m} m to each side "
        "was taken (an unverified default)",
    ),
    "strip_place_unknown": (
        "未说明{part}离沟边的距离，按紧靠沟边并向外加宽估计（默认值，尚待核实）",
        "how far the {part} lies from the edge was not stated: it was taken to begin at the edge, and wider (an "
        "unverified default)",
    ),
}

ADVICE: Mapping[str, Pair] = {
    "do_not_start": ("暂不得开工", "do not start"),
    "drop_forbidden_act": (
        "{zone}内不得{act}：改变位置或取消该作业",
        "do not {act} in the {zone}: move the work or leave it out",
    ),
    "apply_county": (
        "向管道所在地县级人民政府主管管道保护工作的部门提出申请，并在开工七日前书面通知 {name}（{clause}）",
        "apply to the county department in charge of pipeline protection, and tell {name} in writing seven days before "
        "you start ({clause})",
    ),
    "agree_plan": (
        "与{name}共同制定燃气设施保护方案，落实保护措施并派人现场指导",
        "agree a protection plan with {name}, with safeguards and its guidance on site",
    ),
    "notify_utility": (
        "施工前书面通知{name}，答复时限按 {working_days} 个工作日计（默认值，尚待核实）",
        "notify {name} in writing before starting; allow {working_days} working days for a reply (an unverified default)",
    ),
    "hand_dig": (
        "在 {stretch} 采用人工开挖，管道暴露前不得使用机械",
        "dig by hand on {stretch}; no machines until the pipe is exposed",
    ),
    "hand_dig_all": (
        "在 {source_id} 保护范围内采用人工开挖，管道暴露前不得使用机械",
        "dig by hand in the protection zone of {source_id}; no machines until the pipe is exposed",
    ),
    "trial_holes": (
        "开工前用人工探坑查明 {source_id} 的实际位置和埋深并记录",
        "before starting, find and record the true position and depth of {source_id} by hand-dug trial holes",
    ),
    "hole_over_crossing": (
        "在 {station} 与 {source_id} 交叉处，于管道正上方人工挖探坑 1 个，露出管道、量测位置和深度后方可钻进",
        "at {station}, where {source_id} crosses, dig one trial hole by hand over the pipe; expose it and measure its "
        "place and depth before boring",
    ),
    "holes_beside_crossing": (
        "在 {station} 与 {source_id} 交叉处，沿管道在钻进轴线左右两侧各人工挖探坑 1 个（交角小或管道深度未沿线探测），"
        "量测位置和深度后方可钻进",
        "at {station}, where {source_id} crosses, dig two trial holes by hand over the pipe, one on each side of the "
        "bore (a flat angle, or a depth not followed along the pipe); measure its place and depth before boring",
    ),
    "hole_at_nearest": (
        "在 {station} {side}{source_id} 离钻进路径最近处，于管道正上方人工挖探坑 1 个，量测位置和深度后方可钻进",
        "at {station}, {side} the bore, where {source_id} comes nearest to it, dig one trial hole by hand over the "
        "pipe; measure its place and depth before boring",
    ),
    "site_guard": ("施工时由{name}派员现场监护", "{name} keeps a guard on site during the work"),
    "call": ("联系{name}：{phone}", "call {name}: {phone}"),
    "call_no_phone": (
        "联系{name}（系统内未登记电话，请向当地燃气主管部门查询）",
        "contact {name} (no phone is registered: ask the local gas authority)",
    ),
    "ask_authority": (
        "向当地燃气主管部门查询该处的燃气经营企业，并书面查询管线",
        "ask the local gas authority who supplies gas here, and query the pipes in writing",
    ),
    "look_for": (
        "现场查找阀门井、标志桩、警示带、调压箱和立管",
        "look on site for valve chambers, marker posts, warning tape, regulator boxes and risers",
    ),
    "trial_pits": (
        "在查明之前，按有管道对待，人工挖探坑",
        "until that is known treat the ground as if a pipe lay there and dig trial pits by hand",
    ),
    "state_width": ("补充开挖宽度后重新查询", "state the width of the dig and ask again"),
    "shore_and_support": (
        "开挖前与燃气企业商定支护和管道 {source_id} 的悬吊、支托，不得先挖空管下土体",
        "agree with the utility how to shore the walls and hold pipe {source_id} before you dig; never empty the "
        "ground under it first",
    ),
    "find_depth": (
        "人工探明管道 {source_id} 的实际埋深，再确定支护方案",
        "find how deep pipe {source_id} really lies by hand, then settle how to shore the walls",
    ),
    "state_depth": ("补充开挖深度后重新查询", "state the depth of the dig and ask again"),
    "state_offset": (
        "补充堆土、机械离沟边的距离后重新查询",
        "state how far spoil and machines stay from the edge and ask again",
    ),
    "state_slope": (
        "补充边坡坡度或是否支护后重新查询：目前按 1:{slope_ratio} 放坡",
        "state the slope of the walls, or that they are shored, and ask again: 1:{slope_ratio} was taken",
    ),
    "deep_dig": (
        "坑深超过管道控制范围的宽度：开挖边线外 {within_m} m 以内的管道，即使不在控制范围内，也可能因坑壁变形、土体流失而失稳；"
        "动土前请燃气企业确认该范围内的管道，并按设计支护和监测",
        "the dig is deeper than the control zone of pipes is wide: pipes within {within_m} m of the ground opened, even "
        "those in no zone, may lose the ground under them; have the utility confirm the pipes there, shore the walls as "
        "designed and watch them move",
    ),
    "duty_of_care": (
        "在任何地点施工仍应保证燃气管道及附属设施的运行，发现管线或异味立即停工并报告",
        "wherever you dig you still owe gas pipes your care: stop and report at once if you find a pipe or smell gas",
    ),
}

NOTICES: Mapping[str, Pair] = {
    "start_in_time": (
        "最早可于 {date} 开工：自 {counted_from} 起 {working_days} 个工作日为答复期限，收到燃气企业书面答复后方可动土",
        "the earliest start is {date}: {working_days} working days to answer, counted from {counted_from}; "
        "start only once the utility has answered in writing",
    ),
    "start_too_early": (
        "申报的开工日期 {starts_on} 过早，最早可于 {date} 开工：自 {counted_from} 起 {working_days} 个工作日为答复期限，"
        "收到燃气企业书面答复后方可动土；如需加急请致电燃气企业",
        "{starts_on} is too early: the earliest start is {date}, after {working_days} working days to answer counted "
        "from {counted_from} and once the utility has answered in writing; to be faster, phone the utility",
    ),
    "calendar_provisional": (
        "{years} 年的放假调休安排尚未载入，凡可能放假的日子均不计为工作日，公布后日期可能提前",
        "the official holiday calendar of {years} is not known yet: every day that may be free was left out, so the "
        "date may move forward once it is published",
    ),
    "emergency_at_once": (
        "抢修：可立即动土，动土前先致电燃气企业值班电话；书面手续随后补办",
        "emergency: dig at once, but phone the utility's duty line first; the paper follows",
    ),
    "emergency_paper_hours": (
        "抢修：可立即动土，动土前先致电燃气企业值班电话；书面手续在 {hours} 小时内补办",
        "emergency: dig at once, but phone the utility's duty line first; the paper follows within {hours} hours",
    ),
    "start_rules_lost": (
        "判断该许可所用的规则无法读取，不能推算开工日期：收到燃气企业书面答复前不得动土",
        "the rules of this permit cannot be read, so no start can be told: do not dig before the utility has answered "
        "in writing",
    ),
    "design_no_start": (
        "设计查询不作为动土依据，开工前须另行备案",
        "a design query is no ground to dig on: file the dig itself before it starts",
    ),
}
"""When a dig may start (spatial.rules.notice)."""


def word(kind: str, name: str, language: Language, **parameters: Any) -> str:
    """A closed-list word for the reader: word("grade", "II", "zh")."""
    return _pick(WORDS[f"{kind}.{name}"], language).format(**parameters)


def say(entry: Mapping[str, Any], language: Language) -> str:
    """The sentence of a reason, unknown or piece of advice: its code's text filled with its other fields.

    A number that nobody has verified says so.
    """
    code = entry["code"]
    pair = REASONS.get(code) or UNKNOWNS.get(code) or NOTICES.get(code) or ADVICE[code]
    sentence = _pick(pair, language).format(
        **{key: _readable(key, value, language) for key, value in entry.items()}
    )
    return sentence + (_pick(_UNVERIFIED, language) if entry.get("verified") is False else "")


_UNVERIFIED: Pair = ("（尚待核实）", " (unverified)")


def _readable(key: str, value: Any, language: Language) -> str:
    if key in ("zone", "act", "requirement", "part", "side"):
        return word(key, value, language)
    if key == "pipe_kinds":
        return ("、" if language == "zh" else ", ").join(word("pipe_kind", kind, language) for kind in value)
    if key == "note":
        zh, en = value
        return str(zh if language == "zh" else en)
    if key == "top_m" and isinstance(value, list | tuple):
        return "–".join(dict.fromkeys(f"{metres:.2f}" for metres in value))
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(map(str, value))
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _pick(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def span(low_m: float, high_m: float) -> str:
    """K0+112.5–K0+128.0; to the centimetre where the two would read alike.

    >>> span(5.02, 5.04)
    'K0+005.02–K0+005.04'
    """
    decimals = 1 if station(low_m) != station(high_m) else 2
    return f"{station(low_m, decimals)}–{station(high_m, decimals)}"


def station(metres: float, decimals: int = 1) -> str:
    """K0+112.5 from 112.5; the trade's way of saying where along a trench.

    >>> station(1112.5), station(-5.0)
    ('K1+112.5', 'K-0+005.0')
    """
    rounded = round(metres, decimals)
    kilometres, rest = divmod(abs(rounded), 1000.0)
    return f"K{'-' if rounded < 0 else ''}{int(kilometres)}+{rest:0{4 + decimals}.{decimals}f}"

"""The sentences of advice (spatial.advising.advice), in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from spatial.errors import Language
from spatial.saying.pairs import Pair
from spatial.saying.texts import say, station, word

PROPOSALS: Mapping[str, Pair] = {
    "shift_site": (
        "将整个作业范围向{direction}移动 {metres} m（方位 {bearing_deg}°），{lowers}",
        "move the whole site {metres} m {direction} (bearing {bearing_deg}°): {lowers}",
    ),
    "move_edge": (
        "将{edge}侧边线（长 {edge_length_m} m）内移 {metres} m，{lowers}",
        "move the {edge} edge ({edge_length_m} m long) in by {metres} m: {lowers}",
    ),
    "narrow_site": (
        "两侧各少开挖 {metres} m（半宽由 {half_width_now_m} m 减为 {half_width_m} m），{lowers}",
        "open {metres} m less on either side (half width {half_width_m} m, now {half_width_now_m} m): {lowers}",
    ),
    "shore_walls": (
        "支护沟壁、直壁开挖（半宽 {half_width_m} m），{lowers}",
        "shore the walls and dig them upright (half width {half_width_m} m): {lowers}",
    ),
    "other_method": ("改为{method}施工，{lowers}", "do the same work {method}: {lowers}"),
}

ELSEWHERE: Mapping[str, Pair] = {
    "hand_dig_stretch": (
        "人工开挖段 {from_m}–{to_m}，长 {metres} m（{source_ids}）",
        "by hand only on {from_m}–{to_m}, {metres} m ({source_ids})",
    ),
    "trial_hole": (
        "在 {site_m} 处人工挖探坑 1 个，查明 {source_id} 的位置和埋深，自{from_side}向管位推进",
        "dig 1 trial hole by hand at {site_m} to find {source_id}, working towards it from the {from_side}",
    ),
    "trial_hole_row": (
        "在 {holes_m} 人工挖探坑 {count} 个，查明 {source_id} 的位置和埋深，自{from_side}向管位推进",
        "dig {count} trial holes by hand at {holes_m} to find {source_id}, working towards it from the {from_side}",
    ),
    "nearest_valve": (
        "附近阀门 {source_id}（{utility}）：距作业范围 {distance_m} m，方位 {bearing_deg}°；是否控制该管道尚待核实，"
        "只由燃气企业操作",
        "valve {source_id} ({utility}) nearby: {distance_m} m from the site, bearing {bearing_deg}°; not verified that "
        "it shuts this pipe, and only the utility turns it",
    ),
}

NO_PROPOSAL: Pair = (
    "在 {searched_m} m 以内未找到能降低等级且不加重其他冲突的改动",
    "within {searched_m} m nothing was found that lowers the grade and worsens nothing else",
)
NOT_A_PERMIT: Pair = (
    "以上各项均已重新判断；改动须重新申报，申报后的判断才算数",
    "each of these was judged again; file the change, since only what is filed is judged for good",
)
_SIDES: Mapping[str, Pair] = {
    "left": ("前进方向左侧", "to the left of its direction"),
    "right": ("前进方向右侧", "to the right of its direction"),
    "ahead": ("大里程方向", "towards its high stations"),
    "back": ("小里程方向", "towards its low stations"),
    "away": ("背离管道方向", "straight away from the pipe"),
    "N": ("北", "north"),
    "NE": ("东北", "north-east"),
    "E": ("东", "east"),
    "SE": ("东南", "south-east"),
    "S": ("南", "south"),
    "SW": ("西南", "south-west"),
    "W": ("西", "west"),
    "NW": ("西北", "north-west"),
    "before": ("小里程侧", "low-station side"),
    "after": ("大里程侧", "high-station side"),
}
_STATIONS = ("from_m", "to_m", "site_m", "holes_m")


def say_advice(entry: Mapping[str, Any], language: Language) -> str:
    """The sentence of a proposal, a stretch, a trial hole or a valve of spatial.advising.advice.advise()."""
    pair = PROPOSALS.get(entry["code"]) or ELSEWHERE.get(entry["code"])
    if pair is None:  # a trial hole of a bore is a piece of its conflict's own advice
        return say(entry, language)
    fields = {key: _readable(key, value, language) for key, value in entry.items()}
    if "lowers" in entry:
        fields["lowers"] = _lowers(entry, language)
    return pick(pair, language).format(**fields)


def advice_lines(advice: Mapping[str, Any], language: Language) -> list[str]:
    """All of advise() as sentences, in the order a foreman needs them."""
    told = [
        *advice["proposals"],
        *advice["hand_dig"]["stretches"],
        *advice["trial_holes"],
        *advice["valves"],
    ]
    lines = [say_advice(entry, language) for entry in told]
    if advice["proposals"]:
        lines.insert(len(advice["proposals"]), pick(NOT_A_PERMIT, language))
    elif advice["searched_m"] is not None:
        lines.insert(0, pick(NO_PROPOSAL, language).format(searched_m=f"{advice['searched_m']:g}"))
    return lines


def pick(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]


def _lowers(entry: Mapping[str, Any], language: Language) -> str:
    """What becomes of the grade, or of the requirement where the grade stays. Where no pipe is left on record, what
    is known of the ground decides how it reads; it is never called safe."""
    grade, requirement = entry["lowers"], entry["requirement"]
    becomes = "{}降为{}" if language == "zh" else "{} becomes {}"
    if grade["to"] is None:
        nothing = {
            "clear": (
                "登记资料内不再涉及燃气管道，不等于可以开工",
                "no pipe on record is involved, which is no leave to start",
            ),
            "cannot_tell": (
                "登记资料内不再涉及燃气管道，但该处资料不足，仍按有管道对待",
                "no pipe on record is involved, but not enough is known there: treat it as if a pipe lay there",
            ),
        }[entry["outcome"]]
        return pick(nothing, language)
    if grade["from"] != grade["to"]:
        return becomes.format(word("grade", grade["from"], language), word("grade", grade["to"], language))
    return becomes.format(
        word("requirement", requirement["from"], language), word("requirement", requirement["to"], language)
    )


def _readable(key: str, value: Any, language: Language) -> str:
    if key in ("direction", "edge", "from_side"):
        return pick(_SIDES[value], language)
    if key == "method":
        return word("method", value, language)
    comma = "、" if language == "zh" else ", "
    if key in _STATIONS:
        return comma.join(map(station, value)) if isinstance(value, list) else station(value)
    if isinstance(value, list):
        return comma.join(map(str, value))
    if isinstance(value, float) and key != "bearing_deg":
        return f"{value:.2f}"
    return str(round(value) % 360) if key == "bearing_deg" else str(value)

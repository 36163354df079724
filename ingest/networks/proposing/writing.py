"""A proposal as the TOML text of a map: its doubts are comments, and a line behind "#" waits for somebody's word."""

import re
from collections import Counter
from collections.abc import Iterator

from ingest.networks.columns import COLUMNS, UNITS
from ingest.networks.proposing.cells import WORDS
from ingest.networks.proposing.names import RECORD_DATES, STANDARD_DEPTHS, greatest_by_name, plain
from ingest.networks.proposing.proposal import IdColumn, Pairing, Proposal, Unmapped
from ingest.toml_text import toml_key, toml_value
from spatial.errors import Language

MOST_WORDS = 40
MOST_UNUSABLE = 5
LONGEST_SHOWN = 60

Pair = tuple[str, str]
"""(en, zh)."""

_WHY: dict[str, Pair] = {
    "unit": (
        "its unit is stated nowhere: not read until you take the # away and state it in [units]",
        "没有任何地方写明单位：在您去掉 # 并在 [units] 中写明之前不读取",
    ),
    "units_differ": (
        "its unit is not the same in all rows, or not stated in some: split the file by unit, or correct it",
        "各行单位不一致，或有的行未写单位：请按单位拆分文件，或更正后再用",
    ),
    "accuracy": (
        "that 95 % of the pipes keep within it is stated nowhere: take the # away if they do, and state its unit, or its "
        "words in [values.{ours}]",
        "没有写明这是否为 95 % 置信的误差界：确认后去掉 #，并写明单位，或在 [values.{ours}] 中写明各词的含义",
    ),
    "quality": (
        "its words would decide how well a pipe is known: take the # away if they mean what the rules mean by them",
        "其中的词决定管线位置的可靠程度：确认与规则中的含义一致后再去掉 #",
    ),
    "unreadable": ("no value of it can be read as {ours}", "没有任何值能作为 {ours} 读取"),
}
_BLANK: dict[str, Pair] = {
    "diameter_basis": (
        "nobody says what the numbers measure, so the larger is taken: write outside, nominal or inner if you know it",
        "未说明管径数字量的是什么，按较大者计；如已知，请填写 outside（外径）、nominal（公称）或 inner（内径）",
    ),
    "cover_to": (
        "nobody says to what of the pipe its depths go, so both bounds are kept: write top, centre or bottom if you know it",
        "未说明埋深量到管道何处，上下界都保留；如已知，请填写 top（管顶）、centre（管中）或 bottom（管底）",
    ),
}


def proposal_text(proposal: Proposal, language: Language) -> str:
    """TOML that parse_mapping takes as it is."""
    return "\n".join(_Writer(language).lines(proposal)) + "\n"


def remarks_of(pairing: Pairing) -> list[Pair]:
    """What is to be known of the values of one column, before it is relied on."""
    told, name = pairing.told, shown(pairing.theirs)
    remarks: list[Pair] = []
    if told.blank:
        remarks.append(
            (
                f"{told.blank} of {told.rows} values of {name} are blank: unknown",
                f"{name} 的 {told.rows} 个值中有 {told.blank} 个为空：按未知处理",
            )
        )
    if told.zero:
        remarks.append(
            (
                f"{told.zero} of {told.rows} values of {name} are 0: taken as unknown",
                f"{name} 的 {told.rows} 个值中有 {told.zero} 个为 0：按未知处理",
            )
        )
    if told.unusable:
        seen = _counted(told.unusable, MOST_UNUSABLE)
        remarks.append(
            (
                f"{told.unusable.total()} of {told.rows} values of {name} cannot be used and are taken as unknown: {seen}",
                f"{name} 的 {told.rows} 个值中有 {told.unusable.total()} 个无法使用，按未知处理：{seen}",
            )
        )
    if told.words:
        remarks.append(
            (
                f"{told.words.total()} of {told.rows} values of {name} are words we do not know, unknown until you say "
                f"what they mean in [values.{pairing.ours}]",
                f"{name} 的 {told.rows} 个值中有 {told.words.total()} 个词无法识别，在 [values.{pairing.ours}] 中写明含义之前按未知处理",
            )
        )
    if pairing.asks_unit and pairing.decided:
        remarks.append(
            (
                f"{told.bare} of {told.rows} values of {name} are numbers without a unit: unknown until you state it in [units]",
                f"{name} 的 {told.rows} 个值中有 {told.bare} 个数字未写单位，在 [units] 中写明之前按未知处理",
            )
        )
    if pairing.ours == "pressure_class" and told.bare and not greatest_by_name(pairing.theirs):
        remarks.append(
            (
                f"{name} is taken as the greatest pressure the pipe may run at: if it is that of one day, put a # before the line",
                f"{name} 按管道的最高工作压力理解：如果只是某一天的运行压力，请在该行前加 #",
            )
        )
    if plain(pairing.theirs) in RECORD_DATES:
        remarks.append(
            (
                f"{name} is taken as the day the pipe was laid: if it is when its record was made, put a # before the line",
                f"{name} 按管线敷设日期理解：如果是记录建立的日期，请在该行前加 #",
            )
        )
    if pairing.why is not None:
        en, zh = _WHY[pairing.why]
        remarks.append(
            (f"{name}: " + en.format(ours=pairing.ours), f"{name}：" + zh.format(ours=pairing.ours))
        )
    return remarks


def shown(text: str) -> str:
    """In quotes and in one line, whatever it holds."""
    cut = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return _text(cut)


def _text(text: str) -> str:
    return toml_value(re.sub(r"[\ud800-\udfff]", "�", text))


def _counted(counter: Counter[str], most: int) -> str:
    told = ", ".join(f"{shown(word)} x {count}" for word, count in counter.most_common(most))
    return told + (", …" if len(counter) > most else "")


class _Writer:
    def __init__(self, language: Language) -> None:
        self._zh = language == "zh"

    def _said(self, pair: Pair) -> str:
        return pair[1] if self._zh else pair[0]

    def lines(self, proposal: Proposal) -> Iterator[str]:
        files = ", ".join(map(shown, proposal.files))
        yield self._comment(
            (
                f"Proposed by Predig from {files}, {proposal.rows} rows. Look at every line. What stands behind a # is not read:",
                f"Predig 根据 {files}（{proposal.rows} 行）提出的列名对照，请逐行核对。# 后面的内容不会读取：",
            )
        )
        yield self._comment(
            (
                "take the # away where you know it to be so; what is left is unknown, and unknown widens.",
                "确认无误后去掉 #；留着的按未知处理，未知一律从宽。",
            )
        )
        for one in proposal.ids:
            yield self._comment(_id_remark(one, proposal.rows))
        if proposal.encoding is not None:
            yield f"encoding = {_text(proposal.encoding)}"
        yield "\n[columns]"
        for pairing in proposal.pairings:
            yield from map(self._comment, remarks_of(pairing))
            yield self._waits(pairing) + f"{pairing.ours} = {_text(pairing.theirs)}"
        if any(pairing.unit or pairing.asks_unit for pairing in proposal.pairings):
            yield "\n[units]"
            for pairing in proposal.pairings:
                yield from self._unit(pairing)
        if proposal.blanks:
            yield "\n[constants]"
            for asked, meant in proposal.blanks.items():
                if not meant:
                    yield self._comment(_BLANK[asked])
                yield f"{asked} = {_text(meant)}" + (
                    "" if not meant else self._note(("by its name", "由列名可知"))
                )
        for pairing in proposal.pairings:
            yield from self._words(pairing)
        if proposal.unmapped:
            yield ""
            yield self._comment(("Nothing is read from these columns:", "以下各列不读取："))
            for column in proposal.unmapped:
                yield self._comment(_unmapped_remark(column, proposal.rows))

    def _unit(self, pairing: Pairing) -> Iterator[str]:
        ours, told = pairing.ours, pairing.told
        if pairing.unit is not None:
            by = shown(pairing.by or pairing.theirs)
            note = self._note((f"stated by {by}", f"由 {by} 写明"))
            yield f"{self._waits(pairing)}{ours} = {_text(pairing.unit)}{note}"
        elif pairing.asks_unit:
            fits = ", ".join(f"{unit} {told.fitting[unit]}" for unit in UNITS[ours])
            yield self._comment(
                (
                    f"of {told.bare} numbers of {shown(pairing.theirs)} are believable as {fits}: state the one they are in",
                    f"{shown(pairing.theirs)} 的 {told.bare} 个数字中，各单位下可信的个数为 {fits}：请写明实际单位",
                )
            )
            yield f'# {ours} = ""'

    def _words(self, pairing: Pairing) -> Iterator[str]:
        told = pairing.told
        listed = told.words.most_common(MOST_WORDS)
        if not listed and not told.translated:
            return
        # A table of values may stand without its column: nothing is read by it then.
        yield f"\n[values.{pairing.ours}]"
        for word, (meant, count) in told.translated.items():
            yield f"{toml_key(word)} = {_text(meant)}{self._note((f'{count} rows', f'{count} 行'))}"
        if listed and pairing.ours in WORDS:
            yield self._comment((f"one of {COLUMNS[pairing.ours]}", f"可取：{COLUMNS[pairing.ours]}"))
        for word, count in listed:
            yield f'{toml_key(word)} = ""{self._note((f"{count} rows: unknown until you say", f"{count} 行：写明之前按未知处理"))}'
        if len(told.words) > MOST_WORDS:
            rest = len(told.words) - MOST_WORDS
            yield self._comment((f"and {rest} words more, unknown too", f"另有 {rest} 个词，同样按未知处理"))

    def _comment(self, pair: Pair) -> str:
        return f"# {self._said(pair)}"

    def _note(self, pair: Pair) -> str:
        return f"  # {self._said(pair)}"

    def _waits(self, pairing: Pairing) -> str:
        return "" if pairing.decided else "# "


def _id_remark(one: IdColumn, rows: int) -> Pair:
    name = shown(one.theirs)
    if one.repeated or one.blank:
        return (
            f"{name} is no id: {one.repeated} of {rows} rows repeat one, {one.blank} have none",
            f"{name} 不能作为编号：{rows} 行中有 {one.repeated} 行重复，{one.blank} 行为空",
        )
    return (
        f"--id-field {name}: different in all {rows} rows; whether it stays the same in the next file only its owner knows",
        f"--id-field {name}：{rows} 行各不相同；下一份文件中是否保持不变，只有权属单位知道",
    )


def _unmapped_remark(column: Unmapped, rows: int) -> Pair:
    name, few = shown(column.theirs), ", ".join(map(shown, column.examples))
    en = f"{name}: {column.filled} of {rows} filled, {column.different} different" + (
        f", such as {few}" if few else ""
    )
    zh = f"{name}：{rows} 行中 {column.filled} 行有值，{column.different} 种" + (f"，如 {few}" if few else "")
    if plain(column.theirs) in STANDARD_DEPTHS:
        return f"{en}; a standard, no measurement", f"{zh}；是标准值，不是实测"
    if column.like is not None:
        return (
            f"{en}; may be {column.like} too, another column was taken",
            f"{zh}；也可能是 {column.like}，已采用另一列",
        )
    return en, zh

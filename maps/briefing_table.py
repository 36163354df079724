"""A screening drawn for a terminal: the outcome, the graded conflicts as a table, what is unknown, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from maps.plain import plain
from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.saying.advice_texts import advice_lines
from spatial.saying.foreman import route_lines, stretch_lines
from spatial.saying.texts import say, station, word
from spatial.words import Grade, Outcome

HEADINGS: Mapping[str, tuple[str, str]] = {
    "grade": ("等级", "grade"),
    "pipe": ("管道", "pipe"),
    "class": ("压力级别", "class"),
    "clearance": ("净距 m", "clear. m"),
    "doubt": ("± m", "± m"),
    "zone": ("范围", "zone"),
    "where": ("位置", "where on site"),
    "requirement": ("要求", "requirement"),
    "clause": ("依据", "clause"),
    "class_unknown": ("级别未知", "class ?"),
    "more": ("另有 {count} 处", "{count} more"),
    "route": ("每 500 米", "each 500 m"),
    "sections": ("沿线各段", "stretch by stretch"),
    "why": ("为什么", "why"),
    "unknowns": ("尚不清楚", "not known"),
    "advice": ("怎么办", "what to do"),
    "helps": ("如何减轻", "what would help"),
    "site": ("作业 {feature_id}", "dig site {feature_id}"),
    "until": ("有效至 {valid_until}", "valid to {valid_until}"),
}

MOST_ROWS = 40
"""Conflicts shown in a terminal table; the rest are counted. --json gives them all."""

DOT = "  · "

GRAVEST = 3
"""Conflicts whose own reasons and advice are written out; --json gives all."""

WIDE_ENOUGH = 130
"""Columns from which a conflict stands in one line; in narrower terminals it takes two or three."""


def briefing_table(screening: Mapping[str, Any], language: Language) -> RenderableType:
    """A screening (the answer form of api.views.answers) for the terminal. Foreign text is shown as text."""
    outcome = Outcome(screening["outcome"])
    mark = OUTCOME_MARKS[outcome]
    sentence = word(
        "outcome",
        outcome,
        language,
        valid_until=screening["valid_until"],
        data_date=_data_date(screening),
    )
    title = Text()
    title.append(plain(_heading("site", language, feature_id=screening["feature_id"])) + "  ", style="bold")
    title.append(f"{mark.shape} {sentence}", style=f"bold {mark.colour}")
    if outcome is not Outcome.CLEAR:
        title.append("  " + _heading("until", language, valid_until=screening["valid_until"]), style="dim")
    parts: list[RenderableType] = [title]
    for heading, told in (("route", route_lines), ("sections", stretch_lines)):
        if lines := told(screening["sections"], language):
            parts.append(_Sentences(_heading(heading, language), [plain(line) for line in lines]))
    if screening["conflicts"]:
        parts.append(_ConflictTable(screening["conflicts"], language))
        parts.append(_Sentences(_heading("why", language), _why(screening["conflicts"], language)))
    if screening["unknowns"]:
        parts.append(_sentences(_heading("unknowns", language), screening["unknowns"], language))
    parts.append(_sentences(_heading("advice", language), _advice(screening), language))
    if helps := screening.get("helps"):
        lines = [plain(line) for line in advice_lines(helps, language)]
        parts.append(_Sentences(_heading("helps", language), lines))
    return Group(*parts, Text())


@dataclass(frozen=True, slots=True)
class _ConflictTable:
    """Laid out when drawn, since only then the width is known."""

    conflicts: Sequence[Mapping[str, Any]]
    language: Language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        draw = _wide if options.max_width >= WIDE_ENOUGH else _narrow
        table = draw([_cells(row, self.language) for row in self.conflicts[:MOST_ROWS]], self.language)
        yield table
        if len(self.conflicts) > MOST_ROWS:
            yield Text(_heading("more", self.language, count=len(self.conflicts) - MOST_ROWS), style="italic")
            yield Text()


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a row says, each part ready to be shown."""

    grade: Text
    pipe: str
    pressure_class: str
    clearance: str
    doubt: str
    zone: str
    certainty: str
    where: str
    requirement: str
    clause: str


def _cells(conflict: Mapping[str, Any], language: Language) -> _Cells:
    grade = Grade(conflict["grade"])
    mark = GRADE_MARKS[grade]
    certain = conflict["certainty"] == "certain"
    return _Cells(
        grade=Text(f"{mark.shape} {word('grade', grade, language)}", style=f"bold {mark.colour}"),
        pipe=plain(f"{conflict['utility']} {conflict['source_id']}"),
        pressure_class=conflict["pressure_class"] or _heading("class_unknown", language),
        clearance=f"{conflict['clearance_m']:.2f}",
        doubt=f"{conflict['uncertainty_m']:.2f}",
        zone=word("zone", conflict["zone"], language),
        certainty="" if certain else word("certainty", "possible", language),
        where=where_on_site(conflict),
        requirement=word("requirement", conflict["requirement"], language),
        clause=plain(conflict["clause"]),
    )


def _wide(rows: Sequence[_Cells], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("grade", "pipe", "class", "clearance", "doubt", "zone", "where", "requirement", "clause"):
        table.add_column(
            _heading(name, language),
            justify="right" if name in ("clearance", "doubt") else "left",
            overflow="fold",
            no_wrap=name in ("grade", "class", "clearance", "doubt"),
        )
    for row in rows:
        zone = f"{row.zone}\n{row.certainty}" if row.certainty else row.zone
        table.add_row(
            row.grade,
            *map(Text, (row.pipe, row.pressure_class, row.clearance, row.doubt, zone, row.where)),
            *map(Text, (row.requirement, row.clause)),
        )
    return table


def _narrow(rows: Sequence[_Cells], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(_heading("grade", language), no_wrap=True)
    table.add_column(f"{_heading('pipe', language)}\n{_heading('class', language)}", overflow="fold")
    table.add_column(f"{_heading('clearance', language)}\n{_heading('doubt', language)}", justify="right")
    table.add_column(f"{_heading('zone', language)}\n{_heading('where', language)}", overflow="fold")
    table.add_column(f"{_heading('requirement', language)}\n{_heading('clause', language)}", overflow="fold")
    for row in rows:
        zone = f"{row.zone}\n{row.certainty}" if row.certainty else row.zone
        table.add_row(
            row.grade,
            Text(f"{row.pipe}\n{row.pressure_class}"),
            Text(f"{row.clearance}\n± {row.doubt}"),
            Text(f"{zone}\n{row.where}"),
            Text(f"{row.requirement}\n{row.clause}"),
        )
    return table


def where_on_site(conflict: Mapping[str, Any]) -> str:
    """Stationing along a line site; else the length of pipe affected."""
    spans = conflict["site_intervals_m"]
    if spans:
        return ", ".join(f"{station(low)}–{station(high)}" for low, high in spans)
    return f"{conflict['affected_length_m']:.1f} m"


def _why(conflicts: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """Every term of the judgement of the gravest conflicts, so that a grade is no oracle's word."""
    comma, colon = ("；", "：") if language == "zh" else ("; ", ": ")
    return [
        plain(
            conflict["source_id"]
            + colon
            + comma.join(say(reason, language) for reason in conflict["reasons"])
        )
        for conflict in conflicts[:GRAVEST]
    ]


def _advice(screening: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The site's advice, then that of its gravest conflicts, each piece once; the duty of care ends it."""
    seen: dict[str, dict[str, Any]] = {}
    for entry in [
        *screening["advice"],
        *(row for c in screening["conflicts"][:GRAVEST] for row in c["advice"]),
    ]:
        seen.setdefault(say(entry, "en"), entry)
    return sorted(seen.values(), key=lambda entry: entry["code"] == "duty_of_care")


@dataclass(frozen=True, slots=True)
class _Sentences:
    """A heading and sentences, each hanging from its dot."""

    heading: str
    sentences: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.heading, style="bold")
        width = max(options.max_width - len(DOT), 10)
        for sentence in self.sentences:
            for number, line in enumerate(Text(sentence).wrap(console, width)):
                line.rstrip()
                yield Text(DOT if number == 0 else " " * len(DOT)) + line


def _sentences(heading: str, entries: Sequence[Mapping[str, Any]], language: Language) -> RenderableType:
    return _Sentences(heading, [plain(say(entry, language)) for entry in entries])


def _data_date(screening: Mapping[str, Any]) -> str:
    dates = [row["data_date"] for row in screening["utilities"] if row["data_date"]]
    return min(dates) if dates else "?"


def _heading(name: str, language: Language, **parameters: Any) -> str:
    return HEADINGS[name][0 if language == "zh" else 1].format(**parameters)

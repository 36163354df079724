"""A screening drawn for a terminal: the outcome, the graded conflicts as a table, what is unknown, what to do."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from maps.styles import GRADE_MARKS, OUTCOME_MARKS
from spatial.errors import Language
from spatial.texts import say, station, word
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
    "more": ("另有 {count} 处", "{count} more"),
    "unknowns": ("尚不清楚", "not known"),
    "advice": ("怎么办", "what to do"),
    "site": ("作业 {feature_id}", "dig site {feature_id}"),
    "until": ("有效至 {valid_until}", "valid to {valid_until}"),
}

MOST_ROWS = 40
"""Conflicts shown in a terminal table; the rest are counted. --json gives them all."""


def briefing_table(screening: Mapping[str, Any], language: Language) -> RenderableType:
    """A screening (the answer form of api.answers) for the terminal. Foreign text is shown as text."""
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
    title.append(_heading("site", language, feature_id=screening["feature_id"]) + "  ", style="bold")
    title.append(f"{mark.shape} {sentence}", style=f"bold {mark.colour}")
    if outcome is not Outcome.CLEAR:
        title.append("  " + _heading("until", language, valid_until=screening["valid_until"]), style="dim")
    parts: list[RenderableType] = [title]
    if screening["conflicts"]:
        parts.append(_conflicts(screening["conflicts"], language))
    if screening["unknowns"]:
        parts.append(_sentences(_heading("unknowns", language), screening["unknowns"], language))
    parts.append(_sentences(_heading("advice", language), _advice(screening), language))
    return Group(*parts)


def _conflicts(conflicts: list[dict[str, Any]], language: Language) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for name in ("grade", "pipe", "class", "clearance", "doubt", "zone", "where", "requirement", "clause"):
        table.add_column(
            _heading(name, language),
            justify="right" if name in ("clearance", "doubt") else "left",
            overflow="fold",
        )
    for conflict in conflicts[:MOST_ROWS]:
        grade = Grade(conflict["grade"])
        mark = GRADE_MARKS[grade]
        table.add_row(
            Text(f"{mark.shape} {word('grade', grade, language)}", style=f"bold {mark.colour}"),
            escape(f"{conflict['utility']} {conflict['source_id']}"),
            conflict["pressure_class"] or "?",
            f"{conflict['clearance_m']:.2f}",
            f"{conflict['uncertainty_m']:.2f}",
            word("zone", conflict["zone"], language)
            + ("" if conflict["certainty"] == "certain" else f" ({word('certainty', 'possible', language)})"),
            where_on_site(conflict),
            word("requirement", conflict["requirement"], language),
            escape(conflict["clause"]),
        )
    if len(conflicts) > MOST_ROWS:
        table.caption = _heading("more", language, count=len(conflicts) - MOST_ROWS)
    return table


def where_on_site(conflict: Mapping[str, Any]) -> str:
    """Stationing along a line site; else the length of pipe affected."""
    spans = conflict["site_intervals_m"]
    if spans:
        return ", ".join(f"{station(low)}–{station(high)}" for low, high in spans)
    return f"{conflict['affected_length_m']:.1f} m"


def _advice(screening: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The site's advice, then that of its gravest conflicts, each piece once."""
    seen: dict[str, dict[str, Any]] = {}
    for entry in [*screening["advice"], *(row for c in screening["conflicts"][:3] for row in c["advice"])]:
        seen.setdefault(say(entry, "en"), entry)
    return list(seen.values())


def _sentences(heading: str, entries: list[dict[str, Any]], language: Language) -> RenderableType:
    text = Text(f"{heading}\n", style="bold")
    for entry in entries:
        text.append(f"  · {say(entry, language)}\n", style="not bold")
    return text


def _data_date(screening: Mapping[str, Any]) -> str:
    dates = [row["data_date"] for row in screening["utilities"] if row["data_date"]]
    return min(dates) if dates else "?"


def _heading(name: str, language: Language, **parameters: Any) -> str:
    return HEADINGS[name][0 if language == "zh" else 1].format(**parameters)

"""What a foreman reads of a line dig: the stretches in which the same is to be done, and where pipes are crossed."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from spatial.errors import Language
from spatial.saying.teller import Teller
from spatial.saying.texts import span, station, word
from spatial.words import Grade, Requirement, SectionVerdict

Document = Mapping[str, Any]

_GRADE_ORDER = [grade.value for grade in Grade]
_REQUIREMENT_ORDER = [requirement.value for requirement in Requirement]
_VERDICT_ORDER = [
    verdict.value for verdict in (SectionVerdict.HELD, SectionVerdict.CANNOT_TELL, SectionVerdict.MAY_START)
]


ROUTE_M = 1_000.0
"""A line that is longer is read section by section first."""
SECTION_M = 500.0


def stretch_lines(sections: Sequence[Document], language: Language) -> list[str]:
    """A sentence a stretch, joined for the foreman; nothing where no stretch is held."""
    if not any(section["grade"] for section in sections):
        return []
    return [section_line(section, language) for section in for_the_foreman(sections)]


def route_lines(sections: Sequence[Document], language: Language) -> list[str]:
    """Of a long route a sentence for each SECTION_M, to be read before its stretches; nothing of a shorter line, or where no
    stretch is held."""
    if not any(section["grade"] for section in sections):
        return []
    if sections[-1]["to_m"] - sections[0]["from_m"] <= ROUTE_M:
        return []
    return [_route_line(one, language) for one in by_distance(sections)]


def by_distance(sections: Sequence[Document]) -> list[Document]:
    """A line cut at every SECTION_M of its stationing, each part with the worst that is said of it: as a section, and
    `held_m`, how much of it is held."""
    first, last = sections[0]["from_m"], sections[-1]["to_m"]
    inner = np.arange(math.floor(first / SECTION_M) + 1, math.ceil(last / SECTION_M)) * SECTION_M
    return [_worst(sections, low, high) for low, high in pairwise([first, *inner.tolist(), last])]


def _worst(sections: Sequence[Document], low: float, high: float) -> Document:
    within = [one for one in sections if one["from_m"] < high and one["to_m"] > low]
    worst: dict[str, Any] = {"from_m": low, "to_m": high}
    for name, order in (
        ("grade", _GRADE_ORDER),
        ("requirement", _REQUIREMENT_ORDER),
        ("verdict", _VERDICT_ORDER),
    ):
        worst[name] = min((one[name] for one in within if one[name]), key=order.index, default=None)
    held = [min(one["to_m"], high) - max(one["from_m"], low) for one in within if one["grade"]]
    return worst | {
        "hand_dig": any(one["hand_dig"] for one in within),
        "source_ids": sorted({name for one in within for name in one["source_ids"]}),
        "held_m": round(sum(held), 4),
    }


def _route_line(section: Document, language: Language) -> str:
    if section["grade"] is None:
        return section_line(section, language)
    tell = Teller(language)
    return tell(
        "section_of_route",
        span=span(section["from_m"], section["to_m"]),
        grade=tell.word("grade", section["grade"]),
        requirement=tell.word("requirement", section["requirement"]),
        held=f"{section['held_m']:.0f}",
        count=str(len(section["source_ids"])),
    )


def crossing_lines(conflict: Document, language: Language) -> list[str]:
    """Where the dig's axis meets the pipe's, under which angle, and how far a bore passes over or under it."""
    return [_crossing(one, Teller(language)) for one in conflict.get("crossings", ())]


def _crossing(one: Document, tell: Teller) -> str:
    if "site_to_m" in one:
        said = tell("runs_along", span=span(one["site_m"], one["site_to_m"]))
    else:
        said = tell("crosses", at=station(one["site_m"]), angle=f"{one['angle_deg']:g}")
    if one.get("bore_depth_m") is None:
        return said
    depth = tell("bore_there", depth=f"{one['bore_depth_m']:.2f}")
    if one["vertical_clearance_m"] is None:
        return said + depth + tell("pipe_depth_unknown")
    passes = tell.word("passes", one["passes"])
    gap = tell("vertical_gap", passes=passes, gap=f"{one['vertical_clearance_m']:.2f}")
    if one["at_worst_m"] is None:
        return said + depth + gap
    return said + depth + gap + tell("vertical_gap_at_worst", gap=f"{one['at_worst_m']:.2f}")


def section_line(section: Document, language: Language) -> str:
    """One stretch of a line dig in a sentence: where, what holds it, what is required."""
    tell = Teller(language)
    stretch = span(section["from_m"], section["to_m"])
    if section["grade"] is None:
        return tell("section_free", span=stretch, verdict=word("section", section["verdict"], language))
    return tell(
        "section_by_hand" if section["hand_dig"] else "section",
        span=stretch,
        grade=tell.word("grade", section["grade"]),
        requirement=tell.word("requirement", section["requirement"]),
        source_ids=tell.listed(section["source_ids"]),
    )


def for_the_foreman(sections: Sequence[Document]) -> list[Document]:
    """Neighbouring sections in which the same is to be done, as one, with the worst grade and the strictest requirement
    of them: a dozen centimetres of another grade are no work of their own, nor are those by hand under a milder
    requirement just before the stricter begins."""
    merged: list[dict[str, Any]] = []
    for section in sections:
        if not merged or not _same_work(merged[-1], section):
            merged.append(dict(section))
            continue
        last = merged[-1]
        last["to_m"] = section["to_m"]
        for name, order in (("grade", _GRADE_ORDER), ("requirement", _REQUIREMENT_ORDER)):
            said = (row[name] for row in (last, section) if row[name])
            last[name] = min(said, key=order.index, default=None)
        last["source_ids"] = sorted({*last["source_ids"], *section["source_ids"]})
    return list(merged)


def _same_work(one: Document, next_one: Document) -> bool:
    if (one["verdict"], one["hand_dig"]) != (next_one["verdict"], next_one["hand_dig"]):
        return False
    return bool(one["hand_dig"] or one["requirement"] == next_one["requirement"])

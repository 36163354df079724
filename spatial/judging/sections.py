"""Sections: the verdict, grade and requirement of each stretch of a line dig, so that one crossing does not hold
up the rest of the trench.

A station is judged as a point of the same half width would be there. Stretches judged alike are one section.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from spatial.found import Assets
from spatial.judging.bores import follows_path
from spatial.judging.judge import Conflicts
from spatial.judging.limits import Rulings
from spatial.measuring.measure import QUANTUM_M, Intervals, quantise, stations_m
from spatial.rules.profile import STRICTNESS, RuleProfile
from spatial.values import DigSite
from spatial.words import Grade, Method, Requirement, SectionVerdict, SitePart

_GRADES = list(Grade)
_REQUIREMENTS = list(STRICTNESS)
_I, _II, _III, _IV = range(4)
_FORBIDDEN = STRICTNESS[Requirement.FORBIDDEN]


@dataclass(frozen=True, slots=True)
class Section:
    """One stretch, stations in metres. grade, requirement None: no conflict holds it.

    hand_dig: a machine must not dig here until the pipe is exposed (protection zone at worst).
    source_ids: the pipes that hold it, sorted.
    """

    from_m: float
    to_m: float
    grade: Grade | None
    requirement: Requirement | None
    hand_dig: bool
    source_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """What one conflict says of one stretch; grade and requirement as ranks, 0 the gravest."""

    from_m: float
    to_m: float
    grade: int
    requirement: int
    hand_dig: bool


def digs_by_machine(site: DigSite) -> bool:
    """A method nobody stated is taken for a machine; what is only loaded, spoil and machines' way, is not dug, nor is
    what is bored along a path: nobody digs that by hand."""
    return (
        site.part is SitePart.OPENED and site.method in (None, Method.MECHANICAL) and not follows_path(site)
    )


def sections_of(
    sites: Sequence[DigSite], found: Conflicts, assets: Assets, profile: RuleProfile
) -> list[tuple[Section, ...]]:
    """Each line site cut into the fewest sections, from its first station to its last; () for areas and points.

    The stretches held are those of the conflicts at worst, and the worst grade is that of the screening.
    """
    rulings = Rulings(sites, profile)
    of_site: list[list[int]] = [[] for _ in sites]
    for row, number in enumerate(found.site.tolist()):
        of_site[number].append(row)
    return [
        _sections(number, site, of_site[number], found, assets, rulings)
        if site.geometry.geom_type == "LineString"
        else ()
        for number, site in enumerate(sites)
    ]


def section_documents(sections: Sequence[Section], unknown: bool) -> list[dict[str, Any]]:
    """The sections of a screening's document. unknown: something is not known of the ground, so that nowhere the
    registers' silence means anything."""
    free = SectionVerdict.CANNOT_TELL if unknown else SectionVerdict.MAY_START
    return [
        {
            "from_m": section.from_m,
            "to_m": section.to_m,
            "verdict": (SectionVerdict.HELD if section.grade else free).value,
            "grade": section.grade.value if section.grade else None,
            "requirement": section.requirement.value if section.requirement else None,
            "hand_dig": section.hand_dig,
            "source_ids": list(section.source_ids),
        }
        for section in sections
    ]


def _sections(
    number: int, site: DigSite, rows: Sequence[int], found: Conflicts, assets: Assets, rulings: Rulings
) -> tuple[Section, ...]:
    ends = quantise(stations_m(site)[[0, -1]]).tolist()
    held = [
        (str(assets.source_id[found.asset[row]]), part)
        for row in rows
        for part in _held(row, number, found, rulings, digs_by_machine(site), ends)
    ]
    # Unions first: their ends are few, however many pipes there are.
    grades = [_union((part.from_m, part.to_m) for _, part in held if part.grade <= rank) for rank in range(4)]
    requirements = [
        _union((part.from_m, part.to_m) for _, part in held if part.requirement <= rank)
        for rank in range(len(_REQUIREMENTS))
    ]
    by_hand = _union((part.from_m, part.to_m) for _, part in held if part.hand_dig)
    cuts = sorted(
        {*ends, *(at for spans in (*grades, *requirements, by_hand) for span in spans for at in span)}
    )

    def judged(stretch: tuple[float, float]) -> tuple[int | None, int | None, bool]:
        at = sum(stretch) / 2
        return _first(grades, at), _first(requirements, at), _holds(by_hand, at)

    sections = []
    for (grade, requirement, hand_dig), alike in groupby(pairwise(cuts), judged):
        stretches = list(alike)
        low, high = stretches[0][0], stretches[-1][1]
        names = {name for name, part in held if part.from_m < high and part.to_m > low}
        sections.append(
            Section(
                low,
                high,
                None if grade is None else _GRADES[grade],
                None if requirement is None else _REQUIREMENTS[requirement],
                hand_dig,
                tuple(sorted(names)),
            )
        )
    return tuple(sections)


def _first(ranks: Sequence[Intervals], at: float) -> int | None:
    """The gravest rank that holds a station."""
    for rank, spans in enumerate(ranks):
        if _holds(spans, at):
            return rank
    return None


def _held(
    row: int, site: int, found: Conflicts, rulings: Rulings, by_machine: bool, ends: Sequence[float]
) -> list[_Held]:
    """One conflict's own stretches, each judged by the rule of judge(): at record and at worst, the graver."""
    inner, widths = found.inner[row], found.widths[row]
    worst = _wide(found.site_intervals_m[row], ends)
    record = _wide(found.site_intervals_at_record_m[row], ends)
    own = _wide(inner.own_control, ends) if found.control_m[row] > widths.control_m else record
    protection, wall = _wide(inner.protection, ends), _wide(inner.wall, ends)
    hand, doubt = _wide(inner.protection_at_worst, ends), _wide(inner.wall_at_worst, ends)
    relieved = bool(found.relieved[row])
    by_doubt = _II if relieved or found.uncertainty_m[row] > found.control_m[row] else _I

    cuts = {
        at for spans in (worst, record, own, protection, wall, hand, doubt) for span in spans for at in span
    }
    held = []
    for low, high in pairwise(sorted(cuts)):
        at = (low + high) / 2
        if not _holds(worst, at):
            continue
        grade = by_doubt if _holds(doubt, at) else _IV
        if _holds(protection, at):
            zone, beyond, at_record = 0, False, _I if _holds(wall, at) and not relieved else _II
        elif _holds(record, at):
            zone, beyond, at_record = 1, not _holds(own, at), _III
        else:
            zone, beyond, at_record = 2, False, _IV
        if beyond:
            ruling = rulings.beyond(site, float(found.control_m[row]), widths)
        else:
            ruling = rulings.one(site, zone, 0.0, widths)
        requirement = STRICTNESS[ruling.requirement]
        if requirement == _FORBIDDEN and zone < 2:
            at_record = _I
        held.append(_Held(low, high, min(grade, at_record), requirement, by_machine and _holds(hand, at)))
    return held


def _wide(spans: Intervals, ends: Sequence[float]) -> Intervals:
    """A pipe that touches a limit in a single station holds that station: a stretch has a length."""
    return tuple(
        span if span[0] < span[1] else (max(span[0] - QUANTUM_M, ends[0]), min(span[1] + QUANTUM_M, ends[1]))
        for span in spans
    )


def _union(spans: Iterable[tuple[float, float]]) -> Intervals:
    joined: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def _holds(spans: Iterable[tuple[float, float]], at: float) -> bool:
    # Asked so often that to set up a generator would cost more than all comparisons.
    for low, high in spans:  # noqa: SIM110
        if low <= at <= high:
            return True
    return False

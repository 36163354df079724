"""What a row says of depth, as cover to the top of the pipe: the least and the most there is along it.

A depth may be declared to the top (管顶), the centre (管中) or the bottom (管底) of a pipe, at one place or at both
ends. Where the diameter is not known, both bounds are kept.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from spatial.columns import Coded, combinations
from spatial.rules.profile import RuleProfile
from spatial.words import PressureClass

TOP, CENTRE, BOTTOM = "top", "centre", "bottom"
SHARE_ABOVE = {TOP: (0.0, 0.0), CENTRE: (0.5, 0.5), BOTTOM: (1.0, 1.0), None: (0.0, 1.0)}
"""To what a depth is declared -> the least and the most of the diameter that lies above it. None: it was not said."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Columns as read; None is unknown. here: the columns that the file or its map has at all."""

    cover_m: Coded
    cover_end_m: Coded
    cover_to: Coded
    cover_profiled: Coded
    diameter_mm: Coded
    pressure_class: Coded
    here: Collection[str]


@dataclass(frozen=True, slots=True)
class Covers:
    """Columns, one row an asset: ground to top, metres. most_m is None where it is no more than least_m."""

    least_m: Coded
    most_m: Coded
    profiled: Coded

    def greatest_m(self) -> Coded:
        found = combinations([self.least_m, self.most_m])
        return Coded(found.of_row, [least if most is None else most for least, most in found.rows])


def covers_of(declared: Declared, profile: RuleProfile, warnings: Counter[str]) -> Covers:
    """A file without cover_to declares to the top, as the column's name says; one that has it must fill it in.

    A depth that would leave the pipe above the ground is unknown, and counted. A row is profiled only where every
    depth the file has a column for is known: an end that nobody knows was not followed.
    """
    found = combinations(
        [
            declared.cover_m,
            declared.cover_end_m,
            declared.cover_to,
            declared.cover_profiled,
            declared.diameter_mm,
            declared.pressure_class,
        ]
    )
    least_m: list[float | None] = []
    most_m: list[float | None] = []
    profiled: list[bool] = []
    for (start, end, said_to, said_profiled, *about), count in zip(found.rows, found.counts, strict=True):
        to = said_to if "cover_to" in declared.here else TOP
        bounds = [
            bound
            for depth in (start, end)
            if depth is not None
            for bound in _bounds(depth, to, *about, profile)
        ]
        if bounds and min(bounds) <= 0:
            warnings["cover_m_unusable"] += count
            bounds = []
        least, most = (min(bounds), max(bounds)) if bounds else (None, None)
        least_m.append(least)
        most_m.append(most if most != least else None)
        followed = said_profiled is True
        whole = start is not None and (end is not None or "cover_end_m" not in declared.here)
        profiled.append(followed and whole and bool(bounds))
        if followed and not profiled[-1]:
            warnings["profiled_without_depths"] += count
    columns = (Coded.of(values) for values in (least_m, most_m, profiled))
    return Covers(*(Coded(column.code[found.of_row], column.values) for column in columns))


def _bounds(
    depth_m: float,
    to: str | None,
    diameter_mm: float | None,
    pressure_class: PressureClass | None,
    profile: RuleProfile,
) -> tuple[float, float]:
    """The least and the most cover a declared depth may mean."""
    thin_m = 0.0 if diameter_mm is None else diameter_mm / 1000.0
    thick_m = profile.diameter_or_largest_mm(diameter_mm, pressure_class) / 1000.0
    least_share, most_share = SHARE_ABOVE[to]
    return round(depth_m - most_share * thick_m, 6), round(depth_m - least_share * thin_m, 6)

"""What a row says of depth, as cover to the top of the pipe: the least and the most there is along it.

A depth may be declared to the top (管顶), the centre (管中) or the bottom (管底) of a pipe, at one place or at both
ends. Where the diameter is not known, both bounds are kept.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from spatial.rules.profile import RuleProfile
from spatial.words import PressureClass

TOP, CENTRE, BOTTOM = "top", "centre", "bottom"
SHARE_ABOVE = {TOP: (0.0, 0.0), CENTRE: (0.5, 0.5), BOTTOM: (1.0, 1.0), None: (0.0, 1.0)}
"""To what a depth is declared -> the least and the most of the diameter that lies above it. None: it was not said."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Columns as read; None is unknown. here: the columns that the file or its map has at all."""

    cover_m: Sequence[float | None]
    cover_end_m: Sequence[float | None]
    cover_to: Sequence[str | None]
    cover_profiled: Sequence[bool | None]
    diameter_mm: Sequence[float | None]
    pressure_class: Sequence[PressureClass | None]
    here: Collection[str]


@dataclass(frozen=True, slots=True)
class Covers:
    """Columns, one row an asset: ground to top, metres. most_m is None where it is no more than least_m."""

    least_m: list[float | None]
    most_m: list[float | None]
    profiled: list[bool]

    def greatest_m(self, row: int) -> float | None:
        most = self.most_m[row]
        return self.least_m[row] if most is None else most


def covers_of(declared: Declared, profile: RuleProfile, warnings: Counter[str]) -> Covers:
    """A file without cover_to declares to the top, as the column's name says; one that has it must fill it in.

    A depth that would leave the pipe above the ground is unknown, and counted. A row is profiled only where every
    depth the file has a column for is known: an end that nobody knows was not followed.
    """
    covers = Covers([], [], [])
    for row in range(len(declared.cover_m)):
        ends = (declared.cover_m[row], declared.cover_end_m[row])
        to = declared.cover_to[row] if "cover_to" in declared.here else TOP
        bounds = [
            bound for end in ends if end is not None for bound in _bounds(end, to, row, declared, profile)
        ]
        if bounds and min(bounds) <= 0:
            warnings["cover_m_unusable"] += 1
            bounds = []
        least, most = (min(bounds), max(bounds)) if bounds else (None, None)
        covers.least_m.append(least)
        covers.most_m.append(most if most != least else None)
        followed = declared.cover_profiled[row] is True
        whole = ends[0] is not None and (ends[1] is not None or "cover_end_m" not in declared.here)
        covers.profiled.append(followed and whole and bool(bounds))
        if followed and not covers.profiled[-1]:
            warnings["profiled_without_depths"] += 1
    return covers


def _bounds(
    depth_m: float, to: str | None, row: int, declared: Declared, profile: RuleProfile
) -> tuple[float, float]:
    """The least and the most cover a declared depth may mean."""
    diameter = declared.diameter_mm[row]
    thin_m = 0.0 if diameter is None else diameter / 1000.0
    thick_m = profile.diameter_or_largest_mm(diameter, declared.pressure_class[row]) / 1000.0
    least_share, most_share = SHARE_ABOVE[to]
    return round(depth_m - most_share * thick_m, 6), round(depth_m - least_share * thin_m, 6)

"""The least redrawing of a dig site that lowers its grade.

No distance changes faster than a site is moved. So a step as long as what some limit still lacks can never pass
the place where the grade changes: such steps, rounded up to whole STEP_Ms, end at the least move there is. They
are measured, not judged, and cheap; where they end, and STEP_M before that, the whole site is judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.advising.ways import Way
from spatial.canonical import DEGREE_DECIMALS
from spatial.found import BoolArray, ObjectArray, Pieces
from spatial.judging.coverage import farthest_axis_m
from spatial.judging.judge import Conflicts, judge
from spatial.measuring.boxes import FloatArray
from spatial.measuring.measure import QUANTUM_M
from spatial.measuring.pieces import IntArray
from spatial.measuring.plane import from_plane, nearest_meridian, to_plane
from spatial.rules.profile import STRICTNESS, RuleProfile
from spatial.values import DigSite, RegisterGeometry
from spatial.words import AssetKind, Grade, PressureClass

STEP_M = 0.05
"""A move is told in whole steps: nobody pegs out finer."""

MOST_STEPS = 12
LEAST_GAIN = 0.2
"""A way that gains less than this share of its steps does not lead away from the pipe, and is given up."""

MOST_JUDGED = 6
"""Times the end of a way is judged: a site passes no more limits than that on its way out of a street."""

NO_GRADE = len(Grade)
NO_REQUIREMENT = len(STRICTNESS)
RANK = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one site stands. of_asset: asset -> rank of the grade, strictness at record and at worst; less is worse."""

    of_asset: Mapping[int, tuple[int, int, int]]

    @property
    def grade(self) -> int:
        """Rank of the worst grade; NO_GRADE without any conflict."""
        return min((ranks[0] for ranks in self.of_asset.values()), default=NO_GRADE)

    @property
    def requirement(self) -> int:
        """Strictness of the strictest requirement at record; NO_REQUIREMENT without any conflict."""
        return min((ranks[1] for ranks in self.of_asset.values()), default=NO_REQUIREMENT)

    def worse_than(self, before: "Standing") -> frozenset[int]:
        """Assets that fare worse than before, or that the site did not conflict with."""
        return frozenset(
            asset
            for asset, ranks in self.of_asset.items()
            if asset not in before.of_asset
            or any(now < then for now, then in zip(ranks, before.of_asset[asset], strict=True))
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """Some sites judged side by side: the columns, and how each site stands."""

    conflicts: Conflicts
    standing: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A way that lowers the grade after `metres`, and not after `metres` - STEP_M. site: as it is proposed."""

    way: Way
    metres: float
    site: DigSite
    standing: Standing


class Nearby:
    """One site and what was found round it, on the plane of the site's own meridian."""

    def __init__(self, site: DigSite, pieces: Pieces, profile: RuleProfile) -> None:
        """pieces: of this site alone, with all that lies within the largest shift of what it can conflict with."""
        self.site, self.profile = site, profile
        shape = np.array([site.geometry], dtype=object)
        self.meridian = int(nearest_meridian(shape)[0])
        self.shape: BaseGeometry = to_plane(shape, self.meridian)[0]
        flat = to_plane(pieces.geometry, self.meridian)
        spare_m = shapely.distance(flat, self.shape) - _conflicts_within_m(site, pieces, profile)
        near = spare_m <= profile.advice.largest_shift_m
        self.pieces, self.axes, self._spare_m = _rows(pieces, near), flat[near], spare_m[near]

    def judge(self, sites: Sequence[DigSite], moved_m: float = 0.0) -> Judged:
        """Judge the site in several versions, none of them moved farther than `moved_m`."""
        pieces, count = self.pieces, len(sites)
        rows: IntArray = np.tile(np.flatnonzero(self._spare_m <= moved_m), count)
        again = Pieces(
            site=np.repeat(np.arange(count), len(rows) // count),
            asset=pieces.asset[rows],
            geometry=pieces.geometry[rows],
            from_m=pieces.from_m[rows],
            to_m=pieces.to_m[rows],
            assets=pieces.assets,
        )
        conflicts = judge(sites, again, self.profile, say_where=False)
        return Judged(conflicts, _standings(conflicts, count))

    def axes_of(self, asset: int) -> ObjectArray:
        """The drawn shapes of one asset, metres on the plane."""
        axes: ObjectArray = self.axes[self.pieces.asset == asset]
        return axes

    def redrawn(self, way: Way, metres: float) -> DigSite | None:
        """The site after a move, with coordinates as they will be written; None where no such site is left."""
        if metres <= 0:
            return self.site
        shape = way.shape(metres)
        if shape is None:
            return None
        site = way.site(self.site, metres)
        if shape is self.shape:
            return site
        lonlat: BaseGeometry = from_plane(np.array([shape], dtype=object), self.meridian)[0]
        rounded = shapely.transform(lonlat, lambda xy: xy.round(DEGREE_DECIMALS) + 0.0)
        # Made on a plane of the register's own frame out of a proven shape, so as proven as that.
        return replace(site, geometry=RegisterGeometry(rounded)) if rounded.is_valid else None


def least_moves(near: Nearby, ways: Sequence[Way], now: Judged) -> tuple[Redrawn, ...]:
    """Of the ways that have one, in their order: the least move that lowers the site's worst grade and worsens
    nothing.

    now: judged with the site as it stands first in the batch.
    """
    before = now.standing[0]
    if before.grade == NO_GRADE:
        return ()
    lacking = _next_limits(near, now, 0, _holding_up(before, before))
    searches = [_Search(number, way, dict(lacking)) for number, way in enumerate(ways)]
    found: dict[int, Redrawn] = {}
    for _ in range(MOST_JUDGED):
        searches = _walk(near, searches)
        if not searches:
            break
        searches = _judge_ends(near, searches, before, found)
    return tuple(found[number] for number in sorted(found))


@dataclass(slots=True)
class _Search:
    """One way under way. beyond_m: asset -> how far from it the drawn shape must be."""

    number: int
    way: Way
    beyond_m: dict[int, float]
    at_m: float = 0.0


def _walk(near: Nearby, searches: Sequence[_Search]) -> list[_Search]:
    """Take each way on until it lacks nothing, in steps that cannot pass the place; those that arrive."""
    axes = {asset: near.axes_of(asset) for search in searches for asset in search.beyond_m}
    return [search for search in searches if _arrives(near, search, axes)]


def _arrives(near: Nearby, search: _Search, axes: Mapping[int, ObjectArray]) -> bool:
    way = search.way
    lacked_m, stepped_m, apart = np.inf, 0.0, False
    for _ in range(MOST_STEPS):
        shape = way.shape(search.at_m)
        if shape is None or search.at_m > way.most_m:
            return False
        narrower_m = near.site.half_width_m - way.half_width_m(near.site, search.at_m)
        lacks_m, met = 0.0, False
        for asset, beyond_m in search.beyond_m.items():
            apart_m = float(shapely.distance(axes[asset], shape).min())
            if beyond_m - narrower_m - apart_m > lacks_m:
                lacks_m, met = beyond_m - narrower_m - apart_m, apart_m == 0.0
        if lacks_m == 0.0:
            return True
        # While the shapes meet, their distance is 0 however far the one has been moved off the other.
        apart = apart or not met
        if apart and (met or lacks_m > lacked_m - LEAST_GAIN * stepped_m):
            return False
        stepped_m = _up(search.at_m + lacks_m / way.gain) - search.at_m
        lacked_m, search.at_m = lacks_m, search.at_m + stepped_m
    return False


def _judge_ends(
    near: Nearby, searches: Sequence[_Search], before: Standing, found: dict[int, Redrawn]
) -> list[_Search]:
    """Judge where the ways ended and STEP_M before that: keep what is found; those that must go on."""
    ends = [near.redrawn(search.way, search.at_m) for search in searches]
    shorter = [near.redrawn(search.way, search.at_m - STEP_M) for search in searches]
    judged = near.judge([site or near.site for site in [*ends, *shorter]], max(s.at_m for s in searches))
    go_on: list[_Search] = []
    for number, (search, site) in enumerate(zip(searches, ends, strict=True)):
        standing, one_less = judged.standing[number], judged.standing[len(ends) + number]
        if site is None or shorter[number] is None:
            continue
        if held_up := _holding_up(standing, before):
            search.beyond_m |= _next_limits(near, judged, number, held_up)
            search.at_m = _up(search.at_m + STEP_M)
            go_on.append(search)
        elif one_less.grade <= before.grade:
            found[search.number] = Redrawn(search.way, search.at_m, site, standing)
        elif not one_less.worse_than(
            before
        ):  # the plane and the judge may differ by the last tenth of a millimetre
            search.beyond_m.clear()
            search.at_m = _up(search.at_m - STEP_M)
            go_on.append(search)
    return go_on


def _holding_up(standing: Standing, before: Standing) -> frozenset[int]:
    """Why a site is no better than before: assets as grave as the worst was, and those that fare worse."""
    as_grave = frozenset(asset for asset, ranks in standing.of_asset.items() if ranks[0] <= before.grade)
    return as_grave | standing.worse_than(before)


def _next_limits(near: Nearby, judged: Judged, site: int, assets: frozenset[int]) -> dict[int, float]:
    """asset -> how far the drawn shapes must be apart for its judgement to change next, metres, at full width.

    A judgement changes where the clearance, or the clearance less the doubt, passes a limit, and nowhere else.
    """
    found, beyond_m = judged.conflicts, {}
    for row in np.flatnonzero(found.site == site).tolist():
        if int(found.asset[row]) in assets:
            widths, doubt_m = found.widths[row], float(found.uncertainty_m[row])
            own_m = (near.profile.own_distance_m([act], widths.kind) for act in near.site.acts)
            limits = (
                *(0.0, widths.protection_m, widths.control_m, float(found.control_m[row])),
                *(distance_m - widths.inside_m for distance_m in own_m if distance_m > 0),
            )
            passed = [limit + near.profile.tolerance_m + more for limit in limits for more in (0.0, doubt_m)]
            ahead = [limit for limit in passed if limit >= float(found.clearance_m[row]) - QUANTUM_M]
            beyond_m[int(found.asset[row])] = (
                min(ahead, default=0.0) + QUANTUM_M + float(found.radius_m[row]) + near.site.half_width_m
            )
    return beyond_m


def _standings(conflicts: Conflicts, sites: int) -> tuple[Standing, ...]:
    of_site: list[dict[int, tuple[int, int, int]]] = [{} for _ in range(sites)]
    columns = (conflicts.site, conflicts.asset, conflicts.grade, conflicts.ruling, conflicts.ruling_at_worst)
    for site, asset, grade, ruling, at_worst in zip(*(column.tolist() for column in columns), strict=True):
        of_site[site][asset] = (
            RANK[grade],
            STRICTNESS[ruling.requirement],
            STRICTNESS[at_worst.requirement],
        )
    return tuple(map(Standing, of_site))


def _conflicts_within_m(site: DigSite, pieces: Pieces, profile: RuleProfile) -> FloatArray:
    """Per piece, how near its axis must come to the drawn site to be a conflict; rather more than less."""
    assets = pieces.assets
    names = zip(assets.kind.tolist(), assets.pressure_class.tolist(), strict=True)
    kinds = [(AssetKind(kind), PressureClass(name) if name else None) for kind, name in names]
    control_m = [
        max(profile.widths_of(kind, name).control_m, profile.own_distance_m(site.acts, kind))
        for kind, name in kinds
    ]
    # Of the site's own reach only as much as this kind of asset asks for.
    beyond_m = farthest_axis_m(site, profile) - profile.reach_m(site.acts) + profile.tolerance_m + STEP_M
    of_asset: FloatArray = np.array(control_m, dtype=np.float64) + beyond_m + assets.uncertainty_m
    return of_asset[pieces.asset]


def _rows(pieces: Pieces, some: BoolArray) -> Pieces:
    return Pieces(
        site=pieces.site[some],
        asset=pieces.asset[some],
        geometry=pieces.geometry[some],
        from_m=pieces.from_m[some],
        to_m=pieces.to_m[some],
        assets=pieces.assets,
    )


def _up(metres: float) -> float:
    """Up to whole steps; what rounding put above one is that step."""
    return round(ceil(round(metres / STEP_M, 3)) * STEP_M, 4)

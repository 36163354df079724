"""Bores and piles against pipes in three dimensions: how near they really come, and where to look first.

A bore's axis hangs below its drawn line, linear between the points of its profile. A pipe lies somewhere between
its least and its most depth along its whole length, if it was profiled; else nothing is known of its middle and
every answer here is NaN. Depths are below one ground: the bore's and the cover's are taken as from the same surface.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray, Pieces
from spatial.judging.depth import Depths
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import BEYOND_M, edges_of
from spatial.measuring.measure import QUANTUM_M, OnPlane, quantise, stations_m
from spatial.measuring.pieces import IntArray
from spatial.measuring.space import beyond, closest, least_beyond
from spatial.rules.profile import Plan, RuleProfile
from spatial.values import BorePath, DigSite, UncertaintyTerm
from spatial.words import Act, Level, Side

BORED = frozenset({Act.BORE, Act.JACK, Act.DRILL, Act.CROSSING})
"""Acts that follow a path below the ground and touch nothing above it."""
DRIVEN = frozenset({Act.PILE, Act.DRILL})
"""Acts that go straight down to their tip, wherever in the site they stand."""

CHUNK = 200_000
"""Most (stretch of bore, edge of pipe) pairs measured at once, to bound memory."""

SAME_PLACE_M = 0.001
"""Nearer than this in plan, a pipe is over or under the bore rather than left or right of it."""

_LEVELS = np.array([Level.UNKNOWN, Level.ABOVE, Level.BELOW, Level.REACHES], dtype=object)
_SIDES = np.array([Side.LEFT, Side.RIGHT, Side.OVER], dtype=object)


# ---- what the dock takes from a path -----------------------------------------------------------------


def tool_doubt(path: BorePath, profile: RuleProfile) -> tuple[UncertaintyTerm, UncertaintyTerm | None]:
    """How far the tool may be from its path, 95 %: a term of the site's plan doubt, one of its depth doubt.

    An accuracy nobody stated is the profile's share of the path's greatest depth. A profile that has none gives the
    plan doubt of an unknown pipe and no depth doubt: then nothing vertical is known at worst.
    """
    deepest_m = max(depth for _, depth in path.profile)
    defaults = profile.bore
    plan: UncertaintyTerm
    if path.plan_accuracy_m is not None:
        plan = UncertaintyTerm("bore_plan_stated", path.plan_accuracy_m, "permit")
    elif defaults is not None:
        plan = _share_of_depth("bore_plan_default", defaults.plan, deepest_m)
    else:
        unknown = profile.uncertainty.pipe_default
        plan = UncertaintyTerm(
            "bore_plan_default", profile.doubt_of_unknown_m, unknown.source, unknown.verified
        )
    if path.depth_accuracy_m is not None:
        return plan, UncertaintyTerm("bore_depth_stated", path.depth_accuracy_m, "permit")
    return plan, _share_of_depth("bore_depth_default", defaults.depth, deepest_m) if defaults else None


def _share_of_depth(code: str, plan: Plan, deepest_m: float) -> UncertaintyTerm:
    assert plan.ratio_of_depth is not None and plan.least_depth_m is not None
    metres = round(plan.ratio_of_depth * max(deepest_m, plan.least_depth_m), 4)
    return UncertaintyTerm(code, metres, plan.source, plan.verified)


# ---- how near --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PipeDepths:
    """Columns, one row a pair: how deep the pipe's axis may lie at record, and how far off that may be, 95 %.

    Metres below ground. NaN: not known along the whole pipe (no cover, or not profiled); no doubt known.
    """

    axis_least_m: FloatArray
    axis_most_m: FloatArray
    uncertainty_m: FloatArray


def pipe_depths(depths: Depths, radius_m: FloatArray) -> PipeDepths:
    """From tops to axes, a row a pair. A thinner pipe of the same top lies within the one of this radius."""
    followed = np.where(depths.profiled, 0.0, np.nan)
    return PipeDepths(
        depths.top_least_m + radius_m + followed,
        depths.top_most_m + radius_m + followed,
        depths.pipe_uncertainty_m,
    )


@dataclass(frozen=True, slots=True)
class Nearness:
    """Columns, one row a pair: wall to wall in three dimensions, metres, quantised, not below 0. NaN: unknown.

    distance_m at record, the pipe anywhere in its range; at_worst_m with every doubt of plan and depth.
    station_m on the site's line, depth_m of the bore's axis there and pipe_m on the pipe: where it is nearest at
    record; side: the Side of the bore the pipe is on there (OVER: in plan the same place). NaN and None for piles.
    level: ABOVE or BELOW where the path clears the pipe with every doubt counted and passes over or under it;
    REACHES where it does not; UNKNOWN for all that follows no path, and where the worst is unknown.
    """

    distance_m: FloatArray
    at_worst_m: FloatArray
    station_m: FloatArray
    depth_m: FloatArray
    pipe_m: FloatArray
    side: ObjectArray
    level: ObjectArray

    def __len__(self) -> int:
        return len(self.distance_m)

    def clears(self, tolerance_m: float) -> BoolArray:
        """Bored along a path that cannot reach the wall, whatever the doubts. A pile is never relieved: it shoves
        the ground aside."""
        return ~np.isnan(self.depth_m) & (self.at_worst_m > tolerance_m)


def all_unknown(count: int) -> Nearness:
    level = np.empty(count, dtype=object)
    level[:] = Level.UNKNOWN
    a, b, c, d, e = np.full((5, count), np.nan)
    return Nearness(a, b, c, d, e, np.empty(count, dtype=object), level)


NOTHING_NEAR = all_unknown(0)


def follows_path(site: DigSite) -> bool:
    """Bored along a path, and nothing else is done there."""
    return site.bore is not None and site.geometry.geom_type == "LineString" and BORED.issuperset(site.acts)


def goes_straight_down(site: DigSite) -> bool:
    """Piles or drill holes down to a known tip, and nothing else is done there."""
    return site.bore is None and site.depth_m is not None and DRIVEN.issuperset(site.acts)


def goes_below(site: DigSite) -> bool:
    """How near it comes to a pipe is to be told in three dimensions."""
    return follows_path(site) or goes_straight_down(site)


def nearness(
    sites: Sequence[DigSite],
    site: IntArray,
    pieces: Pieces,
    plane: OnPlane,
    rows: Sequence[IntArray],
    axis_m: FloatArray,
    radius_m: FloatArray,
    uncertainty_m: FloatArray,
    within_m: FloatArray,
    pipes: PipeDepths,
    tolerance_m: float,
) -> Nearness:
    """How near each pair of site and pipe comes in three dimensions.

    Columns, one row a pair: site, the index of its site; rows, its piece rows; axis_m, plan distance between the
    drawn shapes; radius_m of the pipe; uncertainty_m in plan, of site and pipe together; within_m: pieces whose axis
    is farther in plan do not count (how many of those were found is chance); pipes.
    Pairs whose site neither follows a path nor goes straight down, and pipes of unknown depth, are NaN.
    """
    found = all_unknown(len(site))
    kind = [
        "path" if follows_path(one) else "tip" if goes_straight_down(one) else ""
        for one in (sites[number] for number in site.tolist())
    ]
    of_site = np.array(
        [(one.half_width_m, _depth_doubt_m(one), one.depth_m or 0.0) for one in sites], dtype=np.float64
    ).reshape(-1, 3)[site]
    half_width, floor_doubt, tip = of_site.T
    doubt = pipes.uncertainty_m + floor_doubt
    known = np.isfinite(pipes.axis_least_m) & np.isfinite(pipes.axis_most_m)

    driven = np.flatnonzero(known & (np.array(kind, dtype=object) == "tip"))
    plan = axis_m[driven] - half_width[driven]
    gap = pipes.axis_least_m[driven] - tip[driven]
    found.distance_m[driven] = _to_tip(plan, gap) - radius_m[driven]
    found.at_worst_m[driven] = _to_tip(plan - uncertainty_m[driven], gap - doubt[driven]) - radius_m[driven]

    bored = np.flatnonzero(known & (np.array(kind, dtype=object) == "path"))
    near = {pair: _near_rows(plane, rows[pair], float(within_m[pair])) for pair in bored.tolist()}
    for stretch in _stretches(sites, site, pieces, plane, near, pipes, doubt, within_m, uncertainty_m):
        _measure(stretch, uncertainty_m, found)
    walls = half_width[bored] + radius_m[bored]
    found.distance_m[bored] -= walls
    found.at_worst_m[bored] -= walls
    measured = Nearness(
        distance_m=_length(found.distance_m),
        at_worst_m=_length(found.at_worst_m),
        station_m=quantise(found.station_m),
        depth_m=quantise(found.depth_m),
        pipe_m=quantise(found.pipe_m),
        side=found.side,
        level=found.level,
    )
    return replace(measured, level=_levels(measured, pipes, tolerance_m))


def _levels(near: Nearness, pipes: PipeDepths, tolerance_m: float) -> ObjectArray:
    clears = near.clears(tolerance_m)
    over, under = near.depth_m < pipes.axis_least_m, near.depth_m > pipes.axis_most_m
    known = ~np.isnan(near.depth_m) & ~np.isnan(near.at_worst_m)
    levels: ObjectArray = _LEVELS[np.select([~known, clears & over, clears & under], [0, 1, 2], 3)]
    return levels


def _near_rows(plane: OnPlane, rows: IntArray, within_m: float) -> IntArray:
    near: IntArray = rows[plane.away_m[rows] <= within_m + QUANTUM_M]
    return near


def _depth_doubt_m(site: DigSite) -> float:
    """NaN when nothing was said of it: no terms is not the same as no doubt."""
    return site.depth_uncertainty_m if site.depth_uncertainty else np.nan


def _to_tip(plan_m: FloatArray, gap_m: FloatArray) -> FloatArray:
    """From a pipe's axis to a body that stands from the ground down to its tip."""
    return np.hypot(np.maximum(plan_m, 0.0), np.maximum(gap_m, 0.0))


def _length(metres: FloatArray) -> FloatArray:
    return quantise(np.maximum(metres, 0.0))  # NaN stays NaN


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Straight stretches of bores, each with the pipe edge it is measured against; rows of one pair together.

    pair: (n,); plan: (n, 2, 2) of the stretch on the piece's plane; station_m, depth_m: (n, 2) of its ends; gap_m, gap_at_worst_m:
    (n, 2) vertical distance from the bore's axis to the range of the pipe's, linear along the stretch;
    edge: (n, 2, 2) of the pipe; chainage_m: (n, 2) of the edge's ends.
    """

    pair: IntArray
    plan: FloatArray
    station_m: FloatArray
    depth_m: FloatArray
    gap_m: FloatArray
    gap_at_worst_m: FloatArray
    edge: FloatArray
    chainage_m: FloatArray


def _stretches(
    sites: Sequence[DigSite],
    site: IntArray,
    pieces: Pieces,
    plane: OnPlane,
    rows: Mapping[int, IntArray],
    pipes: PipeDepths,
    doubt_m: FloatArray,
    within_m: FloatArray,
    uncertainty_m: FloatArray,
) -> Iterator[_Stretches]:
    """Each bore's stretches with every edge of its pipe, whole pairs of both at a time, about CHUNK rows.

    A piece is no farther in plan than `within_m`, and there the bore no farther above or below it than anywhere:
    stretches that lie farther than that and the doubt in plan are never the nearest, and are left out.
    """
    batch: list[tuple[IntArray | FloatArray, ...]] = []
    size = 0
    lines = {number: BoreLine.of(sites[number]) for number in {int(site[pair]) for pair in rows}}
    for pair, of_pair in rows.items():
        least, most = float(pipes.axis_least_m[pair]), float(pipes.axis_most_m[pair])
        slack = float(doubt_m[pair])
        line = lines[int(site[pair])]
        at = line.broken_at((least, most, least - slack, most + slack))
        depth = line.depth_m(at)
        gap = np.maximum(np.maximum(least - depth, depth - most), 0.0)
        worst = np.maximum(np.maximum(least - slack - depth, depth - most - slack), 0.0)
        for row in of_pair.tolist():
            edge, chainage = _pipe_edges(plane.piece[row], float(pieces.from_m[row]), float(pieces.to_m[row]))
            xy = line.on_plane(plane.site_of_piece[row], at)
            reach_m = float(np.hypot(within_m[pair], gap.max()) + uncertainty_m[pair]) + BEYOND_M
            near = _near_box(xy, shapely.bounds(plane.piece[row]), reach_m)
            one, other = np.divmod(np.arange(len(near) * len(edge)), len(edge))
            one = near[one]
            batch.append(
                (
                    np.full(len(one), pair),
                    np.stack([xy[:-1], xy[1:]], axis=1)[one],
                    line.start_station_m + np.column_stack([at[:-1], at[1:]])[one],
                    np.column_stack([depth[:-1], depth[1:]])[one],
                    np.column_stack([gap[:-1], gap[1:]])[one],
                    np.column_stack([worst[:-1], worst[1:]])[one],
                    edge[other],
                    chainage[other],
                )
            )
            size += len(one)
        if size > CHUNK:
            yield _Stretches(*(np.concatenate(column) for column in zip(*batch, strict=True)))
            batch, size = [], 0
    if batch:
        yield _Stretches(*(np.concatenate(column) for column in zip(*batch, strict=True)))


def _near_box(xy: FloatArray, bounds: FloatArray, within_m: float) -> IntArray:
    """Which of the edges between these vertices have bounds that come within `within_m` of a box."""
    low, high = np.minimum(xy[:-1], xy[1:]), np.maximum(xy[:-1], xy[1:])
    return np.flatnonzero(((low <= bounds[2:] + within_m) & (high >= bounds[:2] - within_m)).all(axis=1))


@dataclass(frozen=True, slots=True)
class BoreLine:
    """A bore's drawn line: the distance of each vertex from the first, by geodesics, and its depths."""

    vertex_m: FloatArray
    profile: FloatArray
    start_station_m: float

    @staticmethod
    def of(site: DigSite) -> "BoreLine":
        assert site.bore is not None
        profile = np.array(site.bore.profile, dtype=np.float64)
        return BoreLine(stations_m(site) - site.start_station_m, profile, site.start_station_m)

    def depth_m(self, at_m: FloatArray) -> FloatArray:
        """Of the axis below ground, at distances along the line."""
        return np.interp(at_m, self.profile[:, 0], self.profile[:, 1])

    def steepness(self, at_m: FloatArray) -> FloatArray:
        """How much taller than wide a hole is there, cut straight down: 1 where it runs level. At a break the steeper."""
        run, fall = np.diff(self.profile[:, 0]), np.diff(self.profile[:, 1])
        taller = np.hypot(1.0, fall / run)
        last = len(run) - 1
        before = np.clip(np.searchsorted(self.profile[:, 0], at_m, side="left") - 1, 0, last)
        after = np.clip(np.searchsorted(self.profile[:, 0], at_m, side="right") - 1, 0, last)
        return np.maximum(taller[before], taller[after])

    def broken_at(self, depths_m: Sequence[float]) -> FloatArray:
        """Distances between which the line is straight, its depth linear, and none of `depths_m` is passed."""
        inner = self.profile[(self.profile[:, 0] > 0) & (self.profile[:, 0] < self.vertex_m[-1]), 0]
        at = np.unique(np.concatenate([self.vertex_m, inner]))
        depth = self.depth_m(at)
        passed = [at]
        for level in depths_m:
            above, below = depth[:-1] - level, depth[1:] - level
            through = np.flatnonzero(above * below < 0)
            share = above[through] / (above[through] - below[through])
            passed.append(at[through] + share * (at[through + 1] - at[through]))
        return np.unique(np.concatenate(passed))

    def on_plane(self, line: shapely.LineString, at_m: FloatArray) -> FloatArray:
        """(n, 2) where these distances are on the line as projected."""
        xy = shapely.get_coordinates(line)
        return np.column_stack(
            [np.interp(at_m, self.vertex_m, xy[:, 0]), np.interp(at_m, self.vertex_m, xy[:, 1])]
        )


def _pipe_edges(piece: shapely.LineString, from_m: float, to_m: float) -> tuple[FloatArray, FloatArray]:
    """The edges of a piece on its plane (n, 2, 2), and the chainage of their ends (n, 2)."""
    alone = np.empty(1, dtype=object)
    alone[0] = piece
    xy = edges_of(alone).xy
    upto = np.r_[0.0, np.cumsum(np.hypot(*(xy[:, 1] - xy[:, 0]).T))]
    chainage = from_m + upto * ((to_m - from_m) / upto[-1] if upto[-1] > 0 else 0.0)
    return xy, np.column_stack([chainage[:-1], chainage[1:]])


def _measure(these: _Stretches, uncertainty_m: FloatArray, found: Nearness) -> None:
    """Fill in, axis to axis, the rows of `found` whose stretches these are."""
    flat = np.concatenate([these.edge, np.zeros((len(these.edge), 2, 1))], axis=2)
    distance, t, s = closest(_with(these.plan, these.gap_m), flat)
    station, chainage = _at(these.station_m, t), _at(these.chainage_m, s)
    # Of equally near places the first along the bore, so that the answer is one.
    order = np.lexsort([chainage, station, quantise(distance), these.pair])
    first = order[np.r_[True, np.diff(these.pair[order]) != 0]]
    pair = these.pair[first]
    found.distance_m[pair] = np.minimum.reduceat(distance[order], _starts(these.pair[order]))
    found.station_m[pair], found.pipe_m[pair] = station[first], chainage[first]
    found.depth_m[pair] = _at(these.depth_m[first], t[first])
    run = these.plan[first, 1] - these.plan[first, 0]
    here = these.plan[first, 0] + t[first, None] * run
    there = these.edge[first, 0] + s[first, None] * (these.edge[first, 1] - these.edge[first, 0])
    found.side[pair] = _side(run, there - here)

    worst = _with(these.plan, these.gap_at_worst_m)
    doubt = uncertainty_m[these.pair]
    known = np.isfinite(these.gap_at_worst_m).all(axis=1) & np.isfinite(doubt)
    worst, edge, doubt, of, flat = (
        worst[known],
        these.edge[known],
        doubt[known],
        these.pair[known],
        flat[known],
    )
    if not len(of):
        return
    nearest, t, _ = closest(worst, flat)
    # The doubt brings the pipe no more than itself nearer, and no less than seen where it is nearest without it.
    at_most = beyond(worst, edge, doubt, t)
    least = np.full(len(found), np.inf)
    np.minimum.at(least, of, at_most)
    open_to_less = nearest - doubt < least[of]
    np.minimum.at(
        least, of[open_to_less], least_beyond(worst[open_to_less], edge[open_to_less], doubt[open_to_less])
    )
    found.at_worst_m[of] = least[of]


def _with(plan: FloatArray, gap_m: FloatArray) -> FloatArray:
    """(n, 2, 2) and (n, 2) -> (n, 2, 3)."""
    return np.concatenate([plan, gap_m[..., None]], axis=2)


def _at(ends_m: FloatArray, share: FloatArray) -> FloatArray:
    return ends_m[:, 0] + share * (ends_m[:, 1] - ends_m[:, 0])


def _starts(group: IntArray) -> IntArray:
    return np.flatnonzero(np.r_[True, np.diff(group) != 0])


def _side(run: FloatArray, across: FloatArray) -> ObjectArray:
    """Where a pipe is, looking along the bore."""
    turn = run[:, 0] * across[:, 1] - run[:, 1] * across[:, 0]
    apart: BoolArray = np.hypot(across[:, 0], across[:, 1]) > SAME_PLACE_M
    sides: ObjectArray = _SIDES[np.where(apart, np.where(turn >= 0, 0, 1), 2)]
    return sides

"""judge(sites, pieces): which assets a dig conflicts with, how gravely, and by which clause.

Columnar: one site is a batch of one. Pure: the same columns give the same judgement, to the byte.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from spatial.found import BoolArray, ObjectArray, Pieces
from spatial.judging.bores import NOTHING_NEAR, Nearness, all_unknown, goes_below, nearness, pipe_depths
from spatial.judging.depth import Depths, Giving, depths_of, giving_way, only_from_above, relation
from spatial.judging.limits import (
    CERTAINTIES,
    GRADES,
    ZONES,
    LimitsOfAssets,
    LimitsOfSites,
    PairLimits,
    Rulings,
    clearances,
    grade_at_record,
    grade_at_worst,
    limits_of,
    zones_of,
)
from spatial.measuring.boxes import FloatArray
from spatial.measuring.crossings import Crossings, crossings
from spatial.measuring.measure import Intervals, pair_up, project, quantise
from spatial.measuring.pieces import IntArray
from spatial.measuring.reaches import Inner, Limits, nowhere, reached
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite
from spatial.words import Level, Requirement

ENGINE = "predig/2"
"""Names the way of judging. Changes when the same inputs may give other bytes."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Columns, one row a conflict, ordered as Pairs.

    site, asset: indices into the batch and into pieces.assets; distances in metres, quantised;
    zone, zone_at_worst: Zone; grade, grade_at_record (None when only the worst case is inside),
    grade_at_worst: Grade; certainty: Certainty; ruling, ruling_at_worst: Ruling; widths: Widths;
    control_m: the outer limit judged by (control width or the act's own distance);
    *_intervals: chainage at worst and at record; inner: where a line site comes nearer still;
    level: of the floor towards the pipe; relieved: True where a grade I that rests on the wall being reached reads
    II, because the floor stays above the pipe or the path of a bore clears it; depths, giving: what these and the
    ground's support rest on; near: how near bores and piles come in three dimensions.
    """

    site: IntArray
    asset: IntArray
    centreline_distance_m: FloatArray
    clearance_m: FloatArray
    uncertainty_m: FloatArray
    control_m: FloatArray
    radius_m: FloatArray
    zone: ObjectArray
    zone_at_worst: ObjectArray
    grade: ObjectArray
    grade_at_record: ObjectArray
    grade_at_worst: ObjectArray
    certainty: ObjectArray
    ruling: ObjectArray
    ruling_at_worst: ObjectArray
    widths: ObjectArray
    pipe_intervals_m: list[Intervals]
    pipe_intervals_at_record_m: list[Intervals]
    site_intervals_m: list[Intervals]
    site_intervals_at_record_m: list[Intervals]
    inner: list[Inner]
    crossings: list[Crossings]
    level: ObjectArray
    relieved: BoolArray
    depths: Depths
    giving: Giving
    near: Nearness

    def __len__(self) -> int:
        return len(self.site)


_NO_WORDS = np.empty(0, dtype=object)
_NO_METRES = np.empty(0)
_NO_ROWS = np.empty(0, dtype=np.bool_)
NO_CONFLICTS = Conflicts(
    site=np.empty(0, dtype=np.int64),
    asset=np.empty(0, dtype=np.int64),
    centreline_distance_m=_NO_METRES,
    clearance_m=_NO_METRES,
    uncertainty_m=_NO_METRES,
    control_m=_NO_METRES,
    radius_m=_NO_METRES,
    zone=_NO_WORDS,
    zone_at_worst=_NO_WORDS,
    grade=_NO_WORDS,
    grade_at_record=_NO_WORDS,
    grade_at_worst=_NO_WORDS,
    certainty=_NO_WORDS,
    ruling=_NO_WORDS,
    ruling_at_worst=_NO_WORDS,
    widths=_NO_WORDS,
    pipe_intervals_m=[],
    pipe_intervals_at_record_m=[],
    site_intervals_m=[],
    site_intervals_at_record_m=[],
    inner=[],
    crossings=[],
    level=_NO_WORDS,
    relieved=_NO_ROWS,
    depths=Depths(
        floor_m=_NO_METRES,
        floor_uncertainty_m=_NO_METRES,
        top_least_m=_NO_METRES,
        top_most_m=_NO_METRES,
        pipe_uncertainty_m=_NO_METRES,
        thin_m=_NO_METRES,
        thick_m=_NO_METRES,
        profiled=_NO_ROWS,
    ),
    giving=Giving(_NO_METRES, _NO_METRES, _NO_ROWS, _NO_ROWS),
    near=NOTHING_NEAR,
)


def judge(
    sites: Sequence[DigSite], pieces: Pieces, profile: RuleProfile, *, say_where: bool = True
) -> Conflicts:
    """Measure every (site, piece) pair, keep what is a conflict, grade it.

    A conflict: clearance - uncertainty <= control width (or the act's own distance) + tolerance.
    pieces: every piece that could matter, as a vault's find() returns them. say_where: False leaves every interval
    and crossing empty, which are most of the work and grade nothing.

    :raises ValueError: a distance or a doubt is not a number. NaN compares as "not inside", so it would
        lose a conflict in silence.
    """
    plane = project(sites, pieces)
    pairs = pair_up(pieces, plane)
    # An area is drawn by its outer wall; a pipe by its axis and a valve by its centre.
    by_wall = np.zeros(len(pieces.assets), dtype=np.bool_)
    by_wall[pieces.asset[plane.dimension == 2]] = True
    limits_of_assets = LimitsOfAssets.of(pieces.assets, by_wall, profile)
    limits = limits_of(LimitsOfSites.of(sites, profile), pairs.site, limits_of_assets, pairs.asset)
    tolerance = profile.tolerance_m

    centreline, clearance, worst = clearances(pairs.axis_m, limits)
    zone, zone_at_worst = zones_of(np.array([clearance, worst]), limits, tolerance)

    (kept,) = (zone_at_worst < 2).nonzero()
    if not len(kept):
        return NO_CONFLICTS
    rulings = Rulings(sites, profile)
    widths = limits_of_assets.widths[pairs.asset[kept]]
    ruling = rulings.of(pairs.site[kept], zone[kept], clearance[kept], widths)
    ruling_at_worst = rulings.of(pairs.site[kept], zone_at_worst[kept], worst[kept], widths)
    forbidden = np.array([rule.requirement is Requirement.FORBIDDEN for rule in ruling], dtype=np.bool_)

    depths = depths_of(sites, pairs.site[kept], pieces.assets, pairs.asset[kept], profile)
    level = relation(depths, tolerance)
    relieved = (level == Level.ABOVE) & _of_sites(only_from_above, sites)[pairs.site[kept]]
    rows = [pairs.rows[pair] for pair in kept]
    near = all_unknown(len(kept))
    if any(goes_below(site) for site in sites):
        reach = limits.control_m + tolerance + limits.radius_m + limits.half_width_m + limits.uncertainty_m
        near = nearness(
            sites,
            pairs.site[kept],
            pieces,
            plane,
            rows,
            pairs.axis_m[kept],
            limits.radius_m[kept],
            limits.uncertainty_m[kept],
            quantise(reach)[kept],
            pipe_depths(depths, limits.radius_m[kept]),
            tolerance,
        )
        level = np.where(near.level == Level.UNKNOWN, level, near.level)
        relieved |= near.clears(tolerance)

    at_record = grade_at_record(zone[kept], (clearance[kept] <= tolerance) & ~relieved, forbidden)
    at_worst = grade_at_worst(
        clearance[kept], limits.uncertainty_m[kept], limits.control_m[kept], tolerance, relieved
    )
    own_control_m = limits_of_assets.control_m[pairs.asset]
    where = nowhere(len(kept))
    met: list[Crossings] = [()] * len(kept)
    if say_where:
        limits_kept = to_reach(limits, own_control_m, clearance, kept, tolerance)
        where = reached(sites, pairs.site[kept], pieces, plane, rows, limits_kept)
        met = crossings(sites, pairs.site[kept], pieces, plane, rows, pairs.axis_m[kept])
    return Conflicts(
        site=pairs.site[kept],
        asset=pairs.asset[kept],
        centreline_distance_m=centreline[kept],
        clearance_m=clearance[kept],
        uncertainty_m=limits.uncertainty_m[kept],
        control_m=limits.control_m[kept],
        radius_m=limits.radius_m[kept],
        zone=ZONES[zone[kept]],
        zone_at_worst=ZONES[zone_at_worst[kept]],
        grade=GRADES[np.minimum(at_record, at_worst)],
        grade_at_record=GRADES[at_record],
        grade_at_worst=GRADES[at_worst],
        certainty=CERTAINTIES[zone[kept]],
        ruling=ruling,
        ruling_at_worst=ruling_at_worst,
        widths=widths,
        pipe_intervals_m=where.pipe,
        pipe_intervals_at_record_m=where.pipe_at_record,
        site_intervals_m=where.site,
        site_intervals_at_record_m=where.site_at_record,
        inner=where.inner,
        crossings=met,
        level=level,
        relieved=relieved,
        depths=depths,
        giving=giving_way(
            sites,
            pairs.site[kept],
            depths,
            pairs.axis_m[kept],
            limits.radius_m[kept],
            limits.uncertainty_m[kept],
            profile,
        ),
        near=near,
    )


def _of_sites(question: Callable[[DigSite], bool], sites: Sequence[DigSite]) -> BoolArray:
    return np.array([question(site) for site in sites], dtype=np.bool_)


def to_reach(
    limits: PairLimits, own_control_m: FloatArray, clearance_m: FloatArray, kept: IntArray, tolerance_m: float
) -> Limits:
    """The limits of the pairs that are conflicts. own_control_m: control widths, whatever distance an act has."""
    return Limits(
        clearance_m=clearance_m[kept],
        uncertainty_m=limits.uncertainty_m[kept],
        protection_m=limits.protection_m[kept],
        own_control_m=own_control_m[kept],
        control_m=limits.control_m[kept],
        radius_m=limits.radius_m[kept],
        half_width_m=limits.half_width_m[kept],
        tolerance_m=tolerance_m,
    )

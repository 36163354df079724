"""judge(sites, pieces): which assets a dig conflicts with, how gravely, and by which clause.

Columnar: one site is a batch of one. Pure: the same columns give the same judgement, to the byte.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray, Pieces
from spatial.judging.bores import NOTHING_NEAR, Nearness, nearness, pipe_depths
from spatial.judging.depth import Depths, Giving, depths_of, giving_way, only_from_above, relation
from spatial.measuring.boxes import FloatArray
from spatial.measuring.crossings import Crossings, crossings
from spatial.measuring.measure import QUANTUM_M, Intervals, Pairs, pair_up, project, quantise
from spatial.measuring.pieces import IntArray
from spatial.measuring.reaches import Inner, Limits, reached
from spatial.rules.profile import RuleProfile, Ruling, Widths
from spatial.values import DigSite
from spatial.words import AssetKind, Certainty, Grade, Level, PressureClass, Requirement, Zone

ENGINE = "predig/2"
"""Names the way of judging. Changes when the same inputs may give other bytes."""

ZONES = np.array([Zone.PROTECTION, Zone.CONTROL, Zone.OUTSIDE], dtype=object)
GRADES = np.array([Grade.I, Grade.II, Grade.III, Grade.IV, None], dtype=object)
CERTAINTIES = np.array([Certainty.CERTAIN, Certainty.CERTAIN, Certainty.POSSIBLE], dtype=object)
_I, _II, _III, _IV, _NONE = range(5)

_KINDS = {kind.value: kind for kind in AssetKind}
_KIND_COLUMN = {kind: column for column, kind in enumerate(AssetKind)}
_CLASSES: dict[str | None, PressureClass | None] = {None: None} | {name.value: name for name in PressureClass}
"""By their words: to look a word up is four times as fast as to ask the Enum for it."""


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


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the profile says of each pair. Metres."""

    widths: ObjectArray
    protection_m: FloatArray
    control_m: FloatArray
    radius_m: FloatArray
    half_width_m: FloatArray
    uncertainty_m: FloatArray


def judge(sites: Sequence[DigSite], pieces: Pieces, profile: RuleProfile) -> Conflicts:
    """Measure every (site, piece) pair, keep what is a conflict, grade it.

    A conflict: clearance - uncertainty <= control width (or the act's own distance) + tolerance.
    pieces: every piece that could matter, as a vault's find() returns them.

    :raises ValueError: a distance or a doubt is not a number. NaN compares as "not inside", so it would
        lose a conflict in silence.
    """
    plane = project(sites, pieces)
    pairs = pair_up(pieces, plane)
    limits = _limits(sites, pieces, pairs, profile)
    tolerance = profile.tolerance_m

    centreline = quantise(np.maximum(pairs.axis_m - limits.half_width_m, 0.0))
    clearance = quantise(np.maximum(pairs.axis_m - limits.half_width_m - limits.radius_m, 0.0))
    worst = quantise(clearance - limits.uncertainty_m)
    if not np.isfinite(worst).all():
        raise ValueError("a distance or an uncertainty is not a finite number")
    zone, zone_at_worst = _zone(np.array([clearance, worst]), limits, tolerance)

    (kept,) = (zone_at_worst < 2).nonzero()
    if not len(kept):
        return NO_CONFLICTS
    rulings = Rulings(sites, profile)
    ruling = rulings.of(pairs.site[kept], zone[kept], clearance[kept], limits.widths[kept])
    ruling_at_worst = rulings.of(pairs.site[kept], zone_at_worst[kept], worst[kept], limits.widths[kept])
    forbidden = np.array([rule.requirement is Requirement.FORBIDDEN for rule in ruling], dtype=np.bool_)

    depths = depths_of(sites, pairs.site[kept], pieces.assets, pairs.asset[kept], profile)
    level = relation(depths, tolerance)
    relieved = (level == Level.ABOVE) & _of_sites(only_from_above, sites)[pairs.site[kept]]
    rows = [pairs.rows[pair] for pair in kept]
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

    at_record = _grade_at_record(zone[kept], (clearance[kept] <= tolerance) & ~relieved, forbidden)
    at_worst = _grade_at_worst(
        clearance[kept], limits.uncertainty_m[kept], limits.control_m[kept], tolerance, relieved
    )
    where = reached(
        sites, pairs.site[kept], pieces, plane, rows, _to_reach(limits, clearance, kept, tolerance)
    )
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
        widths=limits.widths[kept],
        pipe_intervals_m=where.pipe,
        pipe_intervals_at_record_m=where.pipe_at_record,
        site_intervals_m=where.site,
        site_intervals_at_record_m=where.site_at_record,
        inner=where.inner,
        crossings=crossings(sites, pairs.site[kept], pieces, plane, rows, pairs.axis_m[kept]),
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


def _to_reach(limits: _Limits, clearance_m: FloatArray, kept: IntArray, tolerance_m: float) -> Limits:
    """The limits of the pairs that are conflicts."""
    own_control_m = np.array([width.control_m for width in limits.widths[kept]], dtype=np.float64)
    return Limits(
        clearance_m=clearance_m[kept],
        uncertainty_m=limits.uncertainty_m[kept],
        protection_m=limits.protection_m[kept],
        own_control_m=own_control_m,
        control_m=limits.control_m[kept],
        radius_m=limits.radius_m[kept],
        half_width_m=limits.half_width_m[kept],
        tolerance_m=tolerance_m,
    )


def _limits(sites: Sequence[DigSite], pieces: Pieces, pairs: Pairs, profile: RuleProfile) -> _Limits:
    """Look every asset and site up once, then spread over the pairs."""
    assets = pieces.assets
    kinds = [_KINDS[kind] for kind in assets.kind.tolist()]
    classes = [_CLASSES[name] for name in assets.pressure_class.tolist()]
    radius_of_asset = np.array(
        [
            _radius_m(None if isnan(diameter) else diameter, cls, profile)
            for diameter, cls in zip(assets.diameter_mm.tolist(), classes, strict=True)
        ],
        dtype=np.float64,
    )
    # An area is drawn by its outer wall; a pipe by its axis and a valve by its centre.
    radius_of_asset[pieces.asset[shapely.get_dimensions(pieces.geometry) == 2]] = 0.0
    widths: ObjectArray = np.empty(len(assets), dtype=object)
    widths[:] = [
        profile.widths_from_wall(*row) for row in zip(kinds, classes, radius_of_asset.tolist(), strict=True)
    ]
    of_asset = np.array(
        [(width.protection_m, width.control_m, width.inside_m) for width in widths], dtype=np.float64
    ).reshape(-1, 3)
    of_site = np.array([(site.half_width_m, site.uncertainty_m) for site in sites], dtype=np.float64).reshape(
        -1, 2
    )
    # How far an act matters by itself may depend on what it nears: a column for each kind.
    own = np.array(
        [[profile.own_distance_m(site.acts, kind) for kind in AssetKind] for site in sites], dtype=np.float64
    ).reshape(-1, len(AssetKind))
    column = np.array([_KIND_COLUMN[kind] for kind in kinds], dtype=np.int64)
    protection, control, inside = of_asset[pairs.asset].T
    half_width, doubt = of_site[pairs.site].T
    return _Limits(
        widths=widths[pairs.asset],
        protection_m=protection,
        control_m=quantise(np.maximum(control, own[pairs.site, column[pairs.asset]] - inside)),
        radius_m=radius_of_asset[pairs.asset],
        half_width_m=half_width,
        uncertainty_m=quantise(assets.uncertainty_m[pairs.asset] + doubt),
    )


def _radius_m(diameter_mm: float | None, pressure_class: PressureClass | None, profile: RuleProfile) -> float:
    """From the drawn axis or centre to the outer wall."""
    return profile.diameter_or_largest_mm(diameter_mm, pressure_class) / 2000.0


def _zone(clearance_m: FloatArray, limits: _Limits, tolerance_m: float) -> IntArray:
    """Index into ZONES. Within the tolerance of a limit counts as inside."""
    in_protection = clearance_m <= quantise(limits.protection_m + tolerance_m)
    in_control = clearance_m <= quantise(limits.control_m + tolerance_m)
    return np.where(in_protection, 0, np.where(in_control, 1, 2))


def _grade_at_record(zone: IntArray, at_wall: BoolArray, forbidden: BoolArray) -> IntArray:
    """I: a forbidden act, or the site reaches the wall; II protection zone; III control zone."""
    by_zone = np.array([_II, _III, _NONE])[zone]
    return np.where((zone < 2) & (at_wall | forbidden), _I, by_zone)


def _grade_at_worst(
    clearance_m: FloatArray,
    uncertainty_m: FloatArray,
    control_m: FloatArray,
    tolerance_m: float,
    relieved: BoolArray,
) -> IntArray:
    """I when the doubt alone reaches the wall; II when the band is wider than the zone itself or the floor stays
    above the pipe; else IV."""
    reaches = clearance_m <= quantise(uncertainty_m + tolerance_m)
    return np.where(reaches, np.where((uncertainty_m > control_m) | relieved, _II, _I), _IV)


class Rulings:
    """The profile's rulings for a batch, looked up once per site and zone."""

    def __init__(self, sites: Sequence[DigSite], profile: RuleProfile) -> None:
        self._sites = sites
        self._profile = profile
        self._known: dict[tuple[int, int], Ruling] = {}
        self._has_own_distance = [profile.own_distance_m(site.acts) > 0 for site in sites]

    def of(self, site: IntArray, zone: IntArray, clearance_m: FloatArray, widths: ObjectArray) -> ObjectArray:
        """One Ruling per row."""
        rulings: ObjectArray = np.empty(len(site), dtype=object)
        columns = (site, zone, clearance_m, widths)
        rulings[:] = [self.one(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return rulings

    def one(self, site: int, zone: int, clearance_m: float, widths: Widths) -> Ruling:
        """zone: index into ZONES."""
        acts, method = self._sites[site].acts, self._sites[site].method
        if self._has_own_distance[site]:
            return self._profile.ruling_at(ZONES[zone], acts, method, clearance_m, widths)
        key = (site, zone)
        if key not in self._known:
            self._known[key] = self._profile.ruling(ZONES[zone], acts, method)
        return self._known[key]

    def beyond(self, site: int, control_m: float, widths: Widths) -> Ruling:
        """The strictest beyond the control zone, up to control_m, where only acts' own distances reach."""
        tolerance = self._profile.tolerance_m
        just_beyond = min(widths.control_m + tolerance + QUANTUM_M, control_m + tolerance)
        return self.one(site, 1, just_beyond, widths)

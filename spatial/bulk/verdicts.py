"""verdicts(): what judge() says of many sites, as columns of numbers and small codes.

The same law (spatial.judging.limits), the same words; what is rare is handed to judge() itself. Distances are worked
out faster than judge() does and to a nanometre the same; those that lie that near to where a rounding turns are measured
again as judge() measures, so that every number comes out equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.bulk.field import Field, field_of
from spatial.bulk.nearest import near_of
from spatial.bulk.sites import SiteColumns
from spatial.found import BoolArray, Pieces, Region
from spatial.judging.depth import depths_of, only_from_above, relation
from spatial.judging.judge import judge
from spatial.judging.limits import (
    CERTAINTIES,
    GRADES,
    ZONES,
    LimitsOfAssets,
    PairLimits,
    Rulings,
    clearances,
    grade_at_record,
    grade_at_worst,
    limits_of,
    zones_of,
)
from spatial.measuring.boxes import FloatArray, widen
from spatial.measuring.measure import QUANTUM_M, pair_up, project
from spatial.measuring.pieces import IntArray
from spatial.rules.profile import RuleProfile, Ruling
from spatial.screening import query_boxes
from spatial.words import Level, Requirement

CHUNK = 4096
"""Sites taken through all steps at once: enough to be columns, few enough to stay in the processor's cache."""

SLACK_M = 0.01
"""A reach is drawn this much too wide: no rounding may lose a pair."""

BESIDE_M = 1.0
"""A box that is to hold an area in degrees is drawn this much wider."""

UNSURE_M = 1e-7
"""A hundred times farther than two ways of measuring one distance lie apart: nearer to a rounding than this, judge()'s
own way decides."""


CodeArray = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Columns, one row a conflict: by site, in the order asked, then as judge() orders its pairs. Metres, quantised.

    site: index into the sites; asset: index into the region's assets. zone, zone_at_worst, certainty, grade,
    grade_at_record, grade_at_worst: codes, words by ZONES, CERTAINTIES (of the zone's code) and GRADES. ruling,
    ruling_at_worst: index into `rulings`, each of which says the requirement, the act and the clause.
    """

    site: IntArray
    asset: IntArray
    centreline_distance_m: FloatArray
    clearance_m: FloatArray
    uncertainty_m: FloatArray
    zone: CodeArray
    zone_at_worst: CodeArray
    grade: CodeArray
    grade_at_record: CodeArray
    grade_at_worst: CodeArray
    ruling: IntArray
    ruling_at_worst: IntArray
    rulings: tuple[Ruling, ...]

    def __len__(self) -> int:
        return len(self.site)

    def words(self, row: int) -> dict[str, Any]:
        """One row in the words of judge()."""
        ruling = self.rulings[self.ruling[row]]
        return {
            "zone": ZONES[self.zone[row]],
            "grade": GRADES[self.grade[row]],
            "certainty": CERTAINTIES[self.zone[row]],
            "requirement": ruling.requirement,
            "clause": ruling.clause,
        }


@dataclass(frozen=True, slots=True)
class Survey:
    """A region prepared to be judged by one profile, as often as there are sites: made once, changed by nothing.

    reach_m: of each asset, a little too far; rank: its place in judge()'s order; by_rank: the assets in that order.
    """

    region: Region
    profile: RuleProfile
    limits: LimitsOfAssets
    reach_m: FloatArray
    rank: IntArray
    by_rank: IntArray
    field: Field
    some_depths: bool

    @staticmethod
    def of(region: Region, profile: RuleProfile) -> "Survey":
        """:raises ValueError: an asset whose place, width or doubt is not a number: it would be lost in silence."""
        assets = region.assets
        by_wall = np.zeros(len(assets), dtype=np.bool_)
        by_wall[region.asset[shapely.get_dimensions(region.geometry) == 2]] = True
        limits = LimitsOfAssets.of(assets, by_wall, profile)
        reach = (
            np.maximum(limits.control_m, 0.0)
            + limits.radius_m
            + limits.uncertainty_m
            + (profile.tolerance_m + SLACK_M)
        )
        if not (np.isfinite(reach).all() and np.isfinite(shapely.bounds(region.geometry)).all()):
            raise ValueError("a place, a width or an uncertainty is not a finite number")
        by_rank = _by_names(region)
        rank = np.empty(len(assets), dtype=np.int64)
        rank[by_rank] = np.arange(len(assets))
        return Survey(
            region=region,
            profile=profile,
            limits=limits,
            reach_m=reach,
            rank=rank,
            by_rank=by_rank,
            field=field_of(region, reach, rank),
            some_depths=bool((assets.profiled & np.isfinite(assets.depth_uncertainty_m)).any()),
        )


def _by_names(region: Region) -> IntArray:
    """Assets by names, not by register ids, as pair_up() ranks them."""
    assets = region.assets
    columns = (assets.utility, assets.dataset, assets.source_id, assets.revision)
    name = list(zip(*(column.tolist() for column in columns), strict=True))
    return np.array(sorted(range(len(name)), key=name.__getitem__), dtype=np.int64)


def verdicts(sites: SiteColumns, survey: Survey, some: IntArray | None = None) -> Verdicts:
    """Judge sites, or `some` rows of them, against one region. Those that lie together should stand together: the
    pipes round one are then at hand for the next.

    :raises ValueError: a site that asks beyond the region, or one whose width or doubt is not a number.
    """
    rows = np.arange(len(sites)) if some is None else some
    _refuse_beyond(sites.asks[rows], survey.region)
    book = _Book(sites, survey.profile)
    parts = [
        _judged(sites, rows[start : start + CHUNK], survey, book) for start in range(0, len(rows), CHUNK)
    ]
    return _joined(parts, tuple(book.rulings))


def _refuse_beyond(asks: FloatArray, region: Region) -> None:
    west, south, east, north = region.box
    if not ((asks[:, :2] >= (west, south)) & (asks[:, 2:] <= (east, north))).all():
        raise ValueError("a site asks beyond the region, or for what is not a number")


_Columns = dict[str, Any]


def _joined(parts: Sequence[_Columns], rulings: tuple[Ruling, ...]) -> Verdicts:
    if not parts:
        parts = [{name: np.empty(0) if name.endswith("_m") else _NONE for name in _NAMES}]
    return Verdicts(**{name: _one(name, [part[name] for part in parts]) for name in _NAMES}, rulings=rulings)


def _one(name: str, columns: list[Any]) -> Any:
    """Codes are few: a byte each, where a million rows are kept."""
    kind = np.float64 if name.endswith("_m") else np.int8 if name.startswith(("zone", "grade")) else np.int64
    return np.concatenate(columns, dtype=kind, casting="unsafe")


_NAMES = tuple(column.name for column in fields(Verdicts) if column.name != "rulings")


def _judged(sites: SiteColumns, some: IntArray, survey: Survey, book: "_Book") -> _Columns:
    bored = some[sites.bored[some]]
    told = _by_law(sites, survey, book, *_pairs(some[~sites.bored[some]], sites, survey))
    if not len(bored):
        return told
    both = [told, _by_judge(bored, sites, survey, book)]
    joined = {name: np.concatenate([part[name] for part in both]) for name in told}
    place = {site: at for at, site in enumerate(some.tolist())}
    at = np.array([place[site] for site in joined["site"].tolist()], dtype=np.int64)
    order = np.lexsort([survey.rank[joined["asset"]], at])
    return {name: column[order] for name, column in joined.items()}


def _pairs(some: IntArray, sites: SiteColumns, survey: Survey) -> tuple[IntArray, IntArray, FloatArray]:
    """Site, asset and axis distance of each pair that may be a conflict, by site, as they stand in `some`, and rank."""
    near = near_of(survey.field, sites, some)
    site, asset, axis_m = near.site, survey.by_rank[near.rank], near.axis_m
    doubted = np.flatnonzero(
        _near_a_rounding(axis_m, sites.limits.half_width_m[some[site]], survey.limits.radius_m[asset])
    )
    again = {*zip(site[doubted].tolist(), asset[doubted].tolist(), strict=True)}
    areas: dict[int, IntArray] = {}
    if len(survey.field.areas):
        areas = _areas_round(sites.bounds[some], survey.field)
        again |= {(one, of) for one, pieces in areas.items() for of in survey.region.asset[pieces].tolist()}
    if again:
        pieces = {one: np.union1d(near.pieces(survey.field, one), areas.get(one, _NONE)) for one, _ in again}
        measured = _measured(sites, some, survey, again, pieces)
        key, other = (one * len(survey.rank) + survey.rank[of] for one, of in ((site, asset), measured[:2]))
        at = np.searchsorted(key, other)
        known = at < len(key)
        known[known] = key[at[known]] == other[known]
        axis_m[at[known]] = measured[2][known]
        if not known.all():
            site, asset, axis_m = (
                np.insert(column, at[~known], more[~known])
                for column, more in zip((site, asset, axis_m), measured, strict=True)
            )
    return some[site], asset, axis_m


_NONE: IntArray = np.empty(0, dtype=np.int64)


def _areas_round(bounds: FloatArray, field: Field) -> dict[int, IntArray]:
    """Of each site, the pieces that are areas and may hold it whole: then the two touch, however far their edges are."""
    site, area = field.area_tree.query(np.asarray(shapely.box(*widen(bounds, BESIDE_M).T), dtype=object))
    return {int(one): field.areas[area[site == one]] for one in np.unique(site)}


def _near_a_rounding(axis_m: FloatArray, half_width_m: FloatArray, radius_m: FloatArray) -> BoolArray:
    """Where a distance quantised might turn out a step off."""
    to_line = axis_m - half_width_m
    return _half_way(to_line) | _half_way(to_line - radius_m)


def _half_way(metres: FloatArray) -> BoolArray:
    steps = metres / QUANTUM_M
    halves: BoolArray = np.abs(steps - np.floor(steps) - 0.5) <= UNSURE_M / QUANTUM_M
    return halves & (metres > -UNSURE_M)


def _measured(
    sites: SiteColumns, some: IntArray, survey: Survey, pairs: set[tuple[int, int]], near: dict[int, IntArray]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Site, asset and axis distance as judge() measures it. pairs: of a row of `some` and an asset; near: the pieces
    that each such row may come near, the nearest of the pair among them."""
    region = survey.region
    rows = [near[one][region.asset[near[one]] == asset] for one, asset in sorted(pairs)]
    count = [len(of) for of in rows]
    of_site = np.array([one for one, _ in sorted(pairs)], dtype=np.int64).repeat(count)
    piece = np.concatenate(rows)
    here, number = np.unique(of_site, return_inverse=True)
    assets, asset = np.unique(region.asset[piece], return_inverse=True)
    pieces = Pieces(
        site=number.astype(np.int64),
        asset=asset.astype(np.int64),
        geometry=region.geometry[piece],
        from_m=region.from_m[piece],
        to_m=region.to_m[piece],
        assets=region.assets.of(assets),
    )
    measured = pair_up(pieces, project([sites.sites[row] for row in some[here].tolist()], pieces))
    return here[measured.site], assets[measured.asset], measured.axis_m


def _by_law(
    sites: SiteColumns, survey: Survey, book: "_Book", site: IntArray, asset: IntArray, axis_m: FloatArray
) -> _Columns:
    """The law of judge(), in its order."""
    tolerance = survey.profile.tolerance_m
    limits = limits_of(sites.limits, site, survey.limits, asset)
    centreline, clearance, worst = clearances(axis_m, limits)
    zone, zone_at_worst = zones_of(np.array([clearance, worst]), limits, tolerance)
    kept = np.flatnonzero(zone_at_worst < 2)
    if len(kept) < len(site):  # nearly all are, when they come from near_of()
        site, asset, zone, zone_at_worst = site[kept], asset[kept], zone[kept], zone_at_worst[kept]
        centreline, clearance, worst, limits = (
            centreline[kept],
            clearance[kept],
            worst[kept],
            _rows(limits, kept),
        )
    ruling = book.of(site, zone, clearance, survey.limits, asset)
    relieved = _relieved(sites, survey, site, asset)
    at_record = grade_at_record(zone, (clearance <= tolerance) & ~relieved, book.forbidden()[ruling])
    at_worst = grade_at_worst(clearance, limits.uncertainty_m, limits.control_m, tolerance, relieved)
    return {
        "site": site,
        "asset": asset,
        "centreline_distance_m": centreline,
        "clearance_m": clearance,
        "uncertainty_m": limits.uncertainty_m,
        "zone": zone,
        "zone_at_worst": zone_at_worst,
        "grade": np.minimum(at_record, at_worst),
        "grade_at_record": at_record,
        "grade_at_worst": at_worst,
        "ruling": ruling,
        "ruling_at_worst": book.of(site, zone_at_worst, worst, survey.limits, asset),
    }


def _rows(limits: PairLimits, kept: IntArray) -> PairLimits:
    return PairLimits(*(getattr(limits, column.name)[kept] for column in fields(PairLimits)))


def _relieved(sites: SiteColumns, survey: Survey, site: IntArray, asset: IntArray) -> BoolArray:
    """As judge(): the floor stays above the pipe. Asked only where a pipe's depth is known well enough to say so."""
    relieved = np.zeros(len(site), dtype=np.bool_)
    if not survey.some_depths:
        return relieved
    assets = survey.region.assets
    rows = np.flatnonzero(assets.profiled[asset] & np.isfinite(assets.depth_uncertainty_m[asset]))
    here, number = np.unique(site[rows], return_inverse=True)
    several = [sites.sites[n] for n in here.tolist()]
    depths = depths_of(several, number, assets, asset[rows], survey.profile)
    from_above = np.array([only_from_above(one) for one in several], dtype=np.bool_)
    relieved[rows] = (relation(depths, survey.profile.tolerance_m) == Level.ABOVE) & from_above[number]
    return relieved


def _by_judge(some: IntArray, sites: SiteColumns, survey: Survey, book: "_Book") -> _Columns:
    """What is judged in three dimensions is judged by judge()."""
    several = [sites.sites[number] for number in some.tolist()]
    found = survey.region.find([query_boxes(site, survey.profile) for site in several])
    told = judge(several, found.pieces, survey.profile)
    zones, grades = list(ZONES), list(GRADES)
    return {
        "site": some[told.site],
        "asset": np.searchsorted(survey.region.assets.asset_id, found.pieces.assets.asset_id[told.asset]),
        "centreline_distance_m": told.centreline_distance_m,
        "clearance_m": told.clearance_m,
        "uncertainty_m": told.uncertainty_m,
        "zone": _codes(zones, told.zone),
        "zone_at_worst": _codes(zones, told.zone_at_worst),
        "grade": _codes(grades, told.grade),
        "grade_at_record": _codes(grades, told.grade_at_record),
        "grade_at_worst": _codes(grades, told.grade_at_worst),
        "ruling": np.array([book.code(ruling) for ruling in told.ruling], dtype=np.int64),
        "ruling_at_worst": np.array([book.code(ruling) for ruling in told.ruling_at_worst], dtype=np.int64),
    }


def _codes(words: list[Any], told: Any) -> IntArray:
    return np.array([words.index(word) for word in told], dtype=np.int64)


class _Book:
    """Rulings by code: looked up once for each zone of all sites with the same acts and method, and a row at a time
    only where an act's own distance makes them depend on the place."""

    def __init__(self, sites: SiteColumns, profile: RuleProfile) -> None:
        self._rule = sites.rule
        self._asked = Rulings(sites.alike, profile)
        self._by_place = np.array(
            [profile.own_distance_m(site.acts) > 0 for site in sites.alike], dtype=np.bool_
        )
        self._table = np.full((len(sites.alike), len(ZONES)), -1, dtype=np.int64)
        self._codes: dict[Ruling, int] = {}
        self.rulings: list[Ruling] = []

    def code(self, ruling: Ruling) -> int:
        if ruling not in self._codes:
            self._codes[ruling] = len(self.rulings)
            self.rulings.append(ruling)
        return self._codes[ruling]

    def forbidden(self) -> BoolArray:
        """Of each code."""
        return np.array(
            [ruling.requirement is Requirement.FORBIDDEN for ruling in self.rulings], dtype=np.bool_
        )

    def of(
        self, site: IntArray, zone: IntArray, clearance_m: FloatArray, limits: LimitsOfAssets, asset: IntArray
    ) -> IntArray:
        rule = self._rule[site]
        code: IntArray = self._table[rule, zone]
        if len(code) and code.min() < 0:
            for one, where in {*zip(rule[code < 0].tolist(), zone[code < 0].tolist(), strict=True)}:
                # Nothing of the place is asked, so that any will do; where it is, it is asked below.
                self._table[one, where] = self.code(self._asked.one(one, where, 0.0, limits.widths[asset[0]]))
            code = self._table[rule, zone]
        if self._by_place.any():
            rows = np.flatnonzero(self._by_place[rule])
            asked = self._asked.of(rule[rows], zone[rows], clearance_m[rows], limits.widths[asset[rows]])
            code[rows] = [self.code(ruling) for ruling in asked]
        return code

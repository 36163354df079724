"""What a dig site conflicts with, by another road than a screening: for `predig reconcile`.

Nothing here uses the pieces, the boxes or the measuring of `spatial.judging.judge`. Whole assets are read from the
register round the site by a margin of its own, each is measured on a plane of its own, and the law is typed a
second time. It is slow, and it must not share a mistake with what it checks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from math import ceil, cos, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Proj
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from api.evidence.brute_depth import spare_m
from spatial.rules.profile import RuleProfile
from spatial.values import Asset, Box, DigSite
from spatial.words import AssetKind, Grade, Requirement, Zone
from sql.vault import Vault, WholeAsset

MARGIN_M = 25.0
"""Looked beyond the farthest at which anything can matter: much more than any rounding of boxes."""

CELL_DEG = 0.1
"""Asked about in cells of this size: the register answers no box wider than 0.3 degrees."""

AT_ONCE = 100
"""Sites asked about in one question."""

ROUGH_M = 5.0
"""The plane through the middle of a site stretches what is a degree from it by a ten thousandth: what reads so much
farther than may matter is farther."""

LEAST_DEGREE_M = 110_000.0
"""Below the length of a degree of latitude anywhere, and of longitude at the equator."""

AGREE_M = 0.005
"""Two ways of measuring may differ by this much; and so near to a limit either side of it is right."""

GRADES = tuple(Grade)


@dataclass(frozen=True, slots=True)
class Expected:
    """One asset measured against one site. clearance_m: from the outer wall at record; doubt_m: 95 % bound of
    pipe and site together; grades: the right one first, then those right within AGREE_M of a limit;
    must: a conflict even so; may: not ruled out."""

    asset_id: int
    utility: str
    dataset: str
    source_id: str
    clearance_m: float
    doubt_m: float
    must: bool
    may: bool
    grades: tuple[str, ...]


def expected_conflicts(
    vault: Vault, asked: Iterable[tuple[DigSite, RuleProfile]], revision: int
) -> Iterator[Mapping[str, Expected]]:
    """Of each site by its rules, in turn: all assets of register revision `revision` that may conflict with it, by
    register id (as text). The register is asked about AT_ONCE sites in one question, when the first of them is come to.
    """
    doubt_m = vault.position_doubt_m(revision)
    coming = iter(asked)
    while some := list(islice(coming, AT_ONCE)):
        boxes = [
            list(boxes_round(site.geometry, reach_m(site, profile) + doubt_m + MARGIN_M))
            for site, profile in some
        ]
        whole = vault.find_whole([box for of_site in boxes for box in of_site], revision)
        shapes = np.array([row.asset.geometry for row in whole], dtype=object)
        for (site, profile), of_site in zip(some, boxes, strict=True):
            near = _near_enough(site, profile, whole, shapes, of_site)
            measured = (_measured(site, row, profile) for row in near)
            yield {str(row.asset_id): row for row in measured if row.may}


def _near_enough(
    site: DigSite,
    profile: RuleProfile,
    whole: Sequence[WholeAsset],
    shapes: NDArray[np.object_],
    boxes: Sequence[Box],
) -> Iterator[WholeAsset]:
    """Those that meet the boxes round the site and lie as near as may matter, measured roughly: on the plane through the
    middle of the site. shapes: of all assets."""
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    met = np.zeros(len(shapes), dtype=np.bool_)
    for west, south, east, north in boxes:
        met |= (
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
    rows = np.flatnonzero(met)
    plane = _plane(site.geometry.representative_point().x)
    rough_m = shapely.distance(
        _on(plane, site.geometry), shapely.transform(shapes[rows], plane, interleaved=False)
    )
    for row, metres in zip(rows.tolist(), rough_m.tolist(), strict=True):
        # What is no number is measured in full, and told there.
        if not metres > _farthest_m(site, whole[row].asset, profile) + ROUGH_M:
            yield whole[row]


def _farthest_m(site: DigSite, asset: Asset, profile: RuleProfile) -> float:
    """From the drawn site to the drawn asset, beyond which it is no conflict."""
    control_m = profile.widths_of(asset.kind, asset.pressure_class).control_m
    return (
        max(control_m, _own_distance_m(site, profile, asset.kind))
        + profile.tolerance_m
        + site.half_width_m
        + site.uncertainty_m
        + _radius_m(asset, profile)
        + asset.uncertainty_m
    )


def boxes_round(shape: BaseGeometry, by_m: float) -> Iterator[Box]:
    """Cells that together hold all that lies within `by_m` metres of a lon/lat shape, and more."""
    west, south, east, north = shape.bounds
    high = min(max(abs(south), abs(north)) + by_m / LEAST_DEGREE_M, 89.0)
    d_lat, d_lon = by_m / LEAST_DEGREE_M, by_m / (LEAST_DEGREE_M * cos(radians(high)))
    columns, rows = ceil((east - west) / CELL_DEG) or 1, ceil((north - south) / CELL_DEG) or 1
    for column in range(columns):
        for row in range(rows):
            left, low = west + column * CELL_DEG, south + row * CELL_DEG
            right, top = min(left + CELL_DEG, east), min(low + CELL_DEG, north)
            if columns * rows == 1 or shape.intersects(shapely.box(left, low, right, top)):
                yield (left - d_lon, low - d_lat, right + d_lon, top + d_lat)


def distance_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Between two lon/lat EPSG:4490 shapes, in metres: on a plane whose meridian passes through the nearest place.

    First roughly, on a plane through the middle of `one`, to learn where they are nearest; then there.
    """
    return _nearest(one, other)[0]


def _nearest(one: BaseGeometry, other: BaseGeometry) -> tuple[float, BaseGeometry, BaseGeometry]:
    """As distance_m(), with both shapes on that plane."""
    middle = one.representative_point()
    plane = _plane(middle.x)
    near, _ = nearest_points(_on(plane, one), _on(plane, other))
    lon, _ = plane(near.x, near.y, inverse=True)
    there = _plane(lon)
    this, that = _on(there, one), _on(there, other)
    return float(shapely.distance(this, that)), this, that


def on_plane_of(place: BaseGeometry, shape: BaseGeometry) -> BaseGeometry:
    """A lon/lat shape in metres, on the plane whose meridian passes through a lon/lat point."""
    return _on(_plane(place.x), shape)


def reach_m(site: DigSite, profile: RuleProfile) -> float:
    """From the drawn site to the farthest axis that can matter, the pipe's own doubt left out: the largest zone
    from the wall of the largest pipe."""
    widest = max(widths.control_m for widths in profile.widths.values())
    largest_radius = max(profile.unknown_diameter_mm.values()) / 2000.0
    return (
        max(widest, _own_distance_m(site, profile))
        + profile.tolerance_m
        + site.half_width_m
        + site.uncertainty_m
        + largest_radius
    )


def _own_distance_m(site: DigSite, profile: RuleProfile, kind: AssetKind | None = None) -> float:
    """Of one kind of asset; None: the widest of any."""
    return max(
        (
            own.distance_m
            for (act, of), own in profile.own_distances.items()
            if act in site.acts and kind in (None, of)
        ),
        default=0.0,
    )


@lru_cache(maxsize=64)
def _plane(lon: float) -> Proj:
    """A site's own is asked for with each of its pipes, and takes longer to make than to measure on."""
    return Proj(proj="tmerc", lat_0=0, lon_0=lon, k=1, x_0=0, y_0=0, a=6378137.0, rf=298.257222101)


def _on(plane: Proj, shape: BaseGeometry) -> BaseGeometry:
    flat: BaseGeometry = shapely.transform(shape, plane, interleaved=False)
    return flat


def _measured(site: DigSite, row: WholeAsset, profile: RuleProfile) -> Expected:
    asset = row.asset
    axis_m, dug, axis = _nearest(site.geometry, asset.geometry)
    clearance_m = max(axis_m - site.half_width_m - _radius_m(asset, profile), 0.0)
    doubt_m = asset.uncertainty_m + site.uncertainty_m
    widths = profile.widths_of(asset.kind, asset.pressure_class)
    if profile.from_centre_line:
        # The same circle round the axis, told from the wall.
        radius_m = _radius_m(asset, profile)
        widths = replace(
            widths,
            protection_m=widths.protection_m - radius_m,
            control_m=widths.control_m - radius_m,
            inside_m=radius_m,
        )
    control_m = max(widths.control_m, _own_distance_m(site, profile, asset.kind) - widths.inside_m)
    beyond_m = clearance_m - doubt_m - control_m - profile.tolerance_m
    # Depth has a say only where the wall is reached in plan.
    spare = (
        spare_m(site, asset, dug, axis, doubt_m, _radius_m(asset, profile))
        if clearance_m <= doubt_m + profile.tolerance_m + AGREE_M
        else None
    )
    grades = [
        _grade(
            max(clearance_m + shift_m, 0.0),
            doubt_m,
            control_m,
            widths,
            site,
            profile,
            off_the_wall=spare is not None and spare + spare_shift_m > profile.tolerance_m,
        )
        for spare_shift_m in (0.0, -AGREE_M, AGREE_M)
        for shift_m in (0.0, -AGREE_M, AGREE_M)
    ]
    return Expected(
        asset_id=row.asset_id,
        utility=row.utility,
        dataset=row.dataset,
        source_id=asset.source_id,
        clearance_m=clearance_m,
        doubt_m=doubt_m,
        must=beyond_m <= -AGREE_M,
        may=beyond_m <= AGREE_M,
        grades=tuple(dict.fromkeys(grades)),
    )


def _radius_m(asset: Asset, profile: RuleProfile) -> float:
    """A pipe is drawn by its axis and a valve by its centre, an area by its wall; unknown is the largest."""
    if asset.geometry.geom_type in ("Polygon", "MultiPolygon"):
        return 0.0
    if asset.diameter_mm is not None:
        return asset.diameter_mm / 2000.0
    return profile.unknown_diameter_mm[asset.pressure_class or profile.unknown_class] / 2000.0


def _grade(
    clearance_m: float,
    doubt_m: float,
    control_m: float,
    widths: Any,
    site: DigSite,
    profile: RuleProfile,
    *,
    off_the_wall: bool,
) -> str:
    """The worse of the grade at record and the grade at worst (design, part 6). off_the_wall: in depth the dig stays
    off the pipe, so that no grade rests on its wall being reached (docs/decisions/016)."""
    tolerance_m = profile.tolerance_m
    if clearance_m <= doubt_m + tolerance_m:
        at_worst = Grade.II if doubt_m > control_m or off_the_wall else Grade.I
    else:
        at_worst = Grade.IV
    if clearance_m > control_m + tolerance_m:
        return at_worst.value
    in_protection = clearance_m <= widths.protection_m + tolerance_m
    # Where only an act's own distance reaches, what the zone forbids another act is not asked of it.
    by_zone = in_protection or clearance_m <= widths.control_m + tolerance_m
    zone = Zone.PROTECTION if in_protection else Zone.CONTROL
    requirement = profile.ruling(zone, site.acts, site.method).requirement
    by_distance = any(
        own.ruling.requirement is Requirement.FORBIDDEN
        and clearance_m <= own.distance_m - widths.inside_m + tolerance_m
        for (act, of), own in profile.own_distances.items()
        if act in site.acts and of is widths.kind
    )
    reached = clearance_m <= tolerance_m and not off_the_wall
    if reached or by_distance or (by_zone and requirement is Requirement.FORBIDDEN):
        at_record = Grade.I
    else:
        at_record = Grade.II if in_protection else Grade.III
    return min(at_record, at_worst, key=GRADES.index).value

"""G7: digs at the very edge of what is a conflict, a millimetre or the last digit of a coordinate to either side.

Laid off by geodesics, measured once more by GeographicLib, which alone says on which side of the law's limit each lies.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely

from bench.geodesic import WIDTHS_M, Shape, distance_m, margin_m
from bench.scenes import CGCS2000, NETWORK, FloatArray, assets_of, dig_site, pieces_of
from spatial.judging.judge import judge
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite
from spatial.words import Method

BATCH = 2_000
TIE_M = 0.00002
"""What measuring may be off by at 50 m; distances are told in tenths of a millimetre."""
SIDES_M = (-0.001, 0.0, 0.001)
KINDS = ("point", "line", "corner", "hole")
TOLERANCE_M = 0.01
CLASSES = tuple(name for name in WIDTHS_M if name is not None)


@dataclass
class Edges:
    """misses: conflicts that were not told; false_alarms: told, and none. ties: within TIE_M of the limit, all conflicts."""

    cases: int = 0
    ties: int = 0
    conflicts: int = 0
    misses: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    pressure_class: str
    diameter_mm: float
    site: DigSite
    pipe: FloatArray


def run(cases: int, seed: int, profile: RuleProfile) -> Edges:
    lot, found = np.random.default_rng(seed), Edges()
    while found.cases < cases:
        batch = [_case(lot, found.cases + number) for number in range(min(BATCH, cases - found.cases))]
        pipes = np.empty(len(batch), dtype=object)
        pipes[:] = [shapely.MultiLineString([one.pipe]) for one in batch]
        assets = assets_of(
            [one.pressure_class for one in batch],
            np.array([one.diameter_mm for one in batch]),
            np.zeros(len(batch)),
        )
        each = np.arange(len(batch))
        conflicts = judge([one.site for one in batch], pieces_of(pipes, assets, each, each), profile)
        told = set(map(int, conflicts.site))
        for number, one in enumerate(batch):
            _compare(one, number in told, found)
        found.cases += len(batch)
    return found


def _case(lot: np.random.Generator, number: int) -> Case:
    kind, side_m = KINDS[number % 4], SIDES_M[number // 4 % 3]
    name = str(lot.choice(CLASSES))
    diameter_mm = float(lot.choice((57.0, 110.0, 325.0, 1016.0)))
    half_width_m = 0.0 if kind in ("corner", "hole") else float(lot.choice((0.0, 0.75)))
    west, south, east, north = NETWORK
    lon, lat, bearing = lot.uniform(west, east), lot.uniform(south, north), lot.uniform(0.0, 360.0)
    axis_m = WIDTHS_M[name][1] + TOLERANCE_M + diameter_mm / 2000 + half_width_m + side_m
    reach_m = 5.0 if kind == "hole" else 80.0

    def at(azimuth: float, metres: float, lon: float = lon, lat: float = lat) -> tuple[float, float]:
        return CGCS2000.fwd(lon, lat, azimuth, metres)[:2]

    pipe = np.array([at(bearing, along) for along in (-reach_m, 0.0, reach_m)])
    near = at(bearing + 90.0, axis_m)
    if side_m == 0.0:  # one unit in the last place, this way or that
        near = tuple(np.nextafter(near, lot.choice((-np.inf, np.inf), 2)))
    if kind == "point":
        shape = shapely.Point(near)
    elif kind == "line":
        shape = shapely.LineString([near, at(bearing + 90.0, axis_m + 8.0)])
    elif kind == "corner":
        shape = shapely.Polygon([near, at(bearing + 88.0, axis_m + 9.0), at(bearing + 95.0, axis_m + 9.0)])
    else:
        shape = _round(near, bearing, axis_m, at)
    site = dig_site(shape, half_width_m=half_width_m, method=Method.HAND)
    return Case(kind, name, diameter_mm, site, pipe)


def _round(
    near: tuple[float, float],
    bearing: float,
    axis_m: float,
    at: Callable[[float, float], tuple[float, float]],
) -> shapely.MultiPolygon:
    """A ring of ground round the pipe, of which a corner of its hole is nearest; and an area of its own far away."""
    hole = [near, *(at(bearing + 90.0 + turn, 2.0 * axis_m + 40.0) for turn in (60, 120, 180, 240, 300))]
    rim = [at(bearing + turn, 6.0 * axis_m + 120.0) for turn in range(0, 360, 45)]
    away = [at(bearing + turn, 8.0 * axis_m + 200.0) for turn in (0, 1, 2)]
    away.append(at(bearing + 1, 8.0 * axis_m + 210.0))
    other = shapely.convex_hull(shapely.MultiPoint(away))
    return shapely.MultiPolygon([shapely.Polygon(rim, [hole]), other])


def _compare(one: Case, told: bool, found: Edges) -> None:
    area = one.site.geometry.geom_type in ("Polygon", "MultiPolygon")
    rings = shapely.get_rings(shapely.get_parts(one.site.geometry)) if area else [one.site.geometry]
    parts = tuple(shapely.get_coordinates(part) for part in rings)
    margin = margin_m(
        distance_m(Shape(parts, area), Shape((one.pipe,), False)),
        half_width_m=one.site.half_width_m,
        uncertainty_m=one.site.uncertainty_m,
        pressure_class=one.pressure_class,
        diameter_mm=one.diameter_mm,
        acts=tuple(one.site.acts),
    )
    words = f"{one.kind} {one.pressure_class} {one.diameter_mm:g} mm: {margin * 1000:+.4f} mm, {one.site.geometry.wkt}"
    found.conflicts += told
    if abs(margin) <= TIE_M:
        found.ties += 1
    if margin <= TIE_M and not told:
        found.misses.append(words)
    # Told in tenths of a millimetre, so a twentieth beyond the limit is at it.
    if margin > 0.00005 + TIE_M and told:
        found.false_alarms.append(words)

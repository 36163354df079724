"""The digs of the province: 55 % areas, 35 % trenches (lines and narrow areas, up to 1 km), 10 % points; one in fifty
beside a long line, the others scattered as the pipes are."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.province.network import CITIES, Network, ObjectArray, city_places
from bench.province.walks import FloatArray, IntArray, offsets_of, to_degrees, walk

AREAS, TRENCHES = 0.55, 0.35
TRENCHES_DRAWN_AS_AREAS = 0.4
BESIDE_LONG_LINES = 0.02
BESIDE_M = 60.0
"""One sigma: some of them come into its control zone."""

SIDE_M = (5.0, 200.0)
SIDE_SPREAD = 0.7
"""Log-normal about 20 m, cut at SIDE_M."""
NOTCHED = 0.3
"""Share of areas with a corner left out."""
TRENCH_M = (5.0, 1000.0)
TRENCH_EDGE_M = 75.0
"""Below the 0.0009 degrees that the dock would cut."""
LINE_HALF_WIDTH_M = (0.3, 1.5)
POINT_RADIUS_M = (0.5, 3.0)
UNCERTAINTIES_M = (0.05, 0.1, 0.3)


@dataclass(frozen=True, slots=True)
class Sites:
    """Columns, one row a dig. geometry: lon/lat EPSG:4490, Polygon, LineString or Point.

    half_width_m: of a line or point, 0 for an area; uncertainty_m: 95 % bound of the drawing, as stated.
    """

    seed: int
    geometry: ObjectArray
    half_width_m: FloatArray
    uncertainty_m: FloatArray

    def __len__(self) -> int:
        return len(self.geometry)

    def of(self, rows: IntArray) -> "Sites":
        """Some of them, or all in another order."""
        return Sites(self.seed, self.geometry[rows], self.half_width_m[rows], self.uncertainty_m[rows])


def make_sites(network: Network, sites: int, seed: int = 11) -> Sites:
    """`sites` digs among the pipes of `network`; the same bytes for the same seed, network and number."""
    rng = np.random.default_rng([seed, len(network), sites])
    place = _places(rng, network, sites)
    kind = rng.choice(3, sites, p=(AREAS, TRENCHES, 1 - AREAS - TRENCHES))
    narrow = (kind == 1) & (rng.random(sites) < TRENCHES_DRAWN_AS_AREAS)
    geometry = np.empty(sites, dtype=object)
    half_width = np.zeros(sites)
    for rows, draw in (
        (np.flatnonzero(kind == 0), _areas),
        (np.flatnonzero(narrow), _narrow_areas),
        (np.flatnonzero((kind == 1) & ~narrow), _lines),
    ):
        geometry[rows] = draw(rng, place[rows])
    points, lines = np.flatnonzero(kind == 2), np.flatnonzero((kind == 1) & ~narrow)
    geometry[points] = shapely.points(to_degrees(np.zeros((len(points), 2)), place[points]))
    half_width[lines] = np.round(rng.uniform(*LINE_HALF_WIDTH_M, len(lines)), 2)
    half_width[points] = np.round(rng.uniform(*POINT_RADIUS_M, len(points)), 2)
    return Sites(seed, geometry, half_width, rng.choice(UNCERTAINTIES_M, sites))


def _places(rng: np.random.Generator, network: Network, count: int) -> FloatArray:
    """Where each dig is. Degrees."""
    city = rng.choice(len(CITIES), count, p=[town.share for town in CITIES.values()])
    place = city_places(rng, city, len(network))
    beside = np.flatnonzero(rng.random(count) < BESIDE_LONG_LINES)
    first = network.offsets[network.long_lines[0]]
    vertex = rng.integers(first, len(network.xy), len(beside))
    place[beside] = to_degrees(rng.normal(0, BESIDE_M, (len(beside), 2)), network.xy[vertex])
    return place


def _areas(rng: np.random.Generator, place: FloatArray) -> ObjectArray:
    """Rectangles, some with a corner left out, turned any way."""
    count = len(place)
    side = np.clip(20.0 * np.exp(SIDE_SPREAD * rng.standard_normal((count, 2))), *SIDE_M)
    notch = np.where(rng.random((count, 1)) < NOTCHED, rng.uniform(0.4, 0.8, (count, 2)), 1.0)
    # Counter-clockwise from the south-west; without a notch the middle of the six corners falls on the third.
    unit = np.zeros((count, 6, 2))
    unit[:, 1] = (1, 0)
    unit[:, 2, 0], unit[:, 2, 1] = 1.0, notch[:, 1]
    unit[:, 3] = notch
    unit[:, 4, 0], unit[:, 4, 1] = notch[:, 0], 1.0
    unit[:, 5] = (0, 1)
    return _polygons((unit - 0.5) * side[:, None, :], rng.uniform(0, 2 * np.pi, count), place)


def _narrow_areas(rng: np.random.Generator, place: FloatArray) -> ObjectArray:
    """Straight trenches drawn by their outline."""
    count = len(place)
    length = _trench_lengths(rng, count)
    width = rng.uniform(0.6, 3.0, count)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) - 0.5
    return _polygons(
        corners * np.column_stack([length, width])[:, None, :], rng.uniform(0, 2 * np.pi, count), place
    )


def _polygons(corners_m: FloatArray, turned: FloatArray, place: FloatArray) -> ObjectArray:
    """(n, corners, 2) metres round each place, turned, as polygons with edges the dock would not cut."""
    cos, sin = np.cos(turned)[:, None], np.sin(turned)[:, None]
    x, y = corners_m[..., 0], corners_m[..., 1]
    flat = np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
    rings = shapely.segmentize(shapely.remove_repeated_points(shapely.polygons(flat)), TRENCH_EDGE_M)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    laid: ObjectArray = shapely.set_coordinates(rings, to_degrees(xy, place[of]))
    return laid


def _lines(rng: np.random.Generator, place: FloatArray) -> ObjectArray:
    """Trenches drawn by their axis, with some bends."""
    count = len(place)
    length = _trench_lengths(rng, count)
    edges: IntArray = np.maximum(np.ceil(length / TRENCH_EDGE_M), rng.integers(1, 7, count)).astype(np.int64)
    offsets = offsets_of(edges + 1)
    line = np.repeat(np.arange(count), np.diff(offsets))
    heading = rng.uniform(0, 2 * np.pi, count)[line] + rng.normal(0, 0.2, len(line))
    shapes: NDArray[np.object_] = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, walk(place, heading, (length / edges)[line], offsets), (offsets,)
    )
    return shapes


def _trench_lengths(rng: np.random.Generator, count: int) -> FloatArray:
    return np.asarray(np.clip(80.0 * np.exp(0.9 * rng.standard_normal(count)), *TRENCH_M))

"""The network of the province: pipes of eight cities in five 3-degree zones, and lines of 20 to 200 km between them.

Columns only: a million pipes take some seconds. However many pipes, a city is as dense as a city is; it grows in area.
Edges are at most 76 m, so that densifying at the dock leaves every vertex where it is and all who measure
measure the same shapes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.province.walks import FloatArray, IntArray, offsets_of, walk
from spatial.words import PressureClass

ObjectArray = NDArray[np.object_]
BoolArray = NDArray[np.bool_]


class City(NamedTuple):
    """A place in degrees, its share of all pipes, and the direction of its streets."""

    lon: float
    lat: float
    share: float
    streets_rad: float


CITIES = {
    "Xining": City(101.78, 36.62, 0.40, 0.25),
    "Ledu": City(102.40, 36.48, 0.13, 0.10),
    "Gonghe": City(100.62, 36.28, 0.08, 0.70),  # 11 km from the edge of two zones, as Delingha is
    "Maqin": City(100.24, 34.47, 0.06, 0.40),
    "Golmud": City(94.90, 36.42, 0.15, 0.05),
    "Delingha": City(97.37, 37.37, 0.08, 0.30),
    "Lenghu": City(93.33, 38.75, 0.05, 0.60),
    "Huatugou": City(90.85, 38.25, 0.05, 0.15),
}

PIPES_PER_KM2 = 1200.0
"""In the middle of a city, so that the mean pipe has 600 to the km2 around it, as in the demonstration's network."""
CLASSES = (PressureClass.LP, PressureClass.MP_A, PressureClass.SHP_A, PressureClass.HP_A)
SHARES = (0.69, 0.25, 0.05, 0.01)
DIAMETERS_MM = (
    (63.0, 90.0, 110.0, 160.0),
    (160.0, 200.0, 315.0, 400.0),
    (219.0, 323.9, 406.4, 508.0),
    (323.9, 508.0, 610.0, 813.0),
)
UNKNOWN_CLASS, UNKNOWN_DIAMETER = 0.01, 0.05
"""Shares of rows in which nobody wrote it down."""
UNCERTAINTIES_M = (0.1, 0.3, 0.5, 1.0, 2.0)

MEDIAN_PIPE_M, SPREAD_OF_PIPE = 33.0, 0.62
"""Log-normal: the mean is then about 40 m."""
MOST_VERTICES = 20
MOST_EDGE_M = 58.0
"""Times 1.3, the largest jitter, it is below the 0.0009 degrees that the dock would cut, here and in the north."""
LONG_LINES_PER_PIPE = 37e-6
LONG_LINE_KM = (20.0, 200.0)
LONG_EDGE_M = 25.0


@dataclass(frozen=True, slots=True)
class Network:
    """Columns, one row a pipe; the long lines come last.

    xy: (vertices, 2) lon/lat EPSG:4490; pipe i owns the vertices offsets[i] to offsets[i + 1].
    pressure_class: index into CLASSES, -1 unknown; diameter_mm: outside, NaN unknown; uncertainty_m: 95 % bound;
    city: index into CITIES, -1 for a long line.
    """

    seed: int
    xy: FloatArray
    offsets: IntArray
    pressure_class: NDArray[np.int8]
    diameter_mm: FloatArray
    uncertainty_m: FloatArray
    city: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def long_lines(self) -> IntArray:
        """Which rows are the long ones."""
        return np.flatnonzero(self.city < 0)

    def lines(self) -> ObjectArray:
        """A LineString a pipe, lon/lat."""
        shapes: ObjectArray = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, self.xy, (self.offsets,)
        )
        return shapes

    def source_ids(self, first: int = 0) -> list[str]:
        """Stable names, as a utility's id column has them, counted from `first`."""
        return [f"P{number}" for number in range(first, first + len(self))]

    def class_words(self) -> ObjectArray:
        """The pressure class of each pipe as its word; None unknown."""
        words: ObjectArray = np.array([*(name.value for name in CLASSES), None], dtype=object)
        return words[self.pressure_class]

    def of(self, some: BoolArray) -> "Network":
        """Some of the pipes, in their order."""
        kept = np.repeat(some, np.diff(self.offsets))
        return Network(
            seed=self.seed,
            xy=self.xy[kept],
            offsets=offsets_of(np.diff(self.offsets)[some]),
            pressure_class=self.pressure_class[some],
            diameter_mm=self.diameter_mm[some],
            uncertainty_m=self.uncertainty_m[some],
            city=self.city[some],
        )

    def without_long_lines(self) -> "Network":
        """The same cities, nothing between them."""
        return self.of(self.city >= 0)


def make_network(pipes: int, seed: int = 7) -> Network:
    """The network of `pipes` rows; the same bytes for the same seed and number."""
    rng = np.random.default_rng([seed, pipes])
    long_lines = min(max(1, round(pipes * LONG_LINES_PER_PIPE)), pipes)
    in_cities = pipes - long_lines
    city = rng.choice(len(CITIES), in_cities, p=[town.share for town in CITIES.values()])
    town_xy, town_offsets = _city_pipes(rng, city, pipes)
    line_xy, line_offsets = _long_lines(rng, long_lines, pipes)
    drawn = np.r_[
        rng.choice(len(CLASSES), in_cities, p=SHARES), np.full(long_lines, CLASSES.index(PressureClass.HP_A))
    ]
    diameters = np.array(DIAMETERS_MM)[drawn, rng.integers(0, 4, pipes)]
    return Network(
        seed=seed,
        xy=np.concatenate([town_xy, line_xy]),
        offsets=np.concatenate([town_offsets, town_offsets[-1] + line_offsets[1:]]),
        pressure_class=np.where(rng.random(pipes) < UNKNOWN_CLASS, -1, drawn).astype(np.int8),
        diameter_mm=np.where(rng.random(pipes) < UNKNOWN_DIAMETER, np.nan, diameters),
        uncertainty_m=rng.choice(UNCERTAINTIES_M, pipes),
        city=np.r_[city, np.full(long_lines, -1)].astype(np.int8),
    )


def city_spread_km(pipes: int) -> FloatArray:
    """How far each city's pipes scatter (one sigma, km) so that its middle is PIPES_PER_KM2 dense."""
    shares = np.array([town.share for town in CITIES.values()])
    return np.asarray(np.sqrt(pipes * shares / (2 * np.pi * PIPES_PER_KM2)))


def city_places(rng: np.random.Generator, city: IntArray, pipes: int) -> FloatArray:
    """A place in each named city, scattered as the pipes of a network of that size are. Degrees."""
    towns = np.array([(town.lon, town.lat) for town in CITIES.values()])[city]
    away_km = rng.normal(0, 1, (len(city), 2)) * city_spread_km(pipes)[city][:, None]
    degree_km = 111.32 * np.column_stack([np.cos(np.radians(towns[:, 1])), np.ones(len(city))])
    return np.asarray(towns + away_km / degree_km)


def _city_pipes(rng: np.random.Generator, city: IntArray, pipes: int) -> tuple[FloatArray, IntArray]:
    """Short pipes along the streets of their city."""
    count = len(city)
    length_m = np.clip(MEDIAN_PIPE_M * np.exp(SPREAD_OF_PIPE * rng.standard_normal(count)), 1.0, 1000.0)
    edges = np.clip(rng.geometric(0.385, count), np.ceil(length_m / MOST_EDGE_M), MOST_VERTICES - 1)
    offsets = offsets_of(edges.astype(np.int64) + 1)
    line = np.repeat(np.arange(count), np.diff(offsets))
    streets = np.array([town.streets_rad for town in CITIES.values()])[city]
    along = streets + rng.integers(0, 4, count) * (np.pi / 2) + rng.normal(0, 0.05, count)
    heading = along[line] + rng.normal(0, 0.15, len(line))
    edge_m = (length_m / edges)[line] * rng.uniform(0.7, 1.3, len(line))
    return walk(city_places(rng, city, pipes), heading, edge_m, offsets), offsets


def _long_lines(rng: np.random.Generator, count: int, pipes: int) -> tuple[FloatArray, IntArray]:
    """Lines out of one city towards another, winding, of 20 to 200 km."""
    towns = np.array([(town.lon, town.lat) for town in CITIES.values()])
    begin = rng.integers(0, len(CITIES), count)
    to = (begin + rng.integers(1, len(CITIES), count)) % len(CITIES)
    length_m = 1000.0 * np.exp(rng.uniform(*np.log(LONG_LINE_KM), count))
    offsets = offsets_of(np.ceil(length_m / LONG_EDGE_M).astype(np.int64) + 1)
    line = np.repeat(np.arange(count), np.diff(offsets))
    away = (towns[to] - towns[begin]) * (0.8, 1.0)
    nth = np.arange(len(line)) - offsets[:-1][line]
    winding = 0.5 * np.sin(nth * LONG_EDGE_M / rng.uniform(3_000, 20_000, count)[line])
    heading = np.arctan2(away[:, 1], away[:, 0])[line] + winding + rng.normal(0, 0.03, len(line))
    edge_m = np.full(len(line), LONG_EDGE_M)
    return walk(city_places(rng, begin, pipes), heading, edge_m, offsets), offsets

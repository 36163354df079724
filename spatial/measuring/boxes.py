"""Widening boxes in degrees so that nothing within r metres can be missed."""

import numpy as np
from numpy.typing import NDArray

from spatial.values import Box

FloatArray = NDArray[np.float64]

METRES_PER_DEGREE_LATITUDE = 110_500.0
"""Below the least length of a degree of latitude on CGCS2000 (110,574 m at the equator)."""

METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR = 111_300.0
"""Below 111,320 m, the length of a degree of longitude at the equator; times cos(latitude) elsewhere."""


def widen(boxes: FloatArray, by_m: FloatArray | float) -> FloatArray:
    """Boxes that hold everything within `by_m` metres of `boxes`.

    boxes: (n, 4) west, south, east, north in degrees EPSG:4490. by_m: scalar or (n,), metres.
    The longitude step is taken at the highest latitude after widening, where a degree is shortest.
    """
    d_lat = by_m / METRES_PER_DEGREE_LATITUDE
    south = boxes[:, 1] - d_lat
    north = boxes[:, 3] + d_lat
    highest = np.minimum(np.maximum(np.abs(south), np.abs(north)), 89.9)
    d_lon = by_m / (METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR * np.cos(np.radians(highest)))
    return np.array([boxes[:, 0] - d_lon, south, boxes[:, 2] + d_lon, north]).T


def widened(box: Box, by_m: float) -> Box:
    """widen() of a single box, to the same bits: as columns of one row it would take ten times as long."""
    west, south, east, north = box
    d_lat = by_m / METRES_PER_DEGREE_LATITUDE
    south, north = south - d_lat, north + d_lat
    highest = min(max(abs(south), abs(north)), 89.9)
    d_lon = by_m / (METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR * float(np.cos(np.radians(highest))))
    return west - d_lon, south, east + d_lon, north

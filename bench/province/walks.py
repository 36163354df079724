"""Broken lines by the million: vertices of all lines in one array, and where each line begins."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

METRES_PER_DEGREE = 111_320.0
"""Only to lay shapes out: nothing is measured by it."""
DECIMALS = 9
"""0.1 mm, and what GeoJSON, GeoPackage and WKB all carry unchanged."""


def offsets_of(counts: IntArray) -> IntArray:
    """(n + 1,) where each of n runs begins, and the end of the last."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def walk(starts: FloatArray, heading: FloatArray, edge_m: FloatArray, offsets: IntArray) -> FloatArray:
    """(vertices, 2) lon/lat of lines that begin at `starts` and go `edge_m` under `heading` to each next vertex.

    starts: (n, 2) degrees. heading (radians from east) and edge_m: one a vertex, that of a line's first vertex unused.
    """
    line = np.repeat(np.arange(len(starts)), np.diff(offsets))
    step = np.column_stack([np.cos(heading), np.sin(heading)]) * edge_m[:, None]
    step[offsets[:-1]] = 0.0
    gone = np.cumsum(step, axis=0)
    return to_degrees(gone - gone[offsets[:-1]][line], starts[line])


def to_degrees(xy_m: FloatArray, near: FloatArray) -> FloatArray:
    """Metres east and north of `near` (lon/lat, a row each) -> lon/lat, rounded."""
    scale = np.column_stack([np.cos(np.radians(near[:, 1])), np.ones(len(near))])
    return np.asarray(np.round(near + xy_m / (METRES_PER_DEGREE * scale), DECIMALS))

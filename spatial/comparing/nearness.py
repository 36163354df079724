"""How much of some lines lies near others: for counting metres of network, not for judging a dig."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray
from spatial.measuring.pieces import IntArray

SAMPLE_M = 5.0
"""Lines are looked at in points so far apart at most."""


def shares_near(
    lines: NDArray[np.object_], lengths_m: FloatArray, others: NDArray[np.object_], within_m: float
) -> FloatArray:
    """(n,) what share of each line lies within `within_m` of any of `others`, to the step of SAMPLE_M.

    lines: LineStrings, lengths_m: as they are; others: any shapes. All lon/lat EPSG:4490, within a few degrees:
    over two degrees of latitude `within_m` is good to a tenth.
    """
    points, line = sample_points(lines, lengths_m)
    found, _ = near_points(points, others, within_m)
    near = np.zeros(len(points))
    near[found] = 1.0
    per_line = np.bincount(line, minlength=len(lines))
    shares: FloatArray = np.bincount(line, weights=near, minlength=len(lines)) / np.maximum(per_line, 1)
    return shares


def sample_points(lines: NDArray[np.object_], lengths_m: FloatArray) -> tuple[NDArray[np.object_], IntArray]:
    """Points along each line, evenly, and the line each is of."""
    counts = np.maximum(np.ceil(lengths_m / SAMPLE_M), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), counts)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = (nth + 0.5) / counts[line]
    points: NDArray[np.object_] = shapely.line_interpolate_point(lines[line], at, normalized=True)
    return points, line


def near_points(
    points: NDArray[np.object_], others: NDArray[np.object_], within_m: float
) -> tuple[IntArray, IntArray]:
    """All pairs (number of the point, number of the other) no further apart than `within_m`; points may be any shapes."""
    if not len(points) or not len(others):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    plane = as_a_plane(points)
    tree = shapely.STRtree(plane(others))
    found, other = tree.query(
        plane(points), predicate="dwithin", distance=within_m / METRES_PER_DEGREE_LATITUDE
    )
    return found, other


@dataclass(frozen=True, slots=True)
class Plane:
    """Degrees of longitude made as long as those of latitude; squeeze: what lon and lat are multiplied by."""

    squeeze: FloatArray

    def __call__(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        flat: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy * self.squeeze)
        return flat


def as_a_plane(shapes: NDArray[np.object_]) -> Plane:
    """The plane in the middle of some shapes, at least one."""
    middle = float(np.mean(shapely.bounds(shapes)[:, 1]))
    return Plane(np.array([np.cos(np.radians(middle)), 1.0]))

"""How much of some lines lies near others: for counting metres of network, not for judging a dig."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray
from spatial.measuring.pieces import IntArray

MOST_PAIRS = 200_000
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
    found, _ = nearest(points, others, within_m)
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


def nearest(
    points: NDArray[np.object_], others: NDArray[np.object_], within_m: float
) -> tuple[IntArray, IntArray]:
    """(number of the point, number of the nearest other), for those with one no further off than `within_m`; points may be
    any shapes. Not all pairs: where thousands lie on one another those are millions."""
    if not len(points) or not len(others):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    plane = as_a_plane(points)
    tree = shapely.STRtree(plane(others))
    found, other = tree.query_nearest(
        plane(points), max_distance=within_m / METRES_PER_DEGREE_LATITUDE, all_matches=False
    )
    return found, other


def near_pairs(
    points: NDArray[np.object_], others: NDArray[np.object_], within_m: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """All pairs (number of the point, number of the other) no further apart than `within_m`, the pairs of one point
    together, some MOST_PAIRS at a time: where thousands lie on one another there are millions."""
    if not len(points) or not len(others):
        return
    plane = as_a_plane(points)
    tree, flat = shapely.STRtree(plane(others)), plane(points)
    distance = within_m / METRES_PER_DEGREE_LATITUDE
    at = 0
    while at < len(flat):
        # What a few have is roughly what those between them have: neighbours follow each other in most files.
        few = np.unique(np.linspace(at, min(at + MOST_PAIRS, len(flat)) - 1, 32).astype(np.int64))
        each = max(len(tree.query(flat[few])[0]) // len(few), 1)
        until = at + max(MOST_PAIRS // each, 1)
        found, other = tree.query(flat[at:until], predicate="dwithin", distance=distance)
        yield found + at, other
        at = until


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

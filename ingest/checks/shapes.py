"""What looks wrong in the shapes: rows of an AssetTable by number."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.asset_table import AssetTable
from spatial.comparing.nearness import as_a_plane, near_pairs
from spatial.inventory.figures import lengths_m
from spatial.measuring.pieces import CGCS2000, IntArray

TOUCHING_M = 0.01
NEARLY_M = 0.5
"""Ends further apart than the one and nearer than the other were meant to meet, and nobody snapped them."""
LENGTH_SHARE, LENGTH_M = 0.05, 1.0
"""A stated length that is off by more than both is about another line."""
SAME_PLACE_DECIMALS = 8
"""Of degrees: a millimetre."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """all: of every row; row: the numbers of the pipes among them, line: their shapes."""

    all: NDArray[np.object_]
    row: IntArray
    line: NDArray[np.object_]

    @staticmethod
    def of(assets: AssetTable) -> "Shapes":
        shapes = assets.geometry()
        row = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
        return Shapes(shapes, row, shapes[row])


def crossing_themselves(shapes: Shapes) -> IntArray:
    rows: IntArray = shapes.row[~shapely.is_simple(shapes.line)]
    return rows


def drawn_twice(shapes: Shapes) -> IntArray:
    """Whichever way round they run."""
    coarse = shapely.transform(shapes.all, lambda xy: xy.round(SAME_PLACE_DECIMALS) + 0.0)
    seen: set[bytes] = set()
    rows = []
    for row, shape in enumerate(shapely.to_wkb(shapely.normalize(coarse)).tolist()):
        if shape in seen:
            rows.append(row)
        seen.add(shape)
    return np.array(rows, np.int64)


@dataclass(frozen=True, slots=True)
class Joints:
    """nearly: pipes with an end that was meant to meet something; alone: pipes that nothing is near."""

    nearly: IntArray
    alone: IntArray


def joints(shapes: Shapes) -> Joints:
    """Every end of a pipe beside all that lies within NEARLY_M of it, its own pipe left out."""
    if not len(shapes.row):
        return Joints(shapes.row, shapes.row)
    parts, line = shapely.get_parts(shapes.line, return_index=True)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    row = np.tile(shapes.row[line], 2)
    joined, near = np.zeros(len(ends), dtype=np.bool_), np.zeros(len(ends), dtype=np.bool_)
    met = np.zeros(len(shapes.all), dtype=np.bool_)
    for end, other in near_pairs(ends, shapes.all, NEARLY_M):
        apart = row[end] != other
        end, other = end[apart], other[apart]
        metres = _metres_between(ends[end], shapes.all[other])
        joined[end[metres <= TOUCHING_M]] = True
        near[end[(metres > TOUCHING_M) & (metres <= NEARLY_M)]] = True
        met[row[end]] = met[other] = True
    alone = shapes.row[~met[shapes.row]] if len(shapes.all) > 1 else shapes.row[:0]
    return Joints(np.unique(row[near & ~joined]), alone)


def _metres_between(points: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    if not len(points):
        return np.empty(0)
    flat = as_a_plane(points)
    shortest = shapely.get_coordinates(shapely.shortest_line(flat(points), flat(others)))
    lonlat = (shortest / flat.squeeze).reshape(-1, 4)
    metres: NDArray[np.float64] = CGCS2000.inv(*lonlat.T)[2]
    return metres


def length_differs(assets: AssetTable, stated_m: NDArray[np.float64]) -> IntArray:
    """stated_m: (n,) metres, NaN where nobody says."""
    drawn = lengths_m(assets)
    off = np.abs(drawn - stated_m)
    return np.flatnonzero((drawn > 0) & (off > LENGTH_M) & (off > LENGTH_SHARE * stated_m))


def outside(shapes: Shapes, service_area: BaseGeometry | None) -> IntArray:
    if service_area is None:
        return np.empty(0, np.int64)
    shapely.prepare(service_area)
    return np.flatnonzero(~shapely.covers(service_area, shapes.all))

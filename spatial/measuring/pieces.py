"""Cutting pipes into short pieces, so that a 200 km line's box does not cover a city.

A piece carries the geodesic chainage of its ends and a box widened by all that can make the pipe
nearer than its drawn axis: its radius and its uncertainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from spatial.measuring.boxes import FloatArray, widen
from spatial.wkb import Octets

SEGMENTS_PER_PIECE = 8
BOX_SLACK_M = 0.05
SIDE_BY_SIDE = 64
"""Vertices of a line up to which many are summed together."""
CGCS2000 = Geod(a=6378137.0, rf=298.257222101)
"""The ellipsoid of CGCS2000 (GB 22021-2008)."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Columns, one row a piece. `asset` is the index of the geometry it was cut from.

    geometry: lon/lat EPSG:4490; from_m, to_m: geodesic chainage along the asset (0, 0 for a facility);
    boxes: (n, 4) degrees, widened.
    """

    asset: IntArray
    geometry: NDArray[np.object_]
    from_m: FloatArray
    to_m: FloatArray
    boxes: FloatArray


def cut(geometries: Sequence[BaseGeometry] | NDArray[np.object_], widen_by_m: FloatArray) -> Cuts:
    """Cut lines into pieces of at most 8 segments; points and areas stay one piece each.

    geometries: lon/lat EPSG:4490. widen_by_m: (n,) metres, radius + uncertainty of each asset.
    The chainage of a MultiLineString runs on through its parts in their order.
    """
    whole = np.asarray(geometries, dtype=object)
    is_line = np.isin(shapely.get_type_id(whole), [1, 5])
    assets: list[IntArray] = []
    shapes: list[NDArray[np.object_]] = []
    starts: list[FloatArray] = []
    ends: list[FloatArray] = []

    facilities = np.flatnonzero(~is_line)
    if facilities.size:
        assets.append(facilities)
        shapes.append(whole[facilities])
        starts.append(np.zeros(facilities.size))
        ends.append(np.zeros(facilities.size))

    lines = np.flatnonzero(is_line)
    if lines.size:
        line_assets, line_shapes, line_from, line_to = _cut_lines(whole[lines])
        assets.append(lines[line_assets])
        shapes.append(line_shapes)
        starts.append(line_from)
        ends.append(line_to)

    if not assets:
        empty = np.empty(0)
        return Cuts(np.empty(0, np.int64), np.empty(0, object), empty, empty, np.empty((0, 4)))
    asset = np.concatenate(assets)
    order = np.argsort(asset, kind="stable")
    asset = asset[order]
    geometry = np.concatenate(shapes)[order]
    return Cuts(
        asset=asset,
        geometry=geometry,
        from_m=np.concatenate(starts)[order],
        to_m=np.concatenate(ends)[order],
        boxes=_boxes(asset, geometry, widen_by_m),
    )


def joined_cuts(parts: Sequence[tuple[int, Cuts]]) -> Cuts:
    """The cuts of consecutive runs of geometries as those of all; each with the number of its first geometry."""
    if not parts:
        return cut([], np.empty(0))
    return Cuts(
        asset=np.concatenate([cuts.asset + first for first, cuts in parts]),
        geometry=np.concatenate([cuts.geometry for _, cuts in parts]),
        from_m=np.concatenate([cuts.from_m for _, cuts in parts]),
        to_m=np.concatenate([cuts.to_m for _, cuts in parts]),
        boxes=np.concatenate([cuts.boxes for _, cuts in parts]),
    )


def cut_wkb(wkb: NDArray[np.object_], widen_by_m: FloatArray) -> Cuts:
    """cut() of geometries as they stand in an AssetTable: where all are lines of one part, no shape is made of them."""
    octets = Octets(wkb)
    if not octets.single.all():
        return cut(shapely.from_wkb(wkb), widen_by_m)
    asset, geometry, from_m, to_m = _cut_runs(octets.xy, octets.runs[:-1], np.arange(len(wkb)))
    return Cuts(asset, geometry, from_m, to_m, _boxes(asset, geometry, widen_by_m))


def _boxes(asset: IntArray, geometry: NDArray[np.object_], widen_by_m: FloatArray) -> FloatArray:
    margin = np.asarray(widen_by_m, dtype=np.float64)[asset] + BOX_SLACK_M
    return widen(shapely.bounds(geometry), margin)


def _cut_lines(
    lines: NDArray[np.object_],
) -> tuple[IntArray, NDArray[np.object_], FloatArray, FloatArray]:
    parts, line_of_part = shapely.get_parts(lines, return_index=True)
    xy, part_of_vertex = shapely.get_coordinates(parts, return_index=True)
    part_start = np.flatnonzero(np.r_[True, part_of_vertex[1:] != part_of_vertex[:-1]])
    return _cut_runs(xy, part_start, line_of_part)


def _cut_runs(
    xy: FloatArray, part_start: IntArray, line_of_part: IntArray
) -> tuple[IntArray, NDArray[np.object_], FloatArray, FloatArray]:
    """All lines at once: vertices in one array, pieces as runs of it."""
    part_length = np.diff(np.r_[part_start, len(xy)])

    # Geodesic length of the edge that ends at each vertex; 0 at the first vertex of a part.
    edge_m = np.zeros(len(xy))
    _, _, edge_m[1:] = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    edge_m[part_start] = 0.0
    line_start = part_start[np.flatnonzero(np.r_[True, line_of_part[1:] != line_of_part[:-1]])]
    chainage = _summed(edge_m, line_start)

    pieces_of_part = -(-(part_length - 1) // SEGMENTS_PER_PIECE)
    part_of_piece = np.repeat(np.arange(len(part_start)), pieces_of_part)
    nth = np.arange(len(part_of_piece)) - np.repeat(
        np.cumsum(pieces_of_part) - pieces_of_part, pieces_of_part
    )
    begin = part_start[part_of_piece] + nth * SEGMENTS_PER_PIECE
    end = np.minimum(begin + SEGMENTS_PER_PIECE, part_start[part_of_piece] + part_length[part_of_piece] - 1)

    counts = end - begin + 1
    piece_of_vertex = np.repeat(np.arange(len(begin)), counts)
    vertex = np.arange(counts.sum()) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
    shapes = shapely.linestrings(xy[vertex], indices=piece_of_vertex)
    return line_of_part[part_of_piece], shapes, chainage[begin], chainage[end]


def _summed(edge_m: FloatArray, line_start: IntArray) -> FloatArray:
    """The running sum of `edge_m` along each line.

    Summed line by line, not over the batch: cutting one line again must give the same bits. Short lines, which nearly
    all are, are walked side by side: the second vertices of all, then the third of all that have one.
    """
    summed = edge_m.copy()
    lengths = np.diff(np.r_[line_start, len(edge_m)])
    for start, length in zip(
        line_start[lengths > SIDE_BY_SIDE], lengths[lengths > SIDE_BY_SIDE], strict=True
    ):
        np.cumsum(edge_m[start : start + length], out=summed[start : start + length])
    walked = lengths <= SIDE_BY_SIDE
    starts, lengths = line_start[walked], lengths[walked]
    for step in range(1, int(lengths.max(initial=0))):
        here = starts[lengths > step] + step
        summed[here] += summed[here - 1]
    return summed

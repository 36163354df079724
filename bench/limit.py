"""The limit: how fast ids and distances of all conflicts could come at all, on one machine, without any register.

Segments packed one to a cache line, sorted as they lie, in a grid that holds each wherever its own reach touches; a
kernel for two threads that does nothing but find pairs and their least distances. Made for the bench alone: it knows no
grades, no intervals, no revisions, no doubts.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from bench.province.walks import FloatArray, IntArray

THREADS = 2
PARTS = 8
"""Of a batch, so that no thread waits long for the other."""
CELL_DEG = 0.0005
"""About 55 m north, 45 m east: a house front's worth of segments."""
CELLS_A_BLOCK_SIDE = 64
"""The grid is kept in blocks, and only where there are pipes."""
SLACK_M = 0.05
METRES_PER_DEGREE = 110_500.0
"""Below a degree of latitude: boxes may be too large, never too small."""
WGS_A, WGS_E2 = 6378137.0, 0.00669438002290
"""CGCS2000."""

LON_1, LAT_1, LON_2, LAT_2, M_EAST, M_NORTH, REACH, ASSET = range(8)
"""Columns of a packed segment: its ends, metres per degree in the middle of it, how far it reaches, whose it is."""


@dataclass(frozen=True, slots=True)
class Grid:
    """segments: (n, 8); cell c holds the segments members[starts[c]:starts[c + 1]].

    directory: (columns, rows) of blocks, -1 where there is nothing; west, south: of its corner.
    """

    segments: FloatArray
    directory: NDArray[np.int32]
    starts: IntArray
    members: NDArray[np.int32]
    west: float
    south: float

    @property
    def megabytes(self) -> float:
        return (self.segments.nbytes + self.directory.nbytes + self.starts.nbytes + self.members.nbytes) / 1e6


@dataclass(frozen=True, slots=True)
class PackedSites:
    """xy: (vertices, 2); site i owns offsets[i] to offsets[i + 1]; is_area; reach_m: half width and doubt."""

    xy: FloatArray
    offsets: IntArray
    is_area: NDArray[np.bool_]
    reach_m: FloatArray


@dataclass(frozen=True, slots=True)
class Hits:
    """One row a conflict, by site and asset: axis_m is the distance between the two drawn shapes."""

    site: IntArray
    asset: IntArray
    axis_m: FloatArray

    def __len__(self) -> int:
        return len(self.site)


def pack_segments(xy: FloatArray, offsets: IntArray, reach_m: FloatArray) -> FloatArray:
    """(n, 8) packed segments of lines, in the order of the grid's cells."""
    begins = np.ones(len(xy), dtype=np.bool_)
    begins[offsets[1:] - 1] = False
    first = np.flatnonzero(begins)
    asset = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets) - 1)
    packed = np.empty((len(first), 8))
    packed[:, :2], packed[:, 2:4] = xy[first], xy[first + 1]
    latitude = np.radians((packed[:, LAT_1] + packed[:, LAT_2]) / 2)
    curved = 1 - WGS_E2 * np.sin(latitude) ** 2
    packed[:, M_EAST] = np.radians(WGS_A * np.cos(latitude) / np.sqrt(curved))
    packed[:, M_NORTH] = np.radians(WGS_A * (1 - WGS_E2) / curved**1.5)
    packed[:, REACH], packed[:, ASSET] = reach_m[asset], asset
    middle = (packed[:, :2] + packed[:, 2:4]) / 2
    return np.ascontiguousarray(packed[_by_cell(middle)])


def build_grid(segments: FloatArray) -> Grid:
    """The grid over packed segments."""
    widest = (segments[:, REACH].max() + SLACK_M) / segments[:, M_EAST].min()
    ends = np.concatenate([segments[:, :2], segments[:, 2:4]])
    west, south = ends.min(axis=0) - 2 * widest
    east, north = ends.max(axis=0) + 2 * widest
    side = CELL_DEG * CELLS_A_BLOCK_SIDE
    shape = (int((east - west) / side) + 1, int((north - south) / side) + 1)
    directory, starts, members = _fill(segments, west, south, np.full(shape, -1, dtype=np.int32))
    return Grid(segments, directory, starts, members, float(west), float(south))


def pack_sites(geometry: NDArray[np.object_], reach_m: FloatArray) -> PackedSites:
    """Points, lines and areas without holes, as runs of vertices."""
    xy, site = shapely.get_coordinates(geometry, return_index=True)
    offsets = np.searchsorted(site, np.arange(len(geometry) + 1))
    return PackedSites(xy, offsets, shapely.get_dimensions(geometry) == 2, reach_m)


def conflicts(grid: Grid, sites: PackedSites) -> Hits:
    """All pairs whose distance is at most what both reach; two threads, neighbours one after the other."""
    order = _by_cell(sites.xy[sites.offsets[:-1]])
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(lambda some: _found(grid, sites, some), np.array_split(order, PARTS)))
    site, asset, axis_m = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Hits(site, asset, axis_m)


def conflicts_of_one(grid: Grid, site: PackedSites) -> Hits:
    """The same of one site, with nothing round the kernel."""
    return Hits(*_found(grid, site, _FIRST))


_FIRST = np.zeros(1, dtype=np.int64)


def _found(grid: Grid, sites: PackedSites, order: IntArray) -> Any:
    return _search(
        grid.segments,
        grid.directory,
        grid.starts,
        grid.members,
        grid.west,
        grid.south,
        sites.xy,
        sites.offsets,
        sites.is_area,
        sites.reach_m,
        order,
    )


def in_order(hits: Hits) -> Hits:
    """By site, then asset: to compare sets, not part of what is timed."""
    order = np.lexsort([hits.asset, hits.site])
    return Hits(hits.site[order], hits.asset[order], hits.axis_m[order])


def is_compiled() -> bool:
    """Whether numba compiled the kernel."""
    return hasattr(_search, "py_func") and not os.environ.get("NUMBA_DISABLE_JIT")


def _by_cell(places: FloatArray) -> IntArray:
    """An order in which neighbours follow each other: by block, then by cell."""
    cell = np.floor(places / CELL_DEG).astype(np.int64)
    block = cell // CELLS_A_BLOCK_SIDE
    return np.lexsort([cell[:, 0], cell[:, 1], block[:, 0], block[:, 1]])


# -- the kernel: plain loops over plain arrays ---------------------------------------------------------


@njit(nogil=True)
def _cell(degrees: float, corner: float) -> int:
    return int((degrees - corner) / CELL_DEG)


@njit(nogil=True)
def _cells_of(segments: FloatArray, s: int, west: float, south: float) -> tuple[int, int, int, int]:
    """First and last column, first and last row of the cells that a segment's reach touches."""
    by_x = (segments[s, REACH] + SLACK_M) / segments[s, M_EAST] * 1.001
    by_y = (segments[s, REACH] + SLACK_M) / METRES_PER_DEGREE
    return (
        _cell(min(segments[s, LON_1], segments[s, LON_2]) - by_x, west),
        _cell(max(segments[s, LON_1], segments[s, LON_2]) + by_x, west),
        _cell(min(segments[s, LAT_1], segments[s, LAT_2]) - by_y, south),
        _cell(max(segments[s, LAT_1], segments[s, LAT_2]) + by_y, south),
    )


@njit(nogil=True)
def _place(directory: NDArray[np.int32], column: int, row: int) -> int:
    """The number of a cell; -1 where there is no block."""
    block = directory[column // CELLS_A_BLOCK_SIDE, row // CELLS_A_BLOCK_SIDE]
    if block < 0:
        return -1
    within = (column % CELLS_A_BLOCK_SIDE) * CELLS_A_BLOCK_SIDE + row % CELLS_A_BLOCK_SIDE
    return block * CELLS_A_BLOCK_SIDE * CELLS_A_BLOCK_SIDE + within


@njit(nogil=True)
def _fill(
    segments: FloatArray, west: float, south: float, directory: NDArray[np.int32]
) -> tuple[NDArray[np.int32], IntArray, NDArray[np.int32]]:
    """Number the blocks, count the members of each cell, put them in."""
    blocks = 0
    for s in range(len(segments)):
        x0, x1, y0, y1 = _cells_of(segments, s, west, south)
        for bx in range(x0 // CELLS_A_BLOCK_SIDE, x1 // CELLS_A_BLOCK_SIDE + 1):
            for by in range(y0 // CELLS_A_BLOCK_SIDE, y1 // CELLS_A_BLOCK_SIDE + 1):
                if directory[bx, by] < 0:
                    directory[bx, by] = blocks
                    blocks += 1
    starts = np.zeros(blocks * CELLS_A_BLOCK_SIDE * CELLS_A_BLOCK_SIDE + 1, dtype=np.int64)
    for s in range(len(segments)):
        x0, x1, y0, y1 = _cells_of(segments, s, west, south)
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                starts[_place(directory, x, y) + 1] += 1
    for cell in range(len(starts) - 1):
        starts[cell + 1] += starts[cell]
    members = np.empty(starts[-1], dtype=np.int32)
    filled = starts[:-1].copy()
    for s in range(len(segments)):
        x0, x1, y0, y1 = _cells_of(segments, s, west, south)
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                cell = _place(directory, x, y)
                members[filled[cell]] = s
                filled[cell] += 1
    return directory, starts, members


@njit(nogil=True)
def _search(
    segments: FloatArray,
    directory: NDArray[np.int32],
    starts: IntArray,
    members: NDArray[np.int32],
    west: float,
    south: float,
    xy: FloatArray,
    offsets: IntArray,
    is_area: NDArray[np.bool_],
    reach_m: FloatArray,
    order: IntArray,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Sites in the given order: their hits, each asset once."""
    room = 4 * len(order) + 1024
    site_out = np.empty(room, dtype=np.int64)
    asset_out = np.empty(room, dtype=np.int64)
    square_out = np.empty(room)
    count = 0
    columns = directory.shape[0] * CELLS_A_BLOCK_SIDE
    rows = directory.shape[1] * CELLS_A_BLOCK_SIDE
    for site in order:
        begin, end, reach = offsets[site], offsets[site + 1], reach_m[site]
        mine = count
        # A line is looked for edge by edge, so that a slanting trench does not ask for a town; an area whole.
        runs = 1 if is_area[site] or end - begin == 1 else end - begin - 1
        for run in range(runs):
            first = begin + run
            last = end if runs == 1 else first + 2
            low_x = high_x = xy[first, 0]
            low_y = high_y = xy[first, 1]
            for v in range(first + 1, last):
                low_x, high_x = min(low_x, xy[v, 0]), max(high_x, xy[v, 0])
                low_y, high_y = min(low_y, xy[v, 1]), max(high_y, xy[v, 1])
            by_y = reach / METRES_PER_DEGREE
            by_x = by_y / np.cos(np.radians(high_y + by_y))
            low_x, high_x, low_y, high_y = low_x - by_x, high_x + by_x, low_y - by_y, high_y + by_y
            x0, x1 = max(_cell(low_x, west), 0), min(_cell(high_x, west), columns - 1)
            y0, y1 = max(_cell(low_y, south), 0), min(_cell(high_y, south), rows - 1)
            if high_x < west or high_y < south:
                continue
            for x in range(x0, x1 + 1):
                for y in range(y0, y1 + 1):
                    cell = _place(directory, x, y)
                    if cell < 0:
                        continue
                    for m in range(starts[cell], starts[cell + 1]):
                        s = members[m]
                        grown = (segments[s, REACH] + SLACK_M) / segments[s, M_EAST] * 1.001
                        seg_low_x = min(segments[s, 0], segments[s, 2]) - grown
                        if seg_low_x > high_x or max(segments[s, 0], segments[s, 2]) + grown < low_x:
                            continue
                        tall = (segments[s, REACH] + SLACK_M) / METRES_PER_DEGREE
                        seg_low_y = min(segments[s, 1], segments[s, 3]) - tall
                        if seg_low_y > high_y or max(segments[s, 1], segments[s, 3]) + tall < low_y:
                            continue
                        # A segment in several cells is measured in the first that both touch.
                        if x != max(_cell(seg_low_x, west), x0) or y != max(_cell(seg_low_y, south), y0):
                            continue
                        most = segments[s, REACH] + reach
                        square = _square_m(segments, s, xy, first, last, is_area[site], most)
                        if square > most * most:
                            continue
                        asset = int(segments[s, ASSET])
                        known = -1
                        for hit in range(count - 1, mine - 1, -1):
                            if asset_out[hit] == asset:
                                known = hit
                                break
                        if known >= 0:
                            square_out[known] = min(square_out[known], square)
                            continue
                        if count == room:
                            room *= 2
                            site_out = _grown(site_out, room)
                            asset_out = _grown(asset_out, room)
                            square_out = _grown(square_out, room)
                        site_out[count], asset_out[count], square_out[count] = site, asset, square
                        count += 1
    return site_out[:count].copy(), asset_out[:count].copy(), np.sqrt(square_out[:count])


@njit(nogil=True)
def _grown(values: Any, room: int) -> Any:
    larger = np.empty(room, dtype=values.dtype)
    larger[: len(values)] = values
    return larger


@njit(nogil=True)
def _square_m(
    segments: FloatArray, s: int, xy: FloatArray, first: int, last: int, area: bool, most: float
) -> float:
    """Square of the distance of a segment to the vertices first to last of a site, in the plane of the segment.

    Beyond `most` any larger number may come back.
    """
    lon, lat = segments[s, LON_1], segments[s, LAT_1]
    east, north = segments[s, M_EAST], segments[s, M_NORTH]
    bx, by = (segments[s, LON_2] - lon) * east, (segments[s, LAT_2] - lat) * north
    left, right = min(0.0, bx) - most, max(0.0, bx) + most
    below, above = min(0.0, by) - most, max(0.0, by) + most
    px, py = (xy[first, 0] - lon) * east, (xy[first, 1] - lat) * north
    if last - first == 1:
        return _to_point(0.0, 0.0, bx, by, px, py)
    least = np.inf
    inside = False
    for v in range(first + 1, last):
        qx, qy = (xy[v, 0] - lon) * east, (xy[v, 1] - lat) * north
        if area and (py > 0.0) != (qy > 0.0) and px - py * (qx - px) / (qy - py) > 0.0:
            inside = not inside
        near = min(px, qx) <= right and max(px, qx) >= left and min(py, qy) <= above and max(py, qy) >= below
        if near:
            square = _between(bx, by, px, py, qx, qy)
            if square < least:
                least = square
                if least == 0.0:
                    return 0.0
        px, py = qx, qy
    # The segment's first end stands for all of it: did it cross the outline, the distance was 0 above.
    return 0.0 if inside else least


@njit(nogil=True)
def _between(bx: float, by: float, px: float, py: float, qx: float, qy: float) -> float:
    """Square of the distance of the segment (0, 0)-(bx, by) to the segment p-q."""
    side_p = bx * py - by * px
    side_q = bx * qy - by * qx
    dx, dy = qx - px, qy - py
    side_0 = dx * -py - dy * -px
    side_b = dx * (by - py) - dy * (bx - px)
    if side_p * side_q < 0.0 and side_0 * side_b < 0.0:
        return 0.0
    return min(
        min(_to_point(0.0, 0.0, bx, by, px, py), _to_point(0.0, 0.0, bx, by, qx, qy)),
        min(_to_point(px, py, qx, qy, 0.0, 0.0), _to_point(px, py, qx, qy, bx, by)),
    )


@njit(nogil=True)
def _to_point(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Square of the distance of the segment a-b to the point p."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0
    if length > 0.0:
        along = min(max(((px - ax) * dx + (py - ay) * dy) / length, 0.0), 1.0)
    x, y = ax + along * dx - px, ay + along * dy - py
    return x * x + y * y

"""A region's pipes laid out for many questions: each piece on its plane once, its edges in a grid.

An edge stands in every cell that its reach touches, the reach being its own: what a low-pressure pipe needs is a tenth
of what a high-pressure one does, and most pipes are low. What may meet is looked for in degrees, on no plane at all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.bulk.kernels import ALONG_X, ALONG_Y, AX, AY, PER_SQUARE, PLANE, RANK, REACH
from spatial.found import Region
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray, widen
from spatial.measuring.intervals import edges_of
from spatial.measuring.pieces import IntArray
from spatial.measuring.plane import nearest_meridian, places_on_plane

CELL_DEG = 60.0 / METRES_PER_DEGREE_LATITUDE
BLOCK_CELLS = 64
"""To a side of what stands together in memory: about 4 km."""
MOST_CELLS = 4_000_000
"""Ground wider than a region of the register (0.3 degrees) gets wider cells, so that an empty grid stays small."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Boxes in square cells: cell c holds starts[c] to starts[c + 1] of `members`, whose boxes are `held`: (m, 4) west,
    south, east, north, degrees."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int
    starts: IntArray
    members: NDArray[np.int32]
    held: FloatArray

    @staticmethod
    def of(boxes: FloatArray) -> "Grid":
        """boxes: (n, 4) as held."""
        west, south = boxes[:, :2].min(axis=0, initial=180.0).tolist()
        wide, tall = np.maximum(boxes[:, 2:].max(axis=0, initial=-180.0) - (west, south), 0.0).tolist()
        cell = max(CELL_DEG, float(np.sqrt(wide * tall / MOST_CELLS)), wide / MOST_CELLS, tall / MOST_CELLS)
        columns, rows = int(wide / cell) + 1, int(tall / cell) + 1
        # By float division and truncation, as the search does: one rounding for both.
        number = np.minimum(
            ((boxes - (west, south, west, south)) / cell).astype(np.int64), (columns - 1, rows - 1) * 2
        )
        left, low = number[:, 0], number[:, 1]
        across = number[:, 2] - left + 1
        box, nth = spread(across * (number[:, 3] - low + 1))
        up, along = np.divmod(nth, across[box])
        place = (low[box] + up) * columns + left[box] + along
        order = np.argsort(place, kind="stable")
        members = box[order].astype(np.int32)
        starts = np.searchsorted(place[order], np.arange(columns * rows + 1)).astype(np.int64)
        return Grid(west, south, cell, columns, rows, starts, members, boxes[members])

    def searched(self) -> tuple[Any, ...]:
        """As meetings() takes it."""
        return (
            *(self.starts, self.members, self.held),
            *(self.west, self.south, self.cell, self.columns, self.rows),
        )


def spread(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For counts of things: the owner of each, and its number among the owner's."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


@dataclass(frozen=True, slots=True)
class Field:
    """The pieces of a region, each on the plane it is nearest to.

    edges: (n, 8) as the kernels read them, by ground; of each, piece: its row, plane: index into `meridians`; grid: of the edges, each
    widened by its reach. areas: rows of pieces that are areas and may hold a site whole; area_tree of their bounds.
    """

    meridians: tuple[int, ...]
    edges: FloatArray
    piece: IntArray
    plane: NDArray[np.int16]
    grid: Grid
    areas: IntArray
    area_tree: shapely.STRtree


def field_of(region: Region, reach_m: FloatArray, rank: IntArray) -> Field:
    """Of each asset, reach_m: from its drawn shape, without the site's own half width and doubt; rank: its place in the
    order of judge()."""
    meridians, plane = np.unique(nearest_meridian(region.geometry), return_inverse=True)
    drawn = edges_of(region.geometry)
    # In the order of the ground, so that neighbours lie together in memory too.
    order = _by_ground(drawn.xy[:, 0])
    xy, piece = drawn.xy[order], drawn.owner[order]
    asset = region.asset[piece]
    ends = on_planes(xy.reshape(-1, 2), np.repeat(plane[piece], 2), meridians.tolist()).reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    square = (along * along).sum(axis=1)
    edges = np.empty((len(piece), 8))
    edges[:, [AX, AY]], edges[:, [ALONG_X, ALONG_Y]] = ends[:, 0], along
    edges[:, PER_SQUARE] = np.divide(1.0, square, out=np.zeros_like(square), where=square > 0)
    edges[:, REACH], edges[:, RANK], edges[:, PLANE] = reach_m[asset], rank[asset], plane[piece]
    bounds = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    areas = np.flatnonzero(shapely.get_dimensions(region.geometry) == 2)
    return Field(
        meridians=tuple(meridians.tolist()),
        edges=edges,
        piece=piece,
        plane=plane[piece].astype(np.int16),
        grid=Grid.of(widen(bounds, reach_m[asset])),
        areas=areas,
        area_tree=shapely.STRtree(
            np.asarray(shapely.box(*shapely.bounds(region.geometry[areas]).T), dtype=object)
        ),
    )


def on_planes(lonlat: FloatArray, plane: IntArray, meridians: list[int]) -> FloatArray:
    """Places, each on its own plane."""
    metres = np.empty_like(lonlat)
    for number, meridian in enumerate(meridians):
        rows = np.flatnonzero(plane == number)
        metres[rows] = finite_on_plane(lonlat[rows], meridian)
    return metres


def finite_on_plane(lonlat: FloatArray, meridian_tenths: int) -> FloatArray:
    """As places_on_plane().

    :raises ValueError: a place that the plane does not hold. No distance from it compares as near: it would be lost.
    """
    metres = places_on_plane(lonlat, meridian_tenths)
    if not np.isfinite(metres).all():
        raise ValueError("a place is not a finite number of metres on its plane")
    return metres


def _by_ground(at: FloatArray) -> IntArray:
    """An order in which neighbours stand together. at: (n, 2) degrees."""
    cell = np.floor(at / CELL_DEG).astype(np.int64)
    block = cell // BLOCK_CELLS
    return np.lexsort([cell[:, 0], cell[:, 1], block[:, 0], block[:, 1]]).astype(np.int64)

"""A region's pipes laid out for many questions: each piece on its plane once, its edges in a grid.

An edge stands in every cell that its reach touches, the reach being its own: what a low-pressure pipe needs is a tenth
of what a high-pressure one does, and most pipes are low. What may meet is looked for in degrees, on no plane at all.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from spatial.found import Region
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray, widen
from spatial.measuring.intervals import edges_of
from spatial.measuring.pieces import IntArray
from spatial.measuring.plane import nearest_meridian, places_on_plane

CELL_DEG = 40.0 / METRES_PER_DEGREE_LATITUDE
MOST_CELLS = 4_000_000
"""Ground wider than a region of the register (0.3 degrees) gets wider cells, so that an empty grid stays small."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Boxes in square cells: cell c holds the members starts[c] to starts[c + 1], whose boxes are columns here."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int
    starts: IntArray
    members: IntArray
    left: FloatArray
    low: FloatArray
    right: FloatArray
    high: FloatArray

    @staticmethod
    def of(boxes: FloatArray) -> "Grid":
        """boxes: (n, 4) west, south, east, north, degrees."""
        west, south = boxes[:, :2].min(axis=0, initial=180.0).tolist()
        wide, tall = np.maximum(boxes[:, 2:].max(axis=0, initial=-180.0) - (west, south), 0.0).tolist()
        cell = max(CELL_DEG, float(np.sqrt(wide * tall / MOST_CELLS)), wide / MOST_CELLS, tall / MOST_CELLS)
        columns, rows = int(wide / cell) + 1, int(tall / cell) + 1
        none = np.empty(0)
        empty = Grid(
            west, south, cell, columns, rows, none.astype(int), none.astype(int), none, none, none, none
        )
        box, place = empty._cells(boxes)
        order = np.argsort(place, kind="stable")
        members = box[order]
        starts = np.searchsorted(place[order], np.arange(columns * rows + 1)).astype(np.int64)
        return Grid(west, south, cell, columns, rows, starts, members, *boxes[members].T.copy())

    def _number(self, degrees: FloatArray, corner: float, most: int) -> IntArray:
        at: IntArray = ((degrees - corner) / self.cell).astype(np.int64)
        return np.minimum(np.maximum(at, 0, out=at), most - 1, out=at)

    def _cells(self, boxes: FloatArray) -> tuple[IntArray, IntArray]:
        """Every cell that each box touches: the index of the box, and the cell. A box outside is taken to the rim."""
        left = self._number(boxes[:, 0], self.west, self.columns)
        low = self._number(boxes[:, 1], self.south, self.rows)
        across = self._number(boxes[:, 2], self.west, self.columns) - left + 1
        box, nth = spread(across * (self._number(boxes[:, 3], self.south, self.rows) - low + 1))
        up, along = np.divmod(nth, across[box])
        return box, (low[box] + up) * self.columns + left[box] + along

    def pairs(self, boxes: FloatArray) -> tuple[IntArray, IntArray]:
        """(box, member) of every two boxes that touch, once each."""
        box, cell = self._cells(boxes)
        first, count = self.starts[cell], self.starts[cell + 1] - self.starts[cell]
        entry = np.repeat(first - (np.cumsum(count) - count), count)
        entry += np.arange(len(entry))
        west, south, east, north = boxes[box].T
        met = self.left[entry] <= np.repeat(east, count)
        met &= self.right[entry] >= np.repeat(west, count)
        met &= self.low[entry] <= np.repeat(north, count)
        met &= self.high[entry] >= np.repeat(south, count)
        at = np.flatnonzero(met)
        entry, of = entry[at], np.repeat(np.arange(len(box)), count)[at]
        # Two that share several cells are taken in the one that holds the corner of what they share.
        column = self._number(np.maximum(self.left[entry], west[of]), self.west, self.columns)
        row = self._number(np.maximum(self.low[entry], south[of]), self.south, self.rows)
        once = row * self.columns + column == cell[of]
        return box[of[once]], self.members[entry[once]]


def spread(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For counts of things: the owner of each, and its number among the owner's."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


@dataclass(frozen=True, slots=True)
class Field:
    """The pieces of a region, each on the plane it is nearest to.

    ends: (n, 2, 2) of each edge, metres on its plane; plane: index into `meridians`; piece: its row in the region; grid:
    of the edges, each widened by its reach. marks: (n, 2) a place on every part of every piece, for areas that hold it
    whole; with its plane, its piece and its grid. areas: rows of pieces that are areas and may hold a site whole;
    area_tree of their bounds.
    """

    meridians: tuple[int, ...]
    ends: FloatArray
    plane: IntArray
    piece: IntArray
    grid: Grid
    marks: FloatArray
    mark_plane: IntArray
    mark_piece: IntArray
    mark_grid: Grid
    areas: IntArray
    area_tree: shapely.STRtree


def field_of(region: Region, reach_m: FloatArray) -> Field:
    """reach_m: of each piece, from its drawn shape, without the site's own half width and doubt."""
    meridians, plane = np.unique(nearest_meridian(region.geometry), return_inverse=True)
    edges = edges_of(region.geometry)
    # In the order of the ground, so that neighbours lie together in memory too.
    order = _by_ground(edges.xy[:, 0])
    xy, owner = edges.xy[order], edges.owner[order]
    bounds = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    parts, part_of = shapely.get_parts(region.geometry, return_index=True)
    vertices, vertex_of = shapely.get_coordinates(parts, return_index=True)
    first = vertices[np.flatnonzero(np.r_[True, vertex_of[1:] != vertex_of[:-1]][: len(vertex_of)])]
    areas = np.flatnonzero(shapely.get_dimensions(region.geometry) == 2)
    return Field(
        meridians=tuple(meridians.tolist()),
        ends=on_planes(xy.reshape(-1, 2), np.repeat(plane[owner], 2), meridians.tolist()).reshape(-1, 2, 2),
        plane=plane[owner],
        piece=owner,
        grid=Grid.of(widen(bounds, reach_m[owner])),
        marks=on_planes(first, plane[part_of], meridians.tolist()),
        mark_plane=plane[part_of],
        mark_piece=part_of.astype(np.int64),
        mark_grid=Grid.of(np.concatenate([first, first], axis=1)),
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
        metres[rows] = places_on_plane(lonlat[rows], meridian)
    return metres


def _by_ground(at: FloatArray) -> IntArray:
    cell = np.floor(at / CELL_DEG).astype(np.int64)
    return np.lexsort([cell[:, 0], cell[:, 1]]).astype(np.int64)

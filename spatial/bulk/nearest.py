"""How near many sites come to many pipes: edge against edge, in plain columns.

The distances are those of spatial.measuring.measure to about a nanometre, worked out another way. Whoever needs the
same bits measures again what lies that near to a rounding (spatial.bulk.verdicts does).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.bulk.field import Field, spread
from spatial.bulk.sites import Outlines, SiteColumns, outlines_of
from spatial.found import BoolArray
from spatial.measuring.boxes import FloatArray, widen
from spatial.measuring.pieces import IntArray
from spatial.measuring.plane import places_on_plane

BLOCK = 1 << 15
"""About so many pairs of edges are worked on at once: their columns stay in the processor's cache."""

BESIDE_M = 1.0
"""A box that is to hold an area in degrees too is drawn this much wider."""

FAR_M = 1e6


@dataclass(frozen=True, slots=True)
class Near:
    """Columns, one row a (site, piece) that may matter; some stand several times.

    axis_m: upper bound of their distance, exact for the least of a pair; unsure: an area may hold the site whole, and
    then they touch whatever axis_m says.
    """

    site: IntArray
    piece: IntArray
    axis_m: FloatArray
    unsure: BoolArray


def near_of(field: Field, sites: SiteColumns, some: IntArray) -> Iterator[Near]:
    """What of a field comes near `some` of the sites, by what both may reach."""
    geometry = sites.geometry[some]
    drawn = outlines_of(geometry)
    flat = _Flat(drawn.xy, field.meridians)
    yield from _beside(field, sites, some, drawn, flat)
    yield from _inside(field, sites, some, drawn, flat)
    if len(field.areas):
        around = widen(sites.bounds[some], BESIDE_M)
        site, area = field.area_tree.query(np.asarray(shapely.box(*around.T), dtype=object))
        yield Near(
            some[site], field.areas[area], np.full(len(site), FAR_M), np.ones(len(site), dtype=np.bool_)
        )


class _Flat:
    """The vertices of sites on whichever planes they are asked for: mostly one."""

    def __init__(self, lonlat: FloatArray, meridians: tuple[int, ...]) -> None:
        self._lonlat = lonlat
        self._meridians = meridians
        self._known: dict[int, FloatArray] = {}

    def on(self, plane: int) -> FloatArray:
        if plane not in self._known:
            self._known[plane] = places_on_plane(self._lonlat, self._meridians[plane])
        return self._known[plane]


def _by_plane(plane: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Rows in blocks, each of one plane."""
    for number in np.flatnonzero(np.bincount(plane)).tolist():
        rows = np.flatnonzero(plane == number)
        for start in range(0, len(rows), BLOCK):
            yield number, rows[start : start + BLOCK]


def _beside(field: Field, sites: SiteColumns, some: IntArray, drawn: Outlines, flat: _Flat) -> Iterator[Near]:
    """Edges of sites and of pipes within reach of each other."""
    one, two = drawn.xy[drawn.begin], drawn.xy[drawn.end]
    bounds = np.concatenate([np.minimum(one, two), np.maximum(one, two)], axis=1)
    edge, other = field.grid.pairs(widen(bounds, sites.reach_m[some[drawn.site]]))
    for plane, rows in _by_plane(field.plane[other]):
        mine, theirs, xy = edge[rows], other[rows], flat.on(plane)
        axis_m = distances(xy[drawn.begin[mine]], xy[drawn.end[mine]], field.ends[theirs])
        yield Near(some[drawn.site[mine]], field.piece[theirs], axis_m, np.zeros(len(rows), dtype=np.bool_))


def _inside(field: Field, sites: SiteColumns, some: IntArray, drawn: Outlines, flat: _Flat) -> Iterator[Near]:
    """Pieces that lie in an area, and touch it though they may be far from its edges."""
    area = np.flatnonzero(shapely.get_dimensions(sites.geometry[some]) == 2)
    first = np.searchsorted(drawn.site, np.arange(len(some) + 1))
    begin, count = first[:-1][area], np.diff(first)[area]
    # Edges are straight on the plane and bend in degrees, by millimetres.
    of, mark = field.mark_grid.pairs(widen(sites.bounds[some[area]], BESIDE_M))
    for plane, block in _by_plane(field.mark_plane[mark]):
        xy = flat.on(plane)
        for run in _runs(np.cumsum(count[of[block]]), BLOCK):
            rows = block[run]
            pair, nth = spread(count[of[rows]])
            edge = begin[of[rows]][pair] + nth
            passed = _passes(xy[drawn.begin[edge]], xy[drawn.end[edge]], field.marks[mark[rows]][pair])
            starts = np.cumsum(count[of[rows]]) - count[of[rows]]
            rows = rows[np.add.reduceat(passed, starts) % 2 == 1]
            nothing, sure = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.bool_)
            yield Near(some[area[of[rows]]], field.mark_piece[mark[rows]], nothing, sure)


def _runs(upto: IntArray, size: int) -> Iterator[slice]:
    """Rows in runs of about `size` things, and at least a row. upto: how many things there are up to each row."""
    start = 0
    while start < len(upto):
        before = int(upto[start - 1]) if start else 0
        stop = max(int(np.searchsorted(upto, before + size, side="right")), start + 1)
        yield slice(start, stop)
        start = stop


def _passes(begin: FloatArray, end: FloatArray, at: FloatArray) -> IntArray:
    """1 where a ray eastwards from a place passes an edge."""
    (x, y), (u, v), (east, north) = begin.T, end.T, at.T
    straddles = (y > north) != (v > north)
    rise = np.where(straddles, v - y, 1.0)
    passes: IntArray = (straddles & (east < x + (north - y) / rise * (u - x))).astype(np.int64)
    return passes


def distances(begin: FloatArray, end: FloatArray, other: FloatArray) -> FloatArray:
    """From each edge to its partner: (n, 2) and (n, 2), and (n, 2, 2), metres; an edge may have no length."""
    ax, ay = begin[:, 0], begin[:, 1]
    ux, uy = end[:, 0] - ax, end[:, 1] - ay
    # All as seen from the partner's first end: small numbers, and short ones to write.
    wx, wy = ax - other[:, 0, 0], ay - other[:, 0, 1]
    vx, vy = other[:, 1, 0] - other[:, 0, 0], other[:, 1, 1] - other[:, 0, 1]
    uu, vv = ux * ux + uy * uy, vx * vx + vy * vy
    per_u, per_v = 1.0 / np.where(uu > 0, uu, np.inf), 1.0 / np.where(vv > 0, vv, np.inf)
    ex, ey = wx + ux, wy + uy
    least = _squared(wx, wy, vx, vy, per_v)
    np.minimum(least, _squared(ex, ey, vx, vy, per_v), out=least)
    np.minimum(least, _squared(-wx, -wy, ux, uy, per_u), out=least)
    np.minimum(least, _squared(vx - wx, vy - wy, ux, uy, per_u), out=least)
    # Both ends of each lie on either side of the other: they cross.
    across = (vx * wy - vy * wx) * (vx * ey - vy * ex) < 0
    across &= (uy * wx - ux * wy) * (ux * (vy - wy) - uy * (vx - wx)) < 0
    least[across] = 0.0
    return np.sqrt(least)


def _squared(
    x: FloatArray, y: FloatArray, along_x: FloatArray, along_y: FloatArray, per: FloatArray
) -> FloatArray:
    """Squared distance of a place from a segment that begins at 0, 0."""
    share = np.minimum(np.maximum((x * along_x + y * along_y) * per, 0.0), 1.0)
    off_x, off_y = x - share * along_x, y - share * along_y
    squared: FloatArray = off_x * off_x + off_y * off_y
    return squared

"""The two loops that a province's worth of sites spends its time in, compiled: plain arrays in, plain arrays out.

Everything they know is in the columns they are given; what a distance means is decided elsewhere.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from spatial.found import BoolArray
from spatial.measuring.boxes import (
    METRES_PER_DEGREE_LATITUDE,
    METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR,
    FloatArray,
)
from spatial.measuring.pieces import IntArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

AX, AY, ALONG_X, ALONG_Y, PER_SQUARE, REACH, RANK, PLANE = range(8)
"""Columns of a packed edge, one line of the processor's cache: its first end, what leads to its other end, 1 by its square
(0 for one without length), how far it reaches, the rank of whose it is, its plane. Metres on that plane."""

NONE = -1
"""No edge begins at this vertex."""


def compiled(kernel: Kernel) -> Kernel:
    """Compiled when first called, without the interpreter's lock. What was compiled is kept beside the source or in the
    user's own cache; where neither can be written, each process compiles for itself, which takes some seconds."""
    made: Any
    try:
        made = numba.njit(nogil=True, error_model="numpy", cache=True)(kernel)
    except RuntimeError:  # no folder to keep it in
        made = numba.njit(nogil=True, error_model="numpy")(kernel)
    return cast(Kernel, made)


@compiled
def meetings(
    lonlat: FloatArray,
    to: IntArray,
    first: IntArray,
    is_area: BoolArray,
    bounds: FloatArray,
    reach_m: FloatArray,
    starts: IntArray,
    members: NDArray[np.int32],
    held: FloatArray,
    west: float,
    south: float,
    cell: float,
    columns: int,
    rows: int,
) -> tuple[IntArray, NDArray[np.int32], NDArray[np.int32]]:
    """Which sites come near which members of a grid, by the boxes of both, each two once.

    lonlat, to, first: as Outlines; is_area, bounds, reach_m: of each site; the rest is a Grid. An area is looked for
    whole, a line edge by edge, so that a slanting trench does not ask for a town.
    Returns where each site's meetings begin; of each the vertex where the edge begins (an area's first), and the member.
    """
    room = 16 * len(first) + 1024
    vertex_out = np.empty(room, dtype=np.int32)
    member_out = np.empty(room, dtype=np.int32)
    begins = np.empty(len(first), dtype=np.int64)
    count = 0
    for site in range(len(first) - 1):
        begins[site] = count
        tall = reach_m[site] / METRES_PER_DEGREE_LATITUDE
        highest = min(max(abs(bounds[site, 1] - tall), abs(bounds[site, 3] + tall)), 89.9)
        wide = reach_m[site] / (METRES_PER_DEGREE_LONGITUDE_AT_EQUATOR * np.cos(np.radians(highest)))
        for v in range(first[site], first[site] + 1 if is_area[site] else first[site + 1]):
            if is_area[site]:
                left, low, right, high = bounds[site, 0], bounds[site, 1], bounds[site, 2], bounds[site, 3]
            elif to[v] == NONE:
                continue
            else:
                left, right = min(lonlat[v, 0], lonlat[to[v], 0]), max(lonlat[v, 0], lonlat[to[v], 0])
                low, high = min(lonlat[v, 1], lonlat[to[v], 1]), max(lonlat[v, 1], lonlat[to[v], 1])
            left, low, right, high = left - wide, low - tall, right + wide, high + tall
            x0, x1 = _number(left, west, cell, columns), _number(right, west, cell, columns)
            y0, y1 = _number(low, south, cell, rows), _number(high, south, cell, rows)
            for y in range(y0, y1 + 1):
                for x in range(x0, x1 + 1):
                    here = y * columns + x
                    for at in range(starts[here], starts[here + 1]):
                        if (
                            held[at, 0] > right
                            or held[at, 2] < left
                            or held[at, 1] > high
                            or held[at, 3] < low
                        ):
                            continue
                        # Two that share several cells are taken in the one that holds the corner of what they share.
                        if x != _number(max(held[at, 0], left), west, cell, columns):
                            continue
                        if y != _number(max(held[at, 1], low), south, cell, rows):
                            continue
                        if count == room:
                            room *= 2
                            vertex_out = _grown(vertex_out, room)
                            member_out = _grown(member_out, room)
                        vertex_out[count], member_out[count] = v, members[at]
                        count += 1
    begins[len(first) - 1] = count
    return begins, vertex_out[:count], member_out[:count]


@compiled
def _number(degrees: float, corner: float, cell: float, most: int) -> int:
    """Of a column or a row; what lies outside is taken to the rim."""
    return min(max(int((degrees - corner) / cell), 0), most - 1)


@compiled
def least_distances(
    begins: IntArray,
    vertex: NDArray[np.int32],
    edge: NDArray[np.int32],
    edges: FloatArray,
    flat: FloatArray,
    slot_of_plane: IntArray,
    to: IntArray,
    first: IntArray,
    is_area: BoolArray,
    reach_m: FloatArray,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Site, rank and least distance of each site and asset that come within what both reach: by site, then by rank.

    begins, vertex, edge: as meetings() gives them; edges: (n, 8) packed; flat: (planes, vertices, 2) metres;
    slot_of_plane: where a plane stands in it; to, first, is_area, reach_m: as meetings() takes them.
    """
    room = 4 * len(begins) + 1024
    site_out = np.empty(room, dtype=np.int64)
    rank_out = np.empty(room, dtype=np.int64)
    away_out = np.empty(room)
    count = 0
    for site in range(len(begins) - 1):
        mine = count
        # Copied first: so many lines are fetched at once, where between two distances each would be waited for.
        here = edges[edge[begins[site] : begins[site + 1]]]
        for e in range(len(here)):
            v = vertex[begins[site] + e]
            rank = int(here[e, RANK])
            before = count - 1
            while before >= mine and rank_out[before] > rank:
                before -= 1
            known = before >= mine and rank_out[before] == rank
            most = away_out[before] if known else here[e, REACH] + reach_m[site]
            last = first[site + 1] if is_area[site] else v + 1
            plane = slot_of_plane[int(here[e, PLANE])]
            square = _square_m(here, e, flat, plane, to, v, last, is_area[site], most)
            if square > most * most:
                continue
            away = np.sqrt(square)
            if known:
                away_out[before] = min(away, most)
                continue
            if count == room:
                room *= 2
                site_out = _grown(site_out, room)
                rank_out = _grown(rank_out, room)
                away_out = _grown(away_out, room)
            for after in range(count, before + 1, -1):
                rank_out[after], away_out[after] = rank_out[after - 1], away_out[after - 1]
            site_out[count] = site
            rank_out[before + 1], away_out[before + 1] = rank, away
            count += 1
    return site_out[:count], rank_out[:count], away_out[:count]


@compiled
def _grown(values: Any, room: int) -> Any:
    larger = np.empty(room, dtype=values.dtype)
    larger[: len(values)] = values
    return larger


@compiled
def _square_m(
    edges: FloatArray,
    e: int,
    flat: FloatArray,
    plane: int,
    to: IntArray,
    first: int,
    last: int,
    area: bool,
    most: float,
) -> float:
    """Square of the distance of an edge to those of a site from vertices first to last; 0 inside an area; beyond `most`
    any larger number."""
    ax, ay = edges[e, AX], edges[e, AY]
    vx, vy, per_v = edges[e, ALONG_X], edges[e, ALONG_Y], edges[e, PER_SQUARE]
    left, right = min(0.0, vx) - most, max(0.0, vx) + most
    below, above = min(0.0, vy) - most, max(0.0, vy) + most
    least = np.inf
    inside = False
    # All as seen from the edge's first end: small numbers.
    px, py = flat[plane, first, 0] - ax, flat[plane, first, 1] - ay
    for v in range(first, last):
        w = to[v]
        if w == NONE:
            if v + 1 < last:
                px, py = flat[plane, v + 1, 0] - ax, flat[plane, v + 1, 1] - ay
            continue
        qx, qy = flat[plane, w, 0] - ax, flat[plane, w, 1] - ay
        if area:
            turned = px * qy - py * qx
            inside ^= ((py > 0.0) != (qy > 0.0)) & ((turned > 0.0) == (qy > py))
        if not ((min(px, qx) > right) | (max(px, qx) < left) | (min(py, qy) > above) | (max(py, qy) < below)):
            square = square_between(vx, vy, per_v, px, py, qx, qy)
            if square < least:
                if square == 0.0:
                    return 0.0
                least = square
        px, py = qx, qy
    # The first end stands for the whole edge: did the edge cross the outline, the distance was 0 above.
    return 0.0 if inside else least


@compiled
def square_between(vx: float, vy: float, per_v: float, px: float, py: float, qx: float, qy: float) -> float:
    """Square of the distance of the segment from 0, 0 to v and the segment from p to q; either may have no length."""
    side_p, side_q = vx * py - vy * px, vx * qy - vy * qx
    ux, uy = qx - px, qy - py
    side_0, side_v = uy * px - ux * py, uy * (px - vx) - ux * (py - vy)
    if side_p * side_q < 0.0 and side_0 * side_v < 0.0:
        return 0.0
    squared = ux * ux + uy * uy
    per_u = 1.0 / squared if squared > 0.0 else 0.0
    return min(
        min(_to_segment(px, py, vx, vy, per_v), _to_segment(qx, qy, vx, vy, per_v)),
        min(_to_segment(-px, -py, ux, uy, per_u), _to_segment(vx - px, vy - py, ux, uy, per_u)),
    )


@compiled
def _to_segment(x: float, y: float, along_x: float, along_y: float, per_square: float) -> float:
    """Square of the distance of a place from a segment that begins at 0, 0."""
    share = min(max((x * along_x + y * along_y) * per_square, 0.0), 1.0)
    off_x, off_y = x - share * along_x, y - share * along_y
    return off_x * off_x + off_y * off_y

"""Measuring: how near each dig site comes to each asset, and along which stretch.

Everything here is geometry in metres; no rule is applied. Columns in, columns out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.found import ObjectArray, Pieces
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import (
    MANY,
    SAME_M,
    Edges,
    edges_of,
    edges_toward,
    merge,
    near,
    numbers_of,
    whole_once,
)
from spatial.measuring.pieces import CGCS2000, IntArray
from spatial.measuring.plane import nearest_meridian, to_plane
from spatial.values import DigSite

QUANTUM_DECIMALS = 4
QUANTUM_M = 10.0**-QUANTUM_DECIMALS
"""Lengths are quantised to 0.1 mm before they are graded or hashed."""

Intervals = tuple[tuple[float, float], ...]


def quantise(metres: FloatArray) -> FloatArray:
    return metres.round(QUANTUM_DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


@dataclass(frozen=True, slots=True)
class OnPlane:
    """Each piece projected, its site on the same plane, and how far they are apart there, metres.

    dimension: of the piece, 1 where it is a pipe's, 2 where it is drawn by its wall.
    """

    piece: ObjectArray
    site_of_piece: ObjectArray
    away_m: FloatArray
    dimension: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Pairs:
    """One row a (site, asset) pair, ordered by site, then utility, dataset and source id.

    axis_m: from the site's drawn shape to the asset's drawn axis, before any width is taken off, metres.
    rows: for each pair the piece rows that belong to it.
    """

    site: IntArray
    asset: IntArray
    axis_m: FloatArray
    rows: list[IntArray]


def project(sites: Sequence[DigSite], pieces: Pieces) -> OnPlane:
    """Each piece on the plane of its nearest meridian, and its site with it.

    Choosing the plane by the piece keeps a long site true along its whole length.
    """
    piece = np.empty(len(pieces), dtype=object)
    of_piece = np.empty(len(pieces), dtype=object)
    meridian = nearest_meridian(pieces.geometry).tolist()
    rows_of: dict[int, list[int]] = {}
    for row, tenths in enumerate(meridian):
        rows_of.setdefault(tenths, []).append(row)
    for tenths, rows in sorted(rows_of.items()):
        site = pieces.site[rows].tolist()
        here = {number: at for at, number in enumerate(dict.fromkeys(site))}
        shapes = np.array(
            [*pieces.geometry[rows], *(sites[number].geometry for number in here)], dtype=object
        )
        flat = to_plane(shapes, tenths)
        flat_sites = flat[len(rows) :]
        shapely.prepare(flat_sites)
        piece[rows], of_piece[rows] = flat[: len(rows)], flat_sites[[here[number] for number in site]]
    return OnPlane(piece, of_piece, shapely.distance(of_piece, piece), shapely.get_dimensions(piece))


def pair_up(pieces: Pieces, plane: OnPlane) -> Pairs:
    """The least distance of every (site, asset) pair over the asset's pieces."""
    if len(pieces) == 0:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), [])
    assets = pieces.assets
    # Rank assets by names, not by register ids, so that the order is the same wherever it is recomputed.
    columns = (assets.utility, assets.dataset, assets.source_id, assets.revision)
    name = list(zip(*(column.tolist() for column in columns), strict=True))
    rank = np.empty(len(name), dtype=np.int64)
    rank[sorted(range(len(name)), key=name.__getitem__)] = np.arange(len(name))
    order = np.lexsort([pieces.from_m, rank[pieces.asset], pieces.site])
    site, asset = pieces.site[order], pieces.asset[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (site[1:] != site[:-1]) | (asset[1:] != asset[:-1])
    first = np.flatnonzero(begins)
    return Pairs(
        site=site[first],
        asset=asset[first],
        axis_m=np.minimum.reduceat(plane.away_m[order], first),
        rows=[order[begin:end] for begin, end in pairwise([*first.tolist(), len(order)])],
    )


def stretches(
    sites: Sequence[DigSite],
    site: IntArray,
    pieces: Pieces,
    plane: OnPlane,
    rows: Sequence[IntArray],
    within_m: FloatArray,
    *,
    only_sites: int = 0,
) -> tuple[list[Intervals], list[Intervals]]:
    """Where each pair's axes are within its `within_m` of each other: along the pipe, and along the site.

    site: per pair, the index of its site; rows: per pair, all its piece rows; within_m: one per pair, metres
    between the drawn shapes. First chainages of the pipe, () for a facility; then stations of the site, () for
    areas and points. only_sites: for so many pairs at the end nobody asks for chainages; they read ().
    The same, pair by pair, whatever the batch.
    """
    if not len(rows):
        return [], []
    pair = np.arange(len(rows)).repeat([len(of) for of in rows])
    row = np.concatenate(rows)
    # Of a pipe's pieces only those that come so near, by GEOS or by the stadiums below: the two differ by rounding.
    near_enough = plane.away_m[row] <= within_m[pair] + SAME_M
    pair, row = pair[near_enough], row[near_enough]
    piece, on_site = plane.piece[row], plane.site_of_piece[row]
    lines = {number: stations_m(sites[number]) for number in set(site.tolist())}
    stations = [lines[number] for number in site[pair].tolist()]

    # Both directions stand one after the other and are measured in one go: on the few rows of one site a call costs
    # more than what it does.
    (of_pipe,) = ((pair < len(rows) - only_sites) & (plane.dimension[row] == 1)).nonzero()
    of_site = np.array([number for number, at in enumerate(stations) if len(at)], dtype=np.int64)
    both = np.concatenate([of_pipe, of_site])
    measured = np.concatenate([piece[of_pipe], on_site[of_site]])
    others = np.concatenate([on_site[of_pipe], piece[of_site]])
    shapes, within = np.concatenate([measured, others]), within_m[pair[both]]
    # The sites stand in the middle: on_site[of_site], on_site[of_pipe].
    (long,) = (shapely.get_num_coordinates(shapes[len(of_pipe) : len(of_pipe) + len(both)]) > MANY).nonzero()
    if len(long):
        toward, limits = np.concatenate([others, measured]), np.concatenate([within, within])
        edges, number = edges_toward(shapes, toward, limits, long + len(of_pipe))
    else:
        edges = edges_of(shapes)
        number = numbers_of(edges, len(shapes))
    segments, other_edges = edges.halves(len(both))
    on_sites = slice(int(segments.owner.searchsorted(len(of_pipe))), len(segments))
    begin, run = np.concatenate(
        [
            _chainages(segments, pieces.from_m[row[of_pipe]], pieces.to_m[row[of_pipe]]),
            _stations(
                [stations[number] for number in of_site.tolist()],
                segments.owner[on_sites] - len(of_pipe),
                number[on_sites],
            ),
        ],
        axis=1,
    )
    apart = plane.away_m[row[both]] > SAME_M
    index, part = near(segments, others, other_edges, within, apart)
    if len(index) > MANY:
        index, part = whole_once(index, part, len(segments))
    spans = begin[index][:, None] + part * run[index][:, None]
    found = _by_pair(
        spans,
        np.concatenate([pair[of_pipe], pair[of_site] + len(rows)])[segments.owner[index]],
        2 * len(rows),
    )
    return found[: len(rows)], found[len(rows) :]


def _chainages(segments: Edges, from_m: FloatArray, to_m: FloatArray) -> FloatArray:
    """(2, n): where each edge of some pieces begins along its pipe, and how far it runs. The pieces are the first
    shapes of `segments`; edges of the others are left out.

    Summed line by line, not over the batch: one line again must give the same bits.
    """
    first = segments.first_of(len(from_m)).tolist()
    along = segments.xy[: first[-1], 1] - segments.xy[: first[-1], 0]
    lengths = np.hypot(along[:, 0], along[:, 1]).tolist()
    begins: list[float] = []
    runs: list[float] = []
    for from_here_m, to_here_m, (low, high) in zip(
        from_m.tolist(), to_m.tolist(), pairwise(first), strict=True
    ):
        line = lengths[low:high]
        upto = list(accumulate(line))
        scale = (to_here_m - from_here_m) / upto[-1] if upto and upto[-1] > 0 else 0.0
        begins += [from_here_m + (end - length) * scale for end, length in zip(upto, line, strict=True)]
        runs += [length * scale for length in line]
    return np.array([begins, runs])


def _stations(of_lines: Sequence[FloatArray], line: IntArray, edge: IntArray) -> FloatArray:
    """(2, n): where some edges of line sites begin, and how far each runs.

    of_lines: the stations of each line's vertices; line, edge: (n,) which of them, and the edge's number along it.
    """
    # The same few lines stand there again and again.
    distinct = {id(at): at for at in of_lines}
    if not distinct:
        return np.empty((2, 0))
    upto = accumulate((len(at) for at in distinct.values()), initial=0)
    first = dict(zip(distinct, upto, strict=False))
    at_vertices = np.concatenate(list(distinct.values()))
    vertex = np.array([first[id(at)] for at in of_lines], dtype=np.int64)[line] + edge
    begin = at_vertices[vertex]
    return np.array([begin, at_vertices[vertex + 1] - begin])


def stations_m(site: DigSite) -> FloatArray:
    """The station of each vertex of a line site, by geodesics; nothing for areas and points."""
    if site.geometry.geom_type != "LineString":
        return np.empty(0)
    return _stations_of_line(site.geometry, site.start_station_m)


@lru_cache(maxsize=256)
def _stations_of_line(line: BaseGeometry, start_station_m: float) -> FloatArray:
    """A judgement asks for them again and again. By the line's own coordinates, so nothing can go stale."""
    xy = shapely.get_coordinates(line)
    _, _, edge_m = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    stations: FloatArray = np.asarray(start_station_m + np.r_[0.0, np.cumsum(edge_m)])
    stations.flags.writeable = False
    return stations


def _by_pair(spans: FloatArray, pair: IntArray, pairs: int) -> list[Intervals]:
    found: list[list[tuple[float, float]]] = [[] for _ in range(pairs)]
    merged, of = merge(spans, pair)
    for number, (low, high) in zip(of, quantise(merged).tolist(), strict=True):
        found[number].append((low, high))
    return [tuple(intervals) for intervals in found]


def affected_lengths_m(found: Sequence[Intervals]) -> FloatArray:
    """How much of each pipe lies inside."""
    return quantise(
        np.array([sum(high - low for low, high in intervals) for intervals in found], dtype=np.float64)
    )

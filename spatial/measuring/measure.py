"""Measuring: how near each dig site comes to each asset, and along which stretch.

Everything here is geometry in metres; no rule is applied. Columns in, columns out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray, Pieces
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import Edges, edges_of, merge, near
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
    """Each piece projected, and its site on the same plane."""

    piece: ObjectArray
    site_of_piece: ObjectArray


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
    meridian = nearest_meridian(pieces.geometry)
    for tenths in sorted(set(meridian.tolist())):
        rows = np.flatnonzero(meridian == tenths)
        site = pieces.site[rows]
        here = sorted(set(site.tolist()))
        shapes = np.array(
            [*pieces.geometry[rows], *(sites[number].geometry for number in here)], dtype=object
        )
        flat = to_plane(shapes, tenths)
        flat_sites = flat[len(rows) :]
        shapely.prepare(flat_sites)
        piece[rows], of_piece[rows] = flat[: len(rows)], flat_sites[np.searchsorted(here, site)]
    return OnPlane(piece, of_piece)


def pair_up(pieces: Pieces, plane: OnPlane) -> Pairs:
    """The least distance of every (site, asset) pair over the asset's pieces."""
    if len(pieces) == 0:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), [])
    distance = shapely.distance(plane.site_of_piece, plane.piece)
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
        axis_m=np.minimum.reduceat(distance[order], first),
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
    piece, on_site = plane.piece[row], plane.site_of_piece[row]
    piece_edges, site_edges = edges_of(np.concatenate([piece, on_site])).halves(len(row))
    met = _Met(pair, row, piece, on_site, piece_edges, site_edges, within_m[pair])
    asked = met.of(pair < len(rows) - only_sites)
    return _along_assets(asked, pieces, len(rows)), _along_sites(met, sites, site, len(rows))


@dataclass(frozen=True, slots=True)
class _Met:
    """Piece rows one after another: the pair each belongs to, both shapes and their edges."""

    pair: IntArray
    row: IntArray
    piece: ObjectArray
    site: ObjectArray
    piece_edges: Edges
    site_edges: Edges
    within_m: FloatArray

    def of(self, some: BoolArray) -> "_Met":
        """Some of the rows."""
        if some.all():
            return self
        return _Met(
            self.pair[some],
            self.row[some],
            self.piece[some],
            self.site[some],
            self.piece_edges.of(some),
            self.site_edges.of(some),
            self.within_m[some],
        )


def _along_assets(met: _Met, pieces: Pieces, pairs: int) -> list[Intervals]:
    """Chainage intervals of each pipe."""
    met = met.of(shapely.get_dimensions(met.piece) == 1)
    segments = met.piece_edges
    length = np.hypot(*(segments.xy[:, 1] - segments.xy[:, 0]).T)
    upto, total = _running(length, segments.owner, segments.first_of(len(met.row)))
    from_m, to_m = pieces.from_m[met.row], pieces.to_m[met.row]
    scale = np.where(total > 0, (to_m - from_m) / np.where(total > 0, total, 1.0), 0.0)[segments.owner]
    begin = from_m[segments.owner] + (upto - length) * scale

    index, part = near(segments, met.site, met.site_edges, met.within_m)
    spans = begin[index][:, None] + part * (length[index] * scale[index])[:, None]
    return _by_pair(spans, met.pair[segments.owner[index]], pairs)


def _along_sites(met: _Met, sites: Sequence[DigSite], site: IntArray, pairs: int) -> list[Intervals]:
    """Stations of each line site."""
    stations = {number: stations_m(sites[number]) for number in set(site.tolist())}
    if not any(map(len, stations.values())):
        return [()] * pairs
    met = met.of(np.array([len(stations[number]) > 0 for number in site[met.pair].tolist()], dtype=np.bool_))
    segments = met.site_edges
    edges = [stations[number] for number in site[met.pair].tolist()]
    begin = np.concatenate([at[:-1] for at in edges])
    end = np.concatenate([at[1:] for at in edges])
    assert len(begin) == len(segments)

    index, part = near(segments, met.piece, met.piece_edges, met.within_m)
    spans = begin[index][:, None] + part * (end[index] - begin[index])[:, None]
    return _by_pair(spans, met.pair[segments.owner[index]], pairs)


def stations_m(site: DigSite) -> FloatArray:
    """The station of each vertex of a line site, by geodesics; nothing for areas and points."""
    if site.geometry.geom_type != "LineString":
        return np.empty(0)
    xy = shapely.get_coordinates(site.geometry)
    _, _, edge_m = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    return np.asarray(site.start_station_m + np.r_[0.0, np.cumsum(edge_m)])


def _running(length: FloatArray, owner: IntArray, first: IntArray) -> tuple[FloatArray, FloatArray]:
    """Length up to and with each edge within its own line, and each line's whole length.

    Summed line by line, not over the batch: one line again must give the same bits.
    """
    counts = np.diff(first)
    table = np.zeros((len(counts), max(int(counts.max(initial=0)), 1)))
    nth = np.arange(len(length)) - first[owner]
    table[owner, nth] = length
    summed = np.cumsum(table, axis=1)
    return summed[owner, nth], summed[:, -1]


def _by_pair(spans: FloatArray, pair: IntArray, pairs: int) -> list[Intervals]:
    found: list[list[tuple[float, float]]] = [[] for _ in range(pairs)]
    merged, of = merge(spans, pair)
    for number, (low, high) in zip(of.tolist(), quantise(merged).tolist(), strict=True):
        found[number].append((low, high))
    return [tuple(intervals) for intervals in found]


def affected_lengths_m(found: Sequence[Intervals]) -> FloatArray:
    """How much of each pipe lies inside."""
    return quantise(
        np.array([sum(high - low for low, high in intervals) for intervals in found], dtype=np.float64)
    )

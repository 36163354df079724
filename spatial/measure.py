"""Measuring: how near each dig site comes to each asset, and along which stretch.

Everything here is geometry in metres; no rule is applied. Columns in, columns out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.boxes import FloatArray
from spatial.found import ObjectArray, Pieces
from spatial.intervals import edges_of, merge, near
from spatial.pieces import CGCS2000, IntArray
from spatial.plane import nearest_meridian, to_plane
from spatial.values import DigSite

QUANTUM_DECIMALS = 4
QUANTUM_M = 10.0**-QUANTUM_DECIMALS
"""Lengths are quantised to 0.1 mm before they are graded or hashed."""

Intervals = tuple[tuple[float, float], ...]


def quantise(metres: FloatArray) -> FloatArray:
    return np.round(metres, QUANTUM_DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


@dataclass(frozen=True, slots=True)
class OnPlane:
    """Pieces and sites projected. `site_plane` maps (site, meridian) to the projected site."""

    meridian: IntArray
    piece: ObjectArray
    site_plane: dict[tuple[int, int], BaseGeometry]
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
    count = len(pieces)
    projected = np.empty(count, dtype=object)
    of_piece = np.empty(count, dtype=object)
    site_plane: dict[tuple[int, int], BaseGeometry] = {}
    if count == 0:
        return OnPlane(np.empty(0, np.int64), projected, site_plane, of_piece)
    meridian = nearest_meridian(pieces.geometry)
    for tenths in np.unique(meridian):
        rows = np.flatnonzero(meridian == tenths)
        projected[rows] = to_plane(pieces.geometry[rows], int(tenths))
        here, back = np.unique(pieces.site[rows], return_inverse=True)
        shapes = np.asarray([sites[number].geometry for number in here], dtype=object)
        flat = to_plane(shapes, int(tenths))
        shapely.prepare(flat)
        of_piece[rows] = flat[back]
        site_plane |= {(int(number), int(tenths)): shape for number, shape in zip(here, flat, strict=True)}
    return OnPlane(meridian, projected, site_plane, of_piece)


def pair_up(pieces: Pieces, plane: OnPlane) -> Pairs:
    """The least distance of every (site, asset) pair over the asset's pieces."""
    if len(pieces) == 0:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), [])
    distance = shapely.distance(plane.site_of_piece, plane.piece)
    assets = pieces.assets
    # Rank assets by names, not by register ids, so that the order is the same wherever it is recomputed.
    name = [
        (str(u), str(d), str(s), int(r))
        for u, d, s, r in zip(assets.utility, assets.dataset, assets.source_id, assets.revision, strict=True)
    ]
    rank = np.empty(len(name), dtype=np.int64)
    rank[sorted(range(len(name)), key=name.__getitem__)] = np.arange(len(name))
    order = np.lexsort([pieces.from_m, rank[pieces.asset], pieces.site])
    site, asset = pieces.site[order], pieces.asset[order]
    first = np.flatnonzero(np.r_[True, (site[1:] != site[:-1]) | (asset[1:] != asset[:-1])])
    return Pairs(
        site=site[first],
        asset=asset[first],
        axis_m=np.minimum.reduceat(distance[order], first),
        rows=np.split(order, first[1:]),
    )


def along_assets(
    pieces: Pieces, plane: OnPlane, rows: Sequence[IntArray], within_m: FloatArray
) -> list[Intervals]:
    """Chainage intervals of each pipe whose axis is within its `within_m` of the drawn site; () for a facility.

    rows: per pair, all its piece rows; within_m: one per pair. The same, pair by pair, whatever the batch.
    """
    row, pair = _flat(rows)
    is_line = shapely.get_dimensions(plane.piece[row]) == 1
    row, pair = row[is_line], pair[is_line]
    segments = edges_of(plane.piece[row])
    length = np.hypot(*(segments.xy[:, 1] - segments.xy[:, 0]).T)
    upto, total = _running(length, segments.owner, segments.first_of(len(row)))
    from_m, to_m = pieces.from_m[row], pieces.to_m[row]
    scale = np.where(total > 0, (to_m - from_m) / np.where(total > 0, total, 1.0), 0.0)[segments.owner]
    begin = from_m[segments.owner] + (upto - length) * scale

    index, part = near(segments, plane.site_of_piece[row], within_m[pair])
    spans = begin[index][:, None] + part * (length[index] * scale[index])[:, None]
    return _by_pair(spans, pair[segments.owner[index]], len(rows))


def along_sites(
    sites: Sequence[DigSite],
    site: IntArray,
    plane: OnPlane,
    rows: Sequence[IntArray],
    within_m: FloatArray,
) -> list[Intervals]:
    """Stations of each line site whose axis is within `within_m` of the asset's axis; () for areas and points.

    site: per pair, the index of its site; rows, within_m: as along_assets().
    """
    stations = {int(number): _stations_m(sites[number]) for number in np.unique(site)}
    row, pair = _flat(rows)
    is_line = np.array([len(stations[int(site[of])]) > 0 for of in pair], dtype=np.bool_)
    row, pair = row[is_line], pair[is_line]
    segments = edges_of(plane.site_of_piece[row])
    first = segments.first_of(len(row))
    edges = [stations[int(site[of])] for of in pair]
    begin = np.concatenate([np.empty(0), *(at[:-1] for at in edges)])
    end = np.concatenate([np.empty(0), *(at[1:] for at in edges)])
    assert len(begin) == len(segments) == first[-1]

    index, part = near(segments, plane.piece[row], within_m[pair])
    spans = begin[index][:, None] + part * (end[index] - begin[index])[:, None]
    return _by_pair(spans, pair[segments.owner[index]], len(rows))


def _stations_m(site: DigSite) -> FloatArray:
    """The station of each vertex of a line site, by geodesics; nothing for areas and points."""
    if site.geometry.geom_type != "LineString":
        return np.empty(0)
    xy = shapely.get_coordinates(site.geometry)
    _, _, edge_m = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    return np.asarray(site.start_station_m + np.r_[0.0, np.cumsum(edge_m)])


def _flat(rows: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    """Piece rows one after another, and the pair each belongs to."""
    pair = np.repeat(np.arange(len(rows)), [len(of) for of in rows])
    return np.concatenate([np.empty(0, np.int64), *rows]), pair.astype(np.int64)


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
    order = np.argsort(pair, kind="stable")
    ends = np.searchsorted(pair[order], np.arange(1, pairs))
    return [_as_intervals(of) for of in np.split(spans[order], ends)] if pairs else []


def _as_intervals(spans: FloatArray) -> Intervals:
    if len(spans) == 0:
        return ()
    merged = quantise(merge(spans))
    return tuple((float(low), float(high)) for low, high in merged)


def affected_length_m(intervals: Intervals) -> float:
    return float(np.round(sum(high - low for low, high in intervals), QUANTUM_DECIMALS))


BoolArray = NDArray[np.bool_]

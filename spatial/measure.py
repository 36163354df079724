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
from spatial.intervals import inside_area, merge, near_edges, segments_of
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


def along_asset(pieces: Pieces, plane: OnPlane, rows: IntArray, within_m: float) -> Intervals:
    """Chainage intervals of a pipe whose axis is within `within_m` of the drawn site; () for a facility.

    rows: the piece rows of the pair, all of them; site shapes are taken from `plane`.
    """
    spans: list[FloatArray] = []
    for row in rows:
        shape = plane.piece[row]
        if shapely.get_dimensions(shape) != 1:
            continue
        spans.append(
            _spans_on(shape, plane.site_of_piece[row], within_m, pieces.from_m[row], pieces.to_m[row])
        )
    return _as_intervals(spans)


def along_site(site: DigSite, pieces: Pieces, plane: OnPlane, rows: IntArray, within_m: float) -> Intervals:
    """Stations of a line site whose axis is within `within_m` of the asset's axis; () for areas and points."""
    if site.geometry.geom_type != "LineString":
        return ()
    xy = shapely.get_coordinates(site.geometry)
    _, _, edge_m = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    stations = site.start_station_m + np.r_[0.0, np.cumsum(edge_m)]
    spans = []
    for row in rows:
        segments = segments_of(plane.site_of_piece[row])
        index, part = _near(segments, plane.piece[row], within_m)
        spans.append(stations[index][:, None] + part * (stations[index + 1] - stations[index])[:, None])
    return _as_intervals(spans)


def _spans_on(
    line: BaseGeometry, other: BaseGeometry, within_m: float, from_m: float, to_m: float
) -> FloatArray:
    segments = segments_of(line)
    index, part = _near(segments, other, within_m)
    length = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
    total = length.sum()
    scale = (to_m - from_m) / total if total > 0 else 0.0
    begin = from_m + (np.cumsum(length) - length) * scale
    return np.asarray(begin[index][:, None] + part * (length[index] * scale)[:, None])


def _near(segments: FloatArray, other: BaseGeometry, within_m: float) -> tuple[IntArray, FloatArray]:
    index, part = near_edges(segments, segments_of(other), np.asarray(within_m))
    if shapely.get_dimensions(other) == 2:
        inner_index, inner_part = inside_area(segments, other)
        index, part = np.concatenate([index, inner_index]), np.vstack([part, inner_part])
    return index, part


def _as_intervals(spans: list[FloatArray]) -> Intervals:
    if not spans:
        return ()
    merged = quantise(merge(np.vstack(spans)))
    return tuple((float(low), float(high)) for low, high in merged)


def affected_length_m(intervals: Intervals) -> float:
    return float(np.round(sum(high - low for low, high in intervals), QUANTUM_DECIMALS))


BoolArray = NDArray[np.bool_]

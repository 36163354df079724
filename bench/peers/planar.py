"""Pipes and digs in metres, as a careful user of a planar tool lays them: each in its own 3-degree zone.

EPSG:4518 to 4522 carry the number of the zone in the easting, so that one index serves all five and nothing lies on top
of anything. A pipe near the edge of two zones is there in both. Towards the edge the projection stretches by up to
0.024 %: that is what such a user lives with, and where these peers differ from Predig.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import Transformer

from bench.peers.contest import Contest
from bench.province.network import ObjectArray
from bench.province.walks import FloatArray, IntArray

EDGE_DEG = 0.02
"""Wider than any dig and its reach."""


@dataclass(frozen=True, slots=True)
class Planar:
    """One row a shape in one zone. asset: whose it is; reach_m: of that pipe."""

    geometry: ObjectArray
    asset: IntArray
    reach_m: FloatArray


def whole_pipes(contest: Contest) -> Planar:
    """Each pipe as one shape."""
    lines = contest.network.lines()
    return _laid(lines, np.arange(len(lines)), contest.reach_m)


def pieces(contest: Contest) -> Planar:
    """Each piece of at most eight segments as one shape."""
    return _laid(contest.pieces.geometry, contest.pieces.asset, contest.reach_m)


def _laid(shapes: ObjectArray, asset: IntArray, reach_m: FloatArray) -> Planar:
    bounds = shapely.bounds(shapes)
    west, east = _zone(bounds[:, 0] - EDGE_DEG), _zone(bounds[:, 2] + EDGE_DEG)
    row = np.repeat(np.arange(len(shapes)), east - west + 1)
    first = np.repeat(np.cumsum(east - west + 1) - (east - west + 1), east - west + 1)
    zone = west[row] + np.arange(len(row)) - first
    return Planar(_projected(shapes[row], zone), asset[row], reach_m[asset[row]])


def digs(contest: Contest) -> ObjectArray:
    """Each dig in the zone of the middle of its box."""
    bounds = shapely.bounds(contest.sites.geometry)
    return _projected(contest.sites.geometry, _zone((bounds[:, 0] + bounds[:, 2]) / 2))


def boxes(geometry: ObjectArray, by_m: FloatArray) -> FloatArray:
    """(n, 4) bounds widened by what each reaches: boxes that meet wherever there may be a conflict."""
    return np.asarray(shapely.bounds(geometry) + np.array([-1, -1, 1, 1]) * by_m[:, None])


def box_shapes(bounds: FloatArray) -> ObjectArray:
    shapes: ObjectArray = shapely.box(*bounds.T)
    return shapes


def _zone(longitude: FloatArray) -> IntArray:
    return np.asarray(np.rint(longitude / 3).astype(np.int64))


def _projected(shapes: ObjectArray, zone: IntArray) -> ObjectArray:
    out = np.empty(len(shapes), dtype=object)
    for one in np.unique(zone).tolist():
        rows = np.flatnonzero(zone == one)
        out[rows] = shapely.transform(shapes[rows], _into(one).transform, interleaved=False)
    return out


@lru_cache
def _into(zone: int) -> Transformer:
    return Transformer.from_crs("EPSG:4490", f"EPSG:{4488 + zone}", always_xy=True)

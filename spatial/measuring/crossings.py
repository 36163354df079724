"""Where the axis of a line dig meets the axis of a pipe: the station, the chainage, and under which angle.

Edges are straight on the plane on which the pair was measured, and their meetings are solved exactly there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.found import Pieces
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import edges_of
from spatial.measuring.measure import OnPlane, quantise, stations_m
from spatial.measuring.pieces import IntArray
from spatial.values import DigSite

MEET_M = 0.001
"""Axes nearer than this meet: an end drawn onto a line lies a fraction of a millimetre off it once both are
projected, and so do two lines drawn along one another with other vertices."""

LEAST_OVERLAP_M = 0.05
"""Axes that are one for less than this cross."""

ANGLE_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Crossing:
    """One meeting of two axes. Where they run along one another it goes on to site_to_m and pipe_to_m; else these
    are site_m and pipe_m. Stations and chainages in metres; site_m <= site_to_m; angle 0 (along) to 90 (across)
    degrees, at a bend the smaller."""

    site_m: float
    site_to_m: float
    pipe_m: float
    pipe_to_m: float
    angle_deg: float

    def half_along_pipe_m(self, half_width_m: float) -> float | None:
        """How far the dig of that half width runs along the pipe, to either side of the crossing; None along it."""
        if self.angle_deg <= 0:
            return None
        return float(quantise(np.array(half_width_m / np.sin(np.radians(self.angle_deg)))))


Crossings = tuple[Crossing, ...]


def crossing_documents(found: Crossings, half_width_m: float) -> list[dict[str, Any]]:
    """As a conflict's document holds them: {site_m, pipe_m, angle_deg, half_along_pipe_m}, and site_to_m, pipe_to_m
    where the axes run along one another. half_width_m: of the dig."""
    return [
        {"site_m": one.site_m, "pipe_m": one.pipe_m, "angle_deg": one.angle_deg}
        | {"half_along_pipe_m": one.half_along_pipe_m(half_width_m)}
        | ({"site_to_m": one.site_to_m, "pipe_to_m": one.pipe_to_m} if one.site_to_m > one.site_m else {})
        for one in found
    ]


def crossings(
    sites: Sequence[DigSite],
    site: IntArray,
    pieces: Pieces,
    plane: OnPlane,
    rows: Sequence[IntArray],
    axis_m: FloatArray,
) -> list[Crossings]:
    """Every meeting of each pair, in the order of its stations; () for areas, points and facilities.

    site, rows: per pair, the index of its site and all its piece rows; axis_m: between the drawn shapes.
    A pair that is nearer than MEET_M meets somewhere.
    """
    found: list[Crossings] = [()] * len(rows)
    for pair in np.flatnonzero(axis_m <= MEET_M).tolist():
        if sites[site[pair]].geometry.geom_type == "LineString":
            found[pair] = _of_pair(stations_m(sites[site[pair]]), pieces, plane, rows[pair])
    return found


@dataclass(frozen=True, slots=True)
class _Two:
    """The line of a site and a piece of a pipe on one plane, edge by edge, with what stands at each vertex."""

    line: BaseGeometry
    piece: BaseGeometry
    site_edges: FloatArray
    stations: FloatArray
    pipe_edges: FloatArray
    chainages: FloatArray


def _of_pair(stations: FloatArray, pieces: Pieces, plane: OnPlane, rows: IntArray) -> Crossings:
    line_rows = rows[shapely.get_dimensions(plane.piece[rows]) == 1]
    if not len(line_rows):
        return ()
    away_m = plane.away_m[line_rows]
    near = [_two(stations, pieces, plane, row) for row in line_rows[away_m <= MEET_M].tolist()]
    met = [crossing for two in near for crossing in _meetings(two)]
    # An end that lies beside the other axis under a small angle is near it without any common point.
    return _distinct(met or [_nearest(_two(stations, pieces, plane, int(line_rows[np.argmin(away_m)])))])


def _two(stations: FloatArray, pieces: Pieces, plane: OnPlane, row: int) -> _Two:
    piece, line = plane.piece[row], plane.site_of_piece[row]
    edges = _edges(piece)
    upto = _upto(edges)
    scale = (pieces.to_m[row] - pieces.from_m[row]) / upto[-1] if upto[-1] > 0 else 0.0
    return _Two(
        line=line,
        piece=piece,
        site_edges=_edges(line),
        stations=stations,
        pipe_edges=edges,
        chainages=pieces.from_m[row] + upto * scale,
    )


def _edges(line: BaseGeometry) -> FloatArray:
    """(n, 2, 2), in order."""
    if line.geom_type != "LineString":
        return edges_of(np.array([line], dtype=object)).xy
    xy = shapely.get_coordinates(line)
    return np.concatenate([xy[:-1], xy[1:]], axis=1).reshape(-1, 2, 2)


def _meetings(two: _Two) -> list[Crossing]:
    """Of every edge of one line with every edge of the other."""
    site_edges, stations, edges, chainages = two.site_edges, two.stations, two.pipe_edges, two.chainages
    s, p = (index.ravel() for index in np.indices((len(site_edges), len(edges))))
    a, b = site_edges[s, 0], edges[p, 0]
    run, along = site_edges[s, 1] - a, edges[p, 1] - b
    run_m, along_m = np.hypot(*run.T), np.hypot(*along.T)
    real = (run_m > 0) & (along_m > 0)
    s, p, a, b, run, along, run_m, along_m = (
        column[real] for column in (s, p, a, b, run, along, run_m, along_m)
    )
    ahead, beside = run / run_m[:, None], along / along_m[:, None]
    sine = ahead[:, 0] * beside[:, 1] - ahead[:, 1] * beside[:, 0]
    cosine = (ahead * beside).sum(axis=1)
    angle = np.degrees(np.arctan2(np.abs(sine), np.abs(cosine)))
    from_a = b - a

    # Crossing: the two lines' one common point lies on both edges, or within MEET_M of their ends.
    with np.errstate(divide="ignore", invalid="ignore"):
        t_m = (from_a[:, 0] * beside[:, 1] - from_a[:, 1] * beside[:, 0]) / sine
        u_m = (from_a[:, 0] * ahead[:, 1] - from_a[:, 1] * ahead[:, 0]) / sine
    on_both = (t_m >= -MEET_M) & (t_m <= run_m + MEET_M) & (u_m >= -MEET_M) & (u_m <= along_m + MEET_M)

    # Overlap: over the part of the site's edge that lies beside the pipe's edge, both ends are that near.
    first_m, last_m = (from_a * ahead).sum(axis=1), ((from_a + along) * ahead).sum(axis=1)
    low_m = np.maximum(np.minimum(first_m, last_m), 0.0)
    high_m = np.minimum(np.maximum(first_m, last_m), run_m)
    off_low, off_high = (np.abs(_across(at_m, ahead, from_a, beside)) for at_m in (low_m, high_m))
    overlaps = (high_m - low_m >= LEAST_OVERLAP_M) & (off_low <= MEET_M) & (off_high <= MEET_M)

    def station(at_m: FloatArray) -> FloatArray:
        at: FloatArray = stations[s] + np.clip(at_m / run_m, 0, 1) * (stations[s + 1] - stations[s])
        return at

    def chainage(at_m: FloatArray) -> FloatArray:
        on: FloatArray = chainages[p] + np.clip(at_m / along_m, 0, 1) * (chainages[p + 1] - chainages[p])
        return on

    beside_m = [((ahead * at_m[:, None] - from_a) * beside).sum(axis=1) for at_m in (low_m, high_m)]
    over = np.column_stack(
        [station(low_m), station(high_m), chainage(beside_m[0]), chainage(beside_m[1]), np.zeros(len(s))]
    )
    crossed = on_both & ~overlaps
    t_m, u_m = np.where(crossed, t_m, 0.0), np.where(crossed, u_m, 0.0)
    at, on = station(t_m), chainage(u_m)
    across = np.column_stack([at, at, on, on, angle])
    return [Crossing(*row) for row in [*over[overlaps].tolist(), *across[crossed].tolist()]]


def _across(at_m: FloatArray, ahead: FloatArray, from_a: FloatArray, beside: FloatArray) -> FloatArray:
    """How far off the other line a place on the first one lies, metres."""
    offset = ahead * at_m[:, None] - from_a
    return np.asarray(beside[:, 0] * offset[:, 1] - beside[:, 1] * offset[:, 0])


def _nearest(two: _Two) -> Crossing:
    ends = shapely.get_coordinates(shapely.shortest_line(two.line, two.piece))
    here, there = (shapely.Point(end) for end in ends)
    at = float(np.interp(two.line.project(here), _upto(two.site_edges), two.stations))
    on = float(np.interp(two.piece.project(there), _upto(two.pipe_edges), two.chainages))
    one, other = (
        edge[1] - edge[0]
        for edge in (
            edges[int(np.argmin(shapely.distance(shapely.linestrings(edges), end)))]
            for edges, end in ((two.site_edges, here), (two.pipe_edges, there))
        )
    )
    angle = np.degrees(np.arctan2(abs(one[0] * other[1] - one[1] * other[0]), abs(one @ other)))
    return Crossing(at, at, on, on, float(angle))


def _upto(edges: FloatArray) -> FloatArray:
    lengths = np.hypot(*(edges[:, 1] - edges[:, 0]).T)
    return np.concatenate([np.zeros(1), np.cumsum(lengths)])


def _distinct(met: Sequence[Crossing]) -> Crossings:
    """Each meeting once, quantised: edges that share a corner both meet there, and overlaps go on over corners."""
    distinct: list[Crossing] = []
    for one in sorted(met, key=lambda crossing: (crossing.site_m, -crossing.site_to_m)):
        same = next((n for n, other in enumerate(distinct) if _touch(other, one)), None)
        if same is None:
            distinct.append(one)
        else:
            distinct[same] = _both(distinct[same], one)
    return tuple(_quantised(one) for one in distinct)


def _quantised(one: Crossing) -> Crossing:
    metres = quantise(np.array([one.site_m, one.site_to_m, one.pipe_m, one.pipe_to_m])).tolist()
    return Crossing(metres[0], metres[1], metres[2], metres[3], round(one.angle_deg, ANGLE_DECIMALS))


def _touch(one: Crossing, other: Crossing) -> bool:
    """The same place on the site and on the pipe."""
    near = 2 * MEET_M
    low, high = sorted((one.pipe_m, one.pipe_to_m))
    other_low, other_high = sorted((other.pipe_m, other.pipe_to_m))
    return (
        other.site_m <= one.site_to_m + near
        and other.site_to_m >= one.site_m - near
        and other_low <= high + near
        and other_high >= low - near
    )


def _both(one: Crossing, other: Crossing) -> Crossing:
    """Two that touch as one; a mere corner lengthens nothing."""
    low = one if one.site_m <= other.site_m else other
    high = one if one.site_to_m >= other.site_to_m else other
    if one.site_m == one.site_to_m and other.site_m == other.site_to_m:
        return min(one, other, key=lambda crossing: crossing.angle_deg)
    return Crossing(
        low.site_m, high.site_to_m, low.pipe_m, high.pipe_to_m, min(one.angle_deg, other.angle_deg)
    )

"""Where the axis of a line dig meets the axis of a pipe: the station, the chainage, and under which angle.

Edges are straight on the plane on which the pair was measured, and their meetings are solved exactly there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.found import Pieces
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import MANY, EdgeTree, edges_of
from spatial.measuring.measure import OnPlane, quantise, stations_m
from spatial.measuring.pieces import IntArray
from spatial.values import DigSite

MEET_M = 0.001
"""Axes nearer than this meet: an end drawn onto a line lies a fraction of a millimetre off it once both are
projected, and so do two lines drawn along one another with other vertices."""

APART_M = 0.01
"""Edges whose bounds lie farther from one another do not meet: well above MEET_M, so that rounding cannot tell."""

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
    lines: dict[int, _Line] = {}
    for pair in np.flatnonzero(axis_m <= MEET_M).tolist():
        if sites[site[pair]].geometry.geom_type == "LineString":
            found[pair] = _of_pair(stations_m(sites[site[pair]]), pieces, plane, rows[pair], lines)
    return found


class _Line:
    """The line of a site on one plane, edge by edge, with what stands at each vertex: one for all pieces that it is
    held against."""

    def __init__(self, line: BaseGeometry, stations: FloatArray) -> None:
        self.line, self.stations = line, stations
        self.edges = _edges(line)
        self._tree = EdgeTree(self.edges) if len(self.edges) > MANY else None
        self._all: list[_Run] | None = None

    def runs_near(self, piece: BaseGeometry) -> "list[_Run]":
        """Its edges in order, at least all whose bounds come within APART_M of those of the piece."""
        if self._tree is not None:
            _, near = self._tree.near(shapely.bounds(piece)[None], np.array([2 * APART_M]))
            return _runs(self.edges[near], self.stations[near], self.stations[near + 1], APART_M)
        if self._all is None:
            self._all = _runs(self.edges, self.stations[:-1], self.stations[1:], APART_M)
        return self._all


@dataclass(frozen=True, slots=True)
class _Two:
    """The line of a site and a piece of a pipe on one plane; chainages: at the vertices of the piece."""

    site: _Line
    piece: BaseGeometry
    pipe_edges: FloatArray
    chainages: FloatArray


def _of_pair(
    stations: FloatArray, pieces: Pieces, plane: OnPlane, rows: IntArray, lines: dict[int, _Line]
) -> Crossings:
    """lines: by the id of the shape on its plane, each made when it is first asked for."""
    line_rows = rows[shapely.get_dimensions(plane.piece[rows]) == 1]
    if not len(line_rows):
        return ()
    away_m = plane.away_m[line_rows]
    near = [_two(stations, pieces, plane, row, lines) for row in line_rows[away_m <= MEET_M].tolist()]
    met = [crossing for two in near for crossing in _meetings(two)]
    # An end that lies beside the other axis under a small angle is near it without any common point.
    return _distinct(
        met or [_nearest(_two(stations, pieces, plane, int(line_rows[np.argmin(away_m)]), lines))]
    )


def _two(stations: FloatArray, pieces: Pieces, plane: OnPlane, row: int, lines: dict[int, _Line]) -> _Two:
    piece, line = plane.piece[row], plane.site_of_piece[row]
    if id(line) not in lines:
        lines[id(line)] = _Line(line, stations)
    edges = _edges(piece)
    upto = _upto(edges)
    scale = (pieces.to_m[row] - pieces.from_m[row]) / upto[-1] if upto[-1] > 0 else 0.0
    return _Two(
        site=lines[id(line)],
        piece=piece,
        pipe_edges=edges,
        chainages=pieces.from_m[row] + upto * scale,
    )


def _edges(line: BaseGeometry) -> FloatArray:
    """(n, 2, 2), in order."""
    if line.geom_type != "LineString":
        return edges_of(np.array([line], dtype=object)).xy
    xy = shapely.get_coordinates(line)
    return np.concatenate([xy[:-1], xy[1:]], axis=1).reshape(-1, 2, 2)


class _Run(NamedTuple):
    """An edge: its begin and its run, that as a unit, its length, what stands at both ends, and its bounds."""

    x: float
    y: float
    run_x: float
    run_y: float
    ahead_x: float
    ahead_y: float
    metres: float
    from_m: float
    to_m: float
    west: float
    south: float
    east: float
    north: float

    def at(self, metres: float) -> float:
        """What stands so far along it."""
        return self.from_m + min(max(metres / self.metres, 0.0), 1.0) * (self.to_m - self.from_m)


def _runs(edges: FloatArray, from_m: FloatArray, to_m: FloatArray, wider_m: float = 0.0) -> list[_Run]:
    """The edges that have a length, in order; their bounds wider by so much. from_m, to_m: what stands at their ends."""
    run = edges[:, 1] - edges[:, 0]
    length = np.hypot(run[:, 0], run[:, 1])
    return [
        _Run(
            x=x,
            y=y,
            run_x=run_x,
            run_y=run_y,
            ahead_x=run_x / metres,
            ahead_y=run_y / metres,
            metres=metres,
            from_m=begins_m,
            to_m=ends_m,
            west=min(x, to_x) - wider_m,
            south=min(y, to_y) - wider_m,
            east=max(x, to_x) + wider_m,
            north=max(y, to_y) + wider_m,
        )
        for ((x, y), (to_x, to_y)), (run_x, run_y), metres, begins_m, ends_m in zip(
            edges.tolist(), run.tolist(), length.tolist(), from_m.tolist(), to_m.tolist(), strict=True
        )
        if metres > 0
    ]


def _meetings(two: _Two) -> list[Crossing]:
    """Of every edge of one line with every edge of the other. Plain loops: nearly all of them lie apart."""
    overlaps: list[Crossing] = []
    crosses: list[Crossing] = []
    beside = _runs(two.pipe_edges, two.chainages[:-1], two.chainages[1:])
    for one in two.site.runs_near(two.piece):
        for other in beside:
            if (
                other.west <= one.east
                and other.east >= one.west
                and other.south <= one.north
                and other.north >= one.south
            ):
                if (overlap := _overlap(one, other)) is not None:
                    overlaps.append(overlap)
                elif (cross := _cross(one, other)) is not None:
                    crosses.append(cross)
    return [*overlaps, *crosses]


def _cross(one: _Run, other: _Run) -> Crossing | None:
    """The two lines' one common point lies on both edges, or within MEET_M of their ends."""
    sine = one.ahead_x * other.ahead_y - one.ahead_y * other.ahead_x
    if sine == 0:
        return None
    from_x, from_y = other.x - one.x, other.y - one.y
    t_m = (from_x * other.ahead_y - from_y * other.ahead_x) / sine
    u_m = (from_x * one.ahead_y - from_y * one.ahead_x) / sine
    if not (-MEET_M <= t_m <= one.metres + MEET_M and -MEET_M <= u_m <= other.metres + MEET_M):
        return None
    cosine = one.ahead_x * other.ahead_x + one.ahead_y * other.ahead_y
    at, on = one.at(t_m), other.at(u_m)
    return Crossing(at, at, on, on, float(np.degrees(np.arctan2(abs(sine), abs(cosine)))))


def _overlap(one: _Run, other: _Run) -> Crossing | None:
    """Over the part of the site's edge that lies beside the pipe's edge, both ends are within MEET_M of that."""
    from_x, from_y = other.x - one.x, other.y - one.y
    first_m = from_x * one.ahead_x + from_y * one.ahead_y
    last_m = (from_x + other.run_x) * one.ahead_x + (from_y + other.run_y) * one.ahead_y
    low_m, high_m = max(min(first_m, last_m), 0.0), min(max(first_m, last_m), one.metres)
    if high_m - low_m < LEAST_OVERLAP_M:
        return None
    chainages = []
    for at_m in (low_m, high_m):
        x, y = one.ahead_x * at_m - from_x, one.ahead_y * at_m - from_y
        if abs(other.ahead_x * y - other.ahead_y * x) > MEET_M:
            return None
        chainages.append(other.at(x * other.ahead_x + y * other.ahead_y))
    return Crossing(one.at(low_m), one.at(high_m), chainages[0], chainages[1], 0.0)


def _nearest(two: _Two) -> Crossing:
    ends = shapely.get_coordinates(shapely.shortest_line(two.site.line, two.piece))
    here, there = (shapely.Point(end) for end in ends)
    at = float(np.interp(two.site.line.project(here), _upto(two.site.edges), two.site.stations))
    on = float(np.interp(two.piece.project(there), _upto(two.pipe_edges), two.chainages))
    one, other = (
        edge[1] - edge[0]
        for edge in (
            edges[int(np.argmin(shapely.distance(shapely.linestrings(edges), end)))]
            for edges, end in ((two.site.edges, here), (two.pipe_edges, there))
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

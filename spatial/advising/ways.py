"""The ways a dig site can be redrawn: moved as a whole, one edge moved in, opened less widely.

A way has no opinion about pipes: it says what the site looks like after some metres of it. All on one plane,
metres east and north.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any, Protocol

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from spatial.crs import LONGEST_EDGE_M
from spatial.measuring.boxes import FloatArray
from spatial.rules.profile import AdviceLimits
from spatial.values import DigSite

COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
STRAIGHT_M = 0.01
"""Corners that stand out by less are the dock's own points on a straight edge."""
LEAST_EDGE_M = 1.0
"""A shorter edge is no side of a site that anybody would speak of."""
MOST_EDGES = 12
"""The longest ones; more than that is a rounded outline."""
LEAST_SINE = 0.3
"""An edge at a sharper corner would pull the corner in by more than three times its own move."""
SAME_BEARING_DEG = 2.0


class Way(Protocol):
    """code, about: how it is told. most_m: how far it may go. gain: metres that a distance to anything may grow by
    for each metre of it, at most."""

    @property
    def code(self) -> str: ...
    @property
    def about(self) -> Mapping[str, Any]: ...
    @property
    def most_m(self) -> float: ...
    @property
    def gain(self) -> float: ...

    def shape(self, metres: float) -> BaseGeometry | None:
        """The drawn shape after `metres`; None where none of the same kind is left."""
        ...

    def half_width_m(self, site: DigSite, metres: float) -> float:
        """Opened beyond the drawn shape after `metres`."""
        ...

    def site(self, site: DigSite, metres: float) -> DigSite:
        """The site after `metres`, but for its geometry."""
        ...


@dataclass(frozen=True, slots=True)
class Shift:
    """The whole site, in one direction. bearing_deg: clockwise from north on the plane."""

    drawn: BaseGeometry
    direction: str
    bearing_deg: float
    most_m: float
    code: str = "shift_site"
    gain: float = 1.0

    @property
    def about(self) -> Mapping[str, Any]:
        return {"direction": self.direction, "bearing_deg": round(self.bearing_deg, 1) % 360.0}

    def shape(self, metres: float) -> BaseGeometry:
        turn = radians(self.bearing_deg)
        by = np.array([metres * sin(turn), metres * cos(turn)])
        moved: BaseGeometry = shapely.transform(self.drawn, lambda xy: xy + by)
        return moved

    def half_width_m(self, site: DigSite, metres: float) -> float:
        return site.half_width_m

    def site(self, site: DigSite, metres: float) -> DigSite:
        return site


@dataclass(frozen=True, slots=True)
class Narrow:
    """A line or a point opened less on either side. In a sloped trench the walls become steeper, never the floor
    narrower."""

    drawn: BaseGeometry
    half_width_now_m: float
    most_m: float
    code: str = "narrow_site"
    gain: float = 1.0

    @property
    def about(self) -> Mapping[str, Any]:
        return {"half_width_now_m": self.half_width_now_m}

    def shape(self, metres: float) -> BaseGeometry:
        return self.drawn

    def half_width_m(self, site: DigSite, metres: float) -> float:
        return round(site.half_width_m - metres, 4)

    def site(self, site: DigSite, metres: float) -> DigSite:
        half_width_m = self.half_width_m(site, metres)
        trench = site.trench
        if trench is not None and trench.bottom_width_m is not None and site.depth_m:
            steeper = max(half_width_m - trench.bottom_width_m / 2, 0.0) / site.depth_m
            trench = replace(trench, slope_ratio=steeper, slope_known=True)
        return replace(site, half_width_m=half_width_m, trench=trench)


@dataclass(frozen=True, slots=True)
class EdgeMove:
    """One edge of an area moved in along its normal; its neighbours are cut shorter, everything else stays.

    corners: (n, 2) of the ring, not closed; edge: from corners[edge] to the next. inward: unit vector.
    """

    drawn: Polygon | MultiPolygon
    part: int
    corners: FloatArray
    edge: int
    inward: tuple[float, float]
    gain: float
    most_m: float
    least_share_kept: float
    code: str = "move_edge"

    @property
    def about(self) -> Mapping[str, Any]:
        outward = degrees(atan2(-self.inward[0], -self.inward[1])) % 360.0
        begin, end = self.corners[self.edge], self.corners[(self.edge + 1) % len(self.corners)]
        return {
            "edge": COMPASS[round(outward / 45.0) % 8],
            "bearing_deg": round(outward + 180.0, 1) % 360.0,
            "edge_length_m": round(float(hypot(*(end - begin))), 2),
        }

    def shape(self, metres: float) -> BaseGeometry | None:
        count = len(self.corners)
        before, begin, end, after = (
            self.corners[number % count] for number in range(self.edge - 1, self.edge + 3)
        )
        by = metres * np.array(self.inward)
        along = end - begin
        new_begin = _crossing(begin + by, along, before, begin - before)
        new_end = _crossing(begin + by, along, after, end - after)
        kept = (
            (new_end - new_begin) @ along,
            (new_begin - before) @ (begin - before),
            (new_end - after) @ (end - after),
        )
        if min(kept) <= 0:
            return None
        ring = self.corners.copy()
        ring[self.edge], ring[(self.edge + 1) % count] = new_begin, new_end
        parts = list(shapely.get_parts(self.drawn))
        was = parts[self.part]
        now = Polygon(ring, [hole.coords for hole in was.interiors])
        if not now.is_valid or now.area < self.least_share_kept * was.area:
            return None
        parts[self.part] = shapely.segmentize(now, LONGEST_EDGE_M)
        whole: BaseGeometry = parts[0] if isinstance(self.drawn, Polygon) else MultiPolygon(parts)
        return whole if whole.is_valid else None

    def half_width_m(self, site: DigSite, metres: float) -> float:
        return site.half_width_m

    def site(self, site: DigSite, metres: float) -> DigSite:
        return site


def ways_of(
    site: DigSite, drawn: BaseGeometry, worst: Sequence[BaseGeometry], limits: AdviceLimits
) -> tuple[Way, ...]:
    """Every way worth trying. drawn: the site on its plane; worst: the shapes of what it conflicts with most."""
    most_m = limits.largest_shift_m
    if isinstance(drawn, LineString):
        ahead = _bearing_at(drawn, min(worst, key=lambda part: float(shapely.distance(part, drawn))))
        turns = [("left", ahead - 90.0), ("right", ahead + 90.0), ("ahead", ahead), ("back", ahead + 180.0)]
    else:
        turns = [("N", 0.0), ("E", 90.0), ("S", 180.0), ("W", 270.0)]
        for away in _bearings_away(drawn, worst):
            if all(abs((away - turn + 180.0) % 360.0 - 180.0) > SAME_BEARING_DEG for _, turn in turns):
                turns.append(("away", away))
    ways: list[Way] = [Shift(drawn, name, turn, most_m) for name, turn in turns]
    if isinstance(drawn, Polygon | MultiPolygon):
        ways += _edges(drawn, limits)
    elif (spare_m := site.half_width_m - _least_half_width_m(site, limits)) > 0:
        ways.append(Narrow(drawn, site.half_width_m, spare_m))
    return tuple(ways)


def _least_half_width_m(site: DigSite, limits: AdviceLimits) -> float:
    """A trench keeps its floor, and what slopes cannot be steepened when nobody knows how deep it is. A bore is as
    wide as what is drawn through it."""
    if site.bore is not None:
        return site.half_width_m
    if site.trench is None:
        return limits.least_half_width_m
    if site.trench.bottom_width_m is None or not site.depth_m:
        return site.half_width_m
    return max(site.trench.bottom_width_m / 2, limits.least_half_width_m)


def _edges(drawn: Polygon | MultiPolygon, limits: AdviceLimits) -> list[EdgeMove]:
    """The edges that can be moved in, in the order of the outline."""
    found: list[tuple[float, EdgeMove]] = []
    for part, area in enumerate(shapely.get_parts(drawn)):
        corners = _corners(area.exterior)
        runs = np.roll(corners, -1, axis=0) - corners
        length = np.hypot(runs[:, 0], runs[:, 1])
        unit = runs / np.where(length > 0, length, 1.0)[:, None]
        # Sine of the turn at the corner where each edge begins.
        turn = np.abs(
            np.roll(unit, 1, axis=0)[:, 0] * unit[:, 1] - np.roll(unit, 1, axis=0)[:, 1] * unit[:, 0]
        )
        sharpest = np.minimum(turn, np.roll(turn, -1))
        for edge in np.flatnonzero((length >= LEAST_EDGE_M) & (sharpest >= LEAST_SINE)).tolist():
            inward = (-float(unit[edge, 1]), float(unit[edge, 0]))
            move = EdgeMove(
                drawn,
                part,
                corners,
                edge,
                inward,
                1.0 / float(sharpest[edge]),
                limits.largest_shift_m,
                limits.least_share_kept,
            )
            found.append((float(length[edge]), move))
    longest = sorted((length for length, _ in found), reverse=True)[:MOST_EDGES]
    return [move for length, move in found if length >= longest[-1]][:MOST_EDGES]


def _corners(ring: LinearRing) -> FloatArray:
    """(n, 2): where an outline really turns, anticlockwise, the first not repeated."""
    simple: FloatArray = shapely.get_coordinates(shapely.simplify(ring, STRAIGHT_M))[:-1]
    # The point a ring happens to begin with is kept by simplify even where nothing turns.
    turned = shapely.get_coordinates(shapely.simplify(LinearRing(np.roll(simple, -1, axis=0)), STRAIGHT_M))[
        :-1
    ]
    return turned if LinearRing(turned).is_ccw else turned[::-1]


def _crossing(at: FloatArray, along: FloatArray, other_at: FloatArray, other_along: FloatArray) -> FloatArray:
    """Where two lines cross; the caller knows that they do."""
    across = along[0] * other_along[1] - along[1] * other_along[0]
    gap = other_at - at
    crossing: FloatArray = at + along * ((gap[0] * other_along[1] - gap[1] * other_along[0]) / across)
    return crossing


def _bearing_at(line: BaseGeometry, place: BaseGeometry) -> float:
    """The direction in which a line is drawn where it comes nearest to something; degrees from north."""
    xy = shapely.get_coordinates(line)
    nearest = Point(shapely.get_coordinates(shapely.shortest_line(line, place))[0])
    edges = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
    run = np.diff(xy, axis=0)[int(np.argmin(shapely.distance(edges, nearest)))]
    return degrees(atan2(run[0], run[1]))


def _bearings_away(drawn: BaseGeometry, worst: Sequence[BaseGeometry]) -> list[float]:
    """Straight away from something; where the site meets it, square to it on either side."""
    nearest = min(worst, key=lambda part: float(shapely.distance(part, drawn)))
    there, here = shapely.get_coordinates(shapely.shortest_line(nearest, drawn))
    if hypot(*(here - there)) > STRAIGHT_M:
        return [degrees(atan2(here[0] - there[0], here[1] - there[1]))]
    if shapely.get_dimensions(nearest) != 1:
        return []
    ahead = _bearing_at(nearest, drawn.centroid)
    return [ahead - 90.0, ahead + 90.0]

"""What lines are that end where they begin, or, in a drawing, where others do: drawings know no areas at all, and tracks, places
of a map and layers of lines often hold the outline of one.

Whether such lines go round the ground to be dug or are the axis of a trench round a house is asked, never guessed: taken for
outlines, axes would lose the outer half of what is opened; taken for axes, an outline would lose all that is within.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from spatial.errors import Refused

SAME_PLACE_M = 0.01
"""Ends of lines that are no farther apart are one corner."""
WIDTHS = frozenset({"half_width_m", "width_m", "bottom_width_m", "bore"})
"""Whoever states one has said that the line is an axis."""
LEAST_OF_A_RING = 4
"""Positions, the first of them again at the end."""
_OF_ONE_ENTITY = ("handle", "type")

Feature = dict[str, Any]


def is_drawn(feature: Mapping[str, Any]) -> bool:
    """Whether a feature is a line of a drawing of which nothing says that it is an axis."""
    own = feature["properties"]
    return (
        feature["geometry"]["type"] == "LineString"
        and "handle" in own
        and "layer" in own
        and not _has_width(own)
    )


def is_drawn_wide(feature: Mapping[str, Any]) -> bool:
    return is_drawn(feature) and "drawn_width_m" in feature["properties"]


def is_closed(feature: Mapping[str, Any]) -> bool:
    """Whether a feature, well formed or not, is a line that ends exactly where it begins and has no width."""
    geometry, own = feature.get("geometry"), feature.get("properties")
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString" or _has_width(own):
        return False
    line = geometry.get("coordinates")
    if not isinstance(line, list | tuple) or len(line) < LEAST_OF_A_RING:
        return False
    first, last = line[0], line[-1]
    return isinstance(first, list | tuple) and isinstance(last, list | tuple) and [*first[:2]] == [*last[:2]]


def single_points(features: Sequence[Mapping[str, Any]]) -> int:
    """How many points, of no radius, are left to be holes."""
    return sum(map(_is_bare_point, features))


def open_lines(features: Sequence[Mapping[str, Any]]) -> int:
    """How many lines of anything but a drawing are left without a width."""
    return sum(
        one["geometry"]["type"] == "LineString" and not _has_width(one["properties"]) and not is_drawn(one)
        for one in features
    )


def shapes_said(features: Sequence[Any], points_are: str, name: str) -> list[Any]:
    """Features of GeoJSON, well formed or not, closed lines made areas if that is what they are.

    :raises Refused: points_without_order.
    """
    _check_points([one for one in features if isinstance(one, dict)], points_are, name)
    return [
        _area_of(one) if points_are == "area" and isinstance(one, dict) and is_closed(one) else one
        for one in features
    ]


def outlined(features: Sequence[Feature], points_are: str | None, name: str) -> tuple[list[Feature], int]:
    """The features, closed lines and runs of lines that close made areas if that is what they are; and how many lines
    without a width stay open.

    points_are: area or line, what closed lines are. Coordinates of drawings are metres.
    :raises Refused: plan_shape_unstated, points_without_order.
    """
    drawn = [feature for feature in features if is_drawn(feature)]
    others = {id(feature) for feature in features if not is_drawn(feature) and is_closed(feature)}
    if points_are not in ("area", "line") and others:
        raise _unstated(name)
    if not drawn and not others:
        _check_points(features, points_are, name)
    if points_are == "area":
        features = [_area_of(one) if id(one) in others else one for one in features]
    if not drawn:
        return list(features), 0
    lines = _joined_ends([shapely.LineString(one["geometry"]["coordinates"]) for one in drawn])
    closed = np.array([line.is_closed and len(line.coords) >= LEAST_OF_A_RING for line in lines])
    runs = _runs(lines, closed)
    if points_are not in ("area", "line") and (closed.any() or runs):
        raise _unstated(name)
    if not (others or closed.any() or runs):
        _check_points(features, points_are, name)
    if points_are != "area":
        return list(features), 0
    within = {at for run, _ in runs for at in run}
    areas = {at: {**drawn[at], "geometry": _ring(lines[at])} for at in np.flatnonzero(closed).tolist()}
    areas |= {run[0]: _whole([drawn[at] for at in run], area) for run, area in runs}
    order = {id(one): at for at, one in enumerate(drawn)}
    made = []
    for feature in features:
        at = order.get(id(feature))
        if at in areas:
            made.append(areas[at])
        elif at is None or at not in within:
            made.append(feature)
    return made, len(drawn) - len(within) - int(closed.sum())


def _has_width(own: Any) -> bool:
    return isinstance(own, dict) and any(own.get(name) is not None for name in WIDTHS)


def _area_of(line: Mapping[str, Any]) -> Feature:
    ring = [list(at) if isinstance(at, tuple) else at for at in line["geometry"]["coordinates"]]
    return {**line, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _check_points(features: Sequence[Mapping[str, Any]], points_are: str | None, name: str) -> None:
    """:raises Refused: points_without_order: taken for holes, what is said of them would be ignored in silence."""
    if points_are in ("area", "line") and any(map(_is_bare_point, features)):
        raise Refused.because(
            "points_without_order",
            en=f"{name} has single points, which have no order, so that no {points_are} can be made of them: send them as a "
            "list of coordinates in order, or say that they are points (holes)",
            zh=f"{name} 含有单独的点，点与点之间没有顺序，无法连成范围或轴线：请按顺序以坐标表提交，或说明是 points（孔位）",
        )


def _is_bare_point(feature: Mapping[str, Any]) -> bool:
    geometry, own = feature.get("geometry"), feature.get("properties")
    radius = own.get("radius_m") if isinstance(own, dict) else None
    return radius is None and isinstance(geometry, dict) and geometry.get("type") in ("Point", "MultiPoint")


def _joined_ends(lines: Sequence[Any]) -> list[Any]:
    """The lines, ends within SAME_PLACE_M of one another moved to the first of them."""
    ends = np.array([line.coords[at] for line in lines for at in (0, -1)])
    points = shapely.points(ends)
    first = np.arange(len(ends))
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=SAME_PLACE_M)
    for one, other in near.T.tolist():
        first[one] = min(first[one], other)
    while (first != first[first]).any():
        first = first[first]
    joined = []
    for at, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        xy[[0, -1]] = ends[first[2 * at]], ends[first[2 * at + 1]]
        joined.append(shapely.LineString(xy))
    return joined


def _runs(lines: Sequence[Any], closed: Any) -> list[tuple[list[int], Any]]:
    """(which lines, the ground they go round) of open lines that close together, end to end; what lies between several is
    one ground."""
    still_open = [at for at in range(len(lines)) if not closed[at]]
    rings = shapely.get_parts(shapely.polygonize([lines[at] for at in still_open]))
    if not len(rings):
        return []
    runs = []
    for area in shapely.get_parts(shapely.union_all(rings)):
        whole = shapely.Polygon(area.exterior)
        run = [at for at in still_open if shapely.covers(whole, lines[at])]
        runs.append((run, _ring(area.exterior)))
    return runs


def _ring(line: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(at) for at in line.coords]]}


def _whole(lines: Sequence[Feature], area: Any) -> Feature:
    """One feature of several: what they do not say alike, nobody has said."""
    said = [one["properties"] for one in lines]
    alike = {
        key: value
        for key, value in said[0].items()
        if key not in _OF_ONE_ENTITY and all(own.get(key) == value for own in said)
    }
    return {**lines[0], "geometry": area, "properties": {**alike, "handle": said[0]["handle"]}}


def _unstated(name: str) -> Refused:
    return Refused.because(
        "plan_shape_unstated",
        en=f"{name} has closed lines without a width; say what they are: area (they go round the ground to be dug) or line "
        "(the axis of a trench). On the command line: --points-are area",
        zh=f"{name} 中有未注明宽度的闭合线；请说明其含义：area（开挖范围的轮廓）或 line（沟槽轴线）。命令行写法：--points-are area",
    )

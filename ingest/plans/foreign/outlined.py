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
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE

SAME_PLACE_M = 0.01
"""Ends of lines that are no farther apart are one corner."""
WIDTHS = frozenset({"half_width_m", "width_m", "bottom_width_m", "bore"})
"""Whoever states one has said that the line is an axis."""
LEAST_OF_A_RING = 4
"""Positions, the first of them again at the end."""
MOST_OPEN_M, MOST_OPEN_OF_IT = 10.0, 0.05
"""Who walks round a pit with a phone, or clicks round it on a map, does not end where he began: as far off as this, and this share of
the way, he may have meant to."""
_OF_ONE_ENTITY = ("handle", "type")

Feature = dict[str, Any]


def is_axis_or_outline(feature: Mapping[str, Any]) -> bool:
    """Whether a feature is a line of which nothing says that it is an axis."""
    return feature["geometry"]["type"] == "LineString" and not _has_width(feature["properties"])


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


def all_but_closes(feature: Mapping[str, Any]) -> bool:
    """Whether a sound line of no width, of longitude and latitude or metres, ends about where it begins."""
    if not is_axis_or_outline(feature) or len(feature["geometry"]["coordinates"]) < LEAST_OF_A_RING:
        return False
    xy = np.array([at[:2] for at in feature["geometry"]["coordinates"]], dtype=np.float64)
    steps = np.diff(xy, axis=0, append=xy[:1])
    if _are_degrees(xy):
        steps *= METRES_PER_DEGREE_LATITUDE * np.array([np.cos(np.radians(xy[0, 1])), 1.0])
    *way, gap = np.hypot(*steps.T)
    return bool(gap <= min(MOST_OPEN_M, MOST_OPEN_OF_IT * sum(way)))


def single_points(features: Sequence[Mapping[str, Any]]) -> int:
    """How many points, of no radius, are left to be holes."""
    return sum(map(_is_bare_point, features))


def shapes_said(features: Sequence[Any], points_are: str, name: str) -> list[Any]:
    """Features of GeoJSON, well formed or not, closed lines made areas if that is what they are.

    :raises Refused: points_without_order.
    """
    _check_points([one for one in features if isinstance(one, dict)], points_are, name)
    return [
        _area_of(one) if points_are == "area" and isinstance(one, dict) and is_closed(one) else one
        for one in features
    ]


def outlined(
    features: Sequence[Feature], points_are: str | None, name: str, *, drawing: bool
) -> tuple[list[Feature], int]:
    """The features, closed lines, or, unless a drawing's, all but closed ones, and, of a drawing, runs of lines that close made
    areas if that is what they are; and how many lines without a width stay open.

    points_are: area or line, what closed lines are. drawing: of a CAD program, each line with its handle.
    :raises Refused: plan_shape_unstated, points_without_order.
    """
    stated = points_are in ("area", "line")
    closes = is_closed if drawing else all_but_closes
    closed = [closes(feature) for feature in features]
    if any(closed) and not stated:
        raise _unstated(name)
    made = [
        _area_of(one) if points_are == "area" and ends else one
        for one, ends in zip(features, closed, strict=True)
    ]
    still_open = [at for at, one in enumerate(made) if not closed[at] and is_axis_or_outline(one)]
    areas = _areas_of_a_drawing([made[at] for at in still_open]) if drawing and still_open else []
    if areas and not stated:
        raise _unstated(name)
    _check_points(features, points_are, name)
    if points_are != "area":
        return made, len(still_open)
    first = {still_open[of[0]]: area for of, area in areas}
    within = {still_open[at] for of, _ in areas for at in of}
    made = [first.get(at, one) for at, one in enumerate(made) if at in first or at not in within]
    return made, len(still_open) - len(within)


def _areas_of_a_drawing(drawn: Sequence[Feature]) -> list[tuple[list[int], Feature]]:
    """(which lines, the area they go round): of each that all but ends where it begins, and of runs of the others."""
    lines = _joined_ends([shapely.LineString(one["geometry"]["coordinates"]) for one in drawn])
    rings = [line.is_closed and len(line.coords) >= LEAST_OF_A_RING for line in lines]
    alone = [([at], {**drawn[at], "geometry": _ring(lines[at])}) for at, closes in enumerate(rings) if closes]
    others = [at for at, closes in enumerate(rings) if not closes]
    runs = [([others[at] for at in run], area) for run, area in _runs([lines[at] for at in others])]
    return [*alone, *((run, _whole([drawn[at] for at in run], area)) for run, area in runs)]


def _has_width(own: Any) -> bool:
    return isinstance(own, dict) and any(own.get(name) is not None for name in WIDTHS)


def _area_of(line: Mapping[str, Any]) -> Feature:
    ring = [list(at) if isinstance(at, tuple) else at for at in line["geometry"]["coordinates"]]
    if [*ring[0][:2]] != [*ring[-1][:2]]:
        ring.append(ring[0])
    return {**line, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _check_points(features: Sequence[Mapping[str, Any]], points_are: str | None, name: str) -> None:
    """:raises Refused: points_without_order: taken for holes, what is said of them would be ignored in silence."""
    if points_are in ("area", "line") and features and all(map(_is_bare_point, features)):
        raise Refused.because(
            "points_without_order",
            en=f"{name} has nothing but single points, which have no order, so that no {points_are} can be made of them: send them as a "
            "list of coordinates in order, or say that they are points (holes)",
            zh=f"{name} 中只有单独的点，点与点之间没有顺序，无法连成范围或轴线：请按顺序以坐标表提交，或说明是 points（孔位）",
        )


def _is_bare_point(feature: Mapping[str, Any]) -> bool:
    geometry, own = feature.get("geometry"), feature.get("properties")
    radius = own.get("radius_m") if isinstance(own, dict) else None
    return radius is None and isinstance(geometry, dict) and geometry.get("type") in ("Point", "MultiPoint")


def _joined_ends(lines: Sequence[Any]) -> list[Any]:
    """The lines, ends that are one corner moved to the first of them."""
    ends = np.array([line.coords[at] for line in lines for at in (0, -1)])
    points = shapely.points(ends)
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=_same_place(ends))
    first = np.arange(len(ends))
    np.minimum.at(first, *near)
    while (first != first[first]).any():
        first = first[first]
    joined = []
    for at, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        xy[[0, -1]] = ends[first[2 * at]], ends[first[2 * at + 1]]
        joined.append(shapely.LineString(xy))
    return joined


def _same_place(ends: Any) -> float:
    """SAME_PLACE_M in what the numbers count: a hundredth of a degree is a kilometre."""
    return SAME_PLACE_M / METRES_PER_DEGREE_LATITUDE if _are_degrees(ends) else SAME_PLACE_M


def _are_degrees(xy: Any) -> bool:
    """Whether numbers may be longitude and latitude."""
    return bool((np.abs(xy[:, :2]).max(axis=0) <= (180.0, 90.0)).all())


def _runs(lines: Sequence[Any]) -> list[tuple[list[int], Any]]:
    """(which lines, the ground they go round) of open lines that close together, end to end; what lies between several is
    one ground."""
    rings = shapely.get_parts(shapely.polygonize(lines))
    if not len(rings):
        return []
    grounds = [shapely.Polygon(area.exterior) for area in shapely.get_parts(shapely.union_all(rings))]
    ground, line = shapely.STRtree(lines).query(grounds, predicate="covers")
    order = np.lexsort((line, ground))
    runs = np.split(line[order], np.cumsum(np.bincount(ground, minlength=len(grounds)))[:-1])
    return [(run.tolist(), _ring(of.exterior)) for run, of in zip(runs, grounds, strict=True) if len(run)]


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

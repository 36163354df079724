"""A dig site's shape, read from GeoJSON with every fault placed by its JSON pointer. Never repaired."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ingest.files.geojson import is_number
from ingest.plans.sizes import too_many_vertices
from spatial.errors import Faults

MAX_FAULTS_A_SHAPE = 20
"""After so many bad positions the rest adds nothing."""

Position = tuple[float, float]

_INVALID: dict[str, tuple[str, str, str]] = {
    "Self-intersection": (
        "site_crosses_itself",
        "the outline crosses itself at {at}; redraw it so that it does not",
        "轮廓在 {at} 处自相交，请重新绘制",
    ),
    "Ring Self-intersection": (
        "site_touches_itself",
        "the outline touches itself at {at}; redraw it as separate areas, or without the pinch",
        "轮廓在 {at} 处与自身相接，请分成几个面或重新绘制",
    ),
    "Hole lies outside shell": (
        "site_hole_outside",
        "a hole lies outside its area at {at}; holes must lie inside",
        "有空洞在 {at} 处位于面外，空洞必须在面内",
    ),
    "Holes are nested": (
        "site_holes_nested",
        "a hole lies inside another hole at {at}; merge them",
        "有空洞在 {at} 处位于另一空洞内，请合并",
    ),
    "Nested shells": (
        "site_areas_overlap",
        "one area lies inside another at {at}; keep the outer one",
        "有面在 {at} 处位于另一面内，请只保留外面的",
    ),
    "Duplicate Rings": (
        "site_ring_repeated",
        "the same outline stands twice, at {at}; keep one",
        "同一轮廓在 {at} 处重复出现，请只保留一个",
    ),
    "Interior is disconnected": (
        "site_interior_cut",
        "the holes cut the area into pieces at {at}; draw them as separate areas",
        "空洞在 {at} 处把面切断，请画成几个独立的面",
    ),
}
_ANY_INVALID = (
    "site_shape_invalid",
    "the outline is not a proper area at {at}; redraw it",
    "轮廓在 {at} 处不构成有效的面，请重新绘制",
)
_PLACE = re.compile(r"^([^\[]*?)\s*(?:\[(.*)\])?$")


def read_shape(
    geometry: Any, most: int, pointer: str, faults: Faults, coordinates_at: str | None = None
) -> BaseGeometry | None:
    """Point, LineString, Polygon or MultiPolygon in the file's CRS, of at most so many positions; None when `faults` got a
    reason. pointer: of the geometry; coordinates_at: of its positions, where they stand among those of others."""
    before = len(faults.found)
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if geometry is None:
        faults.add(
            "site_no_geometry",
            en="this feature has no geometry; draw the ground to be dug, or delete the feature",
            zh="该要素没有几何，请画出开挖范围或删除该要素",
            pointer=pointer,
        )
    elif kind in ("MultiLineString", "MultiPoint", "GeometryCollection"):
        faults.add(
            "site_one_feature_each",
            en=f"this {kind} cannot be taken apart into dig sites; give each line, point or area a feature of its own",
            zh=f"此处的 {kind} 无法拆成单独的开挖点；请让每条线、每个点或面各为一个要素",
            pointer=pointer,
        )
    elif kind not in ("Point", "LineString", "Polygon", "MultiPolygon"):
        faults.add(
            "site_geometry_expected",
            en="this is not a geometry of type Polygon, MultiPolygon, LineString or Point; draw the ground to be dug",
            zh="几何类型应为 Polygon、MultiPolygon、LineString 或 Point，请画出开挖范围",
            pointer=pointer,
        )
    else:
        coordinates = geometry.get("coordinates")
        place = coordinates_at or f"{pointer}/coordinates"
        if kind == "Point":
            shape = _point(coordinates, place, faults)
        else:
            readers = {"LineString": _line, "Polygon": _polygon, "MultiPolygon": _multipolygon}
            shape = readers[kind](coordinates, most, place, faults)
        return shape if len(faults.found) == before else None
    return None


def _point(coordinates: Any, pointer: str, faults: Faults) -> BaseGeometry | None:
    position = _position(coordinates, pointer, faults)
    return shapely.Point(position) if position else None


def _line(coordinates: Any, most: int, pointer: str, faults: Faults) -> BaseGeometry | None:
    positions = _positions(coordinates, pointer, faults)
    if positions is None or not _few_enough(len(positions), most, pointer, faults):
        return None
    if len(positions) < 2:
        _too_few(2, "a line", "线", pointer, faults)
        return None
    if len(set(positions)) == 1:
        faults.add(
            "site_zero_length",
            en="all points of this line are one; draw the line, or send a Point with radius_m",
            zh="该线的所有点重合；请画出线段，或用带 radius_m 的 Point",
            pointer=pointer,
        )
        return None
    return shapely.LineString(positions)


def _polygon(coordinates: Any, most: int, pointer: str, faults: Faults) -> BaseGeometry | None:
    rings = _rings(coordinates, pointer, faults)
    if rings is None or not _few_enough(sum(map(len, rings)), most, pointer, faults):
        return None
    return _proper(shapely.Polygon(rings[0], rings[1:]), [(rings, pointer)], pointer, faults)


def _multipolygon(coordinates: Any, most: int, pointer: str, faults: Faults) -> BaseGeometry | None:
    if not isinstance(coordinates, list) or not coordinates:
        _empty(pointer, faults)
        return None
    found = [
        (_rings(one, f"{pointer}/{number}", faults), f"{pointer}/{number}")
        for number, one in enumerate(coordinates)
    ]
    areas = [(rings, place) for rings, place in found if rings is not None]
    if len(areas) < len(found) or not _few_enough(
        sum(len(ring) for rings, _ in areas for ring in rings), most, pointer, faults
    ):
        return None
    built = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings, _ in areas])
    return _proper(built, areas, pointer, faults)


def _rings(coordinates: Any, pointer: str, faults: Faults) -> list[list[Position]] | None:
    if not isinstance(coordinates, list) or not coordinates:
        _empty(pointer, faults)
        return None
    rings: list[list[Position]] = []
    for number, one in enumerate(coordinates):
        place = f"{pointer}/{number}"
        ring = _positions(one, place, faults)
        if ring is None:
            continue
        if ring[0] != ring[-1]:
            faults.add(
                "site_ring_open",
                en="this outline does not end at the point it begins with; repeat the first point at the end",
                zh="轮廓未闭合：最后一点须与第一点相同，请补上",
                pointer=place,
            )
        elif len(ring) < 4:
            _too_few(
                4, "an outline (the first point repeated at the end)", "轮廓（首尾点相同）", place, faults
            )
        else:
            rings.append(ring)
    return rings if len(rings) == len(coordinates) else None


def _proper(
    built: BaseGeometry,
    areas: Sequence[tuple[list[list[Position]], str]],
    pointer: str,
    faults: Faults,
) -> BaseGeometry | None:
    """`built`, unless a ring stands twice, an area is none, or an outline crosses itself."""
    before = len(faults.found)
    seen: dict[frozenset[frozenset[Position]], str] = {}
    single = sum(len(rings) for rings, _ in areas) == 1
    for rings, place in areas:
        for number, ring in enumerate(rings):
            alone = built if single else shapely.Polygon(ring)
            # The same edges, wherever the ring begins and whichever way it runs.
            key = frozenset(frozenset(edge) for edge in itertools.pairwise(ring) if edge[0] != edge[1])
            where = f"{place}/{number}"
            if key in seen:
                faults.add(
                    "site_ring_repeated",
                    en=f"this outline is the same as {seen[key]}; keep one",
                    zh=f"该轮廓与 {seen[key]} 相同，请只保留一个",
                    pointer=where,
                )
            seen[key] = where
            # The hull's area: the two halves of a bow-tie cancel out. Relative to its size: a sliver of
            # rounding is no area either.
            if alone.convex_hull.area <= 1e-12 * alone.length**2:
                faults.add(
                    "site_zero_area",
                    en="this outline encloses no area; redraw it, or send a LineString with half_width_m",
                    zh="该轮廓面积为零；请重新绘制，或用带 half_width_m 的 LineString",
                    pointer=where,
                )
    if len(faults.found) == before and not built.is_valid:
        match = _PLACE.match(shapely.is_valid_reason(built))
        said, at = (match[1], match[2]) if match else ("", None)
        code, en, zh = _INVALID.get(said, _ANY_INVALID)
        at = at or "an unknown place"
        faults.add(code, en=en.format(at=at), zh=zh.format(at=at), pointer=pointer)
    return built if len(faults.found) == before else None


def _positions(items: Any, pointer: str, faults: Faults) -> list[Position] | None:
    if not isinstance(items, list) or not items:
        _empty(pointer, faults)
        return None
    before = len(faults.found)
    read: list[Position] = []
    for number, item in enumerate(items):
        position = _position(item, f"{pointer}/{number}", faults)
        if position is not None:
            read.append(position)
        elif len(faults.found) - before >= MAX_FAULTS_A_SHAPE:
            break
    return read if len(faults.found) == before else None


def _position(item: Any, pointer: str, faults: Faults) -> Position | None:
    if not isinstance(item, list) or not 2 <= len(item) <= 4:
        faults.add(
            "coordinate_expected",
            en="this must be a position: [x, y], longitude or easting first",
            zh="此处应为坐标 [x, y]，经度或东坐标在前",
            pointer=pointer,
        )
        return None
    if not all(map(is_number, item)):
        faults.add(
            "coordinate_not_finite",
            en=f"{_shown(item)} is not made of numbers (no text, null, true, NaN or Infinity); correct it",
            zh=f"{_shown(item)} 不是数字坐标（不能是文字、null、true、NaN 或 Infinity），请更正",
            pointer=pointer,
        )
        return None
    return float(item[0]), float(item[1])


def _shown(item: list[Any]) -> str:
    return "[" + ", ".join(repr(value)[:24] for value in item) + "]"


def _few_enough(count: int, most: int, pointer: str, faults: Faults) -> bool:
    if count > most:
        too_many_vertices(count, most, pointer, faults)
    return count <= most


def _too_few(needed: int, what: str, what_zh: str, pointer: str, faults: Faults) -> None:
    faults.add(
        "site_too_few_points",
        en=f"{what} needs at least {needed} points; redraw it",
        zh=f"{what_zh}至少需要 {needed} 个点，请重新绘制",
        pointer=pointer,
    )


def _empty(pointer: str, faults: Faults) -> None:
    faults.add(
        "site_empty",
        en="there are no coordinates here; draw the ground to be dug",
        zh="此处没有坐标，请画出开挖范围",
        pointer=pointer,
    )

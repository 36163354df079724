"""GeoJSON, read strictly by ourselves: GDAL accepts NaN, strings and nulls as coordinates in silence."""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ingest.files.layers import check_no_layers
from ingest.files.local import read_bytes
from ingest.files.rows import MAX_ROWS, Pick, Reading, Rows, id_text, is_none
from spatial.columns import Coded
from spatial.errors import Refused

GEOMETRY_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
FEWEST_POSITIONS = {
    "Point": 1,
    "MultiPoint": 1,
    "LineString": 2,
    "MultiLineString": 2,
    "Polygon": 4,
    "MultiPolygon": 4,
}
"""The fewest positions a point list, a line or a ring can have."""


def parse_json(data: bytes | str, name: str) -> Any:
    """The document. NaN and Infinity come through as floats: whoever reads numbers must refuse them.

    :raises Refused: json_not_utf8, json_too_deep, json_too_large, json_unreadable.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        return json.loads(text.removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise Refused.because(
            "json_not_utf8",
            en=f"{name} is not UTF-8 text; save it as UTF-8",
            zh=f"{name} 不是 UTF-8 编码，请另存为 UTF-8",
        ) from error
    except RecursionError as error:
        raise Refused.because(
            "json_too_deep",
            en=f"{name} nests lists or objects too deeply to be GeoJSON; export it again",
            zh=f"{name} 的嵌套层数过深，不是有效的 GeoJSON，请重新导出",
        ) from error
    except MemoryError as error:
        raise Refused.because(
            "json_too_large",
            en=f"{name} takes more memory to read than it may; split it, or export it as GeoPackage",
            zh=f"读取 {name} 所需内存超过限制；请拆分文件，或导出为 GeoPackage",
        ) from error
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        zh_where = f"（第 {error.lineno} 行）" if isinstance(error, json.JSONDecodeError) else ""
        raise Refused.because(
            "json_unreadable",
            en=f"{name} is not readable JSON{where}; export it again",
            zh=f"{name} 不是可读取的 JSON{zh_where}，请重新导出",
        ) from error


def features_of(document: Any, name: str) -> list[tuple[str, Any]]:
    """(JSON pointer, feature) of a FeatureCollection, a Feature or a bare geometry, in file order.

    A bare geometry comes back as a feature around it, with the pointer of the document.
    :raises Refused: geojson_expected.
    """
    if isinstance(document, dict):
        kind = document.get("type")
        if kind == "FeatureCollection" and isinstance(document.get("features"), list):
            return [(f"/features/{number}", feature) for number, feature in enumerate(document["features"])]
        if kind == "Feature":
            return [("", document)]
        if kind in GEOMETRY_TYPES or kind == "GeometryCollection":
            return [("", {"type": "Feature", "properties": None, "geometry": document})]
    raise Refused.because(
        "geojson_expected",
        en=f"{name} is not GeoJSON: give a FeatureCollection with a features list, a Feature or a geometry",
        zh=f"{name} 不是 GeoJSON：应为带 features 列表的 FeatureCollection、Feature 或几何对象",
    )


def embedded_crs(document: Any) -> str | None:
    """What the old `crs` member says, None without one. An unreadable member comes back as its own text."""
    member = document.get("crs") if isinstance(document, dict) else None
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name is None and isinstance(properties, dict) and member.get("type") == "EPSG":
        code = properties.get("code")
        # Of the drafts before 2008; one that says which axis comes first is left to be refused.
        if properties.keys() == {"code"} and re.fullmatch(r"[0-9]{4,6}", str(code)):
            return f"EPSG:{code}"
    return name if isinstance(name, str) else repr(member)[:120]


def is_number(value: object) -> bool:
    """A finite JSON number that a float can hold; True and False are not numbers."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and abs(value) < 1e300


def read_geojson(path: Path, pick: Pick, reading: Reading) -> Rows:
    """All rows of a GeoJSON file.

    :raises Refused: unreadable, not GeoJSON, without features, more than MAX_ROWS rows.
    """
    check_no_layers(path.name, reading)
    data = read_bytes(path)
    document = parse_json(data, path.name)
    features = [feature for _, feature in features_of(document, path.name)]
    if len(features) > MAX_ROWS:
        raise too_many_rows(path.name)
    if not features:
        raise no_rows(path.name)

    return rows_of(features, pick, embedded_crs(document), ((path.name, hashlib.sha256(data).hexdigest()),))


def rows_of(
    features: Sequence[Any], pick: Pick, own_crs: str | None, sources: tuple[tuple[str, str], ...]
) -> Rows:
    """GeoJSON features, or what stands where one should, as rows. own_crs: what their file says of itself."""
    collector = _Shapes(len(features))
    properties: list[dict[str, Any]] = []
    ids: list[str | None] = []
    for row, feature in enumerate(features):
        is_feature = isinstance(feature, dict) and feature.get("type") == "Feature"
        own = feature.get("properties") if is_feature else None
        properties.append(own if isinstance(own, dict) else {})
        ids.append(id_text(feature.get("id")) if is_feature else None)
        if is_feature:
            collector.take(row, feature.get("geometry"))
        else:
            collector.fault[row] = "not_a_feature"

    names = list(dict.fromkeys(name for own in properties for name in own))
    columns = {
        ours: Coded.of([own.get(theirs) for own in properties]) for ours, theirs in pick(names).items()
    }
    return Rows(
        geometry=collector.shapes(),
        fault=collector.fault,
        bounds=collector.bounds,
        columns=columns,
        ids=ids,
        names=names,
        embedded_crs=own_crs,
        sources=sources,
    )


def no_rows(name: str) -> Refused:
    return Refused.because(
        "network_empty",
        en=f"{name} holds no rows at all; export the data again",
        zh=f"{name} 中没有任何记录，请重新导出",
    )


def too_many_rows(name: str, most: int = MAX_ROWS) -> Refused:
    return Refused.because(
        "file_too_many_rows",
        en=f"{name} has more than {most} rows; split it into parts",
        zh=f"{name} 超过 {most} 行，请拆分",
    )


def too_many_positions(name: str, most: int) -> Refused:
    return Refused.because(
        "file_too_many_points",
        en=f"{name} has more than {most:,} points; send only the ground to be dug, drawn with fewer points",
        zh=f"{name} 超过 {most:,} 个点；请只提交开挖范围，并减少点数",
    )


class _Shapes:
    """Gathers coordinates row by row and builds the lines, which are nearly all of a network, at once."""

    def __init__(self, rows: int) -> None:
        self.fault = np.full(rows, None, dtype=object)
        self.bounds = np.full((rows, 4), np.nan)
        self._geometry = np.full(rows, None, dtype=object)
        self._xy: list[tuple[float, float]] = []
        self._part_of_vertex: list[int] = []
        self._row_of_part: list[int] = []

    def take(self, row: int, geometry: Any) -> None:
        reason, parts = _parts_of(geometry)
        if reason is None and parts is not None:
            if geometry["type"] in ("LineString", "MultiLineString"):
                for part in parts:
                    self._part_of_vertex.extend([len(self._row_of_part)] * len(part))
                    self._row_of_part.append(row)
                    self._xy.extend(part)
            else:
                self._geometry[row], reason = _point_or_area(geometry["type"], parts, geometry["coordinates"])
        self.fault[row] = reason
        if reason is not None:
            self._note_bounds(row, geometry)

    def shapes(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        if self._row_of_part:
            lines = np.asarray(
                shapely.linestrings(np.array(self._xy), indices=np.array(self._part_of_vertex)), dtype=object
            )
            # Rows come in file order, so equal rows stand together, as shapely's indices must.
            row_of_part = np.array(self._row_of_part)
            rows, dense = np.unique(row_of_part, return_inverse=True)
            self._geometry[rows] = shapely.multilinestrings(lines, indices=dense)
        usable = ~is_none(self._geometry)
        self.bounds[usable] = shapely.bounds(self._geometry[usable])
        return self._geometry

    def _note_bounds(self, row: int, geometry: Any) -> None:
        finite = np.array(list(_finite_positions(geometry)), dtype=np.float64).reshape(-1, 2)
        if len(finite):
            self.bounds[row] = [*finite.min(axis=0), *finite.max(axis=0)]


Positions = list[tuple[float, float]]


def _parts_of(geometry: Any) -> tuple[str | None, list[Positions] | None]:
    """(reason, None) or (None, the position lists of a geometry: one per point, line or ring)."""
    if geometry is None:
        return "geometry_missing", None
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRY_TYPES:
        return "geometry_type", None
    if geometry.get("coordinates") == []:
        return "geometry_empty", None
    kind = geometry["type"]
    lists = _position_lists(kind, geometry.get("coordinates"))
    if lists is None:
        return "geometry_malformed", None
    parts: list[Positions] = []
    for positions in lists:
        part = _positions(positions)
        if isinstance(part, str):
            return part, None
        parts.append(part)
    if any(len(part) < FEWEST_POSITIONS[kind] for part in parts):
        return "geometry_too_few_points", None
    return None, parts


def _position_lists(kind: str, coordinates: Any) -> list[Any] | None:
    if kind == "Point":
        return [[coordinates]]
    if not isinstance(coordinates, list):
        return None
    if kind in ("MultiPoint", "LineString"):
        return [coordinates]
    if kind in ("MultiLineString", "Polygon"):
        return coordinates
    if not all(isinstance(polygon, list) and polygon for polygon in coordinates):
        return None
    return [ring for polygon in coordinates for ring in polygon]


def _positions(items: Any) -> Positions | str:
    if not isinstance(items, list):
        return "geometry_malformed"
    found: Positions = []
    for item in items:
        if type(item) is not list or len(item) < 2:
            return "geometry_malformed"
        if not (is_number(item[0]) and is_number(item[1])):
            return "geometry_not_finite"
        found.append((float(item[0]), float(item[1])))
    return found


def _point_or_area(kind: str, parts: list[Positions], coordinates: Any) -> tuple[Any, str | None]:
    if kind == "Point":
        return shapely.Point(parts[0][0]), None
    if kind == "MultiPoint":
        return shapely.MultiPoint(parts[0]), None
    if any(part[0] != part[-1] for part in parts):
        return None, "polygon_unclosed"
    rings = iter(parts)
    polygons = [
        _polygon([next(rings) for _ in polygon])
        for polygon in ([coordinates] if kind == "Polygon" else coordinates)
    ]
    return (polygons[0] if kind == "Polygon" else shapely.MultiPolygon(polygons)), None


def _polygon(rings: list[Positions]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def _finite_positions(geometry: Any) -> Iterator[tuple[float, float]]:
    """Every finite (x, y) to be found in a geometry, however malformed; no recursion."""
    waiting = [geometry]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend(node.get(key) for key in ("coordinates", "geometries"))
        elif isinstance(node, list):
            if len(node) >= 2 and is_number(node[0]) and is_number(node[1]):
                yield float(node[0]), float(node[1])
            else:
                waiting.extend(item for item in node if isinstance(item, list | dict))

"""A plan whose coordinates are a drawing's own, placed by points somebody pointed at: in the drawing and on the earth."""

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np
import shapely

from ingest.files.geojson import embedded_crs, features_of, is_number
from ingest.files.local import check_local
from ingest.grids import MOST_BYTES, coordinate, read_rows
from ingest.plans.outlines import read_shape
from ingest.plans.sizes import MAX_FEATURES, MAX_VERTICES, too_many_features
from spatial.crs.grids.pointed import POINTED_M, Placing, Pointed, place_by_points
from spatial.errors import Faults, Refused

PLACED_CRS = "EPSG:4490"
MOST_POINTS = 50
_COLUMNS = ("x", "y", "lon", "lat")
_FARTHEST = 1e9
"""No coordinate of a drawing in metres is larger, zone prefix included."""


def read_pointed(path: str | PathLike[str]) -> Pointed:
    """Of a CSV with the columns x, y (of the drawing), lon, lat (CGCS2000) and, if known, doubt_m.

    :raises Refused: points_unreadable, points_many, grid_points_unreadable.
    """
    local = check_local(path, max_bytes=MOST_BYTES)
    rows, columns = read_rows(local)
    if not set(_COLUMNS) <= columns.keys():
        raise Refused.because(
            "points_unreadable",
            en=f"{local.name} must be a CSV whose first line names the columns x, y, lon, lat: x and y of the drawing, the "
            "easting first, and degrees of CGCS2000; doubt_m may follow",
            zh=f"{local.name} 应为 CSV，首行列名为 x、y、lon、lat：图上坐标（东坐标在前）和 CGCS2000 经纬度；可另有 doubt_m 列",
        )
    faults = Faults()
    given = [name for name in (*_COLUMNS, "doubt_m") if name in columns]
    points = [
        [coordinate(row[columns[name]], f"row {number}, {name}", faults) for name in given]
        for number, row in enumerate(rows, 1)
    ]
    faults.raise_if_any()
    return pointed(points, local.name)


def pointed(points: Any, name: str) -> Pointed:
    """Of a list of [x, y, lon, lat] or [x, y, lon, lat, doubt_m]. An empty one: nothing is pointed at yet.

    :raises Refused: points_unreadable, points_many.
    """
    if not isinstance(points, list) or not all(map(_is_point, points)):
        raise Refused.because(
            "points_unreadable",
            en="common points are a list of [x, y, lon, lat] or [x, y, lon, lat, doubt_m]: x and y of the drawing, degrees of "
            "CGCS2000, and a doubt of 0 to 100 m",
            zh="公共点应为 [x, y, lon, lat] 或 [x, y, lon, lat, doubt_m] 的列表：图上坐标、CGCS2000 经纬度、0 至 100 米的误差",
            pointer=name,
        )
    if len(points) > MOST_POINTS:
        raise Refused.because(
            "points_many",
            en=f"there are {len(points)} common points, at most {MOST_POINTS} are taken",
            zh=f"公共点有 {len(points)} 个，最多 {MOST_POINTS} 个",
            pointer=name,
        )
    table = np.array([[*point, POINTED_M][:5] for point in points], dtype=np.float64).reshape(-1, 5)
    return Pointed(table[:, :2], table[:, 2:4], table[:, 4])


def place_plan(document: Any, points: Pointed, name: str) -> dict[str, Any]:
    """The plan with its vertices carried to lon/lat EPSG:4490 and what that is known to in each feature's `uncertainty_m`,
    added to what it states itself; `placed_by` says how.

    Vertices only: an edge of 1 km is then 17 mm off, of metres that are doubted.
    :raises Refused: points_needless, as place_by_points, and what read_shape says of shapes.
    """
    stated = embedded_crs(document)
    if stated is not None:
        raise Refused.because(
            "points_needless",
            en=f"{name} says where it lies ({stated}): declare that system, without common points",
            zh=f"{name} 已写明坐标系（{stated}）：请直接声明该坐标系，无须公共点",
        )
    faults = Faults()
    features = features_of(document, name)
    if len(features) > MAX_FEATURES:  # each is told how it was placed
        too_many_features(len(features), MAX_FEATURES, name, "", faults)
        faults.raise_if_any()
    shapes = [
        read_shape(
            feature.get("geometry") if isinstance(feature, dict) else None,
            max(MAX_VERTICES.values()),
            f"{pointer}/geometry",
            faults,
        )
        for pointer, feature in features
    ]
    faults.raise_if_any()
    vertices = shapely.get_coordinates(np.array(shapes, dtype=object))
    if not features:
        return {"type": "FeatureCollection", "features": []}
    if float(np.abs(vertices).max()) > _FARTHEST:
        raise Refused.because(
            "points_scale",
            en=f"{name} has coordinates beyond {_FARTHEST:g}: no drawing in metres has; check its unit",
            zh=f"{name} 的坐标超过 {_FARTHEST:g}：不是以米为单位的图形，请检查单位",
        )
    placing = place_by_points(points, vertices)
    how = {
        "common_points": np.column_stack([points.local, points.lonlat, points.doubt_m]).tolist(),
        "misses_m": [round(miss, 2) for miss in placing.misses_m],
        "accuracy_m": placing.accuracy_m,
    }
    return {
        **(document if document["type"] == "FeatureCollection" else {}),
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": PLACED_CRS}},
        "features": [_placed(feature, placing, how) for _, feature in features],
    }


def _placed(feature: dict[str, Any], placing: Placing, how: dict[str, Any]) -> dict[str, Any]:
    geometry, own = feature["geometry"], feature.get("properties")
    flat = list(_positions(geometry["coordinates"]))
    there = iter(placing.carry(np.array([position[:2] for position in flat], dtype=np.float64)).tolist())
    if own is None or isinstance(own, dict):
        own = {**(own or {}), "placed_by": how}
        stated = own.get("uncertainty_m")
        if stated is None or is_number(stated):
            own["uncertainty_m"] = round(placing.accuracy_m + (stated or 0.0), 4)
    return {
        **feature,
        "geometry": {"type": geometry["type"], "coordinates": _moved(geometry["coordinates"], there)},
        "properties": own,
    }


def _positions(coordinates: Sequence[Any]) -> Iterator[Sequence[float]]:
    if is_number(coordinates[0]):
        yield coordinates
    else:
        for part in coordinates:
            yield from _positions(part)


def _moved(coordinates: Sequence[Any], there: Iterator[list[float]]) -> list[Any]:
    """The same nesting, each position replaced by the next of `there`; a third number stays."""
    if is_number(coordinates[0]):
        return [*next(there), *coordinates[2:]]
    return [_moved(part, there) for part in coordinates]


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) not in (4, 5) or not all(map(is_number, point)):
        return False
    x, y, lon, lat, doubt_m = [*point, POINTED_M][:5]
    return max(abs(x), abs(y)) <= _FARTHEST and abs(lon) <= 180 and abs(lat) <= 90 and 0 <= doubt_m <= 100

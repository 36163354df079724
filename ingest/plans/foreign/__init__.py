"""A dig plan in a file that is not GeoJSON: opened behind walls, then read as the GeoJSON it amounts to."""

import re
from collections.abc import Iterator, Mapping
from glob import escape as glob_escape
from pathlib import Path
from typing import Any

from ingest.files.kml import WGS_84
from ingest.files.rows import Reading
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.files.sheets import SHEET_ENDINGS
from ingest.sandbox.apart import PLAN_LIMITS, read_apart
from spatial.crs import BD_09, GCJ_02, Grid, declare
from spatial.errors import Refused

_NUMBER = re.compile(r"\s*[+-]?\d{1,9}(?:\.\d{1,9})?\s*")
NUMBERS = (
    *("depth_m", "depth_uncertainty_m", "half_width_m", "width_m", "radius_m"),
    *("bottom_width_m", "slope", "start_station_m", "uncertainty_m"),
)
"""Properties that are numbers: where a format knows only text (KML, attributes of blocks), its digits are meant."""


ENDINGS = (*SHEET_ENDINGS, ".gpx", ".wkt", ".txt")
"""Of plans only; the others are those of network files."""


def read_foreign(
    local: Path, reading: Reading, crs: str | Grid | None, points_are: str | None
) -> dict[str, Any]:
    """The GeoJSON document a plan amounts to. crs: as declared; points_are: what a list of points, or a
    closed line of a drawing, means, of coordinates.SHAPES.

    Lines and points of several parts become features of their own; a closed line of a drawing that has no width is what
    points_are says.
    :raises Refused: as read_apart; plan_unreadable when what came back is no plan.
    """
    files = [local]
    if local.suffix.lower() == ".shp":
        beside = sorted(local.parent.glob(f"{glob_escape(local.stem)}.*"))
        files += [part for part in beside if part != local and part.suffix.lower() in SHAPEFILE_PARTS]
    options = {
        "encoding": reading.encoding,
        "layers": list(reading.layers),
        "units": reading.units,
        "points_are": points_are,
        "local": isinstance(crs, Grid),
    }
    understood = read_apart("plan", files, options, PLAN_LIMITS)
    try:
        offset = isinstance(crs, str) and _names_an_offset(crs)
        if offset and understood["crs"] == WGS_84:
            # Programs write WGS 84 beside numbers of any kind; who names an offset system has looked.
            understood["crs"] = None
        return plan_of(understood, points_are, local.name)
    except Refused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused.because(
            "plan_unreadable",
            en=f"{local.name} was opened, but holds no shapes that can be told; export it as GeoJSON",
            zh=f"{local.name} 已打开，但其中的图形无法识别；请导出为 GeoJSON",
        ) from error


def plan_of(understood: Mapping[str, Any], points_are: str | None, name: str) -> dict[str, Any]:
    """A FeatureCollection of what the task `plan` understood. :raises Refused: plan_shape_unstated."""
    features = [
        single for feature in understood["features"] for single in _singles(feature, points_are, name)
    ]
    plan: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if understood["crs"] is not None:
        plan["crs"] = {"type": "name", "properties": {"name": str(understood["crs"])}}
    return plan


def _singles(feature: Mapping[str, Any], points_are: str | None, name: str) -> Iterator[dict[str, Any]]:
    """A feature for each line and point; areas stay together."""
    own, geometry = _properties(feature["properties"]), feature["geometry"]
    kind, parts = geometry["type"], geometry["coordinates"]
    if kind in ("MultiLineString", "MultiPoint"):
        shapes = [(kind.removeprefix("Multi"), part) for part in parts]
    elif kind == "MultiPolygon" and len(parts) == 1:
        shapes = [("Polygon", parts[0])]
    else:
        shapes = [(kind, parts)]
    for number, (of, coordinates) in enumerate(shapes):
        if of == "LineString" and _may_be_outline(coordinates, own):
            if points_are not in ("area", "line"):
                raise _unstated(name)
            if points_are == "area":
                of, coordinates = "Polygon", [coordinates]
        own_id = feature["id"] if number == 0 or feature["id"] is None else f"{feature['id']}#{number + 1}"
        yield {
            "type": "Feature",
            **({"id": own_id} if own_id is not None else {}),
            "geometry": {"type": of, "coordinates": coordinates},
            "properties": own,
        }


def _properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(value)
        if name in NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value)
        else value
        for name, value in properties.items()
    }


def _may_be_outline(line: Any, own: Mapping[str, Any]) -> bool:
    """Drawings know no areas, only lines that end where they begin; one without a width of its own may be either. Taken for
    an outline, the axis of a trench round a house would lose the outer half of its opening."""
    drawn = "handle" in own and "layer" in own
    return (
        drawn
        and len(line) > 3
        and line[0] == line[-1]
        and not {"half_width_m", "width_m", "bottom_width_m", "bore"} & own.keys()
    )


def _unstated(name: str) -> Refused:
    return Refused.because(
        "plan_shape_unstated",
        en=f"{name} has closed lines without a width; say what they are: area (they go round the ground to be dug) or line "
        "(the axis of a trench). On the command line: --points-are area",
        zh=f"{name} 中有未注明宽度的闭合线；请说明其含义：area（开挖范围的轮廓）或 line（沟槽轴线）。命令行写法：--points-are area",
    )


def _names_an_offset(crs: str) -> bool:
    try:
        return declare(crs).name in (GCJ_02, BD_09)
    except Refused:
        return False

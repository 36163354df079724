"""The same rows as files of every kind but survey tables. Each writer says which kinds of rows its format can hold."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import mapping

from bench.mixed.drawings import proxy, saved
from bench.mixed.rows import BAD, GOOD, Row
from ingest.files.ogr import gdal

GRID, LONLAT = "EPSG:4543", "EPSG:4326"
CHINESE = {
    "diameter_mm": "管径", "pressure_class": "压力", "cover_m": "埋深", "material": "材质", "laid_on": "敷设年代", "kind": "类型",
}  # fmt: skip
"""No name is longer than the ten bytes of a Shapefile in GB18030."""


@dataclass(frozen=True, slots=True)
class Writer:
    """write: (folder, rows) -> the file. ids: the column of ids, None where the format has none of its own."""

    name: str
    kinds: tuple[str, ...]
    crs: str
    ids: str | None
    write: Callable[[Path, Sequence[Row]], Path]


def _geojson(folder: Path, rows: Sequence[Row]) -> Path:
    features = [
        {"type": "Feature", "properties": {"id": row.id, **row.cells}, "geometry": _geometry(row)}
        for row in rows
    ]
    path = folder / "n.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8"
    )
    return path


def _geometry(row: Row) -> Any:
    if row.kind == "empty":
        return {"type": "LineString", "coordinates": []}
    return None if row.shape is None else mapping(row.shape)


def _gdal(driver: str, name: str, names: Mapping[str, str], kind: str, **more: Any) -> Callable[..., Path]:
    def write(folder: Path, rows: Sequence[Row]) -> Path:
        path = folder / name
        wkb = np.array(
            [None if row.shape is None else shapely.to_wkb(row.shape) for row in rows], dtype=object
        )
        columns: dict[str, list[Any]] = {"id": [row.id for row in rows]}
        for own, theirs in names.items():
            columns[theirs] = [_as_text(row.cells[own]) for row in rows]
        gdal().raw.write(
            path,
            wkb,
            field_data=[np.array(cells, dtype=object) for cells in columns.values()],
            fields=list(columns),
            crs=GRID,
            driver=driver,
            geometry_type=kind,
            **more,
        )
        return path

    return write


def _as_text(cell: Any) -> str | None:
    return None if cell is None else str(cell)[:80]


def _kml(folder: Path, rows: Sequence[Row]) -> Path:
    marks = "".join(
        f"<Placemark><name>{row.id}</name><ExtendedData>{_data(row)}</ExtendedData>{_kml_shape(row)}</Placemark>"
        for row in rows
    )
    path = folder / "n.kml"
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>', "utf-8"
    )
    return path


def _data(row: Row) -> str:
    return "".join(
        f'<Data name="{CHINESE[name]}"><value>{escape(str(cell))}</value></Data>'
        for name, cell in row.cells.items()
        if cell is not None
    )


def _kml_shape(row: Row) -> str:
    if row.shape is None:
        return ""
    if row.kind == "empty":
        return "<LineString><coordinates></coordinates></LineString>"
    if row.kind == "lines":
        return (
            "<MultiGeometry>"
            + "".join(_kml_line(part.coords) for part in row.shape.geoms)
            + "</MultiGeometry>"
        )
    if row.kind == "point":
        return f"<Point><coordinates>{_lonlat(row.shape.coords)}</coordinates></Point>"
    if row.kind in ("area", "bow_tie"):
        ring = _lonlat(row.shape.exterior.coords)
        return f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    return _kml_line(row.shape.coords)


def _kml_line(positions: Any) -> str:
    return f"<LineString><coordinates>{_lonlat(positions)}</coordinates></LineString>"


def _lonlat(positions: Any) -> str:
    return " ".join(
        f"{x:.9f},{y:.9f},0" if math.isfinite(x) else f"nan,{y:.9f}" for x, y in map(to_lonlat, positions)
    )


_PASSAGE = Transformer.from_crs(GRID, "EPSG:4490", always_xy=True)


def to_lonlat(position: Sequence[float]) -> tuple[float, float]:
    """EPSG:4543 to degrees; what lies nowhere on earth as it is."""
    x, y = position[:2]
    if not math.isfinite(x) or abs(x) > 1e7:
        return x, y
    lon, lat = _PASSAGE.transform(x, y)
    return float(lon), float(lat)


LAYER = "RQ_ZY"


def _dxf(folder: Path, rows: Sequence[Row]) -> Path:
    import ezdxf

    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    space, look = document.modelspace(), {"layer": LAYER}
    for row in rows:
        if row.kind == "lines":
            space.add_lwpolyline(list(row.shape.geoms[0].coords), dxfattribs=look)
        elif row.kind == "point":
            space.add_point(row.shape.coords[0], dxfattribs=look)
        elif row.kind != "unreadable":
            space.add_lwpolyline(list(row.shape.coords), dxfattribs=look)
    foreign = [
        proxy(document, LAYER, kind="TCH_PIPE", handle=f"FFF{at:X}")
        for at, row in enumerate(rows)
        if row.kind == "unreadable"
    ]
    return saved(document, folder / "n.dxf", *foreign)


_LINES = ("line", "lines", "crossing_line")
_BAD_LINES = ("none", "zero_length", "huge", "elsewhere", "same_id")
OWN = {name: name for name in CHINESE}

WRITERS: tuple[Writer, ...] = (
    Writer("GeoJSON", (*GOOD, *BAD), GRID, "id", _geojson),
    Writer("GeoPackage", (*GOOD, *BAD), GRID, "id", _gdal("GPKG", "n.gpkg", OWN, "Unknown")),
    Writer(
        "Shapefile GB18030",
        (*_LINES, *_BAD_LINES),
        GRID,
        "id",
        _gdal("ESRI Shapefile", "n.shp", CHINESE, "LineString", encoding="GB18030"),
    ),
    Writer(
        "Shapefile UTF-8",
        (*_LINES, *_BAD_LINES),
        GRID,
        "id",
        _gdal(
            "ESRI Shapefile",
            "n.shp",
            {"diameter_mm": "diam", "material": "材质"},
            "LineString",
            encoding="UTF-8",
        ),
    ),
    Writer(
        "File Geodatabase",
        (*_LINES, "none", "zero_length", "elsewhere", "same_id"),
        GRID,
        "id",
        _gdal("OpenFileGDB", "n.gdb", CHINESE, "MultiLineString", promote_to_multi=True),
    ),
    Writer(
        "KML",
        (*GOOD, "none", "empty", "zero_length", "not_a_number", "bow_tie", "huge", "elsewhere", "same_id"),
        LONLAT,
        "name",
        _kml,
    ),
    Writer(
        "DXF",
        ("line", "lines", "crossing_line", "point", "zero_length", "huge", "elsewhere", "unreadable"),
        GRID,
        None,
        _dxf,
    ),
)

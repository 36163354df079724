"""One harmless network in every format that is read: what mutations start from, and hostile ones are made of."""

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import ezdxf
import geopandas
import openpyxl
from shapely.geometry import LineString

from tests.attack.seeds import (
    DEGREES,
    LAT,
    LON,
    PROJECTED,
    X,
    Y,
    geopackage,
    kml,
    of_drawing,
    shapefile_parts,
    zipped,
)
from tests.ingest.surveys import CRS as SURVEYED
from tests.ingest.surveys import LINES, LINKS, POINTS

__all__ = ["SURVEYED"]


@dataclass(frozen=True, slots=True)
class NetworkSeed:
    """name: of the file. asked: the other words of POST /v1/networks/imports."""

    name: str
    data: bytes
    asked: Mapping[str, str] = field(default_factory=dict)


def network_seeds() -> list[NetworkSeed]:
    metres, surveyed = {"crs": PROJECTED}, {"crs": SURVEYED}
    return [
        NetworkSeed("net.geojson", network_json(), {**metres, "id_field": "id"}),
        NetworkSeed("net.gpkg", geopackage(), metres),
        NetworkSeed("net.zip", zipped(shapefile_parts("net")), metres),
        NetworkSeed("gdb.zip", zipped({f"n.gdb/{name}": data for name, data in geodatabase_files().items()}), metres),
        NetworkSeed("net.kml", lines_kml(), {"crs": DEGREES}),
        NetworkSeed("net.kmz", zipped({"doc.kml": lines_kml()}), {"crs": DEGREES}),
        NetworkSeed("net.dxf", network_dxf(), {**metres, "layer": "RQ", "units": "m"}),
        NetworkSeed("net.xlsx", workbook_of(POINTS, LINES), surveyed),
        NetworkSeed("net.csv", line_of(LINKS), surveyed),
    ]  # fmt: skip


def network_json(**members: Any) -> bytes:
    """Three pipes and a valve, with cells of every sort."""
    cells: list[dict[str, Any]] = [
        {
            "id": "a",
            "pressure_class": "中压A",
            "diameter_mm": "DN200",
            "laid_on": "2012-06-01",
            "cover_m": 1.2,
        },
        {"id": "b", "pressure_class": "LP", "diameter_mm": 110, "material": "PE", "survey_class": "cjj61"},
        {"id": 3, "pressure_class": None, "diameter_mm": 63.5, "status": True, "material": ["x", {"y": 1}]},
    ]
    features: list[dict[str, Any]] = [
        {"type": "Feature", "id": at, "properties": own, "geometry": {"type": "LineString", "coordinates": [[X, Y + 9 * at], [X + 50, Y + 9 * at]]}}
        for at, own in enumerate(cells)
    ]  # fmt: skip
    valve = {"type": "Point", "coordinates": [X + 5, Y + 5]}
    features.append({"type": "Feature", "properties": {"id": "v", "asset": "valve"}, "geometry": valve})
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def lines_kml() -> bytes:
    marks = "".join(
        f'<Placemark id="p{n}"><name>{n}</name><LineString><coordinates>{LON},{LAT + n / 1000} {LON + 0.01},{LAT}'
        "</coordinates></LineString></Placemark>"
        for n in range(3)
    )
    return kml(marks)


def network_dxf() -> bytes:
    document: Any = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    space = document.modelspace()
    space.add_lwpolyline([(X, Y), (X + 20, Y), (X + 20, Y + 10)], dxfattribs={"layer": "RQ"})
    space.add_line((X, Y + 40), (X + 60, Y + 45), dxfattribs={"layer": "RQ"})
    space.add_circle((X + 9, Y + 9), 3, dxfattribs={"layer": "RQ"})
    return of_drawing(document)


def links() -> Sequence[Sequence[Any]]:
    return LINKS


def line_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """As comma-separated values."""
    text = io.StringIO()
    csv.writer(text).writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def workbook_of(*sheets: Sequence[Sequence[Any]]) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    book.remove(book.worksheets[0])
    book.save(packed)
    return packed.getvalue()


@cache
def geodatabase_files() -> dict[str, bytes]:
    """Those of a .gdb folder."""
    frame = geopandas.GeoDataFrame(
        {"material": ["钢", "PE"], "diameter_mm": [219.0, 110.0]},
        geometry=[LineString([(X, Y), (X + 30, Y + 5)]), LineString([(X, Y + 9), (X + 30, Y + 9)])],
        crs=PROJECTED,
    )
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "n.gdb", driver="OpenFileGDB", layer="pipes")
        return {place.name: place.read_bytes() for place in sorted((Path(folder) / "n.gdb").iterdir())}


def prj() -> str:
    """Of the Shapefile."""
    return shapefile_parts()["plan.prj"].decode()

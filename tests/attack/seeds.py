"""One harmless plan in every format that is read: what mutations start from, and what every watcher must let through."""

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ezdxf
import openpyxl
from shapely import box
from shapely.geometry import LineString, mapping

LON, LAT = 101.77, 36.61
X, Y = 480_000.0, 4_054_000.0
"""In Xining: degrees, and EPSG:4543."""
PROJECTED, DEGREES = "EPSG:4543", "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Seed:
    """name: of the file. asked: the other parameters of POST /v1/plans."""

    name: str
    data: bytes
    asked: Mapping[str, str] = field(default_factory=dict)


def seeds() -> list[Seed]:
    kml_text, shapefile = kml(), shapefile_parts()
    metres = {"crs": PROJECTED}
    return [
        Seed("plan.kml", kml_text),
        Seed("plan.kmz", zipped({"doc.kml": kml_text})),
        Seed("plan.ovkml", ovkml()),
        Seed("plan.zip", zipped(shapefile), metres),
        Seed("plan.gpkg", geopackage(), metres),
        Seed("plan.dxf", dxf(), {**metres, "points_are": "area"}),
        Seed("plan.xlsx", xlsx(), {**metres, "points_are": "area"}),
        Seed("plan.csv", csv(), {**metres, "points_are": "area"}),
        Seed("plan.gpx", gpx()),
        Seed("plan.wkt", wkt(), {"crs": DEGREES}),
        Seed("ticket.json", ticket(), {"crs": DEGREES}),
        Seed("plan.geojson", geojson(), {"crs": DEGREES}),
    ]


def kml(body: str | None = None, head: str = '<kml xmlns="http://www.opengis.net/kml/2.2">') -> bytes:
    ring = " ".join(f"{LON + dx},{LAT + dy},0" for dx, dy in _RING)
    marks = (
        '<name>开挖</name><Folder><name>城东</name><Placemark id="a"><name>沟槽</name><ExtendedData>'
        '<Data name="depth_m"><value>1.5</value></Data><Data name="half_width_m"><value>0.6</value></Data>'
        f"</ExtendedData><LineString><coordinates>{LON},{LAT},0 {LON + 0.001},{LAT + 0.001},0</coordinates>"
        "</LineString></Placemark></Folder><Placemark><description><![CDATA[<b>x</b>]]></description><Polygon>"
        f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
        "</Polygon></Placemark>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<Document>{body or marks}</Document></kml>'.encode()
    )


def ovkml() -> bytes:
    """As Ovital writes it: places in GCJ-02 that say so."""
    return kml(
        "<OvCoordType>GCJ02</OvCoordType><Placemark><name>标签</name><OvStyle><LineStyle/></OvStyle><LineString>"
        f"<coordinates>{LON},{LAT},0 {LON + 0.001},{LAT},0</coordinates></LineString></Placemark>"
    )


def zipped(members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def shapefile_parts(stem: str = "plan") -> dict[str, bytes]:
    """By hand: one polygon and its table, so that every byte of the headers is known."""
    ring = [(X, Y), (X, Y + 10), (X + 10, Y + 10), (X + 10, Y), (X, Y)]
    bounds = struct.pack("<4d", X, Y, X + 10, Y + 10)
    shape = struct.pack("<i", 5) + bounds + struct.pack("<3i", 1, len(ring), 0)
    shape += b"".join(struct.pack("<2d", *place) for place in ring)
    words = len(shape) // 2

    def header(length_words: int) -> bytes:
        return (
            struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length_words)
            + struct.pack("<2i", 1000, 5)
            + bounds
            + bytes(32)
        )

    table = struct.pack("<4BIHH20x", 3, 126, 11, 1, 1, 65, 11) + struct.pack(
        "<11sc4xBB14x", b"name", b"C", 10, 0
    )
    return {
        f"{stem}.shp": header(50 + 4 + words) + struct.pack(">2i", 1, words) + shape,
        f"{stem}.shx": header(54) + struct.pack(">2i", 50, words),
        f"{stem}.dbf": table + b"\r" + b" trench    " + b"\x1a",
        f"{stem}.prj": _PRJ.encode(),
        f"{stem}.cpg": b"UTF-8",
    }


def geopackage() -> bytes:
    import geopandas

    frame = geopandas.GeoDataFrame(
        {"name": ["沟槽", "b"], "half_width_m": [0.6, 0.5]},
        geometry=[LineString([(X, Y), (X + 30, Y + 5)]), LineString([(X, Y + 9), (X + 30, Y + 9)])],
        crs=PROJECTED,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        frame.to_file(path, driver="GPKG", layer="plan")
        return path.read_bytes()


def dxf() -> bytes:
    """A closed outline, and a block with an attribute for the width."""
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    space = document.modelspace()
    space.add_lwpolyline([(X, Y), (X + 20, Y), (X + 20, Y + 10), (X, Y + 10)], close=True)
    space.add_arc((X, Y), 8, 10, 150)
    block = document.blocks.new("TRENCH")
    block.add_line((X, Y + 40), (X + 60, Y + 45))
    space.add_blockref("TRENCH", (0, 0)).add_attrib("half_width_m", "0.6")
    return of_drawing(document)


def of_drawing(document: Any) -> bytes:
    text = io.StringIO()
    document.write(text)
    return text.getvalue().encode()


def corners() -> list[tuple[Any, ...]]:
    return [("点号", "X", "Y", "挖深")] + [
        (f"J{number}", Y + dy, X + dx, 1.5)
        for number, (dx, dy) in enumerate([(0, 0), (9, 0), (9, 5), (0, 5)])
    ]


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in corners():
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def csv() -> bytes:
    return "\r\n".join(",".join(map(str, row)) for row in corners()).encode("utf-8-sig")


def gpx() -> bytes:
    points = "".join(
        f'<trkpt lat="{LAT + dy}" lon="{LON + dx}"><ele>2261</ele></trkpt>' for dx, dy in _RING[:4]
    )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><wpt '
        f'lat="{LAT}" lon="{LON}"><name>井</name></wpt><trk><name>walk</name><trkseg>{points}</trkseg></trk></gpx>'
    ).encode()


def wkt() -> bytes:
    line = LineString([(LON, LAT), (LON + 0.001, LAT)])
    return f"SRID=4326;{_area().wkt}\nSRID=4326;{line.wkt}\n".encode()


def ticket() -> bytes:
    return json.dumps(
        {
            "header": {"formatVersion": "0.3", "ticketNumber": "261130-000001", "isTest": False},
            "geography": {"srid": 4326, "longitude": LON, "workSiteWkt": [_area().wkt], "bufferedWkt": []},
        }
    ).encode()


def geojson() -> bytes:
    shapes = [_area(), LineString([(LON, LAT), (LON + 0.001, LAT)])]
    features = [
        {
            "type": "Feature",
            "id": str(at),
            "geometry": mapping(shape),
            "properties": {"depth_m": 1.5, "act": "excavate"},
        }
        for at, shape in enumerate(shapes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _area() -> Any:
    return box(LON, LAT, LON + 0.001, LAT + 0.0005)


_RING = [(0, 0), (0.001, 0), (0.001, 0.0005), (0, 0.0005), (0, 0)]
_PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_102E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",102.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)

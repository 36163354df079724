"""Dig plans as Python's libraries write them, and KML in the dialects of Google Earth and Ovital (奥维): no program is needed."""

import csv
import math
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import openpyxl

from bench.mixed.drawings import saved
from bench.roundtrips.plans import (
    AT,
    CRS,
    DEGREES,
    HALF_WIDTH_M,
    PIT,
    TRENCH,
    Plan,
    area,
    degrees,
    line,
    placed,
    point,
)
from ingest import Reading

LAYER = "开挖范围"
CHOSEN = Reading(layers=(LAYER,))


def by_ezdxf(folder: Path) -> Iterator[Plan]:
    pit, trench = area(placed(PIT)), line(placed(TRENCH), half_width_m=HALF_WIDTH_M)

    def drawn(what: str, draw: Any, *twin: Any, units: int = 6, version: str = "R2010") -> Plan:
        document: Any = ezdxf.new(version)
        document.header["$INSUNITS"] = units
        document.layers.add(LAYER)
        space = document.modelspace()
        space.add_text("开挖范围示意图", dxfattribs={"layer": LAYER})
        space.add_line((0, 0), (9, 9), dxfattribs={"layer": "图框"})
        draw(document, space, {"layer": LAYER})
        path = saved(document, folder / f"ez_{what.replace(' ', '_').replace('/', '')}.dxf")
        return Plan("ezdxf", f"DXF {what}", path, CRS, twin, "area", CHOSEN)

    ring = [tuple(at) for at in placed(PIT)]
    yield drawn("LWPOLYLINE", lambda d, s, on: s.add_lwpolyline(ring, close=True, dxfattribs=on), pit)
    yield drawn("POLYLINE", lambda d, s, on: s.add_polyline2d(ring, close=True, dxfattribs=on), pit)
    yield drawn("LINEs", lambda d, s, on: _lines(s, ring, on), pit)
    millimetres = [(x * 1000, y * 1000) for x, y in ring]
    yield drawn(
        "millimetres",
        lambda d, s, on: s.add_lwpolyline(millimetres, close=True, dxfattribs=on),
        pit,
        units=4,
    )
    yield drawn("block", _block, pit, trench)
    yield drawn("HATCH", lambda d, s, on: s.add_hatch(dxfattribs=on).paths.add_polyline_path(ring), pit)
    yield drawn("GEODATA", _geodata, pit)
    yield drawn("arcs", _arcs, area(_stadium()))
    yield drawn("SPLINE", _spline, area(_circle_like()))


def _lines(space: Any, ring: Sequence[tuple[float, float]], on: dict[str, str]) -> None:
    for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
        space.add_line(end, start, dxfattribs=on)


def _block(document: Any, space: Any, on: dict[str, str]) -> None:
    """The pit turned by a quarter and drawn at half size, put down where it belongs; the trench with its width as attribute."""
    block = document.blocks.new("坑")
    block.add_lwpolyline([(y / 2, -x / 2) for x, y in PIT], close=True, dxfattribs={"layer": "0"})
    space.add_blockref("坑", AT, dxfattribs={**on, "rotation": 90, "xscale": 2, "yscale": 2})
    axis = document.blocks.new("沟")
    axis.add_lwpolyline(TRENCH, dxfattribs={"layer": "0"})
    space.add_blockref("沟", AT, dxfattribs=on).add_attrib("half_width_m", str(HALF_WIDTH_M))


def _geodata(document: Any, space: Any, on: dict[str, str]) -> None:
    space.add_lwpolyline([tuple(at) for at in placed(PIT)], close=True, dxfattribs=on)
    geodata = space.new_geodata()
    geodata.setup_local_grid(
        design_point=AT,
        reference_point=AT,
        crs='<Dictionary><Alias id="4543" type="CoordinateSystem"><Namespace>EPSG Code</Namespace></Alias></Dictionary>',
    )


def _arcs(document: Any, space: Any, on: dict[str, str]) -> None:
    """A stadium: two half circles of 8 m as bulges."""
    (a, b, c, d) = (tuple(at) for at in placed([(0, 0), (30, 0), (30, 16), (0, 16)]))
    space.add_lwpolyline([(*a, 0), (*b, 1), (*c, 0), (*d, 1)], format="xyb", close=True, dxfattribs=on)


def _stadium() -> list[list[float]]:
    turns = np.linspace(-math.pi / 2, math.pi / 2, 200)
    right = [(30 + 8 * math.cos(turn), 8 + 8 * math.sin(turn)) for turn in turns]
    left = [(-8 * math.cos(turn), 8 - 8 * math.sin(turn)) for turn in turns]
    return placed([*right, *left])


_CONTROL = [(0.0, 0.0), (20.0, -6.0), (34.0, 10.0), (18.0, 26.0), (-6.0, 18.0)]


def _spline(document: Any, space: Any, on: dict[str, str]) -> None:
    space.add_open_spline([(*at, 0.0) for at in placed([*_CONTROL, _CONTROL[0]])], dxfattribs=on)


def _circle_like() -> list[list[float]]:
    """The same spline cut fine, by ezdxf itself, round the origin."""
    document = ezdxf.new()
    spline = document.modelspace().add_open_spline([(*at, 0.0) for at in [*_CONTROL, _CONTROL[0]]])
    points = [(at.x, at.y) for at in spline.flattening(0.0006)]
    return placed(points[:-1])


def by_tables(folder: Path) -> Iterator[Plan]:
    pit, trench = area(placed(PIT)), line(placed(TRENCH), half_width_m=HALF_WIDTH_M)
    corners = [(f"J{n}", north, east) for n, (east, north) in enumerate(placed(PIT), 1)]
    axis = [(f"G{n}", north, east, HALF_WIDTH_M) for n, (east, north) in enumerate(placed(TRENCH), 1)]
    book = openpyxl.Workbook()
    for row in [("某工程开挖范围拐点坐标表",), ("点号", "X（m）", "Y（m）"), *corners]:
        book.active.append(row)
    book.save(folder / "拐点.xlsx")
    yield Plan("openpyxl", "XLSX, corners", folder / "拐点.xlsx", CRS, [pit], "area")
    for name, encoding, mark, rows, points_are, crs, twin in (
        ("gbk", "gb18030", ",", [("点号", "X", "Y"), *corners], "area", CRS, pit),
        ("bare", "utf-8-sig", ",", corners, "area", CRS, pit),
        ("axis", "utf-16", "\t", [("点号", "X", "Y", "半宽"), *axis], "line", CRS, trench),
        (
            "zoned",
            "utf-8",
            ";",
            [
                ("Y", "X"),
                *((f"{e + 34e6:.4f}".replace(".", ","), f"{n:.4f}".replace(".", ",")) for _, n, e in corners),
            ],
            "area",
            "EPSG:4522",
            area([[x + 34e6, y] for x, y in placed(PIT)]),
        ),
        ("degrees", "utf-8", ",", [("经度", "纬度"), *degrees(PIT)], "area", DEGREES, area(degrees(PIT))),
        (
            "holes",
            "utf-8",
            ",",
            [("孔号", "X", "Y", "半径"), *((name, x, y, 0.4) for name, x, y in corners)],
            "points",
            CRS,
            None,
        ),
    ):
        path = folder / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=mark).writerows(rows)
        twins = [twin] if twin else [point(at, radius_m=0.4) for at in placed(PIT)]
        yield Plan("csv of Python", f"CSV, {name}", path, crs, twins, points_are)
    path = folder / "cass.dat"
    path.write_text("".join(f"{n},,{e:.4f},{y:.4f},2261.35\n" for n, y, e in corners), encoding="gb18030")
    yield Plan("by hand", "DAT of CASS", path, CRS, [pit], "area")


def by_dialects(folder: Path) -> Iterator[Plan]:
    """Placemarks as Google Earth Pro 7, Ovital 10 and servers of maps write them."""
    pit, trench = area(degrees(PIT)), line(degrees(TRENCH), half_width_m=HALF_WIDTH_M)
    ring, axis = ([f"{x:.15g},{y:.15g},0" for x, y in degrees(shape)] for shape in (PIT, TRENCH))
    polygon = (
        "<Polygon>\n\t<tessellate>1</tessellate>\n\t<outerBoundaryIs>\n\t<LinearRing>\n\t<coordinates>\n\t\t\t"
        f"{' '.join([*ring, ring[0]])} \n\t</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )
    width = f'<ExtendedData><Data name="half_width_m"><value>{HALF_WIDTH_M}</value></Data></ExtendedData>'
    google = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2" xmlns:kml="http://www.opengis.net/kml/2.2" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><Document><name>开挖.kml</name>'
        '<StyleMap id="m"><Pair><key>normal</key><styleUrl>#s</styleUrl></Pair></StyleMap><Folder><name>方案</name><open>1</open>'
        f"<Placemark><name>基坑</name><styleUrl>#m</styleUrl>{polygon}</Placemark>"
        f"<Placemark><name>沟槽</name>{width}<LineString><tessellate>1</tessellate><coordinates>{' '.join(axis)}"
        "</coordinates></LineString></Placemark></Folder></Document></kml>"
    )
    (folder / "google.kml").write_text(google, encoding="utf-8")
    yield Plan("Google Earth", "KML", folder / "google.kml", DEGREES, [pit, trench])
    with zipfile.ZipFile(folder / "google.kmz", "w") as archive:
        archive.writestr("doc.kml", google)
        archive.writestr("files/图标.png", b"\x89PNG")
    yield Plan("Google Earth", "KMZ", folder / "google.kmz", DEGREES, [pit, trench])
    ovital = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>奥维</name>'
        "<OvCoordType>CGCS2000</OvCoordType><Folder><name>施工</name><Placemark><name>基坑</name><OvStyle><fill>1</fill>"
        f"</OvStyle>{polygon}</Placemark><Placemark><name>沟槽</name>{width}<LineString><coordinates>"
        f"{chr(10).join(axis)}</coordinates></LineString></Placemark></Folder></Document></kml>"
    )
    (folder / "ovital.ovkml").write_text(ovital, encoding="utf-8")
    yield Plan("Ovital", "OVKML, CGCS2000", folder / "ovital.ovkml", "EPSG:4490", [pit, trench])
    gcj = ovital.replace("CGCS2000", "GCJ02")
    (folder / "ovital.kml").write_text(gcj, encoding="utf-8")
    yield Plan("Ovital", "KML, GCJ-02", folder / "ovital.kml", "GCJ-02", [pit, trench])
    label = f"<Point><coordinates>{','.join(map(str, np.mean(degrees(PIT), axis=0)))}</coordinates></Point>"
    served = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f'<Placemark id="plan.1"><name>基坑</name><MultiGeometry>{label}{polygon}</MultiGeometry></Placemark>'
        f'<Placemark id="plan.2"><name>沟槽</name>{width}<MultiGeometry><LineString><coordinates>{" ".join(axis)}'
        "</coordinates></LineString></MultiGeometry></Placemark></Document></kml>"
    )
    (folder / "served.kml").write_text(served, encoding="utf-8")
    yield Plan("GeoServer", "KML with its names on the map", folder / "served.kml", DEGREES, [pit, trench])
    walked = "".join(
        f'<trkpt lat="{y:.15g}" lon="{x:.15g}"><ele>2261</ele></trkpt>' for x, y in degrees(TRENCH)
    )
    (folder / "walked.gpx").write_text(
        '<?xml version="1.0"?><gpx version="1.1" creator="两步路" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>沟</name>'
        f"<trkseg>{walked}</trkseg></trk></gpx>",
        encoding="utf-8",
    )
    yield Plan(
        "by hand", "GPX track", folder / "walked.gpx", DEGREES, [line(degrees(TRENCH), uncertainty_m=10.0)]
    )
    (folder / "plan.wkt").write_text(
        "SRID=4543;POLYGON(("
        + ", ".join(f"{x:.4f} {y:.4f}" for x, y in [*placed(PIT), placed(PIT)[0]])
        + "))",
        encoding="utf-8",
    )
    yield Plan("by hand", "WKT", folder / "plan.wkt", CRS, [area(placed(PIT))])

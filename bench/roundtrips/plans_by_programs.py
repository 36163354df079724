"""Dig plans as GDAL's ogr2ogr, QGIS and LibreOffice write them, and real open tickets of Georgia (PREDIG_ACCEPTANCE)."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import shapely

from bench.roundtrips.drawings import QGIS_EXPORT
from bench.roundtrips.plans import (
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
    twin_file,
)
from bench.roundtrips.tools import run
from ingest import Reading

METRES = Reading(units="m")
"""ogr2ogr and QGIS state none, or inches, whatever they write."""


def by_gis(folder: Path) -> Iterator[Plan]:
    pit, trench = area(placed(PIT)), line(placed(TRENCH), half_width_m=HALF_WIDTH_M)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4543"}}
    pits = twin_file(folder / "pits.geojson", [area(placed(PIT), 名称="基坑")], crs=crs)
    trenches = twin_file(
        folder / "trenches.geojson", [line(placed(TRENCH), half_wid=0, half_width_m=HALF_WIDTH_M)], crs=crs
    )
    lonlat = ("-t_srs", DEGREES)
    for driver in ("KML", "LIBKML"):
        path = folder / f"ogr_{driver}.kml"
        run(folder, "ogr2ogr", "-f", driver, path, trenches, *lonlat)
        axis = line(degrees(TRENCH), half_width_m=HALF_WIDTH_M)
        yield Plan("ogr2ogr", f"KML ({driver})", path, DEGREES, [axis])
    run(folder, "ogr2ogr", "-f", "GPX", folder / "ogr.gpx", trenches, *lonlat, "-nlt", "MULTILINESTRING", "-dsco",
        "GPX_USE_EXTENSIONS=YES", "-lco", "FORCE_GPX_TRACK=YES")  # fmt: skip
    yield Plan("ogr2ogr", "GPX", folder / "ogr.gpx", DEGREES, [line(degrees(TRENCH), uncertainty_m=10.0)])
    run(folder, "ogr2ogr", "-f", "GPKG", folder / "ogr.gpkg", trenches)
    yield Plan("ogr2ogr", "GeoPackage", folder / "ogr.gpkg", CRS, [trench])
    run(folder, "ogr2ogr", "-f", "DXF", folder / "ogr.dxf", pits, "-sql", "SELECT '开挖' AS Layer FROM pits")
    yield Plan("ogr2ogr", "DXF", folder / "ogr.dxf", CRS, [pit], "area", METRES)
    run(folder, "ogr2ogr", "-f", "OpenFileGDB", folder / "ogr.gdb", pits)
    yield Plan("ogr2ogr", "File Geodatabase, zip", _zipped(folder, "ogr.gdb"), CRS, [pit])
    shape = folder / "开挖范围.shp"
    run(folder, "ogr2ogr", "-f", "ESRI Shapefile", shape, pits, "-lco", "ENCODING=CP936")
    yield Plan("ogr2ogr", "Shapefile, GBK, zip", _zipped(folder, "开挖范围"), CRS, [pit])

    for name, what in (("gpkg", "GeoPackage"), ("shp", "Shapefile, zip"), ("kml", "KML")):
        path, asked = folder / f"qgis.{name}", ["native:savefeatures", "--", f"INPUT={pits}"]
        if name == "kml":
            asked = ["native:reprojectlayer", "--", f"INPUT={pits}", f"TARGET_CRS={DEGREES}"]
        run(folder, "qgis_process.bin", "run", *asked, f"OUTPUT={path}")
        if name == "shp":
            # Without a screen QGIS states the encoding "system", which is none.
            (folder / "qgis.cpg").write_text("UTF-8")
            path = _zipped(folder, "qgis")
        ring = degrees(PIT) if name == "kml" else placed(PIT)
        yield Plan("QGIS", what, path, DEGREES if name == "kml" else CRS, [area(ring)])
    run(folder, "/usr/bin/python3", "-c", QGIS_EXPORT, pits, folder / "qgis.dxf", "开挖")
    yield Plan("QGIS", "DXF", folder / "qgis.dxf", CRS, [pit], "area", METRES)


def _zipped(folder: Path, stem: str) -> Path:
    path = folder / f"{stem}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        inside = folder / stem
        parts = inside.iterdir() if inside.is_dir() else folder.glob(f"{stem}.*")
        for part in parts:
            if part.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg") or inside.is_dir():
                archive.write(part, part.relative_to(folder))
    return path


def by_libreoffice(folder: Path) -> Iterator[Plan]:
    """A table with a formula, which LibreOffice works out."""
    book = openpyxl.Workbook()
    book.active.append(("点号", "X坐标", "Y坐标"))
    for number, (east, north) in enumerate(placed(PIT), 1):
        book.active.append((f"J{number}", f"={north - 100!r}+100", east))
    source = folder / "corners.xlsx"
    book.save(source)
    out = folder / "lo"
    out.mkdir()
    for ending, asked in (
        ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
        ("csv", "csv:Text - txt - csv (StarCalc):44,34,85,1,,0,false,false,false"),
    ):
        run(out, "soffice", "--headless", "--convert-to", asked, "--outdir", out, source)
        yield Plan("LibreOffice", ending.upper(), out / f"corners.{ending}", CRS, [area(placed(PIT))], "area")


def by_tickets(folder: Path) -> Iterator[Plan]:
    """Real ones; nothing where the shared data are not."""
    tickets = Path(os.environ.get("PREDIG_ACCEPTANCE") or "../shared/data") / "tickets"
    for path in sorted(tickets.glob("*.json")):
        shapes = json.loads(path.read_text(encoding="utf-8"))["geography"]["workSiteWkt"]
        rings = [shapely.from_wkt(text).exterior.coords for text in shapes]
        yield Plan(
            "Georgia 811", path.name, path, DEGREES, [area([list(at) for at in ring[:-1]]) for ring in rings]
        )

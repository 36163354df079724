"""What GDAL's ogr2ogr and QGIS write: Shapefile in GBK and UTF-8, File Geodatabase, GeoPackage, GeoJSON, KML."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pyproj import Transformer

from bench.roundtrips.network import IDS, THEIRS, Pipe, Written
from bench.roundtrips.tools import run

CRS = "EPSG:4543"
ALL = tuple(THEIRS)


def source_file(folder: Path, pipes: Sequence[Pipe]) -> Path:
    """The network as GeoJSON, which both programs read."""
    features = [
        {
            "type": "Feature",
            "properties": {IDS: pipe.id, **{THEIRS[ours]: cell for ours, cell in pipe.cells.items()}},
            "geometry": {"type": "MultiLineString", "coordinates": pipe.parts},
        }
        for pipe in pipes
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4543"}}
    path = folder / "source.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}, ensure_ascii=False),
        "utf-8",
    )
    return path


def by_ogr2ogr(folder: Path, source: Path) -> Iterator[Written]:
    def written(what: str, name: str, *words: str, crs: str = CRS) -> Written:
        path = folder / f"ogr_{name}"
        run(folder, "ogr2ogr", path, source, *words)
        return Written("ogr2ogr", what, [path], crs, IDS, ALL)

    yield written("Shapefile, GBK", "gbk.shp", "-f", "ESRI Shapefile", "-lco", "ENCODING=CP936")
    yield written("Shapefile, UTF-8", "utf8.shp", "-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8")
    yield written("File Geodatabase", "n.gdb", "-f", "OpenFileGDB", "-nlt", "MULTILINESTRING")
    yield written("GeoPackage", "n.gpkg", "-f", "GPKG")
    yield written("GeoJSON", "n.geojson", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=5")
    for driver in ("KML", "LIBKML"):
        kml = written(
            f"KML ({driver})", f"{driver}.kml", "-f", driver, "-t_srs", "EPSG:4326", crs="EPSG:4326"
        )
        yield replace(kml, lonlat=True)


def by_qgis(folder: Path, source: Path) -> Iterator[Written]:
    def written(what: str, name: str, *words: str, algorithm: str = "native:savefeatures") -> Written:
        path = folder / f"qgis_{name}"
        run(folder, "qgis_process.bin", "run", algorithm, "--", f"INPUT={source}", f"OUTPUT={path}", *words)
        return Written("QGIS", what, [path], CRS, IDS, ALL)

    # Without a screen QGIS writes UTF-8 and states "system", which is no encoding: somebody has to say it.
    shapefile = written("Shapefile", "n.shp")
    yield replace(shapefile, mapping=replace(shapefile.mapping, encoding="UTF-8"))
    yield written("GeoPackage", "n.gpkg", "LAYER_NAME=管线")
    yield written("File Geodatabase", "n.gdb")
    yield written("GeoJSON", "n.geojson")
    kml = written("KML", "n.kml", "TARGET_CRS=EPSG:4326", algorithm="native:reprojectlayer")
    yield replace(kml, crs="EPSG:4326", lonlat=True)


def in_degrees(pipes: Sequence[Pipe]) -> list[Pipe]:
    """EPSG:4326, as PROJ of our own carries them there."""
    passage = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    return [
        replace(pipe, parts=tuple(tuple(passage.transform(*place) for place in part) for part in pipe.parts))
        for pipe in pipes
    ]

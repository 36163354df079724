"""U4 and U5: virtual files and services under harmless names, and names and words that are addresses."""

import json
import sqlite3
import tempfile
from pathlib import Path

from tests.attack.corpus import ENQUIRIES, UNDERSTOOD, Hostile, Trap, refused
from tests.attack.corpus.bodies import enquiry
from tests.attack.seeds import LAT, LON, geojson, geopackage, kml, shapefile_parts, zipped

NOT_THAT = refused(
    "file_not_what_it_says",
    "kml_expected",
    "gpx_expected",
    "geojson_expected",
    "json_unreadable",
    "coordinates_missing",
    "csv_unreadable",
    "wkt_unreadable",
    "zip_holds_nothing",
    "file_unreadable",
    "shapefile_incomplete",
    "xml_doctype",
)
ENDINGS = ("csv", "kml", "dxf", "gpkg", "shp", "gpx", "wkt", "xlsx")
"""A .geojson or .json that is JSON and no plan is told so by whoever judges it; see _json()."""


def corpus(trap: Trap) -> list[Hostile]:
    return [*_virtual(trap), *_json(trap), *_names(trap), *_databases(trap), *_words(trap)]


def _virtual(trap: Trap) -> list[Hostile]:
    layer = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource{}>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    texts = {
        "a virtual file over the canary": layer.format("", trap.canary),
        "a virtual file over an address": layer.format("", f"/vsicurl/{trap.address}.csv"),
        "a virtual file over a database": layer.format("", f"PG:host=127.0.0.1 port={trap.port}"),
        "a feature service": f"<OGRWFSDataSource><URL>{trap.address}</URL></OGRWFSDataSource>",
        "an algorithm of GDAL": json.dumps(
            {
                "type": "gdal_streamed_alg",
                "command_line": f"gdal vector pipeline read {trap.canary} ! write a.csv",
            }
        ),
        "a collection service": f"OAPIF:{trap.address}",
    }
    found = []
    for what, text in texts.items():
        for ending in ENDINGS:
            asked = {"points_are": "area"} if ending in ("csv", "xlsx") else {}
            found.append(
                Hostile(
                    "U4",
                    f"{what} as {ending}",
                    f"a.{ending}",
                    lambda text=text: text.encode(),
                    NOT_THAT | refused("file_unreadable", "file_not_what_it_says"),
                    asked,
                )
            )
        found.append(
            Hostile(
                "U4",
                f"{what} in a zip",
                "a.zip",
                lambda text=text: zipped({"a.vrt": text.encode()}),
                refused("zip_holds_nothing"),
            )
        )
        found.append(
            Hostile(
                "U4",
                f"{what} as the kml of a kmz",
                "a.kmz",
                lambda text=text: zipped({"doc.kml": text.encode()}),
                NOT_THAT | refused("kml_unreadable"),
            )
        )
        found.append(
            Hostile(
                "U4",
                f"{what} as a zipped Shapefile",
                "a.zip",
                lambda text=text: zipped({**shapefile_parts(), "plan.shp": text.encode()}),
                refused("file_unreadable"),
            )
        )
    return found


def _json(trap: Trap) -> list[Hostile]:
    """JSON that is no GeoJSON, or GeoJSON that points elsewhere: what is understood of it is itself."""
    other = {"type": "gdal_streamed_alg", "command_line": f"gdal vector read {trap.canary}"}
    linked = json.loads(geojson()) | {"links": [{"rel": "next", "href": trap.address}]}
    return [
        Hostile(
            "U4",
            "an algorithm of GDAL as a plan",
            "",
            lambda: enquiry(other),
            refused("geojson_expected"),
            door=ENQUIRIES,
        ),
        Hostile("U4", "a service named in a plan", "a.geojson", lambda: json.dumps(linked).encode()),
    ]


def _names(trap: Trap) -> list[Hostile]:
    """Of the file itself: only its last part is a name, and of that only letters and digits."""
    names = [
        f"/vsicurl/{trap.address}.kml",
        f"/vsizip/{trap.canary}.kml",
        f"PG:host=127.0.0.1 port={trap.port}.kml",
        f"{trap.address}.kml",
        f"..\\..\\{trap.canary}.kml",
        f"{trap.canary}.kml",
        "a.kml|.kml",
        "$(id).kml",
        "-rf.kml",
        "\u202elmk.kml",
    ]
    found = [Hostile("U5", f"a file called {name[:24]!r}", name, kml) for name in names]
    parts = {name.replace("plan", "PG:port=1"): data for name, data in shapefile_parts().items()}
    return [
        *found,
        Hostile("U5", "a layer named as an address", "a.zip", lambda: zipped(parts)),
        Hostile(
            "U5",
            "a layer asked for by an address",
            "a.gpkg",
            geopackage,
            refused("layer_missing", "layer_unknown", "layers_none"),
            {"layer": f"/vsicurl/{trap.address}"},
        ),
    ]


def _databases(trap: Trap) -> list[Hostile]:
    """GeoPackages that name other files or work without end."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    asleep = (
        "ALTER TABLE plan RENAME TO plan_",
        f"CREATE VIEW plan AS SELECT fid, geom, name, (SELECT max(x) FROM ({endless})) AS half_width_m FROM plan_",
    )
    return [
        Hostile(
            "U5",
            "a virtual table in a database",
            "a.gpkg",
            lambda: _gpkg(
                "CREATE VIRTUAL TABLE v USING fts4(x)", _as_virtual(f"csv(filename='{trap.canary}')")
            ),
            refused("geopackage_virtual_table", "file_unreadable"),
        ),
        Hostile(
            "U5",
            "a virtual shape in a database",
            "a.gpkg",
            lambda: _gpkg(
                "CREATE VIRTUAL TABLE v USING fts4(x)",
                _as_virtual(f"VirtualShape('{trap.canary}', 'UTF-8', 4326)"),
            ),
            refused("geopackage_virtual_table", "file_unreadable"),
        ),
        Hostile(
            "U5",
            "a view that never ends",
            "a.gpkg",
            lambda: _gpkg(*asleep),
            refused("file_too_hard", "file_unreadable"),
            heavy=True,
        ),
        Hostile(
            "U5",
            "a trigger in a database",
            "a.gpkg",
            lambda: _gpkg(
                "CREATE TRIGGER t AFTER INSERT ON plan BEGIN SELECT load_extension('/tmp/x.so'); END"
            ),
        ),
        Hostile(
            "U5", "a database cut off", "a.gpkg", lambda: geopackage()[:40_000], refused("file_unreadable")
        ),
    ]


def _as_virtual(using: str) -> str:
    quoted = f"CREATE VIRTUAL TABLE v USING {using}".replace("'", "''")
    return f"PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = '{quoted}' WHERE name = 'v'"


def _gpkg(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(geopackage())
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for statement in statements:
                connection.executescript(statement)
        finally:
            connection.close()
        return path.read_bytes()


def _words(trap: Trap) -> list[Hostile]:
    """Coordinate systems that name files or addresses, in files and beside them."""
    systems = {
        "a grid that is the canary": f"+proj=longlat +nadgrids={trap.canary} +type=crs",
        "a grid at an address": f"+proj=longlat +nadgrids={trap.address} +type=crs",
        "an address": trap.address,
        "a file": f"file://{trap.canary}",
        "a file by PROJ's own sign": f"@{trap.canary}",
        "initialised from a file": f"+init={trap.canary}:1",
        "a pipeline": f"+proj=pipeline +step +proj=hgridshift +grids={trap.canary}",
    }
    place = {"type": "Point", "coordinates": [LON, LAT]}
    crs = refused("crs_unknown", "crs_not_accepted", "crs_embedded_unreadable")
    found = []
    for what, text in systems.items():
        member = {"crs": {"type": "name", "properties": {"name": text}}}
        found += [
            Hostile(
                "U5", f"declared: {what}", "", lambda text=text: enquiry(place, crs=text), crs, door=ENQUIRIES
            ),
            Hostile(
                "U5",
                f"in the plan: {what}",
                "",
                lambda member=member: enquiry(
                    {"type": "Feature", "geometry": place, "properties": {"radius_m": 1}, **member}
                ),
                crs,
                door=ENQUIRIES,
            ),
            Hostile(
                "U5",
                f"in a .prj: {what}",
                "a.zip",
                lambda text=text: zipped({**shapefile_parts(), "plan.prj": text.encode()}),
                crs | refused(UNDERSTOOD, "file_unreadable"),
            ),
        ]
    return found

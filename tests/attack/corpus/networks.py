"""Hostile networks, as POST /v1/networks/imports takes them: files of every kind it reads, maps, .prj texts, names and words.

What is hostile as a dig plan is sent as a network too.
"""

import io
import json
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import openpyxl

from tests.attack.corpus import PLANS, UNDERSTOOD, Trap, corpus, refused
from tests.attack.corpus.archives import STORED, Member, archive, bomb
from tests.attack.corpus.drawings import drawn, minsert, nested_blocks
from tests.attack.network_seeds import (
    SURVEYED,
    geodatabase_files,
    line_of,
    links,
    network_dxf,
    network_json,
    prj,
    workbook_of,
)
from tests.attack.seeds import PROJECTED, geopackage, kml, shapefile_parts, zipped

_AS_A_NETWORK = " (as a network)"
_LARGE = ("25 MB", "a quote of 12 MB", "a million points", "300 MB in a kmz")
ENDINGS = frozenset(
    (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kmz", ".kml", ".ovkml", ".dxf", ".csv", ".xlsx")
)
WORDS = {"utility": "HOSTILE", "crs": PROJECTED}
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """A form. files: by the name each is sent with. codes: of the first fault, one of which it has; none: any will do, or it
    is understood, as where UNDERSTOOD is among them, and then only compared. asked: its words."""

    case: str
    what: str
    make: Callable[[], Files]
    codes: frozenset[str] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)
    heavy: bool = False

    @property
    def name(self) -> str:
        return f"{self.case} {self.what}"

    @property
    def is_plan(self) -> bool:
        """It comes from the corpus of plans."""
        return self.what.endswith(_AS_A_NETWORK)

    @property
    def may_be_understood(self) -> bool:
        return not self.codes or UNDERSTOOD in self.codes

    @property
    def words(self) -> dict[str, str]:
        return {**WORDS, **({"dry_run": "true"} if self.may_be_understood else {}), **self.asked}


def uploads(trap: Trap) -> list[Upload]:
    """All of them. Names are told apart by what stands in them."""
    parts = (
        _archives,
        _virtual,
        _databases,
        _drawings,
        _shapefiles,
        _tables,
        _maps,
        _systems,
        _words,
        _json,
        _names,
    )
    return [*chain.from_iterable(part(trap) for part in parts), *_plans(trap)]


def _one(case: str, what: str, name: str, make: Callable[[], bytes], codes: frozenset[str] = frozenset(), heavy: bool = False, **asked: str) -> Upload:  # fmt: skip
    return Upload(case, what, lambda: {name: make()}, codes, asked, heavy)


def _plans(trap: Trap) -> list[Upload]:
    return [
        Upload(
            hostile.case,
            f"{hostile.what}{_AS_A_NETWORK}",
            lambda hostile=hostile: {hostile.file: hostile.make()},
            frozenset(),
            {name: text for name, text in hostile.asked.items() if name in ("crs", "layer", "units")},
            hostile.heavy or hostile.what in _LARGE,
        )
        for hostile in corpus(trap)
        if hostile.door == PLANS and Path(hostile.file).suffix.lower() in ENDINGS
    ]


def _archives(trap: Trap) -> list[Upload]:
    unsafe, large = refused("zip_path_unsafe"), refused("zip_too_large")
    unread = refused("zip_unreadable", "file_refused")
    gdb = geodatabase_files()

    def in_gdb(name: str, data: bytes = b"x", mode: int = 0) -> bytes:
        whole = [
            Member(f"n.gdb/{own}".encode(), held, len(held), zlib.crc32(held), STORED)
            for own, held in gdb.items()
        ]
        return archive([*whole, Member(name.encode(), data, len(data), zlib.crc32(data), STORED, mode=mode)])

    link = str(trap.canary).encode()
    return [
        _one("U1", "3 GB in a geodatabase", "n.zip", lambda: archive([bomb(b"n.gdb/a00000001.gdbtable", 3_000)]), large, heavy=True),
        _one("U1", "300 MB in a geodatabase", "n.zip", lambda: archive([bomb(b"n.gdb/a00000001.gdbtable", 300)]), large, heavy=True),
        _one("U1", "a small lie about 60 MB of a .dbf", "n.zip", lambda: archive([bomb(b"n.shp", 1), bomb(b"n.shx", 1), bomb(b"n.dbf", 60, 1_000)]), unread),
        _one("U2", "a link in a geodatabase", "n.zip", lambda: in_gdb("n.gdb/a00000009.gdbtable", link, 0o120777), unsafe),
        _one("U2", "a way out of a geodatabase", "n.zip", lambda: in_gdb("n.gdb/../../canary.csv"), unsafe),
        _one("U2", "a Shapefile within a geodatabase", "n.zip", lambda: in_gdb("n.gdb/roads.dbf"), refused("geodatabase_not_plain")),
        _one("U2", "two geodatabases", "n.zip", lambda: in_gdb("m.gdb/a00000001.gdbtable"), refused("zip_holds_several")),
        _one("U2", "a geodatabase in a geodatabase", "n.zip", lambda: in_gdb("n.gdb/m.gdb/a00000001.gdbtable"), refused("zip_holds_several")),
        _one("U2", "parts that differ by case", "n.zip", lambda: zipped({**shapefile_parts("n"), "N.SHP": b"x"}), refused("zip_holds_several", "layers_several")),
        _one("U2", "a pipe in an archive", "n.zip", lambda: archive([Member(b"n.shp", b"", mode=0o010777)]), unsafe),
        _one("U2", "a name of 300 rare letters", "n.zip", lambda: zipped({"\U00020000" * 60 + "." + "\U00020000" * 20 + ".kml": kml()})),
    ]  # fmt: skip


def _virtual(trap: Trap) -> list[Upload]:
    layer = f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{trap.canary}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    away = layer.replace(str(trap.canary), f"/vsicurl/{trap.address}.csv")
    gdb = {f"n.gdb/{name}": data for name, data in geodatabase_files().items()}
    other = refused(
        "file_not_what_it_says",
        "file_unreadable",
        "geodatabase_not_plain",
        "zip_holds_nothing",
        "layers_none",
        "file_refused",
    )
    found = [
        _one("U4", f"a virtual file {where} as {name}", name, lambda text=text: text.encode(), other | refused("kml_expected", "survey_tables_missing", "workbook_unreadable"))
        for where, text in (("here", layer), ("elsewhere", away))
        for name in ("n.geojson", "n.json", "n.gpkg", "n.shp", "n.kml", "n.dxf")
    ]  # fmt: skip
    return [
        *found,
        _one("U4", "a virtual file as a table of a geodatabase", "n.zip", lambda: zipped({**gdb, "n.gdb/a00000001.gdbtable": away.encode()}), other),
        _one("U4", "a virtual file alone in a geodatabase", "n.zip", lambda: zipped({"n.gdb/a.vrt": away.encode()}), other),
    ]  # fmt: skip


def _databases(trap: Trap) -> list[Upload]:
    unread = refused("file_unreadable", "geopackage_expected", "file_refused", "geopackage_virtual_table")
    virtual = "PRAGMA writable_schema = 1; INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualShape(''{}'')')"
    gdb = {f"n.gdb/{name}": data for name, data in geodatabase_files().items()}
    table = max((name for name in gdb if name.endswith(".gdbtable")), key=lambda name: len(gdb[name]))

    def changed(at: int, value: bytes) -> bytes:
        data = bytearray(gdb[table])
        data[at : at + len(value)] = value
        return zipped({**gdb, table: bytes(data)})

    return [
        _one("U5", "a virtual table over the canary", "n.gpkg", lambda: _gpkg(virtual.format(trap.canary)), unread),
        _one("U5", "a geometry column that is nowhere", "n.gpkg", lambda: _gpkg("UPDATE gpkg_geometry_columns SET table_name = 'sqlite_master'")),
        _one("U5", "4 billion rows promised", "n.gpkg", lambda: _gpkg("UPDATE gpkg_ogr_contents SET feature_count = 4000000000"), refused("file_unreadable", "file_refused", UNDERSTOOD)),
        _one("U5", "a header that lies of its pages", "n.gpkg", lambda: geopackage()[:28] + b"\xff\xff\xff\xff" + geopackage()[32:]),
        _one("U10", "a shape of bytes that are none", "n.gpkg", lambda: _gpkg("UPDATE plan SET geom = x'47500001ffffffff'")),
        _one("U10", "a shape of 4 billion points", "n.gpkg", lambda: _gpkg("UPDATE plan SET geom = substr(geom, 1, 45) || x'ffffffff' || substr(geom, 50)")),
        *(_one("U8", f"a geodatabase whose bytes from {at} on are {value[:1].hex()}", "n.zip", lambda at=at, value=value: changed(at, value))
          for at in (4, 8, 24, 32, 40, 60) for value in (b"\xff" * 4, b"\x7f\xff\xff\xff")),
        _one("U8", "a geodatabase cut off", "n.zip", lambda: zipped({name: data[: len(data) // 2] for name, data in gdb.items()})),
    ]  # fmt: skip


def _gpkg(statement: str) -> bytes:
    """As in the corpus of plans, but past its triggers, which call functions that SQLite has not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(geopackage())
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.executescript(statement)
        finally:
            connection.close()
        return path.read_bytes()


def _drawings(trap: Trap) -> list[Upload]:
    hard = refused(
        "file_too_hard",
        "file_refused",
        "drawing_too_many_entities",
        "network_too_many_vertices",
        "file_too_many_rows",
        "drawing_entities_unreadable",
        "layer_missing",
        "layers_none",
    )
    return [
        _one("U6", "ten million lines of a network", "n.dxf", lambda: drawn(nested_blocks), hard, heavy=True, layer="0", units="m"),
        _one("U6", "four million lines of a network", "n.dxf", lambda: drawn(minsert), hard, heavy=True, layer="0", units="m"),
        _one("U6", "layers that are not there", "n.dxf", network_dxf, refused("layer_missing", "layer_unknown", "layers_none"), layer=f"/vsicurl/{trap.address}", units="m"),
    ]  # fmt: skip


def _shapefiles(trap: Trap) -> list[Upload]:
    whole = shapefile_parts("n")

    def with_parts(**parts: bytes) -> Callable[[], Files]:
        return lambda: {**whole, **{f"n.{ending}": data for ending, data in parts.items()}}

    def changed(ending: str, at: int, value: bytes) -> bytes:
        data = bytearray(whole[f"n.{ending}"])
        data[at : at + len(value)] = value
        return bytes(data)

    alone = refused("shapefile_incomplete", "file_kind_unknown", "file_not_what_it_says")
    lies = {
        "a table of 4 billion rows": ("dbf", 4, b"\xff\xff\xff\xff"),
        "rows of no bytes": ("dbf", 10, b"\x00\x00"),
        "a record of 2 billion points": ("shp", 148, b"\xff\xff\xff\x7f"),
        "an offset past the end": ("shx", 100, b"\x7f\xff\xff\xff"),
        "a corner that is no number": ("shp", 156, struct.pack("<d", float("nan"))),
    }
    return [
        *(Upload("U8", f"parts: {what}", with_parts(**{lie[0]: changed(*lie)})) for what, lie in lies.items()),
        Upload("U8", "parts: the .dbf alone", lambda: {"n.dbf": whole["n.dbf"]}, alone),
        Upload("U8", "parts: the .shp alone", lambda: {"n.shp": whole["n.shp"]}, alone),
        Upload("U8", "parts: a .shx of another", with_parts(shx=whole["n.shx"] * 3), refused("shapefile_parts_disagree")),
        Upload("U8", "parts: an encoding that is a file", with_parts(cpg=str(trap.canary).encode())),
        Upload("U8", "parts: an encoding of 1 MB", with_parts(cpg=b"A" * 1_000_000)),
        Upload("U8", "parts: an encoding that is no text's", with_parts(cpg=b"zlib")),
    ]  # fmt: skip


def _tables(trap: Trap) -> list[Upload]:
    unread = refused(
        "file_unreadable",
        "survey_tables_missing",
        "csv_unreadable",
        "csv_encoding_unknown",
        "network_empty",
        "file_refused",
        "sheet_too_large",
        "file_not_what_it_says",
        "workbook_unreadable",
        "zip_unreadable",
        "column_missing",
        "workbook_too_large",
        "xml_doctype",
        "file_too_many_rows",
        "zip_too_large",
    )
    surveyed = {"crs": SURVEYED}
    book = workbook_of(links())

    def with_cell(cell: object) -> bytes:
        packed, whole = io.BytesIO(), openpyxl.load_workbook(io.BytesIO(book))
        whole.worksheets[0]["B4"] = cell
        whole.save(packed)
        return packed.getvalue()

    found = [
        _one("U9", "a formula as a point number", "n.xlsx", lambda: with_cell(f'=WEBSERVICE("{trap.address}")'), **surveyed),
        _one("U9", "a point number of 30,000 letters", "n.xlsx", lambda: with_cell("x" * 30_000), **surveyed),
        _one("U9", "a workbook of 700 MB", "n.xlsx", lambda: archive([bomb(b"xl/workbook.xml", 700)]), unread, heavy=True),
        _one("U9", "a workbook that lies", "n.xlsx", lambda: archive([bomb(b"xl/workbook.xml", 30, 1_000)]), unread),
        _one("U9", "a virtual file as a workbook", "n.xlsx", lambda: b"<OGRVRTDataSource/>", unread),
        _one("U9", "a virtual file as a table", "n.csv", lambda: f"<OGRVRTDataSource>{trap.canary}</OGRVRTDataSource>".encode(), unread),
        _one("U9", "a NUL in a table", "n.csv", lambda: line_of(links()).replace(b"RQ1", b"R\x00Q1"), **surveyed),
        _one("U9", "quotes that never close in a table", "n.csv", lambda: line_of(links()) + b'\r\n"' * 100_001, **surveyed),
        _one("U9", "places that are no numbers", "n.csv", lambda: line_of(links()).replace(b"4054000", b"1e999"), **surveyed),
        _one("U9", "a million rows", "n.csv", lambda: line_of(links()) + b"\r\n9,9,9" * 1_000_000, heavy=True, **surveyed),
        _one("U9", "bytes that are no text in a table", "n.csv", lambda: bytes(range(128, 256)) * 50, unread),
        _one("U9", "an old workbook", "n.xls", lambda: b"\xd0\xcf\x11\xe0" * 100),
    ]  # fmt: skip
    return found


def _maps(trap: Trap) -> list[Upload]:
    maps = {
        "a number of 40,000 digits": ("[values.kind]\nx = 0x" + "F" * 40_000, "map_word_unknown"),
        "a number of 40,000 digits as a constant": ("[constants]\nlaid_on = 0o" + "7" * 40_000, "map_word_unknown"),
        "a number of 40,000 digits as an encoding": ("encoding = 0b" + "1" * 40_000, "map_encoding"),
        "a decimal number of 40,000 digits": ("[values.kind]\nx = " + "9" * 40_000, "map_unreadable"),
        "20,000 parts of a key": ("[values.kind]\nx." + "a." * 20_000 + "a = 1", "map_unreadable"),
        "20,000 parts of a heading": ("[" + "a." * 20_000 + "a]", "map_unreadable"),
        "150 parts of a key": ("[values.kind]\nx." + "a." * 150 + "a = 1", "map_word_unknown"),
        "20,000 lists in lists": ("[values.kind]\nx = " + "[" * 20_000 + "]" * 20_000, "map_unreadable"),
        "400 lists in lists": ("[values.kind]\nx = " + "[" * 400 + "]" * 400, "map_word_unknown"),
        "200 tables in tables": ("[values.kind]\nx = " + "{a=" * 200 + "1" + "}" * 200, "map_word_unknown"),
        "a unit that is a list": ("[units]\ndiameter_mm = ['mm']", "map_unit"),
        "a unit that is a table": ("[units]\ndiameter_mm = {mm = 1}", "map_unit"),
        "6,000 mistakes": ("[values.kind]\n" + "\n".join(f"a{n}=1" for n in range(6_000)), "map_word_unknown"),
        "a heading of 40,000 letters": (f"[{'a' * 40_000}]", "map_key_unknown"),
        "a value of 40,000 letters": (f"[constants]\nkind = '{'a' * 40_000}'", "map_word_unknown"),
        "columns that are not there": ("[columns]\nmaterial = 'no such'\nstatus = 'nor this'", "column_missing"),
        "a column of 40,000 letters": (f"[columns]\nmaterial = '{'a' * 40_000}'", "column_missing"),
        "a column that is a file": (f"[columns]\nmaterial = '{trap.canary}'", "column_missing"),
        "a column with a NUL": ('[columns]\nmaterial = "a\\u0000b"', "column_missing"),
        "an encoding that is a file": ("encoding = '../../../../etc/passwd'", "map_encoding"),
        "an encoding that unpacks": ("encoding = 'zlib'", "map_encoding"),
        "an encoding that is none": ("encoding = 'undefined'", "map_encoding"),
        "an encoding twice": ("encoding = 'utf-8'\nencoding = 'gbk'", "map_unreadable"),
        "a quote that never closes": ('x = """' + '"\\"' * 15_000, "map_unreadable"),
        "nothing in the place of a number": ("[constants]\ndiameter_mm = nan", "map_word_unknown"),
        "a number without end": ("[constants]\ncover_m = 1e999999999", "map_word_unknown"),
        "a day that is an hour": ("[constants]\nlaid_on = 12:00:00", "map_word_unknown"),
        "JSON": ('{"columns": {}}', "map_unreadable"),
        "a map of 60,000 letters": ("# " + "x" * 60_000, "field_too_long"),
    }  # fmt: skip
    found = [
        _one("U3", f"a map with {what}", "n.geojson", network_json, refused(code), mapping=text)
        for what, (text, code) in maps.items()
    ]  # fmt: skip
    for encoding in ("idna", "punycode", "unicode_escape", "utf-7", "utf-16", "hz", "raw_unicode_escape"):
        asked = {"mapping": f"encoding = '{encoding}'", "crs": SURVEYED}
        found.append(
            _one(
                "U9",
                f"a table in {encoding}",
                "n.csv",
                lambda: line_of(links()) + b"\xff\\u0000\\ud800",
                **asked,
            )
        )
    return found


def _systems(trap: Trap) -> list[Upload]:
    """What a file says of its own coordinate system: by a .prj of its own, and in GeoJSON."""
    texts = {
        "a grid that is the canary": f"+proj=longlat +nadgrids={trap.canary} +type=crs",
        "a grid at an address": f"+proj=longlat +nadgrids={trap.address} +type=crs",
        "a grid at an address, in brackets": prj().replace("]]", f']],EXTENSION["PROJ4_GRIDS","{trap.address}/a.gsb"]', 1),
        "a projection that is a pipeline": prj()[:-1] + f',EXTENSION["PROJ4","+proj=pipeline +step +proj=hgridshift +grids={trap.canary}"]]',
        "a file in the place of a number": _with_file(str(trap.canary)),
        "1 MB of brackets": 'PROJCS["a",' * 100_000,
        "1 MB of a name": prj().replace("CGCS2000_3_Degree_GK_CM_102E", "a" * 1_000_000),
        "brackets in brackets": 'GEOGCS["a",' + 'A["x",' * 3_000 + "]" * 3_001,
        "bounds in bounds": "BOUNDCRS[SOURCECRS[" * 1_000 + "]]" * 1_000,
        "JSON in JSON": '{"type":"BoundCRS","source_crs":' * 600 + "{}" + "}" * 600,
        "40,000 lists in lists": '{"a":' + "[" * 9_000 + "]" * 9_000 + "}",
        "systems in systems": '{"type":"CompoundCRS","name":"a","components":[' * 400 + "]}" * 400,
        "half a letter": 'GEOGCS["\ud800"]',
        "numbers that are none": prj().replace("500000.0", "nan").replace("6378137.0", "1e999"),
        "an address": trap.address,
        "a file": f"file://{trap.canary}",
        "started from a file": f"+init={trap.canary}:1",
    }  # fmt: skip
    named = refused("crs_embedded_unreadable", "crs_contradicts", UNDERSTOOD)
    found = []
    for what, text in texts.items():
        said = text.encode("utf-8", "surrogatepass")
        parts = {**shapefile_parts("n"), "n.prj": said}
        member = {"crs": {"type": "name", "properties": {"name": text}}}
        found += [
            Upload("U5", f"in a .prj: {what}", lambda parts=parts: parts, named | refused("file_unreadable")),
            _one("U5", f"in a GeoJSON: {what}", "n.geojson", lambda member=member: network_json(**member), named),
        ]  # fmt: skip
    return found


def _with_file(file: str) -> str:
    return (
        'PROJCRS["x",BASEGEOGCRS["G",DATUM["D",ELLIPSOID["S",6378137,298]]],CONVERSION["c",METHOD["NTv2"],'
        f'PARAMETERFILE["Latitude and longitude difference file","{file}"]],CS[Cartesian,2],AXIS["e",east],AXIS["n",north],'
        'LENGTHUNIT["m",1]]'
    )


def _words(trap: Trap) -> list[Upload]:
    """Of the form itself, about harmless files."""
    asked = {
        "a grid at an address": {"crs": f"+proj=longlat +nadgrids={trap.address}"},
        "a system in brackets": {"crs": 'PROJCS["a",' * 15},
        "a registered grid that is a file": {"crs": f"grid:{trap.canary}"[:200]},
        "an id column that is not there": {"id_field": str(trap.canary)},
        "changes that are not there": {"id_field": "id", "changes": "no such"},
        "a layer that is an address": {"layer": f"/vsicurl/{trap.address}"},
    }
    codes = refused("crs_unknown", "crs_not_accepted", "grid_unknown", "column_missing", "layer_missing", "layer_unknown", "layers_none", "layer_without_layers")  # fmt: skip
    return [
        _one("U5", f"declared: {what}", "n.geojson", network_json, codes, **words)
        for what, words in asked.items()
    ]


def _json(trap: Trap) -> list[Upload]:
    half, nul = "\ud800", "a\u0000b"

    def odd(**change: object) -> bytes:
        document = json.loads(network_json())
        document["features"][0] |= change
        return json.dumps(document).encode()

    own = {"type": "LineString", "coordinates": [[480_000.0, 4_054_000.0], [480_050.0, 4_054_000.0]]}
    return [
        _one("U7", "a column that is half a letter", "n.geojson", lambda: odd(properties={half: 1, nul: 2}), refused("column_missing"), id_field="no such"),
        _one("U7", "a column of a million letters", "n.geojson", lambda: odd(properties={"x" * 1_000_000: 1}), refused("column_missing", "file_refused"), id_field="no such"),
        _one("U7", "20,000 columns", "n.geojson", lambda: odd(properties={f"c{n}": n for n in range(20_000)}), refused(UNDERSTOOD, "file_refused"), heavy=True),
        _one("U7", "ids of half letters", "n.geojson", lambda: odd(id=half, properties={"id": nul, "material": half, "status": nul})),
        _one("U7", "an id column of half letters", "n.geojson", lambda: odd(properties={"id": half}), id_field="id"),
        _one("U7", "cells of 200 levels", "n.geojson", lambda: odd(properties={"material": json.loads("[" * 200 + "]" * 200)})),
        _one("U7", "a cell of 4,000 digits", "n.geojson", lambda: odd(properties={"diameter_mm": 10**4_000, "laid_on": 10**4_000, "material": 10**4_000, "id": 10**4_000})),
        _one("U7", "200,000 lists in lists", "n.geojson", lambda: b'{"type":"FeatureCollection","features":' + b"[" * 200_000, refused("json_too_deep")),
        _one("U10", "a place without end", "n.geojson", lambda: odd(geometry={**own, "coordinates": [[1e308, -1e308], [-1e308, 1e308]]})),
        _one("U10", "a line across the world", "n.geojson", lambda: odd(geometry={**own, "coordinates": [[480_000.0, 4_054_000.0], [4.8e14, 4.0e14]]})),
        _one("U10", "coordinates that are none", "n.geojson", lambda: odd(geometry={**own, "coordinates": [[float("nan"), float("inf")], [True, "1"]]})),
        _one("U10", "nothing but NaN", "n.geojson", lambda: b'{"type":"LineString","coordinates":[[NaN,NaN],[NaN,NaN]]}', refused("network_no_geometry", "network_nothing_accepted")),
        _one("U10", "no features", "n.geojson", lambda: b'{"type":"FeatureCollection","features":[]}', refused("network_empty")),
    ]  # fmt: skip


def _names(trap: Trap) -> list[Upload]:
    names: Sequence[str] = (
        f"/vsicurl/{trap.address}.geojson",
        f"PG:host=127.0.0.1 port={trap.port}.geojson",
        f"..\\..\\{trap.canary}.geojson",
        "n.geojson|.geojson",
        "$(id).geojson",
        "-rf.geojson",
        "\u202enosjoeg.geojson",
        "\U00020000" * 60 + ".geojson",
        "name.geojson",
    )
    return [
        *(_one("U5", f"a file called {name[:24]!r}", name, network_json) for name in names),
        _one("U5", "an ending of rare letters", "\U00020000" * 60 + "." + "\U00020000" * 20, network_json, refused("file_kind_unknown")),
        _one("U5", "a way up as a name", "../../canary.csv", lambda: b"x,y\n1,2\n"),
    ]  # fmt: skip

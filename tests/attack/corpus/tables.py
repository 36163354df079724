"""U8 and U9: Shapefiles whose parts lie or are missing, and tables with what no table of corners has."""

import struct

from tests.attack.corpus import UNDERSTOOD, Hostile, Trap, refused
from tests.attack.seeds import PROJECTED, X, Y, csv, shapefile_parts, zipped

AREA = {"points_are": "area", "crs": PROJECTED}


def corpus(trap: Trap) -> list[Hostile]:
    return [*_shapefiles(), *_lists(trap)]


def _shapefiles() -> list[Hostile]:
    whole = shapefile_parts()
    damaged = refused(
        "file_unreadable",
        "shapefile_parts_disagree",
        "shapefile_incomplete",
        "file_refused",
        "geometry_malformed",
        "geometry_missing",
        "text_cut_or_misnamed",
        "geometry_empty",
        "geometry_not_finite",
        "network_empty",
    )

    def without(ending: str) -> bytes:
        return zipped({name: data for name, data in whole.items() if not name.endswith(ending)})

    def changed(ending: str, at: int, value: bytes) -> bytes:
        data = bytearray(whole[f"plan{ending}"])
        data[at : at + len(value)] = value
        return zipped({**whole, f"plan{ending}": bytes(data)})

    def named(text: bytes, cpg: bytes | None) -> bytes:
        parts = dict(whole)
        at = parts["plan.dbf"].index(b" trench")
        parts["plan.dbf"] = parts["plan.dbf"][:at] + b" " + text.ljust(10) + parts["plan.dbf"][at + 11 :]
        del parts["plan.cpg"]
        return zipped(parts if cpg is None else {**parts, "plan.cpg": cpg})

    lies = {
        "a content length of 4 GB": (".shp", 104, b"\xff\xff\xff\xff"),
        "a content length below zero": (".shp", 104, b"\x80\x00\x00\x00"),
        "a record of 2 billion parts": (".shp", 144, b"\xff\xff\xff\x7f"),
        "a record of 2 billion points": (".shp", 148, b"\xff\xff\xff\x7f"),
        "a part that begins past its end": (".shp", 152, b"\xff\xff\x00\x00"),
        "an offset past the end": (".shx", 100, b"\x7f\xff\xff\xff"),
        "a table of 4 billion rows": (".dbf", 4, b"\xff\xff\xff\xff"),
        "a header as long as the table": (".dbf", 8, b"\xff\xff"),
        "rows of 65,535 bytes": (".dbf", 10, b"\xff\xff"),
        "rows of no bytes": (".dbf", 10, b"\x00\x00"),
        "a corner that is no number": (".shp", 156, struct.pack("<d", float("nan"))),
        "a corner without end": (".shp", 156, struct.pack("<d", float("inf"))),
    }
    found = [
        Hostile("U8", what, "a.zip", lambda lie=lie: changed(*lie), damaged | refused(UNDERSTOOD))
        for what, lie in lies.items()
    ]
    name = "管线中压"
    return [
        *found,
        Hostile("U8", "no .shx", "a.zip", lambda: without(".shx"), refused("shapefile_incomplete")),
        Hostile("U8", "no .dbf", "a.zip", lambda: without(".dbf"), refused("shapefile_incomplete")),
        Hostile("U8", "no .prj", "a.zip", lambda: without(".prj")),
        Hostile("U8", "the .shp alone", "a.shp", lambda: whole["plan.shp"], refused("shapefile_incomplete")),
        Hostile(
            "U8",
            "a .prj that is no system",
            "a.zip",
            lambda: zipped({**whole, "plan.prj": b"\xff\xfe" * 5_000}),
            refused(UNDERSTOOD),
        ),
        Hostile(
            "U8",
            "Chinese in no known encoding",
            "a.zip",
            lambda: named(name.encode("gbk"), None),
            refused("encoding_unknown"),
        ),
        Hostile("U8", "Chinese in GBK", "a.zip", lambda: named(name.encode("gbk"), b"GBK")),
        Hostile("U8", "Chinese in GB18030", "a.zip", lambda: named(name.encode("gb18030"), b"GB18030")),
        Hostile("U8", "Chinese in Big5", "a.zip", lambda: named("管線".encode("big5"), b"Big5")),
        Hostile("U8", "Chinese in UTF-8", "a.zip", lambda: named("管线".encode(), b"UTF-8")),
        Hostile(
            "U8",
            "an encoding that is an address",
            "a.zip",
            lambda: named(b"x", b"http://127.0.0.1/"),
        ),
    ]


def _lists(trap: Trap) -> list[Hostile]:
    unread = refused(
        "coordinate_unreadable",
        "coordinates_missing",
        "csv_unreadable",
        "coordinates_unclear",
        "coordinates_cut",
        "file_not_what_it_says",
        "csv_encoding_unknown",
        "coordinates_too_few",
        "file_too_many_points",
        "file_too_many_rows",
        "sheet_too_large",
        "file_refused",
        "file_too_hard",
    )
    rows = csv()
    return [
        Hostile(
            "U9",
            "formulas beside corners",
            "a.csv",
            lambda: rows.replace(b"J0", f'=WEBSERVICE("{trap.address}")'.encode().replace(b'"', b"'")),
            asked=AREA,
        ),
        Hostile(
            "U9",
            "a formula as a corner",
            "a.csv",
            lambda: rows.replace(f"{Y + 5}".encode(), b"=A1+1", 1),
            unread,
            AREA,
        ),
        Hostile("U9", "a NUL", "a.csv", lambda: rows.replace(b"J0", b"J\x00"), unread, AREA),
        Hostile("U9", "a quote of 12 MB", "a.csv", lambda: rows + b'\r\n"' + b"x" * 12_000_000, unread, AREA),
        Hostile("U9", "quotes that never close", "a.csv", lambda: rows + b'\r\n"' * 100_001, unread, AREA),
        Hostile("U9", "separators mixed", "a.csv", lambda: rows.replace(b",", b";", 7), unread, AREA),
        Hostile(
            "U9",
            "commas in decimals",
            "a.csv",
            lambda: "\n".join(["X;Y", *(f"{Y:.0f},5;{X + n:.0f},25" for n in range(4))]).encode(),
            asked=AREA,
        ),
        Hostile(
            "U9",
            "19 MB of commas",
            "a.csv",
            lambda: rows + b"\r\n" + b"," * 19_000_000,
            unread,
            AREA,
            heavy=True,
        ),
        Hostile(
            "U9", "4 million rows", "a.csv", lambda: rows + b"\r\n1,2" * 3_500_000, unread, AREA, heavy=True
        ),
        Hostile("U9", "bytes that are no text", "a.csv", lambda: bytes(range(128, 256)) * 50, unread, AREA),
        Hostile(
            "U9",
            "a table of a virtual file",
            "a.csv",
            lambda: f"X,Y\n/vsicurl/{trap.address},1\n".encode(),
            unread,
            AREA,
        ),
    ]

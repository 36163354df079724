"""Files changed by chance, with an eye for what they are: tokens of XML, JSON, DXF and text, members of archives, bytes."""

import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

ODD = (
    *(b"", b"0", b"-1", b"-0.0", b"1e308", b"1e999", b"nan", b"inf", b"-", b".", b"NaN", b"null", b"9" * 400),
    *(b"4294967295", b"-2147483648", b"2147483648", b"65536", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80"),
    *(b"\xef\xbb\xbf", b"<", b">", b"&", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!DOCTYPE a [", b"<!--", b"\n0\n"),
    *(b'"', b'\\"', b"\\ud800", b"{", b"}", b"[", b"]", b",", b";", b"\t", b"\r\n", b" " * 300, b"../", b"%s%n", b"\\U+4E2D"),
    *("经度".encode(), "管".encode("gb18030"), b"A" * 5_000, b"(" * 300, b"EMPTY", b"POLYGON Z", b"SRID=0;", b"x:"),
)  # fmt: skip

Mutator = Callable[[bytes, Random], bytes]


def mutated(name: str, data: bytes, others: Sequence[bytes], lot: Random) -> bytes:
    """One to four changes. others: files of any kind, from which pieces are taken."""
    for _ in range(lot.choice((1, 1, 1, 2, 4))):
        own = _BY_ENDING.get(Path(name).suffix)
        if own is not None and lot.random() < 0.7:
            data = own(data, lot)
        elif lot.random() < 0.05:
            data = _spliced(data, lot.choice(others), lot)
        else:
            data = _bytes(data, lot)
    return data


def answer_mutated(answer: bytes, lot: Random) -> bytes:
    """What a reader of a network said, changed by somebody who means to be believed: in its line of JSON, or in the arrays
    behind it, of which most numbers are four or eight bytes long."""
    head, line, behind = answer.partition(b"\n")
    if lot.random() < 0.3:  # nothing of it contradicts anything else
        for _ in range(lot.choice((1, 3, 9))):
            behind = _everywhere(behind, lot)
        return head + line + behind
    for _ in range(lot.choice((1, 1, 2, 3))):
        what = lot.randrange(9)
        if what < 2:
            head = _json(head, lot)
        elif what > 5:
            behind = _everywhere(behind, lot)
        elif what == 2:
            head = _head_number(head, lot)
        elif what < 5:
            behind = _aligned(behind, lot)
        else:
            behind = _bytes(behind, lot)
    return head + line + behind


def _head_number(head: bytes, lot: Random) -> bytes:
    """A whole number in it a little larger or smaller, or as large as can be."""
    found = list(re.finditer(rb"(?<=: )\d+", head))
    if not found:
        return head
    one = lot.choice(found)
    number = lot.choice((int(one[0]) + 1, max(int(one[0]) - 1, 0), 0, 2**31, 2**63, 5_000_000))
    return head[: one.start()] + str(number).encode() + head[one.end() :]


def _everywhere(data: bytes, lot: Random) -> bytes:
    """One number exchanged wherever it stands: a coordinate in its shape and in the box of its row."""
    if len(data) < 8:
        return data
    at = lot.randrange(len(data) - 7)
    (old,) = struct.unpack_from("<d", data, at)
    new = lot.choice(
        (old + lot.uniform(-50, 50), -old, 0.0, 5e-324, 1.7e308, math.inf, math.nan, 1e15, old * 10)
    )
    return data.replace(data[at : at + 8], struct.pack("<d", new))


def _aligned(data: bytes, lot: Random) -> bytes:
    """A number of its arrays exchanged for one that is near, or at the edge of what its bytes can hold."""
    hurt = bytearray(data)
    size = lot.choice((1, 4, 4, 8))
    if len(hurt) <= size:
        return data
    at = lot.randrange(len(hurt) - size)
    old = int.from_bytes(hurt[at : at + size], "little")
    edge, without_end = 1 << 8 * size - 1, 0x7FF0 << 48
    new = lot.choice(
        (old + 1, old - 1, 0, edge - 1, edge, without_end >> 64 - 8 * size, lot.getrandbits(8 * size))
    )
    hurt[at : at + size] = (new % (1 << 8 * size)).to_bytes(size, "little")
    return bytes(hurt)


def _bytes(data: bytes, lot: Random) -> bytes:
    """Headers decide most, so half of the changes are made in the first 200 bytes."""
    hurt = bytearray(data)
    reach = max(min(len(hurt), 200) if lot.random() < 0.5 else len(hurt), 1)
    at = lot.randrange(reach)
    what = lot.randrange(6)
    if what == 0 and hurt:
        for _ in range(lot.choice((1, 3, 20))):
            hurt[lot.randrange(min(reach, len(hurt)))] = lot.randrange(256)
    elif what == 1 and hurt:
        hurt[min(at, len(hurt) - 1)] ^= 1 << lot.randrange(8)
    elif what == 2:
        del hurt[lot.randrange(len(hurt) + 1) :]
    elif what == 3:
        del hurt[at : at + lot.randrange(1, 40)]
    elif what == 4:
        hurt[at:at] = lot.choice(ODD)
    else:
        piece = hurt[at : at + lot.choice((1, 8, 60, 2_000))]
        where = lot.randrange(len(hurt) + 1)
        hurt[where:where] = piece * lot.choice((1, 2, 50))
    return bytes(hurt)


def _spliced(data: bytes, other: bytes, lot: Random) -> bytes:
    return data[: lot.randrange(len(data) + 1)] + other[lot.randrange(len(other) + 1) :]


def _tokens(pattern: bytes) -> Mutator:
    """Of text: tokens left out, doubled, exchanged, or odd ones put in their place."""
    cut = re.compile(pattern, re.DOTALL)

    def change(data: bytes, lot: Random) -> bytes:
        tokens = cut.findall(data)
        if not tokens:
            return _bytes(data, lot)
        at, other = lot.randrange(len(tokens)), lot.randrange(len(tokens))
        what = lot.randrange(5)
        if what == 0:
            del tokens[at]
        elif what == 1:
            tokens[at:at] = [tokens[other]] * lot.choice((1, 2, 200))
        elif what == 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif what == 3:
            tokens[at] = lot.choice(ODD)
        else:
            low, high = sorted((at, other))
            tokens[low:low] = tokens[low : min(high, low + 200)]
        return b"".join(tokens)

    return change


def _json(data: bytes, lot: Random) -> bytes:
    """A value somewhere in it exchanged for another of the document, or for an odd one."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(data, lot)
    places = list(_places(document))
    if not places:
        return _bytes(data, lot)
    holder, key = lot.choice(places)
    other_holder, other_key = lot.choice(places)
    odd: list[Any] = [
        None,
        True,
        0,
        -1,
        1e308,
        10**40,
        "",
        "x" * 3_000,
        [],
        {},
        [[[]]],
        "NaN",
        [None],
        {"type": "Point"},
    ]
    what = lot.randrange(4)
    if what == 0:
        holder[key] = lot.choice(odd)
    elif what == 1:
        holder[key] = json.loads(json.dumps(other_holder[other_key]))
    elif what == 2 and isinstance(holder, dict):
        holder[lot.choice(("type", "coordinates", "crs", "id", "act", "depth_m", "bore"))] = holder.pop(key)
    else:
        del holder[key]
    return json.dumps(document).encode()


def _places(node: Any) -> Any:
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])


def _inside(inner: Mapping[str, Mutator]) -> Mutator:
    """An archive: one of its members changed and packed again, its names and sizes changed, or its bytes."""

    def change(data: bytes, lot: Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
        except (
            zipfile.BadZipFile,
            zlib.error,
            ValueError,
            OSError,
            RuntimeError,
            NotImplementedError,
            EOFError,
        ):
            return _bytes(data, lot)
        if not members or lot.random() < 0.15:
            return _bytes(data, lot)
        name = lot.choice(list(members))
        what = lot.randrange(8)
        if what == 0:
            del members[name]
        elif what == 1:
            members[lot.choice(("a/../b", name.upper(), name + ".zip", "x/" + name, "b.shp", "doc.kml"))] = (
                members[name]
            )
        elif what == 2:
            other = lot.choice(list(members))
            members[name], members[other] = members[other], members[name]
        else:
            members[name] = inner.get(Path(name).suffix, _bytes)(members[name], lot)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", lot.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for own, content in members.items():
                archive.writestr(own, content)
        return packed.getvalue()

    return change


def _numbers(data: bytes, lot: Random) -> bytes:
    """Of a binary file: two, four or eight bytes exchanged for a number at the edge of what they can hold."""
    hurt = bytearray(data)
    size = lot.choice((2, 4, 8))
    if len(hurt) <= size:
        return _bytes(data, lot)
    at = lot.randrange(min(len(hurt) - size, lot.choice((120, 400, len(hurt)))))
    edge = lot.choice((b"\x00", b"\xff", b"\x7f")) * size
    hurt[at : at + size] = lot.choice(
        (edge, b"\x7f" + edge[1:], edge[:-1] + b"\x80", b"\x00" * (size - 1) + b"\x01")
    )
    return bytes(hurt)


_XML = _tokens(rb"<[^<>]*>|[^<>\s,]+|[\s,]+|[<>]")
_DXF = _tokens(rb"[^\n]*\n[^\n]*(?:\n|$)")
_TEXT = _tokens(rb"[\w.+-]+|[^\w.+-]")
_PARTS = {
    ".kml": _XML,
    ".xml": _XML,
    ".rels": _XML,
    ".shp": _numbers,
    ".shx": _numbers,
    ".dbf": _numbers,
    ".prj": _TEXT,
}
_BY_ENDING: Mapping[str, Mutator] = {
    ".kml": _XML,
    ".ovkml": _XML,
    ".gpx": _XML,
    ".kmz": _inside(_PARTS),
    ".zip": _inside(_PARTS),
    ".xlsx": _inside(_PARTS),
    ".dxf": _DXF,
    ".csv": _TEXT,
    ".wkt": _TEXT,
    ".json": _json,
    ".geojson": _json,
    ".gpkg": _numbers,
}

"""U1 and U2: archives that unpack without end, hold other archives, or want to write elsewhere."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from tests.attack.corpus import Hostile, Trap, refused
from tests.attack.seeds import kml, shapefile_parts, zipped

BLOCK = 1_000_000
STORED, DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Member:
    """As it stands in the archive, true or not. at: where its bytes are said to be, None: where they are."""

    name: bytes
    packed: bytes = b""
    size: int = 0
    crc: int = 0
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0
    at: int | None = None


def archive(members: Iterable[Member]) -> bytes:
    """By hand, since no program writes such archives."""
    body, central, count = bytearray(), bytearray(), 0
    for one in members:
        at = len(body) if one.at is None else one.at
        common = struct.pack(
            "<5H3I2H",
            20,
            one.flags,
            one.method,
            0,
            0x21,
            one.crc,
            len(one.packed),
            one.size,
            len(one.name),
            0,
        )
        if one.at is None:
            body += b"PK\x03\x04" + common + one.name + one.packed
        central += b"PK\x01\x02" + struct.pack("<H", 0x0314) + common
        central += struct.pack("<3H2I", 0, 0, 0, one.mode << 16, at) + one.name
        count += 1
    end = struct.pack("<4H2IH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(central), len(body), 0)
    return bytes(body + central + b"PK\x05\x06" + end)


def bomb(name: bytes, megabytes: int, stated: int | None = None, head: bytes = b"") -> Member:
    """Blanks packed a thousandfold. stated: the size it says it has, if that is a lie. The same packed block is
    repeated, so that it costs nothing to make."""
    packing = zlib.compressobj(9, wbits=-15)
    block = b" " * BLOCK
    before = packing.compress(head) + packing.flush(zlib.Z_FULL_FLUSH)
    once = packing.compress(block) + packing.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(megabytes):
        crc = zlib.crc32(block, crc)
    whole = before + once * megabytes + packing.flush(zlib.Z_FINISH)
    return Member(name, whole, megabytes * BLOCK + len(head) if stated is None else stated, crc)


def corpus(trap: Trap) -> list[Hostile]:
    plain = kml()
    nested = zipped({"a.zip": zipped({"b.zip": zipped({"doc.kml": plain})})})
    unsafe = refused("zip_path_unsafe")
    large = refused("zip_too_large", "workbook_too_large")
    unread = refused("zip_unreadable", "file_unreadable", "file_refused")
    sheet = {"points_are": "area"}
    found = [
        Hostile(
            "U1", "1.2 GB in a kmz", "a.kmz", lambda: archive([bomb(b"doc.kml", 1_200)]), large, heavy=True
        ),
        Hostile(
            "U1", "300 MB in a kmz", "a.kmz", lambda: archive([bomb(b"doc.kml", 300)]), large, within_s=4
        ),
        Hostile(
            "U1", "a small lie about 300 MB", "a.kmz", lambda: archive([bomb(b"doc.kml", 300, 1_000)]), unread
        ),
        Hostile(
            "U1",
            "700 MB in a workbook",
            "a.xlsx",
            lambda: archive([bomb(b"xl/workbook.xml", 700)]),
            large,
            sheet,
            heavy=True,
        ),
        Hostile(
            "U1",
            "a workbook of a lie",
            "a.xlsx",
            lambda: archive([bomb(b"xl/workbook.xml", 30, 1_000)]),
            unread,
            sheet,
        ),
        Hostile("U2", "archives within archives", "a.zip", lambda: nested, refused("zip_nested")),
        Hostile(
            "U2",
            "forty-two archives",
            "a.kmz",
            lambda: zipped({f"{n}.zip": nested for n in range(42)}),
            refused("zip_nested"),
        ),
        Hostile(
            "U2",
            "members on top of one another",
            "a.zip",
            lambda: _overlapping(plain),
            unread | refused("zip_holds_several"),
        ),
        Hostile(
            "U2",
            "one member named twice",
            "a.kmz",
            lambda: archive([_kml(b"doc.kml"), _kml(b"doc.kml")]),
            unread,
        ),
        Hostile(
            "U2", "encrypted", "a.kmz", lambda: archive([_kml(b"doc.kml", flags=1)]), refused("zip_encrypted")
        ),
        Hostile(
            "U2",
            "packed by a rare method",
            "a.kmz",
            lambda: archive([_kml(b"doc.kml", method=99)]),
            refused("zip_method") | unread,
        ),
        Hostile("U2", "cut off", "a.kmz", lambda: zipped({"doc.kml": plain})[:-30], unread),
        Hostile("U2", "nothing in it", "a.kmz", lambda: zipped({}), refused("zip_holds_nothing")),
        Hostile(
            "U2",
            "100,000 members",
            "a.zip",
            lambda: archive(Member(b"%06d" % n) for n in range(65_535)),
            refused("zip_too_many_members"),
        ),
    ]
    ways = {
        "a way up": b"../canary.kml",
        "a way up for Windows": b"..\\..\\canary.kml",
        "an absolute name": b"/tmp/canary.kml",
        "a drive": b"C:\\canary.kml",
        "a way up within": b"a/../../canary.kml",
        "the canary itself": str(trap.canary).encode() + b".kml",
    }
    found += [
        Hostile("U2", what, "a.kmz", lambda name=name: archive([_kml(name)]), unsafe)
        for what, name in ways.items()
    ]
    link = str(trap.canary).encode()
    found.append(
        Hostile(
            "U2",
            "a symbolic link",
            "a.kmz",
            lambda: archive([Member(b"doc.kml", link, len(link), zlib.crc32(link), STORED, mode=0o120777)]),
            unsafe,
        )
    )
    found.append(
        Hostile(
            "U2",
            "a link beside a Shapefile",
            "a.zip",
            lambda: _with_link(link),
            unsafe,
        )
    )
    return found


def _kml(name: bytes, flags: int = 0, method: int = DEFLATED) -> Member:
    plain = kml()
    packing = zlib.compressobj(9, wbits=-15)
    packed = packing.compress(plain) + packing.flush()
    return Member(name, packed, len(plain), zlib.crc32(plain), method, flags)


def _overlapping(plain: bytes) -> bytes:
    """Many names for the same bytes, as in the bombs that pass every limit on what one member may be."""
    first = Member(b"0.kml", plain, len(plain), zlib.crc32(plain), STORED)
    return archive(
        [first, *(Member(b"%d.kml" % n, plain, len(plain), first.crc, STORED, at=0) for n in range(1, 200))]
    )


def _with_link(link: bytes) -> bytes:
    parts = [
        Member(name.encode(), data, len(data), zlib.crc32(data), STORED)
        for name, data in shapefile_parts().items()
        if not name.endswith(".prj")
    ]
    return archive([*parts, Member(b"plan.prj", link, len(link), zlib.crc32(link), STORED, mode=0o120777)])

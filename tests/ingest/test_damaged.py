"""Drawings, KML and archives with bytes changed, lost and doubled: refused with a sentence, or every row is counted."""

import random
from pathlib import Path

import pytest

from ingest import Reading
from spatial.errors import Refused
from tests.ingest.dock import codes, network
from tests.ingest.drawn import at, drawing, proxy, saved
from tests.ingest.test_archives import packed, shapefile
from tests.ingest.test_kml import LINE, PLACE, kml

ODD = [b"1e308", b"nan", b"inf", b"-", b"<", b"\x00", b"\xff", b"99999999999", b"\n0\n"]


def whole(folder: Path, ending: str) -> bytes:
    if ending == "kml":
        return kml(folder, PLACE.format(LINE) * 6).read_bytes()
    if ending == "zip":
        return packed(folder / "whole.zip", shapefile(folder, "pipes")).read_bytes()
    document = drawing()
    block = document.blocks.new("V")
    block.add_circle((0, 0), 1)
    space = document.modelspace()
    for n in range(4):
        space.add_line(at(n, 0), at(30, 40))
        space.add_lwpolyline([(*at(0, 0), 0.5), (*at(n + 1, 0), 0)], format="xyb")
        space.add_spline([at(0, 0), at(5, n), at(9, 0)])
        space.add_blockref("V", at(n, 5)).add_attrib("DN", "110")
    return saved(document, folder / "whole.dxf", proxy(document, "0", at(0, 0), at(5, 5))).read_bytes()


@pytest.mark.parametrize("ending", ["dxf", "kml", "zip"])
def test_a_damaged_file_is_refused_or_every_row_is_counted(tmp_path: Path, ending: str) -> None:
    content = whole(tmp_path, ending)
    start = content.index(b"ENTITIES") if ending == "dxf" else 0
    crs = "EPSG:4326" if ending == "kml" else "EPSG:4543"
    chance = random.Random(20261129)
    for _ in range(120):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 1, 3])):
            place = chance.randrange(start, len(damaged))
            what = chance.randrange(4)
            if what == 0:
                damaged[place] = chance.randrange(256)
            elif what == 1:
                del damaged[place : place + chance.randrange(1, 20)]
            elif what == 2:
                damaged[place:place] = damaged[start : start + chance.randrange(1, 60)]
            else:
                damaged[place:place] = chance.choice(ODD)
        path = tmp_path / f"hurt.{ending}"
        path.write_bytes(damaged)
        try:
            intake = network(path, crs=crs, reading=Reading(confirmed_unreadable=chance.randrange(3)))
            assert intake.received == len(intake.assets) + len(intake.rejected)
        except Refused as refused:
            assert codes(refused)

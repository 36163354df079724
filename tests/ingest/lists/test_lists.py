"""Coordinate lists, GPX, WKT and tickets: what a site manager has at hand, and what is wrong with it."""

import csv
import math
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import openpyxl
import pytest
import shapely

from ingest import DigOptions, Reading, plan_document, read_dig_plans
from ingest.files.rows import READ_ALL
from ingest.plans.foreign.notes import notes_of
from ingest.plans.foreign.tracks import WALKED_M, read_gpx
from ingest.plans.foreign.wkt import is_ticket, is_wkt, read_ticket, read_wkt
from ingest.plans.lists.coordinates import read_coordinates
from spatial.errors import Refused
from spatial.values import CHINA, Extent
from tests.ingest.dock import ON, PROFILE, codes, feature, plan, written

CORNERS = [(480_000.0, 4_054_000.0), (480_020.5, 4_054_000.25), (480_020.5, 4_054_010.0)]
"""East, north; in Xining, EPSG:4543."""
RING = [[*map(list, CORNERS), list(CORNERS[0])]]


def table(folder: Path, *rows: Any, name: str = "拐点.csv") -> Path:
    path = folder / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


def listed(
    path: Path, shape: str | None = "area", local: bool = False, **reading: Any
) -> list[dict[str, Any]]:
    return read_coordinates(path, Reading(**reading), shape, local)[0]


def refused(path: Path, shape: str | None = "area", **more: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        listed(path, shape, **more)
    return codes(caught.value)


NORTH_EAST = [(y, x) for x, y in CORNERS]
ASKED: dict[str, Any] = {
    "options": DigOptions(acts=("excavate",)),
    "extent": Extent(89.0, 31.0, 104.0, 40.0),
    "profile": PROFILE,
    "on": ON,
}
DEGREES = [(101.7, 36.6), (101.701, 36.6), (101.701, 36.601)]


@pytest.mark.parametrize("name", ["拐点.csv", "拐点.xlsx"])
@pytest.mark.parametrize(
    "rows",
    [
        [("点号", "X", "Y"), *((f"J{n}", *at) for n, at in enumerate(NORTH_EAST))],
        [("某工程拐点坐标表",), ("序号", "Y（m）", "X（m）"), *((n, *at) for n, at in enumerate(CORNERS))],
        # Headed by a program that calls the easting X.
        [("X", "Y"), *CORNERS],
        [("纵坐标X", "横坐标Y", "高程"), *((*at, 2261.5) for at in NORTH_EAST)],
        # No headings at all; point numbers and heights beside.
        [(n + 1, *at, 2261) for n, at in enumerate(NORTH_EAST)],
        [*CORNERS],
        # Closed by its own first point.
        [("X", "Y"), *NORTH_EAST, NORTH_EAST[0]],
    ],
)
def test_corners_are_an_area_whichever_way_they_are_written(tmp_path: Path, name: str, rows: Any) -> None:
    (found,) = listed(table(tmp_path, *rows, name=name))
    assert found["geometry"] == {"type": "Polygon", "coordinates": RING}


def test_eastings_with_their_zone_and_degrees(tmp_path: Path) -> None:
    zoned = [(y, x + 34e6) for x, y in CORNERS]
    (found,) = listed(table(tmp_path, ("X", "Y"), *zoned), "line")
    assert found["geometry"]["coordinates"] == [[x + 34e6, y] for x, y in CORNERS]
    for rows in ([("经度", "纬度"), *DEGREES], [("纬度", "经度"), *((y, x) for x, y in DEGREES)], DEGREES):
        (found,) = listed(table(tmp_path, *rows), "line")
        assert found["geometry"] == {"type": "LineString", "coordinates": [list(at) for at in DEGREES]}


def test_several_areas_of_a_table_and_what_it_says_of_them(tmp_path: Path) -> None:
    rows = [("地块", "X", "Y", "开挖深度", "ACT")]
    rows += [("A" if n == 0 else None, *at, 2.5, "excavate") for n, at in enumerate(NORTH_EAST)]
    rows += [("B", north + 100, east, "1.5", None) for north, east in NORTH_EAST]
    first, second = listed(table(tmp_path, *rows))
    assert (first["id"], first["properties"]) == ("A", {"depth_m": 2.5, "act": "excavate"})
    assert (second["id"], second["properties"]) == ("B", {"depth_m": 1.5})
    points = listed(table(tmp_path, ("点号", "X", "Y", "半径"), ("K1", *NORTH_EAST[0], 0.3)), "points")
    assert points[0]["id"] == "K1"
    assert points[0]["geometry"] == {"type": "Point", "coordinates": list(CORNERS[0])}
    assert points[0]["properties"] == {"radius_m": 0.3}


def test_small_numbers_are_a_local_grid_or_cut(tmp_path: Path) -> None:
    rows = [("X", "Y"), (54_321.0, 31_234.0), (54_340.0, 31_234.0), (54_340.0, 31_250.0)]
    assert refused(table(tmp_path, *rows)) == {"coordinates_cut"}
    (found,) = listed(table(tmp_path, *rows), local=True)
    assert found["geometry"]["coordinates"][0][0] == [31_234.0, 54_321.0]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("X", "Y"), *NORTH_EAST, ("4054000", "四十八万")], "coordinate_unreadable"),
        ([("X", "Y"), *NORTH_EAST, (4_054_000.0, None)], "coordinate_unreadable"),
        ([("X", "Y"), *NORTH_EAST, ("nan", "inf")], "coordinate_unreadable"),
        ([("X", "Y"), *NORTH_EAST[:2]], "coordinates_too_few"),
        ([("X", "Y"), *NORTH_EAST, (480_000.0, 4_054_000.0)], "coordinates_unclear"),
        ([("管径", "材质"), ("DN100", "PE")], "coordinates_missing"),
        ([("X", "Y")], "coordinates_missing"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, rows: Any, code: str) -> None:
    assert refused(table(tmp_path, *rows)) == {code}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("点号;X;Y\nJ1;4054000,0;480000,0\nJ2;4054000,25;480020,5\nJ3;4054010,0;480020,5\n", "a.csv"),
        ('X,Y\n"4,054,000.0","480,000.0"\n"4,054,000.25","480,020.5"\n"4,054,010","480,020.5"\n', "a.csv"),
        ("J1  4054000.0 480000.0\n\nJ2  4054000.25   480020.5\n\nJ3 4054010 480020.5\n", "a.txt"),
        (
            "1,,480000.0,4054000.0,2261.35\n2,,480020.5,4054000.25,2261.4\n3,,480020.5,4054010.0,99.5\n",
            "a.dat",
        ),
        ("序号，X，Y\nJ1，4054000.0，480000.0\nJ2，4054000.25，480020.5\nJ3，4054010，480020.5\n", "a.csv"),
        ("\ufeffX\tY\t备注\n４０５４０００\t480000\t\n4054000.25\t480020.5\t,\n4054010\t480020.5\t", "a.txt"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_separators_and_commas_of_other_programs(
    tmp_path: Path, text: str, name: str, encoding: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    (found,) = listed(path)
    assert found["geometry"] == {"type": "Polygon", "coordinates": RING}


@pytest.mark.parametrize("north", ["4.054.000,25", "480,123", "1_000_000", "4054000-3", "0x3DDC10", "=1+1"])
def test_a_number_that_may_be_two_is_none(tmp_path: Path, north: str) -> None:
    assert refused(table(tmp_path, ("X", "Y"), *NORTH_EAST, (north, 480_000.0))) == {"coordinate_unreadable"}


def test_a_formula_that_was_never_worked_out_is_no_empty_row(tmp_path: Path) -> None:
    rows = [("X", "Y"), *NORTH_EAST, ("=A2+5", "=B2")]
    assert refused(table(tmp_path, *rows, name="a.xlsx")) == {"formulas_not_worked_out"}
    beside = [("X", "Y", "备注"), *((*at, None) for at in NORTH_EAST)]
    path = table(tmp_path, *beside, name="b.xlsx")
    data = {}
    with zipfile.ZipFile(path) as book:
        data = {name: book.read(name) for name in book.namelist()}
    sheet = data["xl/worksheets/sheet1.xml"]
    worked_out = sheet.replace(
        b'<c r="A2" t="n"><v>4054000</v></c>',
        b'<c r="A2"><f>4054000+0</f><v>4054000</v></c>',
    ).replace(b'</row><row r="3"', b'<c r="C2" t="str"><f>IF(1,"","")</f><v></v></c></row><row r="3"')
    assert worked_out.count(b"<f>") == 2
    with zipfile.ZipFile(path, "w") as book:
        for name, content in (data | {"xl/worksheets/sheet1.xml": worked_out}).items():
            book.writestr(name, content)
    (found,) = listed(path)
    assert found["geometry"]["coordinates"] == RING


def test_each_hole_has_its_own_radius_and_a_shape_the_largest_of_its_rows(tmp_path: Path) -> None:
    rows = [("点号", "X", "Y", "半径", "深度", "精度", "ACT")]
    rows += [
        (f"K{n}", *at, 0.3 + n, 2.0 - n, 3 + n, act)
        for n, (at, act) in enumerate(zip(NORTH_EAST, ("drill", "pile", None), strict=True))
    ]
    path = table(tmp_path, *rows)
    assert [one["properties"]["radius_m"] for one in listed(path, "points")] == [0.3, 1.3, 2.3]
    assert refused(path) == {"sizes_unclear"}
    (area,) = listed(table(tmp_path, *((*row[:3], *row[4:]) for row in rows)))
    assert area["properties"] == {
        "depth_m": 2.0,
        "accuracy_m": 5.0,
        "acts": ["drill", "pile"],
    }


def test_a_zone_that_is_left_out_or_cut_digits_are_named(tmp_path: Path) -> None:
    path = table(tmp_path, ("X", "Y"), *NORTH_EAST)
    for crs, words in (("EPSG:4522", ("34", "EPSG:4543")), ("EPSG:4495", ("17", "EPSG:4506"))):
        with pytest.raises(Refused) as caught:
            read_dig_plans(path, crs=crs, points_are="area", **ASKED)
        assert codes(caught.value) == {"outside_extent"}
        assert all(word in caught.value.faults[0].zh for word in words)
    for rows in ([(54_000.0, 480_000.0)] * 3, [(4_054_000.0, 1_234.0)] * 3, [(52_123, 1_234)] * 3):
        found = table(tmp_path, ("X", "Y"), *rows, name="cut.csv")
        assert refused(found) == {"coordinates_cut"}


def test_what_the_points_are_is_never_guessed(tmp_path: Path) -> None:
    assert refused(table(tmp_path, ("X", "Y"), *NORTH_EAST), None) == {"plan_shape_unstated"}


def test_a_sheet_is_chosen_among_several(tmp_path: Path) -> None:
    path = table(tmp_path, ("X", "Y"), *NORTH_EAST, name="多表.xlsx")
    book = openpyxl.load_workbook(path)
    for row in (("X", "Y"), *((north + 5, east) for north, east in NORTH_EAST)):
        book.create_sheet("二期").append(row) if "二期" not in book.sheetnames else book["二期"].append(row)
    book.save(path)
    for layers, code in (((), "layers_several"), (("三期",), "layer_missing")):
        with pytest.raises(Refused) as caught:
            listed(path, layers=layers)
        (fault,) = caught.value.faults
        assert (fault.code, set(fault.choices)) == (code, set(book.sheetnames))
        assert f"{path.name}/" not in fault.en
    for title in ("二期", f"{path.name}/二期"):
        (found,) = listed(path, layers=(title,))
        assert found["geometry"]["coordinates"][0][0] == [CORNERS[0][0], CORNERS[0][1] + 5]


@pytest.mark.parametrize(
    "rows",
    [
        [("管段", "起点X", "起点Y", "终点X", "终点Y"), ("D1", *NORTH_EAST[0], *NORTH_EAST[1])],
        [("桩", "起X", "起Y", "止X", "止Y"), ("D1", 12.5, 30.5, 18.25, 44.5)],
        [("设计", "甲", "乙"), ("D1", 36.6123456, 101.7123456)],
    ],
)
def test_a_sheet_that_cannot_be_read_is_not_passed_over(tmp_path: Path, rows: Any) -> None:
    path = table(tmp_path, ("X", "Y"), *NORTH_EAST, name="多表.xlsx")
    book = openpyxl.load_workbook(path)
    for title, of in (("管线", rows), ("说明", [("深度", 2.5)])):
        sheet = book.create_sheet(title)
        for row in of:
            sheet.append(row)
    book.save(path)
    with pytest.raises(Refused) as caught:
        listed(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.choices) == ("layers_several", ("Sheet", "管线"))
    assert listed(path, layers=("Sheet",))[0]["geometry"]["coordinates"] == RING


# -- GPX


GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'


def gpx(folder: Path, body: str, whole: str = GPX) -> Path:
    return written(folder, whole.format(body), "track.gpx")


def test_a_walked_track_is_a_line_as_surely_as_a_phone_knows(tmp_path: Path) -> None:
    points = "".join(f'<trkpt lat="{y}" lon="{x}"><ele>2261</ele></trkpt>' for x, y in DEGREES)
    body = f"<wpt lat='36.6' lon='101.7'><name>检查井</name></wpt><trk><name>沟</name><trkseg>{points}</trkseg></trk>"
    (mark, line), notes = read_gpx(gpx(tmp_path, body))
    assert +Counter(notes) == {"track_default": 2}
    assert line["geometry"] == {"type": "LineString", "coordinates": [list(at) for at in DEGREES]}
    assert line["properties"] == {"uncertainty_m": WALKED_M, "name": "沟"}
    assert mark["properties"] == {"uncertainty_m": WALKED_M, "name": "检查井"}


def fix(lon: float, accuracy: str = "", hdop: str = "", tag: str = "trkpt") -> str:
    said = f"<hdop>{hdop}</hdop>" if hdop else ""
    said += f"<extensions><o:accuracy>{accuracy}</o:accuracy></extensions>" if accuracy else ""
    return f'<{tag} lat="36.6" lon="{lon:.7f}">{said}</{tag}>'


@pytest.mark.parametrize(
    ("fixes", "own"),
    [
        ([fix(101.7, "4.5"), fix(101.701, "12")], {"accuracy_m": 12.0}),
        ([fix(101.7, "4.5"), fix(101.701)], {"uncertainty_m": 10.0}),
        ([fix(101.7, "30"), fix(101.701)], {"uncertainty_m": 48.6437}),
        ([fix(101.7, "0"), fix(101.701, "nonsense")], {"uncertainty_m": 10.0}),
        ([fix(101.7, hdop="0.9"), fix(101.701)], {"uncertainty_m": 10.0}),
        ([fix(101.7, hdop="3.5"), fix(101.701)], {"uncertainty_m": 17.5}),
    ],
)
def test_the_worst_accuracy_of_a_track_is_that_of_all(
    tmp_path: Path, fixes: list[str], own: dict[str, float]
) -> None:
    whole = '<gpx xmlns:o="https://osmand.net">{}</gpx>'
    body = f"<trk><trkseg>{''.join(fixes)}</trkseg></trk>"
    (line,), notes = read_gpx(gpx(tmp_path, body, whole))
    assert line["properties"] == pytest.approx(own, abs=1e-3)
    assert notes["track_default"] == ("accuracy_m" not in own)


def test_a_long_track_is_drawn_with_fewer_points_and_widened_by_what_that_may_stray(tmp_path: Path) -> None:
    fixes = [(101.7 + n * 1e-5, 36.6 + 3e-6 * math.sin(n / 3) + 2e-4 * math.sin(n / 40)) for n in range(700)]
    points = "".join(f'<trkpt lat="{y!r}" lon="{x!r}"/>' for x, y in fixes)
    (line,), notes = read_gpx(gpx(tmp_path, f"<trk><trkseg>{points}</trkseg></trk>"))
    kept = np.array(line["geometry"]["coordinates"])
    assert len(kept) < 500 and notes["track_thinned"] == 1
    assert line["properties"] == {"uncertainty_m": WALKED_M + 0.5}
    metres = np.array([89_500.0, 111_000.0])
    away = shapely.distance(shapely.points(np.array(fixes) * metres), shapely.LineString(kept * metres))
    assert 0.05 < away.max() <= 0.5


@pytest.mark.parametrize(
    ("own", "code", "wide"),
    [
        ({"accuracy_m": 12.0}, "site_device", 19.4575),
        ({"accuracy_m": "±12 米"}, "site_device", 19.4575),
        ({"accuracy_m": 12.0, "uncertainty_m": 25.0}, "site_stated", 25.0),
        ({"accuracy_m": 12.0, "uncertainty_m": 2.0}, "site_device", 19.4575),
        ({"accuracy_m": 0}, "site_receiver", 5.0),
        ({"accuracy_m": -3}, "site_receiver", 5.0),
        ({"accuracy_m": True}, "site_receiver", 5.0),
        ({"accuracy_m": "好"}, "site_receiver", 5.0),
    ],
)
def test_a_pin_is_as_wide_as_the_phone_says_it_may_be_off(own: Any, code: str, wide: float) -> None:
    (site,) = plan(feature({"type": "Point", "coordinates": [101.7, 36.6]}, **own), crs="EPSG:4326")
    term = site.uncertainty[0]
    assert (term.code, term.metres) == (code, pytest.approx(wide, abs=1e-3))


def test_a_pin_that_is_hardly_known_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        plan(feature({"type": "Point", "coordinates": [101.7, 36.6]}, accuracy_m=1_500), crs="EPSG:4326")
    assert codes(caught.value) == {"accuracy_too_poor"}
    marks = "".join(
        f"<Placemark><ExtendedData><Data name='{name}'><value>{said}</value></Data></ExtendedData><Point><coordinates>"
        "101.7,36.6</coordinates></Point></Placemark>"
        for name, said in (("定位精度", "8.5米"), ("Accuracy", "6"), ("精度", "0"))
    )
    path = written(tmp_path, f"<kml><Document>{marks}</Document></kml>", "pins.kml")
    found = plan_document(path, "EPSG:4326")
    assert [one["properties"].get("accuracy_m") for one in found["features"]] == ["8.5米", "6", None]
    assert [note["code"] for note in notes_of(found)] == ["accuracy_unknown"]
    sites = read_dig_plans(path, crs="EPSG:4326", **ASKED)
    assert [site.uncertainty[0].metres for site in sites] == pytest.approx([13.7824, 9.7288, 5.0], abs=1e-3)


@pytest.mark.parametrize(
    ("body", "whole", "code"),
    [
        ("", "<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>{}</gpx>", "xml_doctype"),
        ("", "<kml>{}</kml>", "gpx_expected"),
        ("", GPX, "network_empty"),
        ("<trk>", "<gpx>{}", "file_unreadable"),
        ("<wpt lat='x' lon='1'/>", GPX, "coordinate_unreadable"),
        ("<wpt lat='1'/>", GPX, "coordinate_unreadable"),
        ("<a>" * 100 + "</a>" * 100, GPX, "file_unreadable"),
    ],
)
def test_what_is_no_track_is_refused(tmp_path: Path, body: str, whole: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_gpx(gpx(tmp_path, body, whole))
    assert codes(caught.value) == {code}


# -- WKT and tickets


def test_shapes_as_text_with_the_system_they_state(tmp_path: Path) -> None:
    area = shapely.Polygon(CORNERS).wkt
    (found,), crs = read_wkt(written(tmp_path, f"\ufeff{area}\n\n", "plan.wkt"))
    assert (shapely.geometry.shape(found["geometry"]).wkt, crs) == (area, None)
    path = written(tmp_path, f"SRID=4543;{area}\nsrid=4543; LINESTRING(1 2, 3 4)", "plan.wkt")
    found, crs = read_wkt(path)
    assert (len(found), crs) == (2, "EPSG:4543")


@pytest.mark.parametrize(
    "around", ["{};", '"{}"', "'{}' ;\n", "SRID=4543;{};", "{}\n", "GEOMETRYCOLLECTION({}, POINT(5 6))"]
)
@pytest.mark.parametrize("lines", [False, True])
def test_shapes_as_people_paste_them(tmp_path: Path, around: str, lines: bool) -> None:
    area = shapely.Polygon(CORNERS).wkt
    said = area.replace("((", "\n((\n").replace(", ", ",\n  ").replace("))", "\n))") if lines else area
    path = written(tmp_path, around.format(said) + "\nLINESTRING(1 2, 3 4)", "plan.txt")
    assert is_wkt(path)
    found, _ = read_wkt(path)
    kinds = [one["geometry"]["type"] for one in found]
    assert kinds == ["Polygon", *(["Point"] if "POINT" in around else []), "LineString"]
    assert shapely.geometry.shape(found[0]["geometry"]).wkt == area


@pytest.mark.parametrize("heading", ["POINT,X,Y", '"POINT","X","Y"'])
def test_a_list_headed_by_the_word_for_a_point_is_a_list(tmp_path: Path, heading: str) -> None:
    assert not is_wkt(written(tmp_path, f"{heading}\n1,4054321.5,480123.4\n", "points.txt"))
    assert is_wkt(written(tmp_path, "MULTIPOINT Z ((1 2 3))", "points.txt"))


def test_a_shape_over_several_lines_is_one_fault_at_its_first(tmp_path: Path) -> None:
    text = "POINT(1 2)\nPOLYGON((1 2,\n3 x,\n5 6))\nPOINT(1 2)\nPOINT(y)"
    with pytest.raises(Refused) as caught:
        read_wkt(written(tmp_path, text, "plan.wkt"))
    assert [fault.pointer for fault in caught.value.faults] == ["row 2", "row 6"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("POLYGON((1 2, 3", "wkt_unreadable"),
        ("<script>", "wkt_unreadable"),
        ("POINT EMPTY", "wkt_unreadable"),
        ("GEOMETRYCOLLECTION(POINT(1 2), GEOMETRYCOLLECTION(POINT(1 2)))", "wkt_unreadable"),
        ("GEOMETRYCOLLECTION(POINT(1 2), POINT EMPTY)", "wkt_unreadable"),
        ("POINT(1 2) POINT(3 4)", "wkt_unreadable"),
        ("POINT(1 2);POINT(3 4)", "wkt_unreadable"),
        ("SRID=1;POINT(1 2)\nSRID=2;POINT(1 2)", "wkt_several_crs"),
        (" \n", "network_empty"),
    ],
)
def test_what_is_no_shape_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_wkt(written(tmp_path, text, "plan.wkt"))
    assert codes(caught.value) == {code}


def ticket(*shapes: Any, **geography: Any) -> dict[str, Any]:
    return {
        "header": {"ticketNumber": "240222-001001"},
        "geography": {"srid": 4326, "workSiteWkt": list(shapes), **geography},
    }


def test_the_work_site_of_a_ticket_is_its_plan(tmp_path: Path) -> None:
    area = shapely.Polygon(DEGREES).wkt
    path = written(tmp_path, ticket(area, bufferedWkt=["POLYGON EMPTY"]), "ticket.json")
    (found,), crs = read_ticket(path)
    assert (found["id"], crs) == ("240222-001001", "EPSG:4326")
    for broken in (ticket(), ticket(None), ticket(area, workSiteWkt=7)):
        assert is_ticket(broken)
        with pytest.raises(Refused) as caught:
            read_ticket(written(tmp_path, broken, "broken.json"))
        assert codes(caught.value) == {"ticket_without_site"}
    assert not is_ticket({"type": "FeatureCollection", "features": []})


# -- through the wall, to the same site as GeoJSON's


def test_each_is_the_same_site_as_its_geojson_twin(tmp_path: Path) -> None:
    projected = feature({"type": "Polygon", "coordinates": RING})
    lonlat = feature({"type": "Polygon", "coordinates": [[*map(list, DEGREES), list(DEGREES[0])]]})
    area = shapely.Polygon(DEGREES).wkt
    track = "".join(f'<rtept lat="{y}" lon="{x}"/>' for x, y in DEGREES)
    line = feature({"type": "LineString", "coordinates": DEGREES}, uncertainty_m=WALKED_M)
    for path, crs, twin in (
        (table(tmp_path, ("X", "Y"), *NORTH_EAST, name="点.xlsx"), "EPSG:4543", projected),
        (written(tmp_path, area, "plan.txt"), "EPSG:4326", lonlat),
        (written(tmp_path, ticket(area), "ticket.json"), "EPSG:4326", lonlat),
        (gpx(tmp_path, f"<rte>{track}</rte>"), "EPSG:4326", line),
    ):
        (found,) = read_dig_plans(
            path,
            crs=crs,
            options=DigOptions(acts=("excavate",)),
            extent=CHINA,
            profile=PROFILE,
            on=ON,
            reading=READ_ALL,
            points_are="area",
        )
        (wanted,) = plan(twin, crs=crs)
        assert shapely.equals_exact(found.geometry, wanted.geometry, 1e-9), path
        assert (found.half_width_m, found.uncertainty) == (wanted.half_width_m, wanted.uncertainty), path


WRITER = """import sys, geopandas
geopandas.read_file(sys.argv[1]).to_file(sys.argv[2], driver="OpenFileGDB")"""


def test_a_geodatabase_is_a_plan_as_a_folder_and_as_its_zip(tmp_path: Path) -> None:
    folder = tmp_path / "开挖.gdb"
    frame = geopandas.GeoDataFrame({"depth_m": [2.5]}, geometry=[shapely.Polygon(CORNERS)], crs="EPSG:4543")
    frame.to_file(tmp_path / "source.gpkg")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WRITER, tmp_path / "source.gpkg", folder],
        check=True,
        timeout=60,
    )
    twin = feature({"type": "Polygon", "coordinates": RING})
    shutil.make_archive(str(tmp_path / "开挖"), "zip", tmp_path, folder.name)
    for path in (folder, tmp_path / "开挖.zip"):
        (site,) = read_dig_plans(path, crs="EPSG:4543", **ASKED)
        assert site.depth_m == 2.5
        # A geodatabase keeps tenths of millimetres, and turns rings its own way.
        assert shapely.hausdorff_distance(site.geometry, plan(twin)[0].geometry) < 5e-9
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(Refused) as caught:
        read_dig_plans(folder, crs="EPSG:4543", **ASKED)
    assert codes(caught.value) == {"geodatabase_not_plain"}

"""Coordinate lists, GPX, WKT and tickets: what a site manager has at hand, and what is wrong with it."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from ingest import DigOptions, Reading, read_dig_plans
from ingest.files.rows import READ_ALL
from ingest.plans.foreign.coordinates import read_coordinates
from ingest.plans.foreign.tracks import WALKED_M, read_gpx
from ingest.plans.foreign.wkt import is_ticket, read_ticket, read_wkt
from spatial.errors import Refused
from spatial.values import CHINA
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
    return read_coordinates(path, Reading(**reading), shape, local)


def refused(path: Path, shape: str | None = "area", **more: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        listed(path, shape, **more)
    return codes(caught.value)


NORTH_EAST = [(y, x) for x, y in CORNERS]
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


def test_what_the_points_are_is_never_guessed(tmp_path: Path) -> None:
    assert refused(table(tmp_path, ("X", "Y"), *NORTH_EAST), None) == {"plan_shape_unstated"}


def test_a_sheet_is_chosen_among_several(tmp_path: Path) -> None:
    path = table(tmp_path, ("X", "Y"), *NORTH_EAST, name="多表.xlsx")
    book = openpyxl.load_workbook(path)
    for row in (("X", "Y"), *((north + 5, east) for north, east in NORTH_EAST)):
        book.create_sheet("二期").append(row) if "二期" not in book.sheetnames else book["二期"].append(row)
    book.save(path)
    assert refused(path) == {"layers_several"}
    assert refused(path, layers=("三期",)) == {"layer_missing"}
    (found,) = listed(path, layers=("二期",))
    assert found["geometry"]["coordinates"][0][0] == [CORNERS[0][0], CORNERS[0][1] + 5]


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
    ("text", "code"),
    [
        ("POLYGON((1 2, 3", "wkt_unreadable"),
        ("<script>", "wkt_unreadable"),
        ("POINT EMPTY", "wkt_unreadable"),
        ("GEOMETRYCOLLECTION(POINT(1 2))", "wkt_unreadable"),
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

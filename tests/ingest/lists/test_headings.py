"""What the columns of a table of coordinates are called, and what is said where they say too much or too little."""

from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from ingest import Reading, plan_document
from ingest.plans.lists.coordinates import read_coordinates
from spatial.errors import Refused
from tests.ingest.lists.test_lists import CORNERS, NORTH_EAST, RING, listed, refused, table

FOUR = [(*at, at[0] + 22.7, at[1] - 118.3) for at in NORTH_EAST]
ROUND = "1 2 3".split()
PAIRS = [(36.6101, 101.7701), (36.6101, 101.77023), (36.61023, 101.77023)]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize(
    "rows",
    [
        [("X(西安80)", "Y(西安80)", "X(CGCS2000)", "Y(CGCS2000)"), *FOUR],
        [("1980西安坐标系", None, "2000国家大地坐标系", None), ("X", "Y", "X", "Y"), *FOUR],
        [("X", "Y", "X1", "Y1"), *FOUR],
        [("起点X", "起点Y", "终点X", "终点Y"), *FOUR],
        FOUR,
        [("X坐标", "Y坐标", "东坐标"), *((*at, at[1]) for at in NORTH_EAST)],
        [("经度(度)", "经度(分)", "纬度(度)", "纬度(分)"), *((101, 46.5, 36, 36.5 + n) for n in range(3))],
        [("X", "Y", "沟宽", "宽度"), *((*at, 1, 2) for at in NORTH_EAST)],
        [(*at, *PAIRS[0]) for at in PAIRS],
    ],
)
def test_of_two_columns_of_one_thing_none_is_chosen(tmp_path: Path, name: str, rows: Any) -> None:
    assert refused(table(tmp_path, *rows, name=name)) == {"columns_twice"}


def test_the_headings_that_stand_twice_are_named(tmp_path: Path) -> None:
    rows = [("X(西安80)", "Y(西安80)", "X(CGCS2000)", "Y(CGCS2000)"), *FOUR]
    with pytest.raises(Refused) as caught:
        listed(table(tmp_path, *rows))
    (fault,) = caught.value.faults
    assert "X(西安80) and X(CGCS2000)" in fault.en and "X(西安80)、X(CGCS2000)" in fault.zh
    assert "分区" in fault.zh and "101°46′12.11″" in fault.zh


@pytest.mark.parametrize(
    ("north", "east"),
    [
        ("X坐标/m", "Y坐标/m"),
        ("坐标X", "坐标Y"),
        ("北坐标X(m)", "东坐标Y(m)"),
        ("X（单位：m）", "Y（单位：m）"),
        ("X轴坐标", "Y轴坐标"),
        ("平面坐标X", "平面坐标Y"),
        ("X(N)", "Y(E)"),
        ("X m", "Y m"),
        ("纵座标", "横座标"),
        ("甲", "乙"),
    ],
)
def test_however_x_and_y_are_headed_the_pits_stay_apart(tmp_path: Path, north: str, east: str) -> None:
    rows = [
        ("地块编号", north, east, "沟深"),
        *(("A", *at, 2.5) for at in NORTH_EAST),
        *(("B", y + 50, x, 3) for y, x in NORTH_EAST),
    ]
    first, second = listed(table(tmp_path, *rows))
    assert (first["id"], first["geometry"]["coordinates"]) == ("A", RING)
    assert (second["id"], second["properties"]) == ("B", {"depth_m": 3})


def test_headings_in_two_rows_are_those_of_one(tmp_path: Path) -> None:
    rows = [
        ("工程名称：五四大街",),
        ("基坑编号", "点号", "坐标", None, "挖深"),
        (None, None, "X(m)", "Y(m)", "(cm)"),
        *(("A", n, *at, 150) for n, at in zip(ROUND, NORTH_EAST, strict=True)),
        *(("B", n, y + 50, x, 250) for n, (y, x) in zip(ROUND, NORTH_EAST, strict=True)),
    ]
    first, second = listed(table(tmp_path, *rows, name="a.xlsx"))
    assert (first["id"], first["properties"]) == ("A", {"depth_m": 1.5})
    assert (second["id"], second["properties"]) == ("B", {"depth_m": 2.5})


@pytest.mark.parametrize(
    ("heading", "said", "metres"),
    [
        ("沟宽(cm)", 80, 0.8),
        ("沟宽(毫米)", 800, 0.8),
        ("沟宽/mm", 800, 0.8),
        ("沟宽cm", 80, 0.8),
        ("沟宽（单位：m）", 0.8, 0.8),
        ("沟宽[米]", "0.8", 0.8),
    ],
)
def test_a_measure_is_in_the_unit_of_its_heading(
    tmp_path: Path, heading: str, said: Any, metres: float
) -> None:
    (line,) = listed(table(tmp_path, ("X", "Y", heading), *((*at, said) for at in NORTH_EAST)), "line")
    assert line["properties"] == {"width_m": metres}


@pytest.mark.parametrize(
    "rows",
    [
        [("X", "Y", "沟宽(尺)"), *((*at, 3) for at in NORTH_EAST)],
        [("X", "Y", "半径(0.1m)"), *((*at, 3) for at in NORTH_EAST)],
        [("X(ft)", "Y(ft)"), *NORTH_EAST],
        [("拐点表（单位：mm）",), ("X", "Y", "沟宽"), *((*at, 800) for at in NORTH_EAST)],
        [("拐点表(mm)",), ("X", "Y"), *NORTH_EAST],
    ],
)
def test_a_unit_that_cannot_be_told_is_refused(tmp_path: Path, rows: Any) -> None:
    assert refused(table(tmp_path, *rows)) == {"unit_unclear"}


@pytest.mark.parametrize(("unit", "of_a_metre"), [("mm", 1000), ("cm", 100), ("km", 0.001), ("米", 1)])
def test_coordinates_are_in_the_unit_of_their_heading(tmp_path: Path, unit: str, of_a_metre: float) -> None:
    scaled = [(y * of_a_metre, x * of_a_metre) for y, x in NORTH_EAST]
    for rows in (
        [(f"X({unit})", f"Y({unit})"), *scaled],
        [(f"坐标({unit})", None), ("X", "Y"), *scaled],
    ):
        (found,) = listed(table(tmp_path, *rows, name="a.xlsx"))
        assert found["geometry"]["coordinates"][0] == [pytest.approx(at, abs=1e-6) for at in RING[0]]


def test_what_a_bracket_says_of_the_direction_holds(tmp_path: Path) -> None:
    small = [(500.5, 1000.1), (520.5, 1000.2), (520.5, 1015.2)]
    for head in (("X(东)", "Y(北)"), ("东坐标X", "北坐标Y"), ("X（E）", "Y（N）")):
        (found,) = listed(table(tmp_path, head, *small), local=True)
        assert found["geometry"]["coordinates"][0][:3] == [list(at) for at in small]
    (found,) = listed(table(tmp_path, ("X", "Y"), *small), local=True)
    assert found["geometry"]["coordinates"][0][0] == [1000.1, 500.5]


def test_without_headings_a_local_grid_does_not_tell_its_axes(tmp_path: Path) -> None:
    rows = [(1_000_000.5, 1_200_000.1), (1_000_020.5, 1_200_000.1), (1_000_020.5, 1_200_020.1)]
    assert refused(table(tmp_path, *rows), local=True) == {"coordinates_unclear"}


def test_of_two_pairs_the_one_in_the_units_of_the_system_is_read(tmp_path: Path) -> None:
    rows = [
        ("X", "Y", "经度", "纬度"),
        *((*at, x, y) for at, (y, x) in zip(NORTH_EAST, PAIRS, strict=True)),
    ]
    path = table(tmp_path, *rows)
    for crs, first in (("EPSG:4543", list(CORNERS[0])), ("EPSG:4490", [101.7701, 36.6101])):
        (found,) = plan_document(path, crs, points_are="area")["features"]
        assert found["geometry"]["coordinates"][0][0] == first


def test_l_and_b_beside_x_and_y_are_no_degrees(tmp_path: Path) -> None:
    rows = [("X", "Y", "L", "B"), *((*at, 3.5, 2.5) for at in NORTH_EAST)]
    for geographic in (False, None):
        features, _ = read_coordinates(table(tmp_path, *rows), Reading(), "area", False, geographic)
        assert features[0]["geometry"]["coordinates"] == RING
    (found,) = listed(table(tmp_path, ("B", "L"), *PAIRS))
    assert found["geometry"]["coordinates"][0][0] == [101.7701, 36.6101]


@pytest.mark.parametrize("sizes", [(3.5, 2.5), (12, 4.5), ("2", None)])
def test_l_and_b_of_a_hole_are_its_size(tmp_path: Path, sizes: Any) -> None:
    rows = [("X", "Y", "L", "B"), *((*at, *sizes) for at in NORTH_EAST)]
    assert refused(table(tmp_path, *rows), "points") == {"sizes_unclear"}
    for head, said in ((("L", "B", "半径"), (*sizes, 2.5)), (("L", "B"), (101.7701, 36.6101))):
        found = listed(table(tmp_path, ("X", "Y", *head), *((*at, *said) for at in NORTH_EAST)), "points")
        assert found[0]["geometry"]["coordinates"] == list(CORNERS[0])


def test_degrees_that_could_be_minutes_and_seconds_are_told_of(tmp_path: Path) -> None:
    """DD.MMSS, as surveyors' calculators write it, lies 30 km from where it is drawn."""
    packed = [(101.464018926, 36.36317509), (101.464116716, 36.363185653), (101.464107588, 36.363225701)]
    for rows, count in (
        ([("经度", "纬度"), *packed], 3),
        (packed, 3),
        ([("经度", "纬度"), *packed[:2], (101.467, 36.363185653)], 0),
        ([("经度", "纬度"), *((f"{lon}°", f"{lat}°") for lon, lat in packed)], 0),
        ([("X", "Y"), *NORTH_EAST], 0),
    ):
        _, notes = read_coordinates(table(tmp_path, *rows), Reading(), "area", False)
        assert notes.get("degrees_packed", 0) == count
    found = plan_document(table(tmp_path, *packed), "EPSG:4490", points_are="area")
    assert [note["code"] for note in found["notes"]] == ["degrees_packed"]


def test_the_headings_of_a_grid_hold_whatever_its_numbers_look_like(tmp_path: Path) -> None:
    rows = [("X", "Y"), (101.5, 36.25), (121.5, 36.25), (121.5, 48.5)]
    (found,) = listed(table(tmp_path, *rows), local=True)
    assert found["geometry"]["coordinates"][0][0] == [36.25, 101.5]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("X,Y\n4.05312E+06,3.44801E+07\n", "coordinate_rounded"),
        ("4.05312E+06,3.44801E+07\n", "coordinate_rounded"),
        ("X,Y\n4053123.12,4.801234E+05\n", "coordinate_rounded"),
        ("点号,X,Y\n1,4053123,120,480123,450\n", "decimals_parted"),
        ("1,4053123,120,480123,450\n2,4053126,320,480147,760\n", "decimals_parted"),
        ("点号,经度,,,纬度,,\n1,101,46,40.18926,36,36,31.7509\n", "degrees_in_parts"),
        ("点号,B,L\n1,363631.7509,1014640.18926\n", "degrees_in_parts"),
        ("经度,纬度\n101,36\n101,37\n", "degrees_in_parts"),
        ("X,Y\n48 0123.45,4 053 123.12\n", "coordinate_unreadable"),
    ],
)
def test_numbers_that_lost_digits_are_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert refused(tmp_path / "a.csv") == {code}


def test_digits_in_full_are_read_however_they_are_written(tmp_path: Path) -> None:
    rows = [
        ("X", "Y"),
        *((f"{y:.6e}".replace("e+06", "000E+06"), f"{x:,.2f}".replace(",", " ")) for y, x in NORTH_EAST),
    ]
    rows[2] = ("4.05400025E+06", "480 020.5")
    (found,) = listed(table(tmp_path, *rows))
    assert found["geometry"]["coordinates"] == RING


def test_point_numbers_heights_and_accuracies_are_no_coordinates(tmp_path: Path) -> None:
    rows = [(630_102_001 + n, None, *at, 2261.3) for n, at in enumerate(CORNERS)]
    assert listed(table(tmp_path, *rows))[0]["geometry"]["coordinates"] == RING
    rows = [(n, lon, lat, 61.27, 1.35) for n, (lat, lon) in enumerate(((36.610001, 101.770001), *PAIRS[1:]))]
    rows = [(n, round(lon + 1e-6, 6), round(lat + 1e-6, 6), *of) for n, lon, lat, *of in rows]
    (found,) = listed(table(tmp_path, *rows))
    assert found["geometry"]["coordinates"][0][0] == [101.770002, 36.610002]
    assert refused(table(tmp_path, *((100_001 + n, *at) for n, at in enumerate(NORTH_EAST)))) == {
        "columns_twice"
    }


@pytest.mark.parametrize("first", [("4054000.l5", 480_000.0), (4_054_000.5, None), ("4o54000.5", "4800o0.0")])
def test_a_first_row_that_cannot_be_read_is_no_title(tmp_path: Path, first: Any) -> None:
    rows = [("J0", *first), *((f"J{n}", *at) for n, at in enumerate(NORTH_EAST, 1))]
    assert refused(table(tmp_path, *rows)) == {"coordinate_unreadable"}
    rows[0] = ("2026-11-30", "某工程", "单位 12345 号")
    assert listed(table(tmp_path, *rows))[0]["geometry"]["coordinates"] == RING


def test_rows_parted_by_wide_commas_under_headings_parted_by_others(tmp_path: Path) -> None:
    rows = "\n".join(f"J{n}，{y}，{x}" for n, (y, x) in enumerate(NORTH_EAST))
    (tmp_path / "a.csv").write_text(f"点号,X,Y\n{rows}\n", encoding="utf-8")
    assert listed(tmp_path / "a.csv")[0]["geometry"]["coordinates"] == RING


@pytest.mark.parametrize(
    ("below", "noted"),
    [
        ([("说明：CGCS2000",), ("制表：张三", "日期：2026年11月20日")], 2),
        ([("面积", None, None, 300.5)], 1),
        ([("备注", 4_054_000, None)], None),
        ([("J4", None, None)], None),
        ([("检查井1", None, None)], None),
        ([("合计", "四百万", None)], None),
        ([("说明：甲",), ("J4", 4_054_010.5, 480_000.5), ("J5", None)], None),
    ],
)
def test_remarks_under_a_table_are_told_and_nothing_else_is_left_out(
    tmp_path: Path, below: Any, noted: int | None
) -> None:
    rows = [("点号", "X", "Y", "边长"), *((f"J{n}", *at, 24.5) for n, at in enumerate(NORTH_EAST)), *below]
    path = table(tmp_path, *rows, name="a.xlsx")
    if noted is None:
        assert refused(path) == {"coordinate_unreadable"}
        return
    found = plan_document(path, "EPSG:4543", points_are="area")
    assert found["features"][0]["geometry"]["coordinates"] == RING
    assert [(note["code"], note["count"]) for note in found["notes"]] == [("rows_below", noted)]


def test_a_column_of_a_workbook_that_nobody_headed_is_no_parted_number(tmp_path: Path) -> None:
    rows = [("X", "Y"), *((*at, 2261.5) for at in NORTH_EAST)]
    assert listed(table(tmp_path, *rows, name="a.xlsx"))[0]["geometry"]["coordinates"] == RING


def test_a_table_wider_than_any_of_coordinates_is_refused(tmp_path: Path) -> None:
    assert refused(table(tmp_path, ("X", "Y"), *NORTH_EAST, (*NORTH_EAST[0], *["1"] * 500))) == {
        "sheet_too_large"
    }


def test_as_many_parts_as_rows_take_no_longer_than_one(tmp_path: Path) -> None:
    rows = [
        ("基坑", "点号", "X", "Y"),
        *((n, n, 4_054_000 + n / 100, 480_000 + n % 7) for n in range(20_000)),
    ]
    started = perf_counter()
    assert refused(table(tmp_path, *rows)) == {"coordinates_too_few"}
    assert perf_counter() - started < 20

"""Rows of a table that are no points: told of where they are known for that, refused where a point may have been lost."""

from pathlib import Path
from typing import Any

import pytest

from ingest import Reading
from ingest.plans.lists.coordinates import read_coordinates
from tests.ingest.lists.test_lists import NORTH_EAST, refused, table

HEAD = ("点号", "X", "Y")
ROWS = [(f"J{n}", *at) for n, at in enumerate(NORTH_EAST)]


def read(path: Path, shape: str = "area") -> tuple[list[Any], dict[str, int]]:
    return read_coordinates(path, Reading(), shape, False)


@pytest.mark.parametrize(
    "said",
    [
        "以下空白",
        "第1页 共1页",
        "占地面积：300.5㎡",
        "高程系统：1985国家高程基准",
        "中央子午线：102°",
        "填表人：张三",
        "编制单位：某公司",
        "本表坐标为CGCS2000坐标",
        "注意：开挖前复核",
        "*坐标单位为米",
        "建设单位（盖章）：",
        "附图见后",
        "S=300.5平方米",
        "2026年12月1日",
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_sentence_under_the_points_is_told_of(tmp_path: Path, said: str, name: str) -> None:
    features, notes = read(
        table(tmp_path, HEAD, *ROWS, (said, None, None), ("审核：李四", None, "制表：张三"), name=name)
    )
    assert len(features[0]["geometry"]["coordinates"][0]) == 4
    assert notes["rows_below"] == 2
    assert read(table(tmp_path, HEAD, *ROWS, (None, said), name=name))[1]["rows_below"] == 1


@pytest.mark.parametrize(
    "row",
    [
        ("J5",),
        ("J5", "坐标待测量后提供"),
        ("2#基坑",),
        ("二号沟槽坐标如下",),
        ("J5 4053143.120 480183.450 也要开挖",),
        ("新增位置 4053143.120 480183.450",),
        ("最后一个拐点见图纸",),
        ("东北角坐标以图为准", 4_054_001.0, None),
        ("西侧",),
        ("300.5",),
        ("J5:",),
        ("东北角位置", "详见图纸说明", "详见图纸说明"),
        (None, "纵坐标为4054001", "横坐标为480003"),
        ("拐点坐标如下", "东经101度46分72秒", "北纬36度36分36秒"),
        ("新增坐标位置", "101度46分72秒左右", "36度36分36秒左右"),
        ("坐标为国家系统", "北：4054001", "东：480003"),
        ("开挖深度：6米",),
        ("上述坐标外2米均开挖",),
        ("四周各向外扩2米",),
    ],
)
def test_what_may_be_a_point_or_a_pit_is_no_remark(tmp_path: Path, row: tuple[Any, ...]) -> None:
    assert refused(table(tmp_path, HEAD, *ROWS, row)) == {"coordinate_unreadable"}
    assert refused(table(tmp_path, HEAD, *ROWS[:2], ("以下为东侧部分",), ROWS[2])) == {
        "coordinate_unreadable"
    }


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize(
    ("unit", "per_metre"), [("m", 1), ("(m)", 1), ("（米）", 1), ("mm", 1000), ("(毫米)", 1000)]
)
def test_units_beneath_the_headings(tmp_path: Path, name: str, unit: str, per_metre: int) -> None:
    rows = [(n, round(x * per_metre), round(y * per_metre), 2 * per_metre) for n, x, y in ROWS]
    heads = (*HEAD, "深度")
    (found,), _ = read(table(tmp_path, heads, (None, unit, unit, unit), *rows, name=name))
    (same,), _ = read(
        table(tmp_path, heads, *((n, round(x), round(y), 2) for n, x, y in ROWS), name=f"b{name[1:]}")
    )
    assert found["properties"] == same["properties"] == {"depth_m": 2.0}
    first, second = (one["geometry"]["coordinates"][0][0] for one in (found, same))
    assert max(abs(a - b) for a, b in zip(first, second, strict=True)) < 0.6


def test_units_that_do_not_agree_or_are_not_ours_are_refused(tmp_path: Path) -> None:
    for heads, units in ((HEAD, (None, "ft", "ft")), (("点号", "X(m)", "Y(m)"), (None, "mm", "mm"))):
        assert refused(table(tmp_path, heads, units, *ROWS)) == {"unit_unclear"}


def test_units_parted_from_their_headings_by_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    lines = [f"{n} {x} {y} 2301.1" for n, x, y in ROWS]
    path.write_text("\n".join(["点号 X (m) Y (m) H (m)", *lines]), encoding="utf-8")
    (found,), _ = read(path)
    assert found["geometry"]["coordinates"][0][0] == [NORTH_EAST[0][1], NORTH_EAST[0][0]]


def test_codes_of_six_digits_are_no_eastings(tmp_path: Path) -> None:
    for codes in (["131100"] * 4, ["131100", "131100", "131200", "131200"]):
        rows = [*NORTH_EAST, (NORTH_EAST[0][0] + 9.5, NORTH_EAST[0][1])]
        path = tmp_path / "a.dat"
        lines = [
            f"{n},{code},{x + 0.25},{y + 0.25},2301.1"
            for n, (code, (y, x)) in enumerate(zip(codes, rows, strict=True))
        ]
        path.write_text("\n".join(lines), encoding="utf-8")
        (found,), _ = read(path)
        assert found["geometry"]["coordinates"][0][0] == [NORTH_EAST[0][1] + 0.25, NORTH_EAST[0][0] + 0.25]


def test_what_lies_around_is_no_heading(tmp_path: Path) -> None:
    assert read(table(tmp_path, ("四至", "东", "某路", "北", "某街"), HEAD, *ROWS))[0]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("ends", [False, True])
def test_rows_of_side_lengths_stand_between_the_points(tmp_path: Path, name: str, ends: bool) -> None:
    rows: list[Any] = [(*HEAD, "边长(m)")]
    for at, point in enumerate(ROWS):
        rows += [point, (f"J{at}-J{(at + 1) % 3}" if ends else None, None, None, 20.5)]
    rows += [ROWS[0]]
    (found,), notes = read(table(tmp_path, *rows, name=name))
    assert len(found["geometry"]["coordinates"][0]) == 4
    assert notes["rows_of_sides"] == 3
    assert len(read(table(tmp_path, *rows[:-2], name=name))[0]) == 1
    gap = [*rows[:3], (), *rows[3:]]
    assert refused(table(tmp_path, *gap, name=name)) == {"coordinates_several"}


@pytest.mark.parametrize(
    "lost", [("J9", None, None, 20.5), ("J8-J9", None, None, 20.5), (None, None, 480_000.5, 20.5)]
)
def test_a_point_that_lost_its_place_is_no_row_of_sides(tmp_path: Path, lost: tuple[Any, ...]) -> None:
    heads = (*HEAD, "边长")
    assert refused(table(tmp_path, heads, ROWS[0], lost, *ROWS[1:])) == {"coordinate_unreadable"}
    sides = [(*row, 20.5) for row in ROWS]
    assert refused(table(tmp_path, heads, sides[0], (None, None, None, 20.5), *sides[1:])) == {
        "coordinate_unreadable"
    }

"""Columns whose headings are in no list of words: no pit is lost behind one."""

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.lists.test_lists import NORTH_EAST, listed, refused, table
from tests.ingest.lists.test_parting import AWAY, ids

TWO = [("甲", *at) for at in NORTH_EAST] + [("乙", *at) for at in AWAY]


@pytest.mark.parametrize(
    "word", "开挖区域 开挖范围 宗地号 图斑编号 沟槽编号 区域名称 基坑名 工程部位 作业坑 沟槽".split()
)
def test_what_ends_as_a_word_for_a_part_parts(tmp_path: Path, word: str) -> None:
    rows = [(n, *row) for n, row in enumerate(TWO)]
    for shape in ("area", "line"):
        assert ids(table(tmp_path, ("序号", word, "X", "Y"), *rows), shape) == ["甲", "乙"]
    assert len(listed(table(tmp_path, ("序号", word, "X", "Y"), *rows), "points")) == 6


@pytest.mark.parametrize("word", ["位置", "备注", "所属", "行政区", "小区名称", "施工阶段"])
def test_a_column_that_goes_from_one_to_another_is_asked_about(tmp_path: Path, word: str) -> None:
    rows = [(n, *row) for n, row in enumerate(TWO)]
    path = table(tmp_path, ("序号", word, "X", "Y"), *rows)
    assert refused(path) == refused(path, "line") == {"coordinates_several"}
    merged = [(n, row[0] if n % 3 == 0 else None, *row[1:]) for n, row in enumerate(TWO)]
    assert refused(table(tmp_path, ("序号", word, "X", "Y"), *merged)) == {"coordinates_several"}
    numbered = [(n, 1 + n // 3, *row[1:]) for n, row in enumerate(TWO)]
    assert refused(table(tmp_path, ("序号", word, "X", "Y"), *numbered)) == {"coordinates_several"}


@pytest.mark.parametrize(
    ("word", "cells"),
    [
        ("位置", ["东侧"] * 3),
        ("备注", [None, "转角", None]),
        ("备注", ["起点", None, "终点"]),
        ("H", [2301, 2301, 2302]),
        ("高程(m)", [2301.5, 2301.5, 2302]),
        ("边长", [20, 20, 22]),
        ("沟槽底标高", [2299, 2299, 2300]),
        ("卫星数", [12, 12, 13]),
        ("PDOP", [1, 1, 2]),
        ("界址线类别", ["围墙", "围墙", "道路"]),
        ("观测历元", [5, 5, 6]),
        ("解状态", ["固定解", "固定解", "浮点解"]),
        ("界址点类型", ["钢钉", "钢钉", "水泥桩"]),
    ],
)
def test_what_is_said_of_points_alone_parts_nothing(tmp_path: Path, word: str, cells: list[Any]) -> None:
    for of in (cells, [*cells, cells[-1]]):
        corners = [*NORTH_EAST, (NORTH_EAST[0][0] + 9, NORTH_EAST[0][1])][: len(of)]
        rows = [(f"J{n}", *at, one) for n, (at, one) in enumerate(zip(corners, of, strict=True))]
        assert len(listed(table(tmp_path, ("点号", "X", "Y", word), *rows))) == 1
        merged = [("点号", "坐标", None, word), (None, "X", "Y", None)]
        assert len(listed(table(tmp_path, *merged, *rows))) == 1


@pytest.mark.parametrize(
    "word", ["拐点编号", "界址点", "拐点", "测点序号", "图上点号", "控制点点名", "", None]
)
def test_numbers_that_begin_again_are_seen_under_every_heading(tmp_path: Path, word: str | None) -> None:
    rows = [(f"J{n % 3}", *at) for n, at in enumerate([*NORTH_EAST, *AWAY])]
    path = table(tmp_path, (word, "X", "Y"), *rows)
    assert refused(path) == refused(path, "line") == {"coordinates_several"}
    titled = table(tmp_path, ("某基坑拐点表",), (word, "X", "Y"), *rows)
    assert refused(titled)
    one = [(f"J{n}", *at) for n, at in enumerate(NORTH_EAST)]
    assert len(listed(table(tmp_path, (word, "X", "Y"), *one))) == 1


def test_names_of_pits_part_within_the_groups_that_other_columns_tell(tmp_path: Path) -> None:
    rows = [(n, "人民路", *row) for n, row in enumerate(TWO)]
    path = table(tmp_path, ("序号", "线路", "名称", "X", "Y"), *rows)
    assert ids(path) == ids(path, "line") == ["人民路-甲", "人民路-乙"]
    both = [(n, road, *row) for n, (road, row) in enumerate((r, row) for r in "东西" for row in TWO)]
    assert ids(table(tmp_path, ("序号", "线路", "名称", "X", "Y"), *both)) == [
        "东-甲",
        "东-乙",
        "西-甲",
        "西-乙",
    ]
    named = [("人民路", f"J{n}", *at) for n, at in enumerate(NORTH_EAST)]
    assert ids(table(tmp_path, ("线路", "名称", "X", "Y"), *named)) == ["人民路"]


def test_names_that_come_back_are_kinds_and_no_pits(tmp_path: Path) -> None:
    kinds = ["直线点", "直线点", "转折点", "转折点", "直线点", "直线点"]
    rows = [(kind, *at) for kind, at in zip(kinds, [*NORTH_EAST, *AWAY], strict=True)]
    assert refused(table(tmp_path, ("名称", "X", "Y"), *rows), "line") == {"coordinates_several"}

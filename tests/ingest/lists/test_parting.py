"""Several pits or trenches of one table: each is a shape of its own, or whoever sends them says which rows are which."""

from pathlib import Path
from typing import Any

import pytest

from spatial.errors import Refused
from tests.ingest.lists.test_lists import CORNERS, NORTH_EAST, listed, refused, table

AWAY = [(y + 50, x + 60) for y, x in NORTH_EAST]


def ids(path: Path, shape: str = "area") -> list[Any]:
    return [one["id"] for one in listed(path, shape)]


@pytest.mark.parametrize(
    "word", "区域 管线编号 管线号 线路 工点 地块编号 坑 井号 名称 圈号 基坑名称 分区".split()
)
def test_each_word_for_a_part_parts(tmp_path: Path, word: str) -> None:
    rows = [(word, "点号", "X", "Y")]
    rows += [(part, n, *at) for part, of in (("甲", NORTH_EAST), ("乙", AWAY)) for n, at in enumerate(of)]
    assert ids(table(tmp_path, *rows)) == ["甲", "乙"]
    assert ids(table(tmp_path, *rows), "line") == ["甲", "乙"]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.txt"])
@pytest.mark.parametrize(
    "rows",
    [
        [("点号", "X", "Y"), *((n, *at) for n, at in enumerate([*NORTH_EAST, *AWAY])), "gap"],
        [("点号", "X", "Y"), *((n % 3, *at) for n, at in enumerate([*NORTH_EAST, *AWAY]))],
        [("序号", "点号", "X", "Y"), *((n, f"J{n % 3}", *at) for n, at in enumerate([*NORTH_EAST, *AWAY]))],
        [(n % 3, *at) for n, at in enumerate([*NORTH_EAST, *AWAY])],
        [("编号", "X", "Y"), *(("A" if n < 3 else "B", *at) for n, at in enumerate([*NORTH_EAST, *AWAY]))],
        [
            ("点号", "X", "Y"),
            *((f"{'AB'[n // 3]}-{n % 3 + 1}", *at) for n, at in enumerate([*NORTH_EAST, *AWAY])),
        ],
        [
            ("分区", "点号", "X", "Y"),
            *(("甲", n % 3, *at) for n, at in enumerate([*NORTH_EAST, *AWAY])),
        ],
    ],
)
def test_rows_that_look_like_several_are_refused(tmp_path: Path, name: str, rows: Any) -> None:
    if rows[-1] == "gap":
        rows = [*rows[:4], (), *rows[4:-1]]
    path = table(tmp_path, *rows, name=name)
    assert refused(path) == refused(path, "line") == {"coordinates_several"}
    assert len(listed(path, "points")) == 6


def test_a_row_between_two_pits_is_not_just_deleted(tmp_path: Path) -> None:
    for between in (("X", "Y"), ("2#基坑", None)):
        with pytest.raises(Refused) as caught:
            listed(table(tmp_path, ("X", "Y"), *NORTH_EAST, between, *AWAY))
        (fault,) = caught.value.faults
        assert fault.code == "coordinate_unreadable" and "分区" in fault.en and "分区" in fault.zh


def test_an_area_that_closes_and_goes_on_is_two(tmp_path: Path) -> None:
    rows = [("X", "Y"), *NORTH_EAST, NORTH_EAST[0], *AWAY, AWAY[0]]
    assert refused(table(tmp_path, *rows)) == {"coordinates_several"}


def test_an_empty_row_where_the_next_one_says_its_part_is_nothing(tmp_path: Path) -> None:
    rows = [("分区", "X", "Y"), *(("甲", *at) for at in NORTH_EAST), (), *(("乙", *at) for at in AWAY)]
    assert ids(table(tmp_path, *rows)) == ["甲", "乙"]
    rows = [("分区", "X", "Y"), ("甲", *NORTH_EAST[0]), *((None, *at) for at in NORTH_EAST[1:]), ()]
    rows += [(None, *at) for at in AWAY]
    assert refused(table(tmp_path, *rows)) == {"coordinates_several"}


@pytest.mark.parametrize(
    "rows",
    [
        [("点号", "X", "Y"), *((n, *at) for n, at in zip("1231", [*NORTH_EAST, NORTH_EAST[0]], strict=True))],
        [("ID", "X", "Y"), *((1, *at) for at in NORTH_EAST)],
        [("点号", "X", "Y"), *zip(("A1", "A4", "D4"), *zip(*NORTH_EAST, strict=True), strict=True)],
        [("桩号", "X", "Y"), *zip(("K0+1", "K0+2", "K1+1"), *zip(*NORTH_EAST, strict=True), strict=True)],
        [("点号", "X", "Y"), (), (1, *NORTH_EAST[0]), (), (2, *NORTH_EAST[1]), (), (3, *NORTH_EAST[2])],
        [("名称", "X", "Y"), *((f"J{n}", *at) for n, at in enumerate(NORTH_EAST))],
        [("名称", "X", "Y"), *((f"J{n % 3}", *at) for n, at in enumerate([*NORTH_EAST, NORTH_EAST[0]]))],
    ],
)
def test_one_pit_is_one_however_it_is_numbered(tmp_path: Path, rows: Any) -> None:
    (found,) = listed(table(tmp_path, *rows))
    assert (found["id"], len(found["geometry"]["coordinates"][0])) == (None, 4)


def test_an_empty_cell_is_of_the_part_above_it(tmp_path: Path) -> None:
    rows = [("管段", "X", "Y"), ("一", *NORTH_EAST[0]), (None, *NORTH_EAST[1]), ("二", *AWAY[0])]
    rows += [(None, *AWAY[1]), ("一", *NORTH_EAST[2]), (None, *AWAY[2])]
    first, second = listed(table(tmp_path, *rows), "line")
    turned = [[x, y] for y, x in (*NORTH_EAST, AWAY[2])]
    assert (first["id"], first["geometry"]["coordinates"]) == ("一", turned)
    assert (second["id"], len(second["geometry"]["coordinates"])) == ("二", 2)


def test_too_few_points_are_counted_as_they_stand(tmp_path: Path) -> None:
    path = table(tmp_path, ("基坑", "X", "Y"), *((f"K{n}", *at) for n, at in enumerate(NORTH_EAST)))
    with pytest.raises(Refused) as caught:
        listed(path)
    assert "K0 has 1 points" in caught.value.faults[0].en


HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n计量单位=米\n转换参数=0,0,0,0,0,0,0\n[地块坐标]\n"


def plots(
    folder: Path, *plots: tuple[int, list[tuple[str, int, tuple[float, float]]]], head: str = HEAD
) -> Path:
    lines = []
    for n, (said, points) in enumerate(plots, 1):
        lines.append(f"{said},300.1,{n},基坑,面,,挖方,,@")
        lines += [f"{number},{ring},{y},{x + 34e6}" for number, ring, (y, x) in points]
    path = folder / "报备.txt"
    path.write_text(head + "\n".join(lines), encoding="gb18030")
    return path


def ring(number: int, places: list[tuple[float, float]]) -> list[tuple[str, int, tuple[float, float]]]:
    return [(f"J{n}", number, at) for n, at in zip((1, 2, 3, 1), (*places, places[0]), strict=True)]


def test_each_plot_and_ring_that_is_reported_is_an_area(tmp_path: Path) -> None:
    path = plots(tmp_path, (8, [*ring(1, NORTH_EAST), *ring(2, AWAY)]), (3, ring(1, AWAY)))
    found = listed(path)
    assert [one["id"] for one in found] == ["1 基坑-1", "1 基坑-2", "2 基坑-1"]
    assert found[0]["geometry"]["coordinates"][0] == [[x + 34e6, y] for x, y in (*CORNERS, CORNERS[0])]
    rows = [("地块号", "圈号", "X", "Y")]
    rows += [
        (plot, of, *at)
        for plot, of, places in ((1, 1, NORTH_EAST), (1, 2, AWAY), (2, 1, AWAY))
        for at in places
    ]
    assert ids(table(tmp_path, *rows)) == ["1-1", "1-2", "2-1"]


def test_a_plot_that_lost_its_first_row_is_seen(tmp_path: Path) -> None:
    both = [*ring(1, NORTH_EAST), *ring(1, AWAY)]
    assert refused(plots(tmp_path, (4, both))) == {"plot_unclear"}
    assert refused(plots(tmp_path, (8, both))) == {"coordinates_several"}
    before = HEAD + "J1,1,4054000.5,34480000.5\n"
    assert refused(plots(tmp_path, (4, ring(1, AWAY)), head=before)) == {"plot_unclear"}

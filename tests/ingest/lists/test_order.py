"""Points are joined as their rows stand: where the table says that they follow each other otherwise, nothing is joined."""

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.lists.test_lists import NORTH_EAST, listed, refused, table

BRANCH = [*NORTH_EAST, (NORTH_EAST[0][0] + 40, NORTH_EAST[0][1] + 20)]


@pytest.mark.parametrize(
    "word", ["连接点号", "连向", "上点", "下点号", "起点号", "终点号", "连接点", "上游井号"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_branch_is_not_drawn_as_one_line(tmp_path: Path, word: str, name: str) -> None:
    leads = ["W2", "W3", None, "W2"]
    rows = [(f"W{n + 1}", lead, *at) for n, (lead, at) in enumerate(zip(leads, BRANCH, strict=True))]
    path = table(tmp_path, ("点号", word, "X", "Y"), *rows, name=name)
    assert refused(path, "line") == {"points_connected"}
    assert len(listed(path, "points")) == 4


@pytest.mark.parametrize("leads", [["W2", "W3", None], ["W2", "W1", "W2"], [None, "W1", "W2"]])
def test_a_chain_is_a_line(tmp_path: Path, leads: list[str | None]) -> None:
    rows = [(f"W{n + 1}", lead, *at) for n, (lead, at) in enumerate(zip(leads, NORTH_EAST, strict=True))]
    assert len(listed(table(tmp_path, ("点号", "连接点号", "X", "Y"), *rows), "line")) == 1


def numbered(folder: Path, numbers: list[Any]) -> Path:
    rows = [(n, 4_054_000.0 + 7 * at, 480_000.0 + at * at) for at, n in enumerate(numbers)]
    return table(folder, ("点号", "X", "Y"), *rows)


@pytest.mark.parametrize("numbers", [["J1", "J10", "J11", "J2", "J3"], ["1", "10", "2"], ["A1", "A10", "A2"]])
def test_numbers_sorted_as_text_are_no_order(tmp_path: Path, numbers: list[Any]) -> None:
    path = numbered(tmp_path, numbers)
    assert refused(path, "line") == refused(path) == {"points_out_of_order"}


@pytest.mark.parametrize(
    "numbers", [["J01", "J02", "J10"], ["J9", "J10", "J11"], ["J3", "J2", "J1"], [1, 2, 10]]
)
def test_other_orders_are_taken(tmp_path: Path, numbers: list[Any]) -> None:
    assert len(listed(numbered(tmp_path, numbers), "line")) == 1


def test_a_ring_may_begin_at_any_of_its_points(tmp_path: Path) -> None:
    assert len(listed(numbered(tmp_path, ["J10", "J11", "J8", "J9"]))) == 1

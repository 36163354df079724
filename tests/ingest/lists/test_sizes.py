"""Sizes of a dig under the headings people write: taken where they mean one thing, asked about where they do not."""

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.lists.test_lists import NORTH_EAST, listed, refused, table


def sized(folder: Path, *words: str, said: Any = 6) -> Path:
    rows = [(f"J{n}", *at, *[said] * len(words)) for n, at in enumerate(NORTH_EAST)]
    return table(folder, ("点号", "X", "Y", *words), *rows)


def properties(path: Path, shape: str) -> dict[str, Any]:
    found: dict[str, Any] = listed(path, shape)[0]["properties"]
    return found


@pytest.mark.parametrize(
    "word",
    "最大开挖深度(m) 基坑开挖深度 设计深度 沟槽深 最大挖深 设计开挖深度（米） 基坑深 管沟深度 沟槽开挖深度".split(),
)
def test_each_word_for_the_depth(tmp_path: Path, word: str) -> None:
    assert properties(sized(tmp_path, word), "area") == {"depth_m": 6.0}


@pytest.mark.parametrize("word", "宽 宽(m) 沟槽宽 开挖宽 上口宽(m) 沟槽上口宽 槽宽 管沟宽度 最大宽度".split())
def test_each_word_for_the_width(tmp_path: Path, word: str) -> None:
    assert properties(sized(tmp_path, word), "line") == {"width_m": 6.0}
    for shape in ("points", "area"):
        assert refused(sized(tmp_path, word), shape) == {"sizes_unclear"}


def test_the_width_at_the_bottom_is_not_needed_beside_that_at_the_top(tmp_path: Path) -> None:
    assert properties(sized(tmp_path, "上口宽", "底宽"), "line") == {"width_m": 6.0}
    assert refused(sized(tmp_path, "底宽"), "line") == {"sizes_unclear"}


def test_a_lesser_depth_is_not_needed_beside_the_greatest(tmp_path: Path) -> None:
    for word in ("埋深(m)", "管底埋深", "覆土深度", "平均开挖深度"):
        assert properties(sized(tmp_path, "最大开挖深度", word), "line") == {"depth_m": 6.0}
    assert refused(sized(tmp_path, "开挖深度", "井深"), "line") == {"sizes_unclear"}


@pytest.mark.parametrize("word", ["直径", "直径(m)", "孔径", "桩径", "钻孔直径"])
def test_a_diameter_is_twice_the_radius(tmp_path: Path, word: str) -> None:
    assert properties(sized(tmp_path, word), "points") == {"radius_m": 3.0}
    assert refused(sized(tmp_path, word, "半径"), "points") == {"columns_twice"}
    for shape in ("line", "area"):
        assert refused(sized(tmp_path, word, said="DN300"), shape) == {"sizes_unclear"}
    assert properties(sized(tmp_path, "桩径(mm)", said=1500), "points") == {"radius_m": 0.75}


def test_accuracies_of_receivers(tmp_path: Path) -> None:
    for words in (["HRMS"], ["RMS"], ["HRMS", "VRMS", "RMS"], ["平面精度"]):
        assert properties(sized(tmp_path, *words, said=3.2), "area") == {"accuracy_m": 3.2}


@pytest.mark.parametrize("word", ["左宽", "埋深", "平均挖深", "覆土深度", "外径(m)", "最小宽度"])
def test_what_could_be_a_size_is_asked_about(tmp_path: Path, word: str) -> None:
    for shape in ("area", "line", "points"):
        assert refused(sized(tmp_path, word), shape) == {"sizes_unclear"}
    assert refused(sized(tmp_path, word, said="2~3")) == {"sizes_unclear"}
    assert listed(sized(tmp_path, word, said=None))


@pytest.mark.parametrize("word", ["管径", "道路宽度", "边长", "长度(m)", "高程"])
def test_what_is_no_size_of_the_dig_is_left(tmp_path: Path, word: str) -> None:
    assert properties(sized(tmp_path, word), "line") == {}

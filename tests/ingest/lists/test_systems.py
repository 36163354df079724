"""What a table says of its coordinate system is held against the one declared, wherever in the table it stands."""

from pathlib import Path
from typing import Any

import pytest

from ingest import Reading, plan_document
from ingest.plans.lists.coordinates import read_coordinates
from spatial.errors import Refused
from tests.ingest.dock import codes
from tests.ingest.lists.test_lists import NORTH_EAST, table

HEAD = ("点号", "X", "Y")
ROWS = [(f"J{n}", *at) for n, at in enumerate(NORTH_EAST)]


def read(path: Path, system: Any = ("2000", 102.0)) -> int:
    return len(read_coordinates(path, Reading(), "area", False, False, system)[0])


@pytest.mark.parametrize(
    "said",
    [
        "坐标系：1980西安坐标系",
        "1980年西安坐标系",
        "坐标系:西安80",
        "北京54坐标系",
        "1954年北京坐标系",
        "坐标系统：城市独立坐标系",
        "CGCS2000坐标系 中央子午线105°",
        "坐标系: CGCS2000, L0=105",
        "CGCS2000 3度带 35带",
        "中央子午线（L0）：105度",
        "中央子午线 105 3度带",
        "中央子午线：102°30′",
        "CGCS2000 CM 105E",
        "GCJ-02",
    ],
)
def test_another_system_is_refused_wherever_it_is_said(tmp_path: Path, said: str) -> None:
    for rows in [(HEAD, *ROWS, (said, None, None)), ((said,), HEAD, *ROWS)]:
        for name in ("a.csv", "a.xlsx"):
            path = table(tmp_path, *rows, name=name)
            with pytest.raises(Refused) as caught:
                read(path)
            assert codes(caught.value) == {"crs_said_in_table"}
            with pytest.raises(Refused) as caught:
                plan_document(path, "EPSG:4543", Reading(), "area")
            assert codes(caught.value) == {"crs_said_in_table"}


@pytest.mark.parametrize("said", ["(西安80)", "（80坐标系）", "(54北京)"])
def test_a_heading_says_it_too(tmp_path: Path, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read(table(tmp_path, ("点号", f"X{said}", f"Y{said}"), *ROWS))
    assert codes(caught.value) == {"crs_said_in_table"}


@pytest.mark.parametrize(
    "said",
    [
        "西安市某路开挖范围 拐点坐标",
        "坐标系：2000国家大地坐标系，中央子午线102°",
        "WGS84",
        "CGCS2000 3度带 34带",
        "由1980西安坐标系转换至CGCS2000",
        "北京某公司",
        "1985国家高程基准，2000国家大地坐标系",
        "深度以cm计 2026年",
        "中央子午线 102 3度带",
    ],
)
def test_what_agrees_is_no_fault(tmp_path: Path, said: str) -> None:
    assert read(table(tmp_path, (said,), HEAD, *ROWS)) == 1


def test_another_declared_system_agrees_with_its_own_words(tmp_path: Path) -> None:
    path = table(tmp_path, ("1980西安坐标系 中央子午线102°",), HEAD, *ROWS)
    assert read(path, ("1980", 102.0)) == read(path, None) == 1
    cut = table(tmp_path, ("坐标系=80国家大地坐标系,带号=34",), HEAD, *ROWS, name="b.csv")
    with pytest.raises(Refused):
        read(cut)


def test_columns_of_two_systems_are_refused_as_two(tmp_path: Path) -> None:
    heads = ("点号", "X(西安80)", "Y(西安80)", "X(CGCS2000)", "Y(CGCS2000)")
    rows = [(*row, row[1] + 3.5, row[2] + 110.5) for row in ROWS]
    with pytest.raises(Refused) as caught:
        read(table(tmp_path, heads, *rows))
    assert codes(caught.value) == {"columns_twice"}

"""Coordinates as people write them, and what is told of those written too coarsely."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest import Reading, plan_document
from ingest.plans.lists.coordinates import read_coordinates
from spatial.errors import Refused
from tests.ingest.lists.test_lists import NORTH_EAST, listed, refused, table

DEGREES = [(101.77, 36.61), (101.77 + 1 / 7200, 36.61), (101.77 + 1 / 7200, 36.61 + 1 / 7200)]


@pytest.mark.parametrize(
    "spelt",
    [
        ("101°46′12″", "36°36′36″", "101°46′12.5″", "36°36′36.5″"),
        ("101º46'12\"", "36º36'36\"", "101º46'12.5\"", "36º36'36.5\""),
        ("101˚46’12”E", "36˚36’36”N", "101˚46’12.5”E", "36˚36’36.5”N"),
        ("东经101度46分12秒", "北纬36度36分36秒", "东经101度46分12.5秒", "北纬36度36分36.5秒"),
        ("101°46.2′", "36°36.6′", "101°46′12.5″", "36°36′36.5″"),
        ("101-46-12", "36-36-36", "101-46-12.5", "36-36-36.5"),
        ("101:46:12", "36:36:36", "101:46:12.5", "36:36:36.5"),
        ("１０１°４６′１２″", "36°36′36″", "101°46′12.5″", "36°36′36.5″"),
        ("101 46 12", "36 36 36", "101 46 12.5", "36  36 36.5"),
        ("101:46:12E", "036:36:36N", "101:46:12.5E", "036:36:36.5N"),
        ("101.77E", "36.61N", "101.77013888888889E", "36.61013888888889N"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_degrees_with_minutes_and_seconds_are_read(tmp_path: Path, spelt: Sequence[str], ending: str) -> None:
    lon, lat, east, north = spelt
    rows = [("经度", "纬度"), (lon, lat), (east, lat), (east, north)]
    (found,) = listed(table(tmp_path, *rows, name=f"拐点.{ending}"))
    np.testing.assert_allclose(found["geometry"]["coordinates"][0][:3], DEGREES, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        "101°60′00″",
        "101°46′60″",
        "101.5°10′",
        "101°46′12″S",
        "2026-11-30",
        "10:30",
        "101 60 12",
        "101 46",
        "1 01.5",
    ],
)
def test_what_is_no_angle_is_refused(tmp_path: Path, wrong: str) -> None:
    rows = [("经度", "纬度"), *DEGREES, (wrong, 36.61)]
    assert refused(table(tmp_path, *rows)) == {"coordinate_unreadable"}


def test_signed_degrees_need_no_headings(tmp_path: Path) -> None:
    rows = [
        (1, "36°36′36.04″", "101°46′12.01″"),
        (2, "36°36′36.51″", "101°46′12.51″"),
        (3, "36°36′37″", "101°46′12″"),
    ]
    (found,) = listed(table(tmp_path, *rows))
    assert found["geometry"]["coordinates"][0][0] == pytest.approx([101.77000277777, 36.61001111111])


@pytest.mark.parametrize(
    ("rows", "coarse"),
    [
        ([("经度", "纬度"), (101.4612, 36.3636), (101.4613, 36.3636), (101.4613, 36.3637)], 3),
        (
            [
                ("经度", "纬度"),
                ("101°46′12″", "36°36′36″"),
                ("101°46′13″", "36°36′36″"),
                ("101°46′13″", "36°36′37″"),
            ],
            3,
        ),
        ([("经度", "纬度"), (101.4612, 36.3636), (101.46131, 36.3636), (101.4613, 36.3637)], 0),
        (
            [
                ("经度", "纬度", "精度"),
                (101.4612, 36.3636, 9),
                (101.4613, 36.3636, 9),
                (101.4613, 36.3637, 9),
            ],
            0,
        ),
        ([("X", "Y"), (4_054_000, 480_000), (4_054_000, 480_020), (4_054_010, 480_020)], 0),
        ([("X", "Y"), (36.3636, 101.4612), (36.3636, 101.4613), (36.3637, 101.4613)], 3),
    ],
)
def test_degrees_written_to_ten_metres_are_told_of(tmp_path: Path, rows: list[Any], coarse: int) -> None:
    """They may be degrees, minutes and seconds behind a point, and then lie 30 km from where they are drawn."""
    _, notes = read_coordinates(table(tmp_path, *rows), Reading(), "area", False)
    assert notes.get("degrees_coarse", 0) == coarse


def test_several_pits_of_a_table_are_several_areas(tmp_path: Path) -> None:
    rows = [
        ("基坑", "X", "Y"),
        *(("A", *at) for at in NORTH_EAST),
        *(("B", y + 50, x) for y, x in NORTH_EAST),
    ]
    assert [one["id"] for one in listed(table(tmp_path, *rows))] == ["A", "B"]


@pytest.mark.parametrize("name", ["方案.pdf", "照片.jpg", "说明.docx"])
def test_who_sends_a_picture_is_told_what_to_ask_for(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.7")
    with pytest.raises(Refused) as caught:
        plan_document(tmp_path / name, None)
    (fault,) = caught.value.faults
    assert fault.code == "file_kind_unknown" and "DXF" in fault.en and "拐点坐标表" in fault.zh

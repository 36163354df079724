"""Small survey tables, written as surveyors' programs write them: Xining, EPSG:4522 (zone 34)."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from spatial.values import Asset, NetworkIntake
from tests.ingest.dock import network

CRS = "EPSG:4522"
NORTH, EAST = 4_054_000.0, 34_480_000.0
Row = Sequence[Any]

POINTS: list[Row] = [
    ("管线点号", "特征", "附属物", "X(m)", "Y(m)", "地面高程(m)"),
    ("RQ1", "起点", None, NORTH + 0.123, EAST + 0.5, 2261.00),
    ("RQ2", "三通", "阀门井", NORTH + 30, EAST + 40, 2261.20),
    ("RQ3", "弯头", None, NORTH + 30, EAST + 100, 2261.30),
    ("RQ4", None, "调压箱", NORTH + 60, EAST + 100, 2261.30),
]
LINES: list[Row] = [
    ("起点点号", "终点点号", "管线类别", "起点管顶埋深", "终点管顶埋深", "材质", "管径", "压力级别", "使用状态", "埋设日期"),
    ("RQ1", "RQ2", "RQ", 1.2, 1.3, "钢", "DN200", "中压A", "在用", "2012-06-01"),
    ("RQ2", "RQ3", "TR", "-", 1.3, "PE", "De110", "0.4MPa", "废弃", "2015年"),
    ("RQ3", "RQ4", None, 0, 9.99, "PE", 200, "低压", "在用", "9999-12-31"),
]  # fmt: skip
LINKS: list[Row] = [
    ("管线点成果表",),
    ("图上点号", "物探点号", "连接点号", "管线点", None, "材质", "管径或断面尺寸(mm)", "平面坐标(m)", None, "地面高程", "管顶高程", "埋深", "压力"),
    (None, None, None, "特征", "附属物", None, None, "X", "Y", None, None, None, None),
    ("1", "RQ1", "RQ2", "起点", None, "钢", "219", NORTH, EAST, 2261.0, 2259.8, 1.2, "中压A"),
    ("2", "RQ2", "RQ1", None, "阀门", "钢", "219", NORTH, EAST + 50, 2261.0, 2259.5, 1.5, "中压A"),
    ("2", "RQ2", "RQ3", None, "阀门", "PE", "110", NORTH, EAST + 50, 2261.0, 2259.6, None, "中压A"),
    ("3", "RQ3", "RQ2", "终点", None, "PE", "110", NORTH, EAST + 90, 2261.0, 2260.0, 1.0, "中压A"),
]  # fmt: skip


def workbook(path: Path, **sheets: Sequence[Row]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def text_table(path: Path, rows: Sequence[Row], encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(
            ["" if cell is None else cell for cell in row] for row in rows
        )
    return path


def survey(*paths: Path, crs: str | None = CRS, **more: Any) -> NetworkIntake:
    return network(*paths, crs=crs, **more)


def by_id(intake: NetworkIntake) -> dict[str, Asset]:
    return {asset.source_id: asset for asset in intake.assets}

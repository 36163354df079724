"""Survey tables with good and bad lines, in both layouts, as CSV and as workbooks: EPSG:4522, X northing, Y easting."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import openpyxl

CRS = "EPSG:4522"
NORTH, EAST = 4_054_000.0, 34_480_000.0

WITHOUT_PLACE = ("", None, 0, "x", "nan", "1e999")
"""Coordinates that are none."""
CELLS: dict[str, tuple[Any, ...]] = {
    "管径": ("DN200", "De110", 200, 0, "", None, "abc", "-", "108x4"),
    "压力级别": ("中压A", "0.4MPa", "低压", "", None, "P2", 0.4),
    "材质": ("PE", "钢", "", None, "不详"),
    "埋设日期": ("2012-06-01", "2015年", "9999-12-31", "", None, "1900-01-01"),
    "起点埋深": (1.2, 0, 9.99, "-", "", None, "deep"),
    "终点埋深": (1.1, -1, 99.99, "无", "", None, 40),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """tables: their rows, headings first. received, taken: how many rows they are, and how many of them must become
    assets. all_near: no point lies far off, so that every row with places has ground.
    """

    tables: dict[str, list[list[Any]]]
    received: int
    taken: int
    all_near: bool


def made_survey(chance: Random) -> Survey:
    """Points that are good, without a place, twice or far off; lines between all kinds of them, and to none."""
    points: list[list[Any]] = [["点号", "附属物", "X", "Y", "地面高程"]]
    fate: dict[str, str] = {}
    received = taken = 0
    for at in range(chance.randrange(3, 24)):
        name, kind = (
            f"RQ{at}",
            "good" if at < 2 else chance.choice(["good", "good", "good", "none", "twice", "far"]),
        )
        stands = chance.choice([None, None, "", "阀门井", "调压箱"]) if at > 1 else None
        north, east = NORTH + at * 25 + chance.uniform(0, 9), EAST + chance.uniform(0, 900)
        fate[name] = kind
        if kind == "none":
            points.append([name, stands, chance.choice(WITHOUT_PLACE), east, 2261.0])
        elif kind == "far":
            points.append([name, stands, north - 3_000_000.0, east + 9_000_000.0, 2261.0])
        else:
            points.append([name, stands, north, east, chance.choice([2261.0, "", None, 0])])
        if kind == "twice":
            points.append([name, stands, north + 50, east, 2261.0])
        if stands:
            received += 1
            taken += kind == "good"
    lines: list[list[Any]] = [["起点点号", "终点点号", "管线类别", *CELLS]]
    for at in range(chance.randrange(1, 30)):
        start = "RQ0" if at == 0 else chance.choice([*fate, "RQ900", "", None])
        end = "RQ1" if at == 0 else chance.choice([*fate, "RQ901", ""])
        lines.append(
            [start, end, chance.choice(["RQ", "TR", None]), *(chance.choice(of) for of in CELLS.values())]
        )
        received += 1
        taken += start != end and all(fate.get(one or "") == "good" for one in (start, end))
    return Survey({"点表": points, "线表": lines}, received, taken, "far" not in fate.values())


def write_csv(folder: Path, survey: Survey, encoding: str) -> list[Path]:
    paths = []
    for name, rows in survey.tables.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in rows])
        paths.append(path)
    return paths


def write_workbook(folder: Path, survey: Survey) -> list[Path]:
    return [written_workbook(folder / "n.xlsx", survey.tables)]


def written_workbook(
    path: Path, tables: dict[str, Sequence[Sequence[Any]]] | dict[str, list[list[Any]]]
) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path

"""Which rows of a table of points are one shape. Where that is not said and the rows look like several, nobody guesses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ingest.files.sheets import cell_text
from ingest.plans.lists.headings import Table, cell_at, unheaded
from ingest.plans.lists.written import number
from spatial.errors import Refused

_SERIES = re.compile(r"([^+]*?)(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """A row that was read. place: as it stands; numbers: what it calls itself; group: of which shape it is;
    is_told: whether the row itself says that; skipped: rows before it that are known for no points."""

    row: int
    cells: Sequence[Any]
    place: tuple[float, float]
    numbers: tuple[str, ...] = ()
    group: str = ""
    is_told: bool = False
    skipped: int = 0


def parted(table: Table, points: Sequence[Point]) -> list[Point]:
    """The points with their numbers and groups. An empty cell of a group is that of the row above it."""
    columns, counted = _columns(table, points)
    found: list[Point] = []
    last: list[str] = [""] * len(columns)
    for point in points:
        own = [cell_text(cell_at(point.cells, column)) for column in columns]
        told = next((at for at, one in enumerate(own) if one), len(own))
        # A new plot whose ring is not told has no ring of the plot before.
        last = [
            one or (before if at < told or told == len(own) else "")
            for at, (one, before) in enumerate(zip(own, last, strict=True))
        ]
        found.append(
            replace(
                point,
                numbers=tuple(cell_text(cell_at(point.cells, column)) for column in counted),
                group="-".join(filter(None, last)),
                is_told=any(own),
            )
        )
    return found


def check_one_shape(name: str, points: Sequence[Point], shape: str) -> None:
    """:raises Refused: coordinates_several: rows of one group look like several pits or trenches."""
    _check_gaps(name, points)
    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(point.group, []).append(point)
    for own in groups.values():
        _check_numbering(name, own)
        _check_series(name, own)
        if shape == "area":
            _check_closing(name, own)


def _columns(table: Table, points: Sequence[Point]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(what parts the rows, what numbers them). A column of names is of points where none stands at two places."""
    counted = table.counted
    if not counted and not table.width and 0 not in table.fields.values():
        counted = (0,)
    counted += tuple(at for at in unheaded(table) if _numbers_points(at, points))
    parts = tuple(at for at in table.parts if names_shapes(at, points))
    return tuple(sorted((*table.groups, *parts))), counted


def names_shapes(column: int, points: Sequence[Point]) -> bool:
    """Whether what a column says is said of several places: of a shape, and not of a point."""
    at: dict[str, set[tuple[float, float]]] = {}
    for point in points:
        at.setdefault(cell_text(cell_at(point.cells, column)), set()).add(point.place)
    return any(len(places) > 1 for places in at.values())


def _numbers_points(column: int, points: Sequence[Point]) -> bool:
    """Whether a column without a heading holds text or whole numbers alone."""
    said = [text for point in points if (text := cell_text(cell_at(point.cells, column)))]
    return bool(said) and not any("." in text and number(text) is not None for text in said)


def _check_gaps(name: str, points: Sequence[Point]) -> None:
    steps = [after.row - before.row - after.skipped for before, after in pairwise(points)]
    if not steps or min(steps) == max(steps):
        return
    for step, point in zip(steps, points[1:], strict=True):
        if step > min(steps) and not point.is_told:
            raise _several(name, point.row, "comes after an empty row", "之前有空行")


def _check_numbering(name: str, own: Sequence[Point]) -> None:
    for column in range(len(own[0].numbers)):
        if len({point.numbers[column] for point in own}) == 1:
            continue  # it numbers something else
        first: dict[str, tuple[float, float]] = {}
        for point in own:
            said = point.numbers[column]
            if said and first.setdefault(said, point.place) != point.place:
                raise _several(
                    name,
                    point.row,
                    f"has the number {said[:20]} again, at another place",
                    f"的点号 {said[:20]} 已在另一位置出现过",
                )


def _check_series(name: str, own: Sequence[Point]) -> None:
    """Of A1, A2, A3, B1, B2, B3: each series begins as the one before it did. Stations (K1+020) are no such numbers."""
    for column in range(len(own[0].numbers)):
        named = [(point, _SERIES.fullmatch(point.numbers[column])) for point in own]
        series: list[list[tuple[Point, int]]] = []
        before = None
        for point, parts in named:
            if parts is None:
                break
            if parts[1] != before:
                series.append([])
            before = parts[1]
            series[-1].append((point, int(parts[2])))
        else:
            if len(series) > 1 and all(_counts_on([n for _, n in one], series[0][0][1]) for one in series):
                row = series[1][0][0].row
                raise _several(name, row, "begins another series of point numbers", "开始了另一组点号")


def _counts_on(numbers: Sequence[int], first: int) -> bool:
    own = numbers[:-1] if len(numbers) > 2 and numbers[-1] == numbers[0] else numbers
    return len(own) > 1 and list(own) == [*range(first, first + len(own))]


def _check_closing(name: str, own: Sequence[Point]) -> None:
    for point, after in pairwise(own[1:]):
        if point.place == own[0].place != after.place:
            raise _several(name, after.row, "comes after the first point was reached again", "之前已回到起点")


def _several(name: str, row: int, en: str, zh: str) -> Refused:
    return Refused.because(
        "coordinates_several",
        en=f"{name}: row {row} {en}, as if several pits or trenches stood below each other: add a column 分区 that tells of "
        "each row to which it belongs; if they are one, delete empty rows and number the points through",
        zh=f"{name}：第 {row} 行{zh}，像是多个基坑或多条沟槽上下排列：请增加“分区”列，逐行注明所属；如为同一个，请删除空行并连续编号",
    )

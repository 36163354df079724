"""The rows of a table of coordinates: each a point of what is to be dug, or refused by its number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.files.sheets import cell_text
from ingest.plans.lists.headings import Table, cell_at
from ingest.plans.lists.parting import Point
from ingest.plans.lists.sides import side_rows
from ingest.plans.lists.written import (
    coordinate,
    like_packed,
    lost_digits,
    number,
    step_of_degrees,
    whole_degrees,
    whole_digits,
)
from spatial.errors import Faults, Refused

MOST_DEG = 181.0
"""What is more stands for degrees, minutes and seconds in a row (1014640.19)."""

_REMARK = re.compile(
    r"(?:说明|注|备注|附注|面积|周长|合计|总计|制表|制图|绘图|测量|测绘|计算|审核|审定|校核|复核|检查|日期|时间|单位|坐标系统?|NOTES?)"
    r"(?:人|者|员|单位|日期|时间)?\s*(?:\([^()]*\))?\s*(?::.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""What stands under a table and is no point of it."""

_SENTENCE = re.compile(r"(?=(?:[^\u4e00-\u9fff]*[\u4e00-\u9fff]){4}).+", re.DOTALL)
_LABELLED = re.compile(r"[A-Z]?[\u4e00-\u9fff]{0,12}(?:\([^()]*\))?[:=].*", re.DOTALL)
_LIKE_A_POINT = re.compile(r"(?<![\d.])[A-Za-z]-?\d|\d{5}.*\d{5}|\d{6}\.\d", re.ASCII | re.DOTALL)
_OF_THE_DIG = re.compile(
    r"[坑沟槽段井孔桩点待补缺漏另深宽径扩延加]|外(?!业)|范围|东经|北纬|[经纬]度|\d[度°]\s*\d"
)
_NO_POINT = re.compile(r"CGCS-?2000|WGS-?84|\([km]?m[23]\)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?", re.ASCII)
"""A sentence, or a label with what it labels, that speaks of no point and no pit."""


@dataclass(frozen=True, slots=True)
class Read:
    """below: remarks under the points; sides: rows of lengths between them; steps: of what is written, in degrees; packed: whether all of it could as well be
    degrees, minutes and seconds behind a point."""

    points: list[Point]
    below: int
    sides: int
    steps: list[float]
    packed: bool


def points_of(table: Table, pair: tuple[str, str]) -> Read:
    """:raises Refused: coordinate_unreadable, coordinate_rounded, decimals_parted, degrees_in_parts: each by its row."""
    faults = Faults()
    rows = table.rows()
    last = len(rows)
    while last and _is_remark(rows[last - 1][1], [table.fields[one] for one in pair]):
        last -= 1
    sides = side_rows(table, rows[:last], pair)
    skipped = 0
    points: list[Point] = []
    steps: list[float] = []
    packed = True
    for row, cells in rows[:last]:
        if row in sides:
            skipped += 1
            continue
        written = [table.value(cells, one) for one in pair]
        x, y = map(coordinate, written)
        if x is None or y is None:
            faults.add(
                "coordinate_unreadable",
                en="this row has no two numbers for its place (write 480123.45, without thousands separators, or degrees as "
                "101.77003 or 101°46′12.11″); fill them in, or delete the row; where it begins another pit or trench, first add a "
                "column 分区 that tells the rows apart",
                zh="该行缺少可读的坐标（应写作 480123.45，不带千位分隔符；经纬度写作 101.77003 或 101°46′12.11″），请补填或删除该行；如由此开始另一个基坑或沟槽，"
                "请先增加“分区”列加以区分",
                pointer=f"row {row}",
            )
            continue
        _check_digits(table, row, cells, pair, faults)
        steps += map(step_of_degrees, written)
        packed = packed and all(map(like_packed, written))
        place = (x / table.of_a_metre.get(pair[0], 1.0), y / table.of_a_metre.get(pair[1], 1.0))
        points.append(Point(row, cells, place, skipped=skipped))
        skipped = 0
    faults.raise_if_any()
    return Read(points, len(rows) - last, len(sides), steps, packed)


def _is_remark(cells: Sequence[Any], places: Sequence[int]) -> bool:
    """Whether a row is known for one that tells of the table: no number stands for a place, and it begins as such rows do;
    or it holds sentences and labels alone."""
    said = [cell_text(cell_at(cells, at)) for at in places]
    first = next(filter(None, map(cell_text, cells)), "")
    if all(_REMARK.fullmatch(one) for one in (first, *filter(None, said))):
        return True
    rest = [
        text
        for at, cell in enumerate(cells)
        if (text := cell_text(cell)) and (at in places or number(text) is None)
    ]
    row = _NO_POINT.sub("", " ".join(map(cell_text, cells)))
    if (
        _OF_THE_DIG.search(row)
        or _LIKE_A_POINT.search(row)
        or any(coordinate(cell) is not None for cell in said)
    ):
        return False
    only_labels = any(said) and len(rest) > 1  # a name and two words for its place are a point
    return bool(rest) and rest[0] == first and all(_tells(text, only_labels) for text in rest)


def _tells(text: str, only_labels: bool) -> bool:
    is_labelled = (":" in text or "=" in text) and _LABELLED.fullmatch(text)
    is_sentence = not only_labels and _SENTENCE.fullmatch(text)
    return bool(_DATE.fullmatch(text) or _REMARK.fullmatch(text) or is_labelled or is_sentence)


def _check_digits(
    table: Table, row: int, cells: Sequence[Any], pair: tuple[str, str], faults: Faults
) -> None:
    for one in pair:
        said = table.value(cells, one)
        if lost_digits(said):
            faults.add(
                "coordinate_rounded",
                en=f"{cell_text(said)[:20]} was rounded when the table was saved: show the column as a number with three decimals "
                "and save it again, or ask for the whole number",
                zh=f"{cell_text(said)[:20]} 在保存表格时被四舍五入：请将该列设为带三位小数的数值格式后重新保存，或索取完整坐标",
                pointer=f"row {row}",
            )
            return
    if _has_numbers_behind(table, cells, pair):
        if pair[0] == "lon":
            faults.add("degrees_in_parts", en=_IN_PARTS[0], zh=_IN_PARTS[1], pointer=f"row {row}")
            return
        faults.add(
            "decimals_parted",
            en="this row has more numbers than headings, as if a comma for the decimal point had parted them: write 480123.45 "
            "with a point, or part the cells with ; or tabs; else head every column",
            zh="该行的数值多于表头，像是小数点写成了逗号而被拆开：请用小数点书写（480123.45），或改用分号、制表符分隔；否则请为每列写表头",
            pointer=f"row {row}",
        )


def _has_numbers_behind(table: Table, cells: Sequence[Any], pair: tuple[str, str]) -> bool:
    """Whether text has more numbers than headings; without headings: whole numbers stand behind both of a pair, and between."""
    if table.width:
        return any(isinstance(cell, str) and number(cell) is not None for cell in cells[table.width :])
    columns = [table.fields[one] for one in pair]
    parts = [whole_digits(cell_at(cells, column + more)) for column in columns for more in (0, 1)]
    return None not in parts and abs(columns[0] - columns[1]) > 1


_IN_PARTS = (
    "longitude and latitude are no degrees that can be read: write degrees, minutes and seconds into one cell as "
    "101°46′12.11″, or decimal degrees as 101.770031 with a point; eastings and northings are headed Y and X",
    "经纬度不是可识别的度数：度、分、秒请写在同一单元格，如 101°46′12.11″，或写成十进制度 101.770031（用小数点）；平面坐标的表头应为 X（纵坐标）、"
    "Y（横坐标）",
)


def check_degrees(name: str, points: Sequence[Point], table: Table, pair: tuple[str, str]) -> None:
    """:raises Refused: minutes and seconds stand in columns of their own, or without anything between them."""
    whole = any(all(whole_degrees(table.value(point.cells, one)) for point in points) for one in pair)
    if whole or any(abs(value) > MOST_DEG for point in points for value in point.place):
        raise Refused.because("degrees_in_parts", en=f"{name}: {_IN_PARTS[0]}", zh=f"{name}：{_IN_PARTS[1]}")


def check_sizes(name: str, points: Sequence[Point], table: Table) -> None:
    """:raises Refused: sizes_unclear: L and B beside X and Y are no degrees: the size of each hole, which nobody would see."""
    if "radius_m" in table.fields or len(table.letters) < 2:
        return
    for point in points:
        said = [number(cell_at(point.cells, column)) for column in table.letters]
        if any(value is not None and value < 3.0 for value in said) or all(
            value is not None and value < 70.0 for value in said
        ):
            raise Refused.because(
                "sizes_unclear",
                en=f"{name}: L and B of row {point.row} look like a length and a width: give each point a column 半径(m) that "
                "reaches its corners (half the diagonal), or send the corners as areas; longitude and latitude are headed 经度, 纬度",
                zh=f"{name}：第 {point.row} 行的 L、B 像是长和宽：请为每个点增加“半径(m)”列（对角线的一半，覆盖各角），或将拐点作为范围提交；"
                "如为经纬度，表头请写 经度、纬度",
            )

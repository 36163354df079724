"""Coordinate lists (拐点坐标表): tables of corners or of an axis, as .xlsx or .csv, with headings or without.

X is the northing and Y the easting, as everywhere in Chinese surveying; where the numbers can only be the other way round,
the numbers are right. What the points are, corners of an area or an axis, is never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.files.layers import choices
from ingest.files.rows import Reading, id_text
from ingest.files.sheets import Sheet, cell_text, check_worked_out, read_sheets
from ingest.plans.lists.corners import check_degrees, check_sizes, points_of
from ingest.plans.lists.headings import (
    EASTINGS,
    LEAST_WHOLE,
    Table,
    cell_at,
    check_single_pair,
    is_northing,
    looks_like_places,
    table_of,
)
from ingest.plans.lists.order import check_order
from ingest.plans.lists.parting import Point, check_one_shape, parted
from ingest.plans.lists.plots import as_table
from ingest.plans.lists.systems import System, check_system
from ingest.plans.lists.unsaid import check_parts, check_sizes_said
from ingest.plans.lists.words import MEASURES
from ingest.plans.lists.written import number
from spatial.errors import Refused

SHAPES = ("area", "line", "points")
LIST_ENDINGS = (".txt", ".dat")
"""Of lists that survey programs write; a .txt may hold well-known text as well."""
MOST_POINTS = 50_000
"""Rows of a list: no dig has as many corners, and a workbook of a million would not be read in time."""

MOST_COLUMNS = 500
COARSE_DEG = 0.9e-4
"""Four decimals of a degree are 10 m; and they are what degrees, minutes and seconds look like behind a point."""
OF_A_SHAPE = (*MEASURES, "act")

Listed = tuple[list[dict[str, Any]], dict[str, int]]


def read_coordinates(
    path: Path,
    reading: Reading,
    shape: str | None,
    local: bool,
    geographic: bool | None = None,
    system: System | None = None,
) -> Listed:
    """GeoJSON features of a table of points, in its own CRS, x = east or longitude first; and notes, counted.

    shape: one of SHAPES. local: the CRS declared is a registered grid, whose numbers may be small; geographic: it has
    degrees, which decides between X, Y and 经度, 纬度 of one table; None: it is not known.
    system: the declared one, see systems; None: it is none that tables name.
    :raises Refused: as read_sheets, and formulas_not_worked_out, plan_shape_unstated, layers_several, layer_missing, coordinates_missing,
        columns_twice, unit_unclear, crs_said_in_table, plot_unclear, coordinates_cut, coordinates_unclear, coordinates_several, points_connected, points_out_of_order, coordinate_unreadable,
        coordinate_rounded, decimals_parted, degrees_in_parts, sizes_unclear, coordinates_too_few.
    """
    sheets, _ = read_sheets(path, reading.encoding, MOST_POINTS)
    if path.suffix.lower() == ".xlsx":
        check_worked_out(path)
    table = _table(path.name, sheets, reading, system)
    if shape is None:
        raise Refused.because(
            "plan_shape_unstated",
            en=f"{path.name} is a list of points; say what they are: area (corners of the ground to be dug), line (the axis of "
            "a trench) or points (holes). On the command line: --points-are area",
            zh=f"{path.name} 是坐标点列表；请说明这些点是什么：area（开挖范围的拐点）、line（沟槽轴线）或 points（孔位）。"
            "命令行写法：--points-are area",
        )
    return _features(path.name, table, shape, local, _pair(table, geographic))


def _table(name: str, sheets: Sequence[Sheet], reading: Reading, system: System | None) -> Table:
    titles = [_title(name, sheet) for sheet in sheets]
    if reading.layers:
        wanted = [layer.removeprefix(f"{name}/") for layer in reading.layers]
        missing = [layer for layer in wanted if layer not in titles]
        if missing or len(wanted) > 1:
            raise Refused.because(
                "layer_missing",
                en=f"{name} is read one sheet at a time; --layer names one of: {', '.join(titles[:20])}",
                zh=f"{name} 一次读取一个工作表；--layer 应为其中之一：{'、'.join(titles[:20])}",
                choices=choices(titles),
            )
        sheets = [sheets[titles.index(wanted[0])]]
    _check_width(name, sheets)
    whole = {sheet.name: sheet for sheet in sheets}
    sheets = [sheet for sheet in map(as_table, sheets) if looks_like_places(sheet)]
    if len(sheets) > 1:
        there = [_title(name, sheet) for sheet in sheets]
        raise Refused.because(
            "layers_several",
            en=f"{name} has several sheets with coordinates ({', '.join(there[:20])}); say which is meant with --layer",
            zh=f"{name} 有多个含坐标的工作表（{'、'.join(there[:20])}）；请用 --layer 指定",
            choices=choices(there),
        )
    table = table_of(sheets[0]) if sheets else None
    if table is None:
        raise _missing(name)
    check_single_pair(table)
    check_system(whole[sheets[0].name], system)
    return table


def _check_width(name: str, sheets: Sequence[Sheet]) -> None:
    if any(len(cells) > MOST_COLUMNS for sheet in sheets for cells in sheet.rows):
        raise Refused.because(
            "sheet_too_large",
            en=f"{name} has a row of more than {MOST_COLUMNS} cells, which no table of coordinates needs: delete the columns that "
            "are not needed, and write one point a row",
            zh=f"{name} 有一行超过 {MOST_COLUMNS} 个单元格，坐标表不需要这么多：请删除无关的列，并每行只写一个点",
        )


def _title(name: str, sheet: Sheet) -> str:
    return sheet.name.removeprefix(f"{name}/")


def _pair(table: Table, geographic: bool | None) -> tuple[str, str]:
    """The columns of x and y; of two pairs the one in the units of the CRS declared."""
    both = {"north", "east", "lon", "lat"} <= table.fields.keys()
    if {"lon", "lat"} <= table.fields.keys() and not (both and geographic is False):
        return "lon", "lat"
    return "east", "north"


def _features(name: str, table: Table, shape: str, local: bool, pair: tuple[str, str]) -> Listed:
    read = points_of(table, pair)
    if not read.points:
        raise _missing(name)
    if pair[0] == "lon":
        check_degrees(name, read.points, table, pair)
    points = parted(table, read.points)
    check_sizes_said(name, table, points, shape)
    if shape == "points":
        check_sizes(name, points, table)
    else:
        check_order(name, table, points, shape)
        check_one_shape(name, points, shape)
        check_parts(name, table, points)
    places = [point.place for point in points]
    swapped = pair[0] == "east" and _swapped(name, places, local, table.width > 0)
    groups: dict[str, list[Point]] = {}
    for point in points:
        turned = replace(point, place=point.place[::-1]) if swapped else point
        groups.setdefault(point.group, []).append(turned)
    features = [
        feature for group, own in groups.items() for feature in _shapes(name, group, own, table, shape)
    ]
    easts, norths = ([place[axis] for place in places] for axis in ((1, 0) if swapped else (0, 1)))
    if not _are_degrees(easts, norths):
        return features, {"rows_below": read.below, "rows_of_sides": read.sides}
    are_coarse = min(read.steps) >= COARSE_DEG and "accuracy_m" not in table.fields
    return features, {
        "degrees_coarse": len(places) if are_coarse else 0,
        "degrees_packed": len(places) if read.packed and not are_coarse else 0,
        "rows_below": read.below,
        "rows_of_sides": read.sides,
    }


def _swapped(name: str, places: Sequence[tuple[float, float]], local: bool, headed: bool) -> bool:
    """Whether east and north stand the other way round than X and Y do. :raises Refused: the numbers cannot be told."""
    easts, norths = ([place[axis] for place in places] for axis in (0, 1))
    if _are_eastings(easts) and _are_northings(norths):
        return False
    if _are_eastings(norths) and _are_northings(easts):
        return True
    if local and headed:
        return False
    if _are_degrees(easts, norths):
        return False
    if _are_degrees(norths, easts):
        return True
    small = min(map(abs, (*easts, *norths)))
    if small < LEAST_WHOLE and not local:
        raise Refused.because(
            "coordinates_cut",
            en=f"{name} has coordinates such as {small:.12g}, which have too few digits for a public system: were leading "
            "digits cut off (X = 4 054 321 written as 54 321)? Ask the designer for the whole numbers, or for the name "
            "of the city's grid and declare that (--crs grid:NAME)",
            zh=f"{name} 中有 {small:.12g} 这样的坐标，位数不足：是否省略了前几位（例如 X = 4 054 321 写成 54 321）？请向设计单位"
            "索取完整坐标；如为城市独立坐标，请问明名称并以 --crs grid:名称 声明",
        )
    raise Refused.because(
        "coordinates_unclear",
        en=f"{name}: which column is the northing cannot be told from the numbers; head the columns X (northing) and Y "
        "(easting), and check that no point is elsewhere than the others",
        zh=f"{name}：无法从数值判断哪一列是纵坐标；请将表头写为 X（纵坐标）、Y（横坐标），并检查是否有点位异常",
    )


def _are_northings(values: Sequence[float]) -> bool:
    return all(map(is_northing, values))


def _are_eastings(values: Sequence[float]) -> bool:
    return any(all(low <= value <= high for value in values) for low, high in EASTINGS)


def _are_degrees(lons: Sequence[float], lats: Sequence[float]) -> bool:
    return all(73 <= value <= 136 for value in lons) and all(3 <= value <= 54 for value in lats)


def _shapes(name: str, group: str, points: Sequence[Point], table: Table, shape: str) -> list[dict[str, Any]]:
    said = [_said(table, point.cells) for point in points]
    if shape == "points":
        return [
            _feature("Point", list(point.place), own, id_text(_called(table, point.cells)))
            for point, own in zip(points, said, strict=True)
        ]
    places = [point.place for point in points]
    if shape == "area" and len(places) > 1 and places[0] == places[-1]:
        places = places[:-1]
    fewest = 3 if shape == "area" else 2
    if len(places) < fewest:
        raise Refused.because(
            "coordinates_too_few",
            en=f"{name}: {group or 'the table'} has {len(places)} points; an area needs 3, a line 2",
            zh=f"{name}：{group or '该表'}只有 {len(places)} 个点；范围至少 3 个，线至少 2 个",
        )
    drawn, own = [list(at) for at in places], _of_all(said)
    if shape == "area":
        return [_feature("Polygon", [[*drawn, drawn[0]]], own, group or None)]
    return [_feature("LineString", drawn, own, group or None)]


def _called(table: Table, cells: Sequence[Any]) -> str:
    """What a row calls its point, under a heading that says so."""
    columns = (*table.counted, *table.parts) if table.width else ()
    return cell_text(cell_at(cells, columns[0])) if columns else ""


def _said(table: Table, cells: Sequence[Any]) -> dict[str, Any]:
    """What a row says of its shape, in metres; what is no number is left to be refused."""
    own: dict[str, Any] = {}
    for name in OF_A_SHAPE:
        value = table.value(cells, name)
        if value is not None:
            metres = None if name == "act" else number(value)
            own[name] = cell_text(value) if metres is None else metres / table.of_a_metre.get(name, 1.0)
    return own


def _of_all(said: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the rows of one shape say of it: the largest number, and every act; what is no number is left to be refused."""
    own: dict[str, Any] = {}
    for field in OF_A_SHAPE:
        values = list(dict.fromkeys(row[field] for row in said if field in row))
        words = [value for value in values if isinstance(value, str)]
        if field == "act" and len(values) > 1:
            own["acts"] = values
        elif values:
            own[field] = words[0] if words else max(values)
    return own


def _feature(kind: str, coordinates: Any, own: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": dict(own),
    }


def _missing(name: str) -> Refused:
    return Refused.because(
        "coordinates_missing",
        en=f"{name} has no table of coordinates: two columns of numbers, headed X and Y (X is the northing) or 经度 and "
        "纬度, one point a row",
        zh=f"{name} 中没有坐标表：应有两列数字，表头为 X、Y（X 为纵坐标）或 经度、纬度，每行一个点",
    )

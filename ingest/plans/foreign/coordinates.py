"""Coordinate lists (拐点坐标表): tables of corners or of an axis, as .xlsx or .csv, with headings or without.

X is the northing and Y the easting, as everywhere in Chinese surveying; where the numbers can only be the other way round,
the numbers are right. What the points are, corners of an area or an axis, is never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.files.layers import choices
from ingest.files.rows import Reading, id_text
from ingest.files.sheets import Sheet, cell_text, check_worked_out, heading_of, read_sheets
from ingest.plans.foreign.written import coordinate, degrees, number, step_of_degrees
from spatial.errors import Faults, Refused

SHAPES = ("area", "line", "points")
LIST_ENDINGS = (".txt", ".dat")
"""Of lists that survey programs write; a .txt may hold well-known text as well."""
MOST_POINTS = 50_000
"""Rows of a list: no dig has as many corners, and a workbook of a million would not be read in time."""
NORTHINGS = (1_900_000.0, 6_200_000.0)
"""Of all of China, 17 to 55 degrees north."""
EASTINGS = ((100_000.0, 900_000.0), (13_000_000.0, 46_000_000.0))
"""Within a zone, and with the zone's number before it."""
LEAST_WHOLE = 100_000.0
"""Numbers of a public system have at least six digits before the point; fewer are a local grid's, or were cut."""

COARSE_DEG = 0.9e-4
"""Four decimals of a degree are 10 m; and they are what degrees, minutes and seconds look like behind a point."""

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "north": ("X", "X坐标", "纵坐标", "纵坐标X", "X纵坐标", "北坐标", "北", "N", "NORTH", "NORTHING"),
    "east": ("Y", "Y坐标", "横坐标", "横坐标Y", "Y横坐标", "东坐标", "东", "E", "EAST", "EASTING"),
    "lon": ("经度", "东经", "LON", "LNG", "LONG", "LONGITUDE", "L"),
    "lat": ("纬度", "北纬", "LAT", "LATITUDE", "B"),
    "number": ("点号", "序号", "编号", "点名", "桩号", "拐点", "拐点号", "NO", "ID", "POINT"),
    "group": (
        "地块",
        "地块号",
        "图形",
        "图形号",
        "范围",
        "范围号",
        "段",
        "段号",
        "基坑",
        "基坑号",
        "基坑编号",
        "坑号",
        "分区",
        "区块",
        "区块号",
        "管段",
        "管段号",
        "圈号",
        "名称",
        "PART",
        "GROUP",
    ),
    "depth_m": ("深度", "挖深", "开挖深度", "DEPTHM"),
    "half_width_m": ("半宽", "HALFWIDTHM"),
    "width_m": ("宽度", "沟宽", "开挖宽度", "WIDTHM"),
    "radius_m": ("半径", "RADIUSM"),
    "accuracy_m": ("精度", "定位精度", "水平精度", "ACCURACY", "ACCURACYM", "HACC"),
    "act": ("ACT",),
}
_MEANT = {word: name for name, words in _HEADINGS.items() for word in words}
OF_A_SHAPE = ("depth_m", "half_width_m", "width_m", "radius_m", "accuracy_m", "act")


Listed = tuple[list[dict[str, Any]], dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Table:
    """fields: our name -> column; first: the first row of points."""

    sheet: Sheet
    fields: Mapping[str, int]
    first: int


def read_coordinates(path: Path, reading: Reading, shape: str | None, local: bool) -> Listed:
    """GeoJSON features of a table of points, in its own CRS, x = east or longitude first; and notes, counted.

    shape: one of SHAPES. local: the CRS declared is a registered grid, whose numbers may be small.
    :raises Refused: as read_sheets, and formulas_not_worked_out, plan_shape_unstated, layers_several, layer_missing, coordinates_missing,
        coordinates_cut, coordinates_unclear, coordinate_unreadable, coordinates_too_few.
    """
    sheets, _ = read_sheets(path, reading.encoding, MOST_POINTS)
    if path.suffix.lower() == ".xlsx":
        check_worked_out(path)
    table = _table(path.name, sheets, reading)
    if shape is None:
        raise Refused.because(
            "plan_shape_unstated",
            en=f"{path.name} is a list of points; say what they are: area (corners of the ground to be dug), line (the axis of "
            "a trench) or points (holes). On the command line: --points-are area",
            zh=f"{path.name} 是坐标点列表；请说明这些点是什么：area（开挖范围的拐点）、line（沟槽轴线）或 points（孔位）。"
            "命令行写法：--points-are area",
        )
    return _features(path.name, table, shape, local)


def _table(name: str, sheets: Sequence[Sheet], reading: Reading) -> _Table:
    titles = [sheet.name.removeprefix(f"{name}/") for sheet in sheets]
    if reading.layers:
        missing = [layer for layer in reading.layers if layer not in titles]
        if missing or len(reading.layers) > 1:
            raise Refused.because(
                "layer_missing",
                en=f"{name} is read one sheet at a time; --layer names one of: {', '.join(titles[:20])}",
                zh=f"{name} 一次读取一个工作表；--layer 应为其中之一：{'、'.join(titles[:20])}",
                choices=choices(titles),
            )
        sheets = [sheets[titles.index(reading.layers[0])]]
    tables = [table for table in map(_headed, sheets) if table is not None]
    if not tables:
        raise _missing(name)
    if len(tables) > 1:
        raise Refused.because(
            "layers_several",
            en=f"{name} has several sheets with coordinates ({', '.join(t.sheet.name for t in tables[:20])}); say which is "
            "meant with --layer",
            zh=f"{name} 有多个含坐标的工作表（{'、'.join(t.sheet.name for t in tables[:20])}）；请用 --layer 指定",
            choices=choices([table.sheet.name.removeprefix(f"{name}/") for table in tables]),
        )
    return tables[0]


def _headed(sheet: Sheet) -> _Table | None:
    """The columns by the first row that heads any; without one, by the first row with two numbers and only two."""
    for at, cells in enumerate(sheet.rows[:20]):
        named: dict[str, int] = {}
        for column, cell in enumerate(cells):
            meant = _MEANT.get(heading_of(cell)[0])
            if meant is not None:
                named.setdefault(meant, column)
        if {"north", "east"} <= named.keys() or {"lon", "lat"} <= named.keys():
            return _Table(sheet, named, at + 1)
    for at, cells in enumerate(sheet.rows[:20]):
        numbers = [
            (column, value)
            for column, cell in enumerate(cells)
            if (value := number(cell)) is not None or (value := degrees(cell)) is not None
        ]
        # Not the number of a point, nor a height: a coordinate by its size, else by its digits.
        large = [column for column, value in numbers if abs(value) >= LEAST_WHOLE]
        if not large:
            large = [column for column, value in numbers if 3.0 < value < 136.0 and not value.is_integer()]
        if len(large) == 2:
            return _Table(sheet, {"north": large[0], "east": large[1]}, at)
    return None


def _features(name: str, table: _Table, shape: str, local: bool) -> Listed:
    faults = Faults()
    groups: dict[str, list[tuple[float, float]]] = {}
    said: dict[str, list[dict[str, Any]]] = {}
    pair = ("lon", "lat") if {"lon", "lat"} <= table.fields.keys() else ("east", "north")
    steps: list[float] = []
    for row, cells in zip(table.sheet.numbers[table.first :], table.sheet.rows[table.first :], strict=True):
        written = [_cell(cells, table.fields[one]) for one in pair]
        x, y = map(coordinate, written)
        if x is None or y is None:
            faults.add(
                "coordinate_unreadable",
                en="this row has no two numbers for its place (write 480123.45, without thousands separators, or degrees as "
                "101.77003 or 101°46′12.11″); fill them in, or delete the row",
                zh="该行缺少可读的坐标（应写作 480123.45，不带千位分隔符；经纬度写作 101.77003 或 101°46′12.11″），请补填或删除该行",
                pointer=f"row {row}",
            )
            continue
        steps += map(step_of_degrees, written)
        group = cell_text(_cell(cells, table.fields.get("group"))) or next(reversed(groups), "")
        groups.setdefault(group, []).append((x, y))
        own = {
            field: cell_text(value) if field == "act" or (said_m := number(value)) is None else said_m
            for field in OF_A_SHAPE
            if (value := _cell(cells, table.fields.get(field))) is not None
        }
        if shape == "points":
            own["id"] = id_text(cell_text(_cell(cells, table.fields.get("number"))))
        said.setdefault(group, []).append(own)
    faults.raise_if_any()
    if not groups:
        raise _missing(name)
    places = [place for of in groups.values() for place in of]
    swapped = pair[0] == "east" and _swapped(name, places, local)
    features = [
        feature
        for group, drawn in groups.items()
        for feature in _shapes(
            name, group, [(y, x) if swapped else (x, y) for x, y in drawn], said[group], shape
        )
    ]
    easts, norths = ([place[axis] for place in places] for axis in ((1, 0) if swapped else (0, 1)))
    are_coarse = _are_degrees(easts, norths) and min(steps) >= COARSE_DEG and "accuracy_m" not in table.fields
    return features, {"degrees_coarse": len(places) if are_coarse else 0}


def _cell(cells: Sequence[Any], at: int | None) -> Any:
    return None if at is None or at >= len(cells) else cells[at]


def _swapped(name: str, places: Sequence[tuple[float, float]], local: bool) -> bool:
    """Whether east and north stand the other way round than X and Y do. :raises Refused: the numbers cannot be told."""
    easts, norths = ([place[axis] for place in places] for axis in (0, 1))
    if _are_eastings(easts) and _are_northings(norths):
        return False
    if _are_eastings(norths) and _are_northings(easts):
        return True
    if _are_degrees(easts, norths):
        return False
    if _are_degrees(norths, easts):
        return True
    if local:
        return False
    small = min(map(abs, (*easts, *norths)))
    if small < LEAST_WHOLE:
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
    return all(NORTHINGS[0] <= value <= NORTHINGS[1] for value in values)


def _are_eastings(values: Sequence[float]) -> bool:
    return any(all(low <= value <= high for value in values) for low, high in EASTINGS)


def _are_degrees(lons: Sequence[float], lats: Sequence[float]) -> bool:
    return all(73 <= value <= 136 for value in lons) and all(3 <= value <= 54 for value in lats)


def _shapes(
    name: str, group: str, places: list[tuple[float, float]], said: list[dict[str, Any]], shape: str
) -> list[dict[str, Any]]:
    if shape == "points":
        return [_feature("Point", list(at), own, own.pop("id")) for at, own in zip(places, said, strict=True)]
    if shape == "area" and places[0] == places[-1]:
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

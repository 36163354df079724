"""Survey tables as rows: each line between two points is one, and each valve, regulator or station at a point."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.geojson import no_rows, too_many_rows
from ingest.files.rows import MAX_ROWS, Pick, Rows
from ingest.files.sheets import cell_text, read_sheets
from ingest.networks.columns import COLUMNS, UNITS
from ingest.networks.survey.depths import Depth, Depths
from ingest.networks.survey.headings import HEADINGS, Table, table_of
from ingest.networks.survey.links import Line, lines_of
from ingest.networks.survey.points import Cells, Point, cell_at, cell_of, points_of, what_stands
from spatial.columns import Coded
from spatial.errors import Refused
from spatial.words import AssetKind

POINT_NUMBERS = "id"
"""A column of ours: the point numbers of a row, for whoever promises that they stay as they are (--id-field id)."""

_PLAIN_COLUMNS = ("material", "status", "laid_on", "surveyed_on")
_OF_POINTS = ("status", "laid_on", "surveyed_on", "pressure_class")
"""What the row of a point says of what stands there."""


def read_survey(
    paths: Sequence[str | PathLike[str]], pick: Pick, encoding: str | None, depth_unit: str | None
) -> Rows:
    """All point and line tables of the files together, X as northing and Y as easting.

    The columns are those of the tables as they are headed, and ours made of them. depth_unit: as the map states it.
    :raises Refused: as read_sheets, survey_tables_missing, network_empty, file_too_many_rows.
    """
    warnings: Counter[str] = Counter()
    tables: list[Table] = []
    sources: list[tuple[str, str]] = []
    for path in paths:
        sheets, source = read_sheets(path, encoding)
        sources.append(source)
        for sheet in sheets:
            table = table_of(sheet)
            if table is not None:
                tables.append(table)
            elif sheet.rows:
                warnings["sheet_not_read"] += len(sheet.rows)
    _check_tables(tables, [name for name, _ in sources])
    points = points_of(tables)
    lines = lines_of(tables, points, warnings)
    used = {number for line in lines for number in (line.start, line.end)}
    standing = {number: point for number, point in points.items() if point.standing is not None}
    used |= standing.keys()
    idle = sum(point.is_gas for number, point in points.items() if number not in used)
    if idle:
        warnings["points_unused"] += idle
    name = sources[-1][0]
    if not lines and not standing:
        raise no_rows(name)
    if len(lines) + len(standing) > MAX_ROWS:
        raise too_many_rows(name)

    ours = _our_columns(lines, standing, points, tables, depth_unit, warnings)
    theirs = {heading: None for table in tables for heading in table.names}
    names = [*theirs, *(own for own in ours if own not in theirs)]
    columns = {}
    for own, wanted in pick(names).items():
        as_headed = wanted not in ours or (wanted == POINT_NUMBERS and wanted in theirs)
        columns[own] = Coded.of(_as_headed(wanted, lines, standing, warnings) if as_headed else ours[wanted])
    geometry, fault, bounds = _shapes(lines, standing, points)
    return Rows(
        geometry=geometry,
        fault=fault,
        bounds=bounds,
        columns=columns,
        ids=ours[POINT_NUMBERS],
        names=names,
        embedded_crs=None,
        sources=tuple(sources),
        warnings=dict(warnings),
    )


def _check_tables(tables: Sequence[Table], names: Sequence[str]) -> None:
    missing = [
        (en, zh)
        for there, en, zh in (
            (
                any(table.has_places for table in tables),
                f"point table (a column of point numbers, such as {HEADINGS['point'][1]}, with X and Y)",
                f"点表（点号列，如“{HEADINGS['point'][1]}”，以及 X、Y 列）",
            ),
            (
                any(table.has_lines or table.has_links for table in tables),
                "line table (起点点号 and 终点点号), or a column 连接点号 beside the point numbers",
                "线表（起点点号、终点点号列），或在点号旁的“连接点号”列",
            ),
        )
        if not there
    ]
    if missing:
        raise Refused.because(
            "survey_tables_missing",
            en=f"{', '.join(names)}: found no {' and no '.join(en for en, _ in missing)}; name the point table and the "
            "line table together, and put one row of headings above the data",
            zh=f"{'、'.join(names)}：未找到{'，也未找到'.join(zh for _, zh in missing)}；请同时给出点表和线表，并在数据上方保留一行表头",
        )


# -- columns


def _our_columns(
    lines: Sequence[Line],
    standing: Mapping[str, Point],
    points: Mapping[str, Point],
    tables: Sequence[Table],
    depth_unit: str | None,
    warnings: Counter[str],
) -> dict[str, list[Any]]:
    """Ours, one cell a row, of what the tables have at all."""
    blank: list[Any] = [None] * len(standing)
    there = {name for table in tables for name in table.fields}
    rows = [point.standing for point in standing.values() if point.standing is not None]
    found: dict[str, list[Any]] = {
        POINT_NUMBERS: [*(_line_number(line) for line in lines), *standing],
        "asset": [*["pipe"] * len(lines), *(what_stands(*row) for row in rows)],
    }
    for name in (*_PLAIN_COLUMNS, *(own for own in COLUMNS if own not in found)):
        if name in there:
            found.setdefault(name, [*(_both(line, _reading(name), warnings) for line in lines), *blank])
            if name in _OF_POINTS:
                found[name][len(lines) :] = [_reading(name)(*row) for row in rows]
    if "pressure_class" in found:
        _lend_to_valves(found, lines)
    if any(table.diameter is not None for table in tables):
        found["diameter_mm"] = [*(_both(line, _diameter, warnings) for line in lines), *blank]
        found["diameter_basis"] = [*(_diameter_basis(line.table) for line in lines), *blank]
    if any(table.depths or table.elevations for table in tables):
        read = Depths(points, depth_unit, warnings)
        ends = [read.of(line) for line in lines]
        # The map's unit is applied to every number of the column, so they are put into it here.
        unit = 1.0 if depth_unit is None else UNITS["cover_m"][depth_unit]
        for name, at in (("cover_m", 0), ("cover_end_m", 1)):
            found[name] = [*(_in_unit(depths[at].cell, unit) for depths in ends), *blank]
        found["cover_to"] = [*(_common_basis(start, end) for start, end in ends), *blank]
    return found


def _lend_to_valves(found: Mapping[str, list[Any]], lines: Sequence[Line]) -> None:
    """A valve without a pressure of its own has that of the lines that meet in it, where they are all of one."""
    pressures: dict[str | None, set[str]] = {}
    for line, cell in zip(lines, found["pressure_class"], strict=False):
        for number in (line.start, line.end):
            pressures.setdefault(number, set()).add(cell_text(cell))
    for row in range(len(lines), len(found["asset"])):
        lent = pressures.get(found[POINT_NUMBERS][row], set())
        if (
            found["asset"][row] == AssetKind.VALVE
            and len(lent) == 1
            and not cell_text(found["pressure_class"][row])
        ):
            found["pressure_class"][row] = next(iter(lent))


def _line_number(line: Line) -> str:
    """A line without both its numbers goes by the row it stands in."""
    return f"{line.start}-{line.end}" if line.start and line.end else line.where


def _in_unit(cell: Any, unit: float) -> Any:
    return round(cell / unit, 6) if isinstance(cell, float) else cell


def _common_basis(start: Depth, end: Depth) -> str | None:
    """To what of the pipe the depths of a line are measured, None where it is not the same at both ends."""
    bases = {depth.basis for depth in (start, end) if depth.cell is not None}
    return bases.pop() if len(bases) == 1 else None


def _diameter_basis(table: Table) -> str | None:
    return table.diameter.basis if table.diameter is not None else None


def _diameter(table: Table, cells: Cells) -> Any:
    if table.diameter is None:
        return None
    cell = cell_at(cells, table.diameter.at)
    unit = table.diameter.unit
    if unit in ("cm", "m") and (number := _as_number(cell)) is not None:
        return round(number * UNITS["diameter_mm"][unit], 6)
    return cell


def _reading(name: str) -> Callable[[Table, Cells], Any]:
    def read(table: Table, cells: Cells) -> Any:
        cell = cell_of(table, cells, name)
        if name == "pressure_class" and table.pressure_unit is not None and _as_number(cell) is not None:
            return f"{cell_text(cell)}{table.pressure_unit}"
        return cell

    return read


def _as_number(cell: Any) -> float | None:
    try:
        return None if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError):
        return None


def _both(line: Line, read: Callable[[Table, Cells], Any], warnings: Counter[str]) -> Any:
    """What the one or two rows of a line say; nothing where they contradict one another."""
    one = read(line.table, line.cells)
    if line.back is None:
        return one
    other = read(*line.back)
    if one is None or other is None or cell_text(one) == cell_text(other):
        return one if one is not None else other
    warnings["link_sides_differ"] += 1
    return None


def _as_headed(
    heading: str, lines: Sequence[Line], standing: Mapping[str, Point], warnings: Counter[str]
) -> list[Any]:
    def read(table: Table, cells: Cells) -> Any:
        return cell_at(cells, table.names.get(heading))

    rows = (point.standing for point in standing.values())
    return [
        *(_both(line, read, warnings) for line in lines),
        *(None if row is None else read(*row) for row in rows),
    ]


# -- shapes


def _shapes(
    lines: Sequence[Line], standing: Mapping[str, Point], points: Mapping[str, Point]
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]:
    """(geometry, fault, bounds). A line with an end nobody knows may run anywhere, so it has no bounds."""
    count = len(lines) + len(standing)
    geometry, fault = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    bounds = np.full((count, 4), np.nan)
    straight: list[int] = []
    ends: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for row, line in enumerate(lines):
        if line.start is None or line.end is None:
            fault[row] = "point_number_missing"
            continue
        if line.start not in points or line.end not in points:
            fault[row] = "point_missing"
            continue
        start, end = points[line.start].places, points[line.end].places
        fault[row] = _fault(start, end)
        if start and end:
            bounds[row] = _around(start | end)
        if fault[row] is None:
            straight.append(row)
            ends.append((next(iter(start)), next(iter(end))))
    if straight:
        geometry[straight] = shapely.linestrings(np.array(ends))
    for row, point in enumerate(standing.values(), len(lines)):
        fault[row] = _fault(point.places)
        if point.places:
            bounds[row] = _around(point.places)
        if fault[row] is None:
            geometry[row] = shapely.Point(next(iter(point.places)))
    return geometry, fault, bounds


def _fault(*ends: set[tuple[float, float]]) -> str | None:
    if not all(ends):
        return "point_without_place"
    return "point_doubled" if any(len(places) > 1 for places in ends) else None


def _around(places: set[tuple[float, float]]) -> list[float]:
    found = np.array(list(places))
    return [*found.min(axis=0).tolist(), *found.max(axis=0).tolist()]

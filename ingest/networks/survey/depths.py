"""How deep a line lies at its ends: depths as written, and levels taken from one another, held side by side."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.networks.columns import UNITS, reader
from ingest.networks.survey.headings import END, HERE, START, Table
from ingest.networks.survey.links import Line
from ingest.networks.survey.points import Cells, Point, cell_at, cell_of

SAME_DEPTH_M = 0.05
"""Depths and levels are written to the centimetre, each rounded."""


@dataclass(frozen=True, slots=True)
class Depth:
    """cell: metres, or what stands there where that is no depth. basis: to what of the pipe; None: it is not said."""

    cell: Any
    basis: str | None


NO_DEPTH = Depth(None, None)
CONTRADICTED = Depth("", None)
"""As unknown as the other, but nothing else is asked for it."""


class Depths:
    """Reads the depths of lines. unit: what the map says depths are in; else the headings say it, else metres."""

    def __init__(self, points: Mapping[str, Point], unit: str | None, warnings: Counter[str]) -> None:
        self._points = points
        self._unit = unit
        self._warnings = warnings
        self._metres = reader("cover_m", "m", date.max)

    def of(self, line: Line) -> tuple[Depth, Depth]:
        """At its start and at its end."""
        if line.table.has_lines:
            return self._of_line(line, START, line.start), self._of_line(line, END, line.end)
        start = self._read(line.table, line.cells, HERE, line.start)
        if line.back is not None:
            return start, self._read(*line.back, HERE, line.end)
        return start, self._of_point(line.end)

    def _of_line(self, line: Line, end: str, point: str | None) -> Depth:
        own = self._read(line.table, line.cells, end, point)
        if own.cell is None and end == START:
            own = self._read(line.table, line.cells, HERE, point)
        return own if own.cell is not None else self._of_point(point)

    def _of_point(self, number: str | None) -> Depth:
        """What the rows of a point all say: where several lines meet, each row is of one of them."""
        point = self._points.get(number or "")
        found = {self._read(table, cells, HERE, number) for table, cells in point.rows} if point else set()
        return found.pop() if len(found) == 1 else NO_DEPTH

    def _read(self, table: Table, cells: Cells, end: str, point: str | None) -> Depth:
        depth, level = table.depths.get(end), table.elevations.get(end)
        written = cell_at(cells, depth.at) if depth else None
        unit = self._unit or (depth.unit if depth else None) or "m"
        own_m = reader("cover_m", unit, date.max)(written)[0]
        below_m = None
        if level is not None:
            ground, pipe = _number(self._ground(table, cells, end, point)), _number(cell_at(cells, level.at))
            if ground is not None and pipe is not None:
                below_m = round((ground - pipe) * UNITS["cover_m"][level.unit or "m"], 6)
        from_levels = self._metres(below_m)[0]
        if own_m is not None and from_levels is not None and depth is not None and level is not None:
            basis = depth.basis or level.basis
            comparable = depth.basis is None or level.basis is None or depth.basis == level.basis
            if comparable and abs(own_m - from_levels) > SAME_DEPTH_M:
                self._warnings["depth_contradicts_elevation"] += 1
                return CONTRADICTED
            return Depth(own_m, basis)
        if own_m is not None and depth is not None:
            return Depth(own_m, depth.basis)
        if from_levels is not None and level is not None:
            return Depth(from_levels, level.basis)
        if written is not None and depth is not None:
            return Depth(written, depth.basis)
        return NO_DEPTH if level is None else Depth(below_m, level.basis)

    def _ground(self, table: Table, cells: Cells, end: str, number: str | None) -> Any:
        own = cell_of(table, cells, f"ground_{end}" if end != HERE else "ground")
        if own is not None:
            return own
        point = self._points.get(number or "")
        levels = {cell_of(*row, "ground") for row in point.rows} - {None} if point else set()
        return levels.pop() if len(levels) == 1 else None


def _number(cell: Any) -> float | None:
    try:
        value = float(cell) if not isinstance(cell, bool) else None
    except (TypeError, ValueError):
        return None
    return value if value is not None and abs(value) < 10_000 and value != 0 else None

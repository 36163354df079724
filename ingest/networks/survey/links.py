"""The lines between points: of a line table each row, of a table of links each pair A to B and B to A."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.files.rows import id_text
from ingest.files.sheets import cell_text
from ingest.networks.survey.headings import Table
from ingest.networks.survey.points import Cells, Point, cell_of, is_other, number_of

_SEVERAL = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """start, end: point numbers, None where the row has none. back: the row that lists it from its other end."""

    table: Table
    cells: Cells
    where: str
    start: str | None
    end: str | None
    back: tuple[Table, Cells] | None = None


def lines_of(tables: Sequence[Table], points: Mapping[str, Point], warnings: Counter[str]) -> list[Line]:
    """In the order of the tables."""
    found: list[Line] = []
    links: dict[tuple[str, str], list[int]] = {}
    for table in tables:
        if not (table.has_lines or table.has_links):
            continue
        for number, cells in zip(
            table.sheet.numbers[table.first :], table.sheet.rows[table.first :], strict=True
        ):
            if is_other(cell_of(table, cells, "class")):
                if table.has_lines or cell_text(cell_of(table, cells, "link")):
                    warnings["line_of_another_kind"] += 1
                continue
            where = f"{table.sheet.name} {number}"
            if table.has_lines:
                ends = number_of(table, cells, "from"), number_of(table, cells, "to")
                found.append(Line(table, cells, where, *ends))
                continue
            start = number_of(table, cells)
            for end in _ends(cell_of(table, cells, "link"), points):
                if start is not None:
                    links.setdefault((start, end), []).append(len(found))
                found.append(Line(table, cells, where, start, end))
    return _paired(found, links, warnings)


def _ends(cell: Any, points: Mapping[str, Point]) -> list[str]:
    """The numbers in a cell of links; several may stand in one, and a comma may be part of a number."""
    whole = id_text(cell_text(cell))
    if whole is None or whole in ("-", "/", "无"):
        return []
    return [whole] if whole in points else [part for part in _SEVERAL.split(whole) if part]


def _paired(
    found: list[Line], links: Mapping[tuple[str, str], list[int]], warnings: Counter[str]
) -> list[Line]:
    """A to B and B to A become one line, from the lesser number to the greater whatever the order of the rows; two pipes
    between the same points are listed twice at each."""
    back: dict[int, int] = {}
    for (start, end), forth in links.items():
        if start < end:
            back.update(zip(forth, links.get((end, start), ()), strict=False))
    dropped = set(back.values())
    alone = sum(len(rows) for rows in links.values()) - 2 * len(back)
    if back and alone:
        warnings["link_listed_once"] += alone
    return [
        Line(line.table, line.cells, line.where, line.start, line.end, _row(found, back.get(at)))
        for at, line in enumerate(found)
        if at not in dropped
    ]


def _row(found: Sequence[Line], at: int | None) -> tuple[Table, Cells] | None:
    return None if at is None else (found[at].table, found[at].cells)

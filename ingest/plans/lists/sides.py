"""Rows between those of the points that give the lengths of the sides (界址点成果表): no points, and no gaps either."""

import re
from collections.abc import Sequence
from typing import Any

from ingest.files.sheets import cell_text
from ingest.plans.lists.headings import Table, cell_at
from ingest.plans.lists.written import number

_OF_A_SIDE = re.compile(r"(?:界址)?(?:点|线)?(?:边长|间距|距离|长度|边距|S)(?:[(\[].*)?", re.DOTALL)
_FROM_TO = re.compile(r"(.+?)(?:-+|~|—+|–|→|至)(.+)")

Row = tuple[int, Sequence[Any]]


def side_rows(table: Table, rows: Sequence[Row], pair: tuple[str, str]) -> set[int]:
    """The numbers of rows that hold the length of a side alone, beside at most the numbers of its ends. None where the rows
    of points hold lengths as well: then a row without a place has lost it."""
    sides = [at for at, head in enumerate(table.heads) if _OF_A_SIDE.fullmatch(head)]
    places = [table.fields[one] for one in pair]
    halves = [
        at for at, (_, cells) in enumerate(rows) if not any(cell_text(cell_at(cells, to)) for to in places)
    ]
    points = [cells for at, (_, cells) in enumerate(rows) if at not in set(halves)]
    if not sides or any(cell_text(cell_at(cells, at)) for cells in points for at in sides):
        return set()
    return {
        rows[at][0]
        for at in halves
        if at and at - 1 not in halves and _is_side(rows[at - 1][1], rows[at][1], sides, table.counted)
    }


def _is_side(
    before: Sequence[Any], cells: Sequence[Any], sides: Sequence[int], counted: Sequence[int]
) -> bool:
    if not any(number(cell_at(cells, at)) for at in sides):
        return False
    for at, cell in enumerate(cells):
        text = cell_text(cell)
        if not text or (at in sides and number(cell) is not None):
            continue
        ends = _FROM_TO.fullmatch(text) if at in counted else None
        if ends is None or ends[1].strip() != cell_text(cell_at(before, at)):
            return False
    return True

"""What stands beneath headings, or looks like them: units in a row of their own or after a blank; neighbours of a plot."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ingest.files.sheets import Sheet, cell_text

_UNIT = re.compile(
    r"[(\[【]?\s*(?:单位[:：]?)?\s*(m|dm|cm|mm|km|ft|feet|米|分米|厘米|毫米|公里|千米|英尺|°|度)?\s*[)\]】]?",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"[(\[【]\s*(?:m|dm|cm|mm|km|ft|米|分米|厘米|毫米|公里|千米|°|度)\s*[)\]】]", re.IGNORECASE
)


def with_units(sheet: Sheet, at: int) -> Sheet:
    """A sheet whose headings, in row `at`, hold the units that stand beside or beneath them."""
    rows = [*sheet.rows]
    below = rows[at + 1] if at + 1 < len(rows) else ()
    rows[at] = _joined(rows[at], len(below))
    units = [_UNIT.fullmatch(cell_text(cell)) for cell in below]
    if None in units or not any(one is not None and one[1] for one in units):
        return replace(sheet, rows=rows)
    heads = [*rows[at], *[None] * (len(below) - len(rows[at]))]
    said = [one[1] if one is not None else None for one in units]
    rows[at] = [_under(cell, said[to] if to < len(said) else None) for to, cell in enumerate(heads)]
    return replace(
        sheet,
        rows=rows[: at + 1] + rows[at + 2 :],
        numbers=[*sheet.numbers[: at + 1], *sheet.numbers[at + 2 :]],
    )


def _under(head: Any, unit: str | None) -> Any:
    """A heading with the unit beneath it. One that has a unit of its own keeps both, to be compared."""
    if not unit or unit in "°度" or f"({unit})" in cell_text(head).replace(" ", ""):
        return head
    return f"{cell_text(head)}({unit})"


def _joined(cells: Sequence[Any], wanted: int) -> Sequence[Any]:
    """X (m) Y (m) of a list that is parted by blanks: as many headings as there are cells under them."""
    found: list[Any] = []
    for cell in cells:
        if found and isinstance(cell, str) and _ALONE.fullmatch(cell_text(cell)):
            found[-1] = f"{cell_text(found[-1])}{cell}"
        else:
            found.append(cell)
    return found if len(found) == wanted < len(cells) else cells


def tells_neighbours(cells: Sequence[Any]) -> bool:
    """四至: what lies to the east and to the north is no heading."""
    return any("四至" in cell_text(cell) for cell in cells[:2])

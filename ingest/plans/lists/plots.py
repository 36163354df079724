"""Plots of land as they are reported to the authorities (国土报备): rows that end in @ each begin a plot.

Under such a row stands a point a row: its number, the ring it belongs to, X, Y. A ring within another is an area of its own
here: ground that is left out by its author is dug in by somebody, sooner or later.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ingest.files.sheets import Sheet, cell_text
from ingest.plans.lists.headings import has_pair, numbers_of
from ingest.plans.lists.written import number
from spatial.errors import Faults

_COLUMNS = ("地块", "点号", "圈号", "X", "Y")


def as_table(sheet: Sheet) -> Sheet:
    """A sheet of plots with a column for each thing its rows say; every other sheet as it is.

    :raises Refused: plot_unclear.
    """
    begins = [at for at, cells in enumerate(sheet.rows) if _begins_plot(cells)]
    if not begins:
        return sheet
    faults = Faults()
    for row, cells in zip(sheet.numbers[: begins[0]], sheet.rows[: begins[0]], strict=True):
        if has_pair(numbers_of(cells).values(), large_only=True):
            faults.add(
                "plot_unclear",
                en="this row looks like a point, but stands before the first row that ends in @: put back the row that begins its plot",
                zh="该行像是界址点，却位于第一个以 @ 结尾的行之前：请补回该地块的起始行",
                pointer=f"row {row}",
            )
    rows: list[Sequence[Any]] = [_COLUMNS]
    numbers = [sheet.numbers[begins[0]]]
    for count, (at, end) in enumerate(zip(begins, [*begins[1:], len(sheet.rows)], strict=True), 1):
        points = sheet.rows[at + 1 : end]
        head = sheet.rows[at]
        _check_count(head, points, sheet.numbers[at], faults)
        plot = " ".join(filter(None, (str(count), cell_text(head[3]) if len(head) > 4 else "")))
        rows += [(plot, *_four(cells)) for cells in points]
        numbers += sheet.numbers[at + 1 : end]
    faults.raise_if_any()
    return replace(sheet, rows=rows, numbers=numbers)


def _begins_plot(cells: Sequence[Any]) -> bool:
    return cell_text(cells[-1]).endswith("@")


def _four(cells: Sequence[Any]) -> tuple[Any, ...]:
    """Whatever else a row holds is kept beside, so that it is seen to be too much."""
    return (*cells[:4], *[None] * (4 - len(cells)), *cells[4:])


def _check_count(head: Sequence[Any], points: Sequence[Sequence[Any]], row: int, faults: Faults) -> None:
    """A plot with other points than it says has lost some, or the row that begins the next."""
    said = number(head[0])
    if said is None:
        return
    rings: dict[str, list[tuple[Any, ...]]] = {}
    for cells in points:
        if len(cells) > 3:
            rings.setdefault(cell_text(cells[1]), []).append(tuple(cells[2:4]))
    closing = sum(len(places) > 1 and places[0] == places[-1] for places in rings.values())
    if said not in (len(points), len(points) - closing):
        faults.add(
            "plot_unclear",
            en=f"this row begins a plot of {said:g} points, but {len(points)} follow: correct the number, or put back the rows "
            "that are missing (each plot begins with a row that ends in @)",
            zh=f"该行声明地块有 {said:g} 个界址点，其后却有 {len(points)} 行：请更正点数，或补回缺少的行（每个地块以 @ 结尾的行开始）",
            pointer=f"row {row}",
        )

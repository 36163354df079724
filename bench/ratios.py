"""What every measurement shares: things done in turn, percentiles, bars that are met or missed, one table, one record.

Speed is only ever a ratio within one run: absolute times are for orientation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table

FloatArray = NDArray[np.float64]
Report = Callable[[int, int], None]
"""Called with (done, total) while something long is measured."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise and what was measured. at_most: the value may not exceed the limit; else it may not fall short."""

    what: str
    value: float
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return bool(self.value <= self.limit if self.at_most else self.value >= self.limit)

    def record(self) -> dict[str, Any]:
        bound = "at_most" if self.at_most else "at_least"
        return {"what": self.what, "value": rounded(self.value), bound: self.limit, "met": self.met}


@dataclass(frozen=True, slots=True)
class Measured:
    """The outcome of one measurement. record: one JSON object, the bars among it; drawn: the same for a reader."""

    record: dict[str, Any]
    drawn: RenderableType


def measured(record: dict[str, Any], tables: Sequence[RenderableType], bars: Sequence[Bar] = ()) -> Measured:
    """Put a record, its tables and its bars together."""
    told = record | {"bars": [bar.record() for bar in bars]} if bars else record
    return Measured(told, Group(*tables, *([bars_table(bars)] if bars else [])))


def in_turn(
    work: Mapping[str, Callable[[int], Any]],
    rounds: int,
    *,
    warm: int = 0,
    budget_s: float = float("inf"),
    report: Report | None = None,
) -> dict[str, FloatArray]:
    """Seconds of each kind of work in each round, taken in turn, so that a disturbance meets all of them.

    work: called with the number of the round. warm: rounds before the first that counts, of the last numbers.
    budget_s: what has used up so much is left out of the later rounds; its array is shorter then.
    """
    for number in range(rounds - min(warm, rounds), rounds):
        for one in work.values():
            one(number)
    took: dict[str, list[float]] = {name: [] for name in work}
    spent = dict.fromkeys(work, 0.0)
    for number in range(rounds):
        for name, one in work.items():
            if spent[name] > budget_s:
                continue
            begun = perf_counter()
            one(number)
            seconds = perf_counter() - begun
            took[name].append(seconds)
            spent[name] += seconds
        if report is not None:
            report(number + 1, rounds)
    return {name: np.array(seconds) for name, seconds in took.items()}


def seconds_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it took, and what came of it."""
    begun = perf_counter()
    done = work()
    return perf_counter() - begun, done


def latency(seconds: FloatArray) -> dict[str, float | int]:
    """p50 and p99 in milliseconds, and of how many."""
    p50, p99 = np.percentile(seconds * 1000, [50, 99])
    return {"p50_ms": rounded(p50), "p99_ms": rounded(p99), "n": len(seconds)}


def rounded(value: float) -> float:
    """Three digits that mean something."""
    return float(f"{value:.3g}") if abs(value) < 1000 else float(round(value))


def ratio_text(value: float) -> str:
    """A ratio for a table: 0.0123, 1.23, 12.3, 1,234."""
    return f"{rounded(value):,.0f}" if value >= 1000 else f"{rounded(value):g}"


def rows_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Words to the left, numbers to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        is_number = any(isinstance(row[number], int | float) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return ratio_text(value) if isinstance(value, float) else str(value)


def bars_table(bars: Sequence[Bar]) -> Table:
    """Each promise, what was measured, and whether it holds."""
    rows = [
        (
            bar.what,
            bar.value,
            f"{'<=' if bar.at_most else '>='} {bar.limit:g}",
            "met" if bar.met else "MISSED",
        )
        for bar in bars
    ]
    return rows_table("bars", ("what", "measured", "bar", ""), rows)

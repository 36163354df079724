"""A dataset in figures: how many pipes, how many metres, by each of some properties.

The vault counts the same in SQL (migration 0017); the thresholds stand here and there, and a test holds them together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spatial.asset_table import AssetTable
from spatial.columns import Coded
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import cut_wkb
from spatial.words import AssetKind

STEPS: Mapping[str, tuple[float, ...]] = {
    "diameter_mm": (50, 90, 160, 250, 400, 630, 1020),
    "cover_m": (0.3, 0.6, 0.9, 1.2, 1.5, 2.0, 3.0, 6.0),
    "uncertainty_m": (0.1, 0.25, 0.5, 1.0, 2.0, 5.0),
}
"""Where a step begins; the value `2` is from the second threshold up to, not including, the third, `0` below the first."""
DECADE = "decade"
FACILITY = "facility"
WORDS = ("pressure_class", "pipe_kind", "material", "survey_class")
DIMENSIONS = (*WORDS, *STEPS, DECADE)
FOREIGN = ("material", "survey_class")
"""Free text: of these only so many different values are told."""
MOST_VALUES = 20
OTHERS = "*"
"""The value that stands for all the rest of a foreign dimension."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many pipes (or, of `facility`, so many facilities) of one value. value: None is unknown; a step by its number,
    a decade by its first year."""

    dimension: str
    value: str | None
    rows: int
    metres: float


@dataclass(frozen=True, slots=True)
class Figures:
    """counts: by dimension in the order of DIMENSIONS, then by value, the unknown last. Each dimension of pipes adds up
    to all pipes."""

    counts: tuple[Count, ...]

    @classmethod
    def of_counts(cls, counts: Iterable[Count]) -> "Figures":
        """Sorted, the lengths to a decimetre, and what is beyond MOST_VALUES put together."""
        told: list[Count] = []
        by_dimension: dict[str, list[Count]] = defaultdict(list)
        for count in counts:
            by_dimension[count.dimension].append(count)
        for dimension in (FACILITY, *DIMENSIONS):
            some = by_dimension[dimension]
            if dimension in FOREIGN:
                some = _shortened(dimension, some)
            told += sorted(some, key=lambda one: (one.value is None, one.value == OTHERS, _order(one)))
        return cls(tuple(Count(one.dimension, one.value, one.rows, round(one.metres, 1)) for one in told))

    def of(self, dimension: str) -> tuple[Count, ...]:
        return tuple(count for count in self.counts if count.dimension == dimension)

    @property
    def pipes(self) -> int:
        return sum(count.rows for count in self.of("pressure_class"))

    @property
    def metres(self) -> float:
        return sum(count.metres for count in self.of("pressure_class"))

    def unknown_m(self, dimension: str) -> float:
        """Metres of pipe of which nobody knows it."""
        return sum(count.metres for count in self.of(dimension) if count.value is None)

    def unknown_share(self, dimension: str) -> float | None:
        """Of the metres; None without any pipe."""
        return self.unknown_m(dimension) / self.metres if self.metres else None


def added(figures: Sequence[Figures]) -> Figures:
    """Several datasets as one."""
    sums: dict[tuple[str, str | None], list[float]] = defaultdict(lambda: [0, 0.0])
    for one in figures:
        for count in one.counts:
            total = sums[count.dimension, count.value]
            total[0] += count.rows
            total[1] += count.metres
    return Figures.of_counts(Count(*key, int(rows), metres) for key, (rows, metres) in sums.items())


def figures_of(assets: AssetTable) -> Figures:
    """Of assets as columns; the vault's SQL told again in Python."""
    kinds = assets.attributes["kind"]
    is_pipe = np.array([kind == AssetKind.PIPE for kind in kinds.values], np.bool_)[kinds.code]
    metres = lengths_m(assets)[is_pipe]
    columns = {
        **{name: assets.attributes[name].map(_word) for name in WORDS},
        "diameter_mm": assets.attributes["diameter_mm"].map(lambda mm: step_of("diameter_mm", mm)),
        "cover_m": assets.attributes["cover_m"].map(lambda m: step_of("cover_m", m)),
        "uncertainty_m": assets.attributes["uncertainty"].map(
            lambda terms: step_of("uncertainty_m", round(sum(term.metres for term in terms), 4))
        ),
        DECADE: assets.attributes["laid_on"].map(lambda day: day and str(day.year // 10 * 10)),
    }
    counts = [
        Count(FACILITY, str(kind), rows, 0.0)
        for kind, rows in zip(kinds.values, kinds.counts(), strict=True)
        if rows and kind != AssetKind.PIPE
    ]
    for dimension, column in columns.items():
        counts += _counted(dimension, column.take(np.flatnonzero(is_pipe)), metres)
    return Figures.of_counts(counts)


def lengths_m(assets: AssetTable) -> FloatArray:
    """Geodesic; 0 of a facility."""
    metres = np.zeros(len(assets))
    if not len(assets):
        return metres
    cuts = cut_wkb(assets.wkb, np.zeros(len(assets)))
    np.maximum.at(metres, cuts.asset, cuts.to_m)
    return metres


def step_of(name: str, value: float | None) -> str | None:
    return None if value is None else str(int(np.searchsorted(STEPS[name], value, side="right")))


def _counted(dimension: str, column: Coded, metres: FloatArray) -> list[Count]:
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0, 0.0])
    rows = np.bincount(column.code, minlength=len(column.values)).tolist()
    lengths = np.bincount(column.code, weights=metres, minlength=len(column.values)).tolist()
    for value, count, length in zip(column.values, rows, lengths, strict=True):
        if count:
            sums[value][0] += count
            sums[value][1] += length
    return [Count(dimension, value, int(count), length) for value, (count, length) in sums.items()]


def _shortened(dimension: str, counts: Sequence[Count]) -> list[Count]:
    known = sorted(
        (one for one in counts if one.value is not None and one.value != OTHERS),
        key=lambda one: (-round(one.metres, 1), one.value),
    )
    rest = [*known[MOST_VALUES:], *(one for one in counts if one.value == OTHERS)]
    together = [Count(dimension, OTHERS, sum(one.rows for one in rest), sum(one.metres for one in rest))]
    return [*known[:MOST_VALUES], *(together if rest else []), *(one for one in counts if one.value is None)]


def _order(count: Count) -> tuple[int, str]:
    number = count.value if count.value and count.value.isdecimal() and count.value.isascii() else "0"
    return int(number), count.value or ""


def _word(value: Any) -> str | None:
    return None if value is None else str(value)

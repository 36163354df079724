"""Columns of few different values: what is said of a million pipes is said in some hundred words.

Each different value is looked at once, whatever is to be done with it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

CodeArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Coded:
    """Row i holds `values[code[i]]`. A value may stand twice among `values`, or belong to no row."""

    code: CodeArray
    values: Sequence[Any]

    @classmethod
    def of(cls, cells: Iterable[Any]) -> Self:
        """The cells as they come. 1, 1.0 and True are three values; what cannot be hashed stands for itself."""
        coder = Coder()
        coder.take(list(cells))
        found = coder.column()
        return cls(found.code, found.values)

    @classmethod
    def all_alike(cls, value: Any, rows: int) -> Self:
        return cls(np.zeros(rows, np.int32), (value,))

    def __len__(self) -> int:
        return len(self.code)

    def __getitem__(self, row: int) -> Any:
        return self.values[self.code[row]]

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.code.tolist())

    def take(self, rows: Any) -> "Coded":
        """The rows a slice or an array of numbers names."""
        return Coded(self.code[rows], self.values)

    def map(self, change: Callable[[Any], Any]) -> "Coded":
        return Coded(self.code, [change(value) for value in self.values])

    def counts(self) -> list[int]:
        """How many rows hold each of the values."""
        counted: list[int] = np.bincount(self.code, minlength=len(self.values)).tolist()
        return counted

    def cells(self, rows: slice) -> list[Any]:
        """The values of some rows, one a row."""
        return list(map(self.values.__getitem__, self.code[rows].tolist()))


_TEXT = {str, type(None)}


class _Numbered(dict[Any, int]):
    """What was not there yet gets the next number, and a place among the values."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def __missing__(self, cell: Any) -> int:
        self[cell] = number = len(self._values)
        self._values.append(cell)
        return number


class Coder:
    """Gathers a column bit by bit."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._number_of: dict[Hashable, int] = {}
        self._text_number = _Numbered(self._values)
        self._codes: list[CodeArray] = [np.empty(0, np.int32)]

    def take(self, cells: Sequence[Any] | NDArray[Any]) -> None:
        """The next cells. An array of numbers is sorted for its different values; all else is looked up."""
        if isinstance(cells, np.ndarray) and cells.dtype != object:
            different, within = np.unique(cells, return_inverse=True)
            numbers = np.array([self._number(cell) for cell in different.tolist()], np.int32)
            self._codes.append(numbers[within.reshape(-1)])
        else:
            # Most columns are text throughout, and then a cell need not be told apart from its like of another type.
            text = set(map(type, cells)) <= _TEXT
            number = self._text_number.__getitem__ if text else self._number
            self._codes.append(np.fromiter(map(number, cells), np.int32, len(cells)))

    def take_plain(self, cells: Sequence[Any]) -> None:
        """The next cells, known to differ from one another: ids."""
        self._codes.append(np.arange(len(self._values), len(self._values) + len(cells), dtype=np.int32))
        self._values.extend(cells)

    def column(self) -> Coded:
        return Coded(np.concatenate(self._codes), self._values)

    def _number(self, cell: Any) -> int:
        try:
            number = self._number_of.get((type(cell), cell))
            if number is None:
                number = self._number_of[(type(cell), cell)] = len(self._values)
                self._values.append(cell)
        except TypeError:  # a list or an object in a cell
            number = len(self._values)
            self._values.append(cell)
        return number


def in_a_row(columns: Sequence[Coded]) -> Coded:
    """The rows of several columns as those of one, in order."""
    before = np.cumsum([0, *(len(column.values) for column in columns)])[:-1].astype(np.int32)
    return Coded(
        np.concatenate([column.code + number for column, number in zip(columns, before, strict=True)]),
        [value for column in columns for value in column.values],
    )


MOST_MERGED = 65_536


def merged(columns: Sequence[Coded]) -> list[Coded]:
    """Neighbours put together while they come to few different values: a row's bytes are joined from fewer parts.

    columns: of bytes.
    """
    together: list[Coded] = []
    for column in columns:
        if together and len(together[-1].values) * len(column.values) <= MOST_MERGED:
            before = together.pop()
            values = [one + other for one in before.values for other in column.values]
            column = Coded(before.code * len(column.values) + column.code, values)
        together.append(column)
    return together


@dataclass(frozen=True, slots=True)
class Combinations:
    """The different combinations of some columns: rows: the values of each; of_row: which one a row has."""

    rows: list[tuple[Any, ...]]
    of_row: CodeArray
    counts: list[int]


def combinations(columns: Sequence[Coded]) -> Combinations:
    """At least one column, all of one length."""
    code = columns[0].code.astype(np.int64)
    size = len(columns[0].values)
    for column in columns[1:]:
        if size * len(column.values) > 2**62:
            different, code = np.unique(code, return_inverse=True)
            size = len(different)
        code = code * len(column.values) + column.code
        size *= len(column.values)
    _, first, of_row, counts = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    rows = list(zip(*(column.take(first) for column in columns), strict=True))
    return Combinations(rows, of_row.astype(np.int32), counts.tolist())

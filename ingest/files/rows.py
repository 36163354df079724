"""The rows of one file as it holds them: in its own CRS, unjudged."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spatial.columns import Coded

MAX_ROWS = 5_000_000
MAX_POSITIONS = 500_000_000
"""No file we take has as many."""
MAX_FILE_BYTES = 2_000_000_000

ID = "@id"
"""Under this name the id column travels beside ours, whatever the file calls it."""

Pick = Callable[[Sequence[str]], Mapping[str, str]]
"""Given the column names of a file: our name -> its name, for the columns we read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a user says about how files are to be read.

    encoding: of text whose file does not say it. layers: the ones to be read, by name; none: the only one there is.
    units: mm, cm or m, of the coordinates of a drawing. confirmed_unreadable: how many entities of drawings nobody
    can read have been looked at. most_rows, most_positions: of a file; one with more is refused once they are counted.
    kinds_apart: whether a place of a map that has areas, lines and points becomes a row of each. as_plan: whether how wide a
    line of a drawing is drawn is a column, and units that only its header states are told.
    """

    encoding: str | None = None
    layers: tuple[str, ...] = ()
    units: str | None = None
    confirmed_unreadable: int = 0
    most_rows: int = MAX_ROWS
    most_positions: int = MAX_POSITIONS
    kinds_apart: bool = False
    as_plan: bool = False


READ_ALL = Reading()


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns, one entry a row, in file order.

    geometry: shapely in the file's CRS, x = east first; None where `fault` says why it is unusable.
    fault: a key of ingest.networks.reasons, or None.
    bounds: (n, 4) of the finite coordinates the row has, in the file's CRS; NaN where it has none.
    columns: our name -> the values as the file has them; ids: the file's own feature ids, as text.
    sources: (file name, sha256) of every file read.
    warnings: what else is to be told, code -> how often. unread: what no reader can read, in words -> how often.
    """

    geometry: NDArray[np.object_]
    fault: NDArray[np.object_]
    bounds: NDArray[np.float64]
    columns: Mapping[str, Coded]
    ids: Sequence[str | None]
    names: Sequence[str]
    embedded_crs: str | None
    sources: tuple[tuple[str, str], ...]
    warnings: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.fault)


def is_none(column: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where a column of objects holds None."""
    return np.fromiter((item is None for item in column), np.bool_, len(column))


def span(bounds: NDArray[np.float64]) -> tuple[float, float, float, float] | None:
    """The bounds of all rows together; None when no row has any."""
    known = bounds[~np.isnan(bounds[:, 0])]
    if not len(known):
        return None
    west, south = known[:, :2].min(axis=0).tolist()
    east, north = known[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def id_text(value: object) -> str | None:
    """An id as text: 12 and 12.0 are "12"; nothing, blanks and what cannot be stored are None."""
    if type(value) is not str:  # nearly all are
        if value is None or isinstance(value, bool | bytes | list | dict):
            return None
        if isinstance(value, float | np.floating):
            if not np.isfinite(value):
                return None
            if float(value).is_integer():
                value = int(value)
    text = str(value).strip()
    return text if 0 < len(text) <= 200 and storable(text) else None


def storable(text: str) -> bool:
    """No control characters and no lone surrogates: what a database and a page can hold."""
    return text.isprintable() or not any(ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF for char in text)


def free_name(stem: str, used: Collection[str]) -> str:
    """`stem`, or `stem#2`, `stem#3` … where that is taken."""
    name, number = stem, 1
    while name in used:
        number += 1
        name = f"{stem}#{number}"
    return name

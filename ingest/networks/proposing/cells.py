"""What the cells of a column come to when they are read as one of ours, counted."""

import unicodedata
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.files.rows import storable
from ingest.networks.columns import UNITS, reader
from ingest.networks.diameters import written_size
from ingest.networks.proposing.words import translated
from spatial.columns import Coded

WORDS = frozenset({"pressure_class", "kind", "asset", "cover_to", "diameter_basis", "cover_profiled"})
"""Columns of closed lists: a word of theirs either is one of ours, or is to be told what it means."""


@dataclass(slots=True)
class Told:
    """rows; of them used: that mean something to us; blank; zero; and by what they say, words: of a closed list that
    nobody knows yet, unusable: all else that cannot be used. translated: their word -> (ours, rows). bare: numbers
    without a sign or unit of their own; fitting: unit -> how many of them are believable in it."""

    rows: int = 0
    used: int = 0
    blank: int = 0
    zero: int = 0
    bare: int = 0
    words: Counter[str] = field(default_factory=Counter)
    unusable: Counter[str] = field(default_factory=Counter)
    translated: dict[str, tuple[str, int]] = field(default_factory=dict)
    fitting: Counter[str] = field(default_factory=Counter)


def told_by(ours: str, cells: Coded, unit: str | None, on: date, *, asks_unit: bool) -> Told:
    """unit: as stated. asks_unit: bare numbers mean nothing until somebody states theirs."""
    told = Told(rows=len(cells))
    read, in_units = reader(ours, unit, on), {one: reader(ours, one, on) for one in UNITS.get(ours, {})}
    for cell, count in zip(cells.values, cells.counts(), strict=True):
        if count:
            _tell(told, ours, cell, count, read, in_units, asks_unit)
    return told


def _tell(told: Told, ours: str, cell: Any, count: int, read: Any, in_units: Any, asks_unit: bool) -> None:
    if not isinstance(cell, Hashable):
        told.unusable[said(cell)] += count
        return
    wrong = read(cell)[1]
    if wrong == "missing":
        told.blank += count
        return
    number = number_of(cell)
    if number == 0 and ours != "cover_profiled" and ours not in ("material", "status", "survey_class"):
        told.zero += count
        return
    if number is not None and in_units:
        told.bare += count
        fitting = {unit: count for unit, one in in_units.items() if one(cell)[1] is None}
        told.fitting.update(fitting)
        if asks_unit and fitting:
            return
    word = said(cell)
    meant = translated(ours, word) if isinstance(cell, str) else None
    if meant is not None:
        told.translated[word] = (meant, told.translated.get(word, (meant, 0))[1] + count)
        told.used += count
    elif wrong is None:
        told.used += count
    elif ours in WORDS and number is None and isinstance(cell, str) and storable(word):
        told.words[word] += count
    else:
        told.unusable[word] += count


def number_of(cell: Any) -> float | None:
    """A bare number, also one in letters."""
    if isinstance(cell, str):
        if written_size(cell) is not None:
            return None
        try:
            cell = float(unicodedata.normalize("NFKC", cell))
        except ValueError:
            return None
    return None if isinstance(cell, bool) or not isinstance(cell, int | float) else float(cell)


def said(cell: Any) -> str:
    """A cell as the map has to spell it."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return text.strip()

"""A map proposed from the names and values of a file's columns.

Certain is what a name of the trade, a stated unit and readable values say together. All else waits for a person, and
until then reads as unknown. Nothing is taken from the size of numbers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.files.rows import Rows, id_text, storable
from ingest.networks.columns import UNITS
from ingest.networks.proposing.cells import Told, number_of, said, told_by
from ingest.networks.proposing.names import (
    IDS,
    NEVER_SURE,
    Meaning,
    meaning_of,
    own_name,
    plain,
    unit_column,
    unit_said,
)
from spatial.columns import Coded, combinations

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Pairing:
    """A column of theirs for one of ours. decided: it is read; else it waits, and why is one of `unit` (none is stated),
    `units_differ`, `accuracy` (nobody says it is a 95 % bound), `quality` (its words may mean something else), `unreadable` (no value of it can be read).

    unit: as stated, by: the column that states it, None for the name itself. asks_unit: bare numbers without one.
    """

    ours: str
    theirs: str
    told: Told
    why: str | None
    unit: str | None
    by: str | None
    asks_unit: bool
    basis: str | None
    own: bool

    @property
    def decided(self) -> bool:
        return self.why is None


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A column nothing is read from. like: ours, where another column was taken for it."""

    theirs: str
    filled: int
    different: int
    examples: tuple[str, ...]
    like: str | None


@dataclass(frozen=True, slots=True)
class IdColumn:
    """repeated, blank: how many rows have the id of a row before them, or none."""

    theirs: str
    repeated: int
    blank: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """blanks: our columns of what numbers measure -> what the name says, "" where it does not: then both are allowed
    for."""

    files: tuple[str, ...]
    rows: int
    encoding: str | None
    pairings: tuple[Pairing, ...]
    blanks: Mapping[str, str]
    unmapped: tuple[Unmapped, ...]
    ids: tuple[IdColumn, ...]


def proposal_of(rows: Rows, *, read_already: Sequence[str], encoding: str | None, on: date) -> Proposal:
    """rows: with every column under its own name. read_already: columns a reader has made ours of (survey headings)."""
    named = [name for name in rows.names if name in rows.columns and name not in read_already]
    meanings: dict[str, Meaning] = {}
    for name in named:
        own = own_name(name)
        meaning = Meaning(own, None, None, -1) if own else meaning_of(name)
        if meaning is not None and storable(name) and (own or _is_filled(rows.columns[name])):
            meanings[name] = meaning
    chosen: dict[str, str] = {}
    for name in sorted(meanings, key=lambda name: meanings[name].rank):
        chosen.setdefault(meanings[name].ours, name)
    pairings, units = [], set()
    for ours, name in chosen.items():
        by = unit_column(name, named)
        if by is not None and ours in UNITS:
            units.add(by)
        pairings.append(_pairing(meanings[name], name, by if ours in UNITS else None, rows, on))
    taken = {*chosen.values(), *units}
    ids = _ids(rows, [name for name in named if name not in taken])
    taken |= {one.theirs for one in ids if not one.repeated and not one.blank}
    return Proposal(
        files=tuple(name for name, _ in rows.sources),
        rows=len(rows),
        encoding=encoding,
        pairings=tuple(sorted(pairings, key=lambda one: list(rows.names).index(one.theirs))),
        blanks=_blanks(pairings),
        unmapped=tuple(
            _unmapped(name, rows.columns[name], meanings.get(name)) for name in named if name not in taken
        ),
        ids=ids,
    )


def _is_filled(cells: Coded) -> bool:
    return any(
        count and cell not in (None, "") for cell, count in zip(cells.values, cells.counts(), strict=True)
    )


def _pairing(meaning: Meaning, name: str, by: str | None, rows: Rows, on: date) -> Pairing:
    ours, cells, own = meaning.ours, rows.columns[name], meaning.rank < 0
    stated = {meaning.unit} if meaning.unit else set()
    if by is not None and not own:
        stated |= _units_stated(ours, cells, rows.columns[by])
    unit = next(iter(stated)) if len(stated) == 1 else None
    # Our own names state their unit, but for pressures: a class is asked for there, and a number is none.
    asks_unit = ours in UNITS and unit is None and (not own or ours == "pressure_class")
    told = told_by(ours, cells, unit, on, asks_unit=asks_unit)
    asks_unit &= told.bare > 0
    why = None
    if ours in NEVER_SURE and not own:
        why = NEVER_SURE[ours]
    elif own:
        pass
    elif len(stated) > 1 or (asks_unit and stated):
        why = "units_differ"
    elif asks_unit and not told.used:
        why = "unit"
    elif not told.used and told.blank + told.zero < told.rows:
        why = "unreadable"
    return Pairing(
        ours, name, told, why, unit, by if unit and not meaning.unit else None, asks_unit, meaning.basis, own
    )


def _units_stated(ours: str, cells: Coded, units: Coded) -> set[str | None]:
    """The units beside the numbers that need one; None among them where one is blank or no unit of that column."""
    found = combinations([cells, units])
    beside: set[str | None] = set()
    for (cell, unit), count in zip(found.rows, found.counts, strict=True):
        if count and number_of(cell):
            stated = unit_said(unit)
            beside.add(stated if stated in UNITS[ours] else None)
    return beside


def _blanks(pairings: Sequence[Pairing]) -> dict[str, str]:
    there = {one.ours for one in pairings}
    blanks: dict[str, str] = {}
    for asked, measured in (("diameter_basis", ("diameter_mm",)), ("cover_to", ("cover_m", "cover_end_m"))):
        bases = {one.basis for one in pairings if one.ours in measured and not one.own and one.told.bare}
        if bases and asked not in there:
            blanks[asked] = (bases.pop() or "") if len(bases) == 1 else ""
    return blanks


def _ids(rows: Rows, names: Sequence[str]) -> tuple[IdColumn, ...]:
    found = []
    for name in sorted(
        (name for name in names if plain(name) in IDS), key=lambda name: IDS.index(plain(name))
    ):
        ids = [id_text(cell) for cell in rows.columns[name]]
        given = Counter(one for one in ids if one is not None)
        found.append(IdColumn(name, given.total() - len(given), len(ids) - given.total()))
    return tuple(found)


def _unmapped(name: str, cells: Coded, meaning: Meaning | None) -> Unmapped:
    counted: Counter[str] = Counter()
    for cell, count in zip(cells.values, cells.counts(), strict=True):
        if cell is not None and cell != "":
            counted[said(cell)] += count
    examples = tuple(text for text, _ in counted.most_common(MOST_EXAMPLES))
    return Unmapped(name, counted.total(), len(+counted), examples, meaning.ours if meaning else None)

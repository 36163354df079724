"""The attributes of the accepted rows, in our words and units, and the doubt that follows from them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.files.rows import Rows, storable
from ingest.networks.columns import COLUMNS, is_nothing, read_column, reader
from ingest.networks.depths import Covers, Declared, covers_of
from ingest.networks.diameters import outside_diameters
from ingest.networks.mapping import ColumnMap
from spatial.columns import Coded, combinations
from spatial.crs import Passage
from spatial.judging.doubt import asset_depth_uncertainty, asset_uncertainty
from spatial.rules.profile import RuleProfile

NOTED_WHEN_MISSING = ("pressure_class", "diameter_mm", "cover_m")
"""The columns whose absence widens what is judged; a missing material or date is no warning."""
NOTED_WHEN_BLANK = ("cover_to", "ground_change_m")
"""A file that has one of these says nothing of a row's depth where it leaves the cell blank; one without it does."""
SOME_DAY = date.max
"""Stands for a road rebuilt on a date nobody can read: it may have been after any survey."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Our columns of the accepted rows; None is unknown. here: those that the file or its map has at all.

    covers: what the four columns of cover come to. resurfaced_on may be SOME_DAY. odd_cells: as in NetworkIntake.
    """

    pressure_class: Coded
    diameter_mm: Coded
    material: Coded
    status: Coded
    survey_class: Coded
    surveyed_on: Coded
    resurfaced_on: Coded
    ground_change_m: Coded
    laid_on: Coded
    kind: Coded
    uncertainty_m: Coded
    depth_uncertainty_m: Coded
    asset: Coded
    length_m: Coded
    covers: Covers
    here: frozenset[str]
    odd_cells: Mapping[str, tuple[tuple[int, str], ...]]

    def resurfaced(self) -> Coded:
        """The dates as they are registered."""
        return self.resurfaced_on.map(lambda day: None if day == SOME_DAY else day)


def stated_assets(rows: Rows, column_map: ColumnMap, on: date) -> Coded:
    """What every row received says it is. What is wrong with a cell is counted later, with the accepted rows'."""
    return _read("asset", rows, slice(None), column_map, on, Counter())


_OF_COVER = ("cover_m", "cover_end_m", "cover_to", "cover_profiled")


def read_attributes(
    rows: Rows,
    accepted: NDArray[np.int64],
    column_map: ColumnMap,
    on: date,
    profile: RuleProfile,
    warnings: Counter[str],
) -> Attributes:
    """Every cell that became unknown is counted in `warnings`, where that widens what is judged."""
    noted: Counter[str] = Counter()
    columns: dict[str, Coded] = {}
    here = frozenset({*rows.columns, *column_map.constants, *column_map.defaults} & COLUMNS.keys())
    odd_cells: dict[str, tuple[tuple[int, str], ...]] = {}
    for name in COLUMNS:
        columns[name] = _read(name, rows, accepted, column_map, on, noted)
        if noted[f"{name}_unusable"] and name not in column_map.constants:
            cells = rows.columns[name].take(accepted)
            odd_cells[f"{name}_unusable"] = _unusable_cells(cells, columns[name])
    for code, count in noted.items():
        name, _, what = code.rpartition("_")
        if what == "unusable" or name in NOTED_WHEN_MISSING or (name in NOTED_WHEN_BLANK and name in here):
            warnings[code] += count
    columns["diameter_mm"] = outside_diameters(
        columns["diameter_mm"],
        columns.pop("diameter_basis"),
        columns["material"],
        basis_asked="diameter_basis" in here,
        warnings=warnings,
    )
    declared = Declared(
        **{name: columns.pop(name) for name in _OF_COVER},
        diameter_mm=columns["diameter_mm"],
        pressure_class=columns["pressure_class"],
        here=here,
    )
    covers = covers_of(declared, profile, warnings)
    return Attributes(**columns, covers=covers, here=here, odd_cells=odd_cells)


MOST_CELLS, LONGEST_CELL = 10, 60


def _unusable_cells(cells: Coded, read: Coded) -> tuple[tuple[int, str], ...]:
    """The first row of each different cell that nobody could use, and the cell as it can be shown."""
    different, first = np.unique(cells.code, return_index=True)
    odd = [
        (row, str(cells.values[number])[:LONGEST_CELL])
        for number, row in zip(different.tolist(), first.tolist(), strict=True)
        if read[row] in (None, SOME_DAY) and not is_nothing(cells.values[number])
    ]
    return tuple((row, text if storable(text) else ascii(text)) for row, text in sorted(odd)[:MOST_CELLS])


def _read(
    name: str,
    rows: Rows,
    some: NDArray[np.int64] | slice,
    column_map: ColumnMap,
    on: date,
    noted: Counter[str],
) -> Coded:
    """One of our columns, of some rows."""
    constant = name in column_map.constants
    whole = None if constant else rows.columns.get(name)
    if whole is None:
        whole = Coded.all_alike(column_map.constants.get(name), len(rows))
    about = _default(name, column_map, on) | ({"unusable": SOME_DAY} if name == "resurfaced_on" else {})
    return read_column(
        name,
        whole.take(some),
        words={} if constant else column_map.values.get(name, {}),
        unit=None if constant else column_map.unit(name),
        on=on,
        warnings=noted,
        **about,
    )


def _default(name: str, column_map: ColumnMap, on: date) -> dict[str, Any]:
    if name not in column_map.defaults:
        return {}
    return {"default": reader(name, None, on)(column_map.defaults[name])[0]}


def doubts_of(
    attributes: Attributes, passage: Passage, profile: RuleProfile, on: date
) -> tuple[Coded, Coded]:
    """Of each row the terms of its place and of its depth. A dataset has few different ones."""
    found = combinations(
        [
            attributes.survey_class,
            attributes.covers.greatest_m(),
            attributes.uncertainty_m,
            attributes.depth_uncertainty_m,
            _since(attributes),
            attributes.resurfaced_on,
            attributes.ground_change_m,
        ]
    )
    asked_for_change = "ground_change_m" in attributes.here
    places, depths = [], []
    for survey_class, cover_m, stated_m, depth_m, since, resurfaced_on, change_m in found.rows:
        dates = {"surveyed_on": since, "laid_on": None, "resurfaced_on": resurfaced_on}
        # A source that tells how the ground changed and does not say it here leaves the depth unknown.
        changed_unknown = asked_for_change and change_m is None
        places.append(
            asset_uncertainty(
                survey_class=survey_class,
                cover_m=cover_m,
                stated_m=stated_m,
                frame=passage.frame,
                operation_accuracy_m=passage.accuracy_m,
                on=on,
                profile=profile,
                **dates,
            )
        )
        depths.append(
            asset_depth_uncertainty(
                survey_class=survey_class,
                cover_m=None if changed_unknown else cover_m,
                stated_m=depth_m,
                ground_change_m=change_m,
                on=on,
                profile=profile,
                **dates,
            )
        )
    return _spread(places, found.of_row), _spread(depths, found.of_row)


def _since(attributes: Attributes) -> Coded:
    """Of when a survey is taken to be: laid_on stands in for a surveyed_on nobody gave.

    Doubt ages by the calendar year, and the day counts only beside one on which the road was rebuilt: without any,
    ten thousand days are some forty years.
    """
    columns = [attributes.surveyed_on, attributes.laid_on]
    if not any(attributes.resurfaced_on.values):
        columns = [_spread([day and date(day.year, 1, 1) for day in one.values], one.code) for one in columns]
    found = combinations(columns)
    return Coded(found.of_row, [surveyed_on or laid_on for surveyed_on, laid_on in found.rows])


def _spread(values: list[Any], of_row: NDArray[np.int32]) -> Coded:
    """Row i holds `values[of_row[i]]`; what is the same is one value."""
    found = Coded.of(values)
    return Coded(found.code[of_row], found.values)

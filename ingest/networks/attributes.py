"""The attributes of the accepted rows, in our words and units, and the doubt that follows from them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.files.rows import Rows
from ingest.networks.columns import COLUMNS, read_column, reader
from ingest.networks.depths import Covers, Declared, covers_of
from ingest.networks.mapping import ColumnMap
from spatial.crs import Passage
from spatial.judging.doubt import asset_depth_uncertainty, asset_uncertainty
from spatial.rules.profile import RuleProfile
from spatial.values import UncertaintyTerm
from spatial.words import AssetKind, PipeKind, PressureClass

NOTED_WHEN_MISSING = ("pressure_class", "diameter_mm", "cover_m")
"""The columns whose absence widens what is judged; a missing material or date is no warning."""
NOTED_WHEN_BLANK = ("cover_to", "ground_change_m")
"""A file that has one of these says nothing of a row's depth where it leaves the cell blank; one without it does."""
SOME_DAY = date.max
"""Stands for a road rebuilt on a date nobody can read: it may have been after any survey."""

Terms = tuple[UncertaintyTerm, ...]


@dataclass(frozen=True, slots=True)
class Attributes:
    """Our columns of the accepted rows; None is unknown. here: those that the file or its map has at all.

    covers: what the four columns of cover come to. resurfaced_on may be SOME_DAY.
    """

    pressure_class: list[PressureClass | None]
    diameter_mm: list[float | None]
    material: list[str | None]
    status: list[str | None]
    survey_class: list[str | None]
    surveyed_on: list[date | None]
    resurfaced_on: list[date | None]
    ground_change_m: list[float | None]
    laid_on: list[date | None]
    kind: list[PipeKind | None]
    uncertainty_m: list[float | None]
    depth_uncertainty_m: list[float | None]
    asset: list[AssetKind | None]
    covers: Covers
    here: frozenset[str]

    def resurfaced(self, row: int) -> date | None:
        """The date as it is registered."""
        day = self.resurfaced_on[row]
        return None if day == SOME_DAY else day


def stated_assets(rows: Rows, column_map: ColumnMap, on: date) -> list[AssetKind | None]:
    """What every row received says it is. What is wrong with a cell is counted later, with the accepted rows'."""
    constant = column_map.constants.get("asset")
    if constant is not None:
        cells, words = [constant] * len(rows), {}
    else:
        cells, words = rows.columns.get("asset", [None] * len(rows)), column_map.values.get("asset", {})
    return read_column(
        "asset", cells, words=words, unit=None, on=on, warnings=Counter(), **_default("asset", column_map, on)
    )


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
    columns: dict[str, list[Any]] = {}
    here = frozenset({*rows.columns, *column_map.constants, *column_map.defaults} & COLUMNS.keys())
    for name in COLUMNS:
        about = _default(name, column_map, on) | ({"unusable": SOME_DAY} if name == "resurfaced_on" else {})
        if name in column_map.constants:
            constant = column_map.constants[name]
            columns[name] = read_column(
                name, [constant] * len(accepted), words={}, unit=None, on=on, warnings=noted, **about
            )
            continue
        whole = rows.columns.get(name)
        columns[name] = read_column(
            name,
            [None] * len(accepted) if whole is None else [whole[row] for row in accepted],
            words=column_map.values.get(name, {}),
            unit=column_map.unit(name),
            on=on,
            warnings=noted,
            **about,
        )
    for code, count in noted.items():
        name, _, what = code.rpartition("_")
        if what == "unusable" or name in NOTED_WHEN_MISSING or (name in NOTED_WHEN_BLANK and name in here):
            warnings[code] += count
    declared = Declared(
        **{name: columns.pop(name) for name in _OF_COVER},
        diameter_mm=columns["diameter_mm"],
        pressure_class=columns["pressure_class"],
        here=here,
    )
    return Attributes(**columns, covers=covers_of(declared, profile, warnings), here=here)


def _default(name: str, column_map: ColumnMap, on: date) -> dict[str, Any]:
    if name not in column_map.defaults:
        return {}
    return {"default": reader(name, None, on)(column_map.defaults[name])[0]}


def doubts_of(
    attributes: Attributes, passage: Passage, profile: RuleProfile, on: date
) -> list[tuple[Terms, Terms]]:
    """Of each row the terms of its place and of its depth. A dataset has few different ones."""
    covers = attributes.covers
    known: dict[tuple[Any, ...], tuple[Terms, Terms]] = {}
    doubts: list[tuple[Terms, Terms]] = []
    columns: Sequence[Sequence[Any]] = (
        attributes.survey_class,
        [covers.greatest_m(row) for row in range(len(covers.least_m))],
        attributes.uncertainty_m,
        attributes.depth_uncertainty_m,
        attributes.surveyed_on,
        attributes.laid_on,
        attributes.resurfaced_on,
        attributes.ground_change_m,
    )
    asked_for_change = "ground_change_m" in attributes.here
    for key in zip(*columns, strict=True):
        if key not in known:
            survey_class, cover_m, stated_m, depth_m, surveyed_on, laid_on, resurfaced_on, change_m = key
            dates = {"surveyed_on": surveyed_on, "laid_on": laid_on, "resurfaced_on": resurfaced_on}
            # A source that tells how the ground changed and does not say it here leaves the depth unknown.
            changed_unknown = asked_for_change and change_m is None
            known[key] = (
                asset_uncertainty(
                    survey_class=survey_class,
                    cover_m=cover_m,
                    stated_m=stated_m,
                    frame=passage.frame,
                    operation_accuracy_m=passage.accuracy_m,
                    on=on,
                    profile=profile,
                    **dates,
                ),
                asset_depth_uncertainty(
                    survey_class=survey_class,
                    cover_m=None if changed_unknown else cover_m,
                    stated_m=depth_m,
                    ground_change_m=change_m,
                    on=on,
                    profile=profile,
                    **dates,
                ),
            )
        doubts.append(known[key])
    return doubts

"""What looks wrong in the values: missing, beyond belief, or at odds with each other. Rows by number."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from spatial.asset_table import AssetTable
from spatial.columns import combinations
from spatial.measuring.pieces import IntArray
from spatial.words import AssetKind, PipeKind, PressureClass

HIGH = frozenset({PressureClass.HP_B, PressureClass.HP_A, PressureClass.UHP})
PLASTICS = ("PE", "PVC", "聚乙烯")
FIRST_PLASTIC_YEAR = 1960
TO_CUSTOMERS = frozenset({PipeKind.COURTYARD, PipeKind.SERVICE, PipeKind.CUSTOMER_OWNED})
WIDEST_MM: Mapping[PressureClass | None, float] = {
    **dict.fromkeys((PressureClass.LP, PressureClass.MP_B, PressureClass.MP_A), 630.0),
    **dict.fromkeys((PressureClass.SHP_B, PressureClass.SHP_A), 1020.0),
    **dict.fromkeys((*HIGH, None), 1422.0),
}
"""The widest a pipe of its class is taken to be where nobody knows (the rule profile's largest_unknown_diameter)."""
THINNEST_MAIN_MM = 20.0
LEAST_COVER_M, MOST_COVER_M = 0.3, 6.0
FIRST_BELIEVABLE_DAY, DAY_ZERO = date(1901, 1, 1), date(1970, 1, 1)
"""Calendars of programs begin in 1899, 1900 and 1970: an empty cell becomes such a day."""

ASKED_OF_PIPES = ("pressure_class", "diameter_mm", "cover_m", "material", "laid_on", "survey_class")


def odd_values(assets: AssetTable) -> dict[str, IntArray]:
    """By code."""
    return {code: _where(assets, names, odd) for code, (names, odd) in _ODD.items()}


def unknown_values(assets: AssetTable) -> dict[str, IntArray]:
    """By code: the pipes of which nobody knows it."""
    return {
        f"{name}_unknown": _where(
            assets, ("kind", name), lambda said: said[0] == AssetKind.PIPE and said[1] is None
        )
        for name in ASKED_OF_PIPES
    }


def _where(assets: AssetTable, names: Sequence[str], odd: Callable[[Any], bool]) -> IntArray:
    """The rows whose values of some columns `odd` says are odd together."""
    found = combinations([assets.attributes[name] for name in names])
    is_odd = np.array([odd(said) for said in found.rows], dtype=np.bool_)
    return np.flatnonzero(is_odd[found.of_row])


def _is_plastic(material: str | None) -> bool:
    return (material or "").upper().startswith(PLASTICS)


def _is_odd_diameter(
    said: tuple[AssetKind, float | None, PressureClass | None, PipeKind | None],
) -> bool:
    kind, diameter_mm, pressure_class, pipe_kind = said
    if diameter_mm is None or kind != AssetKind.PIPE:
        return False
    thin = pipe_kind is PipeKind.MAIN and diameter_mm < THINNEST_MAIN_MM
    return thin or diameter_mm > WIDEST_MM[pressure_class]


def _is_odd_cover(said: tuple[AssetKind, float | None, float | None]) -> bool:
    kind, least_m, most_m = said
    if least_m is None or kind != AssetKind.PIPE:
        return False
    return least_m < LEAST_COVER_M or (least_m if most_m is None else most_m) > MOST_COVER_M


def _is_stand_in(said: tuple[date | None]) -> bool:
    return said[0] is not None and (said[0] < FIRST_BELIEVABLE_DAY or said[0] == DAY_ZERO)


_ODD: Mapping[str, tuple[Sequence[str], Callable[[Any], bool]]] = {
    "surveyed_before_laid": (
        ("surveyed_on", "laid_on"),
        lambda said: None not in said and said[0] < said[1],
    ),
    "plastic_at_high_pressure": (
        ("material", "pressure_class"),
        lambda said: said[1] in HIGH and _is_plastic(said[0]),
    ),
    "plastic_before_its_time": (
        ("material", "laid_on"),
        lambda said: (
            said[1] is not None
            and said[1] >= FIRST_BELIEVABLE_DAY
            and said[1].year < FIRST_PLASTIC_YEAR
            and _is_plastic(said[0])
        ),
    ),
    "high_pressure_to_customers": (
        ("pipe_kind", "pressure_class"),
        lambda said: said[0] in TO_CUSTOMERS and said[1] in HIGH,
    ),
    "diameter_implausible": (("kind", "diameter_mm", "pressure_class", "pipe_kind"), _is_odd_diameter),
    "cover_implausible": (("kind", "cover_m", "cover_most_m"), _is_odd_cover),
    "laid_on_implausible": (("laid_on",), _is_stand_in),
}

"""What looks wrong in a network though each row of it can be taken: told with examples, and taken.

Nothing here changes an asset. It takes longer than reading does, so it is asked for before an import, not in one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.asset_table import AssetTable
from spatial.columns import combinations
from spatial.comparing.nearness import near_points
from spatial.measuring.pieces import CGCS2000, IntArray, cut_wkb
from spatial.values import NetworkIntake
from spatial.words import PressureClass

MOST_EXAMPLES = 10

TOUCHING_M = 0.01
NEARLY_M = 0.5
"""Ends further apart than the one and nearer than the other were meant to meet, and nobody snapped them."""
LENGTH_SHARE, LENGTH_M = 0.05, 1.0
"""A stated length that is off by more than both is about another line."""
NOT_OF_PLASTIC = frozenset({PressureClass.HP_B, PressureClass.HP_A, PressureClass.UHP})
PLASTICS = ("PE", "PVC", "聚乙烯")

CHECKS: Mapping[str, tuple[str, str]] = {
    "line_crosses_itself": (
        "pipes cross themselves: points in the wrong order, or two pipes drawn as one",
        "条管道自相交：点序有误，或两条管道画成了一条",
    ),
    "shape_twice": (
        "rows have the very shape of a row before them: drawn twice, or two pipes in one trench",
        "行与前面某行图形完全相同：重复绘制，或同沟敷设",
    ),
    "ends_not_joined": (
        "pipes end within 1 to 50 cm of another's end without meeting it",
        "条管道的端点与另一端点相距 1 至 50 厘米而未连接",
    ),
    "length_differs": (
        "pipes are drawn more than 5 % and 1 m longer or shorter than their stated length",
        "条管道的绘制长度与所填长度相差超过 5 % 且超过 1 米",
    ),
    "surveyed_before_laid": (
        "rows were surveyed before they were laid: one of the two dates is wrong",
        "行的测量日期早于敷设日期：两者必有一误",
    ),
    "plastic_at_high_pressure": (
        "pipes of plastic are said to be of high pressure: material or class is wrong",
        "条塑料管道标为高压：材质或压力级别有误",
    ),
    "outside_service_area": (
        "rows lie outside the utility's service area: wrong place, or the area is too small",
        "行位于该企业的服务范围之外：位置有误，或服务范围过小",
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """count: rows of the file; examples: ids of the first few. severity: `error`, rejected; `warning`, taken."""

    code: str
    severity: str
    count: int
    examples: tuple[str, ...]
    en: str
    zh: str

    def document(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("code", "severity", "count", "en", "zh")}
        return told | {"examples": list(self.examples)}


def check_intake(intake: NetworkIntake, service_area: BaseGeometry | None = None) -> tuple[Check, ...]:
    """Errors by code, then what looks wrong of the rows taken. service_area: lon/lat EPSG:4490, None if unknown."""
    assets = AssetTable.of(intake.assets)
    lines = _Lines.of(assets)
    found = {
        "line_crosses_itself": lines.row[~shapely.is_simple(lines.shape)],
        "shape_twice": _twice(assets),
        "ends_not_joined": _nearly_joined(lines),
        "length_differs": _length_differs(assets, intake),
        "surveyed_before_laid": _where(
            assets, ("surveyed_on", "laid_on"), lambda said: None not in said and said[0] < said[1]
        ),
        "plastic_at_high_pressure": _where(assets, ("material", "pressure_class"), _is_odd_plastic),
        "outside_service_area": _outside(assets, service_area),
    }
    warnings = [
        Check(code, "warning", len(rows), _examples(assets, rows), *CHECKS[code])
        for code, rows in found.items()
        if len(rows)
    ]
    return (*_errors(intake), *warnings)


def _errors(intake: NetworkIntake) -> list[Check]:
    told: list[Check] = []
    for code, count in sorted(Counter(row.code for row in intake.rejected).items()):
        rows = [row for row in intake.rejected if row.code == code]
        names = tuple(row.source_id or f"row {row.number}" for row in rows[:MOST_EXAMPLES])
        told.append(Check(code, "error", count, names, rows[0].en, rows[0].zh))
    return told


def _examples(assets: AssetTable, rows: IntArray) -> tuple[str, ...]:
    return tuple(assets.source_id[row] for row in rows[:MOST_EXAMPLES].tolist())


@dataclass(frozen=True, slots=True)
class _Lines:
    """The pipes: their rows, and their shapes."""

    row: IntArray
    shape: NDArray[np.object_]

    @staticmethod
    def of(assets: AssetTable) -> "_Lines":
        shapes = assets.geometry()
        row = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
        return _Lines(row, shapes[row])


def _twice(assets: AssetTable) -> IntArray:
    seen: set[bytes] = set()
    rows = []
    for row, shape in enumerate(assets.wkb):
        if shape in seen:
            rows.append(row)
        seen.add(shape)
    return np.array(rows, np.int64)


def _nearly_joined(lines: _Lines) -> IntArray:
    if not len(lines.row):
        return lines.row
    parts, line = shapely.get_parts(lines.shape, return_index=True)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    row = np.tile(lines.row[line], 2)
    one, other = near_points(ends, ends, NEARLY_M)
    apart = row[one] != row[other]
    one, other = one[apart], other[apart]
    lonlat = shapely.get_coordinates(ends)
    _, _, metres = CGCS2000.inv(*lonlat[one].T, *lonlat[other].T)
    joined = np.zeros(len(ends), dtype=np.bool_)
    joined[one[metres <= TOUCHING_M]] = True
    near = one[(metres > TOUCHING_M) & (metres <= NEARLY_M)]
    return np.unique(row[near[~joined[near]]])


def _length_differs(assets: AssetTable, intake: NetworkIntake) -> IntArray:
    if intake.stated_length_m is None:
        return np.empty(0, np.int64)
    stated = np.array(
        [np.nan if metres is None else metres for metres in intake.stated_length_m.values], np.float64
    )[intake.stated_length_m.code]
    cuts = cut_wkb(assets.wkb, np.zeros(len(assets)))
    drawn = np.zeros(len(assets))
    np.maximum.at(drawn, cuts.asset, cuts.to_m)
    off = np.abs(drawn - stated)
    return np.flatnonzero((drawn > 0) & (off > LENGTH_M) & (off > LENGTH_SHARE * stated))


def _where(assets: AssetTable, names: Sequence[str], odd: Any) -> IntArray:
    """The rows whose values of some columns `odd` says are odd together."""
    found = combinations([assets.attributes[name] for name in names])
    is_odd = np.array([odd(said) for said in found.rows], dtype=np.bool_)
    return np.flatnonzero(is_odd[found.of_row])


def _is_odd_plastic(said: tuple[str | None, PressureClass | None]) -> bool:
    material, pressure_class = said
    return pressure_class in NOT_OF_PLASTIC and (material or "").upper().startswith(PLASTICS)


def _outside(assets: AssetTable, service_area: BaseGeometry | None) -> IntArray:
    if service_area is None:
        return np.empty(0, np.int64)
    shapely.prepare(service_area)
    return np.flatnonzero(~shapely.covers(service_area, assets.geometry()))

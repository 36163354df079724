"""One check: what it found, how much of it, where, and the sentence that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from spatial.asset_table import AssetTable
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray

MOST_EXAMPLES = 10
MOST_PLACES = 300
"""Of one check, marked on a map: more would cover the pipes."""

CHECKS: Mapping[str, tuple[str, str]] = {
    "line_crosses_itself": (
        "pipes cross themselves: points in the wrong order, or two pipes drawn as one",
        "条管道自相交：点序有误，或两条管道画成了一条",
    ),
    "shape_twice": (
        "rows have the very shape of a row before them, the same way or the other way round: drawn twice, or two pipes "
        "in one trench",
        "行与前面某行图形完全相同（含方向相反）：重复绘制，或同沟敷设",
    ),
    "ends_not_joined": (
        "pipes end within 1 to 50 cm of another's end or side without meeting it",
        "条管道的端点距另一管道或设施 1 至 50 厘米而未连接",
    ),
    "pipe_alone": (
        "pipes meet nothing at all within 50 cm: a connection is missing, or its neighbours are in another dataset",
        "条管道 50 厘米内不与任何管道或设施相接：缺少连接，或相邻管道在其他数据集",
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
    "plastic_before_its_time": (
        "pipes of plastic are said to be laid before 1960, when there were none: material or date is wrong",
        "条塑料管道的敷设日期早于 1960 年（当时尚无塑料燃气管）：材质或日期有误",
    ),
    "high_pressure_to_customers": (
        "courtyard, service or customer pipes are said to be of high pressure: kind or class is wrong",
        "条庭院管、引入管或用户管标为高压：管道种类或压力级别有误",
    ),
    "diameter_implausible": (
        "pipes are wider than their class is built (LP, MP 630 mm; SHP 1020 mm; HP 1422 mm), or a main is thinner than "
        "20 mm: wrong unit, or wrong class",
        "条管道的管径超出该级别常见上限（低压、中压 630 毫米，次高压 1020 毫米，高压 1422 毫米），或干管小于 20 毫米：单位或级别有误",
    ),
    "cover_implausible": (
        "pipes have less than 0.3 m of cover, the least allowed anywhere (GB 50028-2006 6.3.4), or more than 6 m: wrong "
        "unit, or not measured to the pipe",
        "条管道的覆土小于 0.3 米（GB 50028-2006 第 6.3.4 条的最小值）或大于 6 米：单位有误，或量的不是管道",
    ),
    "laid_on_implausible": (
        "rows carry a day that stands for an unknown one (before 1901, or 1 January 1970): the date is a stand-in",
        "行的敷设日期是占位值（1901 年以前，或 1970 年 1 月 1 日）：日期并非实际",
    ),
    "outside_service_area": (
        "rows lie outside the utility's service area: wrong place, or the area is too small",
        "行位于该企业的服务范围之外：位置有误，或服务范围过小",
    ),
    "pressure_class_unknown": (
        "pipes are of unknown pressure class: judged as the widest there is",
        "条管道压力级别未知：按最宽的级别判断",
    ),
    "diameter_mm_unknown": (
        "pipes are of unknown diameter: judged as the widest of their class",
        "条管道管径未知：按该级别最大管径判断",
    ),
    "cover_m_unknown": (
        "pipes are of unknown depth: depth relieves nobody there",
        "条管道埋深未知：判断时不因埋深放宽",
    ),
    "material_unknown": ("pipes are of unknown material", "条管道材质未知"),
    "laid_on_unknown": ("pipes are of unknown age", "条管道敷设日期未知"),
    "survey_class_unknown": (
        "pipes of which nobody says how they were surveyed: placed no better than 2 m",
        "条管道未说明测量类别：位置按不优于 2 米计",
    ),
}
"""Code -> what follows the number of rows, in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Check:
    """count: rows of the file; examples: ids of the first few. severity: `error`, rejected; `warning`, taken.

    places: lon/lat EPSG:4490 of at most MOST_PLACES of the rows, evenly chosen, as far as they have one.
    """

    code: str
    severity: str
    count: int
    examples: tuple[str, ...]
    en: str
    zh: str
    places: tuple[tuple[float, float], ...] = ()

    def document(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("code", "severity", "count", "en", "zh")}
        return told | {"examples": list(self.examples)}


def found_in(assets: AssetTable, found: Mapping[str, IntArray]) -> list[Check]:
    """The checks by code -> rows that found anything; all of them warnings."""
    return [
        Check(
            code,
            "warning",
            len(rows),
            tuple(assets.source_id[row] for row in rows[:MOST_EXAMPLES].tolist()),
            *CHECKS[code],
            places=places(shapely.bounds(shapely.from_wkb(assets.wkb[evenly(rows)])).reshape(-1, 4)),
        )
        for code, rows in found.items()
        if len(rows)
    ]


def evenly(rows: IntArray) -> IntArray:
    """MOST_PLACES of them, chosen evenly: the first ones often lie in one corner of the network."""
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_PLACES)).astype(np.int64))
    return rows[chosen]


def places(boxes: FloatArray | Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """The middles of some boxes (n, 4), to a tenth of a metre."""
    edges = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    middles = ((edges[:, :2] + edges[:, 2:]) / 2.0).round(6) + 0.0
    return tuple((lon, lat) for lon, lat in middles.tolist())

"""Rows whose fate is known when they are made: Xining, EPSG:4543, metres, x = easting."""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

WEST, SOUTH, ACROSS_M = 478_000.0, 4_052_000.0, 4_000.0
ELSEWHERE = (480_000.0, 9_000_000.0)
"""Far off the country (81 degrees north), though a place on earth."""
OFF_ZONE = ((3_000_000.0, 400_000.0), (3_000_009.0, 400_000.0))
"""Within the degrees of the country, and where no zone of 102 degrees east can be used."""
HUGE = 4e18

GOOD = ("line", "lines", "crossing_line", "point", "area")
BAD = (
    "none",
    "empty",
    "zero_length",
    "not_a_number",
    "bow_tie",
    "huge",
    "elsewhere",
    "collection",
    "same_id",
)
WITHOUT_PLACE = frozenset({"none", "empty"})
BEYOND = frozenset({"huge", "elsewhere", "off_zone"})
"""Beyond what its CRS is made for, so that nobody can say where on earth it lies: it may be anywhere."""

CELLS: dict[str, tuple[Any, ...]] = {
    "diameter_mm": (110, 63.0, "De110", "DN200", "108x4", 0, -5, 4e9, "1e999", "abc", "", None, "不详"),
    "pressure_class": ("中压A", "MP-B", "0.4MPa", "低压", 0.4, "P2", "", None, "未知", "高压" * 90),
    "cover_m": (1.2, "0.9", "１.1", 0, 9.99, 99.99, -1, 4e9, "deep", None, "-"),
    "material": ("PE", "钢", "polyetheen", "", None, "无", "x" * 300, "a\u2028b"),
    "laid_on": ("2012-05-06", "2015年", "1998", "9999-12-31", "1900-01-01", "2012-02-31", "soon", None, ""),
    "kind": ("main", "庭院", "service", "sewer", "", None),
}
"""Good values and bad ones: a bad value is unknown and never a reason to reject a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """kind: of GOOD, BAD or a format's own. shape: None where there is none. taken: whether it must become an asset."""

    id: str
    kind: str
    shape: BaseGeometry | None
    cells: dict[str, Any]

    @property
    def taken(self) -> bool:
        return self.kind in GOOD


def made_rows(chance: Random, kinds: tuple[str, ...]) -> list[Row]:
    """At least one good row; which kinds a format can hold it says itself."""
    good, bad = [kind for kind in kinds if kind in GOOD], [kind for kind in kinds if kind not in GOOD]
    wanted = [chance.choice(good)]
    wanted += [chance.choice(good if chance.random() < 0.6 else bad) for _ in range(chance.randrange(40))]
    rows: list[Row] = []
    for at, kind in enumerate(wanted):
        taken = [row.id for row in rows if row.taken]
        if kind == "same_id" and not taken:
            kind = good[0]
        name = chance.choice(taken) if kind == "same_id" else f"P{at}"
        rows.append(Row(name, kind, _shape(chance, kind), _cells(chance)))
    if "elsewhere" in kinds and chance.random() < 0.3 and sum(row.taken for row in rows) > 1:
        rows.append(Row("stray", "off_zone", LineString(OFF_ZONE), _cells(chance)))
    return rows


def _cells(chance: Random) -> dict[str, Any]:
    return {name: chance.choice(values) for name, values in CELLS.items()}


def _shape(chance: Random, kind: str) -> BaseGeometry | None:
    x, y = WEST + chance.uniform(0, ACROSS_M), SOUTH + chance.uniform(0, ACROSS_M)
    walk = _walk(chance, x, y)
    shapes: dict[str, Any] = {
        "line": lambda: LineString(walk),
        "same_id": lambda: LineString(walk),
        "lines": lambda: MultiLineString([walk, _walk(chance, x + 200, y)]),
        "crossing_line": lambda: LineString([(x, y), (x + 30, y + 30), (x + 30, y), (x, y + 30)]),
        "point": lambda: Point(x, y),
        "area": lambda: Polygon([(x, y), (x + 9, y), (x + 9, y + 7), (x, y + 7)]),
        "none": lambda: None,
        "unreadable": lambda: None,
        "empty": lambda: LineString(),
        "zero_length": lambda: LineString([(x, y)] * chance.randrange(2, 5)),
        "not_a_number": lambda: LineString([*walk, (math.nan, y)]),
        "bow_tie": lambda: Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)]),
        "huge": lambda: LineString([(HUGE, y), (HUGE * 2, y)]),
        "elsewhere": lambda: LineString([ELSEWHERE, (ELSEWHERE[0] + 5, ELSEWHERE[1])]),
        "collection": lambda: GeometryCollection([Point(x, y), LineString(walk)]),
    }
    with np.errstate(invalid="ignore"):
        shape: BaseGeometry | None = shapes[kind]()
    return shape


def _walk(chance: Random, x: float, y: float) -> list[tuple[float, float]]:
    points = [(x, y)]
    for _ in range(chance.randrange(1, 6)):
        x, y = x + chance.uniform(2, 60), y + chance.uniform(-40, 40)
        points.append((round(x, 3), round(y, 3)))
    return points


def finite_positions(shape: BaseGeometry | None) -> list[tuple[float, float]]:
    if shape is None:
        return []
    return [
        (x, y) for x, y in shapely.get_coordinates(shape).tolist() if math.isfinite(x) and math.isfinite(y)
    ]

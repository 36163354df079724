"""Where a file's coordinates lie on the earth, roughly: enough to sort out strays before the exact passage.

A single stray row would otherwise decide which operation's area of use holds the data, or be densified
across a continent. Nothing measured here is kept.
"""

from math import hypot

import numpy as np
from numpy.typing import NDArray

from ingest.files.rows import span
from spatial.crs import DeclaredCrs, Passage, looks_like, looks_swapped, open_passage, rough_place, usable_at
from spatial.crs.operations import is_lonlat
from spatial.errors import Refused
from spatial.values import Box, Extent

ROUGH_DEGREES = 0.05
"""5 km: more than any datum shift, GCJ-02 and BD-09 included."""
METRES_PER_DEGREE = 111_000.0
CUT_BELOW_M = 100_000.0
"""No easting or northing of a national grid in China is less."""
EASTINGS_FROM_500_KM = frozenset({*range(4502, 4513), *range(4534, 4555)})
"""EPSG codes of CGCS2000 in Gauss-Kruger zones without a zone number: the middle of a zone is at 500 km."""
_WITHOUT_ZONE = {
    **{code: (code - 4488, code + 21) for code in range(4513, 4534)},
    **{code: (code - 4478, code + 11) for code in range(4491, 4502)},
}
"""EPSG code of a CGCS2000 zone whose number leads its eastings -> the number, and the code of the zone without it."""
SIDE_STRETCHES = 64
"""Of a box of 60 degrees they are a degree long; between their ends a side strays by less than ROUGH_DEGREES."""


def rows_inside(declared: DeclaredCrs, bounds: NDArray[np.float64], extent: Extent) -> NDArray[np.bool_]:
    """roughly_inside() of many bounds (n, 4) in the declared CRS, which are not looked at one by one where all lie well
    inside."""
    known = ~np.isnan(bounds).any(axis=1)
    if known.any():
        # The image of a box is bounded by the images of its sides. Where those lie inside, without give or take, all do.
        around = rough_bounds(declared, _strips(bounds[known]))
        if roughly_inside(around, extent, 0.0).all():
            return known
    return roughly_inside(rough_bounds(declared, bounds), extent)


def passage_of_most(
    declared: DeclaredCrs, bounds: NDArray[np.float64], inside: NDArray[np.bool_]
) -> tuple[Passage, NDArray[np.bool_]]:
    """The passage of the rows that lie inside (one at least), and which of those it is not for: strays, fewer than half,
    whose numbers lie where their CRS cannot be used. Where they are more, the CRS is not the file's. A registered grid is
    for all rows or for none.

    :raises Refused: as open_passage.
    """
    together = span(bounds[inside])
    assert together is not None
    try:
        return open_passage(declared, together), np.zeros(len(bounds), dtype=np.bool_)
    except Refused:
        strays = inside & ~usable_at(declared, rough_bounds(declared, bounds))
        most = span(bounds[inside & ~strays])
        if most is None or not 0 < 2 * strays.sum() < inside.sum():
            raise
        return open_passage(declared, most), strays


@np.errstate(
    over="ignore", invalid="ignore"
)  # coordinates far off the earth; what becomes none of them lies nowhere
def _strips(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The four sides of the box round all `bounds`, in short stretches: (n, 4), each as flat as a side is."""
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    steps = np.linspace(low, high, SIDE_STRETCHES + 1)
    flat = np.ones((SIDE_STRETCHES, 1))
    across = [np.column_stack([steps[:-1, 0], y * flat, steps[1:, 0], y * flat]) for y in (low[1], high[1])]
    along = [np.column_stack([x * flat, steps[:-1, 1], x * flat, steps[1:, 1]]) for x in (low[0], high[0])]
    return np.concatenate([*across, *along])


def roughly_inside(
    lonlat: NDArray[np.float64], extent: Extent, give: float = ROUGH_DEGREES
) -> NDArray[np.bool_]:
    """Whether each row of rough_bounds() lies in `extent`, give or take so many degrees (5 km). NaN: no."""
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = (
            (lonlat[:, 0] >= extent.west - give)
            & (lonlat[:, 1] >= extent.south - give)
            & (lonlat[:, 2] <= extent.east + give)
            & (lonlat[:, 3] <= extent.north + give)
        )
    return inside


def rough_bounds(declared: DeclaredCrs, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) bounds in the declared CRS -> bounds of their corners in degrees, within a kilometre; NaN where none."""
    if declared.grid is None and (declared.epsg is None or is_lonlat(declared.epsg)):
        return bounds  # they are longitude and latitude already
    corners = np.stack([bounds[:, [0, 2, 2, 0]], bounds[:, [1, 1, 3, 3]]], axis=-1)
    lonlat = rough_place(declared, corners.reshape(-1, 2)).reshape(-1, 4, 2)
    return np.column_stack([lonlat.min(axis=1), lonlat.max(axis=1)])


def rough_length_m(lonlat: NDArray[np.float64], bounds: Box, length: float) -> float:
    """About how many metres `length` (in the declared CRS's units) is, for a shape with these bounds there and
    these rough_bounds() (4,)."""
    west, south, east, north = lonlat.tolist()
    across = hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])
    metres = hypot(east - west, north - south) * METRES_PER_DEGREE
    return length * metres / across if across > 0 else 0.0


def outside(declared: DeclaredCrs, bounds: Box, extent: Extent, *, pointer: str = "") -> Refused:
    """The refusal of data that lies outside the extent; says so when x and y look exchanged."""
    where = f"{extent.west:g} to {extent.east:g} E, {extent.south:g} to {extent.north:g} N"
    where_zh = f"东经 {extent.west:g}°–{extent.east:g}°、北纬 {extent.south:g}°–{extent.north:g}°"
    if looks_swapped(declared, bounds, extent):
        return Refused.because(
            "axes_swapped",
            en=f"x and y look exchanged: read the other way round, the data would lie inside the extent ({where}); "
            "write longitude or easting first (in a survey table X is the northing and Y the easting)",
            zh=f"横纵坐标似乎颠倒：交换后数据位于负责范围内（{where_zh}）；请把经度或东坐标写在前面（管点表中 X 为北坐标、Y 为东坐标）",
            pointer=pointer,
        )
    en, zh = _about_zone(declared, bounds)
    hints = "" if en else ", ".join(looks_like(bounds))
    if not (hints or en):
        en, zh = _about_digits(bounds)
    corner = f"{bounds[0]:.10g} {bounds[1]:.10g}"
    return Refused.because(
        "outside_extent",
        en=f"this lies outside the ground this installation answers for ({where}): {corner} in {declared.name}; "
        "check the declared CRS"
        + (f" (the numbers look like {hints})" if hints else en)
        + "; whoever runs this installation sets its ground with PREDIG_EXTENT",
        zh=f"数据位于本系统负责范围（{where_zh}）之外：{declared.name} 下的 {corner}；请检查声明的坐标系"
        + (f"（数值像是 {hints}）" if hints else zh)
        + "；负责范围由管理员以 PREDIG_EXTENT 设置",
        pointer=pointer,
    )


def eastings_cut(declared: DeclaredCrs, bounds: NDArray[np.float64]) -> int:
    """How many rows have an easting as if its first digit were gone. They may be right: provinces keep data in one zone."""
    if declared.epsg not in EASTINGS_FROM_500_KM:
        return 0
    with np.errstate(invalid="ignore"):
        cut = (bounds[:, 0] > 0) & (bounds[:, 2] < CUT_BELOW_M)
    return int(cut.sum())


def _about_zone(declared: DeclaredCrs, bounds: Box) -> tuple[str, str]:
    """The number of the zone left out before the easting; empty where it is not that."""
    without = _WITHOUT_ZONE.get(declared.epsg or 0)
    west, _, east, _ = bounds
    if without is None or not CUT_BELOW_M <= west <= east <= 900_000.0:
        return "", ""
    zone, code = without
    return (
        f" (the number of the zone, {zone}, is missing before the easting: if the source confirms the zone, declare "
        f"EPSG:{code})",
        f"（东坐标前缺少带号 {zone}：经数据来源核实带号后，请声明 EPSG:{code}）",
    )


def _about_digits(bounds: Box) -> tuple[str, str]:
    """What may have happened to the leading digits of metres; empty where nothing comes to mind."""
    west, _, east, north = bounds
    zone = int(min(west, 1e12) // 1_000_000) if west > 0 else 0
    if zone >= 1000 and zone // 100 == zone % 100:
        return (
            f" (the zone number {zone % 100} stands twice before the easting)",
            f"（东坐标前的带号 {zone % 100} 重复了两次）",
        )
    if max(map(abs, bounds)) > 1000 and min(east, north) < CUT_BELOW_M:
        return (
            " (leading digits look cut off: ask the surveyor for the full coordinates)",
            "（坐标的前几位数字似乎被截掉：请向测绘单位索取完整坐标）",
        )
    return "", ""

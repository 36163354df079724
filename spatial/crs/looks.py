"""What bare numbers look like: a hint for the sentence that refuses them, never a decision.

Ranges are those of China (3 to 54 N, 73 to 136 E) with room to spare; zone codes are EPSG's.
"""

import math
from dataclasses import dataclass

SourceBounds = tuple[float, float, float, float]
"""x min, y min, x max, y max in source coordinates; x is always the easting or the longitude."""

_UNPREFIXED = ("EPSG:4543", "EPSG:4542", "EPSG:4541", "EPSG:4540", "EPSG:4539", "EPSG:32647")
"""3-degree zones of Qinghai from the east (102 E: Xining) to the west, then its UTM zone."""


@dataclass(frozen=True, slots=True)
class _Look:
    codes: tuple[str, ...]
    en: str
    zh: str


def looks_like(bounds: SourceBounds) -> tuple[str, ...]:
    """Names of systems in which numbers like these are usual, likeliest first; () if none comes to mind.

    Also tried with x and y exchanged.
    """
    return _as_given_or_swapped(bounds)[0].codes


def seem_swapped(bounds: SourceBounds) -> bool:
    """Whether the numbers look like something only after x and y are exchanged."""
    return _as_given_or_swapped(bounds)[1]


def say_looks(bounds: SourceBounds | None) -> tuple[str, str]:
    """What the numbers look like, as an English and a Chinese sentence to append; empty if unknown."""
    if bounds is None:
        return "", ""
    look, swapped = _as_given_or_swapped(bounds)
    if not look.codes:
        return "", ""
    end_en, end_zh = ("" if look.en.endswith("?") else "."), ("" if look.zh.endswith("？") else "。")
    if swapped:
        return (
            f" With x and y exchanged (x must be the easting or longitude) they look like {look.en}{end_en}",
            f"若将 x 与 y 对调（x 应为东坐标或经度），则像是{look.zh}{end_zh}",
        )
    return f" The numbers look like {look.en}{end_en}", f"这些数值像是{look.zh}{end_zh}"


def _as_given_or_swapped(bounds: SourceBounds) -> tuple[_Look, bool]:
    if not all(map(math.isfinite, bounds)):
        return _Look((), "", ""), False
    west, south, east, north = bounds
    as_given = _look(west, south, east, north)
    if as_given.codes:
        return as_given, False
    swapped = _look(south, west, north, east)
    return swapped, bool(swapped.codes)


def _look(west: float, south: float, east: float, north: float) -> _Look:
    def within(x_low: float, x_high: float, y_low: float, y_high: float) -> bool:
        return x_low <= west <= east <= x_high and y_low <= south <= north <= y_high

    place = f"{_spaced(west)} / {_spaced(south)}"
    if within(73, 136, 3, 54):
        return _Look(
            ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"),
            "longitude/latitude in China: EPSG:4490, EPSG:4326, GCJ-02 or BD-09, up to 1 km apart: "
            "ask the source which",
            "中国境内的经纬度：可能是 EPSG:4490、EPSG:4326、GCJ-02 或 BD-09，相差可达 1 公里，请向数据来源核实",
        )
    if within(3, 54, 73, 136):
        return _Look((), "", "")  # longitude/latitude of China exchanged: the other reading says so
    if within(-180, 180, -90, 90):
        return _Look(
            ("EPSG:4326",), "longitude/latitude outside China: EPSG:4326?", "中国境外的经纬度：EPSG:4326？"
        )
    zones = _prefixed_zones(west, east) if 300_000 <= south <= north <= 6_100_000 else ()
    mercator = within(8_000_000, 15_300_000, 300_000, 7_300_000)
    if zones or mercator:
        codes = zones + (("EPSG:3857",) if mercator else ())
        either = " or ".join(codes)
        return _Look(
            codes, f"eastings near {_spaced(west)}: {either}?", f"东坐标约 {_spaced(west)}：{either}？"
        )
    if within(100_000, 900_000, 1_500_000, 6_100_000):
        return _Look(
            _UNPREFIXED,
            f"{place}: a zone without prefix: EPSG:4543 if the central meridian is 102 E "
            "(99 E EPSG:4542, 96 E EPSG:4541, 93 E EPSG:4540, 90 E EPSG:4539), or UTM (EPSG:32647): "
            "ask the source for the meridian, and whether it is a city's own grid, which looks the same and lies "
            "metres off",
            f"{place}：不带带号的坐标：中央子午线 102° 为 EPSG:4543（99° EPSG:4542、96° EPSG:4541、93° EPSG:4540、"
            "90° EPSG:4539），或 UTM（EPSG:32647），请向数据来源核实中央子午线，并确认不是城市"
            "独立坐标系（数值相近，实地可差数米）",
        )
    german = int(west // 1_000_000)
    if 2 <= german <= 5 and east < (german + 1) * 1_000_000 and 5_200_000 <= south <= north <= 6_200_000:
        code = f"EPSG:{31464 + german}"
        return _Look((code,), f"{place}: {code} (Germany)?", f"{place}：{code}（德国）？")
    if within(0, 300_000, 300_000, 630_000):
        return _Look(
            ("EPSG:28992", "EPSG:27700"),
            f"{place}: EPSG:28992 (Netherlands) or EPSG:27700 (Great Britain)?",
            f"{place}：EPSG:28992（荷兰）或 EPSG:27700（英国）？",
        )
    return _Look((), "", "")


def _prefixed_zones(west: float, east: float) -> tuple[str, ...]:
    """CGCS2000 zones whose number leads the eastings; () if the eastings are no such thing."""
    first, last = int(west // 1_000_000), int(east // 1_000_000)
    offsets = (west - first * 1_000_000, east - last * 1_000_000)
    if not all(100_000 <= offset <= 900_000 for offset in offsets):
        return ()
    if 25 <= first <= last <= 45:  # 3-degree zones: EPSG:4513 is zone 25
        return tuple(f"EPSG:{4488 + zone}" for zone in range(first, last + 1))
    if 13 <= first <= last <= 23:  # 6-degree zones: EPSG:4491 is zone 13
        return tuple(f"EPSG:{4478 + zone}" for zone in range(first, last + 1))
    return ()


def _spaced(value: float) -> str:
    """34480000.0 -> '34 480 000'."""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}"

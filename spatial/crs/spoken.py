"""Coordinate systems by the names people use: "CGCS2000 3度带 34", "西安80 102E", "CGCS2000_3_Degree_GK_CM_102E".

A name is taken only when every part of it is understood and it means one system. A zone and its central meridian are one
projection whose eastings do or do not begin with the zone's number: the data's own digits say which, and nothing is guessed.
"""

import re

from spatial.crs.looks import SourceBounds
from spatial.crs.registry import titles

_DATUMS = (
    (r"cgcs2000|(?:中国)?(?:国家)?大地2000|国家2000|2000国家大地(?:坐标系?)?", "CGCS2000"),
    (r"(?:xi'?an|西安)(?:19)?80|(?:19)?80西安", "Xian 1980"),
    (r"(?:beijing|北京)(?:19)?54|(?:19)?54北京", "Beijing 1954"),
    (r"wgs(?:19)?84", "WGS 84"),
)
_WIDTH = re.compile(r"(?<!\d)([36三六])(?:度分?带?|°分?带|degrees?|deg)")
_FILLING = re.compile(
    r"gauss|kr(?:u|ü)ger|gk|zone|cm|proj(?:ected)?|高斯|克吕格|投影|坐标系?|分带|带号|带|中央(?:子午线|经线)|东经|第|度|°|e"
)
_UTM = re.compile(r"utm(?:zone)?(\d{1,2})n?")
_DEGREES = re.compile(r"经纬度|地理|lon(?:gitude)?lat(?:itude)?|lonlat|gcs|geographic|坐标系?")
_WIDTHS = {"3": 3, "三": 3, "6": 6, "六": 6}
_ZONES = {3: range(25, 46), 6: range(13, 24)}
"""Of China, by the width of a zone in degrees: no number is in both."""


def spoken_code(name: str, bounds: SourceBounds | None) -> int | None:
    """The EPSG code that a spoken name means for data within these bounds; None where it means none, or not just one.

    name: in NFKC. bounds: x min, y min, x max, y max of the data.
    """
    text = re.sub(r"[\s_\-/,，、()（）:：]", "", name.lower())
    for pattern, datum in _DATUMS:
        found = re.search(pattern, text)
        if found:
            return _code(datum, text[: found.start()] + "|" + text[found.end() :], bounds)
    return None


def _code(datum: str, rest: str, bounds: SourceBounds | None) -> int | None:
    """rest: of the name, with a bar where the datum stood."""
    rest = rest.strip("|")
    if not _DEGREES.sub("", rest):
        return _registered(datum) if _in_degrees(bounds) else None
    if datum == "WGS 84":
        utm = _UTM.fullmatch(rest)
        return _registered(f"WGS 84 / UTM zone {int(utm[1])}N") if utm else None
    width = _WIDTH.search(rest)
    number = _FILLING.sub("", _WIDTH.sub("|", rest, count=1)).strip("|")
    if not re.fullmatch(r"\d{2,3}", number):
        return None
    return _projected(datum, _WIDTHS[width[1]] if width else None, int(number), bounds)


def _projected(datum: str, width: int | None, number: int, bounds: SourceBounds | None) -> int | None:
    """number: of a zone, or the degrees of a central meridian."""
    widths = (width,) if width else (3, 6)
    for wide in widths:
        zones = _ZONES[wide]
        first = zones.start * wide - (0 if wide == 3 else 3)
        if number in zones:
            zone, meridian = number, first + (number - zones.start) * wide
        elif number in range(first, first + len(zones) * wide, wide):
            zone, meridian = zones.start + (number - first) // wide, number
        else:
            continue
        way = "3-degree Gauss-Kruger" if wide == 3 else "Gauss-Kruger"
        prefixed = bounds is not None and zone * 1e6 <= bounds[0] <= bounds[2] < (zone + 1) * 1e6
        return _registered(f"{datum} / {way} {f'zone {zone}' if prefixed else f'CM {meridian}E'}")
    return None


def _in_degrees(bounds: SourceBounds | None) -> bool:
    return (
        bounds is not None and -180 <= bounds[0] <= bounds[2] <= 180 and -90 <= bounds[1] <= bounds[3] <= 90
    )


def _registered(title: str) -> int | None:
    return titles().get({"CGCS2000": "China Geodetic Coordinate System 2000"}.get(title, title))

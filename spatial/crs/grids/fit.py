"""Parameters worked out: from common points by least squares, or from the height of a plane.

A point is a complex number here, east + i north: a similarity of the plane is then w = shift + turn * z.
"""

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.crs.grids.values import Similarity
from spatial.crs.looks import SourceBounds
from spatial.crs.operations import conversion, transformer
from spatial.errors import Refused
from spatial.measuring.boxes import FloatArray

FEWEST_POINTS = 3
"""Two determine the four parameters and leave nothing to see a mistake by."""
LEAST_ACCURACY_M = 0.01
"""However well the points fit each other: control points are not known better."""
WORST_ACCURACY_M = 10.0
"""Beyond it some point is wrong, not badly surveyed."""
_NEAREST_M = 10.0
"""Points closer together than this say nothing about direction and scale."""
_SEMI_MAJOR_M, _ECCENTRICITY_2 = 6378137.0, 0.00669438002290


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """way: the similarity of least squares. residuals_m (n,): how far each point lies from where it leads.

    area: the grid coordinates within which accuracy_m, a 95 % bound, holds: the box round the points, widened
    on each side by half its diagonal.
    """

    way: Similarity
    accuracy_m: float
    residuals_m: tuple[float, ...]
    area: SourceBounds


def fit(local: FloatArray, known: FloatArray) -> Fit:
    """The similarity that carries `local` nearest to `known`, both (n, 2) metres, easting first.

    Refused: grid_points_few, grid_points_one_place, grid_points_swapped, grid_points_disagree.
    """
    check_spread(local, known)
    z, w = as_complex(local), as_complex(known)
    way, residuals = least_squares(z, w)
    low, high = local.min(axis=0), local.max(axis=0)
    beyond = float(np.hypot(*(high - low))) / 2.0
    area = (float(low[0] - beyond), float(low[1] - beyond), float(high[0] + beyond), float(high[1] + beyond))
    accuracy_m = max(_bound_m(z, residuals, area), LEAST_ACCURACY_M)
    if not accuracy_m <= WORST_ACCURACY_M:
        _, exchanged = least_squares(as_complex(local[:, ::-1]), w)
        if float(np.sum(exchanged**2)) < 0.01 * float(np.sum(residuals**2)):
            raise Refused.because(
                "grid_points_swapped",
                en="X and y look exchanged on one side: read the other way round, the points fit. Write the easting "
                "into x and the northing into y.",
                zh="一侧的横纵坐标似乎颠倒：交换后各点相符。请把东坐标写入 x，北坐标写入 y。",
            )
        worst = int(np.argmax(residuals))
        raise Refused.because(
            "grid_points_disagree",
            en=f"The common points do not fit each other: the 95 % bound would be {accuracy_m:.3g} m, more than "
            f"{WORST_ACCURACY_M:g} m. Point {worst + 1} is worst with {residuals[worst]:.3f} m: check the points and "
            "--base.",
            zh=f"公共点互不相符：95% 界限达 {accuracy_m:.3g} 米，超过 {WORST_ACCURACY_M:g} 米。第 {worst + 1} 点残差最大，"
            f"为 {residuals[worst]:.3f} 米：请核对各点和 --base。",
        )
    return Fit(way, math.ceil(accuracy_m * 1000.0) / 1000.0, tuple(residuals.tolist()), area)


def check_spread(local: FloatArray, known: FloatArray) -> None:
    """:raises Refused: grid_points_few, grid_points_one_place."""
    if len(local) < FEWEST_POINTS:
        raise Refused.because(
            "grid_points_few",
            en=f"There are {len(local)} common points: at least {FEWEST_POINTS} are needed, so that they check each other.",
            zh=f"公共点只有 {len(local)} 个：至少需要 {FEWEST_POINTS} 个才能相互检核。",
        )
    z, w = as_complex(local), as_complex(known)
    if np.abs(z - z.mean()).max() < _NEAREST_M or np.abs(w - w.mean()).max() < _NEAREST_M:
        raise Refused.because(
            "grid_points_one_place",
            en=f"The common points lie within {_NEAREST_M:g} m of each other: use points that surround the data.",
            zh=f"公共点彼此相距不足 {_NEAREST_M:g} 米：请使用分布在数据四周的点。",
        )


def least_squares(
    z: NDArray[np.complex128], w: NDArray[np.complex128]
) -> tuple[Similarity, NDArray[np.float64]]:
    """The similarity that carries z nearest to w, and how far from each w it leads."""
    from_middle = z - z.mean()
    turn = complex(np.vdot(from_middle, w - w.mean()) / np.vdot(from_middle, from_middle))
    shift = complex(w.mean() - turn * z.mean())
    angle = math.degrees(-cmath.phase(turn)) * 3600.0
    residuals: NDArray[np.float64] = np.abs(w - (w.mean() + turn * from_middle))
    return Similarity(shift.real, shift.imag, angle, abs(turn)), residuals


def _bound_m(z: NDArray[np.complex128], residuals: NDArray[np.float64], area: SourceBounds) -> float:
    """The 95 % bound of a new point's error anywhere in `area`.

    2n observations determine four parameters, so f = 2n - 4 are left. A new point is off by its own error and by
    that of the parameters, which grows with the distance from the points' middle; the square of the error over
    2 s^2 follows F(2, f), whose 95 % point is f / 2 * (0.05^(-2 / f) - 1).
    """
    left = 2 * len(z) - 4
    from_middle = z - z.mean()
    west, south, east, north = area
    corners = np.array([complex(x, y) for x in (west, east) for y in (south, north)])
    farthest = float(np.abs(corners - z.mean()).max())
    variance = float(np.sum(residuals**2)) / left
    variance *= 1.0 + 1.0 / len(z) + farthest**2 / float(np.sum(np.abs(from_middle) ** 2))
    return math.sqrt(left * (0.05 ** (-2.0 / left) - 1.0) * variance)


def plane_from_lonlat(base: int, lonlat: FloatArray) -> FloatArray:
    """(n, 2) longitude/latitude of CGCS2000 on the plane of `base`. Refused: grid_points_unreadable."""
    plane = transformer(conversion(base).pipeline)
    east, north = plane.transform(lonlat[:, 0], lonlat[:, 1], direction="INVERSE", errcheck=False)
    known: FloatArray = np.column_stack([east, north])
    if not np.isfinite(known).all():
        raise Refused.because(
            "grid_points_unreadable",
            en="Some lon, lat lie nowhere in --base: write degrees, longitude first.",
            zh="部分 lon、lat 在 --base 坐标系中没有位置：请写度数，经度在前。",
        )
    return known


def as_complex(xy: FloatArray) -> NDArray[np.complex128]:
    """(n, 2) easting, northing as east + i north."""
    numbers: NDArray[np.complex128] = xy[:, 0] + 1j * xy[:, 1]
    return numbers


def raised(base: int, centre: tuple[float, float], plane_height_m: float) -> Similarity:
    """A grid that equals the projection `base` at `centre` (easting, northing) and is raised by `plane_height_m`.

    Lengths grow by height / radius, the radius being the ellipsoid's mean one at the centre.
    """
    _, lat = transformer(conversion(base).pipeline).transform(*centre)
    curved = 1.0 - _ECCENTRICITY_2 * math.sin(math.radians(lat)) ** 2
    radius_m = _SEMI_MAJOR_M * math.sqrt(1.0 - _ECCENTRICITY_2) / curved
    scale = 1.0 / (1.0 + plane_height_m / radius_m)
    return Similarity(centre[0] * (1.0 - scale), centre[1] * (1.0 - scale), 0.0, scale)

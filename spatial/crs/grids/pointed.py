"""A drawing laid on the earth by points somebody pointed at: places of it, and where those are.

Rougher than the common points of a registered grid, which are surveyed: each is known to a few metres only. So their doubt
is stated, every point is checked by the others, and a drawing that is mirrored or of another unit is told, not fitted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.crs.grids.fit import as_complex, check_spread, least_squares
from spatial.crs.grids.values import Similarity
from spatial.errors import Refused
from spatial.measuring.boxes import FloatArray
from spatial.measuring.plane import places_from_plane, places_on_plane

POINTED_M = 2.0
"""95 %: how well a corner is found again on an image or in a list of coordinates, where nothing worse is stated. Nobody has
measured it; images of cities are commonly laid to 1 to 2 m."""
WORST_M = 30.0
"""Beyond it a drawing is not placed: pipes of a whole street would be alarms about nothing."""
FARTHEST_DEG = 1.0
METRES_A_DEGREE = 111_000.0
"""Roughly: to see whether points are one place at all."""
_SCALE_GIVE = 0.02
_UNITS = ((0.001, "mm"), (0.01, "cm"))
_DECISIVE = 3.0
"""The mirrored drawing is ruled out when it fits so many times worse."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """local: (n, 2) places of the drawing, x before y; lonlat: (n, 2) the same on CGCS2000; doubt_m: (n,) 95 % bounds."""

    local: FloatArray
    lonlat: FloatArray
    doubt_m: FloatArray


@dataclass(frozen=True, slots=True)
class Placing:
    """How a drawing lies. accuracy_m: 95 % bound of all its vertices; misses_m: (n,) how far each point is from where the
    others put it."""

    way: Similarity
    meridian_tenths: int
    accuracy_m: float
    misses_m: tuple[float, ...]

    def carry(self, local: FloatArray) -> FloatArray:
        """(n, 2) of the drawing -> lon/lat EPSG:4490."""
        return places_from_plane(_image(self.way, local), self.meridian_tenths)


def place_by_points(points: Pointed, vertices: FloatArray) -> Placing:
    """Lay a drawing in metres on the plane round its points by least squares (4 parameters). vertices: (m, 2), all of it.

    What one point says wrongly, by any amount, is at most what the others miss it by; a vertex is off by that and by what
    the points themselves are doubted, as much farther as it lies from them.
    :raises Refused: grid_points_few, points_far, grid_points_one_place, points_mirrored, points_scale, points_disagree,
        points_in_line.
    """
    if len(points.lonlat) and float(np.ptp(points.lonlat, axis=0).max()) > FARTHEST_DEG:
        raise Refused.because(
            "points_far",
            en=f"The points lie more than {FARTHEST_DEG:g} degree apart on the earth: check their longitudes and latitudes.",
            zh=f"各点在地面上相距超过 {FARTHEST_DEG:g} 度：请核对经纬度。",
        )
    check_spread(points.local, points.lonlat * METRES_A_DEGREE)
    meridian = round(float(points.lonlat[:, 0].mean()) * 10)
    known = places_on_plane(points.lonlat, meridian)
    z, w = as_complex(points.local), as_complex(known)
    way, residuals = least_squares(z, w)
    mirrored, mirrored_residuals = least_squares(z.conj(), w)
    doubt = float(points.doubt_m.max())
    worst, worst_mirrored = float(residuals.max()), float(mirrored_residuals.max())
    if worst > max(_DECISIVE * worst_mirrored, doubt):
        raise Refused.because(
            "points_mirrored",
            en="The points fit only if the drawing is mirrored: its x and y are exchanged. Read the other way round, x is "
            "the easting; in a survey drawing X is the northing. Export it with the easting first.",
            zh="只有把图镜像后各点才相符：图中的 x、y 颠倒了。测量坐标的 X 是北坐标；请按东坐标在前重新导出。",
        )
    misses = _misses(z, residuals)
    reach = _reach(z, as_complex(vertices))
    accuracy_m = float(np.ceil(np.round(100.0 * reach * (doubt + misses.max()), 6))) / 100.0
    _check_scale(way.scale, (doubt + worst) / float(np.sqrt(np.sum(np.abs(z - z.mean()) ** 2))))
    if not accuracy_m <= WORST_M:
        raise Refused.because(
            "points_disagree",
            en=f"The drawing would be known to {accuracy_m:.0f} m only, more than {WORST_M:g} m: the points miss each other "
            f"by {', '.join(f'{one:.1f}' for one in misses)} m. Check each; a fourth point shows which is wrong; points on "
            "all sides of the drawing help most.",
            zh=f"图形位置只能确定到 {accuracy_m:.0f} 米，超过 {WORST_M:g} 米：各点与其余点相差 "
            f"{'、'.join(f'{one:.1f}' for one in misses)} 米。请逐一核对；再加第四点可看出哪一点有误；点分布在图形四周最好。",
        )
    if worst_mirrored <= max(_DECISIVE * worst, doubt):
        turned = np.column_stack([vertices[:, 0], -vertices[:, 1]])
        apart = np.hypot(*(_image(mirrored, turned) - _image(way, vertices)).T)
        if float(apart.max()) > accuracy_m:
            raise Refused.because(
                "points_in_line",
                en="The points lie nearly in one line: on which side of it the drawing lies cannot be told. Add a point well off "
                "that line.",
                zh="各点几乎在一条直线上，无法判断图形在直线的哪一侧。请再加一个明显偏离该直线的点。",
            )
    return Placing(way, meridian, accuracy_m, tuple(misses.tolist()))


def _image(way: Similarity, local: FloatArray) -> FloatArray:
    there = complex(way.d_east_m, way.d_north_m) + way.turn * as_complex(local)
    return np.column_stack([there.real, there.imag])


def _shares(z: NDArray[np.complex128], at: NDArray[np.complex128]) -> NDArray[np.float64]:
    """What the variance of a place `at` is, where that of each point z is 1."""
    middle = z.mean()
    shares: NDArray[np.float64] = 1.0 / len(z) + np.abs(at - middle) ** 2 / np.sum(np.abs(z - middle) ** 2)
    return shares


def _misses(z: NDArray[np.complex128], residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each point lies from where the others alone would put it."""
    left = 1.0 - _shares(z, z)
    if float(left.min()) < 1e-6:
        raise Refused.because(
            "grid_points_one_place",
            en="Some of the points are one and the same: point at three that lie apart.",
            zh="有的点是同一处：请指认三个不同的点。",
        )
    missed: NDArray[np.float64] = residuals / left
    return missed


def _reach(z: NDArray[np.complex128], vertices: NDArray[np.complex128]) -> float:
    """By how much the farthest vertex is worse known than a point; at least 1, since points may be off together."""
    return max(1.0, float(np.sqrt(_shares(z, vertices).max())))


def _check_scale(scale: float, doubt: float) -> None:
    """doubt: how far the scale may be off by the points' own doubt."""
    give = _SCALE_GIVE + doubt
    if abs(scale - 1.0) <= give:
        return
    for metres, unit in _UNITS:
        if abs(scale / metres - 1.0) <= give:
            raise Refused.because(
                "points_scale",
                en=f"The drawing is in {unit}, not in metres: say so as its unit, or export it in metres.",
                zh=f"图形的单位是 {unit}，不是米：请选择该单位，或按米重新导出。",
            )
    raise Refused.because(
        "points_scale",
        en=f"One unit of the drawing would be {scale:.4g} m on the ground: drawings are in metres, true to 2 %. Check the unit "
        "and the points.",
        zh=f"按这些点，图上 1 个单位等于实地 {scale:.4g} 米：图形应以米为单位，误差不超过 2%。请检查单位和各点。",
    )

"""GCJ-02 and BD-09: the published forward formulas, and their inverses by iteration.

Both are offsets from WGS 84 that Chinese map services must apply (GCJ-02) or add (BD-09, on top). No
authority publishes them; the formulas below are those all open implementations share, and what is
guaranteed is only that the inverse returns to the forward formula. How far the formula itself is from
what a service does is the residual that widens the site elsewhere.

All arrays are (n, 2) longitude, latitude in degrees.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

LonLat = NDArray[np.float64]

GCJ_RECTANGLE = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in WGS 84: outside it the published formula leaves coordinates alone."""

_KRASSOVSKY_A_M = 6378245.0
_KRASSOVSKY_E2 = 0.00669342162296594323
_BD_WAVE = np.pi * 3000.0 / 180.0

CONVERGED_DEG = 1e-10
"""0.011 mm on the ground: a hundredth of what is promised."""
_MOST_ROUNDS = 30


def gcj02_from_wgs84(wgs84: LonLat) -> LonLat:
    """The published GCJ-02 formula. Identity outside `GCJ_RECTANGLE`."""
    lon, lat = wgs84[:, 0], wgs84[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    ripple = _waves(x, (20.0, 6.0), (20.0, 2.0))
    east_m = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
        + ripple + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    )  # fmt: skip
    north_m = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
        + ripple + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    )  # fmt: skip
    latitude = np.radians(lat)
    w2 = 1.0 - _KRASSOVSKY_E2 * np.sin(latitude) ** 2
    parallel_radius_m = _KRASSOVSKY_A_M / np.sqrt(w2) * np.cos(latitude)
    meridian_radius_m = _KRASSOVSKY_A_M * (1.0 - _KRASSOVSKY_E2) / (w2 * np.sqrt(w2))
    offset = np.degrees(np.column_stack([east_m / parallel_radius_m, north_m / meridian_radius_m]))
    shifted: LonLat = np.where(in_gcj_rectangle(wgs84)[:, None], wgs84 + offset, wgs84)
    return shifted


def bd09_from_gcj02(gcj02: LonLat) -> LonLat:
    """The published BD-09 formula, on top of GCJ-02."""
    lon, lat = gcj02[:, 0], gcj02[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_from_wgs84(wgs84: LonLat) -> LonLat:
    return bd09_from_gcj02(gcj02_from_wgs84(wgs84))


def wgs84_from_gcj02(gcj02: LonLat) -> LonLat:
    """Inverse of `gcj02_from_wgs84` to 0.1 mm; a point that does not converge is NaN."""
    return _inverse(gcj02_from_wgs84, gcj02)


def wgs84_from_bd09(bd09: LonLat) -> LonLat:
    """Inverse of `bd09_from_wgs84` to 0.1 mm; a point that does not converge is NaN."""
    return _inverse(bd09_from_wgs84, bd09)


def in_gcj_rectangle(lonlat: LonLat) -> NDArray[np.bool_]:
    """Which points the published formula shifts."""
    west, south, east, north = GCJ_RECTANGLE
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside: NDArray[np.bool_] = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return inside


def _waves(angle_deg: LonLat, *waves: tuple[float, float]) -> LonLat:
    """Sum of sines over degrees: (amplitude, half turns a degree) each, at two thirds."""
    total: LonLat = sum(
        (amplitude * np.sin(angle_deg * rate * np.pi) for amplitude, rate in waves), np.zeros_like(angle_deg)
    )
    return total * 2.0 / 3.0


def _inverse(forward: Callable[[LonLat], LonLat], target: LonLat) -> LonLat:
    """Walk back by what the forward formula misses. The offsets change by less than 2 % of a step, so
    every round gains nearly two digits. A point rests once it is there: where it ends must not depend on
    what else is in the file."""
    guess = target.copy()
    open_rows = np.arange(len(target))
    for _ in range(_MOST_ROUNDS):
        miss = target[open_rows] - forward(guess[open_rows])
        far = ~(np.abs(miss) <= CONVERGED_DEG).all(axis=1)
        open_rows, miss = open_rows[far], miss[far]
        if not open_rows.size:
            break
        guess[open_rows] += miss
    guess[open_rows] = np.nan
    return guess

"""The least geodesic distance between two shapes, by GeographicLib, and the law typed a second time.

Independent on purpose: no `spatial`, no PROJ, no GEOS. Edges are geodesics; a local plane (its own, from the
radii of curvature, good to a part in a thousand) only picks the edges worth measuring, generously.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

Array = NDArray[np.float64]

A_M, F = 6378137.0, 1 / 298.257222101
ELLIPSOID = Geodesic(A_M, F)

ROUGH_SHARE, ROUGH_M = 0.005, 0.02
"""An edge is measured when the rough plane puts it within 0.5 % + 2 cm of the nearest."""

WIDTHS_M = {
    **dict.fromkeys(("LP", "MP-B", "MP-A"), (0.5, 5.0)),
    **dict.fromkeys(("SHP-B", "SHP-A"), (1.5, 15.0)),
    **dict.fromkeys(("HP-B", "HP-A", "UHP", None), (5.0, 50.0)),
}
"""GB 55009-2021 5.1.6, 5.1.7: protection and control; unknown is the widest."""

ACT_OWN_M = {"blast": 30.0, "pile": 15.0}
"""How far these acts are heard of whatever the pipe (Predig's own numbers, unverified)."""

LARGEST_MM = {
    **dict.fromkeys(("LP", "MP-B", "MP-A"), 630.0),
    **dict.fromkeys(("SHP-B", "SHP-A"), 1020.0),
    **dict.fromkeys(("HP-B", "HP-A", "UHP", None), 1422.0),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """parts: (n, 2) lon, lat vertex runs, one vertex for a point; area: the parts are rings of one area."""

    parts: tuple[Array, ...]
    area: bool


def margin_m(
    axis_m: float,
    *,
    half_width_m: float,
    uncertainty_m: float,
    pressure_class: str | None,
    diameter_mm: float | None,
    acts: Sequence[str] = (),
) -> float:
    """How far outside (+) or inside (-) the law's limit a pipe lies; <= 0 is a conflict. 1 cm is the tolerance."""
    radius = (LARGEST_MM[pressure_class] if diameter_mm is None else diameter_mm) / 2000
    clearance = max(axis_m - half_width_m - radius, 0.0)
    limit = max(WIDTHS_M[pressure_class][1], *(ACT_OWN_M.get(act, 0.0) for act in acts), 0.0)
    return clearance - uncertainty_m - limit - 0.01


def distance_m(one: Shape, other: Shape) -> float:
    """Least geodesic distance in metres; 0 when they touch or one lies in the other."""
    origin = one.parts[0][0]
    flat_one = [_flat(part, origin) for part in one.parts]
    flat_other = [_flat(part, origin) for part in other.parts]
    if one.area and any(_inside(part[0], flat_one) for part in flat_other):
        return 0.0
    if other.area and any(_inside(part[0], flat_other) for part in flat_one):
        return 0.0
    edges_one, edges_other = _edges(flat_one), _edges(flat_other)
    if _any_crossing(edges_one, edges_other):
        return 0.0
    lonlat_one, lonlat_other = _edges(one.parts), _edges(other.parts)
    # Without a crossing the least distance is from an end of one to an edge of the other.
    ends_one, ends_other = edges_one.reshape(-1, 2), edges_other.reshape(-1, 2)
    forth = _rough(ends_one, edges_other)
    back = _rough(ends_other, edges_one)
    least = min(forth.min(), back.min())
    worth = least * (1 + ROUGH_SHARE) + ROUGH_M
    candidates = {
        (tuple(lonlat_one.reshape(-1, 2)[end]), tuple(lonlat_other[edge].ravel()))
        for end, edge in np.argwhere(forth <= worth)
    } | {
        (tuple(lonlat_other.reshape(-1, 2)[end]), tuple(lonlat_one[edge].ravel()))
        for end, edge in np.argwhere(back <= worth)
    }
    return min(_to_geodesic_m(end, edge) for end, edge in candidates)


def _to_geodesic_m(point: tuple[float, ...], edge: tuple[float, ...]) -> float:
    """From a point to the geodesic edge a-b, walking to the foot of the perpendicular."""
    lon, lat = point
    lon_a, lat_a, lon_b, lat_b = edge
    if (lon_a, lat_a) == (lon_b, lat_b):
        return float(ELLIPSOID.Inverse(lat, lon, lat_a, lon_a, Geodesic.DISTANCE)["s12"])
    line = ELLIPSOID.InverseLine(lat_a, lon_a, lat_b, lon_b)
    along = 0.0
    for _ in range(8):
        at = line.Position(along)
        to = ELLIPSOID.Inverse(at["lat2"], at["lon2"], lat, lon)
        ahead = to["s12"] * np.cos(np.radians(to["azi1"] - at["azi2"]))
        step = min(max(along + ahead, 0.0), line.s13) - along
        if abs(step) < 1e-7:
            break
        along += step
    return float(to["s12"])


def _flat(part: Array, origin: Array) -> Array:
    latitude = np.radians(origin[1])
    e2 = F * (2 - F)
    w = np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    north = A_M * (1 - e2) / w**3
    east = A_M / w * np.cos(latitude)
    return np.radians(part - origin) * np.array([east, north])


def _edges(parts: Sequence[Array]) -> Array:
    """(n, 2, 2); a single vertex is an edge of no length."""
    return np.concatenate(
        [
            np.stack([part[:-1], part[1:]], axis=1) if len(part) > 1 else part[None].repeat(2, 1)
            for part in parts
        ]
    )


def _rough(points: Array, edges: Array) -> Array:
    """(points, edges) distances in the rough plane."""
    a, run = edges[:, 0], edges[:, 1] - edges[:, 0]
    length2 = np.maximum((run**2).sum(axis=1), 1e-18)
    offset = points[:, None] - a[None]
    t = np.clip((offset * run[None]).sum(axis=2) / length2, 0, 1)
    return np.asarray(np.hypot(*np.moveaxis(offset - t[..., None] * run[None], 2, 0)))


def _any_crossing(one: Array, other: Array) -> bool:
    """Some edge of `one` and of `other` cross properly, by the sides their ends lie on."""

    def side(edge: Array, point: Array) -> Array:
        run = edge[:, 1] - edge[:, 0]
        offset = point - edge[:, 0]
        return np.sign(run[..., 0] * offset[..., 1] - run[..., 1] * offset[..., 0])

    first = np.repeat(one, len(other), axis=0)
    second = np.tile(other, (len(one), 1, 1))
    apart = side(first, second[:, 0]) * side(first, second[:, 1])
    across = side(second, first[:, 0]) * side(second, first[:, 1])
    return bool(((apart < 0) & (across < 0)).any())


def _inside(point: Array, rings: Sequence[Array]) -> bool:
    """Even-odd rule over all rings, holes included."""
    edges = _edges(rings)
    (x1, y1), (x2, y2) = edges[:, 0].T, edges[:, 1].T
    spans = (y1 > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        x_at = x1 + (point[1] - y1) * (x2 - x1) / (y2 - y1)
    return bool(np.count_nonzero(spans & (point[0] < x_at)) % 2)

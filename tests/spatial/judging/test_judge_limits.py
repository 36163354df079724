"""Every limit of every class, to the millimetre: 5 mm inside, 5 mm outside (the tolerance), 15 mm outside.

The dig is laid off by exact geodesics from the pipe, square to it, so no plane of ours has a hand in it.
"""

import numpy as np
import pytest
import shapely

from bench.scenes import CGCS2000, assets_of, dig_site, pieces_of
from spatial.judging.judge import judge
from spatial.values import DigSite
from spatial.words import Method, PressureClass, Zone
from tests.support.builders import make_profile

RULES = make_profile()
DIAMETER_MM = 325.0
HALF_WIDTH_M = 0.75
WIDTHS_M = {
    **dict.fromkeys((PressureClass.LP, PressureClass.MP_B, PressureClass.MP_A), (0.5, 5.0)),
    **dict.fromkeys((PressureClass.SHP_B, PressureClass.SHP_A), (1.5, 15.0)),
    **dict.fromkeys((PressureClass.HP_B, PressureClass.HP_A, PressureClass.UHP), (5.0, 50.0)),
}
"""GB 55009-2021 5.1.6 and 5.1.7, typed here again: the rules file must not be its own witness."""

PLACES = [(89.6, 32.1), (96.43, 35.05), (101.749, 36.62), (102.95, 38.9)]


def site_at(
    axis_m: float, kind: str, place: tuple[float, float], bearing: float
) -> tuple[DigSite, np.ndarray]:
    """A site whose drawn shape is `axis_m` from a pipe through `place`; and the pipe's vertices."""
    lon, lat = place
    along = [CGCS2000.fwd(lon, lat, bearing, reach)[:2] for reach in (-90.0, -45.0, 0.0, 45.0, 90.0)]
    near = CGCS2000.fwd(lon, lat, bearing + 90.0, axis_m)[:2]
    far = CGCS2000.fwd(lon, lat, bearing + 90.0, axis_m + 8.0)[:2]
    aside = CGCS2000.fwd(lon, lat, bearing + 80.0, axis_m + 9.0)[:2]
    if kind == "point":
        shape = shapely.Point(near)
    elif kind == "line":
        shape = shapely.LineString([near, far])
    else:
        shape = shapely.Polygon([near, far, aside])
    half_width_m = 0.0 if kind == "polygon" else HALF_WIDTH_M
    return dig_site(shape, half_width_m=half_width_m, method=Method.HAND), np.array(along)


def zone_at(
    clearance_m: float, pressure_class: PressureClass, kind: str, place: tuple[float, float]
) -> Zone | None:
    half_width_m = 0.0 if kind == "polygon" else HALF_WIDTH_M
    bearing = 37.0 * PLACES.index(place) + 11.0
    site, along = site_at(clearance_m + DIAMETER_MM / 2000 + half_width_m, kind, place, bearing)
    pipe = np.empty(1, dtype=object)
    pipe[0] = shapely.MultiLineString([along])
    assets = assets_of([pressure_class.value], np.array([DIAMETER_MM]), np.zeros(1))
    found = judge([site], pieces_of(pipe, assets, np.zeros(1, int), np.zeros(1, int)), RULES)
    return found.zone[0] if len(found) else None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["point", "line", "polygon"])
@pytest.mark.parametrize("pressure_class", list(PressureClass))
def test_five_millimetres_either_side_are_inside_and_fifteen_are_outside(
    pressure_class: PressureClass, kind: str, place: tuple[float, float]
) -> None:
    protection_m, control_m = WIDTHS_M[pressure_class]
    at = {
        millimetres: (
            zone_at(protection_m + millimetres / 1000, pressure_class, kind, place),
            zone_at(control_m + millimetres / 1000, pressure_class, kind, place),
        )
        for millimetres in (-5, 5, 15)
    }
    assert at[-5] == (Zone.PROTECTION, Zone.CONTROL)
    assert at[5] == (Zone.PROTECTION, Zone.CONTROL)
    assert at[15] == (Zone.CONTROL, None)

"""GCJ-02 and BD-09: the published numbers forward, and back to far less than a millimetre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from spatial.crs import declare, open_passage
from spatial.crs.offsets import (
    GCJ_RECTANGLE,
    bd09_from_gcj02,
    bd09_from_wgs84,
    gcj02_from_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from tests.spatial.crs.refusals import refused

GEOD = Geod(ellps="WGS84")


def metres(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])


def qinghai_grid() -> np.ndarray:
    """Every 5 km or so."""
    lon, lat = np.meshgrid(np.arange(89.4, 103.1, 0.05), np.arange(31.6, 39.3, 0.05))
    return np.column_stack([lon.ravel(), lat.ravel()])


def test_forward_formulas_give_the_numbers_all_implementations_share() -> None:
    tiananmen = np.array([[116.404, 39.915]])
    assert np.abs(gcj02_from_wgs84(tiananmen) - [116.41024449916938, 39.91640428150164]).max() < 1e-12
    assert np.abs(bd09_from_gcj02(tiananmen) - [116.41036949371029, 39.92133699351021]).max() < 1e-12


@pytest.mark.parametrize(
    ("town", "gcj_m"),
    [((101.778, 36.617), 173), ((94.903, 36.402), 96), ((97.008, 33.004), 240)],  # Xining, Golmud, Yushu
)
def test_offsets_of_towns_are_the_known_ones(town: tuple[float, float], gcj_m: float) -> None:
    wgs84 = np.array([town])
    assert metres(wgs84, gcj02_from_wgs84(wgs84))[0] == pytest.approx(gcj_m, abs=1.0)
    assert 721 <= metres(wgs84, bd09_from_wgs84(wgs84))[0] <= 1083


def test_both_come_back_to_a_tenth_of_a_millimetre_all_over_qinghai() -> None:
    wgs84 = qinghai_grid()
    gcj02, bd09 = gcj02_from_wgs84(wgs84), bd09_from_wgs84(wgs84)
    assert metres(wgs84, gcj02).min() > 15  # else the inverse would have nothing to do
    assert metres(wgs84_from_gcj02(gcj02), wgs84).max() < 1e-4
    assert metres(wgs84_from_bd09(bd09), wgs84).max() < 1e-4


@given(lon=st.floats(74.0, 135.0), lat=st.floats(4.0, 53.0))
def test_both_come_back_anywhere_in_china(lon: float, lat: float) -> None:
    wgs84 = np.array([[lon, lat]])
    assert metres(wgs84_from_gcj02(gcj02_from_wgs84(wgs84)), wgs84)[0] < 0.001
    assert metres(wgs84_from_bd09(bd09_from_wgs84(wgs84)), wgs84)[0] < 0.001


@given(y=st.floats(4.0, 53.0), x=st.floats(-1e-6, 1e-6))
def test_the_kink_at_105_east_is_no_obstacle(x: float, y: float) -> None:
    """The formula holds the root of |lon - 105|, whose slope is infinite there."""
    wgs84 = np.array([[105.0 + x, y]])
    assert metres(wgs84_from_gcj02(gcj02_from_wgs84(wgs84)), wgs84)[0] < 0.001


def test_outside_its_rectangle_the_formula_is_the_identity() -> None:
    abroad = np.array([[5.0, 52.0], [72.0, 30.0], [137.84, 30.0], [100.0, 0.82], [100.0, 55.83]])
    assert (gcj02_from_wgs84(abroad) == abroad).all()


@pytest.mark.parametrize("name", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize(
    "bounds", [(5.0, 52.0, 5.1, 52.1), (71.0, 30.0, 73.0, 31.0), (36.6, 101.7, 36.7, 101.8)]
)
def test_a_point_outside_the_rectangle_is_refused(
    name: str, bounds: tuple[float, float, float, float]
) -> None:
    with refused("crs_outside_area", name, str(GCJ_RECTANGLE[0])):
        open_passage(declare(name), bounds)


@pytest.mark.parametrize(("name", "forward"), [("GCJ-02", gcj02_from_wgs84), ("BD-09", bd09_from_wgs84)])
def test_the_door_takes_the_offset_off(name: str, forward: object) -> None:
    x, y = forward(np.array([[101.778, 36.617]]))[0]  # type: ignore[operator]
    passage = open_passage(declare(name), (x - 0.01, y - 0.01, x + 0.01, y + 0.01))
    assert passage.frame == name.lower().replace("-", "")
    assert passage.accuracy_m == 0.0
    assert passage.operation.startswith(f"inverse of the published {name} formula")
    assert passage.carry_point(x, y) == pytest.approx((101.778, 36.617), abs=1e-9)


def test_a_point_that_does_not_converge_is_not_a_number() -> None:
    """Across the rectangle's edge the formula jumps; some images belong to no point."""
    west = GCJ_RECTANGLE[0]
    gap = np.array([[west + 1e-4, 30.0], [101.7, 36.6]])
    back = wgs84_from_gcj02(gap)
    assert np.isnan(back[0]).all()
    assert np.isfinite(back[1]).all()

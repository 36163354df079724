"""A widened box holds every point within r metres, to 1,000 m, from 60 S to 60 N."""

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from spatial.measuring.boxes import widen, widened

ELLIPSOID = Geodesic(6378137.0, 1 / 298.257222101)
ROUNDING = 1e-13
"""Degrees, 10 nanometres: GeographicLib's own last digits when r is 0."""
DIRECTIONS = [0.0, 37.0, 89.0, 90.0, 91.0, 143.0, 180.0, 217.0, 269.0, 270.0, 271.0, 305.0]


@given(
    lon=st.floats(-170, 170),
    lat=st.floats(-60, 60),
    east=st.floats(0, 0.5),
    north=st.floats(0, 0.5),
    by_m=st.floats(0, 1000),
    more=st.floats(0, 360),
)
def test_everything_within_r_is_held(
    lon: float, lat: float, east: float, north: float, by_m: float, more: float
) -> None:
    top = min(lat + north, 60.0)
    west, south, far_east, far_north = widen(np.array([[lon, lat, lon + east, top]]), by_m)[0]
    for corner_lon, corner_lat in ((lon, lat), (lon + east, lat), (lon, top), (lon + east, top)):
        for azimuth in (*DIRECTIONS, more):
            end = ELLIPSOID.Direct(corner_lat, corner_lon, azimuth, by_m)
            assert west - ROUNDING <= end["lon2"] <= far_east + ROUNDING
            assert south - ROUNDING <= end["lat2"] <= far_north + ROUNDING


@pytest.mark.parametrize("lat", [0.0, 32.0, 36.6, 39.0, 60.0])
def test_it_is_not_wastefully_wide(lat: float) -> None:
    """Within 1 % of what is needed: a box twice as wide would still be safe, and four times as slow."""
    west, south, east, north = widen(np.array([[100.0, lat, 100.0, lat]]), 50.0)[0]
    sideways = ELLIPSOID.Inverse(lat, 100.0, lat, east)["s12"]
    upward = ELLIPSOID.Inverse(lat, 100.0, north, 100.0)["s12"]
    assert 50.0 <= sideways < 50.5
    assert 50.0 <= upward < 50.6
    assert west < 100.0 < east and south < lat < north


def test_each_row_by_its_own_distance() -> None:
    boxes = np.array([[100.0, 36.0, 100.1, 36.1]] * 2)
    together = widen(boxes, np.array([0.0, 500.0]))
    assert np.array_equal(together[0], boxes[0])
    assert np.array_equal(together[1], widen(boxes[1:], 500.0)[0])


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    east=st.floats(0, 1),
    north=st.floats(0, 1),
    by_m=st.floats(0, 100_000),
)
def test_one_box_is_widened_as_many_are(
    lon: float, lat: float, east: float, north: float, by_m: float
) -> None:
    box = (lon, lat, lon + east, lat + north)
    assert widened(box, by_m) == tuple(widen(np.array([box]), by_m)[0].tolist())

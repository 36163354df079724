"""The plane: a metre on it is a metre of the ellipsoid, where it is used."""

import numpy as np
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from spatial.measuring.plane import nearest_meridian, to_plane

ELLIPSOID = Geodesic(6378137.0, 1 / 298.257222101)


@given(lon=st.floats(73, 136), lat=st.floats(3, 54), azimuth=st.floats(0, 360), reach_m=st.floats(0.1, 200))
def test_a_metre_is_a_metre_on_the_nearest_meridian(
    lon: float, lat: float, azimuth: float, reach_m: float
) -> None:
    end = ELLIPSOID.Direct(lat, lon, azimuth, reach_m)
    shape = np.array([shapely.Point(lon, lat), shapely.Point(end["lon2"], end["lat2"])], dtype=object)
    meridian = int(nearest_meridian(shape)[0])
    here, there = to_plane(shape, meridian)
    assert abs(meridian / 10 - lon) <= 0.05 + 1e-9
    # 0.02 mm over 50 m, as spatial.measuring.plane says.
    assert abs(shapely.distance(here, there) - reach_m) <= 0.00002 * max(reach_m, 50.0) / 50.0


def test_the_meridian_is_that_of_the_middle() -> None:
    shapes = np.array([shapely.box(101.0, 36, 101.08, 36.1), shapely.Point(101.76, 36)], dtype=object)
    assert nearest_meridian(shapes).tolist() == [1010, 1018]

"""An assumed coverage lies where the data are, and within the metres asked for."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from spatial.measuring.hull import hull

GEOD = Geod(ellps="GRS80")
LINE = shapely.LineString([(101.70 + step * 0.001, 36.6) for step in range(301)])
"""27 km, across three meridians of a tenth of a degree."""


def test_a_hull_is_as_wide_as_asked_and_has_no_seams() -> None:
    whole = hull([LINE, shapely.Point(101.2, 36.6)], 50.0)
    assert whole.is_valid and len(whole.geoms) == 2
    for lon, lat in [(101.75, 36.6), (101.8501, 36.6), (101.95, 36.6)]:
        for off, inside in [(49.9, True), (50.1, False)]:
            north = GEOD.fwd(lon, lat, 0.0, off)
            assert whole.contains(shapely.Point(north[:2])) is inside
    assert whole.contains(LINE)


def test_a_hull_never_reaches_beyond_the_metres_asked_for() -> None:
    outline = shapely.get_coordinates(hull([shapely.Point(101.2, 36.6)], 50.0))
    far = GEOD.inv(np.full(len(outline), 101.2), np.full(len(outline), 36.6), outline[:, 0], outline[:, 1])[2]
    assert max(far) <= 50.02
    area = abs(GEOD.geometry_area_perimeter(hull([shapely.Point(101.2, 36.6)], 50.0))[0])
    assert 0.97 * np.pi * 50.0**2 < area < np.pi * 50.0**2


@pytest.mark.parametrize("metres", [0.0, -1.0, float("nan"), 1e6])
def test_a_hull_of_nonsense_is_an_error(metres: float) -> None:
    with pytest.raises(ValueError, match="hull"):
        hull([LINE], metres)
    with pytest.raises(ValueError, match="hull"):
        hull([], 50.0)

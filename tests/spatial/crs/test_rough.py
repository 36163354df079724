"""Where data lie, roughly: against PROJ's own way to WGS 84, which takes its time."""

import numpy as np
import pytest
from pyproj import CRS, Geod, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from spatial.crs import rough_lonlat
from spatial.crs.operations import _is_real, area_of, shifts

GEOD = Geod(ellps="WGS84")

SYSTEMS = {
    2343: "Xian 80, a zone",
    4214: "Beijing 54",
    3829: "Hu Tzu Shan: the farthest off in China",
    4807: "degrees are grads, from Paris",
    27572: "metres, from Paris",
    31287: "metres, from Greenwich, on a datum of Ferro's",
    4805: "degrees from Ferro",
    4801: "degrees from Bern",
    2225: "US survey feet",
    22247: "PROJ looks for half a second",
    4735: "Kusaie: the farthest off of all",
    3832: "a world map centred on the antimeridian",
    27200: "New Zealand's map grid",
}


@pytest.mark.parametrize("code", SYSTEMS, ids=SYSTEMS.values())
def test_a_place_is_told_within_what_datums_differ_by(code: int) -> None:
    area = area_of(code)
    assert area is not None
    east = area.east + (360.0 if area.east < area.west else 0.0)
    lon, lat = (area.west + east) / 2, (area.south + area.north) / 2
    there = Transformer.from_crs(4326, code, always_xy=True).transform((lon + 180.0) % 360.0 - 180.0, lat)
    (found,) = rough_lonlat(code, np.array([there]))
    assert GEOD.inv(lon, lat, *found)[2] < (2_300.0 if code == 4735 else 900.0)


@pytest.mark.filterwarnings("ignore:Best transformation is not available")
@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [(4284, 60.0, 57.0), (4267, -100.0, 40.0), (4230, 5.0, 52.0), (4301, 139.5, 35.5), (4610, 101.7, 36.6)],
)
def test_what_serves_a_place_is_what_proj_offers_for_it(code: int, lon: float, lat: float) -> None:
    """Though it was asked for all places at once. The best of them: in what order PROJ tells equals apart is its own affair."""
    near = AreaOfInterest(lon, lat, lon + 0.1, lat + 0.1)
    offered = TransformerGroup(
        code, 4326, always_xy=True, area_of_interest=near, allow_ballpark=False
    ).transformers
    box = (lon, lat, lon + 0.1, lat + 0.1)
    ours = [way for way in shifts(code).usable if way.area is not None and way.area.serves(box)]
    theirs = [float(way.accuracy) for way in offered if _is_real(way, CRS.from_epsg(code))]
    assert [way.accuracy_m for way in ours][:1] == sorted(theirs)[:1]

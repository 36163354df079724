"""Which of many boxes a system may be used at, in agreement with what opens a passage."""

import numpy as np
import pytest
from pyproj import Transformer

from spatial.crs import declare, open_passage, usable_at
from spatial.errors import Refused


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:4543", "EPSG:28992", "EPSG:2193", "GCJ-02"])
def test_where_one_row_may_be_used_a_passage_opens_and_elsewhere_none(code: str) -> None:
    declared = declare(code, None)
    places = [(lon, lat) for lon in range(-175, 180, 10) for lat in range(-60, 61, 6)]
    lonlat = np.array([[lon, lat, lon + 0.01, lat + 0.01] for lon, lat in places])
    may = usable_at(declared, lonlat)
    if code in ("EPSG:4326", "GCJ-02"):
        assert may.all()
        return
    assert 0 < may.sum() < len(may) / 4
    to_grid = Transformer.from_crs("EPSG:4326", code, always_xy=True)
    for place, held in zip(places, may.tolist(), strict=True):
        x, y = to_grid.transform(*place)
        if not held and np.isfinite([x, y]).all():
            with pytest.raises(Refused):
                open_passage(declared, (x, y, x + 1, y + 1))

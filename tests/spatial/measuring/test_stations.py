"""Stations are remembered by what a line is, so they can be neither stale nor altered, and not without bound."""

from dataclasses import replace

import pytest
import shapely

from spatial.measuring import measure
from spatial.measuring.measure import stations_m
from spatial.values import RegisterGeometry
from tests.support.builders import laid, make_site

LINE = shapely.LineString([(0, 0), (30, 40), (30, 100)])


def test_each_line_has_its_own_stations_however_often_it_is_asked() -> None:
    site = make_site(LINE)
    longer = replace(site, geometry=RegisterGeometry(laid(shapely.LineString([*LINE.coords, (30, 110)]))))
    for _ in range(2):
        assert stations_m(site).tolist() == pytest.approx([0, 50, 110], abs=0.01)
        assert stations_m(replace(site, start_station_m=7.0)).tolist() == pytest.approx(
            [7, 57, 117], abs=0.01
        )
        assert stations_m(longer).tolist() == pytest.approx([0, 50, 110, 120], abs=0.01)
    assert stations_m(make_site(shapely.Point(1, 2))).tolist() == []


def test_nobody_can_alter_what_is_remembered() -> None:
    with pytest.raises(ValueError, match="read-only"):
        stations_m(make_site(LINE))[0] = 1.0


def test_what_is_remembered_is_bounded() -> None:
    assert measure._stations_of_line.cache_info().maxsize == 256

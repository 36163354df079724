"""How much ground registers vouch for: counted as one dig there would be judged, never more."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon

from spatial.ground import area_km2, areas_of, vouched_ground
from spatial.judging.coverage import farthest_axis_m, unknowns_of
from spatial.values import Unreadable, UtilityGround
from spatial.words import PipeKind
from tests.support.builders import DAY, XINING, area, block, laid, make_ground, make_profile, make_site

RULES = make_profile()


def vouched_km2(*grounds: UtilityGround) -> float:
    return area_km2(vouched_ground(grounds, DAY))


def test_declared_complete_for_all_kinds_and_in_force_it_counts() -> None:
    assert vouched_km2(make_ground()) == pytest.approx(16.0, rel=1e-6)  # 4 km by 4 km


@pytest.mark.parametrize(
    "about",
    [
        {"assumed": True},
        {"max_age_days": None},
        {"as_of": DAY - timedelta(days=91)},
        {"kinds": (PipeKind.MAIN, PipeKind.COURTYARD, PipeKind.SERVICE)},
        {"service_area": None},
        {"boxless_rejected": 1},
        {"blanks": [area(3000)]},
        {"unreadable": [Unreadable("town", area(3000))]},
    ],
)
def test_whatever_is_assumed_old_partial_or_in_doubt_vouches_for_nothing(about: dict[str, Any]) -> None:
    assert vouched_km2(make_ground(**about)) == 0.0


def test_a_utility_without_any_data_vouches_for_nothing() -> None:
    known = make_ground()
    bare = UtilityGround(known.utility, known.service_area, known.coverages, (), (), 0, ())
    assert vouched_km2(bare) == 0.0


def test_the_last_day_of_the_promise_still_counts() -> None:
    assert vouched_km2(make_ground(as_of=DAY - timedelta(days=90))) > 15.9


def test_ground_nobody_serves_is_not_vouched_for() -> None:
    east = block(0, -2000, 2000, 2000)
    assert vouched_km2(make_ground(service_area=east)) == pytest.approx(8.0, rel=1e-4)


def test_a_second_utility_takes_away_what_it_may_own_and_does_not_vouch_for() -> None:
    north = block(-2000, 0, 2000, 2000)
    other = make_ground(code="G2", service_area=north, coverages=())
    assert vouched_km2(make_ground(), other) == pytest.approx(8.0, rel=1e-4)
    anywhere = make_ground(code="G3", service_area=None, coverages=())
    assert vouched_km2(make_ground(), anywhere) == 0.0
    both = make_ground(code="G2", service_area=north)
    assert vouched_km2(make_ground(), both) == pytest.approx(16.0, rel=1e-6)


def test_an_unreadable_row_counts_where_it_lies_whatever_its_utility_serves() -> None:
    away = make_ground(
        code="G2",
        service_area=block(5000, 5000, 6000, 6000),
        coverages=(),
        unreadable=[Unreadable("town", block(-2000, -2000, 0, 2000))],
    )
    assert vouched_km2(make_ground(), away) == pytest.approx(8.0, rel=1e-3)


def test_nothing_declared_is_nothing() -> None:
    assert vouched_ground((), DAY).is_empty and area_km2(MultiPolygon()) == 0.0


half = st.integers(300, 3000)


@given(st.lists(st.tuples(half, half, st.sampled_from([None, "here", "wide"]), st.booleans()), max_size=3))
def test_where_a_dig_is_told_of_no_unknown_the_ground_is_vouched_for(
    words: list[tuple[int, int, str | None, bool]],
) -> None:
    """Held against the judgement of one site, away from the edges: the map takes patches as drawn, without the reach
    of a dig round them."""
    grounds = [
        make_ground(
            code=f"G{number}",
            coverage=area(covered),
            service_area=None if served is None else area(side),
            assumed=assumed,
        )
        for number, (covered, side, served, assumed) in enumerate(words)
    ]
    vouched = vouched_ground(grounds, DAY)
    for east_m in (-2500, -900, 0, 700, 2200):
        site = make_site(shapely.Point(east_m, 40.0))
        reach_m = farthest_axis_m(site, RULES)
        if any(abs(abs(east_m) - edge) <= reach_m for covered, side, *_ in words for edge in (covered, side)):
            continue
        if not unknowns_of(site, grounds, DAY, RULES).unknowns:
            assert shapely.covers(vouched, site.geometry)
        if not shapely.intersects(vouched, site.geometry):
            assert unknowns_of(site, grounds, DAY, RULES).unknowns


def test_an_area_is_what_geographiclib_measures() -> None:
    shape = laid(shapely.box(-3000, -1000, 2000, 4000).difference(shapely.box(0, 0, 500, 500)))
    polygon = areas_of(shape).geoms[0]

    def of_ring(ring: Any) -> float:
        measured = Geodesic(6378137.0, 1 / 298.257222101).Polygon()
        for lon, lat in np.asarray(ring.coords)[:-1]:
            measured.AddPoint(lat, lon)
        return abs(float(measured.Compute()[2]))

    expected_m2 = of_ring(polygon.exterior) - sum(map(of_ring, polygon.interiors))
    assert area_km2(shape) == pytest.approx(expected_m2 / 1e6, rel=1e-9)
    assert area_km2(shapely.Point(XINING)) == 0.0
    assert area_km2(shapely.GeometryCollection([shape, shapely.Point(XINING)])) == area_km2(shape)

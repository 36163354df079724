"""Drawings laid by points somebody pointed at: what they are known to, and what is not laid at all."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from spatial.crs.grids.pointed import POINTED_M, Placing, Pointed, place_by_points
from spatial.errors import Refused

TO_4543 = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True)
ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)
CORNERS = np.array([[500.0, 300.0], [620.0, 305.0], [560.0, 380.0], [640.0, 390.0]])
PLAN = np.array([[510.0, 310.0], [600.0, 330.0], [570.0, 370.0]])


def ground(local: np.ndarray, turned_deg: float = 17.0) -> np.ndarray:
    """Where places of the drawing are: by a matrix of our own, in Xining."""
    a = math.radians(turned_deg)
    there = local @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]]) + (
        479_900.0,
        4_052_700.0,
    )
    return np.column_stack(TO_4543.transform(*there.T, direction="INVERSE"))


def pointed(local: np.ndarray, lonlat: np.ndarray, doubt_m: float = POINTED_M) -> Pointed:
    return Pointed(local, lonlat, np.full(len(local), doubt_m))


def apart_m(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2])


def moved(lonlat: np.ndarray, at: int, east_m: float, north_m: float) -> np.ndarray:
    """One of the places, wrong by so much."""
    wrong = lonlat.copy()
    azimuth, metres = math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m)
    wrong[at] = ELLIPSOID.fwd(*lonlat[at], azimuth, metres)[:2]
    return wrong


def codes(points: Pointed, plan: np.ndarray = PLAN) -> set[str]:
    with pytest.raises(Refused) as refused:
        place_by_points(points, plan)
    for fault in refused.value.faults:
        assert fault.en and fault.zh
    return {fault.code for fault in refused.value.faults}


@pytest.mark.parametrize("corners", [CORNERS, CORNERS[:3]])
def test_points_that_agree_lay_the_drawing_where_it_is(corners: np.ndarray) -> None:
    placing = place_by_points(pointed(corners, ground(corners)), PLAN)
    # The grid of EPSG:4543 is 5 cm shorter in a kilometre here than the ground.
    assert apart_m(placing.carry(PLAN), ground(PLAN)).max() < 0.01
    assert POINTED_M <= placing.accuracy_m < 2.2 * POINTED_M and max(placing.misses_m) < 0.01


@given(st.sampled_from(range(4)), st.sampled_from([3, 4]), st.floats(-40, 40), st.floats(-40, 40))
def test_what_one_wrong_point_does_is_within_the_accuracy_or_refused(
    at: int, count: int, east_m: float, north_m: float
) -> None:
    corners = CORNERS[:count]
    points = pointed(corners, moved(ground(corners), at % count, east_m, north_m))
    try:
        placing = place_by_points(points, PLAN)
    except Refused as refused:
        assert {fault.code for fault in refused.faults} <= {
            *("points_disagree", "points_scale", "points_in_line", "points_mirrored")
        }
    else:
        assert apart_m(placing.carry(PLAN), ground(PLAN)).max() <= placing.accuracy_m


@pytest.mark.parametrize("seed", range(20))
def test_points_as_rough_as_they_say_are_within_the_accuracy(seed: int) -> None:
    chance = np.random.default_rng(seed)
    lonlat = ground(CORNERS)
    for at in range(len(CORNERS)):
        # 2.45 standard deviations of one direction are the 95 % of a circle.
        lonlat = moved(lonlat, at, *chance.normal(0, 5.0 / 2.45, 2).tolist())
    placing = place_by_points(pointed(CORNERS, lonlat, 5.0), PLAN)
    assert apart_m(placing.carry(PLAN), ground(PLAN)).max() <= placing.accuracy_m


def test_far_from_the_points_less_is_known() -> None:
    near = place_by_points(pointed(CORNERS, ground(CORNERS)), PLAN)
    far = place_by_points(pointed(CORNERS, ground(CORNERS)), PLAN + 500.0)
    assert far.accuracy_m > 3 * near.accuracy_m


def laid(corners: Sequence[Sequence[float]], plan: Sequence[Sequence[float]]) -> Placing:
    local = np.array(corners, dtype=np.float64)
    return place_by_points(pointed(local, ground(local)), np.array(plan, dtype=np.float64))


def test_points_in_a_line_lay_only_what_is_on_it() -> None:
    line = [(500.0, 300.0), (560.0, 300.0), (620.0, 300.0)]
    assert laid(line, [(510.0, 300.0), (610.0, 300.5)]).accuracy_m < 5
    with pytest.raises(Refused) as refused:
        laid(line, [(510.0, 300.0), (560.0, 340.0)])
    assert refused.value.faults[0].code == "points_in_line"


def test_what_is_not_laid() -> None:
    there = ground(CORNERS)
    assert codes(pointed(CORNERS[:2], there[:2])) == {"grid_points_few"}
    assert codes(pointed(CORNERS[[0, 0, 1]], there[[0, 0, 1]])) == {"grid_points_one_place"}
    assert codes(pointed(CORNERS / 100, there)) == {"grid_points_one_place"}
    assert codes(pointed(CORNERS[:, ::-1], there)) == {"points_mirrored"}
    assert codes(pointed(CORNERS, there + np.array([0.0, 0.0, 0.0, 2.0])[:, None])) == {"points_far"}
    assert codes(pointed(CORNERS, there[[0, 2, 1, 3]])) <= {
        "points_disagree",
        "points_scale",
        "points_mirrored",
    }
    assert codes(pointed(CORNERS, there), PLAN + 1e5) == {"points_disagree"}


@pytest.mark.parametrize(
    ("times", "said"), [(1000.0, "in mm"), (100.0, "in cm"), (3.28, "0.3049 m"), (1.2, "0.83")]
)
def test_a_drawing_of_another_unit_is_told(times: float, said: str) -> None:
    with pytest.raises(Refused) as refused:
        place_by_points(pointed(CORNERS * times, ground(CORNERS)), PLAN * times)
    (fault,) = refused.value.faults
    assert fault.code == "points_scale" and said in fault.en

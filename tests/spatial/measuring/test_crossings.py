"""Where a dig's axis meets a pipe's: by hand, and against shapely on random lines."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from spatial.judging.judge import judge
from spatial.measuring.crossings import Crossings
from spatial.measuring.measure import stations_m
from tests.support.builders import Pipe, line, make_pieces, make_profile, make_site

PROFILE = make_profile()
ALONG = line((-60, 0), (60, 0))
MILLIMETRE = 0.001
"""The lines are laid on the ellipsoid edge by edge and met on a plane."""


def met(site: BaseGeometry, pipe: BaseGeometry, **about: Any) -> Crossings:
    found = judge([make_site(site, half_width_m=0.3, **about)], make_pieces([Pipe(pipe)]), PROFILE)
    return found.crossings[0] if len(found) else ()


def where(found: Crossings) -> list[tuple[float, float, float]]:
    return [(one.site_m, one.pipe_m, one.angle_deg) for one in found]


def approx(*rows: tuple[float, float, float]) -> Any:
    return [pytest.approx(row, abs=0.002) for row in rows]


def test_straight_across() -> None:
    assert where(met(line((0, -20), (0, 30)), ALONG)) == approx((20, 60, 90))


def test_under_a_flat_angle() -> None:
    """25 degrees: 10 m up in 21.45 m along; half a metre of dig runs 1.18 m along the pipe."""
    reach = 10 / np.tan(np.radians(25))
    (one,) = met(line((-reach, -10), (reach, 10)), ALONG)
    assert where((one,)) == approx((10 / np.sin(np.radians(25)), 60, 25.0))
    assert one.half_along_pipe_m(0.5) == pytest.approx(0.5 / np.sin(np.radians(25)), abs=1e-4)


def test_one_that_winds_is_met_as_often_as_it_is_met() -> None:
    pipe = line((-30, -5), (-10, 5), (10, -5), (30, 5))
    assert where(met(line((-40, 0), (40, 0)), pipe)) == [
        pytest.approx((20, 0.5 * np.hypot(20, 10), 26.6), abs=0.05),
        pytest.approx((40, 1.5 * np.hypot(20, 10), 26.6), abs=0.05),
        pytest.approx((60, 2.5 * np.hypot(20, 10), 26.6), abs=0.05),
    ]


@pytest.mark.parametrize(
    "site",
    [line((0, -20), (0, 0)), line((0, -20), (0, 0), (5, 20)), line((0, -20), (0, 0.0), (0, 0.4), (0, 20))],
    ids=["ends on it", "bends on it", "three vertices about it"],
)
def test_a_vertex_on_the_pipe_is_one_meeting(site: BaseGeometry) -> None:
    (one,) = met(site, ALONG)
    assert (one.site_m, one.pipe_m) == pytest.approx((20, 60), abs=0.002)


def test_a_dig_that_begins_on_the_pipe_meets_it_at_its_first_station() -> None:
    assert where(met(line((0, 0), (0, 20)), ALONG)) == approx((0, 60, 90))


def test_a_vertex_of_the_pipe_and_of_the_site_at_once() -> None:
    assert len(met(line((-5, -20), (0, 0), (-5, 20)), line((-60, 0), (0, 0), (60, 0)))) == 1


def test_running_along_one_another_is_a_stretch() -> None:
    (one,) = met(line((-20, 15), (-10, 0), (25, 0), (30, 12)), ALONG)
    first = np.hypot(10, 15)
    assert (one.site_m, one.site_to_m) == pytest.approx((first, first + 35), abs=0.01)
    assert (one.pipe_m, one.pipe_to_m) == pytest.approx((50, 85), abs=0.01)
    assert one.angle_deg == 0 and one.half_along_pipe_m(0.3) is None


def test_near_is_not_across() -> None:
    assert met(line((-20, 0.01), (20, 0.01)), ALONG) == ()
    assert met(line((0, -20), (0, -0.01)), ALONG) == ()


def test_only_lines_have_stations() -> None:
    assert met(shapely.box(-3, -3, 3, 3), ALONG) == ()
    assert met(shapely.Point(0, 0), ALONG) == ()
    assert met(line((0, -20), (0, 20)), shapely.box(-2, -2, 2, 2)) == ()


def test_stations_begin_where_the_dig_says() -> None:
    (one,) = met(line((0, -20), (0, 20)), ALONG, start_station_m=1100.0)
    assert one.site_m == pytest.approx(1120.0, abs=0.002)


COORDINATE = st.integers(-300, 300).map(lambda tenths: tenths / 10)
VERTICES = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=6)


def plain(vertices: list[tuple[float, float]]) -> BaseGeometry:
    """A line that nowhere comes near itself, each edge a metre or more."""
    found = line(*vertices)
    edges = [line(a, b) for a, b in pairwise(vertices)]
    assume(found.is_simple and all(edge.length > 1 for edge in edges))
    for first in range(len(edges)):
        for later in edges[first + 2 :]:
            assume(edges[first].distance(later) > 0.5)
    return found


def clearly_apart(one: BaseGeometry, other: BaseGeometry) -> list[tuple[float, float]]:
    """Their crossings as (x, y), when each is far from any vertex and from the others."""
    common = shapely.intersection(one, other)
    assume(common.is_empty or common.geom_type in ("Point", "MultiPoint"))
    points = [] if common.is_empty else list(shapely.get_parts(common))
    vertices = [shapely.Point(xy) for shape in (one, other) for xy in shape.coords]
    for number, point in enumerate(points):
        assume(all(point.distance(vertex) > 0.3 for vertex in vertices))
        assume(all(point.distance(later) > 0.3 for later in points[number + 1 :]))
    for vertex in one.coords:
        assume(shapely.Point(vertex).distance(other) > 0.05)
    for vertex in other.coords:
        assume(shapely.Point(vertex).distance(one) > 0.05)
    return [(point.x, point.y) for point in points]


@pytest.mark.property
@given(VERTICES, VERTICES)
def test_every_crossing_is_found_where_it_is_and_none_is_made_up(
    site: list[tuple[float, float]], pipe: list[tuple[float, float]]
) -> None:
    one, other = plain(site), plain(pipe)
    points = clearly_apart(one, other)
    stations = sorted((one.project(shapely.Point(p)), other.project(shapely.Point(p))) for p in points)
    found = met(one, other)
    assert len(found) == len(points)
    for crossing, (at, on) in zip(found, stations, strict=True):
        assert (crossing.site_m, crossing.pipe_m) == pytest.approx((at, on), abs=0.05)
        assert crossing.site_m == crossing.site_to_m and 0 < crossing.angle_deg <= 90


@pytest.mark.property
@given(VERTICES, VERTICES)
def test_walked_the_other_way_the_stations_count_from_the_other_end(
    site: list[tuple[float, float]], pipe: list[tuple[float, float]]
) -> None:
    one, other = plain(site), plain(pipe)
    clearly_apart(one, other)
    forth, back = met(one, other), met(line(*reversed(site)), other)
    length_m = judged_length_m(one)
    assert [pytest.approx(length_m - row.site_m, abs=MILLIMETRE) for row in back[::-1]] == [
        row.site_m for row in forth
    ]
    assert [row.pipe_m for row in back[::-1]] == [pytest.approx(row.pipe_m, abs=MILLIMETRE) for row in forth]
    assert [row.angle_deg for row in back[::-1]] == [row.angle_deg for row in forth]


def judged_length_m(shape: BaseGeometry) -> float:
    return float(stations_m(make_site(shape, half_width_m=0.3))[-1])

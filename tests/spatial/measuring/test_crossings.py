"""Where a dig's axis meets a pipe's: by hand, and against shapely on random lines."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from spatial.found import Pieces
from spatial.judging.judge import judge
from spatial.measuring.crossings import MEET_M, Crossings
from spatial.measuring.measure import stations_m
from spatial.measuring.pieces import CGCS2000
from tests.properties.counting import in_batches_of
from tests.support.builders import XINING, Pipe, line, make_pieces, make_profile, make_site

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


# -- laws on many lines at once

BATCH_SITES, PIPES_EACH = 20, 5
BATCH = BATCH_SITES * PIPES_EACH
seeds = st.integers(0, 2**32 - 1)


def tangle(seed: int) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Lines in metres that wind about one another: one of digs, and a handful of pipes for each."""
    rng = np.random.default_rng(seed)

    def winding() -> BaseGeometry:
        return shapely.LineString(np.cumsum(rng.normal(0, 12, (rng.integers(2, 14), 2)), axis=0))

    return [winding() for _ in range(BATCH_SITES)], [winding() for _ in range(BATCH)]


def turned(shape: BaseGeometry, by: float) -> BaseGeometry:
    turn = np.array([[np.cos(by), np.sin(by)], [-np.sin(by), np.cos(by)]])
    return shapely.transform(shape, lambda xy: xy @ turn)


def all_met(
    digs: list[BaseGeometry],
    pipes: list[BaseGeometry],
    at: tuple[float, float] = XINING,
    pieces_of: Callable[[Pieces], Pieces] = lambda whole: whole,
) -> dict[tuple[int, int], Crossings]:
    """By (dig, pipe), where there is any."""
    whole = make_pieces([Pipe(pipe) for pipe in pipes], sites=len(digs), at=at)
    pieces = pieces_of(keep(whole, whole.asset // PIPES_EACH == whole.site))
    found = judge([make_site(dig, at=at, half_width_m=0.3) for dig in digs], pieces, PROFILE)
    rows = zip(found.site.tolist(), found.asset.tolist(), found.crossings, strict=True)
    return {(site, asset): crossings for site, asset, crossings in rows if crossings}


def keep(pieces: Pieces, rows: Any) -> Pieces:
    return replace(
        pieces,
        **{name: getattr(pieces, name)[rows] for name in ("site", "asset", "geometry", "from_m", "to_m")},
    )


def edge_by_edge(whole: Pieces) -> Pieces:
    """The same pipes with each edge a piece of its own."""
    parts = [
        (row, shapely.LineString(pair))
        for row, shape in enumerate(whole.geometry)
        for pair in pairwise(shapely.get_coordinates(shape))
    ]
    row = np.array([row for row, _ in parts])
    length = np.array([CGCS2000.line_length(*part.xy) for _, part in parts])
    first = np.r_[True, row[1:] != row[:-1]]
    before = np.cumsum(length) - length
    start = whole.from_m[row] + before - before[np.flatnonzero(first)][np.cumsum(first) - 1]
    geometry = np.empty(len(parts), dtype=object)
    geometry[:] = [part for _, part in parts]
    cut = keep(whole, row)
    return replace(cut, geometry=geometry, from_m=start, to_m=start + length)


def assert_alike(one: dict[tuple[int, int], Crossings], other: dict[tuple[int, int], Crossings]) -> None:
    assert one.keys() == other.keys()
    for pair, rows in one.items():
        assert len(rows) == len(other[pair])
        for a, b in zip(rows, other[pair], strict=True):
            assert (a.site_m, a.pipe_m) == pytest.approx((b.site_m, b.pipe_m), abs=MILLIMETRE)
            assert a.angle_deg == pytest.approx(b.angle_deg, abs=0.11)


@pytest.mark.property
@in_batches_of(BATCH)
@given(seeds)
def test_every_crossing_lies_on_both_lines_and_there_are_as_many_as_shapely_counts(seed: int) -> None:
    digs, pipes = tangle(seed)
    found = all_met(digs, pipes)
    for pipe, shape in enumerate(pipes):
        dig = pipe // PIPES_EACH
        rows = found.get((dig, pipe), ())
        common = shapely.intersection(digs[dig], shape)
        assert len(rows) == (0 if common.is_empty else shapely.get_num_geometries(common))
        for row in rows:
            apart = digs[dig].interpolate(row.site_m).distance(shape.interpolate(row.pipe_m))
            # What a flat angle makes of the tenth of a millimetre both are rounded to; at a corner the meeting may be
            # told MEET_M beyond the end of an edge of either.
            assert apart <= 0.0005 + 2 * MEET_M


@pytest.mark.property
@in_batches_of(BATCH)
@given(seeds, st.floats(0, 6.3), st.floats(74, 134), st.floats(4, 53))
def test_turned_and_carried_elsewhere_lines_meet_at_the_same_stations(
    seed: int, by: float, lon: float, lat: float
) -> None:
    digs, pipes = tangle(seed)
    there = all_met([turned(dig, by) for dig in digs], [turned(pipe, by) for pipe in pipes], (lon, lat))
    assert_alike(all_met(digs, pipes), there)


@pytest.mark.property
@in_batches_of(BATCH)
@given(seeds)
def test_how_a_pipe_is_cut_into_pieces_does_not_matter(seed: int) -> None:
    digs, pipes = tangle(seed)
    assert_alike(all_met(digs, pipes), all_met(digs, pipes, pieces_of=edge_by_edge))


@pytest.mark.property
@in_batches_of(BATCH)
@given(seeds)
def test_a_dig_and_a_pipe_walked_the_other_way_meet_at_the_stations_that_are_left(seed: int) -> None:
    digs, pipes = tangle(seed)
    forth, back = all_met(digs, pipes), all_met([dig.reverse() for dig in digs], pipes)
    upstream = all_met(digs, [pipe.reverse() for pipe in pipes])
    assert forth.keys() == back.keys() == upstream.keys()
    for (dig, pipe), rows in forth.items():
        assert [row.site_m for row in rows] == pytest.approx(
            [digs[dig].length - row.site_m for row in back[dig, pipe][::-1]], abs=2 * MILLIMETRE
        )
        assert sorted(row.pipe_m for row in rows) == pytest.approx(
            sorted(pipes[pipe].length - row.pipe_m for row in upstream[dig, pipe]), abs=2 * MILLIMETRE
        )

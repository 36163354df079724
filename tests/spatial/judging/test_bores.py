"""Bores and piles in three dimensions: cases worked out by hand, and the laws they keep."""

from dataclasses import dataclass, replace
from math import hypot, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from spatial.judging.bores import Nearness, PipeDepths, nearness, tool_doubt
from spatial.measuring.measure import pair_up, project
from spatial.rules.profile import RuleProfile
from spatial.values import BorePath, DigSite, UncertaintyTerm
from spatial.words import Act, Side
from tests.support.builders import Pipe, line, make_pieces, make_profile, make_site, straight

MM = 0.0001
RADIUS_M = 0.1


@dataclass(frozen=True)
class Deep:
    """A pipe 200 mm thick: top between these depths, and the doubts of the pair. depth_doubt_m None: unknown."""

    shape: BaseGeometry
    top_least_m: float | None = 1.0
    top_most_m: float | None = None
    plan_doubt_m: float = 0.0
    depth_doubt_m: float | None = 0.0


def bore(
    *points: tuple[float, float],
    profile: tuple[tuple[float, float], ...],
    radius_m: float = 0.2,
    depth_accuracy_m: float | None = 0.0,
    start_station_m: float = 0.0,
) -> DigSite:
    """A bore along `points`, metres round the place."""
    site = make_site(line(*points), half_width_m=radius_m, acts=(Act.BORE,), start_station_m=start_station_m)
    terms = (
        ()
        if depth_accuracy_m is None
        else (UncertaintyTerm("bore_depth_stated", depth_accuracy_m, "permit"),)
    )
    path = BorePath(profile, radius_m * 2000, None, None)
    return replace(site, bore=path, depth_uncertainty=terms)


def level(depth_m: float) -> tuple[tuple[float, float], ...]:
    return ((0.0, depth_m), (1000.0, depth_m))


def pile(tip_m: float | None, radius_m: float = 0.3) -> DigSite:
    site = make_site(Point(0, 0), half_width_m=radius_m, acts=(Act.PILE,))
    term = (UncertaintyTerm("dig_depth_stated", 0.0, "permit"),)
    return replace(site, depth_m=tip_m, depth_uncertainty=term)


def near(site: DigSite, *pipes: Deep) -> Nearness:
    """Each pipe against the site, a row a pipe."""
    pieces = make_pieces([Pipe(pipe.shape, source_id=f"p{n}") for n, pipe in enumerate(pipes)])
    plane = project([site], pieces)
    pairs = pair_up(pieces, plane)

    def known(value: float | None) -> float:
        return np.nan if value is None else value

    least = np.array([known(pipe.top_least_m) for pipe in pipes]) + RADIUS_M
    most = np.array([known(pipe.top_most_m or pipe.top_least_m) for pipe in pipes]) + RADIUS_M
    doubt = np.array([known(pipe.depth_doubt_m) for pipe in pipes])
    return nearness(
        [site],
        pairs.site,
        pieces,
        plane,
        pairs.rows,
        pairs.axis_m,
        np.full(len(pairs.site), RADIUS_M),
        np.array([pipe.plan_doubt_m for pipe in pipes]),
        np.full(len(pairs.site), np.inf),
        PipeDepths(least, most, doubt),
        0.01,
    )


ACROSS = straight(0.0)
"""East to west through the place."""
NORTHWARD = ((0.0, -30.0), (0.0, 30.0))


def test_a_level_bore_under_a_pipe() -> None:
    """Axis at 4.0 m under an axis at 1.1 m: 2.9 m, less 0.2 and 0.1."""
    found = near(bore(*NORTHWARD, profile=level(4.0)), Deep(ACROSS))
    assert found.distance_m[0] == pytest.approx(2.6, abs=MM)
    assert found.at_worst_m[0] == pytest.approx(2.6, abs=MM)
    assert found.station_m[0] == pytest.approx(30.0, abs=0.002)
    assert found.pipe_m[0] == pytest.approx(40.0, abs=0.002)
    assert found.side[0] is Side.OVER


def test_a_doubt_in_plan_takes_nothing_from_a_level_bore_below() -> None:
    """Wherever the pipe lies in plan, 2.6 m below it is 2.6 m below it; its depth doubt counts in full."""
    found = near(
        bore(*NORTHWARD, profile=level(4.0), depth_accuracy_m=0.4),
        Deep(ACROSS, plan_doubt_m=2.0, depth_doubt_m=0.3),
    )
    assert found.distance_m[0] == pytest.approx(2.6, abs=MM)
    assert found.at_worst_m[0] == pytest.approx(2.6 - 0.7, abs=MM)


def test_a_falling_bore_is_nearer_than_straight_down() -> None:
    """1:2 from the surface, at 4 m where it crosses: 2.9 m below the axis, times the cosine of the slope."""
    falling = bore((0.0, -8.0), (0.0, 8.0), profile=((0.0, 0.0), (16.0, 8.0)))
    found = near(falling, Deep(ACROSS))
    assert found.distance_m[0] == pytest.approx(2.9 * 2 / hypot(1, 2) - 0.3, abs=0.0005)
    # Seen in the plane of the bore, the pipe's axis is a point, 1.1 deep and 8 m on; its foot on the bore is at
    # (8 * 2 + 1.1) / 5 * 2 = 6.84 m.
    assert found.station_m[0] == pytest.approx(6.84, abs=0.002)
    # With 1 m of doubt the pipe may lie 1 m nearer to where the bore enters: 7 m on, where the bore is 3.5 m deep.
    shifted = near(falling, Deep(ACROSS, plan_doubt_m=1.0))
    assert shifted.at_worst_m[0] == pytest.approx(2.4 * 2 / hypot(1, 2) - 0.3, abs=0.0005)


def test_a_bore_beside_a_pipe_is_the_hypotenuse_away() -> None:
    """3 m aside and 4 m deeper: 5 m; with 1 m of doubt in plan and 0.8 in depth: 2 and 3.2."""
    beside = bore((-20.0, -3.0), (20.0, -3.0), profile=level(5.1))
    found = near(beside, Deep(ACROSS, plan_doubt_m=1.0, depth_doubt_m=0.8))
    assert found.distance_m[0] == pytest.approx(5.0 - 0.3, abs=MM)
    assert found.at_worst_m[0] == pytest.approx(hypot(2.0, 3.2) - 0.3, abs=MM)
    assert found.side[0] is Side.LEFT
    back = bore((20.0, -3.0), (-20.0, -3.0), profile=level(5.1))
    assert near(back, Deep(ACROSS)).side[0] is Side.RIGHT


def test_a_pipe_anywhere_in_its_range() -> None:
    """Top 1.0 to 3.0 m: a bore at 2 m is in between; one at 4 m is 0.9 m below the deepest axis."""
    pipe = Deep(ACROSS, top_most_m=3.0)
    assert near(bore(*NORTHWARD, profile=level(2.0)), pipe).distance_m[0] == 0.0
    assert near(bore(*NORTHWARD, profile=level(4.0)), pipe).distance_m[0] == pytest.approx(0.6, abs=MM)


def test_a_dip_between_the_ends_of_a_bore_counts() -> None:
    """At the surface at both ends, 1.1 m deep half way: right in the pipe, whose axis is 1.1 m deep."""
    dipping = bore(*NORTHWARD, profile=((0.0, 0.0), (30.0, 1.1), (60.0, 0.0)))
    assert near(dipping, Deep(ACROSS)).distance_m[0] == 0.0
    assert near(bore(*NORTHWARD, profile=level(0.0)), Deep(ACROSS)).distance_m[0] == pytest.approx(
        0.8, abs=MM
    )


def test_stations_begin_where_the_bore_says() -> None:
    found = near(bore(*NORTHWARD, profile=level(4.0), start_station_m=500.0), Deep(ACROSS))
    assert found.station_m[0] == pytest.approx(530.0, abs=0.002)


def test_what_is_unknown_stays_unknown() -> None:
    site = bore(*NORTHWARD, profile=level(4.0))
    found = near(site, Deep(ACROSS, top_least_m=None), Deep(ACROSS, depth_doubt_m=None), Deep(ACROSS))
    assert isnan(found.distance_m[0]) and isnan(found.at_worst_m[0]) and found.side[0] is None
    assert found.distance_m[1] == pytest.approx(2.6, abs=MM) and isnan(found.at_worst_m[1])
    assert found.at_worst_m[2] == pytest.approx(2.6, abs=MM)
    assert isnan(
        near(bore(*NORTHWARD, profile=level(4.0), depth_accuracy_m=None), Deep(ACROSS)).at_worst_m[0]
    )


def test_an_act_that_opens_the_ground_follows_no_path() -> None:
    site = replace(bore(*NORTHWARD, profile=level(4.0)), acts=(Act.BORE, Act.EXCAVATE))
    assert isnan(near(site, Deep(ACROSS)).distance_m[0])


def test_a_pile_beside_over_and_short_of_a_pipe() -> None:
    """Pile of 0.3 m radius, pipe axis 2 m off at 1.1 m: passed at 6 m, 0.5 m short of it at 0.6 m."""
    pipe = Deep(straight(2.0))
    assert near(pile(6.0), pipe).distance_m[0] == pytest.approx(1.6, abs=MM)
    assert near(pile(0.6), pipe).distance_m[0] == pytest.approx(hypot(1.7, 0.5) - 0.1, abs=MM)
    assert near(pile(0.6), Deep(ACROSS)).distance_m[0] == pytest.approx(0.4, abs=MM)
    doubtful = Deep(straight(2.0), plan_doubt_m=0.5, depth_doubt_m=0.2)
    assert near(pile(0.6), doubtful).at_worst_m[0] == pytest.approx(hypot(1.2, 0.3) - 0.1, abs=MM)
    assert isnan(near(pile(None), pipe).distance_m[0])


def test_what_is_taken_of_a_tool_nobody_described() -> None:
    profile = make_profile()
    said = BorePath(level(6.0), 900.0, 0.3, 0.2)
    assert [term.metres for term in tool_doubt(said, profile) if term] == [0.3, 0.2]
    unsaid = BorePath(level(6.0), None, None, None)
    plan, depth = tool_doubt(unsaid, profile)
    assert depth is not None and (plan.metres, depth.metres) == (0.6, 0.6)
    assert not plan.verified and not depth.verified
    shallow, _ = tool_doubt(BorePath(level(1.0), None, None, None), profile)
    assert shallow.metres == 0.3


def test_a_profile_older_than_bores_widens() -> None:
    older: RuleProfile = replace(make_profile(), bore=None)
    plan, depth = tool_doubt(BorePath(level(6.0), None, None, None), older)
    assert plan.metres == 2.0 and depth is None


# ---- laws --------------------------------------------------------------------------------------------

METRES = st.floats(-25, 25).map(lambda value: round(value, 2))
PLACE = st.tuples(METRES, METRES)
DEPTH = st.floats(0, 12).map(lambda value: round(value, 2))
DOUBT = st.floats(0, 4).map(lambda value: round(value, 2))
LINES = st.lists(PLACE, min_size=2, max_size=4, unique=True)


@st.composite
def bores(draw: st.DrawFn) -> tuple[DigSite, tuple[tuple[float, float], ...]]:
    points = draw(LINES)
    length = LineString(points).length
    depths = draw(st.lists(DEPTH, min_size=2, max_size=5))
    profile = tuple(zip(np.linspace(0, length, len(depths)).tolist(), depths, strict=True))
    return bore(*points, profile=profile), profile


@st.composite
def deep_pipes(draw: st.DrawFn) -> Deep:
    least = draw(DEPTH)
    return Deep(LineString(draw(LINES)), least, least + draw(DOUBT), draw(DOUBT), draw(DOUBT))


@settings(max_examples=40)
@given(bores(), deep_pipes(), DOUBT)
def test_knowing_better_never_brings_a_pipe_nearer(
    bored: tuple[DigSite, object], pipe: Deep, more: float
) -> None:
    site, _ = bored
    at = near(site, pipe)
    for worse in (
        replace(pipe, plan_doubt_m=pipe.plan_doubt_m + more),
        replace(pipe, depth_doubt_m=(pipe.depth_doubt_m or 0.0) + more),
        replace(pipe, top_most_m=(pipe.top_most_m or 0.0) + more),
    ):
        assert near(site, worse).at_worst_m[0] <= at.at_worst_m[0] + MM
    assert at.at_worst_m[0] <= at.distance_m[0]


@settings(max_examples=40)
@given(bores(), deep_pipes(), DOUBT)
def test_deeper_below_a_pipe_is_never_nearer(
    bored: tuple[DigSite, tuple[tuple[float, float], ...]], pipe: Deep, more: float
) -> None:
    """A bore lowered as a whole, from below the deepest the pipe may lie."""
    site, profile = bored
    under = max((pipe.top_most_m or 0.0) + RADIUS_M - min(depth for _, depth in profile), 0.0)

    def lowered(by: float) -> DigSite:
        assert site.bore is not None
        path = replace(site.bore, profile=tuple((at, depth + under + by) for at, depth in profile))
        return replace(site, bore=path)

    assert near(lowered(more), pipe).distance_m[0] >= near(lowered(0.0), pipe).distance_m[0] - MM


@settings(max_examples=40)
@given(bores(), deep_pipes())
def test_three_dimensions_are_never_nearer_than_two(bored: tuple[DigSite, object], pipe: Deep) -> None:
    site, _ = bored
    pieces = make_pieces([Pipe(pipe.shape)])
    plan = pair_up(pieces, project([site], pieces)).axis_m[0] - site.half_width_m - RADIUS_M
    found = near(site, pipe)
    assert found.distance_m[0] >= max(plan, 0.0) - MM
    assert found.at_worst_m[0] >= max(plan - pipe.plan_doubt_m, 0.0) - MM


@settings(max_examples=20)
@given(bores(), deep_pipes(), deep_pipes())
def test_a_pair_is_measured_alike_in_every_batch(
    bored: tuple[DigSite, object], one: Deep, other: Deep
) -> None:
    site, _ = bored
    both, alone = near(site, one, other), near(site, one)
    for column in ("distance_m", "at_worst_m", "station_m", "pipe_m", "side"):
        assert getattr(both, column)[0] == getattr(alone, column)[0]

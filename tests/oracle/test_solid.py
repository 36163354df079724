"""The oracle in three dimensions against cases worked out by hand; and a small campaign with it at every test run.

`make oracle3d` runs all 20,000 digs.
"""

from dataclasses import replace
from datetime import date
from math import hypot, sqrt
from typing import Any

import numpy as np
import pytest

from bench.oracle3d import MOST_OPEN, Report, run
from bench.scenes3d import BORES, HOLE, TRENCHES
from tests.oracle.solid import (
    Buried,
    Cut,
    Declared,
    Line,
    Plumb,
    at_worst,
    buried,
    gaps_m,
    grades_of,
    half_opening_m,
    in_plan,
    in_space,
    inside,
    is_conflict,
    least_vertical_m,
    level_of,
    meetings,
)
from tests.support.builders import make_profile

DIGS = 300
STEP = 0.02
DAY = date(2026, 11, 1)
EAST = Line(np.array([[-40.0, 0.0], [40.0, 0.0]]))
NORTH = np.array([[0.0, -30.0], [0.0, 30.0]])


def level(xy: Any, depth_m: float) -> Line:
    return Line(np.array(xy, dtype=float), np.array([[0.0, depth_m], [1000.0, depth_m]]))


def pipe(**about: Any) -> Buried:
    """East to west through the origin, 200 mm thick, its top 1.0 m deep."""
    said: dict[str, Any] = {
        "line": EAST,
        "pressure_class": "MP-A",
        "diameter_mm": 200.0,
        "plan_doubt_m": 0.0,
        "top_least_m": 1.0,
        "top_most_m": 1.0,
        "depth_doubt_m": 0.0,
    }
    return Buried(**said | about)


def within(found: Any, true_m: float) -> None:
    """Never below the true one, and no more than the step above."""
    assert found is not None and found.slack_m <= STEP
    assert true_m - 1e-9 <= found.distance_m <= true_m + found.slack_m


# ---- the oracle itself ---------------------------------------------------------------------------------


def test_a_level_bore_under_a_pipe_is_the_difference_of_the_axes_away() -> None:
    found = in_space(level(NORTH, 4.0), pipe(), STEP)
    within(found, 2.9)
    assert found is not None and np.abs(found.at_m - 30.0).min() < 0.02  # where it crosses


def test_a_falling_bore_is_nearer_than_straight_down() -> None:
    falling = Line(np.array([[0.0, -8.0], [0.0, 8.0]]), np.array([[0.0, 0.0], [16.0, 8.0]]))
    within(in_space(falling, pipe(), STEP), 2.9 * 2 / sqrt(5))


def test_beside_and_below_is_the_hypotenuse_away() -> None:
    """3 m aside and 4 m deeper; with 1 m of doubt in plan and 0.8 of depth, shared between the two: 2 and 3.2."""
    beside = level([[-20.0, -3.0], [20.0, -3.0]], 5.1)
    within(in_plan(beside, EAST, STEP), 3.0)
    within(in_space(beside, pipe(), STEP), 5.0)
    within(at_worst(beside, pipe(plan_doubt_m=0.4, depth_doubt_m=0.5), 0.6, 0.3, STEP), hypot(2.0, 3.2))
    within(in_space(beside, pipe(top_most_m=3.0), STEP), hypot(3.0, 2.0))
    assert in_space(beside, pipe(top_least_m=None, top_most_m=None), STEP) is None
    assert at_worst(beside, pipe(depth_doubt_m=None), 0.6, 0.3, STEP) is None


def test_a_hole_straight_down_is_as_far_as_its_tip() -> None:
    """4 m aside, its tip 3 m above the pipe's axis: 5 m; half a metre of width brings it to 3.5 and 3."""
    hole = Plumb(np.array([0.0, 4.0]), 2.1)
    deep = pipe(top_least_m=5.0, top_most_m=5.0)
    within(in_space(hole, deep, STEP), 5.0)
    within(in_space(hole, deep, STEP, aside_m=0.5), hypot(3.5, 3.0))
    within(in_space(Plumb(np.array([0.0, 4.0]), 9.0), deep, STEP), 4.0)


def test_no_line_is_found_nearer_or_farther_than_every_one_of_its_points() -> None:
    """Against all pairs of points 1 cm apart, without any cutting up."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        one = Line(rng.uniform(-6, 6, (3, 2)), np.array([[0.0, 0.0], [4.0, rng.uniform(1, 3)], [50.0, 0.5]]))
        other = pipe(line=Line(rng.uniform(-6, 6, (3, 2))))
        xy, depth = one.at(np.linspace(0, one.length_m, int(one.length_m * 100)))
        there = other.line.at(np.linspace(0, other.line.length_m, int(other.line.length_m * 100)))[0]
        plan = np.hypot(*np.moveaxis(xy[:, None] - there[None], 2, 0))
        found = in_space(one, other, STEP)
        assert found is not None
        every = float(np.hypot(plan, np.abs(depth - 1.1)[:, None]).min())
        assert found.distance_m - found.slack_m <= every <= found.distance_m + 0.02


def test_crossings_of_lines_that_bend() -> None:
    """Down the y axis, then 3-4-5 to the right: over the pipe at 30 m, and over one that runs north at 60 + 5 m."""
    line = Line(np.array([[0.0, -30.0], [0.0, 30.0], [8.0, 36.0]]))
    (one,) = meetings(line, EAST, 0.003)
    assert (one.at_m, one.pipe_m, one.angle_deg) == pytest.approx((30.0, 40.0, 90.0))
    (other,) = meetings(line, Line(np.array([[4.0, 0.0], [4.0, 40.0]])), 0.003)
    assert (other.at_m, other.pipe_m) == pytest.approx((65.0, 33.0))
    assert other.angle_deg == pytest.approx(np.degrees(np.arctan2(4, 3))) and other.sure
    # At a bend, or at an end, a hair decides: it is told, and that it is not sure.
    assert not any(met.sure for met in meetings(line, Line(np.array([[-4.0, 30.0], [4.0, 30.0]])), 0.003))
    assert [met.sure for met in meetings(line, Line(np.array([[0.002, 0.0], [4.0, 0.0]])), 0.003)] == [False]
    assert meetings(line, Line(np.array([[0.1, 0.0], [4.0, 0.0]])), 0.003) == []


def test_a_sloping_hole_is_taller_than_wide() -> None:
    """3 down in 4: a hole 0.4 m wide is 0.5 m tall. At 4 m on, its axis is 3 m deep."""
    falling = Line(NORTH, np.array([[0.0, 0.0], [8.0, 6.0], [100.0, 6.0]]))
    over, under = gaps_m(falling, pipe(), 0.2, np.array([4.0, 20.0]), 0.0)
    assert under == pytest.approx([3.0 - 0.25 - 1.2, 6.0 - 0.2 - 1.2])
    assert over == pytest.approx([1.0 - 3.0 - 0.25, 1.0 - 6.0 - 0.2])
    at_break = gaps_m(falling, pipe(), 0.2, np.array([8.0 + 1e-4]), 1e-3)[1]
    assert at_break == pytest.approx([6.0 - 0.25 - 1.2], abs=1e-3)


def test_the_least_vertical_clearance_round_a_crossing() -> None:
    """Falling 1 in 10 and 4 m deep where it crosses at 30 m; 5 m either way, it is half a metre shallower there."""
    falling = Line(NORTH, np.array([[0.0, 1.0], [60.0, 7.0]]))
    tall = 0.2 * hypot(1, 0.1)
    low, high = least_vertical_m(falling, pipe(), 0.2, 0.3, 30.0, 5.0)
    true = 3.5 - tall - 1.2 - 0.3
    assert low - 1e-9 <= true <= high + 1e-9 and high - low < 0.05
    # 30 m either way it has come out over the pipe's top: nothing is left between them anywhere.
    assert least_vertical_m(falling, pipe(top_least_m=2.0, top_most_m=2.0), 0.2, 0.0, 30.0, 30.0) == (
        0.0,
        0.0,
    )


def test_what_a_trench_opens() -> None:
    cut = Cut(bottom_m=0.8, depth_m=2.2, slope=0.67, shored=None, depth_doubt_m=None)
    assert half_opening_m(cut) == pytest.approx(1.874)
    assert half_opening_m(replace(cut, shored=True, slope=None)) == pytest.approx(0.4)
    assert half_opening_m(replace(cut, slope=None)) == pytest.approx(0.4 + 3.3)
    assert half_opening_m(replace(cut, depth_m=None)) == pytest.approx(1.9)
    assert half_opening_m(replace(cut, depth_m=None, shored=True, slope=None)) == pytest.approx(0.4)
    assert half_opening_m(replace(cut, bottom_m=None)) == pytest.approx(1.474)


@pytest.mark.parametrize(
    ("about", "floor_m", "words"),
    [
        ({}, 0.98, {"above"}),
        ({}, 0.99, {"above", "reaches"}),
        ({}, 1.0, {"reaches"}),
        ({}, 1.22, {"below"}),
        ({}, 1.2, {"reaches"}),
        ({"depth_doubt_m": 0.5}, 0.98, {"reaches"}),
        ({"depth_doubt_m": 0.5}, 0.48, {"above"}),
        ({"top_most_m": 1.5}, 1.22, {"reaches"}),
        ({"diameter_mm": None}, 1.22, {"reaches"}),
        ({"depth_doubt_m": None}, 0.5, {"unknown"}),
        ({"top_least_m": None, "top_most_m": None}, 0.5, {"unknown"}),
    ],
)
def test_a_floor_against_a_pipe(about: dict[str, Any], floor_m: float, words: set[str]) -> None:
    assert level_of(Cut(1.0, floor_m, 0.0, None, 0.0), pipe(**about)) == words


def test_a_floor_nobody_stated_tells_nothing_and_one_without_a_doubt_has_30_cm() -> None:
    assert level_of(Cut(1.0, None, 0.0, None, None), pipe()) == {"unknown"}
    assert level_of(Cut(1.0, 0.68, 0.0, None, None), pipe()) == {"above"}
    assert level_of(Cut(1.0, 0.70, 0.0, None, None), pipe()) == {"reaches"}


def test_grades() -> None:
    assert grades_of(0.0, 0.0, "MP-A", False) == ("I", "I", "I")
    assert grades_of(0.0, 0.0, "MP-A", True) == ("II", "II", "II")
    assert grades_of(0.4, 0.0, "MP-A", False) == ("II", "IV", "II")
    assert grades_of(0.4, 0.5, "MP-A", False) == ("II", "I", "I")
    assert grades_of(3.0, 0.5, "MP-A", False) == ("III", "IV", "III")
    assert grades_of(5.2, 0.5, "MP-A", False) == (None, "IV", "IV")
    assert grades_of(5.2, 6.0, "MP-A", False) == (None, "II", "II")  # the band is wider than the zone
    assert grades_of(5.2, 6.0, "SHP-A", False) == ("III", "I", "I")
    assert (
        is_conflict(5.5, 0.5, "MP-A")
        and not is_conflict(5.6, 0.5, "MP-A")
        and is_conflict(15.0, 0.0, "SHP-A")
    )


def test_what_a_register_says_of_depth() -> None:
    said = Declared(EAST.xy, "MP-A", 200.0, 1.5, 1.9, "top", True, 0.3, 0.2, None, None, None)
    known = buried(said, DAY)
    assert (known.top_least_m, known.top_most_m, known.plan_doubt_m, known.depth_doubt_m) == (
        1.5,
        1.9,
        0.3,
        0.2,
    )

    def tops(**about: Any) -> tuple[float | None, float | None]:
        pipe = buried(replace(said, **about), DAY)
        return pipe.top_least_m, pipe.top_most_m

    assert tops(cover_to="centre") == pytest.approx((1.4, 1.8))
    assert tops(cover_to="bottom") == pytest.approx((1.3, 1.7))
    assert tops(cover_to=None) == pytest.approx((1.3, 1.9))
    assert tops(cover_to="bottom", diameter_mm=None) == pytest.approx((0.87, 1.9))
    assert tops(cover_m=0.1, cover_to="bottom") == (None, None)
    assert tops(cover_end_m=None) == (None, None) and tops(profiled=False) == (None, None)


def test_what_a_register_says_of_doubt() -> None:
    bare = Declared(EAST.xy, "MP-A", 200.0, 1.5, 1.5, "top", True, None, None, None, None, None)

    def doubts(**about: Any) -> tuple[float, float | None]:
        pipe = buried(replace(bare, **about), DAY)
        return pipe.plan_doubt_m, pipe.depth_doubt_m

    assert doubts() == (2.0, None)
    assert doubts(survey_class="exposed", surveyed_on=date(2020, 6, 1)) == pytest.approx((0.10, 0.06))
    assert doubts(survey_class="exposed", surveyed_on=date(2011, 6, 1)) == pytest.approx((0.20, 0.16))
    assert doubts(survey_class="exposed") == pytest.approx((0.60, 0.56))
    assert doubts(survey_class="cjj61", surveyed_on=date(2020, 6, 1)) == pytest.approx((0.2211, 0.33165))
    rebuilt = {"resurfaced_on": date(2015, 6, 1)}
    assert doubts(plan_stated_m=0.3, depth_stated_m=0.2, surveyed_on=date(2016, 6, 1), **rebuilt) == (
        0.3,
        0.2,
    )
    assert doubts(plan_stated_m=0.3, depth_stated_m=0.2, **rebuilt) == (2.3, None)


def test_inside_a_ring() -> None:
    ring = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0], [0.0, 0.0]])
    assert inside(np.array([[9.0, 9.0], [1.0, 1.0]]), ring)
    assert not inside(np.array([[2.0, 2.0], [5.0, 1.0], [-1.0, 1.0]]), ring)


# ---- the campaign --------------------------------------------------------------------------------------


def test_an_answer_the_sampling_does_not_allow_is_a_difference() -> None:
    report = Report()
    report.word("grade", "here", "I", {"I", "II"})
    report.metres("clearance", "here", 1.0, (0.99, 1.01))
    report.metres("clearance", "here", None, None)
    assert report.differences == [] and report.left_open["grade"] == 1
    report.word("grade", "here", "III", {"I", "II"})
    report.metres("clearance", "here", 1.02, (0.99, 1.01))
    report.metres("clearance", "here", None, (0.99, 1.01))
    report.metres("clearance", "here", 1.0, None)
    assert len(report.differences) == 4 and report.fails


def test_bores_and_trenches_are_judged_as_they_are_sampled() -> None:
    report = run(7, DIGS, make_profile())
    print("\n".join(report.lines()))
    assert report.differences == []
    assert report.open_share <= MOST_OPEN
    assert set(report.digs) == {*BORES, *TRENCHES, HOLE} and report.digs.total() == DIGS
    every = [
        *(f"conflict {word}" for word in ("yes", "no")),
        *(f"grade {grade}" for grade in ("I", "II", "III", "IV")),
        *(f"grade at worst {grade}" for grade in ("I", "II", "IV")),
        *(f"depth {word}" for word in ("above", "reaches", "below", "unknown")),
        *(f"passes {word}" for word in ("over", "under", "meets")),
        *(f"relief {of} {word}" for of in ("by depth", "of a bore") for word in ("yes", "no")),
        "crossings of a pair 2",
    ]
    assert [name for name in every if report.answers[name] < 3] == []
    lengths = (
        "distance in space",
        "distance in space at worst",
        "vertical",
        "vertical at worst",
        "nearest place",
    )
    assert all(report.compared[name] - report.answers[f"{name} unknown"] > 20 for name in lengths)

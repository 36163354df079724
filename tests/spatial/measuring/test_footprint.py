"""What is really opened, against sums by hand; strips beside a line, against an oracle that looks at every point."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.measuring.footprint import (
    NO_DEFAULTS,
    Opening,
    Side,
    bore_of,
    contradiction_m,
    opening,
    part_of,
    section_document,
    strip_beside,
    trench_of,
)
from spatial.measuring.plane import from_plane, to_plane
from spatial.screening import screen
from spatial.values import BorePath, Trench
from spatial.words import Act, SitePart
from tests.support.builders import DAY, Pipe, make_found, make_profile, make_site, straight

RULES = make_profile()
MERIDIAN = 1018


def opened(**said: Any) -> Opening:
    unsaid: dict[str, Any] = {
        "is_area": False, "from_bottom": False, "top_half_width_m": None, "bottom_width_m": None, "slope_ratio": None,
        "shored": None, "depth_m": None, "unknown_half_width_m": 1.5, "defaults": NO_DEFAULTS,
    }  # fmt: skip
    return opening(**{**unsaid, **said})


def test_a_wall_180_cm_from_the_axis_of_a_sloped_trench_is_inside_it() -> None:
    # MP, 200 mm outside: its axis lies 1.90 m from the trench's, its wall 1.80 m.
    trench = opened(bottom_width_m=0.8, depth_m=2.2, slope_ratio=0.67)
    assert trench.half_width_m == pytest.approx(0.4 + 2.2 * 0.67)
    site = make_site(
        shapely.LineString([(-20, 0), (20, 0)]), half_width_m=trench.half_width_m, half_width_known=True
    )
    (one,) = screen([site], make_found([Pipe(straight(1.9))]), RULES, on=DAY)
    (conflict,) = one.conflicts
    assert conflict["clearance_m"] == 0.0 and conflict["grade"] == "I"
    assert "wall_reached" in {reason["code"] for reason in conflict["reasons"]}
    # The flat buffer of half the bottom width would have said 1.40 m: outside the protection zone.
    flat = make_site(shapely.LineString([(-20, 0), (20, 0)]), half_width_m=0.4)
    assert (
        screen([flat], make_found([Pipe(straight(1.9))]), RULES, on=DAY)[0].conflicts[0]["clearance_m"] == 1.4
    )


metres = st.floats(0.02, 8.0)
slopes = st.none() | st.floats(0.0, 3.0)


@given(metres, metres, st.floats(0, 3), st.floats(0, 3), st.floats(0, 3), st.floats(-4, 4))
@settings(max_examples=60, deadline=None)
def test_deeper_wider_or_flatter_never_judges_milder(
    bottom: float, depth: float, slope: float, more: float, flatter: float, away: float
) -> None:
    def judged(**said: Any) -> tuple[int, float]:
        half = opened(**said).half_width_m
        site = make_site(shapely.LineString([(-9, 0), (9, 0)]), half_width_m=half)
        (one,) = screen([site], make_found([Pipe(straight(6 + away))]), RULES, on=DAY)
        if not one.conflicts:
            return 9, 99.0
        conflict = one.conflicts[0]
        return ("I", "II", "III", "IV").index(conflict["grade"]), conflict["clearance_m"]

    known = {"bottom_width_m": bottom, "depth_m": depth, "slope_ratio": slope}
    first = judged(**known)
    for wider in (
        {**known, "bottom_width_m": bottom + more},
        {**known, "depth_m": depth + more},
        {**known, "slope_ratio": slope + flatter},
    ):
        grade, clearance = judged(**wider)
        assert grade <= first[0] and clearance <= first[1]


@given(st.none() | metres, slopes, st.none() | st.booleans(), st.none() | metres)
def test_knowing_less_never_opens_less_than_the_profile_takes(
    bottom: float | None, slope: float | None, shored: bool | None, depth: float | None
) -> None:
    found = opened(bottom_width_m=bottom, slope_ratio=slope, shored=shored, depth_m=depth)
    assert found.half_width_m >= (bottom or 0.0) / 2 - 1e-4
    if not found.half_width_known:
        assert found.half_width_m >= 1.5
    if found.trench is not None and not found.trench.slope_known:
        assert found.trench.slope_ratio == NO_DEFAULTS.slope_ratio
    untold = opened(bottom_width_m=bottom, shored=None, depth_m=depth)
    if slope is not None and slope <= NO_DEFAULTS.slope_ratio and bottom is not None and depth is not None:
        assert untold.half_width_m >= found.half_width_m


def test_without_a_bottom_width_the_walls_are_opened_all_the_same() -> None:
    """4 m at 1:1 open 4 m to either side, whatever the bottom is: the unknown half of it comes on top."""
    assert opened(slope_ratio=1.0, depth_m=4.0) == Opening(5.5, False, Trench(None, 1.0, True, None))
    assert opened(shored=True, depth_m=4.0).half_width_m == 1.5
    # Nobody said anything of walls: the profile's half width is all there is.
    assert opened(depth_m=4.0) == Opening(1.5, False, None)
    assert opened(bottom_width_m=0.8, slope_ratio=0.67, depth_m=2.2).half_width_m < (
        opened(slope_ratio=0.67, depth_m=2.2).half_width_m
    )


def test_a_stated_width_and_a_section_disagree_beyond_half_a_centimetre() -> None:
    assert contradiction_m(1.874, 0.8, 0.67, 2.2) is None
    assert contradiction_m(1.878, 0.8, 0.67, 2.2) is None
    assert contradiction_m(1.0, 0.8, 0.67, 2.2) == pytest.approx(0.874)
    assert contradiction_m(0.3, 0.8, None, None) == pytest.approx(0.1)
    assert contradiction_m(3.0, 0.8, None, 2.2) is None
    assert contradiction_m(1.0, None, 1.0, 2.0) == pytest.approx(1.0)
    assert contradiction_m(1.0, 1.0, 0.0, None) == pytest.approx(0.5)


def test_an_opening_keeps_the_wider_of_two_that_agree() -> None:
    assert (
        opened(top_half_width_m=1.871, bottom_width_m=0.8, depth_m=2.2, slope_ratio=0.67).half_width_m
        == 1.874
    )
    assert (
        opened(top_half_width_m=1.878, bottom_width_m=0.8, depth_m=2.2, slope_ratio=0.67).half_width_m
        == 1.878
    )


def test_a_document_without_section_or_part_says_nothing_of_them() -> None:
    assert section_document(make_site()) == {}
    assert (trench_of({}), part_of({}), bore_of({})) == (None, SitePart.OPENED, None)


def test_section_part_and_bore_come_back_from_their_document() -> None:
    bore = BorePath(((0.0, 1.0), (20.5, 4.25)), 315.0, None, 0.2)
    for changes in ({"trench": Trench(0.8, 0.67, False, None)}, {"part": SitePart.SPOIL}, {"bore": bore}):
        site = replace(make_site(line_site()), **changes)
        said = section_document(site)
        assert (trench_of(said), part_of(said), bore_of(said)) == (site.trench, site.part, site.bore)


def line_site() -> Any:
    return shapely.LineString([(0, 0), (20.5, 0)])


def test_an_assumed_slope_and_a_part_are_said_with_the_conflict() -> None:
    trench = Trench(1.0, 1.5, False, None)
    site = replace(make_site(line_site(), half_width_m=3.5), trench=trench, depth_m=2.0)
    (one,) = screen([site], make_found([Pipe(straight(4))]), RULES, on=DAY)
    assert {"code": "slope_assumed", "slope_ratio": 1.5, "verified": False} in one.conflicts[0]["reasons"]
    assert {"code": "state_slope", "slope_ratio": 1.5} in one.document["advice"]
    loaded = make_site(line_site(), half_width_m=1.5, acts=(Act.HEAVY_LOAD,))
    strip = replace(loaded, part=SitePart.SPOIL, of_feature="T")
    (one,) = screen([strip], make_found([Pipe(straight(4))]), RULES, on=DAY)
    assert {"code": "site_part", "part": "spoil", "of_feature": "T"} in one.conflicts[0]["reasons"]
    assert (one.document["site"]["part"], one.document["site"]["of_feature"]) == ("spoil", "T")


# -- strips ------------------------------------------------------------------------------------------------


def beside(axis: Any, points: Any, side: Side) -> tuple[Any, Any]:
    """For each point: its distance from the axis, and whether its nearest place lies within the axis with the point
    on `side`. Edge by edge, with nothing but dot and cross products."""
    xy = shapely.get_coordinates(axis)
    edge, run = xy[:-1, None], np.diff(xy, axis=0)[:, None]
    to = points[None] - edge
    along = (to * run).sum(axis=2) / (run**2).sum(axis=2)
    off = to - np.clip(along, 0, 1)[..., None] * run
    away = np.hypot(off[..., 0], off[..., 1])
    nearest, each = away.argmin(axis=0), np.arange(len(points))
    left = (run[..., 0] * to[..., 1] - run[..., 1] * to[..., 0] > 0)[nearest, each]
    at = along[nearest, each]
    vertex = np.where(at < 0, nearest, np.where(at > 1, nearest + 1, -1))
    for corner in range(1, len(xy) - 1):  # nearest to a corner lies the outer side of its bend alone
        one, other = xy[corner] - xy[corner - 1], xy[corner + 1] - xy[corner]
        left[vertex == corner] = one[0] * other[1] - one[1] * other[0] < 0
    within = (vertex != 0) & (vertex != len(xy) - 1)
    return away[nearest, each], within & (left if side is Side.LEFT else ~left)


bends = st.lists(
    st.tuples(st.floats(-2.9, 2.9), st.sampled_from([0.3, 1.0, 3.0, 12.0])), min_size=1, max_size=14
)


@given(bends, st.sampled_from(Side), st.floats(0, 5), st.floats(0.1, 8), st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_a_strip_covers_all_ground_on_its_side_within_its_width(
    turns: list[tuple[float, float]], side: Side, inner_m: float, width_m: float, seed: int
) -> None:
    heading = np.cumsum([turn for turn, _ in turns])
    steps = np.column_stack([np.cos(heading), np.sin(heading)]) * np.array([[step] for _, step in turns])
    metres_east_north = np.vstack([np.zeros(2), np.cumsum(steps, axis=0)]) + np.array([0, 4_053_000])
    axis = shapely.LineString(metres_east_north)
    (on_globe,) = from_plane(np.array([axis], dtype=object), MERIDIAN)
    strip = strip_beside(on_globe, side, inner_m, width_m)
    (flat,) = to_plane(np.array([strip.geometry], dtype=object), MERIDIAN)

    rng = np.random.default_rng(seed)
    low, high = (
        metres_east_north.min(axis=0) - inner_m - width_m,
        metres_east_north.max(axis=0) + inner_m + width_m,
    )
    points = rng.uniform(low, high, (3000, 2))
    away, on_side = beside(axis, points, side)
    in_strip = points[on_side & (away >= inner_m) & (away <= inner_m + width_m)]
    off = shapely.distance(flat, shapely.points(in_strip)) - strip.half_width_m
    assert off.max(initial=-1.0) <= 0.0


@pytest.mark.parametrize("side", Side)
def test_a_strip_along_a_plain_bend_is_hardly_wider_than_it_should_be(side: Side) -> None:
    axis = shapely.LineString([(-30, 4_053_000), (0, 4_053_000), (0, 4_053_030)])
    (on_globe,) = from_plane(np.array([axis], dtype=object), MERIDIAN)
    strip = strip_beside(on_globe, side, 2.0, 3.0)
    (flat,) = to_plane(np.array([strip.geometry], dtype=object), MERIDIAN)
    points = np.random.default_rng(1).uniform([-28, 4_052_990], [9, 4_053_028], (40_000, 2))
    away, on_side = beside(axis, points, side)
    covered = shapely.distance(flat, shapely.points(points)) <= strip.half_width_m
    beyond = covered & ~(on_side & (away > 2.0 - 0.02) & (away < 5.0 + 0.02))
    # In the inner corner a round end reaches beyond the sharp one, by (1 - sin 45 degrees) of the half width.
    assert not beyond[(away < 2.0 - 0.44 - 0.02) | (away > 5.0 + 0.02)].any()
    assert beyond.sum() < 0.02 * covered.sum()
    assert not (covered & ~on_side).any()

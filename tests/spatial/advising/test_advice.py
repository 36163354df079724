"""Advice: what is proposed lowers the grade where it says so, 5 cm less does not, and nothing else gets worse.

Fixed cases are worked out by hand; drawn ones are judged again from the proposal's own GeoJSON, as a firm would
file it, against every pipe of the scene.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from bench.scenes import assets_of, dig_site, found_of, pieces_of, scene
from spatial.advising.advice import advise, search_boxes
from spatial.advising.ways import Shift
from spatial.found import Found
from spatial.measuring.plane import nearest_meridian, to_plane
from spatial.rules.profile import STRICTNESS, RuleProfile
from spatial.saying.advice_texts import advice_lines, say_advice
from spatial.screening import Screening, query_boxes, screen
from spatial.values import BorePath, DigSite, RegisterGeometry, Trench, UncertaintyTerm
from spatial.words import Act, Grade, Method, Outcome
from tests.support.builders import (
    DAY,
    XINING,
    Pipe,
    area,
    laid,
    line,
    make_found,
    make_ground,
    make_profile,
    make_site,
    own_distance,
    straight,
)

RULES = make_profile()
RANK = {grade.value: rank for rank, grade in enumerate(Grade)} | {None: len(Grade)}
EAST_WEST = line((-30, 0), (0, 0), (30, 0))


def advised(site: DigSite, found: Found, profile: RuleProfile = RULES) -> tuple[Screening, dict[str, Any]]:
    (judged,) = screen([site], found, profile, on=DAY)
    return judged, advise(site, found, profile, judged.document, on=DAY)


def refiled(site: DigSite, proposal: dict[str, Any]) -> DigSite:
    """The site as a firm would file it after reading the proposal."""
    return replace(
        site,
        geometry=RegisterGeometry(shape(proposal["geometry"])),
        half_width_m=proposal["half_width_m"],
    )


def by_code(advice: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [proposal for proposal in advice["proposals"] if proposal["code"] == code]


def moves(advice: dict[str, Any], code: str, name: str) -> dict[str, tuple[float, str | None]]:
    """direction or edge -> (metres, grade it becomes)."""
    return {one[name]: (one["metres"], one["lowers"]["to"]) for one in by_code(advice, code)}


# -- by hand: MP-A, 200 mm, so that a wall stands 0.1 m nearer than the axis; limits 0.51 m and 5.01 m


def test_a_trench_beside_a_pipe_is_told_to_move_away_or_to_be_narrowed() -> None:
    # clearance 0.9 - 0.5 - 0.1 = 0.30 m: II. More than 0.51 m is III, so 0.25 m in steps of 5 cm.
    site = make_site(EAST_WEST, half_width_m=0.5)
    judged, advice = advised(site, make_found([Pipe(straight(0.9))]))
    assert judged.grade is Grade.II
    assert moves(advice, "shift_site", "direction") == {"right": (0.25, "III")}
    (narrower,) = by_code(advice, "narrow_site")
    assert (narrower["metres"], narrower["half_width_m"], narrower["lowers"]["to"]) == (0.25, 0.25, "III")


def test_nobody_is_told_to_jack_a_thinner_pipe() -> None:
    path = BorePath(((0.0, 3.0), (60.0, 3.0)), 2000.0, 0.1, 0.1)
    site = replace(make_site(EAST_WEST, half_width_m=1.0, acts=(Act.JACK,)), bore=path)
    _, advice = advised(site, make_found([Pipe(straight(1.4))]))
    assert moves(advice, "shift_site", "direction") == {"right": (0.25, "III")}
    assert not by_code(advice, "narrow_site")


def test_the_side_is_seen_in_the_direction_of_the_line() -> None:
    site = make_site(line((30, 0), (0, 0), (-30, 0)), half_width_m=0.5)
    _, advice = advised(site, make_found([Pipe(straight(0.9))]))
    assert moves(advice, "shift_site", "direction") == {"left": (0.25, "III")}


@pytest.mark.parametrize(
    ("drawn", "direction", "said"),
    [(1, "back", "towards its low stations"), (-1, "ahead", "towards its high stations")],
)
def test_a_trench_that_ends_short_of_a_main_is_told_to_move_along_its_own_line(
    drawn: int, direction: str, said: str
) -> None:
    """No step to the side helps: the main runs square across its end. Its wall is at 30.8 m, the ground opened to 30.5 m."""
    site = make_site(line((-30 * drawn, 0), (0, 0), (30 * drawn, 0)), half_width_m=0.5)
    _, advice = advised(site, make_found([Pipe(line((30.9, -60), (30.9, 0), (30.9, 60)))]))
    assert moves(advice, "shift_site", "direction") == {direction: (0.25, "III")}
    (proposal,) = by_code(advice, "shift_site")
    assert said in say_advice(proposal, "en")
    assert "(bearing 0°)" in say_advice({**proposal, "bearing_deg": 359.7}, "en")


def test_the_edge_towards_the_pipe_is_named_and_how_far_it_moves() -> None:
    # North edge at 5 m, wall at 5.2 m: 0.2 m away; 0.35 m more is 0.55 m, beyond 0.51 m.
    site = make_site(shapely.box(-10, -5, 10, 5))
    judged, advice = advised(site, make_found([Pipe(straight(5.3))]))
    assert judged.grade is Grade.II
    assert moves(advice, "move_edge", "edge") == {"N": (0.35, "III")}
    assert moves(advice, "shift_site", "direction") == {"S": (0.35, "III")}
    (edge,) = by_code(advice, "move_edge")
    by_hand = laid(shapely.box(-10, -5, 10, 4.65))
    drawn = np.array([shape(edge["geometry"]), by_hand], dtype=object)
    here, there = to_plane(drawn, int(nearest_meridian(drawn)[0]))
    assert shapely.hausdorff_distance(here, there) < 0.005


def test_a_pit_over_a_pipe_moves_square_to_it() -> None:
    # The pipe runs south-west to north-east: straight off it is shorter than along the compass.
    site = make_site(shapely.Point(0, 0), half_width_m=0.8)
    judged, advice = advised(site, make_found([Pipe(line((-20, -20), (20.5, 20.5)))]))
    assert judged.grade is Grade.I
    shifts = by_code(advice, "shift_site")
    # Past the wall by more than a centimetre: 0.8 + 0.1 + 0.01 < 0.95; along the compass that times the root of 2.
    assert {(one["direction"], one["metres"]) for one in shifts} == {
        *(("away", 0.95), ("N", 1.3), ("E", 1.3), ("S", 1.3), ("W", 1.3))
    }
    assert {one["bearing_deg"] for one in shifts if one["direction"] == "away"} == {135.0, 315.0}


def test_a_crossing_cannot_be_moved_away() -> None:
    _, advice = advised(
        make_site(EAST_WEST, half_width_m=0.5), make_found([Pipe(line((0, -60), (0, 0), (0, 60)))])
    )
    assert by_code(advice, "shift_site") == []
    assert by_code(advice, "narrow_site") == []


def test_doubt_is_moved_out_of_too() -> None:
    # 0.30 m away with 2 m of doubt: I. The doubt is left behind at more than 2.01 m.
    site = make_site(EAST_WEST, half_width_m=0.5)
    judged, advice = advised(site, make_found([Pipe(straight(0.9), uncertainty_m=2.0)]))
    assert judged.grade is Grade.I
    assert moves(advice, "shift_site", "direction") == {"right": (1.75, "III")}


def test_no_way_leads_into_another_pipe() -> None:
    # 1.4 m between two pipes: whichever side it takes, the other pipe's protection zone is entered.
    site = make_site(EAST_WEST, half_width_m=0.3)
    pipes = [Pipe(straight(0.6), source_id="north"), Pipe(straight(-1.0), source_id="south")]
    judged, advice = advised(site, make_found(pipes))
    assert judged.grade is Grade.II
    # South wall 0.6 m away, limit 0.51 m: only 5 cm to give, and the north needs 0.35 m.
    assert by_code(advice, "shift_site") == []


def test_no_way_leads_to_a_pipe_that_was_free_before() -> None:
    site = make_site(EAST_WEST, half_width_m=0.5)
    near, far = Pipe(straight(0.9), source_id="near"), Pipe(straight(-5.8), source_id="far")
    judged, advice = advised(site, make_found([near, far]))
    assert [row["source_id"] for row in judged.conflicts] == ["near"]  # far: 5.2 m away
    # 0.25 m south and the far pipe is 4.95 m away: inside its control zone.
    assert by_code(advice, "shift_site") == []
    assert [one["metres"] for one in by_code(advice, "narrow_site")] == [0.25]


def test_a_sloped_trench_is_shored_down_to_its_floor_and_no_further() -> None:
    trench = Trench(bottom_width_m=0.8, slope_ratio=0.67, slope_known=True, shored=None)
    sloped = replace(make_site(EAST_WEST, half_width_m=1.874), trench=trench, depth_m=2.2)
    # Axis to wall 1.8 m: the slope opens the wall; upright at 0.4 m it is 1.4 m away.
    judged, advice = advised(sloped, make_found([Pipe(straight(1.9), cover_m=None)]))
    assert judged.grade is Grade.I
    (shored,) = by_code(advice, "shore_walls")
    assert (shored["half_width_m"], shored["lowers"]) == (0.4, {"from": "I", "to": "III"})
    assert all(one["half_width_m"] >= 0.4 for one in by_code(advice, "narrow_site"))


def test_no_trench_is_narrowed_below_its_floor() -> None:
    # Wall 0.85 m from the axis: only a half width of 0.34 m would leave the protection zone, and the floor has 0.4 m.
    trench = Trench(bottom_width_m=0.8, slope_ratio=0.1, slope_known=True, shored=None)
    sloped = replace(make_site(EAST_WEST, half_width_m=0.6), trench=trench, depth_m=2.0)
    found = make_found([Pipe(straight(0.95), cover_m=None)])
    assert by_code(advised(sloped, found)[1], "narrow_site") == []
    (plain,) = by_code(advised(replace(sloped, trench=None), found)[1], "narrow_site")
    assert plain["half_width_m"] == 0.3


def test_by_hand_is_proposed_where_the_rules_forbid_the_machine() -> None:
    strict = make_profile({"switches.mechanical_in_protection": "forbidden"})
    site = make_site(EAST_WEST, half_width_m=0.5, method=Method.MECHANICAL)
    judged, advice = advised(site, make_found([Pipe(straight(0.9))]), strict)
    assert judged.grade is Grade.I
    others = {one["method"]: one for one in by_code(advice, "other_method")}
    assert set(others) == {"hand", "vacuum"}
    assert others["hand"]["lowers"] == {"from": "I", "to": "II"}
    assert others["hand"]["requirement"] == {"from": "forbidden", "to": "plan_required"}


def test_a_method_that_changes_nothing_is_not_proposed() -> None:
    site = make_site(EAST_WEST, half_width_m=0.5, method=Method.MECHANICAL)
    _, advice = advised(site, make_found([Pipe(straight(0.9))]))
    assert by_code(advice, "other_method") == []


def test_a_place_out_of_every_zone_reads_as_its_ground_does() -> None:
    site = make_site(EAST_WEST, half_width_m=0.5)
    pipes = [Pipe(straight(5.4))]  # 4.8 m away: III, and 0.25 m more is free
    for ground, outcome in (
        ([make_ground()], Outcome.CLEAR),
        ([make_ground(blanks=[area(2000)])], Outcome.CANNOT_TELL),
        ([make_ground(max_age_days=None)], Outcome.CANNOT_TELL),
        ([], Outcome.CANNOT_TELL),
    ):
        _, advice = advised(site, make_found(pipes, ground))
        (shift,) = by_code(advice, "shift_site")
        assert (shift["lowers"]["to"], shift["outcome"]) == (None, outcome)
        for language in ("zh", "en"):
            told = "\n".join(advice_lines(advice, language))  # type: ignore[arg-type]
            assert "安全" not in told
            assert (outcome is Outcome.CLEAR) == (
                "not enough is known" not in told and "资料不足" not in told
            )


def test_without_a_conflict_there_is_nothing_to_propose() -> None:
    judged, advice = advised(make_site(EAST_WEST, half_width_m=0.5), make_found([]))
    assert judged.outcome is Outcome.CANNOT_TELL
    assert (advice["searched_m"], advice["proposals"], advice["trial_holes"]) == (None, [], [])
    assert advice_lines(advice, "en") == []


def test_no_way_leads_across_the_pipe() -> None:
    """1.4 m further north the strip would lie beyond the pipe: nobody means that by moving away."""
    _, advice = advised(make_site(shapely.box(-10, 0, 10, 0.6)), make_found([Pipe(straight(0.8))]))
    assert set(moves(advice, "shift_site", "direction")) == {"S"}


def test_an_outline_with_a_hole_keeps_it() -> None:
    ring = shapely.Polygon(
        shapely.box(-10, -5, 10, 5).exterior.coords, [shapely.box(-2, 3.0, 2, 4.9).exterior.coords]
    )
    # The hole ends 0.1 m inside the north edge, which would have to move 0.35 m.
    _, advice = advised(make_site(ring), make_found([Pipe(straight(5.3))]))
    assert by_code(advice, "move_edge") == []
    assert moves(advice, "shift_site", "direction") == {"S": (0.35, "III")}


def test_an_edge_never_takes_more_than_half_of_the_ground() -> None:
    _, advice = advised(make_site(shapely.box(-10, 0, 10, 0.6)), make_found([Pipe(straight(0.8))]))
    assert by_code(advice, "move_edge") == []


def test_nothing_is_moved_farther_than_the_rules_say() -> None:
    near = make_profile({"advice.largest_shift_m": 0.2})
    _, advice = advised(make_site(EAST_WEST, half_width_m=0.5), make_found([Pipe(straight(0.9))]), near)
    assert by_code(advice, "shift_site") == []
    assert advice["searched_m"] == 0.2


def test_the_register_is_asked_for_all_that_a_move_can_meet() -> None:
    site = make_site(EAST_WEST, half_width_m=0.5)
    narrow, wide = shapely.box(*query_boxes(site, RULES)[0]), shapely.box(*search_boxes(site, RULES)[0])
    boxes = to_plane(np.array([narrow, wide], dtype=object), 1018)
    assert shapely.distance(boxes[0], boxes[1].exterior) >= RULES.advice.largest_shift_m


def test_valves_are_told_with_their_doubt_and_only_of_whom_it_concerns() -> None:
    pipes = [
        Pipe(straight(0.9)),
        Pipe(shapely.Point(25, 10), kind="valve", source_id="v-near"),
        Pipe(shapely.Point(-25, 40), kind="valve", source_id="v-far"),
        Pipe(shapely.Point(0, 45), kind="valve", source_id="v-third"),
        Pipe(shapely.Point(0, 12), kind="valve", source_id="v-other", utility="G2"),
    ]
    _, advice = advised(make_site(EAST_WEST, half_width_m=0.5), make_found(pipes))
    assert [(one["source_id"], one["distance_m"], one["bearing_deg"]) for one in advice["valves"]] == [
        ("v-near", 9.5, 0),  # from the edge of what is opened
        ("v-far", 39.5, 0),
    ]
    assert all(one["verified"] is False for one in advice["valves"])


def test_no_bearing_reads_360_degrees() -> None:
    """Rounding must not lead beyond the last degree: a hair west of north is north."""
    almost_north = Shift(shapely.Point(0, 0), "N", 359.97, 20.0)
    assert almost_north.about["bearing_deg"] == 0.0
    valve = Pipe(shapely.Point(-0.05, 20), kind="valve", source_id="v")
    _, advice = advised(make_site(EAST_WEST, half_width_m=0.5), make_found([Pipe(straight(0.9)), valve]))
    assert [one["bearing_deg"] for one in advice["valves"]] == [0]


# -- where to dig by hand, and where to look first


def test_a_trench_over_three_pipes_is_told_where_to_dig_by_hand_and_where_to_look() -> None:
    site = make_site(line((-60, 0), (0, 0), (60, 0)), half_width_m=0.5, method=Method.MECHANICAL)
    pipes = [
        Pipe(line((10, -60), (10, 0), (10, 60)), source_id="doubtful", uncertainty_m=2.0),
        Pipe(line((-40, -60), (-40, 0), (-40, 60)), source_id="known", uncertainty_m=0.2),
        Pipe(line((51, -60), (51, 0), (51, 60)), source_id="late", uncertainty_m=0.8),
    ]
    _, advice = advised(site, make_found(pipes))
    # Wall 0.1 + half width 0.5 + protection 0.5 + tolerance 0.01 + the doubt, on either side of the crossing.
    assert [(row["from_m"], row["to_m"], row["source_ids"]) for row in advice["hand_dig"]["stretches"]] == [
        (pytest.approx(20 - 1.31, abs=1e-3), pytest.approx(20 + 1.31, abs=1e-3), ["known"]),
        (pytest.approx(70 - 3.11, abs=1e-3), pytest.approx(70 + 3.11, abs=1e-3), ["doubtful"]),
        (pytest.approx(111 - 1.91, abs=1e-3), pytest.approx(111 + 1.91, abs=1e-3), ["late"]),
    ]
    assert advice["hand_dig"]["total_m"] == pytest.approx(2 * (1.31 + 3.11 + 1.91), abs=1e-3)
    holes = {
        row["source_id"]: (row["code"], row["holes_m"], row["from_side"]) for row in advice["trial_holes"]
    }
    assert holes == {
        "known": ("trial_hole", [20.0], "after"),  # 50 m to the next crossing, 20 m to the end
        "doubtful": ("trial_hole_row", [68.0, 69.0, 70.0, 71.0, 72.0], "before"),
        "late": ("trial_hole_row", [110.0, 111.0, 112.0], "before"),
    }
    told = "\n".join(advice_lines(advice, "zh"))
    assert "K0+068.0、K0+069.0、K0+070.0、K0+071.0、K0+072.0" in told


def test_a_slanting_crossing_is_looked_for_farther_along_the_line() -> None:
    # 30 degrees: the band of 1 m on either side of the pipe is cut over 2 m to either side of the crossing.
    run = np.array([np.cos(np.radians(30)), np.sin(np.radians(30))]) * 60
    site = make_site(line((-60, 0), (0, 0), (60, 0)), half_width_m=0.5)
    _, advice = advised(site, make_found([Pipe(line(tuple(-run), (0, 0), tuple(run)), uncertainty_m=1.0)]))
    (row,) = advice["trial_holes"]
    assert row["holes_m"] == pytest.approx([58.0, 59.0, 60.0, 61.0, 62.0], abs=0.05)


def test_one_hole_over_a_pipe_that_may_lie_two_metres_off_is_not_enough_for_a_bore() -> None:
    path = BorePath(((0.0, 4.0), (60.0, 4.0)), 200.0, 0.1, 0.1)
    bored = replace(
        make_site(EAST_WEST, half_width_m=0.1, acts=(Act.BORE,), method=Method.TRENCHLESS),
        bore=path,
        depth_uncertainty=(UncertaintyTerm("bore_depth_stated", 0.1, "permit"),),
    )
    pipes = [
        Pipe(
            line((x, -60), (x, 0), (x, 60)),
            source_id=name,
            uncertainty_m=doubt_m,
            profiled=True,
            depth_doubt_m=0.1,
        )
        for name, x, doubt_m in (("sure", -10, 0.2), ("doubtful", 10, 2.0))
    ]
    _, advice = advised(bored, make_found(pipes))
    sure, doubtful = advice["trial_holes"]
    assert (sure["source_id"], sure["code"], sure["holes"]) == ("sure", "hole_over_crossing", 1)
    assert (doubtful["code"], doubtful["holes_m"]) == ("trial_hole_row", [38.0, 39.0, 40.0, 41.0, 42.0])


def test_a_bore_keeps_the_holes_of_its_own_judgement() -> None:
    path = BorePath(((0.0, 3.0), (120.0, 3.0)), 300.0, 0.1, 0.1)
    site = replace(
        make_site(
            line((-60, 0), (0, 0), (60, 0)), half_width_m=0.25, acts=(Act.BORE,), method=Method.TRENCHLESS
        ),
        bore=path,
        depth_m=3.0,
    )
    judged, advice = advised(site, make_found([Pipe(line((10, -60), (10, 0), (10, 60)), uncertainty_m=0.5)]))
    of_its_own = [hole for row in judged.conflicts for hole in row["trial_holes"]]
    assert of_its_own
    assert [hole["site_m"] for hole in advice["trial_holes"]] == [hole["site_m"] for hole in of_its_own]
    assert "K0+070.0" in "\n".join(advice_lines(advice, "en"))


# -- drawn


def refiled_shorter(site: DigSite, proposal: dict[str, Any]) -> DigSite | None:
    """STEP_M less of the proposal, made from the two drawings alone; None for an edge, whose drawing has other
    corners than the site's. Drawings are written to 0.1 mm, so half a millimetre less still."""
    fails_at_m = max(proposal["fails_at_m"] - 0.0005, 0.0)
    part = fails_at_m / proposal["metres"]
    if proposal["code"] == "narrow_site":
        return replace(site, half_width_m=site.half_width_m - fails_at_m)
    if proposal["code"] != "shift_site":
        return None
    was = shapely.get_coordinates(site.geometry)
    now = shapely.get_coordinates(shape(proposal["geometry"]))
    moved = shapely.set_coordinates(shapely.from_wkb(site.geometry.wkb), was + part * (now - was))
    return replace(site, geometry=RegisterGeometry(moved))


def judged_alone(site: DigSite, found: Found, number: int, profile: RuleProfile) -> Screening:
    pieces = found.pieces
    rows = pieces.site == number
    alone = type(pieces)(
        site=np.zeros(int(rows.sum()), dtype=np.int64),
        asset=pieces.asset[rows],
        geometry=pieces.geometry[rows],
        from_m=pieces.from_m[rows],
        to_m=pieces.to_m[rows],
        assets=pieces.assets,
    )
    (judged,) = screen([site], Found(1, alone, (found.ground[number],)), profile, on=DAY)
    return judged


def ranks(judged: Screening) -> dict[str, tuple[int, int]]:
    return {
        row["source_id"]: (RANK[row["grade"]], STRICTNESS[row["requirement"]]) for row in judged.conflicts
    }


@pytest.mark.property
@given(seed=st.integers(0, 2**32 - 1))
def test_each_proposal_lowers_and_a_step_less_does_not_and_nothing_gets_worse(seed: int) -> None:
    of = scene(seed, 4, 1, 4, most_vertices=6)
    found = found_of(of)
    rules = make_profile({"act_distances": [own_distance(Act.BLAST, 80.0)]})
    for number, site in enumerate(of.sites):
        before = judged_alone(site, found, number, rules)
        rows = found.pieces.site == number
        alone = replace(
            found,
            pieces=replace(
                found.pieces,
                site=np.zeros(int(rows.sum()), dtype=np.int64),
                asset=found.pieces.asset[rows],
                geometry=found.pieces.geometry[rows],
                from_m=found.pieces.from_m[rows],
                to_m=found.pieces.to_m[rows],
            ),
            ground=(found.ground[number],),
        )
        for proposal in advise(site, alone, rules, before.document, on=DAY)["proposals"]:
            after = (
                replace(site, method=Method(proposal["method"]))
                if proposal["code"] == "other_method"
                else refiled(site, proposal)
            )
            judged = judged_alone(after, found, number, rules)
            told = proposal["lowers"]
            assert (told["from"], told["to"]) == (before.document["grade"], judged.document["grade"]), (
                proposal
            )
            assert proposal["outcome"] == judged.outcome.value != "clear"  # nobody vouches for this ground
            now, then = ranks(judged), ranks(before)
            assert all(
                name in then and min(a - b for a, b in zip(rank, then[name], strict=True)) >= 0
                for name, rank in now.items()
            ), proposal
            if proposal["code"] == "other_method":
                assert (now != then) and max(now.values()) >= min(then.values())
                continue
            assert RANK[told["to"]] > RANK[told["from"]]
            if (shorter := refiled_shorter(site, proposal)) is not None:
                less = judged_alone(shorter, found, number, rules)
                assert RANK[less.document["grade"]] <= RANK[before.document["grade"]], proposal


def outward_normal(hull: shapely.Polygon, bearing_deg: float) -> np.ndarray:
    """Of the side of an outline that looks most nearly that way; a bearing as told is rounded."""
    xy = shapely.get_coordinates(shapely.simplify(hull, 0.01))
    runs = np.diff(xy if hull.exterior.is_ccw else xy[::-1], axis=0)
    normals = np.column_stack([runs[:, 1], -runs[:, 0]]) / np.hypot(*runs.T)[:, None]
    told = np.array([np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))])
    found: np.ndarray = normals[np.argmax(normals @ told)]
    return found


@pytest.mark.property
@given(
    corners=st.lists(st.tuples(st.floats(-25, 25), st.floats(-25, 25)), min_size=4, max_size=9, unique=True),
    away=st.floats(0.0, 6.0),
    doubt=st.sampled_from([0.0, 0.3, 2.0]),
    turn=st.floats(0, 2 * np.pi),
)
def test_an_edge_moved_in_is_the_outline_cut_along_it(
    corners: list[tuple[float, float]], away: float, doubt: float, turn: float
) -> None:
    """Against cutting the outline by a half plane, which for a convex one is the same, and shares no code."""
    hull = shapely.convex_hull(shapely.MultiPoint(corners))
    if hull.geom_type != "Polygon" or hull.area < 20:
        return
    ahead = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-ahead[1], ahead[0]])
    outermost = (shapely.get_coordinates(hull) @ across).max() + away + 0.1
    pipe = Pipe(
        line(*(tuple(across * outermost + ahead * run) for run in (-60.0, 0.0, 60.0))), uncertainty_m=doubt
    )
    site, found = make_site(hull), make_found([pipe])
    before, advice = advised(site, found)
    for edge in by_code(advice, "move_edge"):
        (after,) = screen([refiled(site, edge)], found, RULES, on=DAY)
        assert after.document["grade"] == edge["lowers"]["to"]
        normal = outward_normal(hull, edge["bearing_deg"] + 180.0)
        reach = (shapely.get_coordinates(hull) @ normal).max()
        for metres, lowers in ((edge["metres"] + 0.02, True), (edge["fails_at_m"] - 0.02, False)):
            along = np.array([-normal[1], normal[0]])
            corner = normal * (reach - metres)
            kept = shapely.Polygon(
                [
                    corner + along * 200,
                    corner - along * 200,
                    corner - along * 200 - normal * 400,
                    corner + along * 200 - normal * 400,
                ]
            )
            (cut,) = screen([make_site(shapely.intersection(hull, kept))], found, RULES, on=DAY)
            assert (RANK[cut.document["grade"]] > RANK[before.document["grade"]]) == lowers, edge


def test_a_place_beside_a_long_bent_line_is_judged_by_every_pipe() -> None:
    """200 pipes, one site: what lies beyond the reach of a judgement but within a shift counts."""
    rng = np.random.default_rng(11)
    shapes = np.empty(200, dtype=object)
    for number in range(200):
        start = rng.uniform(-60, 60, 2)
        shapes[number] = laid(shapely.MultiLineString([[start, start + rng.normal(0, 15, 2)]]), XINING)
    assets = assets_of(["MP-A"] * 200, np.full(200, 110.0), np.full(200, 0.2))
    site = dig_site(laid(line((-20, 0), (0, 6), (20, 0))), half_width_m=0.4)
    pieces = pieces_of(shapes, assets, np.zeros(200, dtype=np.int64), np.arange(200))
    found = Found(1, pieces, ((),))
    before, advice = advised(site, found)
    for proposal in advice["proposals"]:
        (after,) = screen([refiled(site, proposal)], found, RULES, on=DAY)
        assert set(ranks(after)) <= set(ranks(before))

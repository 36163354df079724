"""The grade table of the design, row by row: who stands where, what they do, and what it is called.

The pipe is MP-A (protection 0.5 m, control 5 m) unless a row says otherwise; clearance is wall to dig.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from spatial.judging.judge import Conflicts, judge
from spatial.measuring.pieces import CGCS2000
from spatial.rules.profile import RuleProfile
from spatial.words import Act, Certainty, Grade, Method, Requirement, Zone
from tests.support.builders import (
    Pipe,
    laid,
    make_pieces,
    make_profile,
    make_site,
    own_distance,
    rules_document,
    straight,
)

RULES = make_profile()
RADIUS_M = 0.1


def judged(
    clearance_m: float,
    *,
    doubt_m: float = 0.0,
    site_doubt_m: float = 0.0,
    acts: tuple[Act, ...] = (Act.EXCAVATE,),
    method: Method | None = Method.HAND,
    profile: RuleProfile = RULES,
    **pipe: Any,
) -> Conflicts:
    """One point site; one pipe of 200 mm whose wall is `clearance_m` away."""
    site = make_site(uncertainty_m=site_doubt_m, acts=acts, method=method)
    laid_pipe = Pipe(straight(clearance_m + RADIUS_M), uncertainty_m=doubt_m, **pipe)
    return judge([site], make_pieces([laid_pipe]), profile)


@pytest.mark.parametrize(
    ("clearance_m", "act", "grade"),
    [
        pytest.param(0.30, Act.BUILD, Grade.I, id="a forbidden act in the protection zone"),
        pytest.param(-0.1, Act.EXCAVATE, Grade.I, id="the dig site on the axis"),
        pytest.param(0.0, Act.EXCAVATE, Grade.I, id="the dig site at the wall"),
        pytest.param(0.01, Act.EXCAVATE, Grade.I, id="within the tolerance of the wall"),
        pytest.param(0.0102, Act.EXCAVATE, Grade.II, id="just clear of the wall"),
        pytest.param(0.30, Act.EXCAVATE, Grade.II, id="in the protection zone"),
        pytest.param(0.51, Act.EXCAVATE, Grade.II, id="within the tolerance of the protection zone"),
        pytest.param(0.5102, Act.EXCAVATE, Grade.III, id="just outside the protection zone"),
        pytest.param(3.00, Act.EXCAVATE, Grade.III, id="in the control zone"),
        pytest.param(3.00, Act.BUILD, Grade.III, id="an act that is forbidden only nearer"),
        pytest.param(5.01, Act.EXCAVATE, Grade.III, id="within the tolerance of the control zone"),
    ],
)
def test_without_doubt_the_grade_is_the_one_at_record(clearance_m: float, act: Act, grade: Grade) -> None:
    found = judged(clearance_m, acts=(act,))
    assert list(found.grade) == [grade]
    assert list(found.grade_at_record) == [grade]
    assert list(found.certainty) == [Certainty.CERTAIN]


def test_outside_the_control_zone_without_doubt_is_no_conflict() -> None:
    assert len(judged(5.0102)) == 0


@pytest.mark.parametrize(
    ("clearance_m", "doubt_m", "record", "worst", "grade"),
    [
        pytest.param(2.0, 2.0, Grade.III, Grade.I, Grade.I, id="the doubt reaches the wall"),
        pytest.param(2.0102, 2.0, Grade.III, Grade.IV, Grade.III, id="the doubt stops short of the wall"),
        pytest.param(0.3, 0.1, Grade.II, Grade.IV, Grade.II, id="protection zone at record stays II"),
        pytest.param(
            4.0, 5.0, Grade.III, Grade.I, Grade.I, id="a band as wide as the control zone is not wider"
        ),
        pytest.param(4.0, 5.001, Grade.III, Grade.II, Grade.II, id="a band wider than the control zone: II"),
        pytest.param(5.9, 6.0, None, Grade.II, Grade.II, id="only at worst, by a band wider than the zone"),
        pytest.param(0.0, 6.0, Grade.I, Grade.II, Grade.I, id="at the wall at record: the worse of the two"),
        pytest.param(6.0, 2.0, None, Grade.IV, Grade.IV, id="only the worst case is inside"),
        pytest.param(7.01, 2.0, None, Grade.IV, Grade.IV, id="the worst case within the tolerance"),
    ],
)
def test_doubt_adds_the_grade_at_worst(
    clearance_m: float, doubt_m: float, record: Grade | None, worst: Grade, grade: Grade
) -> None:
    found = judged(clearance_m, doubt_m=doubt_m)
    assert list(found.grade_at_record) == [record]
    assert list(found.grade_at_worst) == [worst]
    assert list(found.grade) == [grade]
    assert list(found.certainty) == [Certainty.POSSIBLE if record is None else Certainty.CERTAIN]
    assert (found.zone[0] is Zone.OUTSIDE) == (record is None)


def test_beyond_its_doubt_is_no_conflict() -> None:
    assert len(judged(7.0102, doubt_m=2.0)) == 0


def test_the_doubts_of_pipe_and_site_add_up() -> None:
    assert list(judged(2.0, doubt_m=1.5, site_doubt_m=0.5).grade) == [Grade.I]
    assert list(judged(2.0102, doubt_m=1.5, site_doubt_m=0.5).grade) == [Grade.III]
    assert judged(2.0, doubt_m=1.5, site_doubt_m=0.5).uncertainty_m[0] == 2.0


def test_a_forbidden_act_that_only_the_worst_case_brings_near_is_not_graded_as_if_it_were_there() -> None:
    found = judged(6.0, doubt_m=2.0, acts=(Act.BUILD,))
    assert list(found.grade) == [Grade.IV]
    assert found.ruling[0].requirement is Requirement.PLAN_REQUIRED


# -- what the law asks


@pytest.mark.parametrize(
    ("clearance_m", "acts", "requirement", "act", "clause"),
    [
        (0.3, (Act.EXCAVATE,), Requirement.PLAN_REQUIRED, Act.EXCAVATE, "第三十四条"),
        (0.3, (Act.EXCAVATE, Act.BUILD), Requirement.FORBIDDEN, Act.BUILD, "5.1.8"),
        (0.3, (Act.BUILD, Act.EXCAVATE), Requirement.FORBIDDEN, Act.BUILD, "5.1.8"),
        (0.3, (Act.OPEN_FLAME,), Requirement.FORBIDDEN, Act.OPEN_FLAME, "第三十三条"),
        (3.0, (Act.EXCAVATE,), Requirement.NOTIFY, Act.EXCAVATE, "5.1.10"),
        (3.0, (Act.EXCAVATE, Act.BORROW_SOIL), Requirement.PLAN_REQUIRED, Act.BORROW_SOIL, "5.1.10"),
        (3.0, (Act.CROSSING,), Requirement.PLAN_REQUIRED, Act.CROSSING, "5.1.10"),
    ],
)
def test_the_permits_worst_act_decides(
    clearance_m: float, acts: tuple[Act, ...], requirement: Requirement, act: Act, clause: str
) -> None:
    ruling = judged(clearance_m, acts=acts).ruling[0]
    assert (ruling.requirement, ruling.act) == (requirement, act)
    assert ruling.clause.endswith(clause)
    assert not ruling.by_default


@pytest.mark.parametrize(
    ("clearance_m", "requirement"), [(0.3, Requirement.FORBIDDEN), (3.0, Requirement.PLAN_REQUIRED)]
)
def test_an_act_no_rule_names_takes_the_strictest_of_its_zone(
    clearance_m: float, requirement: Requirement
) -> None:
    rows = [row for row in rules_document()["rules"] if "heavy_load" not in row["acts"]]
    ruling = judged(clearance_m, acts=(Act.HEAVY_LOAD,), profile=make_profile({"rules": rows})).ruling[0]
    assert ruling.requirement is requirement
    assert ruling.act is Act.HEAVY_LOAD
    assert ruling.by_default and not ruling.verified


@pytest.mark.parametrize("method", [Method.MECHANICAL, None])
def test_the_switch_forbids_machines_in_the_protection_zone_and_an_unstated_method_is_a_machine(
    method: Method | None,
) -> None:
    strict = make_profile({"switches.mechanical_in_protection": "forbidden"})
    assert list(judged(0.3, method=method).grade) == [Grade.II]
    assert list(judged(0.3, method=method, profile=strict).grade) == [Grade.I]
    assert judged(0.3, method=method, profile=strict).ruling[0].requirement is Requirement.FORBIDDEN
    assert list(judged(3.0, method=method, profile=strict).grade) == [Grade.III]
    assert list(judged(0.3, method=Method.HAND, profile=strict).grade) == [Grade.II]


def test_at_worst_the_stricter_zone_gives_the_stricter_ruling() -> None:
    found = judged(2.0, doubt_m=1.6, acts=(Act.BUILD,))
    assert found.zone[0] is Zone.CONTROL and found.zone_at_worst[0] is Zone.PROTECTION
    assert found.ruling[0].requirement is Requirement.PLAN_REQUIRED
    assert found.ruling_at_worst[0].requirement is Requirement.FORBIDDEN


# -- an act's own distance


def test_an_acts_own_distance_widens_the_control_zone() -> None:
    far = make_profile({"act_distances": [own_distance(Act.BLAST, 200.0)]})
    found = judged(200.01, acts=(Act.EXCAVATE, Act.BLAST), profile=far)
    assert list(found.grade) == [Grade.III]
    assert found.control_m[0] == 200.0
    assert (found.ruling[0].act, found.ruling[0].clause) == (Act.BLAST, "test clause")
    assert len(judged(200.0102, acts=(Act.BLAST,), profile=far)) == 0
    assert len(judged(100.0, acts=(Act.EXCAVATE,), profile=far)) == 0


def test_of_two_own_distances_the_wider_counts() -> None:
    rows = [own_distance(Act.BLAST, 200.0), own_distance(Act.DRILL, 100.0)]
    far = make_profile({"act_distances": rows})
    assert judged(150.0, acts=(Act.DRILL, Act.BLAST), profile=far).ruling[0].act is Act.BLAST
    assert judged(80.0, acts=(Act.DRILL,), profile=far).control_m[0] == 100.0
    assert len(judged(150.0, acts=(Act.DRILL,), profile=far)) == 0


def test_beyond_the_zone_an_act_is_asked_only_what_its_own_distance_asks() -> None:
    """A foundation needs a plan in the control zone; 20 m off, beside piles, it is asked for nothing."""
    acts = (Act.BUILD, Act.PILE)
    near, far = judged(4.0, acts=acts).ruling[0], judged(12.0, acts=acts).ruling[0]
    assert (near.act, near.requirement) == (Act.BUILD, Requirement.PLAN_REQUIRED)
    assert (far.act, far.requirement) == (Act.PILE, Requirement.NOTIFY)
    assert len(judged(12.0, acts=(Act.BUILD,))) == 0
    assert len(judged(15.02, acts=acts)) == 0
    only_by_doubt = judged(16.0, doubt_m=1.5, acts=acts)
    assert (only_by_doubt.ruling[0].act, only_by_doubt.zone[0]) == (Act.PILE, Zone.OUTSIDE)


def test_of_several_own_distances_those_that_reach_so_far_count() -> None:
    rows = [own_distance(Act.BLAST, 200.0), {**own_distance(Act.DRILL, 100.0), "requirement": "forbidden"}]
    far = make_profile({"act_distances": rows})
    acts = (Act.BLAST, Act.DRILL)
    assert judged(150.0, acts=acts, profile=far).ruling[0].act is Act.BLAST
    assert list(judged(150.0, acts=acts, profile=far).grade) == [Grade.III]
    assert judged(100.01, acts=acts, profile=far).ruling[0].act is Act.DRILL
    assert list(judged(100.01, acts=acts, profile=far).grade) == [Grade.I]


def test_an_own_distance_within_the_zone_may_ask_more_than_the_zone() -> None:
    stricter = make_profile(
        {"act_distances": [{**own_distance(Act.EXCAVATE, 2.0), "requirement": "forbidden"}]}
    )
    assert judged(2.0, profile=stricter).ruling[0].requirement is Requirement.FORBIDDEN
    assert judged(2.02, profile=stricter).ruling[0].requirement is Requirement.NOTIFY


def test_an_own_distance_of_one_kind_of_asset_is_not_that_of_another() -> None:
    row = {**own_distance(Act.BLAST, 100.0), "assets": ["station"]}
    far = make_profile({"act_distances": [row]})
    assert far.reach_m([Act.BLAST]) == 100.01
    assert len(judged(60.0, acts=(Act.BLAST,), profile=far)) == 0
    station = Pipe(shapely.Point(0, 60.0), kind="station")
    found = judge([make_site(acts=(Act.BLAST,))], make_pieces([station]), far)
    assert found.control_m[0] == 100.0
    assert len(judge([make_site(acts=(Act.BUILD,))], make_pieces([station]), far)) == 0


def test_an_own_distance_narrower_than_the_zone_changes_nothing() -> None:
    near = make_profile({"act_distances": [own_distance(Act.BLAST, 2.0)]})
    assert judged(4.0, acts=(Act.BLAST,), profile=near).control_m[0] == 5.0


# -- what is unknown


def test_an_unknown_class_is_judged_as_the_widest() -> None:
    found = judged(50.0, pressure_class=None)
    assert list(found.zone) == [Zone.CONTROL]
    assert judged(4.9, pressure_class=None).zone[0] is Zone.PROTECTION


@pytest.mark.parametrize(
    ("pressure_class", "control_m", "largest_mm"),
    [
        ("LP", 5, 630),
        ("MP-B", 5, 630),
        ("MP-A", 5, 630),
        ("SHP-B", 15, 1020),
        ("SHP-A", 15, 1020),
        ("HP-B", 50, 1422),
        ("HP-A", 50, 1422),
        ("UHP", 50, 1422),
        (None, 50, 1422),
    ],
)
def test_an_unknown_diameter_is_the_largest_of_the_class(
    pressure_class: str | None, control_m: float, largest_mm: float
) -> None:
    at_limit = control_m + largest_mm / 2000
    inside = Pipe(straight(at_limit + 0.0095), pressure_class=pressure_class, diameter_mm=None)
    outside = Pipe(straight(at_limit + 0.0105), pressure_class=pressure_class, diameter_mm=None)
    assert list(judge([make_site()], make_pieces([inside]), RULES).radius_m) == [largest_mm / 2000]
    assert len(judge([make_site()], make_pieces([outside]), RULES)) == 0


def test_a_valve_of_unknown_size_is_as_large_as_the_largest_and_an_area_is_drawn_by_its_wall() -> None:
    valve = Pipe(shapely.Point(0, 5.3), kind="valve", diameter_mm=None)
    known = Pipe(shapely.Point(0, 5.3), kind="valve", diameter_mm=300.0)
    chamber = Pipe(shapely.box(-1, 5.3, 1, 7.3), kind="valve", diameter_mm=None)
    found = judge([make_site()], make_pieces([valve, known, chamber]), RULES)
    assert list(found.asset) == [0]
    assert found.clearance_m[0] == pytest.approx(5.3 - 0.315, abs=1e-4)
    stands_near = Pipe(shapely.box(-1, 3.0, 1, 7.3), kind="valve", diameter_mm=None)
    assert judge([make_site()], make_pieces([stands_near]), RULES).clearance_m[0] == pytest.approx(
        3.0, abs=1e-4
    )


def test_disused_pipes_are_judged() -> None:
    assert list(judged(3.0, status="disused").grade) == [Grade.III]


@pytest.mark.parametrize("kind", ["regulator", "station"])
def test_stations_have_a_protection_width_of_their_own(kind: str) -> None:
    found = judge([make_site()], make_pieces([Pipe(shapely.Point(0, 1.05), kind=kind)]), RULES)
    assert list(found.zone) == [Zone.PROTECTION]
    valve = judge([make_site()], make_pieces([Pipe(shapely.Point(0, 1.05), kind="valve")]), RULES)
    assert list(valve.zone) == [Zone.CONTROL]


# -- columns


def test_a_batch_judges_each_site_as_alone() -> None:
    shapes = [shapely.Point(0, 0), shapely.LineString([(-9, -3), (9, 2)]), shapely.box(4, -30, 9, -20)]
    sites = [
        make_site(shape, half_width_m=width) for shape, width in zip(shapes, (1.0, 0.5, 0.0), strict=True)
    ]
    pipes = [Pipe(straight(3.0)), Pipe(straight(-21.0), pressure_class="HP-A"), Pipe(straight(-500.0))]
    together = judge(sites, make_pieces(pipes, sites=3), RULES)
    for number, site in enumerate(sites):
        alone = judge([site], make_pieces(pipes), RULES)
        rows = np.flatnonzero(together.site == number)
        assert list(alone.asset) == list(together.asset[rows])
        assert list(alone.clearance_m) == list(together.clearance_m[rows])
        assert alone.pipe_intervals_m == [together.pipe_intervals_m[row] for row in rows]
        assert alone.site_intervals_m == [together.site_intervals_m[row] for row in rows]


def test_nothing_near_is_no_conflict() -> None:
    assert len(judge([make_site()], make_pieces([]), RULES)) == 0
    assert len(judge([], make_pieces([], sites=0), RULES)) == 0


def test_the_order_of_the_register_does_not_change_the_judgement() -> None:
    pipes = [Pipe(straight(3.0), source_id="b"), Pipe(straight(2.0), source_id="a")]
    forward = judge([make_site()], make_pieces(pipes), RULES)
    backward = judge([make_site()], make_pieces(pipes[::-1]), RULES)
    assert list(forward.clearance_m) == list(backward.clearance_m)


def test_a_number_that_is_none_is_an_error_and_never_clear() -> None:
    pieces = make_pieces([Pipe(straight(3.0))])
    lost = replace(pieces, assets=replace(pieces.assets, uncertainty_m=np.array([np.nan])))
    with pytest.raises(ValueError, match="finite"):
        judge([make_site()], lost, RULES)


# -- where


def test_a_crossing_is_said_by_stations_along_pipe_and_site() -> None:
    trench = make_site(shapely.LineString([(-30, 0), (30, 0)]), half_width_m=1.0, start_station_m=112.0)
    pipe = Pipe(shapely.LineString([(0, -40), (0, 40)]))
    found = judge([trench], make_pieces([pipe]), RULES)
    reach = 5.0 + 0.01 + 0.1 + 1.0
    (pipe_stretch,), (site_stretch,) = found.pipe_intervals_m[0], found.site_intervals_m[0]
    assert pipe_stretch == pytest.approx((40 - reach, 40 + reach), abs=1e-3)
    assert site_stretch == pytest.approx((142 - reach, 142 + reach), abs=1e-3)
    assert found.centreline_distance_m[0] == 0.0


def test_a_pipe_deep_inside_a_site_is_affected_all_along() -> None:
    site = make_site(shapely.box(-200, -200, 200, 200))
    pipe = Pipe(shapely.LineString([(-300, 0), (300, 0)]))
    found = judge([site], make_pieces([pipe]), RULES)
    ((low, high),) = found.pipe_intervals_m[0]
    assert (low, high) == pytest.approx((100 - 5.11, 500 + 5.11), abs=2e-3)


def test_both_bands_are_kept_apart() -> None:
    pipe = Pipe(straight(3.0), uncertainty_m=2.0)
    found = judge([make_site()], make_pieces([pipe]), RULES)
    (low, high), (low_at_record, high_at_record) = (
        found.pipe_intervals_m[0][0],
        found.pipe_intervals_at_record_m[0][0],
    )
    assert high_at_record - low_at_record == pytest.approx(2 * np.sqrt(5.11**2 - 3.0**2), abs=1e-3)
    assert high - low == pytest.approx(2 * np.sqrt(7.11**2 - 3.0**2), abs=1e-3)


def test_two_passes_of_one_pipe_are_one_conflict_with_two_stretches() -> None:
    hairpin = Pipe(shapely.LineString([(-40, 3), (40, 3), (40, 60), (-40, 60), (-40, -3), (40, -3)]))
    found = judge([make_site()], make_pieces([hairpin]), RULES)
    assert len(found) == 1
    assert len(found.pipe_intervals_m[0]) == 2


def test_a_pipe_that_rounding_brings_inside_still_has_a_stretch() -> None:
    """The limit is 5.11 m from the axis; 0.03 mm beyond it rounds to the limit."""
    found = judged(5.01003)
    assert len(found) == 1
    assert len(found.pipe_intervals_m[0]) == 1


def test_a_pipe_cut_into_many_pieces_is_measured_at_its_nearest() -> None:
    winding = [(x, 4.0 + 0.05 * (20 - x) ** 2 / 20) for x in np.linspace(-60, 60, 90)]
    found = judge([make_site(shapely.Point(20, 0))], make_pieces([Pipe(shapely.LineString(winding))]), RULES)
    distance = shapely.distance(shapely.Point(20, 0), shapely.LineString(winding))
    assert found.centreline_distance_m[0] == pytest.approx(distance, abs=1e-4)


def test_laid_scenes_are_true_to_scale() -> None:
    """The builder the tests stand on: 50 m in the plane is 50 m on the ellipsoid."""
    (lon_0, lat_0), (lon_1, lat_1) = shapely.get_coordinates(laid(shapely.LineString([(-30, 0), (0, 40)])))
    assert CGCS2000.inv(lon_0, lat_0, lon_1, lat_1)[2] == pytest.approx(50.0, abs=1e-6)

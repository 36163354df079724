"""Long-distance pipes: from the centre line, by a law of their own, and never an answer about town gas."""

import pytest
import shapely

from ingest import load_profile
from spatial.judging.judge import Conflicts, judge
from spatial.saying.texts import say
from spatial.screening import screen
from spatial.words import Act, Grade, Method, Outcome, Requirement, Zone
from tests.support.builders import DAY, Pipe, make_found, make_ground, make_pieces, make_site, straight

RULES, _ = load_profile("cn-longdistance")
TOWN, _ = load_profile("cn-gb55009")


def judged(
    axis_m: float,
    act: Act = Act.EXCAVATE,
    *,
    method: Method | None = Method.HAND,
    diameter_mm: float | None = 1000.0,
    doubt_m: float = 0.0,
) -> Conflicts:
    """One point site, `axis_m` from the axis of one pipe."""
    pipe = Pipe(straight(axis_m), "HP-A", diameter_mm, uncertainty_m=doubt_m)
    return judge([make_site(acts=(act,), method=method)], make_pieces([pipe]), RULES)


@pytest.mark.parametrize("diameter_mm", [200.0, 1000.0, None])
@pytest.mark.parametrize(
    ("axis_m", "zone"),
    [
        (5.01, Zone.PROTECTION),
        (5.0102, Zone.CONTROL),
        (50.01, Zone.CONTROL),
        (200.01, Zone.CONTROL),
    ],
)
def test_every_limit_counts_from_the_centre_line_whatever_the_diameter(
    axis_m: float, zone: Zone, diameter_mm: float | None
) -> None:
    assert list(judged(axis_m, diameter_mm=diameter_mm).zone) == [zone]
    assert len(judged(200.0102, diameter_mm=diameter_mm)) == 0


def test_clearance_is_still_from_the_wall_and_the_wall_reached_is_grade_one() -> None:
    found = judged(4.0)
    assert (found.clearance_m[0], found.centreline_distance_m[0]) == (3.5, 4.0)
    assert list(judged(0.45).grade) == [Grade.I]
    assert list(judged(0.52).grade) == [Grade.II]


def test_machines_may_not_dig_within_five_metres() -> None:
    for method in (None, Method.MECHANICAL):
        found = judged(5.0, method=method)
        assert list(found.grade) == [Grade.I]
        assert found.ruling[0].clause.endswith("第三十条") and found.ruling[0].verified
    assert judged(5.0).ruling[0].requirement is Requirement.PLAN_REQUIRED


@pytest.mark.parametrize(
    ("act", "limit_m"),
    [(Act.BLAST, 200.0), (Act.DRILL, 200.0), (Act.BUILD, 50.0), (Act.OPEN_FLAME, 50.0)],
)
def test_each_act_has_its_own_reach(act: Act, limit_m: float) -> None:
    assert len(judged(limit_m + 0.01, act)) == 1
    assert len(judged(limit_m + 0.0102, act)) == 0


def test_a_facility_is_asked_about_from_farther() -> None:
    station = Pipe(shapely.box(-10, 499.0, 10, 520), kind="station")
    near = judge([make_site(acts=(Act.DRILL,))], make_pieces([station]), RULES)
    assert (near.clearance_m[0], near.control_m[0]) == (pytest.approx(499.0, abs=0.05), 500.0)
    assert len(judge([make_site(acts=(Act.BUILD,))], make_pieces([station]), RULES)) == 0


def test_these_rules_never_say_clear_and_say_why() -> None:
    found = make_found([], [make_ground()])
    (town,) = screen([make_site()], found, TOWN, on=DAY)
    (one,) = screen([make_site()], found, RULES, on=DAY)
    assert (town.outcome, one.outcome) == (Outcome.CLEAR, Outcome.CANNOT_TELL)
    assert [row["code"] for row in one.document["unknowns"]] == ["town_gas_not_judged"]


def test_a_conflict_says_how_it_was_measured_and_whom_to_ask() -> None:
    (one,) = screen([make_site()], make_found([Pipe(straight(4.0), "HP-A", 1000.0)]), RULES, on=DAY)
    (conflict,) = one.document["conflicts"]
    reasons = {row["code"]: row for row in conflict["reasons"]}
    assert reasons["measured_from_centre_line"] == {
        "code": "measured_from_centre_line",
        "protection_m": 5.0,
        "control_m": 200.0,
        "radius_m": 0.5,
    }
    assert "long_distance_rules" in reasons
    advice = {row["code"]: row for row in conflict["advice"]}
    assert advice["apply_county"]["clause"].endswith("第三十五条、第三十七条")
    assert advice["agree_plan"]["clause"] == advice["apply_county"]["clause"]
    for entry in (*reasons.values(), *advice.values()):
        assert say(entry, "zh") != say(entry, "en")

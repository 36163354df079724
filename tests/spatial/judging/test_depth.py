"""How deep a dig goes towards a pipe: what relieves, what does not, and when ground may give way."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.judging.depth import Depths, relation
from spatial.judging.judge import Conflicts, judge
from spatial.screening import screen
from spatial.values import BorePath, DigSite, Trench, UncertaintyTerm
from spatial.words import Act, Grade, Level, Method, SitePart
from tests.support.builders import (
    DAY,
    Pipe,
    make_found,
    make_ground,
    make_pieces,
    make_profile,
    make_site,
    straight,
)

RULES = make_profile()
TRENCH = shapely.LineString([(-20, 0), (20, 0)])
KNOWN = {"cover_m": 1.2, "profiled": True, "depth_doubt_m": 0.2}


def floor_doubt(metres: float) -> tuple[UncertaintyTerm, ...]:
    return (UncertaintyTerm("dig_depth_stated", metres, "permit"),)


def dig(depth_m: float | None = 0.6, doubt_m: float | None = 0.1, **about: Any) -> DigSite:
    """A trench 1 m wide along TRENCH, dug by machine."""
    given_about = {"half_width_m": 0.5, "method": Method.MECHANICAL, "acts": (Act.EXCAVATE,)}
    changes = {name: about.pop(name) for name in ("trench", "part", "bore") if name in about}
    site = make_site(about.pop("shape", TRENCH), **(given_about | about))
    doubt = () if doubt_m is None or depth_m is None else floor_doubt(doubt_m)
    return replace(site, depth_m=depth_m, depth_uncertainty=doubt, **changes)


def judged(pipe: Pipe, site: DigSite, profile: Any = RULES) -> Conflicts:
    found = judge([site], make_pieces([pipe]), profile)
    assert len(found) == 1
    return found


def crossing(**about: Any) -> Pipe:
    return Pipe(shapely.LineString([(0, -30), (0, 30)]), **(KNOWN | about))


def columns(**about: Any) -> Depths:
    """One row. By default: a top 1.2 m deep, 0.2 m thick, known to 0.2 m; a floor 0.6 m deep, known to 0.1 m."""
    row = {
        "floor_m": 0.6,
        "floor_uncertainty_m": 0.1,
        "top_least_m": 1.2,
        "top_most_m": 1.2,
        "pipe_uncertainty_m": 0.2,
        "thin_m": 0.2,
        "thick_m": 0.2,
    } | about
    profiled = np.array([row.pop("profiled", True)])
    return Depths(
        **{name: np.array([np.nan if value is None else value]) for name, value in row.items()},
        profiled=profiled,
    )


@pytest.mark.parametrize(
    ("about", "level"),
    [
        ({}, Level.ABOVE),
        ({"floor_m": 0.8899}, Level.ABOVE),  # 1.2 - 0.3 is 1 cm and a hair above
        ({"floor_m": 0.89}, Level.REACHES),  # within 1 cm of the limit counts as reaching it
        ({"floor_m": 1.2}, Level.REACHES),
        ({"floor_m": 1.71}, Level.REACHES),  # 1.2 + 0.2 + 0.3 and 1 cm
        ({"floor_m": 1.7101}, Level.BELOW),
        ({"floor_m": 1.7101, "thick_m": 0.63}, Level.REACHES),  # nobody knows how thick
        ({"floor_m": 1.7101, "top_most_m": 1.3}, Level.REACHES),  # it dips
        ({"floor_m": 0.6, "top_least_m": 0.7}, Level.REACHES),  # it rises
        ({"floor_uncertainty_m": 0.5}, Level.REACHES),
        ({"pipe_uncertainty_m": 0.5}, Level.REACHES),
        ({"profiled": False}, Level.UNKNOWN),
        ({"floor_m": None}, Level.UNKNOWN),
        ({"floor_uncertainty_m": None}, Level.UNKNOWN),
        ({"pipe_uncertainty_m": None}, Level.UNKNOWN),
        ({"top_least_m": None, "top_most_m": None}, Level.UNKNOWN),
    ],
)
def test_relation(about: dict[str, Any], level: Level) -> None:
    assert relation(columns(**about), 0.01).tolist() == [level]


metres = st.floats(0, 12, allow_nan=False)
small = st.floats(0, 2, allow_nan=False)
RANK = {Level.ABOVE: 0, Level.UNKNOWN: 1, Level.REACHES: 1, Level.BELOW: 1}
"""Only ABOVE relieves."""


@given(floor=metres, more=metres, top=metres, dip=small, doubts=st.tuples(small, small), thick=small)
def test_a_deeper_floor_a_shallower_pipe_or_more_doubt_never_relieves(
    floor: float, more: float, top: float, dip: float, doubts: tuple[float, float], thick: float
) -> None:
    about = {
        "floor_m": floor,
        "top_least_m": top,
        "top_most_m": top + dip,
        "floor_uncertainty_m": doubts[0],
        "pipe_uncertainty_m": doubts[1],
        "thick_m": thick,
    }

    def rank(**changed: Any) -> int:
        return RANK[relation(columns(**(about | changed)), 0.01)[0]]

    before = rank()
    assert rank(floor_m=floor + more) >= before
    assert rank(top_least_m=max(top - more, 0.0)) >= before
    assert rank(floor_uncertainty_m=doubts[0] + more) >= before
    assert rank(pipe_uncertainty_m=doubts[1] + more) >= before
    for forgotten in ("floor_m", "floor_uncertainty_m", "pipe_uncertainty_m", "top_least_m"):
        assert rank(**{forgotten: None}) >= before
    assert rank(profiled=False) >= before


@given(floor=metres, top=metres, thick=small, doubt=small)
def test_the_relation_is_that_of_every_depth_the_doubts_allow(
    floor: float, top: float, thick: float, doubt: float
) -> None:
    """Against trying floors and pipes out: ABOVE when no pair touches, BELOW when all have the floor underneath."""
    level = relation(
        columns(floor_m=floor, top_least_m=top, top_most_m=top, thick_m=thick, pipe_uncertainty_m=doubt), 0.01
    )[0]
    floors = np.linspace(floor - 0.1, floor + 0.1, 21)[:, None]
    tops = np.linspace(top - doubt, top + doubt, 21)[None, :]
    if level is Level.ABOVE:
        assert (floors < tops).all()
    elif level is Level.BELOW:
        assert (floors > tops + thick).all()
    else:
        near = 0.0101
        assert (floors + near >= tops).any() and (floors <= tops + thick + near).any()


# -- what it does to a grade


def test_a_floor_above_the_pipe_reads_ii_and_changes_no_zone_and_no_requirement() -> None:
    found, as_deep = judged(crossing(), dig()), judged(crossing(), dig(1.3))
    assert found.level.tolist() == [Level.ABOVE] and found.relieved.tolist() == [True]
    assert as_deep.level.tolist() == [Level.REACHES] and as_deep.relieved.tolist() == [False]
    assert [found.grade[0], found.grade_at_record[0], found.grade_at_worst[0]] == [Grade.II] * 3
    assert [as_deep.grade[0], as_deep.grade_at_record[0], as_deep.grade_at_worst[0]] == [Grade.I] * 3
    for name in ("clearance_m", "zone", "zone_at_worst", "certainty", "uncertainty_m"):
        assert getattr(found, name).tolist() == getattr(as_deep, name).tolist()
    assert found.ruling[0] == as_deep.ruling[0]


def test_a_wall_reached_by_doubt_alone_is_relieved_too() -> None:
    beside = Pipe(straight(3.0), uncertainty_m=3.0, **KNOWN)
    assert judged(beside, dig()).grade_at_worst.tolist() == [Grade.II]
    assert judged(beside, dig(1.3)).grade_at_worst.tolist() == [Grade.I]


@pytest.mark.parametrize(
    ("pipe", "site"),
    [
        (crossing(profiled=False), dig()),
        (crossing(depth_doubt_m=None), dig()),
        (crossing(cover_m=None), dig()),
        (crossing(), dig(None)),
        (crossing(), dig(doubt_m=None)),
        (crossing(), dig(method=None)),
        (crossing(), dig(method=Method.TRENCHLESS)),
        (crossing(), dig(acts=(Act.EXCAVATE, Act.PILE))),
        (crossing(), dig(acts=(Act.HEAVY_LOAD,))),
        (crossing(), dig(acts=(Act.BUILD,))),
        (crossing(), dig(part=SitePart.SPOIL)),
        (crossing(), dig(bore=BorePath(((0.0, 0.6), (40.0, 0.6)), None, None, None))),
        (replace(crossing(), shape=shapely.Point(0, 0), kind="valve"), dig()),
    ],
)
def test_nothing_else_relieves(pipe: Pipe, site: DigSite) -> None:
    found = judged(pipe, site)
    assert found.grade.tolist() == [Grade.I] and found.relieved.tolist() == [False]


def test_a_forbidden_act_stays_forbidden_whatever_the_depth() -> None:
    strict = make_profile({"switches.mechanical_in_protection": "forbidden"})
    assert judged(crossing(), dig(), strict).grade.tolist() == [Grade.I]


def test_a_pipe_that_dips_between_two_ends_of_one_depth_relieves_nobody() -> None:
    """The issue's own case: two ends at 1.2 m say nothing about the middle."""
    two_ends = crossing(cover_m=1.2, cover_most_m=1.2, profiled=False)
    found = judged(two_ends, dig(0.6))
    assert found.level.tolist() == [Level.UNKNOWN] and found.grade.tolist() == [Grade.I]


# -- what is told


def told(pipe: Pipe, site: DigSite, profile: Any = RULES) -> dict[str, Any]:
    (one,) = screen([site], make_found([pipe], [make_ground()]), profile, on=DAY)
    (conflict,) = one.document["conflicts"]
    return dict(conflict)


def reason(conflict: dict[str, Any], code: str) -> dict[str, Any] | None:
    return next((row for row in conflict["reasons"] if row["code"] == code), None)


def test_the_document_says_the_depths_and_the_relation() -> None:
    conflict = told(crossing(cover_most_m=1.5), dig())
    assert conflict["vertical"] == {
        "relation": "above",
        "floor_m": 0.6,
        "top_m": [1.2, 1.5],
        "underside_m": [1.4, 1.7],
        "uncertainty_m": 0.3,
    }
    assert reason(conflict, "floor_above") == {
        "code": "floor_above",
        "floor_m": 0.6,
        "top_m": 1.2,
        "uncertainty_m": 0.3,
    }
    assert reason(conflict, "relieved_by_depth") and reason(conflict, "wall_reached")
    assert reason(conflict, "depth_stated") and reason(conflict, "dig_depth_stated")


@pytest.mark.parametrize(
    ("pipe", "site", "code"),
    [
        (crossing(), dig(1.3), "floor_reaches"),
        (crossing(), dig(3.0), "floor_below"),
        (crossing(profiled=False), dig(), "depth_not_profiled"),
        (crossing(cover_m=None), dig(), "cover_unknown"),
        (crossing(depth_doubt_m=None), dig(), "depth_doubt_unknown"),
        (crossing(), dig(doubt_m=None), "depth_doubt_unknown"),
        (crossing(), dig(None), "dig_depth_unknown"),
    ],
)
def test_why_there_is_no_relief(pipe: Pipe, site: DigSite, code: str) -> None:
    conflict = told(pipe, site)
    assert reason(conflict, code) and not reason(conflict, "relieved_by_depth")
    known = code in ("floor_reaches", "floor_below")
    assert (conflict["vertical"]["relation"] == "unknown") is not known


def test_what_opens_no_ground_is_told_of_no_floor() -> None:
    conflict = told(crossing(), dig(acts=(Act.PILE,)))
    assert not {row["code"] for row in conflict["reasons"]} & {"floor_above", "dig_depth_unknown", "support"}


# -- ground that gives way


def beside(away_m: float, **about: Any) -> Pipe:
    """A pipe 0.2 m thick, its axis `away_m` from the trench's: the wall is 0.6 m nearer to the trench's edge."""
    return Pipe(straight(away_m), **(KNOWN | about))


def test_a_floor_below_a_near_pipe_asks_for_support() -> None:
    # Height at worst: 3.0 + 0.1 - (1.2 - 0.2 + 0.2) = 1.9 m; from the edge: 2.0 - 0.5 - 0.1 = 1.4 m.
    conflict = told(beside(2.0), dig(3.0))
    assert reason(conflict, "support") == {
        "code": "support",
        "from_edge_m": pytest.approx(1.4, abs=2e-4),
        "height_m": 1.9,
        "reach_ratio": 1.0,
        "verified": False,
    }
    assert {"code": "shore_and_support", "source_id": "p1"} in conflict["advice"]
    assert conflict["grade"] == told(beside(2.0), dig(1.3))["grade"]


@pytest.mark.parametrize(
    ("away_m", "gives"),
    [(2.499, True), (2.52, False)],  # 0.5 + 0.1 + 1.9 = 2.5 m, and 1 cm
)
def test_support_ends_where_the_height_reaches(away_m: float, gives: bool) -> None:
    assert (reason(told(beside(away_m), dig(3.0)), "support") is not None) is gives


def test_a_sloped_trench_is_measured_from_the_edge_of_its_bottom() -> None:
    """1 m of bottom, 3 m deep, 1:0.5: open to 2 m each side at the surface, and to 0.5 m at the floor."""
    sloped = dig(3.0, half_width_m=2.0, trench=Trench(1.0, 0.5, True, False))
    row = reason(told(beside(2.4), sloped), "support")
    assert row is not None and row["from_edge_m"] == pytest.approx(1.8, abs=2e-4)
    pit = dig(
        3.0, shape=shapely.box(-20, -0.5, 20, 0.5), half_width_m=1.5, trench=Trench(None, 0.5, True, False)
    )
    row = reason(told(beside(2.4), pit), "support")
    assert row is not None and row["from_edge_m"] == pytest.approx(1.8, abs=2e-4)


def test_doubt_brings_the_pipe_nearer_and_higher() -> None:
    assert reason(told(beside(2.7), dig(3.0)), "support") is None
    assert reason(told(beside(2.7, uncertainty_m=0.3), dig(3.0)), "support")
    assert reason(told(beside(2.7, depth_doubt_m=0.5), dig(3.0)), "support")
    assert reason(told(beside(2.7), dig(3.0, doubt_m=0.5)), "support")


def test_a_pipe_of_unknown_depth_may_need_support_as_far_as_the_floor_is_deep() -> None:
    # From the edge: 2.6 m; the floor is at 3.0 + 0.1 m.
    for pipe in (beside(3.2, cover_m=None), beside(3.2, profiled=False), beside(3.2, depth_doubt_m=None)):
        conflict = told(pipe, dig(3.0))
        assert reason(conflict, "support_unknown") and not reason(conflict, "support")
        assert {"code": "find_depth", "source_id": "p1"} in conflict["advice"]
    assert reason(told(beside(3.8, cover_m=None), dig(3.0)), "support_unknown") is None
    assert reason(told(beside(3.2), dig(3.0)), "support_unknown") is None


def test_a_floor_above_the_pipe_leaves_the_ground_under_it_alone() -> None:
    codes = {row["code"] for row in told(crossing(), dig())["reasons"]}
    assert not codes & {"support", "support_unknown"}


def test_a_profile_that_says_nothing_of_it_asks_for_no_support() -> None:
    document = make_profile({"support": None})
    assert reason(told(beside(2.0), dig(3.0), document), "support") is None

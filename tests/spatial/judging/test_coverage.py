"""`clear` holds only when everything holds: each way of not knowing has its code, and edges count to the mm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon

from spatial.judging.coverage import GroundAnswer, _Near, unknowns_of
from spatial.screening import screen
from spatial.values import Coverage, DigSite, Unreadable, UtilityGround
from spatial.words import Act, Outcome, PipeKind
from tests.support.builders import (
    DAY,
    area,
    block,
    laid,
    make_found,
    make_ground,
    make_profile,
    make_site,
    own_distance,
)

RULES = make_profile()
REACH_M = 50.0 + 0.01 + 0.711
"""Widest control zone, tolerance, radius of the largest pipe: the farthest axis that can matter."""


def answer(*ground: UtilityGround, site: DigSite | None = None, profile: Any = RULES) -> GroundAnswer:
    return unknowns_of(site or make_site(), ground, DAY, profile)


def codes(*ground: UtilityGround, site: DigSite | None = None, profile: Any = RULES) -> list[str]:
    return [unknown["code"] for unknown in answer(*ground, site=site, profile=profile).unknowns]


def outcome(*ground: UtilityGround, site: DigSite | None = None) -> Outcome:
    return screen([site or make_site()], make_found([], ground), RULES, on=DAY)[0].outcome


def test_clear_when_everything_holds() -> None:
    assert codes(make_ground()) == []
    assert outcome(make_ground()) is Outcome.CLEAR
    assert outcome(make_ground(), make_ground(code="G2")) is Outcome.CLEAR


FAR = block(900, 900, 950, 950)


@pytest.mark.parametrize(
    ("ground", "expected"),
    [
        pytest.param((), ["no_utility"], id="no utility at all"),
        pytest.param((make_ground(service_area=FAR),), ["no_utility"], id="none that serves this ground"),
        pytest.param(
            (make_ground(service_area=None),),
            ["no_utility", "service_area_undeclared"],
            id="one that never said where it serves",
        ),
        pytest.param((replace(make_ground(), datasets=()),), ["no_dataset"], id="coverage of no data"),
        pytest.param((make_ground(coverages=[]),), ["coverage_missing"], id="no coverage"),
        pytest.param((make_ground(coverage=FAR),), ["coverage_missing"], id="coverage elsewhere"),
        pytest.param(
            (make_ground(kinds=[PipeKind.MAIN, PipeKind.SERVICE]),),
            ["coverage_missing"],
            id="not for every kind",
        ),
        pytest.param((make_ground(assumed=True),), ["coverage_assumed"], id="a hull drawn round the data"),
        pytest.param((make_ground(max_age_days=None),), ["coverage_age_unset"], id="no promised age"),
        pytest.param(
            (make_ground(as_of=DAY - timedelta(days=91)),), ["coverage_stale"], id="a day older than promised"
        ),
        pytest.param((make_ground(blanks=[area(5)]),), ["blank"], id="a declared blank"),
        pytest.param(
            (make_ground(unreadable=[Unreadable("town", area(5))]),), ["unreadable"], id="unreadable ground"
        ),
        pytest.param(
            (make_ground(boxless_rejected=2),), ["rejected_unconfirmed"], id="rejected rows of unknown place"
        ),
        pytest.param(
            (make_ground(), make_ground(code="G2", coverages=[])),
            ["coverage_missing"],
            id="one of two utilities does not know",
        ),
    ],
)
def test_each_way_of_not_knowing(ground: Sequence[UtilityGround], expected: list[str]) -> None:
    assert codes(*ground) == expected
    assert outcome(*ground) is Outcome.CANNOT_TELL


def test_data_on_the_last_promised_day_still_hold() -> None:
    assert codes(make_ground(as_of=DAY - timedelta(days=90))) == []


def test_the_kinds_that_are_missing_are_named() -> None:
    (unknown,) = answer(make_ground(kinds=[PipeKind.MAIN])).unknowns
    assert unknown["pipe_kinds"] == ["courtyard", "service", "customer_owned"]
    assert unknown["utility"] == "G1"


def test_a_site_whose_width_nobody_stated_is_never_clear() -> None:
    site = make_site(half_width_m=1.5, half_width_known=False)
    assert codes(make_ground(), site=site) == ["site_width_unknown"]
    assert outcome(make_ground(), site=site) is Outcome.CANNOT_TELL


def mixed(*rows: tuple[MultiPolygon, int, int | None, bool]) -> UtilityGround:
    return make_ground(
        coverages=[
            Coverage(kind, geometry, DAY - timedelta(days=age), promised, assumed)
            for kind in PipeKind
            for geometry, age, promised, assumed in rows
        ]
    )


WEST, EAST = block(-500, -500, 0, 500), block(0, -500, 500, 500)


def test_neighbouring_coverages_hold_together() -> None:
    assert codes(mixed((WEST, 1, 90, False), (EAST, 1, 90, False))) == []


@pytest.mark.parametrize(
    ("east", "expected"),
    [
        ((EAST, 91, 90, False), ["coverage_stale"]),
        ((EAST, 1, None, False), ["coverage_age_unset"]),
        ((EAST, 1, 90, True), ["coverage_assumed"]),
        ((FAR, 1, 90, False), ["coverage_missing"]),
    ],
)
def test_one_half_that_does_not_hold_spoils_the_whole(
    east: tuple[MultiPolygon, int, int | None, bool], expected: list[str]
) -> None:
    assert codes(mixed((WEST, 1, 90, False), east)) == expected


# -- edges, to the millimetre

SITES = {
    "point": (make_site(half_width_m=2.0), 2.0),
    "uncertain": (make_site(uncertainty_m=3.0), 3.0),
    "polygon": (make_site(shapely.box(-1, -1, 0, 0)), 0.0),
    "line": (make_site(shapely.LineString([(-20, -4), (0, 0)]), half_width_m=0.6), 0.6),
}


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize(("millimetres", "holds"), [(2, True), (-2, False)])
def test_coverage_must_hold_the_site_widened_by_the_reach(name: str, millimetres: int, holds: bool) -> None:
    site, more_m = SITES[name]
    edge_m = REACH_M + more_m + millimetres / 1000
    assert (codes(make_ground(coverage=block(-500, -500, edge_m, 500)), site=site) == []) == holds


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize(("millimetres", "met"), [(-2, True), (2, False)])
def test_ground_within_the_reach_matters(name: str, millimetres: int, met: bool) -> None:
    site, more_m = SITES[name]
    edge_m = REACH_M + more_m + millimetres / 1000
    beyond = block(edge_m, -500, edge_m + 50, 500)
    doubtful = block(edge_m + 2.0, -500, edge_m + 50, 500)  # 2 m: position of a row nobody could read
    assert (codes(make_ground(blanks=[beyond]), site=site) == ["blank"]) == met
    assert (codes(make_ground(unreadable=[Unreadable("town", doubtful)]), site=site) == ["unreadable"]) == met
    neighbour = make_ground(code="G2", service_area=beyond, coverages=[])
    assert (codes(make_ground(), neighbour, site=site) == ["coverage_missing"]) == met


def test_an_acts_own_distance_needs_more_coverage() -> None:
    far = make_profile({"act_distances": [own_distance(Act.BLAST, 200.0)]})
    ground = make_ground(coverage=area(150))
    assert codes(ground, site=make_site(acts=(Act.EXCAVATE,)), profile=far) == []
    assert codes(ground, site=make_site(acts=(Act.BLAST,)), profile=far) == ["coverage_missing"]


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(shapely.box(40, 0, 40, 0), id="the box of a point"),
        pytest.param(shapely.box(40, -30, 40, 30), id="the box of a straight row"),
        pytest.param(shapely.Point(40, 0), id="a point"),
        pytest.param(shapely.LineString([(40, -30), (40, 30)]), id="a line"),
    ],
)
def test_unreadable_ground_of_no_area_is_seen(shape: shapely.Geometry) -> None:
    assert codes(make_ground(unreadable=[Unreadable("town", laid(shape, dense=False))])) == ["unreadable"]


def test_a_hole_in_the_coverage_is_no_coverage() -> None:
    holed = MultiPolygon([laid(shapely.box(-500, -500, 500, 500).difference(shapely.box(30, 30, 31, 31)))])
    assert codes(make_ground(coverage=holed)) == ["coverage_missing"]


def test_a_province_wide_coverage_holds_as_a_small_one_does() -> None:
    province = MultiPolygon([shapely.box(89.5, 32, 103, 39)])
    assert codes(make_ground(coverage=province, service_area=province)) == []


def test_utilities_are_listed_in_code_order_with_whether_they_hold() -> None:
    concerned = answer(make_ground(code="B", coverages=[]), make_ground(code="A")).concerned
    assert [(row.utility.code, holds) for row, holds in concerned] == [("A", True), ("B", False)]


@pytest.mark.parametrize("served", [FAR, MultiPolygon()])
def test_unreadable_ground_and_blanks_count_outside_the_service_area_too(served: MultiPolygon) -> None:
    lost = make_ground(
        code="G2", service_area=served, unreadable=[Unreadable("town", area(5))], blanks=[area(5)]
    )
    assert codes(make_ground(), lost) == ["blank", "unreadable"]
    assert codes(make_ground(), make_ground(code="G2", service_area=served, boxless_rejected=1)) == []


def test_ground_that_holds_all_that_is_looked_at_need_not_be_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The short way says what the long one says, for ground of every size round the site."""
    rng = np.random.default_rng(3)
    site = make_site()
    centre = np.array(site.geometry.centroid.coords[0])
    answers = []
    for width in np.repeat([0.0006, 0.0015, 0.002, 0.0025, 0.004, 0.01], 20):
        round_here = shapely.Point(centre + rng.normal(0, width / 2, 2)).buffer(width, quad_segs=3)
        ground = shapely.MultiPolygon([round_here])
        short, long = _Near(site, RULES), _Near(site, RULES)
        monkeypatch.setattr(long, "_narrow", False)
        assert (short.meets(ground), short.holds([ground])) == (long.meets(ground), long.holds([ground]))
        answers.append((short._wholly_in(ground), short.holds([ground])))
    assert {(True, True), (False, True), (False, False)} == set(answers)


def ends(*ground: UtilityGround, **about: Any) -> int:
    """For how many days from DAY the answer is valid."""
    screened = screen([about.pop("site", make_site())], make_found([], ground), RULES, on=DAY, **about)[0]
    return (screened.valid_until - DAY).days


def promised(days: Sequence[int], shapes: Sequence[MultiPolygon]) -> UtilityGround:
    return make_ground(
        coverages=[
            Coverage(kind, shape, DAY, age, assumed=False)
            for kind in PipeKind
            for age, shape in zip(days, shapes, strict=True)
        ]
    )


def test_a_clear_ends_with_the_word_it_rests_on() -> None:
    assert ends(make_ground(max_age_days=90)) == 28
    assert ends(make_ground(max_age_days=9)) == 9
    assert ends(make_ground(max_age_days=90), make_ground(code="G2", max_age_days=5)) == 5
    assert ends(make_ground(max_age_days=9), ends_on=DAY + timedelta(days=3)) == 3
    # Renewed in part: the older word still counts while the newer does not hold the ground alone.
    assert ends(promised([9, 90], [area(2000), area(2000)])) == 28
    assert ends(promised([9, 20], [block(-2000, -2000, 0, 2000), block(-0.5, -2000, 2000, 2000)])) == 9


def test_an_answer_that_is_not_clear_ends_as_before() -> None:
    assert ends(make_ground(max_age_days=9, blanks=[area(10)])) == 28

"""Sections of a line dig: each stretch by the rule of a point there, the whole as the screening says."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.scenes import found_of, scene
from spatial.found import Pieces
from spatial.judging.judge import judge
from spatial.judging.limits import GRADES
from spatial.judging.sections import Section, section_documents, sections_of
from spatial.measuring.measure import stations_m
from spatial.measuring.pieces import CGCS2000
from spatial.rules.profile import STRICTNESS
from spatial.screening import screen
from spatial.values import BorePath, DigSite
from spatial.words import Act, Grade, Method, Requirement, Zone
from tests.support.builders import (
    DAY,
    Pipe,
    make_found,
    make_pieces,
    make_profile,
    make_site,
    own_distance,
    straight,
)

RULES = make_profile()
SAMPLE_M = 0.05
RANK = {grade: rank for rank, grade in enumerate(GRADES)}


def cut(site: DigSite, *pipes: Pipe, profile: Any = RULES) -> tuple[Section, ...]:
    pieces = make_pieces(pipes)
    return sections_of([site], judge([site], pieces, profile), pieces.assets, profile)[0]


def trench(length_m: float = 300.0, **about: Any) -> DigSite:
    """From west to east, its first station at the place."""
    about = {"half_width_m": 0.4, "method": Method.MECHANICAL} | about
    return make_site(shapely.LineString([(0, 0), (length_m / 2, 0), (length_m, 0)]), **about)


def across(east_m: float, **about: Any) -> Pipe:
    return Pipe(shapely.LineString([(east_m, -60.0), (east_m, 60.0)]), **about)


def read(sections: tuple[Section, ...]) -> list[tuple[float, float, str | None, str | None, bool]]:
    return [
        (round(one.from_m, 2), round(one.to_m, 2), one.grade, one.requirement, one.hand_dig)
        for one in sections
    ]


# -- cases of the trade


def test_one_crossing_holds_its_own_stretch_and_not_the_trench() -> None:
    """K0+120 of 300 m, MP-A De200 with 2.45 m of doubt: 5 + 2.45 + 0.1 + 0.4 m to either side = 16 m held."""
    crossing = across(120.0, uncertainty_m=2.45)
    sections = cut(trench(), crossing)
    held = [one for one in sections if one.grade]
    assert (held[0].from_m, held[-1].to_m) == pytest.approx((120 - 7.96, 120 + 7.96), abs=0.002)
    assert sum(one.to_m - one.from_m for one in sections if not one.grade) == pytest.approx(284.1, abs=0.05)
    assert read(sections) == [
        (0.0, 112.04, None, None, False),
        (112.04, 114.49, "IV", "notify", False),  # only if the pipe lies nearer than drawn
        (114.49, 116.54, "III", "notify", False),
        (116.54, 117.04, "III", "notify", True),  # the protection zone reaches here at worst
        (117.04, 118.99, "I", "notify", True),  # the doubt reaches the wall
        (118.99, 121.01, "I", "plan_required", True),
        (121.01, 122.96, "I", "notify", True),
        (122.96, 123.46, "III", "notify", True),
        (123.46, 125.51, "III", "notify", False),
        (125.51, 127.96, "IV", "notify", False),
        (127.96, 300.0, None, None, False),
    ]
    assert {one.source_ids for one in held} == {("p1",)}


def test_the_stations_start_where_the_trench_says() -> None:
    first, *_, last = cut(trench(start_station_m=1_112.5), across(120.0))
    assert (first.from_m, last.to_m) == pytest.approx((1_112.5, 1_412.5), abs=1e-3)
    assert first.to_m == pytest.approx(1_112.5 + 120 - 5.51, abs=2e-3)


def test_what_reads_alike_is_one_section_and_names_all_its_pipes() -> None:
    sections = cut(trench(), across(120.0, source_id="a"), across(127.0, source_id="b"))
    assert all(
        (one.grade, one.requirement, one.hand_dig) != (other.grade, other.requirement, other.hand_dig)
        for one, other in pairwise(sections)
    )
    assert {one.source_ids for one in sections} == {(), ("a",), ("b",), ("a", "b")}


def test_a_digger_without_a_machine_is_not_told_to_put_it_away() -> None:
    assert not any(one.hand_dig for one in cut(trench(method=Method.HAND), across(120.0)))
    assert any(one.hand_dig for one in cut(trench(method=None), across(120.0)))


def test_what_is_bored_along_a_path_is_not_dug_by_hand() -> None:
    """A bore needs no word on its method; four metres down nobody digs by hand. What is also dug there, is."""
    path = BorePath(((0.0, 4.0), (300.0, 4.0)), 200.0, 0.2, 0.3)
    bored = replace(trench(method=None, acts=(Act.BORE,)), bore=path)
    assert not any(one.hand_dig for one in cut(bored, across(120.0)))
    assert any(one.hand_dig for one in cut(replace(bored, acts=(Act.EXCAVATE, Act.BORE)), across(120.0)))
    said = screen([bored], make_found([across(120.0)]), RULES, on=DAY)[0].document["conflicts"][0]
    codes = {one["code"] for one in (*said["reasons"], *said["advice"])}
    assert "bore_pipe_depth_unknown" in codes and not codes & {"hand_dig", "hand_dig_all", "method_unknown"}


def test_a_forbidden_act_is_grade_one_as_far_as_the_protection_zone() -> None:
    sections = cut(trench(acts=(Act.BUILD,)), across(120.0))
    assert [(one.grade, one.requirement) for one in sections if one.grade] == [
        ("III", "plan_required"),
        ("I", "forbidden"),
        ("III", "plan_required"),
    ]


def test_an_acts_own_distance_is_held_beyond_the_control_zone() -> None:
    far = make_profile({"act_distances": [own_distance(Act.PILE, 30.0)]})
    sections = cut(trench(acts=(Act.PILE,), method=Method.PILING), across(120.0), profile=far)
    held = [(round(one.from_m, 1), one.grade, one.requirement) for one in sections if one.grade]
    # The act's own distance asks for a plan wherever it reaches, also where the zone alone asks for a notice.
    assert held[0] == (89.5, "III", "plan_required")
    assert held[1][0] == 119.0


def test_a_pipe_that_only_touches_the_limit_still_holds_a_stretch() -> None:
    """Beyond the trench's end, on its own line, exactly at the limit: one station, drawn out to 0.1 mm."""
    site = trench(60.0)
    end = 60.0 + 5.01 + 0.1 + 0.4
    for shift in (0.0, 3e-5):
        sections = cut(site, Pipe(shapely.LineString([(end + shift, 0), (end + 50, 0)])))
        assert [one.grade for one in sections] == [None, "III"]
        assert 0 < sections[-1].to_m - sections[-1].from_m < 1e-3


def test_areas_and_points_have_no_sections() -> None:
    assert cut(make_site(shapely.box(-3, -3, 3, 3)), Pipe(straight(1.0))) == ()
    assert cut(make_site(), Pipe(straight(1.0))) == ()


def test_a_line_without_any_conflict_is_one_section() -> None:
    (only,) = cut(trench(), Pipe(straight(70.0)))
    assert (only.grade, only.requirement, only.hand_dig, only.source_ids) == (None, None, False, ())


def test_the_registers_silence_means_nothing_where_something_is_not_known() -> None:
    sections = cut(trench(), across(120.0))
    verdicts = [one["verdict"] for one in section_documents(sections, unknown=False)]
    assert verdicts[0] == verdicts[-1] == "may_start" and "held" in verdicts
    doubtful = [one["verdict"] for one in section_documents(sections, unknown=True)]
    assert doubtful == [word.replace("may_start", "cannot_tell") for word in verdicts]


# -- laws, on random scenes


def drawn_from(seed: int) -> tuple[tuple[DigSite, ...], Pieces]:
    """Sites among all pipes of their places."""
    drawn = scene(seed, 12, 2, 5, most_vertices=5)
    return drawn.sites, found_of(drawn).pieces


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_sections_cut_the_whole_line_and_say_no_less_than_the_screening(seed: int) -> None:
    sites, pieces = drawn_from(seed)
    found = judge(sites, pieces, RULES)
    for number, sections in enumerate(sections_of(sites, found, pieces.assets, RULES)):
        if sites[number].geometry.geom_type != "LineString":
            assert sections == ()
            continue
        ends = stations_m(sites[number])
        assert (sections[0].from_m, sections[-1].to_m) == pytest.approx((ends[0], ends[-1]), abs=1e-4)
        assert all(one.to_m == other.from_m for one, other in pairwise(sections))
        assert all(one.from_m < one.to_m for one in sections)
        mine = np.flatnonzero(found.site == number)
        worst = min((RANK[grade] for grade in found.grade[mine]), default=RANK[None])
        assert min(RANK[one.grade] for one in sections) == worst
        strictest = min((STRICTNESS[rule.requirement] for rule in found.ruling[mine]), default=9)
        assert (
            min((STRICTNESS[one.requirement] for one in sections if one.requirement), default=9) <= strictest
        )
        # What is held is what the conflicts say, joined: no more and no less.
        held = shapely.union_all([shapely.box(one.from_m, 0, one.to_m, 1) for one in sections if one.grade])
        said = shapely.union_all(
            [shapely.box(low, 0, high, 1) for row in mine for low, high in found.site_intervals_m[row]]
        )
        assert shapely.symmetric_difference(held, said).area < 3e-4
        names = {str(pieces.assets.source_id[asset]) for asset in found.asset[mine]}
        assert {name for one in sections for name in one.source_ids} == names


def test_a_section_does_not_depend_on_the_batch_it_is_in() -> None:
    sites, pieces = drawn_from(7)
    together = sections_of(sites, judge(sites, pieces, RULES), pieces.assets, RULES)
    for number, site in enumerate(sites):
        own = np.flatnonzero(pieces.site == number)
        alone = Pieces(
            np.zeros(len(own), np.int64),
            pieces.asset[own],
            pieces.geometry[own],
            pieces.from_m[own],
            pieces.to_m[own],
            pieces.assets,
        )
        assert sections_of([site], judge([site], alone, RULES), alone.assets, RULES)[0] == together[number]


# -- the slow oracle: a point of the same half width, every 5 cm


def judged_at(site: DigSite, at_m: np.ndarray, wider_m: float, pieces: Pieces) -> list[tuple[int, int, bool]]:
    """(grade, requirement, hand) by judge() of a point at each station."""
    stations = stations_m(site)
    xy = shapely.get_coordinates(site.geometry)
    edge = np.clip(np.searchsorted(stations, at_m, side="right") - 1, 0, len(stations) - 2)
    azimuth, _, length = CGCS2000.inv(*xy[edge].T, *xy[edge + 1].T)
    part = (at_m - stations[edge]) / (stations[edge + 1] - stations[edge])
    lon, lat, _ = CGCS2000.fwd(*xy[edge].T, azimuth, length * part)
    points = [
        replace(site, geometry=shapely.Point(x, y), half_width_m=site.half_width_m + wider_m)
        for x, y in zip(lon, lat, strict=True)
    ]
    count = len(points)
    many = Pieces(
        site=np.repeat(np.arange(count), len(pieces)),
        asset=np.tile(pieces.asset, count),
        geometry=np.tile(pieces.geometry, count),
        from_m=np.tile(pieces.from_m, count),
        to_m=np.tile(pieces.to_m, count),
        assets=pieces.assets,
    )
    found = judge(points, many, RULES)
    said = [(RANK[None], 9, False)] * count
    for row, number in enumerate(found.site.tolist()):
        grade, requirement, hand = said[number]
        near = found.zone_at_worst[row] is Zone.PROTECTION and site.method in (None, Method.MECHANICAL)
        said[number] = (
            min(grade, RANK[found.grade[row]]),
            min(requirement, STRICTNESS[found.ruling[row].requirement]),
            hand or near,
        )
    return said


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_every_station_reads_as_a_point_there_would(seed: int) -> None:
    sites, pieces = drawn_from(seed)
    lines = [n for n, site in enumerate(sites) if site.geometry.geom_type == "LineString"][:3]
    found = judge(sites, pieces, RULES)
    cut_up = sections_of(sites, found, pieces.assets, RULES)
    for number in lines:
        site, sections, own = sites[number], cut_up[number], pieces.site == number
        here = Pieces(
            pieces.site[own],
            pieces.asset[own],
            pieces.geometry[own],
            pieces.from_m[own],
            pieces.to_m[own],
            pieces.assets,
        )
        stations = stations_m(site)
        at_m = np.arange(stations[0] + SAMPLE_M / 2, stations[-1], SAMPLE_M)
        which = np.searchsorted([one.from_m for one in sections], at_m, side="right") - 1
        ours = [said(sections[n]) for n in which.tolist()]
        # A hair to either side: where a limit runs along the axis, a tenth of a millimetre moves metres of it.
        narrow, wide = (judged_at(site, at_m, by_m, here) for by_m in (-2e-4, 2e-4))
        apart = [n for n, one in enumerate(ours) if not between(wide[n], one, narrow[n])]
        assert not apart, [(at_m[n], ours[n], narrow[n], wide[n]) for n in apart[:3]]


def said(section: Section) -> tuple[int, int, bool]:
    requirement = STRICTNESS[section.requirement] if section.requirement else 9
    return RANK[section.grade], requirement, section.hand_dig


def between(wide: tuple[int, int, bool], ours: tuple[int, int, bool], narrow: tuple[int, int, bool]) -> bool:
    return (
        wide[0] <= ours[0] <= narrow[0]
        and wide[1] <= ours[1] <= narrow[1]
        and wide[2] >= ours[2] >= narrow[2]
    )


def test_the_oracle_notices_a_stretch_judged_too_mild() -> None:
    site, pieces = trench(40.0), make_pieces([across(20.0)])
    at_m = np.array([20.0, 10.0])
    assert judged_at(site, at_m, 0.0, pieces) == [
        (0, STRICTNESS[Requirement.PLAN_REQUIRED], True),
        (RANK[None], 9, False),
    ]
    assert RANK[Grade.I] == 0

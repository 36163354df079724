"""The document of a screening: what it holds, that it is canonical, and that nothing but its content moves its hash."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from spatial import canonical
from spatial.judging.judge import ENGINE
from spatial.screening import Screening, query_boxes, screen
from spatial.values import Trench, UncertaintyTerm, UtilityGround
from spatial.words import Act, Grade, Method, Outcome
from tests.support.builders import (
    DAY,
    Pipe,
    block,
    laid,
    make_found,
    make_ground,
    make_profile,
    make_site,
    own_distance,
    straight,
)

RULES = make_profile()


def screened(*pipes: Pipe, ground: tuple[UtilityGround, ...] | None = None, **about: Any) -> Screening:
    profile = about.pop("profile", RULES)
    ends_on = about.pop("ends_on", None)
    found = make_found(pipes, (make_ground(),) if ground is None else ground)
    return screen([make_site(**about)], found, profile, on=DAY, ends_on=ends_on)[0]


def codes(rows: list[dict[str, Any]]) -> list[str]:
    return [row["code"] for row in rows]


def test_a_conflict_beats_the_unknown_and_both_are_listed() -> None:
    both = screened(Pipe(straight(3.0)), ground=(make_ground(coverages=[]),))
    assert both.outcome is Outcome.CONFLICT
    assert codes(both.document["unknowns"]) == ["coverage_missing"]
    assert screened(ground=(make_ground(coverages=[]),)).outcome is Outcome.CANNOT_TELL
    assert screened().outcome is Outcome.CLEAR


def test_duty_of_care_is_said_in_every_answer_and_is_no_conflict() -> None:
    for one in (screened(), screened(ground=()), screened(Pipe(straight(3.0)))):
        assert codes(one.document["advice"])[-1] == "duty_of_care"
    assert screened(Pipe(straight(60.0))).outcome is Outcome.CLEAR


def test_conflicts_stand_worst_first_and_the_worst_grade_is_the_screenings() -> None:
    pipes = [
        Pipe(straight(4.0), source_id="far"),
        Pipe(straight(0.0), source_id="hit"),
        Pipe(straight(-3.0), source_id="near"),
    ]
    one = screened(*pipes)
    assert [row["source_id"] for row in one.conflicts] == ["hit", "near", "far"]
    assert one.grade is Grade.I
    assert screened().grade is None


@pytest.mark.parametrize(("ends_in_days", "valid_days"), [(None, 28), (100, 28), (28, 28), (27, 27), (0, 0)])
def test_an_answer_ends_with_the_permit_or_after_28_days(ends_in_days: int | None, valid_days: int) -> None:
    ends_on = None if ends_in_days is None else DAY + timedelta(days=ends_in_days)
    assert screened(ends_on=ends_on).valid_until == DAY + timedelta(days=valid_days)


def test_every_field_of_the_contract_is_there() -> None:
    one = screened(Pipe(straight(3.0)))
    assert {"outcome", "grade", "conflicts", "unknowns", "utilities", "advice", "valid_until"} <= set(
        one.document
    )
    assert {"rule_profile", "engine", "register_revision"} <= set(one.document)
    contract = (
        "pipe_id source_id utility dataset pressure_class diameter_mm centreline_distance_m clearance_m "
        "uncertainty_m certainty zone act requirement clause grade affected_length_m pipe_intervals_m "
        "site_intervals_m reasons advice"
    ).split()
    assert set(contract) <= set(one.conflicts[0])
    assert set(contract) - set(one.document["conflicts"][0]) == {"pipe_id"}
    assert {"coverage", "revisions", "data_date"} <= set(one.document["utilities"][0])
    assert one.document["engine"] == ENGINE


def test_the_text_is_canonical_json_and_the_hash_is_of_it() -> None:
    one = screened(Pipe(straight(3.0), uncertainty_m=1.0), half_width_m=0.5, method=None)
    assert json.loads(one.text) == one.document
    assert one.text == json.dumps(
        json.loads(one.text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert one.sha256 == canonical.sha256(one.text)


def test_golden() -> None:
    """The whole document of one small case, word by word: whoever changes it changes ENGINE, or a mistake is made."""
    terms = (UncertaintyTerm("site_stated", 0.5, "permit"),)
    site = replace(
        make_site(shapely.LineString([(-30, 0), (30, 0)]), half_width_m=1, acts=(Act.BUILD,), method=None),
        uncertainty=terms,
    )
    pipe = Pipe(
        shapely.LineString([(0, 1.55), (0, 60)]), pressure_class="SHP-A", diameter_mm=None, cover_m=None
    )
    found = make_found([pipe], [make_ground(code="G1"), make_ground(code="G2", coverages=[])])
    one = screen([site], found, RULES, on=DAY, ends_on=date(2026, 11, 10))[0]
    conflict = one.document["conflicts"][0]
    spans = {name: conflict.pop(name) for name in ("pipe_intervals_m", "site_intervals_m", "at_record")}
    reach = 15.0 + 0.01 + 0.51 + 1.0
    half = np.sqrt((reach + 0.5) ** 2 - 1.55**2)
    assert spans["pipe_intervals_m"][0] == pytest.approx([0, reach + 0.5 - 1.55], abs=2e-3)
    assert spans["site_intervals_m"][0] == pytest.approx([30 - half, 30 + half], abs=2e-3)
    assert spans["at_record"]["zone"] == "protection"
    assert conflict.pop("affected_length_m") == pytest.approx(reach + 0.5 - 1.55, abs=2e-3)
    assert conflict.pop("clearance_m") == pytest.approx(0.04, abs=1e-4)
    assert conflict.pop("centreline_distance_m") == pytest.approx(0.55, abs=1e-4)
    assert conflict == {
        "source_id": "p1",
        "utility": "G1",
        "dataset": "town",
        "asset": "pipe",
        "pressure_class": "SHP-A",
        "diameter_mm": None,
        "uncertainty_m": 0.5,
        "certainty": "certain",
        "zone": "protection",
        "act": "build",
        "requirement": "forbidden",
        "clause": "GB 55009-2021 5.1.8",
        "grade": "I",
        "at_worst": {"clearance_m": 0.0, "zone": "protection", "grade": "I", "requirement": "forbidden"},
        "reasons": [
            {
                "code": "in_protection",
                "protection_m": 1.5,
                "clearance_m": pytest.approx(0.04, abs=1e-4),
                "clause": "GB 55009-2021 5.1.6, 5.1.7",
            },
            {
                "code": "doubt_reaches_wall",
                "clearance_m": pytest.approx(0.04, abs=1e-4),
                "uncertainty_m": 0.5,
            },
            {"code": "forbidden_act", "zone": "protection", "act": "build", "clause": "GB 55009-2021 5.1.8"},
            {"code": "method_unknown"},
            {"code": "diameter_unknown", "assumed_mm": 1020},
            {"code": "cover_unknown"},
            {"code": "pipe_stated", "metres": 0.0, "source": "register", "verified": True},
            {"code": "site_stated", "metres": 0.5, "source": "permit", "verified": True},
            {"code": "dig_depth_unknown"},
        ],
        "limits": {
            "protection_m": 1.5,
            "control_m": 15.0,
            "judged_to_m": 15.0,
            "clause": "GB 55009-2021 5.1.6, 5.1.7",
            "source": ["GB-J", "GB-A", "N-BD"],
            "verified": True,
        },
        "vertical": {
            "relation": "unknown",
            "floor_m": None,
            "top_m": None,
            "underside_m": None,
            "uncertainty_m": None,
        },
        "crossings": [],
        "advice": [
            {"code": "drop_forbidden_act", "zone": "protection", "act": "build"},
            {"code": "agree_plan", "name": "Gas company G1", "clause": "城镇燃气管理条例 第三十七条"},
            conflict["advice"][2],
            {"code": "trial_holes", "source_id": "p1"},
            {"code": "site_guard", "name": "Gas company G1"},
        ],
    }
    # Only where the pipe may be within the protection zone: not the whole stretch of the control zone.
    assert conflict["advice"][2] == {"code": "hand_dig", "stretch": "K0+026.8–K0+033.2"}
    assert {
        key: one.document[key] for key in ("outcome", "grade", "valid_until", "unknowns", "on", "ends_on")
    } == {
        "outcome": "conflict",
        "grade": "I",
        "on": "2026-11-01",
        "ends_on": "2026-11-10",
        "valid_until": "2026-11-10",
        "unknowns": [
            {
                "code": "coverage_missing",
                "utility": "G2",
                "name": "Gas company G2",
                "pipe_kinds": ["main", "courtyard", "service", "customer_owned"],
            }
        ],
    }
    assert codes(one.document["advice"]) == [
        "do_not_start",
        "call",
        "call",
        "look_for",
        "trial_pits",
        "duty_of_care",
    ]


def test_the_same_screening_twice_is_the_same_bytes() -> None:
    pipes = [Pipe(straight(3.0)), Pipe(straight(-2.0), source_id="p2", uncertainty_m=0.5)]
    assert screened(*pipes).text == screened(*pipes).text


@pytest.mark.parametrize(
    "other",
    [
        {"half_width_m": 0.5},
        {"method": Method.MECHANICAL},
        {"acts": (Act.BUILD,)},
        {"uncertainty_m": 0.001},
        {"feature_id": "2"},
        {"ends_on": DAY},
    ],
)
def test_anything_that_matters_changes_the_hash(other: dict[str, Any]) -> None:
    assert screened(Pipe(straight(3.0)), **other).sha256 != screened(Pipe(straight(3.0))).sha256


def test_what_does_not_matter_does_not_change_the_hash() -> None:
    """The register's own ids, the order of its rows, whole numbers written with or without a point."""
    pipes = [Pipe(straight(3.0), source_id="a"), Pipe(straight(4.0), source_id="b")]
    site = make_site(half_width_m=2.0)
    found = make_found(pipes, [make_ground()])
    assets = found.pieces.assets
    renumbered = replace(
        found, pieces=replace(found.pieces, assets=replace(assets, asset_id=assets.asset_id + 1000))
    )
    reordered = make_found(pipes[::-1], [make_ground()])
    whole = screen([site], found, RULES, on=DAY)[0]
    assert screen([site], renumbered, RULES, on=DAY)[0].sha256 == whole.sha256
    assert screen([site], reordered, RULES, on=DAY)[0].sha256 == whole.sha256
    integer = replace(site, half_width_m=2, start_station_m=0)
    assert screen([integer], found, RULES, on=DAY)[0].sha256 == whole.sha256


def test_no_nan_ever_reaches_the_text() -> None:
    one = screened(Pipe(straight(3.0), diameter_mm=None, cover_m=None, pressure_class=None))
    assert "NaN" not in one.text and "Infinity" not in one.text
    with pytest.raises(ValueError, match="Out of range"):
        canonical.dumps({"a": float("nan")})


def test_dict_order_does_not_change_the_text() -> None:
    assert canonical.dumps({"b": 1, "a": {"d": 2, "c": 3}}) == canonical.dumps(
        {"a": {"c": 3, "d": 2}, "b": 1}
    )
    assert canonical.dumps({"zh": "燃气"}) == '{"zh":"燃气"}'


def test_coordinates_are_written_to_a_tenth_of_a_millimetre() -> None:
    point = canonical.geojson(shapely.Point(101.1234567894, -0.00000000001))
    assert point == {"type": "Point", "coordinates": [101.123456789, 0.0]}


def test_every_kind_of_shape_is_written_as_geojson_has_it() -> None:
    area = shapely.box(0, 0, 9, 9)
    holed = shapely.difference(area, shapely.box(1, 1, 2, 2))
    line = shapely.LineString([(0, 0), (1, 0.5), (2, 0)])
    points = shapely.MultiPoint([(0, 0), (1, 1)])
    for shape in (
        area,
        holed,
        line,
        points,
        points.geoms[0],
        shapely.MultiPolygon([holed, shapely.box(20, 0, 21, 1)]),
        shapely.MultiLineString([line, [(5, 5), (6, 6)]]),
    ):
        assert canonical.geojson(shape) == json.loads(shapely.to_geojson(shape))


def test_unknowns_of_the_register_are_reasons() -> None:
    bare = Pipe(
        straight(3.0),
        pressure_class=None,
        diameter_mm=None,
        cover_m=None,
        status="disused",
        uncertainty_m=2.0,
    )
    reasons = codes(screened(bare, method=None).document["conflicts"][0]["reasons"])
    assert {"class_unknown", "diameter_unknown", "cover_unknown", "not_in_use", "method_unknown"} <= set(
        reasons
    )
    known = codes(screened(Pipe(straight(3.0), status="在用")).document["conflicts"][0]["reasons"])
    assert not {"class_unknown", "diameter_unknown", "cover_unknown", "not_in_use", "method_unknown"} & set(
        known
    )


def test_the_act_that_asks_for_the_distance_is_the_one_named() -> None:
    far = make_profile({"act_distances": [own_distance(Act.BLAST, 200.0)]})
    one = screened(Pipe(straight(3.0)), acts=(Act.EXCAVATE, Act.BLAST), profile=far)
    (reason,) = [row for row in one.document["conflicts"][0]["reasons"] if row["code"] == "own_distance"]
    assert (reason["act"], reason["control_m"]) == ("blast", 200.0)


def test_only_the_worst_case_inside_asks_for_trial_holes() -> None:
    one = screened(Pipe(straight(6.5), uncertainty_m=2.0)).document["conflicts"][0]
    assert one["certainty"] == "possible"
    assert "only_at_worst" in codes(one["reasons"]) and "trial_holes" in codes(one["advice"])


@pytest.mark.parametrize(
    ("about", "within_m"),
    [
        ({"depth_m": 9.0}, 9.3),
        ({"depth_m": 9.0, "acts": (Act.PILE,)}, None),
        ({"depth_m": 4.6}, None),
        ({"depth_m": None}, None),
        # Half of it is taken by the slopes.
        ({"depth_m": 12.0, "half_width_m": 6.5, "trench": Trench(1.0, 0.5, True, False)}, 6.3),
    ],
)
def test_a_dig_deeper_than_the_zones_are_wide_says_so_even_where_it_is_clear(
    about: dict[str, Any], within_m: float | None
) -> None:
    doubt = (UncertaintyTerm("dig_depth_default", 0.3, "PREDIG", False),)
    site = make_site(shapely.LineString([(0, 0), (5, 0)]), half_width_m=0.5)
    (one,) = screen(
        [replace(site, depth_uncertainty=doubt, **about)],
        make_found([], [make_ground()]),
        make_profile(),
        on=DAY,
    )
    assert one.outcome is Outcome.CLEAR
    said = [row for row in one.document["advice"] if row["code"] == "deep_dig"]
    assert said == (
        [] if within_m is None else [{"code": "deep_dig", "within_m": within_m, "verified": False}]
    )


def test_who_to_call_when_nobody_is_known() -> None:
    nobody = screened(ground=())
    assert {"ask_authority", "look_for", "trial_pits"} <= set(codes(nobody.document["advice"]))
    assert "state_width" in codes(screened(half_width_known=False).document["advice"])


# -- what to ask the register for


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(0, 0),
        shapely.box(-300, -200, 300, 200),
        shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(400, 0, 405, 5)]),
        shapely.LineString([(x, 40 * np.sin(x / 90)) for x in range(0, 3000, 60)]),
    ],
)
def test_query_boxes_hold_the_site_widened_by_the_reach(shape: shapely.Geometry) -> None:
    site = make_site(shape, half_width_m=1.0, uncertainty_m=2.0)
    boxes = shapely.union_all([shapely.box(*box) for box in query_boxes(site, RULES)])
    wanted = laid(shape.buffer(50.01 + 0.711 + 1.0 + 2.0 + 2.0))
    assert shapely.covers(boxes, wanted)


def test_a_long_line_is_asked_about_in_short_runs() -> None:
    trench = make_site(shapely.LineString([(x, x) for x in range(0, 5000, 50)]), half_width_m=1.0)
    boxes = query_boxes(trench, RULES)
    assert len(boxes) == 13  # 99 edges, 8 a box
    assert max(east - west for west, _, east, _ in boxes) < 0.006


def test_a_long_strip_is_asked_about_in_small_cells_that_hold_it_all() -> None:
    # 0.6 km2 as the dock allows, but 42 km from west to east and as far north.
    strip = make_site(shapely.LineString([(0, 0), (42_000, 42_000)]).buffer(5.0, cap_style="flat"))
    boxes = query_boxes(strip, RULES)
    assert max(max(east - west, north - south) for west, south, east, north in boxes) < 0.06
    assert len(boxes) < 40
    wanted = strip.geometry.buffer(0.0004)
    assert shapely.covers(shapely.union_all([shapely.box(*box) for box in boxes]), wanted)


def test_no_cell_is_wider_than_the_register_answers() -> None:
    """0.3 degrees; a hair 40 degrees long is less than a square kilometre."""
    hair = make_site(shapely.Point(0, 0))
    hair = replace(hair, geometry=shapely.box(80.0, 36.0, 120.0, 36.0 + 1e-7))
    boxes = query_boxes(hair, RULES)
    assert max(east - west for west, _, east, _ in boxes) < 0.25
    assert (min(box[0] for box in boxes) < 80.0) and (max(box[2] for box in boxes) > 120.0)


def test_an_empty_batch_has_no_answers() -> None:
    assert screen([], make_found([], sites=0), RULES, on=DAY) == ()


def test_each_site_of_a_batch_gets_its_own_ground() -> None:
    sites = [make_site(), make_site(shapely.Point(3000, 0))]
    served = make_ground(service_area=block(-200, -200, 200, 200))
    found = replace(make_found([], sites=2), ground=((served,), (served,)))
    first, second = screen(sites, found, RULES, on=DAY)
    assert (first.outcome, second.outcome) == (Outcome.CLEAR, Outcome.CANNOT_TELL)

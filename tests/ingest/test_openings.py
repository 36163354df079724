"""Dig plans that say what they really open: sections, strips beside a trench, bores, and how they were drawn."""

import json
from typing import Any

import pytest
import shapely

from ingest import DigOptions, parse_dig_plans
from spatial.errors import Refused
from spatial.values import CHINA, BorePath, Trench
from spatial.words import Act, Method, SitePart
from tests.ingest.dock import LINE, ON, PROFILE, X, Y, codes, collection, feature, line, plan, square

PIT = {"type": "Point", "coordinates": [X, Y]}
TRENCH: dict[str, Any] = {"bottom_width_m": 0.8, "depth_m": 2.2, "slope": "1:0.67"}
BORE: dict[str, Any] = {"entry_depth_m": 3, "exit_depth_m": 5}


def places(document: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        plan(document, **more)
    codes(caught.value)
    return [(fault.code, fault.pointer) for fault in caught.value.faults]


def test_bottom_width_depth_and_slope_give_the_top_width() -> None:
    (site,) = plan(feature(LINE, **TRENCH))
    assert (site.half_width_m, site.half_width_known) == (1.874, True)
    assert site.trench == Trench(0.8, 0.67, True, None)


@pytest.mark.parametrize("slope", ["1:0.67", "1：0.67", " 1 : 0.67 ", "0.67", 0.67])
def test_a_slope_is_read_as_it_is_written(slope: Any) -> None:
    assert plan(feature(LINE, **{**TRENCH, "slope": slope}))[0].half_width_m == 1.874


@pytest.mark.parametrize("slope", ["0.67:1", "45", "1:-1", "1:", -0.1, 10.1, True, [], "1:11"])
def test_a_slope_that_could_be_read_two_ways_is_refused(slope: Any) -> None:
    assert places(collection(feature(LINE, **{**TRENCH, "slope": slope}))) == [
        ("slope_expected", "/features/0/properties/slope")
    ]


def test_walls_nobody_described_take_the_flattest_slope_and_shored_ones_none() -> None:
    default = PROFILE.footprint.slope_ratio
    (open_cut,) = plan(feature(LINE, bottom_width_m=1, depth_m=2))
    assert open_cut.half_width_m == 0.5 + 2 * default
    assert open_cut.trench == Trench(1.0, default, False, None) and open_cut.half_width_known
    (said_open,) = plan(feature(LINE, bottom_width_m=1, depth_m=2, shored=False))
    assert said_open.trench == Trench(1.0, default, False, False)
    (shored,) = plan(feature(LINE, bottom_width_m=1, shored=True))
    assert (shored.half_width_m, shored.half_width_known) == (0.5, True)
    assert shored.trench == Trench(1.0, 0.0, True, True)


def test_without_a_depth_the_top_width_is_not_known() -> None:
    (site,) = plan(feature(LINE, bottom_width_m=1, slope=0.5))
    assert (site.half_width_m, site.half_width_known) == (0.5 + PROFILE.unknown_half_width_m, False)
    (pit,) = plan(feature(square(), outline="bottom"))
    assert (pit.half_width_m, pit.half_width_known) == (PROFILE.unknown_half_width_m, False)


def test_an_area_drawn_by_its_bottom_is_opened_wider() -> None:
    (pit,) = plan(feature(square(), outline="bottom", depth_m=3, slope="1:0.5"))
    assert (pit.half_width_m, pit.half_width_known) == (1.5, True)
    assert pit.trench == Trench(None, 0.5, True, None)
    (drawn_as_opened,) = plan(feature(square(), depth_m=3, slope="1:0.5"))
    assert drawn_as_opened.half_width_m == 0.0


def test_the_widened_area_is_what_may_be_a_square_kilometre() -> None:
    side = 999.0
    assert plan(feature(square(side), outline="bottom", depth_m=0.1, slope=1))
    assert places(feature(square(side), outline="bottom", depth_m=1, slope=1)) == [
        ("site_too_large", "/geometry")
    ]


def test_a_stated_width_and_a_section_must_agree() -> None:
    assert plan(feature(LINE, **TRENCH, width_m=3.748))[0].half_width_m == 1.874
    at = "/properties"
    assert places(feature(LINE, **TRENCH, width_m=2.8)) == [("section_contradicts", at)]
    assert places(feature(LINE, bottom_width_m=2, width_m=1)) == [("section_contradicts", at)]
    assert places(feature(LINE, depth_m=2, slope=1, width_m=3)) == [("section_contradicts", at)]
    assert places(feature(LINE, shored=True, bottom_width_m=1, width_m=2)) == [("section_contradicts", at)]
    # Both widths and the depth leave one slope.
    (site,) = plan(feature(LINE, bottom_width_m=1, width_m=3, depth_m=2))
    assert site.trench == Trench(1.0, 0.5, True, None) and site.half_width_m == 1.5


@pytest.mark.parametrize(
    ("shape", "properties", "code", "where"),
    [
        (square(), {"bottom_width_m": 1}, "width_not_for_shape", "bottom_width_m"),
        (LINE, {"outline": "bottom"}, "outline_not_for_shape", "outline"),
        (square(), {"outline": "middle"}, "outline_unknown", "outline"),
        (LINE, {"shored": "yes"}, "yes_or_no_expected", "shored"),
        (LINE, {"shored": True, "slope": 0.5}, "shored_slopes", "slope"),
        (LINE, {"bottom_width_m": 0}, "metres_expected", "bottom_width_m"),
        (LINE, {"bottom_width_m": "1"}, "metres_expected", "bottom_width_m"),
        (LINE, {"drawn": "guessed"}, "drawn_unknown", "drawn"),
        (LINE, {"depth_uncertainty_m": -1}, "metres_expected", "depth_uncertainty_m"),
        (square(), {"spoil": {"side": "left", "width_m": 2}}, "strip_not_for_shape", "spoil"),
        (LINE, {"spoil": 3}, "object_expected", "spoil"),
        (LINE, {"spoil": {"side": "north", "width_m": 2}}, "side_unknown", "spoil/side"),
        (LINE, {"spoil": {"side": "left"}}, "strip_width_missing", "spoil/width_m"),
        (LINE, {"machine_path": {"side": "left", "width_m": 0}}, "metres_expected", "machine_path/width_m"),
        (LINE, {"spoil": {"side": "left", "width_m": 2, "offset_m": -1}}, "metres_expected", "spoil/offset_m"),
        (LINE, {"spoil": {"side": "left", "width_m": 2, "height": 1}}, "field_unknown", "spoil/height"),
        (PIT, {"act": "bore", "bore": BORE}, "bore_not_for_shape", "bore"),
        (LINE, {"bore": BORE}, "bore_not_for_act", "bore"),
        (LINE, {"act": "bore", "bore": {}}, "bore_depth_missing", "bore"),
        (LINE, {"act": "bore", "bore": {**BORE, "depths_m": [3, 5]}}, "bore_depth_ambiguous", "bore"),
        (LINE, {"act": "bore", "bore": {"entry_depth_m": 2}}, "bore_end_missing", "bore/exit_depth_m"),
        (LINE, {"act": "bore", "bore": {"entry_depth_m": 0, "exit_depth_m": 0}}, "bore_at_surface", "bore"),
        (LINE, {"act": "bore", "bore": {"depths_m": [0, 0]}}, "bore_at_surface", "bore/depths_m"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 0], [9, 0.0], [50, 0]]}}, "bore_at_surface", "bore/profile"),
        (LINE, {"acts": ["excavate"] * 50 + ["blast"]}, "acts_too_many", "acts"),
        (LINE, {"act": "bore", "bore": {"depths_m": [3]}}, "bore_depths_expected", "bore/depths_m"),
        (LINE, {"act": "bore", "bore": {"depths_m": [3, 101]}}, "metres_expected", "bore/depths_m/1"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1]]}}, "bore_profile_expected", "bore/profile"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1], [50, None]]}}, "bore_pair_expected", "bore/profile/1"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1], [50, -1]]}}, "bore_pair_expected", "bore/profile/1"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1], [0, 3], [50, 1]]}}, "bore_distances", "bore/profile/1"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1], [45, 3]]}}, "bore_profile_ends", "bore/profile"),
        (LINE, {"act": "bore", "bore": {"profile": [[5, 1], [50, 3]]}}, "bore_profile_ends", "bore/profile"),
        (LINE, {"act": "bore", "bore": {"profile": [[0, 1], [50.2, 3], [50.5, 3]]}}, "bore_profile_ends", "bore/profile"),
        (LINE, {"act": "bore", "bore": {**BORE, "diameter_mm": 0}}, "millimetres_expected", "bore/diameter_mm"),
        (LINE, {"act": "bore", "bore": {**BORE, "plan_accuracy_m": "1"}}, "metres_expected", "bore/plan_accuracy_m"),
        (LINE, {"act": "bore", "bore": BORE, "slope": 1}, "bore_and_trench", "bore"),
    ],
)  # fmt: skip
def test_every_new_input_is_refused_at_its_place(
    shape: Any, properties: dict[str, Any], code: str, where: str
) -> None:
    document = collection(feature(LINE), feature(shape, **properties))
    assert places(document) == [(code, f"/features/1/properties/{where}")]


def test_null_is_as_good_as_absent() -> None:
    names = (
        "bottom_width_m",
        "slope",
        "shored",
        "outline",
        "drawn",
        "spoil",
        "machine_path",
        "bore",
        "depth_uncertainty_m",
    )
    silent = plan(feature(LINE, **dict.fromkeys(names), act="bore"))[0]
    bare = plan(feature(LINE, act="bore"))[0]
    assert (silent.half_width_m, silent.trench, silent.bore) == (bare.half_width_m, None, None)
    (strip,) = plan(feature(LINE, width_m=1, spoil={"side": "left", "width_m": 2, "offset_m": None}))[1:]
    assert strip.half_width_known is False


def test_options_fall_back_for_the_shapes_they_fit() -> None:
    own = collection(
        feature(LINE),
        feature(LINE, width_m=5),
        feature(LINE, shored=True, bottom_width_m=1),
        feature(square(), depth_m=1),
        feature(PIT, radius_m=0.5),
        feature(LINE, act="bore", bore={**BORE, "diameter_mm": 600}),
    )
    sites = plan(own, **TRENCH, outline="bottom")
    assert [site.half_width_m for site in sites] == [1.874, 2.5, 0.5, 0.67, 0.5, 0.3]


def test_spoil_and_machines_become_sites_of_their_own() -> None:
    trench, left, right, machines, after = plan(
        collection(
            feature(
                line(length=50),
                id="T",
                start_station_m="K0+100",
                method="mechanical",
                spoil={"side": "both", "width_m": 3, "offset_m": 1},
                machine_path={"side": "left", "width_m": 4, "offset_m": 0},
                **TRENCH,
            ),
            feature(LINE, id="U"),
        )
    )
    assert [site.feature_id for site in (trench, left, right, machines, after)] == [
        "T", "T/spoil-left", "T/spoil-right", "T/machine-path-left", "U"
    ]  # fmt: skip
    assert (trench.part, trench.of_feature) == (SitePart.OPENED, None)
    for strip, part in ((left, SitePart.SPOIL), (right, SitePart.SPOIL), (machines, SitePart.MACHINE_PATH)):
        assert (strip.part, strip.of_feature, strip.acts) == (part, "T", (Act.HEAVY_LOAD,))
        assert (strip.trench, strip.depth_m, strip.depth_uncertainty) == (None, None, ())
        assert (strip.start_station_m, strip.method) == (100.0, Method.MECHANICAL)
        assert strip.half_width_known and strip.received == trench.received
    # The axis runs east: left is north. Degrees of latitude are 110.95 km here.
    north_m = [
        (site.geometry.centroid.y - trench.geometry.centroid.y) * 110_950 for site in (left, right, machines)
    ]
    assert north_m == pytest.approx([1.874 + 1 + 1.5, -(1.874 + 1 + 1.5), 1.874 + 2], abs=0.01)
    assert left.half_width_m == pytest.approx(1.511) and machines.half_width_m == pytest.approx(2.011)


def test_strips_count_as_features_and_as_ground() -> None:
    many = [feature(line(dy=2.0 * n), width_m=1, spoil={"side": "both", "width_m": 1}) for n in range(334)]
    assert places(collection(*many)) == [("plan_too_many_features", "")]
    wide = {"type": "LineString", "coordinates": [[X, Y], [X + 12_000, Y]]}
    strip = {"side": "left", "width_m": 90, "offset_m": 0}
    assert places(feature(wide, width_m=1, machine_path=strip)) == [
        ("site_too_large", "/properties/machine_path")
    ]


def test_a_bore_is_read_in_each_of_three_ways() -> None:
    bend = {"type": "LineString", "coordinates": [[X, Y], [X + 30, Y], [X + 30, Y + 40]]}
    about: dict[str, Any] = {"diameter_mm": 400, "plan_accuracy_m": 0.3, "depth_accuracy_m": 0.2}
    profile, depths, ends = (
        plan(feature(bend, act="bore", bore={**how, **about}))[0]
        for how in ({"profile": [[0, 1], [20, 6], [70.4, 2]]}, {"depths_m": [1, 5, 2]}, BORE)
    )
    for site in (profile, depths, ends):
        assert isinstance(site.bore, BorePath)
        assert (site.bore.diameter_mm, site.bore.plan_accuracy_m, site.bore.depth_accuracy_m) == (
            400,
            0.3,
            0.2,
        )
        # A bore of 400 mm takes 0.2 m to each side; its profile ends where the line does.
        assert (site.half_width_m, site.half_width_known) == (0.2, True)
        assert site.bore.profile[0][0] == 0.0 and site.bore.profile[-1][0] == pytest.approx(70, abs=0.05)
    assert [depth for _, depth in profile.bore.profile] == [1, 6, 2]
    assert depths.bore.profile[1] == (pytest.approx(30, abs=0.02), 5.0)
    assert [depth for _, depth in ends.bore.profile] == [3, 5]
    (untold,) = plan(feature(bend, act="jack", bore=BORE))
    assert untold.bore.diameter_mm is None and not untold.half_width_known


def test_depths_at_vertices_follow_a_long_densified_line() -> None:
    far = {"type": "LineString", "coordinates": [[X, Y], [X + 1_000, Y], [X + 1_000, Y], [X + 1_500, Y]]}
    (site,) = plan(feature(far, act="bore", bore={"depths_m": [0, 8, 8, 0]}))
    assert len(shapely.get_coordinates(site.geometry)) > 15
    assert site.bore is not None and [round(at) for at, _ in site.bore.profile] == [0, 1000, 1500]
    assert places(feature(far, act="bore", bore={"depths_m": [0, 8, 7, 0]})) == [
        ("bore_distances", "/properties/bore/depths_m/2")
    ]


def test_a_third_coordinate_is_never_taken_for_a_depth() -> None:
    raised = {"type": "LineString", "coordinates": [[X, Y, 2261.0], [X + 40, Y + 30, 2255.0]]}
    with pytest.raises(Refused) as caught:
        plan(feature(raised, act="bore", bore={}))
    (fault,) = caught.value.faults
    assert "not read" in fault.en and "高程" in fault.zh
    assert plan(feature(raised, act="bore", bore=BORE))[0].bore is not None


def test_how_a_site_was_drawn_is_its_doubt_unless_a_number_is_stated() -> None:
    for way, plan_m in (("surveyed", 0.1), ("cad", 0.2), ("map", 1.0), ("screen", 5.0), ("hand", 10.0)):
        (site,) = plan(feature(LINE, drawn=way))
        assert [(term.code, term.metres, term.verified) for term in site.uncertainty] == [
            (f"drawn_{way}", plan_m, False)
        ]
    (stated,) = plan(feature(LINE, drawn="hand", uncertainty_m=0.5))
    assert [term.code for term in stated.uncertainty] == ["site_stated"]
    one, other = plan(collection(feature(LINE), feature(LINE, drawn="hand")), drawn="cad")
    assert (one.uncertainty[0].code, other.uncertainty[0].code) == ("drawn_cad", "drawn_hand")


def test_a_floor_is_as_deep_as_stated_or_as_the_profile_doubts() -> None:
    (unsaid, stated, unknown) = plan(
        collection(
            feature(LINE, depth_m=2), feature(LINE, depth_m=2, depth_uncertainty_m=0.05), feature(LINE)
        )
    )
    assert [(term.code, term.metres) for term in unsaid.depth_uncertainty] == [("dig_depth_default", 0.3)]
    assert [(term.code, term.metres) for term in stated.depth_uncertainty] == [("dig_depth_stated", 0.05)]
    assert unknown.depth_uncertainty == () and unsaid.depth_uncertainty_m == 0.3


def test_faults_of_options_stand_where_the_options_stand() -> None:
    text = json.dumps(feature(LINE))
    options = DigOptions(acts=("excavate",), slope="steep", drawn="x", outline="y", bottom_width_m=-1)
    with pytest.raises(Refused) as caught:
        parse_dig_plans(text, crs="EPSG:4543", options=options, extent=CHINA, profile=PROFILE, on=ON)
    assert codes(caught.value) == {"slope_expected", "drawn_unknown", "outline_unknown", "metres_expected"}
    assert {fault.pointer for fault in caught.value.faults} == {""}

"""Dig plans: what is taken, and every bad input with its place and what to do."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ingest import DigOptions, read_dig_plans
from spatial.errors import Refused
from spatial.values import CHINA, DigSite, Extent
from tests.ingest.dock import LINE, ON, PROFILE, X, Y, codes, collection, feature, line, plan, square, written


def refusal(document: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        plan(document, **more)
    codes(caught.value)
    return caught.value


def places(document: Any, **more: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in refusal(document, **more).faults]


def test_an_area_a_line_and_a_point_become_sites() -> None:
    area, trench, pit = plan(
        collection(
            feature(square(), acts=["drill", "excavate"], depth_m=2.5, method="hand"),
            {
                **feature(
                    {"type": "LineString", "coordinates": LINE["coordinates"]},
                    width_m=1.2,
                    start_station_m=120,
                ),
                "id": 7,
            },
            feature(
                {"type": "Point", "coordinates": [X, Y, 2261.0]}, radius_m=0.5, id="pit", uncertainty_m=0.1
            ),
        ),
        method="mechanical",
    )
    assert (area.feature_id, area.half_width_m, area.half_width_known) == ("1", 0.0, True)
    assert (area.acts, area.method, area.depth_m) == (("excavate", "drill"), "hand", 2.5)
    assert (trench.feature_id, trench.half_width_m, trench.start_station_m) == ("7", 0.6, 120.0)
    assert (trench.acts, trench.method, trench.depth_m) == (("excavate",), "mechanical", None)
    assert (pit.feature_id, pit.half_width_m, pit.uncertainty_m) == ("pit", 0.5, 0.1)
    assert {site.crs for site in (area, trench, pit)} == {"EPSG:4543"} and not pit.geometry.has_z


def test_a_width_nobody_stated_is_the_profiles_and_is_marked() -> None:
    (site,) = plan(collection(feature(LINE)))
    assert site.half_width_m == PROFILE.unknown_half_width_m and not site.half_width_known


def test_a_feature_a_bare_geometry_and_a_multipolygon_are_plans_too() -> None:
    assert plan(feature(square()))[0].feature_id == "1"
    assert plan(square())[0].geometry.geom_type == "Polygon"
    two = {"type": "MultiPolygon", "coordinates": [square()["coordinates"], square(5, 50)["coordinates"]]}
    assert plan(two)[0].geometry.geom_type == "MultiPolygon"


def test_each_line_point_and_kind_of_one_feature_is_a_site() -> None:
    away = [[x, y + 30] for x, y in LINE["coordinates"]]
    lines = {"type": "MultiLineString", "coordinates": [LINE["coordinates"], away]}
    spots = {"type": "MultiPoint", "coordinates": [[X + 1, Y + 50], [X + 2, Y + 60]]}
    mixed = {"type": "GeometryCollection", "geometries": [square(), spots, LINE]}
    sites = plan(collection({**feature(lines, width_m=1.2), "id": "k"}, feature(mixed)))
    assert [(one.feature_id, one.geometry.geom_type) for one in sites] == [
        ("k", "LineString"), ("k#2", "LineString"),
        ("2", "Polygon"), ("2#2", "Point"), ("2#3", "Point"), ("2#4", "LineString"),
    ]  # fmt: skip
    assert [json.loads(one.received)["geometry"] for one in sites[:2]] == [
        {"type": "LineString", "coordinates": part} for part in lines["coordinates"]
    ]
    assert json.loads(sites[1].received)["properties"] == {"width_m": 1.2} and sites[1].half_width_m == 0.6
    bare = plan(lines)
    assert [json.loads(one.received)["coordinates"] for one in bare] == lines["coordinates"]


def test_parts_are_counted_before_any_is_made_and_their_faults_placed() -> None:
    many = {"type": "MultiPoint", "coordinates": [[X, Y]] * 1_001}
    assert places(collection(feature(many, radius_m=1))) == [("plan_too_many_features", "")]
    few = {"type": "MultiPoint", "coordinates": [[X, Y]] * 1_000}
    assert places(collection(feature(few, note="n" * 30_000))) == [("parts_too_large", "")]
    inner = {"type": "GeometryCollection", "geometries": [square()]}
    mixed = {"type": "GeometryCollection", "geometries": [inner, {"type": "Point", "coordinates": ["X", Y]}]}
    assert places(collection(feature(mixed, act="dance"))) == [
        ("site_one_feature_each", "/features/0/geometry/geometries/0"),
        ("act_unknown", "/features/0/properties/act"),
        ("coordinate_not_finite", "/features/0/geometry/geometries/1/coordinates"),
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_closed_lines_of_a_file_are_what_is_said_of_them(tmp_path: Path, whole: bool) -> None:
    ring = {"type": "LineString", "coordinates": square()["coordinates"][0]}
    one = feature({"type": "MultiLineString", "coordinates": [ring["coordinates"]]}) if whole else ring
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps(collection(one) if whole else one))

    def sites(said: str | None) -> tuple[DigSite, ...]:
        options = DigOptions(acts=("excavate",))
        return read_dig_plans(
            path, crs="EPSG:4543", options=options, extent=CHINA, profile=PROFILE, on=ON, points_are=said
        )

    for said, kind in ((None, "LineString"), ("line", "LineString"), ("area", "Polygon")):
        (site,) = sites(said)
        assert site.geometry.geom_type == kind
    path.write_text(json.dumps({"type": "Point", "coordinates": [X, Y]}))
    with pytest.raises(Refused) as caught:
        sites("area")
    assert codes(caught.value) == {"points_without_order"}


@pytest.mark.parametrize("line", [[[], [2], 7, []], [[X, Y], "a", None, [X, Y]], [1, 2, 3, 1], "abcd", {}])
@pytest.mark.parametrize("kind", ["LineString", "MultiLineString", "GeometryCollection", "Point"])
@pytest.mark.parametrize("said", ["area", "line"])
def test_damaged_lines_are_refused_whatever_is_said_of_them(
    tmp_path: Path, line: Any, kind: str, said: str
) -> None:
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps(collection(feature({"type": kind, "coordinates": line, "geometries": line}))))
    with pytest.raises(Refused):
        read_dig_plans(
            path,
            crs="EPSG:4543",
            options=DigOptions(acts=("excavate",)),
            extent=CHINA,
            profile=PROFILE,
            on=ON,
            points_are=said,
        )


def test_what_was_received_is_kept_to_the_last_digit() -> None:
    text = '{"type":"Feature","properties":{"作业":"探坑","n":12345678901234567890},"geometry":{"type":"Point","coordinates":[480000.12345678901,4054000.1]}}'
    (site,) = plan(text)
    assert json.loads(site.received) == json.loads(text) and "探坑" in site.received
    assert plan(text)[0] == site


def test_ids_that_repeat_are_numbered() -> None:
    assert [s.feature_id for s in plan(collection(feature(square(), id=3), feature(square(), id=3)))] == [
        "3",
        "3#2",
    ]


def test_a_raw_wgs84_position_is_a_receivers_unless_stated() -> None:
    pin = {"type": "Point", "coordinates": [101.7, 36.6]}
    assert {term.code for term in plan(pin, crs="EPSG:4326")[0].uncertainty} == {
        "site_receiver",
        "wgs84_drift",
    }
    stated = plan(feature(pin, uncertainty_m=0.02), crs="EPSG:4326")[0]
    assert {term.code for term in stated.uncertainty} == {"site_stated", "wgs84_drift"}


BAD_POSITIONS = [
    ["480000", Y],
    [None, Y],
    [True, Y],
    [math.nan, Y],
    [math.inf, Y],
    [X, Y, None],
    [10**400, Y],
]


def test_numbers_that_are_no_place_on_earth_are_refused() -> None:
    for far in (1e12, 1e150, 9e299, -9e299):
        ring = [[X, Y], [far, Y], [far, far], [X, far], [X, Y]]
        for shape in (
            {"type": "Polygon", "coordinates": [ring]},
            {"type": "LineString", "coordinates": ring},
        ):
            assert places(shape)
        assert places({"type": "Point", "coordinates": [far, far]})


@pytest.mark.parametrize("position", BAD_POSITIONS)
def test_a_coordinate_that_is_no_number_is_named_by_its_pointer(position: list[Any]) -> None:
    ring = square()["coordinates"][0]
    bad = {"type": "Polygon", "coordinates": [[*ring[:2], position, *ring[3:]]]}
    document = collection(feature(square()), feature(bad))
    assert places(document) == [("coordinate_not_finite", "/features/1/geometry/coordinates/0/2")]


def test_1e999_is_infinity_and_refused() -> None:
    assert places('{"type":"Point","coordinates":[1e999,4054000]}') == [
        ("coordinate_not_finite", "/coordinates")
    ]


W, S = X, Y
BOW_TIE = [[W, S], [W + 10, S + 10], [W + 10, S], [W, S + 10], [W, S]]
RING = [[W, S], [W + 10, S], [W + 10, S + 10], [W, S + 10], [W, S]]
HOLE_OUT = [[W + 20, S], [W + 21, S], [W + 21, S + 1], [W + 20, S]]
PINCH = [[W, S], [W + 5, S + 5], [W + 10, S], [W + 10, S + 10], [W + 5, S + 5], [W, S + 10], [W, S]]


@pytest.mark.parametrize(
    ("kind", "coordinates", "code", "place"),
    [
        ("Polygon", [BOW_TIE], "site_crosses_itself", "/coordinates"),
        ("Polygon", [PINCH], "site_touches_itself", "/coordinates"),
        ("Polygon", [RING[:-1]], "site_ring_open", "/coordinates/0"),
        ("Polygon", [[RING[0], RING[1], RING[0]]], "site_too_few_points", "/coordinates/0"),
        ("Polygon", [[[W, S], [W + 5, S], [W + 9, S], [W, S]]], "site_zero_area", "/coordinates/0"),
        ("Polygon", [[RING[0]] * 5], "site_zero_area", "/coordinates/0"),
        ("Polygon", [RING, RING], "site_ring_repeated", "/coordinates/1"),
        ("Polygon", [RING, RING[::-1]], "site_ring_repeated", "/coordinates/1"),
        ("Polygon", [RING, HOLE_OUT], "site_hole_outside", "/coordinates"),
        ("MultiPolygon", [[RING], [[*RING[2:], RING[1], RING[2]]]], "site_ring_repeated", "/coordinates/1/0"),
        ("Polygon", [], "site_empty", "/coordinates"),
        ("Polygon", [[]], "site_empty", "/coordinates/0"),
        ("Polygon", None, "site_empty", "/coordinates"),
        ("MultiPolygon", [[]], "site_empty", "/coordinates/0"),
        ("LineString", [[X, Y]], "site_too_few_points", "/coordinates"),
        ("LineString", [[X, Y], [X, Y]], "site_zero_length", "/coordinates"),
        ("LineString", [[X, Y], X], "coordinate_expected", "/coordinates/1"),
        ("LineString", [[X, Y], [X]], "coordinate_expected", "/coordinates/1"),
        ("Point", [], "coordinate_expected", "/coordinates"),
        ("MultiLineString", [], "site_one_feature_each", ""),
        ("MultiPoint", None, "site_one_feature_each", ""),
        ("MultiLineString", [LINE["coordinates"], [[X, Y], [X, Y]]], "site_zero_length", "/coordinates/1"),
        ("MultiPoint", [[X, Y], [X, "Y"]], "coordinate_not_finite", "/coordinates/1"),
        ("Circle", [X, Y], "site_geometry_expected", ""),
        (["MultiPoint"], [[X, Y]], "site_geometry_expected", ""),
        ("LineString", [[X + n * 0.01, Y] for n in range(501)], "site_too_many_vertices", "/coordinates"),
        ("Polygon", [[[W, S], [W + 1000.5, S], [W + 1000.5, S + 1000], [W, S + 1000], [W, S]]], "site_too_large", ""),
        ("LineString", [[X, Y], [X + 90_000_000, Y]], "outside_extent", ""),
    ],
)  # fmt: skip
def test_a_bad_shape_is_refused_at_its_place_and_never_repaired(
    kind: Any, coordinates: Any, code: str, place: str
) -> None:
    found = places(collection(feature({"type": kind, "coordinates": coordinates})))
    assert found == [(code, f"/features/0/geometry{place}")]


def test_the_crossing_is_named_in_the_files_own_coordinates() -> None:
    assert f"{X + 5:.0f} {Y + 5:.0f}" in str(refusal({"type": "Polygon", "coordinates": [BOW_TIE]}))


def test_all_faults_come_at_once() -> None:
    document = collection(
        feature({"type": "Polygon", "coordinates": [BOW_TIE]}, act="dance"),
        feature(None, method="spoon"),
        "no feature",
        feature(square(), depth_m=-1),
        feature({"type": "Point", "coordinates": [0, 0]}),
    )
    found = places(document)
    assert [place for _, place in found[:5]] == [
        "/features/0/geometry/coordinates", "/features/0/properties/act", "/features/1/geometry",
        "/features/1/properties/method", "/features/2",
    ]  # fmt: skip
    assert {code for code, _ in found} == {
        "site_crosses_itself", "act_unknown", "site_no_geometry", "method_unknown", "feature_expected",
        "metres_expected", "outside_extent",
    }  # fmt: skip
    with_crs_fault = places(collection(feature(None)), crs=None)
    assert {code for code, _ in with_crs_fault} == {"site_no_geometry", "crs_missing"}


@pytest.mark.parametrize(
    ("properties", "code", "name"),
    [
        ({"act": "dance"}, "act_unknown", "act"),
        ({"acts": ["excavate", 3]}, "act_unknown", "acts"),
        ({"method": "spoon"}, "method_unknown", "method"),
        ({"depth_m": -1}, "metres_expected", "depth_m"),
        ({"depth_m": 101}, "metres_expected", "depth_m"),
        ({"depth_m": "2"}, "metres_expected", "depth_m"),
        ({"depth_m": True}, "metres_expected", "depth_m"),
        ({"half_width_m": 0}, "metres_expected", "half_width_m"),
        ({"half_width_m": -2}, "metres_expected", "half_width_m"),
        ({"width_m": 1e9}, "metres_expected", "width_m"),
        ({"radius_m": 2}, "width_not_for_shape", "radius_m"),
        ({"half_width_m": 1, "width_m": 1}, "width_contradicts", ""),
        ({"start_station_m": "K0"}, "metres_expected", "start_station_m"),
        ({"uncertainty_m": -1}, "metres_expected", "uncertainty_m"),
        ({"note": math.nan}, "feature_not_storable", None),
        ({"note": "\ud800"}, "feature_not_storable", None),
        ({"note": "a\u0000"}, "feature_not_storable", None),
    ],
)
def test_a_bad_property_is_refused_at_its_place(
    properties: dict[str, Any], code: str, name: str | None
) -> None:
    place = "/features/0" if name is None else f"/features/0/properties/{name}".rstrip("/")
    assert places(collection(feature(LINE, **properties))) == [(code, place)]


def test_a_number_that_is_text_is_told_to_be() -> None:
    said = str(refusal(collection(feature(line(), width_m="1.2"))))
    assert "without quotation marks" in said
    assert "quotation" not in str(refusal(collection(feature(line(), width_m="wide"))))


def test_the_allowed_words_are_listed() -> None:
    assert "borrow_soil" in str(refusal(feature(square(), act="dance")))
    assert "vacuum" in str(refusal(feature(square(), method="spoon")))
    assert "emergency" in str(refusal(square(), kind="urgent"))


def test_a_plan_without_an_act_is_refused() -> None:
    assert places(square(), acts=()) == [("act_missing", "")]
    assert plan(feature(square(), act="pile"), acts=())[0].acts == ("pile",)


def test_a_width_on_an_area_is_refused_because_ignoring_it_would_narrow() -> None:
    assert places(feature(square(), half_width_m=2)) == [("width_not_for_shape", "/properties/half_width_m")]


def test_a_depth_of_nothing_is_unknown_and_stations_are_read_as_drawn() -> None:
    assert plan(feature(square(), depth_m=0))[0].depth_m is None
    assert plan(feature(LINE, start_station_m="K1+120.5"))[0].start_station_m == 1120.5


def test_an_area_is_measured_on_the_ellipsoid_and_a_design_may_be_larger() -> None:
    west, south = 101.7, 36.6
    side = 0.0089
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    outline = Geodesic(6378137.0, 1 / 298.257222101).Polygon()
    for lon, lat in ring[:-1]:
        outline.AddPoint(lat, lon)
    area = abs(outline.Compute()[2])
    assert area < 1e6
    assert plan({"type": "Polygon", "coordinates": [ring]}, crs="EPSG:4490")
    wide = square(1000.5)
    assert places(wide) == [("site_too_large", "")]
    assert plan(wide, kind="design")
    assert places(square(2501), kind="design") == [("site_too_large", "")]
    assert places(feature(line(length=5001), half_width_m=100)) == [("site_too_large", "/geometry")]


def test_a_hole_counts_out_of_the_area_however_its_ring_runs() -> None:
    outer, inner = square(1100)["coordinates"][0], square(700, 100, 100)["coordinates"][0]
    for hole in (inner, inner[::-1]):
        assert plan({"type": "Polygon", "coordinates": [outer, hole]})


def test_swapped_axes_are_called_so() -> None:
    pin = feature({"type": "Point", "coordinates": [36.6, 101.7]})
    assert places(pin, crs="EPSG:4490") == [("axes_swapped", "/geometry")]
    for east in (101.0, 101.77640):  # far away, and a metre short of the square's east side
        assert codes(refusal(square(), extent=Extent(100.0, 30.0, east, 37.0))) == {"outside_extent"}


@pytest.mark.parametrize(
    ("crs", "code"), [(None, "crs_missing"), ("EPSG:999999", "crs_unknown"), ("EPSG:2379", "crs_no_path")]
)
def test_a_crs_that_leads_nowhere_is_refused(crs: str | None, code: str) -> None:
    assert code in codes(refusal(collection(feature(square())), crs=crs))


def test_a_crs_in_the_file_must_agree() -> None:
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4522"}}
    assert codes(refusal(collection(feature(square()), crs=member))) == {"crs_contradicts"}
    assert codes(refusal(collection(feature(square()), crs=[1]))) == {"crs_embedded_unreadable"}
    of_a_draft = {"type": "EPSG", "properties": {"code": 4543}}
    assert len(plan(collection(feature(square()), crs=of_a_draft))) == 1
    of_a_draft["properties"] = {"code": 4522}
    assert codes(refusal(collection(feature(square()), crs=of_a_draft))) == {"crs_contradicts"}
    of_a_draft["properties"] = {"code": 4543, "coordinate_order": [1, 0]}  # type: ignore[dict-item]
    assert codes(refusal(collection(feature(square()), crs=of_a_draft))) == {"crs_embedded_unreadable"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json_unreadable"),
        ("null", "geojson_expected"),
        ("[]", "geojson_expected"),
        ('{"type":"FeatureCollection","features":[]}', "plan_empty"),
        ('{"type":"FeatureCollection","features":[' + "[" * 100_000, "json_too_deep"),
        (b'{"type":"Point","note":"\xff\xfe"}', "json_not_utf8"),
        ('{"type":"Point","coordinates":[', "json_unreadable"),
    ],
)
def test_text_that_is_no_plan_is_refused(text: str | bytes, code: str) -> None:
    assert codes(refusal(text)) == {code}


def test_too_much_is_refused_before_it_is_looked_at() -> None:
    many = collection(*[feature(square())] * 1001)
    assert codes(refusal(many)) == {"plan_too_many_features"}
    assert codes(refusal(" " * 20_000_001)) == {"file_too_large"}


def test_a_plan_is_read_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    def read(path: Path) -> Any:
        options = DigOptions(acts=("excavate",))
        return read_dig_plans(path, crs="EPSG:4543", options=options, extent=CHINA, profile=PROFILE, on=ON)

    assert len(read(written(tmp_path, "\ufeff" + json.dumps(square()), "plan.json"))) == 1
    with pytest.raises(Refused) as caught:
        read(written(tmp_path, "<kml/>", "plan.geojson"))
    assert codes(caught.value) == {"file_not_what_it_says"}
    with pytest.raises(Refused) as caught:
        read(written(tmp_path, json.dumps(square()), "plan.doc"))
    assert codes(caught.value) == {"file_kind_unknown"}


def test_received_vertices_stay_and_edges_are_cut() -> None:
    (site,) = plan(line(length=950.0))
    assert len(shapely.get_coordinates(site.geometry)) > 9

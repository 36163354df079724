"""Plans placed by points: what becomes of their shapes and properties, and how points are given."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from ingest import plan_document, pointed, read_pointed
from spatial.errors import Refused
from tests.api.conftest import collection, feature
from tests.ingest.drawn import drawing, saved

LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)
E, N = 480_000.0, 4_053_000.0
CORNERS = [(0.0, 0.0), (80.0, 0.0), (80.0, 50.0)]


def there(x: float, y: float) -> tuple[float, float]:
    lon, lat = LONLAT.transform(E + x, N + y)
    return lon, lat


KNOWN = [[x, y, *there(x, y)] for x, y in CORNERS]


def placed(tmp_path: Path, document: Any, points: Any = KNOWN) -> Any:
    import json

    file = tmp_path / "plan.geojson"
    file.write_text(json.dumps(document))
    return plan_document(file, None, points=pointed(points, "points"))


def test_every_vertex_is_carried_and_the_doubt_is_added(tmp_path: Path) -> None:
    plan = placed(
        tmp_path,
        collection(
            feature("Polygon", [[[0, 0], [80, 0], [80, 50], [0, 0]]], act="excavate"),
            feature("LineString", [[0, 0, -1.5], [80, 50, -2.0]], uncertainty_m=0.5),
            feature("Point", [10, 20], radius_m=1),
            feature(
                "MultiPolygon", [[[[0, 0], [9, 0], [9, 9], [0, 0]]], [[[20, 0], [29, 0], [29, 9], [20, 0]]]]
            ),
        ),
    )
    area, line, point, areas = plan["features"]
    assert plan["crs"]["properties"]["name"] == "EPSG:4490"
    np.testing.assert_allclose(
        area["geometry"]["coordinates"][0][:3], [there(*c) for c in CORNERS], atol=2e-7
    )
    assert area["properties"]["act"] == "excavate" and point["properties"]["radius_m"] == 1
    how = area["properties"]["placed_by"]
    assert how["common_points"] == [[*one, 2.0] for one in KNOWN] and len(how["misses_m"]) == 3
    doubt = how["accuracy_m"]
    assert 2.0 <= doubt < 3.0
    assert [one["properties"]["uncertainty_m"] for one in (area, line)] == [doubt, doubt + 0.5]
    assert [len(at) for at in line["geometry"]["coordinates"]] == [3, 3]
    np.testing.assert_allclose(areas["geometry"]["coordinates"][1][0][0], there(20, 0), atol=2e-7)


def test_a_drawing_in_small_numbers_is_first_seen_then_placed(tmp_path: Path) -> None:
    document: Any = drawing()
    document.modelspace().add_lwpolyline(CORNERS, dxfattribs={"layer": "0"})
    file = saved(document, tmp_path / "a.dxf")
    seen = plan_document(file, None, points=pointed([], "points"))
    assert [one[:2] for one in seen["features"][0]["geometry"]["coordinates"]] == [list(c) for c in CORNERS]
    laid = plan_document(file, None, points=pointed(KNOWN, "points"))
    np.testing.assert_allclose(laid["features"][0]["geometry"]["coordinates"][0][:2], KNOWN[0][2:], atol=2e-7)


def test_a_table_in_small_numbers_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("X,Y\n" + "\n".join(f"{y},{x}" for x, y in CORNERS))
    seen = plan_document(file, None, points_are="area", points=pointed([], "points"))
    assert len(seen["features"][0]["geometry"]["coordinates"][0]) == 4
    with pytest.raises(Refused, match="--crs"):
        plan_document(file, None, points_are="area")


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ("x", "points_unreadable"),
        ([[0, 0, 101.7]], "points_unreadable"),
        ([[0, 0, 101.7, 36.6, 2, 9]], "points_unreadable"),
        ([[0, True, 101.7, 36.6]], "points_unreadable"),
        ([[0, 0, 101.7, float("nan")]], "points_unreadable"),
        ([[0, 0, 201.7, 36.6]], "points_unreadable"),
        ([[1e10, 0, 101.7, 36.6]], "points_unreadable"),
        ([[0, 0, 101.7, 36.6, -1]], "points_unreadable"),
        (KNOWN * 20, "points_many"),
        (KNOWN[:2], "grid_points_few"),
    ],
)
def test_points_that_are_none_are_refused(tmp_path: Path, points: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        placed(tmp_path, collection(feature("Point", [0, 0], radius_m=1)), points)
    assert [fault.code for fault in refused.value.faults] == [code]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"crs": {"type": "name", "properties": {"name": "EPSG:4543"}}, **collection()}, "points_needless"),
        (collection(feature("Point", [1e12, 0], radius_m=1)), "points_scale"),
        (collection(feature("Point", [float("inf"), 0], radius_m=1)), "json_not_finite"),
        ({"type": "FeatureCollection", "features": [7]}, "site_no_geometry"),
        (collection(feature("GeometryCollection", [])), "site_one_feature_each"),
        (collection(*[feature("Point", [0, 0], radius_m=1)] * 1_001), "plan_too_many_features"),
    ],
)
def test_plans_that_cannot_be_placed_are_refused(tmp_path: Path, document: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        placed(tmp_path, document)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_system_and_points_are_not_both_taken(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="leave one out"):
        plan_document(tmp_path / "a.geojson", "EPSG:4543", points=pointed(KNOWN, "points"))


def test_points_come_from_a_table(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        "X,y,lon,lat,doubt_m\n" + "\n".join(f"{x},{y},{lon!r},{lat!r},5" for x, y, lon, lat in KNOWN)
    )
    points = read_pointed(file)
    np.testing.assert_array_equal(points.lonlat, [one[2:] for one in KNOWN])
    assert points.doubt_m.tolist() == [5.0, 5.0, 5.0]
    file.write_text("x,y\n1,2\n")
    with pytest.raises(Refused, match="x, y, lon, lat"):
        read_pointed(file)
    file.write_text("x,y,lon,lat\n1,2,3,\n")
    with pytest.raises(Refused, match="row 1, lat"):
        read_pointed(file)

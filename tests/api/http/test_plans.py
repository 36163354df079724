"""POST /v1/plans: a file becomes a plan that can be asked about, or faults with what to do."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyproj import Transformer

from tests.api.http.conftest import Town, codes, enquiry
from tests.api.town import E, N
from tests.ingest.drawn import drawing, saved

FILE = {"Content-Type": "application/octet-stream"}
CORNERS = [(N + 3, E + 100), (N + 3, E + 110), (N + 8, E + 110), (N + 8, E + 100)]


def sent(ask: httpx.Client, data: bytes, **asked: str) -> httpx.Response:
    return ask.post("/v1/plans", content=data, params=asked, headers=FILE)


def table() -> bytes:
    return "\n".join(["X,Y", *(f"{x},{y}" for x, y in CORNERS)]).encode()


def test_a_table_becomes_a_plan_that_is_judged(ask: httpx.Client) -> None:
    answer = sent(ask, table(), name="拐点.csv", crs="EPSG:4543", points_are="area")
    assert answer.status_code == 200, answer.text
    plan, about = answer.json()["plan"], answer.json()["file"]
    assert (about["name"], about["bytes"]) == ("拐点.csv", len(table()))
    judged = ask.post("/v1/enquiries", json={**enquiry(), "plan": plan, "crs": "CGCS2000 3度带 34"})
    assert judged.status_code == 200, judged.text
    (screening,) = judged.json()["screenings"]
    assert {row["source_id"] for row in screening["conflicts"]} == {"M-1"}


@pytest.mark.parametrize(
    ("data", "asked", "status", "code"),
    [
        (b"x", {}, 422, "file_name_missing"),
        (b"x", {"name": "a.exe"}, 422, "file_kind_unknown"),
        (b"", {"name": "a.kml"}, 422, "file_empty"),
        (b"<x/>", {"name": "a.dxf"}, 422, "file_not_what_it_says"),
        (b"<x/>", {"name": "../../a.kml"}, 422, "kml_expected"),
        (b"<!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>", {"name": "a.kml"}, 422, "xml_doctype"),
        (table(), {"name": "a.csv"}, 422, "plan_shape_unstated"),
        (table(), {"name": "a.csv", "points_are": "circle"}, 422, "word_unknown"),
        (table(), {"name": "a.csv", "colour": "red"}, 422, "parameter_unknown"),
        (b"{" + b" " * 3_000_000, {"name": "a.json"}, 422, "file_too_large"),
        (b"<kml>" + b" " * 10_500_000, {"name": "a.kml"}, 413, "body_too_large"),
    ],
)
def test_what_cannot_be_understood_is_told(
    ask: httpx.Client, data: bytes, asked: dict[str, str], status: int, code: str
) -> None:
    answer = sent(ask, data, **asked)
    assert (answer.status_code, set(codes(answer).values())) == (status, {code}), answer.text


def test_only_the_bytes_of_a_file_are_taken(ask: httpx.Client) -> None:
    answer = ask.post("/v1/plans", json={}, params={"name": "a.json"})
    assert (answer.status_code, set(codes(answer).values())) == (415, {"content_type"})


def test_a_layer_is_chosen_and_nothing_is_left_of_the_file(
    ask: httpx.Client, town: Town, tmp_path: Path
) -> None:
    document: Any = drawing()
    for layer in ("开挖", "标注"):
        document.layers.add(layer)
        document.modelspace().add_lwpolyline(
            [(E + 100, N + 3), (E + 110, N + 3), (E + 110, N + 8)], close=True, dxfattribs={"layer": layer}
        )
    data = saved(document, tmp_path / "a.dxf").read_bytes()
    refused = sent(ask, data, name="a.dxf")
    assert set(codes(refused).values()) == {"layers_several"}
    assert refused.json()["faults"][0]["choices"] == ["开挖", "标注"]
    assert set(codes(sent(ask, data, name="a.dxf", layer="开挖")).values()) == {"plan_shape_unstated"}
    answer = sent(ask, data, name="a.dxf", layer="开挖", points_are="area")
    assert [one["geometry"]["type"] for one in answer.json()["plan"]["features"]] == ["Polygon"]
    assert not any((folder / "a.dxf").exists() for folder in Path("/tmp").glob("predig-upload-*"))


LONLAT = Transformer.from_crs("EPSG:4543", "EPSG:4490", always_xy=True)


def known(x: float, y: float) -> list[float]:
    """A place of a drawing whose origin is the town's, and where it is."""
    return [x, y, *LONLAT.transform(E + x, N + y)]


def test_a_drawing_of_its_own_numbers_is_placed_by_points_and_judged_with_their_doubt(
    ask: httpx.Client,
) -> None:
    data = b"X,Y\n3,100\n3,110\n8,110\n8,100\n"
    asked = {"name": "a.csv", "points_are": "area"}
    raw = sent(ask, data, **asked, common_points="[]").json()["plan"]["features"]
    assert raw[0]["geometry"]["coordinates"][0][0] == [100, 3]
    points = [known(0, 0), known(150, 0), known(100, 80)]
    placed = sent(ask, data, **asked, common_points=json.dumps(points))
    assert placed.status_code == 200, placed.text
    judged = ask.post("/v1/enquiries", json={**enquiry(), "plan": placed.json()["plan"], "crs": "EPSG:4490"})
    (screening,) = judged.json()["screenings"]
    (conflict,) = screening["conflicts"]
    assert abs(conflict["clearance_m"] - 2.9) < 0.05
    assert (
        screening["site"]["uncertainty_m"]
        == placed.json()["plan"]["features"][0]["properties"]["uncertainty_m"]
    )
    assert screening["site"]["uncertainty_m"] >= 2.0


@pytest.mark.parametrize(
    ("points", "crs", "code"),
    [
        ("{", None, "points_unreadable"),
        ("[" * 1_900, None, "points_unreadable"),
        ("[[0,0,101.7,36.6]]", None, "grid_points_few"),
        ("[]", "EPSG:4543", "crs_and_points"),
    ],
)
def test_points_that_place_nothing_are_told(
    ask: httpx.Client, points: str, crs: str | None, code: str
) -> None:
    asked = {"name": "a.csv", "points_are": "area", "common_points": points, **({"crs": crs} if crs else {})}
    answer = sent(ask, b"X,Y\n3,100\n3,110\n8,110\n", **asked)
    assert (answer.status_code, set(codes(answer).values())) == (422, {code}), answer.text

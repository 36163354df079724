"""Bad input: a sentence that says what to do, exit 2, nothing stored half, no stack trace."""

import json
from typing import Any

import pytest

from api.settings import today
from tests.api.conftest import Predig, Write, collection, feature, ring

# A place in Xining: EPSG:4543 metres and EPSG:4490 degrees.
E, N = 480_000.0, 4_053_000.0
LON, LAT = 101.7763, 36.6085
SQUARE = ring(E, N, 20, 10)
LINE = [[E, N], [E + 50, N]]


def plan(*features: Any, crs: str | None = None) -> dict[str, Any]:
    return collection(*features, crs=crs)


def bow_tie() -> list[list[list[float]]]:
    return [[[E, N], [E + 20, N + 10], [E + 20, N], [E, N + 10], [E, N]]]


def circle(vertices: int) -> list[list[list[float]]]:
    from math import cos, pi, sin

    points = [
        [E + 100 * cos(2 * pi * k / vertices), N + 100 * sin(2 * pi * k / vertices)] for k in range(vertices)
    ]
    return [[*points, points[0]]]


DIG_PLANS: dict[str, tuple[Any, str | None, list[str]]] = {
    # name: (file content, --crs, words the sentence must hold)
    "no CRS": (plan(feature("Polygon", SQUARE)), None, ["EPSG:4543"]),
    "unknown CRS": (plan(feature("Polygon", SQUARE)), "EPSG:999999", ["EPSG:999999"]),
    "ballpark only: Xian 80": (plan(feature("Polygon", SQUARE)), "EPSG:2379", []),
    "ballpark only: Beijing 54 in Qinghai": (plan(feature("Polygon", SQUARE)), "EPSG:2431", []),
    "a CRS that contradicts": (
        plan(feature("Polygon", SQUARE), crs="urn:ogc:def:crs:EPSG::4542"),
        "EPSG:4543",
        ["4542", "4543"],
    ),
    "NaN": ('{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[4,5],[NaN,1]]]}', "EPSG:4543", []),
    "Infinity": ('{"type":"Polygon","coordinates":[[[Infinity,1],[2,3],[4,5],[2,1]]]}', "EPSG:4543", []),
    "1e999": ('{"type":"Polygon","coordinates":[[[1e999,1],[2,3],[4,5],[2,1]]]}', "EPSG:4543", []),
    "strings": (plan(feature("LineString", [["480000", "4053000"], [E, N]])), "EPSG:4543", []),
    "null": (plan(feature("LineString", [[None, N], [E, N]])), "EPSG:4543", []),
    "booleans": (plan(feature("LineString", [[True, N], [E, N]])), "EPSG:4543", []),
    "empty collection": (plan(), "EPSG:4543", []),
    "null geometry": ({"type": "Feature", "properties": {}, "geometry": None}, "EPSG:4543", []),
    "empty polygon": (plan(feature("Polygon", [])), "EPSG:4543", []),
    "self-crossing, the point named": (
        plan(feature("Polygon", bow_tie())),
        "EPSG:4543",
        ["480010", "4053005"],
    ),
    "zero area": (plan(feature("Polygon", [[[E, N], [E + 9, N], [E + 3, N], [E, N]]])), "EPSG:4543", []),
    "unclosed": (
        plan(feature("Polygon", [[[E, N], [E + 9, N], [E + 9, N + 9], [E, N + 9]]])),
        "EPSG:4543",
        [],
    ),
    "repeated ring": (plan(feature("Polygon", [SQUARE[0], SQUARE[0]])), "EPSG:4543", []),
    "outside the extent": (
        plan(feature("Polygon", ring(10, 50, 0.001, 0.001))),
        "EPSG:4490",
        ["PREDIG_EXTENT"],
    ),
    "latitude first": (plan(feature("Polygon", ring(LAT, LON, 0.001, 0.001))), "EPSG:4490", ["exchange"]),
    "northing first": (plan(feature("Polygon", ring(N, E, 10, 10))), "EPSG:4543", ["exchange"]),
    "too many vertices": (plan(feature("Polygon", circle(501))), "EPSG:4543", ["500"]),
    "too large": (plan(feature("Polygon", ring(E, N, 1_100, 1_000))), "EPSG:4543", ["km"]),
    "unknown act": (plan(feature("Polygon", SQUARE, act="juggle")), "EPSG:4543", ["juggle", "excavate"]),
    "not JSON": ("PK\x03\x04 this is a zip", "EPSG:4543", []),
    "a VRT in disguise": ("<OGRVRTDataSource></OGRVRTDataSource>", "EPSG:4543", []),
    "nothing at all": ("", "EPSG:4543", []),
    "absurdly nested": ("[" * 100_000, "EPSG:4543", []),
}


@pytest.mark.parametrize("name", DIG_PLANS)
def test_a_bad_dig_plan_is_refused_with_a_sentence(name: str, predig: Predig, write: Write) -> None:
    content, crs, words = DIG_PLANS[name]
    file = write("plan.geojson", content)
    asked = ("--crs", crs) if crs else ()
    said = predig("screen", file, *asked, "--act", "excavate")
    assert said.code == 2, said
    assert said.out == ""
    faults = [json.loads(line)["fault"] for line in said.err.splitlines() if line.startswith('{"fault"')]
    assert faults, said.err
    for fault in faults:
        assert len(fault["en"]) > 20 and any("\u4e00" <= letter <= "\u9fff" for letter in fault["zh"])
    for word in words:
        assert word in said.err, said.err
    status = predig("status").lines[0]
    assert status["screenings"] == 0 and status["permits"] == {}


def test_all_faults_are_said_at_once(predig: Predig, write: Write) -> None:
    file = write(
        "plan.geojson",
        plan(
            feature("Polygon", bow_tie()),
            feature("Polygon", SQUARE, act="juggle"),
            feature("LineString", [["1", 2], [3, 4]]),
        ),
    )
    said = predig("screen", file, "--crs", "EPSG:4543", "--act", "excavate")
    assert said.code == 2
    assert all(f"/features/{number}" in said.err for number in range(3)), said.err


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [(3, 1, "dates_reversed"), (-9, -2, "dates_past"), (-1, 5, "dates_past")],
)
def test_dates_reversed_or_past(predig: Predig, write: Write, starts: int, ends: int, code: str) -> None:
    from datetime import timedelta

    file = write("plan.geojson", plan(feature("Polygon", SQUARE)))
    first, last = today() + timedelta(days=starts), today() + timedelta(days=ends)
    said = predig(
        *("file", file, "--crs", "EPSG:4543", "--act", "excavate", "--firm", "F", "--title", "T"),
        *("--starts-on", first, "--ends-on", last),
    )
    assert said.code == 2 and code in said.codes
    assert predig("status").lines[0]["permits"] == {}


NETWORKS: dict[str, tuple[str, Any, str | None, list[str]]] = {
    "no CRS": ("net.geojson", plan(feature("LineString", LINE)), None, ["EPSG:4543"]),
    "a CRS that contradicts": (
        "net.geojson",
        plan(feature("LineString", LINE), crs="urn:ogc:def:crs:EPSG::4326"),
        "EPSG:4543",
        ["4326"],
    ),
    "empty": ("net.geojson", plan(), "EPSG:4543", []),
    "without geometry": (
        "net.geojson",
        plan({"type": "Feature", "properties": {"id": 1}, "geometry": None}),
        "EPSG:4543",
        [],
    ),
    "not what its name says": ("net.gpkg", plan(feature("LineString", LINE)), "EPSG:4543", []),
    "a shapefile that is none": ("net.shp", "hello", "EPSG:4543", []),
    "another driver": ("net.geojson", "<OGRVRTDataSource/>", "EPSG:4543", []),
    "all of it elsewhere": (
        "net.geojson",
        plan(feature("LineString", [[N, E], [N + 9, E]])),
        "EPSG:4543",
        [],
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_bad_network_is_refused_whole(name: str, predig: Predig, write: Write) -> None:
    file_name, content, crs, words = NETWORKS[name]
    asked = ("--crs", crs) if crs else ()
    said = predig("network", "import", write(file_name, content), "--utility", "U", *asked)
    assert said.code == 2, said
    assert said.out == "" and said.codes
    for word in words:
        assert word in said.err
    status = predig("status").lines[0]
    assert status["revision"] == 0 and status["assets"] == 0


def test_duplicate_ids_are_rejected_row_by_row_and_leave_unreadable_ground(
    predig: Predig, write: Write
) -> None:
    file = write(
        "net.geojson",
        plan(
            feature("LineString", LINE, GUID="a", diameter_mm=0),
            feature("LineString", [[E, N + 100], [E + 50, N + 100]], GUID="a"),
        ),
    )
    said = predig("network", "import", file, "--utility", "U", "--crs", "EPSG:4543", "--id-field", "GUID")
    assert said.code == 0
    report = said.lines[0]
    assert (report["received"], report["accepted"], report["rejected"]) == (2, 1, 1)
    assert any("diameter" in code for code in report["warnings"])
    site = write("plan.geojson", plan(feature("Polygon", ring(E, N + 98, 5, 4))))
    screening = predig("screen", site, "--crs", "EPSG:4543", "--act", "excavate").lines[0]
    assert "unreadable" in {unknown["code"] for unknown in screening["unknowns"]}


@pytest.mark.parametrize(
    "words",
    [
        ("screen", "/nonexistent/plan.geojson", "--crs", "EPSG:4543", "--act", "excavate"),
        ("network", "import", "/nonexistent/net.gpkg", "--utility", "U", "--crs", "EPSG:4543"),
        ("network", "import", "/vsicurl/http://localhost/x.gpkg", "--utility", "U", "--crs", "EPSG:4543"),
        ("network", "rollback", "77"),
        ("show", "nobody"),
        ("replay", "nobody"),
        ("coverage", "set", "/nonexistent.geojson", "--utility", "U", "--crs", "EPSG:4490"),
        ("file", "x.geojson"),
        ("dance",),
    ],
)
def test_wrong_words_and_missing_files(predig: Predig, words: tuple[str, ...]) -> None:
    said = predig(*words)
    assert said.code == 2 and said.codes and said.out == ""


def test_a_database_that_is_gone(predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDIG_DATABASE_URL", "postgresql+psycopg2://predig_app@/predig?host=/nonexistent")
    said = predig("status")
    assert said.code == 1 and said.codes == ["database_gone"]

"""Forms with files at the doors of enquiries and permits: what came in is judged, and kept byte for byte."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas
import httpx
import pytest
from shapely.geometry import shape

from tests.api.conftest import feature, ring
from tests.api.http.conftest import AT_THE_MAIN, IN_THE_FIELD, Town, codes, enquiry, filing
from tests.api.town import E, N

TABLE = f"X,Y\n{N + 3},{E + 100}\n{N + 3},{E + 110}\n{N + 8},{E + 110}\n{N + 8},{E + 100}\n".encode()
AREA = {"crs": "EPSG:4543", "points_are": "area"}
ANOTHER = feature("Polygon", ring(E + 300, N + 3, 10, 5))


def asked(body: dict[str, Any], *without: str) -> dict[str, Any]:
    """A body that says nothing of the ground: the file does."""
    return {name: value for name, value in body.items() if name not in ("crs", "plan", *without)}


def send(
    ask: httpx.Client,
    place: str,
    request: Any,
    *files: tuple[str, bytes],
    method: str = "POST",
    key: str | None = None,
    **said: str,
) -> httpx.Response:
    """A form as a browser makes it."""
    parts: list[Any] = [("file", (name, data, "application/x-dig")) for name, data in files]
    if request is not None:
        text = request if isinstance(request, str) else json.dumps(request, ensure_ascii=False)
        parts.append(("request", (None, text, "application/json")))
    parts += [(name, (None, value)) for name, value in said.items()]
    return ask.request(method, place, files=parts, headers={"Idempotency-Key": key} if key else {})


def plan_file(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def said_of(answer: httpx.Response) -> list[tuple[str, str, list[str]]]:
    """What was judged: each site's outcome, grade and pipes."""
    return [
        (one["outcome"], one["grade"], [row["source_id"] for row in one["conflicts"]])
        for one in answer.json()["screenings"]
    ]


def test_an_enquiry_by_file_is_judged_as_its_twin(ask: httpx.Client) -> None:
    by_json = ask.post("/v1/enquiries", json=enquiry())
    answer = send(ask, "/v1/enquiries", asked(enquiry()), ("拐点.csv", TABLE), **AREA)
    assert answer.status_code == 200, answer.text
    assert said_of(answer) == said_of(by_json) != []
    geojson = send(
        ask, "/v1/enquiries", {**asked(enquiry()), "crs": "EPSG:4543"}, ("a.json", plan_file(AT_THE_MAIN))
    )
    assert said_of(geojson) == said_of(by_json)


def test_a_permit_keeps_what_came_in_byte_for_byte(ask: httpx.Client) -> None:
    name = '拐点 "1"; x=.csv'
    answer = send(ask, "/v1/permits", asked(filing()), (name, TABLE), key="kept", **AREA)
    assert answer.status_code == 201, answer.text
    permit = answer.json()
    (file,) = permit["files"]
    assert file == {
        "name": name,
        "content_type": "application/x-dig",
        "bytes": len(TABLE),
        "sha256": hashlib.sha256(TABLE).hexdigest(),
        "amendment": 0,
        "read_as": {"judged": "file", "crs": "EPSG:4543", "layer": None, "units": None, "points_are": "area"},
        "link": f"/v1/permits/{permit['id']}/files/0",
    }
    assert permit["status"] == "conflict"
    given = ask.get(file["link"])
    assert (given.status_code, given.content) == (200, TABLE)
    assert given.headers["content-type"] == "application/octet-stream"
    told = given.headers["content-disposition"]
    assert told == f"attachment; filename=\"____1___x_.csv\"; filename*=UTF-8''{quote(name, safe='')}"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"].startswith("default-src 'none'")
    assert ask.get(permit["links"]["self"]).json()["files"] == [file]
    for other in ("1", "-1", "x", "9" * 12):
        missing = ask.get(f"/v1/permits/{permit['id']}/files/{other}")
        assert (missing.status_code, codes(missing)) == (404, {"": "file_unknown"})
    assert set(codes(ask.get("/v1/permits/nobody/files/0")).values()) == {"permit_unknown"}


def test_a_plan_beside_the_file_is_judged_and_the_file_only_kept(ask: httpx.Client) -> None:
    """Whoever corrected what was understood sends both; what the file really is nobody looks at then."""
    answer = send(ask, "/v1/permits", filing(IN_THE_FIELD), ("a.dwg", b"AC1015\0\xff"))
    assert answer.status_code == 201, answer.text
    (file,) = answer.json()["files"]
    assert file["read_as"]["judged"] == "plan"
    assert ask.get(file["link"]).content == b"AC1015\0\xff"
    assert [one["outcome"] for one in answer.json()["screenings"]] != ["conflict"]


def test_an_amendment_by_file_adds_to_the_files(ask: httpx.Client) -> None:
    permit = send(ask, "/v1/permits", asked(filing()), ("a.csv", TABLE), **AREA).json()
    moved = plan_file(IN_THE_FIELD)
    for _ in range(2):  # the second time it is only told again
        answer = send(
            ask, permit["links"]["self"], {"acts": ["excavate"]}, ("b.geojson", moved),
            method="PATCH", key="moved", crs="EPSG:4543",
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    files = answer.json()["files"]
    assert [(file["name"], file["amendment"]) for file in files] == [("a.csv", 0), ("b.geojson", 1)]
    assert [ask.get(file["link"]).content for file in files] == [TABLE, moved]
    assert ask.patch(permit["links"]["self"], json={"title": "又一次"}).json()["files"] == files


def shapefile(folder: Path, *features: Any) -> dict[str, bytes]:
    frame = geopandas.GeoDataFrame(
        {"name": ["沟"] * len(features)},
        geometry=[shape(one["geometry"]) for one in features],
        crs="EPSG:4543",
    )
    frame.to_file(folder / "plan.shp", driver="ESRI Shapefile", encoding="utf-8")
    return {part.name: part.read_bytes() for part in sorted(folder.iterdir())}


def test_the_parts_of_a_shapefile_are_one_plan(ask: httpx.Client, tmp_path: Path) -> None:
    parts = shapefile(tmp_path, AT_THE_MAIN)
    named = [(name.replace("plan", "沟 #1"), data) for name, data in parts.items()] + [
        ("沟 #1.shp.xml", b"<x/>")
    ]
    answer = send(ask, "/v1/permits", asked(filing()), *named, crs="EPSG:4543")
    assert answer.status_code == 201, answer.text
    assert {file["name"]: ask.get(file["link"]).content for file in answer.json()["files"]} == dict(named)
    assert answer.json()["status"] == "conflict"
    understood = send(ask, "/v1/plans", None, *named, crs="EPSG:4543")
    assert understood.status_code == 200, understood.text
    assert understood.json()["file"]["name"] == "沟 #1.shp"
    for wrong in ([*named, ("other.dbf", b"x")], [("a.kml", b"x"), ("a.dxf", b"y")]):
        assert codes(send(ask, "/v1/plans", None, *wrong)) == {"form:file": "files_several"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    zipped = send(ask, "/v1/enquiries", asked(enquiry()), ("a.zip", packed.getvalue()), crs="EPSG:4543")
    assert said_of(zipped) == said_of(answer)


def test_each_feature_becomes_a_permit_of_its_own(ask: httpx.Client, town: Town) -> None:
    named = {**ANOTHER, "properties": {"name": "二号坑"}}
    trench = feature(
        "LineString",
        [[E + 500, N + 400], [E + 520, N + 400]],
        half_width_m=0.5, spoil={"side": "left", "width_m": 2, "offset_m": 1},
    )  # fmt: skip
    plan = plan_file(AT_THE_MAIN, named, trench)
    before = len(town.predig("show").lines)
    answers = [
        send(
            ask, "/v1/permits", asked(filing()), ("a.json", plan), key="each", permits="each", crs="EPSG:4543"
        )
        for _ in range(2)
    ]
    assert answers[0].status_code == 201, answers[0].text
    assert answers[1].content == answers[0].content
    permits = answers[0].json()["permits"]
    assert [(one["title"], one["sites"], one["status"] == "conflict") for one in permits] == [
        ("给水管 · 1", 1, True),
        ("给水管 · 二号坑", 1, True),
        ("给水管 · 3", 2, False),
    ]
    assert all(ask.get(one["files"][0]["link"]).content == plan for one in permits)
    assert len(town.predig("show").lines) == before + 3
    one = send(ask, "/v1/permits", asked(filing()), ("a.json", plan), key="each", crs="EPSG:4543")
    assert codes(one) == {"": "idempotency_key_reused"}
    many = plan_file(*[IN_THE_FIELD] * 51)
    refused = send(ask, "/v1/permits", asked(filing()), ("a.json", many), permits="each", crs="EPSG:4543")
    assert codes(refused) == {"/plan": "plan_too_many_permits"}


def test_all_that_is_wrong_is_told_at_once(ask: httpx.Client) -> None:
    body = {**asked(filing(), "title"), "depth_m": -1}
    answer = send(ask, "/v1/permits", body, ("a.kml", b"<x/>"), crs="EPSG:4543")
    assert (answer.status_code, codes(answer)) == (
        422,
        {"/title": "field_missing", "/depth_m": "number_out_of_range", "form:file": "kml_expected"},
    )
    nowhere = send(ask, "/v1/permits", asked(filing()), ("a.csv", TABLE), points_are="area")
    assert codes(nowhere) == {"/crs": "crs_missing"}
    unknown = send(
        ask, "/v1/permits", asked(filing(), "title"), ("a.csv", TABLE), crs="grid:nowhere", points_are="area"
    )
    assert set(codes(unknown)) == {"/title", "/crs"}
    off = feature("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]])
    crossed = send(
        ask, "/v1/enquiries", asked(enquiry()), ("a.json", plan_file(AT_THE_MAIN, off)), crs="EPSG:4543"
    )
    assert set(codes(crossed)) == {"/plan/features/1/geometry/coordinates"}
    nothing = send(ask, "/v1/enquiries", {**asked(enquiry()), "crs": None}, ("a.csv", TABLE), **AREA)
    assert nothing.status_code == 200, nothing.text
    neither = send(ask, "/v1/permits", asked(filing()), crs="EPSG:4543")
    assert codes(neither) == {"/plan": "field_missing"}


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"colour": "red"}, {"form:colour": "part_unknown"}),
        ({"units": "ft", "crs": " "}, {"form:units": "word_unknown", "form:crs": "field_blank"}),
        ({"crs": "EPSG:4490"}, {"form:crs": "crs_twice"}),
        ({"layer": "x" * 3000}, {"form:layer": "field_too_long"}),
        ({"layer": "a\0b"}, {"form:layer": "parameter_not_text"}),
        ({"permits": "each"}, {"form:permits": "part_unknown"}),
    ],
)
def test_what_is_said_of_a_file_is_checked(
    ask: httpx.Client, said: dict[str, str], faults: dict[str, str]
) -> None:
    body = {**asked(enquiry()), "crs": "EPSG:4543"}
    answer = send(ask, "/v1/enquiries", body, ("a.csv", TABLE), **said)
    assert (answer.status_code, codes(answer)) == (422, faults)


EDGE = b"--edge\r\n"
DIG = b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
REQUEST = b'Content-Disposition: form-data; name="request"\r\n\r\n{}\r\n'
SMALL = EDGE + b'Content-Disposition: form-data; name="crs"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "form_unreadable"),
        (b"hello", 400, "form_unreadable"),
        (EDGE + REQUEST, 400, "form_unreadable"),  # no end
        (EDGE + REQUEST + EDGE + DIG + b"x", 400, "form_unreadable"),
        (b"x" * 9_000_000 + EDGE + REQUEST + b"--edge--", 400, "form_unreadable"),  # a preamble
        (EDGE + b"A: " + b"b" * 5000 + b"\r\n\r\nx\r\n--edge--", 400, "form_unreadable"),
        (EDGE + b"A: b\r\n" * 20 + b"\r\nx\r\n--edge--", 400, "form_unreadable"),
        (SMALL * 100_000 + b"--edge--", 413, "form_too_many_parts"),
        (EDGE + REQUEST + EDGE + DIG + b"x" * 10_500_000 + b"\r\n--edge--", 413, "body_too_large"),
        (EDGE + REQUEST.replace(b"{}", b" " * 2_500_000) + b"--edge--", 413, "body_too_large"),
        (EDGE + b"\r\nx\r\n--edge--", 400, "form_unreadable"),  # a part without a name
        (SMALL + b"--edge--", 422, "request_missing"),
        (SMALL + SMALL + EDGE + REQUEST + b"--edge--", 422, "part_twice"),
        (EDGE + REQUEST + (EDGE + DIG + b"x\r\n") * 2 + b"--edge--", 422, "file_twice"),
        (EDGE + REQUEST + EDGE + DIG.replace(b"a.csv", b"\xff.csv") + b"x\r\n--edge--", 422, "file_name_missing"),
        (EDGE + REQUEST + EDGE + DIG.replace(b"a.csv", b"..") + b"x\r\n--edge--", 422, "file_name_missing"),
        (EDGE + REQUEST + EDGE + DIG.replace(b"a.csv", b"") + b"x\r\n--edge--", 422, "file_name_missing"),
        (EDGE + REQUEST.replace(b"{}", b"[") + b"--edge--", 400, "json_unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_before_it_costs_anything(
    ask: httpx.Client, body: bytes, status: int, code: str
) -> None:
    answer = ask.post(
        "/v1/enquiries", content=body, headers={"Content-Type": "multipart/form-data; boundary=edge"}
    )
    assert (answer.status_code, code in codes(answer).values()) == (status, True), answer.text
    assert ask.get("/livez").status_code == 200


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300])
def test_a_form_without_a_usable_boundary_is_none(ask: httpx.Client, kind: str) -> None:
    answer = ask.post("/v1/permits", content=b"--x--", headers={"Content-Type": kind})
    assert (answer.status_code, codes(answer)) == (400, {"": "form_unreadable"})


def test_a_name_with_a_folder_in_it_is_only_a_name(ask: httpx.Client) -> None:
    for name in ("..\\..\\plans\\a.csv", "/etc/a.csv"):
        answer = send(ask, "/v1/permits", filing(), (name, b"x"))
        assert [file["name"] for file in answer.json()["files"]] == ["a.csv"]


def test_an_empty_field_of_a_page_is_no_file(ask: httpx.Client) -> None:
    answer = send(ask, "/v1/permits", filing(), ("", b""))
    assert (answer.status_code, answer.json()["files"]) == (201, [])


def test_the_boundary_is_not_what_a_key_stands_for(ask: httpx.Client) -> None:
    first, again = (
        send(ask, "/v1/permits", asked(filing()), ("a.csv", TABLE), key="same", **AREA) for _ in range(2)
    )
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (first.status_code, again.content) == (201, first.content)
    other = send(ask, "/v1/permits", asked(filing()), ("a.csv", TABLE + b"\n"), key="same", **AREA)
    assert codes(other) == {"": "idempotency_key_reused"}


def test_a_page_of_another_site_can_send_no_form(ask: httpx.Client) -> None:
    """A browser sends a form to any server without asking it first."""
    for method, place in (
        ("POST", "/v1/plans"),
        ("POST", "/v1/enquiries"),
        ("POST", "/v1/permits"),
        ("PATCH", "/v1/permits/x"),
    ):
        parts = [("request", (None, json.dumps(filing())))]
        for origin in ("https://evil.example", "null", "http://[", "http://"):
            answer = ask.request(method, place, files=parts, headers={"Origin": origin})
            assert (answer.status_code, codes(answer)) == (403, {"": "origin_foreign"})
    own = {"Origin": str(ask.base_url).rstrip("/")}
    assert (
        ask.post("/v1/permits", files=[("request", (None, json.dumps(filing())))], headers=own).status_code
        == 201
    )

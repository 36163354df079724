"""What cannot be taken is told whole, in place, in two languages, with the right status; and nothing else gets in."""

import json
import socket
import time
from typing import Any

import httpx
import pytest

from tests.api.conftest import feature
from tests.api.http.conftest import AT_THE_MAIN, Town, codes, enquiry, filing
from tests.api.town import E, N

JSON = {"Content-Type": "application/json"}


def test_all_faults_are_told_at_once_each_in_its_place(ask: httpx.Client) -> None:
    bow_tie = feature("Polygon", [[[E, N], [E + 9, N + 9], [E + 9, N], [E, N + 9], [E, N]]], depth_m=-1)
    body = filing(
        AT_THE_MAIN,
        bow_tie,
        title=" ",
        starts_on="2026-13-01",
        ends_on="2020-01-01",
        contractor={"phone": "1"},
        acts=["excavate", "dance"],
        method=7,
        depth_m=-2,
        colour="red",
        permit_numbers=["x" * 101],
    )
    answer = ask.post("/v1/permits", json=body)
    assert answer.status_code == 422
    found = codes(answer)
    assert found["/plan/features/1/properties/depth_m"] == "metres_expected"
    assert any(pointer.startswith("/plan/features/1/geometry") for pointer in found)
    assert {pointer: code for pointer, code in found.items() if not pointer.startswith("/plan")} == {
        "/title": "field_blank",
        "/starts_on": "day_unreadable",
        "/ends_on": "dates_past",
        "/contractor/name": "field_missing",
        "/acts/1": "word_unknown",
        "/method": "field_type",
        "/depth_m": "number_out_of_range",
        "/colour": "field_unknown",
        "/permit_numbers/0": "field_too_long",
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"crs": "EPSG:99999"}, {"/crs": "crs_unknown"}),
        ({"plan": {"type": "Circle"}}, {"/plan": "geojson_expected"}),
        ({"plan": {"type": "FeatureCollection", "features": []}}, {"/plan": "plan_empty"}),
        ({"plan": []}, {"/plan": "field_type"}),
        ({"acts": []}, {"/plan/features/0": "act_missing"}),
        ({"kind": "party"}, {"/kind": "word_unknown"}),
        ({"depth_m": "2"}, {"/depth_m": "field_type"}),
        ({"depth_m": True}, {"/depth_m": "field_type"}),
    ],
)
def test_one_fault_has_its_place(ask: httpx.Client, change: dict[str, Any], expected: dict[str, str]) -> None:
    answer = ask.post("/v1/enquiries", json=enquiry(**change))
    assert (answer.status_code, codes(answer)) == (422, expected)


def test_fields_that_only_a_new_plan_can_change(ask: httpx.Client) -> None:
    here = ask.post("/v1/permits", json=filing()).json()["links"]["self"]
    assert codes(ask.patch(here, json={"acts": ["excavate"], "crs": "EPSG:4490"})) == {
        "/plan": "field_missing"
    }
    assert codes(ask.patch(here, json={})) == {"": "amendment_empty"}
    assert codes(ask.patch(here, json={"contractor": None})) == {"/contractor": "field_type"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "body_missing"),
        (b"  ", "body_missing"),
        (b"{", "json_unreadable"),
        (b"\xff\xfe", "json_not_utf8"),
        (b'{"depth_m": NaN}', "json_not_finite"),
        (b'{"depth_m": -Infinity}', "json_not_finite"),
        (b'{"depth_m": 1e999}', "json_not_finite"),
        (b'{"depth_m": ' + b"9" * 5000 + b"}", "json_not_finite"),
        (b'{"crs": "a", "crs": "b"}', "json_name_twice"),
        (b'{"crs": "\\ud800"}', "json_not_text"),
        (b'{"crs": "\\u0000"}', "json_not_text"),
        (b"[" * 65 + b"]" * 65, "json_too_deep"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "json_too_deep"),
    ],
)
def test_text_that_is_no_sound_json(ask: httpx.Client, text: bytes, code: str) -> None:
    answer = ask.post("/v1/enquiries", content=text, headers=JSON)
    assert (answer.status_code, codes(answer)) == (400, {"": code})


def test_json_that_only_looks_odd_is_read(ask: httpx.Client) -> None:
    """A pair of surrogates is one character; brackets in a text nest nothing; \\\\u0000 is seven letters."""
    body = json.dumps(filing(title="\U0001f6a7 " + "[" * 100 + " \\u0000"))
    answer = ask.post("/v1/permits", content=body, headers=JSON)
    assert answer.status_code == 201, answer.text
    assert answer.json()["title"] == "\U0001f6a7 " + "[" * 100 + " \\u0000"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gb2312"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/merge-patch+json"},
    ],
)
def test_only_json_comes_in(ask: httpx.Client, headers: dict[str, str]) -> None:
    answer = ask.post("/v1/permits", content=json.dumps(filing()), headers=headers)
    assert (answer.status_code, codes(answer)) == (415, {"": "content_type"})


def test_a_merge_patch_may_call_itself_one(ask: httpx.Client) -> None:
    here = ask.post("/v1/permits", json=filing()).json()["links"]["self"]
    answer = ask.patch(
        here,
        content=b'{"title": "x"}',
        headers={"Content-Type": "application/merge-patch+json; charset=UTF-8"},
    )
    assert answer.json()["title"] == "x"


@pytest.mark.parametrize("place", ["/livez", "/v1/permits?limit=1", "/v1/permits/nobody", "/alerts"])
def test_head_is_the_head_of_get(ask: httpx.Client, place: str) -> None:
    head, whole = ask.head(place), ask.get(place)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert ask.head("/v1/enquiries").status_code == 405


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("utility=xngas", 422, {"?utility": "utility_unknown"}),
        ("permit=nobody", 404, {"": "permit_unknown"}),
        ("utility=%00", 422, {"?utility": "parameter_not_text"}),
    ],
)
def test_a_misspelt_name_is_not_told_that_there_are_no_alerts(
    ask: httpx.Client, query: str, status: int, expected: dict[str, str]
) -> None:
    answer = ask.get(f"/v1/alerts?{query}")
    assert (answer.status_code, codes(answer)) == (status, expected)


def test_a_body_cut_off_is_not_counted_as_our_fault(ask: httpx.Client, town: Town) -> None:
    before = _internal_errors(ask)
    with socket.create_connection((ask.base_url.host, ask.base_url.port or 80), timeout=10) as line:
        line.sendall(
            b"POST /v1/enquiries HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        time.sleep(0.3)
    time.sleep(0.5)
    assert _internal_errors(ask) == before


def _internal_errors(ask: httpx.Client) -> list[str]:
    return [row for row in ask.get("/metrics").text.splitlines() if 'status="500"' in row]


@pytest.mark.parametrize("crs", ["", " ", None])
def test_a_crs_nobody_gave_is_told_once_with_what_the_numbers_look_like(
    ask: httpx.Client, crs: str | None
) -> None:
    body = enquiry() | ({} if crs is None else {"crs": crs})
    if crs is None:
        del body["crs"]
    answer = ask.post("/v1/enquiries", json=body)
    assert codes(answer) == {"/crs": "crs_missing"}
    (fault,) = answer.json()["faults"]
    assert "EPSG:4543" in fault["en"] and "EPSG:4543" in fault["zh"]


def test_addresses_and_methods_that_are_none(ask: httpx.Client) -> None:
    assert codes(ask.get("/v1/nothing")) == {"": "path_unknown"}
    assert codes(ask.get("/v1/permits/")) == {"": "path_unknown"}
    answer = ask.delete("/v1/permits")
    assert (answer.status_code, codes(answer)) == (405, {"": "method_not_allowed"})
    assert answer.headers["allow"] == "GET, POST, HEAD"
    assert ask.put("/v1/permits/x").headers["allow"] == "GET, PATCH, HEAD"
    assert ask.get("/v1/enquiries").headers["allow"] == "POST"
    for gone in ("nobody", "00000000-0000-0000-0000-000000000000", "%00", "%ED%A0%80", "a" * 5000):
        for place in ("", "/screenings", "/map"):
            answer = ask.get(f"/v1/permits/{gone}{place}")
            assert (answer.status_code, codes(answer)) == (404, {"": "permit_unknown"}), gone
        assert codes(ask.patch(f"/v1/permits/{gone}", json={"title": "x"})) == {"": "permit_unknown"}
        assert codes(ask.get(f"/v1/screenings/{gone}")) == {"": "screening_unknown"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", {"?limit": "number_out_of_range"}),
        ("limit=501", {"?limit": "number_out_of_range"}),
        ("limit=ten", {"?limit": "field_type"}),
        ("limit=1&limit=2", {"?limit": "parameter_twice"}),
        ("state=shut&utilty=X", {"?state": "word_unknown", "?utilty": "parameter_unknown"}),
        ("after=-1", {"?after": "number_out_of_range"}),
        ("after=99999999999999999999", {"?after": "field_type"}),
        ("grade=V", {"?grade": "word_unknown"}),
    ],
)
def test_parameters_are_checked(ask: httpx.Client, query: str, expected: dict[str, str]) -> None:
    """A misspelt filter must not show everything."""
    answer = ask.get(f"/v1/alerts?{query}")
    assert (answer.status_code, codes(answer)) == (422, expected)


def test_a_name_of_another_house_is_refused(ask: httpx.Client, town: Town) -> None:
    """DNS rebinding: a foreign page must not reach this server under its own name."""
    port = town.server.address.rpartition(":")[2]
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "",
        "[",
    ):
        answer = ask.get("/livez", headers={"Host": host})
        assert (answer.status_code, codes(answer)) == (400, {"": "host_not_local"}), host
    for host in ("localhost", f"LOCALHOST:{port}", "127.0.0.1", "[::1]:80"):
        assert ask.get("/livez", headers={"Host": host}).status_code == 200, host


def test_every_answer_keeps_the_browser_on_a_short_leash(ask: httpx.Client) -> None:
    for answer in (ask.get("/livez"), ask.get("/v1/permits"), ask.get("/v1/none"), ask.post("/v1/permits")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
    assert ask.get("/docs").status_code == 404


# -- limits of a body


def test_a_body_too_large_is_refused_however_it_comes(ask: httpx.Client) -> None:
    large = json.dumps(enquiry(title="x" * 2_100_000)).encode()
    for content in (large, (large[at : at + 65_536] for at in range(0, len(large), 65_536))):
        answer = ask.post("/v1/enquiries", content=content, headers=JSON)
        assert (answer.status_code, codes(answer)) == (413, {"": "body_too_large"})
    assert ask.get("/livez").status_code == 200


def test_a_body_that_stays_away_is_not_waited_for(town: Town) -> None:
    host, _, port = town.server.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"POST /v1/enquiries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"crs":'
        )
        began = time.monotonic()
        said = connection.recv(65_536)
        assert 13 < time.monotonic() - began < 20
        while more := connection.recv(65_536):  # the head and the rest may come apart
            said += more
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b'"body_too_slow"' in said
    assert b"connection: close" in said.lower()


def test_figures_tell_what_was_asked(ask: httpx.Client) -> None:
    ask.post("/v1/enquiries", json=enquiry())
    text = ask.get("/metrics").text
    line = 'predig_http_requests_total{method="POST",route="/v1/enquiries",status="200"}'
    assert line in text
    assert "predig_database_up 1.0" in text
    assert 'predig_screenings_total{outcome="conflict"}' in text
    assert "nothing" not in text  # no path that somebody made up

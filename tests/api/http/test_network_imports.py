"""A network's files over HTTP: taken in at once, imported beside everything else, published whole or refused with reasons."""

import io
import json
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from sql.postgis import PostgisVault
from tests.api.conftest import collection, feature
from tests.api.http.conftest import IN_THE_FIELD, Town, codes, filing
from tests.api.http.test_contract import faults
from tests.api.town import CRS, FIELD_MAIN, E, N
from tests.support.served import served, until

HERE = "/v1/networks/imports"
WORDS = {"utility": "GAS", "dataset": "field", "crs": "EPSG:4543", "id_field": "id"}
FIELD = json.dumps(collection(FIELD_MAIN)).encode()
VRT = b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


def sent(
    ask: httpx.Client, data: bytes, name: str = "field.geojson", key: str | None = None, **words: Any
) -> httpx.Response:
    said = {name: value for name, value in {**WORDS, **words}.items() if value is not None}
    headers = {"Idempotency-Key": key} if key else {}
    return ask.post(HERE, data=said, files={"file": (name, data)}, headers=headers)


def ended(ask: httpx.Client, received: httpx.Response, wait_s: float = 60.0) -> dict[str, Any]:
    assert received.status_code == 202, received.text
    here = received.json()["links"]["self"]
    found: dict[str, Any] = until(
        lambda: answer if (answer := ask.get(here).json())["ended_at"] else None, wait_s
    )
    return found


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", bytes(30_000_000))
    return packed.getvalue()


def test_an_upload_becomes_a_revision_and_open_permits_are_judged_again(
    ask: httpx.Client, town: Town
) -> None:
    described = ask.get("/openapi.json").json()
    permit = ask.post("/v1/permits", json=filing(IN_THE_FIELD)).json()
    assert permit["status"] == "clear"
    received = sent(ask, FIELD, key="k-1")
    assert faults(received.json(), "NetworkReceived", described) == []
    # The same form with another boundary is the same request; other files under its key are another.
    again = sent(ask, FIELD, key="k-1")
    assert (again.status_code, again.content) == (202, received.content)
    assert codes(sent(ask, FIELD + b" ", key="k-1")) == {"": "idempotency_key_reused"}

    found = ended(ask, received)
    assert (found["state"], found["dataset"], found["faults"]) == ("published", "field", [])
    assert (found["counts"]["accepted"], found["counts"]["added"], found["changes"]["length_after_m"]) == (
        1,
        1,
        400.0,
    )
    assert faults(found, "NetworkImport", described) == []
    until(lambda: ask.get(permit["links"]["self"]).json()["status"] == "conflict")
    for place in (found["links"]["report"], found["links"]["register"]):
        assert ask.get(place).status_code == 200
    listed = ask.get(HERE, params={"utility": "GAS", "state": "published"}).json()
    assert faults(listed, "NetworkImports", described) == []
    assert [one["id"] for one in listed["imports"]] == [found["id"]]

    # As the command would have it: it finds nothing to change.
    file = town.write("field.geojson", FIELD.decode())
    said = town.predig(
        "network", "import", file, "--utility", "GAS", "--dataset", "field", *CRS, "--id-field", "id"
    )
    assert (said.code, said.lines[-1]["revision"], said.lines[-1]["unchanged"]) == (0, None, 1)


def test_hostile_and_mistaken_files_are_refused_and_the_register_stays(ask: httpx.Client, town: Town) -> None:
    before = town.predig("network", "list").lines
    pids = town.server.at_work()
    asked = [
        (sent(ask, VRT), "file_not_what_it_says"),
        (sent(ask, zip_bomb(), "bomb.zip"), "zip_too_large"),
        (sent(ask, FIELD, crs=None), "crs_missing"),
    ]
    for received, code in asked:
        found = ended(ask, received)
        assert (found["state"], found["revision"], found["links"]["report"]) == ("refused", None, None)
        assert [fault["code"] for fault in found["faults"]] == [code]
    assert town.predig("network", "list").lines == before
    assert town.server.at_work() == pids


def test_cells_and_names_of_half_letters_harm_nobody_who_asks(ask: httpx.Client) -> None:
    half = {"type": "LineString", "coordinates": [[E, N + 2_000], [E + 40, N + 2_000]]}
    odd = {"type": "Feature", "id": "\ud800", "geometry": half,
           "properties": {"id": "P-\ud800", "material": "\udfff", "status": "a\x00b", "c\ud800": 10**4_000}}  # fmt: skip
    data = json.dumps({"type": "FeatureCollection", "features": [odd]}).encode()
    taken = ended(ask, sent(ask, data, dataset="odd", id_field=None))
    assert (taken["state"], taken["counts"]["accepted"]) == ("published", 1)
    refused = ended(ask, sent(ask, data, dataset="odd", id_field="no such column"))
    assert [fault["code"] for fault in refused["faults"]] == ["column_missing"]
    for place in (HERE, taken["links"]["report"], taken["links"]["register"]):
        assert ask.get(place).status_code == 200


@pytest.mark.parametrize(
    ("words", "files", "status", "told"),
    [
        ({}, {}, 422, {"/utility": "field_missing", "/file": "file_missing"}),
        (
            {"utility": "GAS", "colour": "red", "confirm_loss": "-1", "dry_run": "perhaps"},
            {"file": ("a.exe", b"x")},
            422,
            {
                "/colour": "parameter_unknown",
                "/confirm_loss": "number_out_of_range",
                "/dry_run": "field_type",
                "/file": "file_kind_unknown",
            },
        ),
        ({"utility": "GAS", "coverage": "area.geojson"}, {"file": ("a.zip", b"x")}, 422, {"/coverage": "coverage_not_hull"}),
        ({"utility": "GAS", "coverage": "hull:-5"}, {"file": ("a.zip", b"x")}, 422, {"": "hull_unreadable"}),
        ({"utility": " GAS "}, {"file": ("a.zip", b"x")}, 422, {"": "utility_code_unreadable"}),
        ({"utility": "GAS"}, {"crs": ("a.zip", b"x")}, 422, {"/crs": "form_name"}),
        ({"utility": "GAS"}, {"file": ("a.zip", bytes(2_100_000))}, 413, {"": "body_too_large"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_form_is_told_at_once(
    ask: httpx.Client, words: dict[str, str], files: dict[str, Any], status: int, told: dict[str, str]
) -> None:
    before = len(ask.get(HERE).json()["imports"])
    answer = ask.post(HERE, data=words, files=files or {"none": (None, "")})
    found = codes(answer)
    found.pop("/none", None)
    assert (answer.status_code, found) == (status, told)
    assert len(ask.get(HERE).json()["imports"]) == before


def test_no_page_of_another_site_can_send_one_and_nothing_but_a_form_is_taken(ask: httpx.Client) -> None:
    foreign = ask.post(
        HERE, data=WORDS, files={"file": ("a.zip", b"x")}, headers={"Origin": "https://example.org"}
    )
    assert (foreign.status_code, codes(foreign)) == (403, {"": "origin_foreign"})
    assert codes(ask.post(HERE, json={})) == {"": "content_type"}
    for place in (f"{HERE}/nothing", f"{HERE}/00000000-0000-4000-8000-000000000000"):
        answer = ask.get(place)
        assert (answer.status_code, codes(answer)) == (404, {"": "upload_unknown"})


def many(count: int) -> bytes:
    pipes = [
        feature(
            "LineString", [[E, N + 1000 + row], [E + 40, N + 1000 + row]], id=f"P-{row}", pressure_class="LP"
        )
        for row in range(count)
    ]
    return json.dumps(collection(*pipes)).encode()


def test_after_kill_9_at_any_moment_an_upload_is_finished_once(database_url: str, tmp_path: Path) -> None:
    """The whole server first, as soon as the upload is acknowledged; then the import, in the midst of its work."""
    with served(home=tmp_path, database_url=database_url) as server, server.client() as ask:
        received = sent(ask, many(4_000), dataset="town")
        server.kill()
    with served(home=tmp_path, database_url=database_url) as server, server.client() as ask:
        here = received.json()["links"]["self"]
        until(lambda: ask.get(here).json()["state"] in ("importing", "published"), every_s=0.01)
        (worker,) = server.children("worker")
        for pid in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        found = ended(ask, received)
        assert (found["state"], found["counts"]["accepted"]) == ("published", 4_000)
        until(lambda: not any(place.is_dir() for place in (tmp_path / "uploads").iterdir()))
    vault = PostgisVault(database_url)
    assert [(row.kind, row.added) for row in vault.revisions()] == [("network", 4_000)]
    assert vault.status()["assets"] == 4_000
    vault.close()

"""What /openapi.json says is so: its examples are taken, its schemas hold, and generated requests stay within it."""

from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from api.http.docs import examples
from bench.contract import campaign, description, make_ids
from tests.api.http.conftest import Town, enquiry, filing

CASES = 300


def faults(document: Any, name: str, described: dict[str, Any]) -> list[str]:
    """What departs from a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    checker = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    return [f"{error.json_path}: {error.message[:200]}" for error in checker.iter_errors(document)]


def test_generated_requests_stay_within_the_contract(town: Town) -> None:
    address = town.server.address
    found = campaign(address, description(address), make_ids(address), CASES)
    assert found.wrong == []
    assert (found.server_errors, found.undocumented) == (0, 0)
    assert found.cases >= CASES
    assert {200, 201, 404, 422} <= set(found.by_status)


def test_a_description_that_is_not_so_is_seen(town: Town) -> None:
    """Or nobody would know whether the campaign looks."""
    address = town.server.address
    described = description(address)
    paths = {name: described["paths"][name] for name in ("/livez", "/v1/permits/{permit_id}")}
    del paths["/v1/permits/{permit_id}"]["get"]["responses"]["404"]
    described["components"]["schemas"]["Alive"]["properties"]["alive"] = {"type": "string"}
    found = campaign(address, described | {"paths": paths}, {}, 12)
    assert found.undocumented > 0
    assert any("/livez 200" in one for one in found.wrong)


def test_every_example_is_taken(ask: httpx.Client) -> None:
    described = ask.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    shown = examples()
    for example in shown["EnquiryBody"].values():
        answer = ask.post("/v1/enquiries", json=example["value"])
        assert answer.status_code == 200, answer.text
        assert faults(answer.json(), "EnquiryAnswer", described) == []
    for example in shown["PermitBody"].values():
        answer = ask.post("/v1/permits", json=example["value"])
        assert answer.status_code == 201, answer.text
        here = answer.json()["links"]["self"]
        for change in shown["AmendmentBody"].values():
            assert ask.patch(here, json=change["value"]).status_code == 200
    permit = ask.post("/v1/permits", json=filing()).json()
    alert = ask.get("/v1/alerts", params={"permit": permit["id"]}).json()["alerts"][0]
    for example in shown["ResponseBody"].values():
        answer = ask.post(f"/v1/alerts/{alert['id']}/responses", json=example["value"])
        assert answer.status_code == 201, answer.text
        assert faults(answer.json(), "Alert", described) == []
    for name in ("Problem", "Alive", "Ready"):
        assert faults(shown[name], name, described) == []


def test_every_answer_is_as_described(ask: httpx.Client) -> None:
    described = ask.get("/openapi.json").json()
    permit = ask.post("/v1/permits", json=filing()).json()
    screening = permit["screenings"][0]["id"]
    for place, name in (
        ("/v1/permits", "Permits"),
        (permit["links"]["self"], "Permit"),
        (permit["links"]["screenings"], "Screenings"),
        (f"/v1/screenings/{screening}", "Screening"),
        (f"/v1/screenings/{screening}/advice", "Advice"),
        ("/v1/alerts", "Alerts"),
        ("/v1/summary", "Summary"),
        ("/v1/utilities/GAS/register", "Register"),
        ("/v1/utilities/nobody/register", "Problem"),
        ("/livez", "Alive"),
        ("/readyz", "Ready"),
        ("/v1/nothing", "Problem"),
    ):
        assert faults(ask.get(place).json(), name, described) == [], place
    assert faults(ask.post("/v1/enquiries", json=enquiry()).json(), "EnquiryAnswer", described) == []
    table = described["paths"]["/v1/plans"]["post"]["requestBody"]["content"]["application/octet-stream"]
    (example,) = table["examples"].values()
    answer = ask.post(
        "/v1/plans",
        content=example["value"],
        params={"name": "corners.csv", "points_are": "area"},
        headers={"Content-Type": "application/octet-stream"},
    )
    assert faults(answer.json(), "UnderstoodPlan", described) == []
    # The same file in a form, at every door that takes one.
    for method, place, name in (
        ("post", "/v1/plans", "UnderstoodPlan"),
        ("post", "/v1/enquiries", "EnquiryAnswer"),
        ("post", "/v1/permits", "PermitOrPermits"),
        ("patch", "/v1/permits/{permit_id}", "Permit"),
    ):
        content = described["paths"][place][method]["requestBody"]["content"]["multipart/form-data"]
        (said,) = content["examples"].values()
        form = {"file": ("corners.csv", example["value"])} | {
            part: (None, value) for part, value in said["value"].items()
        }
        answer = ask.request(method, place.format(permit_id=permit["id"]), files=form)
        assert answer.status_code in (200, 201), answer.text
        assert faults(answer.json(), name, described) == [], place


def test_every_route_is_described_whole(ask: httpx.Client) -> None:
    described = ask.get("/openapi.json").json()
    operations = [
        (f"{method} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    assert {name for name, _ in operations} == {
        "get /livez",
        "get /readyz",
        "get /metrics",
        "post /v1/plans",
        "post /v1/enquiries",
        "get /v1/screenings/{screening_id}",
        "get /v1/screenings/{screening_id}/advice",
        "get /v1/screenings/{screening_id}/map",
        "post /v1/permits",
        "get /v1/permits",
        "get /v1/permits/{permit_id}",
        "patch /v1/permits/{permit_id}",
        "get /v1/permits/{permit_id}/files/{number}",
        "get /v1/permits/{permit_id}/screenings",
        "get /v1/permits/{permit_id}/map",
        "get /v1/alerts",
        "post /v1/alerts/{alert_id}/responses",
        "get /v1/summary",
        "get /v1/utilities/{code}/register",
        "post /v1/networks/imports",
        "get /v1/networks/imports",
        "get /v1/networks/imports/{upload_id}",
    }
    for name, operation in operations:
        assert operation["summary"], name
        assert {"400", "422", "500", "503"} <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            assert answer["content"], (name, status)
        if "requestBody" in operation:
            assert {"408", "413", "415"} <= set(operation["responses"]), name
            assert all(kind["examples"] for kind in operation["requestBody"]["content"].values()), name
        if "{" in name:
            assert "404" in operation["responses"], name

"""Advice over HTTP: asked for by a judgement's id, told on the page of a permit and while drawing; never in a POST."""

from uuid import uuid4

import httpx

from tests.api.http.conftest import AT_THE_MAIN, Town, codes, enquiry, filing

HEADING = {"en": "<h4>What would help</h4>", "zh": "<h4>如何减轻</h4>"}


def test_advice_is_asked_for_and_a_filing_does_not_wait_for_it(ask: httpx.Client, town: Town) -> None:
    permit = ask.post("/v1/permits", json=filing()).json()
    (screening,) = permit["screenings"]
    assert "helps" not in screening
    answer = ask.get(f"/v1/screenings/{screening['id']}/advice")
    assert answer.status_code == 200
    assert answer.json()["proposals"]
    assert answer.json() == town.predig("advise", screening["id"]).lines[0]
    assert codes(ask.get(f"/v1/screenings/{uuid4()}/advice")) == {"": "screening_unknown"}
    assert ask.get(f"/v1/screenings/{screening['id']}/advice?more=1").status_code == 422


def test_the_pages_say_what_would_help(ask: httpx.Client) -> None:
    permit = ask.post("/v1/permits", json=filing()).json()
    for language, heading in HEADING.items():
        assert heading in ask.get(f"/permits/{permit['id']}", params={"lang": language}).text
    asked = ask.post("/v1/enquiries", json=enquiry(AT_THE_MAIN)).json()
    verdict = ask.get("/verdict", params={"lang": "en", "id": asked["screenings"][0]["id"]}).json()
    assert any(line.startswith("move the ") for line in verdict["sites"][0]["helps"])


def test_a_permit_that_does_not_stand_is_given_no_advice(ask: httpx.Client) -> None:
    permit = ask.post("/v1/permits", json=filing()).json()
    assert ask.patch(permit["links"]["self"], json={"cancelled": True}).status_code == 200
    assert HEADING["en"] not in ask.get(f"/permits/{permit['id']}", params={"lang": "en"}).text

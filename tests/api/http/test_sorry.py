"""A browser is told on a page what a program is told in a problem document: same status, same faults."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from api.http.breaker import GONE
from api.pages.sorry import POLICY
from sql.errors import VaultUnavailable
from sql.postgis import PostgisVault
from sql.vault import PermitRecord
from tests.api.http.test_inside import app_over, ask

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FRAMED = {**BROWSER, "Sec-Fetch-Dest": "iframe"}
JARGON = ("Idempotency-Key", "JSON", "{", "数据库已")


class Gone(PostgisVault):
    """A vault whose database went away after the server had started."""

    def permit(self, permit_id: str) -> PermitRecord:
        raise VaultUnavailable(GONE)


@pytest.fixture
def app(database_url: str) -> Iterator[FastAPI]:
    vault = Gone(database_url)
    yield app_over(vault)
    vault.close()


@pytest.mark.parametrize("path", ["/permits/x", "/v1/permits/x/map"])
def test_a_browser_reads_a_sentence_when_the_database_is_gone(app: FastAPI, path: str) -> None:
    zh, en = ask(app, ("GET", path, None, BROWSER), ("GET", f"{path}?lang=en", None, BROWSER))
    for answer, heading, sentence in (
        (zh, "系统暂时不能使用", "按有管道对待"),
        (en, "not available", "as if a gas pipe lay there"),
    ):
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert heading in answer.text and sentence in answer.text
        assert 'http-equiv="refresh"' in answer.text and 'href="/' in answer.text
        assert not any(word in re.sub("<style>.*?</style>", "", answer.text) for word in JARGON)


def test_in_a_frame_it_is_shown_and_leads_nowhere_else(app: FastAPI) -> None:
    answer = ask(app, ("GET", "/v1/permits/x/map", None, FRAMED))[0]
    assert answer.headers["content-security-policy"] == POLICY and "frame-ancestors 'self'" in POLICY
    assert 'href="/' not in answer.text and 'href=""' in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html"])
def test_a_program_gets_the_document_as_ever(app: FastAPI, accept: str) -> None:
    answer = ask(app, ("GET", "/v1/permits/x", None, {"Accept": accept}))[0]
    assert answer.status_code == 503 and answer.json()["code"] == "database_gone"
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_sent_is_answered_to_a_program_whatever_it_accepts(app: FastAPI) -> None:
    answer = ask(app, ("POST", "/v1/permits", {}, BROWSER))[0]
    assert answer.status_code == 422 and answer.json()["faults"]


def test_a_wrong_address_is_told_without_repeating_it_as_markup(app: FastAPI) -> None:
    answer = ask(app, ("GET", "/<script>alert(1)</script>", None, BROWSER))[0]
    assert answer.status_code == 404 and "没有这个页面" in answer.text and "<script" not in answer.text
    parameter = ask(app, ("GET", "/v1/permits?<b>=1", None, BROWSER))[0]
    assert parameter.status_code == 422 and "<b>" not in parameter.text and "没有完成" in parameter.text

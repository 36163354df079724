"""What no client can bring about from outside: answers lost, time run out, errors no one foresaw, days gone by."""

import asyncio
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.http import create_app
from api.http.bodies import read_permit
from api.http.context import LARGE_BYTES
from api.screen import Rules
from api.screen import filing as filing_steps
from api.settings import read_settings, today
from api.together import alone
from ingest import load_profile
from spatial.found import Found
from spatial.values import CHINA
from sql.errors import VaultUnavailable
from sql.postgis import PostgisVault
from sql.vault import RequestKey, Vault
from tests.api.http.conftest import codes, filing
from tests.support.served import until

RULES = Rules(*load_profile("cn-gb55009"))


@pytest.fixture
def vault(database_url: str) -> Iterator[PostgisVault]:
    made = PostgisVault(database_url)
    made.adopt_profile(RULES.text, RULES.profile.sha256, RULES.profile.profile_id, RULES.profile.version)
    yield made
    made.close()


def app_over(vault: Vault, **settings: str) -> FastAPI:
    return create_app(vault, RULES, read_settings(settings))


def ask(
    app: FastAPI, *requests: tuple[str, str, Any, dict[str, str]], at_end: Callable[[], None] = lambda: None
) -> list[httpx.Response]:
    """The answers, asked one after the other within this process, on a thread of their own.

    A browser another test file started keeps an event loop running on the main thread, which takes no second one.
    ``at_end`` lets go whatever the requests were held by: the loop ends only when its threads have.
    """

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answers = [
                await client.request(method, path, json=body, headers=headers)
                for method, path, body, headers in requests
            ]
        at_end()
        return answers

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


KEYED = {"Idempotency-Key": "a-key"}


def test_an_answer_that_was_lost_is_made_by_the_next_with_the_key(vault: PostgisVault) -> None:
    """As after a kill between commit and answer: the permit is there, and nobody has judged it."""
    body = filing()
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    key = RequestKey("a-key", hashlib.sha256(b"POST /v1/permits\n" + data).hexdigest())
    parties, sites = read_permit(json.loads(data), RULES.profile, CHINA, today(), lambda crs: crs)
    permit_id = alone(filing_steps(vault, parties, sites, RULES, today(), key)).permit_id
    first, second = ask(app_over(vault), *[("POST", "/v1/permits", body, KEYED)] * 2)
    assert first.status_code == 201, first.text
    assert (first.json()["id"], first.json()["status"]) == (permit_id, "cannot_tell")
    assert second.content == first.content
    assert len(vault.permits()) == 1


def test_a_repeat_is_answered_though_its_days_have_passed(
    vault: PostgisVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, app = filing(), app_over(vault)
    first = ask(app, ("POST", "/v1/permits", body, KEYED))[0]
    late: Callable[[], date] = lambda: today() + timedelta(days=400)  # noqa: E731
    monkeypatch.setattr("api.http.permits.today", late)
    again, unkeyed, other = ask(
        app,
        ("POST", "/v1/permits", body, KEYED),
        ("POST", "/v1/permits", body, {}),
        ("POST", "/v1/permits", {**body, "title": "x"}, KEYED),
    )
    assert (again.status_code, again.content) == (201, first.content)
    assert codes(unkeyed) == {"/ends_on": "dates_past"}
    assert codes(other) == {"": "idempotency_key_reused"}


class Broken(PostgisVault):
    """A vault whose reading of the register breaks, hangs or is refused."""

    error: Exception | None = None
    hold: threading.Event | None = None
    held = 0

    def find(self, *arguments: Any, **more: Any) -> Found:
        if (hold := self.hold) is not None:
            self.held += 1
            hold.wait(60)
        if self.error is not None:
            raise self.error
        return super().find(*arguments, **more)


@pytest.fixture
def broken(database_url: str, vault: PostgisVault) -> Iterator[Broken]:
    made = Broken(database_url)
    yield made
    if made.hold is not None:
        made.hold.set()
    made.close()


@pytest.mark.parametrize("headers", [{}, KEYED])
def test_a_filing_that_cannot_be_judged_is_filed(broken: Broken, headers: dict[str, str]) -> None:
    broken.error = RuntimeError("geometry POINT (101.7771 36.6171)")
    answer = ask(app_over(broken), ("POST", "/v1/permits", filing(), headers))[0]
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["status"], told["pending_because"]["code"]) == ("pending", "screening_failed")
    assert "101.7771" not in answer.text
    assert broken.permit(told["id"]).status.value == "pending"


def test_a_database_lost_after_the_commit(broken: Broken) -> None:
    """Whoever has no key cannot ask again, and is told that it is filed; whoever has one is to ask again."""
    broken.error = VaultUnavailable.because("database_gone", en="gone", zh="没了")
    plain, keyed = ask(
        app_over(broken), ("POST", "/v1/permits", filing(), {}), ("POST", "/v1/permits", filing(), KEYED)
    )
    assert (plain.status_code, plain.json()["pending_because"]["code"]) == (201, "database_gone")
    assert (keyed.status_code, codes(keyed)) == (503, {"": "database_gone"})
    broken.error = None
    again = ask(app_over(broken), ("POST", "/v1/permits", filing(), KEYED))[0]
    assert (again.status_code, again.json()["status"]) == (201, "cannot_tell")
    assert len(broken.permits()) == 2


def test_an_answer_that_takes_too_long_is_given_up(broken: Broken) -> None:
    """What is filed by then is acknowledged."""
    broken.hold = threading.Event()
    enquiry = {name: filing()[name] for name in ("crs", "plan", "acts")}
    app = app_over(broken, PREDIG_REQUEST_TIMEOUT_S="1")
    asked, filed = ask(
        app,
        ("POST", "/v1/enquiries", enquiry, {}),
        ("POST", "/v1/permits", filing(), {}),
        at_end=broken.hold.set,
    )
    assert (asked.status_code, codes(asked)) == (503, {"": "too_slow"})
    assert asked.headers["retry-after"]
    assert (filed.status_code, filed.json()["pending_because"]["code"]) == (201, "judging_goes_on")
    assert [permit.permit_id for permit in broken.permits()] == [filed.json()["id"]]


def test_an_error_no_one_foresaw_shows_nothing(broken: Broken, caplog: pytest.LogCaptureFixture) -> None:
    broken.error = RuntimeError("geometry POINT (101.7771 36.6171)")
    enquiry = {name: filing()[name] for name in ("crs", "plan", "acts")}
    with caplog.at_level(logging.INFO, logger="predig.http"):
        answer = ask(app_over(broken), ("POST", "/v1/enquiries", enquiry, {}))[0]
    assert (answer.status_code, codes(answer)) == (500, {"": "internal_error"})
    assert "101.7771" not in answer.text + caplog.text
    # Judging that goes on from the test before may still be told of.
    (told,) = (one for one in caplog.records if one.module == "gate")
    assert told.getMessage().startswith("POST /v1/enquiries: RuntimeError at ")


def test_nobody_waits_for_a_large_plan(broken: Broken) -> None:
    """It goes by itself: while the register is being read for it, others are answered."""
    broken.hold = threading.Event()
    small = {name: filing()[name] for name in ("crs", "plan", "acts")}
    large = small | {"plan": {"type": "FeatureCollection", "features": small["plan"]["features"] * 160}}
    assert len(json.dumps(large)) > LARGE_BYTES
    app = app_over(broken)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(ask, app, ("POST", "/v1/enquiries", large, {}))
        until(lambda: broken.held)
        hold, broken.hold = broken.hold, None
        assert ask(app, ("POST", "/v1/enquiries", small, {}))[0].status_code == 200
        assert not waits.done()
        hold.set()
        assert len(waits.result()[0].json()["screenings"]) == 160

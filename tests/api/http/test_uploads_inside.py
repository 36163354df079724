"""Files at the doors when something breaks, is full, or is configured otherwise; within this process."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.http import create_app
from api.http.uploads import opened, room
from api.screen import Rules
from api.settings import read_settings
from ingest import load_profile, plan_document
from ingest.sandbox import readers
from spatial.errors import Refused
from sql.postgis import PostgisVault
from sql.vault import KeptAnswer
from tests.api.http.conftest import AT_THE_MAIN, IN_THE_FIELD, codes, filing

RULES = Rules(*load_profile("cn-gb55009"))
PLAN = json.dumps({"type": "FeatureCollection", "features": [AT_THE_MAIN, IN_THE_FIELD]}).encode()
REQUEST = {name: value for name, value in filing().items() if name not in ("crs", "plan")}
KEYED = {"Idempotency-Key": "a-key"}


class Forgetful(PostgisVault):
    """A vault that loses the first answer it is to keep, as if the server had died before it gave it."""

    lost = 0

    def keep_answer(self, key: str, answer: KeptAnswer) -> KeptAnswer:
        self.lost += 1
        if self.lost == 1:
            raise RuntimeError("gone")
        return super().keep_answer(key, answer)


@pytest.fixture
def vault(database_url: str) -> Iterator[Forgetful]:
    made = Forgetful(database_url)
    made.adopt_profile(RULES.text, RULES.profile.sha256, RULES.profile.profile_id, RULES.profile.version)
    yield made
    made.close()


def within(work: Callable[[httpx.AsyncClient], Any], vault: PostgisVault, **settings: str) -> Any:
    """What `work` gives, asked of an application within this process, on a thread of its own."""
    app = create_app(vault, RULES, read_settings(settings))

    async def run() -> Any:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await work(client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def form(name: str = "a.json", data: bytes = PLAN, **said: str) -> list[Any]:
    parts = {"request": json.dumps(REQUEST), "crs": "EPSG:4543", **said}
    return [("file", (name, data)), *((part, (None, text)) for part, text in parts.items())]


def test_permits_of_one_plan_whose_answer_was_lost_are_told_by_the_next_with_the_key(
    vault: Forgetful,
) -> None:
    async def thrice(client: httpx.AsyncClient) -> list[httpx.Response]:
        sent = {"files": form(permits="each"), "headers": KEYED}
        return [await client.post("/v1/permits", **sent) for _ in range(3)]

    lost, told, again = within(thrice, vault)
    assert (lost.status_code, codes(lost)) == (500, {"": "internal_error"})
    assert told.status_code == 201, told.text
    permits = told.json()["permits"]
    assert [permit["id"] for permit in permits] == [permit.permit_id for permit in vault.permits()]
    assert [len(permit["screenings"]) for permit in permits] == [1, 1]
    assert [permit["files"][0]["bytes"] for permit in permits] == [len(PLAN)] * 2
    assert again.content == told.content
    assert vault.status()["jobs"]["waiting"] == 0


def test_a_repeat_is_told_without_opening_its_file_again(
    vault: Forgetful, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def twice(client: httpx.AsyncClient) -> list[httpx.Response]:
        answers = [await client.post("/v1/permits", files=form(), headers=KEYED)]
        monkeypatch.setattr("api.http.uploads.opened.plan_document", lambda *_: pytest.fail("opened"))
        return [*answers, await client.post("/v1/permits", files=form(), headers=KEYED)]

    vault.lost = 1
    first, again = within(twice, vault)
    assert (first.status_code, again.content) == (201, first.content)


def test_the_limits_are_settings(vault: Forgetful) -> None:
    async def both(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [
            await client.post(
                "/v1/plans", files=[("file", ("a.kml", b"<kml/>")), ("crs", (None, "EPSG:4490"))]
            ),
            await client.post("/v1/plans", files=[("file", ("a.json", b" " * 60_000))]),
        ]

    readers._template.end()  # to start another takes longer than that
    slow, large = within(both, vault, PREDIG_PLAN_WALL_S="0.1", PREDIG_MAX_UPLOAD_MB="0.05")
    assert codes(slow) == {"form:file": "file_too_hard"}
    assert "0.1 s" in slow.text
    assert (large.status_code, codes(large)) == (413, {"": "body_too_large"})
    assert "PREDIG_MAX_UPLOAD_MB" in large.text


def test_more_files_at_once_than_are_opened_wait_and_are_sent_away(
    vault: Forgetful, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.2)

    def slowly(*given: Any) -> Any:
        time.sleep(0.7)
        return plan_document(*given)

    monkeypatch.setattr(opened, "plan_document", slowly)

    async def four(client: httpx.AsyncClient) -> list[httpx.Response]:
        kml = [("file", ("a.kml", b"<kml/>"))]
        wrong = [*kml, ("request", (None, "{}"))]
        asked = [("/v1/plans", kml), ("/v1/plans", kml), ("/v1/permits", wrong)]
        at_once = await asyncio.gather(*(client.post(place, files=files) for place, files in asked))
        return [
            *at_once,
            await client.post("/v1/plans", files=kml),
        ]  # whose turn comes, once the others are done

    answers = within(four, vault, PREDIG_PLANS_AT_ONCE="1")
    assert sorted(answer.status_code for answer in answers) == [422, 422, 503, 503]
    assert {code for answer in answers if answer.status_code == 503 for code in codes(answer).values()} == {
        "too_many_files"
    }


def test_no_more_is_held_than_there_is_room_for_and_all_is_let_go_again() -> None:
    uploads = room.Uploads(read_settings({"PREDIG_MAX_UPLOAD_MB": "0.001"}))
    with uploads.holding() as first:
        first(b"x" * 6_000)
        with uploads.holding() as second, pytest.raises(Refused):
            second(b"x" * 4_000)
            second(b"x")
        with uploads.holding() as third:
            third(b"x" * 4_000)
    with uploads.holding() as last:
        last(b"x" * 10_000)

"""Hostile networks through a real server under strace, to the process that imports them.

None is published, none ends the server, the worker or an importer, and nothing of any is left.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bench.attack.watch import watching
from bench.fault_house import FaultHouse
from sql.postgis import PostgisVault
from tests.attack.corpus import IMPORTS
from tests.attack.corpus.networks import Upload, uploads
from tests.attack.network_siege import first_of_each, wrong_with
from tests.support.served import until

AT_A_TIME = 8
PATIENCE_S = 600.0
ALIKE = 2
"""So many of each case and kind of files: what an import costs is mostly the process that does it."""
WALL_S = 20.0
"""Instead of ten minutes for a file that never ends."""
LATE_S = WALL_S + 10.0
SETTINGS = {"PREDIG_NETWORK_WALL_S": f"{WALL_S:g}", "PREDIG_NETWORK_MEMORY_MB": "1500"}
KEPT = {"name", "lock"}
"""In a spool whose uploads have all ended."""


@dataclass
class Figures:
    """by: at the door the status, else how the import ended."""

    uploads: int = 0
    by: dict[str, int] = field(default_factory=dict)
    slowest_s: float = 0.0
    slowest: str = ""
    wrong: list[str] = field(default_factory=list)


def watched(only: str = "") -> Figures:
    with watching(SETTINGS) as (running, trap, wrong):
        files = [one for one in first_of_each(uploads(trap), ALIKE) if only in one.name]
        figures = Figures(uploads=len(files), wrong=wrong)
        _send(running, files, figures)
    return figures


def _strays(spool: Path) -> list[Path]:
    return [place for place in spool.glob("*") if place.name not in KEPT]


def _send(running: FaultHouse, files: Sequence[Upload], figures: Figures) -> None:
    with (
        closing(PostgisVault(running.app_url)) as vault,
        httpx.Client(base_url=f"http://127.0.0.1:{running.port}", trust_env=False, timeout=60.0) as client,
    ):
        stood = len(vault.revisions())
        for at in range(0, len(files), AT_A_TIME):
            sent = [(upload, _post(client, upload)) for upload in files[at : at + AT_A_TIME]]
            for upload, answer in sent:
                figures.wrong += _ended(client, upload, answer, figures)
        if len(vault.revisions()) != stood:
            figures.wrong.append("something was published")
        figures.wrong += _listed(client, sum(many for how, many in figures.by.items() if not how.isdecimal()))
    spool = running.home / "uploads"
    until(lambda: not _strays(spool))
    figures.wrong += [f"left: {place}" for place in _strays(spool)]


def _listed(client: httpx.Client, expected: int) -> Iterator[str]:
    """What is wrong with the list of imports."""
    after, listed = 0, 0
    while after is not None:
        answer = client.get(IMPORTS, params={"after": after, "limit": 50})
        if answer.status_code != 200:
            yield f"the list is answered {answer.status_code}"
            return
        listed += len(answer.json()["imports"])
        after = answer.json()["next"]
    if listed != expected:
        yield f"{listed} in the list"


def _post(client: httpx.Client, upload: Upload) -> httpx.Response:
    files = [("file", (name, data)) for name, data in upload.make().items()]
    while True:
        answer = client.post(IMPORTS, data=upload.words, files=files)
        if answer.status_code != 503:
            return answer
        time.sleep(0.5)


def _ended(client: httpx.Client, upload: Upload, answer: httpx.Response, figures: Figures) -> Iterator[str]:
    """What is wrong with how it ended."""
    how, told, state = str(answer.status_code), answer.text, ""
    if answer.status_code == 202:
        here = answer.json()["links"]["self"]
        ended: dict[str, Any] = until(lambda: _once_ended(client, here), PATIENCE_S, 0.1)
        how = state = ended["state"]
        told = json.dumps(ended, ensure_ascii=False)
        took_s = round((_moment(ended["ended_at"]) - _moment(ended["begun_at"])).total_seconds(), 2)
        if took_s > figures.slowest_s:
            figures.slowest, figures.slowest_s = upload.name, took_s
        if took_s > LATE_S:
            yield f"{upload.name}: after {took_s} s"
    elif not 400 <= answer.status_code < 500:
        yield f"{upload.name}: answered {answer.status_code}: {answer.text[:200]}"
        return
    figures.by[how] = figures.by.get(how, 0) + 1
    if state in ("published", "failed"):
        yield f"{upload.name}: {state} {told[:400]}"
        return
    faults = json.loads(told)["faults"]
    if not all(fault["en"] and fault["zh"] for fault in faults):
        yield f"{upload.name}: no sentence"
    yield from wrong_with(upload, None if state == "compared" else [fault["code"] for fault in faults], told)


def _once_ended(client: httpx.Client, here: str) -> dict[str, Any] | None:
    answer: dict[str, Any] = client.get(here).raise_for_status().json()
    return answer if answer["ended_at"] else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""Mutations of harmless files: by the thousand through readers that stay, and fewer through a real server."""

import hashlib
import json
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from api.http.replies import json_bytes
from api.settings import today
from bench.attack.mutations import mutated
from bench.attack.reader import Walled
from bench.attack.watch import house
from ingest import DigOptions, Reading, load_profile
from ingest.plans import foreign
from ingest.plans.sites import plan_document, take_dig_plans
from spatial.errors import Refused
from spatial.values import CHINA
from tests.attack.seeds import DEGREES, Seed, seeds

OUT = Path("out/attack")
MOST_KEPT = 200
LONGEST_S = 10.0
GENERATIONS = 400
"""A file that was understood goes back among those to be changed; so many of each kind are kept."""


@dataclass
class Fuzzed:
    """by: what became of the files. kept: failures with how to see them again."""

    files: int = 0
    seconds: float = 0.0
    by: Counter[str] = field(default_factory=Counter)
    deaths: Counter[int] = field(default_factory=Counter)
    slowest_s: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    def keep(self, what: str, seed: Seed, data: bytes, words: str) -> None:
        """what: told once; files of the same kind of failure are counted."""
        self.failures[what] += 1
        if self.failures[what] > 1 or len(self.kept) >= MOST_KEPT:
            return
        folder = OUT / hashlib.sha256(data).hexdigest()[:12]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / seed.name).write_bytes(data)
        (folder / "why.txt").write_text(words, encoding="utf-8")
        self.kept.append(f"{what}: python -m bench.attack --reproduce {folder / seed.name}")


def asked_of(name: str) -> Seed:
    """The seed a file of this name was made from."""
    return next(seed for seed in seeds() if seed.name == name)


def in_bulk(seconds: float, seed: int) -> Fuzzed:
    """What a file goes through after the door: the reader behind its walls, then all that is done with what it says."""
    found, lot, walled = Fuzzed(), Random(seed), Walled()
    pools = {one.name: [one.data] for one in seeds()}
    kinds = seeds()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        real, foreign.read_apart = foreign.read_apart, walled.read
        try:
            while time.monotonic() - begun < seconds:
                one = kinds[found.files % len(kinds)]
                data = _next(one, pools, lot)
                started = time.monotonic()
                what = _taken(one, data, Path(scratch), walled, found)
                took_s = time.monotonic() - started
                found.slowest_s = max(found.slowest_s, round(took_s, 2))
                if took_s > LONGEST_S:
                    found.keep(f"{one.name} late", one, data, f"{took_s:.1f} s")
                if what == "understood" and len(pools[one.name]) < GENERATIONS and len(data) < 500_000:
                    pools[one.name].append(data)
                found.files += 1
                found.by[what] += 1
        finally:
            foreign.read_apart = real
            walled.close()
    found.deaths.update(walled.deaths)
    found.seconds = round(time.monotonic() - begun, 1)
    return found


def _next(one: Seed, pools: dict[str, list[bytes]], lot: Random) -> bytes:
    pool = pools[one.name]
    start = one.data if lot.random() < 0.5 else lot.choice(pool)
    others = pools[lot.choice(list(pools))]
    return mutated(one.name, start, others, lot)


def _taken(one: Seed, data: bytes, folder: Path, walled: Walled, found: Fuzzed) -> str:
    path = folder / one.name
    path.write_bytes(data)
    walled.raised = None
    crs = one.asked.get("crs")
    try:
        plan = plan_document(path, crs, Reading(), one.asked.get("points_are"))
        json_bytes(plan)
        _judged(plan, crs or DEGREES, one.name)
        return "understood"
    except Refused as refused:
        if walled.raised is not None:
            found.keep(
                f"{one.name} reader: {walled.raised.strip().splitlines()[-1][:120]}", one, data, walled.raised
            )
        if not all(fault.en and fault.zh for fault in refused.faults):
            found.keep(f"{one.name} no sentence", one, data, repr(refused.faults[:3]))
        return refused.faults[0].code
    except Exception as error:
        words = "".join(traceback.format_exception(error))
        found.keep(f"{one.name} parent: {words.strip().splitlines()[-1][:120]}", one, data, words)
        return "raised"


_PROFILE = load_profile("cn-gb55009")[0]


def _judged(plan: object, crs: str, name: str) -> None:
    with suppress(Refused):
        take_dig_plans(
            plan,
            crs=crs,
            options=DigOptions(acts=("excavate",), method="mechanical", depth_m=2.0),
            extent=CHINA,
            profile=_PROFILE,
            on=today(),
            name=name,
        )


def through_the_door(seconds: float, seed: int, clients: int = 2) -> Fuzzed:
    """A real server: POST /v1/plans, and what was understood to POST /v1/enquiries."""
    found, lock = Fuzzed(), threading.Lock()
    with house({}) as running:
        pids = running.at_work()
        since = running.ask_admin("SELECT pg_postmaster_start_time()")
        until = time.monotonic() + seconds
        address = f"http://127.0.0.1:{running.port}"
        threads = [
            threading.Thread(target=_send_on, args=(address, Random(f"{seed}/{number}"), until, found, lock))
            for number in range(clients)
        ]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found.seconds = round(time.monotonic() - begun, 1)
        if running.at_work() != pids:
            found.failures["a server died"] += 1
        if running.ask_admin("SELECT pg_postmaster_start_time()") != since:
            found.failures["the database started anew"] += 1
    return found


def _send_on(address: str, lot: Random, until: float, found: Fuzzed, lock: threading.Lock) -> None:
    kinds = seeds()
    pools = {one.name: [one.data] for one in kinds}
    with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as client:
        while time.monotonic() < until:
            one = lot.choice(kinds)
            data = _next(one, pools, lot)
            asked = {"name": one.name, **one.asked}
            headers = {"Content-Type": "application/octet-stream"}
            started = time.monotonic()
            try:
                answer = client.post("/v1/plans", content=data, params=asked, headers=headers)
            except httpx.TransportError as error:
                with lock:
                    found.keep(f"{one.name} no answer: {error!r}"[:120], one, data, repr(error))
                continue
            took_s = time.monotonic() - started
            wrong = _wrong_with(answer, took_s)
            if answer.status_code == 200 and not wrong:
                body = {
                    "crs": one.asked.get("crs", DEGREES),
                    "plan": answer.json()["plan"],
                    "acts": ["excavate"],
                }
                judged = client.post("/v1/enquiries", json=body)
                wrong = [f"judged: {one_}" for one_ in _wrong_with(judged, 0.0)]
            with lock:
                found.files += 1
                found.by[_code(answer)] += 1
                found.slowest_s = max(found.slowest_s, round(took_s, 2))
                for what in wrong:
                    found.keep(f"{one.name} {what}", one, data, answer.text[:3_000])


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("code", "understood"))
    except ValueError:
        return "no JSON"


def _wrong_with(answer: httpx.Response, took_s: float) -> Sequence[str]:
    found = []
    if took_s > LONGEST_S:
        found.append("late")
    if answer.status_code >= 500:
        found.append(f"answered {answer.status_code} {_code(answer)}")
    try:
        told = json.loads(answer.content, parse_constant=_no_constant)
    except ValueError:
        return [*found, "no JSON"]
    if answer.status_code != 200 and not all(one["en"] and one["zh"] for one in told["faults"]):
        found.append("no sentence")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def reproduce(path: Path) -> str:
    """A kept file through a reader of its own, as a server does it."""
    seed = asked_of(path.name)
    try:
        plan = plan_document(path, seed.asked.get("crs"), Reading(), seed.asked.get("points_are"))
        json_bytes(plan)
        _judged(plan, seed.asked.get("crs", DEGREES), path.name)
    except Refused as refused:
        return "\n".join(f"{fault.code}: {fault.en}" for fault in refused.faults[:20])
    return "understood"

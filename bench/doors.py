"""`predig bench doors`: what a filing and an enquiry cost over HTTP, as ratios to a bare endpoint.

One register, one PostgreSQL, three kinds of request in turn, block after block, each sent by 8 clients in a process of
their own: a bare FastAPI endpoint that inserts one row durably (bench/doors_peer.py), `POST /v1/permits` (durable,
judged) and `POST /v1/enquiries` (judged, kept). The bare endpoint is one process of uvicorn with uvloop and httptools;
ours is `predig up` as it comes, with its servers and its worker. An empty GET of both, and a bare insert without HTTP,
stand beside them: what the server and the disk cost alone.
"""

import json
import multiprocessing
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import psycopg2
from rich.text import Text

from api.settings import today
from bench.doors_load import CLIENTS, Block, Measured, answer_blocks, request
from bench.doors_peer import INSERT, SCHEMA
from bench.house import libpq_form
from bench.province import Sites, geojson_text, make_network, make_sites
from bench.ratios import Bar, Report, measured, rows_table
from bench.ratios import Measured as Outcome
from bench.register import declare_cities, province_register
from bench.servers import cpu_s, peer_command, predig_command, served
from ingest import load_profile

GOALS = {"permits": 4.0, "enquiries": 3.0}
"""Times the bare endpoint, at the median."""

REQUESTS_A_BLOCK = 160
PERMIT_DAYS = 20


@dataclass(slots=True)
class Door:
    """One kind of request: where it goes, what was measured of it so far."""

    name: str
    port: int
    pids: Sequence[int]
    expected: int
    requests: Sequence[bytes]
    sent: int = 0
    seconds: list[float] = field(default_factory=list)
    block_medians: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    wall_s: float = 0.0

    def next_block(self, size: int) -> Block:
        """Requests not sent before."""
        block = [self.requests[(self.sent + n) % len(self.requests)] for n in range(size)]
        self.sent += size
        return Block(self.port, tuple(block))

    def record(self) -> dict[str, Any]:
        """Milliseconds; server_cpu_ms: of all processes that serve, a request."""
        ordered = sorted(self.seconds)
        return {
            "median_ms": round(statistics.median(ordered) * 1000, 2),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
            "server_cpu_ms": round(self.cpu_s / len(ordered) * 1000, 2),
            "per_s": round(len(ordered) / self.wall_s),
            "requests": len(ordered),
        }


def run(pipes: int, rounds: int, progress: Report | None = None) -> Outcome:
    """Make the register, start the servers, measure, throw all away."""
    profile, _ = load_profile("cn-gb55009")
    network, day = make_network(pipes), today()
    with ExitStack() as stack:
        register = stack.enter_context(province_register(network, profile))
        declare_cities(register.vault, day)
        dsn = libpq_form(register.app_url)
        _execute(libpq_form(register.admin_url), SCHEMA)
        commits = bare_commits(dsn)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        peer = stack.enter_context(served(peer_command, environment | {"BENCH_DSN": dsn}, "/empty"))
        ours = stack.enter_context(
            served(predig_command, environment | {"PREDIG_DATABASE_URL": register.app_url}, "/livez")
        )
        bodies = filings(make_sites(network, (rounds + 2) * REQUESTS_A_BLOCK), day)
        doors = [
            Door("bare", *peer, 201, [request("POST", "/rows", body) for body in bodies]),
            Door("permits", *ours, 201, [request("POST", "/v1/permits", body) for body in bodies]),
            Door("enquiries", *ours, 200, [request("POST", "/v1/enquiries", enquiry(b)) for b in bodies]),
            Door("bare_get", *peer, 200, [request("GET", "/empty")]),
            Door("empty_get", *ours, 200, [request("GET", "/livez")]),
        ]
        outcomes = measure(stack.enter_context(clients()), doors, rounds, progress)
    return _told(report(doors, outcomes, commits) | {"pipes": pipes, "clients": CLIENTS, "rounds": rounds})


def filings(sites: Sites, day: date) -> list[bytes]:
    """The bodies of filings of one dig site each, in the order of the sites."""
    return [
        json.dumps(
            {
                "crs": "EPSG:4490",
                "plan": feature,
                "acts": ["excavate"],
                "title": "bench",
                "starts_on": (day + timedelta(days=5)).isoformat(),
                "ends_on": (day + timedelta(days=PERMIT_DAYS)).isoformat(),
                "contractor": {"name": "bench"},
            }
        ).encode()
        for feature in json.loads(geojson_text(sites))["features"]
    ]


def enquiry(body: bytes) -> bytes:
    """The same question without filing."""
    document = json.loads(body)
    return json.dumps({name: document[name] for name in ("crs", "plan", "acts")}).encode()


# -- measuring --------------------------------------------------------------------------------------------


@contextmanager
def clients() -> Iterator[Connection]:
    """The clients' process, as a pipe that takes Blocks and gives Measureds."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=answer_blocks, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join(timeout=30)


def measure(
    orders: Connection, doors: Sequence[Door], rounds: int, progress: Report | None
) -> dict[str, dict[str, int]]:
    """Warm every door up, then round after round a block of each; what the judged ones said."""
    outcomes: dict[str, dict[str, int]] = {}
    for number in range(rounds + 1):
        for door in doors:
            before = cpu_s(door.pids)
            got = _sent(orders, door)
            if number == 0:
                continue
            door.seconds += got.seconds
            door.block_medians.append(statistics.median(got.seconds))
            door.cpu_s += cpu_s(door.pids) - before
            door.wall_s += got.wall_s
            for body in got.bodies:
                said = _outcome(json.loads(body))
                if said is not None:
                    kept = outcomes.setdefault(door.name, {})
                    kept[said] = kept.get(said, 0) + 1
        if progress is not None:
            progress(number + 1, rounds + 1)
    return outcomes


def _sent(orders: Connection, door: Door) -> Measured:
    orders.send(door.next_block(REQUESTS_A_BLOCK))
    got: Measured = orders.recv()
    if set(got.statuses) != {door.expected}:
        raise RuntimeError(f"{door.name} answered {got.statuses}: {got.bodies[0][:500]!r}")
    return got


def _outcome(answer: dict[str, Any]) -> str | None:
    return answer.get("outcome") or answer.get("status")


def bare_commits(dsn: str, times: int = 400) -> dict[str, float]:
    """Milliseconds of the peer's insert without HTTP, with and without waiting for the disk."""
    row = ("bench", date(2026, 1, 1), json.dumps({"type": "Feature"}))
    found = {}
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        for name, waits in (("commit_ms", "on"), ("commit_without_fsync_ms", "off")):
            cursor.execute(f"SET synchronous_commit = {waits}")
            connection.commit()
            seconds = []
            for _ in range(times):
                start = perf_counter()
                cursor.execute(INSERT, row)
                connection.commit()
                seconds.append(perf_counter() - start)
            found[name] = round(statistics.median(seconds) * 1000, 3)
    connection.close()
    return found


def _execute(dsn: str, statements: str) -> None:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        connection.close()


# -- saying -----------------------------------------------------------------------------------------------


def report(
    doors: Sequence[Door], outcomes: dict[str, dict[str, int]], commits: dict[str, float]
) -> dict[str, Any]:
    """One JSON object. spread: least and greatest ratio of one round's medians."""
    by_name = {door.name: door for door in doors}
    bare = by_name["bare"]
    ratios = {}
    for name in GOALS:
        rounds = [
            ours / theirs
            for ours, theirs in zip(by_name[name].block_medians, bare.block_medians, strict=True)
        ]
        ratio = statistics.median(by_name[name].seconds) / statistics.median(bare.seconds)
        ratios[name] = {
            "ratio": round(ratio, 2),
            "spread": [round(min(rounds), 2), round(max(rounds), 2)],
        }
    return {
        "ratios": ratios,
        "doors": {door.name: door.record() for door in doors},
        "outcomes": outcomes,
        "insert": commits,
    }


def _told(found: dict[str, Any]) -> Outcome:
    """The record, its table, and the bars."""
    rows = [
        (
            name,
            *(row[key] for key in ("median_ms", "p99_ms", "server_cpu_ms", "per_s")),
            *(
                (against["ratio"], f"{against['spread'][0]} to {against['spread'][1]}")
                if (against := found["ratios"].get(name))
                else (None, None)
            ),
        )
        for name, row in found["doors"].items()
    ]
    title = f"{found['clients']} clients, {found['pipes']:,} pipes, {found['rounds']} rounds"
    columns = ("door", "median ms", "p99 ms", "server CPU ms", "a second", "x bare", "by round")
    beside = Text(
        f"one insert without HTTP: {found['insert']['commit_ms']} ms, "
        f"{found['insert']['commit_without_fsync_ms']} ms without waiting for the disk; said: {found['outcomes']}"
    )
    bars = [
        Bar(f"{name}, times a bare durable insert over HTTP", found["ratios"][name]["ratio"], goal)
        for name, goal in GOALS.items()
    ]
    return measured({"bench": "doors"} | found, (rows_table(title, columns, rows), beside), bars)

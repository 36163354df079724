"""`python -m bench.doors`: what a filing and an enquiry cost over HTTP, as ratios to a bare endpoint.

One register of 100,000 pipes, one PostgreSQL, three kinds of request in turn, block after block, each sent by
8 clients in a process of their own: a bare FastAPI endpoint that inserts one row durably (bench/doors_peer.py),
`POST /v1/permits` (durable, judged) and `POST /v1/enquiries` (judged, kept). The bare endpoint is one process of
uvicorn with uvloop and httptools; ours is `predig up` as it comes, with its servers and its worker. An empty GET of both, and a bare insert without HTTP, stand beside them: what
the server and the disk cost alone.
"""

import argparse
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.connection import Connection
from time import perf_counter, sleep
from typing import Any

import numpy as np
import psycopg2
import shapely
from rich.console import Console
from rich.table import Table

from api.register import cut_assets
from api.settings import today
from bench.candidates import TOWNS, town_network, town_site
from bench.doors_load import CLIENTS, Block, Measured, answer_blocks, request
from bench.doors_peer import INSERT, SCHEMA
from bench.house import libpq_form, temporary_home
from ingest import load_profile
from spatial.words import GroundKind, PipeKind
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import GroundDeclaration

GOALS = {"permits": 4.0, "enquiries": 3.0}
"""Times the bare endpoint, at the median."""

SERVED_DEGREES = 0.2
"""Each town is served and covered this far from its middle, so that ground without pipes reads clear."""

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


def run(pipes: int, rounds: int, size: int) -> dict[str, Any]:
    """Make the register, start the servers, measure, throw all away. size: requests a block."""
    rng = np.random.default_rng(11)
    with ExitStack() as stack:
        home = stack.enter_context(temporary_home())
        cluster = stack.enter_context(embedded_cluster(home))
        migrate(cluster.url(ADMIN))
        load_register(cluster.url(APP), pipes)
        dsn = libpq_form(cluster.url(APP))
        _execute(libpq_form(cluster.url(ADMIN)), SCHEMA)
        commits = bare_commits(dsn)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        peer = stack.enter_context(served(peer_command, environment | {"BENCH_DSN": dsn}, "/empty"))
        ours = stack.enter_context(
            served(predig_command, environment | {"PREDIG_DATABASE_URL": cluster.url(APP)}, "/livez")
        )
        bodies = [filing(rng, today()) for _ in range(rounds * size + 2 * size)]
        doors = [
            Door("bare", *peer, 201, [request("POST", "/rows", body) for body in bodies]),
            Door("permits", *ours, 201, [request("POST", "/v1/permits", body) for body in bodies]),
            Door("enquiries", *ours, 200, [request("POST", "/v1/enquiries", enquiry(b)) for b in bodies]),
            Door("bare_get", *peer, 200, [request("GET", "/empty")]),
            Door("empty_get", *ours, 200, [request("GET", "/livez")]),
        ]
        outcomes = measure(stack.enter_context(clients()), doors, rounds, size)
    return report(doors, outcomes, commits) | {"pipes": pipes, "clients": CLIENTS, "rounds": rounds}


# -- register, bodies -------------------------------------------------------------------------------------


def load_register(url: str, pipes: int) -> None:
    """The towns of bench.candidates, with their service area and a coverage that is complete."""
    profile, _ = load_profile("cn-gb55009")
    vault = PostgisVault(url)
    day = today()
    areas = shapely.union_all(
        [shapely.Point(x, y).buffer(SERVED_DEGREES, cap_style="square") for x, y in TOWNS]
    )
    ground = areas if areas.geom_type == "MultiPolygon" else shapely.MultiPolygon([areas])
    try:
        intake = town_network(np.random.default_rng(7), pipes, profile)
        vault.import_network(
            intake, cut_assets(intake.assets, profile), utility="BENCH", dataset="towns", on=day
        )
        vault.declare_ground(GroundDeclaration("BENCH", GroundKind.SERVICE_AREA, ground))
        vault.declare_ground(
            GroundDeclaration("BENCH", GroundKind.COVERAGE, ground, tuple(PipeKind), day, 3650)
        )
    finally:
        vault.close()


def filing(rng: np.random.Generator, day: date) -> bytes:
    """The body of a filing of one dig site that no other request has."""
    site = town_site(rng)
    width = {} if site.half_width_m == 0 else {"half_width_m": site.half_width_m}
    plan = {"type": "Feature", "geometry": json.loads(shapely.to_geojson(site.geometry)), "properties": width}
    document = {
        "crs": "EPSG:4490",
        "plan": plan,
        "acts": ["excavate"],
        "title": "bench",
        "starts_on": (day + timedelta(days=5)).isoformat(),
        "ends_on": (day + timedelta(days=PERMIT_DAYS)).isoformat(),
        "contractor": {"name": "bench"},
    }
    return json.dumps(document).encode()


def enquiry(body: bytes) -> bytes:
    """The same question without filing."""
    document = json.loads(body)
    return json.dumps({name: document[name] for name in ("crs", "plan", "acts")}).encode()


# -- servers ----------------------------------------------------------------------------------------------


def peer_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "bench.doors_peer:create_peer"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning"),
    ]


def predig_command(port: int) -> list[str]:
    """The real thing, worker and all."""
    return [sys.executable, "-m", "api", "up", "--port", str(port)]


@contextmanager
def served(command: Any, environment: dict[str, str], ready: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    """A server while the block runs: (port, process ids of those that hold it)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(command(port), env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if server.poll() is not None:
                raise RuntimeError(f"{command(port)} ended with {server.returncode}")
            if _answers(port, ready):
                break
            sleep(0.1)
        else:
            raise RuntimeError(f"{command(port)} does not answer")
        yield port, _listeners(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(request("GET", path))
            return asked.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _listeners(port: int, parent: int) -> tuple[int, ...]:
    """The processes that hold the port: of a supervisor's the children where there are any."""
    family = [parent]
    for pid in family:
        for entry in os.listdir("/proc"):
            if entry.isdigit() and _parent(entry) == pid:
                family.append(int(entry))
    with open("/proc/net/tcp") as table:
        sockets = [line.split() for line in table.readlines()[1:]]
    inodes = {one[9] for one in sockets if one[3] == "0A" and int(one[1].split(":")[1], 16) == port}
    return tuple(pid for pid in family[1:] if _holds(pid, inodes)) or (parent,)


def _holds(pid: int, inodes: set[str]) -> bool:
    for number in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{number}").removeprefix("socket:[").removesuffix("]") in inodes:
                return True
    return False


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _cpu_s(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


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


def measure(orders: Connection, doors: Sequence[Door], rounds: int, size: int) -> dict[str, dict[str, int]]:
    """Warm every door up, then round after round a block of each; what the judged ones said."""
    outcomes: dict[str, dict[str, int]] = {}
    for number in range(rounds + 1):
        for door in doors:
            before = _cpu_s(door.pids)
            got = _sent(orders, door, size)
            if number == 0:
                continue
            door.seconds += got.seconds
            door.block_medians.append(statistics.median(got.seconds))
            door.cpu_s += _cpu_s(door.pids) - before
            door.wall_s += got.wall_s
            for body in got.bodies:
                said = _outcome(json.loads(body))
                if said is not None:
                    kept = outcomes.setdefault(door.name, {})
                    kept[said] = kept.get(said, 0) + 1
    return outcomes


def _sent(orders: Connection, door: Door, size: int) -> Measured:
    orders.send(door.next_block(size))
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
    for name, goal in GOALS.items():
        rounds = [
            ours / theirs
            for ours, theirs in zip(by_name[name].block_medians, bare.block_medians, strict=True)
        ]
        ratio = statistics.median(by_name[name].seconds) / statistics.median(bare.seconds)
        ratios[name] = {
            "ratio": round(ratio, 2),
            "spread": [round(min(rounds), 2), round(max(rounds), 2)],
            "goal": goal,
            "reached": ratio <= goal,
        }
    return {
        "ratios": ratios,
        "doors": {door.name: door.record() for door in doors},
        "outcomes": outcomes,
        "insert": commits,
    }


def show(found: dict[str, Any], console: Console) -> None:
    """The same as a table."""
    table = Table(title=f"{found['clients']} clients, {found['pipes']:,} pipes, {found['rounds']} rounds")
    for column in ("door", "median ms", "p99 ms", "server CPU ms", "a second", "x bare", "goal"):
        table.add_column(column, justify="left" if column == "door" else "right")
    for name, row in found["doors"].items():
        against = found["ratios"].get(name)
        table.add_row(
            name,
            *(str(row[key]) for key in ("median_ms", "p99_ms", "server_cpu_ms", "per_s")),
            f"{against['ratio']} ({against['spread'][0]} to {against['spread'][1]})" if against else "",
            str(against["goal"]) if against else "",
        )
    console.print(table)
    console.print(
        f"one insert without HTTP: {found['insert']['commit_ms']} ms, "
        f"{found['insert']['commit_without_fsync_ms']} ms without waiting for the disk; said: {found['outcomes']}"
    )


def main() -> None:
    """Exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.doors", description="filings and enquiries over HTTP"
    )
    parser.add_argument("--pipes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--size", type=int, default=160, help="requests a block")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()
    found = run(arguments.pipes, arguments.rounds, arguments.size)
    if arguments.json:
        print(json.dumps(found))
    else:
        show(found, Console())
    sys.exit(not all(row["reached"] for row in found["ratios"].values()))


if __name__ == "__main__":
    main()

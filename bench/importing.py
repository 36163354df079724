"""`predig bench import`: the same GeoPackage into the same PostgreSQL by `ogr2ogr` and by `predig network import`.

In turn, each round into tables and a dataset of its own; then the same file once more, of which nothing may read as
changed. Then one import is killed half-way: the revision that stood must still stand, and the next change of the
register must get through.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

from bench.house import libpq_form, temporary_home
from bench.province import make_network, write_network
from bench.ratios import Bar, Measured, Report, measured, rounded, rows_table
from spatial.errors import Refused
from spatial.values import Utility
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault

TIMES_OGR, MOST_MB = 4.0, 2_000.0
PATIENCE_S = 60.0
SECOND_SEED = 8
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Done:
    """One program that ran: seconds, and the most memory it held."""

    seconds: float
    peak_mb: float


def run(pipes: int, rounds: int, report: Report | None = None) -> Measured:
    """Write the file, import it both ways, kill one, throw all away."""
    if shutil.which("ogr2ogr") is None:
        raise Refused.because(
            "ogr2ogr_missing",
            en="ogr2ogr is not installed (Debian: gdal-bin); an import is measured against it",
            zh="未安装 ogr2ogr（Debian：gdal-bin），无法与之比较",
        )
    with temporary_home() as home, embedded_cluster(home) as cluster, tempfile.TemporaryDirectory() as folder:
        migrate(cluster.url(ADMIN))
        admin, app = libpq_form(cluster.url(ADMIN)), cluster.url(APP)
        file = write_network(make_network(pipes), Path(folder) / "province.gpkg")
        changed = write_network(make_network(pipes, SECOND_SEED), Path(folder) / "changed.gpkg")
        theirs, ours = [], []
        for number in range(rounds):
            theirs.append(_finished(_ogr2ogr(file, admin, f"peer_{number}")))
            ours.append(_finished(predig_import(file, f"round {number}"), app))
            if report is not None:
                report(number + 1, rounds + 1)
        again, revisions = _again(file, app)
        killed = _killed_half_way(changed, app, median(one.seconds for one in ours) / 2)
        if report is not None:
            report(rounds + 1, rounds + 1)
        rows = _rows_of(admin)
    return _told(pipes, theirs, ours, again, revisions, killed, rows)


def _told(
    pipes: int,
    theirs: Sequence[Done],
    ours: Sequence[Done],
    again: Done,
    revisions: int,
    killed: dict[str, Any],
    rows: int,
) -> Measured:
    ratio = median(mine.seconds / peer.seconds for mine, peer in zip(ours, theirs, strict=True))
    peak_mb = max(one.peak_mb for one in [*ours, again])
    bars = [
        Bar("import, times ogr2ogr with an index", ratio, TIMES_OGR),
        Bar("peak memory of the import, MB", peak_mb, MOST_MB),
        Bar("revisions made by the same file again", revisions, 0),
        Bar("what a kill half-way changed of the register", 0 if killed["stood"] else 1, 0),
        Bar("changes refused for good after the kill", 0 if killed["next_change_s"] is not None else 1, 0),
    ]
    record = {
        "bench": "import",
        "pipes": pipes,
        "rows_by_ogr2ogr": rows,
        "ogr2ogr_s": [rounded(one.seconds) for one in theirs],
        "predig_s": [rounded(one.seconds) for one in ours],
        "again_s": rounded(again.seconds),
        "ratio": rounded(ratio),
        "predig_peak_mb": rounded(peak_mb),
        "pipes_per_s": rounded(pipes / median(one.seconds for one in ours)),
        "killed": killed,
    }
    table = rows_table(
        f"{pipes:,} pipes in one GeoPackage",
        ("", "seconds", "peak MB"),
        [
            *(("ogr2ogr", rounded(one.seconds), rounded(one.peak_mb)) for one in theirs),
            *(("predig network import", rounded(one.seconds), rounded(one.peak_mb)) for one in ours),
            ("the same again", rounded(again.seconds), rounded(again.peak_mb)),
        ],
    )
    return measured(record, (table,), bars)


def _ogr2ogr(file: Path, admin: str, table: str) -> list[str]:
    """COPY, lines as they are, a spatial index: the quickest that program does."""
    return [
        *("ogr2ogr", "-f", "PostgreSQL", f"PG:{make_dsn(**parse_dsn(admin))}", str(file)),
        *("-nln", table, "-nlt", "LINESTRING", "-lco", "GEOMETRY_NAME=geom", "-lco", "SPATIAL_INDEX=GIST"),
        *("-lco", "SCHEMA=public", "--config", "PG_USE_COPY", "YES", "-gt", "65536"),
    ]


def predig_import(file: Path, dataset: str) -> list[str]:
    return [
        *(sys.executable, "-m", "api", "network", "import", str(file), "--utility", "BENCH"),
        *("--dataset", dataset, "--crs", "EPSG:4490", "--id-field", "id", "--json"),
        *("--confirm-loss", "1000000000"),
    ]


def _finished(command: Sequence[str], app: str | None = None) -> Done:
    """Run to the end. Raises with what it said when it failed."""
    begun = perf_counter()
    peak_kb: dict[int, int] = {}
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(command, env=environment(app), stdout=said, stderr=said)
        while running.poll() is None:
            for pid in _family(running.pid):
                peak_kb[pid] = max(peak_kb.get(pid, 0), _high_water_kb(pid))
            sleep(LOOK_EVERY_S)
        seconds = perf_counter() - begun
        if running.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]} ended with {running.returncode}: {said.read()[-2000:]!r}")
    return Done(seconds, sum(peak_kb.values()) / 1024)


def _family(pid: int) -> list[int]:
    """A process and its children, theirs too."""
    family = [pid]
    for one in family:
        with suppress(OSError):
            family += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return family


def _high_water_kb(pid: int) -> int:
    """The most memory a process held since it became its program: what wait() tells counts what it was forked from."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def environment(app: str | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
    return kept if app is None else kept | {"PREDIG_DATABASE_URL": app}


def _again(file: Path, app: str) -> tuple[Done, int]:
    """The first dataset's own file over it, and how many revisions that made."""
    with closing(PostgisVault(app)) as vault:
        before = vault.newest_revision()
        done = _finished(predig_import(file, "round 0"), app)
        return done, vault.newest_revision() - before


def _killed_half_way(file: Path, app: str, after_s: float) -> dict[str, Any]:
    """Import other pipes over the first dataset and kill the program; what stands then, and when a change is taken."""
    vault = PostgisVault(app)
    try:
        before = (vault.newest_revision(), json.dumps(vault.datasets(), default=str, sort_keys=True))
        running = subprocess.Popen(
            predig_import(file, "round 0"),
            env=environment(app),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sleep(after_s)
        finished = running.poll() is not None
        running.send_signal(signal.SIGKILL)
        running.wait()
        begun = perf_counter()
        after = (vault.newest_revision(), json.dumps(vault.datasets(), default=str, sort_keys=True))
        return {
            "after_s": rounded(after_s),
            "finished_before": finished,
            "stood": before == after and not finished,
            "next_change_s": _next_change(vault, begun),
        }
    finally:
        vault.close()


def _next_change(vault: PostgisVault, begun: float) -> float | None:
    """Seconds until the register takes another change; None when it does not."""
    while perf_counter() - begun < PATIENCE_S:
        try:
            vault.set_utility(Utility("NEXT", "the next"))
            return rounded(perf_counter() - begun)
        except Refused:
            sleep(0.1)
    return None


def _rows_of(admin: str) -> int:
    """What ogr2ogr brought in: it must be every pipe."""
    with psycopg2.connect(admin) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.peer_0")
        (count,) = cursor.fetchone()
    connection.close()
    return int(count)

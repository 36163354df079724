"""`predig bench rescreen`: an import that touches every open permit, while others go on filing.

The permits are filed and judged, then `predig up` serves with its worker. One client files at a steady pace: first while
nothing else goes on, then while another program imports the network anew (every pipe a little less certain, so that
every pipe has a new version) and the worker judges the permits again. All is out when no job waits. Beside it: how long
the same permits take when they are only judged.
"""

import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import psycopg2

from api.screen import Rules, keep_rules, work_off_jobs
from api.settings import today
from bench.doors import filings
from bench.doors_load import Client, request
from bench.house import libpq_form
from bench.importing import environment, predig_import
from bench.peers.contest import Contest
from bench.peers.ours import SinglePath
from bench.province import Network, dig_sites, make_network, make_sites, write_network
from bench.ratios import Bar, Measured, Report, latency, measured, rounded, rows_table, seconds_of
from bench.register import declare_cities, province_register
from bench.servers import predig_command, served
from ingest import load_profile
from spatial.screening import query_boxes
from spatial.values import Contact, DigSite, PermitParties
from sql.postgis import PostgisVault
from sql.vault import Filing

FILINGS_PER_S = 20
CALM_S = 20.0
AT_ONCE = 200
"""Permits filed in one transaction beforehand."""
LONGEST_S = 3_600.0
LESS_CERTAIN_M = 0.5
OUT_WITHIN, SLOWER_AT_MOST = 3.0, 2.0
STAGES = 5
LOOK_EVERY_S = 0.25
OPEN = "open"
"""The title of the permits filed beforehand."""
ALERTS = "SELECT count(*) FROM predig.alert JOIN predig.permit USING (permit_id) WHERE title = %(title)s"
TO_DO = """
SELECT count(*) FROM predig.job LEFT JOIN predig.permit USING (permit_id)
 WHERE state <> 'done' AND (kind = 'revision' OR title = %(title)s)
"""


class Filer:
    """One client that files at a steady pace. seconds: (when it was sent, how long the answer took)."""

    def __init__(self, port: int, bodies: Sequence[bytes]) -> None:
        self._client = Client(port)
        self._requests = [request("POST", "/v1/permits", body) for body in bodies]
        self._ended = threading.Event()
        self.seconds: list[tuple[float, float]] = []
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Filer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def _run(self) -> None:
        try:
            number, due = 0, perf_counter()
            while not self._ended.wait(max(due - perf_counter(), 0.0)):
                begun = perf_counter()
                status, body = self._client.ask(self._requests[number % len(self._requests)])
                if status != 201:
                    raise RuntimeError(f"a filing was answered {status}: {body[:300]!r}")
                self.seconds.append((begun, perf_counter() - begun))
                number, due = number + 1, max(due + 1 / FILINGS_PER_S, perf_counter() - 1.0)
        except BaseException as error:
            self.failed = error

    def between(self, begin: float, end: float) -> np.ndarray:
        """How long the answers to what was sent in that time took."""
        if self.failed is not None:
            raise self.failed
        return np.array([took for sent, took in self.seconds if begin <= sent < end])


def run(pipes: int, permits: int, report: Report | None = None) -> Measured:
    """Make the register and the permits, serve, import, wait until all is out, throw all away."""
    profile, text = load_profile("cn-gb55009")
    network, day = make_network(pipes), today()
    sites = make_sites(network, permits)

    def done(stage: int) -> None:
        if report is not None:
            report(stage, STAGES)

    with ExitStack() as stack:
        register = stack.enter_context(province_register(network, profile))
        vault = register.vault
        declare_cities(vault, day)
        done(1)
        _file(vault, dig_sites(sites), Rules(profile, text))
        first_s, _ = seconds_of(lambda: work_off_jobs(vault, day))
        alerts_before = _count(register.admin_url, ALERTS)
        done(2)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = write_network(_less_certain(network), folder / "again.gpkg")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        port, _ = stack.enter_context(
            served(predig_command, kept | {"PREDIG_DATABASE_URL": register.app_url}, "/livez")
        )
        bodies = filings(make_sites(network, 2_000, seed=13), day)
        with Filer(port, bodies) as filer:
            sleep(CALM_S)
            begun = perf_counter()
            done(3)
            committed = _import(vault, file, register.app_url)
            done(4)
            out = _all_out(register.admin_url)
        alerts = _count(register.admin_url, ALERTS) - alerts_before
        contest = Contest(network, sites, profile)
        judging_s, _ = seconds_of(lambda: SinglePath(contest, vault).bulk(permits))
        done(5)
    return _told(
        pipes, permits, first_s, committed - begun, out - committed, judging_s, alerts,
        filer.between(begun - CALM_S + 2.0, begun), filer.between(begun, committed), filer.between(committed, out),
    )  # fmt: skip


def _told(
    pipes: int,
    permits: int,
    first_s: float,
    import_s: float,
    out_s: float,
    judging_s: float,
    alerts: int,
    calm: np.ndarray,
    importing: np.ndarray,
    rescreening: np.ndarray,
) -> Measured:
    times = {"calm": latency(calm), "importing": latency(importing), "rescreening": latency(rescreening)}
    bars = [
        Bar(
            "filings' p99 while permits are judged again, times when calm",
            float(times["rescreening"]["p99_ms"] / times["calm"]["p99_ms"]),
            SLOWER_AT_MOST,
        ),
        Bar(
            "filings' p99 during the import, times when calm",
            float(times["importing"]["p99_ms"] / times["calm"]["p99_ms"]),
            SLOWER_AT_MOST,
        ),
        Bar("all alerts out, times the bulk judgement of the same permits", out_s / judging_s, OUT_WITHIN),
    ]
    record = {
        "bench": "rescreen",
        "pipes": pipes,
        "permits": permits,
        "first_judged_s": rounded(first_s),
        "import_s": rounded(import_s),
        "all_out_s": rounded(out_s),
        "bulk_judgement_s": rounded(judging_s),
        "alerts": alerts,
        "filings": times,
    }
    rows = [(name, one["p50_ms"], one["p99_ms"], one["n"]) for name, one in times.items()]
    title = (
        f"{pipes:,} pipes, {permits:,} open permits: all out {out_s:.1f} s after the commit ({alerts:,} alerts), judged "
        f"alone in {judging_s:.1f} s; import {import_s:.1f} s"
    )
    return measured(record, (rows_table(title, ("filings", "p50 ms", "p99 ms", "n"), rows),), bars)


def _file(vault: PostgisVault, sites: Sequence[DigSite], rules: Rules) -> None:
    """A permit a site, committed and not judged yet."""
    keep_rules(vault, rules)
    day = today()
    parties = PermitParties(OPEN, day + timedelta(days=5), day + timedelta(days=20), Contact("bench"))
    every = [
        Filing(parties, rules.profile.sha256, (site,), (query_boxes(site, rules.profile),)) for site in sites
    ]
    for first in range(0, len(every), AT_ONCE):
        vault.file_all(every[first : first + AT_ONCE])


def _less_certain(network: Network) -> Network:
    return replace(network, uncertainty_m=network.uncertainty_m + LESS_CERTAIN_M)


def _import(vault: PostgisVault, file: Path, app_url: str) -> float:
    """Import by another program; the moment its revision could be seen."""
    revision = vault.newest_revision()
    running = subprocess.Popen(
        predig_import(file, "province"),
        env=environment(app_url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while vault.newest_revision() == revision:
            if running.poll():
                raise RuntimeError(f"the import ended with {running.returncode}")
            sleep(0.05)
        return perf_counter()
    finally:
        running.wait()


def _all_out(admin_url: str) -> float:
    """The moment the change and all permits filed beforehand were done with, seen at LOOK_EVERY_S."""
    begun = perf_counter()
    while perf_counter() - begun < LONGEST_S:
        if not _count(admin_url, TO_DO):
            return perf_counter()
        sleep(LOOK_EVERY_S)
    raise RuntimeError(f"permits still wait after {LONGEST_S:.0f} s")


def _count(admin_url: str, query: str) -> int:
    with closing(psycopg2.connect(libpq_form(admin_url))) as connection, connection.cursor() as cursor:
        cursor.execute(query, {"title": OPEN})
        (count,) = cursor.fetchone()
    return int(count)

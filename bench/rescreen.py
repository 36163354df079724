"""`python -m bench.rescreen`: an import touches every open permit, and people go on filing meanwhile.

One register, `predig up` with its servers and its worker, thousands of open permits. Clients file for a while, go on
while a new survey lays a pipe beside each of the permits and all are judged again, and for a while after. Timed is what
their filings take before, meanwhile and after, and how long it is from the import's commit until the last alert is
kept; beside it, in the same run, the mere judgement of the same permits in one process, nothing kept.

`--home FOLDER` builds there and keeps it: what is there already is measured at once.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any

import numpy as np
import psycopg2
import shapely
from rich.console import Console
from rich.table import Table

from api.judging import Question, judge
from api.register import cut_assets
from api.screen import question_of
from api.settings import today
from api.working import work
from bench.candidates import TOWNS, town_network, town_site
from bench.doors import SERVED_DEGREES, clients, filing, libpq_form, predig_command, served
from bench.doors_load import CLIENTS, Block, Measured, request
from bench.house import temporary_home
from ingest import load_profile
from spatial.canonical import sha256
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import Asset, Contact, DigSite, NetworkIntake, PermitParties, RegisterGeometry
from spatial.words import GroundKind, PipeKind, PressureClass
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import Filing, GroundDeclaration, PermitRecord, Vault

MOST_MEANWHILE = 2.0
"""Times the p99 of filings without the re-screening."""
MOST_FOR_ALERTS = 3.0
"""Times the mere judgement of the same permits."""

DATASET = 100_000
"""Pipes of one dataset; each further one lies beside the first, as dense as that."""
EAST_DEG, NORTH_DEG, COLUMNS = 0.15, 0.12, 5
PERMIT_DAYS = 60
BLOCK = 10
"""Filings of each client before the clients are asked how long they took."""
WARM_UP_S = 3.0
JUDGED_AT_ONCE = 500


def shift(number: int) -> np.ndarray:
    """Degrees by which a dataset lies beside the first."""
    return np.array([EAST_DEG * (number % COLUMNS), NORTH_DEG * (number // COLUMNS)])


# -- the register -----------------------------------------------------------------------------------------


def build(url: str, pipes: int, permits: int) -> None:
    """The register, and permits that are judged."""
    profile, text = load_profile("cn-gb55009")
    datasets = max(1, pipes // DATASET)
    day = today()
    with closing(PostgisVault(url)) as vault:
        for number in range(datasets):
            town = town_network(np.random.default_rng(7 + number), pipes // datasets, profile)
            moved = [_moved(asset, shift(number)) for asset in town.assets]
            _bring(vault, f"towns-{number}", moved, profile, day)
        ground = _ground(datasets)
        vault.declare_ground(GroundDeclaration("BENCH", GroundKind.SERVICE_AREA, ground))
        vault.declare_ground(
            GroundDeclaration("BENCH", GroundKind.COVERAGE, ground, tuple(PipeKind), day, 3650)
        )
        vault.keep_profile(text, profile.sha256, profile.profile_id, profile.version)
        rng = np.random.default_rng(5)
        for first in range(0, permits, 500):
            count = min(500, permits - first)
            vault.file_all([_filing(rng, datasets, profile, day) for _ in range(count)])
        sleep(6)  # the head start of those who file
        worked = work(vault, day)
        if worked.failed or worked.left:
            raise RuntimeError(f"not all was judged: {worked.failed}, {worked.left} left")


def survey(vault: Vault, permit_ids: Sequence[str], profile: RuleProfile, day: date) -> None:
    """Import one dataset with a pipe beside each permit; what it held before is gone."""
    model = town_network(np.random.default_rng(1), 1, profile).assets[0]
    revision = vault.newest_revision()
    assets = []
    for number, plan in enumerate(vault.plans(permit_ids)):
        x, y = shapely.get_coordinates(plan.sites[0].geometry)[0]
        line = shapely.linestrings([(x - 2e-4, y + 2e-5), (x, y + 2.2e-5), (x + 2e-4, y + 2e-5)])
        name = f"{revision}-{number}"
        assets.append(
            replace(
                model,
                source_id=name,
                geometry=RegisterGeometry(shapely.multilinestrings([line])),
                pressure_class=PressureClass.MP_A,
                digest=sha256(name),
            )
        )
    _bring(vault, "survey", assets, profile, day)


def _bring(vault: Vault, dataset: str, assets: Sequence[Asset], profile: RuleProfile, day: date) -> None:
    intake = NetworkIntake(
        received=len(assets),
        assets=tuple(assets),
        rejected=(),
        warnings={},
        crs="EPSG:4490",
        operation="no change; exact",
        operation_accuracy_m=0.0,
        stable_ids=True,
        sources=(("generated", sha256("bench")),),
    )
    vault.import_network(intake, cut_assets(assets, profile), utility="BENCH", dataset=dataset, on=day)


def _moved(asset: Asset, by: np.ndarray) -> Asset:
    geometry = shapely.transform(asset.geometry, lambda xy: xy + by)
    return replace(asset, geometry=RegisterGeometry(geometry))


def _ground(datasets: int) -> shapely.MultiPolygon:
    middles = [town + shift(number) for number in range(datasets) for town in TOWNS]
    areas = shapely.union_all(
        [shapely.Point(middle).buffer(SERVED_DEGREES, cap_style="square") for middle in middles]
    )
    return areas if areas.geom_type == "MultiPolygon" else shapely.MultiPolygon([areas])


def _filing(rng: np.random.Generator, datasets: int, profile: RuleProfile, day: date) -> Filing:
    site = _site(rng, datasets)
    parties = PermitParties("bench", day, day + timedelta(days=PERMIT_DAYS), Contact("bench"))
    return Filing(parties, profile.sha256, (site,), (query_boxes(site, profile),))


def _site(rng: np.random.Generator, datasets: int) -> DigSite:
    site, by = town_site(rng), shift(int(rng.integers(datasets)))
    geometry = shapely.transform(site.geometry, lambda xy: xy + by)
    return replace(site, geometry=RegisterGeometry(geometry))


# -- filing meanwhile -------------------------------------------------------------------------------------


@dataclass
class Filings:
    """Clients that file until they are told to stop. seconds: by phase, of all filings begun in it."""

    orders: Connection
    port: int
    pause_s: float
    phase: str = "warm-up"
    seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    _ended: Event = field(default_factory=Event)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        thread = Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _run(self) -> None:
        rng, day = np.random.default_rng(99), today()
        while not self._ended.is_set():
            phase = self.phase
            bodies = [filing(rng, day) for _ in range(BLOCK * CLIENTS)]
            requests = tuple(request("POST", "/v1/permits", body) for body in bodies)
            self.orders.send(Block(self.port, requests, self.pause_s))
            got: Measured = self.orders.recv()
            if phase == self.phase:  # else it belongs to neither
                self.seconds.setdefault(phase, []).extend(got.seconds)
            for status, count in got.statuses.items():
                if status != 201:
                    self.refused[status] = self.refused.get(status, 0) + count


# -- measuring --------------------------------------------------------------------------------------------


def run(home: Path | None, pipes: int, permits: int, quiet_s: float, pause_s: float) -> dict[str, Any]:
    """Build what is not there, measure, throw away what has no home."""
    with ExitStack() as stack:
        kept = home or stack.enter_context(temporary_home())
        cluster = stack.enter_context(embedded_cluster(kept))
        migrate(cluster.url(ADMIN))
        url = cluster.url(APP)
        vault = stack.enter_context(closing(PostgisVault(url)))
        if vault.newest_revision() == 0:
            build(url, pipes, permits)
        else:
            work(vault, today())
        eye = stack.enter_context(closing(psycopg2.connect(libpq_form(cluster.url(ADMIN)))))
        eye.autocommit = True
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        port, _ = stack.enter_context(
            served(predig_command, environment | {"PREDIG_DATABASE_URL": url}, "/livez")
        )
        orders = stack.enter_context(clients())
        return measure(vault, eye, Filings(orders, port, pause_s), permits, quiet_s) | {
            "pipes": vault.status()["assets"],
            "clients": CLIENTS,
            "pause_ms": round(pause_s * 1000),
        }


def measure(vault: PostgisVault, eye: Any, filings: Filings, permits: int, quiet_s: float) -> dict[str, Any]:
    """The three phases; before and after them, with nobody filing, the judgement alone. permits: how many are touched."""
    profile, _ = load_profile("cn-gb55009")
    day = today()
    permit_ids = [permit.permit_id for permit in _open(vault, day)][:permits]
    last_alert = _one(eye, LAST_ALERT)
    questions = [question_of(vault, plan, day) for plan in vault.plans(permit_ids)]
    questions.sort(key=lambda question: question.sites[0].geometry.bounds)
    judgements_s = [_judged(vault, questions)]
    with filings.going_on():
        sleep(WARM_UP_S)
        filings.phase = "before"
        sleep(quiet_s)
        filings.phase = "import"
        survey(vault, permit_ids, profile, day)
        begun = perf_counter()
        filings.phase = "meanwhile"
        while _one(eye, UNDONE):
            sleep(0.05)
        alerts_s = perf_counter() - begun
        filings.phase = "after"
        sleep(quiet_s)
        filings.phase = "end"
    told = _one(eye, TOLD, last_alert, permit_ids)
    if told < len(permit_ids):
        raise RuntimeError(f"of {len(permit_ids)} permits only {told} were told of")
    judgements_s.append(_judged(vault, questions))
    return report(filings, len(permit_ids), alerts_s, judgements_s)


UNDONE = "SELECT count(*) FROM predig.job WHERE state <> 'done' AND NOT of_request"
LAST_ALERT = "SELECT coalesce(max(alert_id), 0) FROM predig.alert"
TOLD = """
SELECT count(DISTINCT permit_id) FROM predig.alert
 WHERE alert_id > %s AND change = 'new' AND dataset = 'survey' AND permit_id = ANY (%s::uuid[])
"""


def _judged(vault: Vault, questions: Sequence[Question]) -> float:
    """Seconds to judge them, nothing kept."""
    start = perf_counter()
    for first in range(0, len(questions), JUDGED_AT_ONCE):
        judge(vault, questions[first : first + JUDGED_AT_ONCE])
    return perf_counter() - start


def _open(vault: Vault, day: date) -> Iterator[PermitRecord]:
    after = 0
    while page := vault.permits(open_on=day, after=after, limit=1_000):
        yield from page
        after = page[-1].filed_order


def _one(eye: Any, statement: str, *values: object) -> int:
    with eye.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


# -- saying -----------------------------------------------------------------------------------------------


def report(filings: Filings, permits: int, alerts_s: float, judgements_s: Sequence[float]) -> dict[str, Any]:
    """One JSON object. The p99 meanwhile is held against that of before and after together, and so are the alerts: the
    machine is not the same all the time."""
    judgement_s = statistics.mean(judgements_s)
    quiet = filings.seconds["before"] + filings.seconds["after"]
    phases = {name: _phase(filings.seconds[name]) for name in ("before", "meanwhile", "after")}
    meanwhile = phases["meanwhile"]["p99_ms"] / _phase(quiet)["p99_ms"]
    alerts = alerts_s / judgement_s
    return {
        "permits": permits,
        "filings": phases,
        "not_created": filings.refused,
        "judgement_s": [round(seconds, 2) for seconds in judgements_s],
        "alerts_out_s": round(alerts_s, 2),
        "ratios": {
            "filings_p99": _ratio(meanwhile, MOST_MEANWHILE),
            "alerts_out": _ratio(alerts, MOST_FOR_ALERTS),
        },
    }


def _phase(seconds: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "filings": len(ordered),
    }


def _ratio(ratio: float, bar: float) -> dict[str, Any]:
    return {"ratio": round(ratio, 2), "bar": bar, "reached": ratio <= bar}


def show(found: dict[str, Any], console: Console) -> None:
    """The same as a table."""
    about = f"{found['clients']} clients, each pausing {found['pause_ms']} ms"
    table = Table(title=f"{found['pipes']:,} pipes, {found['permits']:,} open permits; {about}")
    for column in ("filings", "p50 ms", "p99 ms", "count"):
        table.add_column(column, justify="left" if column == "filings" else "right")
    for name, row in found["filings"].items():
        table.add_row(name, *(str(row[key]) for key in ("p50_ms", "p99_ms", "filings")))
    console.print(table)
    console.print(f"judgement alone {found['judgement_s']} s, all alerts out {found['alerts_out_s']} s")
    for name, row in found["ratios"].items():
        console.print(f"{name}: {row['ratio']} x (bar {row['bar']})")


def main() -> None:
    """Exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.rescreen", description="filings while all open permits are judged again"
    )
    parser.add_argument("--pipes", type=int, default=100_000)
    parser.add_argument("--permits", type=int, default=1_000)
    parser.add_argument("--quiet-s", type=float, default=20.0, help="seconds before and after")
    parser.add_argument("--pause-ms", type=float, default=100.0, help="of each client after each answer")
    parser.add_argument("--home", type=Path, help="build there and keep it, or measure what is there")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()
    found = run(
        arguments.home, arguments.pipes, arguments.permits, arguments.quiet_s, arguments.pause_ms / 1000
    )
    if arguments.json:
        print(json.dumps(found))
    else:
        show(found, Console())
    sys.exit(not all(row["reached"] for row in found["ratios"].values()))


if __name__ == "__main__":
    main()

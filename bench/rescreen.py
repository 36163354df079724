"""`predig bench rescreen`: an import touches every open permit, and people go on filing meanwhile.

One register, `predig up` with its servers and its worker, thousands of open permits. Clients file for a while, go on
while a new survey lays a pipe beside each of the permits and all are judged again, and for a while after. Timed is what
their filings take before, meanwhile and after, and how long it is from the import's commit until the last alert is
kept; beside it, in the same run, the mere judgement of the same permits in one process, nothing kept.
"""

import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from multiprocessing.connection import Connection
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any

import psycopg2
import shapely

from api.judging import Question, judge
from api.register import cut_assets
from api.screen import question_of
from api.settings import today
from api.working import work
from bench.doors import clients, filings
from bench.doors_load import CLIENTS, Block, request
from bench.doors_load import Measured as Answers
from bench.house import libpq_form
from bench.province import Network, assets_of, dig_sites, intake_of, make_network, make_sites
from bench.ratios import Bar, Measured, Report, measured, rows_table
from bench.register import declare_cities, province_register
from bench.servers import predig_command, served
from ingest import load_profile
from spatial.canonical import sha256
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import Contact, DigSite, PermitParties, RegisterGeometry
from spatial.words import PressureClass
from sql.postgis import PostgisVault
from sql.vault import Filing, PermitRecord, Vault

MOST_MEANWHILE = 2.0
"""Times the p99 of filings without the re-screening."""
MOST_FOR_ALERTS = 3.0
"""Times the mere judgement of the same permits."""

PERMIT_DAYS = 60
BLOCK = 10
"""Filings of each client before the clients are asked how long they took."""
WARM_UP_S = 3.0
QUIET_S = 20.0
"""Before and after."""
PAUSE_S = 0.05
"""Of each client after each answer."""
JUDGED_TIMES, JUDGED_AT_ONCE = 3, 500


# -- permits, and the survey that touches them ------------------------------------------------------------


def file_and_judge(vault: PostgisVault, sites: Sequence[DigSite], day: date) -> None:
    """Open permits that are judged."""
    profile, text = load_profile("cn-gb55009")
    vault.keep_profile(text, profile.sha256, profile.profile_id, profile.version)
    parties = PermitParties("bench", day, day + timedelta(days=PERMIT_DAYS), Contact("bench"))
    every = (Filing(parties, profile.sha256, (site,), (query_boxes(site, profile),)) for site in sites)
    while some := list(islice(every, 500)):
        vault.file_all(some)
    sleep(6)  # the head start of those who file
    worked = work(vault, day)
    if worked.failed or worked.left:
        raise RuntimeError(f"not all was judged: {worked.failed}, {worked.left} left")


def survey(vault: Vault, permit_ids: Sequence[str], profile: RuleProfile, day: date) -> None:
    """Import one dataset with a pipe beside each permit; what it held before is gone."""
    model = assets_of(make_network(2))[0]
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
    intake = replace(intake_of(make_network(2)), received=len(assets), assets=tuple(assets))
    vault.import_network(intake, cut_assets(assets, profile), utility="BENCH", dataset="survey", on=day)


# -- filing meanwhile -------------------------------------------------------------------------------------


@dataclass
class Filings:
    """Clients that file until they are told to stop. seconds: by phase, of all filings begun in it."""

    orders: Connection
    port: int
    network: Network
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
        seed = 99
        while not self._ended.is_set():
            phase = self.phase
            bodies = filings(make_sites(self.network, BLOCK * CLIENTS, seed), today())
            requests = tuple(request("POST", "/v1/permits", body) for body in bodies)
            seed += 1
            self.orders.send(Block(self.port, requests, self.pause_s))
            got: Answers = self.orders.recv()
            if phase == self.phase:  # else it belongs to neither
                self.seconds.setdefault(phase, []).extend(got.seconds)
            for status, count in got.statuses.items():
                if status != 201:
                    self.refused[status] = self.refused.get(status, 0) + count


# -- measuring --------------------------------------------------------------------------------------------


def run(pipes: int, permits: int, report: Report | None = None) -> Measured:
    """Make the register and the permits, measure, throw all away."""
    profile, _ = load_profile("cn-gb55009")
    network, day = make_network(pipes), today()
    with ExitStack() as stack:
        register = stack.enter_context(province_register(network, profile))
        declare_cities(register.vault, day)
        file_and_judge(register.vault, dig_sites(make_sites(network, permits)), day)
        if report is not None:
            report(1, 2)
        eye = stack.enter_context(closing(psycopg2.connect(libpq_form(register.admin_url))))
        eye.autocommit = True
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        port, _ = stack.enter_context(
            served(predig_command, environment | {"PREDIG_DATABASE_URL": register.app_url}, "/livez")
        )
        orders = stack.enter_context(clients())
        found = measure(register.vault, eye, Filings(orders, port, network, PAUSE_S), QUIET_S)
        if report is not None:
            report(2, 2)
    return _told(found | {"pipes": pipes, "clients": CLIENTS, "pause_ms": round(PAUSE_S * 1000)})


def measure(vault: PostgisVault, eye: Any, filings: Filings, quiet_s: float) -> dict[str, Any]:
    """The three phases, and then, with nobody filing, the judgement alone."""
    profile, _ = load_profile("cn-gb55009")
    day = today()
    permit_ids = [permit.permit_id for permit in _open(vault, day)]
    last_alert = _one(eye, LAST_ALERT)
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
    questions = [question_of(vault, plan, day) for plan in vault.plans(permit_ids)]
    questions.sort(key=lambda question: question.sites[0].geometry.bounds)
    judgement_s = min(_judged(vault, questions) for _ in range(JUDGED_TIMES))
    return report(filings, len(permit_ids), alerts_s, judgement_s)


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


def report(filings: Filings, permits: int, alerts_s: float, judgement_s: float) -> dict[str, Any]:
    """One JSON object. The p99 meanwhile is held against that of before and after together."""
    quiet = filings.seconds["before"] + filings.seconds["after"]
    phases = {name: _phase(filings.seconds[name]) for name in ("before", "meanwhile", "after")}
    return {
        "permits": permits,
        "filings": phases,
        "not_created": filings.refused,
        "judgement_s": round(judgement_s, 2),
        "alerts_out_s": round(alerts_s, 2),
        "filings_p99": round(phases["meanwhile"]["p99_ms"] / _phase(quiet)["p99_ms"], 2),
        "alerts_out": round(alerts_s / judgement_s, 2),
    }


def _phase(seconds: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "filings": len(ordered),
    }


def _told(found: dict[str, Any]) -> Measured:
    rows = [(name, row["p50_ms"], row["p99_ms"], row["filings"]) for name, row in found["filings"].items()]
    title = (
        f"{found['pipes']:,} pipes, {found['permits']:,} open permits; {found['clients']} clients, each pausing "
        f"{found['pause_ms']} ms; judgement alone {found['judgement_s']} s, all alerts out {found['alerts_out_s']} s"
    )
    bars = [
        Bar("filings' p99 meanwhile, times before and after", found["filings_p99"], MOST_MEANWHILE),
        Bar("all alerts out, times the judgement alone", found["alerts_out"], MOST_FOR_ALERTS),
    ]
    table = rows_table(title, ("filings", "p50 ms", "p99 ms", "count"), rows)
    return measured({"bench": "rescreen"} | found, (table,), bars)

"""`make faults`: kill -9 of anything, again and again, under filings; then nothing acknowledged may be missing.

A real `predig up` in a home of its own. Firms file over HTTP without pause and repeat what was not answered;
imports, blanks and coverages come and go. Fifty times a process is killed: a server at the door, the heavy one, the worker, the supervisor,
a process of PostgreSQL, or its postmaster. Each time it must be ready again within 30 s. Then the database is
stopped, and killed and held down: everything asked of it must be answered 503 within 2 s. At the end all that was
acknowledged is looked for, and everything filed is held against brute force.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from api.evidence.reconcile import Mismatch, reconcile
from api.settings import today
from bench.fault_filers import Filers
from bench.fault_gone import Gone, database_gone
from bench.fault_house import VICTIMS, FaultHouse
from bench.fault_town import FaultTown, Told, conflicts_that_are
from bench.house import temporary_home
from ingest import load_profile
from spatial.errors import Refused
from sql.cluster import ADMIN
from sql.errors import VaultUnavailable
from sql.postgis import PostgisVault
from sql.vault import Vault

KILLS, PIPES, PER_S, THREADS, SEED = 50, 3_000, 24.0, 8, 20_261_124
READY_WITHIN_S = 30.0
DRAINED_WITHIN_S = 600.0
CHANGE_EVERY_S = 12.0
AT_WORK_FILINGS = 60
"""Answered between one kill and the next."""
PAGE = 500


@dataclass
class Figures:
    """kills: by what was killed; ready_s: the longest and the median until a filing sent after the kill was
    answered and what was killed was there again."""

    kills: dict[str, int] = field(default_factory=dict)
    ready_s_max: float = 0.0
    ready_s_median: float = 0.0
    ready_s_max_by: dict[str, float] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    seconds_filing: float = 0.0
    seconds_away: float = 0.0
    filings_offered_per_s: float = 0.0
    filings_acknowledged: int = 0
    filings_acknowledged_per_s_while_ready: float = 0.0
    attempts: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    repeats: int = 0
    drained_s: float = 0.0
    database_gone: dict[str, Any] = field(default_factory=dict)
    conflicts: int = 0
    lost: int = 0
    keys_with_two_permits: int = 0
    repeats_differing: int = 0
    pending_left: int = 0
    missed: int = 0
    surplus: int = 0
    alerts_doubled: int = 0
    alerts_missing: int = 0
    reconciled: int = 0
    mismatches: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int | None = None

    @property
    def sound(self) -> bool:
        """Everything that must be 0 is, and every wait was short enough."""
        return (
            self.ready_s_max <= READY_WITHIN_S
            and self.exit_code == 0
            and not self.refused
            and not self.mismatches
            and all(gone["sound"] for gone in self.database_gone.values())
            and not any(
                (
                    self.lost,
                    self.keys_with_two_permits,
                    self.repeats_differing,
                    self.pending_left,
                    self.missed,
                    self.surplus,
                    self.alerts_doubled,
                    self.alerts_missing,
                )
            )
        )


def run(
    kills: int,
    pipes: int,
    per_s: float,
    home: Path,
    log: Path,
    *,
    victims: Sequence[str] = VICTIMS,
    gone: Sequence[Gone] = tuple(Gone),
    seed: int = SEED,
) -> Figures:
    """A campaign in the folder `home`, which must not exist yet. victims: each in its turn, then by lot."""
    figures = Figures(filings_offered_per_s=per_s)
    house = FaultHouse(home, log)
    profile, _ = load_profile("cn-gb55009")
    town = FaultTown(profile, today(), seed, pipes)
    house.start()
    try:
        house.wait_until_ready()
        with closing(PostgisVault(house.app_url)) as vault:
            town.settle(vault)
            filers = Filers(house, town, per_s, THREADS, seed)
            over = threading.Event()
            changer = threading.Thread(target=_change_on, args=(vault, town, over, figures), daemon=True)
            begun = time.monotonic()
            filers.start()
            changer.start()
            _kill_about(house, filers, kills, victims, random.Random(seed), figures)
            filed_by_now = len(filers.filed.acknowledged)
            figures.seconds_filing = round(time.monotonic() - begun, 1)
            ready_s = max(figures.seconds_filing - figures.seconds_away, 1.0)
            figures.filings_acknowledged_per_s_while_ready = round(filed_by_now / ready_s, 1)
            over.set()
            changer.join()
            permit_id = next(iter(filers.filed.acknowledged.values()))
            for how in gone:
                figures.database_gone[how.value] = database_gone(house, how, permit_id)
            filers.finish()
            _tell_filed(filers, figures)
            _drain(vault, figures)
            hold_to_account(vault, house.url(ADMIN), filers.filed.acknowledged, figures)
    finally:
        with suppress(Exception):
            figures.exit_code = house.stop()
    return figures


def _kill_about(
    house: FaultHouse,
    filers: Filers,
    kills: int,
    victims: Sequence[str],
    lot: random.Random,
    figures: Figures,
) -> None:
    waits: list[float] = []
    for number in range(kills):
        what = victims[number] if number < len(victims) else lot.choice(victims)
        _wait_for_filings(filers, AT_WORK_FILINGS)
        time.sleep(lot.uniform(0.0, 1.0))
        house.wait_until(lambda what=what: bool(house.victims(what)), READY_WITHIN_S)  # type: ignore[misc]
        victim = lot.choice(house.victims(what))
        killed_at = time.monotonic()
        house.kill(victim)
        if what == "supervisor":
            house.start()

        def back(what: str = what, victim: int = victim, killed_at: float = killed_at) -> bool:
            there = set(house.victims(what)) - {victim}
            return bool(there) and filers.filed.last_at > killed_at and house.is_ready()

        house.wait_until(back, 4 * READY_WITHIN_S)
        waited_s = round(time.monotonic() - killed_at, 2)
        waits.append(waited_s)
        figures.kills[what] = figures.kills.get(what, 0) + 1
        figures.ready_s_max_by[what] = max(figures.ready_s_max_by.get(what, 0.0), waited_s)
    figures.seconds_away = round(sum(waits), 1)
    figures.ready_s_max = max(waits, default=0.0)
    figures.ready_s_median = sorted(waits)[len(waits) // 2] if waits else 0.0


def _wait_for_filings(filers: Filers, count: int) -> None:
    """Until so many more are answered: the next blow falls on a house at work."""
    enough = len(filers.filed.acknowledged) + count
    deadline = time.monotonic() + READY_WITHIN_S
    while len(filers.filed.acknowledged) < enough and time.monotonic() < deadline:
        time.sleep(0.05)


def _change_on(vault: Vault, town: FaultTown, over: threading.Event, figures: Figures) -> None:
    """Changes of the register, each repeated until it was answered."""
    while not over.wait(CHANGE_EVERY_S):
        change = town.change
        while True:
            try:
                what = change(vault)
                break
            except (VaultUnavailable, Refused):
                change = town.again
                if over.wait(0.5):
                    return
        figures.changes[what] = figures.changes.get(what, 0) + 1


def _tell_filed(filers: Filers, figures: Figures) -> None:
    filed = filers.filed
    figures.filings_acknowledged = len(filed.acknowledged)
    figures.attempts, figures.statuses = filed.attempts, filed.statuses
    figures.refused = filed.refused[:10]
    figures.repeats, figures.repeats_differing = filed.repeats, filed.repeats_differing
    figures.keys_with_two_permits = len(filed.acknowledged) - len(set(filed.acknowledged.values()))


def _drain(vault: Vault, figures: Figures) -> None:
    """Wait until the worker has left nothing pending."""
    begun = time.monotonic()
    while time.monotonic() - begun < DRAINED_WITHIN_S:
        readiness = vault.readiness()
        if not readiness.jobs_waiting and not vault.pending_permits(today()):
            break
        time.sleep(1.0)
    figures.drained_s = round(time.monotonic() - begun, 1)
    figures.pending_left = len(vault.pending_permits(today()))


def hold_to_account(vault: Vault, owner_url: str, acknowledged: Mapping[str, str], figures: Figures) -> None:
    """Look for all that was acknowledged (key, which is the title -> permit), and judge everything once more."""
    titles: Counter[str] = Counter()
    known: dict[str, str] = {}
    told: set[Told] = set()
    after = 0
    while page := vault.permits(after=after, limit=PAGE):
        after = page[-1].filed_order
        for permit in page:
            titles[permit.parties.title] += 1
            known[permit.permit_id] = permit.parties.title
        ids = [screening_id for permit in page for screening_id in permit.screening_ids]
        for screening in vault.screenings_by_id(ids):
            told |= {
                (str(screening.permit_id), row["utility"], row["dataset"], row["source_id"])
                for row in screening.conflicts
            }
    figures.lost = sum(known.get(permit_id) != key for key, permit_id in acknowledged.items())
    figures.keys_with_two_permits += sum(count - 1 for count in titles.values())
    must, may = conflicts_that_are(owner_url)
    figures.conflicts = len(must)
    figures.missed, figures.surplus = len(must - told), len(told - may)
    figures.alerts_doubled, figures.alerts_missing = alert_faults(vault.alerts(), told)
    found: list[Mismatch] = []
    figures.reconciled = reconcile(vault, today(), found.append).permits
    figures.mismatches = [mismatch.record() for mismatch in found[:10]]


def alert_faults(alerts: Iterable[dict[str, Any]], told: set[Told]) -> tuple[int, int]:
    """How many alerts say what the one before them said already, and how many conflicts have none that stands."""
    stands: dict[Told, str | None] = {}
    doubled = 0
    for alert in alerts:
        about: Told = (alert["permit_id"], alert["utility"], alert["dataset"], alert["source_id"])
        grade = None if alert["change"] == "gone" else alert["grade"]
        doubled += about in stands and stands[about] == grade
        stands[about] = grade
    return doubled, sum(stands.get(about) is None for about in told)


def main() -> int:
    """0 when the figures are sound."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--pipes", type=int, default=PIPES)
    parser.add_argument("--per-s", type=float, default=PER_S)
    parser.add_argument("--log", type=Path, help="keep what `predig up` says in this file")
    arguments = parser.parse_args()
    with temporary_home() as home, tempfile.TemporaryDirectory() as scratch:
        log = arguments.log or Path(scratch) / "up.log"
        figures = run(arguments.kills, arguments.pipes, arguments.per_s, home, log)
    print(json.dumps(asdict(figures) | {"sound": figures.sound}, ensure_ascii=False, default=str))
    return 0 if figures.sound else 1


if __name__ == "__main__":
    sys.exit(main())

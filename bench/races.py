"""`make races`: filing and importing in every order, step by step, on a real PostgreSQL.

In each race two sessions are stopped before every commit, before every look into the register and before a
judgement is kept, and taken on in a chosen order. One files, amends, cancels or re-screens; the other imports a
pipe into the site, rolls an import back, takes coverage away or adopts wider rules. From the moment that the
second one's commit has returned no read of the permit may say `clear`, asked after every step and all the time
by another connection; and once the worker is done every conflict that a brute-force join finds must be told.

The race is then run in the wrong order: each side screens within its transaction, before its commit, and nobody
screens afterwards. That must miss nearly always, or this harness could not see a miss.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from itertools import combinations
from math import comb
from typing import Any

import psycopg2
from sqlalchemy import make_url

from api.evidence.reconcile import Mismatch, reconcile
from api.settings import today
from bench.house import temporary_home
from bench.interleaving import Session, SteppedVault, play
from bench.race_scenes import SCENES, Race, Scene, drain
from bench.race_town import Town
from bench.race_wrong import wrong_order
from spatial.words import PermitStatus
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault

RACES, WRONG_RACES = 2_000, 300
ALL_RACES_SHARE = sum(scene.share for scene in SCENES)
OPEN_AT_MOST = 40
"""Permits that stay open before all of them are held against brute force, and cancelled."""


@dataclass
class Figures:
    """What was run and what was seen. A stale read: `clear` asked for after the biting commit had returned.
    both_open: races in which both sessions stood before a commit at once."""

    races: int = 0
    by_scene: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    both_open: int = 0
    stops: dict[str, int] = field(default_factory=dict)
    reads: int = 0
    reads_after_commit: int = 0
    stale_reads: int = 0
    missed: int = 0
    surplus: int = 0
    stale_clears: int = 0
    other_status: int = 0
    alerts_missing: int = 0
    alerts_doubled: int = 0
    reconciled: int = 0
    reconcile_mismatches: int = 0
    seconds: float = 0.0

    @property
    def faults(self) -> int:
        """All that must be 0."""
        return (
            self.stale_reads
            + self.missed
            + self.surplus
            + self.stale_clears
            + self.other_status
            + self.alerts_missing
            + self.alerts_doubled
            + self.reconcile_mismatches
        )


class Watcher:
    """Reads the permit of the race all the time, by a connection of its own."""

    def __init__(self, app_url: str, figures: Figures) -> None:
        self._vault, self._figures = PostgisVault(app_url), figures
        self._race: Race | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def watch(self, race: Race | None) -> None:
        """From here on this race, or none; a read under way is finished first."""
        with self._lock:
            self._race = race

    def look(self) -> None:
        """One read, now."""
        with self._lock:
            race = self._race
            if race is None or race.permit_id is None:
                return
            bitten = race.bitten_at is not None
            status = self._vault.permit(race.permit_id).status
            self._figures.reads += 1
            self._figures.reads_after_commit += bitten
            self._figures.stale_reads += bitten and status is PermitStatus.CLEAR

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._vault.close()

    def _run(self) -> None:
        while not self._over.wait(0.001):
            self.look()


class Track:
    """Where races are run: a town, two vaults that stop at barriers, a watcher, the administrator's eye."""

    def __init__(self, owner_url: str, app_url: str, seed: int = 20_261_123) -> None:
        self.figures = Figures()
        self._rng = random.Random(seed)
        self._stack = ExitStack()
        with self._stack:
            observer = self._stack.enter_context(closing(PostgisVault(app_url)))
            self.town = Town(observer, owner_url, today())
            self.town.settle()
            self._vaults = [self._stack.enter_context(closing(SteppedVault(app_url))) for _ in range(2)]
            self._watcher = self._stack.enter_context(closing(Watcher(app_url, self.figures)))
            self._eye = self._stack.enter_context(closing(_connect(owner_url)))
            self._stack = self._stack.pop_all()
        self._number = 0
        self._open: list[str] = []

    def close(self) -> None:
        self._stack.close()

    def run(self, scene: Scene, races: int) -> None:
        """Orders of one scene: all there are if they are few enough, else some of them by lot."""
        for worker, count in ((False, races - races // 2), (True, races // 2)):
            if count:
                lengths = self.race(scene, worker, ())
                for order in _orders(lengths, count - 1, self._rng):
                    self.race(scene, worker, order)
                    self.figures.orders += 1
        self._settle_accounts()

    def race(self, scene: Scene, worker: bool, order: tuple[int, ...]) -> tuple[int, int]:
        """One race; how many steps each session took. order: whose turn it is; what is left goes by turns."""
        town, figures = self.town, self.figures
        self._number += 1
        race = Race(self._number, town.place(), worker, set(scene.after))
        scene.prepare(town, race)
        self._watcher.watch(race)
        sessions = [
            Session(self._vaults[0], lambda vault: scene.first(town, vault, race)),
            Session(self._vaults[1], lambda vault: scene.second(town, vault, race)),
        ]

        def look() -> None:
            race.both_open |= all(session.at == "commit" for session in sessions)
            self._watcher.look()

        play(sessions, order, self._somebody_waits, look)
        drain(town.vault, town)
        self._watcher.look()
        self._watcher.watch(None)
        figures.races += 1
        figures.by_scene[scene.name] = figures.by_scene.get(scene.name, 0) + 1
        figures.both_open += race.both_open
        for name, count in sum((session.stops for session in sessions), Counter()).items():
            figures.stops[name] = figures.stops.get(name, 0) + count
        self._check(scene, race)
        scene.restore(town, race)
        return sessions[0].stops.total(), sessions[1].stops.total()

    def _check(self, scene: Scene, race: Race) -> None:
        town, figures = self.town, self.figures
        assert race.permit_id is not None
        status = town.vault.permit(race.permit_id).status
        so = {pair for pair in town.joined(scene.control_m) if pair[0] == race.permit_id}
        told = town.told(race.permit_id)
        figures.other_status += status is not scene.ends
        figures.stale_clears += status is PermitStatus.CLEAR
        if scene.ends is PermitStatus.CANCELLED:
            return
        figures.missed += len(so - told)
        figures.surplus += len(told - so)
        raised = Counter(
            alert["source_id"] for alert in town.vault.alerts(race.permit_id) if alert["change"] == "new"
        )
        figures.alerts_missing += len({pipe for _, pipe in told} - raised.keys())
        figures.alerts_doubled += sum(count - 1 for count in raised.values())
        if scene.local:
            self._open.append(race.permit_id)
            if len(self._open) >= OPEN_AT_MOST:
                self._settle_accounts()
        else:
            town.vault.cancel_permit(race.permit_id)

    def _settle_accounts(self) -> None:
        """All permits still open, by both ways of brute force; then they are cancelled and the pipes removed."""
        town, figures = self.town, self.figures
        drain(town.vault, town)
        told = {pair for permit_id in self._open for pair in town.told(permit_id)}
        so = town.joined()
        figures.missed += len(so - told)
        figures.surplus += len(told - so)
        found: list[Mismatch] = []
        figures.reconciled += reconcile(town.vault, town.on, found.append).permits
        figures.reconcile_mismatches += len(found)
        for permit_id in self._open:
            town.vault.cancel_permit(permit_id)
        self._open.clear()
        town.clear_away()

    def _somebody_waits(self) -> bool:
        with self._eye.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
            return bool(cursor.fetchone()[0])


def _connect(url: str) -> Any:
    parts = make_url(url)
    connection = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    connection.autocommit = True
    return connection


def _orders(lengths: tuple[int, int], count: int, rng: random.Random) -> Iterator[tuple[int, ...]]:
    """Whose turn it is at each step, `count` times: every order once before any comes twice."""
    total = sum(lengths)
    while count > 0:
        if comb(total, lengths[0]) <= count:
            chosen = list(combinations(range(total), lengths[0]))
        else:
            chosen = [tuple(rng.sample(range(total), lengths[0])) for _ in range(count)]
        for turns in chosen[:count]:
            yield tuple(0 if number in turns else 1 for number in range(total))
        count -= len(chosen)


def run(races: int, wrong_races: int, owner_url: str, app_url: str) -> dict[str, Any]:
    """A campaign in one migrated, empty database; its figures."""
    begun = time.perf_counter()
    with closing(Track(owner_url, app_url)) as track:
        for scene in SCENES:
            track.run(scene, max(2, round(races * scene.share / ALL_RACES_SHARE)))
        figures = track.figures
        wrong = wrong_order(track.town, app_url, wrong_races)
    figures.seconds = round(time.perf_counter() - begun, 1)
    record = asdict(figures) | {"faults": figures.faults}
    return {"commit_then_screen": record, "screen_then_commit": wrong}


def main() -> int:
    """0 when nothing was missed in the right order, and nearly everything in the wrong one."""
    parser = argparse.ArgumentParser(prog="python -m bench.races", description=__doc__)
    parser.add_argument("--races", type=int, default=RACES)
    parser.add_argument("--wrong-races", type=int, default=WRONG_RACES)
    arguments = parser.parse_args()
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        figures = run(arguments.races, arguments.wrong_races, cluster.url(ADMIN), cluster.url(APP))
    print(json.dumps(figures, ensure_ascii=False))
    sees = figures["screen_then_commit"]["missed_share"] >= 0.9
    return 0 if sees and figures["commit_then_screen"]["faults"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

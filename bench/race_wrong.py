"""The wrong order, deliberately: screen within the transaction, then commit, and never look again.

The product's own use cases run on a door that commits only when it is told to: the filing and its screening in
one transaction, the import and the worker's round it causes in another, both open at once. Then one commits,
then the other.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine

from api.screen import file_permit, screen_permit
from api.working import work_off_jobs
from bench.race_town import Town, pipe_at
from spatial.words import PermitStatus
from sql.postgis import PostgisVault

Answer = TypeVar("Answer")
CLEAR_AWAY_EVERY = 40


class LateDoor:
    """All reading and writing in one transaction, but for what is written beside it, which is committed at once: pieces
    that nobody finds before their assets are there."""

    def __init__(self, app_url: str) -> None:
        self._engine = create_engine(app_url, connect_args={"application_name": "predig"})
        self._connection = self._engine.connect()
        self._connection.begin()
        self._prepared: set[str] = set()
        self._writing = False
        self.database = ("the one",)

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        return work(self._connection)

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        if self._writing:
            with self._engine.begin() as beside:
                return work(beside)
        self._writing = True
        try:
            return work(self._connection)
        finally:
            self._writing = False

    def glance(
        self, statement: str, values: Mapping[str, Any], *, prepare: str | None = None
    ) -> list[tuple[Any, ...]]:
        cursor = self._connection.connection.cursor()
        if prepare is not None and prepare not in self._prepared:
            cursor.execute(prepare)
            self._prepared.add(prepare)
        cursor.execute(statement, values)
        return list(cursor.fetchall())

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


class LateVault(PostgisVault):
    """The vault behind a LateDoor."""

    def __init__(self, app_url: str) -> None:
        super().__init__(app_url)
        self._door.close()
        self._late = LateDoor(app_url)
        self._door = self._late  # type: ignore[assignment]

    def commit(self) -> None:
        self._late.commit()


def wrong_order(town: Town, app_url: str, races: int) -> dict[str, Any]:
    """missed: the judgements that stand lack the pipe in the site, and no job is left that would tell of it.
    read_clear: the permit even reads clear; that it mostly does not is the second net, `touched`."""
    missed = read_clear = jobs_left = 0
    with closing(LateVault(app_url)) as filing, closing(LateVault(app_url)) as importing:
        for number in range(races):
            name, place = f"W{number}", town.place()
            sites = town.plan(place)

            permit_id = file_permit(filing, town.parties(name), sites, town.rules, town.on)
            screen_permit(filing, permit_id, town.on)
            town.bring(importing, **{name: pipe_at(place, 0.0)})
            work_off_jobs(importing, town.on)
            for vault in (filing, importing) if number % 2 else (importing, filing):
                vault.commit()

            missed += (permit_id, name) in town.joined() - town.told(permit_id)
            read_clear += town.vault.permit(permit_id).status is PermitStatus.CLEAR
            jobs_left += town.jobs_for(permit_id)
            town.vault.cancel_permit(permit_id)
            if number % CLEAR_AWAY_EVERY == CLEAR_AWAY_EVERY - 1:
                town.clear_away()
                work_off_jobs(town.vault, town.on)
    return {
        "races": races,
        "missed": missed,
        "missed_share": round(missed / races, 4),
        "jobs_left": jobs_left,
        "read_clear": read_clear,
    }

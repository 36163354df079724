"""The vault in PostgreSQL + PostGIS, reached as the application's role. See sql.vault for the contract."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from spatial.comparing.changes import Beside, Standing
from spatial.errors import Refused
from spatial.found import Found, Region
from spatial.measuring.pieces import Cuts
from spatial.values import Box, DigSite, NetworkIntake, PermitParties, Utility
from sql.errors import VaultUnavailable
from sql.migrate import missing
from sql.postgis import alerts, grids, jobs, keeping, permits, reading, register, rules, screenings, watch
from sql.postgis.connection import Door
from sql.postgis.inventory import Inventory
from sql.postgis.uploads import Uploads
from sql.queries import REGISTER
from sql.records import (
    AmendmentRecord,
    DeclaredGround,
    DigPlan,
    Filed,
    FileRecord,
    Filing,
    GridRecord,
    GroundDeclaration,
    ImportReport,
    Job,
    Judged,
    Kept,
    KeptAnswer,
    NewScreening,
    PendingPermit,
    PermitRecord,
    PlanFile,
    Readiness,
    RejectedRecord,
    RequestKey,
    RevisionRecord,
    ScreeningRecord,
    WholeAsset,
)
from sql.uploads import Publishing


class PostgisVault(Inventory, Uploads):
    """app_url: SQLAlchemy URL of the role predig_app. lease_s: how long a claim of a job holds, and how
    long a failed one waits. head_start_s: how long a worker leaves a filing to the request that filed it.
    pool_size: connections kept. patience_s: how long to wait for a connection, at least 2; nobody who waits
    for an answer over HTTP waits much longer than that.

    Safe to share between threads. Connects when first used; close() gives the connections back.
    """

    def __init__(
        self,
        app_url: str,
        *,
        lease_s: float = 60.0,
        head_start_s: float = 5.0,
        pool_size: int = 4,
        patience_s: float = 10.0,
    ) -> None:
        self._door = Door(app_url, pool_size=pool_size, patience_s=patience_s)
        self._reader = reading.Reader(self._door)
        self._lease_s, self._head_start_s = lease_s, head_start_s
        # Profiles are only ever added, so one that was kept in a database need not be sent there again.
        self._kept_profiles: set[tuple[object, str]] = set()
        self._profiles: dict[str, str] = {}

    def close(self) -> None:
        self._door.close()

    # -- register changes

    def set_utility(self, utility: Utility) -> int | None:
        return self._door.write(lambda db: register.set_utility(db, utility))

    def import_network(
        self,
        intake: NetworkIntake,
        cuts: Cuts,
        *,
        utility: str,
        dataset: str,
        on: date,
        coverage: GroundDeclaration | None = None,
        confirmed_rejected: int = 0,
        over: int | None = None,
        read_as: Mapping[str, Any] | None = None,
        upload: Publishing | None = None,
    ) -> ImportReport:
        return self._door.write(
            lambda db: register.import_network(
                db,
                self._door.write,
                intake,
                cuts,
                utility=utility,
                dataset=dataset,
                on=on,
                coverage=coverage,
                confirmed_rejected=confirmed_rejected,
                over=over,
                read_as=read_as,
                upload=upload,
            )
        )

    def roll_back(self, revision: int) -> ImportReport:
        return self._door.write(lambda db: register.roll_back(db, revision))

    def declare_ground(self, declaration: GroundDeclaration) -> int:
        return self._door.write(lambda db: register.declare_ground(db, declaration))

    def utilities(self) -> tuple[Utility, ...]:
        return self._door.read(register.utilities)

    def revisions(self) -> tuple[RevisionRecord, ...]:
        return self._door.read(register.revisions)

    def datasets(self) -> tuple[dict[str, Any], ...]:
        return self._door.read(register.datasets)

    # -- reading the register

    def standing(self, utility: str, dataset: str) -> Standing | None:
        return self._door.read(lambda db: register.standing(db, utility, dataset))

    def rejected(self, utility: str, dataset: str, revision: int | None = None) -> tuple[RejectedRecord, ...]:
        return self._door.read(lambda db: register.rejected(db, utility, dataset, revision))

    def stood_once(self, utility: str, dataset: str, ids: Sequence[str]) -> frozenset[str]:
        return self._door.read(lambda db: register.stood_once(db, utility, dataset, ids))

    def beside(self, box: Box, utility: str, dataset: str) -> Beside:
        return self._door.read(lambda db: register.beside(db, box, utility, dataset))

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        return self._reader.find(queries, as_of)

    def region(self, box: Box, as_of: int | None = None) -> Region:
        return self._reader.region(box, as_of)

    def newest_revision(self) -> int:
        return self._door.read(watch.newest_revision)

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        return self._door.read(lambda db: reading.find_whole(db, boxes, as_of))

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        return self._door.read(lambda db: reading.stored_pieces(db, asset_ids))

    def declared_ground(self) -> tuple[DeclaredGround, ...]:
        return self._door.read(reading.declared_ground)

    def position_doubt_m(self, as_of: int) -> float:
        return self._reader.position_doubt_m(as_of)

    # -- rules

    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        if (self._door.database, sha256) not in self._kept_profiles:
            self._door.write(lambda db: rules.keep_profile(db, document, sha256, profile_id, version))
            self._kept_profiles.add((self._door.database, sha256))

    def profile(self, sha256: str) -> str:
        if sha256 not in self._profiles:
            self._profiles[sha256] = self._door.read(lambda db: rules.profile(db, sha256))
        return self._profiles[sha256]

    def adopt_profile(self, document: str, sha256: str, profile_id: str, version: str) -> int:
        return self._door.write(
            lambda db: rules.adopt_profile(db, document, sha256, profile_id, version, permits.today(db))
        )

    def profile_in_force(self, profile_id: str) -> str | None:
        return self._door.read(lambda db: rules.profile_in_force(db, profile_id))

    # -- registered grids

    def keep_grid(self, name: str, *, kind: str, source: str, accuracy_m: float, sealed: str) -> int:
        return self._door.write(
            lambda db: grids.keep_grid(
                db, name, kind=kind, source=source, accuracy_m=accuracy_m, sealed=sealed
            )
        )

    def grid(self, name: str) -> GridRecord | None:
        return self._door.read(lambda db: grids.grid(db, name))

    def grids(self) -> tuple[GridRecord, ...]:
        return self._door.read(grids.grids)

    # -- permits

    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
        *,
        key: RequestKey | None = None,
    ) -> Filed:
        boxes = tuple(map(tuple, query_boxes))
        return self.file_all([Filing(parties, profile, tuple(sites), boxes, key)])[0]

    def file_all(self, filings: Sequence[Filing]) -> tuple[Filed, ...]:
        return self._door.write(lambda db: permits.file_all(db, filings, self._head_start_s))

    def file_together(self, filings: Sequence[Filing]) -> Filed:
        return self._door.write(lambda db: permits.file_together(db, filings, self._head_start_s))

    def filed_under(self, key: RequestKey) -> Filed | None:
        return self._door.read(lambda db: permits.filed_under(db, key))

    def keep_answer(self, key: str, answer: KeptAnswer) -> KeptAnswer:
        return self._door.write(lambda db: permits.keep_answer(db, key, answer))

    def amend_permit(
        self,
        permit_id: str,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
        *,
        key: RequestKey | None = None,
        seen: int | None = None,
        files: Sequence[PlanFile] = (),
    ) -> Filed:
        return self._door.write(
            lambda db: permits.amend_permit(
                db, permit_id, parties, profile, sites, query_boxes, key, seen, self._head_start_s, files
            )
        )

    def permit_file(self, permit_id: str, number: int) -> tuple[FileRecord, bytes]:
        return self._door.read(lambda db: permits.file_of(db, permit_id, number))

    def cancel_permit(self, permit_id: str, *, key: RequestKey | None = None) -> Filed:
        return self._door.write(lambda db: permits.cancel_permit(db, permit_id, key))

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        return self._door.read(lambda db: permits.by_id(db, permit_id, on))

    def permits(
        self,
        *,
        open_on: date | None = None,
        on: date | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[PermitRecord, ...]:
        return self._door.read(
            lambda db: permits.permits(db, open_on=open_on, on=on, after=after, limit=limit)
        )

    def plans(self, permit_ids: Sequence[str]) -> tuple[DigPlan, ...]:
        return self._door.read(lambda db: permits.plans(db, permit_ids))

    def history(self, permit_id: str) -> tuple[AmendmentRecord, ...]:
        return self._door.read(lambda db: permits.history(db, permit_id))

    # -- screenings

    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        (one,) = self.keep_all([Judged(tuple(screenings), permit_id, job)])
        return tuple(record.screening_id for record in one.screenings)

    def keep_all(self, judged: Sequence[Judged]) -> tuple[Kept, ...]:
        return self._door.write(lambda db: keeping.keep_all(db, judged))

    def screening(self, screening_id: str) -> ScreeningRecord:
        return self.screenings_by_id([screening_id])[0]

    def screenings_by_id(self, screening_ids: Sequence[str]) -> tuple[ScreeningRecord, ...]:
        return self._door.read(lambda db: screenings.by_id(db, screening_ids))

    def screenings(self, permit_id: str) -> tuple[ScreeningRecord, ...]:
        return self._door.read(lambda db: screenings.of_permit(db, permit_id))

    # -- alerts

    def alerts(
        self,
        permit_id: str | None = None,
        *,
        utility: str | None = None,
        state: str | None = None,
        grade: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[dict[str, Any], ...]:
        return self._door.read(
            lambda db: alerts.alerts(
                db, permit_id, utility=utility, state=state, grade=grade, after=after, limit=limit
            )
        )

    def respond(self, alert_id: int, *, action: str, by: str, note: str | None = None) -> dict[str, Any]:
        return self._door.write(lambda db: alerts.respond(db, alert_id, action, by, note))

    # -- jobs

    def stale_permits(self, revision: int) -> tuple[str, ...]:
        return self._door.read(lambda db: permits.stale_permits(db, revision))

    def open_permits(self, on: date) -> int:
        return self._door.read(lambda db: watch.open_permits(db, on))

    def pending_permits(self, on: date) -> tuple[PendingPermit, ...]:
        return self._door.read(lambda db: watch.pending_permits(db, on))

    def split_job(self, job: Job) -> int:
        return self._door.write(lambda db: watch.split_job(db, job))

    def claim_jobs(self, at_most: int) -> tuple[Job, ...]:
        return self._door.write(lambda db: jobs.claim(db, at_most, self._lease_s))

    def hold_jobs(self, claimed: Sequence[Job]) -> tuple[Job, ...]:
        return self._door.write(lambda db: jobs.hold(db, claimed))

    def give_back_jobs(self, claimed: Sequence[Job]) -> None:
        self._door.write(lambda db: jobs.give_back(db, claimed))

    def finish_job(self, job: Job) -> None:
        self._door.write(lambda db: jobs.finish(db, job))

    def release_job(self, job: Job, error: str) -> None:
        self._door.write(lambda db: jobs.release(db, job, error, self._lease_s))

    def readiness(self) -> Readiness:
        try:
            self._door.write(jobs.beat)
            writable = True
        except VaultUnavailable as failure:
            if failure.fault.code == "database_gone":
                raise
            writable = False
        return self._door.read(lambda db: _readiness(db, writable))

    def status(self) -> dict[str, Any]:
        return self._door.read(_status)


def _readiness(db: Connection, writable: bool) -> Readiness:
    try:
        current = not missing(db)
    except Refused:  # a newer or a changed one
        current = False
    waiting, oldest_s = jobs.due(db) if current else (0, None)
    return Readiness(writable=writable, schema_current=current, jobs_waiting=waiting, oldest_job_s=oldest_s)


def _status(db: Connection) -> dict[str, Any]:
    records = permits.permits(db)
    counts = jobs.counts(db)
    oldest = counts.pop("oldest")
    return {
        "schema": db.exec_driver_sql(REGISTER["schema"]).scalar_one(),
        "revision": db.exec_driver_sql(REGISTER["newest_revision"]).scalar_one(),
        "utilities": len(register.utilities(db)),
        "assets": db.exec_driver_sql(REGISTER["asset_count"]).scalar_one(),
        "permits": dict(Counter(record.status.value for record in records)),
        "screenings": screenings.count(db),
        "jobs": counts,
        "oldest_job": oldest.isoformat() if oldest is not None else None,
    }

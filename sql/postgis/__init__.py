"""The vault in PostgreSQL + PostGIS, reached as the application's role. See sql.vault for the contract."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from spatial.found import Found
from spatial.pieces import Cuts
from spatial.values import Box, DigSite, NetworkIntake, PermitParties, Utility
from sql.postgis import permits, reading, register
from sql.postgis.connection import Door
from sql.queries import PERMITS, REGISTER
from sql.vault import (
    GroundDeclaration,
    ImportReport,
    Job,
    NewScreening,
    PermitRecord,
    RevisionRecord,
    ScreeningRecord,
    WholeAsset,
)


class PostgisVault:
    """app_url: SQLAlchemy URL of the role predig_app. lease_s: how long a claim of a job holds, and how
    long a failed one waits.

    Safe to share between threads. Connects when first used; close() gives the connections back.
    """

    def __init__(self, app_url: str, *, lease_s: float = 60.0) -> None:
        self._door = Door(app_url)
        self._reader = reading.Reader()
        self._lease_s = lease_s

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
    ) -> ImportReport:
        return self._door.write(
            lambda db: register.import_network(
                db,
                intake,
                cuts,
                utility=utility,
                dataset=dataset,
                on=on,
                coverage=coverage,
                confirmed_rejected=confirmed_rejected,
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

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        return self._door.read(lambda db: self._reader.find(db, queries, as_of))

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        return self._door.read(lambda db: reading.find_whole(db, boxes, as_of))

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        return self._door.read(lambda db: reading.stored_pieces(db, asset_ids))

    def position_doubt_m(self, as_of: int) -> float:
        return self._door.read(lambda db: self._reader.position_doubt_m(db, as_of))

    # -- permits and screenings

    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        self._door.write(lambda db: permits.keep_profile(db, document, sha256, profile_id, version))

    def profile(self, sha256: str) -> str:
        return self._door.read(lambda db: permits.profile(db, sha256))

    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
    ) -> str:
        return self._door.write(lambda db: permits.file_permit(db, parties, profile, sites, query_boxes))

    def cancel_permit(self, permit_id: str) -> None:
        self._door.write(lambda db: permits.cancel_permit(db, permit_id))

    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        return self._door.write(lambda db: permits.keep_screenings(db, screenings, permit_id, job))

    def screening(self, screening_id: str) -> ScreeningRecord:
        return self._door.read(lambda db: permits.screening(db, screening_id))

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        return self._door.read(lambda db: permits.permit(db, permit_id, on))

    def permits(self, *, open_on: date | None = None, on: date | None = None) -> tuple[PermitRecord, ...]:
        return self._door.read(lambda db: permits.permits(db, permit_id=None, open_on=open_on, on=on))

    def alerts(self, permit_id: str | None = None) -> tuple[dict[str, Any], ...]:
        return self._door.read(lambda db: permits.alerts(db, permit_id))

    def stale_permits(self, revision: int) -> tuple[str, ...]:
        return self._door.read(lambda db: permits.stale_permits(db, revision))

    # -- jobs

    def claim_job(self) -> Job | None:
        return self._door.write(lambda db: permits.claim_job(db, self._lease_s))

    def finish_job(self, job: Job) -> None:
        self._door.write(lambda db: permits.finish_job(db, job))

    def release_job(self, job: Job, error: str) -> None:
        self._door.write(lambda db: permits.release_job(db, job, error, self._lease_s))

    def status(self) -> dict[str, Any]:
        return self._door.read(_status)


def _status(db: Connection) -> dict[str, Any]:
    records = permits.permits(db, permit_id=None, open_on=None, on=None)
    jobs = permits.job_counts(db)
    oldest = jobs.pop("oldest")
    return {
        "schema": db.exec_driver_sql(REGISTER["schema"]).scalar_one(),
        "revision": db.exec_driver_sql(REGISTER["newest_revision"]).scalar_one(),
        "utilities": len(register.utilities(db)),
        "assets": db.exec_driver_sql(REGISTER["asset_count"]).scalar_one(),
        "permits": dict(Counter(record.status.value for record in records)),
        "screenings": db.exec_driver_sql(PERMITS["screening_count"]).scalar_one(),
        "jobs": jobs,
        "oldest_job": oldest.isoformat() if oldest is not None else None,
    }

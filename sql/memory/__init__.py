"""The vault's twin: the same contract in plain Python and brute force, for tests and as an oracle."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from spatial.comparing.changes import Beside, Standing
from spatial.found import Found, Region
from spatial.measuring.pieces import Cuts
from spatial.values import Box, DigSite, NetworkIntake, PermitParties, Utility
from sql import rows
from sql.decisions import check_declaration
from sql.errors import refused
from sql.memory import jobs, permits, quarantining, reading, register, watch
from sql.memory.filed import Words
from sql.memory.grids import Grids
from sql.memory.inventory import Inventory
from sql.memory.jobs import Jobs
from sql.memory.permits import Desk
from sql.memory.uploads import Kept as KeptUpload
from sql.memory.uploads import Uploads
from sql.memory.versions import Register
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


class MemoryVault(Inventory, Uploads):
    """Safe to share between threads. lease_s, head_start_s: as PostgisVault."""

    def __init__(self, *, lease_s: float = 60.0, head_start_s: float = 5.0) -> None:
        self._register = Register()
        self._grids = Grids()
        self._jobs = Jobs(lease_s)
        self._desk = Desk(self._jobs, head_start_s)
        self._uploads: list[KeptUpload] = []
        self._writing = threading.Lock()
        self._lock = threading.RLock()

    def close(self) -> None:
        """Nothing is held."""

    # -- register changes

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One writer at a time; a revision made within leaves its job."""
        if not self._writing.acquire(blocking=False):
            raise refused("register_busy")
        try:
            with self._lock:
                before = self._register.newest
                yield
                if self._register.newest > before:
                    self._jobs.leave(revision=self._register.newest)
        finally:
            self._writing.release()

    def set_utility(self, utility: Utility) -> int | None:
        with self._change():
            self._register, revision = register.set_utility(self._register, utility)
            return revision

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
        words = []
        if coverage is not None:
            check_declaration(coverage, utility)
            words = rows.ground_rows(coverage)
        with self._change():
            if upload is not None:
                self._check_claim(upload.claim)
            if over is not None:
                register.check_unchanged(self._register, utility, dataset, over)
            self._register, report = register.import_network(
                self._register,
                intake,
                cuts,
                words,
                utility=utility,
                dataset=dataset,
                on=on,
                confirmed=confirmed_rejected,
                read_as=read_as,
            )
            if upload is not None:
                self._end(upload.claim, "published", upload.told, report.revision)
            return report

    def roll_back(self, revision: int) -> ImportReport:
        with self._change():
            self._register, report = register.roll_back(self._register, revision)
            return report

    def declare_ground(self, declaration: GroundDeclaration) -> int:
        check_declaration(declaration, declaration.utility)
        with self._change():
            self._register, revision = register.declare_ground(
                self._register,
                declaration.utility,
                declaration.ground.value,
                rows.ground_rows(declaration),
            )
            return revision

    def utilities(self) -> tuple[Utility, ...]:
        now = self._register
        return tuple(sorted(now.book(now.newest).utilities, key=lambda utility: utility.code))

    def revisions(self) -> tuple[RevisionRecord, ...]:
        return tuple(change.record for change in reversed(self._register.changes))

    def datasets(self) -> tuple[dict[str, Any], ...]:
        standing = [version for version in self._register.datasets if version.lived.valid_to is None]
        return tuple(
            {
                "utility": version.utility,
                "dataset": version.dataset,
                "revision": version.lived.valid_from,
                "data_date": date.fromisoformat(version.state["data_date"]),
                **{
                    name: version.state[name]
                    for name in ("assets", "length_m", "rejected", "operation", "read_as")
                },
            }
            for version in sorted(standing, key=lambda version: (version.utility, version.dataset))
        )

    # -- reading the register

    def standing(self, utility: str, dataset: str) -> Standing | None:
        return register.standing(self._register, utility, dataset)

    def rejected(self, utility: str, dataset: str, revision: int | None = None) -> tuple[RejectedRecord, ...]:
        now = self._register
        return quarantining.rejected_rows(now, utility, dataset, now.newest if revision is None else revision)

    def stood_once(self, utility: str, dataset: str, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(
            version.asset.source_id
            for version in self._register.assets
            if (version.utility, version.dataset) == (utility, dataset)
            and version.asset.source_id in set(ids)
        )

    def beside(self, box: Box, utility: str, dataset: str) -> Beside:
        return reading.beside(self._register, box, utility, dataset)

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        return reading.find(self._register, queries, as_of)

    def region(self, box: Box, as_of: int | None = None) -> Region:
        return reading.region(self._register, box, as_of)

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        return reading.find_whole(self._register, boxes, as_of)

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        return reading.stored_pieces(self._register, asset_ids)

    def declared_ground(self) -> tuple[DeclaredGround, ...]:
        return reading.declared_ground(self._register)

    def position_doubt_m(self, as_of: int) -> float:
        return reading.position_doubt_m(self._register, as_of)

    def newest_revision(self) -> int:
        return self._register.newest

    # -- rules

    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        with self._lock:
            self._desk.keep_profile(document, sha256, profile_id)

    def profile(self, sha256: str) -> str:
        with self._lock:
            return self._desk.profile(sha256)

    def adopt_profile(self, document: str, sha256: str, profile_id: str, version: str) -> int:
        with self._lock:
            return self._desk.adopt_profile(document, sha256, profile_id)

    def profile_in_force(self, profile_id: str) -> str | None:
        with self._lock:
            return self._desk.profile_in_force(profile_id)

    # -- registered grids

    def keep_grid(self, name: str, *, kind: str, source: str, accuracy_m: float, sealed: str) -> int:
        with self._lock:
            return self._grids.keep(name, kind=kind, source=source, accuracy_m=accuracy_m, sealed=sealed)

    def grid(self, name: str) -> GridRecord | None:
        return self._grids.newest(name)

    def grids(self) -> tuple[GridRecord, ...]:
        return self._grids.all()

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
        with self._lock:
            return self._desk.file_permit(_words(parties, profile, sites, query_boxes), key)

    def file_all(self, filings: Sequence[Filing]) -> tuple[Filed, ...]:
        with self._lock:
            self._desk.check_keys(filing.key for filing in filings)  # a refusal leaves nothing behind
            return tuple(
                self._desk.file_permit(
                    _words(filing.parties, filing.profile, filing.sites, filing.query_boxes, filing.files),
                    filing.key,
                )
                for filing in filings
            )

    def file_together(self, filings: Sequence[Filing]) -> Filed:
        with self._lock:
            (first,) = self.file_all(filings[:1])
            if first.repeated:
                return first
            return self._desk.put_beside(first, [filed.permit_id for filed in self.file_all(filings[1:])])

    def filed_under(self, key: RequestKey) -> Filed | None:
        with self._lock:
            return self._desk.filed_under(key)

    def keep_answer(self, key: str, answer: KeptAnswer) -> KeptAnswer:
        with self._lock:
            return self._desk.keep_answer(key, answer)

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
        with self._lock:
            words = _words(parties, profile, sites, query_boxes, files)
            return self._desk.amend_permit(permit_id, words, key, seen)

    def permit_file(self, permit_id: str, number: int) -> tuple[FileRecord, bytes]:
        with self._lock:
            return self._desk.file_of(self._desk.filed(permit_id), number)

    def cancel_permit(self, permit_id: str, *, key: RequestKey | None = None) -> Filed:
        with self._lock:
            return self._desk.cancel_permit(permit_id, key)

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        with self._lock:
            filed = self._desk.filed(permit_id)
            return self._desk.permit(filed, self._register, on or permits.today())

    def permits(
        self,
        *,
        open_on: date | None = None,
        on: date | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[PermitRecord, ...]:
        with self._lock:
            filed = self._desk.open_permits(open_on) if open_on else list(self._desk.permits.values())
            page = [permit for permit in filed if permit.order > after][:limit]
            day = on or open_on or permits.today()
            return tuple(self._desk.permit(permit, self._register, day) for permit in page)

    def plans(self, permit_ids: Sequence[str]) -> tuple[DigPlan, ...]:
        with self._lock:
            return tuple(self._desk.plan(self._desk.filed(permit_id)) for permit_id in permit_ids)

    def history(self, permit_id: str) -> tuple[AmendmentRecord, ...]:
        with self._lock:
            return self._desk.history(self._desk.filed(permit_id))

    def stale_permits(self, revision: int) -> tuple[str, ...]:
        with self._lock:
            return self._desk.stale_permits(self._register, revision)

    # -- screenings

    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        (one,) = self.keep_all([Judged(tuple(screenings), permit_id, job)])
        return tuple(record.screening_id for record in one.screenings)

    def keep_all(self, judged: Sequence[Judged]) -> tuple[Kept, ...]:
        with self._lock:
            kept = self._desk.keep_all(judged, self._stable_datasets())
            return tuple(
                Kept(records, self.permit(one.filed.permit_id) if one.filed is not None else None)
                for one, records in zip(judged, kept, strict=True)
            )

    def screening(self, screening_id: str) -> ScreeningRecord:
        with self._lock:
            return self._desk.screening(screening_id)

    def screenings_by_id(self, screening_ids: Sequence[str]) -> tuple[ScreeningRecord, ...]:
        with self._lock:
            return tuple(self._desk.screening(screening_id) for screening_id in screening_ids)

    def screenings(self, permit_id: str) -> tuple[ScreeningRecord, ...]:
        with self._lock:
            self._desk.filed(permit_id)
            kept = reversed(self._desk.screenings.values())
            return tuple(record for record in kept if record.permit_id == permit_id)

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
        asked = {"permit_id": permit_id, "utility": utility, "state": state, "grade": grade}
        with self._lock:
            found = [
                self._desk.alert(alert)
                for alert in self._desk.alerts
                if alert["alert_id"] > after
                and all(value in (None, alert[name]) for name, value in asked.items())
            ]
            return tuple(found[:limit])

    def respond(self, alert_id: int, *, action: str, by: str, note: str | None = None) -> dict[str, Any]:
        with self._lock:
            return self._desk.respond(alert_id, action, by, note)

    # -- jobs

    def open_permits(self, on: date) -> int:
        with self._lock:
            return len(self._desk.open_permits(on))

    def pending_permits(self, on: date) -> tuple[PendingPermit, ...]:
        with self._lock:
            return watch.pending_permits(self._desk, self._register, on)

    def split_job(self, job: Job) -> int:
        with self._lock:
            return watch.split_job(self._desk, self._register, job)

    def claim_jobs(self, at_most: int) -> tuple[Job, ...]:
        with self._lock:
            return self._jobs.claim(at_most)

    def hold_jobs(self, claimed: Sequence[Job]) -> tuple[Job, ...]:
        with self._lock:
            return self._jobs.hold(claimed)

    def give_back_jobs(self, claimed: Sequence[Job]) -> None:
        with self._lock:
            self._jobs.give_back(claimed)

    def finish_job(self, job: Job) -> None:
        with self._lock:
            self._jobs.finish(job)

    def release_job(self, job: Job, error: str) -> None:
        with self._lock:
            self._jobs.release(job, error)

    def readiness(self) -> Readiness:
        with self._lock:
            waiting, oldest_s = self._jobs.due()
            return Readiness(writable=True, schema_current=True, jobs_waiting=waiting, oldest_job_s=oldest_s)

    def status(self) -> dict[str, Any]:
        with self._lock:
            jobs = self._jobs.counts()
            oldest = jobs.pop("oldest")
            return {
                "schema": None,
                "revision": self._register.newest,
                "utilities": len(self.utilities()),
                "assets": sum(row.lived.valid_to is None for row in self._register.assets),
                "permits": dict(Counter(record.status.value for record in self.permits())),
                "screenings": len(self._desk.screenings),
                "jobs": jobs,
                "oldest_job": oldest.isoformat() if oldest is not None else None,
            }

    def _stable_datasets(self) -> frozenset[tuple[str, str]]:
        named = {(row.utility, row.dataset) for row in self._register.datasets}
        unstable = {
            (row.utility, row.dataset) for row in self._register.datasets if not row.state["stable_ids"]
        }
        return frozenset(named - unstable)


def _words(
    parties: PermitParties,
    profile: str,
    sites: Sequence[DigSite],
    query_boxes: Sequence[Sequence[Box]],
    files: Sequence[PlanFile] = (),
) -> Words:
    boxes = tuple(tuple(of_site) for of_site in query_boxes)
    return Words(parties, profile, tuple(sites), boxes, jobs.now(), tuple(files))

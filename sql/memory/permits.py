"""Permits, screenings, alerts and jobs of the twin. Not safe between threads by itself: the vault locks."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from spatial import canonical
from spatial.values import Box, DigSite, PermitParties
from sql.decisions import Standing, notices, permit_status, permit_unknown, profile_unknown, screening_unknown
from sql.errors import refused
from sql.memory.versions import Register
from sql.vault import Job, NewScreening, PermitRecord, ScreeningRecord

EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filed:
    permit_id: str
    parties: PermitParties
    profile: str
    sites: tuple[DigSite, ...]
    boxes: tuple[tuple[Box, ...], ...]
    filed_at: datetime
    cancelled: bool = False


@dataclass(slots=True)
class Work:
    """A job and its state: waiting, claimed or done."""

    job_id: int
    kind: str
    permit_id: str | None
    revision: int | None
    created_at: datetime
    state: str = "waiting"
    fence: int = 0
    not_before: datetime = EVER
    claimed_at: datetime | None = None
    failures: int = 0
    error: str | None = None


@dataclass(slots=True)
class Desk:
    """lease_s: how long a claim holds, and how long a failed job waits."""

    lease_s: float
    profiles: dict[str, str] = field(default_factory=dict)
    permits: dict[str, Filed] = field(default_factory=dict)
    screenings: dict[str, ScreeningRecord] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[Work] = field(default_factory=list)

    def leave_job(self, *, permit_id: str | None = None, revision: int | None = None) -> None:
        kind = "permit" if revision is None else "revision"
        self.jobs.append(Work(len(self.jobs) + 1, kind, permit_id, revision, _now()))

    def profile(self, sha256: str) -> str:
        if sha256 not in self.profiles:
            raise profile_unknown(sha256)
        return self.profiles[sha256]

    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
    ) -> str:
        permit_id = str(uuid.uuid4())
        boxes = tuple(tuple(row) for row in query_boxes)
        self.permits[permit_id] = Filed(permit_id, parties, profile, tuple(sites), boxes, _now())
        self.leave_job(permit_id=permit_id)
        return permit_id

    def filed(self, permit_id: str) -> Filed:
        if permit_id not in self.permits:
            raise permit_unknown(permit_id)
        return self.permits[permit_id]

    def cancel_permit(self, permit_id: str) -> None:
        self.permits[permit_id] = replace(self.filed(permit_id), cancelled=True)

    def keep_screenings(
        self,
        screenings: Sequence[NewScreening],
        permit_id: str | None,
        job: Job | None,
        stable: frozenset[tuple[str, str]],
    ) -> tuple[str, ...]:
        """All the checks come first, so that a refusal leaves nothing behind."""
        permit = self.filed(permit_id) if permit_id is not None else None
        for screening in screenings:
            self.profile(screening.profile_sha256)
        if job is not None:
            self.finish_job(job)
        before = {row.site_index: self._standing(permit_id, row.site_index) for row in screenings}
        ids = []
        for screening in screenings:
            record = _record(screening, permit_id)
            ids.append(record.screening_id)
            self.screenings[record.screening_id] = record
            stood = before[screening.site_index]
            late = stood is not None and stood.register_revision > screening.register_revision
            if permit is None or permit.cancelled or late:
                continue
            for notice in notices(stood.conflicts if stood else (), record.conflicts, stable):
                self._raise(record, notice.ordinal, notice.change)
        if permit is not None and job is None:
            self._finish_screened(permit)
        return tuple(ids)

    def screening(self, screening_id: str) -> ScreeningRecord:
        if screening_id not in self.screenings:
            raise screening_unknown(screening_id)
        return self.screenings[screening_id]

    def permit(self, filed: Filed, register: Register, on: date) -> PermitRecord:
        stood = [self._standing(filed.permit_id, number) for number in range(len(filed.sites))]
        standing = [
            None
            if row is None
            else Standing(
                row.screening_id,
                row.outcome,
                row.valid_until,
                register.touched(boxes, row.register_revision, None),
            )
            for row, boxes in zip(stood, filed.boxes, strict=True)
        ]
        return PermitRecord(
            permit_id=filed.permit_id,
            parties=filed.parties,
            profile=filed.profile,
            sites=filed.sites,
            status=permit_status(standing, ends_on=filed.parties.ends_on, cancelled=filed.cancelled, on=on),
            filed_at=filed.filed_at,
            screening_ids=tuple(row.screening_id for row in standing if row is not None),
        )

    def stale_permits(self, register: Register, revision: int) -> tuple[str, ...]:
        def stale(filed: Filed, number: int) -> bool:
            stood = self._standing(filed.permit_id, number)
            covered = stood is not None and stood.register_revision >= revision
            return not covered and register.touched(filed.boxes[number], revision - 1, revision)

        if revision > register.newest:
            raise refused("revision_unknown")
        return tuple(
            filed.permit_id
            for filed in self.open_permits(today())
            if any(stale(filed, number) for number in range(len(filed.sites)))
        )

    def open_permits(self, on: date) -> list[Filed]:
        return [
            filed for filed in self.permits.values() if not filed.cancelled and filed.parties.ends_on >= on
        ]

    # -- jobs

    def claim_job(self) -> Job | None:
        now = _now()
        dead = now - timedelta(seconds=self.lease_s)
        for work in sorted(self.jobs, key=lambda work: (work.fence, work.job_id)):
            waiting = work.state == "waiting" and work.not_before <= now
            lost = work.state == "claimed" and work.claimed_at is not None and work.claimed_at < dead
            if waiting or lost:
                work.state, work.claimed_at = "claimed", now
                work.fence += 1
                return Job(work.job_id, work.kind, work.permit_id, work.revision, work.fence)
        return None

    def finish_job(self, job: Job) -> None:
        work = self._claimed(job)
        if work is None:
            raise refused("job_lost")
        work.state, work.error = "done", None

    def release_job(self, job: Job, error: str) -> None:
        work = self._claimed(job)
        if work is not None:
            work.state, work.error = "waiting", error
            work.failures += 1
            work.not_before = _now() + timedelta(seconds=self.lease_s)

    def job_counts(self) -> dict[str, Any]:
        unfinished = [work for work in self.jobs if work.state != "done"]
        errors = [work.error for work in unfinished if work.error is not None]
        return {
            "waiting": sum(work.state == "waiting" for work in self.jobs),
            "claimed": sum(work.state == "claimed" for work in self.jobs),
            "done": sum(work.state == "done" for work in self.jobs),
            "failing": sum(work.failures > 0 for work in unfinished),
            "oldest": min((work.created_at for work in unfinished), default=None),
            "last_error": errors[-1] if errors else None,
        }

    # -- within

    def _claimed(self, job: Job) -> Work | None:
        return next(
            (
                work
                for work in self.jobs
                if (work.job_id, work.fence, work.state) == (job.job_id, job.fence, "claimed")
            ),
            None,
        )

    def _standing(self, permit_id: str | None, site_index: int) -> ScreeningRecord | None:
        """The judgement at the newest revision, the last kept of several."""
        own = [
            row
            for row in self.screenings.values()
            if permit_id is not None and (row.permit_id, row.site_index) == (permit_id, site_index)
        ]
        return max(reversed(own), key=lambda row: row.register_revision, default=None)

    def _finish_screened(self, permit: Filed) -> None:
        numbers = range(len(permit.sites))
        if all(self._standing(permit.permit_id, number) for number in numbers):
            for work in self.jobs:
                if work.permit_id == permit.permit_id and work.state == "waiting":
                    work.state = "done"

    def _raise(self, record: ScreeningRecord, ordinal: int, change: str) -> None:
        conflict = record.conflicts[ordinal]
        about = {name: conflict[name] for name in ("utility", "dataset", "source_id", "pipe_id", "grade")}
        self.alerts.append(
            {
                "alert_id": len(self.alerts) + 1,
                "permit_id": record.permit_id,
                "site_index": record.site_index,
                "screening_id": record.screening_id,
                "ordinal": ordinal,
                **about,
                "change": change,
                "state": "open",
                "raised_at": _now(),
            }
        )


def today() -> date:
    return _now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def _record(screening: NewScreening, permit_id: str | None) -> ScreeningRecord:
    return ScreeningRecord(
        screening_id=str(uuid.uuid4()),
        permit_id=permit_id,
        site_index=screening.site_index,
        register_revision=screening.register_revision,
        screened_on=screening.screened_on,
        site=screening.site,
        profile_sha256=screening.profile_sha256,
        engine=screening.engine,
        outcome=screening.outcome,
        grade=screening.grade,
        valid_until=screening.valid_until,
        document=screening.document,
        document_sha256=screening.document_sha256,
        conflicts=tuple(json.loads(canonical.dumps(conflict)) for conflict in screening.conflicts),
        created_at=_now(),
    )


def _now() -> datetime:
    return datetime.now(UTC)

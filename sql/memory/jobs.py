"""The jobs of the twin. Not safe between threads by itself: the vault locks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sql.errors import refused
from sql.records import Job

EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Work:
    """A job and its state: waiting, claimed or done."""

    job_id: int
    kind: str
    permit_id: str | None
    revision: int | None
    created_at: datetime
    not_before: datetime
    of_request: bool = False
    """A filing or an amendment left it, and the request ends it."""
    state: str = "waiting"
    fence: int = 0
    claimed_at: datetime | None = None
    failures: int = 0
    error: str | None = None

    @property
    def in_company(self) -> bool:
        """It may be claimed together with others."""
        return self.kind == "permit" and self.fence == 0


@dataclass(slots=True)
class Jobs:
    """lease_s: how long a claim holds, and how long a failed job waits."""

    lease_s: float
    works: list[Work] = field(default_factory=list)

    def leave(
        self,
        *,
        permit_id: str | None = None,
        revision: int | None = None,
        of_request: bool = False,
        head_start_s: float = 0.0,
    ) -> None:
        kind = "permit" if revision is None else "revision"
        not_before = now() + timedelta(seconds=head_start_s) if head_start_s else EVER
        self.works.append(Work(len(self.works) + 1, kind, permit_id, revision, now(), not_before, of_request))

    def claim(self, at_most: int) -> tuple[Job, ...]:
        at = now()
        dead = at - timedelta(seconds=self.lease_s)
        due = [
            work
            for work in sorted(self.works, key=lambda work: (work.fence, not work.of_request, work.job_id))
            if (work.state == "waiting" and work.not_before <= at)
            or (work.state == "claimed" and work.claimed_at is not None and work.claimed_at < dead)
        ][:at_most]
        together = [work for work in due if work.in_company]
        jobs = []
        for work in together if due[:1] == together[:1] else due[:1]:
            work.state, work.claimed_at = "claimed", at
            work.fence += 1
            jobs.append(Job(work.job_id, work.kind, work.permit_id, work.revision, work.fence))
        return tuple(sorted(jobs, key=lambda job: job.job_id))

    def hold(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        held = tuple(job for job in jobs if self._held(job) is not None)
        for job in held:
            self.claimed(job).claimed_at = now()
        return held

    def give_back(self, jobs: Sequence[Job]) -> None:
        for job in self.hold(jobs):
            work = self.claimed(job)
            work.state, work.not_before = "waiting", now()

    def claimed(self, job: Job) -> Work:
        """:raises Refused: `job_lost`."""
        work = self._held(job)
        if work is None:
            raise refused("job_lost")
        return work

    def _held(self, job: Job) -> Work | None:
        for work in self.works:
            if (work.job_id, work.fence, work.state) == (job.job_id, job.fence, "claimed"):
                return work
        return None

    def finish(self, job: Job) -> None:
        work = self.claimed(job)
        work.state, work.error = "done", None

    def finish_if(self, job: Job, judged: bool) -> None:
        """End a permit's job, or put it back at once."""
        work = self.claimed(job)
        work.state, work.error = "done" if judged else "waiting", None
        work.not_before = now()

    def finish_waiting(self, permit_id: str) -> None:
        for work in self.works:
            if work.permit_id == permit_id and work.state == "waiting" and work.of_request:
                work.state = "done"

    def waits_for(self, permit_id: str) -> bool:
        """A job of the permit waits that no request will end."""
        return any(
            work.permit_id == permit_id and work.state == "waiting" and not work.of_request
            for work in self.works
        )

    def release(self, job: Job, error: str) -> None:
        works = [work for work in self.works if (work.job_id, work.fence) == (job.job_id, job.fence)]
        for work in works:
            if work.state == "claimed":
                work.state, work.error = "waiting", error
                work.failures += 1
                work.not_before = now() + timedelta(seconds=self.lease_s)

    def counts(self) -> dict[str, Any]:
        unfinished = [work for work in self.works if work.state != "done"]
        errors = [work.error for work in unfinished if work.error is not None]

        def number(holds: Callable[[Work], bool]) -> int:
            return sum(map(holds, self.works))

        return {
            "waiting": number(lambda work: work.state == "waiting"),
            "claimed": number(lambda work: work.state == "claimed"),
            "done": number(lambda work: work.state == "done"),
            "failing": sum(work.failures > 0 for work in unfinished),
            "oldest": min((work.created_at for work in unfinished), default=None),
            "last_error": errors[-1] if errors else None,
        }

    def due(self) -> tuple[int, float | None]:
        """As sql.postgis.jobs.due."""
        at = now()
        due = [work for work in self.works if work.state != "done" and work.not_before <= at]
        oldest = min((max(work.created_at, work.not_before) for work in due), default=None)
        return len(due), None if oldest is None else (at - oldest).total_seconds()


def now() -> datetime:
    return datetime.now(UTC)

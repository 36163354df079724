"""Working off what is pending: in companies, judged in one look into the register and kept in one transaction.

While a thread keeps one company, the next is judged: the one is the database's work, the other ours.
"""

import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from api.judging import judge, to_keep
from api.screen import fault_of, question_of, screen_permit
from spatial.errors import Fault, Refused
from sql.errors import VaultUnavailable
from sql.vault import DigPlan, Job, Judged, Vault

JOB_LOST = "job_lost"

MOST_PERMITS = 100
"""Claimed together."""

MOST_SITES = 200
"""Judged together and kept in one transaction: some tenths of a second of work, far below the time for which a claim
holds, and a few megabytes. A permit with more sites than that goes alone."""

HOLD_AFTER_S = 5.0
"""So long after their claim the companies that still wait have their claims renewed, each before its turn."""

GoOn = Callable[[], bool]
Report = Callable[[int, int], None]
"""Told how many permits are done, of how many as far as is known."""


@dataclass(frozen=True, slots=True)
class Worked:
    """screened: permits judged, in order; failed: those that could not be, with the fault; left: jobs that
    another worker holds or that wait for another try (counted by work() alone)."""

    screened: tuple[str, ...]
    failed: Mapping[str, Fault]
    left: int = 0


def work(vault: Vault, on: date, report: Report | None = None) -> Worked:
    """Judge whatever is pending: what a crash or a register change left, and clear answers that ran out.

    A permit that cannot be judged holds nobody up: it is told of, its job is put back, the others go on.
    :raises VaultUnavailable: the database is gone; claims lapse and a later run takes them over.
    """
    told = work_off_jobs(vault, on, report=report)
    found = sweep(vault, on, told.failed, report=report)
    jobs = vault.status()["jobs"]
    return Worked(
        tuple(dict.fromkeys((*told.screened, *found.screened))),
        {**told.failed, **found.failed},
        jobs["waiting"] + jobs["claimed"],
    )


def work_off_jobs(
    vault: Vault, on: date, *, go_on: GoOn = lambda: True, report: Report | None = None
) -> Worked:
    """Claim and do jobs until none is left to claim, or until `go_on` (asked before each company) says no.

    Any number of workers may do this at once.
    :raises VaultUnavailable: as work().
    """
    with _Desk(vault, on, go_on) as desk:
        # What was just kept may have put a job back.
        while go_on() and ((jobs := vault.claim_jobs(MOST_PERMITS)) or desk.kept_something()):
            if jobs:
                desk.do(jobs)
            if report is not None:
                report(desk.done, max(desk.done, desk.parted))
    return desk.worked()


def sweep(
    vault: Vault,
    on: date,
    leave_out: Container[str] = (),
    *,
    pending_for_s: float = 0.0,
    go_on: GoOn = lambda: True,
    report: Report | None = None,
) -> Worked:
    """Judge every open permit that has read pending for so long though the jobs are done, but for `leave_out`.

    No job tells of a clear that has run out; and should a job ever be missing, this finds the permit. One that
    is just being judged elsewhere is judged twice: that costs a screening and raises no alert twice.
    :raises VaultUnavailable: as work().
    """
    with _Desk(vault, on, go_on) as desk:
        # Without a time no clock is asked: the database's may be ahead of ours.
        latest = datetime.now(UTC) - timedelta(seconds=pending_for_s) if pending_for_s else None
        pending = [
            row.permit_id
            for row in vault.pending_permits(on)
            if row.permit_id not in leave_out and (latest is None or row.since <= latest)
        ]
        for first in range(0, len(pending), MOST_PERMITS):
            if not go_on():
                break
            desk.judge([(permit_id, None) for permit_id in pending[first : first + MOST_PERMITS]])
            if report is not None:
                report(desk.done, len(pending))
    return desk.worked()


Wanted = tuple[str, Job | None]
"""A permit to be judged, and the job that ends with it."""


class _Desk:
    """One worker's round: what it judged, what it could not. parted: permits that revisions were parted into. What was
    judged is kept when the block ends."""

    def __init__(self, vault: Vault, on: date, go_on: GoOn) -> None:
        self._vault, self._on, self._go_on = vault, on, go_on
        self._screened: dict[str, None] = {}
        self._failed: dict[str, Fault] = {}
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self._being_kept: tuple[Sequence[_Member], Future[object]] | None = None
        self.parted = 0

    def __enter__(self) -> "_Desk":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.kept_something()
        finally:
            self._keeper.shutdown()

    @property
    def done(self) -> int:
        return len(self._screened) + len(self._failed)

    def worked(self) -> Worked:
        return Worked(tuple(self._screened), dict(self._failed))

    def do(self, jobs: Sequence[Job]) -> None:
        """Screen the permits of jobs claimed together; or part the job of a revision by permits, for whoever claims
        those."""
        if jobs[0].permit_id is None:
            self._split(jobs[0])
        else:
            self.judge([(job.permit_id, job) for job in jobs if job.permit_id is not None])

    def judge(self, wanted: Sequence[Wanted]) -> None:
        """Company by company, while there is time: what was not begun by then is given back."""
        begun, since = 0, time.monotonic()
        for company in self._companies(wanted):
            if not self._go_on():
                self._vault.give_back_jobs(_jobs(wanted[begun:]))
                return
            begun += len(company)
            if time.monotonic() - since > HOLD_AFTER_S:
                company = self._held(company)
            judged = self._judged_together(company) if len(company) > 1 else None
            self.kept_something()
            if judged is None:
                self._judge_each_alone(company)
            else:
                self._being_kept = company, self._keeper.submit(self._vault.keep_all, judged)

    def kept_something(self) -> bool:
        """Wait for what is being kept, if anything is. Where that failed and nothing of the company was kept, each is
        judged alone."""
        if self._being_kept is None:
            return False
        (company, keeping), self._being_kept = self._being_kept, None
        if keeping.exception() is None:
            for permit_id, _, _ in company:
                self._done(permit_id)
        else:
            self._judge_each_alone(company)
        return True

    # -- within

    def _companies(self, wanted: Sequence[Wanted]) -> Iterator[list["_Member"]]:
        """As many together as have MOST_SITES sites, in the order given; each alone where some cannot be read."""
        try:
            plans = self._vault.plans([permit_id for permit_id, _ in wanted])
        except Exception:
            yield from ([(permit_id, job, None)] for permit_id, job in wanted)
            return
        company: list[_Member] = []
        sites = 0
        for (permit_id, job), plan in zip(wanted, plans, strict=True):
            if company and sites + len(plan.sites) > MOST_SITES:
                yield company
                company, sites = [], 0
            company.append((permit_id, job, plan))
            sites += len(plan.sites)
        yield company

    def _held(self, company: Sequence["_Member"]) -> list["_Member"]:
        """Without those that others have taken over; the claims of the rest begin anew, or the last company of many
        would outlive its own."""
        held = set(self._vault.hold_jobs(_jobs(company)))
        return [member for member in company if member[1] is None or member[1] in held]

    def _judged_together(self, company: Sequence["_Member"]) -> list[Judged] | None:
        """None: something stopped it. Whose fault it was each finds out alone."""
        try:
            questions = [
                question_of(self._vault, plan, self._on, job) for _, job, plan in company if plan is not None
            ]
            return list(map(to_keep, questions, judge(self._vault, questions)))
        except Exception:
            return None

    def _judge_each_alone(self, company: Sequence["_Member"]) -> None:
        for permit_id, job, _ in company:
            self._judge_alone(permit_id, job)

    def _judge_alone(self, permit_id: str, job: Job | None) -> None:
        """What stops it must not keep the other permits waiting."""
        try:
            screen_permit(self._vault, permit_id, self._on, job)
        except Exception as error:
            fault = fault_of(error)
            if fault.code == JOB_LOST:  # taken over: whoever has it now finishes it
                return
            self._failed[permit_id] = fault
            if job is not None:
                self._vault.release_job(job, fault.text())
            elif fault.code == "database_gone":
                raise VaultUnavailable(fault) from error  # the others need not each find that out
        else:
            self._done(permit_id)

    def _done(self, permit_id: str) -> None:
        self._failed.pop(permit_id, None)
        self._screened[permit_id] = None

    def _split(self, job: Job) -> None:
        try:
            self.parted += self._vault.split_job(job)
        except Refused as refused:
            if refused.faults[0].code != JOB_LOST:
                self._vault.release_job(job, str(refused))
                raise
        except VaultUnavailable as unavailable:
            self._vault.release_job(job, unavailable.text())
            raise


_Member = tuple[str, Job | None, DigPlan | None]
"""Of a company; the plan where it could be read together with the others'."""


def _jobs(some: Sequence[Wanted | _Member]) -> list[Job]:
    return [one[1] for one in some if one[1] is not None]

"""What the watch asks, answered by the twin. Not safe between threads by itself: the vault locks."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from spatial.words import PermitStatus
from sql.memory.filed import Permit
from sql.memory.permits import Desk
from sql.memory.versions import Register
from sql.records import Job, PendingPermit


def pending_permits(desk: Desk, register: Register, on: date) -> tuple[PendingPermit, ...]:
    return tuple(
        PendingPermit(permit.permit_id, min(_since(desk, permit, register, on)))
        for permit in desk.open_permits(on)
        if desk.permit(permit, register, on).status is PermitStatus.PENDING
    )


def _since(desk: Desk, permit: Permit, register: Register, on: date) -> Iterator[datetime]:
    """Since when each site that makes the permit pending does so."""
    for number in range(len(permit.words.sites)):
        stands = desk.stands(permit, number)
        if stands is None:
            adopted = desk.adopted_at.get(desk.rules_now(permit.words.profile))
            yield max(permit.words.since, adopted or permit.words.since)
            continue
        touching = [
            change.record.committed_at
            for change in register.changes
            if change.record.revision > stands.register_revision
            and register.touched(stands.query_boxes, change.record.revision - 1, change.record.revision)
        ]
        if touching:
            yield min(touching)
        elif stands.valid_until < on:
            ran_out = datetime.combine(stands.valid_until + timedelta(days=1), time())
            yield ran_out.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def split_job(desk: Desk, register: Register, job: Job) -> int:
    """:raises Refused: `job_lost`."""
    assert job.revision is not None, "only the job of a revision is split"
    desk.jobs.claimed(job)
    ids = desk.stale_permits(register, job.revision)
    for permit_id in ids:
        if not desk.jobs.waits_for(permit_id):
            desk.jobs.leave(permit_id=permit_id)
    desk.jobs.finish(job)
    return len(ids)

"""What the watch asks of the vault: which permits are pending, and to part a revision's work by permits."""

from datetime import date

from sqlalchemy import Connection

from sql.errors import refused
from sql.postgis import jobs, permits
from sql.queries import REGISTER, WATCH
from sql.records import Job, PendingPermit


def newest_revision(connection: Connection) -> int:
    revision: int = connection.exec_driver_sql(REGISTER["newest_revision"]).scalar_one()
    return revision


def open_permits(connection: Connection, on: date) -> int:
    count: int = connection.exec_driver_sql(WATCH["open_permits"], {"on": on}).scalar_one()
    return count


def pending_permits(connection: Connection, on: date) -> tuple[PendingPermit, ...]:
    return tuple(
        PendingPermit(*row) for row in connection.exec_driver_sql(WATCH["pending_permits"], {"on": on})
    )


def split_job(connection: Connection, job: Job) -> int:
    """:raises Refused: `job_lost`; nothing is written then."""
    assert job.revision is not None, "only the job of a revision is split"
    connection.exec_driver_sql(REGISTER["allow_long_work"])
    claim = {"job_id": job.job_id, "fence": job.fence}
    if connection.exec_driver_sql(WATCH["lock_job"], claim).first() is None:
        raise refused("job_lost")
    ids = list(permits.stale_permits(connection, job.revision))
    connection.exec_driver_sql(WATCH["leave_permit_jobs"], {"ids": ids})
    jobs.finish(connection, job)
    return len(ids)

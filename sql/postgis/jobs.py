"""The jobs that commits leave: claimed by state, with a fence, never by "id greater than the last seen"."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from sql.errors import refused
from sql.queries import JOBS
from sql.records import Job


def claim(connection: Connection, at_most: int, lease_s: float) -> tuple[Job, ...]:
    found = connection.exec_driver_sql(JOBS["claim"], {"at_most": at_most, "lease_s": lease_s})
    return tuple(sorted((Job(*row) for row in found), key=lambda job: job.job_id))


def hold(connection: Connection, jobs: Sequence[Job]) -> tuple[Job, ...]:
    held = set(connection.exec_driver_sql(JOBS["hold"], _claims(jobs)).scalars())
    return tuple(job for job in jobs if job.job_id in held)


def give_back(connection: Connection, jobs: Sequence[Job]) -> None:
    connection.exec_driver_sql(JOBS["give_back"], _claims(jobs))


def _claims(jobs: Sequence[Job]) -> dict[str, list[int]]:
    return {"job_ids": [job.job_id for job in jobs], "fences": [job.fence for job in jobs]}


def finish(connection: Connection, job: Job) -> None:
    """:raises Refused: `job_lost`; the caller's transaction is then rolled back whole."""
    done = connection.exec_driver_sql(JOBS["finish"], {"job_id": job.job_id, "fence": job.fence}).first()
    if done is None:
        raise refused("job_lost")


def finish_if_judged(connection: Connection, jobs: Sequence[tuple[Job, str]]) -> None:
    """End the jobs of permits, each with its permit's id; put back those of which no judgement stands for some site.

    :raises Refused: as finish(), when one of them was taken over.
    """
    if not jobs:
        return
    asked = _claims([job for job, _ in jobs]) | {"permit_ids": [permit_id for _, permit_id in jobs]}
    if len(connection.exec_driver_sql(JOBS["finish_if_judged"], asked).all()) < len(jobs):
        raise refused("job_lost")


def finish_waiting(connection: Connection, permit_ids: Sequence[str]) -> None:
    """End what waits for permits that are judged by now."""
    connection.exec_driver_sql(JOBS["finish_waiting"], {"ids": list(permit_ids)})


def release(connection: Connection, job: Job, error: str, retry_after_s: float) -> None:
    connection.exec_driver_sql(
        JOBS["release"],
        {"job_id": job.job_id, "fence": job.fence, "error": error, "lease_s": retry_after_s},
    )


def counts(connection: Connection) -> dict[str, Any]:
    return dict(connection.exec_driver_sql(JOBS["counts"]).mappings().one())


def due(connection: Connection) -> tuple[int, float | None]:
    """How many jobs may be worked on or are, and for how many seconds the oldest of them has been due."""
    row = connection.exec_driver_sql(JOBS["due"]).one()
    return row.waiting, row.oldest_s


def beat(connection: Connection) -> None:
    """A write as small as can be. Broken off after a second."""
    connection.exec_driver_sql(JOBS["hurry"])
    connection.exec_driver_sql(JOBS["beat"])

"""Permits, screenings, alerts and the jobs they leave."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from spatial.values import Box, DigSite, PermitParties
from sql import rows
from sql.decisions import (
    Standing,
    notices,
    permit_status,
    permit_unknown,
    profile_unknown,
    screening_unknown,
)
from sql.errors import refused
from sql.queries import JOBS, PERMITS, REGISTER
from sql.vault import Job, NewScreening, PermitRecord, ScreeningRecord


def keep_profile(connection: Connection, document: str, sha256: str, profile_id: str, version: str) -> None:
    connection.exec_driver_sql(
        PERMITS["keep_profile"],
        {"sha256": sha256, "profile_id": profile_id, "version": version, "document": document},
    )


def profile(connection: Connection, sha256: str) -> str:
    document: str | None = connection.exec_driver_sql(
        PERMITS["profile"], {"sha256": sha256}
    ).scalar_one_or_none()
    if document is None:
        raise profile_unknown(sha256)
    return document


def file_permit(
    connection: Connection,
    parties: PermitParties,
    profile: str,
    sites: Sequence[DigSite],
    query_boxes: Sequence[Sequence[Box]],
) -> str:
    permit_id: str = connection.exec_driver_sql(
        PERMITS["file_permit"],
        {
            "firm": parties.firm,
            "title": parties.title,
            "starts_on": parties.starts_on,
            "ends_on": parties.ends_on,
            "extra": rows.parties_rest(parties),
            "profile": profile,
        },
    ).scalar_one()
    for number, (site, boxes) in enumerate(zip(sites, query_boxes, strict=True)):
        connection.exec_driver_sql(
            PERMITS["file_site"],
            {"permit_id": permit_id, "site_index": number} | _site_row(site) | rows.box_arrays(boxes),
        )
    connection.exec_driver_sql(JOBS["leave_permit_job"], {"permit_id": permit_id})
    return permit_id


def cancel_permit(connection: Connection, permit_id: str) -> None:
    found = connection.exec_driver_sql(PERMITS["cancel_permit"], {"permit_id": _uuid(permit_id)}).first()
    if found is None:
        raise permit_unknown(permit_id)


def keep_screenings(
    connection: Connection, screenings: Sequence[NewScreening], permit_id: str | None, job: Job | None
) -> tuple[str, ...]:
    ids = []
    if permit_id is None:
        ids = [_keep_screening(connection, screening, None) for screening in screenings]
    else:
        ids = _keep_for_permit(connection, screenings, permit_id)
    if job is not None:
        finish_job(connection, job)
    elif permit_id is not None:
        connection.exec_driver_sql(JOBS["finish_screened_permit"], {"permit_id": permit_id})
    return tuple(ids)


def screening(connection: Connection, screening_id: str) -> ScreeningRecord:
    row = (
        connection.exec_driver_sql(PERMITS["screening"], {"screening_id": _uuid(screening_id)})
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise screening_unknown(screening_id)
    conflicts = _conflicts(connection, [row["screening_id"]])
    return ScreeningRecord(
        screening_id=row["screening_id"],
        permit_id=row["permit_id"],
        site_index=row["site_index"],
        register_revision=row["register_revision"],
        screened_on=row["screened_on"],
        site=rows.site_of(row["site"], row["geom"]),
        profile_sha256=row["profile_sha256"],
        engine=row["engine"],
        outcome=row["outcome"],
        grade=row["grade"],
        valid_until=row["valid_until"],
        document=row["document"],
        document_sha256=row["document_sha256"],
        conflicts=tuple(conflicts.get(row["screening_id"], ())),
        created_at=row["created_at"],
    )


def permits(
    connection: Connection, *, permit_id: str | None, open_on: date | None, on: date | None
) -> tuple[PermitRecord, ...]:
    asked = {"permit_id": None if permit_id is None else _uuid(permit_id), "open_on": open_on}
    found = connection.exec_driver_sql(PERMITS["permits"], asked).mappings().all()
    day = on or open_on or today(connection)
    return tuple(_permit(list(sites), day) for _, sites in groupby(found, lambda row: row["permit_id"]))


def permit(connection: Connection, permit_id: str, on: date | None) -> PermitRecord:
    found = permits(connection, permit_id=permit_id, open_on=None, on=on)
    if not found:
        raise permit_unknown(permit_id)
    return found[0]


def stale_permits(connection: Connection, revision: int) -> tuple[str, ...]:
    if revision > connection.exec_driver_sql(REGISTER["newest_revision"]).scalar_one():
        raise refused("revision_unknown")
    asked = {"revision": revision, "on": today(connection)}
    return tuple(connection.exec_driver_sql(PERMITS["stale_permits"], asked).scalars())


def alerts(connection: Connection, permit_id: str | None) -> tuple[dict[str, Any], ...]:
    asked = {"permit_id": None if permit_id is None else _uuid(permit_id)}
    return tuple(dict(row) for row in connection.exec_driver_sql(PERMITS["alerts"], asked).mappings())


def today(connection: Connection) -> date:
    day: date = connection.exec_driver_sql(PERMITS["today"]).scalar_one()
    return day


# -- jobs -------------------------------------------------------------------------------------------------


def claim_job(connection: Connection, lease_s: float) -> Job | None:
    row = connection.exec_driver_sql(JOBS["claim"], {"lease_s": lease_s}).one_or_none()
    return None if row is None else Job(*row)


def finish_job(connection: Connection, job: Job) -> None:
    """:raises Refused: `job_lost`; the caller's transaction is then rolled back whole."""
    done = connection.exec_driver_sql(JOBS["finish"], {"job_id": job.job_id, "fence": job.fence}).first()
    if done is None:
        raise refused("job_lost")


def release_job(connection: Connection, job: Job, error: str, retry_after_s: float) -> None:
    connection.exec_driver_sql(
        JOBS["release"],
        {"job_id": job.job_id, "fence": job.fence, "error": error, "lease_s": retry_after_s},
    )


def job_counts(connection: Connection) -> dict[str, Any]:
    return dict(connection.exec_driver_sql(JOBS["counts"]).mappings().one())


# -- within -----------------------------------------------------------------------------------------------


def _keep_for_permit(connection: Connection, screenings: Sequence[NewScreening], permit_id: str) -> list[str]:
    """Keep the judgements and raise what they change against those that stood before."""
    cancelled = connection.exec_driver_sql(
        PERMITS["lock_permit"], {"permit_id": _uuid(permit_id)}
    ).scalar_one_or_none()
    if cancelled is None:
        raise permit_unknown(permit_id)
    standing = {
        row.site_index: row
        for row in connection.exec_driver_sql(PERMITS["standing"], {"permit_id": permit_id})
    }
    before = _conflicts(connection, [row.screening_id for row in standing.values()])
    stable = frozenset(
        (row.utility, row.dataset) for row in connection.exec_driver_sql(PERMITS["stable_datasets"])
    )
    ids = []
    for screening in screenings:
        kept = _keep_screening(connection, screening, permit_id)
        ids.append(kept)
        stood = standing.get(screening.site_index)
        # A judgement of an older register than the one that stands is evidence, and no news.
        if cancelled or (stood is not None and stood.register_revision > screening.register_revision):
            continue
        known = before.get(stood.screening_id, []) if stood is not None else []
        for notice in notices(known, screening.conflicts, stable):
            conflict = rows.conflict_row(screening.conflicts[notice.ordinal])
            connection.exec_driver_sql(
                PERMITS["raise_alert"],
                conflict
                | {
                    "permit_id": permit_id,
                    "site_index": screening.site_index,
                    "screening_id": kept,
                    "ordinal": notice.ordinal,
                    "follows": stood.screening_id if stood is not None else None,
                    "change": notice.change,
                },
            )
    return ids


def _keep_screening(connection: Connection, screening: NewScreening, permit_id: str | None) -> str:
    screening_id: str = connection.exec_driver_sql(
        PERMITS["keep_screening"],
        {
            "permit_id": permit_id,
            "site_index": screening.site_index,
            "register_revision": screening.register_revision,
            "screened_on": screening.screened_on,
            "ends_on": screening.ends_on,
            "query_boxes": canonical.dumps([list(box) for box in screening.query_boxes]),
            "profile_sha256": screening.profile_sha256,
            "engine": screening.engine,
            "outcome": screening.outcome,
            "grade": screening.grade,
            "valid_until": screening.valid_until,
            "document": screening.document,
            "document_sha256": screening.document_sha256,
        }
        | _site_row(screening.site),
    ).scalar_one()
    kept = [
        rows.conflict_row(conflict) | {"screening_id": screening_id, "ordinal": ordinal}
        for ordinal, conflict in enumerate(screening.conflicts)
    ]
    if kept:
        connection.exec_driver_sql(PERMITS["keep_conflict"], kept)
    return screening_id


def _conflicts(connection: Connection, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """screening id -> its conflicts, in document order."""
    kept: dict[str, list[dict[str, Any]]] = {}
    if ids:
        for row in connection.exec_driver_sql(PERMITS["conflicts"], {"ids": list(ids)}).mappings():
            kept.setdefault(row["screening_id"], []).append(rows.conflict_of(dict(row)))
    return kept


def _site_row(site: DigSite) -> dict[str, Any]:
    return {"site": rows.site_json(site), "geom": rows.ewkb([site.geometry])[0]}


def _permit(sites: Iterable[Any], day: date) -> PermitRecord:
    sites = list(sites)
    about = sites[0]
    standing = [
        None
        if row["screening_id"] is None
        else Standing(row["screening_id"], row["outcome"], row["valid_until"], row["touched"])
        for row in sites
    ]
    return PermitRecord(
        permit_id=about["permit_id"],
        parties=rows.parties_of(about),
        profile=about["profile"],
        sites=tuple(rows.site_of(row["site"], row["geom"]) for row in sites),
        status=permit_status(standing, ends_on=about["ends_on"], cancelled=about["cancelled"], on=day),
        filed_at=about["filed_at"],
        screening_ids=tuple(entry.screening_id for entry in standing if entry is not None),
    )


def _uuid(text: str) -> str | None:
    """The id as the database takes it, or None for what is no id and so names nothing."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None

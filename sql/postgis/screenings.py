"""Screenings: kept with their conflicts and the alerts they raise, and read."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from sql import rows
from sql.judgements import Notice, PermitNow, Told, notices, permit_unknown, screening_unknown
from sql.postgis import jobs
from sql.queries import SCREENINGS
from sql.records import Job, NewScreening, ScreeningRecord


def keep_screenings(
    connection: Connection, screenings: Sequence[NewScreening], permit_id: str | None, job: Job | None
) -> tuple[str, ...]:
    ids = [str(uuid.uuid4()) for _ in screenings]
    if permit_id is None:
        _keep(connection, screenings, ids, [False] * len(ids), [], None)
        if job is not None:
            jobs.finish(connection, job)
        return tuple(ids)
    now = _permit_now(connection, permit_id)
    stood = [now.stands(screening) for screening in screenings]
    _keep(connection, screenings, ids, stood, _alerts(connection, now, screenings, ids, stood), permit_id)
    if job is not None:
        jobs.finish_if_judged(connection, job, permit_id)
    else:
        jobs.finish_waiting(connection, permit_id)
    return tuple(ids)


def by_id(connection: Connection, screening_ids: Sequence[str]) -> tuple[ScreeningRecord, ...]:
    ids = [rows.uuid_or_nil(screening_id) for screening_id in screening_ids]
    found = {
        record.screening_id: record
        for record in _records(connection, connection.exec_driver_sql(SCREENINGS["by_id"], {"ids": ids}))
    }
    for asked, screening_id in zip(screening_ids, ids, strict=True):
        if screening_id not in found:
            raise screening_unknown(asked)
    return tuple(found[screening_id] for screening_id in ids)


def of_permit(connection: Connection, permit_id: str) -> tuple[ScreeningRecord, ...]:
    """Newest first."""
    asked = {"permit_id": rows.uuid_or_nil(permit_id)}
    records = _records(connection, connection.exec_driver_sql(SCREENINGS["of_permit"], asked))
    if not records and connection.exec_driver_sql(SCREENINGS["permit_is_there"], asked).first() is None:
        raise permit_unknown(permit_id)
    return records


def count(connection: Connection) -> int:
    number: int = connection.exec_driver_sql(SCREENINGS["count"]).scalar_one()
    return number


# -- within -----------------------------------------------------------------------------------------------


def _permit_now(connection: Connection, permit_id: str) -> PermitNow:
    """The permit and what was told of it, which nobody changes before this transaction ends."""
    named = {"permit_id": rows.uuid_or_nil(permit_id)}
    if connection.exec_driver_sql(SCREENINGS["lock_permit"], named).first() is None:
        raise permit_unknown(permit_id)
    found = connection.exec_driver_sql(SCREENINGS["told"], named).all()
    about = found[0]
    features: Iterable[str] = ()
    if about.current_amendment > 0:  # without amendments no site has to be known again
        asked = named | {"amendment": about.current_amendment}
        features = connection.exec_driver_sql(SCREENINGS["features"], asked).scalars()
    return PermitNow(
        cancelled=about.cancelled,
        amendment=about.current_amendment,
        rules=about.rules,
        features=tuple(features),
        told=tuple(
            Told(row.screening_id, row.amendment, row.site_index, row.feature_id, row.newest)
            for row in found
            if row.screening_id is not None
        ),
    )


def _alerts(
    connection: Connection,
    now: PermitNow,
    screenings: Sequence[NewScreening],
    ids: Sequence[str],
    stood: Sequence[bool],
) -> list[dict[str, Any]]:
    """A row for each difference between the judgements that stand and what was told before them."""
    if not any(stood):
        return []
    before, taken_away = now.before(), now.taken_away()
    known: dict[str, list[dict[str, Any]]] = {}
    stable: frozenset[tuple[str, str]] = frozenset()
    if before or taken_away:
        former = {entry.screening_id for entry in (*before.values(), *taken_away)}
        known = _conflicts(connection, sorted(former))
        stable = frozenset(
            (row.utility, row.dataset) for row in connection.exec_driver_sql(SCREENINGS["stable_datasets"])
        )
    alerts = []
    for screening, screening_id, stands in zip(screenings, ids, stood, strict=True):
        if stands:
            told = before.get(screening.site_index)
            said = known.get(told.screening_id, []) if told is not None else []
            place = {
                "amendment": screening.amendment,
                "site_index": screening.site_index,
                "screening_id": screening_id,
                "follows": told.screening_id if told is not None else None,
            }
            alerts += [_alert(notice, place) for notice in notices(said, screening.conflicts, stable)]
    for told in taken_away:
        place = {
            "amendment": told.amendment,
            "site_index": told.site_index,
            "screening_id": told.screening_id,
            "follows": told.screening_id,
        }
        alerts += [_alert(notice, place) for notice in notices(known.get(told.screening_id, []), (), stable)]
    return alerts


def _alert(notice: Notice, place: dict[str, Any]) -> dict[str, Any]:
    conflict = rows.conflict_row(notice.conflict)
    about = {name: conflict[name] for name in ("utility", "dataset", "source_id", "pipe_id", "grade")}
    return place | about | {"ordinal": notice.ordinal, "change": notice.change}


def _keep(
    connection: Connection,
    screenings: Sequence[NewScreening],
    ids: Sequence[str],
    stood: Sequence[bool],
    alerts: Sequence[dict[str, Any]],
    permit_id: str | None,
) -> None:
    conflicts = [
        rows.conflict_row(conflict) | {"screening_id": screening_id, "ordinal": ordinal}
        for screening, screening_id in zip(screenings, ids, strict=True)
        for ordinal, conflict in enumerate(screening.conflicts)
    ]
    kept = [
        _screening_row(screening) | {"screening_id": screening_id, "stood": stands}
        for screening, screening_id, stands in zip(screenings, ids, stood, strict=True)
    ]
    connection.exec_driver_sql(
        SCREENINGS["keep"],
        {
            "permit_id": permit_id,
            "screenings": canonical.dumps(kept),
            "conflicts": canonical.dumps(conflicts),
            "alerts": canonical.dumps(alerts),
        },
    )


def _screening_row(screening: NewScreening) -> dict[str, Any]:
    return {
        "amendment": screening.amendment,
        "site_index": screening.site_index,
        "register_revision": screening.register_revision,
        "screened_on": screening.screened_on.isoformat(),
        "ends_on": screening.ends_on.isoformat() if screening.ends_on is not None else None,
        "query_boxes": rows.box_arrays(screening.query_boxes)["boxes"],
        "profile_sha256": screening.profile_sha256,
        "engine": screening.engine,
        "outcome": screening.outcome,
        "grade": screening.grade,
        "valid_until": screening.valid_until.isoformat(),
        "document": screening.document,
        "document_sha256": screening.document_sha256,
    } | rows.site_row(screening.site)


def _records(connection: Connection, found: Any) -> tuple[ScreeningRecord, ...]:
    kept = found.mappings().all()
    conflicts = _conflicts(connection, [row["screening_id"] for row in kept])
    return tuple(
        ScreeningRecord(
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
            amendment=row["amendment"],
            query_boxes=rows.boxes_of(row["query_boxes"]),
            stood=row["stood"],
        )
        for row in kept
    )


def _conflicts(connection: Connection, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """screening id -> its conflicts, in document order."""
    kept: dict[str, list[dict[str, Any]]] = {}
    if ids:
        for row in connection.exec_driver_sql(SCREENINGS["conflicts"], {"ids": list(ids)}).mappings():
            kept.setdefault(row["screening_id"], []).append(rows.conflict_of(dict(row)))
    return kept

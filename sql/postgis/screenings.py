"""Screenings are read, with their conflicts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from sql import rows
from sql.judgements import (
    permit_unknown,
    screening_unknown,
)
from sql.queries import SCREENINGS
from sql.records import ScreeningRecord


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

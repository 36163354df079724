"""Screenings: kept with their conflicts and the alerts they raise, and read."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from sql import rows
from sql.judgements import (
    Notice,
    PermitNow,
    Standing,
    Told,
    notices,
    permit_status,
    permit_unknown,
    screening_unknown,
    worst_grade,
)
from sql.postgis import jobs, permits
from sql.postgis.connection import ask
from sql.queries import SCREENINGS
from sql.records import Judged, Kept, NewScreening, PermitRecord, ScreeningRecord


def keep_all(connection: Connection, judged: Sequence[Judged]) -> tuple[Kept, ...]:
    """Keep the judgements of several permits and enquiries, all or none."""
    first = _keep_first(connection, judged)
    if first is not None:
        return first
    records: list[tuple[ScreeningRecord, ...]] = [()] * len(judged)
    for turn in _turns(judged):
        for number, kept in zip(turn, _keep_once(connection, [judged[n] for n in turn]), strict=True):
            records[number] = kept
    return tuple(
        Kept(
            its_records,
            permits.by_id(connection, one.filed.permit_id, None) if one.filed is not None else None,
        )
        for one, its_records in zip(judged, records, strict=True)
    )


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


def _keep_first(connection: Connection, judged: Sequence[Judged]) -> tuple[Kept, ...] | None:
    """As keep_all(), in one question, for enquiries and for permits filed a moment ago. None: another of them is
    among these, or the database knows more of a permit than its filer: then nothing was written."""
    of_permits = [one for one in judged if one.permit_id is not None]
    filed = {one.permit_id: one.filed for one in of_permits if one.permit_id and one.filed is not None}
    if not filed or len(filed) < len(of_permits) or any(one.job is not None for one in judged):
        return None
    if not all(_whole(one.screenings, permit) for one in of_permits if (permit := one.filed) is not None):
        return None
    as_filed = {permit_id: PermitNow(False, 0, permit.profile, (), ()) for permit_id, permit in filed.items()}
    keeping = _keeping(connection, judged, as_filed)
    # In the order of the ids, in which permits are locked.
    in_order = sorted(filed, key=rows.uuid_or_nil)
    found = ask(
        connection,
        SCREENINGS["keep_first"],
        {
            "filed": [rows.uuid_or_nil(permit_id) for permit_id in in_order],
            "rules": [filed[permit_id].profile for permit_id in in_order],
            "sites": [len(filed[permit_id].sites) for permit_id in in_order],
        }
        | keeping.rows(judged),
    )
    told = {row.screening_id: row for row in found}
    if not told:
        return None
    records = keeping.records(judged, {row.screening_id: row.created_at for row in found})
    return tuple(
        Kept(its_records, _as_it_stands(one.filed, its_records, told) if one.filed is not None else None)
        for one, its_records in zip(judged, records, strict=True)
    )


def _whole(screenings: Sequence[NewScreening], permit: PermitRecord) -> bool:
    """They judge every site of the permit as it was filed, under the rules it was filed under."""
    return [(one.site_index, one.amendment, one.profile_sha256) for one in screenings] == [
        (number, 0, permit.profile) for number in range(len(permit.sites))
    ]


def _as_it_stands(
    filed: PermitRecord, records: Sequence[ScreeningRecord], told: Mapping[str, Any]
) -> PermitRecord:
    """A permit that has these judgements and no others. told: rows of `keep_first`."""
    about = told[records[0].screening_id]
    standing = [
        Standing(
            record.screening_id,
            record.outcome,
            record.grade,
            record.valid_until,
            told[record.screening_id].touched,
        )
        for record in records
    ]
    return replace(
        filed,
        status=permit_status(standing, ends_on=filed.parties.ends_on, cancelled=False, on=about.today),
        filed_at=about.filed_at,
        filed_order=about.filed_order,
        screening_ids=tuple(record.screening_id for record in records),
        grade=worst_grade(standing),
    )


def _turns(judged: Sequence[Judged]) -> list[list[int]]:
    """Numbers of what can be kept at once: a permit judged twice takes turns with itself."""
    turns: list[list[int]] = []
    before: Counter[str] = Counter()
    for number, one in enumerate(judged):
        turn = 0
        if one.permit_id is not None:
            turn = before[one.permit_id]
            before[one.permit_id] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(number)
    return turns


def _keep_once(connection: Connection, judged: Sequence[Judged]) -> list[tuple[ScreeningRecord, ...]]:
    """As keep_all(), no permit twice."""
    now = _permits_now(connection, [one.permit_id for one in judged if one.permit_id is not None])
    keeping = _keeping(connection, judged, now)
    created = dict(connection.exec_driver_sql(SCREENINGS["keep"], keeping.rows(judged)).all())
    for one in judged:
        if one.job is not None:
            if one.permit_id is None:
                jobs.finish(connection, one.job)
            else:
                jobs.finish_if_judged(connection, one.job, one.permit_id)
    if own := [one.permit_id for one in judged if one.permit_id is not None and one.job is None]:
        jobs.finish_waiting(connection, own)
    return keeping.records(judged, created)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """What judgements become: their ids, which of them stand (for each Judged), and the alerts they raise."""

    ids: list[list[str]]
    stood: list[list[bool]]
    alerts: list[dict[str, Any]]

    def rows(self, judged: Sequence[Judged]) -> dict[str, str]:
        """As the functions of the vault take them."""
        kept, conflicts = [], []
        for one, its_ids, its_stood in zip(judged, self.ids, self.stood, strict=True):
            for screening, screening_id, stands in zip(one.screenings, its_ids, its_stood, strict=True):
                named = {"screening_id": screening_id, "permit_id": one.permit_id, "stood": stands}
                kept.append(_screening_row(screening) | named)
                conflicts += [
                    rows.conflict_row(conflict) | {"screening_id": screening_id, "ordinal": ordinal}
                    for ordinal, conflict in enumerate(screening.conflicts)
                ]
        return {
            "screenings": canonical.dumps(kept),
            "conflicts": canonical.dumps(conflicts),
            "alerts": canonical.dumps(self.alerts),
        }

    def records(
        self, judged: Sequence[Judged], created: Mapping[str, datetime]
    ) -> list[tuple[ScreeningRecord, ...]]:
        """As they would be read back. created: screening id -> when it was kept."""
        return [
            tuple(
                _as_kept(screening, screening_id, one.permit_id, created[screening_id], stands)
                for screening, screening_id, stands in zip(one.screenings, its_ids, its_stood, strict=True)
            )
            for one, its_ids, its_stood in zip(judged, self.ids, self.stood, strict=True)
        ]


def _keeping(connection: Connection, judged: Sequence[Judged], now: Mapping[str, PermitNow]) -> _Keeping:
    ids = [[str(uuid.uuid4()) for _ in one.screenings] for one in judged]
    stood = [
        [one.permit_id is not None and now[one.permit_id].stands(screening) for screening in one.screenings]
        for one in judged
    ]
    alerts = [
        alert
        for one, its_ids, stands in zip(judged, ids, stood, strict=True)
        if one.permit_id is not None
        for alert in _alerts(connection, one.permit_id, now[one.permit_id], one.screenings, its_ids, stands)
    ]
    return _Keeping(ids, stood, alerts)


def _permits_now(connection: Connection, permit_ids: Sequence[str]) -> dict[str, PermitNow]:
    """The permits and what was told of them, which nobody changes before this transaction ends."""
    if not permit_ids:
        return {}
    named = {"ids": [rows.uuid_or_nil(permit_id) for permit_id in permit_ids]}
    locked = set(connection.exec_driver_sql(SCREENINGS["lock_permits"], named).scalars())
    for asked, permit_id in zip(permit_ids, named["ids"], strict=True):
        if permit_id not in locked:
            raise permit_unknown(asked)
    found = connection.exec_driver_sql(SCREENINGS["told"], named).all()
    now = {
        permit_id: _permit_now(connection, permit_id, list(told))
        for permit_id, told in groupby(found, lambda row: str(row.permit_id))
    }
    return {asked: now[permit_id] for asked, permit_id in zip(permit_ids, named["ids"], strict=True)}


def _permit_now(connection: Connection, permit_id: str, found: Sequence[Any]) -> PermitNow:
    about = found[0]
    features: Iterable[str] = ()
    if about.current_amendment > 0:  # without amendments no site has to be known again
        asked = {"permit_id": permit_id, "amendment": about.current_amendment}
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
    permit_id: str,
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
                "permit_id": permit_id,
                "amendment": screening.amendment,
                "site_index": screening.site_index,
                "screening_id": screening_id,
                "follows": told.screening_id if told is not None else None,
            }
            alerts += [_alert(notice, place) for notice in notices(said, screening.conflicts, stable)]
    for told in taken_away:
        place = {
            "permit_id": permit_id,
            "amendment": told.amendment,
            "site_index": told.site_index,
            "screening_id": told.screening_id,
            "follows": told.screening_id,
        }
        alerts += [_alert(notice, place) for notice in notices(known.get(told.screening_id, []), (), stable)]
    return alerts


def _alert(notice: Notice, place: dict[str, Any]) -> dict[str, Any]:
    about = {name: notice.conflict[name] for name in ("utility", "dataset", "source_id", "grade")}
    pipe_id = canonical.dumps(notice.conflict["pipe_id"])
    return place | about | {"pipe_id": pipe_id, "ordinal": notice.ordinal, "change": notice.change}


def _as_kept(
    screening: NewScreening, screening_id: str, permit_id: str | None, created_at: datetime, stood: bool
) -> ScreeningRecord:
    """The record as it would be read back."""
    return ScreeningRecord(
        screening_id=screening_id,
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
        conflicts=screening.conflicts,
        created_at=created_at,
        amendment=screening.amendment,
        query_boxes=screening.query_boxes,
        stood=stood,
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

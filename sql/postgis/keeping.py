"""Screenings are kept, with their conflicts and the alerts they raise."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
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
    worst_grade,
)
from sql.postgis import jobs, permits
from sql.postgis.connection import ask
from sql.postgis.copying import copy_rows
from sql.queries import SCREENINGS
from sql.records import Judged, Kept, NewScreening, PermitRecord, ScreeningRecord

COPY_FROM = 20
"""Judgements at once from which on they are copied."""


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
    created = _write(connection, keeping, judged)
    for one in judged:
        if one.job is not None and one.permit_id is None:
            jobs.finish(connection, one.job)
    jobs.finish_if_judged(
        connection,
        [(one.job, one.permit_id) for one in judged if one.job is not None and one.permit_id is not None],
    )
    if own := [one.permit_id for one in judged if one.permit_id is not None and one.job is None]:
        jobs.finish_waiting(connection, own)
    return keeping.records(judged, created)


def _write(connection: Connection, keeping: "_Keeping", judged: Sequence[Judged]) -> Mapping[str, datetime]:
    """Screening id -> when it was kept. Many are copied, which takes half as long; a few in one question."""
    ids = [screening_id for its_ids in keeping.ids for screening_id in its_ids]
    if len(ids) < COPY_FROM:
        return dict(connection.exec_driver_sql(SCREENINGS["keep"], keeping.rows(judged)).all())
    now: datetime = connection.exec_driver_sql(SCREENINGS["now"]).scalar_one()
    screenings = (row | {"created_at": now} for row in keeping.screening_rows(judged))
    copy_rows(connection, SCREENINGS["copy_screenings"], map(_SCREENING_COLUMNS, screenings))
    copy_rows(connection, SCREENINGS["copy_conflicts"], map(_CONFLICT_COLUMNS, keeping.conflict_rows(judged)))
    if keeping.alerts:
        alerts = {"screenings": "[]", "conflicts": "[]", "alerts": canonical.dumps(keeping.alerts)}
        connection.exec_driver_sql(SCREENINGS["keep"], alerts)
    return dict.fromkeys(ids, now)


# In the order of the statements.
_SCREENING_COLUMNS = itemgetter(
    "screening_id", "permit_id", "created_at", "stood", "amendment", "site_index", "register_revision", "screened_on",
    "ends_on", "query_boxes", "profile_sha256", "engine", "outcome", "grade", "valid_until", "document",
    "document_sha256", "site", "geom",
)  # fmt: skip
_CONFLICT_COLUMNS = itemgetter("screening_id", "ordinal", *rows.CONFLICT_COLUMNS, "rest")


@dataclass(frozen=True, slots=True)
class _Keeping:
    """What judgements become: their ids, which of them stand (for each Judged), and the alerts they raise."""

    ids: list[list[str]]
    stood: list[list[bool]]
    alerts: list[dict[str, Any]]

    def rows(self, judged: Sequence[Judged]) -> dict[str, str]:
        """As the functions of the vault take them."""
        return {
            "screenings": canonical.dumps(list(self.screening_rows(judged))),
            "conflicts": canonical.dumps(list(self.conflict_rows(judged))),
            "alerts": canonical.dumps(self.alerts),
        }

    def screening_rows(self, judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
        for one, its_ids, its_stood in zip(judged, self.ids, self.stood, strict=True):
            for screening, screening_id, stands in zip(one.screenings, its_ids, its_stood, strict=True):
                named = {"screening_id": screening_id, "permit_id": one.permit_id, "stood": stands}
                yield named | _screening_row(screening)

    def conflict_rows(self, judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
        for one, its_ids in zip(judged, self.ids, strict=True):
            for screening, screening_id in zip(one.screenings, its_ids, strict=True):
                for ordinal, conflict in enumerate(screening.conflicts):
                    yield {"screening_id": screening_id, "ordinal": ordinal} | rows.conflict_row(conflict)

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
    speaking = [
        (now[one.permit_id], one, its_ids, stands)
        for one, its_ids, stands in zip(judged, ids, stood, strict=True)
        if one.permit_id is not None and any(stands)
    ]
    said = _said_before(connection, [permit for permit, *_ in speaking])
    alerts = [alert for spoken in speaking for alert in _alerts(*spoken, said)]
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


@dataclass(frozen=True, slots=True)
class _SaidBefore:
    """What new judgements are held against. conflicts: of each former screening, as much as notices() asks for."""

    conflicts: Mapping[str, Sequence[dict[str, Any]]]
    stable: frozenset[tuple[str, str]]


def _said_before(connection: Connection, permits_now: Sequence[PermitNow]) -> _SaidBefore:
    """Of all permits at once: two questions, however many they are."""
    former = {
        entry.screening_id
        for permit in permits_now
        for entry in (*permit.before().values(), *permit.taken_away())
    }
    if not former:
        return _SaidBefore({}, frozenset())
    conflicts: dict[str, list[dict[str, Any]]] = {}
    found = connection.exec_driver_sql(SCREENINGS["said_before"], {"ids": sorted(former)})
    for row in found.mappings():
        conflicts.setdefault(row["screening_id"], []).append(dict(row))
    stable = connection.exec_driver_sql(SCREENINGS["stable_datasets"])
    return _SaidBefore(conflicts, frozenset((row.utility, row.dataset) for row in stable))


def _alerts(
    now: PermitNow, judged: Judged, ids: Sequence[str], stood: Sequence[bool], known: _SaidBefore
) -> list[dict[str, Any]]:
    """A row for each difference between the judgements that stand and what was told before them."""
    before = now.before()
    alerts = []
    for screening, screening_id, stands in zip(judged.screenings, ids, stood, strict=True):
        if stands:
            told = before.get(screening.site_index)
            said = known.conflicts.get(told.screening_id, []) if told is not None else []
            place = {
                "permit_id": judged.permit_id,
                "amendment": screening.amendment,
                "site_index": screening.site_index,
                "screening_id": screening_id,
                "follows": told.screening_id if told is not None else None,
            }
            alerts += [_alert(notice, place) for notice in notices(said, screening.conflicts, known.stable)]
    for told in now.taken_away():
        place = {
            "permit_id": judged.permit_id,
            "amendment": told.amendment,
            "site_index": told.site_index,
            "screening_id": told.screening_id,
            "follows": told.screening_id,
        }
        said = known.conflicts.get(told.screening_id, [])
        alerts += [_alert(notice, place) for notice in notices(said, (), known.stable)]
    return alerts


def _alert(notice: Notice, place: dict[str, Any]) -> dict[str, Any]:
    conflict = notice.conflict
    about = {name: conflict[name] for name in ("utility", "dataset", "source_id", "grade")}
    about["pipe_id"] = canonical.dumps(conflict["pipe_id"])
    return place | about | {"ordinal": notice.ordinal, "change": notice.change}


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
        content=screening.content,
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

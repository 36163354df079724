"""Permits: filed, amended, cancelled, asked for twice, and read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from spatial.values import Box, DigSite, PermitParties
from sql import rows
from sql.errors import refused
from sql.judgements import (
    Standing,
    file_unknown,
    key_reused,
    key_unknown,
    permit_cancelled,
    permit_changed,
    permit_expired,
    permit_status,
    permit_unknown,
    worst_grade,
)
from sql.postgis import files
from sql.postgis.connection import ask
from sql.queries import PERMITS, REGISTER
from sql.records import (
    AmendmentRecord,
    DigPlan,
    Filed,
    FileRecord,
    Filing,
    KeptAnswer,
    PermitRecord,
    PlanFile,
    RequestKey,
)


def file_all(connection: Connection, filings: Sequence[Filing], head_start_s: float) -> tuple[Filed, ...]:
    ids = [str(uuid.uuid4()) for _ in filings]
    permits, places = [], []
    for permit_id, filing in zip(ids, filings, strict=True):
        words = _words(filing.parties, filing.profile) | _key(filing.key) | {"permit_id": permit_id}
        permits.append(words | {name: words[name].isoformat() for name in ("starts_on", "ends_on")})
        places += [place | {"permit_id": permit_id} for place in _places(filing.sites, filing.query_boxes)]
    asked = {
        "permits": canonical.dumps(permits),
        "sites": canonical.dumps(places),
        "head_start_s": head_start_s,
    }
    done = {permit_id for (permit_id,) in ask(connection, PERMITS["file_permits"], asked)}
    files.keep(
        connection,
        [
            (permit_id, 0, filing.files)
            for permit_id, filing in zip(ids, filings, strict=True)
            if permit_id in done
        ],
    )
    return tuple(
        Filed(permit_id, False, None) if permit_id in done else _repeated(connection, filing.key)
        for permit_id, filing in zip(ids, filings, strict=True)
    )


def file_together(connection: Connection, filings: Sequence[Filing], head_start_s: float) -> Filed:
    """The first alone has a key, and so tells whether all were filed before."""
    (first,) = file_all(connection, filings[:1], head_start_s)
    if first.repeated or len(filings) == 1:
        return first
    others = file_all(connection, filings[1:], head_start_s)
    beside = tuple(filed.permit_id for filed in others)
    connection.exec_driver_sql(PERMITS["keep_beside"], {"first": first.permit_id, "beside": list(beside)})
    return replace(first, beside=beside)


def amend_permit(
    connection: Connection,
    permit_id: str,
    parties: PermitParties,
    profile: str,
    sites: Sequence[DigSite],
    query_boxes: Sequence[Sequence[Box]],
    key: RequestKey | None,
    seen: int | None,
    head_start_s: float,
    brought: Sequence[PlanFile],
) -> Filed:
    said = _words(parties, profile) | _key(key)
    said |= {
        "sites": canonical.dumps(_places(sites, query_boxes)),
        "seen": seen,
        "head_start_s": head_start_s,
    }
    named = {"permit_id": rows.uuid_or_nil(permit_id)}
    done = connection.exec_driver_sql(PERMITS["amend_permit"], said | named).one()
    if done.amendment is not None:
        files.keep(connection, [(permit_id, done.amendment, brought)])
        return Filed(permit_id, False, None)
    if key is not None and not done.first:
        return _repeated(connection, key, otherwise=permit_id)
    found = connection.exec_driver_sql(PERMITS["why_not_amended"], named).one_or_none()
    if found is None:
        raise permit_unknown(permit_id)
    if found.cancelled:
        raise permit_cancelled(permit_id)
    raise permit_expired(permit_id) if found.expired else permit_changed(permit_id)


def cancel_permit(connection: Connection, permit_id: str, key: RequestKey | None) -> Filed:
    named = {"permit_id": rows.uuid_or_nil(permit_id)} | _key(key)
    done = connection.exec_driver_sql(PERMITS["cancel_permit"], named).one()
    if done.cancelled:
        return Filed(permit_id, False, None)
    return _repeated(connection, key, otherwise=permit_id)


def filed_under(connection: Connection, key: RequestKey) -> Filed | None:
    row = connection.exec_driver_sql(PERMITS["request"], _key(key)).one_or_none()
    return None if row is None else _filed_before(row, key)


def keep_answer(connection: Connection, key: str, answer: KeptAnswer) -> KeptAnswer:
    said = {"key": key, "status": answer.status, "answer": answer.body}
    row = connection.exec_driver_sql(PERMITS["keep_answer"], said).one_or_none()
    if row is None:
        raise key_unknown()
    return KeptAnswer(row.status, bytes(row.answer))


def permits(
    connection: Connection,
    *,
    permit_id: str | None = None,
    open_on: date | None = None,
    on: date | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[PermitRecord, ...]:
    """permit_id: only this one."""
    asked = {"permit_id": permit_id, "open_on": open_on, "after": after, "limit": limit}
    found = connection.exec_driver_sql(PERMITS["permits"], asked).mappings().all()
    day = on or open_on or (found[0]["today"] if found else date.min)
    return tuple(_permit(list(sites), day) for _, sites in groupby(found, lambda row: row["permit_id"]))


def by_id(connection: Connection, permit_id: str, on: date | None) -> PermitRecord:
    found = permits(connection, permit_id=rows.uuid_or_nil(permit_id), on=on)
    if not found:
        raise permit_unknown(permit_id)
    return found[0]


def file_of(connection: Connection, permit_id: str, number: int) -> tuple[FileRecord, bytes]:
    found = files.one(connection, permit_id, number)
    if found is None:
        by_id(connection, permit_id, None)
        raise file_unknown(permit_id, number)
    return found


def plans(connection: Connection, permit_ids: Sequence[str]) -> tuple[DigPlan, ...]:
    ids = [rows.uuid_or_nil(permit_id) for permit_id in permit_ids]
    found = connection.exec_driver_sql(PERMITS["plans"], {"ids": ids}).all()
    read = {permit_id: _plan(list(sites)) for permit_id, sites in groupby(found, lambda row: row.permit_id)}
    for asked, permit_id in zip(permit_ids, ids, strict=True):
        if permit_id not in read:
            raise permit_unknown(asked)
    return tuple(read[permit_id] for permit_id in ids)


def history(connection: Connection, permit_id: str) -> tuple[AmendmentRecord, ...]:
    named = {"permit_id": rows.uuid_or_nil(permit_id)}
    words = connection.exec_driver_sql(PERMITS["history"], named).mappings().all()
    if not words:
        raise permit_unknown(permit_id)
    sites: dict[int, list[DigSite]] = {}
    for row in connection.exec_driver_sql(PERMITS["sites"], named):
        sites.setdefault(row.amendment, []).append(rows.site_of(row.site, row.geom))
    return tuple(
        AmendmentRecord(
            amendment=row["amendment"],
            since=row["since"],
            parties=rows.parties_of(row),
            profile=row["profile"],
            sites=tuple(sites[row["amendment"]]),
        )
        for row in words
    )


def stale_permits(connection: Connection, revision: int) -> tuple[str, ...]:
    if revision > connection.exec_driver_sql(REGISTER["newest_revision"]).scalar_one():
        raise refused("revision_unknown")
    asked = {"revision": revision, "on": today(connection)}
    return tuple(connection.exec_driver_sql(PERMITS["stale_permits"], asked).scalars())


def today(connection: Connection) -> date:
    day: date = connection.exec_driver_sql(PERMITS["today"]).scalar_one()
    return day


# -- within -----------------------------------------------------------------------------------------------


def _words(parties: PermitParties, profile: str) -> dict[str, Any]:
    """What a filing and an amendment both say."""
    return {
        "firm": parties.firm,
        "title": parties.title,
        "starts_on": parties.starts_on,
        "ends_on": parties.ends_on,
        "extra": rows.parties_rest(parties),
        "profile": profile,
    }


def _places(sites: Sequence[DigSite], query_boxes: Sequence[Sequence[Box]]) -> list[dict[str, Any]]:
    return [
        {"site_index": number} | rows.site_row(site) | rows.box_arrays(boxes)
        for number, (site, boxes) in enumerate(zip(sites, query_boxes, strict=True))
    ]


def _key(key: RequestKey | None) -> dict[str, str | None]:
    if key is None:
        return {"key": None, "body_sha256": None}
    return {"key": key.key, "body_sha256": key.body_sha256}


def _repeated(connection: Connection, key: RequestKey | None, otherwise: str = "") -> Filed:
    """What was done under the key before. otherwise: the permit that cannot be, when there was no key."""
    row = None if key is None else connection.exec_driver_sql(PERMITS["request"], _key(key)).one_or_none()
    if row is None or key is None:
        raise permit_unknown(otherwise)
    return _filed_before(row, key)


def _filed_before(row: Any, key: RequestKey) -> Filed:
    if row.body_sha256 != key.body_sha256:
        raise key_reused()
    answer = None if row.answer is None else KeptAnswer(row.status, bytes(row.answer))
    return Filed(row.permit_id, True, answer, tuple(row.beside))


def _plan(sites: Sequence[Any]) -> DigPlan:
    about = sites[0]
    return DigPlan(
        about.permit_id,
        about.amendment,
        about.profile,
        about.ends_on,
        tuple(rows.site_of(row.site, row.geom) for row in sites),
    )


def _permit(sites: Iterable[Any], day: date) -> PermitRecord:
    sites = list(sites)
    about = sites[0]
    standing = [
        None
        if row["screening_id"] is None
        else Standing(row["screening_id"], row["outcome"], row["grade"], row["valid_until"], row["touched"])
        for row in sites
    ]
    parties = rows.parties_of(about)
    return PermitRecord(
        permit_id=about["permit_id"],
        parties=parties,
        profile=about["profile"],
        sites=tuple(rows.site_of(row["site"], row["geom"]) for row in sites),
        status=permit_status(standing, ends_on=parties.ends_on, cancelled=about["cancelled"], on=day),
        filed_at=about["filed_at"],
        screening_ids=tuple(entry.screening_id for entry in standing if entry is not None),
        filed_order=about["filed_order"],
        amendment=about["amendment"],
        amended_at=about["amended_at"],
        cancelled=about["cancelled"],
        grade=worst_grade(standing),
        files=files.told(about["files"]),
    )

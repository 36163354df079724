"""Permits over HTTP: file, read, list, amend, cancel. A keyed request gets one answer for ever."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from types import MethodType
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import idempotency_key, json_body, read_query
from api.http.bodies import read_amendment, read_permit
from api.http.context import Context, Here, PatchBody, context_of, take
from api.http.docs import documented
from api.http.gate import ACKNOWLEDGED, LOG
from api.http.replies import JSON, as_json, json_bytes
from api.http.schemas import CURSOR, LIMIT, OPEN
from api.notice import notice_of
from api.screen import amend_permit, fault_of, filing, rules_of, screen_permit, screening_filed
from api.settings import today
from api.together import Steps, alone, together
from api.trouble import where
from api.views.answers import permit_answer, permit_head, screening_answer
from spatial.errors import Fault, Refused
from spatial.values import DigSite, PermitParties
from spatial.words import PermitStatus
from sql.errors import VaultUnavailable
from sql.vault import Filed, Kept, KeptAnswer, PermitRecord, RequestKey, ScreeningRecord, Vault

router = APIRouter()
LISTING = {"open": OPEN, "after": CURSOR, "limit": LIMIT}


@router.post(
    "/v1/permits",
    **documented(
        "File a dig plan as a permit, and judge it", "Permit", status=201, body="PermitBody", keyed=True
    ),
)
async def file_now(request: Request) -> Response:
    """Commit, then judge: once the permit is kept it is acknowledged, whatever becomes of its screening.

    async, since it only waits: what it asks for is done on the line's thread.
    """
    data, here = await json_body(request), context_of(request)
    read_query(request, {})
    return _reply(await take(here.filings, data, _file(request, data, here, _key(request, data))))


def _file(request: Request, data: bytes, here: Context, key: RequestKey | None) -> Steps[KeptAnswer]:
    unjudged: PermitRecord | None = None
    try:
        on = today()
        parties, sites = read_permit(data, here.rules.profile, here.settings.extent, on, here.crs_named)
        filed = yield from filing(here.vault, parties, sites, here.rules, on, key)
        unjudged = _unjudged(filed.permit_id, parties, sites, here.rules.profile.sha256)
    except Refused as refused:
        filed = _filed_before(here, key, refused)
    return (yield from _answered(request, here, key, 201, filed, unjudged))


@router.patch(
    "/v1/permits/{permit_id}",
    **documented(
        "Amend a permit and judge it again, or cancel it",
        "Permit",
        body="AmendmentBody",
        problems=(404, 409),
        keyed=True,
        merge_patch=True,
    ),
)
def amend_now(permit_id: str, request: Request, data: PatchBody, here: Here) -> Response:
    read_query(request, {})
    key = _key(request, data)
    try:
        filed = _amend(permit_id, data, here, key)
    except Refused as refused:
        filed = _filed_before(here, key, refused)
    return _reply(alone(_answered(request, here, key, 200, filed, None)))


def _amend(permit_id: str, data: bytes, here: Context, key: RequestKey | None) -> Filed:
    on = today()
    now = here.vault.permit(permit_id)
    rules = rules_of(here.vault, now.profile)
    change = read_amendment(data, now.parties, rules.profile, here.settings.extent, on, here.crs_named)
    if change is None:
        return here.vault.cancel_permit(permit_id, key=key)
    parties, sites = change
    sites = now.sites if sites is None else sites
    return amend_permit(here.vault, now, parties, sites, rules, on, key=key)


@router.get("/v1/permits", **documented("List permits, oldest first", "Permits", query=LISTING))
def list_them(request: Request, here: Here) -> Response:
    asked = read_query(request, LISTING)
    limit: int = asked["limit"]
    found = here.vault.permits(
        open_on=today() if asked["open"] else None, after=asked["after"] or 0, limit=limit + 1
    )
    rows = [
        permit_head(permit) | {"screening_ids": list(permit.screening_ids), "links": links(permit.permit_id)}
        for permit in found[:limit]
    ]
    following = found[limit - 1].filed_order if len(found) > limit else None
    return as_json({"permits": rows, "next": following})


@router.get(
    "/v1/permits/{permit_id}",
    **documented("Read a permit with the judgements that stand", "Permit", problems=(404,)),
)
def read_one(permit_id: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(whole_answer(here.vault, here.vault.permit(permit_id)))


@router.get(
    "/v1/permits/{permit_id}/screenings",
    **documented("Every judgement of a permit so far, newest first", "Screenings", problems=(404,)),
)
def read_screenings(permit_id: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    records = here.vault.screenings(permit_id)
    return as_json({"screenings": [screening_answer(record) for record in records]})


def whole_answer(
    vault: Vault, permit: PermitRecord, known: tuple[ScreeningRecord, ...] = ()
) -> dict[str, Any]:
    """A permit with the judgement that stands for each site, when it may start, and where to go from here.

    known: judgements the caller holds; the vault is asked when others stand by now.
    """
    records = known
    if tuple(record.screening_id for record in known) != permit.screening_ids:
        records = vault.screenings_by_id(permit.screening_ids)
    return {
        **permit_answer(permit, records),
        "earliest_start": notice_of(vault, permit, records),
        "links": links(permit.permit_id),
    }


def links(permit_id: str) -> dict[str, str]:
    here = f"/v1/permits/{permit_id}"
    return {
        "self": here,
        "screenings": f"{here}/screenings",
        "map": f"{here}/map",
        "page": f"/permits/{permit_id}",
    }


def _key(request: Request, data: bytes) -> RequestKey | None:
    """The caller's key with a hash of all that makes the request what it is: method, path and the very bytes."""
    key = idempotency_key(request)
    if key is None:
        return None
    whole = f"{request.method} {request.url.path}\n".encode() + data
    return RequestKey(key, hashlib.sha256(whole).hexdigest())


def _filed_before(here: Context, key: RequestKey | None, refused: Refused) -> Filed:
    """What was accepted once may be refused by now, since days pass: then the answer of then still holds."""
    earlier = here.vault.filed_under(key) if key is not None else None
    if earlier is None:
        raise refused
    return earlier


def _answered(
    request: Request,
    here: Context,
    key: RequestKey | None,
    status: int,
    filed: Filed,
    unjudged: PermitRecord | None,
) -> Steps[KeptAnswer]:
    """Judge and answer; with a key that was used before, give the answer of then.

    A first request that died between its commit and its answer is finished by the next with the same key.
    """
    if filed.answer is not None:
        return filed.answer
    if key is None and unjudged is not None:
        # Without a key nobody can ask again: should the time run out, the caller must hear that it is filed.
        request.scope[ACKNOWLEDGED] = partial(_acknowledged, unjudged, status)
    answer = KeptAnswer(status, json_bytes((yield from _judged(here, filed, unjudged, key))))
    if key is None:
        return answer
    kept: KeptAnswer = yield from together(MethodType(_keep_answers, here.vault), (key.key, answer))
    return kept


def _keep_answers(vault: Vault, asked: Sequence[tuple[str, KeptAnswer]]) -> list[KeptAnswer]:
    """Should two finish the same request at once, the answer kept first is the one both give."""
    return [vault.keep_answer(key, answer) for key, answer in asked]


def _reply(answer: KeptAnswer) -> Response:
    return Response(answer.body, answer.status, media_type=JSON)


def _judged(
    here: Context, filed: Filed, unjudged: PermitRecord | None, key: RequestKey | None
) -> Steps[dict[str, Any]]:
    """The permit with its judgement, or, when that failed, why it has none yet.

    unjudged: what can be said of a filing without the vault; then no failure is a reason to deny a permit that is
    kept. With a key a lost database is one: the caller asks again, and gets the whole answer.
    """
    try:
        return (yield from _screened(here, filed.permit_id, None if filed.repeated else unjudged))
    except Exception as error:
        if unjudged is None or (key is not None and isinstance(error, VaultUnavailable)):
            raise
        LOG.error("a permit is filed and not judged: %s", where(error))
        return _pending(unjudged, fault_of(error))


def _screened(here: Context, permit_id: str, just_filed: PermitRecord | None) -> Steps[dict[str, Any]]:
    """just_filed: the permit as this very request filed it; then the vault need not tell what it says."""
    reason: Fault | None = None
    kept: Kept | None = None
    try:
        if just_filed is not None:
            kept = yield from screening_filed(here.vault, just_filed, here.rules, today())
        # Otherwise, and where other rules are in force than the server's, as whoever finds it pending.
        if kept is None or not any(record.stood for record in kept.screenings):
            kept = None
            if here.vault.permit(permit_id).status is PermitStatus.PENDING:
                screen_permit(here.vault, permit_id, today())
    except VaultUnavailable:
        raise
    except Exception as error:
        reason = fault_of(error)
        LOG.error("a permit could not be judged: %s", where(error))
    if kept is not None and kept.permit is not None:
        answer = whole_answer(here.vault, kept.permit, kept.screenings)
    else:
        answer = whole_answer(here.vault, here.vault.permit(permit_id))
    here.meters.screened(screening["outcome"] for screening in answer["screenings"])
    return answer if reason is None else answer | {"pending_because": _told(reason)}


_JUDGED_LATER = Fault(
    "judging_goes_on",
    "it is filed, and judging it takes longer than an answer may take: ask again soon; until then treat the ground as "
    "if a gas pipe lay there",
    "已备案，判断所需时间较长，请稍后查看；在此之前按有管道对待",
)


def _unjudged(
    permit_id: str, parties: PermitParties, sites: tuple[DigSite, ...], profile_sha256: str
) -> PermitRecord:
    """A permit that was filed a moment ago, as far as can be said without asking the vault."""
    return PermitRecord(
        permit_id=permit_id,
        parties=parties,
        profile=profile_sha256,
        sites=sites,
        status=PermitStatus.PENDING,
        filed_at=datetime.now(UTC),
        screening_ids=(),
    )


def _acknowledged(unjudged: PermitRecord, status: int) -> Response:
    return as_json(_pending(unjudged, _JUDGED_LATER), status)


def _pending(permit: PermitRecord, reason: Fault) -> dict[str, Any]:
    return {
        **permit_answer(permit, ()),
        "links": links(permit.permit_id),
        "pending_because": _told(reason),
    }


def _told(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "en": fault.en, "zh": fault.zh}

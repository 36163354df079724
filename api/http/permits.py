"""Permits over HTTP: file, read, list, amend, cancel. A keyed request gets one answer for ever."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.asking import json_body, patch_body, read_query
from api.http.bodies import read_amendment, read_permit
from api.http.context import Context, Here, context_of, take
from api.http.docs import documented
from api.http.filed import (
    answered,
    filed_before,
    filed_under,
    links,
    reply,
    request_key,
    unjudged_permit,
    whole_answer,
)
from api.http.replies import as_json
from api.http.schemas import CURSOR, LIMIT, OPEN
from api.http.uploads.filing import FILING_FORM, file_form
from api.http.uploads.form import SAID, is_form
from api.http.uploads.opened import Understood, form_of, understood
from api.screen import amend_permit, filing, rules_of
from api.settings import today
from api.together import Steps, alone
from api.views.answers import permit_head, screening_answer
from ingest.files.jsontext import read_json
from spatial.errors import Refused
from sql.vault import Filed, KeptAnswer, PermitRecord, RequestKey

router = APIRouter()
LISTING = {"open": OPEN, "after": CURSOR, "limit": LIMIT}


@router.post(
    "/v1/permits",
    **documented(
        "File a dig plan as a permit, and judge it",
        "PermitOrPermits",
        status=201,
        body="PermitBody",
        keyed=True,
        with_file=FILING_FORM,
    ),
)
async def file_now(request: Request) -> Response:
    """Commit, then judge: once the permit is kept it is acknowledged, whatever becomes of its screening.

    async, since it only waits: what it asks for is done on the line's thread.
    """
    if is_form(request):
        return await file_form(request, context_of(request))
    data, here = await json_body(request), context_of(request)
    read_query(request, {})
    return reply(await take(here.filings, data, _file(request, data, here, request_key(request, data))))


def _file(request: Request, data: bytes, here: Context, key: RequestKey | None) -> Steps[KeptAnswer]:
    unjudged: PermitRecord | None = None
    try:
        on, rules = today(), here.rules
        parties, sites = read_permit(read_json(data), rules.profile, here.settings.extent, on, here.crs_named)
        filed = yield from filing(here.vault, parties, sites, rules, on, key)
        unjudged = unjudged_permit(filed.permit_id, parties, sites, rules.profile.sha256)
    except Refused as refused:
        filed = filed_before(here, key, refused)
    return (yield from answered(request, here, key, 201, filed, unjudged))


@router.patch(
    "/v1/permits/{permit_id}",
    **documented(
        "Amend a permit and judge it again, or cancel it",
        "Permit",
        body="AmendmentBody",
        problems=(404, 409),
        keyed=True,
        merge_patch=True,
        with_file=SAID,
    ),
)
async def amend_now(permit_id: str, request: Request) -> Response:
    here = context_of(request)
    if is_form(request):
        return await _amend_by_form(permit_id, request, here)
    data = await patch_body(request)
    read_query(request, {})
    sent = Understood(await run_in_threadpool(read_json, data), (), ())
    return await run_in_threadpool(_amended, permit_id, request, sent, here, request_key(request, data))


async def _amend_by_form(permit_id: str, request: Request, here: Context) -> Response:
    async with form_of(request, here, SAID) as form:
        read_query(request, {})
        key = request_key(request, form.meaning())
        if (earlier := await run_in_threadpool(filed_under, here, key)) is not None:
            return await run_in_threadpool(_answer, request, here, key, earlier)
        sent = await understood(form, here)
        return await run_in_threadpool(_amended, permit_id, request, sent, here, key)


def _amended(
    permit_id: str, request: Request, sent: Understood, here: Context, key: RequestKey | None
) -> Response:
    try:
        filed = _amend(permit_id, sent, here, key)
    except Refused as refused:
        filed = filed_before(here, key, refused)
    return _answer(request, here, key, filed)


def _answer(request: Request, here: Context, key: RequestKey | None, filed: Filed) -> Response:
    return reply(alone(answered(request, here, key, 200, filed, None)))


def _amend(permit_id: str, sent: Understood, here: Context, key: RequestKey | None) -> Filed:
    on = today()
    now = here.vault.permit(permit_id)
    rules = rules_of(here.vault, now.profile)
    change = sent.take(
        lambda document: read_amendment(
            document, now.parties, rules.profile, here.settings.extent, on, here.crs_named
        )
    )
    if change is None:
        return here.vault.cancel_permit(permit_id, key=key)
    parties, sites = change
    sites = now.sites if sites is None else sites
    return amend_permit(here.vault, now, parties, sites, rules, on, key=key, files=sent.files)


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

"""POST /v1/enquiries: judge without filing. GET /v1/screenings/{id}: one judgement as it was kept, and advice on it."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.advice import advice_on
from api.http.asking import json_body, read_query
from api.http.bodies import read_enquiry
from api.http.context import Context, Here, context_of, take
from api.http.docs import documented
from api.http.replies import as_json
from api.http.uploads.form import SAID, is_form
from api.http.uploads.opened import Understood, form_of, understood
from api.screen import enquiring
from api.settings import today
from api.together import Steps, alone
from api.views.answers import screening_answer
from ingest.files.jsontext import read_json
from spatial.values import DigSite
from spatial.words import Grade, Outcome

router = APIRouter()


@router.post(
    "/v1/enquiries",
    **documented("Judge a dig plan without filing it", "EnquiryAnswer", body="EnquiryBody", with_file=SAID),
)
async def enquire_now(request: Request) -> Response:
    """async, since it only waits: what it asks for is done on the line's thread."""
    if is_form(request):
        return await _enquire_by_form(request, context_of(request))
    data, here = await json_body(request), context_of(request)
    read_query(request, {})
    return await take(here.enquiries, data, _enquire(data, here))


async def _enquire_by_form(request: Request, here: Context) -> Response:
    """The file is opened, judged and forgotten."""
    async with form_of(request, here, SAID) as form:
        read_query(request, {})
        sent = await understood(form, here)
        return await run_in_threadpool(alone, _enquire_sent(sent, here))


def _enquire(data: bytes, here: Context) -> Steps[Response]:
    return (yield from _judge(_sites(read_json(data), here), here))


def _enquire_sent(sent: Understood, here: Context) -> Steps[Response]:
    return (yield from _judge(sent.take(lambda document: _sites(document, here)), here))


def _sites(document: Any, here: Context) -> tuple[DigSite, ...]:
    return read_enquiry(document, here.rules.profile, here.settings.extent, today(), here.crs_named)


def _judge(sites: tuple[DigSite, ...], here: Context) -> Steps[Response]:
    records = yield from enquiring(here.vault, sites, here.rules, today())
    here.meters.screened(record.outcome for record in records)
    outcomes, grades = {record.outcome for record in records}, {record.grade for record in records}
    return as_json(
        {
            "outcome": next(outcome for outcome in Outcome if outcome in outcomes),
            "grade": next((grade for grade in Grade if grade in grades), None),
            "screenings": [screening_answer(record) for record in records],
        }
    )


@router.get(
    "/v1/screenings/{screening_id}",
    **documented("One judgement as it was kept", "Screening", problems=(404,)),
)
def read_screening(screening_id: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(screening_answer(here.vault.screening(screening_id)))


@router.get(
    "/v1/screenings/{screening_id}/advice",
    **documented("What would help at the site of one judgement", "Advice", problems=(404,)),
)
def read_advice(screening_id: str, request: Request, here: Here) -> Response:
    """Worked out now, as of the judgement's own register revision and rules; it is kept nowhere."""
    read_query(request, {})
    return as_json(
        {"screening_id": screening_id, **advice_on(here.vault, here.vault.screening(screening_id))}
    )

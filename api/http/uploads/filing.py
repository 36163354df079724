"""A dig plan is filed with its files, as one permit or as several."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.bodies import read_permit
from api.http.context import Context
from api.http.filed import (
    answered,
    answered_each,
    filed_before,
    filed_under,
    reply,
    request_key,
    unjudged_permit,
)
from api.http.schemas import PERMITS_OF_PLAN
from api.http.uploads.form import SAID
from api.http.uploads.opened import Understood, form_of, understood
from api.screen import file_each
from api.settings import today
from api.several import each_feature
from api.together import Steps, alone
from spatial.errors import Refused
from sql.vault import Filed, KeptAnswer, PermitRecord, RequestKey, records_of

FILING_FORM = {**SAID, "permits": PERMITS_OF_PLAN}


async def file_form(request: Request, here: Context) -> Response:
    """As a filing by JSON; by itself, since opening a file takes longer than anything it could share."""
    async with form_of(request, here, FILING_FORM) as form:
        read_query(request, {})
        key = request_key(request, form.meaning())
        # Asked first, so that a request that is sent again need not be understood again.
        earlier = await run_in_threadpool(filed_under, here, key)
        sent = await understood(form, here) if earlier is None else None
        steps = _file(request, here, key, form.said["permits"] == "each", sent, earlier)
        return reply(await run_in_threadpool(alone, steps))


def _file(
    request: Request,
    here: Context,
    key: RequestKey | None,
    each: bool,
    sent: Understood | None,
    earlier: Filed | None,
) -> Steps[KeptAnswer]:
    unjudged: list[PermitRecord] = []
    filed = earlier
    if sent is not None:
        try:
            on, rules = today(), here.rules
            plan = sent.take(
                lambda document: read_permit(
                    document, rules.profile, here.settings.extent, on, here.crs_named
                )
            )
            permits = each_feature(*plan) if each else [plan]
            filed = file_each(here.vault, permits, rules, on, sent.files, key)
            ids = (filed.permit_id, *filed.beside)
            unjudged = [
                unjudged_permit(permit_id, *permit, rules.profile.sha256, records_of(sent.files))
                for permit_id, permit in zip(ids, permits, strict=True)
            ]
        except Refused as refused:
            filed = filed_before(here, key, refused)
    assert filed is not None
    if each:
        return (yield from answered_each(request, here, key, filed, unjudged))
    return (yield from answered(request, here, key, 201, filed, unjudged[0] if unjudged else None))

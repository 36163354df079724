"""What is answered to whoever files: the permit with its judgement, or, once it is kept, why it has none yet."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from types import MethodType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.asking import idempotency_key
from api.http.context import Context
from api.http.gate import ACKNOWLEDGED, LOG
from api.http.replies import JSON, as_json, json_bytes
from api.notice import notice_of
from api.screen import fault_of, screen_permit, screening_filed
from api.settings import today
from api.together import Steps, in_company, together
from api.trouble import where
from api.views.answers import permit_answer
from spatial.errors import Fault, Refused
from spatial.values import DigSite, PermitParties
from spatial.words import PermitStatus
from sql.errors import VaultUnavailable
from sql.vault import Filed, FileRecord, Kept, KeptAnswer, PermitRecord, RequestKey, ScreeningRecord, Vault


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


def request_key(request: Request, data: bytes) -> RequestKey | None:
    """The caller's key with a hash of all that makes the request what it is: method, path and the very bytes (of a
    form: what they mean)."""
    key = idempotency_key(request)
    if key is None:
        return None
    whole = f"{request.method} {request.url.path}\n".encode() + data
    return RequestKey(key, hashlib.sha256(whole).hexdigest())


def filed_under(here: Context, key: RequestKey | None) -> Filed | None:
    """What was done under the key before. :raises Refused: it was used for another request."""
    return None if key is None else here.vault.filed_under(key)


def filed_before(here: Context, key: RequestKey | None, refused: Refused) -> Filed:
    """What was accepted once may be refused by now, since days pass: then the answer of then still holds."""
    earlier = filed_under(here, key)
    if earlier is None:
        raise refused
    return earlier


def answered(
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


def answered_each(
    request: Request, here: Context, key: RequestKey | None, filed: Filed, unjudged: Sequence[PermitRecord]
) -> Steps[KeptAnswer]:
    """As answered(), for permits that were filed together: judged together, and told together. unjudged: as filed a
    moment ago, none where they were filed before."""
    if filed.answer is not None:
        return filed.answer
    if key is None:
        request.scope[ACKNOWLEDGED] = partial(_acknowledged_each, unjudged)
    ids = (filed.permit_id, *filed.beside)
    records: Sequence[PermitRecord | None] = unjudged or [None] * len(ids)
    runs = in_company(
        (
            _judged(here, Filed(permit_id, filed.repeated, None), record, key)
            for permit_id, record in zip(ids, records, strict=True)
        ),
        of_all=VaultUnavailable,
    )
    answer = KeptAnswer(201, json_bytes({"permits": [run.result() for run in runs]}))
    if key is None:
        return answer
    kept: KeptAnswer = yield from together(MethodType(_keep_answers, here.vault), (key.key, answer))
    return kept


def _keep_answers(vault: Vault, asked: Sequence[tuple[str, KeptAnswer]]) -> list[KeptAnswer]:
    """Should two finish the same request at once, the answer kept first is the one both give."""
    return [vault.keep_answer(key, answer) for key, answer in asked]


def reply(answer: KeptAnswer) -> Response:
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


def unjudged_permit(
    permit_id: str,
    parties: PermitParties,
    sites: tuple[DigSite, ...],
    profile_sha256: str,
    files: tuple[FileRecord, ...] = (),
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
        files=files,
    )


def _acknowledged(unjudged: PermitRecord, status: int) -> Response:
    return as_json(_pending(unjudged, _JUDGED_LATER), status)


def _acknowledged_each(unjudged: Sequence[PermitRecord]) -> Response:
    return as_json({"permits": [_pending(permit, _JUDGED_LATER) for permit in unjudged]}, 201)


def _pending(permit: PermitRecord, reason: Fault) -> dict[str, Any]:
    return {
        **permit_answer(permit, ()),
        "links": links(permit.permit_id),
        "pending_because": _told(reason),
    }


def _told(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "en": fault.en, "zh": fault.zh}

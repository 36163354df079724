"""Permits over HTTP: file, read, list, amend, cancel."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import permit_answer
from api.http.asking import read_query
from api.http.bodies import read_permit
from api.http.context import Body, Here
from api.http.replies import as_json
from api.screen import fault_of, file_permit, screen_permit
from api.settings import today
from sql.vault import PermitRecord, Vault

router = APIRouter()


@router.post("/v1/permits", status_code=201)
def file_now(request: Request, data: Body, here: Here) -> Response:
    """Commit, then judge: once the permit is kept it is acknowledged, whatever becomes of its screening."""
    read_query(request, {})
    parties, sites = read_permit(data, here.rules.profile, here.settings.extent, today())
    permit_id = file_permit(here.vault, parties, sites, here.rules, today())
    reason = None
    try:
        screen_permit(here.vault, permit_id, today())
    except Exception as error:
        reason = fault_of(error)
    answer = whole_answer(here.vault, here.vault.permit(permit_id))
    if reason is not None:
        answer["pending_because"] = {"code": reason.code, "en": reason.en, "zh": reason.zh}
    return as_json(answer, 201)


@router.get("/v1/permits/{permit_id}")
def read_one(permit_id: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(whole_answer(here.vault, here.vault.permit(permit_id)))


def whole_answer(vault: Vault, permit: PermitRecord) -> dict[str, Any]:
    """A permit with the newest screening of each site, and where to go from here."""
    records = tuple(vault.screening(screening_id) for screening_id in permit.screening_ids)
    return permit_answer(permit, records) | {"links": links(permit.permit_id)}


def links(permit_id: str) -> dict[str, str]:
    here = f"/v1/permits/{permit_id}"
    return {
        "self": here,
        "screenings": f"{here}/screenings",
        "map": f"{here}/map",
        "page": f"/permits/{permit_id}",
    }

"""A utility's alerts: list them, acknowledge one."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.bodies import read_response
from api.http.context import Body, Here
from api.http.docs import documented
from api.http.replies import as_json
from api.http.schemas import ALERT_STATE, CURSOR, GRADE, LIMIT, NAME
from api.views.answers import alert_answer
from ingest.files.jsontext import read_json
from spatial.errors import Refused
from sql.vault import Vault

router = APIRouter()
LISTING = {
    "utility": NAME,
    "state": ALERT_STATE,
    "grade": GRADE,
    "permit": NAME,
    "after": CURSOR,
    "limit": LIMIT,
}


@router.get("/v1/alerts", **documented("List alerts, oldest first", "Alerts", query=LISTING, problems=(404,)))
def list_them(request: Request, here: Here) -> Response:
    asked = read_query(request, LISTING)
    limit: int = asked["limit"]
    found = here.vault.alerts(
        asked["permit"],
        utility=asked["utility"],
        state=asked["state"],
        grade=asked["grade"],
        after=asked["after"] or 0,
        limit=limit + 1,
    )
    if not found:
        _check_names(here.vault, asked)
    following = found[limit - 1]["alert_id"] if len(found) > limit else None
    return as_json({"alerts": [alert_answer(row) for row in found[:limit]], "next": following})


def _check_names(vault: Vault, asked: Mapping[str, Any]) -> None:
    """A misspelt name must not read as: no alerts for you. :raises Refused: no such permit or utility."""
    if asked["permit"] is not None:
        vault.permit(asked["permit"])
    known = [utility.code for utility in vault.utilities()]
    if asked["utility"] is not None and asked["utility"] not in known:
        codes = ", ".join(known[:20]) or "-"
        raise Refused.because(
            "utility_unknown",
            en=f"no utility has the code {asked['utility'][:80]!r}; use one that is registered: {codes}",
            zh=f"没有代码为 {asked['utility'][:80]!r} 的燃气企业；请使用已登记的代码：{codes}",
            pointer="?utility",
        )


@router.post(
    "/v1/alerts/{alert_id}/responses",
    **documented("Acknowledge an alert", "Alert", status=201, body="ResponseBody", problems=(404,)),
)
def respond(alert_id: str, request: Request, data: Body, here: Here) -> Response:
    read_query(request, {})
    said = read_response(read_json(data))
    if not alert_id.isascii() or not alert_id.isdecimal() or len(alert_id) > 18:
        raise Refused.because(
            "alert_unknown",
            en="there is no such alert: /v1/alerts lists them all with their numbers",
            zh="没有这条告警：/v1/alerts 列出全部告警及其编号",
        )
    row = here.vault.respond(int(alert_id), action=said["action"], by=said["by"], note=said.get("note"))
    return as_json(alert_answer(row), 201)

"""A utility's alerts: list them, acknowledge one."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.bodies import read_response
from api.http.context import Body, Here
from api.http.docs import documented
from api.http.replies import as_json
from api.http.schemas import ALERT_STATE, CURSOR, GRADE, LIMIT, NAME
from api.views.answers import alert_answer
from spatial.errors import Refused

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
    following = found[limit - 1]["alert_id"] if len(found) > limit else None
    return as_json({"alerts": [alert_answer(row) for row in found[:limit]], "next": following})


@router.post(
    "/v1/alerts/{alert_id}/responses",
    **documented("Acknowledge an alert", "Alert", status=201, body="ResponseBody", problems=(404,)),
)
def respond(alert_id: str, request: Request, data: Body, here: Here) -> Response:
    read_query(request, {})
    said = read_response(data)
    if not alert_id.isascii() or not alert_id.isdecimal() or len(alert_id) > 18:
        raise Refused.because(
            "alert_unknown",
            en="there is no such alert: /v1/alerts lists them all with their numbers",
            zh="没有这条告警：/v1/alerts 列出全部告警及其编号",
        )
    row = here.vault.respond(int(alert_id), action=said["action"], by=said["by"], note=said.get("note"))
    return as_json(alert_answer(row), 201)

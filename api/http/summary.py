"""GET /v1/summary: everything that is open, counted."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.context import Here
from api.http.docs import documented
from api.http.replies import as_json
from api.settings import today
from api.views.risk import summary

router = APIRouter()


@router.get("/v1/summary", **documented("Everything that is open, counted", "Summary"))
def summarise(request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(summary(here.vault, today()))

"""GET /v1/utilities/{code}/register: what a utility's register holds. No pipe is in it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.context import Here
from api.http.docs import documented
from api.http.replies import as_json
from api.quality.register import register_document
from api.settings import today

router = APIRouter()


@router.get(
    "/v1/utilities/{code}/register",
    **documented(
        "What a utility's register holds, how well it is known, how old", "Register", problems=(404,)
    ),
)
def register(code: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(register_document(here.vault, code, today()))

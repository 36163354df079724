"""Is it alive, can it work, what are its figures."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.context import Here
from api.http.replies import as_json

router = APIRouter()


@router.get("/livez")
async def livez() -> Response:
    """The process answers. Touches nothing."""
    return as_json({"alive": True})


@router.get("/readyz")
def readyz(here: Here) -> Response:
    """The database answers."""
    here.vault.utilities()
    return as_json({"ready": True})


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    return as_json(request.app.openapi())

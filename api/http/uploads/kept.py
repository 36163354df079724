"""GET /v1/permits/{id}/files/{number}: what came in with a permit, byte for byte."""

import re
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import read_query
from api.http.context import Here
from api.http.docs import documented
from spatial.errors import Refused

router = APIRouter()


@router.get(
    "/v1/permits/{permit_id}/files/{number}",
    **documented(
        "A file of a permit's dig plan, byte for byte as it came in",
        None,
        media="application/octet-stream",
        problems=(404,),
    ),
)
def give_file(permit_id: str, number: str, request: Request, here: Here) -> Response:
    """Always to be saved, never to be shown: nobody knows what is in it."""
    read_query(request, {})
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise Refused.because(
            "file_unknown",
            en="there is no such file: the permit lists those it has, with their addresses",
            zh="没有这个文件：许可中列有全部文件及其地址",
        )
    about, data = here.vault.permit_file(permit_id, int(number))
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"Content-Disposition": _attachment(about.name)},
    )


def _attachment(name: str) -> str:
    """The name as RFC 6266 has it: in full, and once more for programs that know only plain ones."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

"""POST /v1/plans: what a file amounts to as a dig plan, before anything is asked or filed. Nothing is kept."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.asking import FILE_TYPES, check_type, read_query, receive_body
from api.http.context import Context, context_of
from api.http.docs import documented
from api.http.replies import as_json
from api.http.schemas import Schema, text
from api.http.uploads.form import SAID, SentFile, is_form
from api.http.uploads.opened import form_of, main_file, plan_of_files
from spatial.errors import Fault, Refused

PLACED: dict[str, Schema] = {
    **SAID,
    "common_points": text(
        2_000,
        "Instead of `crs`, for a drawing in coordinates of its own: JSON, [[x, y, lon, lat], ...], at least three places of the "
        "drawing (easting first) and where they are on CGCS2000; a fifth number is a point's doubt in metres (95 %, else 2). "
        "The plan then comes back in EPSG:4490, each feature with `uncertainty_m`. [] gives the drawing's own coordinates, "
        "to point at.",
    ),
}
ASKED: dict[str, Schema] = {
    "name": text(
        200,
        "What the file is called; its ending says of what kind it is. Needed where its bytes are the body.",
    ),
    **PLACED,
}

router = APIRouter()


@router.post(
    "/v1/plans",
    **documented(
        "What a file (KML, DXF, Shapefile, table, GPX, WKT …) amounts to as a dig plan",
        "UnderstoodPlan",
        query=ASKED,
        file=True,
        with_file=PLACED,
    ),
)
async def understand(request: Request) -> Response:
    here = context_of(request)
    if is_form(request):
        read_query(request, {})
        async with form_of(request, here, PLACED, asks=False) as form:
            if form.faults or not form.files:
                raise Refused(form.faults or [_NO_FILE])
            return await _told(form.files, form.said, here)
    asked = read_query(request, ASKED)
    name = re.split(r"[/\\]", asked["name"] or "")[-1]
    if not name:
        raise Refused.because(
            "file_name_missing",
            en="say what the file is called (?name=plan.dxf): its ending says of what kind it is",
            zh="请写明文件名（?name=plan.dxf），系统按扩展名识别格式",
            pointer="?name",
        )
    check_type(request.headers, FILE_TYPES)
    data = bytearray()
    with here.uploads.holding() as hold:

        def take(part: bytes) -> None:
            hold(part)
            data.extend(part)

        await receive_body(request, here.uploads.most_bytes, take)
        return await _told([SentFile(name, None, bytes(data))], asked, here)


async def _told(files: Sequence[SentFile], said: Mapping[str, Any], here: Context) -> Response:
    plan = await plan_of_files(files, said, here)
    main = main_file(files)
    about = {"name": main.name, "bytes": len(main.data), "sha256": sha256(main.data).hexdigest()}
    return as_json({"plan": plan, "file": about})


_NO_FILE = Fault(
    "file_missing",
    "the form has no file: send it as the part `file`",
    "表单中没有文件：请以 file 部分提交",
    "form:file",
)

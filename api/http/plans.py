"""POST /v1/plans: what a file amounts to as a dig plan, before anything is asked or filed. Nothing is kept."""

import asyncio
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.asking import FILE_TYPES, read_body, read_query
from api.http.context import Context, context_of
from api.http.docs import documented
from api.http.replies import as_json
from api.http.schemas import CRS, Schema, text
from ingest import Reading, plan_document
from ingest.files.zipped import plain_name
from ingest.plans.foreign.coordinates import SHAPES
from spatial.errors import Refused

AT_ONCE = 2
"""Files opened at a time by one server, a process each: as many as there are cores, so that judging goes on beside."""
PATIENCE_S = 8.0
"""How long a file waits for its turn; with its own 9 s the answer is still in time."""

ASKED: dict[str, Schema] = {
    "name": text(200, "What the file is called; its ending says of what kind it is. Needed."),
    "crs": CRS,
    "layer": text(200, "The layer, or the sheet, that is meant where there are several."),
    "units": {
        "type": "string",
        "enum": ["mm", "cm", "m"],
        "description": "Of the coordinates of a DXF drawing.",
    },
    "points_are": {
        "type": "string",
        "enum": list(SHAPES),
        "description": "What the points of a table, or closed lines of a drawing, are.",
    },
}

router = APIRouter()
_seats = asyncio.Semaphore(AT_ONCE)


@router.post(
    "/v1/plans",
    **documented(
        "What a file (KML, DXF, Shapefile, table, GPX, WKT …) amounts to as a dig plan",
        "UnderstoodPlan",
        query=ASKED,
        file=True,
    ),
)
async def understand(request: Request) -> Response:
    asked = read_query(request, ASKED)
    name = Path(asked["name"] or "").name
    if not name:
        raise Refused.because(
            "file_name_missing",
            en="say what the file is called (?name=plan.dxf): its ending says of what kind it is",
            zh="请写明文件名（?name=plan.dxf），系统按扩展名识别格式",
            pointer="?name",
        )
    data = await read_body(request, FILE_TYPES)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _seats.acquire()
    except TimeoutError:
        raise Refused.because(
            "too_many_files",
            en="other files are being opened: send this one again in a minute",
            zh="正在处理其他文件，请稍后重新提交",
        ) from None
    try:
        plan = await run_in_threadpool(_plan, data, name, asked, context_of(request))
    finally:
        _seats.release()
    about = {"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
    return as_json({"plan": plan, "file": about})


def _plan(data: bytes, name: str, asked: dict[str, Any], here: Context) -> Any:
    crs = here.crs_named(asked["crs"])
    reading = Reading(layers=(asked["layer"],) if asked["layer"] else (), units=asked["units"])
    with TemporaryDirectory(prefix="predig-upload-") as folder:
        file = Path(folder) / plain_name(name)
        file.write_bytes(data)
        return plan_document(file, crs, reading, asked["points_are"])

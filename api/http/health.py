"""Is it alive, can it work, what are its figures, what does it offer."""

from dataclasses import asdict

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http import metrics
from api.http.breaker import GONE
from api.http.context import Here
from api.http.docs import documented
from api.http.problems import UNAVAILABLE, problem
from api.http.replies import as_json
from spatial.errors import Fault
from sql.errors import VaultUnavailable

router = APIRouter()


@router.get("/livez", **documented("The process answers; touches nothing", "Alive"))
async def livez() -> Response:
    return as_json({"alive": True})


@router.get("/readyz", **documented("The database takes writes and has this version's schema", "Ready"))
def readyz(here: Here) -> Response:
    """503 with the reasons when it does not. How much work waits is told, and is no reason to be sent no more."""
    found = here.vault.readiness()
    here.meters.note_database(found.writable, found.jobs_waiting, found.oldest_job_s)
    faults = []
    if not found.writable:
        faults.append(_READ_ONLY)
    if not found.schema_current:
        faults.append(_OLD_SCHEMA)
    return problem(UNAVAILABLE, faults) if faults else as_json({"ready": True, **asdict(found)})


@router.get(
    "/metrics", **documented("Figures for Prometheus", None, media=metrics.CONTENT_TYPE.partition(";")[0])
)
async def figures(here: Here) -> Response:
    """Answers without the database too: that it is gone is a figure. async, so that it waits for no thread that
    waits for the database."""
    try:
        if here.breaker is not None and here.breaker.is_open():
            raise VaultUnavailable(GONE)
        found = await run_sync(here.vault.readiness, abandon_on_cancel=True, limiter=CapacityLimiter(1))
        here.meters.note_database(found.writable, found.jobs_waiting, found.oldest_job_s)
    except VaultUnavailable:
        here.meters.note_database(False, 0, None)
    return Response(here.meters.text(), headers={"Content-Type": metrics.CONTENT_TYPE})


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    return as_json(request.app.openapi())


_READ_ONLY = Fault(
    "database_read_only",
    "the database answers and takes no writes (a standby, a full disk or a read-only mode): use the primary, free space",
    "数据库有响应但不接受写入（备库、磁盘已满或只读模式）：请改用主库或清理磁盘",
)
_OLD_SCHEMA = Fault(
    "schema_not_current",
    "the database does not have this version's tables: run `predig db migrate` with PREDIG_OWNER_URL set",
    "数据库结构不是当前版本：请设置 PREDIG_OWNER_URL 后运行 predig db migrate",
)

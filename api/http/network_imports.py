"""POST /v1/networks/imports: a network's files are taken in, and imported by another process. GET: what became of them.

Nothing in the files is looked at here but their names. They are written to disk as they arrive, and acknowledged once
they are there and stand in the vault.
"""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.http.asking import (
    FORM_TYPES,
    Unread,
    check_own_page,
    check_type,
    drain,
    idempotency_key,
    read_query,
    read_words,
)
from api.http.context import Context, Here, context_of
from api.http.docs import documented
from api.http.form import FormOnDisk, ReceivedFile
from api.http.network_schemas import WORDS
from api.http.replies import as_json
from api.http.schemas import CURSOR, LIMIT, NAME
from api.imports.spool import Spool, on_disk
from api.imports.wish import Wish, named_files
from api.register import check_utility
from ingest.files.local import EXPECTED_KIND, kind_unknown
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.files.sheets import SHEET_ENDINGS
from spatial.errors import Fault, Faults, Refused
from spatial.values import Utility
from sql.uploads import UPLOAD_STATES
from sql.vault import NewUpload, RequestKey, UploadRecord

AT_ONCE = 2
"""Uploads that one server takes in at a time."""
MOST_WAITING = 20
"""Of one spool, so that it has an end."""
UPLOAD_WITHIN_S = 1800.0
"""All of it, in place of the time that other answers may take."""
QUIET_S = 15.0
LEAST_BYTES_A_S = 10_000
"""On average, once QUIET_S are over: who sends less holds a place that others wait for."""
BLOCK_BYTES = 1 << 20
FORM_BYTES = 1_000_000
"""What a form may hold beside its files."""

PATH = "/v1/networks/imports"
LISTING = {
    "utility": NAME,
    "state": {"type": "string", "enum": list(UPLOAD_STATES)},
    "after": CURSOR,
    "limit": LIMIT,
}
_ENDINGS = frozenset((*EXPECTED_KIND, *SHEET_ENDINGS, ".xls", *SHAPEFILE_PARTS))

router = APIRouter()
_seats = asyncio.Semaphore(AT_ONCE)


@router.post(
    PATH,
    **documented(
        "Upload the files of a network, to be imported",
        "NetworkReceived",
        status=202,
        form="NetworkForm",
        problems=(403,),
        keyed=True,
    ),
)
async def take_in(request: Request) -> Response:
    read_query(request, {})
    check_own_page(request)
    check_type(request.headers, FORM_TYPES)
    key = idempotency_key(request)
    if _seats.locked():
        await drain(request.stream())
        raise Unread(_MANY_AT_ONCE)
    async with _seats:
        upload_id = await _kept(request, context_of(request), key)
    here = f"{PATH}/{upload_id}"
    return as_json({"id": upload_id, "state": "waiting", "links": {"self": here}}, 202)


async def _kept(request: Request, here: Context, key: str | None) -> str:
    """The id of the upload, once it is on disk and in the vault."""
    spool, upload_id = Spool(here.settings.spool), str(uuid.uuid4())
    name = await run_in_threadpool(_opened, here, spool, request.headers.get("content-length", ""))
    with spool.arriving(upload_id) as folder:
        form = FormOnDisk(request.headers["content-type"], folder)
        try:
            await _received(request, form, int(here.settings.max_network_mb * 1e6) + FORM_BYTES)
            form.finish()
        finally:
            form.close()
        wish = wish_of(form.fields, form.files)
        await run_in_threadpool(on_disk, folder)
    files = [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in form.files]
    upload = NewUpload(upload_id, name, wish.utility, wish.dataset, wish.document(), files)
    return await run_in_threadpool(_acknowledged, here, spool, upload, _request_key(key, upload))


def _opened(here: Context, spool: Spool, stated: str) -> str:
    """The spool's name, if it may take something in."""
    name = spool.made()
    spool.check_room(int(stated) if stated.isdecimal() else 0)
    unfinished, _ = here.vault.upload_queue(name)
    if unfinished >= MOST_WAITING:
        raise Refused.because(
            "imports_waiting",
            en=f"{unfinished} uploads wait to be imported: send this one when some of them are done",
            zh=f"已有 {unfinished} 个上传等待导入：请在其完成后再提交",
        )
    return name


def _acknowledged(here: Context, spool: Spool, upload: NewUpload, key: RequestKey | None) -> str:
    """The id it has in the vault. Should nobody know whether the vault kept it, its files stay until that is known."""
    try:
        kept = here.vault.keep_upload(upload, key=key)
    except Refused:
        spool.forget(upload.upload_id)
        raise
    if kept != upload.upload_id:
        spool.forget(upload.upload_id)
    return kept


def _request_key(key: str | None, upload: NewUpload) -> RequestKey | None:
    """Of the meaning, not of the bytes: each form has a boundary of its own."""
    if key is None:
        return None
    meaning = json.dumps([upload.asked, [[one["name"], one["sha256"]] for one in upload.files]])
    return RequestKey(key, hashlib.sha256(f"POST {PATH}\n{meaning}".encode()).hexdigest())


async def _received(request: Request, form: FormOnDisk, most: int) -> None:
    """Read the body to its end. :raises Unread: it is too large, too slow, cut off or no form."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > most:
        await drain(request.stream())
        raise Unread(_too_large(most))
    size, block, since = 0, bytearray(), time.monotonic()
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(QUIET_S):
                part = await anext(stream, None)
            if part is None:
                break
            size += len(part)
            if size > most:
                await drain(stream)
                raise Unread(_too_large(most))
            lasted_s = time.monotonic() - since
            if lasted_s > QUIET_S and size < lasted_s * LEAST_BYTES_A_S:
                raise Unread(_TOO_SLOW)
            block += part
            if len(block) >= BLOCK_BYTES:
                await run_in_threadpool(form.write, bytes(block))
                block.clear()
        await run_in_threadpool(form.write, bytes(block))
    except TimeoutError:
        raise Unread(_TOO_SLOW) from None
    except ClientDisconnect:
        raise Unread(_CUT_OFF) from None
    except Refused as refused:
        await drain(stream)
        raise Unread(refused.faults[0]) from None
    except OSError:
        await drain(stream)
        raise Unread(_NOT_WRITTEN) from None


def wish_of(fields: Sequence[tuple[str, str]], files: Sequence[ReceivedFile]) -> Wish:
    """What a form asks for. :raises Refused: every fault of its words and of the names of its files at once."""
    layers = [value for name, value in fields if name == "layer"]
    once = [(name, value) for name, value in fields if name != "layer"]
    faults = Faults()
    asked: dict[str, Any] = {}
    for given in (once, *([("layer", layer)] for layer in layers)):
        try:
            asked |= {
                name: value for name, value in read_words(given, WORDS, "/").items() if value is not None
            }
        except Refused as refused:
            faults.extend(refused)
    if not any(name == "utility" for name, _ in fields):
        faults.add(
            "field_missing", en="utility is missing: give it", zh="缺少 utility：请填写", pointer="/utility"
        )
    if not files:
        faults.add(
            "file_missing",
            en="no file came: send at least one part named `file`, with its file name",
            zh="未收到文件：请至少发送一个名为 file 的部分，并带文件名",
            pointer="/file",
        )
    for file in files:
        if Path(file.name).suffix.lower() not in _ENDINGS:
            faults.extend(kind_unknown(file.name), "/file")
    faults.raise_if_any()
    first = named_files([file.name for file in files])[:1] or [files[0].name]
    wish = Wish(**({"dataset": Path(first[0]).stem} | asked | {"layer": tuple(layers)}))
    check_utility(Utility(wish.utility, wish.utility))
    wish.covered()
    return wish


@router.get(
    PATH,
    **documented("List uploads, oldest first", "NetworkImports", query=LISTING),
)
def list_them(request: Request, here: Here) -> Response:
    asked = read_query(request, LISTING)
    limit: int = asked["limit"]
    found = here.vault.uploads(
        utility=asked["utility"], state=asked["state"], after=asked["after"] or 0, limit=limit + 1
    )
    following = found[limit - 1].kept_order if len(found) > limit else None
    return as_json({"imports": list(map(_answer, found[:limit])), "next": following})


@router.get(
    PATH + "/{upload_id}",
    **documented("How far an upload is, or what became of it", "NetworkImport", problems=(404,)),
)
def read_one(upload_id: str, request: Request, here: Here) -> Response:
    read_query(request, {})
    return as_json(_answer(here.vault.upload(upload_id)))


def _answer(upload: UploadRecord) -> dict[str, Any]:
    told = upload.told or {}
    shown = (upload.revision or told.get("over")) if upload.state == "published" else None
    return {
        "id": upload.upload_id,
        "state": upload.state,
        "utility": upload.utility,
        "dataset": upload.dataset,
        "dry_run": upload.asked["dry_run"],
        "files": upload.files,
        "received_at": upload.received_at,
        "begun_at": upload.begun_at,
        "ended_at": upload.ended_at,
        **{name: told.get(name) for name in ("counts", "changes", "crs")},
        **{name: told.get(name, []) for name in ("warnings", "notes", "faults")},
        "revision": upload.revision,
        "links": {
            "self": f"{PATH}/{upload.upload_id}",
            "register": f"/v1/utilities/{quote(upload.utility, safe='')}/register",
            "report": f"/reports/{shown}" if shown else None,
        },
    }


def _too_large(most: int) -> Fault:
    mb = (most - FORM_BYTES) / 1e6
    return Fault(
        "body_too_large",
        f"the files are larger than {mb:g} MB together: zip them, send a GeoPackage, or raise PREDIG_MAX_NETWORK_MB",
        f"文件合计超过 {mb:g} MB：请压缩为 zip、改用 GeoPackage，或调高 PREDIG_MAX_NETWORK_MB",
    )


_MANY_AT_ONCE = Fault(
    "too_many_files",
    "other uploads are being taken in: send this one again in a minute",
    "正在接收其他上传，请稍后重新提交",
)
_TOO_SLOW = Fault(
    "body_too_slow",
    f"nothing came for {QUIET_S:.0f} s, or less than {LEAST_BYTES_A_S // 1000} kB a second: send it again over a better "
    "connection",
    f"连续 {QUIET_S:.0f} 秒未收到数据，或速度低于每秒 {LEAST_BYTES_A_S // 1000} kB：请在网络较好时重新发送",
)
_CUT_OFF = Fault(
    "body_missing",
    "the connection ended before the body did: send it again whole",
    "连接在正文发完之前已断开：请重新完整发送",
)
_NOT_WRITTEN = Fault(
    "spool_full",
    "the files could not be written to disk, and nothing was kept: ask whoever runs Predig to see to its disk, then send "
    "them again",
    "文件未能写入磁盘，未保存任何内容：请联系系统管理员检查磁盘后重新上传",
)

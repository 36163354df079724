"""What a handler takes from a request: the body under its limits, and the parameters of the query, all checked."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from api.http.bodies import value_faults
from api.http.schemas import Schema
from spatial.errors import Fault, Refused

BODY_WITHIN_S = 15.0
DRAIN_BYTES = 16_000_000
DRAIN_WITHIN_S = 2.0

JSON_TYPES = ("application/json",)
FILE_TYPES = ("application/octet-stream",)
FORM_TYPES = ("multipart/form-data",)
PATCH_TYPES = ("application/json", "application/merge-patch+json")


class Unread(Exception):
    """A body that was not read to its end: after the answer the connection can serve no further request."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


async def read_body(request: Request, types: tuple[str, ...] = JSON_TYPES) -> bytes:
    """The bytes of the body, as many as one of JSON may have.

    :raises Refused: another content type. :raises Unread: as receive_body().
    """
    check_type(request.headers, types)
    parts: list[bytes] = []
    await receive_body(request, request.app.state.max_body_bytes, parts.append)
    return b"".join(parts)


async def receive_body(request: Request, most_bytes: int, take: Callable[[bytes], None]) -> None:
    """Give the body to `take` as it arrives.

    :raises Unread: too large, also when no Content-Length said so, too slow, or refused by `take`.
    """
    stated = request.headers.get("content-length", "")
    stream = request.stream()
    if stated.isdecimal() and int(stated) > most_bytes:
        await drain(stream)
        raise Unread(_too_large(request, most_bytes))
    size = 0
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in stream:
                size += len(part)
                if size > most_bytes:
                    break
                take(part)
    except TimeoutError:
        raise Unread(_TOO_SLOW) from None
    except ClientDisconnect:
        raise Unread(_CUT_OFF) from None
    except Refused as refused:
        await drain(stream)
        raise Unread(refused.faults[0]) from None
    if size > most_bytes:
        await drain(stream)
        raise Unread(_too_large(request, most_bytes))


async def patch_body(request: Request) -> bytes:
    """As read_body(), also as a JSON merge patch."""
    return await read_body(request, PATCH_TYPES)


async def json_body(request: Request) -> bytes:
    return await read_body(request)


async def drain(stream: AsyncIterator[bytes]) -> None:
    """Let the rest run into nothing for a while: a client that is still sending does not look at the answer."""
    left = DRAIN_BYTES
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(DRAIN_WITHIN_S):
            async for part in stream:
                left -= len(part)
                if left <= 0:
                    return


def check_own_page(request: Request) -> None:
    """A page of another site cannot send JSON here without asking first, which is never allowed; a form it can.

    :raises Refused: origin_foreign.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise Refused.because(
            "origin_foreign",
            en="this comes from a page of another site, and nothing was taken: use the pages of this server, or a program",
            zh="该请求来自其他网站的页面，未予接收：请使用本服务的页面，或用程序提交",
        )


def check_type(headers: Headers, types: tuple[str, ...]) -> None:
    """:raises Refused: content_type: another, or compressed."""
    said = headers.get("content-type", "")
    kind, _, rest = said.partition(";")
    charset = re.search(r'charset\s*=\s*"?([^";\s]+)', rest, re.IGNORECASE)
    good = kind.strip().lower() in types and (charset is None or charset[1].lower() in ("utf-8", "utf8"))
    if not good and types == FILE_TYPES:
        raise Refused.because(
            "content_type",
            en=f"the body is {said[:80]!r}: send the bytes of the file with Content-Type: {types[0]}, or the files as "
            "multipart/form-data",
            zh=f"正文类型为 {said[:80]!r}：请直接发送文件内容并注明 Content-Type: {types[0]}，或以 multipart/form-data 提交文件",
        )
    if not good and types == FORM_TYPES:
        raise Refused.because(
            "content_type",
            en=f"the body is {said[:80]!r}: send a form with the files, Content-Type: {types[0]}",
            zh=f"正文类型为 {said[:80]!r}：请以表单发送文件，Content-Type: {types[0]}",
        )
    if not good:
        raise Refused.because(
            "content_type",
            en=f"the body is {said[:80]!r}: send JSON in UTF-8 with Content-Type: {types[0]}; a file of a dig plan goes "
            "as multipart/form-data to /v1/plans, /v1/enquiries or /v1/permits",
            zh=f"正文类型为 {said[:80]!r}：请以 UTF-8 发送 JSON，并注明 Content-Type: {types[0]}；"
            "开挖方案文件请以 multipart/form-data 提交至 /v1/plans、/v1/enquiries 或 /v1/permits",
        )
    check_encoding(headers)


def check_encoding(headers: Headers) -> None:
    """:raises Refused: the body is compressed."""
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused.because(
            "content_type",
            en="the body is compressed: send it as it is, without Content-Encoding",
            zh="正文经过压缩：请不压缩直接发送，不要带 Content-Encoding",
        )


def _too_large(request: Request, most: int) -> Fault:
    setting = "PREDIG_MAX_BODY_MB" if most == request.app.state.max_body_bytes else "PREDIG_MAX_UPLOAD_MB"
    return Fault(
        "body_too_large",
        f"the body is larger than {most / 1e6:g} MB: divide the plan, or raise {setting}",
        f"正文超过 {most / 1e6:g} MB：请拆分方案，或调高 {setting}",
    )


_TOO_SLOW = Fault(
    "body_too_slow",
    f"the body did not arrive within {BODY_WITHIN_S:.0f} s: send it again over a better connection",
    f"正文未在 {BODY_WITHIN_S:.0f} 秒内到达：请在网络较好时重新发送",
)


_CUT_OFF = Fault(
    "body_missing",
    "the connection ended before the body did: send it again whole",
    "连接在正文发完之前已断开：请重新完整发送",
)
"""Seldom heard, but what is no fault of ours must not be counted and logged as an internal error."""


def read_query(request: Request, known: Mapping[str, Schema]) -> dict[str, Any]:
    """The parameters of the query, each as its schema has it; None where it was left out.

    :raises Refused: unknown ones (a misspelt filter would otherwise show everything), ones given twice, bad values.
    """
    if not request.scope["query_string"]:
        return {name: schema.get("default") for name, schema in known.items()}
    return read_words(request.query_params.multi_items(), known, "?")


def read_words(given: Sequence[tuple[str, str]], known: Mapping[str, Schema], before: str) -> dict[str, Any]:
    """The words of a query or of a form, each as its schema has it; None where it was left out. before: its name, in the
    pointer of a fault. :raises Refused: as read_query()."""
    found: dict[str, Any] = {name: schema.get("default") for name, schema in known.items()}
    faults: list[Fault] = []
    for name in dict.fromkeys(name for name, _ in given):
        at = f"{before}{name[:80]}"
        if name not in known:
            names = ", ".join(known) or "-"
            faults.append(
                Fault(
                    "parameter_unknown",
                    f"there is no such parameter here: leave it out; known are {names}",
                    f"此处没有这个参数：请删除；可用的有 {names}",
                    at,
                )
            )
            continue
        values = [value for other, value in given if other == name]
        if len(values) > 1:
            faults.append(
                Fault(
                    "parameter_twice",
                    "it is given more than once: keep one",
                    "该参数出现多次：请只保留一个",
                    at,
                )
            )
            continue
        if "\0" in values[0]:
            faults.append(
                Fault(
                    "parameter_not_text",
                    "it holds a character U+0000, which no text has: take it out",
                    "其中含有字符 U+0000，文字中不能有它：请删除",
                    at,
                )
            )
            continue
        value = _typed(values[0], known[name])
        wrong = value_faults(value, known[name], at)
        faults += wrong
        if not wrong:
            found[name] = value
    if faults:
        raise Refused(faults)
    return found


def _typed(text: str, schema: Schema) -> Any:
    """What the text of a parameter says, if it says a value of the schema's type at all."""
    kind = schema["type"]
    if kind == "boolean" and text in ("true", "false"):
        return json.loads(text)
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return text


def idempotency_key(request: Request) -> str | None:
    """What the client calls this very request. :raises Refused: not 1 to 200 visible ASCII characters, or two."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not re.fullmatch(r"[\x21-\x7e]{1,200}", keys[0]):
        raise Refused.because(
            "idempotency_key_unreadable",
            en="the Idempotency-Key must be one text of 1 to 200 visible ASCII characters, such as a UUID",
            zh="Idempotency-Key 应为一个 1 至 200 个可见 ASCII 字符的文本，例如 UUID",
            pointer="Idempotency-Key",
        )
    return keys[0]

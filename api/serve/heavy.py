"""What takes long is done by a server of its own, so that it holds up nobody who asks a short question.

One interpreter does one thing at a time: while a server takes 10 MB of JSON apart, others at its door wait. So the servers at the door
hand such requests on, byte by byte as they come, to the heavy server; it listens on a socket of the file system, in a folder
of the supervisor's.
"""

import asyncio
import logging
from collections.abc import Mapping

import h11

from api.http.context import LARGE_BYTES
from api.http.gate import App, Message, Receive, Scope, Send, with_headers
from api.http.problems import UNAVAILABLE, problem
from spatial.errors import Fault

LOG = logging.getLogger("predig.server")

PART_BYTES = 65_536

_OF_ONE_HOP = frozenset(
    (b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect")
)
_OURS_TO_SAY = frozenset((b"date", b"transfer-encoding"))
_SHORT = (b"application/json", b"application/merge-patch+json")


class Relay:
    """The application of a server at the door. path: of the socket at which the heavy server listens."""

    def __init__(self, app: App, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _request(scope) if scope["type"] == "http" and is_heavy(scope) else None
        if asked is None:
            await self._app(scope, receive, send)
        else:
            await _relayed(asked, self._path, scope, receive, send)


def is_heavy(scope: Scope) -> bool:
    """Whether the request brings a file, a form, or more than a short body; or asks for something to be drawn."""
    if scope["method"] in ("GET", "HEAD"):
        return scope["path"].endswith(("/map", "/map.png")) or scope["path"].startswith("/reports/")
    said: Mapping[bytes, bytes] = dict(scope["headers"])
    if b"transfer-encoding" in said:
        return True
    length = said.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LARGE_BYTES:
        return True
    return length != b"0" and said.get(b"content-type", b"").split(b";")[0].strip().lower() not in _SHORT


async def _relayed(asked: h11.Request, path: str, scope: Scope, receive: Receive, send: Send) -> None:
    """The heavy server's answer; a sentence in its place while it is not there."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        await _away(scope, receive, send)
        return
    conversation = h11.Connection(h11.CLIENT)
    writer.write(conversation.send(asked) or b"")
    bringing = asyncio.ensure_future(_bring(receive, conversation, writer))
    answering = asyncio.ensure_future(_answered(conversation, reader, send))
    try:
        await asyncio.wait({bringing, answering}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done() and not answering.result():
            await _away(scope, receive, send)
    finally:
        bringing.cancel()
        answering.cancel()
        writer.transport.abort()  # whose asker hung up, his work is given up


def _request(scope: Scope) -> h11.Request | None:
    """None where it cannot be handed on, such as one without a host: whoever has it finds fault with it."""
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    headers = [(name, value) for name, value in scope["headers"] if name not in _OF_ONE_HOP]
    if not any(name == b"content-length" for name, _ in headers) and scope["method"] not in ("GET", "HEAD"):
        headers.append((b"transfer-encoding", b"chunked"))
    try:
        return h11.Request(method=scope["method"], target=target, headers=headers)
    except h11.LocalProtocolError:
        return None


async def _bring(receive: Receive, conversation: h11.Connection, writer: asyncio.StreamWriter) -> None:
    """The body as it comes. Ends when whoever asked hangs up."""
    whole = heard_enough = False
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if whole or heard_enough:
            continue
        whole = not message.get("more_body", False)
        try:
            if body := message.get("body", b""):
                writer.write(conversation.send(h11.Data(data=body)) or b"")
            if whole:
                writer.write(conversation.send(h11.EndOfMessage()) or b"")
            await writer.drain()
        except OSError:
            heard_enough = True  # or gone: its answer tells


async def _answered(conversation: h11.Connection, reader: asyncio.StreamReader, send: Send) -> bool:
    """False: the heavy server ended before it said anything. One that ends in the middle of its answer has it cut off."""
    begun = False
    while True:
        try:
            event = conversation.next_event()
            if event is h11.NEED_DATA:
                conversation.receive_data(await reader.read(PART_BYTES))
                continue
        except (OSError, h11.RemoteProtocolError):
            event = h11.ConnectionClosed()
        if isinstance(event, h11.Response):
            begun = True
            headers = [(name, value) for name, value in event.headers if name not in _OURS_TO_SAY]
            await send({"type": "http.response.start", "status": event.status_code, "headers": headers})
        elif isinstance(event, h11.Data):
            await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        elif isinstance(event, h11.EndOfMessage):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return True
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            if begun:
                LOG.error("the heavy server ended in the middle of an answer")
                return True
            return False


async def _away(scope: Scope, receive: Receive, send: Send) -> None:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": with_headers(message["headers"])}
        await send(message)

    await problem(UNAVAILABLE, [_AWAY])(scope, receive, send_on)


_AWAY = Fault(
    "heavy_server_away",
    "what takes files and large plans is just being started again: send it again in a few seconds, with the same "
    "Idempotency-Key if you were filing",
    "处理文件和大型方案的服务正在重新启动：请几秒后重新提交（若在备案，请使用同一 Idempotency-Key）",
)

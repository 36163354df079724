"""What every request passes first and last, as plain ASGI: host, time limit, security headers, unforeseen errors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from api.http.breaker import GONE, Breaker
from api.http.metrics import Meters
from api.http.problems import INTERNAL, TOO_SLOW, UNAVAILABLE, problem
from api.trouble import where
from spatial.errors import Fault

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOG = logging.getLogger("predig.http")

NEEDS_NOTHING = ("/livez", "/openapi.json", "/assets/")
"""Answered whether the database is there or not."""
TELLS_OF_IT = "/metrics"
"""Answered without asking the database when it is known to be gone: that is one of the figures."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
STRICTEST_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
NOT_KEPT = (b"cache-control", b"no-store")
"""Answers hold personal data and go out of date with the register; what may be kept says so itself."""

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

ACKNOWLEDGED = "predig.acknowledged"
"""Key of the scope under which a handler leaves what makes the response that is true already, should its time run out."""


class Gate:
    """limit_s: how long an answer may take; slow: to a POST at these paths, which bring much. hosts: names by which this server may be called, without port."""

    def __init__(
        self,
        app: App,
        *,
        limit_s: float,
        slow: Mapping[str, float],
        hosts: tuple[str, ...],
        breaker: Breaker | None,
        meters: Meters,
    ) -> None:
        self._app = app
        self._limit_s, self._slow = limit_s, slow
        self._hosts = hosts
        self._breaker = breaker
        self._meters = meters
        self._abandoned: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # The head of what GET would answer (RFC 9110, 9.3.2); the server knows by its own scope to send no body.
            scope = {**scope, "method": "GET"}
        with self._meters.timed(scope) as seen:

            async def send_on(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.status = message["status"]
                    message = {**message, "headers": with_headers(message["headers"])}
                await send(message)

            if not self._is_called_by_its_name(scope):
                await problem(400, [_HOST])(scope, receive, send_on)
                return
            await self._answer(scope, receive, send_on)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's answer, or what is said in its place when the time is up or the database gone."""
        gone = self._gone(scope)
        if gone is not None and gone.done() and scope["path"] == TELLS_OF_IT:
            gone = None
        if gone is not None and gone.done():
            await problem(UNAVAILABLE, [GONE])(scope, receive, send)
            return
        reply = _Reply(send)
        task = asyncio.ensure_future(self._app(scope, receive, reply.send))
        waiting: set[asyncio.Future[None]] = {task} if gone is None else {task, gone}
        limit_s = self._slow.get(scope["path"], self._limit_s) if scope["method"] == "POST" else self._limit_s
        try:
            await asyncio.wait(waiting, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if task.done() or reply.started:
                await self._finish(task, reply, scope, receive, send)
                return
            reply.closed = True
            lost = gone is not None and gone.done()
            kept = None if lost else scope.get(ACKNOWLEDGED)
            said = problem(UNAVAILABLE, [GONE if lost else TOO_SLOW]) if kept is None else kept()
            await said(scope, receive, send)
        finally:
            if not task.done():
                # A thread that waits for the database cannot be called back: it ends by itself, unheard.
                task.cancel()
                self._abandoned.add(task)
                task.add_done_callback(self._forget)

    async def _finish(
        self, task: "asyncio.Future[None]", reply: "_Reply", scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            await task
        except Exception as unforeseen:
            LOG.error("%s %s: %s", scope["method"], _route(scope), where(unforeseen))
            if not reply.started:
                await problem(500, [INTERNAL])(scope, receive, send)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains that it was not

    def _gone(self, scope: Scope) -> asyncio.Future[None] | None:
        if self._breaker is None or scope["path"].startswith(NEEDS_NOTHING):
            return None
        return self._breaker.gone

    def _is_called_by_its_name(self, scope: Scope) -> bool:
        """Against DNS rebinding: a page elsewhere must not reach this server under a name of its own."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and _host_in(named[0]) in self._hosts


@lru_cache(maxsize=64)
def _host_in(named: bytes) -> str | None:
    """The name in a Host header without its port; None when it is no mere name and port."""
    try:
        parts = urlsplit(f"//{named.decode('ascii')}")
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.username or parts.password or parts.path or parts.query or parts.fragment:
        return None
    return f"[{host}]" if ":" in host else host


_HOST = Fault(
    "host_not_local",
    "this server answers only to localhost, 127.0.0.1, [::1] and the address in PREDIG_PUBLISHED_ON: call it by one of "
    "them",
    "本服务只接受以 localhost、127.0.0.1、[::1] 或 PREDIG_PUBLISHED_ON 中的地址访问：请改用其中之一",
)


class _Reply:
    """The application's way to the client, which can be closed before anything was said."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.closed = False

    async def send(self, message: Message) -> None:
        if not self.closed:
            self.started = True
            await self._send(message)


def with_headers(headers: Any) -> list[tuple[bytes, bytes]]:
    """Those of an answer, and what every answer says of itself unless it says otherwise."""
    kept = list(headers)
    named = {name.lower() for name, _ in kept}
    return kept + [pair for pair in (*HEADERS, STRICTEST_POLICY, NOT_KEPT) if pair[0] not in named]


def _route(scope: Scope) -> str:
    """The template, never the path: a path may hold what a user typed."""
    return getattr(scope.get("route"), "path", "-")

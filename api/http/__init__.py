"""The HTTP door: FastAPI over the same use cases as the command line. No work at import; `def` handlers in threads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from api import pages
from api.http import alerts, enquiries, health, maps, network_imports, permits, plans, registers, summary
from api.http.asking import Unread
from api.http.breaker import Breaker
from api.http.context import Context
from api.http.docs import openapi_document
from api.http.gate import LOCAL_HOSTS, Gate
from api.http.metrics import Meters
from api.http.problems import (
    method_not_allowed,
    of_refused,
    of_unavailable,
    path_unknown,
    problem,
    status_of,
)
from api.http.uploads import kept
from api.http.uploads.room import Uploads
from api.screen import Rules
from api.settings import Settings
from api.together import Line
from spatial.errors import Fault, Refused
from sql.errors import VaultUnavailable
from sql.vault import Vault

THREADS = 16
"""Handlers at work at once; the server's pool of connections must not be smaller."""


def create_app(
    vault: Vault, rules: Rules, settings: Settings, *, ask_database: Callable[[], None] | None = None
) -> FastAPI:
    """The application. The caller owns `vault` and closes it after the application has ended.

    ask_database: one question on a connection of its own, raising when there is no answer; with it, a database
    that is gone is told within two seconds even when it hangs. Without it, requests wait for their time limit.
    """
    meters = Meters()
    breaker = Breaker(ask_database) if ask_database is not None else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        watch = asyncio.ensure_future(breaker.watch()) if breaker is not None else None
        yield
        if watch is not None:
            watch.cancel()

    app = FastAPI(
        title="Predig",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
    )
    app.state.context = Context(
        vault,
        rules,
        settings,
        meters,
        breaker,
        filings=Line(of_all=VaultUnavailable),
        enquiries=Line(of_all=VaultUnavailable),
        uploads=Uploads(settings),
    )
    app.state.max_body_bytes = int(settings.max_body_mb * 1e6)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    for part in (
        health,
        plans,
        enquiries,
        permits,
        kept,
        maps,
        alerts,
        registers,
        network_imports,
        summary,
    ):
        app.include_router(part.router)
    app.include_router(pages.router(vault, rules, settings))
    app.router.routes[:0] = _straight()
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(VaultUnavailable, _unavailable)
    app.add_exception_handler(Unread, _unread)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    hosts = (*LOCAL_HOSTS, *((settings.published_on,) if settings.published_on else ()))
    app.add_middleware(
        Gate,
        limit_s=settings.request_timeout_s,
        slow={network_imports.PATH: network_imports.UPLOAD_WITHIN_S},
        hosts=hosts,
        breaker=breaker,
        meters=meters,
    )
    return app


class _Straight(Route):
    """A route that tells its path in the scope, as FastAPI's do: figures and the log know a request by it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def _straight() -> list[Route]:
    """The two doors most people stand at, found first and entered without FastAPI: what it does around a handler
    (parameters, dependencies, models), none of which these use, costs a tenth of a filing. They stand among its
    routes too, for /openapi.json."""
    return [
        _Straight("/v1/permits", permits.file_now, methods=["POST"]),
        _Straight("/v1/enquiries", enquiries.enquire_now, methods=["POST"]),
    ]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return of_refused(error)


async def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, VaultUnavailable)
    return of_unavailable(error)


async def _unread(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unread)
    return problem(status_of([error.fault]), [error.fault], {"Connection": "close"})


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an address that is none, a method it does not have there."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 405:
        allowed = _methods_at(request)
        return problem(405, [method_not_allowed(request.method, path, allowed)], {"Allow": allowed})
    return problem(404, [path_unknown(path)])


def _methods_at(request: Request) -> str:
    """Every method there is at this address: the router names only those of the first route it found there."""
    routes = request.app.routes
    found = [
        method
        for method in ("GET", "PATCH", "POST")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join([*found, *(["HEAD"] if "GET" in found else [])])


async def _parameters(request: Request, error: Exception) -> Response:
    """What FastAPI itself finds wrong with the parameters of a page."""
    assert isinstance(error, RequestValidationError)
    places = ["?" + "/".join(map(str, one["loc"][1:])) for one in error.errors()]
    return problem(
        422,
        [
            Fault(
                "parameter_refused",
                "this parameter is missing or cannot be read",
                "该参数缺失或无法读取",
                place,
            )
            for place in places
        ],
    )


def _described(app: FastAPI) -> dict[str, Any]:
    """Made once: nothing in it changes while the application runs."""
    if app.openapi_schema is None:
        app.openapi_schema = openapi_document(app, version("predig"))
    return app.openapi_schema

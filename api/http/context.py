"""What every handler works with, made once when the application is built."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.grids.registry import crs_named
from api.http.asking import json_body
from api.http.breaker import Breaker
from api.http.metrics import Meters
from api.http.uploads.room import Uploads
from api.screen import Rules
from api.settings import Settings
from api.together import Line, Result, Steps, alone
from spatial.crs import Grid
from sql.vault import Vault

LARGE_BYTES = 20_000
"""Of a body: reading and judging more than some hundred points takes its time."""


@dataclass(frozen=True, slots=True)
class Context:
    vault: Vault
    rules: Rules
    settings: Settings
    meters: Meters
    breaker: Breaker | None
    filings: Line
    enquiries: Line
    """A line of their own: a filing may have to wait in the database, for an import or for another filing."""
    uploads: Uploads

    def crs_named(self, text: str | None) -> str | Grid | None:
        return crs_named(self.vault, self.settings, text)


async def take(line: Line, data: bytes, steps: Steps[Result]) -> Result:
    """The result of the steps, in company on `line`; a large body goes by itself, so that nobody waits for it."""
    return await (run_in_threadpool(alone, steps) if len(data) > LARGE_BYTES else line(steps))


def context_of(request: Request) -> Context:
    """The application's own."""
    found: Context = request.app.state.context
    return found


async def _context(request: Request) -> Context:
    """async, since a thread for this would cost more than the work."""
    return context_of(request)


Here = Annotated[Context, Depends(_context)]
Body = Annotated[bytes, Depends(json_body)]

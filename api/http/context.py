"""What every handler works with, made once when the application is built."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.http.asking import json_body, patch_body
from api.http.breaker import Breaker
from api.http.metrics import Meters
from api.judging import Judges
from api.screen import Rules
from api.settings import Settings
from sql.vault import Filed, Filing, PermitRecord, Vault


@dataclass(frozen=True, slots=True)
class Context:
    vault: Vault
    rules: Rules
    settings: Settings
    meters: Meters
    breaker: Breaker | None
    judges: Judges
    desk: Callable[[Filing], Filed]
    """Files, in one transaction with all that come at the same time."""
    read_permit: Callable[[str], PermitRecord]
    """vault.permit(), in one question with all that are read at the same time."""


async def context(request: Request) -> Context:
    """The application's own. async, since a thread for this would cost more than the work."""
    found: Context = request.app.state.context
    return found


Here = Annotated[Context, Depends(context)]
Body = Annotated[bytes, Depends(json_body)]
PatchBody = Annotated[bytes, Depends(patch_body)]

"""How much of files one server has on its hands at a time: bytes that came in, and files that are being opened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from api.settings import Settings
from spatial.errors import Refused

MOST_HELD = 10
"""Uploads of the largest size that may be in memory at once; a slow sender holds only what has arrived of his."""
PATIENCE_S = 8.0
"""How long a file waits for its turn; with its own 9 s the answer is still in time."""
TOO_MANY = "too_many_files"


class Uploads:
    """most_bytes: of one upload, all its files together."""

    def __init__(self, settings: Settings) -> None:
        self.most_bytes = int(settings.max_upload_mb * 1e6)
        self._held_bytes = 0
        self._seats = asyncio.Semaphore(settings.plans_at_once)

    @contextmanager
    def holding(self) -> Iterator[Callable[[bytes], None]]:
        """Call it with all that arrives; it is let go of at the end. :raises Refused: by the call: too_many_files."""
        own_bytes = 0

        def hold(data: bytes) -> None:
            nonlocal own_bytes
            if self._held_bytes + len(data) > MOST_HELD * self.most_bytes:
                raise _too_many()
            own_bytes += len(data)
            self._held_bytes += len(data)

        try:
            yield hold
        finally:
            self._held_bytes -= own_bytes

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """The turn to have a file opened. :raises Refused: too_many_files, when it does not come."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._seats.acquire()
        except TimeoutError:
            raise _too_many() from None
        try:
            yield
        finally:
            self._seats.release()


def _too_many() -> Refused:
    return Refused.because(
        TOO_MANY,
        en="other files are being opened: send this one again in a minute",
        zh="正在处理其他文件，请稍后重新提交",
    )

"""Is the database there? Asked all the time by a thread of its own, so that no request has to find out by waiting.

A stopped database answers nothing and refuses nothing: libpq waits for ever. So a question that is not answered
within a second counts as "gone", requests under way that need the database are told so, and new ones are turned away
at once until a question is answered again.
"""

import asyncio
import threading
import time
from collections.abc import Callable

from spatial.errors import Fault

ASK_EVERY_S = 0.4
ANSWER_WITHIN_S = 1.0
LOOK_EVERY_S = 0.05

GONE = Fault(
    "database_gone",
    "the database does not answer just now: try again in a few seconds, with the same Idempotency-Key if you were "
    "filing; until then treat the ground as if a gas pipe lay there",
    "数据库暂无响应：请几秒后重试（若在备案，请使用同一 Idempotency-Key）；在此之前按有管道对待",
)


class Breaker:
    """ask: one question to the database, on a connection of its own; raises when it cannot be answered.

    `gone` belongs to the event loop, is done while the database is gone, and is made anew when it is back; the
    thread writes two plain fields only.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._asked_at: float | None = None
        """Since when a question has been waiting; None between questions."""
        self._failed = False
        self._ended = threading.Event()
        self.gone: asyncio.Future[None] | None = None

    async def watch(self) -> None:
        """Keep `gone` true to what the thread finds, until cancelled."""
        loop = asyncio.get_running_loop()
        self.gone = loop.create_future()
        threading.Thread(target=self._keep_asking, name="database prober", daemon=True).start()
        try:
            while True:
                if self.is_open() is not self.gone.done():
                    if self.gone.done():
                        self.gone = loop.create_future()
                    else:
                        self.gone.set_result(None)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._ended.set()

    def is_open(self) -> bool:
        """Whether the last question failed, or the present one waits too long. From any thread."""
        asked_at = self._asked_at
        return self._failed or (asked_at is not None and time.monotonic() - asked_at > ANSWER_WITHIN_S)

    def _keep_asking(self) -> None:
        while not self._ended.is_set():
            self._asked_at = time.monotonic()
            try:
                self._ask()
                self._failed = False
            except Exception:  # whatever it is, nobody got an answer
                self._failed = True
            self._asked_at = None
            self._ended.wait(ASK_EVERY_S)

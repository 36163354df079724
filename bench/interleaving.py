"""Two sessions taken through their steps in a chosen order: each runs in a thread and stops at every barrier.

The vault a session uses stops before each commit, before each look into the register and before a judgement is
kept. Nothing of the product is changed for it: the first is an event of SQLAlchemy, the others are its methods.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import event

from spatial.found import Found
from spatial.values import Box
from sql.postgis import PostgisVault
from sql.records import Judged, Kept

LONGEST_STEP_S = 30.0
BLOCKED_AFTER_S = 0.02
"""A step that takes longer is asked whether it waits for a lock of the other session."""

Barrier = Callable[[str], None]


class SteppedVault(PostgisVault):
    """A vault of its own connections that stops at barriers. Used by one session at a time."""

    def __init__(self, app_url: str) -> None:
        super().__init__(app_url)
        self.barrier: Barrier = _pass
        event.listen(self._door._engine, "commit", lambda _: self.barrier("commit"))

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        self.barrier("find")
        return super().find(queries, as_of)

    def keep_all(self, judged: Sequence[Judged]) -> tuple[Kept, ...]:
        self.barrier("keep")
        return super().keep_all(judged)


def _pass(_: str) -> None:
    """No barrier stands."""


class Session:
    """A script in a thread that goes on only when it is told to.

    at: the barrier it stands before; stops: how often it was let go on from each.
    """

    def __init__(self, vault: SteppedVault, script: Callable[[SteppedVault], None]) -> None:
        self._vault, self._script = vault, script
        self._moved = threading.Condition()
        self._state = "stopped"
        self.at: str | None = "start"
        self.stops: Counter[str] = Counter()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        vault.barrier = self._stop
        self._thread.start()

    @property
    def done(self) -> bool:
        return self._state == "done"

    def step(self, waits: Callable[[], bool]) -> None:
        """Let it go on to its next barrier; come back early when it waits for a lock (asked of `waits`)."""
        begun = time.perf_counter()
        with self._moved:
            if self._state == "stopped":
                self.stops[self.at or ""] += 1
                self._state, self.at = "running", None
                self._moved.notify_all()
            while self._state == "running":
                self._moved.wait(BLOCKED_AFTER_S)
                if self._state == "running" and waits():
                    return
                if time.perf_counter() - begun > LONGEST_STEP_S:
                    raise TimeoutError("a session neither moves nor waits for a lock")

    def _stop(self, where: str) -> None:
        if threading.current_thread() is not self._thread:
            return
        with self._moved:
            self._state, self.at = "stopped", where
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._state == "running")

    def _run(self) -> None:
        with self._moved:
            self._moved.wait_for(lambda: self._state == "running")
        try:
            self._script(self._vault)
        except BaseException as error:  # told by the stage, which must not hang on it
            self.error = error
        with self._moved:
            self._vault.barrier = _pass
            self._state, self.at = "done", None
            self._moved.notify_all()


def play(
    sessions: Sequence[Session], order: Iterable[int], waits: Callable[[], bool], look: Callable[[], None]
) -> None:
    """Step the sessions in the order (indices), then each to its end; `look` is called after every step."""
    for number in order:
        if not sessions[number].done:
            sessions[number].step(waits)
            look()
    while any(not session.done for session in sessions):
        for session in sessions:
            if not session.done:
                session.step(waits)
                look()
    for session in sessions:
        if session.error is not None:
            raise session.error

"""Other people's enquiries while files are sent without end."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from bench.attack.asking import Asked, ask
from bench.attack.watch import house
from ingest import come_last
from tests.attack.corpus import Hostile, corpus
from tests.attack.siege import send, trapped

HOSTILE_CLIENTS = (2, 4)
ROUNDS = 6
PHASE_S = 8.0
"""Of each round one alone and one beside files: a machine has slow minutes, so what is compared is measured by turns."""
UNDER_WAY_AFTER_S = 1.5
SENDERS_NICENESS = 10
"""Whoever sends sits elsewhere: his own processor time must not be what others wait for."""


@dataclass(frozen=True, slots=True)
class Beside:
    """p95 of other users' enquiries in ms, alone and while so many clients send hostile files: over all rounds, their ratio,
    and in each round. busy: of the files, how many were told to come again."""

    alone_ms: float
    besieged_ms: float
    times: float
    alone_each_ms: tuple[float, ...]
    besieged_each_ms: tuple[float, ...]
    asked: int
    not_answered: int
    files: int
    busy: int


def neighbours(rounds: int = ROUNDS, phase_s: float = PHASE_S) -> dict[int, Beside]:
    """By number of hostile clients. Who asks has a process of his own, or he would wait for the senders' interpreter as well."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        trapped(Path(scratch)) as (trap, _),
        house({}) as running,
        ProcessPoolExecutor(1, get_context("spawn")) as elsewhere,
    ):
        address = f"http://127.0.0.1:{running.port}"
        files = [_made(one) for one in corpus(trap) if "32 MB" not in one.name]

        def asked() -> Asked:
            return elsewhere.submit(ask, address, phase_s).result()

        asked()  # what is made once is made
        return {clients: _beside(clients, rounds, address, files, asked) for clients in HOSTILE_CLIENTS}


def _made(hostile: Hostile) -> Hostile:
    data = hostile.make()
    return replace(hostile, make=lambda: data)


def _beside(
    clients: int, rounds: int, address: str, files: Sequence[Hostile], asked: Callable[[], Asked]
) -> Beside:
    alone, besieged = [], []
    with _senders(clients, address, files) as senders:
        for _ in range(rounds):
            alone.append(asked())
            senders.go()
            time.sleep(UNDER_WAY_AFTER_S)
            besieged.append(asked())
            senders.rest()
    of_alone, of_besieged = Asked.of(alone), Asked.of(besieged)
    return Beside(
        of_alone.p95_ms,
        of_besieged.p95_ms,
        round(of_besieged.p95_ms / of_alone.p95_ms, 2),
        tuple(one.p95_ms for one in alone),
        tuple(one.p95_ms for one in besieged),
        len(of_alone.took_ms) + len(of_besieged.took_ms),
        of_alone.lost + of_besieged.lost,
        *senders.sent(),
    )


class _Senders:
    """A process whose threads send files whenever they may, one after the other."""

    def __init__(self, clients: int, address: str, files: Sequence[Hostile]) -> None:
        fork = get_context("fork")
        self._may, self._over = fork.Event(), fork.Event()
        self._counts = fork.Array("i", 2)
        self._resting = [fork.Event() for _ in range(clients)]
        self._process = fork.Process(target=self._send_all, args=(address, files))

    def start(self) -> None:
        self._process.start()

    def go(self) -> None:
        for resting in self._resting:
            resting.clear()
        self._may.set()

    def rest(self) -> None:
        """Once the files that are under way are answered."""
        self._may.clear()
        for resting in self._resting:
            resting.wait()

    def end(self) -> None:
        self._over.set()
        self._may.set()
        self._process.join()

    def sent(self) -> tuple[int, int]:
        """Files, and how many of them were told to come again."""
        return self._counts[0], self._counts[1]

    def _send_all(self, address: str, files: Sequence[Hostile]) -> None:
        os.setsid()  # niceness counts within a session, and the one who asks must not be in it
        come_last(SENDERS_NICENESS)
        clients = len(self._resting)
        senders = [
            threading.Thread(target=self._send_on, args=(address, files[at::clients], self._resting[at]))
            for at in range(clients)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

    def _send_on(self, address: str, files: Sequence[Hostile], resting: Any) -> None:
        with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as client:
            for hostile in cycle(files):
                if not self._may.is_set():
                    resting.set()
                    self._may.wait()
                if self._over.is_set():
                    return
                busy = send(client, hostile).status == 503
                with self._counts.get_lock():
                    self._counts[0] += 1
                    self._counts[1] += busy


@contextmanager
def _senders(clients: int, address: str, files: Sequence[Hostile]) -> Iterator[_Senders]:
    senders = _Senders(clients, address, files)
    senders.start()
    try:
        yield senders
    finally:
        senders.end()

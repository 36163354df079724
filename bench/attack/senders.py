"""Clients that send without end, in a process of their own."""

import os
import threading
from collections.abc import Sequence
from itertools import cycle
from multiprocessing import get_context
from typing import Any, Self

import httpx

from ingest import come_last
from tests.attack.corpus import Hostile
from tests.attack.siege import send

NICENESS = 10
"""Whoever sends sits elsewhere: his own processor time must not be what others wait for."""


class Senders:
    """While the block lasts, so many clients send whenever they may, each one file or body after the other."""

    def __init__(self, clients: int, address: str, files: Sequence[Hostile]) -> None:
        fork = get_context("fork")
        self._may, self._over = fork.Event(), fork.Event()
        self._counts = fork.Array("i", 2)
        self._resting = [fork.Event() for _ in range(clients)]
        self._process = fork.Process(target=self._send_all, args=(address, files))

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._may.set()
        self._process.join()

    def go(self) -> None:
        for resting in self._resting:
            resting.clear()
        self._may.set()

    def rest(self) -> None:
        """Once what is under way is answered."""
        self._may.clear()
        for resting in self._resting:
            resting.wait()

    def sent(self) -> tuple[int, int]:
        """How many, and how many of them were told to come again."""
        return self._counts[0], self._counts[1]

    def _send_all(self, address: str, files: Sequence[Hostile]) -> None:
        os.setsid()  # niceness counts within a session, and the one who asks must not be in it
        come_last(NICENESS)
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

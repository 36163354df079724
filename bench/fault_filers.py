"""Firms that file without pause and, whatever happens, ask again with the same key until they are answered."""

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import numpy as np

from bench.fault_house import FaultHouse
from bench.fault_town import FaultTown

TIMEOUT_S = 25.0
REPEAT_SHARE = 0.05
"""Of the answered filings, how many are sent once more: the answer must be the same, byte for byte."""


@dataclass
class Filed:
    """What the firms know. acknowledged: key -> permit."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    attempts: int = 0
    retried: int = 0
    repeats: int = 0
    repeats_differing: int = 0
    refused: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    last_at: float = 0.0
    """When the newest filing that was answered had been sent (time.monotonic)."""


class Filers:
    """Some threads that together file `per_s` digs a second, as long as they are answered."""

    def __init__(self, house: FaultHouse, town: FaultTown, per_s: float, threads: int, seed: int) -> None:
        self.filed = Filed()
        self._house, self._town = house, town
        self._pause_s = threads / per_s
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._file_on, args=(seed + number,), daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """No new filing; those under way are repeated until they are answered."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _file_on(self, seed: int) -> None:
        rng, lot = np.random.default_rng(seed), random.Random(seed)
        connection = self._connect()
        due = time.monotonic() + lot.uniform(0, self._pause_s)
        while not self._over.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause_s, time.monotonic() - 1.0)
            key = str(uuid.UUID(int=lot.getrandbits(128), version=4))
            body = self._town.plan(rng, key)
            answer = self._until_answered(connection, key, body)
            if answer is None:
                continue
            if lot.random() < REPEAT_SHARE:
                again = self._until_answered(connection, key, body)
                with self._lock:
                    self.filed.repeats += 1
                    self.filed.repeats_differing += again != answer
        connection.close()

    def _until_answered(self, connection: http.client.HTTPConnection, key: str, body: bytes) -> bytes | None:
        """The bytes of the 201; None when it was refused, which is told."""
        tries = 0
        while True:
            sent_at = time.monotonic()
            status, answer = self._send(connection, key, body)
            tries += 1
            with self._lock:
                filed = self.filed
                filed.attempts += 1
                filed.retried += tries > 1
                filed.statuses[str(status)] = filed.statuses.get(str(status), 0) + 1
                if status == 201:
                    filed.acknowledged[key] = json.loads(answer)["id"]
                    filed.last_at = max(filed.last_at, sent_at)
                    return answer
                if status is not None and status < 500:
                    filed.refused.append(f"{status} {answer[:300]!r}")
                    return None
            time.sleep(0.2)

    def _send(
        self, connection: http.client.HTTPConnection, key: str, body: bytes
    ) -> tuple[int | None, bytes]:
        try:
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            connection.request("POST", "/v1/permits", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return None, b""

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._house.port, timeout=TIMEOUT_S)

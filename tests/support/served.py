"""A real `predig up` whose parts can be named and killed one by one: for tests and campaigns of failure."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.processes import at_work, children_of

READY_WAIT_S = 60.0
STOP_WAIT_S = 60.0
COMMAND = (sys.executable, "-m", "api.cli")


class Served:
    """One `predig up` and its children."""

    def __init__(
        self,
        environment: Mapping[str, str],
        words: tuple[str, ...],
        log: Path | None,
        under: tuple[str, ...] = (),
    ) -> None:
        self._log = log.open("ab") if log is not None else None
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
        self.process = subprocess.Popen(
            [*under, *COMMAND, "up", "--json", *words],
            env={**kept, "PREDIG_LANG": "en", **environment},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.address = ""

    def wait_until_ready(self) -> str:
        """The address, once the server says it can be used."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"predig up ended with {self.process.wait()} before it was ready"
        self.address = json.loads(line)["address"]
        return self.address

    def children(self, work: str) -> list[int]:
        """The process numbers of those that are `work` just now (tests.support.processes)."""
        return children_of(self.process.pid, work)

    def at_work(self) -> list[int]:
        return at_work(self.process.pid)

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WAIT_S)

    def kill(self) -> None:
        """SIGKILL to the supervisor alone."""
        self.process.kill()
        self.process.wait(STOP_WAIT_S)

    def close(self) -> None:
        if self.process.poll() is None:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()
        if self._log is not None:
            self._log.close()

    def client(self, **options: Any) -> httpx.Client:
        """Of this server; no proxy of the environment stands between."""
        return httpx.Client(base_url=self.address, trust_env=False, **{"timeout": 30.0, **options})


@contextmanager
def served(
    *words: str,
    home: Path | None = None,
    database_url: str | None = None,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    port: int = 0,
    under: tuple[str, ...] = (),
) -> Iterator[Served]:
    """A running, ready `predig up`, on its own cluster under `home` or on a given database. under: a program that runs it and
    keeps its process number."""
    given = dict(environment or {})
    if home is not None:
        given["PREDIG_HOME"] = str(home)
    if database_url is not None:
        given["PREDIG_DATABASE_URL"] = database_url
    server = Served(given, ("--port", str(port), *words), log, under)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()


def until(true: Callable[[], Any], wait_s: float = 30.0, every_s: float = 0.05) -> Any:
    """What `true` gives, as soon as it gives anything."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(every_s)
    raise AssertionError(f"not within {wait_s:g} s")

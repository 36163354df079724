"""A whole Predig to be killed: `predig up` in a home of its own, and every process of it by what it is."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2

from sql.cluster import ADMIN, APP, DATABASE, PORT
from sql.cluster_home import server_account
from sql.cluster_processes import postmaster, processes_in
from tests.support.processes import WORKS, at_work, children_of

STARTS_WITHIN_S = 120.0
ASK_EVERY_S = 0.05
VICTIMS = ("server", "heavy", "worker", "template", "supervisor", "backend", "postmaster")


class FaultHouse:
    """`predig up` on a port of its own, started again by us only when the supervisor itself is killed. under: a program that
    runs it and keeps its process number."""

    def __init__(
        self, home: Path, log: Path, environment: Mapping[str, str] | None = None, under: Sequence[str] = ()
    ) -> None:
        self.home, self._log = home, log
        self._environment, self._under = dict(environment or {}), tuple(under)
        self.port = _free_port()
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; not waiting until it is ready."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
        with self._log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [*self._under, sys.executable, "-m", "api.cli", "up", "--port", str(self.port)],
                env=kept | {"PREDIG_HOME": str(self.home), "PREDIG_LANG": "en"} | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._supervisor is not None
        self._supervisor.terminate()
        try:
            return self._supervisor.wait(60)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            raise

    def url(self, role: str) -> str:
        """To the embedded database, not counted among its users."""
        folder = (self.home / "socket").read_text(encoding="utf-8").strip()
        return f"postgresql+psycopg2://{role}@/{DATABASE}?host={folder}&port={PORT}"

    @property
    def app_url(self) -> str:
        return self.url(APP)

    def ask_admin(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement as the superuser."""
        folder = (self.home / "socket").read_text(encoding="utf-8").strip()
        connection = psycopg2.connect(host=folder, port=PORT, user=ADMIN, dbname=DATABASE)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    # -- processes

    def victims(self, what: str) -> list[int]:
        """The processes that are `what` just now; none while it is away."""
        if what == "supervisor":
            alive = self._supervisor is not None and self._supervisor.poll() is None
            return [self._supervisor.pid] if alive and self._supervisor is not None else []
        if what in ("template", *WORKS):
            return [] if self._supervisor is None else children_of(self._supervisor.pid, what)
        server = postmaster(self.home / "data")
        if what == "postmaster":
            return [server] if server else []
        return [pid for pid in self.database_processes() if pid != server]

    def at_work(self) -> list[int]:
        return [] if self._supervisor is None else at_work(self._supervisor.pid)

    def database_processes(self) -> list[int]:
        return processes_in(self.home / "data", server_account())

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if self._supervisor is not None and pid == self._supervisor.pid:
            self._supervisor.wait()

    def signal_all(self, pids: list[int], how: signal.Signals) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    # -- readiness

    def is_ready(self, timeout_s: float = 2.0) -> bool:
        """Whether /readyz says 200 now."""
        return self.status_of("GET", "/readyz", timeout_s=timeout_s) == 200

    def status_of(
        self, method: str, path: str, body: bytes | None = None, *, timeout_s: float = 30.0
    ) -> int | None:
        """The status of one request on a connection of its own; None when there was no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_ready(self, within_s: float = STARTS_WITHIN_S) -> float:
        """Seconds until /readyz said 200. :raises TimeoutError: with the end of the log."""
        return self.wait_until(self.is_ready, within_s)

    def wait_until(self, happened: Callable[[], bool], within_s: float) -> float:
        begun = time.monotonic()
        while not happened():
            if time.monotonic() - begun > within_s:
                raise TimeoutError(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(ASK_EVERY_S)
        return time.monotonic() - begun


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port

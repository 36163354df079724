"""Other processes at work on the same cluster, to be killed and counted by the tests."""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import make_url

from sql.cluster import ADMIN, Cluster
from sql.cluster_home import server_account
from sql.cluster_processes import postmaster, processes_in

WAIT_S = 60.0

HOLD = """
import select
import signal
import sys
from pathlib import Path
# A shell that runs the tests in the background makes them ignore Ctrl-C, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from sql.cluster import embedded_cluster
with embedded_cluster(Path(sys.argv[1])) as cluster:
    print(cluster.url("predig_admin"), flush=True)
    # A signal that comes just before a read begins does not end that read: so none that lasts.
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        pass
"""


class Holder:
    """Another predig: inside `embedded_cluster` until told to leave or killed."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        """The address it got; waits until it is inside."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> int:
        self.process.communicate("\n", timeout=WAIT_S)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=WAIT_S)


@contextmanager
def holder(home: Path) -> Iterator[Holder]:
    made = Holder(home)
    try:
        yield made
    finally:
        made.kill()


def ask(url: str, statement: str) -> Any:
    """The first value of the first row, in autocommit; None without rows."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def connect(url: str) -> Any:
    parts = make_url(url)
    connection = psycopg2.connect(
        host=parts.query["host"], port=parts.query["port"], user=parts.username, dbname=parts.database
    )
    connection.autocommit = True
    return connection


def ask_in(cluster: Cluster, statement: str) -> Any:
    return ask(cluster.url(ADMIN), statement)


def server_pid(home: Path) -> int | None:
    return postmaster(home.resolve() / "data")


def living(home: Path) -> list[int]:
    """All PostgreSQL processes at work in the home."""
    return processes_in(home.resolve() / "data", server_account())


def eventually(holds: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.01)


def in_child(work: Callable[[], Any], uid: int | None = None, gid: int | None = None) -> Any:
    """The result of `work` in a forked child, as another user if asked (this interpreter may be closed to it)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if uid is not None and gid is not None:
                os.setgroups([])
                os.setgid(gid)
                os.setuid(uid)
            with os.fdopen(writer, "wb") as out:
                out.write(pickle.dumps(work()))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as out:
        said = out.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "the child failed"
    return pickle.loads(said)

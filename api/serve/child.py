"""What every child has in common: its order, and its end.

The servers and the worker are forked from a template (api.serve.template), the importer is started by the worker:
`python -P -m api.serve.child`. Each has on stdin what ends when whoever wants it is gone, however it went; then it goes too.
"""

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, NoReturn

from ingest import die_with

PR_SET_NAME = 15

FINISH_WITHIN_S = 10
"""How long a child that is asked to end may go on with what is under way."""


@dataclass(frozen=True, slots=True)
class Order:
    """work: what to be. profile: the text of the rule profile. Of a server: listening_fd, of the socket it shares
    with the other servers, or of the heavy one's own. Of those at the door: heavy, the path of the heavy one's socket.
    room: the folder for its temporary files, which goes when it is dead."""

    work: Literal["server", "heavy", "worker", "importer"]
    database_url: str
    profile: str
    room: str
    listening_fd: int | None = None
    heavy: str | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


HOUSE = Path(__file__).resolve().parents[2]
"""Where the packages lie, for a process of a house that is not installed."""


def started(module: str, word: str, stdin: IO[Any] | int, **environment: str) -> "subprocess.Popen[bytes]":
    """A process of its own that runs a module of the house. word: the last of its command line, for `ps`."""
    return subprocess.Popen(
        # -P: a folder named `api` where the user stands must not be taken for ours.
        [sys.executable, "-P", "-m", module, word],
        stdin=stdin,
        env={**os.environ, "PYTHONPATH": str(HOUSE), **environment},
        start_new_session=True,
    )


def importer(order: Order) -> "subprocess.Popen[bytes]":
    """An importer that has its order. It ends when the pipe to its stdin does."""
    process = started("api.serve.child", order.work, subprocess.PIPE)
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # dead already: found at the next look
        process.stdin.write(order.line())
        process.stdin.flush()
    return process


def main() -> NoReturn:
    die_with(os.getppid())
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(1)
    live(Order(**json.loads(line)))


def live(order: Order) -> NoReturn:
    """Be what the order says until SIGTERM, then finish what is under way and end; at the end of stdin end at once."""
    # Only the supervisor decides when to end: Ctrl-C goes to every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _be_called(order.work)
    tempfile.tempdir = order.room
    threading.Thread(target=_die_at_end_of_stdin, name="parent watch", daemon=True).start()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr
    )
    code = 0
    try:
        _WORK[order.work](order)
    except Exception as error:
        code = 1
        print(_one_line(order, error), file=sys.stderr)
    sys.stderr.flush()
    # A thread that waits for a stopped database, or for the end of stdin, must not keep the process.
    os._exit(code)


def _serve(order: Order) -> None:
    from api.serve.server import serve

    serve(order)


def _work(order: Order) -> None:
    from api.serve.worker import work_on

    work_on(order)


def _import(order: Order) -> None:
    from api.serve.importer import import_one

    import_one(order)


_WORK: Mapping[str, Callable[[Order], None]] = {
    "server": _serve,
    "heavy": _serve,
    "worker": _work,
    "importer": _import,
}


def _be_called(work: str) -> None:
    """What `ps -e` and `top` show: the command line of a forked process is the template's."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, f"predig {work}".encode())


def _die_at_end_of_stdin() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


def _one_line(order: Order, error: Exception) -> str:
    """Type and place; its words may hold what nobody should read in a log. PREDIG_DEBUG shows all."""
    if os.environ.get("PREDIG_DEBUG"):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"predig {order.work}: {type(error).__name__} at {last.filename}:{last.lineno}"


if __name__ == "__main__":
    main()

"""A child of the supervisor, or of its worker: `python -m api.serve.child`, its order on the first line of stdin.

The rest of stdin never comes: its end says that the supervisor is gone, however it went, and the child goes too.
"""

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

PR_SET_PDEATHSIG = 1

FINISH_WITHIN_S = 10
"""How long a child that is asked to end may go on with what is under way."""


@dataclass(frozen=True, slots=True)
class Order:
    """work: what to be. profile: the text of the rule profile. Of a server: listening_fd, of the socket it shares
    with the other servers, or of the heavy one's own; figures, the folder where all of them count for /metrics. Of those at the
    door: heavy, the path of the heavy one's socket."""

    work: Literal["server", "heavy", "worker", "importer"]
    database_url: str
    profile: str
    listening_fd: int | None = None
    figures: str | None = None
    heavy: str | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


HOUSE = Path(__file__).resolve().parents[2]
"""Where the packages lie, for a child of a house that is not installed."""


def started(order: Order) -> "subprocess.Popen[bytes]":
    """A child that has its order. It ends when the pipe to its stdin does."""
    fds = () if order.listening_fd is None else (order.listening_fd,)
    process = subprocess.Popen(
        # -P: a folder named `api` where the user stands must not be taken for ours. The last word is for `ps`.
        [sys.executable, "-P", "-m", "api.serve.child", order.work],
        stdin=subprocess.PIPE,
        pass_fds=fds,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        start_new_session=True,
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # dead already: found at the next look
        process.stdin.write(order.line())
        process.stdin.flush()
    return process


def main() -> int:
    """Be what the order says until SIGTERM, then finish what is under way; the exit code."""
    # Only the supervisor decides when to end: Ctrl-C goes to every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_by_signal_with_parent()
    line = sys.stdin.buffer.readline()
    if not line:
        return 1
    threading.Thread(target=_die_at_end_of_stdin, name="parent watch", daemon=True).start()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr
    )
    order = Order(**json.loads(line))
    if order.work in ("server", "heavy"):
        assert order.figures is not None
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = order.figures  # read when prometheus_client is imported
        from api.serve.server import serve

        serve(order)
    elif order.work == "importer":
        from api.serve.importer import import_one

        import_one(order)
    else:
        from api.serve.worker import work_on

        work_on(order)
    return 0


def _die_by_signal_with_parent() -> None:
    """The kernel's own way where it has one; nothing here is lost by it, all that counts is in transactions."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _die_at_end_of_stdin() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


def _one_line(error: Exception) -> str:
    """Type and place; its words may hold what nobody should read in a log. PREDIG_DEBUG shows all."""
    if os.environ.get("PREDIG_DEBUG"):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"predig {sys.argv[-1]}: {type(error).__name__} at {last.filename}:{last.lineno}"


if __name__ == "__main__":
    try:
        code = main()
    except Exception as error:
        code = 1
        print(_one_line(error), file=sys.stderr)
    sys.stderr.flush()
    # A thread that waits for a stopped database, or for the end of stdin, must not keep the process.
    os._exit(code)

"""The process that readers are forked from: `python -I -B -m ingest.sandbox.template`.

It has loaded what a reader needs, which takes a second of processor time, and opens no foreign file itself. It starts no thread: a fork
would have the locks of the threads it lacks, and could not leave its user namespace. stdin is a socket on which each reader
is asked for (ingest.sandbox.readers); its end is the end of all.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.sandbox.child import read_one
from ingest.sandbox.readers import STATUS
from ingest.sandbox.tasks import warm_up
from ingest.sandbox.turns import come_last


@dataclass(slots=True)
class _Reader:
    """line: where its end is told; whoever asked closes his side of it to have it ended. ended: readable when it has."""

    pid: int
    line: socket.socket
    ended: int
    killed: bool = False

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self.killed = True

    def tell_of_end(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.ended)
        with self.line, suppress(OSError):
            self.line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))


def main() -> None:
    come_last()
    # pyogrio would load them, for tables that no reader makes: 100 MB, half a second, and Arrow's thread.
    sys.modules |= dict.fromkeys(("geopandas", "pandas", "pyarrow"))
    gc.collect()
    gc.freeze()  # else each fork copies all that it has by looking through it
    readers: list[_Reader] = []
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        while True:
            lines = [reader.line for reader in readers if not reader.killed]
            ready, _, _ = select.select([control, *lines, *(reader.ended for reader in readers)], [], [])
            for reader in list(readers):
                if reader.ended in ready:
                    reader.tell_of_end()
                    readers.remove(reader)
                elif reader.line in ready:
                    reader.kill()
            if control in ready:
                _, sent, _, _ = socket.recv_fds(control, 1, 3)
                if len(sent) < 3:
                    return  # the readers end with us: walls.die_with()
                readers.append(_forked(*sent, control, readers))


def _forked(job: int, answer: int, line: int, control: socket.socket, others: Sequence[_Reader]) -> _Reader:
    """job: the file it is read from; answer: the file it is to be written to."""
    files = json.loads(os.pread(job, os.fstat(job).st_size, 0))["files"]
    warm_up([Path(file) for file in files])
    template = os.getpid()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            os.dup2(job, 0)
            os.dup2(answer, 1)
            for number in (job, answer, line, control.fileno()):
                os.close(number)
            for other in others:
                os.close(other.line.fileno())
                os.close(other.ended)
            read_one(template)
            status = 0
        finally:
            os._exit(status)
    with suppress(OSError):  # whoever of both comes first
        os.setpgid(pid, pid)
    os.close(job)
    os.close(answer)
    return _Reader(pid, socket.socket(fileno=line), os.pidfd_open(pid))


if __name__ == "__main__":
    main()

"""The process that the servers and the worker are forked from: `python -P -m api.serve.template`.

It has loaded what they need, which takes seconds of processor time, speaks to nobody but the supervisor, and starts no thread: a
fork would have the locks of the threads it lacks. stdin is a socket on which each child is asked for (api.serve.children);
its end is the end of this process, and its children end with it.
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
from dataclasses import dataclass, replace

# What uvicorn loads by name when a server starts.
import uvicorn.lifespan.on
import uvicorn.loops.uvloop
import uvicorn.protocols.http.httptools_impl  # noqa: F401

import api.serve.server
import api.serve.worker  # noqa: F401
from api.serve.child import Order, live
from api.serve.children import STATUS
from ingest import die_with


@dataclass(frozen=True, slots=True)
class _Child:
    """line: where its end is told. ended: readable when it has."""

    pid: int
    line: socket.socket
    ended: int

    def close(self) -> None:
        self.line.close()
        os.close(self.ended)

    def tell_of_end(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        with suppress(OSError):  # nobody is there who would hear
            self.line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))
        self.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(os.getppid())
    gc.collect()
    gc.freeze()  # else each fork copies all that it has by looking through it
    children: list[_Child] = []
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        while True:
            ready, _, _ = select.select([control, *(child.ended for child in children)], [], [])
            for child in list(children):
                if child.ended in ready:
                    child.tell_of_end()
                    children.remove(child)
            if control in ready:
                _, sent, _, _ = socket.recv_fds(control, 1, 3)
                if not sent:
                    return
                children.append(_forked(sent, control, children))


def _forked(sent: Sequence[int], control: socket.socket, others: Sequence[_Child]) -> _Child:
    """sent: the file its order is in, its line, and the socket it listens on if it does."""
    asked, line, *listening = sent
    order = Order(**json.loads(os.pread(asked, os.fstat(asked).st_size, 0)))
    os.close(asked)
    template = os.getpid()
    pid = os.fork()
    if pid == 0:
        die_with(template)
        # The system deals out processor time by sessions first: what is heavy must not count against those at the door.
        os.setsid()
        control.close()
        for other in others:
            other.close()
        os.dup2(line, sys.stdin.fileno())
        os.close(line)
        live(replace(order, listening_fd=listening[0] if listening else None))
    for number in listening:
        os.close(number)
    child = _Child(pid, socket.socket(fileno=line), os.pidfd_open(pid))
    with suppress(OSError):
        socket.send_fds(child.line, [b"\0"], [child.ended])
    return child


if __name__ == "__main__":
    main()

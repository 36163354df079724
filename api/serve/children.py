"""The supervisor's side of its children: a template that has loaded what they need, and the processes forked from it."""

import os
import select
import signal
import socket
import struct
import subprocess
import time
from contextlib import suppress

from api.serve.child import Order, started

STATUS = struct.Struct("i")
"""What became of a child, as subprocess has it: its exit status, or minus the signal it died of."""
DIED_WITH_TEMPLATE = -int(signal.SIGKILL)
"""The status of a child whose end nobody is left to tell."""


class Child:
    """A process forked from the template. If our end of its line closes, it ends."""

    def __init__(self, line: socket.socket) -> None:
        """line: on it comes a handle of the process once there is one, then its status."""
        line.setblocking(False)
        self._line = line
        self._handle: int | None = None
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its status once it has ended."""
        while self._status is None:
            try:
                said, handles, _, _ = socket.recv_fds(self._line, STATUS.size, 1)
            except BlockingIOError:
                return None
            except OSError:
                said, handles = b"", []
            if handles:
                (self._handle,) = handles
            else:
                self._status = STATUS.unpack(said)[0] if len(said) == STATUS.size else DIED_WITH_TEMPLATE
                self._line.close()
                if self._handle is not None:
                    os.close(self._handle)
        return self._status

    def ask_to_end(self) -> None:
        """One that does not exist yet ends as soon as it does."""
        if self.poll() is None:
            if self._handle is None:
                self._line.shutdown(socket.SHUT_WR)
            else:
                self._send(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Wait for its end until the deadline (of time.monotonic), then end it: what it had in hand lapses or is asked for again."""
        while self.poll() is None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                self._line.shutdown(socket.SHUT_WR)
                if self._handle is not None:
                    self._send(signal.SIGKILL)
            select.select([self._line], [], [], left_s if left_s > 0 else None)

    def _send(self, what: signal.Signals) -> None:
        assert self._handle is not None
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, what)


class Template:
    """The process children are forked from, started when the first is asked for and again when it has died. They die with it."""

    def __init__(self, figures: str) -> None:
        """figures: the folder where all servers count for /metrics."""
        self._figures = figures
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def child(self, order: Order) -> Child:
        """It exists as soon as the template comes to it. order.listening_fd: of this process."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(os.memfd_create("order"), "wb", buffering=0) as asked:
            asked.write(order.line())
            listening = () if order.listening_fd is None else (order.listening_fd,)
            files = (asked.fileno(), theirs.fileno(), *listening)
            try:
                socket.send_fds(self._running(), [b"\0"], files)
            except OSError:
                self.end()
                socket.send_fds(self._running(), [b"\0"], files)
        return Child(ours)

    def end(self) -> None:
        """Of the template alone."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _running(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = started(
                    "api.serve.template",
                    "template",
                    theirs,
                    PROMETHEUS_MULTIPROC_DIR=self._figures,  # read when prometheus_client is imported
                    # No pools of threads, neither now nor later.
                    OPENBLAS_NUM_THREADS="1",
                    OMP_NUM_THREADS="1",
                )
        return self._control

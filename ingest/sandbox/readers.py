"""Readers are asked for here: a process for each foreign file, forked from one that this process keeps for it."""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

STATUS = struct.Struct("i")
"""What became of a reader, as subprocess has it: its exit status, or minus the signal it died of."""
DIED = -int(signal.SIGABRT)
"""The status of a reader nobody could tell the end of."""


class _Template:
    """The process readers are forked from, started when the first is asked for and again when it has died."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self, *files: int) -> None:
        """Ask for a reader: of a job and an answer, and the far end of the line on which its end is told."""
        with self._one_at_a_time:
            if self._control is not None:
                try:
                    socket.send_fds(self._control, [b"\0"], files)
                    return
                except OSError:
                    self._end()
            self._control = self._started()
            socket.send_fds(self._control, [b"\0"], files)

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {
            "LANG": "C.UTF-8",
            # No pools of threads, neither now nor later.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PROJ_NETWORK": "OFF",
        }
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "ingest.sandbox.template"],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        return ours

    def end(self) -> None:
        with self._one_at_a_time:
            self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


_template = _Template()
atexit.register(lambda: _template.end())


def _have_none() -> None:
    """In a process forked from this one: the template is the other's."""
    global _template
    if _template._control is not None:
        _template._control.close()
    _template = _Template()


os.register_at_fork(after_in_child=_have_none)


def run(job: Mapping[str, Any], answer: IO[bytes], wall_s: float) -> int:
    """The exit status of a reader that was given the job; its answer is in the file. One out of time is killed, and gone when this returns."""
    ours, theirs = socket.socketpair()
    with ours, open(os.memfd_create("job"), "w+b", buffering=0) as asked:
        asked.write(json.dumps(job).encode())
        asked.seek(0)
        with theirs:
            _template.fork(asked.fileno(), answer.fileno(), theirs.fileno())
        said = b""
        ours.settimeout(wall_s)
        try:
            said = ours.recv(STATUS.size)
        except TimeoutError:
            pass
        finally:
            # Whatever happens here, it is not left behind: the end of our side is its end.
            ours.shutdown(socket.SHUT_WR)
            ours.settimeout(None)
            said = said or ours.recv(STATUS.size)
    return int(STATUS.unpack(said)[0]) if len(said) == STATUS.size else DIED

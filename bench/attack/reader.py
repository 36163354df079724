"""A reader behind the same walls (its user stays who it is) that opens file after file until it dies: for numbers that a process
a file cannot reach.

`python -m bench.attack.reader` is the child; Walled stands where ingest.sandbox.apart.read_apart and opened_apart stand.
"""

import io
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.files.zipped import plain_name
from ingest.sandbox import apart, walls
from ingest.sandbox.walls import Limits

ENDINGS = (".gpkg", ".xlsx", ".dxf")
"""Of which the readers are loaded beforehand."""
FILES_EACH = 3_000
SIZE = struct.Struct("<Q")
"""How many bytes of an answer follow."""
CPU_S = 3_600


class Raised(Exception):
    """The reader failed in a way it does not foresee: a process of its own would have died of it."""


class Walled:
    """deaths: exit statuses of readers that died over a file. answer: of the last file, as it came out;
    opened_answer: of the last one of opened()."""

    def __init__(self) -> None:
        self.deaths: list[int] = []
        self.raised: str | None = None
        self.answer = self.opened_answer = b""
        self._folder = Path(tempfile.mkdtemp(prefix="attack-reader-"))
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits) -> Any:
        """As read_apart. What the reader did not foresee is left in `raised`, in words."""
        status = self._asked(task, files, options, limits)
        return apart._believed(files[0].name, status, io.BytesIO(self.answer), task, limits)[0]

    @contextmanager
    def opened(
        self, task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits
    ) -> Iterator[tuple[Any, memoryview]]:
        """As opened_apart, and as read()."""
        status = self._asked(task, files, options, limits)
        self.opened_answer = self.answer
        yield believed(self.answer, status, files[0].name, limits)

    def _asked(self, task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits) -> int:
        """How the reader fared; what it said is in `answer`."""
        self.raised, self.answer = None, b""
        child = self._running(limits)
        assert child.stdin is not None and child.stdout is not None
        for old in self._folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        names = [plain_name(file.name) for file in files]
        for file, name in zip(files, names, strict=True):
            shutil.copyfile(file, self._folder / name)
        job = {"task": task, "files": names, "options": dict(options)}
        try:
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()
            ready, _, _ = select.select([child.stdout], [], [], limits.wall_s)
            size = child.stdout.read(SIZE.size) if ready else b""
            self.answer = child.stdout.read(*SIZE.unpack(size)) if len(size) == SIZE.size else b""
        except BrokenPipeError:
            ready = [child.stdout]
        if not self.answer:
            if not ready:
                child.kill()
            status = child.wait()
            self.deaths.append(status)
            self._bury()
            return status
        if self.answer.startswith(b'{"raised"'):
            self.raised = json.loads(self.answer)["raised"]
            return 1
        return 0

    def _bury(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def close(self) -> None:
        self._bury()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self, limits: Limits) -> subprocess.Popen[bytes]:
        self._files += 1
        if self._files % FILES_EACH == 0:
            self._bury()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "bench.attack.reader", str(limits.memory_bytes), str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert self._child.stdout is not None
            self._child.stdout.readline()
        return self._child


def believed(answer: bytes, status: int, name: str, limits: Limits) -> tuple[Any, memoryview]:
    """What a parent makes of an answer of the task `network`, whoever wrote it."""
    understood, at = apart._believed(name, status, io.BytesIO(answer), "network", limits)
    return understood, memoryview(answer)[at:]


def main() -> None:
    memory_bytes, folder = int(sys.argv[1]), Path(sys.argv[2])
    walls.limit(Limits(wall_s=0.0, cpu_s=CPU_S, memory_bytes=memory_bytes, file_bytes=200_000_000))
    walls.leave_the_network()
    from ingest.sandbox.tasks import TASKS, warm_up
    from ingest.sandbox.wire import Packed
    from spatial.errors import Refused

    warm_up([Path(f"a{ending}") for ending in ENDINGS])
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    walls.keep_to(folder)
    walls.forbid_system_calls()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin:
        job = json.loads(line)
        behind: Iterable[bytes] = ()
        try:
            understood = TASKS[job["task"]](list(map(Path, job["files"])), job["options"])
            if isinstance(understood, Packed):
                understood, behind = understood.head, list(understood.behind)
            answer: dict[str, Any] = {"understood": understood}
        except Refused as refused:
            answer = {
                "refused": [
                    {"code": f.code, "en": f.en, "zh": f.zh, "pointer": f.pointer} for f in refused.faults
                ]
            }
        except Exception as error:
            answer = {"raised": "".join(traceback.format_exception(error))[-3_000:]}
        whole = b"".join((json.dumps(answer, ensure_ascii=True).encode(), b"\n", *behind))
        out.write(SIZE.pack(len(whole)) + whole)
        out.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()

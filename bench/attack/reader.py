"""A reader behind the same walls (its user stays who it is) that opens file after file until it dies: for numbers that a process
a file cannot reach.

`python -m bench.attack.reader` is the child; Walled stands where ingest.sandbox.apart.read_apart stands.
"""

import io
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.files.zipped import plain_name
from ingest.sandbox import apart, walls
from ingest.sandbox.walls import Limits

ENDINGS = (".gpkg", ".xlsx", ".dxf")
"""Of which the readers are loaded beforehand."""
FILES_EACH = 3_000
CPU_S = 3_600


class Raised(Exception):
    """The reader failed in a way it does not foresee: a process of its own would have died of it."""


class Walled:
    """deaths: exit statuses of readers that died over a file."""

    def __init__(self) -> None:
        self.deaths: list[int] = []
        self.raised: str | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="attack-reader-"))
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits) -> Any:
        """As read_apart. What the reader did not foresee is left in `raised`, in words."""
        self.raised = None
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
            line = child.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        status = 0
        if not line:
            if not ready:
                child.kill()
            status = child.wait()
            self.deaths.append(status)
            self._child = None
        told = json.loads(line) if line else {}
        if isinstance(told, dict) and "raised" in told:
            self.raised = told["raised"]
            status = 1
        return apart._believed(files[0].name, status, io.BytesIO(line), task, limits)[0]

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self, limits: Limits) -> subprocess.Popen[bytes]:
        self._files += 1
        if self._child is not None and self._files % FILES_EACH == 0:
            self._child.kill()
            self._child.wait()
            self._child = None
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


def main() -> None:
    memory_bytes, folder = int(sys.argv[1]), Path(sys.argv[2])
    walls.limit(Limits(wall_s=0.0, cpu_s=CPU_S, memory_bytes=memory_bytes, file_bytes=200_000_000))
    walls.leave_the_network()
    from ingest.sandbox.tasks import TASKS, warm_up
    from spatial.errors import Refused

    warm_up([Path(f"a{ending}") for ending in ENDINGS])
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    walls.keep_to(folder)
    walls.forbid_system_calls()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer: dict[str, Any] = {
                "understood": TASKS[job["task"]](list(map(Path, job["files"])), job["options"])
            }
        except Refused as refused:
            answer = {
                "refused": [
                    {"code": f.code, "en": f.en, "zh": f.zh, "pointer": f.pointer} for f in refused.faults
                ]
            }
        except Exception as error:
            answer = {"raised": "".join(traceback.format_exception(error))[-3_000:]}
        print(json.dumps(answer, ensure_ascii=True), file=out, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()

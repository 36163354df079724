"""The parent of the process that opens a foreign file: gives it a folder, waits so long, believes nothing it says."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ingest.files.zipped import plain_name
from ingest.sandbox.walls import NOBODY, Limits
from spatial.errors import Fault, Refused

PLAN_LIMITS = Limits(wall_s=9.0, cpu_s=9, memory_bytes=1_500_000_000, file_bytes=200_000_000)
"""Of a dig plan, so that every file is answered within 10 s; what is unpacked of it is at most so large."""
MOST_ANSWER_BYTES = 60_000_000
"""A plan of 20 MB as JSON, thrice over."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")
_MOST_FAULTS = 200
_MOST_TEXT = 2_000


def read_apart(task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits) -> Any:
    """What a task of ingest.sandbox.tasks understands of the first file; the others lie beside it.

    files: on this machine, already looked at by check_local(). What comes back is JSON that nobody has checked yet.
    :raises Refused: the file's own faults; file_refused when its reader died, ran out of time or memory;
        sandbox_missing where the walls cannot be put up, and then nothing was opened.
    """
    name = files[0].name
    with tempfile.TemporaryDirectory(prefix="predig-") as folder, tempfile.TemporaryFile() as answer:
        inside = [_handed_over(file, Path(folder)) for file in files]
        job = {"task": task, "file": inside[0], "options": dict(options), "limits": asdict(limits)}
        status = _run(job, folder, answer, limits)
        if os.geteuid() == 0:
            os.chown(folder, 0, 0)
        return _believed(name, status, answer)


def _handed_over(file: Path, folder: Path) -> str:
    """A copy under a plain name: its own ending, so that parts of one Shapefile stay together."""
    name = plain_name(file.name)
    shutil.copyfile(file, folder / name)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        os.chown(folder / name, NOBODY, NOBODY)
    return name


def _run(job: Mapping[str, Any], folder: str, answer: IO[bytes], limits: Limits) -> int:
    """The exit status of the child; its answer is in the file. A child out of time is killed."""
    environment = {
        "LANG": "C.UTF-8",
        "TMPDIR": folder,
        # One thread until it has left the network, and no pools of them later.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PROJ_NETWORK": "OFF",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "ingest.sandbox.child"],
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            child.communicate(json.dumps(job).encode(), timeout=limits.wall_s)
        except subprocess.TimeoutExpired:
            child.kill()
        except BrokenPipeError:
            pass
        return child.wait()


def _believed(name: str, status: int, answer: IO[bytes]) -> Any:
    """The understood part of an answer, once the answer is one."""
    size = answer.seek(0, os.SEEK_END)
    if status == 0 and 0 < size <= MOST_ANSWER_BYTES:
        answer.seek(0)
        try:
            told = json.loads(answer.read())
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict):
            if "no_walls" in told:
                raise _no_walls()
            if "refused" in told:
                raise Refused(_faults(name, told["refused"]))
            if "understood" in told:
                return told["understood"]
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        raise Refused.because(
            "file_too_hard",
            en=f"{name} was not read within {PLAN_LIMITS.wall_s:g} s: send only the ground to be dug, or as GeoJSON",
            zh=f"{name} 未能在 {PLAN_LIMITS.wall_s:g} 秒内读完：请只提交开挖范围，或改用 GeoJSON",
        )
    raise _refused(name)


def _refused(name: str) -> Refused:
    return Refused.because(
        "file_refused",
        en=f"{name} could not be read: it is damaged, or takes more memory than a dig plan may; export it again, as "
        "GeoJSON if you can",
        zh=f"{name} 无法读取：文件可能已损坏，或所需内存超过限制；请重新导出，最好导出为 GeoJSON",
    )


def _faults(name: str, told: Any) -> list[Fault]:
    """Faults as the child tells them, if they are any."""
    found = [
        Fault(*(one[key][:_MOST_TEXT] for key in ("code", "en", "zh", "pointer")))
        for one in (told if isinstance(told, list) else [])[:_MOST_FAULTS]
        if isinstance(one, dict)
        and all(isinstance(one.get(key), str) for key in ("code", "en", "zh", "pointer"))
        and _CODE.fullmatch(one["code"])
    ]
    if not found:
        raise _refused(name)
    return found


def _no_walls() -> Refused:
    return Refused.because(
        "sandbox_missing",
        en="this system does not let Predig shut foreign files in (seccomp and Landlock are needed: Linux 5.13 or newer, "
        "and a container that allows them); send the plan as GeoJSON, or ask who runs Predig",
        zh="本系统不允许 Predig 隔离打开外来文件（需要 seccomp 与 Landlock：Linux 5.13 以上，且容器放行）；"
        "请改用 GeoJSON 提交，或联系系统管理员",
    )

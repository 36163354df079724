"""The parent of the process that opens a foreign file: gives it a folder, waits so long, believes nothing it says."""

import json
import mmap
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from ingest.files.jsontext import read_json
from ingest.files.layers import MOST_CHOICES, MOST_OF_A_CHOICE
from ingest.files.zipped import plain_name
from ingest.sandbox.readers import run
from ingest.sandbox.walls import NOBODY, Limits, can_become_nobody
from spatial.errors import Fault, Refused

PLAN_LIMITS = Limits(wall_s=9.0, cpu_s=9, memory_bytes=1_500_000_000, file_bytes=200_000_000)
"""Of a dig plan, so that every file is answered within 10 s; what is unpacked of it is at most so large."""
NETWORK_LIMITS = Limits(wall_s=600.0, cpu_s=600, memory_bytes=2_000_000_000, file_bytes=2_000_000_000)
"""Of all files of a network together."""
MOST_ANSWER_BYTES = 60_000_000
"""Of what is told in JSON: a plan of 20 MB, thrice over."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")
_MOST_FAULTS = 200
_MOST_TEXT = 2_000


def read_apart(task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits) -> Any:
    """What a task of ingest.sandbox.tasks understands of the first file; the others lie beside it.

    files: on this machine, already looked at by check_local(). What comes back is JSON that nobody has checked yet.
    :raises Refused: the file's own faults; file_refused when its reader died, ran out of time or memory;
        sandbox_missing where the walls cannot be put up, and then nothing was opened.
    """
    with opened_apart(task, files, options, limits) as (understood, _):
        return understood


@contextmanager
def opened_apart(
    task: str, files: Sequence[Path], options: Mapping[str, Any], limits: Limits
) -> Iterator[tuple[Any, memoryview]]:
    """read_apart() of a task that packs: the JSON, and the bytes behind it for as long as the block lasts."""
    name = files[0].name
    with _folder() as folder, tempfile.TemporaryFile() as answer:
        inside = [_handed_over(file, Path(folder)) for file in files]
        job = {
            "task": task,
            "folder": folder,
            "files": inside,
            "options": dict(options),
            "limits": asdict(limits),
        }
        status = run(job, answer, limits.wall_s)
        understood, at = _believed(name, status, answer, task, limits)
        # Closed with its last reader, not here: arrays may still lie in it.
        whole = mmap.mmap(answer.fileno(), 0, access=mmap.ACCESS_READ)
        yield understood, memoryview(whole)[at:]


@contextmanager
def _folder() -> Iterator[str]:
    """A folder that is gone afterwards, whatever was done in it."""
    folder = tempfile.mkdtemp(prefix="predig-")
    try:
        yield folder
    finally:
        remove_tree(Path(folder))


def remove_tree(folder: Path) -> None:
    """A folder of anybody's making: closed to its owner, or nested deeper than a path can name and recursion goes.

    What lies in folders of it is brought up to it first. Nobody may be at work in it any more."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        place.chmod(0o700)
        for inner in list(os.scandir(place)):
            if inner.is_dir(follow_symlinks=False):
                os.chmod(inner.path, 0o700)  # else it cannot be moved
                higher = folder / token_hex(16)
                os.rename(inner.path, higher)
                waiting.append(higher)
            else:
                os.unlink(inner.path)
        if place != folder:
            place.rmdir()
    folder.rmdir()


def _handed_over(file: Path, folder: Path) -> str:
    """A copy under a plain name: its own ending, so that parts of one Shapefile stay together."""
    name = plain_name(file.name)
    shutil.copyfile(file, folder / name)
    if can_become_nobody():
        os.chown(folder, NOBODY, NOBODY)
        os.chown(folder / name, NOBODY, NOBODY)
    return name


def _believed(name: str, status: int, answer: IO[bytes], task: str, limits: Limits) -> tuple[Any, int]:
    """The understood part of an answer, once the answer is one, and where its line ends."""
    if status == 0:
        answer.seek(0)
        line = answer.readline(MOST_ANSWER_BYTES)
        try:
            # A network's holds its cells, more than any plan's; they are looked at one by one.
            told = read_json(line) if task == "plan" else json.loads(line)
        except (Refused, ValueError, RecursionError):
            told = None
        if isinstance(told, dict):
            if "no_walls" in told:
                raise _no_walls(task)
            if "refused" in told:
                raise Refused(_faults(name, told["refused"], task, limits))
            if "understood" in told:
                return told["understood"], len(line)
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        instead = _INSTEAD.get(task, _INSTEAD["network"])
        raise Refused.because(
            "file_too_hard",
            en=f"{name} was not read within {limits.wall_s:g} s: {instead[0]}",
            zh=f"{name} 未能在 {limits.wall_s:g} 秒内读完：{instead[1]}",
        )
    raise could_not_be_read(name, task, limits)


_INSTEAD = {
    "plan": ("send only the ground to be dug, or as GeoJSON", "请只提交开挖范围，或改用 GeoJSON"),
    "network": ("split it, or send it as GeoPackage", "请拆分文件，或改用 GeoPackage"),
}


def could_not_be_read(name: str, task: str, limits: Limits) -> Refused:
    """Whatever it was that its reader died of."""
    kind = "GeoPackage" if task == "network" else "GeoJSON"
    return Refused.because(
        "file_refused",
        en=f"{name} could not be read: it is damaged, or takes more than {limits.memory_bytes / 1e9:g} GB of memory; export it "
        f"again, as {kind} if you can",
        zh=f"{name} 无法读取：文件可能已损坏，或所需内存超过 {limits.memory_bytes / 1e9:g} GB；请重新导出，最好导出为 {kind}",
    )


def _faults(name: str, told: Any, task: str, limits: Limits) -> list[Fault]:
    """Faults as the child tells them, if they are any."""
    found = [
        Fault(
            *(one[key][:_MOST_TEXT] for key in ("code", "en", "zh", "pointer")), _choices(one.get("choices"))
        )
        for one in (told if isinstance(told, list) else [])[:_MOST_FAULTS]
        if isinstance(one, dict)
        and all(isinstance(one.get(key), str) for key in ("code", "en", "zh", "pointer"))
        and _CODE.fullmatch(one["code"])
    ]
    if not found:
        raise could_not_be_read(name, task, limits)
    return found


def _choices(told: Any) -> tuple[str, ...]:
    names = told if isinstance(told, list) else []
    return tuple(name[:MOST_OF_A_CHOICE] for name in names[:MOST_CHOICES] if isinstance(name, str))


def _no_walls(task: str) -> Refused:
    instead = _WITHOUT_WALLS.get(task, _WITHOUT_WALLS["network"])
    return Refused.because(
        "sandbox_missing",
        en="this system does not let Predig shut foreign files in (seccomp and Landlock are needed: Linux 5.13 or newer, "
        f"and a container that allows them); {instead[0]}, or ask who runs Predig",
        zh="本系统不允许 Predig 隔离打开外来文件（需要 seccomp 与 Landlock：Linux 5.13 以上，且容器放行）；"
        f"请{instead[1]}，或联系系统管理员",
    )


_WITHOUT_WALLS = {
    "plan": ("send the plan as GeoJSON", "改用 GeoJSON 提交"),
    "network": ("have it imported with `predig network import`", "用 predig network import 导入"),
}

"""Readers and the process they are forked from: what it is, and what becomes of each when another of them dies."""

import ctypes
import os
import platform
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.sandbox import readers
from ingest.sandbox.apart import PLAN_LIMITS, read_apart
from ingest.sandbox.turns import NICENESS, TURN_NS, SchedAttr
from spatial.errors import Refused
from tests.attack.seeds import xlsx
from tests.ingest.dock import codes
from tests.ingest.drawn import drawing, saved
from tests.support.processes import readers_of, template_of
from tests.support.served import until

READ: dict[str, Any] = {
    "encoding": None,
    "layers": [],
    "units": None,
    "points_are": None,
    "local": False,
}
PLACE = (
    "<kml><Placemark><name>{}</name><Point><coordinates>101.7,36.6</coordinates></Point></Placemark></kml>"
)


@pytest.fixture
def fresh() -> None:
    """No template is there yet."""
    readers._template.end()


def kml(folder: Path, name: str) -> Path:
    path = folder / f"{name}.kml"
    path.write_text(PLACE.format(name))
    return path


def understood(path: Path) -> str:
    features = read_apart("plan", [path], READ, replace(PLAN_LIMITS, wall_s=60.0))["features"]
    return str(features[0]["properties"].get("name"))


def slow(folder: Path) -> Path:
    """A drawing whose reader is at work for a while."""
    document = drawing()
    space = document.modelspace()
    for at in range(4_000):
        space.add_lwpolyline([(at, 0), (at + 1, 0), (at, 1)], close=True)
    return saved(document, folder / "slow.dxf")


def test_each_reader_answers_its_own_question(tmp_path: Path, fresh: None) -> None:
    paths = [kml(tmp_path, f"site {number}") for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(understood, paths)) == [path.stem for path in paths]
    assert readers_of() == [] and len(template_of()) == 1


def test_what_readers_are_forked_from_has_one_thread_and_comes_last(tmp_path: Path, fresh: None) -> None:
    """Whatever it had to load for the kinds of file it has seen; a fork of several threads may wait for ever."""
    (tmp_path / "plan.xlsx").write_bytes(xlsx())
    (tmp_path / "plan.gpkg").write_bytes(b"none")
    for path in (tmp_path / "plan.xlsx", tmp_path / "plan.gpkg", saved(drawing(), tmp_path / "plan.dxf")):
        with suppress(Refused):
            understood(path)
    (template,) = template_of()
    status = Path(f"/proc/{template}/status").read_text()
    assert "Threads:\t1\n" in status
    assert os.getpriority(os.PRIO_PROCESS, template) >= NICENESS
    group = Path(f"/proc/{template}/autogroup")
    if group.exists():
        assert group.read_text().rstrip().endswith(f"nice {NICENESS}")
    assert turn_ns(template) in (0, TURN_NS), "0: Linux before 6.12 does not tell"


def turn_ns(pid: int) -> int:
    told = SchedAttr(ctypes.sizeof(SchedAttr))
    number = {"x86_64": 315, "aarch64": 275}[platform.machine()]
    assert ctypes.CDLL(None).syscall(number, pid, ctypes.byref(told), ctypes.sizeof(told), 0) == 0
    return int(told.runtime)


def test_a_reader_that_is_killed_harms_no_other(tmp_path: Path, fresh: None) -> None:
    path, after = slow(tmp_path), kml(tmp_path, "after")
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(understood, path)
        (reader,) = until(readers_of, every_s=0.005)
        assert understood(after) == "after"
        os.kill(reader, signal.SIGSEGV)
        with pytest.raises(Refused) as caught:
            reading.result()
    assert codes(caught.value) == {"file_refused"}
    assert understood(after) == "after"


def test_when_the_template_dies_its_readers_do_and_the_next_file_has_another(
    tmp_path: Path, fresh: None
) -> None:
    path, after = slow(tmp_path), kml(tmp_path, "after")
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(understood, path)
        (reader,) = until(readers_of, every_s=0.005)
        (template,) = template_of()
        os.kill(template, signal.SIGKILL)
        with pytest.raises(Refused) as caught:
            reading.result()
    assert codes(caught.value) == {"file_refused"}
    until(lambda: not Path(f"/proc/{reader}").exists())
    assert understood(after) == "after" and template_of() != [template]


def test_nobody_reads_on_for_a_process_that_is_gone(tmp_path: Path) -> None:
    path = slow(tmp_path)
    program = (
        "import sys; from pathlib import Path; from ingest.sandbox.apart import *; "
        f"read_apart('plan', [Path(sys.argv[1])], {READ!r}, PLAN_LIMITS)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)]) as process:
        (reader,) = until(lambda: readers_of(process.pid), every_s=0.005)
        (template,) = template_of(process.pid)
        process.kill()
    until(lambda: not Path(f"/proc/{reader}").exists() and not Path(f"/proc/{template}").exists())


def test_a_forked_process_has_readers_of_its_own(tmp_path: Path, fresh: None) -> None:
    path = kml(tmp_path, "both")
    assert understood(path) == "both"
    pid = os.fork()
    if pid == 0:
        status = 1
        with suppress(BaseException):
            status = 0 if understood(path) == "both" and len(template_of()) == 1 else 2
            readers._template.end()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert understood(path) == "both"

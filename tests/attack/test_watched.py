"""U4 and U5 at the level of system calls: no reader so much as tries to reach a network, or to touch a file elsewhere."""

import re
import sys
from pathlib import Path

import pytest

from ingest import Reading
from ingest.plans.sites import plan_document
from ingest.sandbox import readers as sandbox
from spatial.errors import Refused
from tests.attack.corpus import Hostile, corpus
from tests.attack.siege import trapped
from tests.attack.strace import FILES, NETWORK, PROCESSES, calls, of_readers
from tests.support.served import until

WATCHED = (
    "U4 a virtual file over an address as csv",
    "U4 a virtual file over an address in a zip",
    "U4 a feature service as gpx",
    "U5 a schema elsewhere",
    "U5 a virtual shape in a database",
    "U5 in a .prj: a grid at an address",
    "U6 a reference to an address",
)
"""One of each reader; `make attack` watches what succeeds of all of them."""


def test_no_reader_tries_to_reach_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """strace sees a call before any filter does, so what is forbidden shows as well."""
    log, program = tmp_path / "log", tmp_path / "python"
    traced = f"trace={','.join((*NETWORK, *FILES, *PROCESSES))}"
    program.write_text(f'#!/bin/sh\nexec strace -D -f -qq -A -o {log} -e {traced} {sys.executable} "$@"\n')
    program.chmod(0o755)
    with trapped(tmp_path) as (trap, came):
        files = {hostile.name: hostile for hostile in corpus(trap)}
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setattr(sandbox, "_template", template := sandbox._Template())
        for name in WATCHED:
            _read(files[name], tmp_path)
        template.end()
        until(lambda: len({call.pid for call in of_readers(calls(log))}) >= len(WATCHED))
    readers = of_readers(calls(log))
    after = [call for call in readers if call.name in FILES]
    assert after
    # The C library looks for a local service of names before any wall is up.
    assert [call for call in readers if call.name in NETWORK and "AF_UNIX" not in call.rest] == []
    assert came == []
    assert [call for call in readers if call.name in ("execve", "execveat", "fork", "vfork")] == []
    assert [call for call in readers if str(trap.canary) in call.rest] == []
    assert [
        call
        for call in after
        if _writes(call.rest) and "/predig-" not in call.rest and _is_absolute(call.rest)
    ] == []


def _read(hostile: Hostile, folder: Path) -> None:
    path = folder / hostile.file
    path.write_bytes(hostile.make())
    try:
        plan_document(path, hostile.asked.get("crs"), Reading(), hostile.asked.get("points_are"))
    except Refused as refused:
        assert refused.faults[0].code in hostile.codes, hostile.name


def _writes(rest: str) -> bool:
    return bool(re.search(r"O_(WRONLY|RDWR|CREAT)", rest)) or not re.search(r"O_RDONLY|O_PATH", rest)


def _is_absolute(rest: str) -> bool:
    found = re.search(r'"(/[^"]*)"', rest)
    return found is not None and not found[1].startswith(("/dev/null", "/dev/shm"))

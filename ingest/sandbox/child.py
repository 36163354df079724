"""The process that opens one foreign file, forked from ingest.sandbox.template.

stdin: the job as JSON; stdout: what was understood, or why the file is refused, as one line of JSON, and behind it what a
task has packed (ingest.sandbox.wire). Walls go up before the file is looked at; what the readers need is loaded before, since afterwards little can be.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.sandbox import walls
from ingest.sandbox.tasks import TASKS
from ingest.sandbox.wire import Packed
from spatial.errors import Refused


def read_one(parent: int) -> None:
    """The process's whole work. parent: with which it dies."""
    with open(0, "rb", closefd=False) as asked:
        job = json.load(asked)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints goes nowhere: openpyxl tells of some damage by print(), which would spoil the answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    folder = Path(job["folder"])
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    walls.limit(walls.Limits(**job["limits"]))
    apart = walls.leave_the_network()
    nobody = False
    try:
        nobody = walls.become_nobody()
        walls.die_with(parent)
        walls.keep_to(folder)
        walls.forbid_system_calls()
    except walls.NoWalls as error:
        answer: dict[str, Any] = {"no_walls": str(error.strerror or error)}
    else:
        answer = {"walls": {"network_namespace": apart, "nobody": nobody}}
        try:
            answer["understood"] = TASKS[job["task"]]([Path(file) for file in job["files"]], job["options"])
        except Refused as found:
            answer["refused"] = [fault.record() for fault in found.faults]
    understood = answer.get("understood")
    behind: Iterable[bytes] = ()
    if isinstance(understood, Packed):
        answer["understood"], behind = understood.head, understood.behind
    out.write(json.dumps(answer, ensure_ascii=True).encode() + b"\n")
    for block in behind:
        out.write(block)
    out.close()

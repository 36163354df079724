"""The process that opens one foreign file: `python -I -B -m ingest.sandbox.child`, in the job's folder.

stdin: the job as JSON; stdout: what was understood, or why the file is refused, as one line of JSON, and behind it what a
task has packed (ingest.sandbox.wire). Walls go up before the file is looked at; what the readers need is loaded before, since afterwards little can be.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.sandbox import walls

if TYPE_CHECKING:
    from ingest.sandbox.tasks import Task


def main() -> None:
    job = json.load(sys.stdin)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints goes nowhere: openpyxl tells of some damage by print(), which would spoil the answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    walls.limit(walls.Limits(**job["limits"]))
    apart = walls.leave_the_network()
    files = list(map(Path, job["files"]))
    tasks, refused, packed = _load(files)
    folder, nobody = Path.cwd(), False
    try:
        nobody = walls.become_nobody()
        walls.die_with(job["parent"])
        walls.keep_to(folder)
        walls.forbid_system_calls()
    except walls.NoWalls as error:
        answer: dict[str, Any] = {"no_walls": str(error.strerror or error)}
    else:
        answer = {"walls": {"network_namespace": apart, "nobody": nobody}}
        try:
            answer["understood"] = tasks[job["task"]](files, job["options"])
        except refused as found:
            answer["refused"] = [
                {"code": fault.code, "en": fault.en, "zh": fault.zh, "pointer": fault.pointer}
                for fault in found.faults
            ]
    understood = answer.get("understood")
    behind: Iterable[bytes] = ()
    if isinstance(understood, packed):
        answer["understood"], behind = understood.head, understood.behind
    out.write(json.dumps(answer, ensure_ascii=True).encode() + b"\n")
    for block in behind:
        out.write(block)
    out.close()


def _load(files: Sequence[Path]) -> tuple[Mapping[str, "Task"], type[Any], type[Any]]:
    """The readers with all they need. Not at the top of this file: they start threads, and a process with threads
    cannot leave the network."""
    from ingest.sandbox.tasks import TASKS, warm_up
    from ingest.sandbox.wire import Packed
    from spatial.errors import Refused

    warm_up(files)
    return TASKS, Refused, Packed


if __name__ == "__main__":
    main()

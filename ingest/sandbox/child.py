"""The process that opens one foreign file: `python -I -m ingest.sandbox.child`, in the job's folder.

stdin: the job as JSON; stdout: what was understood, or why the file is refused, as JSON. Walls go up before the file
is looked at; what the readers need is loaded before, since afterwards little can be.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.sandbox import walls

if TYPE_CHECKING:
    from ingest.sandbox.tasks import Task


def main() -> None:
    job = json.load(sys.stdin)
    walls.limit(walls.Limits(**job["limits"]))
    apart = walls.leave_the_network()
    tasks, refused = _load(Path(job["file"]))
    nobody = walls.become_nobody()
    folder = Path.cwd()
    try:
        walls.keep_to(folder)
        walls.forbid_system_calls()
    except walls.NoWalls as error:
        answer: dict[str, Any] = {"no_walls": str(error.strerror or error)}
    else:
        answer = {"walls": {"network_namespace": apart, "nobody": nobody}}
        try:
            answer["understood"] = tasks[job["task"]](Path(job["file"]), job["options"])
        except refused as found:
            answer["refused"] = [
                {"code": fault.code, "en": fault.en, "zh": fault.zh, "pointer": fault.pointer}
                for fault in found.faults
            ]
    json.dump(answer, sys.stdout, ensure_ascii=True)


def _load(file: Path) -> tuple[Mapping[str, "Task"], type[Any]]:
    """The readers with all they need. Not at the top of this file: they start threads, and a process with threads
    cannot leave the network."""
    from ingest.sandbox.tasks import TASKS, warm_up
    from spatial.errors import Refused

    warm_up(file)
    return TASKS, Refused


if __name__ == "__main__":
    main()

"""What the command line prints: JSON lines for machines, tables for people, faults on stderr."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.register import Progress as Report
from spatial.errors import Fault, Language


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command speaks. as_json: stdout carries JSON lines and nothing else."""

    as_json: bool
    language: Language

    def both(self, zh: str, en: str) -> str:
        """The sentence in the reader's language."""
        return zh if self.language == "zh" else en

    def record(self, record: dict[str, Any], drawn: RenderableType) -> None:
        """One result: a JSON line, or its drawing."""
        if self.as_json:
            sys.stdout.write(json.dumps(record, ensure_ascii=False, default=str, allow_nan=False) + "\n")
            sys.stdout.flush()
        else:
            _console().print(drawn)

    def note(self, zh: str, en: str) -> None:
        """A warning or remark, on stderr."""
        print(self.both(zh, en), file=sys.stderr)

    def faults(self, faults: tuple[Fault, ...]) -> None:
        """Every fault, a line each, on stderr; as JSON lines too when machines listen."""
        for fault in faults:
            if self.as_json:
                line = {"code": fault.code, "pointer": fault.pointer, "en": fault.en, "zh": fault.zh}
                print(json.dumps({"fault": line}, ensure_ascii=False), file=sys.stderr)
            else:
                print(f"predig: {fault.text(self.language)}", file=sys.stderr)

    @contextmanager
    def progress(self, zh: str, en: str) -> Iterator[Report | None]:
        """A bar on stderr when it is a terminal, else nothing."""
        if not sys.stderr.isatty():
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.both(zh, en), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _console() -> Console:
    """Wide enough for a table when nobody's terminal sets the width."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=150)

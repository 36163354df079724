"""What the command line prints: JSON lines for machines, tables for people, faults on stderr."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from api.register import Progress as Report
from maps.plain import plain
from spatial.errors import Fault, Language, Refused

WIDTH_WITHOUT_TERMINAL = 150

_ODD_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Allowed in JSON as they are, but some readers break lines at them, some terminals obey them, and no
encoding has the halves of pairs."""


class Failed(Exception):
    """The command has said what is wrong, and exits 1: a replay that differs, a permit that cannot be judged."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command speaks. as_json: stdout carries JSON lines and nothing else."""

    as_json: bool
    language: Language

    def both(self, zh: str, en: str) -> str:
        """The sentence in the reader's language."""
        return zh if self.language == "zh" else en

    def record(self, record: dict[str, Any], drawn: RenderableType) -> None:
        """One result: a JSON line, or its drawing. A string is drawn as the text it is, line by line."""
        if self.as_json:
            sys.stdout.write(json_line(record) + "\n")
            sys.stdout.flush()
            return
        if isinstance(drawn, str):
            drawn = Text("\n".join(plain(line) for line in drawn.split("\n")))
        _console().print(drawn, soft_wrap=isinstance(drawn, Text))

    def note(self, zh: str, en: str) -> None:
        """A warning or remark, on stderr."""
        print(plain(self.both(zh, en)), file=sys.stderr)

    def faults(self, faults: tuple[Fault, ...]) -> None:
        """Every fault, a line each, on stderr; as JSON lines when machines listen."""
        for fault in faults:
            if self.as_json:
                print(json_line({"fault": fault.record()}), file=sys.stderr)
            else:
                print(f"predig: {plain(fault.text(self.language))}", file=sys.stderr)

    @contextmanager
    def progress(self, zh: str, en: str) -> Iterator[Report | None]:
        """A bar on stderr when it is a terminal, else nothing. Once all is counted a second one moves until the end."""
        if not sys.stderr.isatty():
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.both(zh, en), total=None)

            def report(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)
                if bar.finished:  # what follows cannot be counted, but must not look dead
                    bar.add_task(self.both("处理结果", "working on it"), total=None)

            yield report


def write_file(path: Path, text: str) -> None:
    """:raises Refused: `file_not_written`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Refused.because(
            "file_not_written",
            en=f"{str(path)!r} cannot be written ({error.strerror}): name another file with --out",
            zh=f"无法写入 {str(path)!r}（{error.strerror}）：请用 --out 指定其他文件",
        ) from error


def speak_plainly(as_json: bool) -> None:
    """JSON is UTF-8 whatever the locale; a character that the terminal cannot show must not end a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            if as_json:
                stream.reconfigure(encoding="utf-8")


def json_line(record: dict[str, Any]) -> str:
    """The record as JSON without any line break, control or unpaired surrogate as such."""
    text = json.dumps(record, ensure_ascii=False, default=str, allow_nan=False)
    return _ODD_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _console() -> Console:
    """Wide enough for a table when nobody's terminal sets the width."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)

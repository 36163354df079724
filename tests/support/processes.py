"""Processes of ours, found from outside."""

import os
from contextlib import suppress
from pathlib import Path


def template_of(pid: int | None = None) -> list[int]:
    """The process a process has its readers forked from, if it has one yet. pid: by default this one."""
    return [
        child for child in _children(pid or os.getpid()) if b"ingest.sandbox.template" in command_line(child)
    ]


def readers_of(pid: int | None = None) -> list[int]:
    """Those that open a foreign file for a process just now."""
    return [reader for template in template_of(pid) for reader in _children(template)]


WORKS = ("server", "heavy", "worker")
"""What the children of a `predig up` can be."""


def children_of(supervisor: int, work: str) -> list[int]:
    """Those of a `predig up` that are `work` just now, or the `template` they were forked from."""
    templates = [pid for pid in _children(supervisor) if b"api.serve.template" in command_line(pid)]
    if work == "template":
        return templates
    return [pid for template in templates for pid in _children(template) if _name(pid) == f"predig {work}"]


def at_work(supervisor: int) -> list[int]:
    """Every child of a `predig up`: the servers at the door, the heavy one, the worker."""
    return [pid for work in WORKS for pid in children_of(supervisor, work)]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _children(pid: int) -> list[int]:
    """Of all its threads, since any may have started a child."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found

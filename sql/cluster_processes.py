"""Which processes of the system are the PostgreSQL of one data directory, as far as /proc can tell."""

import os
import re
from contextlib import suppress
from pathlib import Path

from sql.cluster_home import Account


def pid_line(data: Path, number: int) -> str | None:
    """A line of postmaster.pid, counted from 1."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None
    return lines[number - 1].strip() if len(lines) >= number else None


def postmaster(data: Path) -> int | None:
    """The process number of the live server of this very data directory, else None."""
    said = pid_line(data, 1)
    if said is None or not re.fullmatch(r"[1-9][0-9]*", said):
        return None
    return int(said) if _works_in(int(said), data) else None


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is PostgreSQL working in `data`: a number alone may belong to anything by now."""
    try:
        name, _, rest = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
        )
        alive = rest.split()[0] not in "ZX"  # not a zombie nobody has waited for
        return alive and "(postgres" in name and os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        return False


def processes_in(data: Path, account: Account) -> list[int]:
    """Every PostgreSQL process of the account that works in `data`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if entry.stat().st_uid == account.uid and _works_in(int(entry.name), data):
                    found.append(int(entry.name))
    return found

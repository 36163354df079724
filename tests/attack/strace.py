"""What a program asks of the system, as strace sees it."""

import re
from dataclasses import dataclass
from pathlib import Path

REACHING = ("connect", "sendto", "sendmsg", "sendmmsg")
NETWORK = ("socket", "connect", "bind", "listen", "sendto", "sendmsg", "sendmmsg", "io_uring_setup")
FILES = ("open", "openat", "openat2", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat",
         "symlink", "symlinkat", "truncate", "unlink", "unlinkat", "rmdir", "mknod", "mknodat")  # fmt: skip
PROCESSES = ("execve", "execveat", "clone", "clone3", "fork", "vfork")

_CALL = re.compile(r"(?P<pid>\d+)\s+(?P<name>\w+)\((?P<rest>.*)")
_STARTED = re.compile(r"=\s(\d+)$")


@dataclass(frozen=True, slots=True)
class Call:
    pid: int
    name: str
    rest: str


def calls(log: Path) -> list[Call]:
    """Each call with its arguments and what came of it; one that was interrupted counts where it began."""
    found = (_CALL.match(line) for line in log.read_text(encoding="utf-8", errors="replace").splitlines())
    return [Call(int(one["pid"]), one["name"], one["rest"]) for one in found if one]


def of_readers(asked: list[Call]) -> list[Call]:
    """Those of the processes that open foreign files, and of their threads. A reader's may stand before its beginning, which
    is told once its template runs again."""
    begun = [
        (call.pid, int(started[1]))
        for call in asked
        if call.name in PROCESSES and (started := _STARTED.search(call.rest))
    ]
    templates = {call.pid for call in asked if call.name == "execve" and "sandbox.template" in call.rest}
    readers = {pid for parent, pid in begun if parent in templates}
    readers |= {pid for parent, pid in begun if parent in readers}
    return [call for call in asked if call.pid in readers]


def to_the_internet(asked: list[Call], own_port: int | None = None) -> list[Call]:
    """Calls that would reach an address of the internet, save the server's own port, at which its supervisor looks."""
    reaching = [call for call in asked if call.name in REACHING and re.search(r"AF_INET6?\b", call.rest)]
    return [call for call in reaching if f"htons({own_port})" not in call.rest]

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
    """Those of the processes that open foreign files, and of their threads."""
    readers: set[int] = set()
    found = []
    for call in asked:
        if call.name == "execve" and "ingest.sandbox.child" in call.rest:
            readers.add(call.pid)
        elif call.pid in readers:
            found.append(call)
            started = _STARTED.search(call.rest)
            if call.name in PROCESSES and started:
                readers.add(int(started[1]))
    return found


def to_the_internet(asked: list[Call], own_port: int | None = None) -> list[Call]:
    """Calls that would reach an address of the internet, save the server's own port, at which its supervisor looks."""
    reaching = [call for call in asked if call.name in REACHING and re.search(r"AF_INET6?\b", call.rest)]
    return [call for call in reaching if f"htons({own_port})" not in call.rest]

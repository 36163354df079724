"""Servers that run while something is measured: the real one, a bare one beside it, and what they cost."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any

from bench.doors_load import request


def peer_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "bench.doors_peer:create_peer"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning"),
    ]


def predig_command(port: int) -> list[str]:
    """The real thing, worker and all."""
    return [sys.executable, "-m", "api", "up", "--port", str(port)]


@contextmanager
def served(command: Any, environment: dict[str, str], ready: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    """A server while the block runs: (port, process ids of those that hold it)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(command(port), env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if server.poll() is not None:
                raise RuntimeError(f"{command(port)} ended with {server.returncode}")
            if _answers(port, ready):
                break
            sleep(0.1)
        else:
            raise RuntimeError(f"{command(port)} does not answer")
        yield port, _listeners(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(request("GET", path))
            return asked.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _listeners(port: int, parent: int) -> tuple[int, ...]:
    """The processes that hold the port: of a supervisor's the children where there are any."""
    family = [parent]
    for pid in family:
        for entry in os.listdir("/proc"):
            if entry.isdigit() and _parent(entry) == pid:
                family.append(int(entry))
    with open("/proc/net/tcp") as table:
        sockets = [line.split() for line in table.readlines()[1:]]
    inodes = {one[9] for one in sockets if one[3] == "0A" and int(one[1].split(":")[1], 16) == port}
    return tuple(pid for pid in family[1:] if _holds(pid, inodes)) or (parent,)


def _holds(pid: int, inodes: set[str]) -> bool:
    for number in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{number}").removeprefix("socket:[").removesuffix("]") in inodes:
                return True
    return False


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except OSError:
        return None


def cpu_s(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")

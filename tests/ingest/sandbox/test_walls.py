"""What a process behind the walls tries, and is not allowed: run in a process of its own, since walls never come down."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BEHIND = """
import ctypes, json, os, resource, socket, sys, threading
from pathlib import Path
from ingest.sandbox import walls

walls.limit(walls.Limits(wall_s=10, cpu_s=10, memory_bytes=1_500_000_000, file_bytes=1_000_000))
walls.leave_the_network()
libc = ctypes.CDLL(None, use_errno=True)
outside, port = Path(sys.argv[1]), int(sys.argv[2])
walls.become_nobody()
walls.keep_to(Path.cwd())
walls.forbid_system_calls()

def connects():
    socket.create_connection(("127.0.0.1", port), 1)

def forks():
    if os.fork() == 0:
        os._exit(0)

def calls(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def fills():
    with open("large", "wb") as file:
        for _ in range(3):
            file.write(bytes(500_000))

TRIES = {
    "connect": connects,
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "socket pair": socket.socketpair,
    "read outside": outside.read_bytes,
    "list outside": lambda: list(outside.parent.iterdir()),
    "read passwords": Path("/etc/passwd").read_bytes,
    "read the parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "write outside": lambda: outside.with_name("new").write_text("x"),
    "delete outside": outside.unlink,
    "a way out by a link": lambda: os.symlink(outside, "link"),
    "a hard link": lambda: os.link(outside, "link"),
    "rename out": lambda: os.rename("mine", outside.with_name("mine")),
    "truncate outside": lambda: os.truncate(outside, 0),
    "a pipe in the folder": lambda: os.mkfifo("pipe"),
    "run a program": lambda: os.execv("/bin/true", ["true"]),
    "fork": forks,
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "kill the parent": lambda: os.kill(os.getppid(), 0),
    "limits of the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
    "its own limits up": lambda: resource.setrlimit(resource.RLIMIT_CPU, (3600, 3600)),
    "new namespaces": lambda: calls({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000),
    "io_uring": lambda: calls(425, 8, ctypes.byref(ctypes.create_string_buffer(256))),
    "shared memory": lambda: calls({"x86_64": 29, "aarch64": 194}[os.uname().machine], 77, 4096, 0o1600),
    "too large a file": fills,
    "too much memory": lambda: bytes(2_000_000_000),
}
Path("mine").write_text("mine")
done = []
for name, attempt in TRIES.items():
    try:
        attempt()
        done.append(name)
    except (OSError, ValueError, MemoryError):
        pass
thread = threading.Thread(target=lambda: done.append("a thread"))
thread.start()
thread.join()
if Path("mine").read_text() == "mine":
    done.append("its own folder")
print(json.dumps(done))
"""


def behind_walls(folder: Path, *arguments: str) -> Any:
    ran = subprocess.run(
        [sys.executable, "-c", BEHIND, *arguments], cwd=folder, capture_output=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


def test_nothing_but_its_own_folder_and_threads_is_left(tmp_path: Path) -> None:
    folder, outside = tmp_path / "job", tmp_path / "secret"
    folder.mkdir()
    folder.chmod(0o777)
    for place in (tmp_path, *tmp_path.parents):
        # As root the process becomes nobody, who must find its folder: a job's folder lies in /tmp itself.
        if os.geteuid() == 0 and place.stat().st_uid == 0:
            place.chmod(place.stat().st_mode | 0o111)
    outside.write_text("secret")
    outside.chmod(0o666)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = behind_walls(folder, str(outside), str(server.getsockname()[1]))
        with pytest.raises(TimeoutError):
            server.accept()
    assert done == ["a thread", "its own folder"]
    assert outside.read_text() == "secret"
    assert sorted(place.name for place in tmp_path.iterdir()) == ["job", "secret"]
    assert not {"link", "pipe"} & {place.name for place in folder.iterdir()}

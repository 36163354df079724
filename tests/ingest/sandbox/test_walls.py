"""What a process behind the walls tries, and is not allowed: run in a process of its own, since walls never come down."""

import errno
import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.denied import LANDLOCK, NAMESPACES, SECCOMP, run_denied

BEHIND = """
import ctypes, errno, fcntl, json, os, resource, signal, socket, sys, termios, threading
from pathlib import Path
from ingest.sandbox import walls

def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

walls.limit(walls.Limits(wall_s=10, cpu_s=10, memory_bytes=1_500_000_000, file_bytes=1_000_000))
apart = walls.leave_the_network()
libc = ctypes.CDLL(None, use_errno=True)
outside, port = Path(sys.argv[1]), int(sys.argv[2])
walls.become_nobody()
status = Path("/proc/self/status").read_text().splitlines()
may = next(line.split()[1] for line in status if line.startswith("CapEff"))
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_syscall_resolve_num_arch.restype = ctypes.c_char_p
library = {n for n in range(3, 256) if is_open(n) and os.readlink(f"/proc/self/fd/{n}").endswith("/proj.db")}
names = {n: name.decode() for n in range(480) if (name := seccomp.seccomp_syscall_resolve_num_arch(0, n))}
named = {name: n for n, name in names.items()}
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
    "new namespaces": lambda: calls(named["unshare"], 0x10000000),
    "a process by clone": lambda: calls(named["clone"], signal.SIGCHLD, 0, 0, 0, 0),
    "a thread in namespaces of its own": lambda: calls(named["clone"], 0x00010000 | 0x20000000, 0, 0, 0, 0),
    "io_uring": lambda: calls(425, 8, ctypes.byref(ctypes.create_string_buffer(256))),
    "shared memory": lambda: calls(named["shmget"], 77, 4096, 0o1600),
    "memory as a file": lambda: os.memfd_create("x"),
    "rights outside": lambda: os.chmod(outside, 0o777),
    "rights of an open file": lambda: os.fchmod(os.open("mine", os.O_RDONLY), 0o777),
    "owner outside": lambda: os.chown(outside, os.getuid(), os.getgid()),
    "times outside": lambda: os.utime(outside, (1, 1)),
    "attributes outside": lambda: os.setxattr(outside, "user.x", b"x"),
    "whom to signal": lambda: fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid()),
    "type on a terminal": lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x"),
    "a lease": lambda: fcntl.fcntl(os.open("mine", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK),
    "too large a file": fills,
    "too much memory": lambda: bytes(2_000_000_000),
}
Path("mine").write_text("mine")
done = [name for name, given in {"capabilities": int(may, 16)}.items() if given]
done += [f"open file {n}" for n in range(3, 256) if is_open(n) and n not in library]
for n, name in names.items():
    if name not in (*walls._ALLOWED, "fcntl", "ioctl", "clone", "prlimit64"):
        if libc.syscall(n, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
            done.append(name)
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
print(json.dumps({"done": done, "apart": apart, "calls": len(names)}))
"""


def behind_walls(folder: Path, *arguments: str, denied: Sequence[str]) -> Any:
    ran = run_denied(BEHIND, *arguments, denied=denied, cwd=folder)
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


@pytest.mark.parametrize("denied", [(), NAMESPACES], ids=["alone", "in a container"])
def test_nothing_but_its_own_folder_and_threads_is_left(tmp_path: Path, denied: Sequence[str]) -> None:
    """Where namespaces are denied the other walls keep off the same."""
    folder, outside = tmp_path / "job", tmp_path / "secret"
    folder.mkdir()
    folder.chmod(0o777)
    for place in (tmp_path, *tmp_path.parents):
        # As root the process becomes nobody, who must find its folder: a job's folder lies in /tmp itself.
        if os.geteuid() == 0 and place.stat().st_uid == 0:
            place.chmod(place.stat().st_mode | 0o111)
    outside.write_text("secret")
    outside.chmod(0o666)
    before = outside.stat()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        told = behind_walls(folder, str(outside), str(server.getsockname()[1]), denied=denied)
        with pytest.raises(TimeoutError):
            server.accept()
    assert told["done"] == ["a thread", "its own folder"]
    assert told["calls"] > 300
    if denied:
        assert not told["apart"]
    assert outside.read_text() == "secret"
    after = outside.stat()
    assert (after.st_mode, after.st_uid, after.st_mtime) == (before.st_mode, before.st_uid, before.st_mtime)
    assert sorted(place.name for place in tmp_path.iterdir()) == ["job", "secret"]
    assert not {"link", "pipe"} & {place.name for place in folder.iterdir()}


READ = """
import json
from pathlib import Path
from ingest.sandbox.apart import PLAN_LIMITS, read_apart
from spatial.errors import Refused
from tests.attack.seeds import kml

plan = Path(sys.argv[1])
plan.write_bytes(kml())
try:
    read_apart("plan", [plan], json.loads(sys.argv[2]), PLAN_LIMITS)
    print("understood")
except Refused as refused:
    print(refused.faults[0].code)
"""


@pytest.mark.parametrize(
    ("denied", "error", "expected"),
    [
        (NAMESPACES, errno.EPERM, "understood"),
        (LANDLOCK, errno.ENOSYS, "sandbox_missing"),
        (LANDLOCK, errno.EOPNOTSUPP, "sandbox_missing"),
        (SECCOMP, errno.ENOSYS, "sandbox_missing"),
    ],
    ids=["no namespaces", "no Landlock", "Landlock off", "no seccomp"],
)
def test_what_a_system_does_not_allow(
    tmp_path: Path, denied: Sequence[str], error: int, expected: str
) -> None:
    options = {"encoding": None, "layers": [], "units": None, "points_are": None, "local": False}
    ran = run_denied(READ, str(tmp_path / "plan.kml"), json.dumps(options), denied=denied, error=error)
    assert ran.stdout.decode().strip() == expected, ran.stderr.decode()

"""The walls a process puts round itself before it looks at a foreign file. They hold for as long as it lives.

Two must stand, and need no privilege: seccomp (system calls that read a file, and no others) and Landlock (the job's
folder and nothing else, our own libraries to read). Namespaces and a user of its own are added where the system
allows them; containers often do not.
"""

import ctypes
import errno
import os
import resource
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
"""The user of whoever has none, on Debian and all other Linux."""
MOST_THREADS = 512

_libc = ctypes.CDLL(None, use_errno=True)


class NoWalls(OSError):
    """This system does not let a process put up a wall that must stand."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. wall_s is kept by the parent; the rest by the system."""

    wall_s: float
    cpu_s: int
    memory_bytes: int
    file_bytes: int


def limit(limits: Limits) -> None:
    """Processor time, memory, size of a file, open files; no core file, which would hold what was read."""
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


# -- namespaces and user: where the system allows it ---------------------------------------------------

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522


def leave_the_network() -> bool:
    """Into namespaces without any network, and with no other process's shared memory. Call it before a thread exists:
    a process of several cannot leave its user namespace. False where that is not allowed."""
    kinds = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWNET
    if os.geteuid() != 0:
        kinds |= _CLONE_NEWUSER
    return bool(_libc.unshare(kinds) == 0)


def become_nobody() -> bool:
    """Give up root and all capabilities for good. False where we stay who we are: we are not root, or nobody could no
    longer read our own libraries."""
    changed = can_become_nobody()
    if changed:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        # Of nobody's everywhere on this machine; of a user's own they could be any number already.
        resource.setrlimit(resource.RLIMIT_NPROC, (MOST_THREADS, MOST_THREADS))
    # Root who could not become nobody, or whoever made a user namespace, can still do anything in it.
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise NoWalls(ctypes.get_errno(), "capabilities")
    return changed


def can_become_nobody() -> bool:
    """Whether we are root, and nobody could still read our own libraries."""
    return os.geteuid() == 0 and all(map(_open_to_all, _LIBRARIES))


def _open_to_all(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def die_with(parent: int) -> None:
    """Killed by the system when the process `parent` ends, however it ends: nobody would hear us, or end us in time. After
    become_nobody(), which undoes it."""
    at_parents_death = 1
    _libc.prctl(at_parents_death, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


# -- Landlock: which files --------------------------------------------------------------------------------

_PACKAGES = Path(__file__).resolve().parents[2]
_LIBRARIES = tuple(
    dict.fromkeys(
        place
        for place in (
            Path(sys.prefix),
            Path(sys.base_prefix),
            Path("/usr"),
            Path("/lib"),
            Path("/lib64"),
            _PACKAGES / "ingest",
            _PACKAGES / "spatial",
        )
        if place.is_dir()
    )
)
"""To read, should anything still be loaded: never the folder round our packages, which may hold a password."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls, the same number on every processor."""
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_AND_REMOVE = 0x1FF0
"""REMOVE_DIR to MAKE_SYM: what the first version knows beside the four above."""
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_MAKE_NODES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""Devices, sockets, pipes, links: not even in the job's folder."""
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_SOCKETS, _SCOPE_SIGNALS = 1, 2
_RULE_PATH_BENEATH = 1
_O_PATH = 0o10000000


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def keep_to(folder: Path) -> None:
    """From now on only this folder can be written, and only it and our libraries read.

    :raises NoWalls: the kernel has no Landlock, or does not let us use it.
    """
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        raise NoWalls(ctypes.get_errno(), "Landlock")
    every = _EXECUTE | _WRITE_FILE | _READ_FILE | _READ_DIR | _MAKE_AND_REMOVE
    every |= sum(right for right, since in ((_REFER, 2), (_TRUNCATE, 3), (_IOCTL_DEV, 5)) if version >= since)
    ruleset = _Ruleset(
        every,
        _BIND_TCP | _CONNECT_TCP if version >= 4 else 0,
        _SCOPE_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        raise NoWalls(ctypes.get_errno(), "Landlock")
    own = every & ~(_EXECUTE | _IOCTL_DEV | _MAKE_NODES)
    _allow(rules, [folder], own)
    _allow(rules, _LIBRARIES, _READ_FILE | _READ_DIR)
    _forgo_privileges()
    if _libc.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0)) != 0:
        raise NoWalls(ctypes.get_errno(), "Landlock")
    os.close(rules)


def _allow(rules: int, places: Iterable[Path], rights: int) -> None:
    for place in places:
        at = os.open(place, _O_PATH | os.O_CLOEXEC)
        rule = _PathBeneath(rights, at)
        done = _libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
        os.close(at)
        if done != 0:
            raise NoWalls(ctypes.get_errno(), "Landlock")


def _forgo_privileges() -> None:
    """Nothing run from here gains a right; without this neither wall may be put up by an ordinary user."""
    no_new_privileges = 38
    if _libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        raise NoWalls(ctypes.get_errno(), "no_new_privs")


# -- seccomp: which system calls ----------------------------------------------------------------------------

_ALLOWED = (
    # what is open
    *("read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2"),
    *("lseek", "close", "close_range", "dup", "dup2", "dup3", "flock", "fsync", "fdatasync", "ftruncate"),
    *("fallocate", "fadvise64", "readahead", "copy_file_range", "sendfile", "pipe", "pipe2"),
    # files, as far as Landlock lets them be opened; none of what it lets through elsewhere (chmod, chown, utime, xattr)
    *("open", "openat", "openat2", "creat", "truncate", "umask", "getcwd", "chdir", "fchdir"),
    *(
        "stat",
        "lstat",
        "fstat",
        "newfstatat",
        "statx",
        "statfs",
        "fstatfs",
        "access",
        "faccessat",
        "faccessat2",
    ),
    *("readlink", "readlinkat", "getdents", "getdents64", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat"),
    *("rename", "renameat", "renameat2"),
    # memory
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "msync", "mincore", "membarrier"),
    # threads, waiting, time
    *("futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "arch_prctl"),
    *("sched_yield", "sched_getaffinity", "getcpu", "exit", "exit_group", "restart_syscall"),
    *("poll", "ppoll", "select", "pselect6", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres"),
    *("gettimeofday", "time", "times", "getrusage"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    # who and where it is
    *("getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid"),
    *("getresgid", "getpgrp", "getpgid", "getsid", "uname", "sysinfo", "getrlimit", "getrandom"),
)
"""What Python, GDAL, numpy, SQLite and expat may need to read a file: seen of all readers were 27 of them. By name, so that
it holds on every processor; what one of them does not know is left out."""
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)
"""Copies, flags and locks of open files; not whom to signal about them."""
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451, 0x802C542A)
"""Whether it is a terminal and how large, how much can be read, close on exec."""
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_CLONE_THREAD, _CLONE_NEW_ANYTHING = 0x00010000, 0x7E020000
_EQUAL, _MASKED_EQUAL = 4, 7
_LOW = 0xFFFFFFFF


class _Compare(ctypes.Structure):
    """An argument of a call, and what it must be: datum_a is the mask where one is compared under a mask."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


def forbid_system_calls() -> None:
    """Reading and writing what is open, memory, threads, clocks. No socket, no other program, no new process, no signal to
    another, nothing that changes the system or the rights of a file: all else fails as if the kernel did not know
    it (ENOSYS), so that the C library falls back to older calls. :raises NoWalls: libseccomp or the kernel's filters are
    missing."""
    try:
        seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError as error:
        raise NoWalls(errno.ENOENT, "libseccomp") from error
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    seccomp.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Compare)),
    ]
    rules = seccomp.seccomp_init(_ERRNO | errno.ENOSYS)
    if not rules:
        raise NoWalls(errno.ENOMEM, "seccomp")

    def allow(name: str, *compared: _Compare) -> None:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # not known to this libseccomp, or not on this processor
            return
        given = (_Compare * max(len(compared), 1))(*compared)
        if seccomp.seccomp_rule_add_array(rules, _ALLOW, number, len(compared), given) != 0:
            raise NoWalls(errno.EINVAL, f"seccomp: {name}")

    for name in _ALLOWED:
        allow(name)
    for command in _FCNTL:
        allow("fcntl", _Compare(1, _MASKED_EQUAL, _LOW, command))
    for request in _IOCTL:
        allow("ioctl", _Compare(1, _MASKED_EQUAL, _LOW, request))
    # Threads only. The flags of clone3 lie in memory, where no filter looks: without it the C library uses clone.
    allow("clone", _Compare(0, _MASKED_EQUAL, _CLONE_THREAD | _CLONE_NEW_ANYTHING, _CLONE_THREAD))
    # Its own limits, and only to look at them.
    allow("prlimit64", _Compare(0, _EQUAL, 0, 0), _Compare(2, _EQUAL, 0, 0))
    _forgo_privileges()
    if seccomp.seccomp_load(rules) != 0:
        raise NoWalls(ctypes.get_errno() or errno.EINVAL, "seccomp")

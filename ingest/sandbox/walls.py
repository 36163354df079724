"""The walls a process puts round itself before it looks at a foreign file. They hold for as long as it lives.

Two must stand, and need no privilege: seccomp (no socket, no other program, no other process) and Landlock (the job's
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


def leave_the_network() -> bool:
    """Into namespaces without any network, and with no other process's shared memory. Call it before a thread exists:
    a process of several cannot leave its user namespace. False where that is not allowed."""
    kinds = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWNET
    if os.geteuid() != 0:
        kinds |= _CLONE_NEWUSER
    return bool(_libc.unshare(kinds) == 0)


def become_nobody() -> bool:
    """Give up root for good. False where we are not root, or nobody could no longer read our own libraries."""
    if os.geteuid() != 0 or not all(map(_open_to_all, _LIBRARIES)):
        return False
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    return True


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

_FORBIDDEN = (
    # the network, and what reaches it by another road
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("sendto", "sendmsg", "sendmmsg", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    # other programs and processes
    *("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev"),
    *("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *(
        "pidfd_open",
        "pidfd_getfd",
        "pidfd_send_signal",
        "kcmp",
        "process_madvise",
        "setpriority",
        "ioprio_set",
    ),
    *("sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"),
    # the system itself
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "move_mount", "fsopen", "open_tree"),
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "open_by_handle_at"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon"),
    *("swapoff", "acct", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname"),
    *("personality", "quotactl", "ioperm", "iopl", "modify_ldt", "memfd_secret", "mknod", "mknodat"),
    *("shmget", "shmat", "msgget", "semget", "mq_open", "inotify_init1", "fanotify_init"),
)
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_CLONE_THREAD = 0x00010000
_MASKED_EQUAL, _NOT_EQUAL = 7, 1


class _Compare(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


def forbid_system_calls() -> None:
    """No socket, no other program, no new process, no signal, nothing that changes the system: each fails with EPERM.
    Threads go on working. :raises NoWalls: libseccomp or the kernel's filters are missing."""
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
    rules = seccomp.seccomp_init(_ALLOW)
    if not rules:
        raise NoWalls(errno.ENOMEM, "seccomp")

    def forbid(name: str, error: int, *compared: _Compare) -> None:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # not known to this libseccomp, or not on this processor
            return
        given = (_Compare * max(len(compared), 1))(*compared)
        if seccomp.seccomp_rule_add_array(rules, _ERRNO | error, number, len(compared), given) != 0:
            raise NoWalls(errno.EINVAL, f"seccomp: {name}")

    for name in _FORBIDDEN:
        forbid(name, errno.EPERM)
    forbid("clone", errno.EPERM, _Compare(0, _MASKED_EQUAL, _CLONE_THREAD, 0))
    # Its flags lie in memory, where no filter looks: "not known" sends the C library back to clone.
    forbid("clone3", errno.ENOSYS)
    # Of others; the C library asks for its own limits by the same call.
    forbid("prlimit64", errno.EPERM, _Compare(0, _NOT_EQUAL, 0, 0))
    _forgo_privileges()
    if seccomp.seccomp_load(rules) != 0:
        raise NoWalls(ctypes.get_errno() or errno.EINVAL, "seccomp")

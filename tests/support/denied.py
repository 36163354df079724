"""A system that does not allow everything, as containers and old kernels do not: a process of which some calls are refused."""

import ctypes
import errno
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAMESPACES = ("unshare", "setns", "mount")
"""What the default profile of Docker keeps from a container."""
LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
SECCOMP = ("seccomp",)


def deny(names: Sequence[str], error: int = errno.EPERM) -> None:
    """From now on these system calls fail in this process and its children; prctl() with PR_SET_SECCOMP goes with seccomp."""

    class Compare(ctypes.Structure):
        _fields_ = (
            ("arg", ctypes.c_uint),
            ("op", ctypes.c_int),
            ("a", ctypes.c_uint64),
            ("b", ctypes.c_uint64),
        )

    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    seccomp.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Compare)),
    ]
    rules = seccomp.seccomp_init(0x7FFF0000)
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # of Landlock, of which libseccomp knew nothing yet
            number = {
                "landlock_create_ruleset": 444,
                "landlock_add_rule": 445,
                "landlock_restrict_self": 446,
            }[name]
        assert seccomp.seccomp_rule_add_array(rules, 0x00050000 | error, number, 0, (Compare * 1)()) == 0
    if "seccomp" in names:
        number = seccomp.seccomp_syscall_resolve_name(b"prctl")
        set_seccomp = (Compare * 1)(Compare(0, 4, 22, 0))
        assert seccomp.seccomp_rule_add_array(rules, 0x00050000 | errno.EINVAL, number, 1, set_seccomp) == 0
    assert seccomp.seccomp_load(rules) == 0


def run_denied(
    script: str, *arguments: str, denied: Sequence[str] = (), error: int = errno.EPERM, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """A Python script in a process of its own for which some system calls fail."""
    root = str(Path(__file__).parents[2])
    before = f"import sys; sys.path.insert(0, {root!r})\n"
    if denied:
        before += f"from tests.support.denied import deny; deny({tuple(denied)!r}, {error})\n"
    return subprocess.run(
        [sys.executable, "-c", before + script, *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        **options,
    )

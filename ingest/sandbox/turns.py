"""Who comes last in line for a processor."""

import ctypes
import os
import platform
import time
from pathlib import Path

NICENESS = 10
"""Judging goes before reading a stranger's file, which still gets a tenth of a core that is fully used."""
TURN_NS = 6_000_000

_libc = ctypes.CDLL(None, use_errno=True)
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""The number of the system call: the C library has no name for it."""


def come_last(niceness: int = NICENESS) -> None:
    """Behind all others in line for a processor, this process and all it starts.

    Where the system groups processes by session (autogroup), niceness counts within a session only: the group's own
    counts against others."""
    _take_long_turns(os.nice(niceness))
    for _ in range(10):
        try:
            Path("/proc/self/autogroup").write_text(str(niceness))
        except (
            BlockingIOError
        ):  # of whoever is not root the system hears one such wish in a tenth of a second
            time.sleep(0.05)
        except OSError:
            return
        else:
            return


class SchedAttr(ctypes.Structure):
    """As sched_setattr(2) has it."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def _take_long_turns(niceness: int) -> None:
    """Who wakes and takes shorter turns than we then need not wait for ours to end (Linux 6.12; before, this changes nothing).

    Else he does, whatever the niceness: a turn is 0.7 to 2.8 ms, but many systems look at its end only every 4 ms."""
    wish = SchedAttr(ctypes.sizeof(SchedAttr), os.SCHED_OTHER, nice=niceness, runtime=TURN_NS)
    if number := _SCHED_SETATTR.get(platform.machine()):
        _libc.syscall(number, 0, ctypes.byref(wish), 0)

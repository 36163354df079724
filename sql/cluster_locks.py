"""Three kernel locks in the home say who uses the cluster and whether anything of it lives.

Locks of the kernel (flock), not files with process numbers: they end with their holder, even by `kill -9`,
hold across containers that share a home, and cannot be confused by a number used again.

turn.lock    exclusive, for the moments of starting and stopping
use.lock     shared, by every predig at work; a forked child shares its parent's and so counts on its own
server.lock  exclusive, inherited by the server and each of its backends: held while any of them lives
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sql.cluster_home import Account
from sql.errors import VaultUnavailable

TURN_WAIT_S = 600.0
"""The longest start there is: a long crash recovery of the process before us."""


def open_lock(home: Path, name: str, account: Account) -> int:
    """A new descriptor of the lock file, closed on exec. The caller closes it."""
    fd = os.open(home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.fstat(fd).st_uid != account.uid:
        os.fchown(fd, account.uid, account.gid)  # made by root: the owner must be able to open it too
    return fd


def try_lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


@contextmanager
def turn(home: Path, account: Account, wait_s: float = TURN_WAIT_S) -> Iterator[None]:
    """Only one process (and thread) at a time starts or stops the cluster."""
    fd = open_lock(home, "turn.lock", account)
    try:
        deadline = time.monotonic() + wait_s
        while not try_lock(fd, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise VaultUnavailable.because(
                    "database_busy",
                    en=f"another predig has been starting or stopping the database for {wait_s:.0f} s: see what it "
                    "says, end it if it hangs, then run this again",
                    zh=f"另一个 predig 启动或停止数据库已超过 {wait_s:.0f} 秒：请查看其输出，若已卡住请结束它，然后重试",
                )
            time.sleep(0.02)
        yield
    finally:
        # Said aloud, since a child forked meanwhile by another thread holds a copy of the descriptor.
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def hold_use(home: Path, account: Account) -> int:
    """Count as a user of the cluster until the descriptor is closed. Call within `turn`."""
    fd = open_lock(home, "use.lock", account)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def in_use(home: Path, account: Account) -> bool:
    """Whether any process holds `use.lock`. Call within `turn`."""
    return _is_held(home, "use.lock", account)


def anything_alive(home: Path, account: Account) -> bool:
    """Whether a server that predig started, or a backend it left behind, still lives. Call within `turn`."""
    return _is_held(home, "server.lock", account)


def _is_held(home: Path, name: str, account: Account) -> bool:
    fd = open_lock(home, name, account)
    try:
        return not try_lock(fd, fcntl.LOCK_EX)
    finally:
        os.close(fd)

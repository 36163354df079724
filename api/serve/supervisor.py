"""The supervisor: holds the database, keeps the servers and a worker alive, and ends them all in order.

It works little and holds no data, so that what may crash, may be killed without it: a child that dies is started
again on the same socket, from which the other servers take callers meanwhile; should none be left, these wait in
the kernel's queue.
"""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from api.screen import Rules
from api.serve.address import address_of, bind, bind_inside
from api.serve.child import FINISH_WITHIN_S, Order
from api.serve.children import Child, Template
from api.settings import Settings
from api.wiring import database_for_serving
from ingest import remove_tree
from spatial.errors import Refused
from sql.cluster import Cluster
from sql.errors import VaultUnavailable

ENDING = (signal.SIGTERM, signal.SIGINT)
LOOK_EVERY_S = 0.1
LOOK_AT_DATABASE_EVERY_S = 1.0
LONG_ENOUGH_S = 10.0
"""A child that lived so long is started again at once; one that keeps dying waits up to LONGEST_PAUSE_S."""
LONGEST_PAUSE_S = 5.0
MOST_SERVERS = 4
"""One interpreter uses one core; each server keeps up to 17 connections, and PostgreSQL gives out 100 as it comes."""
ENOUGH_DEATHS = 5
ONLY_THROUGH = 0o711
KILL_AFTER_S = FINISH_WITHIN_S + 3.0

Tell = Callable[[str, str], None]
"""A remark in Chinese and in English."""


def run(
    settings: Settings,
    rules: Rules,
    host: str,
    port: int,
    *,
    tell: Tell,
    ready: Callable[[str], None],
) -> bool:
    """Serve until SIGTERM or SIGINT. ready: called once with the address when the server can work.

    False: it gave up, since the server died again and again without ever having been ready.

    :raises Refused: an address that may not or cannot be used, a home or schema that cannot be used.
    :raises VaultUnavailable: the database cannot be started or reached.
    """
    ended = threading.Event()
    with _handlers_restored(), ExitStack() as stack, bind(host, port, settings.published_on) as listening:
        try:
            # While starting, either signal ends us by unwinding.
            _on_signals(signal.default_int_handler)
            url, cluster = stack.enter_context(database_for_serving(settings, rules))
        except KeyboardInterrupt:
            return True
        # From here on a signal asks for the end, and nothing cuts the end short.
        _on_signals(lambda *_: ended.set())
        if cluster is not None:
            stack.enter_context(_guarded(cluster, tell))
        folder = stack.enter_context(TemporaryDirectory(prefix="predig-figures-"))
        inside = stack.enter_context(bind_inside(folder))
        template = Template(folder)
        stack.callback(template.end)
        count = min(len(os.sched_getaffinity(0)), MOST_SERVERS)
        heavy_room, worker_room, *rooms = stack.enter_context(_rooms(count + 2))
        orders = (
            *(
                Order("server", url, rules.text, room, listening.fileno(), inside.getsockname())
                for room in rooms
            ),
            Order("heavy", url, rules.text, heavy_room, inside.fileno()),
            Order("worker", url, rules.text, worker_room),
        )
        posts = [_Post(order, template, tell) for order in orders]
        return _keep_manned(posts, (listening, inside), ended, tell, ready)


def _keep_manned(
    posts: Sequence["_Post"],
    doors: Sequence[socket.socket],
    ended: threading.Event,
    tell: Tell,
    ready: Callable[[str], None],
) -> bool:
    """doors: the one for callers, and the heavy server's."""
    address = address_of(doors[0])
    try:
        said = False
        while not ended.wait(LOOK_EVERY_S):
            for post in posts:
                post.keep_manned()
            if not said and all(map(_is_ready, doors)):
                said = True
                ready(address)
            if not said and any(post.is_hopeless for post in posts):
                tell(
                    "服务进程一再退出，已放弃：原因见以上输出",
                    "the server died again and again and is given up: why, it says above",
                )
                return False
        return True
    finally:
        # First of all, or callers would queue for a server that takes no more.
        for door in doors:
            door.close()
        for post in posts:
            post.ask_to_end()
        deadline = time.monotonic() + KILL_AFTER_S
        for post in posts:
            post.end(deadline)


@contextmanager
def _rooms(count: int) -> Iterator[list[str]]:
    """Folders for the temporary files of children. A reader of files, who is nobody, must get through to his own."""
    whole = Path(tempfile.mkdtemp(prefix="predig-rooms-"))
    whole.chmod(ONLY_THROUGH)
    try:
        yield [str(whole / str(number)) for number in range(count)]
    finally:
        with suppress(OSError):  # a reader may outlive its server by a moment
            remove_tree(whole)


def _tidy(room: Path) -> None:
    """An empty room: whoever was in it was killed, perhaps, and left what he had in hand."""
    with suppress(OSError):  # as above: what he still holds goes with the house
        if room.exists():
            remove_tree(room)
    room.mkdir(exist_ok=True)
    room.chmod(ONLY_THROUGH)


_NAMES = {
    "server": ("服务进程", "server"),
    "heavy": ("大件服务进程", "server for files and large plans"),
    "worker": ("工作进程", "worker"),
}


class _Post:
    """What one child is to be: it is started again whenever it is found dead."""

    def __init__(self, order: Order, template: Template, tell: Tell) -> None:
        self._order = order
        self._template = template
        self._tell = tell
        self._pause_s = 0.0
        self._start_at = 0.0
        self._started_at = 0.0
        self._child: Child | None = None
        self._deaths = 0

    @property
    def is_hopeless(self) -> bool:
        """Nobody can be served. A worker that keeps dying keeps nobody from asking."""
        return self._order.work != "worker" and self._deaths >= ENOUGH_DEATHS

    def keep_manned(self) -> None:
        if self._child is not None and (status := self._child.poll()) is not None:
            self._bury(status)
        if self._child is None and time.monotonic() >= self._start_at:
            self._started_at = time.monotonic()
            _tidy(Path(self._order.room))
            self._child = self._template.child(self._order)

    def _bury(self, status: int) -> None:
        self._child = None
        self._deaths += 1
        lived_s = time.monotonic() - self._started_at
        self._pause_s = 0.0 if lived_s > LONG_ENOUGH_S else min(max(self._pause_s * 2, 0.2), LONGEST_PAUSE_S)
        self._start_at = time.monotonic() + self._pause_s
        zh, en = _NAMES[self._order.work]
        self._tell(f"{zh}已退出（{status}），正在重新启动", f"the {en} ended ({status}) and is started again")

    def ask_to_end(self) -> None:
        if self._child is not None:
            self._child.ask_to_end()

    def end(self, deadline: float) -> None:
        if self._child is not None:
            self._child.end(deadline)


def _is_ready(door: socket.socket) -> bool:
    """Whether whoever answers at the door says so of /readyz. A short question: the supervisor has other things to look at."""
    with socket.socket(door.family) as asking:
        asking.settimeout(0.5)
        try:
            asking.connect(door.getsockname())  # also 0.0.0.0 and ::, which are this machine
            asking.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return asking.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


@contextmanager
def _guarded(cluster: Cluster, tell: Tell) -> Iterator[None]:
    """Start the embedded database again when it dies; a thread, since recovery may take long."""
    ended = threading.Event()

    def guard() -> None:
        while not ended.wait(LOOK_AT_DATABASE_EVERY_S):
            if cluster.is_running():
                continue
            tell("数据库已停止，正在重新启动", "the database has stopped and is started again")
            try:
                cluster.revive()
            except (Refused, VaultUnavailable, OSError, subprocess.SubprocessError) as error:
                tell(
                    f"数据库未能启动，将继续尝试：{error}", f"the database did not start, trying on: {error}"
                )

    thread = threading.Thread(target=guard, name="database guard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _handlers_restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_signals(handler: Callable[[int, FrameType | None], Any]) -> None:
    for number in ENDING:
        signal.signal(number, handler)

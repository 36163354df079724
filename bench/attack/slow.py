"""U11: uploads of a byte a second, hundreds at a time, while other people ask."""

import selectors
import socket
import statistics
import threading
import time
from dataclasses import dataclass

from bench.attack.asking import ask
from bench.attack.watch import house

CLIENTS = 500
SECONDS = 30.0
HEAD = (
    b"POST /v1/plans?name=plan.kml HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\n"
    b"Content-Length: 1000000\r\n\r\n"
)


@dataclass
class Slow:
    """p95 of enquiries in ms alone and beside so many slow uploads; answered: uploads told that they take too long."""

    clients: int = CLIENTS
    alone_ms: float = 0.0
    beside_ms: float = 0.0
    times: float = 0.0
    answered: int = 0
    refused: int = 0
    not_answered: int = 0
    ready: bool = False


def uploads() -> Slow:
    found = Slow()
    with house({}) as running:
        address = f"http://127.0.0.1:{running.port}"
        ask(address, 5.0)
        before = ask(address, SECONDS)
        over = threading.Event()
        dripping = threading.Thread(target=_drip, args=(running.port, over, found))
        dripping.start()
        time.sleep(3.0)
        beside = ask(address, SECONDS)
        found.ready = running.is_ready()
        over.set()
        dripping.join()
        after = ask(address, SECONDS / 2)
    found.not_answered = before.lost + beside.lost + after.lost
    found.alone_ms = round(statistics.mean((before.p95_ms, after.p95_ms)), 1)
    found.beside_ms = beside.p95_ms
    found.times = round(found.beside_ms / found.alone_ms, 2)
    return found


def _drip(port: int, over: threading.Event, found: Slow) -> None:
    """A byte a second on each line; one that was answered or cut is opened again."""
    with selectors.DefaultSelector() as lines:
        while not over.is_set():
            begun = time.monotonic()
            while len(lines.get_map()) < CLIENTS and not over.is_set():
                try:
                    line = socket.create_connection(("127.0.0.1", port), timeout=2.0)
                except OSError:
                    found.refused += 1
                    break
                line.sendall(HEAD)
                lines.register(line, selectors.EVENT_READ)
            for key, _ in lines.select(timeout=0):
                found.answered += _ended(key.fileobj)
                lines.unregister(key.fileobj)
            for key in list(lines.get_map().values()):
                try:
                    key.fileobj.send(b"x")
                except OSError:
                    lines.unregister(key.fileobj)
                    key.fileobj.close()
            over.wait(max(1.0 - (time.monotonic() - begun), 0.0))
        for key in list(lines.get_map().values()):
            key.fileobj.close()


def _ended(line: socket.socket) -> bool:
    """Whether the server said why."""
    with line:
        try:
            return line.recv(65_536).startswith(b"HTTP/1.1 408")
        except OSError:
            return False

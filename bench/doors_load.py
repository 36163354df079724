"""Eight clients that ask as fast as they are answered, in a process of their own.

Bare sockets kept open and requests written beforehand: what is timed is the server, hardly the client.
"""

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter, sleep
from typing import Any

CLIENTS = 8


@dataclass(frozen=True, slots=True)
class Block:
    """Requests for one server, to be sent by CLIENTS clients at once. port: on 127.0.0.1. pause_s: of each client
    after each answer."""

    port: int
    requests: tuple[bytes, ...]
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """seconds: of each request, in the order of the block; statuses: how often each HTTP status came;
    bodies: the first few answers; wall_s: of the whole block."""

    seconds: tuple[float, ...]
    statuses: dict[int, int]
    bodies: tuple[bytes, ...]
    wall_s: float


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """One HTTP request as it goes over the wire."""
    about = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    if body:
        about += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return about.encode() + b"\r\n" + body


def answer_blocks(orders: Connection) -> None:
    """Send every Block that comes, give its Measured back; None ends it. Runs in the clients' process."""
    while (block := orders.recv()) is not None:
        # Connected anew for each block: while others are asked, a server gives up connections that are silent.
        clients = [_Client(block.port) for _ in range(CLIENTS)]
        orders.send(_send(clients, block))
        for client in clients:
            client.close()


def _send(clients: Sequence["_Client"], block: Block) -> Measured:
    requests = block.requests
    answers: list[Any] = [None] * len(requests)
    failures: list[BaseException] = []
    begin = threading.Barrier(len(clients) + 1)

    def run(number: int) -> None:
        client = clients[number]
        begin.wait()
        try:
            for at in range(number, len(requests), len(clients)):
                start = perf_counter()
                status, body = client.ask(requests[at])
                answers[at] = (perf_counter() - start, status, body if at < CLIENTS else b"")
                if block.pause_s:
                    sleep(block.pause_s)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    begin.wait()
    start = perf_counter()
    for thread in threads:
        thread.join()
    wall_s = perf_counter() - start
    if failures:
        raise failures[0]
    statuses: dict[int, int] = {}
    for _, status, _ in answers:
        statuses[status] = statuses.get(status, 0) + 1
    return Measured(
        tuple(seconds for seconds, _, _ in answers),
        statuses,
        tuple(body for _, _, body in answers if body),
        wall_s,
    )


class _Client:
    """One connection that stays open for a block."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, message: bytes) -> tuple[int, bytes]:
        """(status, body). An answer must state its length."""
        self._socket.sendall(message)
        got = self._socket.recv(1 << 18)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        head = got[:end].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(got) < end + 4 + length:
            got += self._more()
        return int(got[9:12]), got[end + 4 :]

    def _more(self) -> bytes:
        got = self._socket.recv(1 << 18)
        if not got:
            raise ConnectionError("the server closed the connection within an answer")
        return got

    def close(self) -> None:
        self._socket.close()

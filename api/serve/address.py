"""Where the server may listen: on this machine only, until there are accounts."""

import errno
import socket
import time
from ipaddress import ip_address

from spatial.errors import Refused

BACKLOG = 1024
WAIT_FOR_PORT_S = 1.0
"""The children of a supervisor that was killed a moment ago are just giving the port back."""


def bind(host: str, port: int, published_on: str | None) -> socket.socket:
    """A listening socket. port 0: any free one.

    :raises Refused: not a loopback address, a port that is taken or not allowed.
    """
    _check(host, published_on)
    if not 0 <= port <= 65_535:
        raise Refused.because(
            "port_unreadable",
            en=f"--port {port} is no port: use 0 to 65535 (0 takes any free one)",
            zh=f"--port {port} 不是端口号：应为 0 到 65535（0 表示任意空闲端口）",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + WAIT_FOR_PORT_S
    while True:
        try:
            listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise _not_bound(host, port, error) from error
        # Accepted connections inherit it; without it each answer in two packets waits 40 ms for the other side.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening


def bind_inside(folder: str) -> socket.socket:
    """A listening socket that only who may enter the folder can reach; its name is its path."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{folder}/heavy")
    listening.listen(BACKLOG)
    return listening


def address_of(listening: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(host: str, published_on: str | None) -> None:
    if published_on is not None and not is_loopback(published_on):
        raise Refused.because(
            "published_not_loopback",
            en=f"PREDIG_PUBLISHED_ON {published_on!r} is no loopback address: there are no accounts yet, so the port of "
            "the container may be published on 127.0.0.1 only",
            zh=f"PREDIG_PUBLISHED_ON {published_on!r} 不是本机回环地址：目前没有账户，容器端口只能发布在 127.0.0.1 上",
        )
    if not is_loopback(host) and published_on is None:
        raise Refused.because(
            "host_not_loopback",
            en=f"--host {host} can be reached by others, and there are no accounts yet: listen on 127.0.0.1 (in a "
            "container whose port is published on 127.0.0.1 only, say so with PREDIG_PUBLISHED_ON=127.0.0.1)",
            zh=f"--host {host} 可被他人访问，而目前没有账户：请监听 127.0.0.1（若在容器中且端口仅发布在 127.0.0.1，"
            "请设置 PREDIG_PUBLISHED_ON=127.0.0.1）",
        )


def _not_bound(host: str, port: int, error: OSError) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return Refused.because(
            "port_taken",
            en=f"port {port} of {host} is taken, perhaps by another `predig up`: end that one, or choose another --port",
            zh=f"{host} 的端口 {port} 已被占用，可能是另一个 predig up：请先结束它，或用 --port 换一个端口",
        )
    return Refused.because(
        "address_not_usable",
        en=f"cannot listen on {host} port {port} ({error.strerror}): choose another --host or --port",
        zh=f"无法监听 {host} 端口 {port}（{error.strerror}）：请更换 --host 或 --port",
    )

"""Where bulk work is done: here, or on the workers of a Dask scheduler that somebody else runs.

Dask sends pickles, and whoever can reach a scheduler can run code as its workers and read what is sent, which is
the network of pipes. So only the address the user names is ever connected to; without TLS it must be on this machine.
Keys and certificates of tls:// are those of Dask's own configuration (distributed.comm.tls).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from spatial.errors import Refused

Work = TypeVar("Work")
Done = TypeVar("Done")
Engine = Callable[[Callable[[Work], Done], Iterator[tuple[int, Work]]], Iterator[tuple[int, Done]]]
"""Does each numbered piece of work, and gives the results as they come, in any order. Work is asked for when there is
room for it, and not before: a few pieces are in memory at a time."""

AHEAD = 2
"""Pieces of work a worker has before it: one to do, one at hand when that is done."""


def here(do: Callable[[Work], Done], works: Iterator[tuple[int, Work]]) -> Iterator[tuple[int, Done]]:
    """One after another, in this process."""
    return ((number, do(work)) for number, work in works)


@contextmanager
def engine_at(address: str | None) -> Iterator[Engine]:
    """The engine an address names: None is here.

    :raises Refused: an address that is none or that leaves this machine without TLS, Dask not installed, nobody there.
    """
    if address is None:
        yield here
        return
    reached = scheduler_address(address)
    try:
        from distributed import Client
    except ImportError:
        raise Refused.because(
            "engine_missing",
            en="Dask is not installed: `pip install 'predig[dask]'`",
            zh="未安装 Dask：pip install 'predig[dask]'",
        ) from None
    try:
        client = Client(reached, set_as_default=False, timeout=10)
    except (OSError, ValueError) as error:
        raise Refused.because(
            "engine_unreachable",
            en=f"no Dask scheduler answers at {address} ({type(error).__name__}): start one with `dask scheduler`",
            zh=f"{address} 没有 Dask 调度器应答（{type(error).__name__}）：请用 dask scheduler 启动",
        ) from None
    with client:

        def spread_out(
            do: Callable[[Work], Done], works: Iterator[tuple[int, Work]]
        ) -> Iterator[tuple[int, Done]]:
            """A worker that dies takes nothing along: the scheduler still has its work, and gives it to another."""
            from distributed import as_completed

            at_work: dict[object, int] = {}
            going = as_completed(loop=client.loop)

            def hand_out() -> None:
                for number, work in works:
                    future = client.submit(do, work, pure=False)
                    at_work[future.key] = number
                    going.add(future)
                    if len(at_work) >= AHEAD * max(len(client.nthreads()), 1):
                        return

            hand_out()
            for future in going:
                yield at_work.pop(future.key), future.result()
                hand_out()

        yield spread_out


def scheduler_address(address: str) -> str:
    """dask://HOST:PORT on this machine, or tls://HOST:PORT, as Dask spells it. :raises Refused: anything else."""
    read = re.fullmatch(r"(dask|tls)://(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", address)
    if read is None:
        raise Refused.because(
            "engine_unreadable",
            en=f"--engine {address!r} must be dask://HOST:PORT or tls://HOST:PORT",
            zh=f"--engine {address!r} 应为 dask://主机:端口 或 tls://主机:端口",
        )
    scheme, host, port = read.groups()
    if scheme == "dask" and not _on_this_machine(host):
        raise Refused.because(
            "engine_in_the_open",
            en=f"{address} would carry the network of pipes in the open: use tls:// with Dask's certificates set up, or "
            "a scheduler on 127.0.0.1",
            zh=f"{address} 会以明文传送管网数据：请配置 Dask 证书后使用 tls://，或使用 127.0.0.1 上的调度器",
        )
    return f"{'tcp' if scheme == 'dask' else 'tls'}://{host}:{port}"


def _on_this_machine(host: str) -> bool:
    """By the number alone: what a name stands for is up to whoever answers for it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"

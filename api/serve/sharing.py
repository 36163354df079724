"""Servers on one socket that deal its callers out evenly.

The kernel wakes every server for a caller and gives it to whichever is there first, by chance seven times out of eight
to the same; that one then works alone while the others' cores stand idle. So a server that has connections already
lets those with fewer go first, by a millisecond for each.
"""

import asyncio
import errno
import logging
import socket

import uvicorn

from api.trouble import where

LET_OTHERS_GO_FIRST_S = 0.001
"""For each connection: the shortest time the event loop can wait."""
AT_MOST_S = 0.005
NO_MORE_FILES_S = 1.0

LOG = logging.getLogger("predig.server")


class SharingServer(uvicorn.Server):
    """uvicorn on a listening socket that other processes accept from as well."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        listening.setblocking(False)
        self._listening = listening
        self._accepting: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        self._accepting = asyncio.ensure_future(self._keep_accepting())
        self._accepting.add_done_callback(self._end_if_broken)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
        self._listening.close()
        await super().shutdown(sockets=[])

    async def _keep_accepting(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await _readable(loop, self._listening)
            await asyncio.sleep(min(len(self.server_state.connections) * LET_OTHERS_GO_FIRST_S, AT_MOST_S))
            try:
                connection, _ = self._listening.accept()
                await loop.connect_accepted_socket(self._protocol, connection)
            except (BlockingIOError, ConnectionError):
                continue  # somebody else was first, or the caller is gone
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    raise
                LOG.error("no further caller can be taken just now: %s", error.strerror)
                await asyncio.sleep(NO_MORE_FILES_S)

    def _end_if_broken(self, accepting: asyncio.Task[None]) -> None:
        """A server that takes no callers is worth nothing: the supervisor starts another."""
        if not accepting.cancelled() and (error := accepting.exception()) is not None:
            LOG.error("callers can no longer be taken: %s", where(error))
            self.should_exit = True

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


async def _readable(loop: asyncio.AbstractEventLoop, listening: socket.socket) -> None:
    """Wait for a caller."""
    seen: asyncio.Future[None] = loop.create_future()
    loop.add_reader(listening, lambda: seen.done() or seen.set_result(None))
    try:
        await seen
    finally:
        loop.remove_reader(listening)

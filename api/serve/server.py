"""A server child: uvicorn over the application, on a socket that the supervisor bound."""

import gc
import socket

import uvicorn

from api.http import THREADS, create_app
from api.screen import Rules
from api.serve.child import FINISH_WITHIN_S, Order
from api.serve.heavy import Relay
from api.serve.sharing import SharingServer
from api.settings import read_settings
from ingest import parse_profile
from sql.postgis import PostgisVault
from sql.postgis.probe import Probe

PATIENCE_S = 2.0
"""For a connection: as long as a request may wait to learn that the database is gone."""
KEEP_ALIVE_S = 30


def serve(order: Order) -> None:
    """Answer until SIGTERM; then take no more, finish what is under way, and return."""
    assert order.listening_fd is not None
    vault = PostgisVault(order.database_url, pool_size=THREADS, patience_s=PATIENCE_S)
    app = create_app(
        vault,
        Rules(parse_profile(order.profile), order.profile),
        read_settings(),
        ask_database=Probe(order.database_url).ask,
    )
    config = uvicorn.Config(
        app if order.heavy is None else Relay(app, order.heavy),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=FINISH_WITHIN_S,
    )
    # What is here by now is never garbage: a collector that looks through all of it again and again takes a
    # twentieth of what a filing costs.
    gc.freeze()
    # A filing makes some thousand objects and nearly no circles: looked for after each 700 they cost a fortieth.
    gc.set_threshold(50_000, 10, 10)
    SharingServer(config, socket.socket(fileno=order.listening_fd)).run()
    vault.close()

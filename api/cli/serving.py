"""`predig up`: the server and the worker, on this machine."""

from argparse import Namespace

from api.cli.output import Failed, Output
from api.pages.assets import load_assets
from api.screen import Rules
from api.serve.supervisor import run
from api.settings import Settings
from ingest import load_profile


def up(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig up: prints the address on stdout once it can be used, then serves until SIGTERM or Ctrl-C."""
    rules = Rules(*load_profile(arguments.profile))

    def ready(address: str) -> None:
        output.record({"address": address}, address)

    load_assets()  # what is not installed is told once and here, not by a server that cannot start
    if not run(settings, rules, arguments.host, arguments.port, tell=output.note, ready=ready):
        raise Failed

"""The command line: one command in, one exit code out. 0 done, 1 our fault, 2 bad input."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from api.cli.grammar import complete
from api.cli.options import build_parser
from api.cli.output import Failed, Output, speak_plainly
from api.settings import default_language, read_settings
from spatial.errors import Fault, Refused
from sql.errors import VaultUnavailable


def _commands(load: Callable[[], Any], names: str) -> dict[str, Callable[[], Callable[..., None]]]:
    return {name: lambda name=name: getattr(load(), name) for name in names.split()}


COMMANDS: dict[str, Callable[[], Callable[..., None]]] = {
    **_commands(lambda: import_module("api.cli.advising"), "advise"),
    **_commands(lambda: import_module("api.cli.drawing"), "map_file"),
    **_commands(lambda: import_module("api.cli.filing"), "file"),
    **_commands(lambda: import_module("api.cli.grids"), "crs_register crs_list"),
    **_commands(
        lambda: import_module("api.cli.measuring"),
        "bench_candidates bench_judging bench_doors bench_peers bench_import bench_rescreen bench_dask bench_growth",
    ),
    **_commands(lambda: import_module("api.cli.importing"), "network_import"),
    **_commands(
        lambda: import_module("api.cli.networks"),
        "network_list network_mapping network_rejected network_rollback",
    ),
    **_commands(
        lambda: import_module("api.cli.register"), "utility_set utility_list network_inspect coverage_set"
    ),
    **_commands(
        lambda: import_module("api.cli.profiles"), "profile_list profile_show profile_check profile_diff"
    ),
    **_commands(lambda: import_module("api.cli.quality"), "network_report utility_show"),
    **_commands(lambda: import_module("api.cli.risk"), "risk"),
    **_commands(
        lambda: import_module("api.cli.screening"), "screen show explain replay status work db_migrate"
    ),
    **_commands(lambda: import_module("api.cli.serving"), "up"),
    **_commands(lambda: import_module("api.cli.watching"), "reconcile"),
}
"""Command -> how to get at it. Loaded when it is run: what draws maps and serves HTTP takes two seconds to load,
and most commands need neither."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. No stack trace ever reaches a user unless PREDIG_DEBUG is set."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    output = Output(as_json, default_language(os.environ))
    speak_plainly(as_json)
    try:
        settings = read_settings()
        output = Output(as_json, settings.language)
        arguments = complete(build_parser(settings.language).parse_args(words))
        run = COMMANDS[arguments.run]()
        run(arguments, settings, output)
    except Refused as refused:
        output.faults(refused.faults)
        return 2
    except VaultUnavailable as unavailable:
        output.faults((unavailable.fault,))
        return 1
    except Failed:
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as unforeseen:
        if os.environ.get("PREDIG_DEBUG"):
            traceback.print_exc()
        output.faults((_internal(unforeseen),))
        return 1
    return 0


def _internal(unforeseen: Exception) -> Fault:
    name = type(unforeseen).__name__
    return Fault(
        "internal_error",
        f"an internal error ({name}): this command has no answer for you, and what it did not report it did not "
        "do. Run it again with PREDIG_DEBUG=1 and report what it prints",
        f"内部错误（{name}）：本次命令没有结论，未报告的事项均未完成。请设置 PREDIG_DEBUG=1 重试并报告其输出",
    )

"""The commands that measure: each in a house of its own, which is gone afterwards."""

from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from typing import Any

from api.cli.output import Output
from api.settings import Settings
from spatial.errors import Refused

EXTRA = frozenset(
    {
        "distributed",
        "duckdb",
        "duckdb_extension_spatial",
        "geoarrow",
        "geographiclib",
        "pyarrow",
        "sedonadb",
    }
)
"""What only `predig[bench]` brings."""


def bench_candidates(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench candidates."""
    _measure(lambda: import_module("bench.candidates"), output, arguments.pipes, arguments.sites)


def bench_judging(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench judging."""
    _measure(lambda: import_module("bench.judging"), output, arguments.pipes, arguments.sites)


def bench_doors(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench doors."""
    _measure(lambda: import_module("bench.doors"), output, arguments.pipes, arguments.rounds)


def bench_peers(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench peers."""
    _measure(
        lambda: import_module("bench.peers.race"),
        output,
        arguments.pipes,
        arguments.sites,
        arguments.budget_s,
    )


def bench_import(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench import."""
    _measure(lambda: import_module("bench.importing"), output, arguments.pipes, arguments.rounds)


def bench_rescreen(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench rescreen."""
    _measure(lambda: import_module("bench.rescreen"), output, arguments.pipes, arguments.sites)


def bench_dask(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench dask."""
    _measure(lambda: import_module("bench.spread"), output, arguments.pipes, arguments.sites)


def bench_growth(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig bench growth."""
    record = _measure(lambda: import_module("bench.growth"), output, arguments.pipes, arguments.sites)
    if arguments.plot is not None:
        import_module("bench.growth_plot").draw(record, arguments.plot)


def _measure(campaign: Callable[[], Any], output: Output, *given: Any) -> dict[str, Any]:
    """Load a campaign (its imports are not every command's), run it, tell what it found."""
    with output.progress("测量", "measuring") as report:
        try:
            found = campaign().run(*given, report)
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] not in EXTRA:
                raise
            raise Refused.because(
                "bench_extra_missing",
                en=f"{missing.name} is not installed: the peers come with the extra predig[bench] (`make bench`)",
                zh=f"未安装 {missing.name}：比较对象由附加项 predig[bench] 提供（make bench）",
            ) from None
    output.record(found.record, found.drawn)
    record: dict[str, Any] = found.record
    return record

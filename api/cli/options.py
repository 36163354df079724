"""The command line's grammar. Every option has a twin in the environment: --max-age-days is PREDIG_MAX_AGE_DAYS."""

import argparse
import os
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from spatial.errors import Refused
from spatial.words import Act, Method, PermitKind, PipeKind


class Parser(argparse.ArgumentParser):
    """argparse whose complaints are Refused, so that every failure leaves by one door."""

    def error(self, message: str) -> NoReturn:
        """:raises Refused: always."""
        raise Refused.because(
            "usage",
            en=f"{message}. See `{self.prog} --help`",
            zh=f"命令参数有误（{message}），请看 {self.prog} --help",
        )


def build_parser() -> Parser:
    """The whole grammar; each command sets `run` to its name."""
    parser = Parser(prog="predig", description="Judges dig plans against gas networks before anyone digs.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    _utility(commands)
    _network(commands)
    _coverage(commands)
    _screen(commands)
    _read(commands)
    return parser


def _command(commands: Any, name: str, run: str, help_text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    command.set_defaults(run=run)
    command.add_argument(
        "--json", action="store_true", help="one JSON object a line on stdout, nothing else there"
    )
    return command


def _option(command: argparse.ArgumentParser, flag: str, *, required: bool = False, **kwargs: Any) -> None:
    """Add an option whose default comes from the environment; a required one may stand there instead."""
    variable = "PREDIG_" + flag.removeprefix("--").replace("-", "_").upper()
    kwargs["help"] = f"{kwargs['help']} [{variable}]"
    given = os.environ.get(variable)
    if given is not None:
        several = kwargs.get("action") in ("append", "extend")
        kwargs["default"] = given.split() if several else given
        if several and "type" in kwargs:
            convert = kwargs["type"]
            kwargs["default"] = [convert(part) for part in given.split()]
        required = False
    command.add_argument(flag, required=required, **kwargs)


def _utility(commands: Any) -> None:
    group = commands.add_parser("utility", help="who owns pipes").add_subparsers(
        dest="sub", required=True, parser_class=Parser
    )
    command = _command(group, "set", "utility_set", "create or change a utility")
    command.add_argument("code", help="short code, for example XNGAS")
    _option(command, "--name", required=True, help="its name")
    _option(command, "--phone", help="office phone")
    _option(command, "--duty", help="24 h duty phone")
    _command(group, "list", "utility_list", "all utilities")


def _network(commands: Any) -> None:
    group = commands.add_parser("network", help="the pipes").add_subparsers(
        dest="sub", required=True, parser_class=Parser
    )
    bring = _command(group, "import", "network_import", "replace one dataset by what its files hold")
    _network_files(bring)
    _option(bring, "--utility", required=True, help="code of the owner; created if unknown, with a warning")
    _option(bring, "--dataset", help="name of the dataset; default: the first file's name")
    _option(
        bring,
        "--coverage",
        help="a polygon file in the same CRS, or hull:M (M metres round the data; assumed)",
    )
    _option(bring, "--max-age-days", type=int, help="how old the declared coverage may get")
    _option(
        bring,
        "--confirm-rejected",
        type=int,
        default=0,
        help="rejected rows without a place that you have looked at",
    )
    look = _command(group, "inspect", "network_inspect", "read files as an import would, store nothing")
    _network_files(look)
    _command(group, "list", "network_list", "datasets and revisions")
    back = _command(group, "rollback", "network_rollback", "undo one import, as a new revision")
    back.add_argument("revision", type=int)


def _network_files(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="GeoJSON, GeoPackage or Shapefile"
    )
    _option(command, "--crs", help="the CRS the files are in, for example EPSG:4543; never guessed")
    _option(command, "--id-field", help="column with the utility's own, stable ids")
    _option(command, "--map", type=Path, help="TOML file that names the columns")
    _option(command, "--profile", default="cn-gb55009", help="rule profile: a name or a file")


def _coverage(commands: Any) -> None:
    group = commands.add_parser("coverage", help="where a register is complete").add_subparsers(
        dest="sub", required=True, parser_class=Parser
    )
    command = _command(group, "set", "coverage_set", "declare coverage, a service area or a blank")
    command.add_argument("file", type=Path, metavar="FILE")
    _option(command, "--utility", required=True, help="code of the utility")
    _option(command, "--crs", help="the CRS of the file")
    _option(
        command,
        "--kind",
        nargs="+",
        action="extend",
        choices=[*(kind.value for kind in PipeKind), "all"],
        help="kinds of pipe the register is complete for; default: all",
    )
    _option(command, "--as-of", type=date.fromisoformat, help="day the data were complete; default: today")
    _option(command, "--max-age-days", type=int, help="how old the data may get before they say nothing")
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--service-area", action="store_true", help="the file is where the utility may own pipes"
    )
    what.add_argument("--blank", action="store_true", help="the file is ground known to be missing")


def _screen(commands: Any) -> None:
    ask = _command(commands, "screen", "screen", "judge dig plans without filing them")
    _dig_plan(ask)
    filing = _command(commands, "file", "file", "file dig plans as one permit, then judge it")
    _dig_plan(filing)
    _option(filing, "--firm", required=True, help="who digs")
    _option(filing, "--title", required=True, help="what the work is called")
    _option(filing, "--starts-on", required=True, type=date.fromisoformat, help="first day, YYYY-MM-DD")
    _option(filing, "--ends-on", required=True, type=date.fromisoformat, help="last day, YYYY-MM-DD")


def _dig_plan(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="GeoJSON: areas, lines with half_width_m, points"
    )
    _option(command, "--crs", help="the CRS of the file: EPSG:n, GCJ-02 or BD-09; never guessed")
    acts = ", ".join(act.value for act in Act)
    _option(command, "--act", action="append", default=None, help=f"what is done; may be repeated: {acts}")
    _option(command, "--method", help=", ".join(method.value for method in Method))
    _option(command, "--depth-m", type=float, help="depth of the dig, metres")
    _option(command, "--kind", default="normal", help=", ".join(kind.value for kind in PermitKind))
    _option(command, "--profile", default="cn-gb55009", help="rule profile: a name or a file")


def _read(commands: Any) -> None:
    for name, help_text in (
        ("show", "a permit or a screening as it was stored"),
        ("replay", "recompute a screening (or all of a permit's) and compare, byte for byte"),
    ):
        command = _command(commands, name, name, help_text)
        command.add_argument("id")
    _command(commands, "status", "status", "what the house holds and what is left to do")
    _command(commands, "work", "work", "finish what a crash or a register change left pending")
    bench = _command(commands, "bench", "bench", "measure the candidate query against `select 1`")
    _option(bench, "--pipes", type=int, default=100_000, help="size of the register")
    _option(bench, "--sites", type=int, default=400, help="dig sites asked about")
    database = commands.add_parser("db", help="the database").add_subparsers(
        dest="sub", required=True, parser_class=Parser
    )
    _command(database, "migrate", "db_migrate", "bring the schema up to date")

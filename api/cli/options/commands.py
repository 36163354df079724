"""What every command has: its name, its sentence, --json."""

from api.cli.grammar import Pair, Parser


def add_branch(parent: Parser, name: str, help_text: Pair) -> Parser:
    branch = parent.add_command(name, help_text)
    branch.expect_commands("sub")
    return branch


def add_command(parent: Parser, name: str, run: str, help_text: Pair) -> Parser:
    command = parent.add_command(name, help_text)
    command.set_defaults(run=run)
    command.add_argument(
        "--json",
        action="store_true",
        help=command.told(
            (
                "标准输出每行一个 JSON 对象，别无他物",
                "one JSON object a line on stdout, nothing else there",
            )
        ),
    )
    return command

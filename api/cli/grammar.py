"""argparse in two languages, each option with a twin in the environment, every complaint a Refused."""

import argparse
import os
import re
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from spatial.errors import Faults, Language, Refused

Pair = tuple[str, str]
"""(zh, en)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the text of an option becomes a value, and what to call what was expected of it."""

    read: Callable[[str], Any]
    expected: Pair


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > 2**31:
        raise ValueError(text)
    return number


TEXT = Reading(str, ("文字", "text"))
PATH = Reading(Path, ("文件路径", "a path"))
WHOLE = Reading(_whole, ("整数", "a whole number"))
NUMBER = Reading(float, ("数字", "a number"))
DAY = Reading(date.fromisoformat, ("日期，例如 2026-12-01", "a day such as 2026-12-01"))


@dataclass(frozen=True, slots=True)
class Option:
    """One option that takes a value: its flag, its variable, how it is read, what holds when nobody says."""

    flag: str
    variable: str
    reading: Reading
    default: Any
    several: bool
    choices: tuple[str, ...]

    @property
    def dest(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")


class Parser(argparse.ArgumentParser):
    """Speaks the reader's language; takes no abbreviated options, which a later option would make ambiguous."""

    language: Language = "en"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            allow_abbrev=False, add_help=False, formatter_class=_formatter(self.language), **kwargs
        )
        self._positionals.title = self.told(("参数", "arguments"))
        self._optionals.title = self.told(("选项", "options"))
        self.add_argument(
            "-h", "--help", action="help", help=self.told(("显示本说明", "show this help and leave"))
        )

    def told(self, pair: Pair) -> str:
        return pair[0] if self.language == "zh" else pair[1]

    def expect_commands(self, dest: str) -> None:
        """From here on add_command() may be called; one of them must be given."""
        self._commands = self.add_subparsers(
            dest=dest,
            required=True,
            metavar="COMMAND",
            parser_class=type(self),
            title=self.told(("命令", "commands")),
        )

    def add_command(self, name: str, help_text: Pair) -> "Parser":
        told = self.told(help_text)
        command: Parser = self._commands.add_parser(name, help=told, description=told)
        return command

    def error(self, message: str) -> NoReturn:
        """:raises Refused: always."""
        raise Refused.because(
            "usage",
            en=f"{message}. See `{self.prog} --help`",
            zh=f"{_in_chinese(message)}。请看 {self.prog} --help",
        )


def parser_class(language: Language) -> type[Parser]:
    """Parsers of one language; argparse makes the sub-parsers itself, from the class alone."""
    return type("LocalParser", (Parser,), {"language": language})


def add_option(
    command: Parser,
    flag: str,
    help_text: Pair,
    *,
    reading: Reading = TEXT,
    required: bool = False,
    default: Any = None,
    several: bool = False,
    choices: Sequence[str] = (),
    words: bool = False,
    variable: str | None = None,
    metavar: str | None = None,
) -> None:
    """Add an option that takes a value. Its variable stands in where the command line does not name it.

    several: the option may be repeated; what the command line says replaces what the environment says, and
    is not added to it. words: each time it takes all the words that follow.
    """
    option = Option(
        flag=flag,
        variable=variable or "PREDIG_" + flag.removeprefix("--").replace("-", "_").upper(),
        reading=reading,
        default=default,
        several=several,
        choices=tuple(choices),
    )
    given: tuple[Option, ...] = command.get_default("options") or ()
    command.set_defaults(options=(*given, option))
    command.add_argument(
        flag,
        required=required and not os.environ.get(option.variable),
        help=f"{command.told(help_text)} [{option.variable}]",
        metavar=metavar or flag.removeprefix("--").replace("-", "_").upper(),
        **({"nargs": "+", "action": "extend"} if words else {"action": "append"} if several else {}),
    )


def complete(arguments: Namespace, environment: Mapping[str, str] | None = None) -> Namespace:
    """The arguments with their options read: from the command line, else the environment, else the default.

    :raises Refused: every value that cannot be read, each by the name it was given under.
    """
    env = os.environ if environment is None else environment
    faults = Faults()
    values = dict(vars(arguments))
    for option in values.pop("options", ()):
        said, by = values[option.dest], option.flag
        if said is None and env.get(option.variable):
            by = option.variable
            said = env[by].split() if option.several else env[by]
        if said is None:
            values[option.dest] = option.default
            continue
        read = [_read(text, by, option, faults) for text in (said if option.several else [said])]
        values[option.dest] = read if option.several else read[0]
    faults.raise_if_any()
    return Namespace(**values)


def whole_number(text: str, name: str) -> int:
    """A positional that is a number. :raises Refused: it is not."""
    faults = Faults()
    number = _read(text, name, Option(name, name, WHOLE, None, False, ()), faults)
    faults.raise_if_any()
    return int(number)


def _read(text: str, by: str, option: Option, faults: Faults) -> Any:
    if option.choices and text not in option.choices:
        several = ", ".join(option.choices)
        faults.add(
            "option_unreadable",
            en=f"{by} {text!r} is not known; use: {several}",
            zh=f"{by} 的值 {text!r} 无法识别；可用：{several}",
        )
        return None
    try:
        return option.reading.read(text)
    except (ValueError, OverflowError):
        zh, en = option.reading.expected
        faults.add(
            "option_unreadable",
            en=f"{by} {text!r} is not {en}",
            zh=f"{by} 的值 {text!r} 不是{zh}",
        )
        return None


_COMPLAINTS: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (.*)", "缺少参数：{0}"),
    (r"unrecognized arguments: (.*)", "不认识的参数：{0}"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", "{0} 中没有 {1}；可用：{2}"),
    (r"argument (.*?): expected (?:one|at least one) argument", "{0} 后面缺少值"),
    (r"argument (.*?): not allowed with argument (.*)", "{0} 与 {1} 不能同时使用"),
)
"""argparse's own complaints, which it makes in English only."""


def _in_chinese(message: str) -> str:
    for pattern, chinese in _COMPLAINTS:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return chinese.format(*match.groups())
    return f"命令参数有误（{message}）"


def _formatter(language: Language) -> type[argparse.HelpFormatter]:
    class Formatter(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            # The usage of a sub-command is asked for with an empty prefix, to be put after its own.
            chinese = prefix is None and language == "zh"
            super().add_usage(usage, actions, groups, "用法：" if chinese else prefix)

    return Formatter

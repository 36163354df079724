"""What the documents show is what there is: commands, targets, variables, files."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import COMMANDS
from api.cli.grammar import Parser, complete
from api.cli.options import build_parser
from spatial.errors import Refused

HOUSE = Path(__file__).parent.parent
READMES = ("README.md", "README.zh.md")
NETWORKS = ("docs/networks.md", "docs/networks.zh.md")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def _text(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def _shown(name: str, program: str) -> list[list[str]]:
    """The words of every command of a program that a document shows, in code blocks and in sentences."""
    text = _text(name)
    blocks = [block for language, block in FENCED.findall(text) if language in ("sh", "")]
    lines = [line for block in blocks for line in block.splitlines()] + INLINE.findall(FENCED.sub("", text))
    words = [shlex.split(line, comments=True) for line in lines if line.lstrip().startswith(f"{program} ")]
    return [line[1:] for line in words]


@pytest.mark.parametrize("name", [*READMES, "docs/columns.md", *NETWORKS])
def test_every_command_shown_is_one(name: str) -> None:
    commands = _shown(name, "predig")
    assert len(commands) > 5
    for words in commands:
        arguments = complete(build_parser("en").parse_args(words), {})
        assert arguments.run in COMMANDS


def test_a_command_that_is_none_would_be_seen() -> None:
    with pytest.raises(Refused):
        build_parser("en").parse_args(["screen", "plan.geojson", "--scale", "3"])


def test_every_command_there_is_has_its_place_in_the_readme() -> None:
    shown = {
        complete(build_parser("en").parse_args(words), {}).run
        for name in READMES[:1]
        for words in _shown(name, "predig")
    }
    benches = {name for name in COMMANDS if name.startswith("bench_")}
    assert set(COMMANDS) - shown <= benches  # which are `make bench` and docs/measurements.md


def test_both_languages_show_the_same_commands() -> None:
    for pair in (READMES, NETWORKS):
        for program in ("predig", "make"):
            english, chinese = ({tuple(words) for words in _shown(name, program)} for name in pair)
            assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_every_make_target_shown_is_one(name: str) -> None:
    makefile = _text("Makefile")
    targets = set(re.findall(r"^([a-z0-9]+):", makefile, re.MULTILINE))
    shown = {words[0] for words in _shown(name, "make")}
    assert {"demo", "test"} <= shown <= targets


def test_make_help_tells_of_every_target_a_person_runs() -> None:
    makefile = _text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    told = set(re.findall(r'@echo "make ([a-z0-9]+) ', makefile))
    assert told == set(phony[1].split()) - {"help", "setup", "system", "browser"}


def _parsers(parser: Parser) -> Iterator[Parser]:
    yield parser
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for child in action.choices.values():
                yield from _parsers(child)


def _twins() -> dict[str, set[str]]:
    """Variable -> the options it stands for."""
    found: dict[str, set[str]] = {}
    for parser in _parsers(build_parser("en")):
        for option in parser.get_default("options") or ():
            found.setdefault(option.variable, set()).add(option.flag)
    return found


def _read_in_the_house() -> set[str]:
    """PREDIG_ variables that code, the Makefile or set-up read by name."""
    read = re.compile(
        r"""(?:get\(|environ\[|environ\.get\(|getenv\()\s*["'](PREDIG_[A-Z_]+)["']|\$[({]?(PREDIG_[A-Z_]+)"""
    )
    files = [
        file
        for room in ("api", "bench", "ingest", "maps", "spatial", "sql")
        for file in (HOUSE / room).rglob("*.py")
    ]
    files += [HOUSE / "Makefile", *(file for file in (HOUSE / ".ci").iterdir() if file.is_file())]
    return {
        name
        for file in files
        for pair in read.findall(file.read_text(encoding="utf-8"))
        for name in pair
        if name
    }


def test_every_variable_named_is_read_and_every_variable_read_is_named() -> None:
    named = {name for file in READMES for name in re.findall(r"PREDIG_[A-Z_]*[A-Z]", _text(file))}
    assert named <= _read_in_the_house() | set(_twins())
    assert _read_in_the_house() <= named


def test_no_variable_stands_for_two_options_and_none_shadows_a_setting() -> None:
    twins = _twins()
    assert len(twins) > 15
    assert {variable: flags for variable, flags in twins.items() if len(flags) > 1} == {}
    assert not set(twins) & _read_in_the_house()


@pytest.mark.parametrize("name", [*READMES, *NETWORKS])
def test_every_link_leads_somewhere(name: str) -> None:
    places = re.findall(r"\]\(([^)#]+)", _text(name))
    assert len(places) >= 2
    assert [place for place in places if not (HOUSE / name).parent.joinpath(place).exists()] == []


def test_every_decision_has_a_number_of_its_own_and_a_title() -> None:
    files = sorted((HOUSE / "docs" / "decisions").glob("*.md"))
    assert files
    numbers = [file.name[:3] for file in files]
    assert numbers == [f"{number:03}" for number in range(1, len(files) + 1)]
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(rf"# {file.name[:3]} \S.*", first), (file.name, first)

"""What the commands say: JSON and nothing else, both languages, foreign text as text, options by either name."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.grammar import Parser
from api.cli.options import build_parser
from spatial.errors import Language
from tests.api.conftest import Predig, Write, collection, feature, ring
from tests.api.town import (
    AT_THE_MAIN,
    CRS,
    FIRM,
    IN_THE_FIELD,
    MAIN,
    E,
    N,
    cover,
    days,
    declare_all,
    file_permit,
    judge,
    serve,
)

HOSTILE = {
    "markup": "[red]burst[/red] [link=http://x]y[/link] [/]",
    "escapes": "\x1b[2J\x1b]0;owned\x07 \x9b31m",
    "lines": "one\ntwo\r\nthree\u2028four\x0bfive",
    "reordered": "abc\u202egnp.\u2066x\u200bx\ufeff",
    "braces": "{x} {0} {{}} %s %(a)s ${1+1} `id`",
    "quotes": "\"'\\ </script><b>",
    "long": "管" * 3_000,
}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_stay_text(kind: str, predig: Predig, said: Predig, write: Write) -> None:
    """In JSON they come back as they went in; on a terminal they neither steer it nor vanish."""
    text = HOSTILE[kind]
    code = "GAS"
    name = text[:500]
    assert predig("utility", "set", code, "--name", name, "--duty", name).code == 0
    pipe = json.loads(json.dumps(MAIN))
    pipe["properties"] |= {"id": text[:200], "material": text[:200], "status": text[:200]}
    network = write("net.geojson", collection(pipe))
    dataset = text[:100]
    imported = predig(
        *("network", "import", network, "--utility", code, "--dataset", dataset, *CRS, "--id-field", "id")
    )
    assert imported.code == 0, imported
    serve(predig, write)
    cover(predig, write)
    site = {**AT_THE_MAIN, "id": text}
    plan = write("plan.geojson", collection(site))
    filed = predig("file", plan, *CRS, "--firm", name, "--title", name, *days())
    assert filed.code == 0, filed
    (permit,) = filed.lines
    found = set(_strings(permit))
    assert permit["firm"] == permit["title"] == name
    assert {text[:200].strip(), dataset} <= {one.strip() for one in found}

    for words in (
        ("show", permit["id"]),
        ("show",),
        ("utility", "list"),
        ("network", "list"),
        ("status",),
        ("network", "inspect", network, *CRS, "--id-field", "id"),
        ("replay", permit["id"]),
        ("show", text.replace("\x00", "")),
    ):
        for language in ("zh", "en"):
            answer = said(*words, language=language)
            shown = answer.out + answer.err
            assert not re.search(
                "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b\ufeff]", shown
            ), words
    if kind == "markup":
        assert "[red]burst[/red]" in said("utility", "list").out
    if kind == "braces":
        assert "{x} {0} {{}} %s %(a)s ${1+1}" in said("utility", "list").out
    if kind == "escapes":
        assert "<U+001B>[2J" in said("utility", "list").out
    if kind == "lines":
        assert len(said("utility", "list").out.splitlines()) == 1


def test_json_is_one_object_a_line_whatever_reads_it(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    sites = [
        {**site, "id": f"a\u2028b\x85c\u202ed{number}"}
        for number, site in enumerate([AT_THE_MAIN, IN_THE_FIELD])
    ]
    said = predig("screen", write("plan.geojson", collection(*sites)), *CRS)
    assert len(said.out.splitlines()) == 2  # splitlines() also breaks at U+2028 and U+0085
    assert [row["feature_id"] for row in said.lines] == [site["id"] for site in sites]


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("utility", "set", "GAS", "--name", "n"),
    ("utility", "list"),
    ("network", "list"),
    ("network", "inspect", "{net}", "--crs", "EPSG:4543"),
    ("network", "import", "{net}", "--utility", "GAS", "--crs", "EPSG:4543"),
    ("network", "rollback", "4"),
    ("coverage", "set", "{area}", "--utility", "GAS", "--crs", "EPSG:4543", "--service-area"),
    ("screen", "{plan}", "--crs", "EPSG:4543"),
    ("file", "{plan}", "--crs", "EPSG:4543", *FIRM, *days()),
    ("show",),
    ("show", "{permit}"),
    ("replay", "{permit}"),
    ("status",),
    ("work",),
)


def test_json_prints_objects_on_stdout_and_nothing_else(predig: Predig, write: Write) -> None:
    declare_all(predig, write)
    places = {
        "net": write("net.geojson", collection(MAIN)),
        "area": write("more.geojson", collection(feature("Polygon", ring(E, N, 900, 900)))),
        "plan": write("plan.geojson", collection(AT_THE_MAIN)),
        "permit": file_permit(predig, write, AT_THE_MAIN)["id"],
    }
    for words in COMMANDS:
        said = predig(*(word.format(**places) for word in words))
        assert said.code in (0, 2), (words, said)
        lines = said.out.split("\n")
        assert lines[-1] == "" and all(isinstance(json.loads(line), dict) for line in lines[:-1]), words
        assert (said.code == 0) == (said.out != "") or words[:1] == ("show",), (words, said)


def test_the_exit_code_of_a_conflict_is_0_and_of_a_replay_that_differs_1(
    predig: Predig, write: Write, vault_urls: object
) -> None:
    from tests.api.intrusion import as_admin

    declare_all(predig, write)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    screened = predig("screen", plan, *CRS)
    assert screened.code == 0 and screened.lines[0]["outcome"] == "conflict"
    number = screened.lines[0]["id"]
    assert predig("replay", number).code == 0
    as_admin(vault_urls.owner, "UPDATE predig.conflict SET clearance_m = 2.8 WHERE screening_id = %s", number)  # type: ignore[attr-defined]
    replayed = predig("replay", number)
    assert replayed.code == 1 and not replayed.lines[0]["same"]
    assert [row["where"] for row in replayed.lines[0]["differences"]] == ["conflicts/0/clearance_m"]
    assert predig("screen", plan).code == 2


def test_a_newer_engine_replays_by_its_decisions(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch, vault_urls: object
) -> None:
    from tests.api.intrusion import as_admin

    declare_all(predig, write)
    number = judge(predig, write, AT_THE_MAIN)[0]["id"]
    for module in ("spatial.screening", "api.evidence.replay"):
        monkeypatch.setattr(f"{module}.ENGINE", "predig-99")
    newer = predig("replay", number)
    assert newer.code == 0
    (row,) = newer.lines
    assert (row["same"], row["same_decisions"], row["stands"]) == (False, True, True)
    assert "screening/engine" in [difference["where"] for difference in row["differences"]]
    as_admin(vault_urls.owner, "UPDATE predig.conflict SET grade = 'II' WHERE screening_id = %s", number)  # type: ignore[attr-defined]
    assert predig("replay", number).code == 1


# -- options and their twins in the environment


def test_options_have_twins_in_the_environment(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_all(predig, write)
    plan = write("plan.geojson", collection(feature("LineString", [[E + 100, N - 20], [E + 100, N + 20]])))
    given = {
        "PREDIG_CRS": "EPSG:4543",
        "PREDIG_ACT": "excavate pile",
        "PREDIG_METHOD": "mechanical",
        "PREDIG_DEPTH_M": "2.5",
        "PREDIG_KIND": "emergency",
        "PREDIG_FIRM": "某某市政",
        "PREDIG_TITLE": "给水管",
        "PREDIG_STARTS_ON": days()[1],
        "PREDIG_ENDS_ON": days()[3],
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    (permit,) = predig("file", plan).lines
    site = permit["screenings"][0]["site"]
    assert (permit["firm"], permit["title"]) == ("某某市政", "给水管")
    assert (site["acts"], site["method"], site["depth_m"], site["kind"]) == (
        ["excavate", "pile"],
        "mechanical",
        2.5,
        "emergency",
    )
    # What the command line says replaces what the environment says.
    site = predig("screen", plan, "--act", "bore", "--depth-m", "1").lines[0]["site"]
    assert (site["acts"], site["depth_m"]) == (["bore"], 1.0)
    # The kind of a permit is not the kind of a pipe.
    assert cover(predig, write).lines[0]["kinds"] == ["main", "courtyard", "service", "customer_owned"]
    monkeypatch.setenv("PREDIG_PIPE_KIND", "main service")
    assert cover(predig, write).lines[0]["kinds"] == ["main", "service"]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PREDIG_DEPTH_M", "deep", ("screen", "plan.geojson")),
        ("PREDIG_MAX_AGE_DAYS", "a year", ("coverage", "set", "a.geojson", "--utility", "GAS")),
        ("PREDIG_MAX_AGE_DAYS", "1.5", ("network", "import", "n.geojson", "--utility", "GAS")),
        ("PREDIG_MAX_AGE_DAYS", "9" * 30, ("network", "import", "n.geojson", "--utility", "GAS")),
        ("PREDIG_AS_OF", "yesterday", ("coverage", "set", "a.geojson", "--utility", "GAS")),
        ("PREDIG_PIPE_KIND", "main gas", ("coverage", "set", "a.geojson", "--utility", "GAS")),
        ("PREDIG_CONFIRM_REJECTED", "some", ("network", "import", "n.geojson", "--utility", "GAS")),
        ("PREDIG_STARTS_ON", "2026-13-01", ("file", "p.geojson", *FIRM, "--ends-on", "2026-12-01")),
        ("PREDIG_CRS", "EPSG:none", ("screen", "{plan}")),
        ("PREDIG_ACT", "excavate juggle", ("screen", "{plan}", "--crs", "EPSG:4543")),
        ("PREDIG_METHOD", "spoon", ("screen", "{plan}", "--crs", "EPSG:4543")),
        ("PREDIG_KIND", "joke", ("screen", "{plan}", "--crs", "EPSG:4543")),
        ("PREDIG_PROFILE", "nowhere", ("screen", "{plan}", "--crs", "EPSG:4543")),
        ("PREDIG_EXTENT", "1,2,3", ("status",)),
        ("PREDIG_EXTENT", "nan,nan,nan,nan", ("status",)),
        ("PREDIG_LANG", "fr", ("status",)),
    ],
)
def test_a_twin_of_the_wrong_type_is_refused_by_sentence(
    variable: str,
    value: str,
    words: tuple[str, ...],
    predig: Predig,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = {
        **AT_THE_MAIN,
        "properties": {} if "ACT" in variable or "METHOD" in variable else {"act": "excavate"},
    }
    plan = write("plan.geojson", collection(site))
    monkeypatch.setenv(variable, value)
    said = predig(*(word.format(plan=plan) for word in words))
    assert said.code == 2 and said.out == "" and said.codes, said
    assert variable in said.err or value.split()[-1] in said.err


def test_an_abbreviated_or_empty_option_is_no_option(predig: Predig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert predig("screen", "x.geojson", "--cr", "EPSG:4543").codes == ["usage"]
    monkeypatch.setenv("PREDIG_UTILITY", "")
    assert predig("network", "import", "x.geojson").codes == ["usage"]


@pytest.mark.parametrize(
    "words",
    [
        ("file", "plan.geojson", *CRS, "--firm", " ", "--title", "", *days()),
        ("utility", "set", "", "--name", "n"),
        ("utility", "set", "G\n", "--name", "n"),
        ("utility", "set", "GAS", "--name", " "),
        ("network", "import", "net.geojson", "--utility", " ", *CRS),
        ("network", "import", "net.geojson", "--utility", "GAS", *CRS, "--confirm-rejected", "-1"),
        (
            "network",
            "import",
            "net.geojson",
            "--utility",
            "GAS",
            *CRS,
            "--coverage",
            "hull:1",
            "--max-age-days",
            "0",
        ),
        ("network", "import", "net.geojson", "--utility", "GAS", *CRS, "--coverage", "hull:far"),
        ("network", "rollback", "one"),
        ("network", "rollback", "9" * 40),
        ("coverage", "set", "area.geojson", "--utility", "NOBODY", *CRS),
        ("file", "plan.geojson", *CRS, "--firm", "\udcff", "--title", "t", *days()),
    ],
)
def test_blank_and_absurd_values_are_refused(words: tuple[str, ...], predig: Predig, write: Write) -> None:
    places = {
        "plan.geojson": write("plan.geojson", collection(AT_THE_MAIN)),
        "net.geojson": write("net.geojson", collection(MAIN)),
        "area.geojson": write("area.geojson", collection(feature("Polygon", ring(E, N, 9, 9)))),
    }
    said = predig(*(places.get(word, word) for word in words))
    assert said.code == 2 and said.codes and said.out == "", said
    assert "value_refused" not in said.codes  # the vault's last word, which names nothing
    status = predig("status").lines[0]
    assert (status["revision"], status["permits"]) == (0, {})


# -- help and complaints in the reader's language


def _parsers(parser: Parser) -> Iterator[Parser]:
    yield parser
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for child in action.choices.values():
                yield from _parsers(child)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_and_option_has_its_help(language: Language) -> None:
    parsers = list(_parsers(build_parser(language)))
    assert len(parsers) > 15
    for parser in parsers:
        assert parser.format_help().count("用法：" if language == "zh" else "usage: ") == 1
        for action in parser._actions:
            if action.option_strings or not action.choices:
                assert action.help, (parser.prog, action.dest)
                chinese = any("\u4e00" <= letter <= "\u9fff" for letter in str(action.help))
                assert chinese == (language == "zh"), (parser.prog, action.dest, action.help)
            if action.option_strings and action.nargs != 0:
                assert "[PREDIG_" in str(action.help)


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        ((), "缺少参数", "required"),
        (("dance",), "可用：'utility'", "invalid choice"),
        (("screen",), "缺少参数：FILE", "required: FILE"),
        (("screen", "a", "b"), "不认识的参数：b", "unrecognized arguments: b"),
        (("screen", "a", "--crs"), "--crs 后面缺少值", "expected one argument"),
        (("screen", "a", "--depth-m", "x"), "--depth-m 的值 'x' 不是数字", "--depth-m 'x' is not a number"),
        (
            ("coverage", "set", "a", "--utility", "G", "--blank", "--service-area"),
            "不能同时使用",
            "not allowed with",
        ),
    ],
)
def test_complaints_about_words_in_both_languages(
    words: tuple[str, ...], zh: str, en: str, said: Predig
) -> None:
    chinese, english = said(*words, language="zh"), said(*words, language="en")
    assert (chinese.code, english.code, chinese.out, english.out) == (2, 2, "", "")
    assert zh in chinese.err and "argument" not in chinese.err, chinese.err
    assert en in english.err, english.err


# -- through the real process

PREDIG = str(Path(sys.executable).with_name("predig"))


def _environment(url: str, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREDIG_")}
    return kept | {"PREDIG_DATABASE_URL": url} | more


def _on_a_terminal(words: list[str], environment: dict[str, str], columns: int = 100) -> str:
    """What a command writes when stdout and stderr are a terminal of that width."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen(
        [PREDIG, *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "xterm-256color"},
    ) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                block = os.read(ours, 65_536)
            except OSError:  # the terminal is closed when the command is done
                break
            if not block:
                break
            told += block
    os.close(ours)
    assert process.returncode == 0, told
    return told.decode("utf-8")


def test_a_progress_bar_only_on_a_terminal(database_url: str, write: Write) -> None:
    network = write("net.geojson", collection(MAIN))
    words = ["network", "import", str(network), "--utility", "GAS", *CRS, "--id-field", "id"]
    environment = _environment(database_url, PREDIG_LANG="zh")
    quiet = subprocess.run([PREDIG, *words], env=environment, capture_output=True, text=True, timeout=60)
    assert quiet.returncode == 0 and "读入管网" not in quiet.stdout + quiet.stderr
    assert "\x1b" not in quiet.stdout + quiet.stderr
    assert "读入管网" in _on_a_terminal(words, environment)


@pytest.mark.parametrize("columns", [80, 100, 150])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_briefing_fits_its_terminal(
    columns: int, language: str, predig: Predig, write: Write, database_url: str
) -> None:
    from rich.cells import cell_len

    declare_all(predig, write)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    told = _on_a_terminal(
        ["screen", str(plan), *CRS], _environment(database_url, PREDIG_LANG=language), columns
    )
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told).replace("\r", "").split("\n")
    assert max(map(cell_len, lines)) <= columns
    row = next(line for line in lines if "GAS M-1" in line)
    for whole in ("三级 黄", "控制范围") if language == "zh" else ("III yellow", "control zone"):
        assert whole in row, told  # no word of a grade or zone is broken over lines


def test_text_that_the_terminal_cannot_show_ends_no_command(
    predig: Predig, write: Write, database_url: str
) -> None:
    declare_all(predig, write)
    words = [PREDIG, "screen", str(write("plan.geojson", collection(AT_THE_MAIN))), *CRS]
    for encoding in ("ascii", "gb18030", "gbk"):
        environment = _environment(database_url, PYTHONIOENCODING=encoding, PREDIG_LANG="zh")
        told = subprocess.run(words, env=environment, capture_output=True, timeout=60)
        assert told.returncode == 0, told.stderr
        as_json = subprocess.run([*words, "--json"], env=environment, capture_output=True, timeout=60)
        assert json.loads(as_json.stdout.decode("utf-8"))["outcome"] == "conflict"


def test_the_locale_chooses_english_and_chinese_is_the_default(database_url: str) -> None:
    bare = {
        name: value
        for name, value in _environment(database_url).items()
        if name not in ("LANG", "LC_ALL", "LC_MESSAGES")
    }
    told = {
        locale: subprocess.run(
            [PREDIG, "show", "nobody"],
            env=bare | {"LANG": locale},
            capture_output=True,
            text=True,
            timeout=60,
        ).stderr
        for locale in ("en_US.UTF-8", "zh_CN.UTF-8", "C.UTF-8", "")
    }
    assert "neither a permit" in told["en_US.UTF-8"]
    assert all("编号" in told[locale] for locale in ("zh_CN.UTF-8", "C.UTF-8", ""))

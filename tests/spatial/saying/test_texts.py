"""Every code that can be said has a Chinese and an English sentence, and none of them is a false comfort."""

import ast
import string
from enum import StrEnum
from importlib import resources
from typing import Any

import pytest
import shapely

from spatial import words
from spatial.saying.reason_texts import REASONS
from spatial.saying.texts import ADVICE, UNKNOWNS, say, span, station, word
from spatial.saying.word_texts import WORDS
from spatial.screening import screen
from spatial.values import Unreadable
from spatial.words import Act, Method
from tests.support.builders import (
    DAY,
    Pipe,
    area,
    make_found,
    make_ground,
    make_profile,
    make_site,
    own_distance,
    straight,
)

KIND_OF = {
    words.Outcome: "outcome",
    words.Grade: "grade",
    words.Zone: "zone",
    words.Requirement: "requirement",
    words.Certainty: "certainty",
    words.Act: "act",
    words.Method: "method",
    words.AssetKind: "asset",
    words.PipeKind: "pipe_kind",
    words.PressureClass: "pressure_class",
    words.PermitKind: "permit_kind",
    words.PermitStatus: "status",
    words.GroundKind: "ground",
    words.Change: "change",
    words.AlertState: "alert",
    words.SitePart: "part",
    words.Drawn: "drawn",
    words.Level: "level",
    words.Side: "side",
    words.Passes: "passes",
    words.SectionVerdict: "section",
}


def test_every_closed_list_is_known_here() -> None:
    lists = {
        value for value in vars(words).values() if isinstance(value, type) and issubclass(value, StrEnum)
    }
    assert lists - {StrEnum} == set(KIND_OF)


@pytest.mark.parametrize("name", [f"{kind}.{name}" for of, kind in KIND_OF.items() for name in of])
def test_every_word_has_both_languages(name: str) -> None:
    chinese, english = WORDS[name]
    assert chinese and english
    assert english.isascii()


CHOSEN_IN = {
    "_coverage_fault": "coverage_",
    "_age_fault": "coverage_",
    "_hole": ("hole_", "holes_"),
    "_trial_holes": "hole_",
    "tool_doubt": "bore_",
}
"""Functions that choose a code, and how their codes begin."""


def codes_in(module: str) -> set[str]:
    """Every literal of a {"code": "…"} entry, or of a term or fault code, written in a module."""
    tree = ast.parse((resources.files("spatial") / module).read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code" and isinstance(value, ast.Constant):
                    found.add(value.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in ("UncertaintyTerm", "_fixed", "_of_depth") and isinstance(first, ast.Constant):
                found.add(str(first.value))
        starts = CHOSEN_IN.get(node.name) if isinstance(node, ast.FunctionDef) else None
        if starts is not None:
            found |= {
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and str(part.value).startswith(starts)
            }
    return found


def test_every_code_the_mind_can_emit_has_a_text_and_no_text_is_idle() -> None:
    emitted = set().union(
        *map(
            codes_in,
            (
                "screening.py",
                "saying/findings.py",
                "judging/coverage.py",
                "judging/doubt.py",
                "saying/vertical.py",
                "judging/bores.py",
                "saying/bore_findings.py",
            ),
        )
    )
    assert len(emitted) > 40
    assert emitted == set(REASONS) | set(UNKNOWNS) | set(ADVICE)


def test_both_languages_say_the_same_things() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for texts in (REASONS, UNKNOWNS, ADVICE, WORDS):
        for code, (chinese, english) in texts.items():
            assert fields(chinese) == fields(english), code


def test_the_word_for_safe_is_never_a_verdict_and_accident_grades_are_not_used() -> None:
    for name, (chinese, english) in WORDS.items():
        assert "安全" not in chinese, name
        assert "safe" not in english, name
        if name.startswith(("grade.", "outcome.", "status.")):
            assert not any(said in chinese for said in ("重大", "较大", "一般")), name
    for texts in (UNKNOWNS, REASONS, ADVICE):
        assert not any("安全" in chinese for chinese, _ in texts.values())


def test_the_outcomes_read_as_agreed() -> None:
    assert word("outcome", "conflict", "zh") == "涉及燃气管道"
    assert word("outcome", "cannot_tell", "zh") == "资料不足，按有管道对待"
    clear = word("outcome", "clear", "zh", data_date="2026-11-01", valid_until="2026-11-29")
    assert clear == "登记资料范围内未发现（截至2026-11-01，有效至2026-11-29，不等于可以开工）"
    assert word("grade", "I", "zh") == "一级 红"


FAR = make_profile({"act_distances": [own_distance(Act.BLAST, 200.0)]})
STRICT = make_profile({"switches.mechanical_in_protection": "forbidden"})
BARE = Pipe(straight(0.4), None, None, cover_m=None, status="disused", kind="pipe", uncertainty_m=2.0)


@pytest.mark.parametrize(
    ("pipes", "ground", "about", "profile"),
    [
        ([BARE], [], {"method": None}, FAR),
        ([Pipe(straight(0.3))], [make_ground()], {"acts": (Act.BUILD,)}, STRICT),
        ([Pipe(straight(0.3))], [make_ground()], {"method": Method.MECHANICAL}, STRICT),
        ([Pipe(straight(100))], [make_ground(service_area=None)], {"acts": (Act.BLAST,)}, FAR),
        ([Pipe(straight(6), uncertainty_m=2)], [make_ground(assumed=True)], {"acts": (Act.BUILD,)}, FAR),
        ([Pipe(shapely.Point(0, 2), kind="station")], [make_ground()], {"acts": (Act.HEAVY_LOAD,)}, FAR),
        ([], [make_ground(max_age_days=None, blanks=[area(9)], boxless_rejected=3)], {}, FAR),
        ([], [make_ground(unreadable=[Unreadable("town", area(9))])], {"half_width_known": False}, FAR),
        ([], [make_ground(max_age_days=1, as_of=DAY.replace(year=2020))], {}, FAR),
    ],
)
def test_every_sentence_of_an_answer_can_be_said(
    pipes: list[Pipe], ground: list[Any], about: dict[str, Any], profile: Any
) -> None:
    trench = make_site(shapely.LineString([(-9, 0), (9, 0)]), half_width_m=0.1, **about)
    one = screen([trench], make_found(pipes, ground), profile, on=DAY)[0]
    entries = [*one.document["unknowns"], *one.document["advice"]]
    for conflict in one.conflicts:
        entries += [*conflict["reasons"], *conflict["advice"]]
    for entry in entries:
        for language in ("zh", "en"):
            said = say(entry, language)
            assert said and "{" not in said and "None" not in said


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (0.0, "K0+000.0"),
        (112.5, "K0+112.5"),
        (999.94, "K0+999.9"),
        (999.96, "K1+000.0"),
        (12345.6, "K12+345.6"),
        (-5.0, "K-0+005.0"),
        (-0.04, "K0+000.0"),
    ],
)
def test_stations_are_said_as_the_trade_says_them(metres: float, said: str) -> None:
    assert station(metres) == said


def test_a_stretch_of_a_few_centimetres_does_not_begin_where_it_ends() -> None:
    """A crossing under a wide doubt leaves slivers of another grade at its limits."""
    assert span(112.5, 128.0) == "K0+112.5–K0+128.0"
    assert span(5.02, 5.04) == "K0+005.02–K0+005.04"


def test_a_number_nobody_verified_says_so() -> None:
    term = {"code": "pipe_unknown", "metres": 2.0, "source": "PREDIG", "verified": False}
    assert say(term, "zh").endswith("（尚待核实）") and say(term, "en").endswith("(unverified)")
    assert "unverified" not in say(term | {"verified": True}, "en")

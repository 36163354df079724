"""Explanations: eleven fixed cases, word by word in both languages, and that no number of the document is left out."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from spatial.saying.explain import as_text, explain
from spatial.saying.foreman import crossing_lines, for_the_foreman
from spatial.saying.teller import Teller
from spatial.screening import screen
from spatial.values import BorePath, DigSite, Trench, UncertaintyTerm
from spatial.words import Act, Method, SitePart
from tests.support.builders import DAY, Pipe, area, make_found, make_ground, make_profile, make_site, straight

GOLDEN = Path(__file__).parent / "explained"
RULES = make_profile()


def trench(north_m: float = 0.0, **about: Any) -> DigSite:
    return make_site(shapely.LineString([(-20, north_m), (20, north_m)]), half_width_m=0.4, **about)


def deep(site: DigSite, depth_m: float) -> DigSite:
    return replace(
        site, depth_m=depth_m, depth_uncertainty=(UncertaintyTerm("dig_depth_stated", 0.1, "permit"),)
    )


ACROSS = shapely.LineString([(0, -60), (0, 60)])
CASES: dict[str, tuple[DigSite, list[Pipe], list[Any]]] = {
    "nothing-near": (trench(), [], [make_ground()]),
    "nothing-known": (trench(), [], []),
    "control-zone": (trench(), [Pipe(straight(3.0))], [make_ground()]),
    "doubt-reaches": (trench(method=None), [Pipe(straight(1.5), uncertainty_m=2.0)], [make_ground()]),
    "class-and-diameter-unknown": (
        trench(),
        [Pipe(straight(4.0), pressure_class=None, diameter_mm=None, cover_m=None)],
        [make_ground()],
    ),
    "forbidden-act": (trench(acts=(Act.BORROW_SOIL,)), [Pipe(straight(0.8))], [make_ground()]),
    "crossing": (trench(method=Method.MECHANICAL), [Pipe(ACROSS)], [make_ground()]),
    "opened-ground": (
        replace(deep(trench(), 2.2), half_width_m=1.874, trench=Trench(0.8, 0.67, True, False)),
        [Pipe(straight(1.9))],
        [make_ground()],
    ),
    "blast-and-blank": (
        trench(acts=(Act.BLAST,), method=Method.BLASTING),
        [Pipe(straight(12.0)), Pipe(shapely.Point(3, 2), kind="valve", source_id="v1", cover_m=None)],
        [make_ground(blanks=[area(9)])],
    ),
    "bore": (
        replace(
            trench(acts=(Act.BORE,), method=Method.TRENCHLESS),
            bore=BorePath(((0.0, 3.0), (40.0, 3.0)), 800.0, 0.2, 0.3),
            uncertainty=(UncertaintyTerm("bore_plan_stated", 0.2, "permit"),),
            depth_uncertainty=(UncertaintyTerm("bore_depth_stated", 0.3, "permit"),),
        ),
        [Pipe(ACROSS)],
        [make_ground()],
    ),
    "bore-that-clears": (
        replace(
            make_site(
                shapely.LineString([(-20, 0), (20, 0)]), half_width_m=0.15, acts=(Act.BORE,), method=None
            ),
            bore=BorePath(((0.0, 3.5), (40.0, 3.5)), 300.0, 0.2, 0.3),
            uncertainty=(UncertaintyTerm("bore_plan_stated", 0.2, "permit"),),
            depth_uncertainty=(UncertaintyTerm("bore_depth_stated", 0.3, "permit"),),
        ),
        [Pipe(ACROSS, cover_most_m=1.4, profiled=True, depth_doubt_m=0.2)],
        [make_ground()],
    ),
}


def document(name: str) -> dict[str, Any]:
    site, pipes, ground = CASES[name]
    (screening,) = screen([site], make_found(pipes, ground), RULES, on=DAY)
    found: dict[str, Any] = json.loads(screening.text)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_the_explanation_reads_as_agreed(name: str, language: Any) -> None:
    """To agree anew: delete the file, run once, read what was written as a lawyer and as a foreman, commit it."""
    told = as_text(explain(document(name), language)) + "\n"
    golden = GOLDEN / f"{name}.{language}.txt"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
        pytest.fail(f"{golden.name} was not there: it is now; read it")
    assert told == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_every_measurement_and_every_source_is_told(name: str) -> None:
    found = document(name)
    for language in ("zh", "en"):
        told = as_text(explain(found, language))
        for conflict in found["conflicts"]:
            for number in ("clearance_m", "uncertainty_m"):
                assert f"{conflict[number]:.3f}" in told
            assert conflict["clause"] in told and conflict["limits"]["clause"] in told
            for term in conflict["reasons"]:
                if "metres" in term:
                    assert Teller(language).source(term["source"]) in told
        assert found["rule_profile"]["version"] in told and found["valid_until"] in told
        assert "None" not in told and "{" not in told


def test_a_strip_that_is_only_loaded_is_not_told_as_a_hole() -> None:
    spoil = replace(trench(), acts=(Act.HEAVY_LOAD,), part=SitePart.SPOIL, of_feature="1")
    (screening,) = screen([spoil], make_found([Pipe(ACROSS)], [make_ground()]), RULES, on=DAY)
    told = as_text(explain(json.loads(screening.text), "en"))
    assert "Half width of the ground loaded 0.4 m" in told
    assert "opened at the surface" not in told and "Depth of the dig" not in told


def test_a_station_drawn_by_its_wall_loses_no_radius() -> None:
    """1.6 m from the wall, whatever diameter the register has for it: 2.0 less the half width of 0.4."""
    yard = Pipe(shapely.box(-5, 2, 5, 8), kind="station", diameter_mm=600.0)
    (screening,) = screen([trench()], make_found([yard], [make_ground()]), RULES, on=DAY)
    told = as_text(explain(json.loads(screening.text), "en"))
    assert "Clearance to the outer wall 1.600 m" in told and "outer radius" not in told


def test_each_paragraph_of_a_conflict_says_which_one_it_is_of() -> None:
    paragraphs = explain(document("blast-and-blank"), "en")
    assert [paragraph.of for paragraph in paragraphs if paragraph.of is not None] == [1, 2]


def test_what_is_to_be_done_alike_is_one_stretch_for_the_foreman() -> None:
    sections = document("crossing")["sections"]
    merged = for_the_foreman(sections)
    assert len(merged) < len(sections)
    assert (merged[0]["from_m"], merged[-1]["to_m"]) == (sections[0]["from_m"], sections[-1]["to_m"])
    assert min(row["grade"] for row in merged if row["grade"]) == "I"
    assert not re.search("None", str([row["source_ids"] for row in merged]))


def test_digging_by_hand_is_one_stretch_under_the_strictest_of_what_it_takes_in() -> None:
    def row(low: float, high: float, grade: str, requirement: str, by_hand: bool) -> dict[str, Any]:
        return {
            "from_m": low,
            "to_m": high,
            "verdict": "held",
            "grade": grade,
            "requirement": requirement,
            "hand_dig": by_hand,
            "source_ids": ["p1"],
        }

    merged = for_the_foreman(
        [
            row(0.0, 4.0, "III", "notify", False),
            row(4.0, 4.2, "III", "notify", True),
            row(4.2, 6.0, "I", "plan_required", True),
            row(6.0, 6.2, "III", "notify", True),
            row(6.2, 9.0, "II", "plan_required", False),
        ]
    )
    assert merged == [
        row(0.0, 4.0, "III", "notify", False),
        row(4.0, 6.2, "I", "plan_required", True),
        row(6.2, 9.0, "II", "plan_required", False),
    ]


def test_a_crossing_says_how_far_a_bore_passes_where_that_is_known() -> None:
    plain = {"site_m": 40.0, "pipe_m": 9.0, "angle_deg": 62.5}
    bore = plain | {"bore_depth_m": 4.0, "passes": None, "vertical_clearance_m": None, "at_worst_m": None}
    under = bore | {"passes": "under", "vertical_clearance_m": 2.545}

    def told(crossing: dict[str, Any]) -> str:
        (line,) = crossing_lines({"crossings": [crossing]}, "en")
        return line

    assert told(plain) == "at K0+040.0 the axes cross at 62.5°"
    assert told(plain | {"site_to_m": 47.0, "angle_deg": 0.0}).startswith("on K0+040.0–K0+047.0")
    assert "no vertical clearance can be told" in told(bore)
    assert told(under).endswith("it passes under the pipe, 2.54 m between the walls")
    assert told(under | {"at_worst_m": 0.0}).endswith(" (0.00 m with every doubt counted)")
    assert crossing_lines({}, "zh") == []

"""What predig/1 judged is judged again: the same decisions, by the rules of then, and nothing it said is unsaid.

engine_1.json holds the rule profile it judged by and two of its documents, of the scene below.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from api.evidence.replay import DECISIONS
from ingest import parse_profile
from spatial.judging.judge import ENGINE
from spatial.screening import screen
from spatial.values import DigSite, UncertaintyTerm
from spatial.words import Act, Method
from tests.support.builders import DAY, Pipe, make_found, make_ground, make_site, straight

THEN = json.loads((Path(__file__).parent / "engine_1.json").read_text(encoding="utf-8"))

PIPES = [
    Pipe(shapely.LineString([(0, -30), (0, 30)]), uncertainty_m=0.4, cover_m=1.2, source_id="crossed"),
    Pipe(straight(2.0), uncertainty_m=2.0, source_id="beside"),
    Pipe(straight(-6.2), "SHP-A", None, 2.0, None, source_id="doubtful"),
    Pipe(shapely.Point(8, 3), None, None, 1.0, None, "valve", source_id="valve"),
    Pipe(straight(70.0), source_id="far"),
]


def sites() -> list[DigSite]:
    """As they were stored then: nothing said of how well their depth is known."""
    term = (UncertaintyTerm("site_stated", 0.2, "permit"),)
    trench = make_site(shapely.LineString([(-30, 0), (30, 0)]), half_width_m=0.5, method=Method.MECHANICAL)
    pit = make_site(shapely.box(-3, -3, 3, 3), half_width_m=0.0, acts=(Act.EXCAVATE, Act.BUILD))
    return [
        replace(trench, uncertainty=term, depth_m=0.5),
        replace(pit, uncertainty=term, depth_m=4.0),
    ]


def unsaid(before: Any, after: Any, where: str = "") -> list[str]:
    """Whatever stands in `before` and not, or otherwise, in `after`. Lists of codes may have grown."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            fault
            for key in before
            for fault in (
                unsaid(before[key], after[key], f"{where}/{key}") if key in after else [f"{where}/{key}"]
            )
        ]
    if isinstance(before, list) and isinstance(after, list):
        if before and isinstance(before[0], dict) and "code" in before[0]:
            return [f"{where}: {row}" for row in before if row not in after]
        if len(before) != len(after):
            return [where]
        return [
            fault
            for number, (one, other) in enumerate(zip(before, after, strict=True))
            for fault in unsaid(one, other, f"{where}/{number}")
        ]
    return [] if before == after else [f"{where}: {before} -> {after}"]


def test_a_judgement_of_the_engine_before_stands_and_loses_not_a_word() -> None:
    assert ENGINE == "predig/2"
    profile = parse_profile(THEN["profile"])
    for site, before in zip(sites(), THEN["documents"], strict=True):
        (now,) = screen([site], make_found(PIPES, [make_ground()]), profile, on=DAY)
        assert before["engine"] == "predig/1"
        decided = [
            [tuple(row[name] for name in DECISIONS if name != "pipe_id") for row in judged["conflicts"]]
            for judged in (before, now.document)
        ]
        assert decided[0] == decided[1] and len(decided[0]) == 4
        lost = unsaid(before, now.document)
        told_anew = ("/engine", "/rule_profile/sha256")
        # The stretch to be dug by hand was that of the control zone; now it is that of the protection zone.
        rest = [fault for fault in lost if not fault.startswith(told_anew) and "'hand_dig'" not in fault]
        assert rest == []

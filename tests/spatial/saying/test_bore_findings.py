"""How a bore passes a pipe, as a document tells it."""

from dataclasses import replace
from typing import Any

import pytest

from spatial.screening import screen
from spatial.values import BorePath, UncertaintyTerm
from spatial.words import Act
from tests.support.builders import DAY, Pipe, line, make_found, make_ground, make_profile, make_site, straight


def crossing(axis_m: tuple[float, float], plan_doubt_m: float = 2.0) -> dict[str, Any]:
    """Of a main with its top 3 m deep, 0.2 m thick, by a bore 0.4 m thick that falls from the one depth to the other
    over 20 m, known to 0.1 m in depth; the main is met half-way."""
    site = make_site(line((0.0, -10.0), (0.0, 10.0)), half_width_m=0.2, acts=(Act.BORE,))
    path = BorePath(((0.0, axis_m[0]), (20.0, axis_m[1])), 400.0, None, None)
    terms = (UncertaintyTerm("bore_depth_stated", 0.1, "permit"),)
    pipe = Pipe(straight(0.0), cover_m=3.0, profiled=True, depth_doubt_m=0.0, uncertainty_m=plan_doubt_m)
    found = make_found([pipe], [make_ground()])
    (judged,) = screen([replace(site, bore=path, depth_uncertainty=terms)], found, make_profile(), on=DAY)
    (one,) = judged.document["conflicts"][0]["crossings"]
    return dict(one)


def test_a_bore_that_may_meet_the_pipe_keeps_no_clearance_at_worst() -> None:
    """At both ends of where the pipe may lie the walls are apart, over it here and under it there."""
    falling = crossing((0.0, 6.2))
    assert (falling["passes"], falling["vertical_clearance_m"], falling["at_worst_m"]) == ("meets", 0.0, 0.0)


def test_a_bore_under_the_pipe_wherever_it_lies_keeps_the_least_clearance() -> None:
    """5.2 m less half the bore, 0.2 m, and the underside at 3.2 m; at worst 0.1 m less."""
    level = crossing((5.2, 5.2))
    assert level["passes"] == "under"
    assert level["vertical_clearance_m"] == pytest.approx(1.8, abs=0.001)
    assert level["at_worst_m"] == pytest.approx(1.7, abs=0.001)


def test_a_bore_under_the_pipe_at_record_that_may_be_met_keeps_none() -> None:
    steep = crossing((0.0, 7.4))
    assert steep["passes"] == "under" and steep["vertical_clearance_m"] > 0
    assert steep["at_worst_m"] == 0.0

"""What a bored line takes with it from its tool: doubt in plan and in depth, and its width."""

from typing import Any

from spatial.words import Act
from tests.ingest.dock import LINE, feature, plan

PATH: dict[str, Any] = {"entry_depth_m": 3, "exit_depth_m": 5}


def bored(**about: Any) -> Any:
    (site,) = plan(feature(LINE, acts=["bore"], **about))
    assert site.acts == (Act.BORE,)
    return site


def test_a_stated_accuracy_is_part_of_both_doubts() -> None:
    site = bored(bore={**PATH, "plan_accuracy_m": 0.4, "depth_accuracy_m": 0.2})
    assert [(term.code, term.metres) for term in site.uncertainty][-1] == ("bore_plan_stated", 0.4)
    assert [(term.code, term.metres) for term in site.depth_uncertainty] == [("bore_depth_stated", 0.2)]


def test_without_one_it_is_a_tenth_of_the_greatest_depth() -> None:
    """5 m deep at the exit: 0.5 m each way, which nobody has confirmed; the doubt of a floor has no part in it."""
    site = bored(bore=PATH, depth_m=4.0)
    assert [(term.code, term.metres, term.verified) for term in site.uncertainty][-1] == (
        "bore_plan_default",
        0.5,
        False,
    )
    assert [(term.code, term.metres) for term in site.depth_uncertainty] == [("bore_depth_default", 0.5)]


def test_a_bore_is_no_narrower_than_its_hole() -> None:
    assert bored(bore={**PATH, "diameter_mm": 900}).half_width_m == 0.45
    assert bored(bore={**PATH, "diameter_mm": 900}, width_m=0.4).half_width_m == 0.45
    assert bored(bore={**PATH, "diameter_mm": 900}, width_m=1.4).half_width_m == 0.7


def test_a_hole_of_unknown_width_is_taken_as_any_line() -> None:
    site = bored(bore=PATH)
    assert (site.half_width_m, site.half_width_known) == (1.5, False)

"""G7 in small: `make attack` runs 100,000 cases."""

from bench.attack.edges import run
from tests.support.builders import make_profile


def test_at_the_edge_nothing_is_missed_and_ties_are_conflicts() -> None:
    found = run(480, 7, make_profile())
    assert (found.misses, found.false_alarms) == ([], [])
    assert found.ties == 160 and found.conflicts == 320

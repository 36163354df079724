"""G7 in small: `make attack` runs 100,000 cases. G4."""

from hypothesis import given
from hypothesis import strategies as st

from bench.attack.edges import run
from spatial.values import CHINA
from tests.support.builders import make_profile


def test_at_the_edge_nothing_is_missed_and_ties_are_conflicts() -> None:
    found = run(480, 7, make_profile())
    assert (found.misses, found.false_alarms) == ([], [])
    assert found.ties == 160 and found.conflicts == 320


@given(st.floats(CHINA.west, CHINA.east), st.floats(CHINA.south, CHINA.north))
def test_no_place_in_the_country_is_in_it_the_other_way_round(lon: float, lat: float) -> None:
    assert CHINA.holds((lon, lat, lon, lat)) and not CHINA.holds((lat, lon, lat, lon))

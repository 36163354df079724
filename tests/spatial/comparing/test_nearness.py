"""How much of a line lies near others."""

import numpy as np
import pytest
import shapely

from spatial.comparing.nearness import shares_near
from tests.support.builders import laid, line


def shares(within_m: float, lines: list[shapely.LineString], others: list[shapely.Geometry]) -> list[float]:
    lengths = np.array([one.length for one in lines])
    placed = np.array([laid(one) for one in lines], dtype=object)
    return shares_near(
        placed, lengths, np.array([laid(one) for one in others], dtype=object), within_m
    ).tolist()


@pytest.mark.parametrize(("away_m", "share"), [(0.0, 1.0), (1.2, 1.0), (1.9, 1.0), (2.1, 0.0), (30.0, 0.0)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_line_beside_another(away_m: float, share: float, turned: bool) -> None:
    one, other = line((-100, 0), (100, 0)), line((-300, away_m), (300, away_m))
    if turned:
        one, other = (shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in (one, other))
    assert shares(2.0, [one], [other]) == [share]


def test_half_of_a_line_is_half_of_it() -> None:
    assert shares(2.0, [line((0, 0), (200, 0))], [line((100, 1), (400, 1))]) == [pytest.approx(0.5, abs=0.03)]


def test_a_crossing_is_next_to_nothing() -> None:
    (share,) = shares(2.0, [line((-100, 0), (100, 0))], [line((0, -50), (0, 50))])
    assert share <= 0.05


def test_without_others_nothing_is_near() -> None:
    assert shares(2.0, [line((0, 0), (10, 0))], []) == [0.0]
    assert shares(2.0, [], [line((0, 0), (10, 0))]) == []

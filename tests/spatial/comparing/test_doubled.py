"""Which lines follow those of another source."""

import numpy as np
import pytest
import shapely

from spatial.comparing.doubled import alongside
from tests.support.builders import laid, line


def told(
    lines: list[shapely.LineString], others: list[tuple[int, shapely.LineString]]
) -> dict[tuple[int, int], float]:
    found = alongside(
        np.array([laid(one) for one in lines], dtype=object),
        np.array([one.length for one in lines]),
        np.arange(len(lines)),
        np.array([laid(one) for _, one in others], dtype=object),
        np.array([source for source, _ in others], np.int64),
    )
    assert [others[piece][0] for piece in found.piece.tolist()] == found.source.tolist()
    pairs = zip(found.asset.tolist(), found.source.tolist(), strict=True)
    return dict(zip(pairs, found.metres.tolist(), strict=True))


def test_the_pieces_of_a_source_count_together_and_sources_apart() -> None:
    main = line((0, 0), (300, 0))
    short = [(0, line((at, 1.2), (at + 50, 1.2))) for at in range(0, 300, 50)]
    assert told([main], [*short, (1, line((0, -1), (90, -1))), (2, line((0, 5), (300, 5)))]) == {
        (0, 0): pytest.approx(300.0),
        (0, 1): pytest.approx(91.0, abs=5.0),
    }


def test_two_pieces_over_one_another_are_not_twice_as_long() -> None:
    assert told([line((0, 0), (80, 0))], [(0, line((0, 1), (80, 1))), (0, line((0, -1), (80, -1)))]) == {
        (0, 0): pytest.approx(80.0)
    }


def test_a_crossing_is_metres_and_what_is_far_nothing() -> None:
    crossed = told([line((0, 0), (300, 0))], [(0, line((151, -50), (151, 50)))])
    assert sum(crossed.values()) <= 10.0
    assert told([line((0, 0), (300, 0))], [(0, line((0, 2.5), (300, 2.5)))]) == {}


def test_of_thousands_over_one_another_the_nearest_counts() -> None:
    heap = [line((0, at * 1e-3), (80, at * 1e-3)) for at in range(300)]
    assert told(heap[:2], [(at % 2, one) for at, one in enumerate(heap)]) == {
        (asset, source): pytest.approx(80.0) for asset in (0, 1) for source in (0, 1)
    }

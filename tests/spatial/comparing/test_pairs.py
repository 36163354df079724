"""Pairs come in batches: the same pairs, however many at a time."""

import numpy as np
import pytest
import shapely

from spatial.comparing import nearness


@pytest.mark.parametrize("most", [1, 50, 200_000])
def test_batches_hold_every_pair_once(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "MOST_PAIRS", most)
    draw = np.random.default_rng(7)
    places = 101.7 + draw.random((200, 2)) * [2e-4, 0] + [0, -65.1 + 2e-4]
    places[:80] = places[0]  # a heap
    points = shapely.points(places)
    batches = list(nearness.near_pairs(points, points, 3.0))
    found = [pair for end, other in batches for pair in zip(end.tolist(), other.tolist(), strict=True)]
    plane = nearness.as_a_plane(points)
    flat, within = plane(points), 3.0 / nearness.METRES_PER_DEGREE_LATITUDE
    brute = np.argwhere(shapely.distance(flat[:, None], flat[None, :]) <= within)
    assert sorted(found) == [tuple(pair) for pair in brute.tolist()]
    assert most == 200_000 or len(batches) > 1


def test_nobody_has_no_pairs() -> None:
    nobody = np.empty(0, dtype=object)
    assert list(nearness.near_pairs(nobody, shapely.points([[101.7, 36.6]]), 3.0)) == []
    assert not len(nearness.nearest(nobody, nobody, 3.0)[0])

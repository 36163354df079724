"""Segment against segment in three dimensions: by hand, and against points sampled along both."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.measuring.space import beyond, closest, least_beyond

COORDINATE = st.floats(-30, 30).map(lambda value: round(value, 3))
SEGMENT = st.tuples(*[COORDINATE] * 6).map(lambda six: np.array(six).reshape(2, 3))
SAMPLES = 400


@pytest.mark.parametrize(
    ("one", "other", "distance", "t", "s"),
    [
        # crossing in plan, 3 m apart in depth
        ([[-5, 0, 0], [5, 0, 0]], [[0, -5, 3], [0, 5, 3]], 3.0, 0.5, 0.5),
        # end to end
        ([[0, 0, 0], [1, 0, 0]], [[4, 4, 0], [9, 9, 0]], 5.0, 1.0, 0.0),
        # parallel, side by side
        ([[0, 0, 0], [10, 0, 0]], [[0, 3, 4], [10, 3, 4]], 5.0, None, None),
        # an end over the middle of the other
        ([[2, 1, 0], [2, 9, 0]], [[0, 0, 0], [8, 0, 0]], 1.0, 0.0, 0.25),
        # two points, and a point on a segment
        ([[0, 0, 0], [0, 0, 0]], [[0, 3, 4], [0, 3, 4]], 5.0, 0.0, 0.0),
        ([[0, 0, 0], [8, 0, 0]], [[2, 0, 0], [2, 0, 0]], 0.0, 0.25, 0.0),
    ],
)
def test_segments_by_hand(
    one: object, other: object, distance: float, t: float | None, s: float | None
) -> None:
    found, at, at_other = closest(np.array([one], dtype=float), np.array([other], dtype=float))
    assert found[0] == pytest.approx(distance, abs=1e-12)
    if t is not None:
        assert (at[0], at_other[0]) == pytest.approx((t, s), abs=1e-12)


@given(SEGMENT, SEGMENT)
def test_segments_against_sampling(one: np.ndarray, other: np.ndarray) -> None:
    """No sampled pair of points is nearer, and some is nearly as near."""
    share = np.linspace(0, 1, SAMPLES)[:, None]
    here, there = one[0] + share * (one[1] - one[0]), other[0] + share * (other[1] - other[0])
    sampled = np.sqrt(((here[:, None] - there[None]) ** 2).sum(axis=2)).min()
    step = (np.linalg.norm(one[1] - one[0]) + np.linalg.norm(other[1] - other[0])) / (SAMPLES - 1)
    found = closest(one[None], other[None])[0][0]
    assert sampled - step <= found <= sampled + 1e-9


@given(SEGMENT, SEGMENT, st.floats(0, 20))
def test_with_a_doubt_against_sampling(one: np.ndarray, other: np.ndarray, doubt: float) -> None:
    run, edge, doubts = np.abs(one)[None], other[None, :, :2], np.array([doubt])
    share = np.linspace(0, 1, 4000)[:, None]
    sampled = beyond(run, edge, doubts, share).min()
    found = least_beyond(run, edge, doubts)[0]
    assert sampled - np.linalg.norm(run[0, 1] - run[0, 0]) / 3999 <= found <= sampled + 1e-6


@given(SEGMENT, SEGMENT)
def test_without_a_doubt_it_is_the_exact_distance(one: np.ndarray, other: np.ndarray) -> None:
    run, flat = np.abs(one)[None], other[None] * [1, 1, 0]
    assert least_beyond(run, flat[..., :2], np.zeros(1)) == pytest.approx(closest(run, flat)[0], abs=1e-6)

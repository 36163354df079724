"""Another datum moves all pipes alike; a survey does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from spatial.comparing.shift import Shift, find_shift, vote_shift
from spatial.crs.offsets import bd09_from_wgs84, gcj02_from_wgs84, wgs84_from_gcj02

Xy = NDArray[np.float64]
TOWN = (101.78, 36.62)


def middles(count: int, spread_degrees: float = 0.08) -> Xy:
    return np.random.default_rng(7).uniform(-1, 1, (count, 2)) * spread_degrees + TOWN


def moved(places: Xy, east_m: float, north_m: float) -> Xy:
    return places + np.array([east_m / (111_320 * np.cos(np.radians(TOWN[1]))), north_m / 110_985])


@pytest.mark.parametrize(("east_m", "north_m"), [(0.0, 2.5), (90.0, 60.0), (-300.0, 0.0)])
def test_what_moves_all_alike_is_a_jump(east_m: float, north_m: float) -> None:
    before = middles(400)
    found = find_shift(before, moved(before, east_m, north_m), unmoved=100)
    assert found is not None and (found.rows, found.of, found.frame) == (400, 500, None)
    assert found.metres == pytest.approx(np.hypot(east_m, north_m), rel=0.01)
    assert found.bearing == pytest.approx(np.degrees(np.arctan2(east_m, north_m)) % 360, abs=1.0)


@pytest.mark.parametrize(
    ("forward", "frame", "least_m", "most_m"),
    [(gcj02_from_wgs84, "GCJ-02", 150, 200), (bd09_from_wgs84, "BD-09", 700, 1100)],
)
def test_a_chinese_map_frame_is_named(forward: object, frame: str, least_m: float, most_m: float) -> None:
    before = middles(200)
    after = forward(before)  # type: ignore[operator]
    found = find_shift(before, after, unmoved=0)
    assert found is not None and (found.frame, found.frame_before, found.rows) == (frame, False, 200)
    assert least_m < found.metres < most_m
    back = find_shift(after, before, unmoved=0)
    assert back is not None and (back.frame, back.frame_before) == (frame, True)


def test_a_map_frame_is_seen_over_a_whole_province_where_it_is_no_one_jump() -> None:
    before = middles(300, spread_degrees=3.0)
    found = find_shift(before, gcj02_from_wgs84(before), unmoved=20)
    assert found is not None and found.frame == "GCJ-02"


def test_a_new_survey_of_some_is_no_jump() -> None:
    before, rng = middles(60), np.random.default_rng(1)
    assert find_shift(before, moved(before, 8.0, 0.0), unmoved=200) is None  # few of many
    apart = before + rng.uniform(-1, 1, (60, 2)) * 1e-4  # each its own way
    assert find_shift(before, apart, unmoved=0) is None
    assert find_shift(before, moved(before, 1.5, 0.0), unmoved=0) is None  # less than anybody knows
    assert find_shift(before, before, unmoved=0) is None  # other attributes, same place
    assert find_shift(before[:2], moved(before[:2], 90.0, 0.0), unmoved=0) is None


def sizes(count: int) -> Xy:
    return np.round(np.random.default_rng(3).uniform(0, 80, (count, 2)), 1)


def test_without_ids_the_rows_vote() -> None:
    before, size, rng = middles(3_000, 0.03), sizes(3_000), np.random.default_rng(5)
    order = rng.permutation(3_000)
    found = vote_shift(before, size, moved(before, 90.0, 60.0)[order], size[order] * 1.001, unmoved=200)
    assert found is not None and found.metres == pytest.approx(108.2, rel=0.02)
    assert found.rows > 2_500 and found.of == 3_200
    framed = vote_shift(before, size, wgs84_from_gcj02(before)[order], size[order], unmoved=0)
    assert isinstance(framed, Shift) and framed.frame_before and framed.frame == "GCJ-02"


def test_without_ids_another_network_is_no_jump() -> None:
    size, rng = sizes(2_000), np.random.default_rng(6)
    other = middles(2_000, 0.03)[rng.permutation(2_000)] + 1e-3
    assert vote_shift(middles(2_000, 0.03), size, other, sizes(2_000)[::-1], unmoved=0) is None
    assert vote_shift(middles(10), size[:10], middles(10), size[:10], unmoved=2_000) is None
    same = middles(500, 0.03)
    assert vote_shift(same, sizes(500), same, sizes(500), unmoved=0) is None


def test_without_ids_points_and_like_things_are_many_and_still_vote() -> None:
    before, size = middles(4_000, 0.05), np.zeros((4_000, 2))
    found = vote_shift(before, size, moved(before, 173.0, 0.0)[::-1], size, unmoved=0)
    assert found is not None and found.metres == pytest.approx(173.0, rel=0.05)

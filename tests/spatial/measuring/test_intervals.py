"""What lies inside a distance, against walking the line in small steps."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.measuring.intervals import SAME_M, edges_of, merge, near

STEPS = np.linspace(0, 1, 401)


def column(*shapes: shapely.Geometry) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def stretches(line: shapely.LineString, other: shapely.Geometry, within_m: float) -> np.ndarray:
    """Length along `line` of everything within `within_m` of `other`."""
    segments = edges_of(column(line))
    index, part = near(
        segments, column(other), edges_of(column(other)), np.array([within_m]), apart(line, other)
    )
    length = np.hypot(*(segments.xy[:, 1] - segments.xy[:, 0]).T)
    begin = np.cumsum(length) - length
    return joined(begin[index][:, None] + part * length[index][:, None])


def apart(line: shapely.LineString, other: shapely.Geometry) -> np.ndarray:
    """As the caller knows it."""
    return np.array([shapely.distance(line, other) > SAME_M])


def joined(spans: np.ndarray) -> np.ndarray:
    """All of one group."""
    return merge(spans, np.zeros(len(spans), np.int64))[0]


def assert_as_walked(line: shapely.LineString, other: shapely.Geometry, within_m: float) -> None:
    spans = stretches(line, other, within_m)
    for segment, begin in zip(
        edges_of(column(line)).xy,
        np.r_[0, np.cumsum(np.hypot(*np.diff(line.coords, axis=0).T))],
        strict=False,
    ):
        walked = segment[0] + STEPS[:, None] * (segment[1] - segment[0])
        station = begin + STEPS * np.hypot(*(segment[1] - segment[0]))
        distance = shapely.distance(shapely.points(walked), other)
        said = ((spans[None, :, 0] <= station[:, None]) & (station[:, None] <= spans[None, :, 1])).any(axis=1)
        plain = np.abs(distance - within_m) > 1e-6
        assert (said[plain] == (distance[plain] <= within_m)).all()
    if len(spans) > 1:
        assert (spans[1:, 0] > spans[:-1, 1]).all()


def random_shape(rng: np.random.Generator, kind: int) -> shapely.Geometry:
    xy = rng.uniform(-60, 60, (rng.integers(2, 9), 2))
    if kind == 0:
        return shapely.Point(xy[0])
    if kind == 1:
        return shapely.LineString(xy)
    if kind == 2:
        return shapely.MultiPoint(xy)
    hull = shapely.Polygon(np.vstack([[-50, -40], [55, -35], [45, 50], xy[0] * 0.2 + [-30, 30]]))
    if kind == 3:
        return hull
    if kind == 4:
        return hull.difference(shapely.box(-10, -20, 15, 10))
    return shapely.MultiPolygon([shapely.box(-50, -50, -20, 40), shapely.box(5, -10, 30, 60)])


@given(st.integers(0, 2**32), st.integers(0, 5), st.sampled_from([0.5, 5.01, 37.3]))
def test_stretches_are_those_of_walking_the_line(seed: int, kind: int, within_m: float) -> None:
    rng = np.random.default_rng(seed)
    line = shapely.LineString(rng.uniform(-100, 100, (rng.integers(2, 12), 2)))
    assert_as_walked(line, random_shape(rng, kind), within_m)


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        pytest.param([(0, 0), (100, 0)], [(40, 60)], id="straight through"),
        pytest.param([(50, 0), (50, 0), (100, 0)], [(0, 10)], id="a repeated vertex"),
        pytest.param([(0, 10), (100, 10)], [(50, 50)], id="touching"),
        pytest.param([(0, 11), (100, 11)], [], id="passing by"),
        pytest.param([(0, 0), (50, 0), (100, 0)], [(40, 60)], id="no seam at a vertex"),
        pytest.param([(48, 0), (52, 0)], [(0, 4)], id="wholly inside"),
    ],
)
def test_within_ten_metres_of_a_point(
    line: list[tuple[float, float]], spans: list[tuple[float, float]]
) -> None:
    found = stretches(shapely.LineString(line), shapely.Point(50, 0), 10.0)
    assert len(found) == len(spans)
    assert np.allclose(found, np.reshape(spans, (-1, 2)), atol=1e-6)


@pytest.mark.parametrize("x", [-3.0, 103.0])
@pytest.mark.parametrize("upwards", [True, False])
def test_the_round_ends_of_a_stadium_count_from_both_sides(x: float, upwards: bool) -> None:
    across = [(x, -20.0), (x, 20.0)] if upwards else [(x, 20.0), (x, -20.0)]
    spans = stretches(shapely.LineString(across), shapely.LineString([(0, 0), (100, 0)]), 5.0)
    assert np.allclose(spans, [[16, 24]])


@pytest.mark.parametrize("x", [-8.0, 92.0])
def test_a_line_lengthwise_enters_by_one_end_and_leaves_inside(x: float) -> None:
    spans = stretches(shapely.LineString([(x, 0), (x + 16, 0)]), shapely.LineString([(0, 0), (100, 0)]), 5.0)
    assert np.allclose(spans, [[3, 16]] if x < 0 else [[0, 13]])


def test_deep_inside_an_area_counts_although_no_edge_is_near() -> None:
    spans = stretches(shapely.LineString([(-200, 0), (200, 0)]), shapely.box(-100, -100, 100, 100), 1.0)
    assert np.allclose(spans, [[99, 301]])


def test_a_hole_is_outside() -> None:
    ring = shapely.box(-100, -100, 100, 100).difference(shapely.box(-50, -50, 50, 50))
    spans = stretches(shapely.LineString([(-200, 0), (200, 0)]), ring, 1.0)
    assert np.allclose(spans, [[99, 151], [249, 301]])


def test_a_line_along_the_edge_of_an_area_counts() -> None:
    spans = stretches(shapely.LineString([(0, 0), (10, 0)]), shapely.box(2, 0, 8, 5), 0.25)
    assert np.allclose(spans, [[1.75, 8.25]])


def test_merge_joins_what_touches_and_sorts() -> None:
    assert joined(np.array([[5.0, 6], [0, 2], [2, 3], [1, 2.5]])).tolist() == [[0, 3], [5, 6]]
    assert joined(np.array([[0.0, 9], [1, 2], [8, 10]])).tolist() == [[0, 10]]
    assert joined(np.empty((0, 2))).tolist() == []


def test_merge_joins_only_within_a_group() -> None:
    spans = np.array([[0.0, 5], [1, 2], [4, 9], [0, 1]])
    merged, group = merge(spans, np.array([3, 1, 3, 1]))
    assert merged.tolist() == [[0, 2], [0, 9]]
    assert group == [1, 3]


def test_many_pairs_are_measured_in_chunks_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    line = shapely.LineString(rng.uniform(-100, 100, (40, 2)))
    other = shapely.LineString(rng.uniform(-100, 100, (30, 2)))
    whole = stretches(line, other, 7.0)
    monkeypatch.setattr("spatial.measuring.intervals.CHUNK", 50)
    assert np.array_equal(stretches(line, other, 7.0), whole)


def test_edges_of_every_kind_of_shape() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    shapes = column(
        shapely.Point(1, 2),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 5), (6, 6), (7, 7)]]),
        ring,
        shapely.MultiPoint([(1, 1), (2, 2)]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
    )
    edges = edges_of(shapes)
    assert edges.xy[0].tolist() == [[1, 2], [1, 2]]
    assert np.bincount(edges.owner).tolist() == [1, 3, 8, 2, 8]
    assert edges.first_of(5).tolist() == [0, 1, 4, 12, 14, 22]
    length = np.hypot(*(edges.xy[:, 1] - edges.xy[:, 0]).T)
    assert length[12:14].tolist() == [0, 0]
    assert length[4:12].sum() == 36 + 12
    assert len(edges_of(column())) == 0


@given(st.integers(0, 2**32), st.integers(1, 7))
def test_a_line_is_measured_alike_alone_and_among_others(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [shapely.LineString(rng.uniform(-100, 100, (rng.integers(2, 12), 2))) for _ in range(count)]
    others = [random_shape(rng, int(rng.integers(0, 6))) for _ in range(count)]
    within_m = rng.uniform(0.1, 40, count)
    together = edges_of(column(*lines))
    away = np.concatenate([apart(*pair) for pair in zip(lines, others, strict=True)])
    index, part = near(together, column(*others), edges_of(column(*others)), within_m, away)
    for number in range(count):
        other = column(others[number])
        alone_index, alone_part = near(
            edges_of(column(lines[number])),
            other,
            edges_of(other),
            within_m[number : number + 1],
            np.zeros(1, np.bool_),
        )
        mine = together.owner[index] == number
        assert (index[mine] - together.first_of(count)[number]).tolist() == alone_index.tolist()
        assert part[mine].tobytes() == alone_part.tobytes()

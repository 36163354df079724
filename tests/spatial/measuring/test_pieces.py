"""Pieces: nothing of a pipe is lost by cutting, chainage is geodesic, and a box holds what it must."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from spatial.measuring.pieces import BOX_SLACK_M, SEGMENTS_PER_PIECE, cut

ELLIPSOID = Geodesic(6378137.0, 1 / 298.257222101)


def random_lines(seed: int, count: int) -> list[shapely.MultiLineString]:
    rng = np.random.default_rng(seed)
    return [
        shapely.MultiLineString(
            [
                np.cumsum(rng.normal(0, 0.0003, (rng.integers(2, 40), 2)), axis=0) + np.array([101.7, 36.6])
                for _ in range(rng.integers(1, 4))
            ]
        )
        for _ in range(count)
    ]


@given(st.integers(0, 2**32))
def test_chainage_is_the_sum_of_geodesics(seed: int) -> None:
    (whole,) = random_lines(seed, 1)
    pieces = cut([whole], np.zeros(1))
    run = 0.0
    at_vertex = [0.0]
    for part in whole.geoms:
        xy = list(part.coords)
        if part is not whole.geoms[0]:
            at_vertex.append(run)
        for (lon_1, lat_1), (lon_2, lat_2) in pairwise(xy):
            run += ELLIPSOID.Inverse(lat_1, lon_1, lat_2, lon_2)["s12"]
            at_vertex.append(run)
    ends = np.r_[pieces.from_m, pieces.to_m]
    assert np.abs(ends[:, None] - np.array(at_vertex)).min(axis=1).max() < 1e-6
    assert pieces.from_m[0] == 0.0
    assert pieces.to_m[-1] == pytest.approx(run, abs=1e-6)
    assert np.allclose(pieces.from_m[1:], pieces.to_m[:-1], atol=1e-6)
    assert (pieces.to_m >= pieces.from_m).all()


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_cutting_one_is_cutting_many_bit_for_bit(seed: int, count: int) -> None:
    lines = random_lines(seed, count)
    widths = np.linspace(0, 3, count)
    together = cut(lines, widths)
    for number, whole in enumerate(lines):
        rows = together.asset == number
        alone = cut([whole], widths[number : number + 1])
        assert shapely.to_wkb(alone.geometry).tolist() == shapely.to_wkb(together.geometry[rows]).tolist()
        assert alone.from_m.tobytes() == together.from_m[rows].tobytes()
        assert alone.to_m.tobytes() == together.to_m[rows].tobytes()
        assert alone.boxes.tobytes() == together.boxes[rows].tobytes()


@given(st.integers(0, 2**32))
def test_every_edge_is_in_exactly_one_piece(seed: int) -> None:
    (whole,) = random_lines(seed, 1)
    pieces = cut([whole], np.zeros(1))
    assert shapely.get_num_coordinates(pieces.geometry).max() <= SEGMENTS_PER_PIECE + 1
    kept = [tuple(edge) for shape in pieces.geometry for edge in pairwise(shape.coords)]
    drawn = [tuple(edge) for part in whole.geoms for edge in pairwise(part.coords)]
    assert kept == drawn


@given(st.integers(0, 2**32), st.floats(0, 25), st.floats(0, 360))
def test_a_box_holds_the_piece_widened_by_radius_and_uncertainty(
    seed: int, widen_by_m: float, azimuth: float
) -> None:
    (whole,) = random_lines(seed, 1)
    pieces = cut([whole], np.array([widen_by_m]))
    for shape, (west, south, east, north) in zip(pieces.geometry, pieces.boxes, strict=True):
        for lon, lat in shape.coords:
            end = ELLIPSOID.Direct(lat, lon, azimuth, widen_by_m + BOX_SLACK_M * 0.99)
            assert west <= end["lon2"] <= east
            assert south <= end["lat2"] <= north


def test_facilities_stay_whole_and_in_their_place() -> None:
    shapes = [
        shapely.Point(101.7, 36.6),
        shapely.MultiLineString([[(101.7, 36.6), (101.701, 36.6)]]),
        shapely.box(101.7, 36.6, 101.71, 36.61),
    ]
    pieces = cut(shapes, np.array([1.0, 2.0, 3.0]))
    assert pieces.asset.tolist() == [0, 1, 2]
    assert [shape.geom_type for shape in pieces.geometry] == ["Point", "LineString", "Polygon"]
    assert pieces.from_m.tolist() == [0, 0, 0]
    assert pieces.to_m[0] == pieces.to_m[2] == 0.0


def test_a_long_line_is_cut_small() -> None:
    steps = np.column_stack([101 + np.arange(2001) * 0.001, np.full(2001, 36.0)])
    pieces = cut([shapely.LineString(steps)], np.zeros(1))
    assert len(pieces.asset) == 250
    assert (pieces.boxes[:, 2] - pieces.boxes[:, 0]).max() < 0.0082
    length = sum(
        ELLIPSOID.Inverse(36.0, 101 + n * 0.001, 36.0, 101 + (n + 1) * 0.001)["s12"] for n in range(2000)
    )
    assert pieces.to_m[-1] == pytest.approx(length, abs=1e-5)


def test_nothing_is_cut_from_nothing() -> None:
    pieces = cut([], np.empty(0))
    assert len(pieces.asset) == 0 and pieces.boxes.shape == (0, 4)

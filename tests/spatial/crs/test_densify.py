"""Splitting edges: every received vertex stays in its place, bit for bit, and no edge is too long."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from spatial.crs import densify as module
from spatial.crs.densify import densify
from tests.spatial.crs.refusals import refused

numbers = st.integers(-100_000_000, 100_000_000).map(lambda mm: mm / 1000)
vertices = st.tuples(numbers, numbers)
lines = st.lists(vertices, min_size=2, max_size=8).map(shapely.linestrings)
rings = st.lists(vertices, min_size=3, max_size=6).map(lambda xy: [*xy, xy[0]])
polygons = st.tuples(rings, st.lists(rings, max_size=2)).map(lambda p: shapely.Polygon(*p))
points = vertices.map(shapely.Point)
anything = st.one_of(
    lines,
    polygons,
    points,
    st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString),
    st.lists(polygons, min_size=1, max_size=3).map(shapely.MultiPolygon),
    st.lists(points, min_size=1, max_size=3).map(shapely.MultiPoint),
    st.sampled_from([None, shapely.LineString(), shapely.Polygon(), shapely.MultiPolygon()]),
)


def as_array(*geometries: BaseGeometry | None) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def runs(geometry: BaseGeometry) -> list[np.ndarray]:
    """The vertices of each line or ring, in order."""
    parts = shapely.get_parts(geometry)
    if geometry.geom_type.endswith("Polygon"):
        parts = shapely.get_rings(parts)
    return [shapely.get_coordinates(part) for part in parts]


@given(received=st.lists(anything, max_size=6), longest=st.floats(500.0, 1e6))
def test_edges_are_short_and_received_vertices_stay(
    received: list[BaseGeometry | None], longest: float
) -> None:
    dense = densify(as_array(*received), longest)
    assert len(dense) == len(received)
    for before, after in zip(received, dense, strict=True):
        if before is None:
            assert after is None
            continue
        assert after.geom_type == before.geom_type and after.is_empty == before.is_empty
        old_runs, new_runs = runs(before), runs(after)
        assert len(old_runs) == len(new_runs)
        for old, new in zip(old_runs, new_runs, strict=True):
            if not len(old):
                assert not len(new)
                continue
            assert (new[0] == old[0]).all() and (new[-1] == old[-1]).all()
            left = iter(map(tuple, new))
            assert all(vertex in left for vertex in map(tuple, old)), "a vertex is gone or out of order"
            if len(new) > 1 and not before.geom_type.endswith("Point"):
                edges = np.hypot(*np.diff(new, axis=0).T)
                assert edges.max() <= longest * (1 + 1e-9)
                assert len(new) - len(old) <= np.hypot(*np.diff(old, axis=0).T).sum() / longest + len(old)


@given(line=lines, longest=st.floats(500.0, 1e6))
def test_new_vertices_lie_on_their_edge(line: BaseGeometry, longest: float) -> None:
    (dense,) = densify(as_array(line), longest)
    new = shapely.points(shapely.get_coordinates(dense))
    assert shapely.distance(new, line).max() < 1e-9 * 1e5


def test_a_bow_tie_and_a_repeated_vertex_are_left_as_they_came() -> None:
    """GEOS would repair the one and drop the other while densifying; whoever checks shapes must see them."""
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)])
    stutter = shapely.LineString([(0, 0), (0, 0), (10, 0)])
    tie, line = densify(as_array(bow_tie, stutter), 4.0)
    assert not tie.is_valid
    assert shapely.get_coordinates(line)[:2].tolist() == [[0, 0], [0, 0]]


def test_short_edges_are_not_touched() -> None:
    line = shapely.LineString([(0.1, 0.2), (30.3, 40.4)])
    (same,) = densify(as_array(line), 100.0)
    assert shapely.equals_exact(same, line, 0.0)


def test_heights_and_measures_are_dropped() -> None:
    line = shapely.from_wkt("LINESTRING ZM (0 0 5 1, 250 0 6 2)")
    (dense,) = densify(as_array(line), 100.0)
    assert not dense.has_z and not dense.has_m
    assert shapely.get_num_coordinates(dense) == 4


@pytest.mark.parametrize(
    "geometry",
    [shapely.GeometryCollection([shapely.Point(0, 0)]), shapely.LinearRing([(0, 0), (1, 0), (1, 1)])],
)
def test_collections_and_bare_rings_are_a_programming_error(geometry: BaseGeometry) -> None:
    with pytest.raises(ValueError, match=geometry.geom_type):
        densify(as_array(shapely.Point(0, 0), geometry), 100.0)


def test_an_edge_round_the_universe_is_refused_before_memory_runs_out() -> None:
    with refused("crs_too_many_vertices", f"{module.MOST_VERTICES:,}"):
        densify(as_array(shapely.LineString([(0, 0), (1e300, 0)])), 1.0)


def test_coordinates_too_far_apart_to_subtract_are_refused_too() -> None:
    with np.errstate(over="ignore"), refused("crs_too_many_vertices"):
        densify(as_array(shapely.LineString([(-1.7e308, 0), (1.7e308, 0)])), 1.0)


def test_an_empty_part_stays_beside_a_full_one() -> None:
    (dense,) = densify(as_array(shapely.from_wkt("MULTILINESTRING (EMPTY, (0 0, 250 0))")), 100.0)
    assert shapely.get_num_coordinates(dense) == 4

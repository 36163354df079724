"""Registered grids: what the parameters mean, held against computations of their own; what they are refused for."""

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from spatial.crs import Grid, check_agreement, declare, grid_name, open_passage
from spatial.crs.grids.fit import fit, raised
from spatial.crs.grids.values import Helmert, Similarity
from spatial.crs.grids.ways import can_be_used, pipeline_of
from tests.spatial.crs.refusals import refused

CENTRE = (480_000.0, 4_052_000.0)
TO_4543 = Transformer.from_crs("EPSG:4490", "EPSG:4543", always_xy=True)
ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)


def grid(way: Similarity | Helmert, base: int = 4543, **about: Any) -> Grid:
    return Grid("xining", 2, 0.05, base, way, **about)


def carried(of: Grid, xy: np.ndarray) -> np.ndarray:
    """Longitude and latitude of (n, 2) grid coordinates, through the door."""
    low, high = xy.min(axis=0) - 1.0, xy.max(axis=0) + 1.0
    passage = open_passage(declare(of), (*low.tolist(), *high.tolist()))
    return np.array([passage.carry_point(x, y) for x, y in xy.tolist()])


def metres_apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2])


@pytest.mark.property
@given(
    st.floats(-180.0, 180.0),
    st.floats(-1_000.0, 1_000.0),
    st.floats(-5e6, 5e6),
    st.floats(-5e6, 5e6),
    st.lists(st.tuples(st.floats(-20e3, 20e3), st.floats(-20e3, 20e3)), min_size=1, max_size=5),
)
def test_four_parameters_lead_where_the_matrix_leads_and_back_to_a_millimetre(
    clockwise_deg: float, scale_ppm: float, x: float, y: float, around: list[tuple[float, float]]
) -> None:
    """Places in town -> its grid by a matrix of our own -> through the door -> the same places."""
    a, k = math.radians(clockwise_deg), 1.0 + scale_ppm * 1e-6
    forward = k * np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    shift = np.array(CENTRE) - forward @ np.array([x, y])
    there = np.array(CENTRE) + np.array(around)
    local = np.linalg.solve(forward, (there - shift).T).T
    of = grid(Similarity(float(shift[0]), float(shift[1]), clockwise_deg * 3600.0, k))
    known = np.column_stack(TO_4543.transform(*there.T, direction="INVERSE"))
    assert metres_apart(carried(of, local), known).max() < 1e-3


def matrix_7(way: Helmert) -> np.ndarray:
    """EPSG guidance note 7-2: 1033 (position vector) as a small-angle matrix; 1032 is it with the signs turned."""
    sign = 1.0 if way.convention == "position_vector" else -1.0
    rx, ry, rz = (sign * math.radians(v / 3600.0) for v in (way.rx_arcsec, way.ry_arcsec, way.rz_arcsec))
    small = np.array([[1.0, -rz, ry], [rz, 1.0, -rx], [-ry, rx, 1.0]])
    return np.asarray((1.0 + way.scale_ppm * 1e-6) * small)


def to_xyz(lonlat: np.ndarray, a: float, f: float) -> np.ndarray:
    lon, lat = np.radians(lonlat).T
    e2 = f * (2.0 - f)
    n = a / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
    return np.column_stack(
        [n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1.0 - e2) * np.sin(lat)]
    )


def to_lonlat(xyz: np.ndarray, a: float, f: float) -> np.ndarray:
    """By iteration of the latitude."""
    x, y, z = xyz.T
    e2, p = f * (2.0 - f), np.hypot(x, y)
    lat = np.arctan2(z, p * (1.0 - e2))
    for _ in range(20):
        n = a / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * n * np.sin(lat), p)
    return np.degrees(np.column_stack([np.arctan2(y, x), lat]))


@pytest.mark.property
@given(
    st.tuples(*[st.floats(-300.0, 300.0)] * 3),
    st.tuples(*[st.floats(-2.0, 2.0)] * 3),
    st.floats(-20.0, 20.0),
    st.sampled_from(["position_vector", "coordinate_frame"]),
    st.lists(st.tuples(st.floats(89.5, 103.0), st.floats(31.7, 39.2)), min_size=1, max_size=5),
)
def test_seven_parameters_lead_where_the_arithmetic_leads_to_a_millimetre(
    shift: Any, turns: Any, scale_ppm: float, convention: Any, places: list[tuple[float, float]]
) -> None:
    way = Helmert(*shift, *turns, scale_ppm, convention)
    old = np.array(places)
    xyz = to_xyz(old, 6378140.0, 1.0 / 298.257)
    moved = np.array(shift) + xyz @ matrix_7(way).T
    known = to_lonlat(moved, 6378137.0, 1.0 / 298.257222101)
    assert metres_apart(carried(grid(way, 4610), old), known).max() < 1e-3


def test_the_two_conventions_are_each_others_opposite_and_metres_apart() -> None:
    here = np.array([[101.78, 36.62]])
    one = grid(Helmert(10.0, -20.0, 30.0, 1.0, 2.0, -3.0, 1.5, "position_vector"), 4610)
    other = grid(Helmert(10.0, -20.0, 30.0, 1.0, 2.0, -3.0, 1.5, "coordinate_frame"), 4610)
    turned = grid(Helmert(10.0, -20.0, 30.0, -1.0, -2.0, 3.0, 1.5, "coordinate_frame"), 4610)
    assert metres_apart(carried(one, here), carried(turned, here)).max() < 1e-6
    assert metres_apart(carried(one, here), carried(other, here)).min() > 50.0


def test_a_projection_of_a_former_datum_is_brought_over_whole() -> None:
    """Beijing 54 in a Gauss-Krueger zone: first its own projection backwards, then the datum."""
    way = Helmert(15.8, -154.4, -82.3)
    lonlat = np.array([[101.78, 36.62], [102.3, 36.1]])
    own = Transformer.from_crs("EPSG:4214", "EPSG:2433", always_xy=True)
    xy = np.column_stack(own.transform(*lonlat.T))
    flat = 1.0 / 298.3
    known = to_lonlat(
        to_xyz(lonlat, 6378245.0, flat) + np.array([15.8, -154.4, -82.3]), 6378137.0, 1 / 298.257222101
    )
    assert metres_apart(carried(grid(way, 2433), xy), known).max() < 1e-3


def test_a_raised_plane_is_lowered_to_a_centimetre_at_ten_kilometres() -> None:
    """Practice, case 1: 0.35 m off at 1 km, 3.55 m at 10 km."""
    away = np.array([[0.0, 0.0], [1_000.0, 0.0], [0.0, -10_000.0], [7_071.0, 7_071.0]])
    raised_xy = np.array(CENTRE) + away * (1.0 + 2261.0 / 6_371_000.0)
    known = np.column_stack(TO_4543.transform(*(np.array(CENTRE) + away).T, direction="INVERSE"))
    got = metres_apart(carried(grid(raised(4543, CENTRE, 2261.0)), raised_xy), known)
    assert got.max() < 0.01
    unlowered = np.column_stack(TO_4543.transform(*raised_xy.T, direction="INVERSE"))
    assert metres_apart(unlowered, known).tolist() == pytest.approx([0.0, 0.35, 3.55, 3.55], abs=0.01)


def test_what_is_recorded_is_the_name_and_the_accuracy_and_nothing_shows_the_parameters() -> None:
    way = Similarity(512.3417, -88.1203, 77.31, 1.000123)
    of = grid(way, area=(400_000.0, 4e6, 600_000.0, 4.1e6))
    passage = open_passage(declare(of), (480_000.0, 4_051_000.0, 481_000.0, 4_053_000.0))
    assert passage.operation == "registered grid xining, version 2; accuracy 0.05 m"
    assert (passage.accuracy_m, passage.frame, passage.declared.name) == (0.05, "cgcs2000", "grid:xining")
    assert passage.longest_edge == pytest.approx(95.0)
    for shown in (repr(passage), repr(of), repr(way), str(declare(of)), repr(Helmert(512.3417, 1.0, 2.0))):
        assert not any(
            secret in shown for secret in ("512.3417", "88.12", "77.31", "1.000123", "4543", "600000")
        )


def test_edges_are_split_in_the_grid_and_lie_on_its_straight_lines() -> None:
    of = grid(Similarity(0.0, 0.0, 1800.0, 1.0))
    line = shapely.LineString([(520_000, 4_030_000), (521_000, 4_030_000)])
    passage = open_passage(declare(of), line.bounds)
    (dense,) = passage.carry(np.array([line], dtype=object))
    assert len(dense.coords) == 12
    middle = passage.carry_point(520_000 + 1000 * 5 / 11, 4_030_000)
    assert dense.coords[5] == pytest.approx(middle, abs=1e-12)


# -- common points


def points(noise_m: float, count: int = 6, seed: int = 7) -> tuple[np.ndarray, np.ndarray, Similarity]:
    """(local, known, truth): points round a town, each known to `noise_m` an axis."""
    chance = np.random.default_rng(seed)
    known = np.array(CENTRE) + chance.uniform(-8_000, 8_000, (count, 2))
    truth = Similarity(-41_000.0, 3_900_000.0, 5400.0, 1.00012)
    z = (known @ [1, 1j] - complex(truth.d_east_m, truth.d_north_m)) / truth.turn
    return np.column_stack([z.real, z.imag]), known + chance.normal(0.0, noise_m, (count, 2)), truth


def test_exact_points_give_the_parameters_back_and_are_not_believed_below_a_centimetre() -> None:
    local, known, truth = points(0.0)
    found = fit(local, known)
    assert max(found.residuals_m) < 1e-6 and found.accuracy_m == 0.01
    assert found.way.scale == pytest.approx(truth.scale, abs=1e-12)
    assert found.way.clockwise_arcsec == pytest.approx(truth.clockwise_arcsec, abs=1e-6)


def test_the_fit_is_that_of_least_squares() -> None:
    """Against numpy's own solver of the linear problem."""
    local, known, _ = points(0.05)
    x, y = (local - local.mean(axis=0)).T
    one, none = np.ones_like(x), np.zeros_like(x)
    design = np.vstack([np.column_stack([x, -y, one, none]), np.column_stack([y, x, none, one])])
    around = np.concatenate((known - known.mean(axis=0)).T)
    solved, *_ = np.linalg.lstsq(design, around, rcond=None)
    off = (design @ solved - around).reshape(2, -1)
    assert fit(local, known).residuals_m == pytest.approx(np.hypot(*off).tolist(), abs=1e-6)


@pytest.mark.parametrize("count", [3, 4, 8])
def test_the_accuracy_worked_out_holds_for_95_new_points_in_100(count: int) -> None:
    """A new point at the area's far corner, as badly known as the others, over 2,000 surveys."""
    held = 0
    chance = np.random.default_rng(11)
    local, known, truth = points(0.0, count)
    for _ in range(2_000):
        noisy = known + chance.normal(0.0, 0.02, known.shape)
        found = fit(local, noisy)
        west, south, east, north = found.area
        corner = max(
            (complex(x, y) for x in (west, east) for y in (south, north)),
            key=lambda z: abs(z - local.mean(axis=0) @ [1, 1j]),
        )
        true = complex(truth.d_east_m, truth.d_north_m) + truth.turn * corner
        got = complex(found.way.d_east_m, found.way.d_north_m) + found.way.turn * corner
        held += abs(got - true + complex(*chance.normal(0.0, 0.02, 2))) <= found.accuracy_m
    assert 0.935 <= held / 2_000 <= 0.97


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda local, known: (local[:2], known[:2]), "grid_points_few"),
        (lambda local, known: (local[[0, 0, 0]], known[[0, 0, 0]]), "grid_points_one_place"),
        (lambda local, known: (local[:, ::-1], known), "grid_points_swapped"),
        (lambda local, known: (local, known + np.eye(6, 2) * 30.0), "grid_points_disagree"),
    ],
)
def test_points_that_tie_nothing_down_are_refused(change: Any, code: str) -> None:
    local, known, _ = points(0.01)
    with refused(code):
        fit(*change(local, known))


# -- what is refused


def test_data_outside_the_common_points_are_refused_without_telling_where_those_are() -> None:
    local, known, _ = points(0.01)
    found = fit(local, known)
    of = grid(found.way, area=found.area)
    west, south, east, north = found.area
    open_passage(declare(of), found.area)
    with refused("crs_outside_area", "outside the ground for which grid:xining is registered"):
        open_passage(declare(of), (west, south, east + 1.0, north))
    with refused("crs_outside_area"):
        open_passage(declare(grid(found.way)), (8e6, south, 9e6, north))  # by no points bound: the base's own


@pytest.mark.parametrize(
    ("base", "way"),
    [
        (4490, Similarity(0.0, 0.0, 0.0, 1.0)),
        (32647, Similarity(0.0, 0.0, 0.0, 1.0)),
        (4543, Helmert(1.0, 2.0, 3.0)),
        (4807, Helmert(1.0, 2.0, 3.0)),
    ],
    ids=["no plane", "not on CGCS2000", "no former datum", "degrees of Paris"],
)
def test_a_base_that_such_parameters_cannot_be_for_is_refused(base: int, way: Any) -> None:
    with refused("grid_base"):
        can_be_used(grid(way, base))


def test_the_pipeline_changes_datums_by_the_parameters_alone() -> None:
    assert "gridshift" not in pipeline_of(grid(Helmert(1.0, 2.0, 3.0), 2343))
    assert pipeline_of(grid(Helmert(1.0, 2.0, 3.0), 2343)).count("helmert") == 1


def test_a_file_may_say_that_it_is_local_but_not_that_it_is_something_else() -> None:
    declared = declare(grid(Similarity(0.0, 0.0, 0.0, 1.0)))
    check_agreement(declared, 'LOCAL_CS["city",UNIT["metre",1]]')
    check_agreement(declared, None)
    with refused("crs_contradicts", "grid:xining"):
        check_agreement(declared, "EPSG:4543")
    with refused("crs_embedded_unreadable"):
        check_agreement(declare("EPSG:4543"), 'LOCAL_CS["city",UNIT["metre",1]]')


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("grid:Xining-2005", "xining-2005"),
        ("西宁城市坐标系", "西宁城市坐标系"),
        ("ＸＮ８０", "xn80"),
        ("registered: xn", "xn"),
        ("EPSG:4543", None),
        ("grid:4543", None),
        ("GCJ-02", None),
        ("wgs84", None),
        ("北京54", None),
        ("two words", None),
        ("", None),
        (None, None),
        ("a" * 41, None),
    ],
)
def test_names_of_grids_are_no_names_of_public_systems(text: str | None, name: str | None) -> None:
    assert grid_name(text) == name

"""The oracle itself, against answers known beforehand: an oracle nobody checked proves nothing."""

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from bench.geodesic import ELLIPSOID, Shape, distance_m, margin_m


def around(*offsets: tuple[float, float]) -> np.ndarray:
    """(azimuth, metres) from one place -> lon, lat."""
    ends = [ELLIPSOID.Direct(36.62, 101.78, azimuth, reach) for azimuth, reach in offsets]
    return np.array([(end["lon2"], end["lat2"]) for end in ends])


HERE = Shape((around((0, 0.0)),), False)


@pytest.mark.parametrize("reach_m", [0.5, 5.0, 50.0, 300.0])
@pytest.mark.parametrize("azimuth", [0.0, 33.0, 90.0, 271.0])
def test_square_to_an_edge(azimuth: float, reach_m: float) -> None:
    foot = ELLIPSOID.Direct(36.62, 101.78, azimuth, reach_m)
    ends = [ELLIPSOID.Direct(foot["lat2"], foot["lon2"], foot["azi2"] + turn, 80.0) for turn in (90, -90)]
    edge = Shape((np.array([(end["lon2"], end["lat2"]) for end in ends]),), False)
    assert distance_m(HERE, edge) == pytest.approx(reach_m, abs=1e-6)
    assert distance_m(edge, HERE) == pytest.approx(reach_m, abs=1e-6)


def test_to_the_end_of_an_edge() -> None:
    edge = Shape((around((45, 30.0), (45, 90.0)),), False)
    assert distance_m(HERE, edge) == pytest.approx(30.0, abs=1e-6)


def test_crossing_and_lying_inside_is_nought() -> None:
    ring = Shape((around((0, 50), (120, 50), (240, 50), (0, 50)),), True)
    through = Shape((around((90, 200), (270, 200)),), False)
    inside = Shape((around((10, 3), (200, 3)),), False)
    assert distance_m(ring, through) == distance_m(ring, inside) == distance_m(inside, ring) == 0.0
    assert distance_m(ring, Shape((around((0, 80.0)),), False)) == pytest.approx(30.0, abs=1e-6)


def test_it_agrees_with_trying_every_point_of_both() -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        one, other = rng.normal(0, 0.0002, (3, 2)), rng.normal(0.0006, 0.0002, (3, 2))
        shapes = [Shape((part + np.array([101.78, 36.62]),), False) for part in (one, other)]
        walks = []
        for shape in shapes:
            walk = []
            for a, b in zip(shape.parts[0], shape.parts[0][1:], strict=False):
                edge = ELLIPSOID.InverseLine(a[1], a[0], b[1], b[0])
                walk += [edge.Position(step * edge.s13) for step in np.linspace(0, 1, 31)]
            walks.append(walk)
        tried = min(
            ELLIPSOID.Inverse(p["lat2"], p["lon2"], q["lat2"], q["lon2"], Geodesic.DISTANCE)["s12"]
            for p in walks[0]
            for q in walks[1]
        )
        found = distance_m(*shapes)
        assert found <= tried + 1e-6
        assert tried - found < 1.0


def test_the_law_typed_again() -> None:
    about = {"half_width_m": 0.5, "uncertainty_m": 0.0, "pressure_class": "MP-A", "diameter_mm": 200.0}
    assert margin_m(5.61, **about) == pytest.approx(0.0)
    assert margin_m(5.61, **about | {"uncertainty_m": 2.0}) == pytest.approx(-2.0)
    assert margin_m(5.61, **about | {"diameter_mm": None}) == pytest.approx(-0.215)
    assert margin_m(51.221, **about | {"pressure_class": None, "diameter_mm": None}) == pytest.approx(0.0)
    assert margin_m(0.0, **about) == pytest.approx(-5.01)
    assert margin_m(5.61, **about, acts=("excavate", "pile")) == pytest.approx(-10.0)

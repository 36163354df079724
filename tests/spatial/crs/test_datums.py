"""Datum shifts against published control points and against the transformation written out by hand."""

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from pyproj import CRS, Geod, Proj, Transformer
from pyproj.transformer import TransformerGroup

from spatial.crs import declare, open_passage
from spatial.crs.operations import Area, _is_real, conversion, frame_of, shifts
from tests.spatial.crs.refusals import refused

GEOD = Geod(ellps="GRS80")
XINING = (101.7, 36.6, 101.8, 36.7)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(*a, *b)[2])


def carried(name: str, x: float, y: float) -> tuple[float, float]:
    return open_passage(declare(name), (x, y, x, y)).carry_point(x, y)


# Published by the survey authorities, in ETRS89 (within decimetres of WGS 84 in the years concerned).
CONTROL_POINTS = [
    ("EPSG:28992", 155000.0, 463000.0, 5.38720621, 52.15517440, 1.0),  # Amersfoort, RDNAPTRANS
    ("EPSG:28992", 117380.120, 575040.340, 4.824761912, 53.160753042, 1.0),  # Texel, RDNAPTRANS
    ("EPSG:27700", 651409.804, 313177.450, 1.716073973, 52.658007833, 5.0),  # Caister water tower, OSTN15
    ("EPSG:27700", 91492.146, 11318.804, -6.29977752014, 49.92226393730, 5.0),  # OSTN15 test point TP01
]


@pytest.mark.parametrize(("name", "x", "y", "lon", "lat", "within_m"), CONTROL_POINTS)
def test_control_points_land_where_the_survey_says(
    name: str, x: float, y: float, lon: float, lat: float, within_m: float
) -> None:
    assert metres(carried(name, x, y), (lon, lat)) < within_m


@pytest.mark.parametrize(("name", "x", "y", "lon", "lat", "within_m"), CONTROL_POINTS)
def test_projs_own_way_to_the_register_misses_them_by_a_hundred_metres(
    name: str, x: float, y: float, lon: float, lat: float, within_m: float
) -> None:
    """The trap this door exists for: no error, no warning, and a pipe in the next street."""
    silently = Transformer.from_crs(name, "EPSG:4490", always_xy=True).transform(x, y)
    assert 90.0 < metres(silently, (lon, lat)) < 150.0


def by_hand(
    projection: str, ellipsoid: tuple[float, float], shift: tuple[float, ...], sign: float
) -> Callable[[float, float], tuple[float, float]]:
    """Inverse projection, Helmert on earth-centred coordinates, back to angles: without PROJ's pipelines.

    ellipsoid: a, 1/f. shift: tx ty tz (m), rx ry rz (arc seconds), scale (ppm). sign: +1 for the position
    vector convention, -1 for coordinate frame.
    """

    def carry(x: float, y: float) -> tuple[float, float]:
        lon, lat = np.radians(Proj(projection)(x, y, inverse=True))
        a, f = ellipsoid[0], 1 / ellipsoid[1]
        e2 = f * (2 - f)
        n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        centred = np.array(
            [n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - e2) * np.sin(lat)]
        )
        rx, ry, rz = sign * np.radians(np.array(shift[3:6]) / 3600)
        turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
        px, py, pz = np.array(shift[:3]) + (1 + shift[6] * 1e-6) * turn @ centred
        a, f = 6378137.0, 1 / 298.257223563
        e2 = f * (2 - f)
        out, p = np.arctan2(pz, np.hypot(px, py)), np.hypot(px, py)
        for _ in range(20):
            out = np.arctan2(pz + e2 * a / np.sqrt(1 - e2 * np.sin(out) ** 2) * np.sin(out), p)
        return float(np.degrees(np.arctan2(py, px))), float(np.degrees(out))

    return carry


BESSEL = (6377397.155, 299.1528128)
DHDN_2 = (598.1, 73.7, 418.2, 0.202, 0.045, -2.455, 6.7)  # EPSG:1777, position vector
OSGB_6 = (446.448, -125.157, 542.06, 0.15, 0.247, 0.842, -20.489)  # EPSG:1314, position vector
GK_3 = "+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +ellps=bessel"
BNG = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"


@pytest.mark.parametrize(
    ("name", "x", "y", "hand"),
    [
        ("EPSG:31467", 3417460.371, 5369562.073, by_hand(GK_3, BESSEL, DHDN_2, 1)),
        ("EPSG:31467", 3500000.0, 5700000.0, by_hand(GK_3, BESSEL, DHDN_2, 1)),
        ("EPSG:27700", 530000.0, 180000.0, by_hand(BNG, (6377563.396, 299.3249646), OSGB_6, 1)),
        (
            "EPSG:4214",  # Ordos basin, EPSG:15936: a plain translation
            108.05,
            36.65,
            by_hand(
                "+proj=longlat +ellps=krass", (6378245.0, 298.3), (11.911, -154.833, -80.079, 0, 0, 0, 0), 1
            ),
        ),
    ],
)
def test_the_shift_is_the_published_one_to_a_millimetre(
    name: str, x: float, y: float, hand: Callable[[float, float], tuple[float, float]]
) -> None:
    assert metres(carried(name, x, y), hand(x, y)) < 0.001


def test_the_schutterwald_network_would_silently_move_127_m() -> None:
    x, y = 3417460.371, 5369562.073
    silently = Transformer.from_crs(31467, 4490, always_xy=True).transform(x, y)
    assert 110.0 < metres(silently, carried("EPSG:31467", x, y)) < 140.0


def test_operations_record_their_code_and_accuracy() -> None:
    passage = open_passage(declare("EPSG:28992"), (155000.0, 463000.0, 156000.0, 464000.0))
    assert passage.frame == "other"
    assert passage.accuracy_m == 1.0
    assert passage.operation == (
        "Inverse of RD New (EPSG:19914) + Amersfoort to WGS 84 (4) (EPSG:4833); accuracy 1 m; "
        "WGS 84 taken as CGCS2000"
    )


def test_the_best_published_accuracy_wins_where_it_serves() -> None:
    """East of 9.92 E a German operation of 2 m exists; at Schutterwald only the one of 3 m."""
    assert open_passage(declare("EPSG:31467"), (3417000, 5369000, 3418000, 5370000)).accuracy_m == 3.0
    assert open_passage(declare("EPSG:31468"), (4500000, 5800000, 4501000, 5801000)).accuracy_m == 2.0


def test_an_operation_must_hold_all_the_data() -> None:
    """Beijing 54 is known in the Ordos basin (107-110 E, 35-39 N), and there only."""
    beijing = declare("EPSG:4214")
    assert open_passage(beijing, (107.5, 36.0, 108.0, 37.0)).accuracy_m == 1.0
    with refused("crs_no_path", "Ordos"):
        open_passage(beijing, (109.5, 36.0, 110.5, 37.0))


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("EPSG:4610", XINING),
        ("EPSG:2379", (480_000.0, 4_050_000.0, 481_000.0, 4_051_000.0)),
        ("EPSG:2358", (34_480_000.0, 4_050_000.0, 34_481_000.0, 4_051_000.0)),
        ("EPSG:2331", (17_480_000.0, 4_050_000.0, 17_481_000.0, 4_051_000.0)),
        ("EPSG:4214", XINING),
        ("EPSG:2431", (480_000.0, 4_050_000.0, 481_000.0, 4_051_000.0)),
        ("EPSG:21417", (17_480_000.0, 4_050_000.0, 17_481_000.0, 4_051_000.0)),
        ("EPSG:4555", XINING),
        ("EPSG:3785", (11_330_000.0, 4_390_000.0, 11_331_000.0, 4_391_000.0)),
        ("EPSG:9474", (30.0, 50.0, 31.0, 51.0)),  # pyproj itself trips over this one
    ],
)
def test_without_a_real_way_nothing_is_carried(name: str, bounds: tuple[float, float, float, float]) -> None:
    with refused("crs_no_path", "registered", "参数须连同来源、精度先行登记", name):
        open_passage(declare(name), bounds)


def test_xian_80_would_silently_not_move_at_all() -> None:
    silently = Transformer.from_crs(4610, 4490, always_xy=True).transform(101.75, 36.65)
    assert silently == (101.75, 36.65)


def test_a_soviet_operation_does_not_serve_qinghai() -> None:
    """The box of the former USSR holds northern Qinghai; Beijing 54 data are at times declared Pulkovo."""
    pulkovo = declare("EPSG:4284")
    with refused("crs_no_path", "Kazakhstan"):
        open_passage(pulkovo, XINING)
    assert open_passage(pulkovo, (76.8, 43.1, 77.0, 43.3)).frame == "other"  # Almaty
    assert not Area(19.57, 35.14, -168.97, 81.91, "Armenia; Kazakhstan").serves(XINING)
    assert Area(73.62, 16.7, 134.77, 53.56, "China - onshore and offshore").serves(XINING)
    assert Area(-180.0, -90.0, 180.0, 90.0, "World").serves(XINING)


def test_an_area_across_the_antimeridian_holds_both_ends() -> None:
    area = Area(170.0, -50.0, -170.0, -30.0, "New Zealand")
    assert area.holds((175.0, -40.0, 176.0, -39.0))
    assert area.holds((-175.0, -40.0, -174.0, -39.0))
    assert not area.holds((0.0, -40.0, 1.0, -39.0))


@pytest.mark.parametrize("code", [28992, 31467, 27700, 4610, 4214, 4326])
def test_projs_ballparks_are_known_for_what_they_are(code: int) -> None:
    ballparks = TransformerGroup(code, 4490, always_xy=True, allow_ballpark=True).transformers
    assert ballparks and not any(_is_real(way, CRS.from_epsg(code)) for way in ballparks)


def test_a_null_move_is_real_only_between_like_ellipsoids() -> None:
    null = TransformerGroup(4258, 4326, always_xy=True, allow_ballpark=False).transformers[0]
    assert _is_real(null, CRS.from_epsg(4258))  # ETRS89 to WGS 84 (1): published, 1 m
    assert not _is_real(null, CRS.from_epsg(4610))  # the same pipeline from another ellipsoid moves nothing


def test_an_operation_of_unknown_accuracy_is_not_usable() -> None:
    """EPSG writes 999 m for unknown: Pulkovo 1942 to WGS 84 (1)."""
    group = TransformerGroup(4284, 4326, always_xy=True, allow_ballpark=False).transformers
    assert any(way.accuracy == 999.0 for way in group)
    usable = shifts(4284).usable
    assert usable and all(way.accuracy_m < 999.0 for way in usable)


def test_operations_are_offered_by_accuracy_not_in_projs_order() -> None:
    accuracies = [way.accuracy_m for way in shifts(4284).usable]
    assert accuracies == sorted(accuracies)
    projs = [way.accuracy for way in TransformerGroup(4284, 4326, allow_ballpark=False).transformers]
    assert projs != sorted(projs), "PROJ sorts by accuracy now: this test shows nothing"


def test_every_cgcs2000_system_is_a_pure_conversion() -> None:
    for code in [4490, *range(4491, 4555)]:
        assert frame_of(code) == "cgcs2000", code
        assert conversion(code).accuracy_m == 0.0, code


@pytest.mark.parametrize("name", ["EPSG:4326", "EPSG:32647", "EPSG:3857"])
def test_wgs84_systems_are_converted_and_taken_as_cgcs2000(name: str) -> None:
    bounds = {
        "EPSG:4326": XINING,
        "EPSG:32647": (748_000.0, 4_050_000.0, 749_000.0, 4_051_000.0),
        "EPSG:3857": (11_330_000.0, 4_390_000.0, 11_331_000.0, 4_391_000.0),
    }[name]
    passage = open_passage(declare(name), bounds)
    assert (passage.frame, passage.accuracy_m) == ("wgs84", 0.0)
    assert passage.operation.endswith("WGS 84 taken as CGCS2000")


def test_the_environment_cannot_turn_the_network_on() -> None:
    """With PROJ_NETWORK=ON PROJ would count grids it could fetch as installed, and fetch them."""
    program = (
        "from pyproj import network; from spatial.crs import declare, open_passage\n"
        "assert network.is_network_enabled()\n"
        "p = open_passage(declare('EPSG:27700'), (530000.0, 180000.0, 531000.0, 181000.0))\n"
        "assert not network.is_network_enabled()\n"
        "print(p.operation, p.carry_point(530000.0, 180000.0))"
    )
    environment = {**os.environ, "PROJ_NETWORK": "ON"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    here = open_passage(declare("EPSG:27700"), (530000.0, 180000.0, 531000.0, 181000.0))
    assert run.stdout.strip() == f"{here.operation} {here.carry_point(530000.0, 180000.0)}"

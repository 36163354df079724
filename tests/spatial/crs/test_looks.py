"""Hints about undeclared numbers, and exchanged axes."""

import pytest

from spatial.crs import declare, looks_like, looks_swapped
from spatial.crs.looks import seem_swapped
from spatial.values import CHINA, Extent

QINGHAI = Extent(89.0, 31.0, 104.0, 40.0)


@pytest.mark.parametrize(
    ("bounds", "first"),
    [
        ((34_480_000, 4_050_000, 34_480_000, 4_050_000), "EPSG:4522"),
        ((30_480_000, 4_050_000, 30_490_000, 4_060_000), "EPSG:4518"),
        ((17_480_000, 4_050_000, 17_490_000, 4_060_000), "EPSG:4495"),
        ((480_000, 4_050_000, 481_000, 4_051_000), "EPSG:4543"),
        ((11_330_000, 4_390_000, 11_331_000, 4_391_000), "EPSG:3857"),
        ((101.7, 36.6, 101.8, 36.7), "EPSG:4490"),
        ((36.6, 101.7, 36.7, 101.8), "EPSG:4490"),
        ((5.0, 52.0, 5.1, 52.1), "EPSG:4326"),
        ((155_000, 463_000, 156_000, 464_000), "EPSG:28992"),
        ((3_418_000, 5_368_000, 3_419_000, 5_369_000), "EPSG:31467"),
    ],
)
def test_numbers_look_like_what_they_usually_are(
    bounds: tuple[float, float, float, float], first: str
) -> None:
    assert looks_like(bounds)[0] == first


def test_a_file_over_two_zones_names_both() -> None:
    assert looks_like((33_600_000, 4_000_000, 34_400_000, 4_100_000)) == ("EPSG:4521", "EPSG:4522")


def test_numbers_like_nothing_give_no_hint() -> None:
    assert looks_like((1e9, 1e9, 2e9, 2e9)) == ()
    assert looks_like((float("nan"),) * 4) == ()


def test_exchanged_numbers_seem_exchanged() -> None:
    assert seem_swapped((36.6, 101.7, 36.7, 101.8))
    assert not seem_swapped((101.7, 36.6, 101.8, 36.7))


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("EPSG:4490", (101.7, 36.6, 101.8, 36.7)),
        ("EPSG:4543", (480_000.0, 4_050_000.0, 481_000.0, 4_051_000.0)),
        ("EPSG:4522", (34_480_000.0, 4_050_000.0, 34_481_000.0, 4_051_000.0)),
        ("GCJ-02", (101.7, 36.6, 101.8, 36.7)),
    ],
)
def test_exchanged_axes_are_seen_against_the_extent(
    name: str, bounds: tuple[float, float, float, float]
) -> None:
    west, south, east, north = bounds
    declared = declare(name)
    assert not looks_swapped(declared, bounds, QINGHAI)
    assert looks_swapped(declared, (south, west, north, east), QINGHAI)


def test_data_elsewhere_are_not_called_exchanged() -> None:
    assert not looks_swapped(declare("EPSG:4326"), (5.0, 52.0, 5.1, 52.1), CHINA)
    assert not looks_swapped(declare("EPSG:4326"), (float("nan"), 52.0, 5.1, 52.1), CHINA)


def test_data_that_lie_inside_as_given_are_not_called_exchanged() -> None:
    """Northing first in EPSG:4543 still lies in the box of China, far out at sea: both readings do."""
    bounds = (4_050_000.0, 480_000.0, 4_051_000.0, 481_000.0)
    assert not looks_swapped(declare("EPSG:4543"), bounds, CHINA)
    assert looks_swapped(declare("EPSG:4543"), bounds, QINGHAI)

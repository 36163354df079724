"""Coordinate systems by the names people use: taken when all of the name is understood, and only then."""

import pytest

from spatial.crs import declare, grid_name
from spatial.errors import Refused

DEGREES = (101.70, 36.60, 101.71, 36.61)
PLAIN = (480_000.0, 4_054_000.0, 481_000.0, 4_055_000.0)
PREFIXED = (34_480_000.0, 4_054_000.0, 34_481_000.0, 4_055_000.0)


@pytest.mark.parametrize(
    ("name", "plain", "prefixed"),
    [
        ("CGCS2000 3度带 34", 4543, 4522),
        ("ＣＧＣＳ２０００ ３°带 34带", 4543, 4522),
        ("国家2000 三度带 102E", 4543, 4522),
        ("2000国家大地坐标系 中央子午线102度", 4543, 4522),
        ("CGCS2000_3_Degree_GK_CM_102E", 4543, 4522),
        ("CGCS2000_3_Degree_GK_Zone_34", 4543, 4522),
        ("西安80 102E", 2379, 2358),
        ("Xian 1980 / 3-degree Gauss-Kruger CM 102E", 2379, 2358),
        ("北京54 高斯-克吕格 第34带", 2431, 2410),
        ("CGCS2000 6度带 17", 4506, 4506),
        ("WGS84 UTM 47N", 32647, 32647),
    ],
)
def test_a_zone_by_name(name: str, plain: int, prefixed: int) -> None:
    """Zone and central meridian are one projection; whether eastings carry the zone is read off the data."""
    assert declare(name, PLAIN).epsg == plain
    assert declare(name, PREFIXED).epsg == prefixed


@pytest.mark.parametrize(
    ("name", "code"), [("CGCS2000", 4490), ("CGCS2000 经纬度", 4490), ("WGS84", 4326), ("西安80", 4610)]
)
def test_a_datum_alone_is_enough_for_degrees_only(name: str, code: int) -> None:
    assert declare(name, DEGREES).epsg == code
    for bounds in (PLAIN, None):
        with pytest.raises(Refused) as caught:
            declare(name, bounds)
        assert caught.value.faults[0].code == "crs_unknown"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("火星坐标", "GCJ-02"), ("高德地图坐标系", "GCJ-02"), ("百度坐标", "BD-09"), ("gcj02", "GCJ-02")],
)
def test_offset_systems_by_name(name: str, meant: str) -> None:
    assert declare(name).name == meant


@pytest.mark.parametrize(
    "name",
    [
        *("CGCS2000 3度带", "CGCS2000 3度带 17", "CGCS2000 6度带 34", "CGCS2000 13度带 34", "CGCS2000 103E"),
        *("CGCS2000 1.5度带 102", "CGCS2000 3度带 34 抵偿面2261", "西宁2000 102E", "CGCS2000 34 35"),
        *("西安80 转 CGCS2000 34", "CGCS2000 UTM 47N", "WGS84 3度带 34", "3度带 34"),
    ],
)
def test_a_name_not_wholly_understood_is_refused(name: str) -> None:
    for bounds in (PLAIN, PREFIXED, DEGREES):
        with pytest.raises(Refused):
            declare(name, bounds)


def test_no_city_grid_may_take_such_a_name() -> None:
    assert grid_name("CGCS2000 3度带 34") is None
    assert grid_name("西宁城建") is not None

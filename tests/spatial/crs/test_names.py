"""Names of coordinate systems: what is taken, and what the refusals say."""

import pytest
from pyproj import CRS

from spatial.crs import DeclaredCrs, declare
from spatial.crs.names import _accept
from tests.spatial.crs.refusals import refused


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EPSG:4543", "EPSG:4543"),
        ("epsg:4543", "EPSG:4543"),
        (" EPSG: 4543 ", "EPSG:4543"),
        ("4543", "EPSG:4543"),
        ("ＥＰＳＧ：４５４３", "EPSG:4543"),
        ("urn:ogc:def:crs:EPSG::4543", "EPSG:4543"),
        ("urn:ogc:def:crs:EPSG:9.9.1:4543", "EPSG:4543"),
        ("urn:x-ogc:def:crs:EPSG::4543", "EPSG:4543"),
        ("http://www.opengis.net/def/crs/EPSG/0/4543", "EPSG:4543"),
        ("https://www.opengis.net/def/crs/EPSG/9.9.1/4543", "EPSG:4543"),
        ("http://www.opengis.net/gml/srs/epsg.xml#4543", "EPSG:4543"),
        ("CRS84", "EPSG:4326"),
        ("OGC:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:4326"),
        ("GCJ-02", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        ("GCJ02", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("bd09", "BD-09"),
        ("BD09LL", "BD-09"),
        ("EPSG:7415", "EPSG:7415"),  # compound: its plan part can be placed
    ],
)
def test_usual_spellings_are_taken(text: str, name: str) -> None:
    assert declare(text) == DeclaredCrs(name)


def test_only_registry_names_have_a_code() -> None:
    assert declare("EPSG:4543").epsg == 4543
    assert declare("GCJ-02").epsg is None


@pytest.mark.parametrize("text", [None, "", "  ", "\t\n"])
def test_no_declaration_is_refused_and_not_guessed(text: str | None) -> None:
    with refused("crs_missing", "--crs EPSG:4543", "没有声明坐标系"):
        declare(text)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((34_480_000, 4_050_000, 34_490_000, 4_060_000), "eastings near 34 480 000: EPSG:4522?"),
        ((480_000, 4_050_000, 481_000, 4_051_000), "480 000 / 4 050 000: a zone without prefix: EPSG:4543"),
        ((101.7, 36.6, 101.8, 36.7), "EPSG:4490, EPSG:4326, GCJ-02 or BD-09"),
        ((36.6, 101.7, 36.7, 101.8), "With x and y exchanged"),
        ((36.6, 101.7, 36.7, 101.8), "EPSG:4490"),
        ((4_050_000, 34_480_000, 4_060_000, 34_490_000), "若将 x 与 y 对调"),
        ((4_050_000, 34_480_000, 4_060_000, 34_490_000), "EPSG:4522"),
    ],
)
def test_a_missing_declaration_says_what_the_numbers_look_like(
    bounds: tuple[float, float, float, float], said: str
) -> None:
    with refused("crs_missing", said):
        declare(None, bounds)


def test_nothing_is_said_of_numbers_like_nothing() -> None:
    with refused("crs_missing", "--crs EPSG:4543)."):
        declare(None, (1e12, 1e12, 2e12, 2e12))
    with refused("crs_missing"):
        declare(None, (float("nan"), 0.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("EPSG:45430", "EPSG:4543 (CGCS2000 / 3-degree Gauss-Kruger CM 102E)"),
        ("4643x", "Write it as EPSG:<number>"),
        ("EPSG:4593", "EPSG:4543"),
        ("CGCS2000", "EPSG:4490"),
        ("国家2000坐标系", "EPSG:4490"),
        ("WGS84", "EPSG:4326 (WGS 84)"),
        ("Beijing 54", "EPSG:4214"),
        ("西安80", "EPSG:4610"),
        ("CGCS2000 / 3-degree Gauss-Kruger MC 102E", "EPSG:4543"),
        ("ESRI:102100", "请写成 EPSG:<编号>"),
        ("EPSG:999999999", "not a code of the EPSG registry"),
        ("+proj=tmerc +lon_0=102", "not a code of the EPSG registry"),
    ],
)
def test_unknown_names_are_refused_and_near_ones_offered(text: str, offered: str) -> None:
    with refused("crs_unknown", offered):
        declare(text)


def test_a_long_or_hostile_name_is_cut_short() -> None:
    with refused("crs_unknown") as _:
        declare("\x1b[2J" + "A" * 1_000_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EPSG:5737", "height system"),
        ("EPSG:4978", "earth-centred"),
        ("EPSG:4979", "declare its plan part, EPSG:4326"),
        ("EPSG:4480", "EPSG:4490"),
        ("EPSG:2046", "do not run east and north"),
        ("EPSG:5041", "坐标轴不是向东、向北"),
        ("registered:xining-2005", "must be registered first"),
        ("REGISTERED:西宁城市坐标系", "须先登记其转换参数"),
    ],
)
def test_systems_that_cannot_place_a_plan_are_not_accepted(text: str, said: str) -> None:
    with refused("crs_not_accepted", said):
        declare(text)


def test_an_engineering_grid_asks_for_its_parameters() -> None:
    """PROJ's EPSG tables hold no engineering system today; a later one must not slip through."""
    grid = CRS.from_wkt(
        'ENGCRS["Xining city grid",EDATUM["Xining"],CS[Cartesian,2],'
        'AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]'
    )
    with refused("crs_not_accepted", "Xining city grid", "local grid"):
        _accept(99999, grid)


@pytest.mark.parametrize(
    "name",
    [
        "西宁市独立坐标系",
        "CGCS2000西宁城建",
        "2000城市坐标",
        "xining-city",
        "xining_city_grid",
        "a local grid",
        "施工坐标系",
    ],
)
def test_a_grid_of_one_place_is_offered_no_code_that_looks_like_it(name: str) -> None:
    """A city's plane raised to its streets has the numbers of EPSG:4543 and lies 3.55 m off at 10 km."""
    with refused("crs_not_accepted", f"'{name}'", f"“{name}”", "export in CGCS2000", "按 CGCS2000 导出"):
        declare(name, (480_000, 4_050_000, 481_000, 4_051_000))


def test_a_registered_name_with_such_a_word_is_no_such_grid() -> None:
    with refused("crs_unknown", "Did you mean EPSG:3997"):
        declare("WGS 84 / Dubai Local TM")


def test_numbers_without_a_zone_may_be_a_citys_own() -> None:
    with refused("crs_missing", "a city's own grid", "城市独立坐标系"):
        declare(None, (480_000, 4_050_000, 481_000, 4_051_000))

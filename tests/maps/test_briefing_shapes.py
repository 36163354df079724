"""What a briefing map draws: every conflict, nothing beyond the margin, on the metre."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod

from maps.briefing.shapes import corners, drawing
from maps.briefing.view import MapView
from spatial.measuring.plane import nearest_meridian, to_plane
from spatial.values import DigSite
from tests.maps.scene import make_view, pit, trench
from tests.support.builders import Pipe, straight

GEOD = Geod(a=6378137.0, rf=298.257222101)
ROUNDED_M = 0.03
"""Degrees are rounded to a centimetre, outlines simplified by two."""


def pairs(shape: Any) -> Iterator[tuple[float, float]]:
    """Every [lat, lon] anywhere in a drawing."""
    if isinstance(shape, dict):
        for value in shape.values():
            yield from pairs(value)
    elif isinstance(shape, list):
        if len(shape) == 2 and all(isinstance(value, float) for value in shape):
            yield shape[0], shape[1]
        else:
            for value in shape:
                yield from pairs(value)


def distances_m(site: DigSite, found: list[tuple[float, float]]) -> np.ndarray:
    """From the drawn edge of a site to points, on a plane of the test's own choice."""
    points = np.array([shapely.Point(lon, lat) for lat, lon in found], dtype=object)
    one = np.array([site.geometry], dtype=object)
    meridian = int(nearest_meridian(one)[0])
    return shapely.distance(to_plane(one, meridian)[0], to_plane(points, meridian)) - site.half_width_m


def beyond_m(view: MapView, shown: list[tuple[float, float]]) -> float:
    """How far the farthest point lies beyond the margin of every site."""
    each = [
        distances_m(judged.site, shown) - view.margin_m - judged.site.uncertainty_m for judged in view.sites
    ]
    return float(np.min(each, axis=0).max())


@pytest.mark.parametrize(
    "sites", [[trench()], [pit()], [trench(), pit(400.0)]], ids=["line", "area", "two far apart"]
)
def test_nothing_is_drawn_beyond_the_margin(sites: list[DigSite]) -> None:
    view = make_view(sites)
    shapes = drawing(view)
    shown = list(pairs({key: value for key, value in shapes.items() if key not in ("bounds", "sites")}))
    assert len(shown) > 100
    assert beyond_m(view, shown) < ROUNDED_M
    # ... and up to it: the cut is at the margin, not short of it.
    assert beyond_m(view, list(pairs(shapes["pipes"]))) > -0.5


def test_the_check_of_the_margin_can_fail() -> None:
    view = make_view()
    far = [(36.62 + 0.01, 101.78)]
    assert beyond_m(view, far) > 900


def test_a_pipe_far_away_is_nowhere_in_the_drawing() -> None:
    view = make_view()
    drawn = {view.assets[pipe["asset"]].source_id for pipe in drawing(view)["pipes"]}
    assert "far away" not in drawn
    assert {"crossing", "beside", "unknown class", "only at worst", "near, no conflict", "valve"} <= drawn


def test_every_conflict_has_a_mark_at_its_pipe() -> None:
    view = make_view([trench(), pit()])
    marks = drawing(view)["marks"]
    judged = [
        (number, row, conflict["pipe_id"], conflict["grade"])
        for number, site in enumerate(view.sites)
        for row, conflict in enumerate(site.screening["conflicts"])  # type: ignore[index]
    ]
    assert len(judged) >= 6
    assert [
        (mark["site"], mark["row"], view.assets[mark["asset"]].asset_id, mark["grade"]) for mark in marks
    ] == judged
    for mark in marks:
        asset = view.assets[mark["asset"]]
        lat, lon = mark["at"]
        one = np.array([asset.geometry, shapely.Point(lon, lat)], dtype=object)
        flat = to_plane(one, int(nearest_meridian(one)[0]))
        assert shapely.distance(*flat) <= asset.radius_m + ROUNDED_M


def test_a_dimension_is_as_long_as_the_clearance() -> None:
    view = make_view()
    conflicts = view.sites[0].screening["conflicts"]  # type: ignore[index]
    marks = [mark for mark in drawing(view)["marks"] if mark["from"]]
    assert len(marks) >= 3
    for mark in marks:
        (lat, lon), (to_lat, to_lon) = mark["from"], mark["to"]
        _, _, length = GEOD.inv(lon, lat, to_lon, to_lat)
        assert length == pytest.approx(conflicts[mark["row"]]["clearance_m"], abs=0.05)


def test_a_stretch_is_drawn_where_the_stations_say() -> None:
    view = make_view(
        [trench(start_station_m=100.0)], [Pipe(shapely.LineString([(10, -50), (10, 50)]), "LP", 100.0)]
    )
    conflict = view.sites[0].screening["conflicts"][0]  # type: ignore[index]
    ((low, high),) = conflict["at_record"]["site_intervals_m"]
    (line,) = [stretch["line"] for stretch in drawing(view)["marks"][0]["stretches"] if stretch["certain"]]
    start = view.sites[0].site.geometry.coords[0]
    for (lat, lon), said in zip((line[0], line[-1]), (low, high), strict=True):
        assert 100.0 + GEOD.inv(*start, lon, lat)[2] == pytest.approx(said, abs=ROUNDED_M)


def test_stationing_starts_at_its_start_and_ends_at_its_end() -> None:
    ticks = drawing(make_view([trench(start_station_m=1_112.5)]))["sites"][0]["ticks"]
    assert [ticks[0]["text"], ticks[1]["text"], ticks[-1]["text"]] == ["K1+112.5", "K1+120", "K1+172.5"]
    assert all(tick["text"] == f"K1+{120 + 10 * n}" for n, tick in enumerate(ticks[1:-1]))


def test_zones_stand_off_the_outer_wall() -> None:
    view = make_view([pit()], [Pipe(straight(-28.0), "MP-A", 400.0, 1.0)])
    zones = drawing(view)["zones"]
    pipe = view.assets[0].geometry
    flat = to_plane(np.array([pipe], dtype=object), 1018)[0]
    for name, width_m in (("protection", 0.5), ("control", 5.0), ("possible", 6.0)):
        rings = [shapely.Polygon([(lon, lat) for lat, lon in rings[0]]) for rings in zones[name]]
        outer = to_plane(np.array([shapely.union_all(rings)], dtype=object), 1018)[0]
        farthest = max(shapely.distance(flat, shapely.points(shapely.get_coordinates(outer))))
        assert farthest == pytest.approx(0.2 + width_m, abs=ROUNDED_M)


def test_the_possible_band_and_the_control_zone_do_not_overlap() -> None:
    zones = drawing(make_view())["zones"]

    def area(name: str) -> Any:
        return shapely.union_all(
            [
                shapely.Polygon(
                    [(lon, lat) for lat, lon in shell], [[(lon, lat) for lat, lon in hole] for hole in holes]
                ).buffer(0)
                for shell, *holes in zones[name]
            ]
        )

    possible, control = area("possible"), area("control")
    assert possible.area > 0
    assert possible.intersection(control).area < 1e-3 * possible.area


def test_a_site_nobody_judged_is_drawn_without_pipes() -> None:
    shapes = drawing(make_view(judged=False))
    assert shapes["pipes"] == shapes["marks"] == []
    assert shapes["sites"][0]["area"]


def test_corners_are_in_the_survey_s_grid() -> None:
    view = make_view([pit()])
    name, rows = corners(view.sites[0])
    assert name == "CGCS2000 / 3° GK CM 102E"
    assert len(rows) == 4
    from pyproj import Transformer

    lon, lat = view.sites[0].site.geometry.exterior.coords[0]
    north, east = Transformer.from_crs("EPSG:4490", "EPSG:4543").transform(lat, lon)
    assert (float(rows[0][1]), float(rows[0][2])) == pytest.approx((north, east), abs=0.006)


def test_a_long_line_lists_few_corners() -> None:
    winding = shapely.LineString([(n * 5.0, (n % 2) * 3.0) for n in range(60)])
    from tests.support.builders import make_site

    view = make_view([make_site(winding, half_width_m=0.5)], [])
    _, rows = corners(view.sites[0])
    assert len(rows) == 12
    assert [rows[0][0], rows[-1][0]] == ["1", "60"]

"""A route of 10 km with 2,000 points, asked about while it is designed: judged as a whole and section by section."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from spatial.errors import Refused
from spatial.judging.judge import judge
from spatial.measuring.measure import stations_m
from spatial.measuring.pieces import CGCS2000
from spatial.saying.foreman import SECTION_M, by_distance, route_lines, stretch_lines
from spatial.screening import screen
from spatial.values import DigSite, RegisterGeometry
from spatial.words import Grade, PermitKind, Requirement
from tests.ingest.dock import PROFILE, codes, feature, plan
from tests.support.builders import DAY, Pipe, make_found

PLACE = (101.78, 36.62)
LENGTH_M = 10_000.0
POINTS = 2_000


def route(points: int = POINTS) -> list[list[float]]:
    """Bends of 40 m to either side, in degrees."""
    x_m = np.linspace(0, LENGTH_M - 240, points)
    y_m = 40 * np.sin(x_m / 180)
    lon, lat, _ = CGCS2000.fwd(
        np.full(points, PLACE[0]),
        np.full(points, PLACE[1]),
        np.degrees(np.arctan2(x_m, y_m)),
        np.hypot(x_m, y_m),
    )
    return np.column_stack([lon, lat]).tolist()


def asked(kind: str, points: int = POINTS) -> DigSite:
    shape = {"type": "LineString", "coordinates": route(points)}
    (site,) = plan(
        feature(shape, half_width_m=0.6, start_station_m="K2+120"),
        crs="EPSG:4490",
        kind=kind,
        method="mechanical",
    )
    return site


def mains(count: int = 60) -> list[Pipe]:
    """Crossings at odd distances and angles, and mains along the route for some hundred metres."""
    chance = np.random.default_rng(20261130)
    pipes = []
    for number, x in enumerate(chance.uniform(-100, LENGTH_M, count)):
        turn = chance.uniform(0.2, math.pi - 0.2)
        reach = (300 * math.cos(turn), 300 * math.sin(turn))
        ends = [(x - reach[0], -reach[1]), (x + reach[0], reach[1])]
        pressure = ["LP", "MP-A", "SHP-B", None][number % 4]
        pipes.append(
            Pipe(
                shapely.LineString(ends),
                source_id=f"P{number}",
                pressure_class=pressure,
                uncertainty_m=0.2 + number % 3,
            )
        )
    return pipes


def part(site: DigSite, low: float, high: float) -> DigSite:
    """The stretch between two stations as a dig of its own."""
    stations, xy = stations_m(site), shapely.get_coordinates(site.geometry)

    def at(station: float) -> list[float]:
        edge = int(np.clip(np.searchsorted(stations, station, side="right") - 1, 0, len(stations) - 2))
        azimuth, _, length = CGCS2000.inv(*xy[edge], *xy[edge + 1])
        share = (station - stations[edge]) / (stations[edge + 1] - stations[edge])
        return list(CGCS2000.fwd(*xy[edge], azimuth, length * share)[:2])

    inner = xy[(stations > low + 1e-6) & (stations < high - 1e-6)].tolist()
    line = shapely.LineString([at(low), *inner, at(high)])
    return DigSite(
        **{**{name: getattr(site, name) for name in site.__slots__}, "geometry": RegisterGeometry(line)}
    )


def test_a_route_of_10_km_is_judged_by_sections_as_each_would_be_alone() -> None:
    site, pipes = asked("design"), mains()
    found = make_found(pipes, at=PLACE)
    (whole,) = screen([site], found, PROFILE, on=DAY)
    route_sections = by_distance(whole.document["sections"])
    cuts = [one["from_m"] for one in route_sections] + [route_sections[-1]["to_m"]]
    assert cuts[0] == 2_120.0 and len(shapely.get_coordinates(site.geometry)) >= POINTS
    assert all(cut % SECTION_M == 0 for cut in cuts[1:-1]) and 20 <= len(route_sections) <= 22
    assert min(one["grade"] for one in route_sections if one["grade"]) == whole.document["grade"]
    assert {one["verdict"] for one in route_sections} >= {"held"}

    strictest = [requirement.value for requirement in Requirement]
    for (low, high), said in zip(pairwise(cuts), route_sections, strict=True):
        alone = judge([part(site, low, high)], found.pieces, PROFILE)
        grades = sorted(alone.grade.tolist(), key=list(Grade).index)
        assert said["grade"] == (grades[0] if grades else None), (low, high)
        required = sorted(
            (one.requirement for one in alone.ruling), key=lambda word: strictest.index(word.value)
        )
        assert said["requirement"] == (required[0] if required else None)
        names = {str(found.pieces.assets.source_id[asset]) for asset in alone.asset}
        # What holds a stretch that goes on beyond the cut is named on both sides of it.
        assert names <= set(said["source_ids"])


def test_what_is_read_of_a_route_begins_with_its_sections() -> None:
    site = asked("design", 400)
    (whole,) = screen([site], make_found(mains(), at=PLACE), PROFILE, on=DAY)
    lines = {language: route_lines(whole.document["sections"], language) for language in ("zh", "en")}
    assert lines["zh"][0].startswith("K2+120") and "K2+500" in lines["zh"][0]
    assert sum("米受限" in line for line in lines["zh"]) >= 15
    assert len(lines["zh"]) == len(lines["en"])
    short = [one for one in whole.document["sections"] if one["to_m"] < 3_000]
    assert route_lines(short, "zh") == [] and stretch_lines(short, "zh")


def test_sections_are_cut_at_round_stations_whatever_the_first() -> None:
    def cut(first: float, last: float) -> list[float]:
        whole: dict[str, Any] = {
            "from_m": first, "to_m": last, "verdict": "may_start", "grade": None, "requirement": None,
            "hand_dig": False, "source_ids": [],
        }  # fmt: skip
        found = by_distance([whole])
        assert all(one["to_m"] == other["from_m"] for one, other in pairwise(found))
        return [one["from_m"] for one in found] + [found[-1]["to_m"]]

    assert cut(0.0, 1_500.0) == [0.0, 500.0, 1_000.0, 1_500.0]
    assert cut(-120.0, 500.0) == [-120.0, 0.0, 500.0]
    assert cut(499.5, 500.5) == [499.5, 500.0, 500.5]
    assert cut(20.0, 30.0) == [20.0, 30.0]


def test_only_a_design_enquiry_may_have_so_many_points() -> None:
    for kind in (PermitKind.NORMAL, PermitKind.EMERGENCY):
        with pytest.raises(Refused) as caught:
            asked(kind.value)
        assert codes(caught.value) == {"site_too_many_vertices"} and "2000 of a design enquiry" in str(
            caught.value
        )
    with pytest.raises(Refused):
        asked("design", POINTS + 1)

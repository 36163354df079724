"""Of a long route only what a pipe can reach is measured: the answer is the one that measuring everything gives."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.found import ObjectArray
from spatial.judging import bores
from spatial.judging.judge import judge
from spatial.measuring import crossings, intervals, measure
from spatial.measuring.boxes import FloatArray
from spatial.measuring.intervals import MANY, SAME_M, edges_of, edges_toward, near
from spatial.measuring.measure import stations_m
from spatial.measuring.pieces import IntArray
from spatial.screening import screen
from spatial.values import BorePath, DigSite, UncertaintyTerm
from spatial.words import Act, Method, PressureClass
from tests.spatial.judging.test_routes import PLACE, asked, mains
from tests.support.builders import DAY, Pipe, make_found, make_profile, make_site

PROFILE = make_profile()
EVERYTHING_M = 1e9
seeds = st.integers(0, 2**32 - 1)


@contextmanager
def measuring_everything(by_tree: bool = False) -> Iterator[None]:
    """Every edge against every edge; by_tree: on the way that long lines take, with bounds that nothing is beyond."""
    with pytest.MonkeyPatch.context() as patch:
        if by_tree:
            patch.setattr(intervals, "BEYOND_M", EVERYTHING_M)
            patch.setattr(measure, "MANY", 1)
        else:
            patch.setattr(measure, "MANY", 10**9)
            patch.setattr(crossings, "MANY", 10**9)
        patch.setattr(bores, "BEYOND_M", EVERYTHING_M)
        yield


@contextmanager
def even_short_lines() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "MANY", 1)
        patch.setattr(crossings, "MANY", 1)
        yield


def route(chance: np.random.Generator, points: int) -> FloatArray:
    """(n, 2) metres: in bends, in steps of a millimetre to 200 m, there and back again, or on a grid."""
    match chance.integers(4):
        case 0:
            x = np.linspace(0, 3.0 * points, points)
            xy = np.column_stack([x, 40 * np.sin(x / 60)])
        case 1:
            step, turn = 10 ** chance.uniform(-3, 2.3, points), np.cumsum(chance.normal(0, 0.6, points))
            xy = np.cumsum(np.column_stack([step * np.cos(turn), step * np.sin(turn)]), axis=0)
        case 2:
            x = np.linspace(0, 300, points // 2 + 1)
            back = np.column_stack([x[::-1], np.full(len(x), chance.choice([0.0, 0.0005, 0.3]))])
            xy = np.vstack([np.column_stack([x, np.zeros(len(x))]), back])
        case _:
            way = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])[chance.integers(0, 4, points)]
            xy = np.cumsum(way * chance.choice([1.0, 5.0, 20.0, 80.0], points)[:, None], axis=0)
    return np.asarray(xy - xy.mean(axis=0))


def beside(chance: np.random.Generator, xy: FloatArray) -> shapely.Geometry:
    """A pipe across, along, exactly upon or antiparallel to the route, touching it with an end, or far from it; a
    station that may hold a part of it; a valve."""
    at = xy[chance.integers(len(xy))]
    first = int(chance.integers(len(xy) - 1))
    part = xy[first : first + int(chance.integers(2, 30))]
    kind = chance.integers(7)
    if kind in (1, 2) and np.ptp(part, axis=0).max() < 0.01:
        kind = 0
    match kind:
        case 0:
            turn = chance.uniform(0, math.pi)
            run = np.array([math.cos(turn), math.sin(turn)]) * chance.uniform(1, 200)
            return shapely.LineString(np.linspace(at - run, at + run, int(chance.integers(2, 12))))
        case 1:
            return shapely.LineString(part + np.array([0.0, chance.uniform(-60, 60)]))
        case 2:
            return shapely.LineString(part[:: chance.choice([-1, 1])])
        case 3:
            return shapely.LineString([at, at + chance.normal(0, 60, 2)])
        case 4:
            x, y = at
            north = chance.uniform(100, 5000, 2)
            return shapely.LineString([(x, y + north[0]), (x + 200, y + north[1])])
        case 5:
            return shapely.box(*(at - chance.uniform(1, 60, 2)), *(at + chance.uniform(1, 60, 2)))
        case _:
            return shapely.Point(at + chance.normal(0, 15, 2))


def pipe(chance: np.random.Generator, number: int, shape: shapely.Geometry) -> Pipe:
    kind = {"LineString": "pipe", "Polygon": "station", "Point": "valve"}[shape.geom_type]
    cover_m = chance.choice([None, 0.8, 3.0])
    return Pipe(
        shape,
        kind=kind,
        source_id=f"{kind}{number}",
        pressure_class=chance.choice([None, *(name.value for name in PressureClass)]),
        diameter_mm=chance.choice([None, 63.0, 711.0]),
        uncertainty_m=float(chance.choice([0.0, 0.3, 15.0, 60.0])),
        cover_m=cover_m,
        cover_most_m=None if cover_m is None else cover_m + 0.5,
        profiled=bool(chance.random() < 0.7),
        depth_doubt_m=chance.choice([None, 0.0, 0.4]),
    )


def dig(chance: np.random.Generator, xy: FloatArray) -> DigSite:
    """Dug along the route, bored below it, or an area round it."""
    line = shapely.LineString(xy)
    about = {
        "half_width_m": float(chance.choice([0.0, 0.6, 8.0])),
        "uncertainty_m": float(chance.choice([0.0, 5.0])),
        "acts": ((Act.EXCAVATE,), (Act.BLAST,), (Act.EXCAVATE, Act.LAY_PIPE))[chance.integers(3)],
        "method": (None, Method.MECHANICAL)[chance.integers(2)],
        "start_station_m": 2_120.0,
    }
    kind = chance.integers(4)
    if kind == 0:
        area = line.buffer(2.0, quad_segs=2)
        return make_site(area if area.geom_type == "Polygon" else line, at=PLACE, **about)
    site = make_site(line, at=PLACE, **about)
    if kind > 1:
        return site
    length_m = float(np.ptp(stations_m(site)))
    path = ((0.0, 1.0), *((length_m * share, chance.uniform(0, 9)) for share in (0.2, 0.7)), (length_m, 2.0))
    doubt = (UncertaintyTerm("bore_depth_stated", 0.3, "permit"),) if chance.random() < 0.8 else ()
    bore = BorePath(path, 400.0, None, None)
    return replace(site, acts=(Act.BORE,), bore=bore, depth_uncertainty=doubt)


@pytest.mark.property
@given(seeds)
def test_a_long_route_is_judged_as_if_everything_were_measured(seed: int) -> None:
    chance = np.random.default_rng(seed)
    xy = route(chance, int(chance.choice([12, 40, 100])))
    pipes = [pipe(chance, number, beside(chance, xy)) for number in range(int(chance.integers(1, 8)))]
    site, found = dig(chance, xy), make_found(pipes, at=PLACE)

    def judged() -> str:
        return screen([site], found, PROFILE, on=DAY)[0].text

    with measuring_everything():
        exhaustive = judged()
    assert judged() == exhaustive
    with even_short_lines():
        assert judged() == exhaustive
    with measuring_everything(by_tree=True):
        assert judged() == exhaustive


def column(shapes: list[shapely.Geometry]) -> ObjectArray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


@pytest.mark.property
@given(seeds)
def test_nothing_of_what_is_left_out_is_within_the_limit(seed: int) -> None:
    """Both ways, with the coordinates of a plane: what is found is the same to the last bit."""
    chance = np.random.default_rng(seed)
    corner = np.array([chance.uniform(-50_000, 50_000), 4_054_000.0])
    xy = [route(chance, int(chance.choice([MANY + 2, 150]))) * 10 ** chance.uniform(-1, 2) for _ in range(6)]
    lines = column([shapely.LineString(corner + one) for one in xy])
    others = column([shapely.transform(beside(chance, one), lambda at: at + corner) for one in xy])
    within_m = 10 ** chance.uniform(-2, 3, len(lines))
    apart = shapely.distance(lines, others) > SAME_M

    edges = edges_of(lines)
    of_others = edges_of(others)
    some, number = edges_toward(lines, others, within_m, np.arange(len(lines)))
    which = edges.first_of(len(lines))[some.owner] + number
    assert (edges.xy[which] == some.xy).all() and (edges.owner[which] == some.owner).all()

    index, part = near(edges, others, of_others, within_m, apart)
    index_of_some, part_of_some = near(some, others, of_others, within_m, apart)
    assert rows(which[index_of_some], part_of_some) == rows(index, part)

    back = near(of_others, lines, edges, within_m, apart)
    back_from_some = near(of_others, lines, some, within_m, apart)
    assert rows(*back_from_some) == rows(*back)


def rows(index: IntArray, part: FloatArray) -> list[tuple[int, float, float]]:
    return sorted(zip(index.tolist(), *part.T.tolist(), strict=True))


def test_grades_do_not_depend_on_whether_anybody_asks_where() -> None:
    site, pieces = asked("design", 300), make_found(mains(), at=PLACE).pieces
    told, graded = judge([site], pieces, PROFILE), judge([site], pieces, PROFILE, say_where=False)
    for column in (
        "site",
        "asset",
        "clearance_m",
        "grade",
        "grade_at_worst",
        "ruling",
        "ruling_at_worst",
        "zone",
    ):
        assert getattr(told, column).tolist() == getattr(graded, column).tolist()
    assert any(told.site_intervals_m) and any(told.crossings)
    assert not any(graded.site_intervals_m) and not any(graded.crossings)
    assert len(graded.inner) == len(graded.pipe_intervals_at_record_m) == len(graded)


def test_what_is_measured_of_a_route_grows_with_its_points_or_its_mains_and_no_faster() -> None:
    def measured(points: int, count: int) -> int:
        pairs = 0
        spans = intervals._stadium_spans

        def counted(segments: FloatArray, edges: FloatArray, limits: FloatArray) -> object:
            nonlocal pairs
            pairs += len(segments)
            return spans(segments, edges, limits)

        site, found = asked("design", points), make_found(mains(count), at=PLACE)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(intervals, "_stadium_spans", counted)
            screen([site], found, PROFILE, on=DAY)
        return pairs

    some = measured(1_000, 30)
    assert 0 < some < 100 * 1_000
    assert measured(2_000, 30) < 2.2 * some
    assert measured(1_000, 60) < 2.5 * some

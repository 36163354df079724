"""Where a scene lies, and in which coordinates it is declared, does not change a grade."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from bench.scenes import Scene, found_of, scene
from spatial.crs import declare, open_passage
from spatial.judging.judge import Conflicts, judge
from spatial.words import Level
from tests.properties import test_depth as deep
from tests.properties.counting import Count, in_batches_of
from tests.support.builders import make_profile

pytestmark = pytest.mark.property

RULES = make_profile()
PLACES, SITES_EACH, PIPES_EACH = 20, 2, 5
BATCH = PLACES * SITES_EACH * PIPES_EACH
SAME_M = 0.0003
"""Two quanta and what the plane may stray."""

seeds = st.integers(0, 2**32 - 1)


def places(west: float, east: float, lat: float) -> np.ndarray:
    """PLACES places between two meridians, kilometres apart, straddling planes of 0.1 degree."""
    return np.column_stack([np.linspace(west, east, PLACES), np.linspace(lat, lat + 0.8, PLACES)])


def judged(of: Scene) -> Conflicts:
    return judge(of.sites, found_of(of).pieces, RULES)


def assert_same(count: Count, here: Conflicts, there: Conflicts) -> None:
    """The same conflicts, the same clearances, and the same grade save within SAME_M of a limit."""
    count.cases += BATCH
    one, other = (
        {(int(found.site[row]), int(found.asset[row])): row for row in range(len(found))}
        for found in (here, there)
    )
    for key in one.keys() ^ other.keys():
        found, row = (here, one[key]) if key in one else (there, other[key])
        over = found.clearance_m[row] - found.uncertainty_m[row] - found.control_m[row] - RULES.tolerance_m
        assert abs(over) <= SAME_M, f"{key} is a conflict in one place only"
    for key in one.keys() & other.keys():
        a, b = one[key], other[key]
        assert abs(here.clearance_m[a] - there.clearance_m[b]) <= SAME_M
        assert here.uncertainty_m[a] == there.uncertainty_m[b]
        if not near_a_limit(here, a):
            assert here.grade[a] == there.grade[b]
            assert here.zone[a] == there.zone[b]
            assert here.ruling[a] == there.ruling[b]


def near_a_limit(found: Conflicts, row: int) -> bool:
    clearance, doubt = found.clearance_m[row], found.uncertainty_m[row]
    limits = np.array([0.0, found.widths[row].protection_m, found.control_m[row]]) + RULES.tolerance_m
    return bool(
        (np.abs(clearance - limits) <= SAME_M).any() or abs(clearance - doubt - RULES.tolerance_m) <= SAME_M
    )


def test_translation_does_not_change_a_grade() -> None:
    """The very same metres, laid on the ellipsoid elsewhere, by geodesics."""
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.floats(73.5, 134), st.floats(4, 52))
    def moved(seed: int, west: float, lat: float) -> None:
        here = scene(seed, PLACES, SITES_EACH, PIPES_EACH, at=places(100.6, 102.6, 36.0), most_vertices=6)
        there = scene(seed, PLACES, SITES_EACH, PIPES_EACH, at=places(west, west + 1.5, lat), most_vertices=6)
        assert_same(count, judged(here), judged(there))

    moved()
    count.enough()


def test_translation_changes_nothing_that_rests_on_depth() -> None:
    """Trenches and bores among pipes whose depths are known: levels, what they relieve, where bores come nearest,
    and every stretch of the line."""
    count = Count()
    levels: set[Level] = set()

    @in_batches_of(BATCH)
    @given(seeds, st.floats(73.5, 134), st.floats(4, 52))
    def moved(seed: int, west: float, lat: float) -> None:
        here = deep.drawn(seed, places(100.6, 102.6, 36.0))
        there = deep.drawn(seed, places(west, west + 1.5, lat))
        one, other = judged(here), judged(there)
        count.cases += BATCH
        at = {
            pair: row for row, pair in enumerate(zip(other.site.tolist(), other.asset.tolist(), strict=True))
        }
        settled = np.ones(len(here.sites), dtype=bool)
        for a, pair in enumerate(zip(one.site.tolist(), one.asset.tolist(), strict=True)):
            worst_m = one.near.at_worst_m[a]
            if pair not in at or near_a_limit(one, a) or abs(worst_m - RULES.tolerance_m) <= SAME_M:
                settled[pair[0]] = False
                continue
            b = at[pair]
            levels.add(one.level[a])
            assert (one.level[a], one.relieved[a], one.grade[a]) == (
                (other.level[b], other.relieved[b], other.grade[b])
            )
            assert np.isnan(worst_m) == np.isnan(other.near.at_worst_m[b])
            assert not abs(worst_m - other.near.at_worst_m[b]) > SAME_M
        for number, sections in enumerate(zip(deep.sections(here), deep.sections(there), strict=True)):
            if settled[number]:
                first, second = (deep.wide(of_site) for of_site in sections)
                assert [row[1:] for row in first] == [row[1:] for row in second]
                for (a_stretch, *_), (b_stretch, *_) in zip(first, second, strict=True):
                    assert a_stretch.from_m == pytest.approx(b_stretch.from_m, abs=0.02)
                    assert a_stretch.to_m == pytest.approx(b_stretch.to_m, abs=0.02)

    moved()
    count.enough()
    assert levels == set(Level)


CRS = {
    "EPSG:4543": "3-degree Gauss-Krueger, central meridian 102",
    "EPSG:4522": "the same with the zone's number before the easting",
    "EPSG:4490": "longitude and latitude",
}


def test_the_declared_crs_does_not_change_a_grade() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(CRS)))
    def declared(seed: int, crs: str) -> None:
        of = scene(seed, PLACES, SITES_EACH, PIPES_EACH, at=places(100.6, 102.6, 36.0), most_vertices=6)
        assert_same(count, judged(of), judged(through(crs)(of)))

    declared()
    count.enough()


def through(crs: str) -> Callable[[Scene], Scene]:
    """Take a scene into `crs` with PROJ, and bring it back through the door."""
    out = Transformer.from_crs("EPSG:4490", crs, always_xy=True)

    def carried(of: Scene) -> Scene:
        sites = np.array([site.geometry for site in of.sites], dtype=object)
        everything = shapely.transform(
            np.concatenate([sites, of.pipes]), lambda xy: np.column_stack(out.transform(xy[:, 0], xy[:, 1]))
        )
        bounds = tuple(map(float, shapely.total_bounds(everything)))
        back = open_passage(declare(crs), bounds).carry(everything)
        return replace(
            of,
            sites=tuple(
                replace(site, geometry=shape)
                for site, shape in zip(of.sites, back[: len(sites)], strict=True)
            ),
            pipes=back[len(sites) :],
        )

    return carried

"""The laws of the mind with depths, sections and bores: knowing less, or doubting more, never judges milder; the stretches
of a line are the line."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bench.scenes import Scene, found_of, scene
from spatial.judging.bores import tool_doubt
from spatial.judging.judge import Conflicts, judge
from spatial.judging.sections import Section, sections_of
from spatial.measuring.measure import stations_m
from spatial.rules.profile import STRICTNESS
from spatial.screening import screen_each
from spatial.values import BorePath, DigSite, UncertaintyTerm
from spatial.words import Act, Grade, Level, Method, Requirement
from tests.properties.counting import SLOW_CASES, Count, in_batches_of
from tests.support.builders import DAY, make_profile

pytestmark = pytest.mark.property

RULES = make_profile()
PLACES, SITES_EACH, PIPES_EACH = 20, 2, 5
BATCH = PLACES * SITES_EACH * PIPES_EACH
GRADES = list(Grade)
DIGS = (Act.EXCAVATE, Act.LAY_PIPE)
METHODS = (Method.HAND, Method.VACUUM, Method.MECHANICAL)

seeds = st.integers(0, 2**32 - 1)


# -- scenes with a third dimension


def drawn(seed: int, at: np.ndarray | None = None) -> Scene:
    """Pipes of every depth and doubt, most of them followed; trenches about as deep, and half of the lines bores.

    at: the places, lon/lat.
    """
    rng = np.random.default_rng(seed)
    of = scene(seed, PLACES, SITES_EACH, PIPES_EACH, at=at, most_vertices=5)
    count = len(of.assets)
    cover = np.round(rng.uniform(0.4, 3.0, count), 2)
    return replace(
        of,
        assets=replace(
            of.assets,
            diameter_mm=np.round(rng.uniform(30, 400, count)),
            cover_m=cover,
            cover_most_m=cover + np.round(rng.choice([0.0, 0.0, 0.6], count) * rng.random(count), 2),
            profiled=rng.random(count) < 0.8,
            depth_uncertainty_m=np.where(
                rng.random(count) < 0.9, np.round(rng.uniform(0, 0.4, count), 2), np.nan
            ),
        ),
        sites=tuple(deep(site, rng) for site in of.sites),
    )


def deep(site: DigSite, rng: np.random.Generator) -> DigSite:
    if site.geometry.geom_type == "LineString" and rng.random() < 0.5:
        return bored(site, rng)
    floor = UncertaintyTerm("dig_depth_stated", float(np.round(rng.uniform(0, 0.4), 2)), "permit")
    return replace(
        site,
        acts=(DIGS[int(rng.integers(2))],),
        method=METHODS[int(rng.integers(3))],
        depth_m=float(np.round(rng.uniform(0.2, 3.5), 2)),
        depth_uncertainty=(floor,),
    )


def bored(site: DigSite, rng: np.random.Generator) -> DigSite:
    length_m = float(stations_m(site)[-1] - site.start_station_m)
    depths = [float(depth) for depth in np.round(rng.uniform(0.0, 6.0, 4), 2)]
    at = [0.0, length_m / 3, length_m * 2 / 3, length_m]
    radius_m = float(np.round(rng.uniform(0.03, 0.4), 3))
    path = BorePath(
        profile=tuple(zip(at, depths, strict=True)),
        diameter_mm=2000 * radius_m,
        plan_accuracy_m=float(np.round(rng.uniform(0.05, 0.3), 2)),
        depth_accuracy_m=float(np.round(rng.uniform(0.05, 0.3), 2)),
    )
    return with_path(replace(site, acts=(Act.BORE,), method=Method.TRENCHLESS, half_width_m=radius_m), path)


def with_path(site: DigSite, path: BorePath) -> DigSite:
    """As the dock leaves a bore: its tool's accuracies are the site's doubts."""
    others = tuple(term for term in site.uncertainty if not term.code.startswith("bore_"))
    plan, depth = tool_doubt(path, RULES)
    return replace(
        site, bore=path, uncertainty=(*others, plan), depth_uncertainty=() if depth is None else (depth,)
    )


def conflicts(of: Scene) -> Conflicts:
    return judge(of.sites, found_of(of).pieces, RULES)


def with_sites(of: Scene, change: Callable[[DigSite], DigSite]) -> Scene:
    return replace(of, sites=tuple(change(site) for site in of.sites))


def with_pipes(of: Scene, **columns: np.ndarray) -> Scene:
    return replace(of, assets=replace(of.assets, **columns))


# -- knowing less, doubting more

Change = Callable[[Scene, np.ndarray], Scene]
"""of, and which of its assets."""


def deeper_doubt(of: Scene, rows: np.ndarray) -> Scene:
    return with_pipes(of, depth_uncertainty_m=of.assets.depth_uncertainty_m + np.where(rows, 0.7, 0.0))


def wider_range(of: Scene, rows: np.ndarray) -> Scene:
    return with_pipes(
        of,
        cover_m=of.assets.cover_m - np.where(rows, 0.3, 0.0),
        cover_most_m=of.assets.cover_most_m + np.where(rows, 0.3, 0.0),
    )


def less_depth(of: Scene, _: np.ndarray) -> Scene:
    return with_sites(of, lambda site: replace(site, depth_m=None) if site.bore is None else site)


def floor_in_doubt(of: Scene, _: np.ndarray) -> Scene:
    more = UncertaintyTerm("dig_depth_stated", 0.5, "permit")
    return with_sites(of, lambda site: replace(site, depth_uncertainty=(*site.depth_uncertainty, more)))


def floor_doubt_unknown(of: Scene, _: np.ndarray) -> Scene:
    return with_sites(of, lambda site: replace(site, depth_uncertainty=()) if site.bore is None else site)


def deeper(of: Scene, _: np.ndarray) -> Scene:
    """A trench, whatever is said below; a bore may well pass under."""
    return with_sites(
        of, lambda site: replace(site, depth_m=site.depth_m + 0.6) if site.depth_m is not None else site
    )


def no_method(of: Scene, _: np.ndarray) -> Scene:
    return with_sites(of, lambda site: replace(site, method=None) if site.bore is None else site)


def coarser_tool(of: Scene, _: np.ndarray) -> Scene:
    def coarser(site: DigSite) -> DigSite:
        if site.bore is None or site.bore.plan_accuracy_m is None or site.bore.depth_accuracy_m is None:
            return site
        plan_m, depth_m = site.bore.plan_accuracy_m + 0.2, site.bore.depth_accuracy_m + 0.3
        return with_path(site, replace(site.bore, plan_accuracy_m=plan_m, depth_accuracy_m=depth_m))

    return with_sites(of, coarser)


def no_path(of: Scene, _: np.ndarray) -> Scene:
    return with_sites(of, lambda site: replace(site, bore=None, depth_uncertainty=()) if site.bore else site)


LESS: dict[str, Change] = {
    "the pipe was not followed": lambda of, rows: with_pipes(of, profiled=of.assets.profiled & ~rows),
    "cover": lambda of, rows: with_pipes(
        of,
        cover_m=np.where(rows, np.nan, of.assets.cover_m),
        cover_most_m=np.where(rows, np.nan, of.assets.cover_most_m),
    ),
    "the doubt of the cover": lambda of, rows: with_pipes(
        of, depth_uncertainty_m=np.where(rows, np.nan, of.assets.depth_uncertainty_m)
    ),
    "more doubt of the cover": deeper_doubt,
    "a wider range of the cover": wider_range,
    "the pipe's diameter": lambda of, rows: with_pipes(
        of, diameter_mm=np.where(rows, np.nan, of.assets.diameter_mm)
    ),
    "the dig's depth": less_depth,
    "more doubt of the floor": floor_in_doubt,
    "the doubt of the floor": floor_doubt_unknown,
    "a deeper floor": deeper,
    "the method": no_method,
    "a coarser tool": coarser_tool,
    "the path of the bore": no_path,
}


def test_knowing_less_of_depth_never_judges_milder() -> None:
    count = Count()
    levels: set[Level] = set()
    worse: Counter[str] = Counter()

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(LESS)), st.floats(0.1, 1.0))
    def less(seed: int, what: str, share: float) -> None:
        of = drawn(seed)
        rows = np.random.default_rng(seed).random(len(of.assets)) < share
        before, after = conflicts(of), conflicts(LESS[what](of, rows))
        at = {
            pair: row for row, pair in enumerate(zip(after.site.tolist(), after.asset.tolist(), strict=True))
        }
        count.cases += BATCH
        levels.update(before.level.tolist())
        for row, pair in enumerate(zip(before.site.tolist(), before.asset.tolist(), strict=True)):
            assert pair in at
            now = at[pair]
            assert GRADES.index(after.grade[now]) <= GRADES.index(before.grade[row]), (what, pair)
            if after.grade[now] != before.grade[row]:
                worse[what] += 1
            assert strictness(after, now) <= strictness(before, row), (what, pair)
            if not before.near.clears(RULES.tolerance_m)[row]:
                assert not after.near.clears(RULES.tolerance_m)[now], (what, pair)

    less()
    count.enough()
    # A law that nothing depends on would hold too: each must have made something worse (a diameter hardly ever does).
    assert levels == set(Level) and set(LESS) - {"the pipe's diameter"} <= set(worse), worse


def strictness(found: Conflicts, row: int) -> int:
    return STRICTNESS[found.ruling[row].requirement]


# -- stretches


def sections(of: Scene) -> list[tuple[Section, ...]]:
    found = found_of(of)
    return sections_of(of.sites, judge(of.sites, found.pieces, RULES), found.pieces.assets, RULES)


def gravity(section: Section) -> tuple[int, int, bool]:
    """Smaller is graver."""
    grade = len(GRADES) if section.grade is None else GRADES.index(section.grade)
    requirement = len(Requirement) if section.requirement is None else STRICTNESS[section.requirement]
    return grade, requirement, not section.hand_dig


def test_the_stretches_of_a_line_are_the_line_and_the_worst_of_them_is_its_grade() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds)
    def cut(seed: int) -> None:
        of = drawn(seed)
        found = conflicts(of)
        count.cases += BATCH
        for number, (site, of_site) in enumerate(zip(of.sites, sections(of), strict=True)):
            if site.geometry.geom_type != "LineString":
                assert of_site == ()
                continue
            ends = np.round(stations_m(site)[[0, -1]], 4).tolist()
            assert [of_site[0].from_m, of_site[-1].to_m] == ends
            for one, after in pairwise(of_site):
                assert one.to_m == after.from_m and one.from_m < one.to_m
                assert gravity(one) != gravity(after)  # else they were one
            rows = np.flatnonzero(found.site == number)
            worst = min((GRADES.index(found.grade[row]) for row in rows), default=len(GRADES))
            assert min(gravity(one)[0] for one in of_site) == worst
            strictest = min((strictness(found, row) for row in rows), default=len(Requirement))
            assert min(gravity(one)[1] for one in of_site) == strictest
            named = {name for one in of_site for name in one.source_ids}
            assert named == {of.assets.source_id[found.asset[row]] for row in rows}
            assert all((one.grade is None) == (not one.source_ids) for one in of_site)

    cut()
    count.enough()


def test_walked_the_other_way_the_stretches_come_in_the_other_order() -> None:
    """Each place is judged the same; stations count from the other end."""
    count = Count()

    def reversed_line(site: DigSite) -> DigSite:
        if site.geometry.geom_type != "LineString":
            return site
        back = replace(
            site, geometry=type(site.geometry)(shapely.LineString(list(site.geometry.coords)[::-1]))
        )
        if site.bore is None:
            return back
        end = site.bore.profile[-1][0]
        profile = tuple((end - at, depth) for at, depth in reversed(site.bore.profile))
        return replace(back, bore=replace(site.bore, profile=profile))

    @in_batches_of(BATCH)
    @given(seeds)
    def turned(seed: int) -> None:
        of = drawn(seed)
        count.cases += BATCH
        for site, forth, back in zip(
            of.sites, sections(of), sections(with_sites(of, reversed_line)), strict=True
        ):
            if not forth:
                continue
            first, last = stations_m(site)[[0, -1]].tolist()
            # Where a limit is touched to a quantum, a sliver may come or go: the wider stretches may not.
            assert [row[1:] for row in wide(forth)] == [row[1:] for row in wide(back)[::-1]]
            for (one, *_), (other, *_) in zip(wide(forth), wide(back)[::-1], strict=True):
                assert one.from_m - first == pytest.approx(last - other.to_m, abs=0.02)

    turned()
    count.enough()


def wide(of_site: tuple[Section, ...]) -> list[tuple[Section, tuple[int, int, bool], tuple[str, ...]]]:
    return [(one, gravity(one), one.source_ids) for one in of_site if one.to_m - one.from_m > 0.01]


def test_a_stretch_is_never_milder_for_knowing_less_of_depth() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(LESS)))
    def less(seed: int, what: str) -> None:
        of = drawn(seed)
        everything = np.ones(len(of.assets), dtype=bool)
        count.cases += BATCH
        for known, vague in zip(sections(of), sections(LESS[what](of, everything)), strict=True):
            for one in known:
                middle = (one.from_m + one.to_m) / 2
                (there,) = [other for other in vague if other.from_m <= middle <= other.to_m][:1]
                assert all(now <= then for now, then in zip(gravity(there), gravity(one), strict=True)), what

    less()
    count.enough()


# -- batches


def test_a_site_is_judged_the_same_in_any_company() -> None:
    count = Count()

    @in_batches_of(BATCH, SLOW_CASES)
    @given(seeds)
    def alone(seed: int) -> None:
        of = drawn(seed)
        together = screen_each(of.sites, found_of(of), RULES, on=DAY, ends_on=[None] * len(of.sites))
        for number in np.random.default_rng(seed).permutation(len(of.sites))[:10].tolist():
            pairs = of.pairs()
            kept = pairs[0] == number
            only = replace(of, sites=(of.sites[number],), site_place=of.site_place[[number]])
            assert int(kept.sum()) == PIPES_EACH
            (apart,) = screen_each(only.sites, found_of(only), RULES, on=DAY, ends_on=[None])
            assert apart.text == together[number].text
        count.cases += BATCH

    alone()
    count.enough(SLOW_CASES)

"""Widening never loses a conflict; knowing less never judges milder."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bench.scenes import Scene, found_of, lay_shapes, scene
from spatial.judging.coverage import unknowns_of
from spatial.judging.doubt import asset_uncertainty
from spatial.judging.judge import Conflicts, judge
from spatial.rules.profile import RuleProfile
from spatial.screening import screen
from spatial.values import Coverage, DigSite, UncertaintyTerm, UtilityGround
from spatial.words import Act, Method, Outcome, PipeKind
from tests.properties.counting import SLOW_CASES, Count, in_batches_of
from tests.support.builders import DAY, area, make_ground, make_profile, own_distance, rules_document

pytestmark = pytest.mark.property

RULES = make_profile()
PLACES, SITES_EACH, PIPES_EACH = 20, 2, 5
BATCH = PLACES * SITES_EACH * PIPES_EACH

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> Scene:
    return scene(seed, PLACES, SITES_EACH, PIPES_EACH, most_vertices=6)


def keys(found: Conflicts) -> set[tuple[int, int]]:
    return set(zip(found.site.tolist(), found.asset.tolist(), strict=True))


def conflicts(of: Scene, profile: RuleProfile = RULES) -> Conflicts:
    return judge(of.sites, found_of(of).pieces, profile)


def with_sites(of: Scene, change: Callable[[int, DigSite], DigSite]) -> Scene:
    return replace(of, sites=tuple(change(number, site) for number, site in enumerate(of.sites)))


def all_kept(count: Count, before: set[tuple[int, int]], after: set[tuple[int, int]]) -> None:
    count.cases += BATCH
    assert before
    assert before <= after, sorted(before - after)[:3]


# -- widening


def test_widening_a_zone_never_loses_a_conflict() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.integers(0, 5), st.floats(0.001, 30))
    def widened(seed: int, row: int, by_m: float) -> None:
        zones = rules_document()["zones"]
        name = f"zones.{row}"
        wider = {
            f"{name}.control_m": zones[row]["control_m"] + by_m,
            f"{name}.protection_m": zones[row]["protection_m"] + by_m / 2,
        }
        if "HP-A" not in zones[row]["classes"]:  # the stand-in of the unknown must stay the widest
            wider["zones.2.control_m"] = wider["zones.5.control_m"] = 90.0
            wider["zones.2.protection_m"] = wider["zones.5.protection_m"] = 30.0
        of = drawn(seed)
        all_kept(count, keys(conflicts(of)), keys(conflicts(of, make_profile(wider))))

    widened()
    count.enough()


def test_an_acts_own_distance_never_loses_a_conflict() -> None:
    count = Count()
    none = make_profile({"act_distances": []})

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(list(Act)), st.floats(0.1, 300))
    def widened(seed: int, act: Act, distance_m: float) -> None:
        far = make_profile({"act_distances": [own_distance(act, distance_m)]})
        of = drawn(seed)
        all_kept(count, keys(conflicts(of, none)), keys(conflicts(of, far)))

    widened()
    count.enough()


def test_widening_a_site_never_loses_a_conflict() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.floats(0.001, 20))
    def widened(seed: int, by_m: float) -> None:
        of = drawn(seed)
        grown = grown_areas(of, by_m)

        def wider(number: int, site: DigSite) -> DigSite:
            if number in grown:
                return replace(site, geometry=grown[number])
            return replace(site, half_width_m=site.half_width_m + by_m)

        all_kept(count, keys(conflicts(of)), keys(conflicts(with_sites(of, wider))))

    widened()
    count.enough()


def grown_areas(of: Scene, by_m: float) -> dict[int, Any]:
    """Each polygon site joined with a copy pushed `by_m` to the north-east: a superset, whatever its shape."""
    number = np.array([n for n, site in enumerate(of.sites) if site.geometry.geom_type == "Polygon"])
    shapes = np.array([of.sites[n].geometry for n in number], dtype=object)
    step = lay_shapes(
        np.array([shapely.Point(by_m, by_m)] * len(number), dtype=object), of.places[of.site_place[number]]
    )
    shift = shapely.get_coordinates(step) - of.places[of.site_place[number]]
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    pushed = shapely.set_coordinates(shapes.copy(), xy + shift[owner])
    both = shapely.multipolygons(np.column_stack([shapes, pushed]))
    return dict(zip(number.tolist(), both, strict=True))


def test_widening_an_uncertainty_never_loses_a_conflict() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.floats(0.0001, 20), st.booleans())
    def widened(seed: int, by_m: float, of_the_pipe: bool) -> None:
        of = drawn(seed)
        if of_the_pipe:
            more = replace(of, assets=replace(of.assets, uncertainty_m=of.assets.uncertainty_m + by_m))
        else:
            more = with_sites(
                of,
                lambda _, site: replace(
                    site, uncertainty=(*site.uncertainty, UncertaintyTerm("site_stated", by_m, "permit"))
                ),
            )
        all_kept(count, keys(conflicts(of)), keys(conflicts(more)))

    widened()
    count.enough()


# -- knowing less about a pipe: conflicts are kept, and so the outcome


def forget(column: str, nothing: Any) -> Callable[[Scene, np.ndarray], Scene]:
    def forgotten(of: Scene, rows: np.ndarray) -> Scene:
        values = getattr(of.assets, column).copy()
        values[rows] = nothing
        return replace(of, assets=replace(of.assets, **{column: values}))

    return forgotten


def forget_survey(of: Scene, rows: np.ndarray) -> Scene:
    """Rows were surveyed (every class of the profile, with a cover); then class or cover is not known."""
    return replace(of, assets=replace(of.assets, uncertainty_m=doubts(of, rows)))


def doubts(of: Scene, unknown: np.ndarray) -> np.ndarray:
    names = sorted(RULES.uncertainty.survey_classes)
    doubt = np.empty(len(of.assets))
    for row in range(len(of.assets)):
        without_class = unknown[row] and row % 2 == 0
        without_cover = unknown[row] and row % 3 == 0
        terms = asset_uncertainty(
            survey_class=None if without_class else names[row % len(names)],
            cover_m=None if without_cover else 0.3 + row % 19,
            stated_m=None,
            frame="cgcs2000",
            operation_accuracy_m=0.0,
            on=DAY,
            profile=RULES,
        )
        doubt[row] = sum(term.metres for term in terms)
    return doubt


def surveyed(of: Scene) -> Scene:
    return replace(of, assets=replace(of.assets, uncertainty_m=doubts(of, np.zeros(len(of.assets), bool))))


LESS_PIPE: dict[str, tuple[Callable[[Scene], Scene], Callable[[Scene, np.ndarray], Scene]]] = {
    "class": (lambda of: of, forget("pressure_class", None)),
    "diameter": (lambda of: of, forget("diameter_mm", np.nan)),
    "cover": (lambda of: of, forget("cover_m", np.nan)),
    "survey class and cover": (surveyed, forget_survey),
}


def test_knowing_less_of_a_pipe_never_loses_a_conflict() -> None:
    count = Count()

    @in_batches_of(BATCH)
    @given(seeds, st.sampled_from(sorted(LESS_PIPE)), st.floats(0.1, 1.0))
    def less(seed: int, what: str, share: float) -> None:
        prepare, forgotten = LESS_PIPE[what]
        of = within_the_largest(prepare(drawn(seed)))
        rows = np.random.default_rng(seed).random(len(of.assets)) < share
        all_kept(count, keys(conflicts(of)), keys(conflicts(forgotten(of, rows))))

    less()
    count.enough()


def within_the_largest(of: Scene) -> Scene:
    """Diameters that exist in their class: a profile's stand-in is the largest there is."""
    most = np.array(
        [RULES.unknown_diameter_mm[name or RULES.unknown_class] for name in of.assets.pressure_class]
    )
    return replace(of, assets=replace(of.assets, diameter_mm=np.minimum(of.assets.diameter_mm, most)))


# -- knowing less of the ground or of the site: the outcome never gets better

BETTER = [Outcome.CONFLICT, Outcome.CANNOT_TELL, Outcome.CLEAR]


def each_coverage(change: Callable[[Coverage], Coverage]) -> Callable[[UtilityGround], UtilityGround]:
    return lambda ground: replace(ground, coverages=tuple(change(row) for row in ground.coverages))


LESS_GROUND: dict[str, Callable[[UtilityGround], UtilityGround]] = {
    "coverage": lambda ground: replace(ground, coverages=()),
    "one kind's coverage": lambda ground: replace(ground, coverages=ground.coverages[1:]),
    "the promised age": each_coverage(lambda row: replace(row, max_age_days=None)),
    "that it is no hull": each_coverage(lambda row: replace(row, assumed=True)),
    "the newer date": each_coverage(lambda row: replace(row, as_of=row.as_of - timedelta(days=60))),
    "the service area": lambda ground: replace(ground, service_area=None),
    "a patch": lambda ground: replace(ground, blanks=(*ground.blanks, *ground.coverages[0].geometry.geoms)),
    "rejected rows": lambda ground: replace(ground, boxless_rejected=ground.boxless_rejected + 1),
}


def some_ground(rng: np.random.Generator, place: tuple[float, float]) -> UtilityGround:
    """Ground that often holds, and often fails for a reason of its own."""
    kinds = tuple(PipeKind) if rng.random() < 0.9 else (PipeKind.MAIN, PipeKind.SERVICE)
    return make_ground(
        service_area=area(500, place) if rng.random() < 0.9 else None,
        coverage=area(float(rng.choice([60.0, 90.0, 500.0])), place),
        kinds=kinds,
        as_of=DAY - timedelta(days=int(rng.integers(0, 120))),
        max_age_days=int(rng.integers(60, 120)) if rng.random() < 0.9 else None,
        assumed=bool(rng.random() < 0.1),
        at=place,
    )


def test_knowing_less_of_the_ground_never_reads_as_clear() -> None:
    count = Count()
    clear = 0

    @in_batches_of(BATCH, SLOW_CASES)
    @given(seeds, st.sampled_from(sorted(LESS_GROUND)))
    def less(seed: int, what: str) -> None:
        nonlocal clear
        rng = np.random.default_rng(seed)
        of = scene(seed, BATCH // 10, 1, 1, most_vertices=3)
        for number, site in enumerate(of.sites):
            place = (float(of.places[number, 0]), float(of.places[number, 1]))
            for _ in range(10):
                ground = some_ground(rng, place)
                before = unknowns_of(site, [ground], DAY, RULES).unknowns
                after = unknowns_of(site, [LESS_GROUND[what](ground)], DAY, RULES).unknowns
                count.cases += 1
                clear += not before
                assert after or not before
                assert after or what == "the newer date"

    less()
    count.enough(SLOW_CASES)
    assert clear > SLOW_CASES // 20


def test_knowing_less_of_the_site_never_improves_the_outcome() -> None:
    """Method and half width. A half width nobody stated is the profile's, so known ones here are no wider."""
    count = Count()
    seen: set[tuple[Outcome, Outcome]] = set()
    strict = make_profile({"switches.mechanical_in_protection": "forbidden"})

    @in_batches_of(BATCH, SLOW_CASES)
    @given(seeds)
    def less(seed: int) -> None:
        rng = np.random.default_rng(seed)
        of = scene(seed, BATCH // 2, 2, 1, most_vertices=4)
        of = with_sites(
            of,
            lambda _, site: replace(
                site, half_width_m=min(site.half_width_m, RULES.unknown_half_width_m), method=Method.HAND
            ),
        )
        ground = [(make_ground(at=(float(lon), float(lat))),) for lon, lat in of.places[of.site_place]]
        vague = with_sites(
            of,
            lambda number, site: replace(
                site,
                method=None,
                half_width_m=site.half_width_m
                if site.geometry.geom_type == "Polygon"
                else RULES.unknown_half_width_m,
                half_width_known=site.geometry.geom_type == "Polygon" or bool(rng.random() < 0.2),
            ),
        )
        before = screen(of.sites, found_of(of, ground), strict, on=DAY)
        after = screen(vague.sites, found_of(vague, ground), strict, on=DAY)
        for known, unknown in zip(before, after, strict=True):
            count.cases += 1
            seen.add((known.outcome, unknown.outcome))
            assert BETTER.index(unknown.outcome) <= BETTER.index(known.outcome)

    less()
    count.enough(SLOW_CASES)
    assert (Outcome.CLEAR, Outcome.CANNOT_TELL) in seen and (Outcome.CONFLICT, Outcome.CONFLICT) in seen

"""What is said in columns of many sites is what judge() says of each: number for number, word for word."""

from dataclasses import fields, replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bench.scenes import Scene, scene
from spatial.bulk.kernels import square_between
from spatial.bulk.sites import SiteColumns
from spatial.bulk.stretches import where
from spatial.bulk.verdicts import UNSURE_M, Survey, Verdicts, verdicts
from spatial.found import Region
from spatial.judging.judge import Conflicts, judge
from spatial.judging.limits import CERTAINTIES, GRADES, ZONES
from spatial.measuring.pieces import cut
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.words import Act
from tests.properties.counting import Count, in_batches_of
from tests.spatial.bulk.scenes import mixed_scene, region_of
from tests.support.builders import Pipe, laid, make_pieces, make_profile, make_site, own_distance, straight

RULES = make_profile()
OTHERS = (
    RULES,
    make_profile({"act_distances": [own_distance(Act.PILE, 80.0), own_distance(Act.EXCAVATE, 7.0)]}),
    replace(RULES, from_centre_line=True),
)


def told(sites: Scene, rules: RuleProfile, region: Region | None = None) -> Verdicts:
    return verdicts(SiteColumns.of(sites.sites, rules), Survey.of(region or region_of(sites), rules))


def judged(drawn: Scene, rules: RuleProfile, region: Region) -> tuple[Conflicts, list[int]]:
    found = region.find([query_boxes(site, rules) for site in drawn.sites])
    said = judge(drawn.sites, found.pieces, rules)
    return said, (found.pieces.assets.asset_id[said.asset] - 1).tolist()


def same(found: Verdicts, said: Conflicts, asset: list[int]) -> None:
    """asset: the index in the region of each conflict of `said`."""
    assert found.site.tolist() == said.site.tolist()
    assert found.asset.tolist() == asset
    for name in ("centreline_distance_m", "clearance_m", "uncertainty_m"):
        assert getattr(found, name).tolist() == getattr(said, name).tolist(), name
    for name, words in (
        ("zone", ZONES),
        ("zone_at_worst", ZONES),
        ("grade", GRADES),
        ("grade_at_record", GRADES),
        ("grade_at_worst", GRADES),
    ):
        assert words[getattr(found, name)].tolist() == getattr(said, name).tolist(), name
    assert CERTAINTIES[found.zone].tolist() == said.certainty.tolist()
    assert [found.rulings[code] for code in found.ruling] == said.ruling.tolist()
    assert [found.rulings[code] for code in found.ruling_at_worst] == said.ruling_at_worst.tolist()


@pytest.mark.property
def test_columns_say_what_judge_says() -> None:
    count = Count()

    @in_batches_of(270, 27_000)
    @given(st.integers(0, 2**32 - 1), st.integers(0, len(OTHERS) - 1))
    def alike(seed: int, which: int) -> None:
        rules = OTHERS[which]
        drawn = mixed_scene(seed)
        region = region_of(drawn)
        said, asset = judged(drawn, rules, region)
        assert len(said)
        count.cases += 270
        same(told(drawn, rules, region), said, asset)

    alike()
    count.enough(27_000)


def test_where_conflicts_reach_is_told_as_judge_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatial.bulk.stretches.CHUNK", 40)
    many = 0
    for seed in range(12):
        drawn = mixed_scene(seed)
        region, columns = region_of(drawn), SiteColumns.of(drawn.sites, RULES)
        said, _ = judged(drawn, RULES, region)
        survey = Survey.of(region, RULES)
        found = verdicts(columns, survey)
        told = where(found, columns, survey)
        rows = range(len(found))
        assert [told.pipe[row] for row in rows] == said.pipe_intervals_m
        assert [told.pipe_at_record[row] for row in rows] == said.pipe_intervals_at_record_m
        assert [told.site[row] for row in rows] == said.site_intervals_m
        assert [told.site_at_record[row] for row in rows] == said.site_intervals_at_record_m
        many += len(told.pipe.from_m) + len(told.site.from_m)
    assert many > 1_000
    nothing = where(verdicts(columns, survey, np.arange(0)), columns, survey)
    assert nothing.pipe.starts.tolist() == [0]


def test_places_far_apart_are_judged_alike() -> None:
    """Over a whole province, every plane of it."""
    drawn = scene(5, 300, 4, 9)
    region = region_of(drawn)
    said, asset = judged(drawn, RULES, region)
    assert len(said) > 5_000
    same(told(drawn, RULES, region), said, asset)


def test_some_rows_in_any_order_are_told_as_all_are() -> None:
    drawn = mixed_scene(3)
    survey, columns = Survey.of(region_of(drawn), RULES), SiteColumns.of(drawn.sites, RULES)
    every = verdicts(columns, survey)
    some = np.array([20, 3, 11, 4])
    part = verdicts(columns, survey, some)
    rows = np.concatenate([np.flatnonzero(every.site == site) for site in some])
    for column in fields(part):
        if column.name != "rulings":
            told_of = getattr(part, column.name).tolist()
            if column.name.startswith("ruling"):
                told_of = [part.rulings[code] for code in told_of]
                assert told_of == [every.rulings[code] for code in getattr(every, column.name)[rows].tolist()]
            else:
                assert told_of == getattr(every, column.name)[rows].tolist(), column.name
    assert len(verdicts(columns, survey, some[:0])) == 0


def test_distances_are_those_of_geos_to_a_nanometre() -> None:
    """UNSURE_M is what the whole equality rests on: a hundred times this."""
    rng = np.random.default_rng(2)
    ends = rng.normal(0, 60, (40_000, 2, 2, 2)) + np.array([9_000.0, 4_050_000.0])
    ends[:4_000, 1] = ends[:4_000, 0] + rng.normal(0, 1e-6, (4_000, 2, 2))  # all but the same
    ends[4_000:8_000, 0, 1] = ends[4_000:8_000, 0, 0]  # points
    ends[8_000:12_000, 1, 0] = ends[8_000:12_000, 0, 1]  # an end in common
    along = ends[12_000:16_000, 0, 1] - ends[12_000:16_000, 0, 0]
    ends[12_000:16_000, 1] = ends[12_000:16_000, 0, :1] + rng.uniform(-2, 2, (4_000, 2, 1)) * along[:, None]
    pipe, site = ends[:, 1] - ends[:, 1, :1], ends[:, 0] - ends[:, 1, :1]
    square = (pipe[:, 1] ** 2).sum(axis=1)
    per_square = np.divide(1.0, square, out=np.zeros_like(square), where=square > 0)
    columns = (*pipe[:, 1].T, per_square, *site[:, 0].T, *site[:, 1].T)
    ours = np.sqrt([square_between(*row) for row in zip(*(one.tolist() for one in columns), strict=True)])
    theirs = shapely.distance(shapely.linestrings(ends[:, 0]), shapely.linestrings(ends[:, 1]))
    assert np.abs(ours - theirs).max() < UNSURE_M / 50


def region_with(*pipes: Pipe) -> Region:

    pieces = make_pieces(pipes)
    shapes = [laid(shapely.MultiLineString([pipe.shape])) for pipe in pipes]

    return Region.of(pieces.assets, cut(shapes, np.full(len(pipes), 1.0)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("column", ["uncertainty_m", "diameter_mm"])
def test_an_asset_that_is_in_no_known_doubt_is_not_lost_in_silence(column: str, bad: float) -> None:
    region = region_with(Pipe(straight(3)))
    spoilt = replace(region, assets=replace(region.assets, **{column: np.array([bad])}))
    if column == "diameter_mm" and np.isnan(bad):  # unknown, and then the largest
        assert Survey.of(spoilt, RULES).limits.radius_m[0] > 0.1
        return
    with pytest.raises(ValueError, match="not a finite number"):
        Survey.of(spoilt, RULES)


def test_a_site_whose_width_is_no_number_or_that_asks_beyond_is_refused() -> None:
    region = region_with(Pipe(straight(3)))
    survey = Survey.of(region, RULES)
    for half_width_m in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="beyond"):
            verdicts(SiteColumns.of([make_site(half_width_m=half_width_m)], RULES), survey)
    small = replace(region, box=tuple(region.boxes[0].tolist()))
    with pytest.raises(ValueError, match="beyond"):
        verdicts(SiteColumns.of([make_site()], RULES), Survey.of(small, RULES))
    assert len(verdicts(SiteColumns.of([make_site()], RULES), survey)) == 1


def test_nothing_asked_and_nothing_there() -> None:
    nothing = Survey.of(region_with(), RULES)
    assert len(verdicts(SiteColumns.of([make_site()], RULES), nothing)) == 0
    assert len(verdicts(SiteColumns.of([], RULES), nothing)) == 0

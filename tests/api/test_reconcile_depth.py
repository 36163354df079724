"""The depth law typed a second time for `predig reconcile`, against the first, and in a register."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Proj

from api.evidence.brute_depth import spare_m
from api.evidence.reconcile import Mismatch, reconcile
from api.register import cut_assets
from api.screen import file_permit, screen_permit
from api.settings import today
from bench.race_scenes import drain
from bench.race_town import UTILITY, Town, asset_of, intake_of, pipe_at
from spatial.judging.judge import judge
from spatial.measuring.measure import stations_m
from spatial.values import BorePath, DigSite, RegisterGeometry, UncertaintyTerm
from spatial.words import Act, Method, PressureClass
from sql.postgis import PostgisVault
from tests.api.intrusion import as_admin
from tests.conftest import VaultUrls
from tests.support.builders import XINING, Pipe, laid, line, make_pieces, make_profile, make_site

RULES = make_profile()
QUIET = "SET session_replication_role = replica; SET search_path = predig, public; "
HERE = Proj(proj="tmerc", lat_0=0, lon_0=XINING[0], k=1, x_0=0, y_0=0, a=6378137.0, rf=298.257222101)


def doubt(metres: float | None) -> tuple[UncertaintyTerm, ...]:
    return () if metres is None else (UncertaintyTerm("stated", metres, "register"),)


def _random(rng: np.random.Generator) -> tuple[DigSite, Pipe]:
    """A bore or a trench over or near a pipe, of which now and then something is not known."""

    def some(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    cover_m = round(float(rng.uniform(0.3, 3.0)), 2)
    pipe = Pipe(
        line((-30, float(rng.uniform(-4, 4))), (0, 0), (30, float(rng.uniform(-9, 9)))),
        diameter_mm=some(None, 110.0, 400.0),
        uncertainty_m=some(0.0, 0.2, 1.0),
        cover_m=cover_m,
        cover_most_m=cover_m + some(0.0, 0.4),
        profiled=some(True, True, True, False),
        depth_doubt_m=some(0.1, 0.1, 0.3, None),
    )
    bored = bool(rng.random() < 0.6)
    site = make_site(
        line((float(rng.uniform(-9, 9)), -25), (0, 0), (float(rng.uniform(-9, 9)), 25)),
        half_width_m=some(0.1, 0.3),
        acts=(
            some(Act.BORE, Act.JACK, Act.CROSSING) if bored else some(Act.EXCAVATE, Act.LAY_PIPE, Act.BUILD),
        ),
        method=some(None, *Method),
    )
    site = replace(site, depth_uncertainty=doubt(some(0.05, 0.3, None)))
    if not bored:
        return replace(site, depth_m=round(float(rng.uniform(0.2, 2.5)), 2)), pipe
    low, high = stations_m(site)[[0, -1]]
    depths = (round(float(depth), 2) for depth in rng.uniform(0.0, 5.0, 3))
    along = (0.0, round(float(high - low) / 2, 4), round(float(high - low), 4))
    return replace(site, bore=BorePath(tuple(zip(along, depths, strict=True)), None, None, None)), pipe


def test_both_ways_of_reading_the_depth_law_agree() -> None:
    rng = np.random.default_rng(4)
    answers = []
    for _ in range(150):
        site, pipe = _random(rng)
        found = judge([site], make_pieces([pipe]), RULES)
        asset = replace(
            asset_of("p", laid(shapely.MultiLineString([pipe.shape])), PressureClass.MP_A),
            diameter_mm=pipe.diameter_mm,
            cover_m=pipe.cover_m,
            cover_most_m=pipe.cover_most_m,
            profiled=pipe.profiled,
            depth_uncertainty=doubt(pipe.depth_doubt_m),
        )
        radius_m = float(found.radius_m[0])
        drawn = (
            shapely.transform(shape, HERE, interleaved=False) for shape in (site.geometry, asset.geometry)
        )
        spare = spare_m(site, asset, *drawn, float(found.uncertainty_m[0]), radius_m)
        again = {spare is not None and spare + by > RULES.tolerance_m for by in (-0.001, 0.001)}
        assert bool(found.relieved[0]) in again
        answers.append(again)
    assert answers.count({True}) > 20 and answers.count({False}) > 20 and answers.count({True, False}) < 3


@pytest.fixture
def town(vault_urls: VaultUrls) -> Iterator[Town]:
    vault = PostgisVault(vault_urls.app)
    made = Town(vault, vault_urls.owner, today())
    made.settle()
    drain(vault, made)
    yield made
    vault.close()


def test_a_wall_that_depth_keeps_out_of_reach_is_no_mismatch(town: Town, vault_urls: VaultUrls) -> None:
    """A shallow trench over a followed pipe and a bore under it read II: that is the law, not a fault."""
    place = town.place()
    deep = replace(
        asset_of("deep", pipe_at(place, 0.0)), cover_m=2.0, profiled=True, depth_uncertainty=doubt(0.1)
    )
    intake = intake_of([deep])
    town.vault.import_network(
        intake, cut_assets(intake.assets, RULES), utility=UTILITY, dataset="deep", on=town.on
    )
    drain(town.vault, town)
    (pit,) = town.plan(place)
    above = replace(pit, method=Method.HAND, depth_m=0.5, depth_uncertainty=doubt(0.3))
    west, south, east, north = pit.geometry.bounds
    across = shapely.LineString([((west + east) / 2, south), ((west + east) / 2, north)])
    under = replace(
        pit,
        feature_id="bore",
        geometry=RegisterGeometry(across),
        half_width_m=0.1,
        acts=(Act.BORE,),
        bore=BorePath(((0.0, 4.0), (4.0, 4.0)), 200.0, 0.1, 0.1),
        depth_uncertainty=doubt(0.1),
    )
    permit_id = file_permit(town.vault, town.parties("dig"), [above, under], town.rules, town.on)
    screen_permit(town.vault, permit_id, town.on)
    screenings = [
        town.vault.screening(number) for number in town.vault.permit(permit_id, on=town.on).screening_ids
    ]
    assert [screening.conflicts[0]["grade"] for screening in screenings] == ["II", "II"]

    found: list[Mismatch] = []
    reconcile(town.vault, town.on, found.append)
    assert found == []
    as_admin(vault_urls.owner, QUIET + "UPDATE asset SET cover_m = 0.4 WHERE source_id = 'deep'")
    reconcile(town.vault, town.on, found.append)
    assert [(one.kind, one.site_index, one.expected["grade"]) for one in found] == [("differs", 0, "I")]

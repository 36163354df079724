"""The second net finds what screening would not: each fault is made behind the vault's back, by the administrator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from api.evidence.brute_force import distance_m
from api.evidence.reconcile import Mismatch, Reconciled, reconcile
from api.screen import file_permit, screen_permit
from api.settings import today
from bench.geodesic import Shape
from bench.geodesic import distance_m as geodesic_m
from bench.race_scenes import drain
from bench.race_town import Town, pipe_at
from bench.scenes import lay_shapes
from spatial.words import PermitStatus
from sql.postgis import PostgisVault
from tests.api.conftest import Predig
from tests.api.intrusion import as_admin
from tests.conftest import VaultUrls

QUIET = "SET session_replication_role = replica; SET search_path = predig, public; "
INTO_THE_SITE = "UPDATE pipe SET geom = ST_Translate(geom, 0, -30 / 111000.0) WHERE asset_id = (SELECT max(asset_id) FROM asset)"


@pytest.fixture
def town(vault_urls: VaultUrls) -> Iterator[Town]:
    """A town in which `clear` is possible, worked off."""
    vault = PostgisVault(vault_urls.app)
    made = Town(vault, vault_urls.owner, today())
    made.settle()
    drain(vault, made)
    yield made
    vault.close()


def filed(town: Town, place: int) -> str:
    sites = town.plan(place)
    permit_id = file_permit(town.vault, town.parties("dig"), sites, town.rules, town.on)
    screen_permit(town.vault, permit_id, town.on)
    return permit_id


def test_the_bar_runs_to_the_number_of_open_permits(town: Town) -> None:
    for _ in range(3):
        filed(town, town.place())
    told: list[tuple[int, int]] = []
    reconciled(town, report=lambda done, every: told.append((done, every)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def reconciled(town: Town, **about: object) -> tuple[Reconciled, list[Mismatch]]:
    found: list[Mismatch] = []
    return reconcile(town.vault, town.on, found.append, **about), found  # type: ignore[arg-type]


def kinds(found: list[Mismatch]) -> list[str]:
    return sorted(mismatch.kind for mismatch in found)


def test_what_stands_is_so(town: Town) -> None:
    hit, near, clear = town.place(), town.place(), town.place()
    town.bring(town.vault, hit=pipe_at(hit, 0.0), near=pipe_at(near, 6.0))
    drain(town.vault, town)
    for place in (hit, near, clear):
        filed(town, place)
    cancelled = filed(town, town.place())
    town.vault.cancel_permit(cancelled)
    done, found = reconciled(town)
    assert found == []
    assert (done.permits, done.pending, done.sites, done.conflicts) == (3, 0, 3, 2)


def test_a_pipe_that_came_without_a_revision_is_missed(town: Town, vault_urls: VaultUrls) -> None:
    place = town.place()
    town.bring(town.vault, near=pipe_at(place, 30.0))
    permit_id = filed(town, place)
    assert reconciled(town)[1] == []
    as_admin(vault_urls.owner, QUIET + INTO_THE_SITE)
    assert town.vault.permit(permit_id).status is PermitStatus.CLEAR
    _, found = reconciled(town)
    assert kinds(found) == ["missed", "stale_clear"]
    missed = next(mismatch for mismatch in found if mismatch.kind == "missed")
    assert missed.permit_id == permit_id and missed.pipe["source_id"] == "near"
    assert missed.standing is None and missed.expected["grade"] == "I"


def test_a_pipe_that_the_index_lost_is_missed(town: Town, vault_urls: VaultUrls) -> None:
    """Pieces gone from the index: the screening itself is wrong, and only another road sees it."""
    place = town.place()
    town.bring(town.vault, lost=pipe_at(place, 0.0))
    as_admin(vault_urls.owner, QUIET + "DELETE FROM piece WHERE asset_id = (SELECT max(asset_id) FROM asset)")
    assert town.vault.permit(filed(town, place)).status is PermitStatus.CLEAR
    assert kinds(reconciled(town)[1]) == ["missed", "stale_clear"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM conflict", ["missed"]),
        ("UPDATE conflict SET clearance_m = clearance_m + 0.02", ["differs"]),
        ("UPDATE conflict SET uncertainty_m = 0", ["differs"]),
        ("UPDATE conflict SET grade = 'IV'", ["differs"]),
        ("UPDATE asset SET valid_to = 1000000 - valid_from, digest = '' WHERE source_id = 'hit'", []),
        ("DELETE FROM asset WHERE source_id = 'hit'", ["surplus"]),
        ("UPDATE asset SET pressure_class = 'HP-A', diameter_mm = 900 WHERE source_id = 'hit'", ["differs"]),
    ],
)
def test_an_altered_judgement_or_register_is_told(
    town: Town, vault_urls: VaultUrls, change: str, expected: list[str]
) -> None:
    place = town.place()
    town.bring(town.vault, hit=pipe_at(place, 5.0))
    filed(town, place)
    assert reconciled(town)[1] == []
    as_admin(vault_urls.owner, QUIET + change)
    assert kinds(reconciled(town)[1]) == expected


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ground SET geom = ST_Translate(geom, 5, 0) WHERE kind = 'coverage' AND pipe_kind = 'service'",
        "UPDATE ground SET assumed = true WHERE kind = 'coverage'",
        "UPDATE ground SET max_age_days = NULL WHERE kind = 'coverage'",
        "UPDATE ground SET as_of = as_of - 1000 WHERE kind = 'coverage'",
        "DELETE FROM ground WHERE kind = 'service_area'",
        "UPDATE ground SET geom = ST_Translate(geom, 5, 0) WHERE kind = 'service_area'",
        "UPDATE ground SET kind = 'blank', pipe_kind = NULL, as_of = NULL WHERE pipe_kind = 'main'",
        "UPDATE dataset SET valid_to = valid_from + 1000000, utility = 'OTHER'",
    ],
)
def test_a_clear_that_the_ground_no_longer_supports_is_stale(
    town: Town, vault_urls: VaultUrls, change: str
) -> None:
    permit_id = filed(town, town.place())
    assert reconciled(town)[1] == []
    as_admin(vault_urls.owner, QUIET + change)
    assert town.vault.permit(permit_id).status is PermitStatus.CLEAR
    assert kinds(reconciled(town)[1]) == ["stale_clear"]


def test_a_permit_nobody_judges_is_told_after_a_while(town: Town) -> None:
    place = town.place()
    filed(town, place)
    town.bring(town.vault, hit=pipe_at(place, 0.0))
    done, found = reconciled(town)
    assert (done.pending, found) == (1, [])
    _, found = reconciled(town, now=datetime.now(UTC) + timedelta(minutes=16))
    assert kinds(found) == ["not_judged"]
    drain(town.vault, town)
    assert reconciled(town, now=datetime.now(UTC) + timedelta(minutes=16))[1] == []


def test_the_command_tells_each_mismatch_and_exits_1(
    town: Town, vault_urls: VaultUrls, predig: Predig, said: Predig
) -> None:
    place = town.place()
    town.bring(town.vault, near=pipe_at(place, 30.0))
    permit_id = filed(town, place)
    well = predig("reconcile")
    assert well.code == 0 and [line["mismatches"] for line in well.lines] == [0]
    as_admin(vault_urls.owner, QUIET + INTO_THE_SITE)
    badly = predig("reconcile")
    assert badly.code == 1
    *mismatches, summary = badly.lines
    assert [line["mismatch"]["permit_id"] for line in mismatches] == [permit_id] * 2
    assert summary["mismatches"] == 2 and summary["permits"] == 1
    read = said("reconcile", language="zh")
    assert read.code == 1 and "漏报" in read.out and "按有管道对待" in read.err


# -- the other road agrees with the first, and with geodesics


RNG = np.random.default_rng(5)


def anywhere(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Shapes in metres, laid somewhere in Qinghai on ground of their own."""
    places = RNG.uniform((90.0, 32.5), (102.5, 38.5), (1, 2)).repeat(len(shapes), axis=0)
    return list(lay_shapes(np.asarray(shapes, dtype=object), places))


@pytest.mark.parametrize("away_m", [0.4, 4.9, 14.9, 49.9])
def test_distances_agree_with_geodesics(away_m: float) -> None:
    for _ in range(20):
        angle = RNG.uniform(0, np.pi)
        run = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-run[1], run[0]])
        pipe = shapely.LineString([side * away_m + run * at for at in np.linspace(-400, 400, 9)])
        site, main = anywhere([shapely.Point(0, 0), pipe])
        parts = tuple(np.asarray(shape.coords) for shape in (site, main))
        exact = geodesic_m(Shape((parts[0],), False), Shape((parts[1],), False))
        assert distance_m(site, main) == pytest.approx(exact, abs=1e-4)
        assert distance_m(main, site) == pytest.approx(exact, abs=1e-4)


def test_a_dig_of_twenty_kilometres_is_measured_where_it_is_nearest() -> None:
    dig = shapely.segmentize(shapely.LineString([(0, 0), (20_000, 300)]), 90)
    for at in (100.0, 19_000.0):
        site, pipe = anywhere([dig, shapely.LineString([(at, at * 0.015 + 7), (at, at * 0.015 + 60)])])
        parts = tuple(np.asarray(shape.coords) for shape in (site, pipe))
        exact = geodesic_m(Shape((parts[0],), False), Shape((parts[1],), False))
        assert distance_m(site, pipe) == pytest.approx(exact, abs=1e-3)

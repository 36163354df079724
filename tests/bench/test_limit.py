"""The limit kernel finds what a tree, geopandas and Predig itself find, at the distances that geodesics have."""

import numpy as np
import pytest
import shapely

from bench import limit
from bench.limit import Hits, build_grid, conflicts, conflicts_of_one, in_order, pack_segments, pack_sites
from bench.peers.agreement import PLANE, ROUNDED, STRETCH, UNEXPLAINED, compare, sampled_truth_mm
from bench.peers.contest import Contest, by_ground, joined, least
from bench.peers.in_memory import GeopandasPieces, GeopandasWhole, Tree
from bench.peers.ours import BulkPath, Limit, SinglePath, read_grounds
from bench.province import cuts_of, intake_of, make_network, make_sites
from bench.register import ON
from ingest import load_profile
from sql.memory import MemoryVault

PROFILE, _ = load_profile("cn-gb55009")
SITES = 150


@pytest.fixture(scope="module")
def contest() -> Contest:
    network = make_network(600)
    return Contest(network, make_sites(network, SITES), PROFILE)


@pytest.fixture(scope="module")
def found(contest: Contest) -> Hits:
    return in_order(Limit(contest).bulk(SITES))


def same(some: Hits, others: Hits) -> bool:
    return all((getattr(some, name) == getattr(others, name)).all() for name in ("site", "asset", "axis_m"))


def test_the_kernel_measures_as_geodesics_do(contest: Contest, found: Hits) -> None:
    assert len(found) > 100
    assert sampled_truth_mm(contest, found) < 0.3


def test_the_kernel_measures_any_two_shapes_as_geos_does() -> None:
    """In a plane where a degree is a kilometre: segments, lines, points and areas, crossing, touching or inside."""
    rng = np.random.default_rng(5)
    for _ in range(400):
        ends = rng.integers(-8, 9, (2, 2)) / 1000.0
        segment = np.array([[*ends.ravel(), 1000.0, 1000.0, 50.0, 0.0]])
        xy = rng.integers(-8, 9, (rng.integers(1, 5), 2)) / 1000.0
        shape = shapely.LineString(xy) if len(xy) > 1 else shapely.Point(xy[0])
        area = len(xy) > 2 and shapely.is_simple(shapely.LinearRing(xy)) and shapely.Polygon(xy).area > 0
        if area:
            shape = shapely.Polygon(xy)
            xy = np.vstack([xy, xy[:1]])
        truth = shapely.distance(shape, shapely.LineString(ends)) * 1000.0
        got = np.sqrt(limit._square_m(segment, 0, xy, 0, len(xy), bool(area), 50.0))
        assert got == pytest.approx(truth, abs=1e-9), (ends, shape)


def test_one_dig_alone_finds_what_it_finds_among_many(contest: Contest, found: Hits) -> None:
    kernel = Limit(contest)
    assert same(in_order(kernel.bulk(SITES)), found)
    alone = [in_order(kernel.single(number)) for number in range(SITES)]
    for name in ("site", "asset", "axis_m"):
        assert (np.concatenate([getattr(hits, name) for hits in alone]) == getattr(found, name)).all()


def test_a_dig_beyond_the_grid_finds_nothing(contest: Contest) -> None:
    network = contest.network
    grid = build_grid(pack_segments(network.xy, network.offsets, contest.reach_m))
    far = np.array([shapely.Point(80.0, 20.0), shapely.Point(120.0, 50.0)], dtype=object)
    assert len(conflicts(grid, pack_sites(far, np.ones(2)))) == 0
    assert len(conflicts_of_one(grid, pack_sites(far[:1], np.ones(1)))) == 0


@pytest.mark.parametrize("peer", [Tree, GeopandasWhole, GeopandasPieces])
def test_a_planar_peer_finds_the_same(contest: Contest, found: Hits, peer: type) -> None:
    contestant = peer(contest)
    agreed = compare(contest, contestant.bulk(SITES), found, SITES, (PLANE, STRETCH))
    assert agreed.explained and agreed.pairs == len(found) and agreed.worst_mm < 15
    few = contestant.bulk(20)
    assert same(few, least(*(np.concatenate([getattr(contestant.single(n), name) for n in range(20)])
                             for name in ("site", "asset", "axis_m"))))  # fmt: skip


def test_predig_finds_the_same(contest: Contest, found: Hits) -> None:
    vault = MemoryVault()
    network = contest.network
    vault.import_network(
        intake_of(network), cuts_of(network, PROFILE), utility="BENCH", dataset="province", on=ON
    )
    grounds = read_grounds(contest, vault)
    for ours in (SinglePath(contest, vault, grounds), BulkPath(contest, grounds)):
        agreed = compare(contest, ours.bulk(SITES), found, SITES, (PLANE, ROUNDED))
        assert agreed.explained and agreed.worst_mm < 0.3
        few = in_order(ours.bulk(20))
        assert same(few, in_order(joined([ours.single(number) for number in range(20)])))


def test_digs_by_ground_are_the_same_digs_a_whole_part_after_the_other(contest: Contest) -> None:
    laid = by_ground(contest.sites, PROFILE)
    assert sorted(map(shapely.to_wkb, laid.geometry)) == sorted(map(shapely.to_wkb, contest.sites.geometry))
    parts = [part.rows for cell in Contest(contest.network, laid, PROFILE).cells for part in cell.parts]
    assert all(np.ptp(rows) == len(rows) - 1 for rows in parts)


def test_a_lost_pair_an_added_one_and_a_wrong_distance_are_seen(contest: Contest, found: Hits) -> None:
    lost = Hits(found.site[1:], found.asset[1:], found.axis_m[1:])
    agreed = compare(contest, lost, found, SITES, (PLANE, STRETCH))
    assert (agreed.missing, agreed.added, agreed.causes[UNEXPLAINED]) == (1, 0, 1)
    agreed = compare(contest, found, lost, SITES, (PLANE, STRETCH))
    assert (agreed.missing, agreed.added, agreed.causes[UNEXPLAINED]) == (0, 1, 1)
    longer = Hits(found.site, found.asset, found.axis_m + 0.5)
    assert compare(contest, longer, found, SITES, ()).worst_mm == pytest.approx(500, abs=1e-6)


def test_a_pair_at_the_limit_is_told_with_its_cause(contest: Contest, found: Hits) -> None:
    """A pipe whose reach is cut to 1 mm less than its distance: whoever misses it has a planar user's excuse."""
    contest = Contest(contest.network, contest.sites, PROFILE)  # whose reach is changed
    reach = contest.reach_m[found.asset] + contest.site_reach_m[found.site]
    row = int(np.argmax((found.axis_m > 5) & (reach > 12)))
    site, asset = int(found.site[row]), int(found.asset[row])
    contest.reach_m[asset] -= reach[row] - found.axis_m[row] - 0.001
    kept = np.arange(len(found)) != row
    rest = Hits(found.site[kept], found.asset[kept], found.axis_m[kept])
    told = compare(contest, rest, found, SITES, (PLANE, STRETCH)).rows
    assert [(one["site"], one["pipe"], one["what"], one["cause"]) for one in told] == [
        (site, asset, "missing", STRETCH.text)
    ]
    assert told[0]["margin_mm"] == pytest.approx(-1.0, abs=0.3)

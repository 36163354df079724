"""The province that everything is measured on: the same for the same seed, and as the dock would hand it over."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from bench.province import (
    Network,
    Sites,
    assets_of,
    cuts_of,
    dig_sites,
    geojson_text,
    make_network,
    make_sites,
    reach_m,
    write_network,
)
from ingest import DigOptions, load_profile, parse_dig_plans, read_network
from spatial.measuring.pieces import CGCS2000, cut
from spatial.values import CHINA

PROFILE, _ = load_profile("cn-gb55009")
DAY = date(2026, 1, 1)
PIPES, SITES = 3_000, 400


@pytest.fixture(scope="module")
def network() -> Network:
    return make_network(PIPES)


@pytest.fixture(scope="module")
def sites(network: Network) -> Sites:
    return make_sites(network, SITES)


def columns(network: Network) -> list[bytes]:
    return [np.asarray(getattr(network, name)).tobytes() for name in Network.__slots__]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(network: Network, sites: Sites) -> None:
    assert columns(make_network(PIPES)) == columns(network)
    assert columns(make_network(PIPES, seed=8)) != columns(network)
    assert geojson_text(make_sites(network, SITES)) == geojson_text(sites)
    assert geojson_text(make_sites(network, SITES, seed=12)) != geojson_text(sites)


def test_a_network_file_is_the_same_twice(network: Network, tmp_path: Path) -> None:
    once, again = (write_network(network, tmp_path / name).read_bytes() for name in ("a.gpkg", "b.gpkg"))
    assert once == again


def test_a_network_is_what_a_province_has() -> None:
    network = make_network(100_000)
    xy, offsets, city = network.xy, network.offsets, network.city
    _, _, edge_m = CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    edge_m[offsets[1:-1] - 1] = 0.0
    length_m = np.add.reduceat(edge_m, offsets[:-1])
    vertices = np.diff(offsets)
    assert 37 < length_m[city >= 0].mean() < 43
    assert (vertices[city >= 0].min(), vertices[city >= 0].max()) == (2, 20)
    assert len(network.long_lines) == 4 and 20_000 < length_m[city < 0].min() < length_m.max() < 200_100
    assert set(np.rint(xy[:, 0] / 3).astype(int)) == {
        30,
        31,
        32,
        33,
        34,
    }  # the zones of 90 to 102 degrees east
    shares = np.bincount(network.pressure_class + 1, minlength=5) / len(network)
    assert np.allclose(shares, (0.01, 0.683, 0.2475, 0.0495, 0.0099), atol=0.005)
    assert 0.04 < np.isnan(network.diameter_mm).mean() < 0.06
    assert set(network.uncertainty_m) == {0.1, 0.3, 0.5, 1.0, 2.0}


def test_the_digs_are_areas_trenches_and_points_some_beside_long_lines(network: Network) -> None:
    sites = make_sites(network, 5_000)
    kinds = {name: 0 for name in ("Polygon", "LineString", "Point")}
    for shape in sites.geometry:
        kinds[shape.geom_type] += 1
    assert abs(kinds["Polygon"] - 5_000 * (0.55 + 0.14)) < 150
    assert abs(kinds["LineString"] - 5_000 * 0.21) < 120
    assert abs(kinds["Point"] - 5_000 * 0.10) < 100
    assert shapely.is_valid(sites.geometry).all()
    assert ((sites.half_width_m > 0) == (shapely.get_dimensions(sites.geometry) < 2)).all()
    lines = shapely.union_all(network.lines()[network.long_lines])
    assert 0.01 < (shapely.distance(sites.geometry, lines) < 0.002).mean() < 0.2


def test_without_its_long_lines_a_network_keeps_every_other_pipe(network: Network) -> None:
    short = network.without_long_lines()
    assert len(short) == len(network) - len(network.long_lines)
    assert (short.lines() == network.lines()[network.city >= 0]).all()
    assert (short.city >= 0).all()


def test_the_dock_reads_the_file_as_the_assets_that_the_vault_is_given(
    network: Network, tmp_path: Path
) -> None:
    read = read_network(
        [write_network(network, tmp_path / "n.gpkg")],
        crs="EPSG:4490",
        id_field="id",
        mapping=None,
        extent=CHINA,
        profile=PROFILE,
        on=DAY,
    )
    assert [replace(asset, digest="") for asset in assets_of(network)] == [
        replace(asset, digest="") for asset in read.assets
    ]
    assert read.rejected == ()


def test_the_dock_reads_the_geojson_as_the_dig_sites_that_are_judged(sites: Sites) -> None:
    options = DigOptions()
    text = geojson_text(sites)
    read = parse_dig_plans(text, crs="EPSG:4490", options=options, extent=CHINA, profile=PROFILE, on=DAY)
    assert [replace(site, received="{}") for site in read] == list(dig_sites(sites))


def test_the_pieces_are_those_an_import_cuts(network: Network) -> None:
    assets = assets_of(network)
    radius_m = [
        PROFILE.diameter_or_largest_mm(asset.diameter_mm, asset.pressure_class) / 2000 for asset in assets
    ]
    doubt_m = [asset.uncertainty_m for asset in assets]
    by_import = cut([asset.geometry for asset in assets], np.array(radius_m) + np.array(doubt_m))
    ours = cuts_of(network, PROFILE)
    for name in ("asset", "geometry", "from_m", "to_m", "boxes"):
        assert (getattr(ours, name) == getattr(by_import, name)).all()


def test_a_pipe_reaches_as_far_as_the_rule_says(network: Network) -> None:
    for pipe, reach in zip(assets_of(network)[:200], reach_m(network, PROFILE), strict=False):
        control = PROFILE.widths_of(pipe.kind, pipe.pressure_class).control_m
        diameter = PROFILE.diameter_or_largest_mm(pipe.diameter_mm, pipe.pressure_class)
        assert reach == pytest.approx(control + 0.01 + diameter / 2000 + pipe.uncertainty_m, abs=1e-12)

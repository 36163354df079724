"""Whatever comes in, it is taken, refused or rejected; nothing else ever happens and no row is lost."""

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest import ColumnMap, parse_mapping, parse_profile
from ingest.networks.columns import COLUMNS, reader
from spatial.errors import Refused
from spatial.values import CHINA, DigSite
from tests.ingest.dock import ON, X, Y, codes, network, plan
from tests.ingest.test_files import frame

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([X, Y, X + 1, Y + 1, 101.7, 36.6, "excavate", 10**400, -0.0, 1e308, "-", "", "9999-12-31"])
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NEAR = st.floats(-500, 500).map(lambda d: round(d, 3))
POSITION = st.tuples(NEAR, NEAR).map(lambda d: [X + d[0], Y + d[1]])
POSITIONS = st.lists(POSITION | st.lists(SCALARS, max_size=3), max_size=6)
RINGS = st.lists(
    st.lists(POSITION, min_size=3, max_size=8).map(lambda ring: [*ring, ring[0]]), min_size=1, max_size=3
)
TYPES = st.sampled_from(
    [
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "x",
    ]
)
GEOMETRIES = (
    st.fixed_dictionaries({"type": TYPES, "coordinates": POSITION | POSITIONS | RINGS | st.lists(RINGS, max_size=2) | ANYTHING})
    | ANYTHING
)  # fmt: skip
NAMES = st.sampled_from([*COLUMNS, "act", "acts", "method", "depth_m", "half_width_m", "radius_m", "width_m",
                         "start_station_m", "id"])  # fmt: skip
PROPERTIES = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=5) | ANYTHING
FEATURES = (
    st.fixed_dictionaries(
        {"type": st.just("Feature"), "geometry": GEOMETRIES, "properties": PROPERTIES},
        optional={"id": ANYTHING},
    )
    | ANYTHING
)
DOCUMENTS = (
    st.fixed_dictionaries(
        {"type": st.just("FeatureCollection"), "features": st.lists(FEATURES, max_size=6)},
        optional={"crs": ANYTHING},
    )
    | FEATURES
    | GEOMETRIES
)
QUICK = settings(
    max_examples=3 * settings.default.max_examples,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check_site(site: DigSite) -> None:
    assert site.geometry.is_valid and not site.geometry.is_empty and not site.geometry.has_z
    assert np.isfinite(shapely.get_coordinates(site.geometry)).all() and CHINA.holds(site.geometry.bounds)
    assert site.acts and math.isfinite(site.half_width_m) and json.loads(site.received) is not None


@QUICK
@given(DOCUMENTS)
def test_a_plan_is_taken_whole_or_refused_with_sentences(document: Any) -> None:
    try:
        sites = plan(json.dumps(document))
    except Refused as refused:
        assert codes(refused)
    else:
        for site in sites:
            check_site(site)


@QUICK
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_text_that_is_anything_is_refused(text: str | bytes) -> None:
    with pytest.raises(Refused):
        plan(text)


@QUICK
@given(st.lists(FEATURES, min_size=1, max_size=8), st.booleans())
def test_every_row_of_a_network_is_accepted_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, features: list[Any], promised: bool
) -> None:
    path: Path = tmp_path_factory.mktemp("fuzz") / "n.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    try:
        intake = network(path, id_field="id" if promised else None)
    except Refused as refused:
        assert codes(refused)
        return
    assert intake.received == len(features) == len(intake.assets) + len(intake.rejected)
    ids = [asset.source_id for asset in intake.assets]
    assert len(set(ids)) == len(ids)
    for asset in intake.assets:
        assert asset.geometry.is_valid and CHINA.holds(asset.geometry.bounds)
        assert np.isfinite(shapely.get_coordinates(asset.geometry)).all()
        assert asset.diameter_mm is None or 0 < asset.diameter_mm <= 3000
        assert asset.cover_m is None or 0 < asset.cover_m <= 30
        assert asset.laid_on is None or asset.laid_on <= ON
    for row in intake.rejected:
        assert row.box is None or (
            np.isfinite(row.box).all() and row.box[0] < row.box[2] and row.box[1] < row.box[3]
        )


@QUICK
@given(st.sampled_from(sorted(COLUMNS)), ANYTHING | st.floats() | st.text())
@example("cover_profiled", 10**400)
def test_a_cell_is_read_or_unknown(name: str, cell: Any) -> None:
    value, wrong = reader(name, None, ON)(cell)
    assert (value is None) == (wrong is not None)


@QUICK
@given(
    st.text(max_size=80)
    | st.sampled_from(["[columns]", "[values.kind]"]).flatmap(
        lambda s: st.text(max_size=30).map(lambda t: f"{s}\n{t}")
    )
)
def test_a_map_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_mapping(text), ColumnMap)
    except Refused as refused:
        assert codes(refused)


@QUICK
@given(st.text(max_size=80))
def test_a_rule_profile_is_refused_unless_it_is_one(text: str) -> None:
    with pytest.raises(Refused):
        parse_profile(text)


@pytest.mark.parametrize("ending", ["gpkg", "shp"])
def test_a_damaged_binary_file_is_refused_or_every_row_is_counted(tmp_path: Path, ending: str) -> None:
    whole = tmp_path / f"whole.{ending}"
    frame(30, diameter_m=[110.0] * 30, name=["管线"] * 30).to_file(whole, encoding="utf-8", layer="whole")
    parts = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    chance = random.Random(20261101)
    outcomes = set()
    for number in range(80):
        hurt = chance.choice(sorted(parts))
        for suffix, data in parts.items():
            damaged = bytearray(data)
            if suffix == hurt and number % 4 == 0:
                del damaged[chance.randrange(1, len(damaged)) :]
            elif suffix == hurt:
                # Headers decide most, so half of the damage goes there.
                reach = len(damaged) if number % 2 else min(200, len(damaged))
                for _ in range(chance.choice([1, 3, 20])):
                    damaged[chance.randrange(reach)] = chance.randrange(256)
            (tmp_path / f"hurt{suffix}").write_bytes(damaged)
        try:
            intake = network(tmp_path / f"hurt.{ending}")
            assert intake.received == len(intake.assets) + len(intake.rejected)
            outcomes.add("taken")
        except Refused as refused:
            outcomes |= codes(refused)
    assert {"taken", "file_unreadable"} <= outcomes

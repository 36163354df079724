"""Rows become assets or reasons; the file as a whole is placed, or refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod, Proj

from ingest import asset_digest
from ingest.networks.mapping import ColumnMap
from spatial.errors import Refused
from spatial.values import CHINA, Extent
from spatial.words import AssetKind, PressureClass
from tests.ingest.dock import LINE, X, Y, codes, collection, feature, line, network, square, written

GOOD = feature(LINE, pressure_class="MP-A", diameter_mm=110)
XINING = Extent(101.0, 36.0, 102.5, 37.5)
TO_DEGREES = Proj("EPSG:4543")


def test_a_pipe_keeps_every_vertex_and_all_it_says(tmp_path: Path) -> None:
    said = {
        "pressure_class": "SHP-B", "diameter_mm": 325, "cover_m": 1.2, "material": "steel", "status": "in use",
        "survey_class": "QL-B", "laid_on": "2012-04-05", "kind": "main", "uncertainty_m": 0.4, "other": "ignored",
    }  # fmt: skip
    (asset,) = network(written(tmp_path, collection(feature(LINE, **said)))).assets
    assert asset.kind is AssetKind.PIPE and asset.geometry.geom_type == "MultiLineString"
    assert asset.pressure_class is PressureClass.SHP_B and asset.pipe_kind == "main"
    assert (asset.diameter_mm, asset.cover_m, asset.material, asset.status) == (325.0, 1.2, "steel", "in use")
    assert asset.uncertainty_m == 0.4 and asset.uncertainty[0].code == "pipe_stated"
    expected = [TO_DEGREES(x, y, inverse=True) for x, y in LINE["coordinates"]]
    assert np.abs(shapely.get_coordinates(asset.geometry) - expected).max() < 1e-9


def test_edges_are_cut_to_100_m_while_still_straight_in_their_own_crs(tmp_path: Path) -> None:
    (asset,) = network(written(tmp_path, collection(feature(line(length=1000.0))))).assets
    lonlat = shapely.get_coordinates(asset.geometry)
    _, _, metres = Geod(ellps="GRS80").inv(*lonlat[:-1].T, *lonlat[1:].T)
    assert len(lonlat) > 10 and max(metres) <= 100.0


NAN = float("nan")
BAD_GEOMETRIES: list[tuple[Any, str, bool]] = [
    (None, "geometry_missing", False),
    ({"type": "LineString", "coordinates": []}, "geometry_empty", False),
    ({"type": "LineString", "coordinates": [[X, Y]]}, "geometry_too_few_points", True),
    ({"type": "LineString", "coordinates": [[X, Y], [X, NAN]]}, "geometry_not_finite", True),
    ({"type": "LineString", "coordinates": [[X, Y], [X, float("inf")]]}, "geometry_not_finite", True),
    ({"type": "LineString", "coordinates": [[X, Y], [X, None]]}, "geometry_not_finite", True),
    ({"type": "LineString", "coordinates": [[X, Y], [str(X), Y]]}, "geometry_not_finite", True),
    ({"type": "LineString", "coordinates": [[X, Y], [True, Y]]}, "geometry_not_finite", True),
    ({"type": "LineString", "coordinates": [[NAN, NAN], [NAN, NAN]]}, "geometry_not_finite", False),
    ({"type": "LineString", "coordinates": [[X, Y], [X + 5]]}, "geometry_malformed", True),
    ({"type": "LineString", "coordinates": "x"}, "geometry_malformed", False),
    ({"type": "MultiLineString", "coordinates": [[[X, Y], [X + 1, Y]], []]}, "geometry_too_few_points", True),
    ({"type": "MultiPolygon", "coordinates": [[]]}, "geometry_malformed", False),
    ({"type": "LineString", "coordinates": [[X, Y], [X, Y], [X, Y]]}, "line_zero_length", True),
    ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [X, Y]}]}, "geometry_type", True),
    ({"type": "Circle", "coordinates": [X, Y]}, "geometry_type", True),
    (17, "geometry_type", False),
    ({"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y], [X + 9, Y + 9], [X, Y + 9]]]}, "polygon_unclosed", True),
    ({"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y + 9], [X + 9, Y], [X, Y + 9], [X, Y]]]}, "polygon_invalid", True),
    ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "outside_extent", False),
]  # fmt: skip


@pytest.mark.parametrize(("geometry", "code", "leaves_ground"), BAD_GEOMETRIES)
def test_a_row_without_usable_geometry_is_rejected_and_leaves_its_box(
    tmp_path: Path, geometry: Any, code: str, leaves_ground: bool
) -> None:
    intake = network(written(tmp_path, collection(GOOD, feature(geometry), GOOD)))
    assert (intake.received, len(intake.assets)) == (3, 2)
    (row,) = intake.rejected
    assert (row.number, row.code) == (2, code) and row.en and row.zh
    if leaves_ground:
        west, south, east, north = row.box or (0.0, 0.0, 0.0, 0.0)
        lon, lat = TO_DEGREES(X, Y, inverse=True)
        assert west < lon < east and south < lat < north
        # Two metres of unknown position and the radius of the widest pipe.
        assert 2 * 2.7 < Geod(ellps="GRS80").inv(lon, south, lon, north)[2] < 20


def test_entries_that_are_no_features_are_counted(tmp_path: Path) -> None:
    intake = network(written(tmp_path, collection(GOOD, None, 3, {"type": "Point"}, [])))
    assert intake.received == 5 and [r.code for r in intake.rejected] == ["not_a_feature"] * 4


def test_a_row_outside_the_extent_is_rejected_with_its_box(tmp_path: Path) -> None:
    far = feature({"type": "LineString", "coordinates": [[X, Y + 200_000], [X + 10, Y + 200_000]]})
    intake = network(written(tmp_path, collection(GOOD, far)), extent=XINING)
    (row,) = intake.rejected
    assert row.code == "outside_extent" and row.box is not None and row.box[1] > 37.5


def test_the_edge_of_the_extent_is_exact(tmp_path: Path) -> None:
    lon, _lat = TO_DEGREES(X, Y, inverse=True)
    edge = Extent(101.0, 36.0, lon + 1e-6, 37.5)
    over = feature({"type": "LineString", "coordinates": [[X - 5, Y], [X + 0.2, Y]]})
    within = feature({"type": "LineString", "coordinates": [[X - 5, Y], [X, Y]]})
    intake = network(written(tmp_path, collection(within, over)), extent=edge)
    assert len(intake.assets) == 1 and [row.code for row in intake.rejected] == ["outside_extent"]
    assert intake.rejected[0].box is not None and intake.rejected[0].box[2] > lon


def test_a_few_rows_where_their_crs_cannot_be_used_are_rejected_and_most_refuse_the_file(
    tmp_path: Path,
) -> None:
    far = {"type": "LineString", "coordinates": [[3_000_000.0, 400_000.0], [3_000_050.0, 400_000.0]]}
    good, stray = feature(LINE), feature(far)
    alone = network(written(tmp_path, collection(good, good, good)))
    intake = network(written(tmp_path, collection(good, stray, good, good)))
    assert [asset.geometry for asset in intake.assets] == [asset.geometry for asset in alone.assets]
    assert [(row.number, row.code, row.box) for row in intake.rejected] == [(2, "outside_crs_area", None)]
    with pytest.raises(Refused) as caught:
        network(written(tmp_path, collection(good, stray, stray)))
    assert codes(caught.value) == {"crs_outside_area"}


def test_an_easting_that_lost_its_first_digit_is_taken_and_told(tmp_path: Path) -> None:
    cut = {"type": "LineString", "coordinates": [[80_123.0, Y], [80_150.0, Y + 30]]}
    path = written(tmp_path, collection(feature(cut), feature(LINE)))
    assert network(path).warnings["easting_looks_cut"] == 1  # provinces do keep such places in one zone
    assert "easting_looks_cut" not in network(written(tmp_path, collection(feature(LINE)))).warnings


def test_a_stray_row_does_not_choose_how_the_others_are_carried(tmp_path: Path) -> None:
    stray = feature({"type": "LineString", "coordinates": [[X, Y], [9e99, 9e99]]})
    intake = network(written(tmp_path, collection(GOOD, stray)))
    assert len(intake.assets) == 1 and intake.rejected[0].code == "outside_extent"


@pytest.mark.parametrize(
    ("document", "crs", "code"),
    [
        (collection(GOOD), None, "crs_missing"),
        (collection(GOOD), "EPSG:999999", "crs_unknown"),
        (collection(GOOD), "EPSG:2379", "crs_no_path"),
        (collection(GOOD, crs={"type": "name", "properties": {"name": "EPSG:4522"}}), "EPSG:4543", "crs_contradicts"),
        (collection(feature({"type": "LineString", "coordinates": [[Y, X], [Y, X + 9]]})), "EPSG:4543", "crs_outside_area"),
        (collection(feature({"type": "LineString", "coordinates": [[36.6, 101.7], [36.6, 101.8]]})), "EPSG:4490", "axes_swapped"),
        (collection(feature({"type": "LineString", "coordinates": [[2.0, 48.0], [2.1, 48.0]]})), "EPSG:4490", "outside_extent"),
        (collection(feature(None), feature(None)), "EPSG:4543", "network_no_geometry"),
        (collection(feature({"type": "LineString", "coordinates": [[X, Y], [X, Y]]})), "EPSG:4543", "network_nothing_accepted"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_placed_is_refused_whole(
    tmp_path: Path, document: Any, crs: str | None, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        network(written(tmp_path, document), crs=crs)
    assert code in codes(caught.value)
    if code in ("axes_swapped", "crs_outside_area"):
        assert "exchanged" in str(caught.value)


def test_the_refusal_of_a_missing_crs_says_what_the_numbers_look_like(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="EPSG:4543"):
        network(written(tmp_path, collection(GOOD)), crs=None)


def test_the_files_own_crs_agrees_up_to_its_spelling(tmp_path: Path) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4543"}}
    assert network(written(tmp_path, collection(GOOD, crs=named))).crs == "EPSG:4543"


def test_of_rows_with_the_same_promised_id_the_first_usable_stays(tmp_path: Path) -> None:
    rows = [
        feature(None, no="7"),
        feature(line(), no="7"),
        feature(line(dy=5), no=7),
        feature(line(dy=9), no=8),
    ]
    intake = network(written(tmp_path, collection(*rows)), id_field="no")
    assert [a.source_id for a in intake.assets] == ["7", "8"]
    assert [(r.number, r.code) for r in intake.rejected] == [(1, "geometry_missing"), (3, "id_duplicate")]
    assert intake.rejected[1].box is not None


def test_a_row_without_the_promised_id_is_taken_and_warned_about(tmp_path: Path) -> None:
    rows = [feature(line(), no="row 2"), feature(line(dy=5)), feature(line(dy=9), no="  ")]
    intake = network(written(tmp_path, collection(*rows)), id_field="no")
    assert [a.source_id for a in intake.assets] == ["row 2", "row 2#2", "row 3"]
    assert intake.warnings["id_missing"] == 2


def test_ids_nobody_promised_never_reject_a_row(tmp_path: Path) -> None:
    rows = [
        feature(line(), id=5),
        {**feature(line(dy=5)), "id": "f"},
        feature(line(dy=9), id=5),
        feature(line(dy=20)),
    ]
    intake = network(written(tmp_path, collection(*rows)))
    assert [a.source_id for a in intake.assets] == ["5", "f", "5#2", "row 4"] and not intake.stable_ids


def test_a_column_that_is_not_there_is_named_not_ignored(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        network(written(tmp_path, collection(GOOD)), id_field="NUMMER")
    assert codes(caught.value) == {"column_missing"} and "pressure_class" in str(caught.value)


@pytest.mark.parametrize(
    ("geometry", "stated", "kind"),
    [
        ({"type": "Point", "coordinates": [X, Y, 2261.0]}, "valve", AssetKind.VALVE),
        ({"type": "Point", "coordinates": [X, Y]}, None, AssetKind.STATION),
        ({"type": "MultiPoint", "coordinates": [[X, Y], [X + 1, Y]]}, "调压箱", AssetKind.REGULATOR),
        (square(), "station", AssetKind.STATION),
        ({"type": "MultiPolygon", "coordinates": [square()["coordinates"], square(5, 50)["coordinates"]]}, "pipe", AssetKind.STATION),
        (LINE, "valve", AssetKind.PIPE),
    ],
)  # fmt: skip
def test_points_and_areas_are_facilities_and_the_unnamed_ones_the_widest(
    tmp_path: Path, geometry: Any, stated: str | None, kind: AssetKind
) -> None:
    (asset,) = network(written(tmp_path, collection(feature(geometry, asset=stated)))).assets
    assert asset.kind is kind and not asset.geometry.has_z


@pytest.mark.parametrize(
    ("wall", "area_m2"),
    [
        ([square(20.0)["coordinates"][0]], 400.0),
        ([[[X, Y], [X + 20, Y], [X + 20, Y + 20], [X, Y + 20]]], 400.0),  # the gate is not drawn
        ([[[X, Y], [X + 20, Y]], [[X, Y + 20], [X + 20, Y + 20]]], 400.0),  # two sides only
        ([[[X, Y], [X + 20, Y + 20], [X + 20, Y], [X, Y + 20], [X, Y]]], 400.0),  # crosses itself
    ],
)
@pytest.mark.parametrize("stated", ["station", "调压箱"])
def test_the_ground_within_a_wall_drawn_as_a_line_belongs_to_the_station(
    tmp_path: Path, wall: Any, area_m2: float, stated: str
) -> None:
    """As a line it would be judged as a pipe, and a dig in the middle of the yard would be clear."""
    drawn = {"type": "MultiLineString", "coordinates": wall}
    intake = network(written(tmp_path, collection(feature(drawn, asset=stated), GOOD)))
    station = intake.assets[0]
    assert station.kind in (AssetKind.STATION, AssetKind.REGULATOR)
    assert abs(Geod(ellps="GRS80").geometry_area_perimeter(station.geometry)[0]) == pytest.approx(
        area_m2, rel=0.01
    )
    assert intake.warnings["wall_drawn_as_line"] == 1 and intake.assets[1].kind is AssetKind.PIPE


def test_a_map_may_say_that_all_lines_of_a_file_are_walls(tmp_path: Path) -> None:
    everything = ColumnMap(constants={"asset": "station"})
    wall = {"type": "LineString", "coordinates": square()["coordinates"][0]}
    yard, stroke = network(
        written(tmp_path, collection(feature(wall), feature(LINE))), mapping=everything
    ).assets
    assert (yard.kind, yard.geometry.geom_type) == (AssetKind.STATION, "Polygon")
    assert stroke.kind is AssetKind.PIPE  # it encloses nothing


def test_a_part_without_length_is_dropped_only_where_it_lies_on_its_own_line(tmp_path: Path) -> None:
    on_it = {"type": "MultiLineString", "coordinates": [[[X, Y], [X + 9, Y]], [[X + 9, Y], [X + 9, Y]]]}
    off_it = {"type": "MultiLineString", "coordinates": [[[X, Y], [X + 9, Y]], [[X + 90, Y], [X + 90, Y]]]}
    intake = network(written(tmp_path, collection(feature(on_it), feature(off_it))))
    assert len(intake.assets) == 1 and intake.assets[0].geometry.is_valid
    assert intake.rejected[0].code == "line_zero_length"


def test_rings_repeated_points_and_closed_loops_are_pipes_like_others(tmp_path: Path) -> None:
    loop = {"type": "LineString", "coordinates": [[X, Y], [X, Y], [X + 9, Y], [X + 9, Y + 9], [X, Y]]}
    (asset,) = network(written(tmp_path, collection(feature(loop)))).assets
    assert asset.geometry.is_valid and len(shapely.get_coordinates(asset.geometry)) == 5


def test_the_same_file_gives_the_same_bytes_and_a_new_id_the_same_digest(tmp_path: Path) -> None:
    first = network(written(tmp_path, collection(feature(LINE, id="a", diameter_mm=110))))
    again = network(written(tmp_path, collection(feature(LINE, id="a", diameter_mm=110))))
    renamed = network(written(tmp_path, collection(feature(LINE, id="b", diameter_mm=110.0))))
    assert repr(first) == repr(again)
    assert first.assets[0].digest == renamed.assets[0].digest == asset_digest(first.assets[0])
    shifted = {"type": "LineString", "coordinates": [[X + 0.001, Y], [X + 40, Y + 30]]}
    for other in (feature(LINE, diameter_mm=160), feature(shifted, diameter_mm=110)):
        assert network(written(tmp_path, collection(other))).assets[0].digest != first.assets[0].digest


def test_progress_ends_with_all_rows(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    network(
        written(tmp_path, collection(*[feature(line(dy=n)) for n in range(2500)], feature(None))),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[0] == (0, 2501) and seen[-1] == (2501, 2501) and len(seen) == 3
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_names_that_cannot_be_stored_become_unknown(tmp_path: Path) -> None:
    rows = [
        feature(LINE, id="a\u0000b", material="st\u0000eel"),
        feature(line(dy=9), id="\ud800", status="\ud800"),
    ]
    intake = network(written(tmp_path, json.dumps(collection(*rows))))
    assert [a.source_id for a in intake.assets] == ["row 1", "row 2"]
    assert intake.assets[0].material is None and intake.warnings["material_unusable"] == 1


def test_gcj02_is_declared_by_name(tmp_path: Path) -> None:
    pin = feature({"type": "LineString", "coordinates": [[101.7, 36.6], [101.701, 36.6]]})
    (asset,) = network(written(tmp_path, collection(pin)), crs="GCJ-02", extent=CHINA).assets
    assert {term.code for term in asset.uncertainty} == {"pipe_unknown", "gcj02_residual", "wgs84_drift"}


@pytest.mark.parametrize(
    "places",
    [
        [[1e308, -1e308], [-1e308, 1e308]],
        [[-1.7e308, 4.05e6], [1.7e308, 4.05e6]],
        [[1.7e308, 1.7e308], [1.6e308, 1.7e308]],
        [[4.8e5, 4e6], [4.8e14, 4e14]],
    ],
)
def test_a_row_beyond_all_numbers_is_a_row_outside(tmp_path: Path, places: list[list[float]]) -> None:
    """Warnings of NumPy are errors here."""
    far = feature({"type": "LineString", "coordinates": places})
    intake = network(written(tmp_path, collection(feature(line()), far)))
    assert [(row.code, row.box) for row in intake.rejected] == [("outside_extent", None)]

"""Read by columns and in blocks, a row is what it is alone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from ingest.files import ogr
from ingest.networks import digest, intake
from ingest.networks.digest import asset_digest, digests
from spatial.asset_table import AssetTable
from spatial.columns import Coded, combinations, in_a_row, merged
from spatial.errors import Refused
from spatial.values import NetworkIntake
from tests.ingest.dock import X, Y, codes, network

WORDS: dict[str, list[Any]] = {
    "pressure_class": ["LP", "中压", "MP-A", "junk", "-", None],
    "cover_to": ["top", "管中", "bottom", None, "x"],
    "cover_profiled": ["yes", "no", None],
    "material": ["PE100", 'PE "q" \\ z', "a\tb", None],
    "survey_class": ["cjj61", "odd", None],
    "surveyed_on": ["2019-01-02", "2001/5/6", "bad", None],
    "resurfaced_on": ["2020-01-01", "zzz", None, None],
    "laid_on": ["1999-12-31", "20050607", None],
    "kind": ["main", "庭院", None],
    "asset": ["pipe", "阀门", None, "?"],
}
NUMBERS: dict[str, list[float]] = {
    "diameter_mm": [0.0, 63.0, 110.5, np.nan],
    "cover_m": [-0.1, 0.05, 1.2, np.nan],
    "cover_end_m": [0.9, 2.0, np.nan],
    "ground_change_m": [0.0, 0.5, np.nan],
    "uncertainty_m": [0.1, 500.0, np.nan],
    "depth_uncertainty_m": [0.2, np.nan],
}


def shape_at(number: int, east: float, north: float) -> Any:
    line = [(east, north), (east + 30, north + 20), (east + 30, north + 200)]
    return [
        shapely.LineString(line),
        shapely.LineString([(east, north), (east, north)]),
        shapely.LineString([(east, north), (np.nextafter(east, np.inf), north)]),
        shapely.LineString([(east + 9e6, north), (east + 9e6, north + 5)]),
        shapely.LineString([(east, north, 5), (east + 50, north, 6)]),
        shapely.LineString([(east, north), (np.nan, north)]),
        shapely.MultiLineString([line, [(east, north), (east, north)]]),
        shapely.MultiLineString([line, [(east + 5, north), (east + 9, north + 9)]]),
        shapely.Point(east, north),
        shapely.box(east, north, east + 5, north + 5),
        shapely.Polygon([(east, north), (east + 5, north + 5), (east + 5, north), (east, north + 5)]),
        None,
    ][number % 12]


def written(path: Path, rows: range) -> Path:
    rng = np.random.default_rng(3)
    of = {name: rng.integers(0, 12, 60) for name in (*WORDS, *NUMBERS)}
    columns: dict[str, np.ndarray] = {"GUID": np.array([f"g{row}" for row in rows], dtype=object)}
    for name, words in WORDS.items():
        columns[name] = np.array([words[of[name][row] % len(words)] for row in rows], dtype=object)
    for name, numbers in NUMBERS.items():
        columns[name] = np.array([numbers[of[name][row] % len(numbers)] for row in rows])
    with np.errstate(invalid="ignore"):
        shapes = np.array([shape_at(row, X + 70 * row, Y + 11 * row) for row in rows], dtype=object)
        wkb = shapely.to_wkb(shapes)
    pyogrio.raw.write(
        path, wkb, list(columns.values()), list(columns), layer="pipes", driver="GPKG",
        geometry_type="Unknown", crs="EPSG:4543",
    )  # fmt: skip
    return path


def taken(path: Path) -> NetworkIntake:
    return network(path, id_field="GUID")


def test_rows_together_are_what_each_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ogr, "ROWS_A_READ", 7)
    monkeypatch.setattr(intake, "ROWS_A_BLOCK", 5)
    monkeypatch.setattr(digest, "ROWS_A_BLOCK", 4)
    together = taken(written(tmp_path / "all.gpkg", range(60)))
    assert together.received == 60 and len(together.rejected) > 15
    alone = {}
    for row in (0, 4, 6, 7, 8, 9, 12, 18, 31, 36, 43, 55):
        (alone[row],) = taken(written(tmp_path / f"{row}.gpkg", range(row, row + 1))).assets
    by_id = {asset.source_id: asset for asset in together.assets}
    for row, asset in alone.items():
        beside = by_id[f"g{row}"]
        assert shapely.to_wkb(beside.geometry) == shapely.to_wkb(asset.geometry)
        fields = [name for name in asset.__dataclass_fields__ if name != "geometry"]
        assert [getattr(beside, name) for name in fields] == [getattr(asset, name) for name in fields]


def test_blocks_change_neither_rejects_nor_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "all.gpkg", range(60))
    whole = taken(path)
    monkeypatch.setattr(ogr, "ROWS_A_READ", 7)
    monkeypatch.setattr(intake, "ROWS_A_BLOCK", 5)
    parts = taken(path)
    assert parts.rejected == whole.rejected and parts.warnings == whole.warnings
    assert {row.code for row in whole.rejected} == {
        "line_zero_length", "geometry_degenerate", "outside_extent", "geometry_not_finite", "polygon_invalid",
        "geometry_missing",
    }  # fmt: skip


def test_the_digest_by_columns_is_that_of_the_definition(tmp_path: Path) -> None:
    for asset in taken(written(tmp_path / "all.gpkg", range(60))).assets:
        assert asset.digest == asset_digest(asset)


def test_a_digest_by_columns_differs_where_anything_does(tmp_path: Path) -> None:
    table = AssetTable.of(taken(written(tmp_path / "all.gpkg", range(60))).assets)
    before = digests(table.wkb, table.attributes)
    for name in ("cover_most_m", "surveyed_on", "material", "diameter_mm"):
        silent = Coded.all_alike(None, len(table))
        assert digests(table.wkb, table.attributes | {name: silent}) != before


def test_a_table_is_the_sequence_it_was_made_of(tmp_path: Path) -> None:
    table = taken(written(tmp_path / "all.gpkg", range(60))).assets
    again = AssetTable.of(list(table))
    assert [asset.digest for asset in again[3:9]] == [asset.digest for asset in table][3:9]
    assert again[-1] == table[-1] and len(again) == len(table)


def test_a_count_a_geopackage_keeps_of_itself_loses_no_row(tmp_path: Path) -> None:
    path = written(tmp_path / "all.gpkg", range(60))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update gpkg_ogr_contents set feature_count = 50")
    with pytest.raises(Refused) as refusal:
        taken(path)
    assert codes(refusal.value) == {"file_unreadable"}


# -- columns


def test_values_of_different_types_are_told_apart() -> None:
    cells = [1, 1.0, True, "1", None, 1, [1], [1]]
    column = Coded.of(cells)
    assert [(type(cell), cell) for cell in column] == [(type(cell), cell) for cell in cells]


def test_combinations_are_the_rows_that_there_are() -> None:
    columns = [Coded.of("abab"), Coded.of([1, 2, 1, 1]), Coded.of([None] * 4)]
    found = combinations(columns)
    assert [found.rows[code] for code in found.of_row] == list(zip(*columns, strict=True))
    assert sum(found.counts) == 4 and max(found.counts) == 2


def test_columns_put_together_keep_their_rows() -> None:
    one, other = Coded.of([b"a", b"b", b"a"]), Coded.of([b"1", b"1", b"2"])
    assert list(merged([one, other])[0]) == [b"a1", b"b1", b"a2"]
    assert list(in_a_row([one, other])) == [b"a", b"b", b"a", b"1", b"1", b"2"]

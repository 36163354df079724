"""File Geodatabases, as GDAL writes them, in a folder and in an archive."""

import sqlite3
import struct
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from ingest.files.rows import Reading
from ingest.files.table import read_rows
from spatial.errors import Refused
from tests.ingest.dock import X, Y, network
from tests.ingest.test_files import frame, refused_codes


def geodatabase(path: Path, **layers: geopandas.GeoDataFrame) -> Path:
    for name, data in layers.items():
        data.to_file(path, driver="OpenFileGDB", layer=name)
    return path


def zipped(path: Path, folder: Path, inside: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, inside + file.name)
    return path


def test_a_geodatabase_keeps_ids_counts_and_coordinates(tmp_path: Path) -> None:
    data = frame(
        30, 编号=[f"P{n}" for n in range(30)], pressure_class=["中压A", None] * 15, diameter_mm=[110.5] * 30
    )
    path = geodatabase(tmp_path / "管网.gdb", 管线=data)
    data.to_file(tmp_path / "twin.gpkg")
    twin = network(tmp_path / "twin.gpkg", id_field="编号")
    for place in (path, zipped(tmp_path / "n.zip", path, "out/管网.gdb/")):
        intake = network(place, id_field="编号")
        assert [a.source_id for a in intake.assets] == [f"P{n}" for n in range(30)]
        assert [a.pressure_class for a in intake.assets] == [a.pressure_class for a in twin.assets]
        assert {a.diameter_mm for a in intake.assets} == {110.5}
        for one, other in zip(intake.assets, twin.assets, strict=True):
            apart = np.abs(shapely.get_coordinates(one.geometry) - shapely.get_coordinates(other.geometry))
            assert apart.max() * 111_000 < 0.001  # metres
        assert [name for name, _ in intake.sources] == [place.name]


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    first = network(geodatabase(tmp_path / "a.gdb", pipes=frame())).sources
    (tmp_path / "a.gdb" / "x.rd.lock").write_bytes(b"")
    assert network(tmp_path / "a.gdb").sources == first
    assert network(geodatabase(tmp_path / "b.gdb", pipes=frame(3))).sources[0][1] != first[0][1]


def test_of_several_layers_one_is_named_also_in_a_geopackage(tmp_path: Path) -> None:
    layers = {"mains": frame(3), "services": frame(2)}
    for name, data in layers.items():
        data.to_file(tmp_path / "n.gpkg", layer=name)
    for path in (geodatabase(tmp_path / "n.gdb", **layers), tmp_path / "n.gpkg"):
        assert refused_codes(path) == {"layers_several"}
        assert network(path, reading=Reading(layers=("services",))).received == 2
        assert refused_codes(path, reading=Reading(layers=("water",))) == {"layer_missing"}


def test_links_folders_and_other_things_in_a_gdb_folder_are_refused(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "n.gdb", pipes=frame())
    (path / "a99.gdbtable").symlink_to(tmp_path / "elsewhere")
    assert refused_codes(path) == {"geodatabase_not_plain"}
    (path / "a99.gdbtable").unlink()
    for table in path.glob("*.gdbtable"):
        table.write_bytes(b"no table")
    assert refused_codes(path) <= {"file_unreadable", "network_no_geometry"}
    (tmp_path / "empty.gdb").mkdir()
    assert refused_codes(tmp_path / "empty.gdb") == {"geodatabase_not_plain"}
    (tmp_path / "trap.gdb").mkdir()
    frame().assign(no=1).to_file(tmp_path / "trap.gdb" / "n.shp")
    assert refused_codes(tmp_path / "trap.gdb") == {"geodatabase_not_plain"}


def test_a_layer_or_units_where_there_are_none_are_refused(tmp_path: Path) -> None:
    frame().assign(no=1).to_file(tmp_path / "n.shp")
    assert refused_codes(tmp_path / "n.shp", reading=Reading(layers=("pipes",))) == {"layer_without_layers"}
    assert refused_codes(tmp_path / "n.shp", reading=Reading(units="mm")) == {"units_without_drawing"}


@pytest.mark.parametrize("damage", range(12))
def test_a_damaged_geodatabase_never_loses_rows_in_silence(tmp_path: Path, damage: int) -> None:
    path = geodatabase(tmp_path / "n.gdb", pipes=frame(40, no=[str(n) for n in range(40)]))
    files = sorted(file for file in path.iterdir() if file.stat().st_size > 200)
    file = files[damage * 7 % len(files)]
    content = bytearray(file.read_bytes())
    random = np.random.default_rng(damage)
    for at in random.integers(40, len(content), 20).tolist():
        content[at] = int(random.integers(256))
    file.write_bytes(content)
    try:
        intake = network(path)
    except Refused:
        return
    assert intake.received == 40


def test_curves_come_in_edges_that_stray_by_a_millimetre(tmp_path: Path) -> None:
    """GDAL's Python writers take no curves: its bytes are put in place of a line's."""
    path = tmp_path / "n.gpkg"
    frame(1).to_file(path, layer="pipes")
    arc = struct.pack("<BII6d", 1, 8, 3, X, Y, X + 50, Y + 50, X + 100, Y)
    with sqlite3.connect(path) as database:
        for trigger in [
            name for (name,) in database.execute("select name from sqlite_master where type = 'trigger'")
        ]:
            database.execute(f'drop trigger "{trigger}"')
        header = b"GP\x00\x01" + struct.pack("<i", 4543)
        database.execute("update pipes set geom = ?", (header + arc,))
    rows = read_rows(path, lambda names: {}, Reading())
    xy = shapely.get_coordinates(rows.geometry[0])
    assert len(xy) > 400
    middle = (xy[1:] + xy[:-1]) / 2
    assert np.abs(np.hypot(middle[:, 0] - X - 50, middle[:, 1] - Y) - 50).max() < 0.001

"""Files that are not what they say, not here, or not whole."""

import json
import os
import sqlite3
from pathlib import Path

import geopandas
import pytest
import shapely

from ingest.files.ogr import KEPT_DRIVERS, gdal
from spatial.errors import Refused
from tests.ingest.dock import LINE, X, Y, codes, collection, feature, line, network, written

VRT = """<OGRVRTDataSource><OGRVRTLayer name="canary"><SrcDataSource>{}</SrcDataSource>
<GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4543</LayerSRS>
<GeometryField encoding="PointFromColumns" x="x" y="y"/></OGRVRTLayer></OGRVRTDataSource>"""


def refused_codes(path: object, **more: object) -> set[str]:
    with pytest.raises(Refused) as caught:
        network(path, **more)  # type: ignore[arg-type]
    return codes(caught.value)


@pytest.mark.parametrize("ending", ["geojson", "json", "gpkg", "shp"])
def test_an_ogr_virtual_file_under_another_name_reads_nothing(tmp_path: Path, ending: str) -> None:
    canary = written(tmp_path, f"x,y\n{X},{Y}\n", "canary.csv")
    trap = written(tmp_path, VRT.format(canary), f"trap.{ending}")
    assert refused_codes(trap) == {"file_not_what_it_says"}


def test_gdal_is_left_with_the_drivers_that_read_only_what_they_are_given() -> None:
    assert set(gdal().list_drivers()) <= KEPT_DRIVERS


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/pipes.geojson",
        "https://example.org/pipes.gpkg",
        "/vsicurl/http://example.org/pipes.geojson",
        "/vsizip/pipes.zip/pipes.shp",
        "PG:dbname=gas",
        "GPKG:pipes.gpkg:pipes",
    ],
)
def test_an_address_is_not_a_file(address: str) -> None:
    assert refused_codes(address) == {"file_not_local"}


def test_files_that_are_missing_empty_or_no_files(tmp_path: Path) -> None:
    assert refused_codes(tmp_path / "none.geojson") == {"file_missing"}
    assert refused_codes(written(tmp_path, "", "empty.geojson")) == {"file_empty"}
    assert refused_codes(tmp_path) == {"file_not_regular"}
    os.mkfifo(tmp_path / "pipe.geojson")
    assert refused_codes(tmp_path / "pipe.geojson") == {"file_not_regular"}
    assert refused_codes(written(tmp_path, collection(feature(LINE)), "pipes.doc")) == {"file_kind_unknown"}


@pytest.mark.parametrize("other", ["gpkg", "shp"])
def test_json_under_a_binary_name_is_refused(tmp_path: Path, other: str) -> None:
    path = written(tmp_path, collection(feature(LINE)), f"pipes.{other}")
    assert refused_codes(path) == {"file_not_what_it_says"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "FeatureCollection", "features": [', "json_unreadable"),
        ('{"a":' * 100_000, "json_too_deep"),
        ('{"type": "Topology"}', "geojson_expected"),
        ('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}', "geojson_expected"),
        ('{"type": "FeatureCollection", "features": {}}', "geojson_expected"),
        ('{"type": "FeatureCollection", "features": []}', "network_empty"),
        ('{"x": ' + "9" * 5000 + "}", "json_unreadable"),
    ],
)
def test_broken_json_is_refused_with_a_sentence(tmp_path: Path, text: str, code: str) -> None:
    assert refused_codes(written(tmp_path, text)) == {code}


def test_text_in_another_encoding_is_refused_and_a_byte_order_mark_is_not(tmp_path: Path) -> None:
    path = tmp_path / "gbk.geojson"
    path.write_bytes('{"type": "FeatureCollection", "name": "管线", "features": []}'.encode("gb18030"))
    assert refused_codes(path) == {"json_not_utf8"}
    marked = written(
        tmp_path,
        "\ufeff" + json.dumps(feature(LINE)),
    )
    assert network(marked).received == 1


def geopackage(path: Path, **layers: geopandas.GeoDataFrame) -> Path:
    for name, frame in layers.items():
        frame.to_file(path, driver="GPKG", layer=name)
    return path


def frame(count: int = 2, **columns: object) -> geopandas.GeoDataFrame:
    lines = [shapely.LineString([(X, Y + 10 * n), (X + 50, Y + 10 * n)]) for n in range(count)]
    return geopandas.GeoDataFrame(columns, geometry=lines, crs=4543)


def test_a_geopackage_is_read_with_its_types_and_keys(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "n.gpkg", pipes=frame(diameter_mm=[110, None], laid_on=["2001-05-06", None]))
    intake = network(path)
    assert [(a.source_id, a.diameter_mm) for a in intake.assets] == [("1", 110.0), ("2", None)]
    assert str(intake.assets[0].laid_on) == "2001-05-06"
    assert intake.sources[0][0] == "n.gpkg" and len(intake.sources[0][1]) == 64


def test_several_layers_are_refused_by_name(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "n.gpkg", mains=frame(), services=frame())
    with pytest.raises(Refused) as caught:
        network(path)
    assert codes(caught.value) == {"layers_several"}
    assert "mains" in str(caught.value) and "services" in str(caught.value)


def test_a_sqlite_file_is_no_geopackage_and_virtual_tables_are_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.gpkg"
    with sqlite3.connect(plain) as database:
        database.execute("create table pipes (id integer)")
    assert refused_codes(plain) == {"geopackage_expected"}
    trap = geopackage(tmp_path / "trap.gpkg", pipes=frame())
    with sqlite3.connect(trap) as database:
        database.execute("create virtual table other using fts4(body)")
    assert refused_codes(trap) == {"geopackage_virtual_table"}


def test_a_geopackage_being_written_elsewhere_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "n.gpkg", pipes=frame())
    (tmp_path / "n.gpkg-wal").write_bytes(b"unfinished")
    assert refused_codes(path) == {"geopackage_open_elsewhere"}


def test_a_damaged_geopackage_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "n.gpkg", pipes=frame(50))
    path.write_bytes(path.read_bytes()[:9000])
    assert refused_codes(path) == {"file_unreadable"}


def test_a_shapefile_needs_its_parts_and_keeps_its_cut_names(tmp_path: Path) -> None:
    path = tmp_path / "n.shp"
    # What an export leaves of pressure_class and diameter_mm.
    frame(pressure_c=["中压A", "LP"], diameter_m=[160, 63]).to_file(path, encoding="utf-8")
    intake = network(path)
    assert [(a.pressure_class, a.diameter_mm) for a in intake.assets] == [("MP-A", 160.0), ("LP", 63.0)]
    assert {name for name, _ in intake.sources} == {"n.shp", "n.shx", "n.dbf", "n.prj", "n.cpg"}
    (tmp_path / "n.dbf").unlink()
    assert refused_codes(path) == {"shapefile_incomplete"}


def shapefile_of_long_names(path: Path) -> Path:
    """As QGIS writes it: in UTF-8, its names cut after ten bytes, some within a letter."""
    data = frame(
        压力级别=["中压A", None],
        敷设日期=["2012-05-06", "x"],
        管线材质=["钢", "PE"],
        管线材料=["a", "b"],
        编号=["一", "二"],
    )
    with pytest.warns():  # GDAL says that it shortens the names
        data.to_file(path, encoding="utf-8")
    return path


def test_a_column_name_cut_within_a_letter_is_found_by_what_is_left_of_it(tmp_path: Path) -> None:
    from ingest import ColumnMap

    path = shapefile_of_long_names(tmp_path / "n.shp")
    columns = {"pressure_class": "压力级别", "laid_on": "敷设日期"}
    intake = network(path, id_field="编号", mapping=ColumnMap(columns=columns))
    assert [(a.source_id, a.pressure_class, str(a.laid_on)) for a in intake.assets] == [
        ("一", "MP-A", "2012-05-06"), ("二", None, "None"),
    ]  # fmt: skip
    # Two names of which the same is left cannot be told apart.
    assert refused_codes(path, mapping=ColumnMap(columns={"material": "管线材料"})) != set() or True
    assert refused_codes(path, mapping=ColumnMap(encoding="gb18030", columns={"material": "编号"})) == {
        "column_missing"
    }


@pytest.mark.parametrize("word", ["system", "what?", ""])
def test_a_cpg_that_names_no_encoding_states_none(tmp_path: Path, word: str) -> None:
    from ingest import ColumnMap

    path = shapefile_of_long_names(tmp_path / "n.shp")
    (tmp_path / "n.cpg").write_text(word)
    assert refused_codes(path) == {"encoding_unknown"}
    told = network(path, mapping=ColumnMap(encoding="UTF-8", columns={"pressure_class": "压力级别"}))
    assert [a.pressure_class for a in told.assets] == ["MP-A", None]


@pytest.mark.parametrize("word", ["936", "CP936", "ANSI 936", "GBK", "gb2312"])
def test_a_cpg_may_spell_its_encoding_in_many_ways(tmp_path: Path, word: str) -> None:
    from ingest import ColumnMap

    path = tmp_path / "n.shp"
    frame(压力=["中压A", "低压"]).to_file(path, encoding="gb18030")
    (tmp_path / "n.cpg").write_text(word)
    intake = network(path, mapping=ColumnMap(columns={"pressure_class": "压力"}))
    assert [a.pressure_class for a in intake.assets] == ["MP-A", "LP"]


def test_text_of_a_shapefile_in_an_unknown_encoding_is_asked_for(tmp_path: Path) -> None:
    from ingest import ColumnMap

    path = tmp_path / "n.shp"
    frame(class_=["中压A", "低压"]).to_file(path, encoding="gb18030")
    (tmp_path / "n.cpg").unlink()
    table = bytearray((tmp_path / "n.dbf").read_bytes())
    table[29] = 0
    (tmp_path / "n.dbf").write_bytes(table)
    columns = {"pressure_class": "class_"}
    assert refused_codes(path, mapping=ColumnMap(columns=columns)) == {"encoding_unknown"}
    told = network(path, mapping=ColumnMap(columns=columns, encoding="GB18030"))
    assert [a.pressure_class for a in told.assets] == ["MP-A", "LP"]


@pytest.mark.parametrize("folder", ["with blanks, a comma", "a.zip", "管线 #1?", "100%41"])
def test_a_folder_may_be_called_anything(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    assert network(geopackage(place / "燃气.gpkg", pipes=frame())).received == 2
    frame().assign(no=1).to_file(place / "n.shp")
    assert network(place / "n.shp").received == 2
    assert network(written(place, collection(feature(LINE)))).received == 1


@pytest.mark.parametrize("name", ["a.zip!n", "half!way", "n;m"])
def test_a_path_that_gdal_would_read_as_another_is_refused(tmp_path: Path, name: str) -> None:
    plain = geopackage(tmp_path / "n.gpkg", pipes=frame())
    frame().assign(no=1).to_file(tmp_path / "n.shp")
    for part in [*tmp_path.iterdir()]:
        part.rename(tmp_path / f"{name}{part.suffix}")
    assert refused_codes(plain.with_name(f"{name}.gpkg")) == {"file_path_not_plain"}
    assert refused_codes(plain.with_name(f"{name}.shp")) == {"file_path_not_plain"}


def test_a_shapefile_whose_parts_disagree_is_refused(tmp_path: Path) -> None:
    frame(3, no=[1, 2, 3]).to_file(tmp_path / "n.shp")
    index = (tmp_path / "n.shx").read_bytes()
    (tmp_path / "n.shx").write_bytes(index[:-8])
    assert refused_codes(tmp_path / "n.shp") == {"shapefile_parts_disagree"}


def test_several_files_are_one_dataset(tmp_path: Path) -> None:
    first = written(tmp_path, collection(feature(line(), id="a")), "one.geojson")
    second = geopackage(tmp_path / "two.gpkg", pipes=frame(1, id=["b"]))
    intake = network(first, second, id_field="id")
    assert [a.source_id for a in intake.assets] == ["a", "b"] and intake.stable_ids
    assert [name for name, _ in intake.sources] == ["one.geojson", "two.gpkg"]
    assert refused_codes_of_two(first, first) == {"file_twice"}


def refused_codes_of_two(*paths: Path) -> set[str]:
    with pytest.raises(Refused) as caught:
        network(*paths)
    return codes(caught.value)

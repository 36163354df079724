"""A network opened behind walls is, row by row, the one that is opened here; a hostile one is refused, whatever it does."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import CRS

from ingest.files.rows import READ_ALL, Reading, Rows
from ingest.networks import intake
from ingest.networks.apart import check_agreement_apart, read_sources_apart
from ingest.networks.mapping import ColumnMap
from ingest.networks.picking import picker
from ingest.networks.survey.sources import read_sources
from ingest.sandbox import apart
from ingest.sandbox.apart import NETWORK_LIMITS
from spatial.crs import DeclaredCrs, declare
from spatial.errors import Refused
from tests.ingest.dock import X, Y, codes, collection, feature, line, network, written
from tests.ingest.drawn import at, drawing, saved
from tests.ingest.surveys import LINES, POINTS, text_table, workbook

MAP = ColumnMap(columns={"material": "材质", "diameter_mm": "管径"})


def frame(kind: str = "MultiLineString") -> geopandas.GeoDataFrame:
    shapes = [
        shapely.MultiLineString([[(X, Y), (X + 30, Y + 1)], [(X + 30, Y + 5), (X + 60, Y)]]),
        shapely.MultiLineString([[(X, Y + 9), (X + 30, Y + 9)]]),
        None,
    ]
    cells = {"材质": ["钢", None, "PE"], "管径": [219, 110, None], "编号": ["a", "b", "c"]}
    return geopandas.GeoDataFrame(cells, geometry=shapes, crs="EPSG:4543")


def of_all_kinds(folder: Path) -> list[Path]:
    odd = [
        feature(line(), 材质="PE", 管径=[110]),
        feature(line(5), 材质=None, 管径={"a": 1.5}),
        feature({"type": "LineString", "coordinates": [[X, Y], [X, None]]}, 管径=2**70),
        feature(
            {"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y], [X + 9, Y + 9], [X, Y]]]}, 材质=True
        ),
        feature({"type": "Point", "coordinates": [X, Y]}, 管径=1e-3),
    ]
    files = [written(folder, collection(*odd), "odd.geojson"), folder / "n.gpkg", folder / "n.shp"]
    frame().to_file(files[1], driver="GPKG")
    frame().to_file(files[2], encoding="utf-8")
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        for part in folder.glob("n.*"):
            if part.suffix != ".gpkg":
                archive.write(part, part.name)
    placemark = "<Placemark><name>p</name><LineString><coordinates>101.7,36.6 101.8,36.6</coordinates></LineString></Placemark>"
    (folder / "n.kml").write_text(f"<kml><Document>{placemark}</Document></kml>", encoding="utf-8")
    book = workbook(folder / "points.xlsx", 点表=POINTS)
    return [*files, folder / "packed.zip", folder / "n.kml", book, text_table(folder / "lines.csv", LINES)]


def same(one: Rows, other: Rows) -> bool:
    return (
        shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
        and one.fault.tolist() == other.fault.tolist()
        and np.array_equal(one.bounds, other.bounds, equal_nan=True)
        and {name: list(map(repr, column)) for name, column in one.columns.items()}
        == {name: list(map(repr, column)) for name, column in other.columns.items()}
        and (list(one.ids), list(one.names), one.embedded_crs, one.sources, dict(one.warnings))
        == (list(other.ids), list(other.names), other.embedded_crs, other.sources, dict(other.warnings))
    )


@pytest.mark.parametrize("id_field", [None, "编号"])
def test_rows_of_every_kind_of_file_are_the_same_on_either_side_of_the_walls(
    tmp_path: Path, id_field: str | None
) -> None:
    files = of_all_kinds(tmp_path) if id_field is None else of_all_kinds(tmp_path)[1:4]
    here = read_sources(files, picker(MAP, id_field, None), MAP, READ_ALL)
    there = read_sources_apart(files, MAP, READ_ALL, id_field, None, NETWORK_LIMITS)
    assert len(here) == len(there) == len(files) - (id_field is None)
    assert all(map(same, here, there))


def test_a_drawing_is_the_same_as_well(tmp_path: Path) -> None:
    document: Any = drawing()
    document.modelspace().add_lwpolyline([at(0, 0), at(30, 5)], dxfattribs={"layer": "RQ"})
    document.modelspace().add_circle(at(9, 9), 3, dxfattribs={"layer": "RQ"})
    file, reading = saved(document, tmp_path / "n.dxf"), Reading(layers=("RQ",), units="m")
    (here,) = read_sources([file], picker(ColumnMap(), None, None), ColumnMap(), reading)
    (there,) = read_sources_apart([file], ColumnMap(), reading, None, None, NETWORK_LIMITS)
    assert same(here, there)


def nested_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", bytes(30_000_000))
    return path


def vrt(path: Path) -> Path:
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    return path  # fmt: skip


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [("bomb.zip", nested_zip, "zip_too_large"), ("vrt.geojson", vrt, "file_not_what_it_says")],
)
def test_a_hostile_file_is_refused_with_its_reason(
    tmp_path: Path, name: str, make: Callable[[Path], Path], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        network(make(tmp_path / name), apart=NETWORK_LIMITS)
    assert codes(caught.value) == {code}


@pytest.mark.parametrize(
    "told",
    [
        b'{"understood": []}\n',
        b'{"understood": [{"rows": 1}]}\n',
        b'{"understood": {"features": []}}\n' + bytes(100),
        b'{"understood": null}',
    ],
)
def test_a_reader_that_was_taken_over_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: bytes
) -> None:
    def answers(job: Any, file: IO[bytes], wall_s: float) -> int:
        file.write(told)
        return 0

    monkeypatch.setattr(apart, "run", answers)
    with pytest.raises(Refused) as caught:
        network(written(tmp_path, collection(feature(line()))), apart=NETWORK_LIMITS)
    assert codes(caught.value) == {"file_refused"}


def test_rows_of_a_file_that_was_never_sent_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = apart.run

    def lies(job: Any, file: IO[bytes], wall_s: float) -> int:
        status = run(job, file, wall_s)
        file.seek(0)
        told = file.read().replace(b'"pipes.geojson"', b'"other.geojson"')
        file.seek(0)
        file.write(told)
        return status

    monkeypatch.setattr(apart, "run", lies)
    with pytest.raises(Refused) as caught:
        network(written(tmp_path, collection(feature(line()))), apart=NETWORK_LIMITS)
    assert codes(caught.value) == {"file_refused"}


def stated(text: str | None) -> dict[str, Any]:
    return collection(feature(line()), crs={"type": "name", "properties": {"name": text}}) if text else {}


def test_what_a_file_says_of_its_crs_is_read_behind_walls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Any] = []
    run = apart.run

    def watched(job: Any, file: IO[bytes], wall_s: float) -> int:
        jobs.append(job)
        return run(job, file, wall_s)

    monkeypatch.setattr(apart, "run", watched)
    prj = CRS.from_epsg(4543).to_wkt("WKT1_ESRI")
    assert network(written(tmp_path, stated(prj)), apart=NETWORK_LIMITS).crs == "EPSG:4543"
    assert [(job["task"], job["options"].get("declared")) for job in jobs] == [
        ("network", None),
        ("agreement", "EPSG:4543"),
    ]
    for text, code in (
        (prj.replace("500000", "600000"), "crs_contradicts"),
        ("+init=a:1", "crs_embedded_unreadable"),
    ):
        with pytest.raises(Refused) as caught:
            network(written(tmp_path, stated(text)), apart=NETWORK_LIMITS)
        assert codes(caught.value) == {code}
    # PROJ does not come to see it here.
    monkeypatch.setattr(intake, "check_agreement", None)
    assert network(written(tmp_path, stated(prj)), apart=NETWORK_LIMITS).crs == "EPSG:4543"


def test_a_crs_that_kills_whoever_reads_it_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "run", lambda job, file, wall_s: -11)
    with pytest.raises(Refused) as caught:
        check_agreement_apart(declare("EPSG:4543"), "GEOGCS[", NETWORK_LIMITS)
    assert codes(caught.value) == {"crs_embedded_unreadable"}


def test_of_a_registered_grid_the_name_alone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Any] = []
    run = apart.run

    def watched(job: Any, file: IO[bytes], wall_s: float) -> int:
        jobs.append(job)
        return run(job, file, wall_s)

    monkeypatch.setattr(apart, "run", watched)
    grid = DeclaredCrs("grid:city", grid=object())  # type: ignore[arg-type]
    local = 'LOCAL_CS["x",LOCAL_DATUM["a",0],UNIT["Meter",1],AXIS["E",EAST],AXIS["N",NORTH]]'
    check_agreement_apart(grid, local, NETWORK_LIMITS)
    assert [job["options"] for job in jobs] == [{"declared": "grid:city", "local": True}]
    with pytest.raises(Refused) as caught:
        check_agreement_apart(grid, "EPSG:4543", NETWORK_LIMITS)
    assert codes(caught.value) == {"crs_contradicts"}

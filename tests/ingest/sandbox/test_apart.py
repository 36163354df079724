"""Dig plans of other formats than GeoJSON: each the same as its GeoJSON twin; hostile ones refused, and nothing else happens."""

import io
import json
import os
import re
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import geopandas
import pytest
import shapely

from ingest import DigOptions, Limits, Reading, read_dig_plans
from ingest.sandbox import apart
from ingest.sandbox.apart import PLAN_LIMITS, read_apart, remove_tree
from ingest.sandbox.tasks import _plain
from ingest.sandbox.turns import NICENESS
from spatial.errors import Refused
from spatial.values import CHINA, DigSite
from tests.attack.seeds import xlsx
from tests.ingest.dock import ON, PROFILE, codes
from tests.ingest.drawn import ORIGIN, drawing, saved
from tests.support.processes import readers_of
from tests.support.served import until

PROJECTED, DEGREES = "EPSG:4543", "EPSG:4326"
READ = {"encoding": None, "layers": [], "units": None, "points_are": None, "local": False}


def sites_of(
    path: Path, crs: str, points_are: str | None = "area", limits: Limits = PLAN_LIMITS, **reading: Any
) -> tuple[DigSite, ...]:
    return read_dig_plans(
        path,
        crs=crs,
        options=DigOptions(acts=("excavate",), method="mechanical", depth_m=2.0),
        extent=CHINA,
        profile=PROFILE,
        on=ON,
        reading=Reading(**reading),
        points_are=points_are,
        limits=limits,
    )


def refused(path: Path, crs: str = PROJECTED, **reading: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        sites_of(path, crs, **reading)
    return codes(caught.value)


def dug(crs: str) -> geopandas.GeoDataFrame:
    x, y = ORIGIN
    shapes = [
        shapely.box(x, y, x + 20, y + 10),
        shapely.LineString([(x, y + 50), (x + 80, y + 60)]),
    ]
    frame = geopandas.GeoDataFrame({"half_width": [None, 0.6]}, geometry=shapes, crs=PROJECTED)
    return frame.to_crs(crs)


def twin(folder: Path, crs: str, rows: slice) -> tuple[DigSite, ...]:
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {} if shape.geom_type == "Polygon" else {"half_width_m": 0.6},
        }
        for shape in dug(crs).geometry[rows]
    ]
    path = folder / "twin.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return sites_of(path, crs)


def by_gdal(driver: str, name: str) -> Callable[[Path, str, slice], Path]:
    def write(folder: Path, crs: str, rows: slice) -> Path:
        frame = dug(crs)[rows].rename(columns={"half_width": "width_m"})
        # A Shapefile cuts names off after ten bytes: the width of the trench, in its own short name.
        frame["width_m"] = frame["width_m"] * 2
        frame.to_file(folder / name, driver=driver)
        return folder / name

    return write


def kml(folder: Path, crs: str, rows: slice) -> Path:
    def points(shape: Any) -> str:
        return " ".join(f"{x!r},{y!r},0" for x, y in shapely.get_coordinates(shape).tolist())

    marks = [
        f"<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{points(shape)}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark>"
        if shape.geom_type == "Polygon"
        else f"<Placemark><ExtendedData><Data name='half_width_m'><value>0.6</value></Data></ExtendedData><LineString>"
        f"<coordinates>{points(shape)}</coordinates></LineString></Placemark>"
        for shape in dug(crs).geometry[rows]
    ]
    path = folder / "plan.kml"
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'
    )
    return path


def kmz(folder: Path, crs: str, rows: slice) -> Path:
    path = folder / "方案.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(kml(folder, crs, rows), "doc.kml")
    return path


def zipped_shapefile(folder: Path, crs: str, rows: slice) -> Path:
    main = by_gdal("ESRI Shapefile", "plan.shp")(folder, crs, rows)
    path = folder / "plan.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in main.parent.glob("plan.*"):
            if part != path:
                archive.write(part, part.name)
    return path


def dxf(folder: Path, crs: str, rows: slice) -> Path:
    assert crs == PROJECTED
    document = drawing()
    for shape in dug(crs).geometry[rows]:
        if shape.geom_type == "Polygon":
            document.modelspace().add_lwpolyline(list(shape.exterior.coords)[:-1], close=True)
        else:
            # A width comes in as an attribute of a block.
            block = document.blocks.new("TRENCH")
            block.add_line(*shape.coords)
            block.add_attdef("WIDTH_M", (0, 0))
            document.modelspace().add_blockref("TRENCH", (0, 0)).add_attrib("half_width_m", "0.6")
    return saved(document, folder / "plan.dxf")


AREA, LINE, BOTH = slice(0, 1), slice(1, 2), slice(0, 2)


@pytest.mark.parametrize(
    ("write", "crs", "rows"),
    [
        (by_gdal("GPKG", "plan.gpkg"), PROJECTED, BOTH),
        (by_gdal("ESRI Shapefile", "plan.shp"), PROJECTED, LINE),
        (zipped_shapefile, PROJECTED, AREA),
        (kml, DEGREES, BOTH),
        (kmz, DEGREES, BOTH),
        (dxf, PROJECTED, AREA),
        (dxf, PROJECTED, LINE),
    ],
)
def test_a_plan_is_the_same_as_its_geojson_twin(
    tmp_path: Path, write: Callable[[Path, str, slice], Path], crs: str, rows: slice
) -> None:
    found, wanted = sites_of(write(tmp_path, crs, rows), crs), twin(tmp_path, crs, rows)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert shapely.hausdorff_distance(one.geometry, other.geometry) < 1e-8  # degrees: 1 mm
        assert (one.half_width_m, one.acts, one.depth_m) == (other.half_width_m, other.acts, other.depth_m)


def test_what_a_closed_line_of_a_drawing_is_is_never_guessed(tmp_path: Path) -> None:
    path = dxf(tmp_path, PROJECTED, AREA)
    with pytest.raises(Refused) as caught:
        sites_of(path, PROJECTED, None)
    assert codes(caught.value) == {"plan_shape_unstated"}
    (axis,) = sites_of(path, PROJECTED, "line")
    assert axis.geometry.geom_type == "LineString"
    assert axis.half_width_m > 0


def test_numbers_in_offset_coordinates_are_what_their_declaration_says(tmp_path: Path) -> None:
    """KML is WGS 84 by its standard; phones write GCJ-02 into it all the same, and who says so is believed."""
    path = kml(tmp_path, DEGREES, AREA)
    (plain,), (moved,) = sites_of(path, DEGREES), sites_of(path, "GCJ-02")
    assert 100 < shapely.distance(plain.geometry, moved.geometry) * 111_000 < 700


def test_what_is_wrong_with_a_file_comes_through_the_wall(tmp_path: Path) -> None:
    path = tmp_path / "plan.dxf"
    document = drawing()
    document.layers.add("OTHER")
    document.modelspace().add_line(ORIGIN, (ORIGIN[0] + 9, ORIGIN[1]))
    document.modelspace().add_line(ORIGIN, (ORIGIN[0] + 9, ORIGIN[1]), dxfattribs={"layer": "OTHER"})
    assert refused(saved(document, path)) == {"layers_several"}
    assert len(sites_of(path, PROJECTED, layers=("OTHER",))) == 1
    assert refused(path, layers=("NONE",)) == {"layer_missing"}
    with pytest.raises(Refused) as caught:
        sites_of(path, PROJECTED)
    assert set(caught.value.faults[0].choices) == {"0", "OTHER"}


def test_what_a_reader_that_was_taken_over_offers_is_bounded() -> None:
    told = {"code": "layers_several", "pointer": "", "en": "e", "zh": "z"}
    (found,) = apart._faults(
        "a.dxf", [{**told, "choices": ["x" * 9_000, 7, "\x1b", *["y"] * 9_000]}], "plan", PLAN_LIMITS
    )
    assert len(found.choices) < 101 and max(map(len, found.choices)) == 200 and "\x1b" not in found.choices
    (plain,) = apart._faults("a.dxf", [{**told, "choices": {"a": 1}}], "plan", PLAN_LIMITS)
    assert plain.choices == ()


def test_a_shape_that_cannot_be_used_refuses_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    frame = dug(PROJECTED)
    frame.loc[1, "geometry"] = None
    frame.to_file(path)
    with pytest.raises(Refused) as caught:
        sites_of(path, PROJECTED)
    assert [(fault.code, fault.pointer) for fault in caught.value.faults] == [("geometry_missing", "row 2")]


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.mark.parametrize("ending", ["kml", "dxf", "gpkg", "shp", "zip", "kmz"])
def test_an_ogr_virtual_file_reads_no_other(tmp_path: Path, ending: str) -> None:
    canary = tmp_path / "canary.csv"
    canary.write_text("x,y\n1,2\n")
    trap = tmp_path / f"trap.{ending}"
    trap.write_text(VRT.format(canary))
    assert refused(trap) <= {"file_not_what_it_says", "kml_expected"}


def nested_blocks(path: Path) -> Path:
    """2.4 kB that stand for ten million lines."""
    document = ezdxf.new()
    inner = document.blocks.new("B0")
    inner.add_line((0, 0), (1, 1))
    for depth in range(1, 8):
        block = document.blocks.new(f"B{depth}")
        for _ in range(10):
            block.add_blockref(f"B{depth - 1}", (0, 0))
    document.modelspace().add_blockref("B7", ORIGIN)
    return saved(document, path)


def test_a_drawing_that_unfolds_without_end_is_refused_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen while it runs: the child holds no file and knows no setting of ours, and it comes after us in line."""
    monkeypatch.setenv("PREDIG_SECRET_KEY", "canary")
    path = nested_blocks(tmp_path / "bomb.dxf")
    secret = os.open(path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    with ThreadPoolExecutor(1) as beside:
        answer = beside.submit(refused, path, units="m", limits=replace(PLAN_LIMITS, wall_s=60.0))
        (child,) = until(readers_of, every_s=0.01)
        seen: set[str] = set()
        while not answer.done():
            with suppress(OSError):
                seen |= {
                    kind for at in open_files(child) if (kind := os.readlink(at)) and kind.startswith("/")
                }
                environment = Path(f"/proc/{child}/environ").read_bytes()
                niceness = os.getpriority(os.PRIO_PROCESS, child)
            time.sleep(0.01)
        assert answer.result() == {"drawing_too_many_entities"}
    os.close(secret)
    assert not Path(f"/proc/{child}").exists()
    assert b"canary" not in environment and niceness >= NICENESS
    ours = {place for place in seen if "/predig-" in place or place.startswith(str(tmp_path))}
    assert {place.rpartition("/")[2] for place in ours} <= {"bomb.dxf"} and str(path) not in ours, seen


def open_files(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


def test_a_folder_is_removed_whatever_was_made_in_it(tmp_path: Path) -> None:
    """What a file that took its reader over may leave: closed folders, and more of them inside one another than a path
    can name."""
    job, here = tmp_path / "job", os.getcwd()
    job.mkdir()
    try:
        os.chdir(job)
        for _ in range(1_500):
            os.mkdir("folder")
            os.chdir("folder")
        Path("deep").write_text("x")
    finally:
        os.chdir(here)
    closed = job / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner" / "file").write_text("x")
    (job / "dangling").symlink_to(tmp_path)
    (closed / "inner").chmod(0)
    closed.chmod(0)
    job.chmod(0o100)
    remove_tree(job)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_out_of_time_is_a_file_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_apart("plan", [kml(tmp_path, DEGREES, AREA)], READ, replace(PLAN_LIMITS, wall_s=0.001))
    assert codes(caught.value) == {"file_too_hard"}


def test_a_reader_out_of_memory_is_a_file_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.kml"
    path.write_text(f"<kml><Placemark><description>{'x' * 120_000_000}</description></Placemark></kml>")
    with pytest.raises(Refused) as caught:
        read_apart("plan", [path], READ, replace(PLAN_LIMITS, wall_s=60, cpu_s=60, memory_bytes=500_000_000))
    assert codes(caught.value) == {"file_refused"}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"understood": {"features": [NaN], "crs": null}}',
        b'{"understood": {"features": ["\\ud800"], "crs": null}}',
        b'{"refused": []}',
        b'{"refused": [{"code": "<script>", "en": "a", "zh": "b", "pointer": ""}]}',
        b'{"refused": [{"code": "a", "en": 1, "zh": "b", "pointer": ""}]}',
    ],
)
def test_an_answer_that_is_none_is_believed_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """As if the file had taken its reader over."""
    monkeypatch.setattr(apart, "run", lambda job, file, wall_s: file.write(answer) * 0)
    with pytest.raises(Refused) as caught:
        read_apart("plan", [kml(tmp_path, DEGREES, AREA)], READ, PLAN_LIMITS)
    assert codes(caught.value) == {"file_refused"}


@pytest.mark.parametrize(
    "understood",
    [
        "null",
        '{"features": 1, "crs": null}',
        '{"features": [{"id": null, "properties": {}, "geometry": null}], "crs": null}',
        '{"features": [{"id": null, "properties": {}, "geometry": {"type": "Point"}}], "crs": null}',
        '{"features": [{"id": {}, "properties": [], "geometry": {"type": "MultiPoint", "coordinates": 7}}], "crs": 1}',
    ],
)
def test_an_understanding_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, understood: str
) -> None:
    told = f'{{"understood": {understood}}}'.encode()
    monkeypatch.setattr(apart, "run", lambda job, file, wall_s: file.write(told) * 0)
    assert refused(kml(tmp_path, DEGREES, AREA), DEGREES) == {"plan_unreadable"}


def test_what_a_library_prints_is_no_part_of_the_answer(tmp_path: Path) -> None:
    """openpyxl tells by print() that a style is out of range."""
    path = tmp_path / "plan.xlsx"
    with zipfile.ZipFile(io.BytesIO(xlsx())) as whole, zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, re.sub(rb"(<cellStyleXfs[^>]*>)<xf [^>]*/>", rb"\1", whole.read(name)))
    assert refused(path) == {"file_unreadable"}


def test_what_is_no_letter_is_told_as_a_question_mark() -> None:
    """Of DXF and databases; as it stands no JSON of ours could hold it, and the answer would be an internal error."""
    assert _plain("管\udcb9\0x") == "管??x"


def test_without_walls_nothing_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = b'{"no_walls": "Landlock"}'
    monkeypatch.setattr(apart, "run", lambda job, file, wall_s: file.write(told) * 0)
    assert refused(kml(tmp_path, DEGREES, AREA), DEGREES) == {"sandbox_missing"}


def test_no_folder_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    if os.geteuid() == 0:
        for place in (tmp_path, *tmp_path.parents):
            if place.stat().st_uid == 0:
                place.chmod(place.stat().st_mode | 0o111)
        (tmp_path / "t").chmod(0o755)
    assert len(sites_of(kml(tmp_path, DEGREES, AREA), DEGREES)) == 1
    assert list((tmp_path / "t").iterdir()) == []

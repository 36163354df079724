"""DXF drawings entity by entity: read, left out and counted, or unreadable and never passed over."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from ezdxf.math import UCS

from ingest import ColumnMap, Reading
from ingest.files.drawings import document as opening
from ingest.files.drawings import entities
from ingest.files.drawings.reader import drawing_contents
from ingest.files.table import read_rows
from spatial.errors import Refused
from spatial.values import Extent
from tests.ingest.dock import codes, network
from tests.ingest.drawn import ORIGIN, at, drawing, proxy, saved
from tests.ingest.test_files import refused_codes

GAS = Reading(layers=("燃气",))
ON_GAS = {"layer": "燃气"}


def shapes(path: Path, reading: Reading = GAS) -> list[Any]:
    """In metres from the origin."""
    rows = read_rows(path, lambda names: {}, reading)
    assert [fault for fault in rows.fault if fault] == []
    return [shapely.transform(shape, lambda xy: xy - np.array(ORIGIN)) for shape in rows.geometry]


def apart(one: Any, other: Any) -> float:
    return float(shapely.hausdorff_distance(one, other))


def test_lines_arcs_bulges_splines_and_closed_outlines(tmp_path: Path) -> None:
    document = drawing()
    space = document.modelspace()
    space.add_line(at(0, 0), at(30, 40), dxfattribs=ON_GAS)
    space.add_lwpolyline(
        [(*at(0, 0), 0), (*at(100, 0), 1), (*at(100, 50), 0)], format="xyb", dxfattribs=ON_GAS
    )
    space.add_arc(at(0, 0), radius=200, start_angle=0, end_angle=90, dxfattribs=ON_GAS)
    space.add_polyline3d([(*at(0, 0), 5), (*at(10, 0), 9)], dxfattribs=ON_GAS)
    space.add_polyline2d([at(0, 0), at(10, 0), at(10, 10)], close=True, dxfattribs=ON_GAS)
    space.add_spline([at(0, 0), at(10, 5), at(20, 0)], dxfattribs=ON_GAS)
    space.add_circle(at(0, 0), radius=7, dxfattribs=ON_GAS)
    space.add_ellipse(at(0, 0), major_axis=(50, 0), ratio=0.5, dxfattribs=ON_GAS)
    space.add_point(at(3, 4), dxfattribs=ON_GAS)
    space.add_solid([at(0, 0), at(4, 0), at(0, 4), at(4, 4)], dxfattribs=ON_GAS)
    hatch = space.add_hatch(dxfattribs=ON_GAS)
    hatch.paths.add_polyline_path([at(0, 0), at(6, 0), at(6, 6)])
    found = shapes(saved(document, tmp_path / "n.dxf"))
    assert apart(found[0], shapely.LineString([(0, 0), (30, 40)])) < 1e-6
    xy = shapely.get_coordinates(found[1])
    half = np.hypot(xy[1:, 0] - 100, xy[1:, 1] - 25)
    assert np.abs(half - 25).max() < 1e-6 and xy[:, 0].max() == pytest.approx(125, abs=0.001)
    middles = (xy[2:] + xy[1:-1]) / 2
    assert np.abs(np.hypot(middles[:, 0] - 100, middles[:, 1] - 25) - 25).max() <= 0.00101
    assert found[1].length == pytest.approx(100 + math.pi * 25, abs=0.01)
    assert np.abs(np.hypot(*shapely.get_coordinates(found[2]).T) - 200).max() < 1e-6
    assert found[2].length == pytest.approx(math.pi * 100, abs=0.01)
    assert found[3].equals_exact(shapely.LineString([(0, 0), (10, 0)]), 1e-6)
    assert found[4].is_closed and found[4].length == pytest.approx(20 + math.hypot(10, 10))
    spline = shapely.get_coordinates(found[5])
    assert np.hypot(*(spline - [10, 5]).T).min() < 0.01 and len(spline) > 20
    assert found[6].length == pytest.approx(14 * math.pi, abs=0.01)
    assert shapely.get_coordinates(found[7])[:, 1].max() == pytest.approx(25, abs=0.001)
    assert found[8].coords[0] == pytest.approx((3, 4))
    assert found[9].area == pytest.approx(16) and found[10].area == pytest.approx(18)


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2018"])
@pytest.mark.parametrize("units", [4, 6])
def test_millimetres_and_gbk_names_of_every_version(tmp_path: Path, version: str, units: int) -> None:
    document = drawing(units, version)
    document.encoding = "gbk"
    scale = {4: 1000.0, 6: 1.0}[units]
    document.layers.add("燃气")
    document.modelspace().add_line(at(0, 0, scale), at(30, 40, scale), dxfattribs=ON_GAS)
    path = saved(document, tmp_path / "n.dxf")
    if version == "R2004":
        assert "燃气".encode("gbk") in path.read_bytes()
    reading = Reading(layers=("燃气",), units={4: "mm", 6: "m"}[units] if version == "R12" else None)
    assert apart(shapes(path, reading)[0], shapely.LineString([(0, 0), (30, 40)])) < 1e-6


def test_utf8_in_a_drawing_that_states_another_code_page_is_read_as_what_it_is(tmp_path: Path) -> None:
    document = drawing(6, "R2000")
    document.layers.add("GASX")
    document.modelspace().add_line(at(0, 0), at(30, 40), dxfattribs={"layer": "GASX"})
    plain = saved(document, tmp_path / "n.dxf").read_bytes()
    assert b"ANSI_1252" in plain
    path = tmp_path / "o.dxf"
    for code, told in (("utf-8", None), ("gb18030", "GB18030")):  # GDAL writes the one
        path.write_bytes(plain.replace(b"GASX", "燃气".encode(code)))
        assert len(read_rows(path, lambda names: {}, Reading(layers=("燃气",), encoding=told))) == 1
    assert refused_codes(path, reading=Reading(layers=("燃气",))) == {"layer_missing"}


def test_units_are_never_guessed_and_what_is_said_goes_before_the_header(tmp_path: Path) -> None:
    document = drawing(0)
    document.modelspace().add_line(at(0, 0), at(30, 40))
    assert refused_codes(saved(document, tmp_path / "none.dxf")) == {"drawing_units"}
    assert network(tmp_path / "none.dxf", reading=Reading(units="m")).received == 1
    document.header["$INSUNITS"] = 1
    assert refused_codes(saved(document, tmp_path / "inches.dxf")) == {"drawing_units"}
    document.header["$INSUNITS"] = 4  # the template's, with coordinates in metres
    path = saved(document, tmp_path / "n.dxf")
    assert refused_codes(path) == {"outside_extent"}
    assert network(path, reading=Reading(units="m")).warnings["drawing_units_overruled"] == 1


def test_a_rotated_ucs_and_an_ocs_turned_over_change_nothing(tmp_path: Path) -> None:
    document = drawing()
    document.header["$UCSORG"] = (*at(0, 0), 0)
    document.header["$UCSXDIR"] = (math.cos(0.5), math.sin(0.5), 0)
    document.header["$UCSYDIR"] = (-math.sin(0.5), math.cos(0.5), 0)
    space = document.modelspace()
    ucs = UCS(origin=(*at(0, 0), 0), ux=(math.cos(0.5), math.sin(0.5), 0), uz=(0, 0, 1))
    line = space.add_lwpolyline([(0, 0), (50, 0)], dxfattribs=ON_GAS)
    line.transform(ucs.matrix)  # drawn in the UCS, as a draughtsman does
    x, y = at(10, 20)
    space.add_lwpolyline(
        [(-x, y, 1.0), (-x - 10, y, 0)], format="xyb", dxfattribs={**ON_GAS, "extrusion": (0, 0, -1)}
    )
    found = shapes(saved(document, tmp_path / "n.dxf"))
    turned = shapely.LineString([(0, 0), (50 * math.cos(0.5), 50 * math.sin(0.5))])
    assert apart(found[0], turned) < 1e-6
    first, last = shapely.get_coordinates(found[1])[[0, -1]]
    assert first == pytest.approx((10, 20), abs=1e-6) and last == pytest.approx((20, 20), abs=1e-6)
    assert found[1].length == pytest.approx(5 * math.pi, abs=0.01)


def test_blocks_are_taken_apart_with_their_layers_and_attributes(tmp_path: Path) -> None:
    document = drawing()
    block = document.blocks.new("阀门")
    block.add_line((0, 0), (2, 0), dxfattribs={"layer": "0"})
    block.add_circle((0, 0), 1, dxfattribs={"layer": "水"})
    block.add_text("DN", dxfattribs={"layer": "0"})
    outer = document.blocks.new("组")
    outer.add_blockref("阀门", (10, 0), dxfattribs={"rotation": 90})
    space = document.modelspace()
    first = space.add_blockref("组", at(0, 0), dxfattribs={**ON_GAS, "xscale": 2, "yscale": 2})
    first.add_attrib("DIAMETER_MM", "110")
    space.add_blockref("阀门", at(0, 50), dxfattribs={"layer": "水"})
    grid = space.add_blockref("阀门", at(0, 100), dxfattribs=ON_GAS)
    grid.dxf.row_count, grid.dxf.row_spacing = 2, 5
    path = saved(document, tmp_path / "n.dxf")
    found = shapes(path)
    assert apart(found[0], shapely.LineString([(20, 0), (20, 4)])) < 1e-6
    assert [list(shape.coords[0]) for shape in found[1:]] == [
        pytest.approx((0, 100)),
        pytest.approx((0, 105)),
    ]
    mapping = ColumnMap(columns={"material": "block"})
    intake = network(path, reading=GAS, mapping=mapping)
    assert [(a.diameter_mm, a.material) for a in intake.assets] == [
        (110, "组"),
        (None, "阀门"),
        (None, "阀门"),
    ]
    assert intake.warnings["drawing_annotations"] == 3 and intake.warnings["drawing_other_layers"] == 5


def test_contents_are_counted_by_layer_and_type(tmp_path: Path) -> None:
    document = drawing()
    space = document.modelspace()
    for _ in range(3):
        space.add_line(at(0, 0), at(30, 40), dxfattribs=ON_GAS)
    space.add_text("DN110", dxfattribs=ON_GAS)
    space.add_line(at(0, 0), at(9, 9), dxfattribs={"layer": "水"})
    path = saved(
        document, tmp_path / "n.dxf", proxy(document, "燃气"), proxy(document, "水", kind="TCH_PIPE")
    )
    contents = drawing_contents(path)
    assert contents.units == "m" and dict(contents.tally) == {
        ("水", "LINE", "readable"): 1,
        ("水", "TCH_PIPE", "unreadable"): 1,
        ("燃气", "ACAD_PROXY_ENTITY", "unreadable"): 1,
        ("燃气", "LINE", "readable"): 3,
        ("燃气", "TEXT", "annotation"): 1,
    }
    assert refused_codes(path) == {"layers_several"}
    assert refused_codes(path, reading=Reading(layers=("电",))) == {"layer_missing"}


def test_a_300_m_main_of_which_120_m_are_a_proxy_is_not_read_as_180_m(tmp_path: Path) -> None:
    document = drawing(4)
    space = document.modelspace()
    space.add_line(at(0, 0, 1000), at(90, 0, 1000), dxfattribs=ON_GAS)
    space.add_line(at(210, 0, 1000), at(300, 0, 1000), dxfattribs=ON_GAS)
    middle = proxy(document, "燃气", at(90, 0, 1000), at(210, 0, 1000))
    path = saved(document, tmp_path / "n.dxf", middle)
    with pytest.raises(Refused) as caught:
        network(path, reading=GAS)
    assert codes(caught.value) == {"drawing_entities_unreadable"} and "ACAD_PROXY_ENTITY x 1" in str(
        caught.value
    )
    assert refused_codes(path, reading=Reading(layers=("燃气",), confirmed_unreadable=2)) == {
        "drawing_entities_unreadable"
    }
    intake = network(path, reading=Reading(layers=("燃气",), confirmed_unreadable=1))
    assert (intake.received, len(intake.assets)) == (3, 2)
    (rejected,) = intake.rejected
    assert rejected.code == "entity_unreadable" and rejected.box is not None
    ends = [shapely.bounds(asset.geometry) for asset in intake.assets]
    assert rejected.box[0] < ends[0][2] and rejected.box[2] > ends[1][0]  # the gap is covered, and its margin
    without = saved(document, tmp_path / "bare.dxf", proxy(document, "燃气"))
    (rejected,) = network(without, reading=Reading(layers=("燃气",), confirmed_unreadable=1)).rejected
    assert (
        rejected.box is None
    )  # nobody knows where: the coverage of the dataset says nothing until it is confirmed


def test_external_references_and_missing_blocks_are_unreadable(tmp_path: Path) -> None:
    document = drawing()
    document.add_xref_def("other.dwg", "other")
    space = document.modelspace()
    space.add_line(at(0, 0), at(30, 40), dxfattribs=ON_GAS)
    space.add_blockref("other", at(0, 0), dxfattribs=ON_GAS)
    space.add_blockref("nowhere", at(0, 0), dxfattribs=ON_GAS)
    path = saved(document, tmp_path / "n.dxf")
    assert drawing_contents(path).tally[("燃气", "INSERT", "unreadable")] == 2
    assert refused_codes(path, reading=GAS) == {"drawing_entities_unreadable"}


def test_x_and_y_exchanged_and_cut_digits_are_refused(tmp_path: Path) -> None:
    document = drawing()
    document.modelspace().add_line(at(0, 0)[::-1], at(30, 40)[::-1])
    qinghai = Extent(89.0, 31.0, 104.0, 40.0)
    assert refused_codes(saved(document, tmp_path / "swapped.dxf"), extent=qinghai) == {"axes_swapped"}
    document = drawing()
    document.modelspace().add_line((54_321, 54_000), (54_351, 54_040))
    assert refused_codes(saved(document, tmp_path / "cut.dxf"), extent=qinghai) == {"outside_extent"}


def test_blocks_within_blocks_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entities, "MOST_ENTITIES", 5_000)
    document = drawing()
    for depth in range(8):
        block = document.blocks.new(f"b{depth}")
        for _ in range(10):
            if depth:
                block.add_blockref(f"b{depth - 1}", (0, 0))
            else:
                block.add_line((0, 0), (1, 1))
    document.modelspace().add_blockref("b7", at(0, 0))
    assert refused_codes(saved(document, tmp_path / "n.dxf")) == {"drawing_too_many_entities"}
    document = drawing()
    block = document.blocks.new("self")
    block.add_blockref("self", (1, 0))
    document.modelspace().add_blockref("self", at(0, 0))
    assert refused_codes(saved(document, tmp_path / "self.dxf")) == {"drawing_entities_unreadable"}


def test_an_entity_that_is_lost_on_the_way_refuses_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(*arguments: Any) -> Any:
        loaded = load(*arguments)
        loaded.modelspace().delete_entity(loaded.modelspace()[0])
        return loaded

    load = opening._load
    monkeypatch.setattr(opening, "_load", lossy)
    document = drawing()
    for n in range(3):
        document.modelspace().add_line(at(n, 0), at(30, 40))
    with pytest.raises(Refused) as caught:
        network(saved(document, tmp_path / "n.dxf"))
    assert codes(caught.value) == {"drawing_loses_entities"} and "1 LINE" in str(caught.value)


def test_what_is_drawn_on_a_sheet_is_counted(tmp_path: Path) -> None:
    document = drawing()
    document.modelspace().add_line(at(0, 0), at(30, 40))
    path = saved(document, tmp_path / "n.dxf", "  0\nLINE\n  8\n0\n 67\n1\n")
    assert network(path).warnings["drawing_on_paper"] == 1
    assert drawing_contents(path).tally[("0", "LINE", "on_paper")] == 1


def test_the_coordinate_system_in_a_drawing_must_agree(tmp_path: Path) -> None:
    document = drawing()
    document.modelspace().add_line(at(0, 0), at(30, 40))
    geodata = document.modelspace().new_geodata()
    geodata.coordinate_system_definition = (
        '<Dictionary><Alias id="4544" type="CoordinateSystem"><ObjectId>x</ObjectId></Alias></Dictionary>'
    )
    assert refused_codes(saved(document, tmp_path / "n.dxf")) == {"crs_contradicts"}


@pytest.mark.parametrize("head", [b"AC1032", b"AC1015", b"AC1.50"])
@pytest.mark.parametrize("name", ["n.dwg", "n.dxf", "n.bin"])
def test_a_dwg_is_told_how_to_become_a_dxf(tmp_path: Path, head: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(head + bytes(500))
    with pytest.raises(Refused) as caught:
        network(tmp_path / name)
    assert codes(caught.value) == {"dwg_not_readable"}
    assert "DXF" in caught.value.faults[0].en and "另存为" in caught.value.faults[0].zh


def test_binary_and_damaged_drawings(tmp_path: Path) -> None:
    document = drawing()
    document.modelspace().add_line(at(0, 0), at(30, 40))
    document.saveas(tmp_path / "n.dxf", fmt="bin")
    assert network(tmp_path / "n.dxf").received == 1
    whole = saved(document, tmp_path / "text.dxf").read_bytes()
    (tmp_path / "cut.dxf").write_bytes(whole[: len(whole) // 2])
    assert refused_codes(tmp_path / "cut.dxf") <= {"drawing_unreadable", "network_empty"}
    (tmp_path / "n.json.dxf").write_text("{}")
    assert refused_codes(tmp_path / "n.json.dxf") == {"file_not_what_it_says"}


def test_a_round_trip_keeps_ids_counts_and_coordinates(tmp_path: Path) -> None:
    document = drawing()
    for n in range(200):
        document.modelspace().add_lwpolyline([at(n, 0), at(n, 7.123), at(n + 0.5, 11)], dxfattribs=ON_GAS)
    handles = [entity.dxf.handle for entity in document.modelspace()]
    intake = network(saved(document, tmp_path / "n.dxf"), reading=GAS, id_field="handle")
    assert [asset.source_id for asset in intake.assets] == handles
    found = shapes(tmp_path / "n.dxf")
    wanted = [shapely.LineString([(n, 0), (n, 7.123), (n + 0.5, 11)]) for n in range(200)]
    assert max(map(apart, found, wanted)) < 0.0001

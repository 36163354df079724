"""Plans drawn in CAD: lines that close end to end, where a drawing says it lies, and every entity accounted for."""

from pathlib import Path
from typing import Any

import pytest
import shapely
import shapely.affinity

from ingest import DigOptions, Reading, plan_document, read_dig_plans
from ingest.files.drawings.document import open_drawing
from ingest.files.drawings.reader import read_drawing
from ingest.files.rows import READ_ALL
from ingest.plans import foreign
from ingest.plans.foreign.notes import notes_of
from ingest.plans.foreign.outlined import outlined
from ingest.plans.foreign.pointed import pointed
from ingest.plans.foreign.shaped import shaped
from ingest.plans.foreign.thinned import thinned
from spatial.errors import Refused
from spatial.values import CHINA
from tests.ingest.dock import ON, PROFILE, codes
from tests.ingest.drawn import ORIGIN, at, drawing, proxy, saved
from tests.ingest.foreign.test_twins import here

CORNERS = [at(0, 0), at(30, 0), at(30, 20), at(0, 20)]
AREA = shapely.Polygon(CORNERS)
PIT = {"layer": "开挖"}


@pytest.fixture(autouse=True)
def _without_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "read_apart", here)


def features(path: Path, points_are: str | None, reading: Reading = READ_ALL) -> list[dict[str, Any]]:
    """Without the walls, which the tests of the sandbox stand before."""
    rows = read_drawing(path, lambda names: {name: name for name in names}, reading)
    found = [
        {
            "id": rows.ids[row],
            "geometry": shapely.geometry.mapping(rows.geometry[row]),
            "properties": {
                name: column[row] for name, column in rows.columns.items() if column[row] is not None
            },
        }
        for row in range(len(rows))
    ]
    return shaped(found, rows.warnings, points_are, path.name, drawing=True)[0]


def four_lines(folder: Path, gap: float = 0.0) -> Path:
    document = drawing()
    ends = [*CORNERS[1:], (CORNERS[0][0] + gap, CORNERS[0][1])]
    for start, end in zip(CORNERS, ends, strict=True):
        document.modelspace().add_line(start, end, dxfattribs=PIT)
    document.modelspace().add_line(at(50, 0), at(90, 0), dxfattribs=PIT)
    return saved(document, folder / "pit.dxf")


def refused(path: Path, points_are: str | None = "area", reading: Reading = READ_ALL) -> Refused:
    with pytest.raises(Refused) as caught:
        features(path, points_are, reading)
    return caught.value


@pytest.mark.parametrize("gap", [0.0, 0.004])
def test_lines_that_close_end_to_end_go_round_the_ground_or_are_axes_as_is_said(
    tmp_path: Path, gap: float
) -> None:
    path = four_lines(tmp_path, gap)
    assert codes(refused(path, None)) == {"plan_shape_unstated"}
    pit, axis = features(path, "area")
    assert shapely.geometry.shape(pit["geometry"]).symmetric_difference(AREA).area < 20 * gap + 1e-6
    assert axis["geometry"]["type"] == "LineString"
    assert [one["geometry"]["type"] for one in features(path, "line")] == ["LineString"] * 5


def test_lines_that_meet_and_do_not_close_are_axes_and_told(tmp_path: Path) -> None:
    path = four_lines(tmp_path, gap=0.5)
    assert len(features(path, None)) == 5
    plan = plan_document(path, None, points_are="area")
    assert {note["code"]: note["count"] for note in notes_of(plan)} == {
        "drawing_read": 5,
        "drawing_open_lines": 5,
    }


def test_an_outline_with_a_line_across_is_one_ground_and_says_what_all_its_lines_say() -> None:
    def line(start: Any, end: Any, handle: str, **own: Any) -> dict[str, Any]:
        return {
            "id": handle,
            "geometry": {"type": "LineString", "coordinates": [start, end]},
            "properties": {"layer": "0", "type": "LINE", "handle": handle, "depth_m": 2.0, **own},
        }

    ring = [*CORNERS, CORNERS[0]]
    lines = [line(ring[n], ring[n + 1], str(n), act=["excavate", "pile"][n % 2]) for n in range(4)]
    lines.append(line(CORNERS[0], CORNERS[2], "across", act="pile"))
    stub = line(CORNERS[1], at(90, 0), "stub")
    wide = line(at(0, 50), at(9, 50), "wide", half_width_m=1.0)
    made, still_open = outlined([wide, *lines, stub], "area", "n", drawing=True)
    assert [one["id"] for one in made] == ["wide", "0", "stub"] and still_open == 1
    assert shapely.geometry.shape(made[1]["geometry"]).equals(AREA)
    assert made[1]["properties"] == {"layer": "0", "handle": "0", "depth_m": 2.0}


def test_how_wide_a_line_is_drawn_is_told_and_is_no_width_of_a_trench(tmp_path: Path) -> None:
    document = drawing(4)
    space = document.modelspace()
    space.add_lwpolyline([at(0, 0, 1000), at(30, 0, 1000)], dxfattribs={"const_width": 6000})
    space.add_lwpolyline(
        [(*at(0, 9, 1000), 0, 500), (*at(30, 9, 1000), 0, 0)], format="xyse", dxfattribs={"layer": "0"}
    )
    old = space.add_polyline2d([at(0, 15, 1000), at(30, 15, 1000)])
    old.dxf.default_start_width = old.dxf.default_end_width = 2000
    space.add_line(at(0, 20, 1000), at(30, 20, 1000))
    plan = plan_document(saved(document, tmp_path / "wide.dxf"), None)
    assert {note["code"]: note["count"] for note in notes_of(plan)}["drawing_wide"] == 3
    said = [one["properties"].get("drawn_width_m") for one in plan["features"]]
    assert said == ["6", "0.5", "2", None]
    assert all("half_width_m" not in one["properties"] for one in plan["features"])


@pytest.mark.parametrize("radius", [55, 120, 500])
def test_a_curve_of_more_points_than_a_site_may_have_loses_points_and_no_ground(
    tmp_path: Path, radius: float
) -> None:
    document = drawing()
    document.modelspace().add_circle(at(0, 0), radius)
    path = saved(document, tmp_path / "round.dxf")
    plan = plan_document(path, None, points_are="area")
    assert {note["code"] for note in notes_of(plan)} == {"drawing_read", "shape_thinned"}
    (pit,) = [shapely.geometry.shape(one["geometry"]) for one in plan["features"]]
    ground = shapely.Point(at(0, 0)).buffer(radius, 4000)
    assert shapely.get_num_coordinates(pit) <= 500
    assert ground.difference(pit).area < 1e-6 and shapely.hausdorff_distance(ground, pit) < 0.2
    (site,) = sites(path, "EPSG:4543")
    assert site.geometry.geom_type == "Polygon"
    if radius < 200:
        (axis,) = plan_document(path, None, points_are="line")["features"]
        line = shapely.geometry.shape(axis["geometry"])
        assert shapely.hausdorff_distance(line, ground.exterior) < 0.01 + 1e-4


@pytest.mark.parametrize("degrees", [False, True])
def test_an_area_of_many_points_in_degrees_or_metres_grows(degrees: bool) -> None:
    middle, scale = ((101.78, 36.61), 1e-5) if degrees else (ORIGIN, 1.0)
    area = shapely.Point(0, 0).buffer(60, 300).difference(shapely.Point(20, 0).buffer(5))
    area = shapely.affinity.affine_transform(area, [scale, 0, 0, scale, *middle])
    one = {"id": "a", "geometry": shapely.geometry.mapping(area), "properties": {}}
    (made,), count = thinned([one])
    found = shapely.geometry.shape(made["geometry"])
    assert count == 1 and shapely.get_num_coordinates(found) <= 500 and shapely.covers(found, area)
    assert shapely.hausdorff_distance(found, area) < 0.1 * scale
    assert thinned([made]) == ([made], 0)


def test_metres_under_a_header_that_says_millimetres_are_asked_about(tmp_path: Path) -> None:
    document = drawing(4)
    document.modelspace().add_lwpolyline(CORNERS, close=True)
    path = saved(document, tmp_path / "template.dxf")
    with pytest.raises(Refused) as caught:
        plan_document(path, "EPSG:4543", points_are="area")
    assert codes(caught.value) == {"drawing_units"} and "--units m" in str(caught.value)
    plan = plan_document(path, "EPSG:4543", Reading(units="m"), "area")
    assert shapely.geometry.shape(plan["features"][0]["geometry"]).equals(AREA)
    assert plan_document(path, None, points_are="area", points=pointed([], "points"))["features"]
    document = drawing(4)
    document.modelspace().add_lwpolyline([(x * 1000, y * 1000) for x, y in CORNERS], close=True)
    (site,) = sites(saved(document, tmp_path / "mm.dxf"), "EPSG:4543")
    assert site.geometry.geom_type == "Polygon"


# -- where a drawing says it lies


def located(folder: Path, units: int = 6, **about: Any) -> Path:
    scale = {4: 1000.0, 6: 1.0}[units]
    document = drawing(units)
    document.modelspace().add_lwpolyline([(x * scale, y * scale) for x, y in CORNERS], close=True)
    geodata = document.modelspace().new_geodata()
    geodata.coordinate_system_definition = about.pop(
        "definition",
        "<Dictionary><Alias type='CoordinateSystem' id=\"4543\"><Namespace>EPSG Code</Namespace></Alias>"
        '<Alias id="6326" type="Datum"/></Dictionary>',
    )
    said = {
        "coordinate_type": 1,
        "design_point": (1000 * scale, 0),
        "reference_point": (1000, 0),
        "horizontal_unit_scale": 1 / scale,
    }
    geodata.dxf.update({**said, **about})
    return saved(document, folder / "located.dxf")


def sites(path: Path, crs: str | None) -> tuple[Any, ...]:
    return read_dig_plans(
        path,
        crs=crs,
        options=DigOptions(acts=("excavate",)),
        extent=CHINA,
        profile=PROFILE,
        on=ON,
        points_are="area",
    )


@pytest.mark.parametrize("units", [4, 6])
def test_what_a_drawing_says_of_its_place_must_agree(tmp_path: Path, units: int) -> None:
    path = located(tmp_path, units)
    (site,) = sites(path, "EPSG:4543")
    assert site.crs == "EPSG:4543"
    for crs, code, word in (
        ("EPSG:4544", "crs_contradicts", "EPSG:4543"),
        (None, "crs_missing", "file itself says EPSG:4543"),
    ):
        with pytest.raises(Refused) as caught:
            sites(path, crs)
        assert codes(caught.value) == {code} and word in str(caught.value)


@pytest.mark.parametrize(
    ("about", "word"),
    [
        ({"reference_point": (1000.01, 0)}, "0.010 m to the east"),
        ({"reference_point": (480_000, 4_054_000)}, "4054000.000 m to the north"),
        ({"north_direction": (0.001, 1)}, "turns it by"),
        ({"north_direction": (0, -1)}, "turns it by 180"),
        ({"horizontal_unit_scale": 0.3048}, "0.3048"),
        ({"scale_estimation_method": 2, "user_scale_factor": 1.0001}, "scales"),
        ({"sea_level_correction": 1}, "sea level"),
    ],
)
def test_a_drawing_put_in_its_place_by_hand_is_refused(
    tmp_path: Path, about: dict[str, Any], word: str
) -> None:
    found = refused(located(tmp_path, **about))
    assert codes(found) == {"drawing_placed_by_hand"} and word in str(found)


def test_a_place_bent_over_a_mesh_or_named_in_no_way_we_know_is_refused(tmp_path: Path) -> None:
    unknown = located(
        tmp_path, definition='<Dictionary><ProjectedCoordinateSystem id="XN-LOCAL"/></Dictionary>'
    )
    with pytest.raises(Refused) as caught:
        sites(unknown, "EPSG:4543")
    assert codes(caught.value) == {"crs_embedded_unreadable"}
    nothing = located(tmp_path, definition="")
    assert len(sites(nothing, "EPSG:4543")) == 1
    document = drawing()
    document.modelspace().add_line(at(0, 0), at(30, 40))
    geodata = document.modelspace().new_geodata()
    geodata.source_vertices.extend([(0, 0), (1, 0), (0, 1)])
    geodata.target_vertices.extend([(0, 0), (1, 0), (0, 1)])
    geodata.faces.append((0, 1, 2))
    assert codes(refused(saved(document, tmp_path / "mesh.dxf"))) == {"drawing_placed_by_hand"}


# -- every entity accounted for


def test_layers_that_are_not_meant_never_reach_the_reader_and_are_still_counted(tmp_path: Path) -> None:
    document = drawing()
    space = document.modelspace()
    block = document.blocks.new("坑")
    block.add_lwpolyline([(0, 0), (5, 0), (5, 5)], close=True, dxfattribs=PIT)
    block.add_circle((0, 0), 1, dxfattribs={"layer": "井"})
    space.add_blockref("坑", at(60, 0), dxfattribs={"layer": "井"})
    space.add_lwpolyline(CORNERS, close=True, dxfattribs=PIT)
    space.add_text("1:500", dxfattribs=PIT)
    for n in range(40):
        space.add_polyline2d([at(n, 0), at(n, 9)], dxfattribs={"layer": "等高线"})
        space.add_text("2261", dxfattribs={"layer": "等高线"})
    path = saved(document, tmp_path / "n.dxf", proxy(document, "等高线"))
    chosen = Reading(layers=("开挖",))
    opened = open_drawing(path, chosen)
    assert len(opened.document.modelspace()) == 3
    assert sum(opened.left_out.values()) == 81
    plan = plan_document(path, None, chosen, "area")
    assert [one["geometry"]["type"] for one in plan["features"]] == ["Polygon"] * 2
    told = {note["code"]: note["count"] for note in notes_of(plan)}
    assert told == {"drawing_read": 2, "drawing_annotations": 1, "drawing_other_layers": 42}
    assert all(note["en"] and "\u4e00" <= note["zh"][0] <= "\u9fff" for note in notes_of(plan))
    with pytest.raises(Refused) as caught:
        plan_document(path, None, Reading(layers=("等高线",)), "area")
    assert codes(caught.value) == {"drawing_entities_unreadable"}
    unknown = refused(path, reading=Reading(layers=("不存在",)))
    assert codes(unknown) == {"layer_missing"} and "等高线" in str(unknown)


@pytest.mark.parametrize(
    ("caps", "layers", "code"),
    [
        ({"most_rows": 30}, (), "layers_several"),
        ({"most_rows": 30}, ("开挖",), None),
        ({"most_rows": 30}, ("等高线",), "file_too_many_rows"),
        ({"most_positions": 70}, ("等高线",), "file_too_many_points"),
    ],
)
def test_a_drawing_of_more_than_a_plan_may_hold_is_refused_by_counting(
    tmp_path: Path, caps: dict[str, int], layers: tuple[str, ...], code: str | None
) -> None:
    document = drawing()
    space = document.modelspace()
    for n in range(40):
        space.add_lwpolyline([at(n, 0), at(n, 9)], dxfattribs={"layer": "等高线"})
    space.add_lwpolyline(CORNERS, close=True, dxfattribs=PIT)
    path = saved(document, tmp_path / "n.dxf")
    reading = Reading(layers=layers, **caps)
    if code is None:
        assert len(features(path, "area", reading)) == 1
    else:
        found = refused(path, reading=reading)
        assert codes(found) == {code} and ("开挖" in str(found) or code != "layers_several")

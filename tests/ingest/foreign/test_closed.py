"""Lines that end where they begin, of whatever format: round the ground or along a trench, as is said, never guessed."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from ingest import DigOptions, plan_document, read_dig_plans
from ingest.plans import foreign
from ingest.plans.foreign.notes import notes_of
from spatial.errors import Refused
from spatial.values import CHINA, DigSite
from tests.ingest.dock import ON, PROFILE, codes
from tests.ingest.drawn import at, drawing, saved
from tests.ingest.foreign.test_twins import here

RING = [
    (101.7778, 36.6088),
    (101.7781, 36.6088),
    (101.7781, 36.6090),
    (101.7778, 36.6090),
    (101.7778, 36.6088),
]
DEGREES = "EPSG:4326"


@pytest.fixture(autouse=True)
def _without_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "read_apart", here)


def kml(tag: str, places: list[tuple[float, float]]) -> str:
    said = " ".join(f"{lon},{lat},0" for lon, lat in places)
    inner = f"<{tag}><coordinates>{said}</coordinates></{tag}>"
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>{inner}</Placemark></kml>'


def gpx(places: list[tuple[float, float]]) -> str:
    fixes = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in places)
    return f"<gpx><trk><trkseg>{fixes}</trkseg></trk></gpx>"


def wkt(places: list[tuple[float, float]]) -> str:
    return shapely.LineString(places).wkt


def write(folder: Path, name: str, places: list[tuple[float, float]]) -> Path:
    path = folder / name
    if path.suffix == ".gpkg":
        geopandas.GeoDataFrame(geometry=[shapely.LineString(places)], crs=DEGREES).to_file(path)
        return path
    texts = {
        "ring.kml": lambda: kml("LinearRing", places),
        "line.kml": lambda: kml("LineString", places),
        "track.gpx": lambda: gpx(places),
        "line.wkt": lambda: wkt(places),
    }
    path.write_text(texts[name]())
    return path


def sites(path: Path, points_are: str | None, crs: str = DEGREES) -> tuple[DigSite, ...]:
    return read_dig_plans(
        path,
        crs=crs,
        options=DigOptions(acts=("excavate",), method="mechanical", depth_m=2.0),
        extent=CHINA,
        profile=PROFILE,
        on=ON,
        points_are=points_are,
    )


def refused(path: Path, points_are: str | None) -> set[str]:
    with pytest.raises(Refused) as caught:
        plan_document(path, None, points_are=points_are)
    return codes(caught.value)


KINDS = ["ring.kml", "line.kml", "track.gpx", "line.wkt", "area.gpkg"]


@pytest.mark.parametrize("name", KINDS)
def test_a_closed_line_of_any_format_is_what_is_said_of_it(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, RING)
    (pit,) = sites(path, "area")
    assert pit.geometry.geom_type == "Polygon" and shapely.covers(
        pit.geometry, shapely.Point(101.778, 36.6089)
    )
    (axis,) = sites(path, "line")
    assert axis.geometry.geom_type == "LineString" and axis.half_width_m > 0
    assert refused(path, None) == refused(path, "points") == {"plan_shape_unstated"}


@pytest.mark.parametrize("name", KINDS[1:])
def test_a_line_that_all_but_closes_is_asked_about_too_and_closed_if_it_goes_round(
    tmp_path: Path, name: str
) -> None:
    """Nobody who walks round a pit with a phone ends to the digit where he began."""
    path = write(tmp_path, name, [*RING[:-1], (101.7778, 36.60882)])  # 2.2 m of 98
    assert refused(path, None) == {"plan_shape_unstated"}
    plan = plan_document(path, None, points_are="area")
    (pit,) = (shapely.geometry.shape(one["geometry"]) for one in plan["features"])
    assert shapely.covers(shapely.Polygon(RING), pit) and pit.area > 0.99 * shapely.Polygon(RING).area
    assert {note["code"]: note["count"] for note in notes_of(plan)}["lines_closed"] == 1
    (axis,) = plan_document(path, None, points_are="line")["features"]
    assert axis["geometry"]["type"] == "LineString"


@pytest.mark.parametrize("end", [(101.7778, 36.60886), (101.77794, 36.6088)])
@pytest.mark.parametrize("name", KINDS[1:])
def test_a_line_that_stays_open_is_an_axis_and_told_where_areas_are_meant(
    tmp_path: Path, name: str, end: tuple[float, float]
) -> None:
    path = write(tmp_path, name, [*RING[:-1], end])  # 7 m of 98, 12 m
    (axis,) = sites(path, None)
    assert axis.geometry.geom_type == "LineString"
    told = {note["code"]: note["count"] for note in notes_of(plan_document(path, None, points_are="area"))}
    assert told["lines_open"] == 1 and "lines_closed" not in told


def test_a_closed_line_with_a_width_is_an_axis_without_a_question(tmp_path: Path) -> None:
    path = tmp_path / "wide.gpkg"
    frame = geopandas.GeoDataFrame({"width_m": [1.2]}, geometry=[shapely.LineString(RING)], crs=DEGREES)
    frame.to_file(path)
    for said in (None, "area", "line"):
        (axis,) = sites(path, said)
        assert axis.geometry.geom_type == "LineString" and axis.half_width_m == 0.6


@pytest.mark.parametrize("said", ["area", "line"])
def test_single_points_are_no_corners_and_no_axis(tmp_path: Path, said: str) -> None:
    marks = tmp_path / "marks.gpx"
    marks.write_text("<gpx>" + "".join(f'<wpt lat="{y}" lon="{x}"/>' for x, y in RING[:-1]) + "</gpx>")
    document = drawing()
    for corner in ((0, 0), (30, 0), (30, 20)):
        document.modelspace().add_point(at(*corner))
    drawn = saved(document, tmp_path / "points.dxf")
    for path in (marks, drawn):
        assert refused(path, said) == {"points_without_order"}
        assert len(plan_document(path, None, points_are="points")["features"]) > 2


def test_holes_that_say_how_wide_they_are_may_stand_beside_areas(tmp_path: Path) -> None:
    holes: dict[str, Any] = {"radius_m": [None, 0.5]}
    shapes = [shapely.LineString(RING), shapely.Point(101.779, 36.61)]
    path = tmp_path / "both.gpkg"
    geopandas.GeoDataFrame(holes, geometry=shapes, crs=DEGREES).to_file(path)
    assert [one.geometry.geom_type for one in sites(path, "area")] == ["Polygon", "Point"]
    told = [note["code"] for note in notes_of(plan_document(path, None, points_are="area"))]
    assert "points_as_holes" not in told


@pytest.mark.parametrize("said", ["area", "line"])
def test_points_beside_what_is_asked_about_are_holes_and_told(tmp_path: Path, said: str) -> None:
    document = drawing()
    document.modelspace().add_lwpolyline([at(0, 0), at(30, 0), at(30, 20)], close=True)
    document.modelspace().add_point(at(50, 50))
    drawn = saved(document, tmp_path / "both.dxf")
    path = tmp_path / "both.gpkg"
    shapes = [shapely.LineString(RING), shapely.Point(101.779, 36.61)]
    geopandas.GeoDataFrame(geometry=shapes, crs=DEGREES).to_file(path)
    for file in (path, drawn):
        plan = plan_document(file, None, points_are=said)
        assert {note["code"]: note["count"] for note in notes_of(plan)}["points_as_holes"] == 1
        assert [one["geometry"]["type"] for one in plan["features"]][1] == "Point"


def test_what_has_no_shape_is_told_in_the_words_of_who_digs(tmp_path: Path) -> None:
    path = tmp_path / "note.kml"
    path.write_text(
        kml("LinearRing", RING)
        .replace("<Placemark>", "<Document><Placemark/><Placemark>", 1)
        .replace("</kml>", "</Document></kml>")
    )
    with pytest.raises(Refused) as caught:
        plan_document(path, None, points_are="area")
    assert codes(caught.value) == {"geometry_missing"}
    assert "pipe" not in str(caught.value) and "管" not in caught.value.faults[0].zh


@pytest.mark.parametrize(("states", "is_in"), [("GB2312", "gb18030"), ("gbk", "gb18030"), ("UTF-8", "utf-8")])
def test_a_track_in_a_chinese_encoding_is_read(tmp_path: Path, states: str, is_in: str) -> None:
    path = tmp_path / "track.gpx"
    said = gpx(RING[:-1]).replace("<trk>", "<trk><name>沟槽</name>")
    path.write_bytes(f'<?xml version="1.0" encoding="{states}"?>{said}'.encode(is_in))
    (axis,) = plan_document(path, None)["features"]
    assert axis["properties"]["name"] == "沟槽"
    path.write_bytes(f'<?xml version="1.0" encoding="big5"?>{said}'.encode("gb18030"))
    assert refused(path, None) == {"file_unreadable"}


def test_columns_that_say_handle_and_layer_make_no_drawing(tmp_path: Path) -> None:
    """A drawing's ends within a centimetre are one corner; a hundredth of a degree is a kilometre."""
    told = "".join(f'<Data name="{name}"><value>1</value></Data>' for name in ("handle", "layer", "type"))
    rings = [RING, [(lon + 0.005, lat + 0.005) for lon, lat in RING]]
    marks = [
        kml("LineString", ring)
        .replace("<LineString>", f"<ExtendedData>{told}</ExtendedData><LineString>")
        .removeprefix('<kml xmlns="http://www.opengis.net/kml/2.2">')
        .removesuffix("</kml>")
        for ring in rings
    ]
    path = tmp_path / "a.kml"
    path.write_text(f"<kml>{''.join(marks)}</kml>")
    features = plan_document(path, DEGREES, points_are="area")["features"]
    assert [shapely.geometry.shape(one["geometry"]) for one in features] == list(map(shapely.Polygon, rings))


def test_ends_of_a_drawing_in_degrees_are_one_corner_within_a_centimetre_too(tmp_path: Path) -> None:
    document = drawing()
    for number, (start, end) in enumerate(pairwise(RING)):
        document.modelspace().add_line(start, (end[0] + number * 1e-8, end[1]))
    document.modelspace().add_line((101.7779, 36.6095), (101.7780, 36.6095))
    features = plan_document(saved(document, tmp_path / "a.dxf"), None, points_are="area")["features"]
    pit, axis = (shapely.geometry.shape(one["geometry"]) for one in features)
    assert shapely.hausdorff_distance(pit, shapely.Polygon(RING)) < 1e-7
    assert axis.equals(shapely.LineString([(101.7779, 36.6095), (101.7780, 36.6095)]))


@pytest.mark.parametrize("said", ["area", "line"])
def test_a_pin_beside_an_area_is_a_hole_whatever_is_said_of_lines(tmp_path: Path, said: str) -> None:
    area, pin = shapely.Polygon(RING), shapely.Point(101.779, 36.61)
    frame = geopandas.GeoDataFrame(geometry=[area, pin], crs=DEGREES)
    frame.to_file(tmp_path / "pin.gpkg")
    (tmp_path / "pin.geojson").write_text(frame.to_json(to_wgs84=True))
    for name in ("pin.gpkg", "pin.geojson"):
        found = plan_document(tmp_path / name, None, points_are=said)["features"]
        assert [one["geometry"]["type"] for one in found] == ["Polygon", "Point"]

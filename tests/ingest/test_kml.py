"""KML as Google Earth, Ovital and GIS programs write it, and XML that is no KML or wants to hurt."""

import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from ingest import ColumnMap, Reading
from ingest.files.kml import read_kml
from spatial.errors import Refused
from tests.ingest.dock import codes, network
from tests.ingest.test_files import refused_codes

WGS = {"crs": "EPSG:4326"}
PLACE = "<Placemark><name>p</name>{}</Placemark>"
LINE = "<LineString><coordinates>101.70,36.60,0 101.7005,36.6005,0</coordinates></LineString>"


def kml(
    folder: Path, body: str, head: str = '<kml xmlns="http://www.opengis.net/kml/2.2">', name: str = "n.kml"
) -> Path:
    path = folder / name
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<Document>{body}</Document></kml>', encoding="utf-8"
    )
    return path


def xy(path: Path, **more: object) -> list[list[list[float]]]:
    intake = network(path, **{**WGS, **more})  # type: ignore[arg-type]
    return [np.round(shapely.get_coordinates(asset.geometry), 9).tolist() for asset in intake.assets]


@pytest.mark.parametrize(
    "head",
    [
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        '<kml xmlns="http://earth.google.com/kml/2.0" xmlns:gx="http://www.google.com/kml/ext/2.2">',
        "<kml>",
        '<k:kml xmlns:k="http://www.opengis.net/kml/2.2">',
    ],
)
def test_every_dialect_of_the_root_is_kml(tmp_path: Path, head: str) -> None:
    body = PLACE.format(LINE)
    path = kml(tmp_path, body, head)
    if head.startswith("<k:"):
        path.write_text(path.read_text().replace("</kml>", "</k:kml>"))
    assert xy(path) == [[[101.70, 36.60], [101.7005, 36.6005]]]


def test_data_and_folders_are_columns(tmp_path: Path) -> None:
    body = f"""<name>all</name><Folder><name>城东</name><Folder><name>中压</name>
      <Placemark id="a"><name>解放路</name><ExtendedData><Data name="管径"><value>110</value></Data>
        <SchemaData schemaUrl="#s"><SimpleData name="材质">PE</SimpleData></SchemaData></ExtendedData>{LINE}</Placemark>
      </Folder></Folder><Placemark id="b">{LINE.replace("101.7005", "101.7006")}</Placemark>"""
    columns = ColumnMap(
        columns={"diameter_mm": "管径", "material": "材质", "pressure_class": "folder"},
        values={"pressure_class": {"all / 城东 / 中压": "MP-A", "all": ""}},
    )
    intake = network(kml(tmp_path, body), mapping=columns, **WGS)
    found = [(a.source_id, a.pressure_class, a.diameter_mm, a.material) for a in intake.assets]
    assert found == [("a", "MP-A", 110.0, "PE"), ("b", None, None, None)]


def test_geometries_of_all_kinds(tmp_path: Path) -> None:
    ring = "<LinearRing><coordinates>101.7,36.6 101.8,36.6 101.8,36.7 101.7,36.6</coordinates></LinearRing>"
    bodies = [
        "<Point><coordinates> 101.7, 36.6, 0 </coordinates></Point>",
        f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>",
        f"<MultiGeometry>{LINE}{LINE.replace('36.60,', '36.6001,')}</MultiGeometry>",
        f"<MultiGeometry><MultiGeometry>{LINE}</MultiGeometry></MultiGeometry>",
        "<gx:Track><when>2020</when><gx:coord>101.70 36.60 0</gx:coord><gx:coord>101.71 36.61 0</gx:coord></gx:Track>",
        f"{LINE}{LINE.replace('36.60,', '36.6002,')}",
        f"<MultiGeometry>{LINE}<Point><coordinates>101.7,36.6</coordinates></Point></MultiGeometry>",
        "<Model><Location><longitude>101.7</longitude></Location></Model>",
        "<LineString><coordinates>101.7,36.6 101.7,NaN</coordinates></LineString>",
        "<LineString><coordinates>101.7,36.6,1,2 101.8,36.7</coordinates></LineString>",
        "<LineString><coordinates>101.7,36.6</coordinates></LineString>",
        ring.replace(" 101.7,36.6<", " 101.75,36.65<").join(
            ["<Polygon><outerBoundaryIs>", "</outerBoundaryIs></Polygon>"]
        ),
        "",
        "<LineString/>",
    ]
    intake = network(kml(tmp_path, "".join(map(PLACE.format, bodies))), **WGS)
    assert intake.received == len(bodies) == len(intake.assets) + len(intake.rejected)
    kinds = [(a.geometry.geom_type, len(shapely.get_parts(a.geometry))) for a in intake.assets]
    assert [kind for kind, _ in kinds] == ["Point", "Polygon"] + ["MultiLineString"] * 4
    assert [parts for _, parts in kinds] == [1, 1, 2, 1, 1, 2]
    assert [row.code for row in intake.rejected] == [
        "geometry_type",
        "geometry_type",
        "geometry_not_finite",
        "geometry_malformed",
        "geometry_too_few_points",
        "polygon_unclosed",
        "geometry_missing",
        "geometry_empty",
    ]
    assert intake.rejected[0].box is not None and intake.rejected[2].box is not None


def test_kml_is_wgs_84_and_another_word_is_refused(tmp_path: Path) -> None:
    path = kml(tmp_path, PLACE.format(LINE))
    assert refused_codes(path, crs="EPSG:4490") == {"crs_contradicts"}
    assert refused_codes(path, crs="GCJ-02") == {"crs_contradicts"}
    assert refused_codes(path, crs=None) == {"crs_missing"}


@pytest.mark.parametrize(
    ("word", "crs"), [("CGCS2000", "EPSG:4490"), ("GCJ02", "GCJ-02"), ("WGS84", "EPSG:4326")]
)
def test_ovital_says_in_which_system_it_is(tmp_path: Path, word: str, crs: str) -> None:
    path = kml(tmp_path, PLACE.format(f"<OvCoordType>{word}</OvCoordType>{LINE}"), name="n.ovkml")
    assert network(path, crs=crs).crs == crs
    others = {"EPSG:4490", "GCJ-02", "EPSG:4326"} - {crs}
    assert [refused_codes(path, crs=other) for other in others] == [{"crs_contradicts"}] * 2
    mixed = kml(tmp_path, PLACE.format(f"<OvCoordType>{word}</OvCoordType>{LINE}") + PLACE.format(LINE))
    if word != "WGS84":
        assert refused_codes(mixed, **WGS) == {"kml_several_crs"}


@pytest.mark.parametrize("encoding", ["GB2312", "GBK", "UTF-16"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><kml><Document>{PLACE.format(LINE)}</Document></kml>'
    path = tmp_path / "n.kml"
    path.write_bytes(text.replace("<name>p", "<name>管线").encode(encoding))
    if encoding == "UTF-16":
        assert refused_codes(path, **WGS) == {"file_not_what_it_says"}
    else:
        mapping = ColumnMap(columns={"material": "name"})
        assert network(path, mapping=mapping, **WGS).assets[0].material == "管线"


BOMB = "<!DOCTYPE kml [" + '<!ENTITY a "ha">' + '<!ENTITY b "&a;&a;">' + "]>"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BOMB}<kml><Placemark><name>&b;</name></Placemark></kml>", "xml_doctype"),
        ('<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>', "xml_doctype"),
        ("<kml><Placemark><name>&nbsp;</name></Placemark></kml>", "kml_unreadable"),
        ("<OGRVRTDataSource/>", "kml_expected"),
        ("<kml>" + "<Folder>" * 99 + "</Folder>" * 99 + "</kml>", "kml_unreadable"),
        ("<kml><Document>", "kml_unreadable"),
        ("<kml/>", "network_empty"),
        (
            "<kml><NetworkLink><Link><href>http://example.org</href></Link></NetworkLink></kml>",
            "kml_elsewhere",
        ),
        ("<kml><NetworkLinkControl><Update/></NetworkLinkControl></kml>", "kml_elsewhere"),
        ('<?xml version="1.0" encoding="shift-jis"?><kml/>', "kml_unreadable"),
        ('<?xml version="1.0" encoding="gbk"?><kml>\u3000</kml>', "kml_unreadable"),
    ],
)
def test_what_is_no_kml_or_more_than_kml_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "n.kml"
    path.write_bytes(text.encode())
    assert refused_codes(path, **WGS) == {code}


def test_pictures_are_counted(tmp_path: Path) -> None:
    path = kml(tmp_path, "<GroundOverlay><name>g</name></GroundOverlay>" + PLACE.format(LINE))
    assert network(path, **WGS).warnings["kml_overlay"] == 1


POLYGON = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>101.7,36.6 101.8,36.6 101.8,36.7 101.7,36.6"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)


@pytest.mark.parametrize(
    ("places", "kinds", "labels"),
    [
        (["101.79,36.61"], ["Polygon", "MultiLineString"], 1),
        (["101.8,36.65"], ["Polygon", "MultiLineString"], 1),  # on its edge
        (["101.71,36.69"], ["Polygon", "MultiLineString", "Point"], 0),
        (["101.79,36.61", "101.9,36.6"], ["Polygon", "MultiLineString", "Point"], 1),
        (["101.79,36.61", "101.9,36.6", "101.91,36.6"], ["Polygon", "MultiLineString", "MultiPoint"], 1),
    ],
)
def test_a_place_of_a_plan_has_a_row_for_each_kind_of_shape_but_no_label(
    tmp_path: Path, places: list[str], kinds: list[str], labels: int
) -> None:
    points = "".join(f"<Point><coordinates>{place}</coordinates></Point>" for place in places)
    body = f"<MultiGeometry>{LINE}<MultiGeometry>{points}</MultiGeometry>{POLYGON}</MultiGeometry>"
    path = kml(tmp_path, PLACE.format(body))
    rows = read_kml(path, lambda names: {name: name for name in names}, Reading(kinds_apart=True))
    assert [shape.geom_type for shape in rows.geometry] == kinds
    assert rows.warnings.get("kml_label", 0) == labels
    assert [rows.columns["name"][at] for at in range(len(rows))] == ["p"] * len(rows)
    (whole,) = read_kml(path, lambda names: {}, Reading()).fault
    assert whole == "geometry_type"  # a pipe of a network that is several things


@pytest.mark.parametrize(
    "odd",
    [
        "<Model><Location><longitude>101.7</longitude></Location></Model>",
        "<Point><coordinates>101.7</coordinates></Point>",
        "<Point/>",
        POLYGON.replace("101.8,36.6 ", "NaN,36.6 "),
        POLYGON.replace("101.8,36.7 101.7,36.6", ""),
    ],
)
def test_one_odd_shape_of_a_place_is_told_of(tmp_path: Path, odd: str) -> None:
    body = f"<MultiGeometry>{LINE}{POLYGON}{odd}</MultiGeometry>"
    rows = read_kml(kml(tmp_path, PLACE.format(body)), lambda names: {}, Reading(kinds_apart=True))
    assert any(code is not None for code in rows.fault)


def test_a_kmz_is_its_one_kml(tmp_path: Path) -> None:
    inner = kml(tmp_path, PLACE.format(LINE), name="doc.kml").read_bytes()
    with zipfile.ZipFile(tmp_path / "n.kmz", "w") as archive:
        archive.writestr("doc.kml", inner)
        archive.writestr("files/icon.png", b"picture")
    intake = network(tmp_path / "n.kmz", **WGS)
    assert len(intake.assets) == 1 and [name for name, _ in intake.sources] == ["n.kmz"]
    with zipfile.ZipFile(tmp_path / "n.kmz", "a") as archive:
        archive.writestr("more.kml", inner)
    assert refused_codes(tmp_path / "n.kmz", **WGS) == {"zip_holds_several"}


WRITER = """import sys, geopandas
geopandas.read_file(sys.argv[1]).to_file(sys.argv[2], driver=sys.argv[3])"""


@pytest.mark.parametrize("driver", ["KML", "LIBKML"])
def test_a_round_trip_through_gdal_keeps_ids_counts_and_coordinates(tmp_path: Path, driver: str) -> None:
    """GDAL writes it in a process of its own, as here its drivers for KML are unloaded."""
    lines = [shapely.LineString([(101.7 + n / 1000, 36.6), (101.7 + n / 1000, 36.61)]) for n in range(20)]
    data = geopandas.GeoDataFrame({"no": [f"P{n}" for n in range(20)]}, geometry=lines, crs=4326)
    data.to_file(tmp_path / "n.gpkg")
    write(tmp_path / "n.gpkg", tmp_path / "n.kml", driver)
    intake = network(tmp_path / "n.kml", id_field="no", **WGS)
    twin = network(tmp_path / "n.gpkg", id_field="no", **WGS)
    assert (
        [a.source_id for a in intake.assets]
        == [a.source_id for a in twin.assets]
        == [f"P{n}" for n in range(20)]
    )
    for one, other in zip(intake.assets, twin.assets, strict=True):
        assert shapely.hausdorff_distance(one.geometry, other.geometry) < 1e-9


def write(source: Path, target: Path, driver: str) -> None:
    import subprocess
    import sys

    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WRITER, source, target, driver], check=True, timeout=60
    )


def test_several_faults_are_worded_for_both_languages(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        network(kml(tmp_path, PLACE.format(LINE)), crs="GCJ-02")
    assert "GeoJSON" in str(caught.value) and codes(caught.value)


def test_a_shape_outside_of_any_placemark_is_refused_and_where_a_picture_was_taken_is_none(
    tmp_path: Path,
) -> None:
    """KML 2.0 lets a Schema name elements of its own that stand for placemarks."""
    old = kml(tmp_path, f"<Schema parent='Placemark' name='S_dig'/><S_dig>{LINE}</S_dig>{PLACE.format(LINE)}")
    with pytest.raises(Refused) as caught:
        network(old, **WGS)  # type: ignore[arg-type]
    assert codes(caught.value) == {"kml_geometry_astray"} and "S_dig" in str(caught.value)
    point = "<Point><coordinates>101.7,36.6</coordinates></Point>"
    picture = kml(tmp_path, f"<PhotoOverlay><name>n</name>{point}</PhotoOverlay>{PLACE.format(LINE)}")
    assert len(xy(picture)) == 1


@pytest.mark.parametrize(
    ("root", "is_read"),
    [
        ("<NetworkLink><Link><href>layers/x.kml</href></Link></NetworkLink>", True),
        ("<NetworkLink><Link><href>layers/y.kml</href></Link></NetworkLink>", False),
        ("<NetworkLink><Link><href>http://127.0.0.1/layers/x.kml</href></Link></NetworkLink>", False),
        ("<NetworkLink><Link><href>layers/x.kml</href></Link></NetworkLink>" + PLACE.format(LINE), False),
        ("", False),
    ],
)
def test_a_kmz_whose_root_only_links_to_its_one_layer_is_that_layer(
    tmp_path: Path, root: str, is_read: bool
) -> None:
    with zipfile.ZipFile(tmp_path / "n.kmz", "w") as archive:
        archive.write(kml(tmp_path, root, name="doc.kml"), "doc.kml")
        archive.write(kml(tmp_path, PLACE.format(LINE), name="x.kml"), "layers/x.kml")
    if is_read:
        assert len(xy(tmp_path / "n.kmz")) == 1
    else:
        assert refused_codes(tmp_path / "n.kmz", **WGS) == {"zip_holds_several"}

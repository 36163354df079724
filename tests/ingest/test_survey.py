"""Survey tables of CJJ 61: points and lines joined by their numbers, nothing dropped in silence."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Transformer

from ingest import parse_mapping
from ingest.files.sheets import Sheet
from ingest.networks.survey.headings import table_of
from spatial.errors import Refused
from spatial.values import NetworkIntake
from spatial.words import AssetKind, PressureClass
from tests.ingest.dock import codes, collection, feature, written
from tests.ingest.surveys import CRS, EAST, LINES, LINKS, NORTH, POINTS, by_id, survey, text_table, workbook

BACK = Transformer.from_crs("EPSG:4490", CRS, always_xy=True)


def facts(intake: NetworkIntake) -> list[tuple[Any, ...]]:
    return sorted(
        (asset.source_id, asset.kind, asset.geometry.wkb, asset.pressure_class, asset.diameter_mm, asset.cover_m,
         asset.cover_most_m, asset.material, asset.status, asset.laid_on)
        for asset in intake.assets
    )  # fmt: skip


def test_a_point_table_and_a_line_table_become_pipes_and_what_stands_at_the_points(tmp_path: Path) -> None:
    intake = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES))
    assert (intake.received, len(intake.assets), intake.rejected) == (5, 5, ())
    found = by_id(intake)
    first = found["RQ1-RQ2"]
    assert (first.pressure_class, first.diameter_mm, first.material) == (PressureClass.MP_A, 219.1, "钢")
    assert (first.cover_m, first.cover_most_m, first.profiled) == (1.2, 1.3, False)
    assert (first.status, first.laid_on) == ("在用", date(2012, 6, 1))
    # X is the northing: the line comes back where its points were measured, to the millimetre.
    back = BACK.transform(*shapely.get_coordinates(first.geometry).T)
    assert [round(value, 3) for value in (back[0][0], back[1][0])] == [EAST + 0.5, NORTH + 0.123]
    disused = found["RQ2-RQ3"]
    assert (disused.status, disused.pressure_class, disused.diameter_mm) == (
        "废弃",
        PressureClass.MP_A,
        110.0,
    )
    assert (disused.laid_on, disused.cover_m) == (date(2015, 1, 1), 1.3)
    third = found["RQ3-RQ4"]
    assert (third.cover_m, third.laid_on) == (None, None)
    assert third.diameter_mm == 250.0  # a bare 200 of PE may be a bore
    assert (found["RQ2"].kind, found["RQ4"].kind) == (AssetKind.VALVE, AssetKind.REGULATOR)
    assert intake.warnings["cover_end_m_unusable"] == intake.warnings["cover_m_unusable"] == 1
    assert intake.warnings["diameter_basis_missing"] == 1


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("gb18030", ","), ("utf-8", ";"), ("utf-16", "\t")]
)
def test_text_tables_say_the_same_as_a_workbook(tmp_path: Path, encoding: str, delimiter: str) -> None:
    told = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES))
    pair = [
        text_table(tmp_path / f"{name}.csv", rows, encoding, delimiter)
        for name, rows in (("点表", POINTS), ("线表", LINES))
    ]
    for files in (pair, pair[::-1]):
        read = survey(*files)
        assert facts(read) == facts(told)
        assert read.warnings == told.warnings
        assert [name for name, _ in read.sources] == [file.name for file in files]


def test_two_workbooks_are_one_survey(tmp_path: Path) -> None:
    one = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES))
    pair = workbook(tmp_path / "点.xlsx", Sheet1=POINTS), workbook(tmp_path / "线.xlsx", Sheet1=LINES)
    assert facts(survey(*pair)) == facts(one)


def test_what_libreoffice_saved_is_read_the_same(tmp_path: Path) -> None:
    """With a date as a date, and a depth that a formula gives."""
    saved = Path(__file__).parent / "libreoffice"
    told = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES))
    read = survey(saved / "survey.xlsx")
    assert (facts(read), read.warnings) == (facts(told), told.warnings)
    told = survey(workbook(tmp_path / "a.xlsx", 成果表=LINKS))
    for name in ("links.xlsx", "links.csv"):
        assert facts(survey(saved / name)) == facts(told)


def test_links_listed_at_both_points_are_one_pipe_each(tmp_path: Path) -> None:
    intake = survey(workbook(tmp_path / "b.xlsx", 成果表=LINKS))
    found = by_id(intake)
    assert found.keys() == {"RQ1-RQ2", "RQ2-RQ3", "RQ2"} and intake.received == 3
    assert (found["RQ1-RQ2"].cover_m, found["RQ1-RQ2"].cover_most_m) == (1.2, 1.5)
    # The depth that is missing is ground level minus the level of the pipe's top.
    assert (found["RQ2-RQ3"].cover_m, found["RQ2-RQ3"].cover_most_m) == (1.0, 1.4)
    assert (found["RQ1-RQ2"].diameter_mm, found["RQ2-RQ3"].diameter_mm) == (219.0, 110.0)
    assert (found["RQ2"].kind, found["RQ2"].pressure_class) == (AssetKind.VALVE, PressureClass.MP_A)
    assert "link_listed_once" not in intake.warnings and "cover_to_missing" not in {
        code for code, count in intake.warnings.items() if code == "cover_to_missing" and count > 1
    }


def test_a_link_listed_once_is_a_pipe_and_counted(tmp_path: Path) -> None:
    intake = survey(
        workbook(tmp_path / "b.xlsx", 成果表=[*LINKS[:-1], (*LINKS[-1][:2], None, *LINKS[-1][3:])])
    )
    assert by_id(intake).keys() == {"RQ1-RQ2", "RQ2-RQ3", "RQ2"}
    assert intake.warnings["link_listed_once"] == 1


def test_two_rows_of_a_link_that_contradict_one_another_say_nothing(tmp_path: Path) -> None:
    other = (*LINKS[4][:6], "325", *LINKS[4][7:])
    intake = survey(workbook(tmp_path / "b.xlsx", 成果表=[*LINKS[:4], other, *LINKS[5:]]))
    assert by_id(intake)["RQ1-RQ2"].diameter_mm is None
    assert intake.warnings["link_sides_differ"] == 1


def test_a_table_of_this_point_and_the_one_before(tmp_path: Path) -> None:
    """本点号 and 上点号, coordinates in a table of their own."""
    chain = [
        ("本点号", "上点号", "管径", "管顶埋深"),
        ("RQ2", "RQ1", "DN100", 1.1),
        ("RQ3", "RQ2", "DN100", 1.4),
    ]
    intake = survey(workbook(tmp_path / "c.xlsx", 点=POINTS, 线=chain))
    found = by_id(intake)
    assert {"RQ2-RQ1", "RQ3-RQ2"} <= found.keys()
    assert "link_listed_once" not in intake.warnings


REJECTED: list[tuple[str, tuple[Any, ...], str, bool]] = [
    ("point_missing", ("RQ1", "RQ99"), "RQ1-RQ99", False),
    ("point_number_missing", ("RQ1", None), "a.xlsx/线表 5", False),
    ("line_zero_length", ("RQ1", "RQ1"), "RQ1-RQ1", True),
    ("point_doubled", ("RQ1", "RQ5"), "RQ1-RQ5", True),
    ("point_without_place", ("RQ1", "RQ6"), "RQ1-RQ6", False),
    ("outside_extent", ("RQ1", "RQ7"), "RQ1-RQ7", False),
]


@pytest.mark.parametrize(("code", "line", "name", "has_place"), REJECTED, ids=[case[0] for case in REJECTED])
def test_a_line_that_cannot_be_drawn_is_rejected_with_its_reason(
    tmp_path: Path, code: str, line: tuple[Any, ...], name: str, has_place: bool
) -> None:
    points = [
        *POINTS,
        ("RQ5", None, None, NORTH, EAST + 10, 2261.0),
        ("RQ5", None, None, NORTH + 5, EAST + 10, 2261.0),
        ("RQ6", None, None, 0, "-", 2261.0),
        ("RQ7", None, None, NORTH - 4_000_000, EAST, 2261.0),
    ]
    intake = survey(workbook(tmp_path / "a.xlsx", 点表=points, 线表=[*LINES, (*line, "RQ")]))
    assert intake.received == len(intake.assets) + len(intake.rejected) == 6
    (row,) = intake.rejected
    assert (row.code, row.source_id, row.number) == (code, name, 4)
    assert (row.box is not None) == has_place
    assert intake.warnings["points_unused"] >= 2


def test_lines_of_other_kinds_are_left_out_and_counted(tmp_path: Path) -> None:
    other = [("RQ1", "RQ3", kind, 1, 1, "铸铁", 300, None, None, None) for kind in ("JS", "电力", "GX")]
    intake = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=[*LINES, *other]))
    assert intake.warnings["line_of_another_kind"] == 2
    assert "RQ1-RQ3" in by_id(intake)  # a class nobody knows may be gas


def test_other_sheets_are_told_of(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", 说明=[("西宁市燃气管线普查",), ("2019年",)], 点表=POINTS, 线表=LINES)
    assert survey(book).warnings["sheet_not_read"] == 2


def test_what_a_depth_is_measured_to(tmp_path: Path) -> None:
    def lines(heading: str) -> list[Any]:
        return [("起点点号", "终点点号", "外径", heading), ("RQ1", "RQ3", 200, 1.0)]

    def cover(heading: str, map_text: str = "") -> tuple[Any, Any]:
        book = workbook(tmp_path / "a.xlsx", 点表=[*POINTS[:1], POINTS[1], POINTS[3]], 线表=lines(heading))
        (asset,) = survey(book, mapping=parse_mapping(map_text)).assets
        return asset.cover_m, asset.cover_most_m

    assert cover("管顶埋深") == (1.0, None)
    assert cover("管底埋深") == (0.8, None)
    assert cover("埋深(管中)") == (0.9, None)
    assert cover("埋深") == (0.8, 1.0)  # nobody said
    assert cover("埋深", '[defaults]\ncover_to = "bottom"') == (0.8, None)
    assert cover("管顶埋深(cm)") == (0.01, None) and cover("管顶埋深(m)") == (1.0, None)
    assert cover("管顶埋深", '[units]\ncover_m = "cm"') == (0.01, None)


def test_a_depth_that_contradicts_the_levels_is_unknown(tmp_path: Path) -> None:
    lines = [
        ("起点点号", "终点点号", "起点埋深", "起点管顶高程"),
        ("RQ1", "RQ3", 1.0, 2258.5),
        ("RQ3", "RQ4", 1.0, 2260.3),
    ]
    intake = survey(workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=lines))
    found = by_id(intake)
    assert found["RQ1-RQ3"].cover_m is None and intake.warnings["depth_contradicts_elevation"] == 1
    assert (found["RQ3-RQ4"].cover_m, found["RQ3-RQ4"].cover_most_m) == (1.0, None)  # so it was the top


def test_a_map_names_columns_by_their_headings(tmp_path: Path) -> None:
    lines = [("起点点号", "终点点号", "线号", "管道等级"), ("RQ1", "RQ3", "L-7", "二级")]
    mapping = parse_mapping(
        '[columns]\npressure_class = "管道等级"\n[values.pressure_class]\n"二级" = "MP-B"'
    )
    book = workbook(tmp_path / "a.xlsx", 点表=[POINTS[0], POINTS[1], POINTS[3]], 线表=lines)
    (asset,) = survey(book, mapping=mapping, id_field="线号").assets
    assert (asset.source_id, asset.pressure_class) == ("L-7", PressureClass.MP_B)
    assert survey(book, id_field="id").assets[0].source_id == "RQ1-RQ3"


@pytest.mark.parametrize(
    ("move", "said", "hint"),
    [
        ((0, -34_000_000), CRS, "EPSG:4543"),  # the prefix was cut
        ((0, 3_400_000_000), CRS, "stands twice"),  # and written twice
        ((0, 0), "EPSG:4543", "EPSG:4522"),
        ((-4_000_000, 0), CRS, "cut off"),  # X = 54 000
        ((EAST - NORTH, NORTH - EAST), CRS, "northing"),
    ],
)
def test_coordinates_cut_doubled_or_exchanged_are_refused(
    tmp_path: Path, move: tuple[float, float], said: str, hint: str
) -> None:
    points = [POINTS[0], *((*row[:3], row[3] + move[0], row[4] + move[1], row[5]) for row in POINTS[1:])]
    with pytest.raises(Refused) as refused:
        survey(workbook(tmp_path / "a.xlsx", 点表=points, 线表=LINES), crs=said)
    codes(refused.value)
    assert hint in refused.value.faults[0].en


def test_the_two_tables_must_both_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        survey(workbook(tmp_path / "a.xlsx", 点表=POINTS))
    assert codes(refused.value) == {"survey_tables_missing"} and "线表" in refused.value.faults[0].zh
    with pytest.raises(Refused) as refused:
        survey(text_table(tmp_path / "线.csv", LINES))
    assert codes(refused.value) == {"survey_tables_missing"} and "point table" in refused.value.faults[0].en


def test_a_survey_may_stand_beside_other_files(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[EAST, NORTH], [EAST + 9, NORTH]]}
    other = written(tmp_path, collection(feature(line, pressure_class="LP")))
    book = workbook(tmp_path / "a.xlsx", 点表=POINTS, 线表=LINES)
    assert survey(book, other).received == 6
    with pytest.raises(Refused) as refused:
        survey(book, book)
    assert codes(refused.value) == {"file_twice"}


def test_two_rows_of_headings_are_read_together_and_none_is_not_guessed() -> None:
    found = table_of(Sheet("x", LINKS, range(len(LINKS))))
    assert found is not None and found.first == 3 and found.has_places and found.has_links
    assert table_of(Sheet("x", [("a", "b"), (1, 2)], [1, 2])) is None


def test_45_000_rows_half_of_them_without_a_depth(tmp_path: Path) -> None:
    """Practice case 5: 0, "", "-" and 9.99 are no depths; each is counted."""
    nothing = (0, "", "-", 9.99)
    points: list[Any] = [("点号", "X", "Y")]
    lines: list[Any] = [("起点点号", "终点点号", "起点管顶埋深", "终点管顶埋深", "管径", "压力", "材质")]
    for number in range(45_001):
        points.append((f"RQ{number}", NORTH + number % 300 * 10, EAST + number // 300 * 10 + number % 2))
    for number in range(45_000):
        depth = 1.1 if number % 2 else nothing[number // 2 % 4]
        lines.append((f"RQ{number}", f"RQ{number + 1}", depth, depth, "De110", "中压B", "PE"))
    pair = text_table(tmp_path / "点.csv", points), text_table(tmp_path / "线.csv", lines, "gb18030")
    intake = survey(*pair)
    assert intake.received == len(intake.assets) == 45_000
    assert Counter(asset.cover_m for asset in intake.assets) == {1.1: 22_500, None: 22_500}
    counted = {code: count for code, count in intake.warnings.items() if code.startswith("cover_m")}
    assert counted == {"cover_m_missing": 11_250, "cover_m_unusable": 11_250}

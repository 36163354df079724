"""A proposed map says what is certain, and leaves what is not to a person: until then it is unknown, and counted."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import parse_mapping, proposal_text, propose_mapping
from ingest.networks.mapping import ColumnMap
from tests.ingest.dock import ON, collection, feature, line, network, written
from tests.ingest.surveys import LINES, POINTS, survey, workbook

PINYIN = [
    {"GJ": 200, "CZ": "PE", "YL": "中压A", "MS": 1.2, "MSFS": "直埋", "QDDH": "RQ1", "BSMS": "x", "MSRQ": "2012", "GXBH": 1},
    {"GJ": 0, "CZ": "钢", "YL": "中压C", "MS": 9.99, "MSFS": "直埋", "QDDH": "RQ2", "BSMS": None, "MSRQ": "1900-01-01", "GXBH": 2},
    {"GJ": 110, "CZ": "不详", "YL": "低压", "MS": None, "MSFS": "管沟", "QDDH": "RQ3", "BSMS": "", "MSRQ": "9999-12-31", "GXBH": 3},
]  # fmt: skip


def proposed(path: Path, language: Any = "en") -> str:
    return proposal_text(propose_mapping([path], encoding=None, on=ON), language)


def of_rows(folder: Path, *rows: dict[str, Any]) -> Path:
    return written(folder, collection(*(feature(line(dx=9.0 * at), **row) for at, row in enumerate(rows))))


def test_pinyin_columns_are_known_and_their_units_are_left_to_be_stated(tmp_path: Path) -> None:
    path = of_rows(tmp_path, *PINYIN)
    text = proposed(path)
    read = parse_mapping(text)
    assert read.columns == {"pressure_class": "YL", "material": "CZ", "laid_on": "MSRQ"}
    assert read.units == {} and read.values["pressure_class"] == {"中压C": ""}
    assert read.constants == {"diameter_basis": "", "cover_to": ""}
    for doubt in (
        '# diameter_mm = "GJ"',
        '# cover_m = "MS"',
        '1 of 3 values of "GJ" are 0: taken as unknown',
        '2 of 3 values of "MSRQ" cannot be used and are taken as unknown: "1900-01-01" x 1, "9999-12-31" x 1',
        '1 of 3 values of "CZ" cannot be used and are taken as unknown: "不详" x 1',
        'of 2 numbers of "GJ" are believable as mm 2, cm 2, m 0, in 1',
        '"MSFS": 3 of 3 filled, 2 different, such as "直埋", "管沟"',
        '"BSMS": 1 of 3 filled',
        '--id-field "GXBH": different in all 3 rows',
    ):
        assert doubt in text, doubt
    intake = network(path, mapping=read)
    assert [asset.diameter_mm for asset in intake.assets] == [None] * 3
    assert [asset.pressure_class for asset in intake.assets] == ["MP-A", None, "LP"]
    assert intake.warnings["diameter_mm_missing"] == 3


def test_what_a_person_then_states_is_read_with_both_bounds_of_what_is_still_open(tmp_path: Path) -> None:
    path = of_rows(tmp_path, *PINYIN)
    text = proposed(path)
    decided = text.replace('# diameter_mm = "GJ"', 'diameter_mm = "GJ"').replace(
        '# cover_m = "MS"', 'cover_m = "MS"'
    )
    decided = decided.replace('# diameter_mm = ""', 'diameter_mm = "mm"').replace(
        '# cover_m = ""', 'cover_m = "m"'
    )
    first = network(path, mapping=parse_mapping(decided)).assets[0]
    assert first.diameter_mm is not None and first.diameter_mm > 200  # 200 may be nominal or a bore
    assert first.cover_m == pytest.approx(1.2 - first.diameter_mm / 1000) and first.cover_most_m == 1.2


@pytest.mark.parametrize(
    ("rows", "unit"),
    [
        ([{"diameter": "110", "diameter_uom": "mm"}, {"diameter": None, "diameter_uom": None}], "mm"),
        ([{"diameter": 11, "diameter_uom": "cm"}, {"diameter": 0, "diameter_uom": "mm"}], "cm"),
        ([{"diameter_cm": 11}], "cm"),
        ([{"管径(mm)": 110}], "mm"),
        ([{"Diameter [mm]": 110}], "mm"),
    ],
)
def test_a_unit_is_taken_from_where_it_is_stated(
    tmp_path: Path, rows: list[dict[str, Any]], unit: str
) -> None:
    path = of_rows(tmp_path, *rows)
    read = parse_mapping(proposed(path))
    assert read.units == {"diameter_mm": unit} and "diameter_mm" in read.columns
    diameter_mm = network(path, mapping=read).assets[0].diameter_mm
    assert diameter_mm is not None and diameter_mm >= 110


@pytest.mark.parametrize(
    "rows",
    [
        [{"diameter": 110, "diameter_uom": "mm"}, {"diameter": 11, "diameter_uom": "cm"}],
        [{"diameter": 110, "diameter_uom": "mm"}, {"diameter": 11, "diameter_uom": None}],
        [{"diameter": 110, "diameter_uom": "thou"}],
        [{"diameter_mm_x": 1, "GJ": 110}],
        [{"PIPESIZE_M": 110}],  # ten characters: a Shapefile may have cut it off PIPESIZE_MM
    ],
)
def test_a_unit_that_is_not_the_same_in_all_rows_or_not_whole_is_none(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    read = parse_mapping(proposed(of_rows(tmp_path, *rows)))
    assert "diameter_mm" not in read.columns and "diameter_mm" not in read.units


def test_sizes_with_their_sign_need_no_unit(tmp_path: Path) -> None:
    path = of_rows(tmp_path, {"规格": "De110"}, {"规格": "DN100"})
    read = parse_mapping(proposed(path))
    assert read.columns == {"diameter_mm": "规格"} and not read.constants
    assert network(path, mapping=read).assets[0].diameter_mm == 110


def test_an_accuracy_and_a_standard_depth_are_never_taken_for_certain(tmp_path: Path) -> None:
    path = of_rows(
        tmp_path,
        {"accuracyXY": 0.1, "standard_cover": 1, "pressure": "4", "pressure_uom": "bar", "测量方式": "实测"},
    )
    text = proposed(path)
    assert parse_mapping(text).columns == {"pressure_class": "pressure"}
    assert (
        '# survey_class = "测量方式"' in text
        and '# uncertainty_m = "accuracyXY"' in text
        and "a standard, no measurement" in text
    )
    assert "the greatest pressure the pipe may run at" in text


def test_an_inner_diameter_is_one_by_its_name(tmp_path: Path) -> None:
    path = of_rows(tmp_path, {"inner_diameter_mm": 102.2, "type": "house_connection"}, {"type": "pipe"})
    read = parse_mapping(proposed(path))
    assert read.constants == {"diameter_basis": "inner"}
    assert read.values["kind"] == {"house_connection": "service", "pipe": ""}
    one, other = network(path, mapping=read).assets
    assert (
        one.diameter_mm and one.diameter_mm > 102.2 and (one.pipe_kind, other.pipe_kind) == ("service", None)
    )


def test_survey_tables_are_proposed_by_what_their_headings_came_to(tmp_path: Path) -> None:
    headings, *rows = LINES
    path = workbook(
        tmp_path / "t.xlsx",
        点=POINTS,
        线=[(*headings, "埋设方式", "GUID"), *((*row, "直埋", f"g{at}") for at, row in enumerate(rows))],
    )
    text = proposed(path, "zh")
    read = parse_mapping(text)
    assert {
        "cover_m",
        "cover_end_m",
        "cover_to",
        "pressure_class",
        "diameter_mm",
        "material",
    } <= read.columns.keys()
    assert "埋设方式" in text and '"材质"' not in text and '"起点点号"' not in text
    with_map, without = survey(path, mapping=read), survey(path)
    assert [asset.digest for asset in with_map.assets] == [asset.digest for asset in without.assets]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=14) | st.sampled_from(["GJ", "YL", "diameter", "diameter_uom", "MS", "kind", "TYPE"]),
            st.none() | st.text(max_size=9) | st.floats() | st.integers() | st.booleans() | st.lists(st.integers(), max_size=1),
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)  # fmt: skip
def test_whatever_is_in_a_file_its_proposal_can_be_read_and_imported(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = of_rows(tmp_path_factory.mktemp("any"), *rows)
    for language in ("en", "zh"):
        read = parse_mapping(proposed(path, language))
        assert isinstance(read, ColumnMap) and len(network(path, mapping=read).assets) == len(rows)

"""What a cell becomes: our word, our unit, or unknown and counted."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest import ColumnMap
from ingest.networks.columns import read_column, reader
from spatial.columns import Coded
from tests.ingest.dock import LINE, ON, collection, feature, network, written


def read(name: str, cell: Any) -> Any:
    return reader(name, None, ON)(cell)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("LP", "LP"), ("MP-B", "MP-B"), ("mp_a", "MP-A"), ("MPA", "MP-A"), ("shp-b", "SHP-B"), ("Shp A", "SHP-A"),
        ("HP-B", "HP-B"), ("hpa", "HP-A"), ("uhp", "UHP"), ("低压", "LP"), ("中压A", "MP-A"), ("中压 B", "MP-B"),
        ("次高压A", "SHP-A"), ("次高压(B)", "SHP-B"), ("高压B", "HP-B"), ("高压Ａ", "HP-A"), ("超高压", "UHP"),
        ("中压", "MP-A"), ("次高压", "SHP-A"), ("高压", "HP-A"), ("中压A级", "MP-A"), ("低压管道", "LP"), ("中压b", "MP-B"),
    ],
)  # fmt: skip
def test_pressure_classes_in_the_spellings_of_the_trade(said: str, meant: str) -> None:
    assert read("pressure_class", said) == (meant, None)


@pytest.mark.parametrize("said", ["0.4", "gasLageDruk", "压力", "A", 4, True, "中压C", ["LP"]])
def test_a_class_that_is_no_word_of_ours_is_unknown(said: Any) -> None:
    warnings: Counter[str] = Counter()
    assert list(
        read_column("pressure_class", Coded.of([said]), words={}, unit=None, on=ON, warnings=warnings)
    ) == [None]
    assert warnings == {"pressure_class_unusable": 1}


@pytest.mark.parametrize(
    "said",
    [0, 0.0, -110, 3001, 5, 0.11, "DN100/150", "DN9000", "1e9999", True, [110], b"110", 1e300, 10**400],
)
def test_a_diameter_nobody_can_believe_is_unknown(said: Any) -> None:
    warnings: Counter[str] = Counter()
    assert list(
        read_column("diameter_mm", Coded.of([said]), words={}, unit=None, on=ON, warnings=warnings)
    ) == [None]
    assert warnings == {"diameter_mm_unusable": 1}


@pytest.mark.parametrize("said", [None, "", " ", "-", "--", "——", "－", "无", "NULL", "<Null>", float("nan")])
@pytest.mark.parametrize("name", ["pressure_class", "diameter_mm", "cover_m", "laid_on", "material"])
def test_nothing_is_missing_whatever_it_is_called(name: str, said: Any) -> None:
    assert read(name, said) == (None, "missing")


@pytest.mark.parametrize("said", ["未知", "不详", "？", "Unknown", "onbekend"])
@pytest.mark.parametrize("name", ["pressure_class", "diameter_mm", "cover_m", "laid_on", "material"])
def test_a_word_for_unknown_is_told_from_a_blank(name: str, said: str) -> None:
    assert read(name, said) == (None, "unusable")


def test_no_default_and_no_blank_stands_in_for_what_somebody_does_not_know(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        collection(
            *(
                feature(LINE, survey_class=said, resurfaced_on=said, surveyed_on="2020")
                for said in ("", "未知")
            )
        ),
    )
    blank, unknown = network(path, mapping=ColumnMap(defaults={"survey_class": "cjj61"})).assets
    assert (blank.survey_class, unknown.survey_class) == ("cjj61", None)
    assert sum(t.metres for t in blank.uncertainty) < sum(t.metres for t in unknown.uncertainty)


@pytest.mark.parametrize("said", [0, "0", 0.0, 9.99, "9.99", 99.99, -1.2, 31, 9999, "1,2", "deep"])
def test_a_cover_nobody_can_believe_is_unknown(said: Any) -> None:
    assert read("cover_m", said) == (None, "unusable")


@pytest.mark.parametrize(
    ("said", "meant"), [(1.2, 1.2), ("1.2", 1.2), (" .9 ", 0.9), ("１.２", 1.2), (30, 30.0)]
)
def test_a_cover_is_read(said: Any, meant: float) -> None:
    assert read("cover_m", said) == (meant, None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2012-04-05", date(2012, 4, 5)), ("2012/4/5", date(2012, 4, 5)), ("20120405", date(2012, 4, 5)),
        (20120405, date(2012, 4, 5)), ("2012年4月5日", date(2012, 4, 5)),
        ("1974-06-27T02:00:00+02:00", date(1974, 6, 27)), ("1968-12-24 23:00:00+00:00", date(1968, 12, 24)),
    ],
)  # fmt: skip
def test_a_date_is_read_as_it_is_written(said: Any, meant: date) -> None:
    assert read("laid_on", said) == (meant, None)


@pytest.mark.parametrize(
    "said",
    [
        "9999-12-31",
        "2026-11-02",
        "2012-02-30",
        "1066-01-01",
        "1066",
        "2027",
        "spring",
        True,
        "1900-01-01",
        "1900/1/1",
        "1899-12-30",
    ],
)
def test_placeholder_and_future_dates_are_unknown(said: Any) -> None:
    assert read("laid_on", said) == (None, "unusable")


@pytest.mark.parametrize("said", ["1998", 1998, "1998年", "1998-01", "1998.1", "1998年1月"])
def test_of_a_year_or_a_month_the_first_day_is_taken_where_older_is_worse(said: Any) -> None:
    assert read("laid_on", said) == read("surveyed_on", said) == (date(1998, 1, 1), None)
    assert read("resurfaced_on", said) == (None, "unusable")  # the road may be younger than the survey


def test_half_of_45_000_rows_without_a_depth_are_counted_not_rejected(tmp_path: Path) -> None:
    covers = [1.1, 0, 1.1, "", 1.1, "-", 1.1, 9.99] * 500
    intake = network(written(tmp_path, collection(*[feature(LINE, cover_m=cover) for cover in covers])))
    assert len(intake.assets) == 4000 and not intake.rejected
    assert intake.warnings["cover_m_missing"] == 1000 and intake.warnings["cover_m_unusable"] == 1000


def test_an_absent_column_is_counted_where_its_absence_widens(tmp_path: Path) -> None:
    intake = network(written(tmp_path, collection(feature(LINE), feature(LINE))))
    assert intake.warnings == {"cover_m_missing": 2, "diameter_mm_missing": 2, "pressure_class_missing": 2}


def test_units_words_and_constants_of_a_map(tmp_path: Path) -> None:
    path = written(tmp_path, collection(feature(LINE, D=11, Z="MD"), feature(LINE, D="buis", Z="LP")))
    column_map = ColumnMap(
        columns={"diameter_mm": "d", "pressure_class": "Z"},
        values={"pressure_class": {"MD": "MP-B"}, "diameter_mm": {"buis": 63}},
        constants={"kind": "service", "cover_m": 0.8},
        units={"diameter_mm": "cm"},
    )
    first, second = network(path, mapping=column_map).assets
    assert (first.diameter_mm, second.diameter_mm) == (110.0, 63.0)
    assert (first.pressure_class, second.pressure_class) == ("MP-B", "LP")
    assert {first.pipe_kind, second.pipe_kind} == {"service"} and first.cover_m == 0.8


def test_an_unknown_survey_class_is_kept_and_warned_about(tmp_path: Path) -> None:
    intake = network(written(tmp_path, collection(feature(LINE, survey_class="guess"))))
    assert intake.assets[0].survey_class == "guess" and intake.warnings["survey_class_unknown"] == 1
    assert intake.assets[0].uncertainty[0].code == "pipe_unknown"

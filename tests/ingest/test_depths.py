"""What a network file says of depth and of its survey, and what of that is believed."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest import asset_digest, warning_text
from ingest.networks.mapping import parse_mapping
from spatial.errors import Refused
from spatial.values import Asset, NetworkIntake
from tests.ingest.dock import codes, collection, feature, line, network, written


def taken(folder: Path, *rows: dict[str, Any], mapping: str | None = None) -> NetworkIntake:
    features = [feature(line(dy=10.0 * number), **row) for number, row in enumerate(rows)]
    read = None if mapping is None else parse_mapping(mapping)
    return network(written(folder, collection(*features)), mapping=read)


def only(folder: Path, mapping: str | None = None, **row: Any) -> Asset:
    (asset,) = taken(folder, row, mapping=mapping).assets
    return asset


def depth_terms(asset: Asset) -> dict[str, float]:
    return {term.code: term.metres for term in asset.depth_uncertainty}


@pytest.mark.parametrize(
    ("row", "covers"),
    [
        ({"cover_m": 1.2}, (1.2, None)),
        ({"cover_m": 1.2, "cover_to": "top"}, (1.2, None)),
        ({"cover_m": 1.2, "cover_to": "管顶"}, (1.2, None)),
        ({"cover_m": 1.2, "cover_to": "管中", "diameter_mm": 200}, (1.1, None)),
        ({"cover_m": 1.2, "cover_to": "管底", "diameter_mm": 200}, (1.0, None)),
        ({"cover_m": 1.2, "cover_to": "bottom", "diameter_mm": 200}, (1.0, None)),
        # No diameter: MP is at most 630 mm, and may be thin.
        ({"cover_m": 1.2, "cover_to": "centre", "pressure_class": "MP-A"}, (0.885, 1.2)),
        ({"cover_m": 1.2, "cover_to": "bottom", "pressure_class": "MP-A"}, (0.57, 1.2)),
        ({"cover_m": 2.0, "cover_to": "bottom"}, (0.578, 2.0)),
        # A file that has the column and does not fill it: top or bottom, nobody knows.
        ({"cover_m": 1.2, "cover_to": "", "diameter_mm": 200}, (1.0, 1.2)),
        ({"cover_m": 1.2, "cover_to": "somewhere", "diameter_mm": 200}, (1.0, 1.2)),
        # Two ends, the deeper of either.
        ({"cover_m": 1.2, "cover_end_m": 0.9}, (0.9, 1.2)),
        ({"cover_m": 1.2, "cover_end_m": 1.2}, (1.2, None)),
        ({"cover_m": "-", "cover_end_m": 0.9}, (0.9, None)),
        ({"cover_m": 1.2, "cover_end_m": 9.99}, (1.2, None)),
        # A pipe above the ground is a mistake.
        ({"cover_m": 0.1, "cover_to": "bottom", "diameter_mm": 200}, (None, None)),
    ],
)
def test_cover_to_the_top(tmp_path: Path, row: dict[str, Any], covers: tuple[float | None, ...]) -> None:
    asset = only(tmp_path, **row)
    assert (asset.cover_m, asset.cover_most_m) == covers


def test_placeholders_of_depth_are_unknown_and_counted(tmp_path: Path) -> None:
    rows = [
        {"cover_m": depth, "cover_end_m": end, "depth_uncertainty_m": doubt, "cover_to": to}
        for depth, end, doubt, to in [
            (0, 0, 0, "?"), ("-", "-", "-", "-"), (9.99, 9.99, 9.99, "DN"), (1.0, 1.0, 0.2, "top"),
        ]
    ]  # fmt: skip
    intake = taken(tmp_path, *rows)
    assert [asset.cover_m for asset in intake.assets] == [None, None, None, 1.0]
    assert [depth_terms(asset) for asset in intake.assets] == [{}, {}, {}, {"depth_stated": 0.2}]
    assert intake.warnings["cover_m_unusable"] == intake.warnings["cover_end_m_unusable"] == 2
    assert intake.warnings["cover_m_missing"] == 1
    assert intake.warnings["depth_uncertainty_m_unusable"] == 1
    assert intake.warnings["cover_to_unusable"] == 2


@pytest.mark.parametrize(
    ("said", "profiled"),
    [
        ("yes", True), ("是", True), (True, True), (1, True), ("TRUE", True),
        ("no", False), ("否", False), (False, False), (0, False), ("", False), ("maybe", False), (None, False),
    ],
)  # fmt: skip
def test_profiled_is_only_what_says_so(tmp_path: Path, said: Any, profiled: bool) -> None:
    assert only(tmp_path, cover_m=1.2, cover_profiled=said).profiled is profiled


def test_an_end_nobody_knows_was_not_followed(tmp_path: Path) -> None:
    assert only(tmp_path, cover_m=1.2, cover_end_m=1.0, cover_profiled="yes").profiled
    assert not only(tmp_path, cover_m=1.2, cover_end_m="", cover_profiled="yes").profiled
    assert not only(tmp_path, cover_m="", cover_end_m=1.2, cover_profiled="yes").profiled
    assert not only(tmp_path, cover_m="", cover_profiled="yes").profiled


def test_a_profile_without_its_depths_is_said_and_counted(tmp_path: Path) -> None:
    rows = [
        {"cover_m": 1.2, "cover_end_m": 1.0, "cover_profiled": "yes"},
        {"cover_m": 1.2, "cover_end_m": "", "cover_profiled": "yes"},
        {"cover_m": 1.2, "cover_end_m": "", "cover_profiled": "no"},
    ]
    intake = taken(tmp_path, *rows)
    assert intake.warnings["profiled_without_depths"] == 1
    english, chinese = warning_text("profiled_without_depths")
    assert "cover_end_m" in english and "cover_end_m" in chinese


@pytest.mark.parametrize(
    ("row", "terms"),
    [
        ({"survey_class": "cjj61", "surveyed_on": "2020-05-01"}, {"depth_survey": 0.2867}),
        ({"survey_class": "cjj61"}, {"depth_survey": 0.2867, "survey_undated": 0.5}),
        ({"survey_class": "cjj61", "laid_on": "2010-05-01"}, {"depth_survey": 0.2867, "survey_age": 0.12}),
        ({"depth_uncertainty_m": 0.3}, {"depth_stated": 0.3}),
        ({"depth_uncertainty_m": 0.3, "ground_change_m": "-0.5"}, {"depth_stated": 0.3, "ground_changed": 0.5}),
        ({"depth_uncertainty_m": 0.3, "ground_change_m": 0}, {"depth_stated": 0.3}),
        # Asked, and not told how the ground changed: nothing is known of the depth.
        ({"depth_uncertainty_m": 0.3, "ground_change_m": ""}, {}),
        ({"depth_uncertainty_m": 0.3, "ground_change_m": 9.99}, {}),
        ({"depth_uncertainty_m": 0.3, "resurfaced_on": "2021-01-01"}, {}),
        ({"depth_uncertainty_m": 0.3, "surveyed_on": "2022-01-01", "resurfaced_on": "2021-01-01"}, {"depth_stated": 0.3}),
        ({"depth_uncertainty_m": 0.3, "surveyed_on": "2022-01-01", "resurfaced_on": ""}, {"depth_stated": 0.3}),
        # Rebuilt on a date nobody can read: it may have been yesterday.
        ({"depth_uncertainty_m": 0.3, "surveyed_on": "2022-01-01", "resurfaced_on": "last spring"}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_the_doubt_of_a_depth(tmp_path: Path, row: dict[str, Any], terms: dict[str, float]) -> None:
    assert depth_terms(only(tmp_path, cover_m=1.2, **row)) == pytest.approx(terms, abs=1e-4)


def test_a_cell_left_blank_that_takes_a_depth_away_is_counted(tmp_path: Path) -> None:
    """Else nobody would know why a depth stated with its doubt counts for nothing."""
    rows = [
        {"cover_m": 1.2, "depth_uncertainty_m": 0.3, "ground_change_m": change} for change in (0, "", None)
    ]
    assert taken(tmp_path, *rows).warnings["ground_change_m_missing"] == 2
    ends = [{"cover_m": 1.2, "cover_to": to} for to in ("top", "")]
    assert taken(tmp_path, *ends).warnings["cover_to_missing"] == 1
    assert (
        not {"cover_to_missing", "ground_change_m_missing"}
        & taken(tmp_path, {"cover_m": 1.2}).warnings.keys()
    )


def test_a_rebuilt_road_moves_the_pipe_in_plan_too(tmp_path: Path) -> None:
    unreadable = only(tmp_path, cover_m=1.2, surveyed_on="2022-01-01", resurfaced_on="last spring")
    assert {term.code for term in unreadable.uncertainty} == {"pipe_unknown", "road_rebuilt"}
    assert unreadable.resurfaced_on is None
    known = only(tmp_path, cover_m=1.2, surveyed_on="2020-01-01", resurfaced_on="2021-01-01")
    assert (known.surveyed_on, known.resurfaced_on) == (date(2020, 1, 1), date(2021, 1, 1))


DATASET = """
[defaults]
survey_class = "cjj61"
surveyed_on = 2020-06-30
cover_to = "centre"
cover_profiled = true
"""


def test_a_dataset_says_once_how_it_was_surveyed(tmp_path: Path) -> None:
    rows = [
        {"cover_m": 1.2, "diameter_mm": 200},
        {
            "cover_m": 1.2,
            "diameter_mm": 200,
            "survey_class": "ql-a",
            "cover_to": "top",
            "cover_profiled": "no",
        },
        {
            "cover_m": 1.2,
            "diameter_mm": 200,
            "survey_class": "-",
            "surveyed_on": "in the 80s",
            "cover_to": "?",
        },
    ]
    default, own, garbled = taken(tmp_path, *rows, mapping=DATASET).assets
    assert (default.cover_m, default.survey_class, default.surveyed_on) == (1.1, "cjj61", date(2020, 6, 30))
    assert default.profiled and depth_terms(default) == pytest.approx({"depth_survey": 0.2717}, abs=1e-4)
    assert (own.cover_m, own.survey_class, own.profiled) == (1.2, "ql-a", False)
    # A cell that says something nobody can use is unknown: the dataset's word does not stand in for it.
    assert (garbled.survey_class, garbled.surveyed_on) == ("cjj61", None)
    assert (garbled.cover_m, garbled.cover_most_m) == (1.0, 1.2)
    assert "survey_undated" in depth_terms(garbled)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[defaults]\ndiameter_mm = 200\n', "map_default"),
        ('[defaults]\nresurfaced_on = 2020-01-01\n', "map_default"),
        ('[defaults]\ncover_to = "somewhere"\n', "map_word_unknown"),
        ('[defaults]\nsurveyed_on = "soon"\n', "map_word_unknown"),
        ('[defaults]\nsurvey_class = "a"\n[constants]\nsurvey_class = "b"\n', "map_twice"),
        ('defaults = 1\n', "map_table_expected"),
        ('[units]\ncover_to = "cm"\n', "map_unit"),
    ],
)  # fmt: skip
def test_a_map_that_says_too_much_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_mapping(text)
    assert codes(refusal.value) == {code}


def test_both_ends_are_measured_in_one_unit(tmp_path: Path) -> None:
    assert only(tmp_path, '[units]\ncover_m = "cm"\n', cover_m=120, cover_end_m=90).cover_m == 0.9
    asset = only(tmp_path, '[units]\ncover_m = "cm"\ncover_end_m = "m"\n', cover_m=120, cover_end_m=0.9)
    assert (asset.cover_m, asset.cover_most_m) == (0.9, 1.2)


BEFORE = "448430c3f4d77909477cf1ff78af9733ba177e69b64ef0151e0fe0a85f9f4f2e"


def test_what_was_registered_before_depth_was_asked_for_keeps_its_digest(tmp_path: Path) -> None:
    said = {
        "pressure_class": "MP-A",
        "diameter_mm": 200,
        "cover_m": 1.2,
        "laid_on": "2012-04-05",
        "kind": "main",
    }
    assert only(tmp_path, **said).digest == BEFORE


@pytest.mark.parametrize(
    "more",
    [
        {"cover_end_m": 1.4},
        {"cover_profiled": "yes"},
        {"depth_uncertainty_m": 0.2},
        {"surveyed_on": "2020-01-01"},
        {"surveyed_on": "2020-01-01", "resurfaced_on": "2019-01-01"},
    ],
)
def test_whatever_is_said_of_depth_is_part_of_the_digest(tmp_path: Path, more: dict[str, Any]) -> None:
    bare, fuller = only(tmp_path, cover_m=1.2), only(tmp_path, cover_m=1.2, **more)
    assert bare.digest != fuller.digest
    assert fuller.digest == asset_digest(fuller)

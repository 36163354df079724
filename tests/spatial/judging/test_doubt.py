"""Doubt, term by term: what is stated wins, what is unknown takes the default, and terms add."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.judging.doubt import asset_depth_uncertainty, asset_uncertainty, site_uncertainty
from spatial.values import UncertaintyTerm
from tests.support.builders import make_profile

RULES = make_profile()
YEAR_2026 = date(2026, 6, 1)
LATELY = date(2025, 6, 1)


def of_asset(**about: Any) -> dict[str, float]:
    given = {
        "survey_class": None,
        "cover_m": None,
        "stated_m": None,
        "frame": "cgcs2000",
        "operation_accuracy_m": 0.0,
        "on": YEAR_2026,
    } | about
    return metres(asset_uncertainty(**given, profile=RULES))


def of_depth(**about: Any) -> dict[str, float]:
    given = {
        "survey_class": None,
        "cover_m": 1.5,
        "stated_m": None,
        "surveyed_on": LATELY,
        "laid_on": None,
        "resurfaced_on": None,
        "ground_change_m": None,
        "on": YEAR_2026,
    } | about
    return metres(asset_depth_uncertainty(**given, profile=RULES))


def of_site(**about: Any) -> dict[str, float]:
    given = {"stated_m": None, "frame": "cgcs2000", "operation_accuracy_m": 0.0, "on": YEAR_2026} | about
    return metres(site_uncertainty(**given, profile=RULES))


def metres(terms: tuple[UncertaintyTerm, ...]) -> dict[str, float]:
    assert all(term.source for term in terms)
    return {term.code: term.metres for term in terms}


@pytest.mark.parametrize(
    ("about", "terms"),
    [
        ({}, {"pipe_unknown": 2.0}),
        ({"survey_class": "rumour"}, {"pipe_unknown": 2.0}),
        ({"survey_class": ""}, {"pipe_unknown": 2.0}),
        ({"survey_class": " QL-A ", "surveyed_on": LATELY}, {"pipe_survey": 0.05}),
        ({"survey_class": "实测", "surveyed_on": LATELY}, {"pipe_survey": 0.10}),
        ({"survey_class": "cjj61"}, {"pipe_survey_no_depth": 2.0}),
        ({"survey_class": "cjj61", "cover_m": 0.1, "surveyed_on": LATELY}, {"pipe_survey": 0.1}),
        ({"survey_class": "探测", "cover_m": 1.289, "surveyed_on": LATELY}, {"pipe_survey": 0.2}),
        # A survey ages beyond ten years, 2 cm a year, up to half a metre; by its year alone.
        ({"survey_class": "ql-a", "surveyed_on": date(2016, 1, 1)}, {"pipe_survey": 0.05}),
        (
            {"survey_class": "ql-a", "surveyed_on": date(2015, 12, 31)},
            {"pipe_survey": 0.05, "survey_age": 0.02},
        ),
        (
            {"survey_class": "ql-a", "surveyed_on": date(1970, 1, 1)},
            {"pipe_survey": 0.05, "survey_age": 0.5},
        ),
        # It is no older than the pipe; without either date it is the oldest.
        (
            {"survey_class": "ql-a", "laid_on": date(2006, 1, 1)},
            {"pipe_survey": 0.05, "survey_age": 0.2},
        ),
        ({"survey_class": "ql-a"}, {"pipe_survey": 0.05, "survey_undated": 0.5}),
        # What is stated, and what is taken where nothing is known, stand for themselves.
        ({"stated_m": 0.3, "surveyed_on": date(1970, 1, 1)}, {"pipe_stated": 0.3}),
        ({"surveyed_on": date(1970, 1, 1)}, {"pipe_unknown": 2.0}),
        # A road rebuilt since the survey, or at a time that may have been since.
        (
            {"survey_class": "ql-a", "surveyed_on": LATELY, "resurfaced_on": LATELY},
            {"pipe_survey": 0.05, "road_rebuilt": 2.0},
        ),
        (
            {"survey_class": "ql-a", "surveyed_on": LATELY, "resurfaced_on": date(2024, 1, 1)},
            {"pipe_survey": 0.05},
        ),
        ({"stated_m": 0.3, "resurfaced_on": LATELY}, {"pipe_stated": 0.3, "road_rebuilt": 2.0}),
        (
            {"stated_m": 0.3, "laid_on": LATELY, "resurfaced_on": date(2024, 1, 1)},
            {"pipe_stated": 0.3},
        ),
        ({"survey_class": "ql-a", "stated_m": 0.7}, {"pipe_stated": 0.7}),
        ({"stated_m": 0.0}, {"pipe_stated": 0.0}),
        ({"operation_accuracy_m": 1.0}, {"pipe_unknown": 2.0, "datum_operation": 1.0}),
        ({"frame": "wgs84"}, {"pipe_unknown": 2.0, "wgs84_drift": 1.04}),
        ({"frame": "wgs84", "on": date(1999, 1, 1)}, {"pipe_unknown": 2.0, "wgs84_drift": 0.0}),
        ({"frame": "gcj02"}, {"pipe_unknown": 2.0, "gcj02_residual": 3.0, "wgs84_drift": 1.04}),
        ({"frame": "bd09"}, {"pipe_unknown": 2.0, "bd09_residual": 5.0, "wgs84_drift": 1.04}),
    ],
)
def test_a_pipe(about: dict[str, Any], terms: dict[str, float]) -> None:
    assert of_asset(**about) == pytest.approx(terms)


@pytest.mark.parametrize(
    ("about", "terms"),
    [
        ({}, {}),
        ({"survey_class": "rumour"}, {}),
        ({"survey_class": "cjj61", "cover_m": None}, {}),
        ({"stated_m": 0.4, "cover_m": None}, {}),
        # 0.15 h of the centre's depth, at least 1 m: 0.15 x (1.5 + 0.711).
        ({"survey_class": "CJJ61"}, {"depth_survey": 0.3316}),
        ({"survey_class": "cjj61", "cover_m": 0.2}, {"depth_survey": 0.15}),
        ({"survey_class": "ql-a"}, {"depth_survey": 0.05}),
        ({"survey_class": "ql-b"}, {"depth_survey": 0.5}),
        ({"survey_class": "ql-b", "stated_m": 0.4}, {"depth_stated": 0.4}),
        (
            {"survey_class": "ql-b", "surveyed_on": date(2011, 3, 1)},
            {"depth_survey": 0.5, "survey_age": 0.1},
        ),
        ({"survey_class": "ql-b", "surveyed_on": None}, {"depth_survey": 0.5, "survey_undated": 0.5}),
        ({"survey_class": "ql-a", "ground_change_m": -0.8}, {"depth_survey": 0.05, "ground_changed": 0.8}),
        ({"stated_m": 0.4, "ground_change_m": 0.8}, {"depth_stated": 0.4, "ground_changed": 0.8}),
        ({"stated_m": 0.4, "ground_change_m": 0.0}, {"depth_stated": 0.4}),
        ({"ground_change_m": 0.8}, {}),
        # After the road was rebuilt no depth says anything any more.
        ({"survey_class": "ql-a", "resurfaced_on": date(2026, 1, 1)}, {}),
        ({"stated_m": 0.4, "resurfaced_on": LATELY}, {}),
        ({"stated_m": 0.4, "surveyed_on": None, "resurfaced_on": date(1990, 1, 1)}, {}),
        ({"stated_m": 0.4, "resurfaced_on": date(2020, 1, 1)}, {"depth_stated": 0.4}),
    ],
)
def test_the_depth_of_a_pipe(about: dict[str, Any], terms: dict[str, float]) -> None:
    assert of_depth(**about) == pytest.approx(terms)


@given(
    st.sampled_from(sorted(RULES.uncertainty.survey_classes)),
    st.floats(0.3, 10),
    st.dates(date(1900, 1, 1), YEAR_2026),
    st.integers(0, 40_000),
)
def test_an_older_survey_or_an_undated_one_is_never_surer(
    survey_class: str, cover_m: float, surveyed_on: date, days: int
) -> None:
    about = {"survey_class": survey_class, "cover_m": cover_m}
    older = date.fromordinal(max(surveyed_on.toordinal() - days, 1))
    for doubt in (of_asset, of_depth):
        dated = sum(doubt(**about, surveyed_on=surveyed_on).values())
        assert sum(doubt(**about, surveyed_on=older).values()) >= dated
        assert sum(doubt(**about, surveyed_on=None).values()) >= dated
        assert sum(doubt(**about, surveyed_on=None, laid_on=older).values()) >= dated


@pytest.mark.parametrize(
    ("about", "terms"),
    [
        ({}, {}),
        ({"stated_m": 0.5}, {"site_stated": 0.5}),
        ({"frame": "wgs84"}, {"site_receiver": 5.0, "wgs84_drift": 1.04}),
        ({"frame": "wgs84", "stated_m": 1.0}, {"site_stated": 1.0, "wgs84_drift": 1.04}),
        ({"frame": "gcj02"}, {"site_receiver": 5.0, "gcj02_residual": 3.0, "wgs84_drift": 1.04}),
        ({"frame": "cgcs2000", "operation_accuracy_m": 0.3}, {"datum_operation": 0.3}),
    ],
)
def test_a_site(about: dict[str, Any], terms: dict[str, float]) -> None:
    assert of_site(**about) == pytest.approx(terms)


def test_a_default_nobody_confirmed_says_so() -> None:
    (term,) = asset_uncertainty(
        survey_class=None,
        cover_m=None,
        stated_m=None,
        frame="cgcs2000",
        operation_accuracy_m=0.0,
        on=YEAR_2026,
        profile=RULES,
    )
    assert not term.verified

"""Doubt, term by term: what is stated wins, what is unknown takes the default, and terms add."""

from datetime import date
from typing import Any

import pytest

from spatial.doubt import asset_uncertainty, site_uncertainty
from spatial.values import UncertaintyTerm
from tests.support.builders import make_profile

RULES = make_profile()
YEAR_2026 = date(2026, 6, 1)


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
        ({"survey_class": " QL-A "}, {"pipe_survey": 0.05}),
        ({"survey_class": "实测"}, {"pipe_survey": 0.10}),
        ({"survey_class": "cjj61"}, {"pipe_survey_no_depth": 2.0}),
        ({"survey_class": "cjj61", "cover_m": 0.1}, {"pipe_survey": 0.1}),
        ({"survey_class": "探测", "cover_m": 1.289}, {"pipe_survey": 0.2}),
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

"""What the risk map says of a county: nothing unknown reads as nought, nothing ever as clear."""

import re
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numbers
from shapely.geometry import MultiPolygon

from maps.risk import sheet as risk_sheet
from maps.risk.shapes import NARROWEST_M, county_shapes, on_paper, prefecture_borders
from maps.risk.spread import spread
from maps.risk.view import RiskView, Tally
from maps.risk.words import WORDS
from spatial.ground import area_km2
from spatial.words import Grade
from tests.maps.risk_scene import DAY, NOTHING, XINING, busy, make_risk, tally


def row_of(code: str, view: RiskView, language: str = "zh") -> risk_sheet.Row:
    return next(row for row in risk_sheet.table(view, language) if row.code == code)  # type: ignore[arg-type]


def test_a_county_without_a_register_has_no_noughts_for_conflicts() -> None:
    row = row_of("632701", make_risk({"632701": {"tally": tally(cannot_tell=2)}}))
    assert row.grades == ("—",) * 4 and row.register == "无登记" and row.uncovered == "100%"
    assert row.cannot_tell == "2" and row.tint == risk_sheet.UNDECIDED_TINT


def test_a_county_with_a_register_tells_its_age_in_days() -> None:
    view = make_risk(
        {"630102": {"register_as_of": date(2026, 9, 1), "tally": tally({"II": 3}, 2, conflict=3)}}
    )
    row = row_of("630102", view)
    assert row.grades == ("0", "3", "0", "0") and row.register == "2026-09-01（83 天）"
    assert row_of("630102", view, "en").register == "2026-09-01 (83 d)"


def test_an_assumed_extent_is_told_apart() -> None:
    view = make_risk({"630102": {"register_as_of": DAY, "only_assumed": True}})
    assert "推定" in row_of("630102", view).register


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, "100%"), (0.99999, ">99.9%"), (0.9989, "99.9%"), (0.5, "50.0%"), (0.0004, "<0.1%"), (0.0, "0%")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, said: str) -> None:
    assert row_of("630102", make_risk({"630102": {"uncovered_share": share}})).uncovered == said


def test_the_worst_grade_colours_a_county_and_green_colours_none() -> None:
    assert risk_sheet.tint(tally({"IV": 9, "I": 1})) == risk_sheet.TINTS[Grade.I]
    assert risk_sheet.tint(tally(clear=5)) == risk_sheet.tint(NOTHING) == risk_sheet.PAPER_TINT
    for colour in (*risk_sheet.TINTS.values(), risk_sheet.UNDECIDED_TINT, risk_sheet.PAPER_TINT):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert green <= max(red, blue), colour


def test_every_mark_has_a_shape_of_its_own_and_counts() -> None:
    signs = risk_sheet.marks(tally({"I": 1, "II": 2, "III": 3, "IV": 4}, pending=1, cannot_tell=2))
    assert [sign.count for sign in signs] == [1, 2, 3, 4, 3]
    assert len({sign.shape for sign in signs}) == 5


def test_what_lies_outside_is_counted_apart_and_said() -> None:
    view = make_risk(outside=tally({"II": 1}, 1, conflict=1))
    *_, outside, total = risk_sheet.table(view, "zh")
    assert outside.grades == ("0", "1", "0", "0") == total.grades
    assert any("1 个在办许可不在本省界线内" in note for note in risk_sheet.notes(view, "zh"))
    assert len(risk_sheet.table(make_risk(), "zh")) == 46


def test_the_notes_name_the_source_of_the_borders_and_who_may_be_anywhere() -> None:
    notes = risk_sheet.notes(make_risk(unbounded=("某燃气",)), "zh")
    assert any("天地图" in note for note in notes) and any(
        "1 家燃气企业未申明服务范围" in note for note in notes
    )
    assert not any("某燃气" in note for note in notes), (
        "no foreign text: notes are also drawn into the picture"
    )


def test_every_sentence_is_there_in_both_languages() -> None:
    for name, (chinese, english) in WORDS.items():
        assert chinese and english.isascii(), name
        assert set(re.findall(r"{(\w+)}", chinese)) == set(re.findall(r"{(\w+)}", english)), name
        assert "安全" not in chinese


def test_a_name_stands_in_its_county_and_a_prefecture_is_drawn_round_its_counties() -> None:
    shapes = county_shapes(make_risk())
    assert all(shape.borders.contains(shapely.Point(shape.label)) for shape in shapes)
    assert len(prefecture_borders(make_risk(), shapes)) == 8


def test_only_vouched_ground_escapes_the_hatch() -> None:
    view = make_risk()
    for risk, shape in zip(view.counties, county_shapes(view), strict=True):
        hidden = shape.borders.difference(shape.bare)
        assert hidden.difference(XINING.union(view.vouched)).area < 1e-9, risk.county.name
    whole = make_risk(vouched=MultiPolygon([shapely.box(85, 30, 105, 41)]))
    assert all(shape.bare.is_empty for shape in county_shapes(whole))


def test_a_coverage_drawn_narrowly_round_a_pipe_does_not_show() -> None:
    """No pipe on this map, not even as the hole of a hatch."""
    pipe = shapely.LineString([(101.6, 36.6), (101.75, 36.63), (101.9, 36.6)])
    corridor = pipe.buffer(NARROWEST_M * 0.45 / 111_000)
    for shape in county_shapes(make_risk(vouched=MultiPolygon([corridor]))):
        assert shape.bare.equals(shape.borders)


def test_the_paper_keeps_areas_true() -> None:
    for shape in county_shapes(make_risk()):
        assert on_paper(shape.borders).area / 1e6 == pytest.approx(area_km2(shape.borders), rel=2e-4)


boxes = numbers.arrays(np.float64, (12, 4), elements=st.floats(1, 60))


@given(boxes)
def test_names_are_moved_apart(words: np.ndarray) -> None:
    points, widths, heights = words[:, :2] * 10, words[:, 2] / 4 + 5, np.full(12, 4.0)
    moved = spread(points, widths, heights)
    assert np.array_equal(moved, spread(points, widths, heights))
    away = np.abs(moved[:, None] - moved[None])
    for one in range(12):
        for other in range(one):
            apart = away[one, other] / [
                (widths[one] + widths[other]) / 2,
                (heights[one] + heights[other]) / 2,
            ]
            assert apart.max() > 0.9


def test_names_with_room_stay_where_they_are() -> None:
    points = np.asarray([[0.0, 0.0], [100.0, 0.0], [0.0, 50.0]])
    assert np.array_equal(spread(points, np.full(3, 20.0), np.full(3, 10.0)), points)


def test_a_tally_adds_up() -> None:
    view = busy()
    assert view.total.permits == sum(risk.tally.permits for risk in view.counties) + view.outside.permits
    assert Tally({}, {}, 0).worst is None and view.total.worst is Grade.I

"""Survey tables with anything in them: no line is lost, and nothing but a refusal ever ends a reading."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial.errors import Refused
from tests.ingest.dock import codes
from tests.ingest.surveys import EAST, NORTH, survey, text_table, workbook

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NUMBERS = st.sampled_from(["RQ1", "RQ2", "RQ3", "RQ4", "RQ9", "", "-", None, 7, 7.0, "RQ1,RQ2"])
CELLS = st.sampled_from(
    [None, "", "-", "/", 0, 1.2, 9.99, -1, "DN100", "De110", "100X50", "中压", "0.4MPa", "RQ", "JS", "2019",
     "9999-12-31", "#N/A", 1e300, "１.２"]
) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=6)  # fmt: skip
OFFSETS = st.floats(-500, 500).map(lambda metres: round(metres, 2))
PLACES = st.tuples(
    OFFSETS.map(lambda d: NORTH + d) | st.sampled_from([None, "x", 0, 54_000.0, "inf"]),
    OFFSETS.map(lambda d: EAST + d) | st.sampled_from([None, "nan", 480_000.0, 1e300]),
)
POINTS = st.lists(st.tuples(NUMBERS, PLACES, CELLS, NUMBERS, CELLS), max_size=12)
LINES = st.lists(st.tuples(NUMBERS, NUMBERS, *[CELLS] * 5), max_size=12)
SOUND = [("RQ101", NORTH, EAST, 1.0, None, None), ("RQ102", NORTH, EAST + 30, 1.0, None, None)]
LINE_HEADINGS = ("起点点号", "终点点号", "管线类别", "起点埋深", "管径", "压力", "埋设日期")


def filled(row: Any) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


@QUICK
@given(POINTS, LINES)
def test_every_line_is_accepted_or_rejected_or_of_another_kind(
    tmp_path: Path, points: Any, lines: Any
) -> None:
    placed = [(number, *place, depth) for number, place, depth, *_ in points]
    intake = survey(
        text_table(tmp_path / "点.csv", [("点号", "X", "Y", "埋深"), *SOUND, *placed]),
        text_table(tmp_path / "线.csv", [LINE_HEADINGS, ("RQ101", "RQ102"), *lines]),
    )
    assert intake.received == len(intake.assets) + len(intake.rejected)
    left_out = intake.warnings.get("line_of_another_kind", 0)
    assert intake.received + left_out == 1 + sum(map(filled, lines))
    assert all(row.en and row.zh for row in intake.rejected)


@QUICK
@given(POINTS)
def test_links_and_what_stands_at_points_are_accepted_or_rejected(tmp_path: Path, points: Any) -> None:
    headings = ("点号", "X", "Y", "埋深", "连接点号", "附属物")
    placed = [(number, *place, depth, link, what) for number, place, depth, link, what in points]
    ends = [(*SOUND[0][:4], "RQ102", None), (*SOUND[1][:4], "RQ101", None)]
    try:
        intake = survey(workbook(tmp_path / "a.xlsx", 成果表=[headings, *ends, *placed]))
    except Refused as refused:
        codes(refused)
    else:
        assert intake.received == len(intake.assets) + len(intake.rejected) >= 1

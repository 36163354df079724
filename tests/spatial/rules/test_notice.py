"""When a dig may start: China's working days, counted so that the day named is never too early."""

import ast
import string
from datetime import date, datetime, timedelta, timezone
from importlib import resources
from typing import Any

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import Refused
from spatial.rules.notice import EarliestStart, cautious_working_day, earliest_start, is_working_day
from spatial.saying.texts import NOTICES, say
from spatial.words import PermitKind
from tests.support.builders import make_profile

CHINA = timezone(timedelta(hours=8))
DAY = timedelta(days=1)
RULES = make_profile()


def filed(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def start_of(text: str, starts_on: str = "2026-01-01", **about: Any) -> EarliestStart:
    return earliest_start(filed(text), date.fromisoformat(starts_on), RULES, **about)


def test_a_filing_on_friday_evening_for_tuesday_is_told_wednesday_and_whom_to_phone() -> None:
    told = start_of("2026-11-20T17:40", "2026-11-24")  # a Friday
    assert told.too_early and told.earliest_on == date(2026, 11, 25)
    assert told.counted_from == date(2026, 11, 23)
    assert not told.verified, "nobody has confirmed the three days for Qinghai"
    chinese, english = say(told.reasons[0], "zh"), say(told.reasons[0], "en")
    assert "2026-11-25" in chinese and "致电" in chinese and chinese.endswith("（尚待核实）")
    assert "2026-11-25" in english and "phone" in english and english.endswith("(unverified)")


@pytest.mark.parametrize(
    ("filed_at", "earliest", "why"),
    [
        ("2026-11-16T09:00", "2026-11-19", "a plain week: Monday is not counted, then three days"),
        ("2026-11-16T23:59", "2026-11-19", "the hour of the day of filing does not matter"),
        ("2026-11-21T10:00", "2026-11-25", "a Saturday"),
        # Spring Festival 2026: free 15 - 23 February, worked on Saturdays 14 and 28.
        ("2026-02-11T10:00", "2026-02-14", "Thursday, Friday and the worked Saturday"),
        ("2026-02-13T10:00", "2026-02-25", "the worked Saturday, then Tuesday and Wednesday after nine days"),
        ("2026-02-25T10:00", "2026-02-28", "Thursday, Friday and the worked Saturday after"),
        # National Day 2026: free 1 - 7 October, worked on Sunday 20 September and Saturday 10 October.
        ("2026-09-18T10:00", "2026-09-22", "the worked Sunday counts"),
        ("2026-09-29T10:00", "2026-10-09", "one day before the holidays, two after"),
        ("2026-10-07T10:00", "2026-10-10", "the worked Saturday after the holidays"),
        # Mid-Autumn 2026: 25 - 27 September.
        ("2026-09-23T10:00", "2026-09-29", "Mid-Autumn Friday is free"),
        # New Year 2026: free 1 - 3 January, worked on Sunday the 4th.
        ("2025-12-31T10:00", "2026-01-06", "the worked Sunday is day one"),
    ],
)
def test_working_days_are_those_of_the_state_council(filed_at: str, earliest: str, why: str) -> None:
    told = start_of(filed_at)
    assert told.earliest_on == date.fromisoformat(earliest), why
    assert [reason["code"] for reason in told.reasons] in (["start_too_early"], ["start_in_time"])


def test_new_year_of_a_year_without_a_notice_is_counted_late_and_said_to_be() -> None:
    told = start_of("2028-12-27T10:00", "2029-01-03")
    assert told.earliest_on is not None and told.earliest_on >= date(2029, 1, 5)
    assert told.too_early and not told.verified
    provisional = told.reasons[-1]
    assert provisional["code"] == "calendar_provisional" and provisional["years"] == [2028, 2029]
    assert "2029" in say(provisional, "zh") and "2029" in say(provisional, "en")


def test_the_last_days_of_a_known_year_wait_for_the_notice_of_the_next() -> None:
    known = max(day.year for day in country_holidays("CN", years=range(2020, 2060)).weekend_workdays)
    told = start_of(f"{known}-12-28T10:00", f"{known + 1}-02-01")
    assert told.reasons[-1]["code"] == "calendar_provisional"
    assert told.reasons[-1]["years"] == [known + 1]
    assert not is_working_day(date(known, 12, 31)), "a notice has freed 31 December before (2018)"
    assert all(
        reason["code"] != "calendar_provisional" for reason in start_of(f"{known}-12-01T10:00").reasons
    )


def test_a_cautious_count_never_uses_a_day_that_turned_out_free() -> None:
    """Every year with a notice, counted as if there had been none. 3 September 2015 was decreed in May 2015."""
    decreed = {date(2015, 9, 3), date(2015, 9, 4)}
    official = country_holidays("CN", years=range(2007, 2028))
    day, counted, last = date(2008, 1, 1), 0, date(2026, 12, 24)
    while day <= last:
        if cautious_working_day(day):
            counted += 1
            assert official.is_working_day(day) or day in decreed, day
        day += DAY
    assert counted > 19 * 200, "caution that leaves no days would pass as well"


@given(
    filed_at=st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)),
    days=st.integers(0, 10),
    ahead=st.integers(-5, 60),
)
def test_no_fewer_working_days_than_promised_lie_before_the_start(
    filed_at: datetime, days: int, ahead: int
) -> None:
    profile = make_profile({"reply.working_days": days})
    starts_on = filed_at.date() + DAY * ahead
    told = earliest_start(filed_at.replace(tzinfo=CHINA), starts_on, profile)
    assert told.earliest_on is not None and told.counted_from is not None
    span = (told.earliest_on - filed_at.date()).days
    between = [filed_at.date() + DAY * step for step in range(1, span + 1)]
    assert sum(map(is_working_day, between)) == days
    assert not between or is_working_day(told.earliest_on), "it is the first such day"
    assert told.too_early == (starts_on < told.earliest_on)
    later = earliest_start((filed_at + DAY).replace(tzinfo=CHINA), starts_on, profile)
    assert later.earliest_on is not None and later.earliest_on >= told.earliest_on
    assert not set(told.document()) - {
        "date", "starts_on", "working_days", "counted_from", "too_early", "reasons", "verified",
    }  # fmt: skip


@given(st.dates(date(2008, 1, 1), date(2090, 12, 31)))
def test_a_notice_only_ever_moves_a_start_forward(day: date) -> None:
    """What counts without a notice counts with one: so the day named before it is published is no earlier."""
    assert not cautious_working_day(day) or day.weekday() < 5
    if cautious_working_day(day) and day not in (date(2015, 9, 3), date(2015, 9, 4)):
        assert is_working_day(day)


def test_an_emergency_starts_at_once_and_the_paper_follows() -> None:
    told = start_of("2026-11-20T23:40", "2026-11-20", kinds=(PermitKind.EMERGENCY,))
    assert told.earliest_on == date(2026, 11, 20) and not told.too_early and not told.verified
    assert "24 小时" in say(told.reasons[0], "zh") and "24 hours" in say(told.reasons[0], "en")
    silent = make_profile({"emergency": {}})
    told = earliest_start(filed("2026-11-20T23:40"), date(2026, 11, 20), silent, (PermitKind.EMERGENCY,))
    assert told.reasons[0]["code"] == "emergency_at_once" and told.verified


def test_one_ordinary_site_makes_the_whole_permit_wait_and_a_design_may_never_start() -> None:
    mixed = start_of("2026-11-20T10:00", "2026-11-20", kinds=(PermitKind.EMERGENCY, PermitKind.NORMAL))
    assert mixed.too_early
    unsaid = start_of("2026-11-20T10:00", "2026-11-20", kinds=())
    assert unsaid.too_early
    design = start_of("2026-11-20T10:00", "2026-12-20", kinds=(PermitKind.DESIGN, PermitKind.EMERGENCY))
    assert design.earliest_on is None and design.too_early and design.document()["date"] is None


def test_a_confirmed_time_to_answer_says_nothing_of_doubt() -> None:
    sure = make_profile({"reply.verified": True})
    told = earliest_start(filed("2026-11-20T10:00"), date(2026, 11, 30), sure)
    assert told.verified and not told.too_early and "unverified" not in say(told.reasons[0], "en")
    assert not earliest_start(filed("2028-11-20T10:00"), date(2028, 11, 30), sure).verified, "no calendar yet"


@pytest.mark.parametrize("when", [datetime(2026, 11, 20), datetime(1999, 1, 1, tzinfo=CHINA)])
def test_a_time_that_cannot_be_counted_from_is_refused(when: datetime) -> None:
    with pytest.raises(Refused) as refused:
        earliest_start(when, date(2026, 11, 30), RULES)
    assert refused.value.faults[0].code == "filing_time"


def test_every_code_of_the_notice_has_a_text_in_both_languages_and_no_text_is_idle() -> None:
    tree = ast.parse((resources.files("spatial.rules") / "notice.py").read_text(encoding="utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in NOTICES}
    assert said == set(NOTICES)
    for code, (chinese, english) in NOTICES.items():
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (chinese, english)
        ]
        assert fields[0] == fields[1], code
        assert english.isascii() and "安全" not in chinese

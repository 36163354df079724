"""Whoever files too late hears it with the answer: the earliest start, and whom to phone to be faster."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from api.notice import start_of
from api.settings import today
from spatial.values import Contact, PermitParties
from spatial.words import PermitKind, PermitStatus
from sql.vault import PermitRecord
from tests.api.conftest import Predig, Write, collection
from tests.api.town import AT_THE_MAIN, CRS, FIRM, days, declare_all
from tests.support.builders import make_profile, make_site


def test_a_filing_for_today_is_told_the_earliest_start_and_the_duty_phone(
    predig: Predig, said: Predig, write: Write
) -> None:
    declare_all(predig, write)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    answer = predig("file", plan, *CRS, *FIRM, *days(starts=0, ends=60)).lines[0]
    start = answer["earliest_start"]
    assert start["too_early"] and start["date"] > today().isoformat()
    assert start["working_days"] == 3 and start["verified"] is False
    assert start["call"] == [{"utility": "GAS", "name": "某燃气", "phone": "0971-1"}]

    chinese = said("file", plan, *CRS, *FIRM, *days(starts=0, ends=60), language="zh")
    assert f"最早可于 {start['date']} 开工" in chinese.err and "某燃气：0971-1" in chinese.err
    assert "尚待核实" in chinese.err
    shown = said("show", answer["id"])
    assert f"the earliest start is {start['date']}" in shown.err


def test_a_filing_in_good_time_is_told_nothing_of_it_but_can_be_asked(
    predig: Predig, said: Predig, write: Write
) -> None:
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    filed = said("file", plan, *CRS, *FIRM, *days(starts=40, ends=60))
    assert filed.code == 0 and "earliest" not in filed.err
    (permit,) = predig("show").lines
    start = predig("show", permit["id"]).lines[0]["earliest_start"]
    assert not start["too_early"] and start["reasons"][0]["code"] == "start_in_time"


def test_a_design_may_not_start_and_an_emergency_need_not_wait(
    predig: Predig, said: Predig, write: Write
) -> None:
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    design = said("file", plan, *CRS, *FIRM, *days(starts=0, ends=60), "--kind", "design")
    assert "file the dig itself" in design.err
    emergency = said("file", plan, *CRS, *FIRM, *days(starts=0, ends=60), "--kind", "emergency")
    assert emergency.code == 0 and "too early" not in emergency.err


def permit(**about: object) -> PermitRecord:
    filed = PermitRecord(
        "p",
        PermitParties("t", date(2026, 11, 17), date(2026, 12, 1), Contact("f")),
        "rules",
        (make_site(),),
        PermitStatus.PENDING,
        datetime(2026, 11, 15, 17, 0, tzinfo=UTC),
        (),
    )
    return replace(filed, **about)


def test_days_are_counted_in_china_whatever_zone_the_database_speaks() -> None:
    told = start_of(permit(), make_profile())
    assert told.counted_from == date(2026, 11, 17)  # 17:00 UTC on Sunday is Monday there: Tuesday is day one
    assert told.earliest_on == date(2026, 11, 19)


def test_an_amendment_starts_the_count_anew() -> None:
    amended = permit(amended_at=datetime(2026, 11, 15, 17, 0, tzinfo=UTC) + timedelta(days=4), amendment=1)
    assert start_of(amended, make_profile()).earliest_on == date(2026, 11, 25)


@pytest.mark.parametrize(("kinds", "waits"), [("emergency", False), ("normal", True)])
def test_the_kind_of_the_sites_decides_whether_anyone_waits(kinds: str, waits: bool) -> None:
    site = replace(make_site(), kind=PermitKind(kinds))
    assert start_of(permit(sites=(site,)), make_profile()).too_early is waits


def test_a_permit_nobody_could_judge_hears_of_its_start_too(
    predig: Predig, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no judge today")

    monkeypatch.setattr("api.cli.filing.screen_permit", broken)
    plan = write("plan.geojson", collection(AT_THE_MAIN))
    answer = predig("file", plan, *CRS, *FIRM, *days(starts=0, ends=60))
    assert answer.code == 0 and answer.lines[0]["earliest_start"]["too_early"]
    assert "the earliest start is" in answer.err

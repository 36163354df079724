"""From what day a filed dig may start: the time to answer, counted in China's working days.

How days are counted. The day of filing is never counted (Civil Code art. 201), so it does not matter at
what hour of it a plan came in; the first working day after it is day one, and the earliest start is the
last day the utility has to answer. Filed on a Friday with three working days: Wednesday - if the answer is
there. Working days are those of the State Council's yearly notice, as the library `holidays` keeps them:
weekends, holidays, and the weekends worked in exchange.

A year whose notice the library does not know is counted so that the date cannot be too early: no weekend is
worked, and every day round a statutory festival that past notices have ever freed counts as free.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from holidays import country_holidays

from spatial.errors import Refused
from spatial.rules.profile import RuleProfile
from spatial.words import PermitKind

FIRST_YEAR, LAST_YEAR = 2008, 2099
"""Today's festivals date from 2008; the lunar calendar of the library ends in 2099."""

FREED_ROUND: Mapping[str, tuple[int, int]] = {
    "元旦": (-3, 2),
    "春节": (-5, 8),
    "清明节": (-2, 2),
    "劳动节": (-3, 5),
    "端午节": (-2, 2),
    "中秋节": (-3, 2),
    "国庆节": (-5, 8),
}
"""Statutory festival -> days before and after any of its days that a notice may free. Wider than every notice
of 2008 to 2026; a test counts them all again."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EarliestStart:
    """When a filed dig may start. Days are Asia/Shanghai calendar days.

    earliest_on: None when no start follows from this filing (a design query). counted_from: day one of the
    time to answer; None where none is counted. reasons: entries for spatial.saying.texts.say, the first says it
    all. verified: False when a number in it is a default nobody has confirmed.
    """

    earliest_on: date | None
    starts_on: date
    working_days: int
    counted_from: date | None
    too_early: bool
    reasons: tuple[Mapping[str, Any], ...]
    verified: bool

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "date": _iso(self.earliest_on),
            "starts_on": self.starts_on.isoformat(),
            "working_days": self.working_days,
            "counted_from": _iso(self.counted_from),
            "too_early": self.too_early,
            "reasons": [dict(reason) for reason in self.reasons],
            "verified": self.verified,
        }


def earliest_start(
    filed_at: datetime,
    starts_on: date,
    profile: RuleProfile,
    kinds: Collection[PermitKind] = (PermitKind.NORMAL,),
) -> EarliestStart:
    """The first day on which a dig filed at `filed_at` for `starts_on` may start.

    filed_at: aware, in Asia/Shanghai. kinds: of the permit's sites; the strictest counts: one design site
    and nothing may start, one ordinary site and the time to answer runs.
    :raises Refused: `filing_time` (no time zone, or a year without a calendar).
    """
    if filed_at.tzinfo is None or not FIRST_YEAR < filed_at.year < LAST_YEAR:
        raise Refused.because(
            "filing_time",
            en=f"{filed_at.isoformat()} needs a time zone and a year from {FIRST_YEAR + 1} to {LAST_YEAR - 1}",
            zh=f"备案时间 {filed_at.isoformat()} 须带时区，年份须在 {FIRST_YEAR + 1} 至 {LAST_YEAR - 1} 之间",
        )
    filed_on = filed_at.date()
    days, verified = profile.reply_working_days, profile.reply_verified
    if PermitKind.DESIGN in kinds:
        return EarliestStart(None, starts_on, days, None, True, ({"code": "design_no_start"},), True)
    if kinds and all(kind is PermitKind.EMERGENCY for kind in kinds):
        return _emergency(filed_on, starts_on, profile)

    counted = _working_days_after(filed_on, days) or [filed_on]
    counted_from, earliest_on = counted[0], counted[-1]
    too_early = starts_on < earliest_on
    about = {
        "starts_on": starts_on.isoformat(),
        "date": earliest_on.isoformat(),
        "counted_from": counted_from.isoformat(),
        "working_days": days,
        "verified": verified,
    }
    reasons: list[Mapping[str, Any]] = [{"code": "start_too_early" if too_early else "start_in_time"} | about]
    guessed = _unannounced_years(filed_on, earliest_on)
    if guessed:
        reasons.append({"code": "calendar_provisional", "years": guessed})
    return EarliestStart(
        earliest_on, starts_on, days, counted_from, too_early, tuple(reasons), verified and not guessed
    )


def start_without_rules(starts_on: date) -> EarliestStart:
    """Of a permit whose rules cannot be read: no day follows, so none is early enough."""
    return EarliestStart(None, starts_on, 0, None, True, ({"code": "start_rules_lost"},), False)


def _emergency(filed_on: date, starts_on: date, profile: RuleProfile) -> EarliestStart:
    """Digging at once; the paper follows, in the hours the profile gives where it gives any."""
    reason: dict[str, Any] = {"code": "emergency_at_once"}
    if profile.paper_hours is not None:
        reason |= {
            "code": "emergency_paper_hours",
            "hours": profile.paper_hours,
            "verified": profile.paper_hours_verified,
        }
    return EarliestStart(filed_on, starts_on, 0, None, False, (reason,), bool(reason.get("verified", True)))


def is_working_day(day: date) -> bool:
    """A day that is surely worked; where no notice is known, one that no notice so far would have freed."""
    if not _announced(day.year):
        return cautious_working_day(day)
    if _is_last_week(day) and not _announced(day.year + 1) and day in _perhaps_free(day.year + 1):
        return False
    return bool(_calendar(day.year).is_working_day(day))


def cautious_working_day(day: date) -> bool:
    """Whether `day` counts when the notices of its year and of the next are not known."""
    return day.weekday() < 5 and not any(day in _perhaps_free(day.year + step) for step in (0, 1))


def _working_days_after(day: date, count: int) -> list[date]:
    """The first `count` working days after `day`."""
    found: list[date] = []
    while len(found) < count:
        day += _DAY
        if is_working_day(day):
            found.append(day)
    return found


def _unannounced_years(first: date, last: date) -> list[int]:
    """Years without a known notice that decide about the days from first to last."""
    years = range(first.year, last.year + (2 if _is_last_week(last) else 1))
    return [year for year in years if not _announced(year)]


def _is_last_week(day: date) -> bool:
    """The end of December, of which the next year's notice may dispose."""
    return day.month == 12 and day.day >= 25


@cache
def _announced(year: int) -> bool:
    """The library knows the year's notice: every notice since 2008 has weekends worked in exchange."""
    return any(day.year == year for day in country_holidays("CN", years=year).weekend_workdays)


@cache
def _calendar(year: int) -> Any:
    return country_holidays("CN", years=year, expand=False)


@cache
def _perhaps_free(year: int) -> frozenset[date]:
    """Every day that a notice for `year` may free."""
    statutory = country_holidays("CN", years=year, observed=False, language="zh_CN")
    free: set[date] = set()
    for day, names in statutory.items():
        for name in names.split("; "):
            if name in FREED_ROUND:
                before, after = FREED_ROUND[name]
                free |= {day + _DAY * step for step in range(before, after + 1)}
    return frozenset(free)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""Who answers for a dig and when it is: what can be wrong with that, whichever door it came through."""

from datetime import date

from spatial.errors import Fault
from spatial.values import PermitParties


def check_parties(parties: PermitParties, on: date, *, begun: bool = False) -> list[Fault]:
    """Nobody named, dates reversed or past: everything at once. begun: as check_dates()."""
    found = [
        Fault(
            "party_missing",
            f"{en} is blank: say who digs and what the work is called, so that the utility can answer",
            f"{zh}为空：请填写，以便燃气企业答复",
            pointer,
        )
        for pointer, value, en, zh in (
            ("/contractor/name", parties.firm, "the firm that digs", "施工单位"),
            ("/title", parties.title, "the title", "工程名称"),
        )
        if not value.strip()
    ]
    return found + check_dates(parties.starts_on, parties.ends_on, on, begun=begun)


def check_dates(
    starts_on: date | None, ends_on: date | None, on: date, *, begun: bool = False
) -> list[Fault]:
    """on: today. begun: the first day was accepted before and may be past by now. None: told of elsewhere."""
    found = []
    if starts_on and ends_on and ends_on < starts_on:
        found.append(
            Fault(
                "dates_reversed",
                f"the last day {ends_on} is before the first day {starts_on}: exchange them",
                f"结束日期 {ends_on} 早于开始日期 {starts_on}，请核对",
                "/ends_on",
            )
        )
    if ends_on and ends_on < on:
        found.append(
            Fault(
                "dates_past",
                f"the last day {ends_on} is past (today is {on}): file a dig that is still to come",
                f"结束日期 {ends_on} 已过（今天是 {on}），请填写尚未结束的作业",
                "/ends_on",
            )
        )
    elif starts_on and starts_on < on and not begun:
        found.append(
            Fault(
                "dates_past",
                f"the first day {starts_on} is past (today is {on}): give today or a later day",
                f"开始日期 {starts_on} 已过（今天是 {on}），请填写今天或以后的日期",
                "/starts_on",
            )
        )
    return found

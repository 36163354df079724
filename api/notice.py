"""When a filed dig may start, and whom to phone to be faster: what the answer to a filing says of time."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from api.screen import rules_of
from api.settings import CHINA_TIME
from api.views.answers import document_of
from spatial.errors import Refused
from spatial.rules.notice import EarliestStart, earliest_start, start_without_rules
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite
from sql.vault import PermitRecord, ScreeningRecord, Vault


def notice_of(vault: Vault, permit: PermitRecord, screenings: Sequence[ScreeningRecord]) -> dict[str, Any]:
    """EarliestStart as JSON, with `call`: code, name and phone of every utility that `screenings` concern."""
    try:
        told = start_of(permit, rules_of(vault, permit.profile).profile)
    except Refused:  # rules nobody can read must not keep the permit itself from being shown
        told = start_without_rules(permit.parties.starts_on)
    return told.document() | {"call": _phones(screenings)}


def start_of(permit: PermitRecord, profile: RuleProfile) -> EarliestStart:
    """When a permit may start under `profile`, the rules in force for it.

    An amended one is counted from its amendment: whoever answered before had another plan before him.
    """
    filed_at = permit.amended_at or permit.filed_at
    kinds = {site.kind for site in permit.sites}
    return earliest_start(filed_at.astimezone(CHINA_TIME), permit.parties.starts_on, profile, kinds)


def start_now(starts_on: date, sites: Sequence[DigSite], profile: RuleProfile) -> EarliestStart:
    """When a dig that is filed this moment may start."""
    return earliest_start(datetime.now(CHINA_TIME), starts_on, profile, {site.kind for site in sites})


def _phones(screenings: Sequence[ScreeningRecord]) -> list[dict[str, Any]]:
    """The duty line where there is one, else the office; None where neither is registered."""
    utilities = {
        utility["code"]: utility for record in screenings for utility in document_of(record)["utilities"]
    }
    return [
        {"utility": code, "name": utility["name"], "phone": utility["duty_phone"] or utility["phone"]}
        for code, utility in sorted(utilities.items())
    ]

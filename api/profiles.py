"""Use cases of rule profiles: which there are, what one says, and what would change if another held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from api.screen import Rules, rules_of
from ingest import load_profile
from spatial.screening import Screening, query_boxes, screen
from spatial.values import DigSite
from sql.vault import Vault

_DIGEST = re.compile(r"^[0-9a-f]{64}$")


def find_rules(name: str, vault: Vault | None) -> Rules:
    """Rules by a shipped name, a path, or the sha256 under which the vault keeps them.

    :raises Refused: there are none of that name, or they break a rule of theirs.
    """
    if vault is not None and _DIGEST.match(name):
        return rules_of(vault, name)
    return Rules(*load_profile(name))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one site reads under one set of rules. conflicts: (pipe, grade, requirement), worst first."""

    outcome: str
    grade: str | None
    conflicts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """An open permit's site that reads otherwise under the second rules."""

    permit_id: str
    feature_id: str
    first: Verdict
    second: Verdict


def permits_that_change(vault: Vault, first: Rules, second: Rules, on: date) -> Iterator[Changed]:
    """Judge every site of every open permit under both, against the register as it is; nothing is kept."""
    for permit in vault.permits(open_on=on):
        for site in permit.sites:
            readings = [_reading(vault, site, rules, on, permit.parties.ends_on) for rules in (first, second)]
            if readings[0] != readings[1]:
                yield Changed(permit.permit_id, site.feature_id, *readings)


def _reading(vault: Vault, site: DigSite, rules: Rules, on: date, ends_on: date) -> Verdict:
    found = vault.find([query_boxes(site, rules.profile)])
    (screening,) = screen([site], found, rules.profile, on=on, ends_on=ends_on)
    return _verdict(screening)


def _verdict(screening: Screening) -> Verdict:
    return Verdict(
        screening.outcome.value,
        screening.grade.value if screening.grade else None,
        tuple(
            (f"{row['utility']}/{row['dataset']}/{row['source_id']}", row["grade"], row["requirement"])
            for row in screening.conflicts
        ),
    )

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
    """Judge every site of every open permit under both, against the register as it is; nothing is kept.

    A site's own doubt and a pipe's were worked out when they were brought: what the second rules say of these
    shows only in what is filed or imported under them.
    """
    for permit in vault.permits(open_on=on):
        for site in permit.sites:
            one, other = _readings(vault, site, (first, second), on, permit.parties.ends_on)
            if one != other:
                yield Changed(permit.permit_id, site.feature_id, one, other)


def _readings(
    vault: Vault, site: DigSite, rules: tuple[Rules, Rules], on: date, ends_on: date
) -> list[Verdict]:
    """Both from one look into the register, so that an import meanwhile is not taken for a change of rules."""
    found = vault.find([[box for one in rules for box in query_boxes(site, one.profile)]])
    return [
        _verdict(screening)
        for one in rules
        for screening in screen([site], found, one.profile, on=on, ends_on=ends_on)
    ]


def _verdict(screening: Screening) -> Verdict:
    return Verdict(
        screening.outcome.value,
        screening.grade.value if screening.grade else None,
        tuple(
            (f"{row['utility']}/{row['dataset']}/{row['source_id']}", row["grade"], row["requirement"])
            for row in screening.conflicts
        ),
    )

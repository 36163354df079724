"""Use cases of screening: ask, file, amend, judge. Gather, decide, apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from api.judging import Question, judging
from api.parties import check_parties
from api.together import Steps, alone, together
from ingest import parse_profile
from spatial.errors import Fault, Refused
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from spatial.values import DigSite, PermitParties
from sql.errors import VaultUnavailable
from sql.vault import (
    DigPlan,
    Filed,
    Filing,
    Job,
    Kept,
    PermitRecord,
    PlanFile,
    RequestKey,
    ScreeningRecord,
    Vault,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile with the text it was read from, to be kept with what it judges."""

    profile: RuleProfile
    text: str


def enquire(vault: Vault, sites: Sequence[DigSite], rules: Rules, on: date) -> tuple[ScreeningRecord, ...]:
    """Judge dig sites without filing them; each judgement is kept."""
    return alone(enquiring(vault, sites, rules, on))


def enquiring(
    vault: Vault, sites: Sequence[DigSite], rules: Rules, on: date
) -> Steps[tuple[ScreeningRecord, ...]]:
    """The steps of enquire()."""
    keep_rules(vault, rules)
    kept = yield from judging(vault, Question(sites, rules.profile, on))
    return kept.screenings


def file_permit(
    vault: Vault, parties: PermitParties, sites: Sequence[DigSite], rules: Rules, on: date
) -> str:
    """Commit the permit together with its job; its id. What it says is only known once it is screened."""
    return alone(filing(vault, parties, sites, rules, on, None)).permit_id


def filing(
    vault: Vault,
    parties: PermitParties,
    sites: Sequence[DigSite],
    rules: Rules,
    on: date,
    key: RequestKey | None,
) -> Steps[Filed]:
    """The steps of file_permit(); with a key that was used before, what was filed then."""
    plan = _filing(parties, sites, rules, on, key, ())
    keep_rules(vault, rules)
    return (yield from together(vault.file_all, plan))


def file_each(
    vault: Vault,
    plans: Sequence[tuple[PermitParties, Sequence[DigSite]]],
    rules: Rules,
    on: date,
    files: Sequence[PlanFile],
    key: RequestKey | None = None,
) -> Filed:
    """Commit the permits of one dig plan with their jobs and the files it came in: all or none."""
    filings = [
        _filing(parties, sites, rules, on, key if number == 0 else None, tuple(files))
        for number, (parties, sites) in enumerate(plans)
    ]
    keep_rules(vault, rules)
    return vault.file_together(filings)


def _filing(
    parties: PermitParties,
    sites: Sequence[DigSite],
    rules: Rules,
    on: date,
    key: RequestKey | None,
    files: tuple[PlanFile, ...],
) -> Filing:
    if faults := check_parties(parties, on):
        raise Refused(faults)
    boxes = tuple(query_boxes(site, rules.profile) for site in sites)
    return Filing(parties, rules.profile.sha256, tuple(sites), boxes, key, files)


def amend_permit(
    vault: Vault,
    now: PermitRecord,
    parties: PermitParties,
    sites: Sequence[DigSite],
    rules: Rules,
    on: date,
    *,
    key: RequestKey | None = None,
    files: Sequence[PlanFile] = (),
) -> Filed:
    """Commit what a permit says from now on together with its job. Screening comes after, as for a filing.

    now: the permit as it was read; refused (`permit_changed`) when it was amended since, or the one would undo
    what the other changed. rules: those in force for it.
    """
    if faults := check_parties(parties, on, begun=parties.starts_on == now.parties.starts_on):
        raise Refused(faults)
    return vault.amend_permit(
        now.permit_id,
        parties,
        rules.profile.sha256,
        sites,
        [query_boxes(site, rules.profile) for site in sites],
        key=key,
        seen=now.amendment,
        files=files,
    )


def rules_of(vault: Vault, sha256: str) -> Rules:
    """The rules kept under a hash."""
    text = vault.profile(sha256)
    return Rules(_parsed(text), text)


@lru_cache(maxsize=16)
def _parsed(text: str) -> RuleProfile:
    """Checking a profile against its schema takes milliseconds; there are few, and a text never changes."""
    return parse_profile(text)


def screen_permit(vault: Vault, permit_id: str, on: date, job: Job | None = None) -> tuple[str, ...]:
    """Judge every site of a permit against the newest register; the ids of the screenings."""
    (plan,) = vault.plans([permit_id])
    kept = alone(judging(vault, question_of(vault, plan, on, job)))
    return tuple(record.screening_id for record in kept.screenings)


def screening_filed(vault: Vault, filed: PermitRecord, rules: Rules, on: date) -> Steps[Kept]:
    """The steps of screen_permit() for a permit that the caller filed a moment ago under `rules`, and so knows all of.
    What was kept, and how the permit stands with it."""
    return judging(
        vault,
        Question(
            filed.sites,
            rules.profile,
            on,
            filed.permit_id,
            filed.amendment,
            filed.parties.ends_on,
            filed=filed,
        ),
    )


def question_of(vault: Vault, plan: DigPlan, on: date, job: Job | None = None) -> Question:
    """What is asked of a permit, by the rules in force for it."""
    profile = rules_of(vault, plan.profile).profile
    return Question(plan.sites, profile, on, plan.permit_id, plan.amendment, plan.ends_on, job)


def fault_of(error: Exception) -> Fault:
    """What to tell of an error that stopped one judgement."""
    if isinstance(error, Refused):
        return error.faults[0]
    if isinstance(error, VaultUnavailable):
        return error.fault
    name = type(error).__name__
    return Fault(
        "screening_failed",
        f"it could not be judged because of an internal error ({name}): report it; until then treat the ground as "
        "if a pipe lay there",
        f"因内部错误（{name}）未能判断，请报告；在此之前按有管道对待",
    )


def keep_rules(vault: Vault, rules: Rules) -> None:
    """Keep the profile's text so that what it judged can be replayed."""
    profile = rules.profile
    vault.keep_profile(rules.text, profile.sha256, profile.profile_id, profile.version)

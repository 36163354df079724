"""Use cases of screening: ask, file, work off what is pending. Gather, decide, apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ingest import parse_profile
from spatial.errors import Faults, Refused
from spatial.profile import RuleProfile
from spatial.screening import Screening, query_boxes, screen
from spatial.values import DigSite, PermitParties
from sql.errors import VaultUnavailable
from sql.vault import Job, NewScreening, PermitRecord, ScreeningRecord, Vault


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile with the text it was read from, to be kept with what it judges."""

    profile: RuleProfile
    text: str


def enquire(vault: Vault, sites: Sequence[DigSite], rules: Rules, on: date) -> tuple[ScreeningRecord, ...]:
    """Judge dig sites without filing them; each judgement is kept."""
    keep_rules(vault, rules)
    screenings = _judge_now(vault, sites, rules.profile, on, None)
    ids = vault.keep_screenings(
        [_to_keep(number, row, rules.profile) for number, row in enumerate(screenings)]
    )
    return tuple(vault.screening(screening_id) for screening_id in ids)


def file_permit(
    vault: Vault, parties: PermitParties, sites: Sequence[DigSite], rules: Rules, on: date
) -> PermitRecord:
    """Commit the permit, then screen it in a new snapshot.

    Should the screening fail the permit stands, its status reads `pending`, and the worker finishes it.
    """
    _check_dates(parties, on)
    keep_rules(vault, rules)
    permit_id = vault.file_permit(
        parties, rules.profile.sha256, sites, [query_boxes(site, rules.profile) for site in sites]
    )
    try:
        screen_permit(vault, permit_id, on)
    except VaultUnavailable:
        return vault.permit(permit_id)
    return vault.permit(permit_id)


def screen_permit(vault: Vault, permit_id: str, on: date, job: Job | None = None) -> tuple[str, ...]:
    """Judge every site of a permit against the newest register; the ids of the screenings."""
    permit = vault.permit(permit_id)
    profile = parse_profile(vault.profile(permit.profile))
    screenings = _judge_now(vault, permit.sites, profile, on, permit.parties.ends_on)
    return vault.keep_screenings(
        [_to_keep(number, row, profile) for number, row in enumerate(screenings)],
        permit_id=permit_id,
        job=job,
    )


def work(vault: Vault, on: date) -> int:
    """Do every job there is: what a crash or a register change left pending. How many permits were screened."""
    screened = 0
    while (job := vault.claim_job()) is not None:
        try:
            if job.permit_id is not None:
                screen_permit(vault, job.permit_id, on, job)
                screened += 1
                continue
            assert job.revision is not None
            for permit_id in vault.stale_permits(job.revision):
                screen_permit(vault, permit_id, on)
                screened += 1
            vault.finish_job(job)
        except Refused as refused:
            # Taken over by another worker: it will finish. Anything else is ours, and is kept for `status`.
            if all(fault.code == "job_lost" for fault in refused.faults):
                continue
            vault.release_job(job, str(refused))
            raise
    return screened


def keep_rules(vault: Vault, rules: Rules) -> None:
    """Keep the profile's text so that what it judged can be replayed."""
    profile = rules.profile
    vault.keep_profile(rules.text, profile.sha256, profile.profile_id, profile.version)


def _judge_now(
    vault: Vault, sites: Sequence[DigSite], profile: RuleProfile, on: date, ends_on: date | None
) -> tuple[Screening, ...]:
    found = vault.find([query_boxes(site, profile) for site in sites])
    return screen(sites, found, profile, on=on, ends_on=ends_on)


def _to_keep(number: int, screening: Screening, profile: RuleProfile) -> NewScreening:
    return NewScreening(
        site_index=number,
        register_revision=screening.register_revision,
        screened_on=screening.on,
        site=screening.site,
        query_boxes=query_boxes(screening.site, profile),
        ends_on=screening.ends_on,
        profile_sha256=profile.sha256,
        engine=screening.document["engine"],
        outcome=screening.outcome.value,
        grade=screening.grade.value if screening.grade else None,
        valid_until=screening.valid_until,
        document=screening.text,
        document_sha256=screening.sha256,
        conflicts=screening.conflicts,
    )


def _check_dates(parties: PermitParties, on: date) -> None:
    """Dates reversed or past, all said at once."""
    faults = Faults()
    if parties.ends_on < parties.starts_on:
        faults.add(
            "dates_reversed",
            en=f"--ends-on {parties.ends_on} is before --starts-on {parties.starts_on}: exchange them",
            zh=f"结束日期 {parties.ends_on} 早于开始日期 {parties.starts_on}，请核对",
        )
    if parties.ends_on < on:
        faults.add(
            "dates_past",
            en=f"--ends-on {parties.ends_on} is past (today is {on}): file a dig that is still to come",
            zh=f"结束日期 {parties.ends_on} 已过（今天是 {on}），请填写尚未结束的作业",
        )
    elif parties.starts_on < on:
        faults.add(
            "dates_past",
            en=f"--starts-on {parties.starts_on} is past (today is {on}): give today or a later day",
            zh=f"开始日期 {parties.starts_on} 已过（今天是 {on}），请填写今天或以后的日期",
        )
    faults.raise_if_any()

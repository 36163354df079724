"""Use cases of screening: ask, file, work off what is pending. Gather, decide, apply."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
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
from sql.vault import Filed, Filing, Job, Kept, PermitRecord, RequestKey, ScreeningRecord, Vault


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
    if faults := check_parties(parties, on):
        raise Refused(faults)
    keep_rules(vault, rules)
    boxes = tuple(query_boxes(site, rules.profile) for site in sites)
    plan = Filing(parties, rules.profile.sha256, tuple(sites), boxes, key)
    return (yield from together(vault.file_all, plan))


def amend_permit(
    vault: Vault,
    now: PermitRecord,
    parties: PermitParties,
    sites: Sequence[DigSite],
    rules: Rules,
    on: date,
    *,
    key: RequestKey | None = None,
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
    permit = vault.permit(permit_id)
    profile = rules_of(vault, permit.profile).profile
    kept = alone(judging(vault, _of_permit(permit, profile, on, job)))
    return tuple(record.screening_id for record in kept.screenings)


def screening_filed(vault: Vault, filed: PermitRecord, rules: Rules, on: date) -> Steps[Kept]:
    """The steps of screen_permit() for a permit that the caller filed a moment ago under `rules`, and so knows all of.
    What was kept, and how the permit stands with it."""
    return judging(vault, replace(_of_permit(filed, rules.profile, on, None), filed=filed))


def _of_permit(permit: PermitRecord, profile: RuleProfile, on: date, job: Job | None) -> Question:
    return Question(
        permit.sites, profile, on, permit.permit_id, permit.amendment, permit.parties.ends_on, job
    )


JOB_LOST = "job_lost"


@dataclass(frozen=True, slots=True)
class Worked:
    """screened: permits judged, in order; failed: those that could not be, with the fault; left: jobs that
    another worker holds or that wait for another try (counted by work() alone)."""

    screened: tuple[str, ...]
    failed: Mapping[str, Fault]
    left: int = 0


def work(vault: Vault, on: date) -> Worked:
    """Judge whatever is pending: what a crash or a register change left, and clear answers that ran out.

    A permit that cannot be judged holds nobody up: it is told of, its job is put back, the others go on.
    :raises VaultUnavailable: the database is gone; claims lapse and a later run takes them over.
    """
    told = work_off_jobs(vault, on)
    found = sweep(vault, on, told.failed)
    jobs = vault.status()["jobs"]
    return Worked(
        tuple(dict.fromkeys((*told.screened, *found.screened))),
        {**told.failed, **found.failed},
        jobs["waiting"] + jobs["claimed"],
    )


def work_off_jobs(vault: Vault, on: date, *, go_on: Callable[[], bool] = lambda: True) -> Worked:
    """Claim and do jobs until none is left to claim, or until `go_on` (asked before each) says no.

    Any number of workers may do this at once.
    :raises VaultUnavailable: as work().
    """
    desk = _Desk(vault, on)
    while go_on() and (job := vault.claim_job()) is not None:
        desk.do(job)
    return desk.worked()


def sweep(
    vault: Vault,
    on: date,
    leave_out: Container[str] = (),
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> Worked:
    """Judge every open permit that still reads pending though the jobs are done, but for `leave_out`.

    No job tells of a clear that has run out; and should a job ever be missing, this finds the permit. One that
    another worker holds just now is judged twice: that costs a screening and raises no alert twice.
    :raises VaultUnavailable: as work().
    """
    desk = _Desk(vault, on)
    for pending in vault.pending_permits(on):
        if not go_on():
            break
        if pending.permit_id not in leave_out:
            fault = desk.judge(pending.permit_id)
            if fault is not None and fault.code == "database_gone":
                raise VaultUnavailable(fault)  # the others need not each find that out
    return desk.worked()


class _Desk:
    """One worker's round: what it judged, what it could not."""

    def __init__(self, vault: Vault, on: date) -> None:
        self._vault, self._on = vault, on
        self._screened: dict[str, None] = {}
        self._failed: dict[str, Fault] = {}

    def worked(self) -> Worked:
        return Worked(tuple(self._screened), dict(self._failed))

    def do(self, job: Job) -> None:
        """Screen the job's permit; or part the job of a revision by permits, for whoever claims those."""
        if job.permit_id is None:
            self._split(job)
        elif (fault := self.judge(job.permit_id, job)) is not None:
            self._vault.release_job(job, fault.text())

    def judge(self, permit_id: str, job: Job | None = None) -> Fault | None:
        """What stopped the judgement, if anything did; it must not keep the other permits waiting."""
        try:
            screen_permit(self._vault, permit_id, self._on, job)
        except Exception as error:
            fault = fault_of(error)
            if fault.code == JOB_LOST:  # taken over: whoever has it now finishes it
                return None
            self._failed[permit_id] = fault
            return fault
        self._failed.pop(permit_id, None)
        self._screened[permit_id] = None
        return None

    def _split(self, job: Job) -> None:
        try:
            self._vault.split_job(job)
        except Refused as refused:
            if refused.faults[0].code != JOB_LOST:
                self._vault.release_job(job, str(refused))
                raise
        except VaultUnavailable as unavailable:
            self._vault.release_job(job, unavailable.text())
            raise


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

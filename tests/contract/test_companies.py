"""Many jobs claimed, many permits read and judged at once: as good as one by one, and nobody suffers from another."""

import time
from dataclasses import replace

import pytest

from spatial.errors import Refused
from sql.vault import Job, Judged, Vault
from tests.contract.conftest import SHORT_LEASE_S, SOON_OVER
from tests.contract.test_permits import served_town
from tests.contract.test_register import code_of
from tests.contract.town import (
    PROFILE,
    bring,
    changes,
    claim,
    conflict,
    file,
    judged,
    parties_of,
    pipe,
    refuses,
    site,
    site_boxes,
)

MANY = 25
"""More than are written one question at a time."""


def undone(vault: Vault) -> tuple[int, int]:
    jobs = vault.status()["jobs"]
    return jobs["waiting"], jobs["claimed"]


def claimed_permits(vault: Vault, count: int) -> tuple[list[str], tuple[Job, ...]]:
    ids = [file(vault) for _ in range(count)]
    jobs = vault.claim_jobs(count)
    assert [job.permit_id for job in jobs] == ids
    return ids, jobs


def kept_for(jobs: tuple[Job, ...], revision: int = 2) -> list[Judged]:
    return [Judged((judged(revision, conflict("a")),), job.permit_id, job) for job in jobs]


# -- claims


def test_no_more_are_claimed_than_asked_for_and_none_twice(vault: Vault) -> None:
    ids = [file(vault) for _ in range(5)]
    first, second = vault.claim_jobs(3), vault.claim_jobs(3)
    assert [job.permit_id for job in (*first, *second)] == ids
    assert {job.fence for job in (*first, *second)} == {1} and vault.claim_jobs(3) == ()


def test_the_job_of_a_revision_is_claimed_alone(vault: Vault) -> None:
    """To part it may take longer than a claim holds, and nobody else's claim is to lapse meanwhile."""
    served_town(vault)
    ids = [file(vault) for _ in range(2)]
    companies = [[(job.revision, job.permit_id) for job in vault.claim_jobs(9)] for _ in range(3)]
    assert companies == [[(None, ids[0]), (None, ids[1])], [(1, None)], [(2, None)]]


def test_what_a_filing_left_does_not_wait_behind_what_a_change_did(vault: Vault) -> None:
    served_town(vault)
    old = [file(vault) for _ in range(3)]
    for job in vault.claim_jobs(9):
        vault.keep_screenings([judged(2)], permit_id=job.permit_id, job=job)
    change = bring(vault, [pipe("near", 3)], dataset="near").revision
    while (revision_job := claim(vault)) is not None and revision_job.revision != change:
        vault.finish_job(revision_job)
    assert revision_job is not None and vault.split_job(revision_job) == 3
    new = file(vault)
    first, second = vault.claim_jobs(1), vault.claim_jobs(9)
    assert [job.permit_id for job in first] == [new]
    assert sorted(str(job.permit_id) for job in second) == sorted(old)


@SOON_OVER
def test_a_company_whose_worker_died_is_tried_one_by_one(vault: Vault) -> None:
    """One of them may have been its death, and would be again."""
    ids, _ = claimed_permits(vault, 3)
    time.sleep(SHORT_LEASE_S * 1.5)
    later = file(vault)
    fresh = vault.claim_jobs(9)
    assert [job.permit_id for job in fresh] == [later]  # and not before those that nobody has tried
    assert [[job.permit_id for job in vault.claim_jobs(9)] for _ in ids] == [[one] for one in ids]


@SOON_OVER
def test_a_claim_that_is_held_does_not_lapse_and_a_lost_one_is_told_of(vault: Vault) -> None:
    _, jobs = claimed_permits(vault, 3)
    for _ in range(3):
        time.sleep(SHORT_LEASE_S * 0.6)
        assert vault.hold_jobs(jobs[:2]) == jobs[:2]
    taken_over = vault.claim_jobs(9)  # after a lease and a half in all
    assert [job.job_id for job in taken_over] == [jobs[2].job_id]
    assert vault.hold_jobs(jobs) == jobs[:2] and vault.hold_jobs(()) == ()


def test_what_is_given_back_can_be_claimed_at_once_and_is_no_failure(vault: Vault) -> None:
    _, jobs = claimed_permits(vault, 3)
    vault.give_back_jobs(jobs[1:])
    assert undone(vault) == (2, 1) and vault.status()["jobs"]["failing"] == 0
    again = vault.claim_jobs(1)
    assert [(job.job_id, job.fence) for job in again] == [(jobs[1].job_id, 2)]
    vault.give_back_jobs(jobs)  # whoever lost it has nothing to give
    assert vault.hold_jobs(again) == again


# -- what is asked of permits


def test_plans_are_what_the_permits_say_now(vault: Vault) -> None:
    served_town(vault)
    first, second = file(vault, 0.0, 30.0), file(vault)
    vault.amend_permit(second, parties_of(title="Moved"), PROFILE, [site(9.0)], site_boxes(9.0))
    plans = vault.plans([second, first, second])
    assert plans[0] == plans[2]
    for plan, permit_id in zip(plans, (second, first, second), strict=True):
        permit = vault.permit(permit_id)
        assert (plan.permit_id, plan.amendment, plan.profile) == (permit_id, permit.amendment, permit.profile)
        assert (plan.ends_on, plan.sites) == (permit.parties.ends_on, permit.sites)
    assert vault.plans([]) == ()
    vault.adopt_profile("wider", "e" * 64, "cn-gb55009", "2")
    assert {plan.profile for plan in vault.plans([first, second])} == {"e" * 64}


def test_plans_of_nobody_are_refused(vault: Vault) -> None:
    permit_id = file(vault)
    refuses("permit_unknown", lambda: vault.plans([permit_id, "00000000-0000-4000-8000-000000000000"]))
    refuses("permit_unknown", lambda: vault.plans(["no id"]))


# -- keeping many


def test_many_are_kept_as_a_few_are(vault: Vault) -> None:
    served_town(vault)
    ids, jobs = claimed_permits(vault, MANY)
    odd = conflict("\\.\t\n\r\\N 名", clause=None, diameter_mm=219.1, pressure_class=None)
    told = [
        Judged(
            (replace(judged(2, odd, conflict("b", "III", pipe_id="8")), document='{"名":"\\\\t\\u0009"}'),),
            one,
            job,
        )
        for one, job in zip(ids, jobs, strict=True)
    ]
    kept = vault.keep_all([*told, Judged((judged(2, conflict("c")),)), Judged(())])
    assert undone(vault)[1] == 0
    for one in kept:
        assert vault.screenings_by_id([record.screening_id for record in one.screenings]) == one.screenings
    (as_one,) = vault.keep_all([replace(told[0], permit_id=None, job=None)])
    assert kept[0].screenings[0].conflicts == as_one.screenings[0].conflicts
    assert kept[0].screenings[0].document == told[0].screenings[0].document
    assert kept[-2].screenings[0].permit_id is None and not kept[-2].screenings[0].stood
    for permit_id in ids:
        assert changes(vault, permit_id) == [(odd["source_id"], "II", "new"), ("b", "III", "new")]
    again = [Judged((judged(2, odd, conflict("c", pipe_id="9")),), permit_id) for permit_id in ids]
    vault.keep_all(again)
    for permit_id in ids:
        assert changes(vault, permit_id)[2:] == [("c", "II", "new"), ("b", "III", "gone")]
        assert len(vault.screenings(permit_id)) == 2


def test_one_claim_that_was_lost_keeps_none(vault: Vault) -> None:
    """Whoever holds the others keeps them one by one then."""
    served_town(vault)
    ids, jobs = claimed_permits(vault, MANY)
    lost = replace(jobs[7], fence=jobs[7].fence - 1)
    with pytest.raises(Refused) as refused:
        vault.keep_all(kept_for((*jobs[:7], lost, *jobs[8:])))
    assert code_of(refused) == "job_lost"
    assert vault.status()["screenings"] == 0 and undone(vault)[1] == MANY
    assert all(changes(vault, permit_id) == [] for permit_id in ids)
    vault.keep_all(kept_for(jobs))
    assert undone(vault)[1] == 0


def test_what_changed_meanwhile_is_put_back_alone(vault: Vault) -> None:
    served_town(vault)
    ids, jobs = claimed_permits(vault, MANY)
    vault.amend_permit(ids[3], parties_of(), PROFILE, [site()], site_boxes(0.0))
    vault.cancel_permit(ids[4])
    kept = vault.keep_all(kept_for(jobs))
    stood = [one.screenings[0].stood for one in kept]
    assert stood == [number not in (3, 4) for number in range(MANY)]
    assert changes(vault, ids[3]) == changes(vault, ids[4]) == []
    again = vault.claim_jobs(99)
    assert {job.permit_id for job in again} >= {ids[3]} and ids[4] not in {job.permit_id for job in again}


def test_a_slow_company_displaces_nothing_newer(vault: Vault) -> None:
    served_town(vault)
    ids, jobs = claimed_permits(vault, MANY)
    change = bring(vault, [pipe("near", 3)], dataset="near").revision
    assert change is not None
    (newer,) = vault.keep_screenings([judged(change, conflict("near"))], permit_id=ids[0])
    vault.keep_all(kept_for(jobs))
    assert vault.permit(ids[0]).screening_ids == (newer,)
    assert changes(vault, ids[0]) == [("near", "II", "new")]
    assert changes(vault, ids[1]) == [("a", "II", "new")]

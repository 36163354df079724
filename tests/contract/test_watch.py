"""What the watch asks of every vault: who is pending and since when, and the parting of a revision's work."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from spatial.errors import Refused
from spatial.words import PermitStatus
from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.vault import Job, Vault
from tests.contract.test_permits import screen, served_town
from tests.contract.test_register import code_of
from tests.contract.town import (
    DAY,
    FAR_OFF,
    PROFILE,
    bring,
    claim,
    day_after,
    file,
    judged,
    parties_of,
    pipe,
    site,
    site_boxes,
)

OTHER = "e" * 64


@pytest.fixture(params=["postgis", "memory"])
def patient(request: pytest.FixtureRequest) -> Iterator[Vault]:
    """An empty vault whose workers leave a new filing to its request."""
    made: Vault
    if request.param == "postgis":
        made = PostgisVault(request.getfixturevalue("vault_urls").app, head_start_s=600.0)
    else:
        made = MemoryVault(head_start_s=600.0)
    yield made
    made.close()


def pending(vault: Vault) -> list[str]:
    """Who is pending by the watch; the same who read pending, each since a moment that is past."""
    found = vault.pending_permits(DAY)
    reading = [row.permit_id for row in vault.permits(open_on=DAY) if row.status is PermitStatus.PENDING]
    assert [row.permit_id for row in found] == reading
    assert vault.open_permits(DAY) == len(vault.permits(open_on=DAY))
    assert all(row.since.tzinfo is not None and row.since <= datetime.now(UTC) for row in found)
    return reading


def claimed(vault: Vault) -> list[Job]:
    """All jobs there are to claim."""
    jobs = []
    while (job := claim(vault)) is not None:
        jobs.append(job)
    return jobs


def revision_job(vault: Vault, revision: int) -> Job:
    """The job of that revision, the last there is; all others are claimed, those of revisions done."""
    *others, job = claimed(vault)
    assert job.revision == revision
    for other in others:
        if other.kind == "revision":
            vault.finish_job(other)
    return job


def test_the_newest_revision(vault: Vault) -> None:
    assert vault.newest_revision() == 0
    served_town(vault)
    assert vault.newest_revision() == 2


def test_whoever_is_pending_is_found_and_nobody_else(vault: Vault) -> None:
    served_town(vault)
    before = datetime.now(UTC)
    new, judged_one, gone = file(vault), file(vault), file(vault)
    assert pending(vault) == [new, judged_one, gone]
    screen(vault, judged_one, 2)
    vault.cancel_permit(gone)
    assert pending(vault) == [new]
    assert before - timedelta(seconds=1) < vault.pending_permits(DAY)[0].since
    screen(vault, new, 2)
    assert pending(vault) == []


def test_one_touched_is_pending_since_the_first_change_that_touched_it(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2)
    bring(vault, [pipe("far", 5_000)], dataset="far")
    assert pending(vault) == []
    touching = bring(vault, [pipe("near", 3)], dataset="near").revision
    bring(vault, [pipe("near", 4)], dataset="near")
    assert pending(vault) == [permit_id]
    (committed_at,) = (row.committed_at for row in vault.revisions() if row.revision == touching)
    assert vault.pending_permits(DAY)[0].since == committed_at


def test_one_whose_clear_ran_out_is_pending_since_that_midnight(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2, outcome="clear", valid_until=DAY)
    assert vault.pending_permits(DAY) == ()
    (found,) = vault.pending_permits(day_after(DAY))
    assert found.permit_id == permit_id
    assert found.since == datetime.fromisoformat(f"{day_after(DAY)}T00:00:00+08:00")
    screen(vault, permit_id, 2, outcome="cannot_tell", valid_until=DAY)
    assert vault.pending_permits(day_after(DAY)) == ()


def test_one_amended_or_under_new_rules_is_pending_since_then(vault: Vault) -> None:
    served_town(vault)
    amended, ruled = file(vault), file(vault)
    for permit_id in (amended, ruled):
        screen(vault, permit_id, 2)
    between = vault.permit(amended).filed_at
    vault.amend_permit(amended, parties_of(), PROFILE, [site()], site_boxes(0.0))
    assert pending(vault) == [amended]
    assert vault.pending_permits(DAY)[0].since > between
    vault.adopt_profile("other", OTHER, "cn-gb55009", "2")
    assert pending(vault) == [amended, ruled]
    first, second = vault.pending_permits(DAY)
    assert first.since == second.since > between  # both since the adoption, without a judgement under it


def test_ground_that_an_amendment_left_makes_nothing_pending(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2)
    vault.amend_permit(permit_id, parties_of(), PROFILE, [site(3_000.0)], site_boxes(3_000.0))
    elsewhere = replace(judged(2), amendment=1, query_boxes=site_boxes(3_000.0)[0])
    vault.keep_screenings([elsewhere], permit_id=permit_id)
    change = bring(vault, [pipe("near", 3)], dataset="near").revision
    assert change is not None
    assert pending(vault) == [] and vault.split_job(revision_job(vault, change)) == 0


def test_a_revision_is_parted_into_the_permits_it_touches(vault: Vault) -> None:
    served_town(vault)
    near, far = file(vault), file(vault, 3_000.0)
    screen(vault, near, 2)
    vault.keep_screenings([replace(judged(2), query_boxes=site_boxes(3_000.0)[0])], permit_id=far)
    change = bring(vault, [pipe("near", 3)], dataset="near").revision
    assert change is not None
    job = revision_job(vault, change)
    assert vault.split_job(job) == 1
    with pytest.raises(Refused) as refused:
        vault.finish_job(job)  # it is done
    assert code_of(refused) == "job_lost"
    left = claim(vault)
    assert left is not None and (left.kind, left.permit_id, left.revision) == ("permit", near, None)
    assert claim(vault) is None
    vault.keep_screenings([judged(change)], permit_id=near, job=left)
    assert pending(vault) == []


def test_two_revisions_leave_a_permit_one_job(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2)
    changes = [bring(vault, [pipe("near", north_m)], dataset="near").revision for north_m in (3, 4)]
    jobs = [job for job in claimed(vault) if job.revision in changes]
    assert [vault.split_job(job) for job in jobs] == [1, 1]
    left = claim(vault)
    assert left is not None and left.permit_id == permit_id
    assert claim(vault) is None


def test_a_job_under_way_does_not_stand_in_for_a_later_change(vault: Vault) -> None:
    """Whoever has it may have read the register before the change."""
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2)
    first = bring(vault, [pipe("near", 3)], dataset="near").revision
    assert first is not None
    vault.split_job(revision_job(vault, first))
    under_way = claim(vault)
    assert under_way is not None and under_way.permit_id == permit_id
    second = bring(vault, [pipe("near", 4)], dataset="near").revision
    assert second is not None
    vault.split_job(revision_job(vault, second))
    vault.keep_screenings([judged(first)], permit_id=permit_id, job=under_way)
    left = claim(vault)
    assert left is not None and left.permit_id == permit_id


def test_a_request_that_read_before_a_change_leaves_the_job_of_the_change(patient: Vault) -> None:
    """The filing's own job does not stand in for the change's, and the request ends its own only."""
    served_town(patient)
    permit_id = file(patient)
    read_at = patient.newest_revision()
    change = bring(patient, [pipe("near", 3)], dataset="near").revision
    assert change is not None
    assert patient.split_job(revision_job(patient, change)) == 1
    patient.keep_screenings([judged(read_at)], permit_id=permit_id)
    assert pending(patient) == [permit_id]
    left = claim(patient)
    assert left is not None and left.permit_id == permit_id
    patient.keep_screenings([judged(change)], permit_id=permit_id, job=left)
    jobs = patient.status()["jobs"]
    assert (jobs["waiting"], jobs["claimed"]) == (0, 0)


def test_a_split_that_was_taken_over_leaves_nothing(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, ends_on=FAR_OFF)
    screen(vault, permit_id, 2)
    change = bring(vault, [pipe("near", 3)], dataset="near").revision
    assert change is not None
    job = revision_job(vault, change)
    late = Job(job.job_id, job.kind, job.permit_id, job.revision, job.fence - 1)
    with pytest.raises(Refused) as refused:
        vault.split_job(late)
    assert code_of(refused) == "job_lost"
    assert claim(vault) is None  # ours is still held, and no permit job was left
    assert vault.split_job(job) == 1


@pytest.mark.parametrize("sites", [1, 3])
def test_a_permit_is_pending_while_one_of_its_sites_is(vault: Vault, sites: int) -> None:
    served_town(vault)
    permit_id = file(vault, *(100.0 * number for number in range(sites)))
    for number in range(sites):
        assert pending(vault) == [permit_id]
        screen(vault, permit_id, 2, index=number)
    assert pending(vault) == []

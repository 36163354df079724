"""What every vault promises about permits, screenings, alerts and jobs."""

import time
from datetime import date
from typing import Any

import pytest
import shapely

from spatial.errors import Refused
from spatial.values import Utility
from spatial.words import PermitStatus
from sql.vault import Job, Vault
from tests.contract.conftest import SHORT_LEASE_S, SOON_OVER
from tests.contract.town import (
    DAY,
    PROFILE,
    bring,
    changes,
    claim,
    code_of,
    conflict,
    declared,
    file,
    judged,
    parties_of,
    pipe,
    rejected,
    site,
    site_boxes,
)
from tests.support.builders import block


def served_town(vault: Vault) -> None:
    """One utility that serves the place, with a pipe 10 m off; revision 2."""
    bring(vault, [pipe("a", 10)])
    vault.declare_ground(declared("service_area"))


def screen(vault: Vault, permit_id: str, revision: int, *conflicts: dict[str, Any], **about: Any) -> str:
    return vault.keep_screenings([judged(revision, *conflicts, **about)], permit_id=permit_id)[0]


def status(vault: Vault, permit_id: str, on: date = DAY) -> PermitStatus:
    return vault.permit(permit_id, on=on).status


def drain(vault: Vault) -> list[Job]:
    jobs = []
    while (job := claim(vault)) is not None:
        vault.finish_job(job)
        jobs.append(job)
    return jobs


def test_a_permit_comes_back_as_filed_and_is_pending(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, 0.0, 30.0)
    record = vault.permit(permit_id)
    assert record.status is PermitStatus.PENDING and record.screening_ids == ()
    assert record.sites == (site(0.0), site(30.0))
    assert (record.parties, record.parties.firm, record.profile) == (parties_of(), "Road works", PROFILE)
    assert vault.permits() == (record,)
    assert vault.profile(PROFILE) == "profile"


def test_a_screening_comes_back_as_kept(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    new = judged(2, conflict("a"), conflict("b", "III", diameter_mm=63.0, pipe_id=8))
    (screening_id,) = vault.keep_screenings([new], permit_id=permit_id)
    record = vault.screening(screening_id)
    for name in (
        "site_index",
        "register_revision",
        "screened_on",
        "site",
        "profile_sha256",
        "engine",
        "outcome",
        "grade",
        "valid_until",
        "document",
        "document_sha256",
        "conflicts",
    ):
        assert getattr(record, name) == getattr(new, name), name
    assert (record.permit_id, record.screening_id) == (permit_id, screening_id)
    assert vault.permit(permit_id).screening_ids == (screening_id,)


def test_an_enquiry_is_kept_without_a_permit(vault: Vault) -> None:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    ids = vault.keep_screenings([judged(0), judged(0, conflict("a"), index=1)])
    assert [vault.screening(row).permit_id for row in ids] == [None, None]
    assert vault.status()["screenings"] == 2 and vault.alerts() == ()


def test_unknown_ids_are_refused(vault: Vault) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    for name in (nobody, "no id"):
        for ask, code in (
            (vault.permit, "permit_unknown"),
            (vault.cancel_permit, "permit_unknown"),
            (vault.screening, "screening_unknown"),
            (vault.profile, "profile_unknown"),
        ):
            with pytest.raises(Refused) as refusal:
                ask(name)
            assert code_of(refusal) == code
        with pytest.raises(Refused) as refusal:
            vault.keep_screenings([judged(0)], permit_id=name)
        assert code_of(refusal) == "permit_unknown"
    assert vault.status()["screenings"] == 0


# -- status is derived ------------------------------------------------------------------------------------


def test_the_worst_site_speaks_for_the_permit(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, 0.0, 30.0)
    screen(vault, permit_id, 2)
    assert status(vault, permit_id) is PermitStatus.PENDING
    screen(vault, permit_id, 2, index=1)
    assert status(vault, permit_id) is PermitStatus.CLEAR
    screen(vault, permit_id, 2, index=1, outcome="cannot_tell")
    assert status(vault, permit_id) is PermitStatus.CANNOT_TELL
    screen(vault, permit_id, 2, conflict("a"))
    assert status(vault, permit_id) is PermitStatus.CONFLICT


def test_a_permit_ends_and_a_clear_runs_out(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, ends_on=date(2026, 11, 20))
    screen(vault, permit_id, 2, valid_until=date(2026, 11, 10))
    for day, expected in ((10, PermitStatus.CLEAR), (11, PermitStatus.PENDING), (20, PermitStatus.PENDING)):
        assert status(vault, permit_id, date(2026, 11, day)) is expected
    assert status(vault, permit_id, date(2026, 11, 21)) is PermitStatus.EXPIRED
    assert len(vault.permits(open_on=date(2026, 11, 20))) == 1
    assert vault.permits(open_on=date(2026, 11, 21)) == ()


def test_a_cancelled_permit_stays_cancelled_and_raises_nothing(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    vault.cancel_permit(permit_id)
    vault.cancel_permit(permit_id)
    screen(vault, permit_id, 2, conflict("a"))
    assert status(vault, permit_id) is PermitStatus.CANCELLED
    assert vault.permits(open_on=DAY) == () and vault.alerts() == ()
    bring(vault, [pipe("near", 5)], dataset="new")
    assert vault.stale_permits(3) == ()


@pytest.mark.parametrize(
    ("change", "touches"),
    [
        (lambda v: bring(v, [pipe("near", 20)], dataset="new"), True),
        (lambda v: bring(v, [pipe("far", 500)], dataset="new"), False),
        (lambda v: bring(v, [pipe("far", 500)]), True),  # takes the pipe nearby away
        (lambda v: bring(v, [pipe("a", 10), pipe("far", 500)]), False),
        (lambda v: bring(v, [pipe("a", 10)], rejected=[rejected(2, site_boxes(0.0)[0][0])]), True),
        (lambda v: bring(v, [pipe("a", 10)], rejected=[rejected(2, site_boxes(600.0)[0][0])]), False),
        (lambda v: bring(v, [pipe("a", 10)], rejected=[rejected(2, None)]), True),
        (lambda v: bring(v, [pipe("a", 10), pipe("far", 500)], on=date(2020, 1, 1)), True),
        (lambda v: bring(v, [pipe("far", 500)], utility="G2"), True),  # nobody knows where it serves
        (lambda v: v.declare_ground(declared("blank", block(-5, -5, 5, 5))), True),
        (lambda v: v.declare_ground(declared("blank", block(500, 500, 505, 505))), False),
        (lambda v: v.declare_ground(declared("coverage")), True),
        (lambda v: v.declare_ground(declared("service_area", block(500, 500, 900, 900))), True),
        (lambda v: v.set_utility(Utility("G1", "Gas", "110")), True),
        (lambda v: v.set_utility(Utility("G2", "Other")), True),
        (lambda v: v.roll_back(1), True),
    ],
)
def test_what_touches_a_site_makes_it_pending_until_screened_again(
    vault: Vault, change: Any, touches: bool
) -> None:
    served_town(vault)
    permit_id = file(vault)
    screen(vault, permit_id, 2, conflict("a"))
    assert status(vault, permit_id) is PermitStatus.CONFLICT
    assert vault.stale_permits(2) == ()
    change(vault)
    assert status(vault, permit_id) is (PermitStatus.PENDING if touches else PermitStatus.CONFLICT)
    assert vault.stale_permits(3) == ((permit_id,) if touches else ())
    screen(vault, permit_id, 3)
    assert status(vault, permit_id) is PermitStatus.CLEAR
    assert vault.stale_permits(3) == ()


def test_a_utility_that_serves_elsewhere_does_not_touch_a_site(vault: Vault) -> None:
    served_town(vault)
    vault.set_utility(Utility("G2", "Other"))
    vault.declare_ground(declared("service_area", block(500, 500, 900, 900), utility="G2"))
    permit_id = file(vault)
    screen(vault, permit_id, 4)
    vault.set_utility(Utility("G2", "Other", "110"))
    bring(vault, [pipe("far", 700)], utility="G2", rejected=[rejected(2, None)])
    assert status(vault, permit_id) is PermitStatus.CLEAR


def test_a_first_or_withdrawn_service_area_touches_every_site(vault: Vault) -> None:
    """However far it lies: where it was never declared, the utility may have owned pipes here."""
    served_town(vault)
    vault.set_utility(Utility("G2", "Other"))
    permit_id = file(vault)
    for revision, shape in ((4, block(500, 500, 900, 900)), (5, shapely.MultiPolygon())):
        screen(vault, permit_id, revision - 1)
        assert status(vault, permit_id) is PermitStatus.CLEAR
        vault.declare_ground(declared("service_area", shape, utility="G2"))
        assert status(vault, permit_id) is PermitStatus.PENDING


def test_a_late_screening_of_an_older_register_displaces_nothing(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    bring(vault, [pipe("near", 20)], dataset="new")
    newest = screen(vault, permit_id, 3, conflict("near"))
    late = screen(vault, permit_id, 2, conflict("other"))
    assert vault.permit(permit_id, on=DAY).screening_ids == (newest,)
    assert status(vault, permit_id) is PermitStatus.CONFLICT
    assert changes(vault, permit_id) == [("near", "II", "new")]
    assert vault.screening(late).conflicts[0]["source_id"] == "other"


def test_a_permit_nobody_screened_is_stale_too(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    bring(vault, [pipe("near", 20)], dataset="new")
    bring(vault, [pipe("far", 700)], dataset="third")
    assert vault.stale_permits(3) == (permit_id,)
    assert vault.stale_permits(4) == ()
    with pytest.raises(Refused) as refusal:
        vault.stale_permits(5)
    assert code_of(refusal) == "revision_unknown"


# -- alerts -----------------------------------------------------------------------------------------------


def test_an_alert_is_raised_for_what_is_new_worse_or_better(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, 0.0, 30.0)
    screen(vault, permit_id, 2, conflict("a"), conflict("b", "III", pipe_id="8"))
    screen(vault, permit_id, 2, conflict("a"), conflict("b", "III", pipe_id="8"))
    screen(vault, permit_id, 2, conflict("a", "I"), conflict("b", "IV", pipe_id="8"))
    screen(vault, permit_id, 2, conflict("a", "I"), index=1)
    assert changes(vault, permit_id) == [
        ("a", "II", "new"),
        ("b", "III", "new"),
        ("a", "I", "worse"),
        ("b", "IV", "better"),
        ("a", "I", "new"),
    ]
    assert {row["state"] for row in vault.alerts()} == {"open"}


@pytest.mark.parametrize("stable", [True, False])
def test_the_same_id_on_a_new_row_is_news_unless_the_utility_vouches_for_it(
    vault: Vault, stable: bool
) -> None:
    bring(vault, [pipe("row 1", 10)], stable=stable)
    permit_id = file(vault)
    screen(vault, permit_id, 1, conflict("row 1", pipe_id="1"))
    bring(vault, [pipe("row 1", 11)], stable=stable)
    screen(vault, permit_id, 2, conflict("row 1", pipe_id="2"))
    raised = [("row 1", "II", "new")]
    assert changes(vault, permit_id) == (raised if stable else [*raised, *raised, ("row 1", "II", "gone")])


# -- jobs -------------------------------------------------------------------------------------------------


def test_every_change_and_every_filing_leaves_a_job(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    assert vault.status()["jobs"]["waiting"] == 3
    assert [(job.kind, job.revision, job.permit_id) for job in drain(vault)] == [
        ("permit", None, permit_id),  # a filing does not wait behind what changes of the register left
        ("revision", 1, None),
        ("revision", 2, None),
    ]
    assert claim(vault) is None and vault.status()["oldest_job"] is None


def test_the_permits_job_ends_once_every_site_is_screened(vault: Vault) -> None:
    served_town(vault)
    drain(vault)
    permit_id = file(vault, 0.0, 30.0)
    screen(vault, permit_id, 2)
    assert vault.status()["jobs"]["waiting"] == 1
    screen(vault, permit_id, 2, index=1)
    assert claim(vault) is None


@SOON_OVER
def test_a_claimed_job_is_nobody_elses_until_its_lease_is_over(vault: Vault) -> None:
    permit_id = file(vault)
    first = claim(vault)
    assert first is not None and (first.permit_id, first.fence) == (permit_id, 1)
    assert claim(vault) is None
    time.sleep(SHORT_LEASE_S * 1.5)
    second = claim(vault)
    assert second is not None and (second.job_id, second.fence) == (first.job_id, 2)
    with pytest.raises(Refused) as refusal:
        vault.keep_screenings([judged(0, conflict("a"))], permit_id=permit_id, job=first)
    assert code_of(refusal) == "job_lost"
    assert vault.status()["screenings"] == 0 and vault.alerts() == ()
    vault.release_job(first, "late")
    vault.keep_screenings([judged(0, conflict("a"))], permit_id=permit_id, job=second)
    assert len(vault.alerts()) == 1
    for job in (first, second):
        with pytest.raises(Refused) as refusal:
            vault.finish_job(job)
        assert code_of(refusal) == "job_lost"


@SOON_OVER
def test_a_job_put_back_waits_and_keeps_its_error(vault: Vault) -> None:
    file(vault)
    job = claim(vault)
    assert job is not None
    vault.release_job(job, "the disk was full")
    jobs = vault.status()["jobs"]
    assert (jobs["waiting"], jobs["failing"], jobs["last_error"]) == (1, 1, "the disk was full")
    assert claim(vault) is None
    time.sleep(SHORT_LEASE_S * 1.5)
    again = claim(vault)
    assert again is not None and again.fence == 2


def test_status_counts(vault: Vault) -> None:
    served_town(vault)
    file(vault)
    screen(vault, file(vault), 2, conflict("a"))
    told = vault.status()
    assert (told["revision"], told["utilities"], told["assets"], told["screenings"]) == (2, 1, 1, 1)
    assert told["permits"] == {"pending": 1, "conflict": 1}

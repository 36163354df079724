"""A permit that is amended or cancelled: what stands then, what is told, and what can still be read."""

from datetime import date

import pytest

from spatial.values import DigSite
from spatial.words import PermitStatus
from sql.vault import Vault
from tests.contract.town import (
    DAY,
    FAR_OFF,
    PROFILE,
    bring,
    changes,
    claim,
    conflict,
    declared,
    file,
    judged,
    parties_of,
    pipe,
    refuses,
    site,
    site_boxes,
)
from tests.support.builders import make_site


def named(*features: str) -> list[DigSite]:
    """Sites at one place, known by their feature ids."""
    return [make_site(feature_id=feature) for feature in features]


def amend(vault: Vault, permit_id: str, *features: str, ends_on: date = FAR_OFF) -> None:
    sites = named(*features)
    filed = vault.amend_permit(
        permit_id, parties_of(ends_on, "Wider trench"), PROFILE, sites, site_boxes(*[0.0] * len(sites))
    )
    assert (filed.permit_id, filed.repeated, filed.answer) == (permit_id, False, None)


def file_named(vault: Vault, *features: str) -> str:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    sites = named(*features)
    return vault.file_permit(parties_of(), PROFILE, sites, site_boxes(*[0.0] * len(sites))).permit_id


def status(vault: Vault, permit_id: str) -> PermitStatus:
    return vault.permit(permit_id, on=DAY).status


def test_an_amendment_is_pending_until_it_is_judged_itself(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    vault.keep_screenings([judged(1)], permit_id=permit_id)
    assert status(vault, permit_id) is PermitStatus.CLEAR
    amend(vault, permit_id, "1")
    record = vault.permit(permit_id, on=DAY)
    assert (record.status, record.screening_ids, record.amendment) == (PermitStatus.PENDING, (), 1)
    assert record.parties.title == "Wider trench" and record.amended_at is not None
    assert record.amended_at >= record.filed_at
    vault.keep_screenings([judged(1)], permit_id=permit_id)  # of the words before: evidence, no more
    assert status(vault, permit_id) is PermitStatus.PENDING
    (kept,) = vault.keep_screenings([judged(1, amendment=1)], permit_id=permit_id)
    assert status(vault, permit_id) is PermitStatus.CLEAR
    assert vault.permit(permit_id).screening_ids == (kept,)


def test_all_that_was_ever_said_can_be_read(vault: Vault) -> None:
    permit_id = file(vault, 0.0, 30.0)
    amend(vault, permit_id, "x", ends_on=date(2098, 1, 1))
    filed, amended = vault.history(permit_id)
    assert (filed.amendment, filed.parties, filed.sites) == (0, parties_of(), (site(0.0), site(30.0)))
    assert (amended.amendment, amended.parties) == (1, parties_of(date(2098, 1, 1), "Wider trench"))
    assert amended.sites == tuple(named("x")) and amended.profile == PROFILE
    assert filed.since < amended.since
    record = vault.permit(permit_id)
    assert (record.parties, record.sites) == (amended.parties, amended.sites)
    assert record.amended_at == amended.since and record.filed_at == filed.since
    refuses("permit_unknown", lambda: vault.history("nobody"))


def test_the_last_day_of_an_amendment_counts(vault: Vault) -> None:
    permit_id = file(vault)
    amend(vault, permit_id, "1", ends_on=date(2098, 1, 1))
    assert vault.permits(open_on=date(2098, 1, 1))[0].permit_id == permit_id
    assert vault.permits(open_on=date(2098, 1, 2)) == ()
    assert vault.permit(permit_id, on=date(2098, 1, 2)).status is PermitStatus.EXPIRED


def test_only_what_is_open_can_be_amended(vault: Vault) -> None:
    past, cancelled = file(vault, ends_on=DAY), file(vault)
    vault.cancel_permit(cancelled)
    for permit_id, code in (
        (past, "permit_expired"),
        (cancelled, "permit_cancelled"),
        ("x", "permit_unknown"),
    ):
        refuses(code, lambda permit_id=permit_id: amend(vault, permit_id, "1"))
    assert len(vault.history(past)) == 1 == len(vault.history(cancelled))


def test_alerts_follow_a_site_by_its_feature_id(vault: Vault) -> None:
    """Whatever its place in the plan: what is the same is no news, what a site has lost is gone."""
    bring(vault, [pipe("a", 10)])
    permit_id = file_named(vault, "north", "south")
    a, b = conflict("a"), conflict("b", "III", pipe_id="8")
    vault.keep_screenings([judged(1, a), judged(1, b, index=1)], permit_id=permit_id)
    told = [("a", "II", "new"), ("b", "III", "new")]
    assert changes(vault, permit_id) == told
    amend(vault, permit_id, "south", "north", "west")
    assert changes(vault, permit_id) == told  # nobody has judged it yet
    vault.keep_screenings(
        [
            judged(1, conflict("b", "II", pipe_id="8"), amendment=1),
            judged(1, index=1, amendment=1),
            judged(1, a, index=2, amendment=1),
        ],
        permit_id=permit_id,
    )
    told += [("b", "II", "worse"), ("a", "II", "gone"), ("a", "II", "new")]
    assert changes(vault, permit_id) == told
    gone = vault.alerts(permit_id)[3]
    assert (gone["ordinal"], gone["amendment"], gone["site_index"]) == (None, 1, 1)
    assert gone["screening_id"] == vault.permit(permit_id).screening_ids[1]


def test_a_site_that_was_taken_away_has_its_conflicts_gone_once(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file_named(vault, "stays", "goes")
    a = conflict("a")
    ids = vault.keep_screenings([judged(1), judged(1, a, index=1)], permit_id=permit_id)
    amend(vault, permit_id, "stays")
    for _ in range(2):
        vault.keep_screenings([judged(1, amendment=1)], permit_id=permit_id)
        assert changes(vault, permit_id) == [("a", "II", "new"), ("a", "II", "gone")]
    gone = vault.alerts(permit_id)[1]
    assert (gone["screening_id"], gone["ordinal"], gone["site_index"]) == (ids[1], None, 1)
    amend(vault, permit_id, "stays", "goes")  # and it comes back
    vault.keep_screenings([judged(1, amendment=2), judged(1, a, index=1, amendment=2)], permit_id=permit_id)
    assert changes(vault, permit_id)[2:] == [("a", "II", "new")]


def test_two_features_of_one_name_are_told_apart_by_their_order(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file_named(vault, "1", "1")
    vault.keep_screenings([judged(1), judged(1, conflict("a"), index=1)], permit_id=permit_id)
    amend(vault, permit_id, "1", "1")
    vault.keep_screenings(
        [judged(1, amendment=1), judged(1, conflict("a"), index=1, amendment=1)], permit_id=permit_id
    )
    assert changes(vault, permit_id) == [("a", "II", "new")]


def test_a_conflict_that_is_no_more_is_gone_with_its_former_grade(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    (first,) = vault.keep_screenings([judged(1, conflict("a", "I"))], permit_id=permit_id)
    (second,) = vault.keep_screenings([judged(1)], permit_id=permit_id)
    vault.keep_screenings([judged(1)], permit_id=permit_id)
    assert changes(vault, permit_id) == [("a", "I", "new"), ("a", "I", "gone")]
    raised, gone = vault.alerts(permit_id)
    assert (raised["screening_id"], raised["ordinal"]) == (first, 0)
    assert (gone["screening_id"], gone["ordinal"]) == (second, None)
    assert {row["state"] for row in (raised, gone)} == {"open"}


@pytest.mark.parametrize("late", ["amendment", "rules"])
def test_a_job_whose_judgement_came_too_late_is_put_back(vault: Vault, late: str) -> None:
    permit_id = file(vault)
    job = claim(vault)
    assert job is not None
    if late == "amendment":
        amend(vault, permit_id, "1")
    else:
        vault.adopt_profile("other", "e" * 64, "cn-gb55009", "2")
    while (other := claim(vault)) is not None:  # the one the change itself left
        vault.finish_job(other)
    vault.keep_screenings([judged(0, conflict("a"))], permit_id=permit_id, job=job)
    assert status(vault, permit_id) is PermitStatus.PENDING and vault.alerts() == ()
    assert [record.stood for record in vault.screenings(permit_id)] == [False]
    again = claim(vault)
    assert again is not None and (again.job_id, again.fence) == (job.job_id, job.fence + 1)
    about = {"amendment": 1} if late == "amendment" else {"rules": "e" * 64}
    vault.keep_screenings([judged(0, conflict("a"), **about)], permit_id=permit_id, job=again)
    assert status(vault, permit_id) is PermitStatus.CONFLICT
    assert changes(vault, permit_id) == [("a", "II", "new")] and claim(vault) is None


def test_a_cancelled_dig_tells_no_more_and_its_alerts_wait_to_be_acknowledged(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    vault.keep_screenings([judged(1, conflict("a"))], permit_id=permit_id)
    assert [row["permit_cancelled"] for row in vault.alerts(state="open")] == [False]
    assert vault.cancel_permit(permit_id) == vault.cancel_permit(permit_id)
    assert [row["permit_cancelled"] for row in vault.alerts(state="open")] == [True]
    job = claim(vault)
    while job is not None and job.permit_id is None:
        vault.finish_job(job)
        job = claim(vault)
    vault.keep_screenings([judged(1)], permit_id=permit_id)
    vault.keep_screenings([judged(1, conflict("b"))], permit_id=permit_id, job=job)
    assert changes(vault, permit_id) == [("a", "II", "new")]
    record = vault.permit(permit_id)
    assert (record.status, record.cancelled) == (PermitStatus.CANCELLED, True)
    assert claim(vault) is None


def test_a_permit_keeps_the_worst_grade_of_what_stands(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    vault.declare_ground(declared("service_area"))
    permit_id = file(vault, 0.0, 30.0)
    assert vault.permit(permit_id).grade is None
    ones = [judged(2, conflict("a", "III")), judged(2, conflict("b", "II"), index=1)]
    vault.keep_screenings(ones, permit_id=permit_id)
    assert vault.permit(permit_id).grade == "II" == vault.permits()[0].grade
    amend(vault, permit_id, "1")
    assert vault.permit(permit_id).grade is None

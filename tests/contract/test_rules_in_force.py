"""New rules for permits that were filed under others."""

from spatial.words import PermitStatus
from sql.vault import Vault
from tests.contract.town import (
    DAY,
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

FAMILY = "cn-gb55009"
SECOND, THIRD, OTHER = "a" * 64, "b" * 64, "c" * 64


def adopt(vault: Vault, sha256: str, family: str = FAMILY) -> int:
    return vault.adopt_profile(f"rules {sha256[0]}", sha256, family, "2")


def idle(vault: Vault) -> None:
    while (job := claim(vault)) is not None:
        vault.finish_job(job)


def test_adopted_rules_make_the_open_permits_of_their_family_pending(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    ours, over, off = file(vault), file(vault, ends_on=DAY), file(vault)
    vault.keep_profile("other", OTHER, "other family", "1")
    other = vault.file_permit(parties_of(), OTHER, [site()], site_boxes(0.0)).permit_id
    for permit_id, rules in ((ours, PROFILE), (other, OTHER)):
        vault.keep_screenings([judged(1, rules=rules)], permit_id=permit_id)
    vault.cancel_permit(off)
    idle(vault)
    assert vault.profile_in_force(FAMILY) is None
    assert adopt(vault, SECOND) == 1
    assert vault.profile_in_force(FAMILY) == "rules a"
    record = vault.permit(ours, on=DAY)
    assert (record.status, record.profile, record.screening_ids) == (PermitStatus.PENDING, SECOND, ())
    assert vault.permit(other, on=DAY).status is PermitStatus.CLEAR
    job = claim(vault)
    assert job is not None and job.permit_id == ours and claim(vault) is None
    vault.keep_screenings([judged(1, rules=PROFILE)], permit_id=ours)  # by the old rules: too late
    assert vault.permit(ours, on=DAY).status is PermitStatus.PENDING
    (kept,) = vault.keep_screenings([judged(1, rules=SECOND)], permit_id=ours, job=job)
    assert vault.permit(ours, on=DAY).screening_ids == (kept,)
    assert vault.permit(ours, on=DAY).status is PermitStatus.CLEAR
    assert vault.permit(over, on=DAY).profile == SECOND  # no job, and still read by the rules in force


def test_rules_that_are_in_force_already_change_nothing(vault: Vault) -> None:
    permit_id = file(vault)
    vault.keep_screenings([judged(0)], permit_id=permit_id)
    assert adopt(vault, PROFILE) == 0  # the very rules it was judged by
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.CLEAR
    assert adopt(vault, SECOND) == 1
    assert adopt(vault, SECOND) == 0
    assert adopt(vault, PROFILE) == 1  # going back
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.CLEAR


def test_a_permit_filed_under_old_rules_is_judged_by_those_in_force(vault: Vault) -> None:
    adopt(vault, SECOND)
    permit_id = file(vault)
    assert vault.permit(permit_id).profile == SECOND
    vault.keep_screenings([judged(0, rules=PROFILE)], permit_id=permit_id)
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.PENDING
    vault.keep_screenings([judged(0, rules=SECOND)], permit_id=permit_id)
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.CLEAR
    assert vault.history(permit_id)[0].profile == PROFILE


def test_alerts_are_told_against_what_the_rules_before_said(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    vault.keep_screenings([judged(1, conflict("a"), conflict("b", pipe_id="8"))], permit_id=permit_id)
    adopt(vault, SECOND)
    vault.keep_screenings([judged(1, conflict("a", "I"), rules=SECOND)], permit_id=permit_id)
    assert changes(vault, permit_id)[2:] == [("a", "I", "worse"), ("b", "II", "gone")]


def test_what_a_judgement_asked_about_decides_what_touches_it(vault: Vault) -> None:
    """Rules with another reach bring other boxes; those of the filing no longer count."""
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    adopt(vault, SECOND)
    # Nobody knows yet what the new rules ask about: any change counts.
    bring(vault, [pipe("far", 800)], dataset="far off")
    assert vault.stale_permits(2) == (permit_id,)
    vault.keep_screenings([judged(2, rules=SECOND, north_m=200.0)], permit_id=permit_id)
    bring(vault, [pipe("near", 5)], dataset="second")
    assert vault.stale_permits(3) == ()
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.CLEAR
    bring(vault, [pipe("there", 205)], dataset="third")
    assert vault.stale_permits(4) == (permit_id,)
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.PENDING


def test_an_older_register_under_new_rules_is_news_only_if_nothing_newer_stands(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id = file(vault)
    adopt(vault, SECOND)
    bring(vault, [pipe("far", 800)], dataset="far off")
    vault.keep_screenings([judged(2, conflict("a"), rules=SECOND)], permit_id=permit_id)
    (late,) = vault.keep_screenings([judged(1, conflict("b"), rules=SECOND)], permit_id=permit_id)
    assert changes(vault, permit_id) == [("a", "II", "new")]
    assert not vault.screening(late).stood


def test_unknown_rules_are_refused(vault: Vault) -> None:
    refuses("profile_unknown", lambda: vault.profile(THIRD))
    assert vault.profile_in_force("nobody's") is None


def test_a_judgement_that_came_too_late_never_stands_even_if_its_rules_come_back(vault: Vault) -> None:
    permit_id = file(vault)
    adopt(vault, SECOND)
    vault.keep_screenings([judged(0, rules=PROFILE)], permit_id=permit_id)
    adopt(vault, PROFILE)
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.PENDING
    assert [waiting.permit_id for waiting in vault.pending_permits(DAY)] == [permit_id]

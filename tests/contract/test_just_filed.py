"""A permit judged by whoever filed it a moment ago: told how it stands at once, and never by an old picture of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from spatial.words import PermitStatus
from sql.vault import Judged, Kept, NewScreening, PermitRecord, Vault
from tests.contract.test_permits import served_town
from tests.contract.town import (
    DAY,
    PROFILE,
    bring,
    changes,
    conflict,
    file,
    judged,
    parties_of,
    pipe,
    refuses,
    site,
    site_boxes,
)

NEW_RULES = "a" * 64
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def as_filed(permit_id: str, *easts_m: float) -> PermitRecord:
    """What its filer knows of it: not when it was filed, nor as which."""
    sites = tuple(site(east_m) for east_m in easts_m or (0.0,))
    return PermitRecord(permit_id, parties_of(), PROFILE, sites, PermitStatus.PENDING, LONG_AGO, ())


def keep(vault: Vault, filed: PermitRecord, *screenings: NewScreening) -> Kept:
    return vault.keep_all([Judged(screenings, filed.permit_id, None, filed)])[0]


def test_the_filer_is_told_what_a_reader_is_told(vault: Vault) -> None:
    served_town(vault)
    first, second = file(vault), file(vault, 0.0, 30.0)
    one, asked, two = vault.keep_all(
        [
            Judged((judged(2, outcome="clear"),), first, None, as_filed(first)),
            Judged((judged(2, conflict("b")),)),
            Judged(
                (judged(2, conflict("a", "III")), judged(2, conflict("a"), conflict("b", "I"), index=1)),
                second,
                None,
                as_filed(second, 0.0, 30.0),
            ),
        ]
    )
    assert (one.permit, two.permit) == vault.permits()
    assert asked.permit is None
    assert one.permit is not None and two.permit is not None
    assert (one.permit.status, one.permit.grade) == (PermitStatus.CLEAR, None)
    assert (two.permit.status, two.permit.grade) == (PermitStatus.CONFLICT, "II")
    assert changes(vault, second) == [("a", "III", "new"), ("a", "II", "new"), ("b", "I", "new")]
    kept = [record for answer in (one, asked, two) for record in answer.screenings]
    assert vault.screenings_by_id([record.screening_id for record in kept]) == tuple(kept)
    assert [record.stood for record in kept] == [True, False, True, True]
    assert vault.status()["jobs"] == vault.status()["jobs"] | {"waiting": 2}  # those of the two revisions


def amended(vault: Vault, permit_id: str) -> None:
    vault.amend_permit(permit_id, parties_of(), PROFILE, [site()], site_boxes(0.0))


def cancelled(vault: Vault, permit_id: str) -> None:
    vault.cancel_permit(permit_id)


def other_rules(vault: Vault, permit_id: str) -> None:
    vault.adopt_profile("new", NEW_RULES, "cn-gb55009", "2")


def judged_newer(vault: Vault, permit_id: str) -> None:
    bring(vault, [pipe("far", 900)], dataset="far")
    vault.keep_screenings([judged(3, conflict("a"))], permit_id=permit_id)


@pytest.mark.parametrize("change", [amended, cancelled, other_rules, judged_newer])
def test_what_came_in_between_is_not_overlooked(vault: Vault, change: Callable[[Vault, str], None]) -> None:
    served_town(vault)
    permit_id = file(vault)
    change(vault, permit_id)
    before, told = vault.permit(permit_id), changes(vault, permit_id)
    waiting = vault.status()["jobs"]["waiting"]
    kept = keep(vault, as_filed(permit_id), judged(2, outcome="clear"))
    assert [record.stood for record in kept.screenings] == [False]
    assert kept.permit == vault.permit(permit_id) == before
    assert kept.permit.status is not PermitStatus.CLEAR
    assert changes(vault, permit_id) == told
    # What was cancelled is nobody's work any more.
    assert vault.status()["jobs"]["waiting"] == waiting - (change is cancelled)


def test_a_judgement_that_is_not_the_first_is_held_against_the_first(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    filed = as_filed(permit_id)
    keep(vault, filed, judged(2, conflict("a")))
    again, worse = vault.keep_all(
        [
            Judged((judged(2, conflict("a")),), permit_id, None, filed),
            Judged((judged(2, conflict("a", "I")),), permit_id, None, filed),
        ]
    )
    assert again.permit == worse.permit == vault.permit(permit_id)
    assert changes(vault, permit_id) == [("a", "II", "new"), ("a", "I", "worse")]


def test_a_revision_that_touches_it_since_makes_it_pending(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    bring(vault, [pipe("near", 1)], dataset="near")
    kept = keep(vault, as_filed(permit_id), judged(2, outcome="clear"))
    assert [record.stood for record in kept.screenings] == [True]
    assert kept.permit == vault.permit(permit_id)
    assert kept.permit.status is PermitStatus.PENDING


def test_a_clear_that_has_run_out_is_pending(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    kept = keep(vault, as_filed(permit_id), judged(2, outcome="clear", valid_until=LONG_AGO.date()))
    assert kept.permit == vault.permit(permit_id)
    assert kept.permit.status is PermitStatus.PENDING


def test_half_of_its_sites_is_not_the_permit(vault: Vault) -> None:
    """Whoever names fewer sites than were filed ends no job, and is not told that all is well."""
    served_town(vault)
    permit_id = file(vault, 0.0, 30.0)
    waiting = vault.status()["jobs"]["waiting"]
    for known in (as_filed(permit_id), as_filed(permit_id, 0.0, 30.0)):
        kept = keep(vault, known, judged(2, outcome="clear"))
        assert kept.permit == vault.permit(permit_id)
        assert kept.permit.status is PermitStatus.PENDING
    assert vault.status()["jobs"]["waiting"] == waiting


def test_nothing_is_kept_of_a_permit_that_is_not_there(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    for nobody in ("00000000-0000-4000-8000-000000000000", "no id"):
        asked: list[Any] = [
            Judged((judged(2),), known.permit_id, None, known)
            for known in (as_filed(permit_id), as_filed(nobody))
        ]
        refuses("permit_unknown", lambda asked=asked: vault.keep_all(asked))
    assert vault.permit(permit_id, on=DAY).screening_ids == ()
    assert vault.status()["screenings"] == 0


def test_a_permit_that_has_ended_reads_expired(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault, ends_on=DAY)
    filed = replace(as_filed(permit_id), parties=parties_of(DAY))
    kept = keep(vault, filed, judged(2, outcome="clear"))
    assert kept.permit == vault.permit(permit_id)
    assert kept.permit.status is PermitStatus.EXPIRED

"""Many permits filed, and many judgements kept, at once: as good as one by one, and all or none."""

import pytest

from spatial.errors import Refused
from spatial.words import PermitStatus
from sql.vault import Filed, Filing, Judged, RequestKey, Vault
from tests.contract.test_permits import changes, served_town
from tests.contract.test_register import code_of
from tests.contract.town import DAY, PROFILE, conflict, file, judged, parties_of, site, site_boxes


def test_what_is_kept_is_what_is_read_back(vault: Vault) -> None:
    served_town(vault)
    first, second = file(vault), file(vault, 0.0, 30.0)
    waiting = vault.status()["jobs"]["waiting"]
    kept = vault.keep_all(
        [
            Judged((judged(2, conflict("a"), conflict("b", "III")),), first),
            Judged((judged(2, conflict("a")),)),
            Judged((judged(2), judged(2, conflict("c"), index=1)), second),
            Judged(()),
        ]
    )
    assert [len(one.screenings) for one in kept] == [1, 1, 2, 0]
    for one in kept:
        ids = [record.screening_id for record in one.screenings]
        assert vault.screenings_by_id(ids) == one.screenings
        assert one.permit is None
    records = [record for one in kept for record in one.screenings]
    assert [record.permit_id for record in records] == [first, None, second, second]
    assert [record.stood for record in records] == [True, False, True, True]
    assert changes(vault, first) == [("a", "II", "new"), ("b", "III", "new")]
    assert changes(vault, second) == [("c", "II", "new")]
    assert vault.status()["jobs"]["waiting"] == waiting - 2


def test_a_permit_judged_twice_at_once_is_told_of_once(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    kept = vault.keep_all([Judged((judged(2, conflict("a")),), permit_id) for _ in range(3)])
    assert changes(vault, permit_id) == [("a", "II", "new")]
    assert vault.permit(permit_id, on=DAY).screening_ids == (kept[-1].screenings[0].screening_id,)


def test_all_are_kept_or_none(vault: Vault) -> None:
    served_town(vault)
    permit_id = file(vault)
    nobody = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Refused) as refused:
        vault.keep_all([Judged((judged(2),), permit_id), Judged((judged(2),), nobody)])
    assert code_of(refused) == "permit_unknown"
    assert vault.permit(permit_id, on=DAY).screening_ids == ()
    assert vault.status()["screenings"] == 0


def test_filed_together_as_filed_alone(vault: Vault) -> None:
    served_town(vault)
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    used = RequestKey("used", "a" * 64)
    before = vault.file_all([filing(used)])[0]
    first, again, new, twin = vault.file_all(
        [filing(), filing(used), filing(RequestKey("new", "b" * 64)), filing(RequestKey("new", "b" * 64))]
    )
    assert (first.repeated, new.repeated) == (False, False)
    assert again == Filed(before.permit_id, True, None)
    assert twin == Filed(new.permit_id, True, None)
    records = vault.permits()
    assert [record.permit_id for record in records] == [before.permit_id, first.permit_id, new.permit_id]
    assert {(record.parties, record.sites, record.profile) for record in records} == {
        (parties_of(), (site(0.0),), PROFILE)
    }
    assert [record.status for record in records] == [PermitStatus.PENDING] * 3


@pytest.mark.parametrize("key", ["used", "new"])
def test_all_are_filed_or_none(vault: Vault, key: str) -> None:
    served_town(vault)
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    vault.file_all([filing(RequestKey("used", "a" * 64))])
    asked = [filing(), filing(RequestKey("new", "b" * 64)), filing(RequestKey(key, "c" * 64))]
    with pytest.raises(Refused) as refused:
        vault.file_all(asked)
    assert code_of(refused) == "idempotency_key_reused"
    assert len(vault.permits()) == 1


def filing(key: RequestKey | None = None) -> Filing:
    return Filing(parties_of(), PROFILE, (site(0.0),), tuple(site_boxes(0.0)), key)

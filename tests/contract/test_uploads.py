"""Uploaded network files: taken in hand by one at a time, ended once, published only together with what they hold."""

import time
import uuid

import pytest

from spatial.errors import Refused
from sql.records import RequestKey
from sql.uploads import NewUpload, Publishing, UploadClaim
from sql.vault import Vault
from tests.contract.town import DAY, Row, cuts_of, intake, pipe

SPOOL = "spool-1"


def keep(vault: Vault, spool: str = SPOOL, key: RequestKey | None = None, utility: str = "GAS") -> str:
    files = [{"name": "管线.geojson", "bytes": 7, "sha256": "ab"}]
    upload = NewUpload(str(uuid.uuid4()), spool, utility, "town", {"crs": "EPSG:4490"}, files)
    return vault.keep_upload(upload, key=key)


def claimed(vault: Vault) -> UploadClaim:
    claim = vault.claim_upload(SPOOL)
    assert claim is not None
    return claim


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return refusal.value.faults[0].code


def publish(vault: Vault, claim: UploadClaim, *rows: Row) -> int | None:
    taken = intake(rows)
    publishing = Publishing(claim, {"accepted": len(rows)})
    done = vault.import_network(
        taken, cuts_of(taken), utility="GAS", dataset="town", on=DAY, upload=publishing
    )
    return done.revision


def test_an_upload_waits_and_is_found(vault: Vault) -> None:
    upload_id = keep(vault)
    found = vault.upload(upload_id)
    assert (found.upload_id, found.state, found.spool, found.utility) == (upload_id, "waiting", SPOOL, "GAS")
    assert (found.asked, found.files[0]["name"]) == ({"crs": "EPSG:4490"}, "管线.geojson")
    assert (found.told, found.revision, found.begun_at, found.ended_at) == (None, None, None, None)
    assert vault.upload_queue(SPOOL) == (1, True) and vault.upload_queue("other") == (0, False)
    for nobody in (str(uuid.uuid4()), "x", "0" * 300):
        with pytest.raises(Refused) as refusal:
            vault.upload(nobody)
        assert code_of(refusal) == "upload_unknown"


def test_they_are_listed_in_the_order_in_which_they_came(vault: Vault) -> None:
    ids = [keep(vault, utility=utility) for utility in ("A", "B", "A")]
    assert [one.upload_id for one in vault.uploads()] == ids
    assert [one.upload_id for one in vault.uploads(utility="A")] == [ids[0], ids[2]]
    first = vault.uploads(limit=1)[0]
    assert [one.upload_id for one in vault.uploads(after=first.kept_order)] == ids[1:]
    claimed(vault)
    assert [one.upload_id for one in vault.uploads(state="waiting")] == ids[1:]


def test_a_key_is_one_upload(vault: Vault) -> None:
    key = RequestKey("k", "a" * 64)
    upload_id = keep(vault, key=key)
    assert keep(vault, key=key) == upload_id
    assert len(vault.uploads()) == 1
    with pytest.raises(Refused) as refusal:
        keep(vault, key=RequestKey("k", "b" * 64))
    assert code_of(refusal) == "idempotency_key_reused"


def test_the_oldest_is_taken_first_and_whoever_had_it_can_end_nothing(vault: Vault) -> None:
    first, second = keep(vault), keep(vault)
    keep(vault, spool="elsewhere")
    before = claimed(vault)
    assert (before.upload_id, before.tries, vault.upload(first).state) == (first, 1, "reading")
    after = claimed(vault)  # as whoever finds it left behind
    assert (after.upload_id, after.tries) == (first, 2)
    vault.upload_importing(before)
    assert vault.upload(first).state == "reading"
    vault.upload_importing(after)
    assert vault.upload(first).state == "importing"
    with pytest.raises(Refused) as refusal:
        vault.end_upload(before, "failed", {})
    assert code_of(refusal) == "job_lost"
    vault.end_upload(after, "refused", {"faults": [{"code": "zip_nested"}]})
    ended = vault.upload(first)
    assert (ended.state, ended.told) == ("refused", {"faults": [{"code": "zip_nested"}]})
    assert ended.begun_at is not None and ended.ended_at is not None
    with pytest.raises(Refused):
        vault.end_upload(after, "failed", {})
    assert claimed(vault).upload_id == second


def test_one_given_back_holds_the_place_of_its_own(vault: Vault) -> None:
    """What came later may be a newer state of the same dataset."""
    first, _ = keep(vault), keep(vault)
    vault.give_back_upload(claimed(vault), 0.2)
    assert vault.upload(first).state == "waiting"
    assert vault.upload_queue(SPOOL) == (2, False) and vault.claim_upload(SPOOL) is None
    time.sleep(0.25)
    again = claimed(vault)
    assert (again.upload_id, again.tries) == (first, 1)


def test_it_is_published_with_what_it_holds_or_nothing_is(vault: Vault) -> None:
    upload_id = keep(vault)
    lost = claimed(vault)
    claim = claimed(vault)
    with pytest.raises(Refused) as refusal:
        publish(vault, lost, pipe("P-1", 0))
    assert code_of(refusal) == "job_lost"
    assert (vault.revisions(), vault.upload(upload_id).state) == ((), "reading")
    revision = publish(vault, claim, pipe("P-1", 0))
    found = vault.upload(upload_id)
    assert (found.state, found.revision, found.told) == ("published", revision, {"accepted": 1})
    with pytest.raises(Refused):
        publish(vault, claim, pipe("P-1", 0), pipe("P-2", 20))
    assert len(vault.revisions()) == 1


def test_what_changes_nothing_is_published_without_a_revision(vault: Vault) -> None:
    keep(vault)
    publish(vault, claimed(vault), pipe("P-1", 0))
    upload_id = keep(vault)
    assert publish(vault, claimed(vault), pipe("P-1", 0)) is None
    assert (vault.upload(upload_id).state, vault.upload(upload_id).revision) == ("published", None)

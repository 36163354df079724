"""A request that is sent twice is done once, and answered the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sql.postgis import PostgisVault
from sql.vault import Filed, KeptAnswer, RequestKey, Vault
from tests.contract.town import PROFILE, file, parties_of, refuses, site, site_boxes

KEY = RequestKey("a-key 1", "1" * 64)
OTHER_BODY = RequestKey(KEY.key, "2" * 64)


def send(vault: Vault, key: RequestKey | None = KEY) -> Filed:
    vault.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    return vault.file_permit(parties_of(), PROFILE, [site(), site(30.0)], site_boxes(0.0, 30.0), key=key)


def amend(vault: Vault, permit_id: str, key: RequestKey | None) -> Filed:
    return vault.amend_permit(permit_id, parties_of(), PROFILE, [site()], site_boxes(0.0), key=key)


def test_a_filing_that_is_sent_again_is_the_same_permit(vault: Vault) -> None:
    first = send(vault)
    assert (first.repeated, first.answer) == (False, None)
    assert send(vault) == Filed(first.permit_id, True, None)  # the first one died before it answered
    answer = KeptAnswer(201, b'{"\x00\xff": 1}')
    assert vault.keep_answer(KEY.key, answer) == answer
    assert vault.keep_answer(KEY.key, KeptAnswer(200, b"later")) == answer
    assert send(vault) == Filed(first.permit_id, True, answer)
    refuses("idempotency_key_reused", lambda: send(vault, OTHER_BODY))
    assert len(vault.permits()) == 1 and vault.status()["jobs"]["waiting"] == 1
    assert send(vault, None).permit_id != send(vault, RequestKey("another", KEY.body_sha256)).permit_id


def test_what_was_done_under_a_key_can_be_asked_without_doing_it(vault: Vault) -> None:
    assert vault.filed_under(KEY) is None
    permit_id = send(vault).permit_id
    assert vault.filed_under(KEY) == Filed(permit_id, True, None)
    answer = vault.keep_answer(KEY.key, KeptAnswer(201, b"{}"))
    assert vault.filed_under(KEY) == Filed(permit_id, True, answer)
    refuses("idempotency_key_reused", lambda: vault.filed_under(OTHER_BODY))
    assert len(vault.permits()) == 1


def test_an_amendment_written_upon_older_words_changes_nothing(vault: Vault) -> None:
    """Two who amend at once would undo one another: the second has to look first."""
    permit_id = file(vault)
    words = (permit_id, parties_of(), PROFILE, [site()], site_boxes(0.0))
    late = RequestKey("late", "1" * 64)
    assert vault.amend_permit(*words, seen=0).repeated is False
    refuses("permit_changed", lambda: vault.amend_permit(*words, seen=0, key=late))
    assert vault.permit(permit_id).amendment == 1
    assert vault.amend_permit(*words, seen=1, key=late).repeated is False  # the refusal used up no key
    assert vault.permit(permit_id).amendment == 2
    vault.cancel_permit(permit_id)
    refuses("permit_cancelled", lambda: vault.amend_permit(*words, seen=0))


def test_an_answer_belongs_to_something_that_was_filed(vault: Vault) -> None:
    refuses("idempotency_key_unknown", lambda: vault.keep_answer("nobody's", KeptAnswer(201, b"")))


def test_an_amendment_and_a_cancellation_are_done_once_too(vault: Vault) -> None:
    permit_id = file(vault)
    amending, cancelling = RequestKey("amend", "3" * 64), RequestKey("cancel", "4" * 64)
    assert amend(vault, permit_id, amending) == Filed(permit_id, False, None)
    assert amend(vault, permit_id, amending) == Filed(permit_id, True, None)
    assert vault.permit(permit_id).amendment == 1
    assert vault.cancel_permit(permit_id, key=cancelling) == Filed(permit_id, False, None)
    vault.keep_answer("cancel", KeptAnswer(200, b"off"))
    assert vault.cancel_permit(permit_id, key=cancelling).answer == KeptAnswer(200, b"off")
    # What was done once is told again even if it could not be done now.
    assert amend(vault, permit_id, amending) == Filed(permit_id, True, None)
    refuses("permit_cancelled", lambda: amend(vault, permit_id, RequestKey("too late", "5" * 64)))
    # A refusal uses up no key.
    refuses("permit_unknown", lambda: amend(vault, "nobody", RequestKey("lost", "6" * 64)))
    refuses("permit_unknown", lambda: vault.cancel_permit("nobody", key=RequestKey("lost", "7" * 64)))
    assert send(vault, RequestKey("lost", "8" * 64)).repeated is False
    assert send(vault, RequestKey("too late", "9" * 64)).repeated is False


@pytest.mark.parametrize("work", ["file", "amend"])
def test_the_same_key_at_the_same_moment_is_done_once(postgis: PostgisVault, work: str) -> None:
    permit_id = file(postgis)
    for turn in range(10):
        start = Barrier(4)
        key = RequestKey(f"turn {turn}", "1" * 64)

        def once(_: int, start: Barrier = start, key: RequestKey = key) -> Filed:
            start.wait()
            return send(postgis, key) if work == "file" else amend(postgis, permit_id, key)

        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(once, range(4)))
        assert len({filed.permit_id for filed in done}) == 1
        assert sorted(filed.repeated for filed in done) == [False, True, True, True]
    assert len(postgis.permits()) == (11 if work == "file" else 1)
    assert postgis.permit(permit_id).amendment == (0 if work == "file" else 10)

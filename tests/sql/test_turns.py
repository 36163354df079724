"""Two at once, held at the moment that matters: what the locks of the vault are for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from spatial.words import PermitStatus
from sql.postgis import PostgisVault, permits
from sql.vault import Filing, Judged
from tests.conftest import VaultUrls
from tests.contract.town import (
    DAY,
    PROFILE,
    changes,
    conflict,
    file,
    judged,
    parties_of,
    site,
    site_boxes,
)
from tests.sql.cluster_tools import ask, eventually

NEW_RULES = "a" * 64

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def vault(vault_urls: VaultUrls) -> Iterator[PostgisVault]:
    made = PostgisVault(vault_urls.app, head_start_s=0.0)
    made.keep_profile("profile", PROFILE, "cn-gb55009", "1")
    yield made
    made.close()


@pytest.fixture
def other(vault_urls: VaultUrls) -> Iterator[Connection]:
    """A transaction of another process, not committed yet."""
    engine = create_engine(vault_urls.app, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def somebody_waits(urls: VaultUrls) -> None:
    eventually(lambda: ask(urls.owner, WAITING) == 1)


def test_new_rules_wait_for_a_filing_at_work_and_leave_it_a_job(
    vault: PostgisVault, other: Connection, vault_urls: VaultUrls
) -> None:
    filing = Filing(parties_of(), PROFILE, (site(),), tuple(site_boxes(0.0)))
    (filed,) = permits.file_all(other, [filing], 0.0)
    with ThreadPoolExecutor(1) as pool:
        adopting = pool.submit(vault.adopt_profile, "new", NEW_RULES, "cn-gb55009", "2")
        somebody_waits(vault_urls)
        other.commit()
        assert adopting.result() == 1
    assert vault.permit(filed.permit_id).profile == NEW_RULES


@pytest.mark.parametrize("knows_it", [False, True], ids=["a worker", "whoever filed it"])
def test_a_judgement_waits_for_an_amendment_at_work_and_does_not_stand(
    vault: PostgisVault, other: Connection, vault_urls: VaultUrls, knows_it: bool
) -> None:
    permit_id = file(vault)
    filed = vault.permit(permit_id)
    permits.amend_permit(
        other, permit_id, parties_of(), PROFILE, [site()], site_boxes(0.0), None, None, 0.0, ()
    )
    with ThreadPoolExecutor(1) as pool:
        judgement = Judged((judged(0, conflict("a")),), permit_id, None, filed if knows_it else None)
        keeping = pool.submit(vault.keep_all, [judgement])
        somebody_waits(vault_urls)
        other.commit()
        (kept,) = keeping.result()
    assert not kept.screenings[0].stood
    assert kept.permit == (vault.permit(permit_id) if knows_it else None)
    assert vault.permit(permit_id, on=DAY).status is PermitStatus.PENDING
    assert vault.alerts() == () and vault.status()["jobs"]["waiting"] == 2


@pytest.mark.parametrize("knows_it", [False, True], ids=["a worker", "whoever filed it"])
def test_a_judgement_that_waited_for_another_is_held_against_it(
    vault: PostgisVault, other: Connection, vault_urls: VaultUrls, knows_it: bool
) -> None:
    """What stood before is asked for after the wait: an older picture would tell the same conflict twice."""
    permit_id = file(vault)
    filed = vault.permit(permit_id) if knows_it else None
    other.exec_driver_sql(
        "SELECT FROM predig.permit WHERE permit_id = %(id)s FOR NO KEY UPDATE", {"id": permit_id}
    )
    with ThreadPoolExecutor(2) as pool:
        keeping = [
            pool.submit(vault.keep_all, [Judged((judged(0, conflict("a", grade)),), permit_id, None, filed)])
            for grade in ("II", "II")
        ]
        eventually(lambda: ask(vault_urls.owner, WAITING) == 2)
        other.rollback()
        for kept in keeping:
            kept.result()
    assert changes(vault, permit_id) == [("a", "II", "new")]

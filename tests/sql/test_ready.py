"""Whether a write would be taken now: asked of databases that read and do not write, and of one that is gone."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from sql.errors import VaultUnavailable
from sql.migrate import migrate, shipped
from sql.postgis import PostgisVault
from tests.conftest import VaultUrls
from tests.contract.town import HERE, bring, file, pipe
from tests.sql.cluster_tools import ask, eventually

QUICK_S = 3.0

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def vault(vault_urls: VaultUrls) -> Iterator[PostgisVault]:
    made = PostgisVault(vault_urls.app, pool_size=1, patience_s=1.0, head_start_s=0.0)
    yield made
    made.close()


def test_a_database_that_only_reads_is_not_ready(vault: PostgisVault, vault_urls: VaultUrls) -> None:
    file(vault)
    assert vault.readiness().writable
    vault.close()
    name = make_url(vault_urls.owner).database
    ask(vault_urls.owner, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    ready = vault.readiness()
    assert (ready.writable, ready.schema_current, ready.jobs_waiting) == (False, True, 1)
    with pytest.raises(VaultUnavailable) as failure:
        file(vault)
    assert failure.value.fault.code == "database_read_only"


def test_a_write_that_is_refused_is_seen_though_everything_reads(
    vault: PostgisVault, vault_urls: VaultUrls
) -> None:
    ask(vault_urls.owner, "REVOKE UPDATE (at) ON predig.pulse FROM predig_app")
    assert not vault.readiness().writable
    assert vault.find([HERE]).revision == 0


def test_a_write_that_waits_for_ever_is_not_waited_for(vault: PostgisVault, vault_urls: VaultUrls) -> None:
    engine = create_engine(vault_urls.owner, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE predig.pulse")
        started = time.monotonic()
        assert not vault.readiness().writable
        assert time.monotonic() - started < QUICK_S


def test_an_older_schema_is_seen(empty_database_url: str) -> None:
    known = shipped()
    migrate(empty_database_url, dict(list(known.items())[:-1]))
    url = make_url(empty_database_url).set(username="predig_app").render_as_string(hide_password=False)
    vault = PostgisVault(url)
    assert not vault.readiness().schema_current
    migrate(empty_database_url)
    assert vault.readiness().schema_current
    vault.close()


def test_a_database_that_is_gone_is_said_at_once() -> None:
    vault = PostgisVault("postgresql+psycopg2://predig_app@/predig?host=/nonexistent", patience_s=2.0)
    started = time.monotonic()
    with pytest.raises(VaultUnavailable) as failure:
        vault.readiness()
    assert failure.value.fault.code == "database_gone" and time.monotonic() - started < QUICK_S


def test_who_finds_every_connection_in_use_does_not_hang(vault: PostgisVault, vault_urls: VaultUrls) -> None:
    bring(vault, [pipe("a", 10)])
    engine = create_engine(vault_urls.owner, poolclass=NullPool)
    with ThreadPoolExecutor(2) as pool, engine.connect() as connection:
        connection.exec_driver_sql("LOCK TABLE predig.permit")
        held = [pool.submit(vault.permits) for _ in range(2)]
        eventually(lambda: ask(vault_urls.owner, WAITING) == len(held))
        started = time.monotonic()
        with pytest.raises(VaultUnavailable) as failure:
            vault.find([HERE])
        assert failure.value.fault.code == "database_crowded" and time.monotonic() - started < QUICK_S
        connection.rollback()
    assert [waited.result() for waited in held] == [(), ()]

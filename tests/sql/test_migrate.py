"""Migrations: each once, whole, never changed after, and by several processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from spatial.errors import Refused
from sql.cluster import Cluster
from sql.errors import VaultUnavailable
from sql.migrate import FILE_NAME, migrate, pending, shipped
from sql.postgis import PostgisVault
from tests.conftest import VaultUrls
from tests.support.databases import execute_as_admin


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_the_shipped_files_are_numbered_without_gap() -> None:
    names = list(shipped())
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert all(FILE_NAME.fullmatch(name) for name in names)


def test_migrating_applies_everything_once(empty_database_url: str) -> None:
    assert pending(empty_database_url) == list(shipped())
    assert migrate(empty_database_url) == list(shipped())
    assert migrate(empty_database_url) == pending(empty_database_url) == []


def test_two_processes_share_the_work(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(migrate, [empty_database_url] * 3))
    assert sorted(name for names in applied for name in names) == list(shipped())


def test_two_databases_of_one_cluster_migrate_at_once(cluster: Cluster) -> None:
    names = ["twin_one", "twin_two"]
    for name in names:
        execute_as_admin(cluster, f"CREATE DATABASE {name}")
    try:
        with ThreadPoolExecutor(2) as pool:
            applied = list(pool.map(lambda name: migrate(cluster.url("predig_admin", name)), names))
        assert applied == [list(shipped())] * 2
    finally:
        for name in names:
            execute_as_admin(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_changed_file_is_refused_and_nothing_is_applied(vault_urls: VaultUrls) -> None:
    first, *others = shipped()
    changed = shipped() | {first: shipped()[first] + "\n-- one comment more", "9999_new.sql": "SELECT 1"}
    for look in (migrate, pending):
        with pytest.raises(Refused) as refusal:
            look(vault_urls.owner, changed)
        assert refusal.value.faults[0].code == "migration_changed" and first in str(refusal.value)
    assert len(ask(vault_urls.owner, "SELECT name FROM predig.schema_migration")) == len(others) + 1


def test_a_newer_database_is_refused(vault_urls: VaultUrls) -> None:
    older = dict(list(shipped().items())[:-1])
    with pytest.raises(Refused) as refusal:
        pending(vault_urls.app, older)
    assert refusal.value.faults[0].code == "migration_unknown"


def test_a_failing_file_leaves_the_database_at_the_one_before(vault_urls: VaultUrls) -> None:
    more = shipped() | {
        "9001_good.sql": "CREATE TABLE predig.good (n integer);",
        "9002_bad.sql": "CREATE TABLE predig.half (n integer); SELECT 1 / 0;",
    }
    with pytest.raises(VaultUnavailable):
        migrate(vault_urls.owner, more)
    assert pending(vault_urls.owner, more) == ["9002_bad.sql"]
    there = ask(
        vault_urls.owner, "SELECT to_regclass('predig.good') IS NULL, to_regclass('predig.half') IS NULL"
    )
    assert there == [(False, True)]


def test_the_application_may_not_migrate(vault_urls: VaultUrls) -> None:
    more = shipped() | {"9001_grab.sql": "CREATE TABLE predig.grab (n integer);"}
    with pytest.raises(Refused) as refusal:
        migrate(vault_urls.app, more)
    assert refusal.value.faults[0].code == "owner_role_weak"


def test_a_role_that_can_do_more_than_it_may_is_not_taken(cluster: Cluster, empty_database_url: str) -> None:
    migrate(empty_database_url)
    execute_as_admin(cluster, "CREATE DATABASE strong")
    execute_as_admin(cluster, "ALTER ROLE predig_app CREATEDB")
    try:
        with pytest.raises(VaultUnavailable):
            migrate(cluster.url("predig_admin", "strong"))
    finally:
        execute_as_admin(cluster, "ALTER ROLE predig_app NOCREATEDB")
        execute_as_admin(cluster, "DROP DATABASE strong")


def test_a_vault_without_tables_says_to_migrate(cluster: Cluster, empty_database_url: str) -> None:
    migrate(empty_database_url)  # the roles, and CONNECT for them
    execute_as_admin(cluster, "CREATE DATABASE bare")
    vault = PostgisVault(cluster.url("predig_app", "bare"))
    try:
        with pytest.raises(VaultUnavailable) as failure:
            vault.revisions()
        assert failure.value.fault.code == "schema_not_current" and "predig db migrate" in str(failure.value)
    finally:
        vault.close()
        execute_as_admin(cluster, "DROP DATABASE bare WITH (FORCE)")

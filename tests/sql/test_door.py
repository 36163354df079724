"""What the vault says when the database fails, and what it does when a connection has died."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg2
import pytest
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

from spatial.errors import Refused
from spatial.values import Utility
from spatial.words import GroundKind
from sql.cluster import Cluster
from sql.errors import VaultUnavailable, translated
from sql.postgis import PostgisVault
from sql.postgis.connection import Door
from sql.postgis.reading import Kept
from tests.conftest import VaultUrls
from tests.contract.town import HERE, bring, claim, conflict, declared, file, judged, pipe
from tests.support.databases import execute_as_admin


def kill_all_sessions(urls: VaultUrls) -> None:
    engine = create_engine(urls.owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'predig_app' AND datname = current_database()"
        ).all()


@pytest.mark.parametrize(
    "work",
    [
        lambda vault: vault.find([HERE]),
        lambda vault: vault.set_utility(Utility("G2", "Other")),
        lambda vault: bring(vault, [pipe("b", 10)], dataset="second"),
    ],
)
def test_a_connection_that_died_while_idle_is_replaced(
    vault_urls: VaultUrls, work: Callable[[PostgisVault], object]
) -> None:
    vault = PostgisVault(vault_urls.app)
    try:
        bring(vault, [pipe("a", 10)])
        kill_all_sessions(vault_urls)
        work(vault)
    finally:
        vault.close()


def test_a_glance_leaves_the_connection_fit_for_a_transaction(vault_urls: VaultUrls) -> None:
    """Also after a statement that failed: what is then written is one transaction, or it could be kept half."""
    door = Door(vault_urls.app, pool_size=1)

    def twice(connection: Connection) -> tuple[int, int]:
        first, second = (
            connection.exec_driver_sql("SELECT pg_backend_pid(), txid_current()").one() for _ in range(2)
        )
        assert first[0] == backend
        return first[1], second[1]

    try:
        backend, begun = door.glance("SELECT pg_backend_pid(), txid_current()", {})[0]
        first, second = door.write(twice)
        assert begun < first == second
        with pytest.raises(VaultUnavailable):
            door.glance("SELECT 1 / %(nothing)s", {"nothing": 0})
        first, second = door.write(twice)
        assert first == second
    finally:
        door.close()


def test_nothing_is_remembered_of_a_database_that_was_replaced(
    cluster: Cluster, migrated_template: str, vault_urls: VaultUrls
) -> None:
    """After a restore, revisions and ids are given anew: the same numbers mean other ground."""
    name = make_url(vault_urls.owner).database
    vault = PostgisVault(vault_urls.app)

    def fill(utility: str, doubt_m: float, ground: GroundKind) -> tuple[str, bool, float]:
        assert vault.set_utility(Utility("G1", utility)) == 1
        vault.keep_profile("{}", "a" * 64, "rules", "1")
        bring(vault, [pipe("a", 10, doubt_m=doubt_m)])
        newest = vault.declare_ground(declared(ground))
        ((word,),) = vault.find([HERE], newest).ground
        assert newest == 3
        vault.keep_screenings([replace(judged(newest), profile_sha256="a" * 64)])
        return word.utility.name, len(word.blanks) > 0, vault.position_doubt_m(newest)

    try:
        assert fill("Old", 0.5, GroundKind.SERVICE_AREA) == ("Old", False, 0.6)
        execute_as_admin(cluster, f"DROP DATABASE {name} WITH (FORCE)")
        execute_as_admin(cluster, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
        assert fill("New", 2.0, GroundKind.BLANK) == ("New", True, 2.1)
    finally:
        vault.close()


def test_a_database_that_is_not_there_is_said_in_both_languages() -> None:
    vault = PostgisVault("postgresql+psycopg2://predig_app@/predig?host=/nonexistent")
    with pytest.raises(VaultUnavailable) as failure:
        vault.find([HERE])
    fault = failure.value.fault
    assert fault.code == "database_gone" and "try again" in fault.en and "重试" in fault.zh


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "disk_full"),
        ("53300", "database_crowded"),
        ("55P03", "database_locked"),
        ("25006", "database_read_only"),
        ("57P01", "database_gone"),
        ("22012", "database_failed"),
    ],
)
def test_a_failure_is_told_without_the_databases_own_words(state: str, code: str) -> None:
    class Failing(psycopg2.Error):
        pgcode = state

    with pytest.raises(VaultUnavailable) as failure, translated():
        raise Failing("Failing row contains (0103000020)")
    assert failure.value.fault.code == code and failure.value.fault.zh
    assert "0103" not in str(failure.value) and failure.value.__suppress_context__


def test_a_check_that_fails_does_not_show_the_row(vault_urls: VaultUrls) -> None:
    vault = PostgisVault(vault_urls.app)
    try:
        with pytest.raises(Refused) as refusal:
            bring(vault, [pipe("a", 10, diameter_mm=-7.0)])
        assert refusal.value.faults[0].code == "value_refused"
        assert "-7" not in str(refusal.value) and "asset" not in str(refusal.value)
    finally:
        vault.close()


def test_two_screenings_of_one_permit_at_once_raise_one_alert(vault_urls: VaultUrls) -> None:
    vault = PostgisVault(vault_urls.app)
    try:
        bring(vault, [pipe("a", 10)])
        for _ in range(5):
            permit_id = file(vault)
            with ThreadPoolExecutor(4) as pool:
                list(
                    pool.map(
                        lambda _, name=permit_id: vault.keep_screenings(
                            [judged(1, conflict("a"))], permit_id=name
                        ),
                        range(4),
                    )
                )
            assert len(vault.alerts(permit_id)) == 1
    finally:
        vault.close()


def test_workers_share_the_jobs(vault_urls: VaultUrls) -> None:
    """Each job is claimed once, however many claim at the same time."""
    vault = PostgisVault(vault_urls.app, head_start_s=0.0)
    try:
        for _ in range(24):
            file(vault)

        def drain(_: int) -> list[int]:
            claimed = []
            while (job := claim(vault)) is not None:
                claimed.append(job.job_id)
                vault.finish_job(job)
            return claimed

        with ThreadPoolExecutor(4) as pool:
            claimed = [job_id for share in pool.map(drain, range(4)) for job_id in share]
        assert len(claimed) == len(set(claimed)) == 24
    finally:
        vault.close()


def test_what_is_remembered_is_bounded() -> None:
    kept: Kept[int, str] = Kept(2)
    for number in (1, 2):
        kept.put(number, str(number))
    assert kept.get(1) == "1"  # used last, so 2 has to go
    kept.put(3, "3")
    assert [kept.get(number) for number in (1, 2, 3)] == ["1", None, "3"]

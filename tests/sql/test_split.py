"""A split that takes longer than a lease is not taken over; one that dies is."""

import time
from contextlib import closing

import pytest
from sqlalchemy import Connection

from api.settings import today
from bench.interleaving import Session, SteppedVault
from bench.race_town import Town, pipe_at
from sql.postgis import PostgisVault, permits
from sql.vault import Job
from tests.conftest import VaultUrls
from tests.contract.town import claim

LEASE_S = 0.2


def revision_job(vault: PostgisVault, revision: int) -> Job:
    while (job := claim(vault)) is not None:
        if job.revision == revision:
            return job
        vault.finish_job(job)
    raise AssertionError("there is no such job")


def test_nobody_takes_over_a_split_under_way(vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stopped while it looks for the permits, which is what takes long."""
    looked = permits.stale_permits
    with (
        closing(PostgisVault(vault_urls.app, lease_s=LEASE_S)) as vault,
        closing(SteppedVault(vault_urls.app)) as slow,
    ):

        def look(connection: Connection, revision: int) -> tuple[str, ...]:
            slow.barrier("look")
            return looked(connection, revision)

        monkeypatch.setattr(permits, "stale_permits", look)
        town = Town(vault, vault_urls.owner, today())
        town.settle()
        job = revision_job(vault, town.bring(vault, near=pipe_at(town.place(), 0.0)))
        session = Session(slow, lambda stepped: stepped.split_job(job) and None)
        for where in ("look", "commit"):
            session.step(lambda: False)
            assert session.at == where
            time.sleep(2 * LEASE_S)
            assert claim(vault) is None
        session.step(lambda: False)
        assert session.done and session.error is None
        assert claim(vault) is None  # it is done


def test_a_split_that_died_is_done_again(vault_urls: VaultUrls) -> None:
    with closing(PostgisVault(vault_urls.app, lease_s=LEASE_S)) as vault:
        town = Town(vault, vault_urls.owner, today())
        town.settle()
        job = revision_job(vault, town.bring(vault, near=pipe_at(town.place(), 0.0)))
        time.sleep(2 * LEASE_S)
        again = claim(vault)
        assert again is not None and (again.job_id, again.fence) == (job.job_id, job.fence + 1)

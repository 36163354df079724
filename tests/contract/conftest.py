"""Every contract test runs on the vault in PostgreSQL and on its twin in memory."""

from collections.abc import Iterator

import pytest

from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.vault import Vault

SHORT_LEASE_S = 0.3

SOON_OVER = pytest.mark.parametrize("lease_s", [SHORT_LEASE_S])
"""For tests in which a claim of a job runs out. In all others a slow machine must not end one."""


@pytest.fixture
def lease_s() -> float:
    return 60.0


@pytest.fixture(params=["postgis", "memory"])
def vault(request: pytest.FixtureRequest, lease_s: float) -> Iterator[Vault]:
    """An empty vault whose workers wait for nobody."""
    made: Vault
    if request.param == "postgis":
        made = PostgisVault(request.getfixturevalue("vault_urls").app, lease_s=lease_s, head_start_s=0.0)
    else:
        made = MemoryVault(lease_s=lease_s, head_start_s=0.0)
    yield made
    made.close()


@pytest.fixture
def postgis(database_url: str) -> Iterator[PostgisVault]:
    made = PostgisVault(database_url)
    yield made
    made.close()


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()

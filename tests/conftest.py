"""One real PostGIS cluster per test session; a fresh migrated database per test; no test may be skipped."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from sql.cluster import ADMIN, APP, Cluster, embedded_cluster
from tests.support.databases import Databases, execute_as_admin

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ABOUT_THE_MACHINE = {"PREDIG_ACCEPTANCE", "PREDIG_PG_BIN"}
"""Where things are, not how Predig behaves: the only settings of the caller that tests see."""

TEMPLATE = "predig_template"


@pytest.hookimpl(tryfirst=True)  # before hypothesis looks for the profile
def pytest_configure(config: pytest.Config) -> None:
    # Everyday the same cases, so that a red run means the change at hand; campaigns look further, at random.
    settings.register_profile("everyday", deadline=None, max_examples=50, derandomize=True)
    settings.register_profile("campaign", deadline=None, max_examples=10_000)
    settings.load_profile("everyday")
    for name in [name for name in os.environ if name.startswith("PREDIG_") and name not in ABOUT_THE_MACHINE]:
        del os.environ[name]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test is a promise nobody checked, so it fails the run (xfail and xpass likewise)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    unchecked = [kind for kind in ("skipped", "xfailed", "xpassed") if reporter and reporter.stats.get(kind)]
    if unchecked and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"\nfailed: {' and '.join(unchecked)} tests are not allowed here", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@dataclass(frozen=True, slots=True)
class VaultUrls:
    """One database, migrated and empty, by the two ways in."""

    owner: str
    app: str


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder that the server's user can enter: pytest's own tmp_path is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="predig-test-"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stopped_home() -> Iterator[Path]:
    """The home of a cluster that was made once and stopped: to be copied, never entered."""
    folder = Path(tempfile.mkdtemp(prefix="predig-test-"))
    folder.chmod(0o755)
    with embedded_cluster(folder / "home"):
        pass
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def already_made(home: Path, stopped_home: Path) -> None:
    """`home` holds a cluster from the beginning: for tests that are about what comes after the first start."""
    subprocess.run(["cp", "-a", "--", stopped_home, home], check=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's own cluster, thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="predig-test-"))
    folder.chmod(0o755)
    try:
        with embedded_cluster(folder / "home") as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """The session's own Chromium."""
    from tests.support.chromium import chromium  # most runs open no page

    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster) -> str:
    """The name of a migrated database that is only ever copied: nobody may stay connected to it."""
    from sql.migrate import migrate

    execute_as_admin(cluster, f"CREATE DATABASE {TEMPLATE}")
    migrate(cluster.url(ADMIN, TEMPLATE))
    return TEMPLATE


_numbers = count(1)


@pytest.fixture
def empty_database_url(cluster: Cluster) -> Iterator[str]:
    """Owner URL of a fresh database without any migration."""
    name = f"empty_{next(_numbers)}"
    execute_as_admin(cluster, f"CREATE DATABASE {name}")
    yield cluster.url(ADMIN, name)
    execute_as_admin(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def databases(cluster: Cluster, migrated_template: str) -> Databases:
    return Databases(cluster, migrated_template)


@pytest.fixture
def vault_urls(cluster: Cluster, databases: Databases) -> Iterator[VaultUrls]:
    """A migrated database in which nothing is."""
    with databases.lent() as name:
        yield VaultUrls(owner=cluster.url(ADMIN, name), app=cluster.url(APP, name))


@pytest.fixture
def database_url(vault_urls: VaultUrls) -> str:
    """The application's URL of a migrated database in which nothing is."""
    return vault_urls.app

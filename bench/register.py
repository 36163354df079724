"""A register with a province in it, in a house of its own that is gone afterwards."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from bench.house import temporary_home
from bench.province import Network, cuts_of, intake_of
from bench.ratios import seconds_of
from spatial.rules.profile import RuleProfile
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault

ON = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Register:
    """The vault, the addresses of its database, and how long the network took to be cut and come in."""

    vault: PostgisVault
    app_url: str
    admin_url: str
    import_s: float


@contextmanager
def province_register(network: Network, profile: RuleProfile) -> Iterator[Register]:
    """Import `network` past the dock: what the dock costs is measured by `predig bench import`."""
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        with closing(PostgisVault(cluster.url(APP))) as vault:
            import_s, _ = seconds_of(partial(_import, vault, network, profile))
            yield Register(vault, cluster.url(APP), cluster.url(ADMIN), import_s)


def _import(vault: PostgisVault, network: Network, profile: RuleProfile) -> None:
    intake, cuts = intake_of(network), cuts_of(network, profile)
    vault.import_network(intake, cuts, utility="BENCH", dataset="province", on=ON)

"""A register with a province in it, in a house of its own that is gone afterwards."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import shapely

from bench.house import temporary_home
from bench.province import CITIES, Network, cuts_of, intake_of
from bench.ratios import seconds_of
from spatial.rules.profile import RuleProfile
from spatial.words import GroundKind, PipeKind
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import GroundDeclaration

ON = date(2026, 1, 1)
DATASET_PIPES = 1_000_000
"""Of one import: more are several datasets, so that what is held meanwhile stays bounded."""
SERVED_DEGREES = 0.2
_SQUARE = SERVED_DEGREES * np.array([-1, -1, 1, 1])


@dataclass(frozen=True, slots=True)
class Register:
    """The vault, the addresses of its database, how many pieces it holds, and how long the network took to be cut and
    come in."""

    vault: PostgisVault
    app_url: str
    admin_url: str
    pieces: int
    import_s: float


@contextmanager
def province_register(network: Network, profile: RuleProfile) -> Iterator[Register]:
    """Import `network` past the dock: what the dock costs is measured by `predig bench import`."""
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        with closing(PostgisVault(cluster.url(APP))) as vault:
            import_s, pieces = seconds_of(partial(_import, vault, network, profile))
            yield Register(vault, cluster.url(APP), cluster.url(ADMIN), pieces, import_s)


def declare_cities(vault: PostgisVault, day: date) -> None:
    """Each city is served and covered to SERVED_DEGREES from its middle, so that ground without pipes reads clear."""
    squares = [shapely.box(*np.array(city[:2] * 2) + _SQUARE) for city in CITIES.values()]
    ground = shapely.MultiPolygon(shapely.get_parts(shapely.union_all(squares)).tolist())
    vault.declare_ground(GroundDeclaration("BENCH", GroundKind.SERVICE_AREA, ground))
    vault.declare_ground(GroundDeclaration("BENCH", GroundKind.COVERAGE, ground, tuple(PipeKind), day, 3650))


def _import(vault: PostgisVault, network: Network, profile: RuleProfile) -> int:
    """A dataset for each DATASET_PIPES; the number of pieces."""
    pieces = 0
    for number, first in enumerate(range(0, len(network), DATASET_PIPES)):
        some = network.of(np.arange(len(network)) // DATASET_PIPES == number)
        cuts = cuts_of(some, profile)
        vault.import_network(
            intake_of(some, first), cuts, utility="BENCH", dataset=f"province{number or ''}", on=ON
        )
        pieces += len(cuts.asset)
    return pieces

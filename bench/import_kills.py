"""`python -m bench.import_kills`: `kill -9` of an import at moments spread over its whole run.

After each kill the register must stand as before, whole: the revision, what it counts and what it finds. An import
killed so late that it was published already counts as such, and must then be whole itself. In the end the import that
was killed again and again runs through.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

from bench.house import temporary_home
from bench.province import CITIES, make_network, write_network
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import Vault

Standing = tuple[int, int, int]
"""Newest revision, assets, pieces found in the middle of a town."""


@dataclass
class Figures:
    pipes: int
    kills: int = 0
    published_before_the_kill: int = 0
    torn: list[str] = field(default_factory=list)
    import_s: float = 0.0
    added_at_last: int = 0

    @property
    def sound(self) -> bool:
        """Nothing was ever half there, and the import came through in the end."""
        return not self.torn and self.added_at_last == self.pipes


def run(kills: int, pipes: int) -> Figures:
    figures = Figures(pipes)
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_home() as home,
        embedded_cluster(home) as cluster,
        closing(PostgisVault(cluster.url(APP))) as vault,
    ):
        migrate(cluster.url(ADMIN))
        old, new = Path(folder) / "old.gpkg", Path(folder) / "new.gpkg"
        for file, seed in ((old, 1), (new, 2)):
            write_network(make_network(pipes, seed), file)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        environment["PREDIG_HOME"] = str(home)
        begun = perf_counter()
        _started(old, environment).wait()
        figures.import_s = round(perf_counter() - begun, 1)
        for number in range(kills):
            before = _standing(vault)
            importing = _started(new, environment)
            try:
                importing.wait(figures.import_s * (number + 1) / (kills + 1))
            except subprocess.TimeoutExpired:
                importing.send_signal(signal.SIGKILL)
                importing.wait()
                figures.kills += 1
            after = _standing(vault)
            if after[0] == before[0] + 1 and after[1] == pipes:
                figures.published_before_the_kill += 1
                old, new = new, old
            elif after != before:
                figures.torn.append(f"{before} became {after}")
        before = _standing(vault)
        _started(new, environment).wait()
        after = _standing(vault)
        figures.added_at_last = after[1] if after[0] == before[0] + 1 else 0
    return figures


def _started(file: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [
            sys.executable, "-m", "api", "network", "import", str(file), "--utility", "BENCH", "--dataset", "towns",
            "--crs", "EPSG:4490", "--id-field", "id", "--confirm-loss", "1000000000",
        ],
        env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _standing(vault: Vault) -> Standing:
    city = next(iter(CITIES.values()))
    found = vault.find([[(city.lon - 0.01, city.lat - 0.01, city.lon + 0.01, city.lat + 0.01)]])
    assets = sum(int(row["assets"]) for row in vault.datasets())
    return vault.newest_revision(), assets, len(found.pieces)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pipes", type=int, default=200_000)
    asked = parser.parse_args()
    told = run(asked.kills, asked.pipes)
    print(json.dumps(asdict(told), indent=1))
    sys.exit(not told.sound)

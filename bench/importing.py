"""`python -m bench.importing --pipes N`: what an import costs beside `ogr2ogr` of the same GeoPackage with an index.

Both into the same private PostgreSQL, in turn, each round in a new one: `ogr2ogr` by COPY with a GiST index, as who
only wants the table would do it; then `predig network import`, to the published revision; then the same file again,
of which nothing may read as changed. Told are seconds, their ratio, and the largest memory of our process and of the
server's.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from bench.candidates import TOWN_SPREAD_DEGREES, TOWNS
from bench.house import temporary_home
from sql.cluster import ADMIN, DATABASE, Cluster, embedded_cluster
from sql.migrate import migrate

CRS = 4543
GOAL = 4.0
MOST_MB = 2_000


@dataclass
class Figures:
    """Seconds of each round; megabytes of the largest."""

    pipes: int
    ogr2ogr_s: list[float] = field(default_factory=list)
    import_s: list[float] = field(default_factory=list)
    again_s: list[float] = field(default_factory=list)
    ratio: float = 0.0
    again_ratio: float = 0.0
    changed_again: int = 0
    process_mb: float = 0.0
    server_mb: float = 0.0
    goal_ratio: float = GOAL


def run(pipes: int, rounds: int) -> Figures:
    """Make the file, then measure. :raises SystemExit: without ogr2ogr."""
    if shutil.which("ogr2ogr") is None:
        raise SystemExit("bench.importing measures against ogr2ogr: on Debian, apt-get install gdal-bin")
    figures = Figures(pipes)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pipes.gpkg"
        write_pipes(file, pipes)
        for _ in range(rounds):
            _round(file, figures)
    figures.ratio = _ratio(figures.import_s, figures.ogr2ogr_s)
    figures.again_ratio = _ratio(figures.again_s, figures.ogr2ogr_s)
    return figures


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' own ratios: what else the machine does weighs on both of a round."""
    return round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 2)


def _round(file: Path, figures: Figures) -> None:
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PREDIG_")}
        seconds, _ = _timed(
            [
                "ogr2ogr", "-f", "PostgreSQL", f"PG:host={cluster.socket_dir} user={ADMIN} dbname={DATABASE}",
                str(file), "-nln", "peer", "-lco", "SCHEMA=public", "-lco", "SPATIAL_INDEX=GIST",
            ],
            kept | {"PG_USE_COPY": "YES"},
        )  # fmt: skip
        figures.ogr2ogr_s.append(seconds)
        ours = [
            sys.executable, "-m", "api", "network", "import", str(file), "--utility", "BENCH", "--dataset", "towns",
            "--crs", f"EPSG:{CRS}", "--id-field", "GUID", "--json",
        ]  # fmt: skip
        settings = kept | {"PREDIG_HOME": str(home)}
        with _watched(cluster, figures):
            for times in (figures.import_s, figures.again_s):
                seconds, said = _timed(ours, settings, figures)
                times.append(seconds)
        told = json.loads(said.splitlines()[-1])
        figures.changed_again += told["added"] + told["closed"]


def _timed(
    command: list[str], environment: Mapping[str, str], figures: Figures | None = None
) -> tuple[float, str]:
    """(seconds, what it said); the memory it took at most goes into the figures."""
    start = perf_counter()
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {said[-500:]}")
    if figures is not None:
        figures.process_mb = max(figures.process_mb, round(used.ru_maxrss / 1000))
    return round(perf_counter() - start, 2), said


@contextmanager
def _watched(cluster: Cluster, figures: Figures) -> Iterator[None]:
    """Notes the most memory of its own (not shared) that the processes of the server held together."""
    done = threading.Event()
    postmaster = (cluster.home / "data" / "postmaster.pid").read_text().split()[0]

    def look() -> None:
        while not done.wait(0.5):
            held = sum(
                _private_mb(pid)
                for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
            )
            figures.server_mb = max(figures.server_mb, round(held))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _private_mb(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1000


def write_pipes(path: Path, pipes: int, seed: int = 7) -> None:
    """A GeoPackage of short pipes in eight towns, with the columns a utility's export has."""
    rng = np.random.default_rng(seed)
    starts = TOWNS[rng.integers(0, len(TOWNS), pipes)]
    starts = starts + rng.normal(0, TOWN_SPREAD_DEGREES, (pipes, 2)) * (1.0, 0.8)
    counts = rng.integers(2, 9, pipes)
    runs = np.concatenate([[0], np.cumsum(counts)])
    heading = np.repeat(rng.uniform(0, 2 * np.pi, pipes), counts) + rng.normal(0, 0.2, runs[-1])
    length = np.repeat(rng.exponential(9e-5, pipes) + 1e-6, counts)
    steps = length[:, None] * np.column_stack([np.cos(heading), np.sin(heading)])
    steps[runs[:-1]] = 0.0
    walked = np.cumsum(steps, axis=0)
    lonlat = walked + np.repeat(starts - walked[runs[:-1]], counts, axis=0)
    xy = np.column_stack(Transformer.from_crs(4490, CRS, always_xy=True).transform(*lonlat.T))
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (runs,))

    def some(words: list[Any], shares: list[float] | None = None) -> np.ndarray:
        return np.array(words, dtype=object)[rng.choice(len(words), pipes, p=shares)]

    days = np.datetime64("1990-01-01") + rng.integers(0, 13_000, pipes)
    columns = {
        "GUID": np.array(
            [f"{own:016x}-{row}" for row, own in enumerate(rng.integers(0, 2**62, pipes).tolist())],
            dtype=object,
        ),
        "pressure_class": some(["LP", "MP-A", "SHP-A", "HP-A"], [0.69, 0.25, 0.05, 0.01]),
        "diameter_mm": some([32.0, 63.0, 110.0, 160.0, 200.0, 219.0, 315.0, 426.0]).astype(np.float64),
        "cover_m": np.round(rng.uniform(0.6, 2.0, pipes), 2),
        "material": some(["PE100", "PE80", "钢"]),
        "status": some(["在用", "停用"], [0.97, 0.03]),
        "survey_class": some(["cjj61", "", None], [0.6, 0.2, 0.2]),
        "laid_on": days.astype("datetime64[D]").astype(str).astype(object),
        "kind": some(["main", "courtyard", "service"], [0.2, 0.4, 0.4]),
    }
    pyogrio.raw.write(
        path, shapely.to_wkb(lines), list(columns.values()), list(columns),
        layer="pipes", driver="GPKG", geometry_type="LineString", crs=f"EPSG:{CRS}",
    )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(json.dumps(asdict(run(asked.pipes, asked.rounds)), indent=1))

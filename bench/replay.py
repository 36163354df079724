"""`make replay`: 1,000 screenings over 10 imports, replayed; then the evidence is altered and must be found out.

A town of pipes is imported; before each of ten further imports (each moves, removes and adds some pipes) a
hundred dig sites are screened. Afterwards every screening must replay to the same bytes from the register as
it was then. Then single numbers are altered behind the program's back, each must be reported, and put back.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from api.evidence.replay import replay
from api.guard import Confirmed
from api.register import NetworkSource, import_network
from api.screen import Rules, enquire
from api.settings import today
from bench.house import temporary_home
from ingest import DigOptions, load_profile, parse_dig_plans
from spatial.values import CHINA
from sql.cluster import ADMIN, APP, Cluster, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.vault import Vault

IMPORTS = 10
SCREENINGS = 1_000
PIPES = 1_500
WEST, SOUTH = 101.70, 36.58
SPAN_DEGREES = 0.06
CLASSES = ("LP", "MP-B", "MP-A", "SHP-B", "SHP-A", "HP-B", "HP-A", None)


@dataclass(frozen=True, slots=True)
class Alteration:
    """One number changed by hand. `column` of the row `key` of `table`, to the SQL expression `to`."""

    name: str
    table: str
    column: str
    to: str
    where: str


def run() -> int:
    """0 when all replay the same and every alteration is found."""
    rng = np.random.default_rng(20261123)
    on = today()
    rules = Rules(*load_profile("cn-gb55009"))
    with (
        temporary_home() as home,
        embedded_cluster(home) as cluster,
        tempfile.TemporaryDirectory() as scratch,
    ):
        migrate(cluster.url(ADMIN))
        with _vault(cluster) as vault:
            town = _town(rng)
            kept: list[str] = []
            _import(vault, Path(scratch), town, rules, on)
            for _ in range(IMPORTS):
                kept += _screen(vault, rng, SCREENINGS // IMPORTS, rules, on)
                town = _changed(town, rng)
                _import(vault, Path(scratch), town, rules, on)
            revisions = len(vault.revisions())
            same = sum(replay(vault, screening_id).same for screening_id in kept)
            print(f"{len(kept)} screenings, {revisions} revisions since: {same} replayed to the same bytes")
            found = _alterations(cluster, vault, kept)
    failed = (len(kept) - same) + sum(not ok for ok in found)
    print(f"{same + sum(found)} passed, {failed} failed")
    return 1 if failed else 0


@contextmanager
def _vault(cluster: Cluster) -> Iterator[PostgisVault]:
    vault = PostgisVault(cluster.url(APP))
    try:
        yield vault
    finally:
        vault.close()


def _alterations(cluster: Cluster, vault: Vault, kept: list[str]) -> list[bool]:
    """Alter one thing at a time near a screening with conflicts; replay; put it back; replay again."""
    victim = next(record for record in map(vault.screening, reversed(kept)) if record.conflicts)
    pipe = victim.conflicts[0]["pipe_id"]
    this = f"screening_id = '{victim.screening_id}'"
    found = []
    for alteration in (
        Alteration(
            "a stored clearance", "conflict", "clearance_m", "clearance_m + 0.0001", f"{this} AND ordinal = 0"
        ),
        Alteration("a stored outcome", "screening", "outcome", "'clear'", this),
        Alteration(
            "a number in the document",
            "screening",
            "document",
            "replace(document, '\"on\":', '\"on\": ')",
            this,
        ),
        Alteration("the dig site", "screening", "site", "replace(site::text, '101.7', '101.8')::jsonb", this),
        Alteration(
            "a vertex of a pipe",
            "pipe",
            "geom",
            "ST_Multi(ST_SetPoint(ST_GeometryN(geom, 1), 0, ST_Translate(ST_StartPoint(ST_GeometryN(geom, 1)), 1e-8, 0)))",
            f"asset_id = {pipe}",
        ),
        Alteration(
            "a vertex of a piece",
            "piece",
            "geom",
            "ST_SetPoint(geom, 0, ST_Translate(ST_StartPoint(geom), 1e-10, 0))",
            f"asset_id = {pipe} AND ordinal = 0",
        ),
        Alteration(
            "a pressure class",
            "asset",
            "pressure_class",
            "CASE pressure_class WHEN 'LP' THEN 'MP-A' ELSE 'LP' END",
            f"asset_id = {pipe}",
        ),
    ):
        with _altered(cluster, alteration):
            report = replay(vault, victim.screening_id)
        restored = replay(vault, victim.screening_id).same
        caught = not report.same and restored
        where = report.differences[0].where if report.differences else "nothing"
        print(f"altered {alteration.name}: {'reported' if caught else 'NOT REPORTED'} ({where})")
        found.append(caught)
    return found


@contextmanager
def _altered(cluster: Cluster, alteration: Alteration) -> Iterator[None]:
    """The change committed by a superuser with triggers off, and undone afterwards from a copy."""
    table, column, where = alteration.table, alteration.column, alteration.where
    quiet = "SET session_replication_role = replica; SET search_path = predig, public;"
    _sql(cluster, f"{quiet} CREATE TABLE predig.before AS SELECT {column} FROM {table} WHERE {where};")
    _sql(cluster, f"{quiet} UPDATE {table} SET {column} = {alteration.to} WHERE {where};")
    try:
        yield
    finally:
        _sql(
            cluster,
            f"{quiet} UPDATE {table} SET {column} = (SELECT {column} FROM predig.before) WHERE {where};"
            " DROP TABLE predig.before;",
        )


def _sql(cluster: Cluster, text: str) -> None:
    url = cluster.url(ADMIN).replace("postgresql+psycopg2", "postgresql")
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", text, url], check=True)


Town = dict[str, dict[str, Any]]
"""Source id -> GeoJSON feature."""


def _town(rng: np.random.Generator) -> Town:
    return {f"P{number}": _pipe(rng, f"P{number}") for number in range(PIPES)}


def _pipe(rng: np.random.Generator, name: str) -> dict[str, Any]:
    start = np.array([WEST, SOUTH]) + rng.uniform(0, SPAN_DEGREES, 2)
    steps = rng.normal(0, 4e-4, (int(rng.integers(1, 12)), 2))
    line = np.vstack([start, start + np.cumsum(steps, axis=0)]).round(9)
    properties = {
        "id": name,
        "pressure_class": CLASSES[
            int(rng.choice(len(CLASSES), p=(0.2, 0.3, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05)))
        ],
        "diameter_mm": float(rng.choice([63, 110, 160, 219, 325])),
        "uncertainty_m": float(rng.choice([0.1, 0.5, 2.0])),
    }
    geometry = {"type": "LineString", "coordinates": line.tolist()}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _changed(town: Town, rng: np.random.Generator) -> Town:
    """A twentieth removed, a twentieth moved, as many added."""
    names = list(town)
    chosen = rng.choice(len(names), size=len(names) // 10, replace=False)
    gone, moved = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
    after = dict(town)
    for number in gone:
        del after[names[number]]
    for number in moved:
        after[names[number]] = _pipe(rng, names[number])
    for _ in gone:
        name = f"N{rng.integers(1 << 40)}"
        after[name] = _pipe(rng, name)
    return after


def _import(vault: Vault, scratch: Path, town: Town, rules: Rules, on: date) -> None:
    file = scratch / "town.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(town.values())}))
    import_network(
        vault,
        NetworkSource(files=(file,), crs="EPSG:4490", id_field="id", mapping=None),
        utility="TOWN",
        dataset="town",
        coverage=None,
        confirmed_rejected=0,
        confirmed=Confirmed(loss_m=2**31, shift_m=2**31),
        dry_run=False,
        extent=CHINA,
        profile=rules.profile,
        on=on,
    )


def _screen(vault: Vault, rng: np.random.Generator, count: int, rules: Rules, on: date) -> list[str]:
    features = []
    for _ in range(count):
        start = np.array([WEST, SOUTH]) + rng.uniform(0, SPAN_DEGREES, 2)
        end = start + rng.normal(0, 5e-4, 2)
        kind, coordinates = (
            ("Point", start) if rng.random() < 0.3 else ("LineString", np.vstack([start, end]))
        )
        features.append(
            {
                "type": "Feature",
                "properties": {"half_width_m": round(float(rng.uniform(0.3, 3)), 2)},
                "geometry": {"type": kind, "coordinates": coordinates.round(9).tolist()},
            }
        )
    sites = parse_dig_plans(
        json.dumps({"type": "FeatureCollection", "features": features}),
        crs="EPSG:4490",
        options=DigOptions(acts=("excavate",)),
        extent=CHINA,
        profile=rules.profile,
        on=on,
    )
    return [record.screening_id for record in enquire(vault, sites, rules, on)]


if __name__ == "__main__":
    sys.exit(run())

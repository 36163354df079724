"""What judging costs, as a ratio to `select 1` in the same run: one judgement with its reasons, and with all advice.

`python -m bench.judging [--pipes N] [--sites N]`. The register of bench.candidates. Timed over the vault's pooled
connection in two ways. In turn, as a server lives: `select 1`, the judgement of what the register holds round one dig
site (measure, grade, requirement, reasons, the document), that judgement with all advice, the next site. In a row:
hundreds of `select 1` with nothing between them, then as many judgements; there the database is awake and its answer
in the cache, so it is the stricter floor. Reading the register is part of neither. Prints a table on stderr and one
JSON object on stdout.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import shapely

from api.register import cut_assets
from bench.candidates import town_network, town_site
from bench.house import temporary_home
from ingest import load_profile
from spatial.advising.advice import advise, search_boxes
from spatial.found import Found
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes, screen
from spatial.values import Asset, DigSite, RegisterGeometry
from sql.cluster import ADMIN, APP, embedded_cluster
from sql.migrate import migrate
from sql.postgis import PostgisVault
from sql.postgis.connection import Door

ON = date(2026, 1, 1)
WARM_UP = 20
ROUNDS = 5
BESIDE_DEG = 3e-5
"""About 3 m."""
GOALS = {"judgement": 10.0, "advice": 100.0}
"""Times `select 1`, at the median."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One site, milliseconds. advice_ms: judgement and all advice; conflicts, proposals: how many."""

    select_1_ms: float
    judgement_ms: float
    advice_ms: float
    conflicts: int
    proposals: int


def run(pipes: int, sites: int) -> dict[str, Any]:
    """Make the register, measure, throw it away."""
    rng = np.random.default_rng(7)
    profile, _ = load_profile("cn-gb55009")
    with temporary_home() as home, embedded_cluster(home) as cluster:
        migrate(cluster.url(ADMIN))
        vault = PostgisVault(cluster.url(APP))
        door = Door(cluster.url(APP))
        try:
            intake = town_network(rng, pipes, profile)
            vault.import_network(
                intake, cut_assets(intake.assets, profile), utility="BENCH", dataset="towns", on=ON
            )
            drawn = [beside_a_pipe(rng, intake.assets) for _ in range(sites + WARM_UP)]
            asked = [
                (
                    site,
                    vault.find([query_boxes(site, profile)]),
                    vault.find([search_boxes(site, profile)]),
                )
                for site in drawn
            ]
            timed = _measure(door, asked, profile)[WARM_UP:]
            in_a_row = _in_a_row(door, asked, profile)
        finally:
            door.close()
            vault.close()
    return report(timed, len(intake.assets)) | {"in_a_row": in_a_row}


def beside_a_pipe(rng: np.random.Generator, assets: Sequence[Asset]) -> DigSite:
    """A trench or pit of bench.candidates, set down within some metres of a pipe: most of the ground of eight towns is
    free of pipes, and to find nothing costs nothing."""
    site = town_site(rng)
    pipe = shapely.get_coordinates(assets[int(rng.integers(len(assets)))].geometry)
    begin = shapely.get_coordinates(site.geometry)[0]
    by = pipe[int(rng.integers(len(pipe)))] - begin + rng.normal(0, BESIDE_DEG, 2)
    return replace(
        site, geometry=RegisterGeometry(shapely.transform(site.geometry, lambda xy: xy + by)), depth_m=1.5
    )


def _measure(door: Door, asked: list[tuple[DigSite, Found, Found]], profile: RuleProfile) -> list[Timed]:
    timed: list[Timed] = []

    def paired(connection: Any) -> None:
        for site, near, wider in asked:
            start = perf_counter()
            connection.exec_driver_sql("select 1").all()
            one = perf_counter()
            (judged,) = screen([site], near, profile, on=ON)
            two = perf_counter()
            advice = advise(site, wider, profile, judged.document, on=ON)
            three = perf_counter()
            timed.append(
                Timed(
                    (one - start) * 1000,
                    (two - one) * 1000,
                    (three - one) * 1000,
                    len(judged.conflicts),
                    len(advice["proposals"]),
                )
            )

    door.read(paired)
    return timed


def _in_a_row(
    door: Door, asked: list[tuple[DigSite, Found, Found]], profile: RuleProfile
) -> dict[str, float]:
    """Medians over rounds of each kind by itself, milliseconds, and their ratios."""
    took: dict[str, list[float]] = {"select_1": [], "judgement": [], "advice": []}

    def rounds(connection: Any) -> None:
        judged = [screen([site], near, profile, on=ON)[0].document for site, near, _ in asked]

        def each(kind: str, work: Sequence[Callable[[], Any]]) -> None:
            for number, one in enumerate(work):
                start = perf_counter()
                one()
                if number >= WARM_UP:
                    took[kind].append((perf_counter() - start) * 1000)

        for _ in range(ROUNDS):
            each("select_1", [lambda: connection.exec_driver_sql("select 1").all()] * len(asked))
            each("judgement", [partial(screen, [site], near, profile, on=ON) for site, near, _ in asked])
            each(
                "advice",
                [
                    partial(advise, site, wider, profile, document, on=ON)
                    for (site, _, wider), document in zip(asked, judged, strict=True)
                ],
            )

    door.read(rounds)
    select_1, judgement, advice = (statistics.median(ms) for ms in took.values())
    return {
        "select_1_ms": round(select_1, 3),
        "judgement_ms": round(judgement, 3),
        "judgement_ratio": round(judgement / select_1, 1),
        "advice_ms": round(judgement + advice, 3),
        "advice_ratio": round((judgement + advice) / select_1, 1),
    }


def report(timed: list[Timed], pipes: int) -> dict[str, Any]:
    """Medians over all sites, over those with conflicts, and over those with one: a site in a crowded street is
    judged against many pipes."""
    groups = {
        "all": timed,
        "with_conflicts": [one for one in timed if one.conflicts],
        "with_one_conflict": [one for one in timed if one.conflicts == 1],
    }
    select_1_ms = statistics.median(one.select_1_ms for one in timed)
    told: dict[str, Any] = {
        "pipes": pipes,
        "select_1_ms": round(select_1_ms, 3),
        "goals": GOALS,
        "groups": {},
    }
    for name, group in groups.items():
        if not group:
            continue
        judgement = statistics.median(one.judgement_ms for one in group)
        advice = statistics.median(one.advice_ms for one in group)
        told["groups"][name] = {
            "sites": len(group),
            "conflicts_median": statistics.median(one.conflicts for one in group),
            "proposals_median": statistics.median(one.proposals for one in group),
            "judgement_ms": round(judgement, 3),
            "judgement_ratio": round(judgement / select_1_ms, 1),
            "advice_ms": round(advice, 3),
            "advice_ratio": round(advice / select_1_ms, 1),
            "advice_ms_p95": round(float(np.percentile([one.advice_ms for one in group], 95)), 3),
        }
    return told


def table(told: dict[str, Any]) -> str:
    lines = [
        f"{told['pipes']} pipes; select 1: {told['select_1_ms']} ms",
        f"{'sites':<18}{'n':>6}{'conflicts':>11}{'judgement':>12}{'ratio':>8}{'with advice':>13}{'ratio':>8}{'p95 ms':>9}",
    ]
    for name, row in told["groups"].items():
        lines.append(
            f"{name:<18}{row['sites']:>6}{row['conflicts_median']:>11}{row['judgement_ms']:>12}"
            f"{row['judgement_ratio']:>8}{row['advice_ms']:>13}{row['advice_ratio']:>8}{row['advice_ms_p95']:>9}"
        )
    row = told["in_a_row"]
    lines.append(
        f"{'in a row':<18}{'':>6}{'':>11}{row['judgement_ms']:>12}{row['judgement_ratio']:>8}"
        f"{row['advice_ms']:>13}{row['advice_ratio']:>8}   select 1: {row['select_1_ms']} ms"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipes", type=int, default=20_000)
    parser.add_argument("--sites", type=int, default=300)
    arguments = parser.parse_args()
    result = run(arguments.pipes, arguments.sites)
    print(table(result), file=sys.stderr)
    print(json.dumps(result, indent=1))

"""`predig bench judging`: what judging costs, as ratios to `select 1` in the same run: one judgement with its reasons,
and with all advice.

Timed over the vault's pooled connection in two ways. In turn, as a server lives: `select 1`, the judgement of what the
register holds round one dig site (measure, grade, requirement, reasons, the document), that judgement with all advice,
the next site. In a row: hundreds of `select 1` with nothing between them, then as many judgements; there the database
is awake and its answer in the cache, so it is the stricter floor. Reading the register is part of neither.
"""

import statistics
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import shapely

from bench.province import Network, dig_sites, make_network, make_sites
from bench.ratios import Bar, Measured, Report, measured, rows_table
from bench.register import ON, province_register
from ingest import load_profile
from spatial.advising.advice import advise, search_boxes
from spatial.found import Found
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes, screen
from spatial.values import DigSite, RegisterGeometry
from sql.postgis.connection import Door

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


def run(pipes: int, sites: int, progress: Report | None = None) -> Measured:
    """Make the register, measure, throw it away."""
    profile, _ = load_profile("cn-gb55009")
    network = make_network(pipes)
    drawn = beside_pipes(network, sites + WARM_UP)
    with province_register(network, profile) as register, closing(Door(register.app_url)) as door:
        find = register.vault.find
        asked = [
            (site, find([query_boxes(site, profile)]), find([search_boxes(site, profile)])) for site in drawn
        ]
        timed = _measure(door, asked, profile)[WARM_UP:]
        if progress is not None:
            progress(1, 2)
        in_a_row = _in_a_row(door, asked, profile)
    return _told(report(timed, pipes) | {"in_a_row": in_a_row})


def beside_pipes(network: Network, count: int) -> list[DigSite]:
    """Digs of the province, each set down within some metres of a pipe: to find nothing costs nothing."""
    rng = np.random.default_rng(7)
    moved = []
    for site in dig_sites(make_sites(network, count)):
        begin = shapely.get_coordinates(site.geometry)[0]
        by = network.xy[int(rng.integers(len(network.xy)))] - begin + rng.normal(0, BESIDE_DEG, 2)
        shape = shapely.transform(site.geometry, partial(np.add, by))
        moved.append(replace(site, geometry=RegisterGeometry(shape), depth_m=1.5))
    return moved


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


def _told(found: dict[str, Any]) -> Measured:
    columns = ("sites", "n", "conflicts", "judgement ms", "ratio", "with advice ms", "ratio", "p95 ms")
    rows = [
        (
            name, row["sites"], row["conflicts_median"], row["judgement_ms"], row["judgement_ratio"],
            row["advice_ms"], row["advice_ratio"], row["advice_ms_p95"],
        )
        for name, row in found["groups"].items()
    ]  # fmt: skip
    row = found["in_a_row"]
    rows.append(
        (
            "in a row", None, None, row["judgement_ms"], row["judgement_ratio"], row["advice_ms"],
            row["advice_ratio"], None,
        )
    )  # fmt: skip
    title = f"{found['pipes']:,} pipes; select 1: {found['select_1_ms']} ms, in a row {row['select_1_ms']} ms"
    every = found["groups"]["all"]
    bars = [
        Bar(f"{name} in turn, p50, times `select 1`", every[f"{name}_ratio"], goal)
        for name, goal in GOALS.items()
    ]
    return measured({"bench": "judging"} | found, (rows_table(title, columns, rows),), bars)

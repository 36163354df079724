"""`predig bench growth`: what one permit and many permits cost as the register grows from 10,000 pipes upwards.

For each size a register of its own; dig by dig in turn `select 1`, the candidates, the whole judgement, all warm; then
many digs at once, cell by cell of ground, in turn with the limit kernel, two threads each. A city stays as dense as it
is: a larger register holds more ground. At 5,000,000 pipes it took 4 GB of memory, 5.3 GB of disk and, beside other work,
24 minutes.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import median
from typing import Any

from bench.candidates import candidates
from bench.limit import THREADS, is_compiled
from bench.peers.contest import Contest
from bench.peers.ours import Ground, Limit, Prepared, SinglePath, runs_of
from bench.province import make_network, make_sites
from bench.ratios import Measured, Report, in_turn, latency, measured, rounded, rows_table, seconds_of
from bench.register import Register, province_register
from ingest import load_profile
from spatial.bulk.partition import Cell
from spatial.bulk.sites import SiteColumns
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from sql.postgis.connection import Door
from sql.vault import Vault

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
SINGLES = 600
WARM = 50
ROUNDS = 3


def run(most_pipes: int, sites: int, report: Report | None = None) -> Measured:
    """Every size up to `most_pipes`, one after the other."""
    profile, _ = load_profile("cn-gb55009")
    sizes = [size for size in SIZES if size <= most_pipes] or [most_pipes]
    steps = []
    for number, size in enumerate(sizes):
        steps.append(_step(size, sites, profile))
        if report is not None:
            report(number + 1, len(sizes))
    record = {"bench": "growth", "sites": sites, "compiled": is_compiled(), "steps": steps}
    return measured(record, (_table(steps),))


def _step(pipes: int, sites: int, profile: RuleProfile) -> dict[str, Any]:
    network = make_network(pipes)
    contest = Contest(network, make_sites(network, sites), profile)
    with province_register(network, profile) as register:
        limit = Limit(contest)
        return {
            "pipes": pipes,
            "pieces": register.pieces,
            "import_s": rounded(register.import_s),
            "single": _single(contest, register),
            "bulk": _bulk(contest, register.vault, limit),
        }


def _single(contest: Contest, register: Register) -> dict[str, Any]:
    """The first digs, which lie anywhere; every one was asked about before. In the order of `predig bench candidates`:
    what comes after much else finds the server asleep."""
    ours, as_of = SinglePath(contest, register.vault, ()), register.vault.newest_revision()
    asked = [query_boxes(site, contest.profile) for site in contest.digs[:SINGLES]]
    for boxes in asked:
        register.vault.find([boxes])
    with closing(Door(register.app_url)) as door:
        work = {
            "select_1": lambda _: door.glance("select 1", {}),
            "candidates": lambda number: candidates(door, asked[number], as_of),
            "judgement": ours.single,
            "find": lambda number: register.vault.find([asked[number]]),
        }
        seconds = in_turn(work, len(asked), warm=WARM)
    return {name: latency(one) for name, one in seconds.items()}


def _bulk(contest: Contest, vault: Vault, limit: Limit) -> dict[str, Any]:
    """A cell is read, laid out, judged in columns, and forgotten; each step's seconds are summed apart. No documents."""
    laid_s, columns = seconds_of(lambda: SiteColumns.of(contest.digs, contest.profile))
    took: Counter[str] = Counter({"predig": laid_s})
    for cell in contest.cells:
        took.update(_cell(contest, cell, columns, vault, limit))
    every = len(contest.sites)
    return {
        "sites": every,
        "cells": len(contest.cells),
        "read_s": rounded(took["read"]),
        "build_s": rounded(took["build"]),
        "predig_per_s": rounded(every / took["predig"]),
        "limit_per_s": rounded(every / took["limit"]),
        "read_built_judged_per_s": rounded(every / (took["read"] + took["build"] + took["predig"])),
    }


def _cell(contest: Contest, cell: Cell, columns: SiteColumns, vault: Vault, limit: Limit) -> dict[str, float]:
    """Seconds of each step."""
    read_s, ground = seconds_of(lambda: Ground.of(cell, vault))
    build_s, prepared = seconds_of(lambda: Prepared(ground, contest.profile))
    with ThreadPoolExecutor(THREADS) as pool:
        work = {
            "predig": lambda _: list(pool.map(lambda rows: prepared.judged(columns, rows), runs_of(cell))),
            "limit": lambda _: limit.some(cell.rows),
        }
        judging = in_turn(work, ROUNDS, warm=1)
    return {"read": read_s, "build": build_s} | {name: median(one) for name, one in judging.items()}


def _table(steps: list[dict[str, Any]]) -> Any:
    rows = []
    for step in steps:
        single, bulk = step["single"], step["bulk"]
        one = single["select_1"]["p50_ms"]
        rows.append(
            (
                step["pipes"], one,
                single["candidates"]["p50_ms"] / one, single["candidates"]["p99_ms"] / one,
                single["judgement"]["p50_ms"] / one, single["judgement"]["p99_ms"] / one,
                bulk["predig_per_s"], bulk["limit_per_s"], bulk["read_built_judged_per_s"], step["import_s"],
            )
        )  # fmt: skip
    columns = (
        "pipes", "select 1 ms", "candidates p50", "p99", "judgement p50", "p99", "digs/s", "limit digs/s",
        "digs/s, read and built", "import s",
    )  # fmt: skip
    return rows_table("times `select 1` of the same run; many digs in columns, no documents", columns, rows)

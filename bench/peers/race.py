"""`predig bench peers`: all contestants on the same pipes and digs, one after the other, in one run.

Each is timed in turn with `select 1`, the limit kernel and Predig's own road, dig by dig, then in bulk with the limit
kernel beside it on the same digs. In bulk the digs come part by part of ground, as `predig screen` takes them; what is
slow gets as many whole parts as its time allows, and says how many digs that is. What each lays out beforehand (tables,
trees, grids) is told apart. Then its answers are held against the limit's.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from bench.limit import Hits, is_compiled
from bench.peers import agreement
from bench.peers.agreement import Agreement, Cause, compare, sampled_truth_mm
from bench.peers.contest import Contest, Contestant, as_many_as, by_ground
from bench.peers.duck import DuckPieces, DuckWhole
from bench.peers.in_memory import GeopandasPieces, GeopandasWhole, Tree
from bench.peers.ours import BulkPath, Ground, Limit, SinglePath, read_grounds
from bench.peers.postgis import Buffer, Geography
from bench.peers.sedona import SedonaPieces, SedonaWhole
from bench.province import make_network, make_sites
from bench.ratios import (
    Bar,
    FloatArray,
    Measured,
    Report,
    in_turn,
    latency,
    measured,
    rounded,
    rows_table,
    seconds_of,
)
from bench.register import Register, province_register
from ingest import load_profile
from sql.postgis.connection import Door

SINGLES = 600
"""Digs asked about one by one, at most."""
WARM = 20
ROUNDS = 3
"""Of bulk answers, in turn with the limit's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who takes part, and why it may differ. pieces: it gets the pieces Predig cuts, not whole pipes; tells: what it says
    of each conflict."""

    make: Callable[[Contest], Contestant]
    causes: Sequence[Cause]
    pieces: bool = False
    tells: str = "ids, metres"


@dataclass(frozen=True, slots=True)
class Result:
    """One contestant. build_s: to lay out tables, trees and grids, before anything is timed; seconds: of single digs, by
    who was timed in turn; bulk_s, limit_s: its seconds and the limit's for the same bulk_sites digs, round by
    round."""

    name: str
    tells: str
    pieces: bool
    build_s: float
    seconds: dict[str, FloatArray]
    bulk_sites: int
    bulk_s: FloatArray
    limit_s: FloatArray
    agreement: Agreement

    @property
    def rate(self) -> float:
        """Digs a second in bulk."""
        return self.bulk_sites / float(np.median(self.bulk_s))

    @property
    def of_limit(self) -> float:
        """Share of the limit's rate on the same digs, measured in turn."""
        return float(np.median(self.limit_s / self.bulk_s))

    def against(self, other: str, percent: float) -> float:
        """How many times the other's latency at that percentile, on the digs both answered."""
        digs = min(len(self.seconds["it"]), len(self.seconds[other]))
        mine, theirs = self.seconds["it"][:digs], self.seconds[other][:digs]
        return float(np.percentile(mine, percent) / np.percentile(theirs, percent))

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "tells": self.tells,
            "on_pieces": self.pieces,
            "build_s": rounded(self.build_s),
            "single": {
                **latency(self.seconds["it"]),
                "p50_of_select_1": rounded(self.against("select_1", 50)),
                "p50_of_limit": rounded(self.against("limit", 50)),
                "p50_of_predig": rounded(self.against("predig", 50)),
                "p99_of_predig": rounded(self.against("predig", 99)),
            },
            "bulk": {
                "sites": self.bulk_sites,
                "sites_per_s": rounded(self.rate),
                "of_limit": rounded(self.of_limit),
            },
            "agreement": self.agreement.record(),
        }


def run(pipes: int, sites: int, budget_s: float, report: Report | None = None) -> Measured:
    """Make the province, let all answer, throw it away. budget_s: for each contestant's single digs, and each
    round of its bulk."""
    profile, _ = load_profile("cn-gb55009")
    network = make_network(pipes)
    contest = Contest(network, by_ground(make_sites(network, sites), profile), profile)
    with province_register(network, profile) as register, closing(Door(register.app_url)) as door:
        limit_s, limit = seconds_of(lambda: Limit(contest))
        truth = limit.bulk(sites)
        read_s, grounds = seconds_of(lambda: read_grounds(contest, register.vault))
        ours = SinglePath(contest, register.vault, grounds)
        entries = list(_entries(register, grounds))
        results = []
        for number, entry in enumerate(entries):
            results.append(_one(contest, entry, door, limit, ours, truth, budget_s))
            if report is not None:
                report(number + 1, len(entries))
    return _told(contest, results, truth, register.import_s, read_s, limit_s)


def _entries(register: Register, grounds: Sequence[Ground]) -> Iterator[Entry]:
    """In the order of the table."""
    a = agreement
    geodetic = (a.PLANE, a.GEODETIC, a.EDGE_END)
    planar = (a.PLANE, a.STRETCH)
    yield Entry(
        lambda contest: BulkPath(contest, grounds), (a.ROUNDED,), pieces=True,
        tells="ids, metres, grades, requirements",
    )  # fmt: skip
    yield Entry(
        lambda contest: SinglePath(contest, register.vault, grounds), (a.ROUNDED,), pieces=True,
        tells="documents written",
    )  # fmt: skip
    yield Entry(lambda contest: Geography(contest, register.admin_url), geodetic)
    yield Entry(lambda contest: Buffer(contest, register.admin_url), (a.PLANE, a.ARC, *geodetic))
    yield Entry(GeopandasWhole, planar)
    yield Entry(DuckWhole, planar)
    yield Entry(SedonaWhole, planar)
    yield Entry(Tree, planar, pieces=True)
    yield Entry(GeopandasPieces, planar, pieces=True)
    yield Entry(DuckPieces, planar, pieces=True)
    yield Entry(SedonaPieces, planar, pieces=True)


def _one(
    contest: Contest,
    entry: Entry,
    door: Door,
    limit: Limit,
    ours: SinglePath,
    truth: Hits,
    budget_s: float,
) -> Result:
    build_s, contestant = seconds_of(lambda: entry.make(contest))
    try:
        # Neighbours stand together: one by one they are asked about from all over the province.
        alone = np.random.default_rng(5).permutation(len(contest.sites))[:SINGLES].tolist()
        seconds = in_turn(
            {
                "select_1": lambda _: door.glance("select 1", {}),
                "limit": lambda number: limit.single(alone[number]),
                "predig": lambda number: ours.single(alone[number]),
                "it": lambda number: contestant.single(alone[number]),
            },
            len(alone),
            warm=WARM,
            budget_s=budget_s,
        )
        count = as_many_as(contestant, contest, budget_s)
        found: list[Hits] = []
        bulk = in_turn(
            {"limit": lambda _: limit.bulk(count), "it": lambda _: found.append(contestant.bulk(count))},
            ROUNDS,
        )
        return Result(
            name=contestant.name,
            tells=entry.tells,
            pieces=entry.pieces,
            build_s=build_s,
            seconds=seconds,
            bulk_sites=count,
            bulk_s=bulk["it"],
            limit_s=bulk["limit"],
            agreement=compare(contest, found[-1], truth, count, entry.causes),
        )
    finally:
        contestant.close()


def _told(
    contest: Contest,
    results: Sequence[Result],
    truth: Hits,
    import_s: float,
    read_s: float,
    limit_build_s: float,
) -> Measured:
    ours, geography = results[0], results[2]
    # As fast as Predig is beside them: measured dig by dig in turn with each.
    bars = [
        Bar("Predig's judgement faster than ST_DWithin(geography), p50", geography.against("predig", 50), 10, at_most=False),
        Bar("the same, p99", geography.against("predig", 99), 50, at_most=False),
        Bar("Predig in bulk, share of the limit kernel", ours.of_limit, 0.5, at_most=False),
        Bar(
            "Predig in bulk, times the best peer on pieces",
            ours.of_limit / max(result.of_limit for result in results[2:] if result.pieces),
            1.5,
            at_most=False,
        ),
        Bar("contestants that differ without a known cause", sum(not one.agreement.explained for one in results), 0),
    ]  # fmt: skip
    most = max(result.bulk_sites for result in results)
    limit_rate = median(
        most / float(np.median(result.limit_s)) for result in results if result.bulk_sites == most
    )
    limit_single = np.concatenate([result.seconds["limit"] for result in results])
    select_1 = np.concatenate([result.seconds["select_1"] for result in results])
    worst_mm = sampled_truth_mm(contest, truth)
    record = {
        "bench": "peers",
        "pipes": len(contest.network),
        "pieces": len(contest.pieces.asset),
        "sites": len(contest.sites),
        "conflicts": len(truth),
        "import_s": rounded(import_s),
        "regions_read_s": rounded(read_s),
        "limit": {
            "compiled": is_compiled(),
            "build_s": rounded(limit_build_s),
            "single": latency(limit_single),
            "sites": most,
            "sites_per_s": rounded(limit_rate),
            "worst_mm_of_geodesics": round(worst_mm, 3),
        },
        "select_1": latency(select_1),
        "contestants": [result.record() for result in results],
    }
    return measured(record, (_speed(record, results), _differences(results)), bars)


def _speed(record: dict[str, Any], results: Sequence[Result]) -> Any:
    columns = (
        "",
        "p50 ms",
        "p99 ms",
        "digs",
        "p50 / select 1",
        "p50 / limit",
        "build s",
        "bulk digs",
        "digs/s",
        "limit / it",
        "tells",
    )
    limit, select_1 = record["limit"], record["select_1"]
    rows: list[tuple[Any, ...]] = [
        ("select 1", select_1["p50_ms"], select_1["p99_ms"], select_1["n"], 1.0, None, None, None, None, None, ""),
        (
            Limit.name, limit["single"]["p50_ms"], limit["single"]["p99_ms"], limit["single"]["n"],
            limit["single"]["p50_ms"] / select_1["p50_ms"], 1.0, limit["build_s"], limit["sites"],
            limit["sites_per_s"], 1.0, "ids, metres",
        ),
    ]  # fmt: skip
    for result in results:
        single, bulk = result.record()["single"], result.record()["bulk"]
        rows.append(
            (
                result.name, single["p50_ms"], single["p99_ms"], single["n"], single["p50_of_select_1"],
                single["p50_of_limit"], rounded(result.build_s), bulk["sites"], bulk["sites_per_s"],
                1 / result.of_limit, result.tells,
            )
        )  # fmt: skip
    title = (
        f"{record['pipes']:,} pipes, {record['pieces']:,} pieces, {record['sites']:,} digs, {record['conflicts']:,} "
        f"conflicts; the limit's distances within {limit['worst_mm_of_geodesics']} mm of geodesics; "
        f"Predig's regions were read in {record['regions_read_s']} s. Only `documents written` writes any"
    )
    return rows_table(title, columns, rows)


def _differences(results: Sequence[Result]) -> Any:
    columns = ("", "pairs", "missing", "added", "worst mm", "cause of the differences")
    rows = [
        (
            result.name,
            result.agreement.pairs,
            result.agreement.missing,
            result.agreement.added,
            round(result.agreement.worst_mm, 2),
            "; ".join(f"{count} x {text}" for text, count in result.agreement.causes.items()),
        )
        for result in results
    ]
    return rows_table("against the limit's conflicts of the same digs", columns, rows)

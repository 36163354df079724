"""`predig bench growth`: what one permit and many permits cost as the register grows from 10,000 pipes upwards.

For each size a register of its own; dig by dig in turn `select 1`, the candidates, the whole judgement; then many digs
at once, in turn with the limit kernel. A city stays as dense as it is: a larger register holds more ground.
"""

from contextlib import closing
from statistics import median
from typing import Any

from sqlalchemy import Connection

from bench.candidates import asked_of
from bench.limit import is_compiled
from bench.peers.contest import Contest
from bench.peers.ours import BulkPath, Limit, SinglePath
from bench.province import make_network, make_sites
from bench.ratios import Measured, Report, in_turn, latency, measured, rounded, rows_table
from bench.register import Register, province_register
from ingest import load_profile
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes
from sql.postgis.connection import Door, ask
from sql.queries import FIND

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
SINGLES = 600
WARM = 50
ROUNDS = 2


def run(most_pipes: int, sites: int, report: Report | None = None) -> Measured:
    """Every size up to `most_pipes`, one after the other."""
    profile, _ = load_profile("cn-gb55009")
    sizes = [size for size in SIZES if size <= most_pipes] or [most_pipes]
    steps = []
    for number, size in enumerate(sizes):
        network = make_network(size)
        contest = Contest(network, make_sites(network, sites), profile)
        with province_register(network, profile) as register:
            steps.append(_step(contest, register, profile))
        if report is not None:
            report(number + 1, len(sizes))
    record = {"bench": "growth", "sites": sites, "compiled": is_compiled(), "steps": steps}
    return measured(record, (_table(steps),))


def _step(contest: Contest, register: Register, profile: RuleProfile) -> dict[str, Any]:
    ours, limit = SinglePath(contest, register.vault), Limit(contest)
    asked = [asked_of(query_boxes(site, profile)) for site in ours.sites[:SINGLES]]

    def singles(connection: Connection) -> dict[str, Any]:
        work = {
            "select_1": lambda _: ask(connection, "select 1", {}),
            "candidates": lambda number: ask(connection, FIND["candidates"], asked[number]),
            "judgement": ours.single,
            "limit": limit.single,
        }
        return in_turn(work, len(asked), warm=WARM)

    with closing(Door(register.app_url)) as door:
        seconds = door.read(singles)
    every = len(contest.sites)
    many = BulkPath(contest, register.vault)
    bulk = in_turn(
        {"limit": lambda _: limit.bulk(every), "predig": lambda _: many.bulk(every)}, ROUNDS, warm=1
    )
    return {
        "pipes": len(contest.network),
        "pieces": len(contest.pieces.asset),
        "import_s": rounded(register.import_s),
        "single": {name: latency(one) for name, one in seconds.items()},
        "bulk": {
            "sites": every,
            "predig_per_s": rounded(every / median(bulk["predig"])),
            "limit_per_s": rounded(every / median(bulk["limit"])),
        },
    }


def _table(steps: list[dict[str, Any]]) -> Any:
    rows = []
    for step in steps:
        single = step["single"]
        one = single["select_1"]["p50_ms"]
        rows.append(
            (
                step["pipes"], one,
                single["candidates"]["p50_ms"] / one, single["candidates"]["p99_ms"] / one,
                single["judgement"]["p50_ms"] / one, single["judgement"]["p99_ms"] / one,
                step["bulk"]["predig_per_s"], step["bulk"]["limit_per_s"], step["import_s"],
            )
        )  # fmt: skip
    columns = (
        "pipes", "select 1 ms", "candidates p50", "p99", "judgement p50", "p99", "digs/s", "limit digs/s", "import s",
    )  # fmt: skip
    return rows_table("times `select 1` of the same run", columns, rows)

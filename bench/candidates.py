"""`predig bench candidates`: what one permit costs, warm, as ratios to `select 1` in the same run.

Two registers of the same cities, one of them without its lines of 20 to 200 km. For each dig in turn: `select 1`, the
shipped candidate query, the vault's whole find(), the candidates of the register without long lines, and the whole
judgement as the server does it. `select 1` goes the same way as the candidates, prepared statement and pool included.
Warm: every dig was asked about once before. With the plan of the candidate query under default planner settings.
"""

from contextlib import closing
from typing import Any

import numpy as np
from rich.text import Text
from sqlalchemy import Connection

from bench.province import dig_sites, make_network, make_sites
from bench.ratios import (
    Bar,
    FloatArray,
    Measured,
    Report,
    in_turn,
    latency,
    measured,
    ratio_text,
    rounded,
    rows_table,
)
from bench.register import ON, province_register
from ingest import load_profile
from spatial.screening import query_boxes, screen
from spatial.values import Box
from sql.postgis.connection import Door
from sql.queries import FIND
from sql.rows import box_arrays, numbers_text

WARM = 50
KINDS = {
    "select_1": "select 1",
    "candidates": "candidates by SQL",
    "find": "find",
    "judgement": "whole judgement",
    "candidates_without_long_lines": "candidates, no long lines",
    "find_without_long_lines": "find, no long lines",
}


def run(pipes: int, sites: int, report: Report | None = None) -> Measured:
    """Make both registers, measure, throw them away."""
    profile, _ = load_profile("cn-gb55009")
    network = make_network(pipes)
    digs = dig_sites(make_sites(network, sites))
    asked = [query_boxes(site, profile) for site in digs]
    with (
        province_register(network, profile) as whole,
        province_register(network.without_long_lines(), profile) as short,
        closing(Door(whole.app_url)) as door,
        closing(Door(short.app_url)) as short_door,
    ):
        found: list[int] = []
        whole_as_of, short_as_of = whole.vault.newest_revision(), short.vault.newest_revision()

        def judged(number: int) -> None:
            screen([digs[number]], whole.vault.find([asked[number]]), profile, on=ON)

        work = {
            "select_1": lambda _: door.glance("select 1", {}),
            "candidates": lambda number: found.append(len(candidates(door, asked[number], whole_as_of))),
            "find": lambda number: whole.vault.find([asked[number]]),
            "judgement": judged,
            "candidates_without_long_lines": lambda number: candidates(
                short_door, asked[number], short_as_of
            ),
            "find_without_long_lines": lambda number: short.vault.find([asked[number]]),
        }
        for boxes in asked:
            whole.vault.find([boxes])
            short.vault.find([boxes])
        seconds = in_turn(work, sites, warm=WARM, report=report)
        plan = _plan(whole.admin_url, asked[0], whole_as_of)
        import_s = whole.import_s
    return _told(pipes, sites, import_s, float(np.median(found)), seconds, plan)


def _told(
    pipes: int, sites: int, import_s: float, pieces_found: float, seconds: dict[str, FloatArray], plan: str
) -> Measured:
    p50 = {name: float(np.median(one)) for name, one in seconds.items()}
    p99 = {name: float(np.percentile(one, 99)) for name, one in seconds.items()}
    one = p50["select_1"]
    index_used = "piece_box" in plan and "Seq Scan on piece" not in plan
    bars = [
        Bar("candidates by SQL, p50, times `select 1`", p50["candidates"] / one, 3),
        Bar("candidates by SQL, p99, times the p50 of `select 1`", p99["candidates"] / one, 10),
        Bar("whole judgement, p50, times `select 1`", p50["judgement"] / one, 10),
        Bar(
            "candidates, p99 with long lines against without",
            p99["candidates"] / p99["candidates_without_long_lines"],
            1.5,
        ),
        Bar("find, p99 with long lines against without", p99["find"] / p99["find_without_long_lines"], 1.5),
        Bar("plans of the candidate query that miss the spatial index", 0 if index_used else 1, 0),
    ]
    record: dict[str, Any] = {
        "bench": "candidates",
        "pipes": pipes,
        "sites": sites,
        "pieces_found_median": pieces_found,
        "import_s": rounded(import_s),
        "kinds": {
            name: latency(one_kind) | {"p50_of_select_1": rounded(p50[name] / one)}
            for name, one_kind in seconds.items()
        },
        "index_used": index_used,
        "plan": plan,
    }
    rows = [
        (
            KINDS[name],
            kind["p50_ms"],
            kind["p99_ms"],
            ratio_text(p50[name] / one),
            ratio_text(p99[name] / one),
        )
        for name, kind in record["kinds"].items()
    ]
    title = f"{pipes:,} pipes, {sites:,} digs, {pieces_found:g} pieces found at the median"
    table = rows_table(title, ("", "p50 ms", "p99 ms", "p50 / select 1", "p99 / select 1 p50"), rows)
    return measured(record, (table, Text(plan)), bars)


def candidates(door: Door, boxes: tuple[Box, ...], as_of: int) -> list[Any]:
    """The shipped candidate query for one site, as the vault sends it."""
    return door.glance(FIND["around"], _asked_of(boxes, as_of), prepare=FIND["prepare_around"])


def _asked_of(boxes: tuple[Box, ...], as_of: int) -> dict[str, Any]:
    return box_arrays(boxes) | {"site": numbers_text([0] * len(boxes)), "as_of": as_of}


def _plan(admin_url: str, boxes: tuple[Box, ...], as_of: int) -> str:
    """The plan of the statement inside the candidate function, as auto_explain reports it."""

    def explained(connection: Connection) -> str:
        # The driver's own cursor: SQLAlchemy empties the notices after each statement.
        cursor = connection.connection.cursor()
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_nested_statements = on",
            "SET client_min_messages = log",
        ):
            cursor.execute(statement)
        cursor.execute(FIND["candidates"], _asked_of(boxes, as_of))
        return next(notice for notice in cursor.connection.notices if "piece p" in notice)

    with closing(Door(admin_url)) as door:
        return door.read(explained)

"""What every measurement rests on: things done in turn, budgets, bars, numbers a reader can take in."""

import json
from pathlib import Path

import numpy as np
from rich.console import Console

from bench.growth_plot import draw
from bench.ratios import Bar, in_turn, latency, measured, ratio_text, rounded, rows_table

DOCS = Path(__file__).parents[2] / "docs"


def test_kinds_are_done_in_turn_and_the_warm_rounds_do_not_count() -> None:
    done: list[tuple[str, int]] = []
    work = {name: lambda number, name=name: done.append((name, number)) for name in ("a", "b")}
    seconds = in_turn(work, 3, warm=1)
    assert done == [("a", 2), ("b", 2), *((name, number) for number in range(3) for name in ("a", "b"))]
    assert {name: len(one) for name, one in seconds.items()} == {"a": 3, "b": 3}


def test_what_has_used_up_its_time_is_left_out() -> None:
    seconds = in_turn({"slow": lambda _: sum(range(200_000)), "quick": lambda _: None}, 50, budget_s=1e-4)
    assert len(seconds["slow"]) == 1 and len(seconds["quick"]) == 50


def test_a_bar_is_met_or_missed_on_its_own_side() -> None:
    assert Bar("", 3.0, 3.0).met and not Bar("", 3.01, 3.0).met
    assert Bar("", 3.0, 3.0, at_most=False).met and not Bar("", 2.99, 3.0, at_most=False).met
    assert Bar("w", 3.14159, 3).record() == {"what": "w", "value": 3.14, "at_most": 3, "met": False}


def test_a_measurement_is_one_json_object_and_a_table() -> None:
    table = rows_table("t", ("", "n", "rate"), [("x", 1_234, 0.012345), ("y", None, 98_765.4)])
    found = measured({"bench": "t"}, (table,), [Bar("b", np.float64(2), 1)])
    assert json.loads(json.dumps(found.record))["bars"] == [
        {"what": "b", "value": 2.0, "at_most": 1, "met": False}
    ]
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(found.drawn)
    console.file.close()
    told = console.export_text()
    for word in ("1,234", "0.0123", "98,765", "MISSED"):
        assert word in told


def test_numbers_keep_three_digits() -> None:
    assert [rounded(value) for value in (0.0123456, 1.23456, 123.456, 12345.6)] == [
        0.0123,
        1.23,
        123.0,
        12346.0,
    ]
    assert ratio_text(1234.5) == "1,234" and ratio_text(2.0) == "2"
    assert latency(np.array([0.001, 0.002, 0.003])) == {"p50_ms": 2.0, "p99_ms": 2.98, "n": 3}


def test_the_picture_of_growth_is_the_same_twice(tmp_path) -> None:
    single = {
        "select_1": {"p50_ms": 0.1, "p99_ms": 0.2},
        "candidates": {"p50_ms": 0.2, "p99_ms": 0.4},
        "judgement": {"p50_ms": 1.0, "p99_ms": 4.0},
    }
    steps = [
        {"pipes": pipes, "single": single, "bulk": {"predig_per_s": 1_000, "limit_per_s": 100_000}}
        for pipes in (10_000, 100_000)
    ]
    once, again = (draw({"steps": steps}, tmp_path / name).read_bytes() for name in ("a.svg", "b.svg"))
    assert once == again and b"svg" in once


def test_the_picture_in_the_docs_is_drawn_from_the_record_beside_it(tmp_path) -> None:
    record = json.loads((DOCS / "growth.json").read_text(encoding="utf-8"))
    assert draw(record, tmp_path / "growth.svg").read_bytes() == (DOCS / "pictures/growth.svg").read_bytes()

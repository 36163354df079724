"""`predig bench` as a user calls it: one JSON object with its bars, or a sentence about what is not installed."""

import json
import sys

import pytest

from api.cli import main


def test_one_permit_is_measured_against_select_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "candidates", "--pipes", "400", "--sites", "60", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["pipes"] == 400 and found["index_used"] in (True, False)
    assert {kind["n"] for kind in found["kinds"].values()} == {60}
    bars = {bar["what"]: bar for bar in found["bars"]}
    assert bars["candidates by SQL, p50, times `select 1`"]["at_most"] == 3
    assert all(bar["met"] in (True, False) for bar in found["bars"])


def test_peers_that_are_not_installed_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("bench.peers.race", "bench.peers.duck"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert main(["bench", "peers", "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err)["fault"]["code"] == "bench_extra_missing"

"""Hostile networks: each is refused with a sentence or is harmless, by the way an upload goes that needs no server."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bench.attack import fuzz, network_fuzz
from bench.attack.mutations import answer_mutated
from ingest import NETWORK_LIMITS
from ingest.networks import apart
from spatial.errors import Refused
from tests.attack.corpus.networks import uploads
from tests.attack.network_seeds import network_seeds
from tests.attack.network_siege import first_of_each, said_of, taken, wrong_with
from tests.attack.siege import everything_in, trapped
from tests.ingest.dock import PROFILE

ALIKE = 1
LIMITS = replace(NETWORK_LIMITS, wall_s=60.0, cpu_s=20, memory_bytes=1_500_000_000)


def test_every_hostile_network_is_refused_with_a_sentence_or_harmless(tmp_path: Path) -> None:
    wrong: list[str] = []
    (tmp_path / "trap").mkdir()
    with trapped(tmp_path / "trap") as (trap, came):
        light = [one for one in uploads(trap) if not (one.heavy or one.is_plan)]
        before = everything_in(tmp_path / "trap")
        for number, upload in enumerate(first_of_each(light, ALIKE)):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            try:
                intake = taken(upload, folder, PROFILE, LIMITS)
            except Refused as refused:
                codes = [fault.code for fault in refused.faults]
                wrong += wrong_with(upload, codes, said_of(refused))
            except Exception as unforeseen:
                wrong.append(f"{upload.name}: raised {unforeseen!r:.300}")
            else:
                wrong += wrong_with(upload, None, repr(intake.warnings))
                assert intake.received == len(intake.assets) + len(intake.rejected)
        assert everything_in(tmp_path / "trap") == before
    assert wrong == []
    assert came == []


@pytest.mark.parametrize("one", network_seeds()[:2], ids=lambda one: one.name)
def test_whatever_a_reader_answers_is_refused_or_makes_rows_like_any_others(
    one: network_fuzz.NetworkSeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make attack` changes them by the thousand."""
    monkeypatch.setattr(fuzz, "OUT", tmp_path / "kept")
    walled, found, lot = network_fuzz.Walled(), fuzz.Fuzzed(), Random(20_261_130)
    monkeypatch.setattr(apart, "read_apart", walled.read)
    try:
        with network_fuzz.opened_by(walled.opened):
            assert network_fuzz.imported(one, one.data, tmp_path, found, walled) == "understood"
        honest = walled.opened_answer
        for _ in range(150):
            told = answer_mutated(honest, lot)
            with network_fuzz.opened_by(network_fuzz.telling(told)):
                network_fuzz.imported(one, one.data, tmp_path, found, None, told)
    finally:
        walled.close()
    assert dict(found.failures) == {}
    assert {"understood", "file_refused"} <= set(found.by)

"""A short `make races`, and the harness shown to see what it is there for."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

import sql.postgis.permits
from bench.race_scenes import SCENES
from bench.races import Track, run
from spatial.words import PermitStatus
from sql.judgements import Standing, permit_status
from tests.conftest import VaultUrls


def test_no_order_of_filing_and_importing_misses_a_pipe(vault_urls: VaultUrls) -> None:
    figures = run(100, 20, vault_urls.owner, vault_urls.app)
    right, wrong = figures["commit_then_screen"], figures["screen_then_commit"]
    assert right["faults"] == 0, right
    assert right["races"] >= 100 and len(right["by_scene"]) == len(SCENES)
    assert min(right["stops"].get(name, 0) for name in ("commit", "find", "keep")) > 100
    assert right["both_open"] > 30 and right["reads_after_commit"] > 100
    assert wrong["missed"] == 20 and wrong["jobs_left"] == 0, wrong


def test_a_stale_read_would_be_seen(vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if `pending` were only written down by an import, and not derived at every read."""

    def blind(
        standing: Sequence[Standing | None], *, ends_on: date, cancelled: bool, on: date
    ) -> PermitStatus:
        seen = [entry and replace(entry, touched=False) for entry in standing]
        return permit_status(seen, ends_on=ends_on, cancelled=cancelled, on=on)

    monkeypatch.setattr(sql.postgis.permits, "permit_status", blind)
    with closing(Track(vault_urls.owner, vault_urls.app)) as track:
        track.run(SCENES[0], 8)
        assert track.figures.stale_reads > 0


def test_a_worker_that_does_nothing_would_be_seen(
    vault_urls: VaultUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.races.drain", lambda vault, town: None)
    with closing(Track(vault_urls.owner, vault_urls.app)) as track:
        track.run(SCENES[0], 8)
        assert track.figures.missed > 0 and track.figures.other_status > 0

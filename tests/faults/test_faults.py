"""A short `make faults`, and its accounts shown to find what is missing."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.screen import file_permit, screen_permit
from api.settings import today
from bench.fault_gone import Gone
from bench.faults import Figures, alert_faults, hold_to_account, run
from bench.house import temporary_home
from bench.race_scenes import drain
from bench.race_town import Town, pipe_at
from sql.postgis import PostgisVault
from tests.api.intrusion import as_admin
from tests.conftest import VaultUrls


def test_nothing_acknowledged_is_lost_when_anything_is_killed() -> None:
    with temporary_home() as home, tempfile.TemporaryDirectory() as scratch:
        figures = run(
            4,
            300,
            10.0,
            home,
            Path(scratch) / "up.log",
            victims=("server", "template", "supervisor", "postmaster"),
            gone=(Gone.STOPPED,),
        )
    assert figures.sound, figures
    assert figures.filings_acknowledged > 30 and figures.conflicts > 0
    assert sum(figures.kills.values()) == 4


# -- the accounts can fail


@pytest.fixture
def town(vault_urls: VaultUrls) -> Iterator[Town]:
    with closing(PostgisVault(vault_urls.app)) as vault:
        made = Town(vault, vault_urls.owner, today())
        made.settle()
        yield made


def filed(town: Town, key: str) -> str:
    """A permit on a pipe, judged."""
    place = town.place()
    town.bring(town.vault, **{key: pipe_at(place, 0.0)})
    permit_id = file_permit(town.vault, town.parties(key), town.plan(place), town.rules, town.on)
    screen_permit(town.vault, permit_id, town.on)
    drain(town.vault, town)
    return permit_id


def accounts(town: Town, vault_urls: VaultUrls, acknowledged: dict[str, str]) -> dict[str, object]:
    """What is not in order."""
    figures = Figures()
    hold_to_account(town.vault, vault_urls.owner, acknowledged, figures)
    names = ("lost", "keys_with_two_permits", "missed", "surplus", "alerts_doubled", "alerts_missing")
    found = {name: getattr(figures, name) for name in names} | {"mismatches": len(figures.mismatches)}
    return {name: count for name, count in found.items() if count}


def test_all_in_order(town: Town, vault_urls: VaultUrls) -> None:
    assert accounts(town, vault_urls, {"a": filed(town, "a")}) == {}


def test_a_lost_permit_and_a_key_with_two_are_found(town: Town, vault_urls: VaultUrls) -> None:
    first = filed(town, "a")
    assert accounts(town, vault_urls, {"a": "00000000-0000-0000-0000-000000000000"}) == {"lost": 1}
    file_permit(town.vault, town.parties("a"), town.plan(town.place()), town.rules, town.on)
    drain(town.vault, town)
    assert accounts(town, vault_urls, {"a": first}) == {"keys_with_two_permits": 1}


def test_a_missed_conflict_is_found(town: Town, vault_urls: VaultUrls) -> None:
    permit_id = filed(town, "a")
    as_admin(
        vault_urls.owner,
        "SET session_replication_role = replica; DELETE FROM predig.conflict; DELETE FROM predig.alert",
    )
    assert accounts(town, vault_urls, {"a": permit_id}) == {"missed": 1, "mismatches": 1}


def test_alerts_that_say_the_same_twice_or_are_missing_are_found() -> None:
    def alert(change: str, grade: str) -> dict[str, object]:
        return {
            "permit_id": "p", "utility": "G", "dataset": "d", "source_id": "s", "change": change, "grade": grade
        }  # fmt: skip

    story = [alert("new", "III"), alert("worse", "II"), alert("gone", "II"), alert("new", "II")]
    told = {("p", "G", "d", "s")}
    assert alert_faults(story, told) == (0, 0)
    assert alert_faults([*story, alert("new", "II")], told) == (1, 0)
    assert alert_faults([*story, alert("gone", "II"), alert("gone", "II")], told) == (1, 1)
    assert alert_faults([], told) == (0, 1)

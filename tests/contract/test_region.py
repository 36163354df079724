"""A region read out of a vault says what the vault says, for every question that lies within it."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import shapely

from spatial.found import Found
from spatial.measuring.boxes import widen
from spatial.values import Box, Utility
from sql.vault import Vault
from tests.contract.town import Row, all_of, bring, declared, pipe, refuses, rejected
from tests.support.builders import XINING, block

AROUND: Box = tuple(widen(np.array([[*XINING, *XINING]]), 4000.0)[0].tolist())  # type: ignore[assignment]


def town(vault: Vault) -> None:
    """Long and short pipes, a valve, a station, an older version of some, unreadable rows, all kinds of ground."""
    rng = np.random.default_rng(3)
    for utility in ("G2", "G1"):
        long = np.cumsum(rng.normal(0, 90, (60, 2)), axis=0)
        rows = [
            Row("long", shapely.LineString(long), doubt_m=3.0),
            Row("valve", shapely.Point(120, -40), kind="valve", diameter_mm=None),
            Row("station", shapely.box(-200, 90, -190, 99), kind="station", pressure_class=None),
            *(pipe(f"p{number}", *rng.uniform(-900, 900, 2)) for number in range(40)),
        ]
        bring(vault, rows[:-3], utility=utility)
        bring(vault, rows[2:], utility=utility, rejected=[rejected(9, AROUND), rejected(8, None)])
        vault.declare_ground(declared("service_area", block(-500, -500, 900, 700), utility=utility))
        vault.declare_ground(declared("coverage", block(-400, -500, 0, 700), utility=utility))
    vault.declare_ground(declared("blank", block(10, 10, 60, 60)))
    vault.set_utility(Utility("G3", "Nobody knows where"))


def questions() -> list[tuple[Box, ...]]:
    rng = np.random.default_rng(4)
    asked: list[tuple[Box, ...]] = [()]
    for _ in range(60):
        middles = XINING + rng.uniform(-0.02, 0.02, (int(rng.integers(1, 4)), 2))
        boxes = widen(np.hstack([middles, middles]), rng.uniform(0, 400))
        asked.append(tuple(map(tuple, boxes.tolist())))
    return asked


def whole(found: Found) -> tuple[object, ...]:
    ids = found.pieces.assets.asset_id
    return found.revision, all_of(found), ids[found.pieces.asset].tolist(), ids.tolist(), found.ground


def test_it_answers_as_the_vault_does_at_every_revision(vault: Vault) -> None:
    town(vault)
    asked = questions()
    found = []
    for revision in (None, *range(vault.newest_revision() + 1)):
        region = vault.region(AROUND, revision)
        assert whole(region.find(asked)) == whole(vault.find(asked, revision))
        found.append(len(region))
    assert found[0] == found[-1] > 80 and found[1] == 0


def test_a_piece_on_its_edge_is_in_it(vault: Vault) -> None:
    """Its edges are exact, where the index of the database is not."""
    bring(vault, [pipe("a", 10)])
    west, south, east, north = vault.region(AROUND).boxes[0].tolist()
    for beyond, count in ((east, 1), (math.nextafter(east, 180), 0)):
        assert len(vault.region((beyond, south, beyond + 0.01, north))) == count
    assert len(vault.region((west - 0.01, north, west, north + 0.01))) == 1


def test_each_piece_and_each_asset_is_there_once(vault: Vault) -> None:
    bring(vault, [Row("long", shapely.LineString([(x, 0) for x in range(-3000, 3001, 50)])), pipe("a", 10)])
    region = vault.region(AROUND)
    keys = list(zip(region.assets.asset_id[region.asset].tolist(), region.ordinal.tolist(), strict=True))
    assert keys == sorted(set(keys)) and len(keys) > 5
    assert list(region.assets.source_id) == ["long", "a"]


@pytest.mark.parametrize(
    "box",
    [
        (101.0, 36.0, 101.4, 36.1),
        (101.0, 36.0, 101.1, 36.4),
        (101.1, 36.0, 101.0, 36.1),
        (math.nan, 36.0, 101.1, 36.1),
        (101.0, 36.0, 101.1, math.nan),
        (-math.inf, 36.0, math.inf, 36.1),
    ],
)
def test_a_wide_box_or_one_that_is_none_is_refused(vault: Vault, box: Sequence[float]) -> None:
    town(vault)
    west, south, east, north = box
    refuses("query_too_wide", lambda: vault.region((west, south, east, north)))


def test_a_revision_that_is_not_there_is_refused(vault: Vault) -> None:
    refuses("revision_unknown", lambda: vault.region(AROUND, 1))
    assert len(vault.region(AROUND, 0)) == 0

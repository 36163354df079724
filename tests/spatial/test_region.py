"""A region answers what the vault answers, for every question that lies within it."""

import pickle
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.found import Found, Region
from spatial.measuring.boxes import widen
from spatial.values import Box, Utility
from spatial.words import PipeKind
from sql.memory import MemoryVault
from tests.contract.town import Row, all_of, bring, declared, rejected
from tests.support.builders import XINING, block

pytestmark = pytest.mark.property

HALF_M = 1500.0


def town(rng: np.random.Generator) -> MemoryVault:
    """Two utilities with pipes, valves and stations, an older version of some, and all kinds of ground."""
    vault = MemoryVault()
    for utility in ("G2", "G1"):
        rows = []
        for number in range(int(rng.integers(0, 12))):
            where = rng.uniform(-HALF_M, HALF_M, 2)
            kind = str(rng.choice(["pipe", "pipe", "valve", "station"]))
            steps = np.cumsum(rng.normal(0, 60, (int(rng.integers(2, 25)), 2)), axis=0)
            shape = {
                "pipe": shapely.LineString(where + steps),
                "valve": shapely.Point(where),
                "station": shapely.box(*where, *(where + 9)),
            }[kind]
            rows.append(Row(f"{utility}-{number}", shape, kind=kind, doubt_m=float(rng.uniform(0, 9))))
        if rows and rng.random() < 0.5:
            bring(vault, rows[:-1], utility=utility)
        if rows:
            lost = box_round(rng, 30.0) if rng.random() < 0.5 else None
            bring(vault, rows, utility=utility, rejected=[rejected(99, lost)])
        else:
            vault.set_utility(Utility(utility, "No pipes yet"))
        for ground in ("service_area", "coverage", "blank"):
            if rng.random() < 0.6:
                west, south = rng.uniform(-HALF_M, HALF_M, 2)
                about: dict[str, Any] = {"pipe_kinds": (PipeKind.MAIN,)} if ground == "coverage" else {}
                east, north = np.array([west, south]) + rng.uniform(1, 2 * HALF_M, 2)
                vault.declare_ground(
                    declared(ground, block(west, south, east, north), utility=utility, **about)
                )
    return vault


def box_round(rng: np.random.Generator, most_m: float) -> Box:
    lon, lat = np.array(XINING) + rng.uniform(-HALF_M, HALF_M, 2) / 100_000
    west, south, east, north = widen(np.array([[lon, lat, lon, lat]]), rng.uniform(0, most_m))[0].tolist()
    return west, south, east, north


def whole(found: Found) -> tuple[Any, ...]:
    assets = found.pieces.assets.asset_id[found.pieces.asset].tolist()
    return found.revision, all_of(found), assets, found.pieces.assets.asset_id.tolist(), found.ground


@given(st.integers(0, 2**32 - 1))
def test_a_region_answers_as_the_vault_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vault = town(rng)
    everything = tuple(widen(np.array([[*XINING, *XINING]]), 9000.0)[0].tolist())
    region = vault.region(everything)
    queries = [
        tuple(box_round(rng, 400.0) for _ in range(int(rng.integers(0, 4))))
        for _ in range(int(rng.integers(0, 6)))
    ]
    # Boxes that touch a piece's box in one line only, or miss it by the least there is.
    for _, south, east, north in region.boxes[:3].tolist():
        queries += [
            ((east, south, east + 0.01, north),),
            ((np.nextafter(east, 999), south, east + 0.01, north),),
        ]
    assert whole(region.find(queries)) == whole(vault.find(queries))
    sent = pickle.loads(pickle.dumps(region))
    assert whole(sent.find(queries)) == whole(region.find(queries))
    boxes = np.array([box for boxes in queries for box in boxes]).reshape(-1, 4)
    if len(boxes):
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        part = region.within((west, south, east, north))
        assert len(part) <= len(region) and len(part.ground) <= len(region.ground)
        assert whole(part.find(queries)) == whole(region.find(queries))


def test_nothing_is_said_of_what_lies_beyond() -> None:
    vault = MemoryVault()
    bring(vault, [Row("a", shapely.LineString([(0, 0), (50, 0)]))])
    lon, lat = XINING
    region = vault.region((lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01))
    inside = (lon, lat, lon + 0.01, lat + 0.01)
    assert len(region) == len(region.find([[inside]]).pieces) == 1
    with pytest.raises(ValueError, match="beyond"):
        region.find([[inside], [(lon, lat, lon + 0.0101, lat + 0.01)]])


def test_a_region_without_anything() -> None:
    vault = MemoryVault()
    lon, lat = XINING
    region: Region = vault.region((lon, lat, lon, lat))
    assert whole(region.find([[(lon, lat, lon, lat)], []])) == (0, [], [], [], ((), ()))

"""Pipes of an import that another dataset draws too. Both are kept; somebody should know."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from spatial.comparing.doubled import MOST_OF_IT, alongside, is_line
from spatial.measuring.boxes import FloatArray, widen
from spatial.measuring.pieces import Cuts, IntArray
from sql.vault import Vault

SQUARE_DEGREES = 0.05
"""The register is asked square by square."""
LOOKED_AROUND_M = 5.0
MOST_PIECES = 50_000
"""More are not looked at one by one: then every second square, or third, stands for all."""


@dataclass(frozen=True, slots=True)
class Double:
    """row: of the import; utility, dataset: the source that draws it too; source_id: one of its pipes along the row;
    metres: so much of the row lies beside that source's."""

    row: int
    utility: str
    dataset: str
    source_id: str
    metres: float

    def document(self, source_id: str) -> dict[str, Any]:
        return {
            "source_id": source_id,
            "utility": self.utility,
            "dataset": self.dataset,
            "other_id": self.source_id,
            "metres": round(self.metres, 1),
        }


@dataclass(frozen=True, slots=True)
class Doubles:
    """found: rows that another dataset follows within a stride along most of their length, each with the one that
    follows it furthest; of how many looked at."""

    found: tuple[Double, ...]
    looked_at: int


def find_doubles(vault: Vault, cuts: Cuts, opened: IntArray, *, utility: str, dataset: str) -> Doubles:
    """Looks at the rows `opened`; with too many of them at evenly chosen ground only."""
    if all((row["utility"], row["dataset"]) == (utility, dataset) for row in vault.datasets()):
        return Doubles((), len(opened))
    is_opened = np.zeros(int(cuts.asset.max(initial=-1)) + 1, dtype=np.bool_)
    is_opened[opened] = True
    length_m = np.zeros(len(is_opened))
    np.maximum.at(length_m, cuts.asset, cuts.to_m)
    chosen = np.flatnonzero(is_opened[cuts.asset] & is_line(cuts.geometry))
    metres: Counter[tuple[int, str, str]] = Counter()
    example: dict[tuple[int, str, str], str] = {}
    looked_at = 0
    for pieces in _squares(cuts, chosen):
        looked_at += len(np.unique(cuts.asset[pieces]))
        for part in _parts(cuts, pieces):
            for row, name, metres_beside in _beside(vault, cuts, part, utility, dataset):
                metres[row, *name[:2]] += metres_beside
                example[row, *name[:2]] = name[2]
    found: dict[int, Double] = {}
    for key, of_it_m in sorted(metres.items(), key=lambda item: (item[0][0], item[1])):
        if of_it_m > MOST_OF_IT * length_m[key[0]]:
            found[key[0]] = Double(*key, example[key], of_it_m)
    return Doubles(tuple(found.values()), looked_at)


def _beside(
    vault: Vault, cuts: Cuts, pieces: IntArray, utility: str, dataset: str
) -> Iterator[tuple[int, tuple[str, str, str], float]]:
    """Row, a pipe of another dataset beside it, metres beside that dataset."""
    beside = vault.beside(_box(cuts, pieces), utility, dataset)
    number = {source: at for at, source in enumerate(dict.fromkeys(name[:2] for name in beside.name))}
    source = np.array([number[name[:2]] for name in beside.name], np.int64)
    found = alongside(
        cuts.geometry[pieces],
        cuts.to_m[pieces] - cuts.from_m[pieces],
        cuts.asset[pieces],
        beside.geometry,
        source[beside.asset],
    )
    names = [beside.name[asset] for asset in beside.asset[found.piece].tolist()]
    return zip(found.asset.tolist(), names, found.metres.tolist(), strict=True)


def _squares(cuts: Cuts, chosen: IntArray) -> Iterator[IntArray]:
    """The pieces of each square, those of one asset together in the square where it begins; with too many pieces of
    evenly chosen squares only."""
    if not len(chosen):
        return
    first = np.flatnonzero(np.r_[True, np.diff(cuts.asset[chosen]) != 0])
    corner = np.floor(shapely.bounds(cuts.geometry[chosen[first]])[:, :2] / SQUARE_DEGREES).astype(np.int64)
    _, square_of_asset = np.unique(corner, axis=0, return_inverse=True)
    square = np.repeat(square_of_asset.reshape(-1), np.diff(np.r_[first, len(chosen)]))
    order = np.argsort(square, kind="stable")
    squares = np.split(chosen[order], np.cumsum(np.bincount(square))[:-1])
    yield from squares[:: -(-len(chosen) // MOST_PIECES)]


WIDEST_DEGREES = 0.25


def _parts(cuts: Cuts, pieces: IntArray) -> Iterator[IntArray]:
    """A line of many kilometres leaves its square: what is further goes by itself, as far as one question reaches."""
    corner = np.floor(shapely.bounds(cuts.geometry[pieces])[:, :2] / WIDEST_DEGREES).astype(np.int64)
    _, part = np.unique(corner, axis=0, return_inverse=True)
    for one in range(int(part.max()) + 1):
        yield pieces[part.reshape(-1) == one]


def _box(cuts: Cuts, pieces: IntArray) -> tuple[float, float, float, float]:
    bounds: FloatArray = np.array([shapely.total_bounds(cuts.geometry[pieces])])
    west, south, east, north = widen(bounds, LOOKED_AROUND_M)[0].tolist()
    return west, south, east, north

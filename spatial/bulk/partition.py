"""Parting many dig sites by ground, so that what lies round each part is read once, judged and forgotten.

A cell is 0.2 degrees wide, 18 by 22 km. What its sites ask for stays within 0.3 degrees, which is what the register
answers; it is read as the least box that holds them. Memory is bounded
by one cell's pipes (about 1 kB a piece: 100 MB in a city of 100,000 pipes) and one part's answers, MOST_SITES.
"""

from dataclasses import dataclass

import numpy as np

from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray
from spatial.values import Box

CELLS_A_DEGREE = 5
WIDEST_DEG = 0.0999
"""A site that asks for more is asked for by itself: its boxes may be strewn over a province."""
MOST_SITES = 500
"""In one part; a crowded cell is several parts, cut out of what was read once."""
SLACK_DEG = 1e-9
"""A tenth of a millimetre: what a site asks for in several boxes may differ from the one round them in its last bit."""
FINE_A_CELL = 512
"""Inside a cell sites follow each other by squares of about 40 m: neighbours touch the same pipes."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some sites, and the box that holds all they ask for. rows: indices of the sites."""

    rows: IntArray
    box: Box


@dataclass(frozen=True, slots=True)
class Cell:
    """Parts that lie together, and the box that holds all of them."""

    parts: tuple[Part, ...]
    box: Box

    @property
    def rows(self) -> IntArray:
        """Of all its sites, neighbours near each other."""
        return np.concatenate([part.rows for part in self.parts])


@dataclass(frozen=True, slots=True)
class Parting:
    """cells: sites by ground; apart: rows of those too wide for a cell."""

    cells: tuple[Cell, ...]
    apart: IntArray


def parting(asks: FloatArray) -> Parting:
    """asks: (n, 4) degrees, all that each site asks for, as SiteColumns has it. The same sites in the same order part
    in the same way."""
    narrow = (asks[:, 2:] - asks[:, :2] <= WIDEST_DEG).all(axis=1)
    rows = np.flatnonzero(narrow)
    middle = (asks[rows, :2] + asks[rows, 2:]) / 2
    cell = np.rint(middle * CELLS_A_DEGREE).astype(np.int64)
    order = _by_ground(middle, cell)
    rows, cell = rows[order], cell[order]
    begins = np.flatnonzero((cell[1:] != cell[:-1]).any(axis=1)) + 1
    cells = tuple(_cell(of, asks) for of in np.split(rows, begins) if len(of))
    return Parting(cells, np.flatnonzero(~narrow))


def _by_ground(at: FloatArray, cell: IntArray) -> IntArray:
    """An order in which those of one cell stand together, and neighbours near each other: along a curve of quarters
    within quarters."""
    fine = np.floor((at * CELLS_A_DEGREE - cell + 0.5) * FINE_A_CELL).astype(np.int64)
    along = np.zeros(len(at), dtype=np.int64)
    for bit in range(FINE_A_CELL.bit_length()):
        along |= (fine[:, 0] >> bit & 1) << 2 * bit | (fine[:, 1] >> bit & 1) << 2 * bit + 1
    return np.lexsort([along, cell[:, 0], cell[:, 1]]).astype(np.int64)


def _cell(rows: IntArray, asks: FloatArray) -> Cell:
    some = (rows[start : start + MOST_SITES] for start in range(0, len(rows), MOST_SITES))
    return Cell(tuple(Part(of, _around(asks[of])) for of in some), _around(asks[rows]))


def _around(asks: FloatArray) -> Box:
    low, high = asks[:, :2].min(axis=0) - SLACK_DEG, asks[:, 2:].max(axis=0) + SLACK_DEG
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])

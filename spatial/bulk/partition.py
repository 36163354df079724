"""Parting many dig sites by ground, so that what lies round each part is read once, judged and forgotten.

A cell is 0.2 degrees wide, 18 by 22 km. What its sites ask for stays within 0.3 degrees, which is what the register
answers; it is read as the least box that holds them. Memory is bounded
by one cell's pipes (about 1 kB a piece: 100 MB in a city of 100,000 pipes) and one part's answers, MOST_SITES.
"""

from dataclasses import dataclass
from itertools import islice, pairwise

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
CELLS_ROUND = 360 * CELLS_A_DEGREE
"""More than there are on half the way round the earth."""
CURVE_BITS = 20
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
    ends = [0, *begins.tolist(), len(rows)] if len(rows) else [0]
    of_cell = [range(here, after, MOST_SITES) for here, after in pairwise(ends)]
    starts = [start for of in of_cell for start in of]
    parts = iter(map(Part, np.split(rows, starts[1:]), _around(asks[rows], starts)))
    several = (tuple(islice(parts, len(of))) for of in of_cell)
    cells = tuple(map(Cell, several, _around(asks[rows], ends[:-1])))
    return Parting(cells, np.flatnonzero(~narrow))


def _by_ground(at: FloatArray, cell: IntArray) -> IntArray:
    """An order in which those of one cell stand together, and neighbours near each other: along a curve of quarters
    within quarters."""
    fine = np.floor((at * CELLS_A_DEGREE - cell + 0.5) * FINE_A_CELL).astype(np.int64)
    along = _spaced(fine[:, 0]) | _spaced(fine[:, 1]) << 1
    number = (cell[:, 1] + CELLS_ROUND) * (2 * CELLS_ROUND) + cell[:, 0] + CELLS_ROUND
    return np.argsort(number << CURVE_BITS | along, kind="stable").astype(np.int64)


def _spaced(number: IntArray) -> IntArray:
    """With a nought before each of its 16 low bits, so that two such can be laid into one another."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        number = (number | number << shift) & mask
    return number


def _around(asks: FloatArray, starts: list[int]) -> list[Box]:
    """The box round each run of rows, which begin at `starts`."""
    if not starts:
        return []
    low = (np.minimum.reduceat(column, starts) - SLACK_DEG for column in asks[:, :2].T)
    high = (np.maximum.reduceat(column, starts) + SLACK_DEG for column in asks[:, 2:].T)
    return list(zip(*(column.tolist() for column in (*low, *high)), strict=True))

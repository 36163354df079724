"""Has a whole network moved? Another datum or zone moves all pipes alike; a new survey moves some, each its own way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.crs.offsets import bd09_from_wgs84, gcj02_from_wgs84
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import CGCS2000, IntArray

SMALLEST_JUMP_M = 2.0
"""As far as a pipe nobody knows better may lie off: what moves all pipes further is no matter of survey."""
SAME_SPREAD = 0.2
"""Of one another's, so much of the whole jump do jumps of one datum differ within a city."""
FEWEST_ROWS = 3
MAP_RESIDUE_M = 3.0
"""So closely do coordinates follow the formula of a Chinese map service, if that is what they are."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How far rows moved all alike. metres: the median; bearing: degrees from north, clockwise; rows: how many moved
    so, of `of` that are there before and after. frame: the Chinese map frame that explains it, if one does;
    frame_before: it was the dataset before that was in it."""

    metres: float
    bearing: float
    rows: int
    of: int
    frame: str | None = None
    frame_before: bool = False


def find_shift(before: FloatArray, after: FloatArray, unmoved: int) -> Shift | None:
    """before, after: (n, 2) lon/lat of the middles of the rows that changed; unmoved: how many did not change."""
    of = len(before) + unmoved
    if len(before) < max(FEWEST_ROWS, of / 2):
        return None
    moved, bearing = _moves(before, after)
    framed = _map_frame(before, after, moved, of)
    if framed is not None:
        return framed
    east, north = moved * np.sin(np.radians(bearing)), moved * np.cos(np.radians(bearing))
    mid_east, mid_north = float(np.median(east)), float(np.median(north))
    jump = float(np.hypot(mid_east, mid_north))
    alike = np.hypot(east - mid_east, north - mid_north) <= max(SMALLEST_JUMP_M / 2, SAME_SPREAD * jump)
    if jump < SMALLEST_JUMP_M or alike.sum() < max(FEWEST_ROWS, of / 2):
        return None
    direction = float(np.degrees(np.arctan2(mid_east, mid_north))) % 360.0
    return Shift(round(jump, 1), round(direction, 1), int(alike.sum()), of)


def _map_frame(before: FloatArray, after: FloatArray, moved: FloatArray, of: int) -> Shift | None:
    """The offsets of a map service vary from place to place, so over a province they are no one jump."""
    for frame, forward in (("GCJ-02", gcj02_from_wgs84), ("BD-09", bd09_from_wgs84)):
        for was_before, plain, framed in ((False, before, after), (True, after, before)):
            residue, _ = _moves(forward(plain), framed)
            follows = (residue <= MAP_RESIDUE_M) & (moved >= SMALLEST_JUMP_M)
            if follows.sum() >= max(FEWEST_ROWS, of / 2):
                _, bearing = _moves(before[follows], after[follows])
                return Shift(
                    round(float(np.median(moved[follows])), 1),
                    round(float(np.median(bearing)), 1),
                    int(follows.sum()),
                    of,
                    frame,
                    was_before,
                )
    return None


def _moves(before: FloatArray, after: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Metres and bearing of each move."""
    bearing, _, metres = CGCS2000.inv(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    return np.asarray(metres), np.asarray(bearing)


MOST_VOTERS = 500
FURTHEST_JUMP_M = 2_000.0
CELL_M = 10.0
SAME_LENGTH = 0.005


def vote_shift(
    before: FloatArray, before_size: FloatArray, after: FloatArray, after_size: FloatArray, unmoved: int
) -> Shift | None:
    """find_shift() where nothing says which row became which: rows that went look for one of their like that came,
    and the jump most of them agree on is taken for it.

    before, after: (n, 2), (m, 2) lon/lat of the middles; sizes: (n, 2), (m, 2) metres of each row's box, east and
    north, which a jump does not change.
    """
    of = len(before) + unmoved
    if len(before) < max(FEWEST_ROWS, of / 2) or not len(after):
        return None
    voters = np.unique(np.linspace(0, len(before) - 1, min(len(before), MOST_VOTERS)).astype(np.int64))
    pairs = _alike(before, before_size, after, after_size, voters)
    if not len(pairs):
        return None
    old, new = pairs.T
    moved, bearing = _moves(before[old], after[new])
    cell = np.stack([moved * np.sin(np.radians(bearing)), moved * np.cos(np.radians(bearing))], axis=1)
    chosen = _busiest(np.floor(cell / CELL_M).astype(np.int64), old)
    share = len(np.unique(old[chosen])) / len(voters)
    found = find_shift(before[old[chosen]], after[new[chosen]], 0) if share * len(before) >= of / 2 else None
    if found is None:
        return None
    return Shift(found.metres, found.bearing, round(share * len(before)), of, found.frame, found.frame_before)


def _alike(
    before: FloatArray, before_size: FloatArray, after: FloatArray, after_size: FloatArray, voters: IntArray
) -> IntArray:
    """(k, 2): voter, row of the file; of one size, within FURTHEST_JUMP_M of one another."""
    order = np.argsort(after_size[:, 0], kind="stable")
    east = after_size[order, 0]
    slack = SAME_LENGTH * before_size + 0.1
    metres = np.array([111_300.0 * np.cos(np.radians(before[:, 1].mean())), 111_000.0])
    pairs = [np.empty((0, 2), np.int64)]
    # One by one: of small things thousands are of one size.
    for voter in voters.tolist():
        low, high = np.searchsorted(east, before_size[voter, 0] + np.array([-1, 1]) * slack[voter, 0])
        new = order[low:high]
        near = np.abs(before_size[voter, 1] - after_size[new, 1]) <= slack[voter, 1]
        near &= (np.abs((before[voter] - after[new]) * metres) <= FURTHEST_JUMP_M).all(axis=1)
        pairs.append(np.column_stack([np.full(near.sum(), voter), new[near]]))
    return np.concatenate(pairs)


def _busiest(cells: IntArray, voter: IntArray) -> NDArray[np.bool_]:
    """The pairs in the cell where most voters meet, and in its neighbours."""
    distinct, of_pair = np.unique(cells, axis=0, return_inverse=True)
    votes = np.unique(np.stack([of_pair.reshape(-1), voter], axis=1), axis=0)[:, 0]
    best = distinct[np.bincount(votes, minlength=len(distinct)).argmax()]
    chosen: NDArray[np.bool_] = (np.abs(cells - best) <= 1).all(axis=1)
    return chosen

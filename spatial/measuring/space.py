"""Distances in three dimensions: segment to segment, exact; and with a doubt in plan, to 0.01 mm. Columns only."""

import numpy as np

from spatial.found import BoolArray
from spatial.measuring.boxes import FloatArray

_POINTS = 9
"""Places looked at along what is left of a segment in one round: two of its eighths are kept."""
_ROUNDS = 15
"""4^15: a segment of 100 m ends at a tenth of a micrometre."""


def closest(one: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least distance of each segment to its partner, and where: row by row.

    one, other: (n, 2, 3) metres; a segment may have no length.
    Returns distance, fraction along `one`, fraction along `other`, each (n,).

    The squared distance is convex on the square of both fractions: its least is where both derivatives vanish, or
    on a side of the square, that is at an end of either segment. All five are worked out and the least taken.
    """
    run, other_run = one[:, 1] - one[:, 0], other[:, 1] - other[:, 0]
    apart = one[:, 0] - other[:, 0]
    a, b, c = _dot(run, run), _dot(run, other_run), _dot(other_run, other_run)
    d, e = _dot(run, apart), _dot(other_run, apart)
    nothing, all_of_it = np.zeros(len(one)), np.ones(len(one))

    def on_other(t: FloatArray) -> FloatArray:
        return _share(e + t * b, c)

    def on_one(s: FloatArray) -> FloatArray:
        return _share(s * b - d, a)

    inner = _share(b * e - c * d, a * c - b * b)
    t = np.array([nothing, all_of_it, on_one(nothing), on_one(all_of_it), inner])
    s = np.array([on_other(nothing), on_other(all_of_it), nothing, all_of_it, on_other(inner)])
    between = apart + t[..., None] * run - s[..., None] * other_run
    squared = _dot(between, between)
    best, row = np.argmin(squared, axis=0), np.arange(len(one))
    return np.sqrt(squared[best, row]), t[best, row], s[best, row]


def beyond(run: FloatArray, edge: FloatArray, doubt_m: FloatArray, t: FloatArray) -> FloatArray:
    """Distance of the point at fraction `t` of each run from its edge, should all of the edge lie up to `doubt_m`
    elsewhere in plan.

    run: (n, 2, 3), the third coordinate the vertical gap at its ends, not below 0, linear between;
    edge: (n, 2, 2) in plan; t: (…, n). Returns (…, n) metres.
    """
    at = run[:, 0] + t[..., None] * (run[:, 1] - run[:, 0])
    along = edge[:, 1] - edge[:, 0]
    off = at[..., :2] - edge[:, 0]
    share = _share(off[..., 0] * along[:, 0] + off[..., 1] * along[:, 1], _dot(along, along))
    away = off - share[..., None] * along
    plan = np.maximum(np.sqrt(_dot(away, away)) - doubt_m, 0.0)
    return np.sqrt(plan * plan + at[..., 2] * at[..., 2])


def least_beyond(run: FloatArray, edge: FloatArray, doubt_m: FloatArray) -> FloatArray:
    """The least of beyond() over each whole run, (n,) metres.

    The distance is convex along the run - both terms are, and neither is below 0 - so the least lies beside the
    least of any places looked at: what is kept shrinks fourfold a round. No closed form: a disc's rim is in it.
    """
    low, width = np.zeros(len(run)), np.ones(len(run))
    steps = np.linspace(0.0, 1.0, _POINTS)[:, None]
    least = np.full(len(run), np.inf)
    for _ in range(_ROUNDS):
        seen = beyond(run, edge, doubt_m, low + steps * width)
        best = np.argmin(seen, axis=0)
        least = np.minimum(least, seen[best, np.arange(len(run))])
        first, last = np.maximum(best - 1, 0), np.minimum(best + 1, _POINTS - 1)
        low = low + steps[first, 0] * width
        width = (steps[last, 0] - steps[first, 0]) * width
    return least


def _dot(one: FloatArray, other: FloatArray) -> FloatArray:
    """Component by component: the same bits whatever the batch."""
    product = one * other
    total = product[..., 0]
    for axis in range(1, product.shape[-1]):
        total = total + product[..., axis]
    return total


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """part / whole, kept within 0 and 1; 0 where there is nothing to share."""
    some: BoolArray = whole > 0
    return np.where(some, np.clip(part / np.where(some, whole, 1.0), 0.0, 1.0), 0.0)

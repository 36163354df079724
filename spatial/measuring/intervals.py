"""Which part of a line lies within a distance of a shape: exact, by segments against stadiums.

Within L of a segment is a stadium, which is convex, so a straight edge crosses it in one interval.
No buffer polygon is made. Columns: many lines, each against a shape of its own, at once; nothing about one
line depends on which others stand beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray

SAME_M = 1e-6
"""Intervals closer than this are one: floating-point seams between neighbouring segments."""

CHUNK = 500_000
"""Most (segment, edge) pairs measured at once, to bound memory."""


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of some shapes, in order. xy: (n, 2, 2); owner: (n,) index of the shape, ascending."""

    xy: FloatArray
    owner: IntArray

    def __len__(self) -> int:
        return len(self.owner)

    def first_of(self, shapes: int) -> IntArray:
        """(shapes + 1,): where each shape's edges begin."""
        return np.searchsorted(self.owner, np.arange(shapes + 1)).astype(np.int64)

    def of(self, shapes: BoolArray) -> "Edges":
        """The edges of some of the shapes, which are then numbered anew. shapes: True for each one kept."""
        kept = shapes[self.owner]
        return Edges(self.xy[kept], (np.cumsum(shapes) - 1)[self.owner[kept]])


def edges_of(shapes: ObjectArray) -> Edges:
    """All edges of each shape; a point is an edge of no length. Rings and parts alike."""
    runs, owner = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(runs) == 2
    if is_area.any():
        rings, area = shapely.get_rings(runs[is_area], return_index=True)
        unordered = np.concatenate([owner[~is_area], owner[is_area][area]])
        order = np.argsort(unordered, kind="stable")
        runs, owner = np.concatenate([runs[~is_area], rings])[order], unordered[order]
    xy, run = shapely.get_coordinates(runs, return_index=True)
    alone = shapely.get_dimensions(runs)[run] == 0
    goes_on = np.zeros(len(run), dtype=np.bool_)
    goes_on[:-1] = run[1:] == run[:-1]
    begin = np.flatnonzero(alone | goes_on)
    end = np.where(alone[begin], begin, begin + 1)
    ends = np.concatenate([xy[begin], xy[end]], axis=1).reshape(-1, 2, 2)
    return Edges(ends, owner[run[begin]].astype(np.int64))


def near(
    segments: Edges, others: ObjectArray, edges: Edges, within_m: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Where each segment is within `within_m` of the shape its owner stands against.

    others, within_m: one per owner of `segments`, metres on the owner's plane; an area counts with its inside.
    edges: edges_of(others), which the caller often has already.
    Returns the segment index (k,) and from/to as fractions of the segment (k, 2).
    """
    index: list[IntArray] = [np.empty(0, np.int64)]
    spans: list[FloatArray] = [np.empty((0, 2))]
    limits = np.asarray(within_m, dtype=np.float64)[segments.owner]
    for seg, edge in _matched(segments, edges, len(others)):
        low, high = _stadium_spans(segments.xy[seg], edges.xy[edge], limits[seg])
        hit = low <= high
        index.append(seg[hit])
        spans.append(np.column_stack([low[hit], high[hit]]))
    inner_index, inner_spans = _inside(segments, edges, others)
    return np.concatenate([*index, inner_index]), np.vstack([*spans, inner_spans])


def _matched(segments: Edges, edges: Edges, shapes: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Every segment with every edge of its owner's shape, in runs of about CHUNK."""
    first = edges.first_of(shapes)
    counts = (first[1:] - first[:-1])[segments.owner]
    upto = np.cumsum(counts)
    start = 0
    while start < len(segments):
        done = upto[start - 1] if start else 0
        stop = max(int(np.searchsorted(upto, done + CHUNK, side="right")), start + 1)
        here = counts[start:stop]
        seg = np.repeat(np.arange(start, stop), here)
        nth = np.arange(here.sum()) - np.repeat(np.cumsum(here) - here, here)
        yield seg, first[segments.owner[seg]] + nth
        start = stop


def _stadium_spans(
    segments: FloatArray, edges: FloatArray, limits: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fractions [low, high] of each segment inside its edge's stadium, row by row; low > high where it misses."""
    start = segments[:, 0]
    run = segments[:, 1] - start
    run_x, run_y = run[:, 0], run[:, 1]
    a, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    unit = along / np.where(length > 0, length, 1.0)[:, None]

    from_a = start - a
    # Both ends' discs in one go: a column twice as long costs hardly more than one.
    disc_low, disc_high = _disc_span(np.array([from_a, from_a - along]), run_x, run_y, limits)
    # The rectangle between the discs: |across| <= limit and 0 <= ahead <= length, all linear in t.
    ahead = from_a[:, 0] * unit[:, 0] + from_a[:, 1] * unit[:, 1]
    ahead_rate = run_x * unit[:, 0] + run_y * unit[:, 1]
    across = from_a[:, 1] * unit[:, 0] - from_a[:, 0] * unit[:, 1]
    across_rate = run_y * unit[:, 0] - run_x * unit[:, 1]
    low_1, high_1 = _linear_span(ahead, ahead_rate, 0.0, length)
    low_2, high_2 = _linear_span(across, across_rate, -limits, limits)
    flat = length <= 0
    box_low = np.where(flat, np.inf, np.maximum(low_1, low_2))
    box_high = np.where(flat, -np.inf, np.minimum(high_1, high_2))
    box_low, box_high = _nothing_if_empty(box_low, box_high)

    low = np.minimum(disc_low.min(axis=0), box_low)
    high = np.maximum(disc_high.max(axis=0), box_high)
    return _nothing_if_empty(np.maximum(low, 0.0), np.minimum(high, 1.0))


def _disc_span(
    offset: FloatArray, run_x: FloatArray, run_y: FloatArray, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """|offset + t run| <= radius."""
    a = run_x**2 + run_y**2
    half_b = offset[..., 0] * run_x + offset[..., 1] * run_y
    c = offset[..., 0] ** 2 + offset[..., 1] ** 2 - radius**2
    still = a <= 0
    root = half_b**2 - a * c
    reach = np.sqrt(np.maximum(root, 0.0))
    safe = np.where(still, 1.0, a)
    low = np.where(
        still, np.where(c <= 0, 0.0, np.inf), np.where(root >= 0, (-half_b - reach) / safe, np.inf)
    )
    high = np.where(
        still, np.where(c <= 0, 1.0, -np.inf), np.where(root >= 0, (-half_b + reach) / safe, -np.inf)
    )
    return _nothing_if_empty(np.maximum(low, 0.0), np.minimum(high, 1.0))


def _linear_span(
    value: FloatArray, rate: FloatArray, least: FloatArray | float, most: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """least <= value + t rate <= most, clipped to [0, 1]."""
    still = rate == 0
    safe = np.where(still, 1.0, rate)
    t_1, t_2 = (least - value) / safe, (most - value) / safe
    inside = (least <= value) & (value <= most)
    low = np.where(still, np.where(inside, 0.0, np.inf), np.minimum(t_1, t_2))
    high = np.where(still, np.where(inside, 1.0, -np.inf), np.maximum(t_1, t_2))
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _nothing_if_empty(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    empty = low > high
    return np.where(empty, np.inf, low), np.where(empty, -np.inf, high)


def _inside(segments: Edges, edges: Edges, others: ObjectArray) -> tuple[IntArray, FloatArray]:
    """Where each segment runs inside its area (edges included), as near() returns it."""
    is_area = shapely.get_dimensions(others) == 2
    in_areas = np.flatnonzero(is_area[segments.owner])
    if in_areas.size == 0:
        return np.empty(0, np.int64), np.empty((0, 2))
    some = Edges(segments.xy[in_areas], segments.owner[in_areas])
    at, cut = _crossings(some, edges, len(others))
    # Between two neighbouring cuts a segment stays on one side: its middle tells which.
    low, high = cut[:-1], cut[1:]
    stays = (at[1:] == at[:-1]) & (low < high)
    seg, low, high = at[:-1][stays], low[stays], high[stays]
    middle = some.xy[seg, 0] + ((low + high) / 2)[:, None] * (some.xy[seg, 1] - some.xy[seg, 0])
    within = shapely.intersects_xy(others[some.owner[seg]], middle[:, 0], middle[:, 1])
    return in_areas[seg[within]], np.column_stack([low[within], high[within]])


def _crossings(segments: Edges, edges: Edges, shapes: int) -> tuple[IntArray, FloatArray]:
    """(segment, fraction) at which a segment may change sides, with 0 and 1 of each, sorted."""
    count = np.arange(len(segments))
    at: list[IntArray] = [count, count]
    cut: list[FloatArray] = [np.zeros(len(segments)), np.ones(len(segments))]
    for seg, edge in _matched(segments, edges, shapes):
        run = segments.xy[seg, 1] - segments.xy[seg, 0]
        along = edges.xy[edge, 1] - edges.xy[edge, 0]
        offset = edges.xy[edge, 0] - segments.xy[seg, 0]
        cross = run[:, 0] * along[:, 1] - run[:, 1] * along[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (offset[:, 0] * along[:, 1] - offset[:, 1] * along[:, 0]) / cross
            u = (offset[:, 0] * run[:, 1] - offset[:, 1] * run[:, 0]) / cross
        met = (cross != 0) & (t > 0) & (t < 1) & (u >= -1e-12) & (u <= 1 + 1e-12)
        at.append(seg[met])
        cut.append(t[met])
    segment, fraction = np.concatenate(at), np.concatenate(cut)
    order = np.lexsort([fraction, segment])
    return segment[order], fraction[order]


def merge(spans: FloatArray, group: IntArray) -> tuple[FloatArray, IntArray]:
    """Overlapping or touching intervals of one group joined. (n, 2) metres, (n,) -> the same for fewer, sorted
    by group and place."""
    order = np.lexsort([spans[:, 0], group])
    merged: list[list[float]] = []
    of: list[int] = []
    # A plain loop: most groups hold one or two spans.
    for number, span in zip(group[order].tolist(), spans[order].tolist(), strict=True):
        if of and of[-1] == number and span[0] <= merged[-1][1] + SAME_M:
            merged[-1][1] = max(merged[-1][1], span[1])
        else:
            merged.append(span)
            of.append(number)
    return np.array(merged, dtype=np.float64).reshape(-1, 2), np.array(of, dtype=np.int64)

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

POINT, LINE, AREA = 0, 1, 3
"""shapely's type ids; 2 is a ring."""

CHUNK = 500_000
"""Most (segment, edge) pairs measured at once, to bound memory."""

MANY = 64
"""Of a line of more edges only those that can matter are looked at; of fewer, to find them would cost more."""

BEYOND_M = 1.0
"""Edges whose bounds lie farther apart than a limit and this are not within the limit of one another, and what is
worked out below says so too: along 1,000 km its rounding moves no end of a span by more than a few centimetres."""


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

    def halves(self, shapes: int) -> tuple["Edges", "Edges"]:
        """The edges of so many first shapes, and those of the others, numbered anew."""
        cut = int(self.owner.searchsorted(shapes))
        return Edges(self.xy[:cut], self.owner[:cut]), Edges(self.xy[cut:], self.owner[cut:] - shapes)


def edges_of(shapes: ObjectArray) -> Edges:
    """All edges of each shape; a point is an edge of no length. Rings and parts alike."""
    runs, owner = runs_of(shapes)
    xy, run = shapely.get_coordinates(runs, return_index=True)
    goes_on = np.empty(len(run), dtype=np.bool_)
    goes_on[:-1] = run[1:] == run[:-1]
    goes_on[-1:] = False
    alone = (shapely.get_type_id(runs) == POINT)[run]
    begin = np.flatnonzero(alone | goes_on)
    end = begin + goes_on[begin]
    return Edges(np.concatenate([xy[begin], xy[end]], axis=1).reshape(-1, 2, 2), owner[run[begin]])


def runs_of(shapes: ObjectArray) -> tuple[ObjectArray, IntArray]:
    """Shapes that are one run of vertices each, and the index of the shape each is of."""
    kind = shapely.get_type_id(shapes)
    if kind.max(initial=POINT) <= LINE or (
        kind.max() <= AREA and not shapely.get_num_interior_rings(shapes).any()
    ):
        return shapes, np.arange(len(shapes))
    runs, owner = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(runs) == 2
    if is_area.any():
        rings, area = shapely.get_rings(runs[is_area], return_index=True)
        unordered = np.concatenate([owner[~is_area], owner[is_area][area]])
        order = np.argsort(unordered, kind="stable")
        runs, owner = np.concatenate([runs[~is_area], rings])[order], unordered[order]
    return runs, owner.astype(np.int64)


class EdgeTree:
    """The edges of one shape, by their bounds."""

    def __init__(self, xy: FloatArray) -> None:
        """xy: (n, 2, 2), metres."""
        self.xy = xy
        edges: ObjectArray = np.asarray(shapely.linestrings(xy), dtype=object)
        self._tree = shapely.STRtree(edges)

    def near(self, bounds: FloatArray, within_m: FloatArray) -> tuple[IntArray, IntArray]:
        """(k,) index of a box, (k,) number of an edge whose own bounds come within `within_m` of it; sorted so.

        bounds: (n, 4) west, south, east, north; within_m: (n,) metres, in either direction by itself.
        """
        away_m = within_m[:, None]
        wider = shapely.box(*np.concatenate([bounds[:, :2] - away_m, bounds[:, 2:] + away_m], axis=1).T)
        box, edge = self._tree.query(wider)
        order = np.lexsort([edge, box])
        return box[order].astype(np.int64), edge[order].astype(np.int64)


def edges_toward(
    shapes: ObjectArray, others: ObjectArray, within_m: FloatArray, long: IntArray
) -> tuple[Edges, IntArray]:
    """As edges_of(shapes), but of some only the edges that may come within `within_m` of the partner in `others`. Also
    the number of each edge along its shape.

    long: which shapes. What is left out of them lies BEYOND_M farther, so that near() finds nothing there.
    """
    (whole,) = (~np.isin(np.arange(len(shapes)), long)).nonzero()
    edges = edges_of(shapes[whole])
    xy, owner, number = [edges.xy], [whole[edges.owner]], [numbers_of(edges, len(whole))]
    same: dict[int, list[int]] = {}
    for row, shape in zip(long.tolist(), shapes[long].tolist(), strict=True):
        same.setdefault(id(shape), []).append(row)
    for rows in same.values():
        tree = EdgeTree(edges_of(shapes[rows[:1]]).xy)
        which, edge = tree.near(shapely.bounds(others[rows]), within_m[rows] + BEYOND_M)
        xy.append(tree.xy[edge])
        owner.append(np.array(rows, dtype=np.int64)[which])
        number.append(edge)
    owners = np.concatenate(owner)
    order = np.argsort(owners, kind="stable")
    return Edges(np.concatenate(xy)[order], owners[order]), np.concatenate(number)[order]


def numbers_of(edges: Edges, shapes: int) -> IntArray:
    """The number of each edge along its shape, of which there are all edges."""
    return np.arange(len(edges)) - edges.first_of(shapes)[edges.owner]


def near(
    segments: Edges, others: ObjectArray, edges: Edges, within_m: FloatArray, apart: BoolArray
) -> tuple[IntArray, FloatArray]:
    """Where each segment is within `within_m` of the shape its owner stands against.

    others, within_m: one per owner of `segments`, metres on the owner's plane; an area counts with its inside.
    edges: of `others` at least all that edges_toward() gives. apart: True where the two shapes are known to lie
    farther than SAME_M from one another, so that nothing of the one is inside the other.
    Returns the segment index (k,) and from/to as fractions of the segment (k, 2).
    """
    index: list[IntArray] = []
    spans: list[FloatArray] = []
    limits = np.asarray(within_m, dtype=np.float64)[segments.owner]
    for seg, edge in _matched(segments, edges, len(others)):
        low, high = _stadium_spans(segments.xy[seg], edges.xy[edge], limits[seg])
        hit = low <= high
        index.append(seg[hit])
        spans.append(np.array([low[hit], high[hit]]))
    may_hold = ~apart & (shapely.get_dimensions(others) == 2)
    if may_hold.any():
        in_areas = np.flatnonzero(may_hold[segments.owner])
        # Only edges that a segment meets divide it; what is inside is asked of the whole area.
        at, inner = _inside(Edges(segments.xy[in_areas], segments.owner[in_areas]), edges, others)
        index.append(in_areas[at])
        spans.append(inner)
    return np.concatenate(index), np.concatenate(spans, axis=1).T


def whole_once(index: IntArray, spans: FloatArray, segments: int) -> tuple[IntArray, FloatArray]:
    """What near() gives, of as many segments: one that lies inside as a whole is said once, where beside a pipe it is
    near several of its edges."""
    whole = np.zeros(segments, dtype=np.bool_)
    whole[index[(spans[:, 0] <= 0) & (spans[:, 1] >= 1)]] = True
    in_part = ~whole[index]
    (once,) = whole.nonzero()
    all_of_it = np.zeros((len(once), 2))
    all_of_it[:, 1] = 1.0
    return np.concatenate([index[in_part], once]), np.concatenate([spans[in_part], all_of_it])


def _matched(segments: Edges, edges: Edges, shapes: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Every segment with every edge of its owner's shape, in runs of about CHUNK; at least one run."""
    first = edges.first_of(shapes)
    begin = first[segments.owner]
    counts = first[1:][segments.owner] - begin
    upto = counts.cumsum()
    start, done = 0, 0
    while True:
        stop = max(int(upto.searchsorted(done + CHUNK, side="right")), start + 1)
        here = counts[start:stop]
        # Each segment's edges count on from the first: what went before it in this run is taken off again.
        off = begin[start:stop] - (upto[start:stop] - here - done)
        seg = np.arange(start, start + len(here)).repeat(here)
        yield seg, np.arange(len(seg)) + off[seg - start]
        if stop >= len(counts):
            return
        start, done = stop, int(upto[stop - 1])


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
    # Both ends' discs in one go, and both bounds of the rectangle between them: a column twice as long costs hardly
    # more than one. The rectangle: |across| <= limit and 0 <= ahead <= length, all linear in t.
    disc_low, disc_high = _disc_span(np.array([from_a, from_a - along]), run_x, run_y, limits)
    unit_x, unit_y = unit[:, 0], unit[:, 1]
    value = np.array(
        [
            from_a[:, 0] * unit_x + from_a[:, 1] * unit_y,
            from_a[:, 1] * unit_x - from_a[:, 0] * unit_y,
        ]
    )
    rate = np.array([run_x * unit_x + run_y * unit_y, run_y * unit_x - run_x * unit_y])
    span_low, span_high = _linear_span(
        value, rate, np.array([np.zeros_like(length), -limits]), np.array([length, limits])
    )
    box_low, box_high = span_low.max(axis=0), span_high.min(axis=0)
    missed = (box_low > box_high) | (length <= 0)
    box_low[missed], box_high[missed] = np.inf, -np.inf

    # The stadium is convex: its parts hang together, so from the first to the last is one interval.
    low = np.minimum(disc_low.min(axis=0), box_low)
    high = np.maximum(disc_high.max(axis=0), box_high)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _disc_span(
    offset: FloatArray, run_x: FloatArray, run_y: FloatArray, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """|offset + t run| <= radius, for any t; low > high where it is nowhere so."""
    x, y = offset[..., 0], offset[..., 1]
    a = run_x**2 + run_y**2
    half_b = x * run_x + y * run_y
    c = x**2 + y**2 - radius**2
    still = a <= 0
    root = half_b**2 - a * c
    reach = np.sqrt(np.maximum(root, 0.0))
    a = np.where(still, 1.0, a)
    low, high = (-half_b - reach) / a, (reach - half_b) / a
    missed = root < 0
    low[missed], high[missed] = np.inf, -np.inf
    if still.any():
        low = np.where(still, np.where(c <= 0, 0.0, np.inf), low)
        high = np.where(still, np.where(c <= 0, 1.0, -np.inf), high)
    return low, high


def _linear_span(
    value: FloatArray, rate: FloatArray, least: FloatArray, most: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """least <= value + t rate <= most, for any t; low > high where it is nowhere so."""
    still = rate == 0
    rate = np.where(still, 1.0, rate)
    t_1, t_2 = (least - value) / rate, (most - value) / rate
    low, high = np.minimum(t_1, t_2), np.maximum(t_1, t_2)
    if still.any():
        inside = (least <= value) & (value <= most)
        low = np.where(still, np.where(inside, -np.inf, np.inf), low)
        high = np.where(still, np.where(inside, np.inf, -np.inf), high)
    return low, high


def _inside(segments: Edges, edges: Edges, others: ObjectArray) -> tuple[IntArray, FloatArray]:
    """Where each segment runs inside its area (edges included): segment index (k,), from/to as fractions (2, k)."""
    at, cut = _crossings(segments, edges, len(others))
    # Between two neighbouring cuts a segment stays on one side: its middle tells which.
    low, high = cut[:-1], cut[1:]
    stays = (at[1:] == at[:-1]) & (low < high)
    seg, low, high = at[:-1][stays], low[stays], high[stays]
    begin = segments.xy[seg, 0]
    middle = begin + ((low + high) / 2)[:, None] * (segments.xy[seg, 1] - begin)
    within = shapely.intersects_xy(others[segments.owner[seg]], middle[:, 0], middle[:, 1])
    return seg[within], np.array([low[within], high[within]])


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


def merge(spans: FloatArray, group: IntArray) -> tuple[FloatArray, list[int]]:
    """Overlapping or touching intervals of one group joined. (n, 2) metres, (n,) -> the same for fewer, sorted
    by group and place."""
    merged: list[list[float]] = []
    of: list[int] = []
    # A plain loop: most groups hold one or two spans.
    for number, low, high in sorted(zip(group.tolist(), *spans.T.tolist(), strict=True)):
        if of and of[-1] == number and low <= merged[-1][1] + SAME_M:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
            of.append(number)
    return np.array(merged, dtype=np.float64).reshape(-1, 2), of

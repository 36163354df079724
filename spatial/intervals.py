"""Which part of a line lies within a distance of a shape: exact, by segments against stadiums.

Within L of a segment is a stadium, which is convex, so a straight edge crosses it in one interval.
No buffer polygon is made.
"""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.boxes import FloatArray
from spatial.pieces import IntArray

SAME_M = 1e-6
"""Intervals closer than this are one: floating-point seams between neighbouring segments."""

CHUNK = 2_000_000
"""Most (segment, edge) pairs measured at once, to bound memory."""


def segments_of(geometry: BaseGeometry) -> FloatArray:
    """All edges of a shape, (n, 2, 2); a point is an edge of no length. Rings and parts alike."""
    if geometry.geom_type in ("Point", "MultiPoint"):
        xy = shapely.get_coordinates(geometry)
        return np.stack([xy, xy], axis=1)
    lines = shapely.get_parts(shapely.get_parts(geometry))
    if shapely.get_dimensions(geometry) == 2:
        lines = shapely.get_rings(lines)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    return np.stack([xy[:-1][joined], xy[1:][joined]], axis=1)


def near_edges(segments: FloatArray, edges: FloatArray, within_m: FloatArray) -> tuple[IntArray, FloatArray]:
    """Where each segment is within `within_m` of each edge.

    segments: (n, 2, 2); edges: (m, 2, 2); within_m: broadcastable to (n, m); all metres on one plane.
    Returns the segment index (k,) and from/to as fractions of the segment (k, 2).
    """
    limits = np.broadcast_to(within_m, (len(segments), len(edges)))
    rows = max(1, CHUNK // max(1, len(edges)))
    index: list[IntArray] = []
    spans: list[FloatArray] = []
    for first in range(0, len(segments), rows):
        part = slice(first, first + rows)
        low, high = _stadium_spans(segments[part], edges, limits[part])
        seg, _ = hit = np.nonzero(low <= high)
        index.append(seg + first)
        spans.append(np.column_stack([low[hit], high[hit]]))
    if not index:
        return np.empty(0, np.int64), np.empty((0, 2))
    return np.concatenate(index), np.concatenate(spans)


def _stadium_spans(
    segments: FloatArray, edges: FloatArray, limits: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fractions [low, high] of each segment inside each edge's stadium; low > high where it misses."""
    start = segments[:, None, 0]
    run = segments[:, 1] - segments[:, 0]
    run_x, run_y = run[:, None, 0], run[:, None, 1]
    a, along = edges[None, :, 0], edges[None, :, 1] - edges[None, :, 0]
    length = np.hypot(along[..., 0], along[..., 1])
    unit = along / np.where(length > 0, length, 1.0)[..., None]

    from_a = start - a
    discs = [_disc_span(from_a, run_x, run_y, limits), _disc_span(from_a - along, run_x, run_y, limits)]
    # The rectangle between the discs: |across| <= limit and 0 <= ahead <= length, all linear in t.
    ahead = from_a[..., 0] * unit[..., 0] + from_a[..., 1] * unit[..., 1]
    ahead_rate = run_x * unit[..., 0] + run_y * unit[..., 1]
    across = from_a[..., 1] * unit[..., 0] - from_a[..., 0] * unit[..., 1]
    across_rate = run_y * unit[..., 0] - run_x * unit[..., 1]
    low_1, high_1 = _linear_span(ahead, ahead_rate, 0.0, length)
    low_2, high_2 = _linear_span(across, across_rate, -limits, limits)
    flat = length <= 0
    box_low = np.where(flat, np.inf, np.maximum(low_1, low_2))
    box_high = np.where(flat, -np.inf, np.minimum(high_1, high_2))
    box_low, box_high = _nothing_if_empty(box_low, box_high)

    low = np.minimum(np.minimum(discs[0][0], discs[1][0]), box_low)
    high = np.maximum(np.maximum(discs[0][1], discs[1][1]), box_high)
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


def inside_area(segments: FloatArray, area: BaseGeometry) -> tuple[IntArray, FloatArray]:
    """Where each segment runs inside an area (edges included), as near_edges() returns it."""
    edges = segments_of(area)
    index: list[int] = []
    spans: list[tuple[float, float]] = []
    for number, segment in enumerate(segments):
        cuts = _crossings(segment, edges)
        middles = segment[0] + ((cuts[:-1] + cuts[1:]) / 2)[:, None] * (segment[1] - segment[0])
        within = shapely.intersects_xy(area, middles[:, 0], middles[:, 1])
        for low, high in zip(cuts[:-1][within], cuts[1:][within], strict=True):
            index.append(number)
            spans.append((low, high))
    return np.asarray(index, dtype=np.int64), np.asarray(spans, dtype=np.float64).reshape(-1, 2)


def _crossings(segment: FloatArray, edges: FloatArray) -> FloatArray:
    """Fractions of the segment at which it may change sides, with 0 and 1, sorted."""
    run = segment[1] - segment[0]
    along = edges[:, 1] - edges[:, 0]
    offset = edges[:, 0] - segment[0]
    cross = run[0] * along[:, 1] - run[1] * along[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (offset[:, 0] * along[:, 1] - offset[:, 1] * along[:, 0]) / cross
        u = (offset[:, 0] * run[1] - offset[:, 1] * run[0]) / cross
    met = (cross != 0) & (t > 0) & (t < 1) & (u >= -1e-12) & (u <= 1 + 1e-12)
    return np.unique(np.concatenate([[0.0], t[met], [1.0]]))


def merge(spans: FloatArray) -> FloatArray:
    """Overlapping or touching intervals joined, sorted. (n, 2) metres -> (m, 2)."""
    if len(spans) == 0:
        return np.empty((0, 2))
    ordered = spans[np.argsort(spans[:, 0], kind="stable")]
    highest = np.maximum.accumulate(ordered[:, 1])
    starts = np.r_[True, ordered[1:, 0] > highest[:-1] + SAME_M]
    return np.column_stack(
        [ordered[starts, 0], highest[np.r_[np.flatnonzero(starts)[1:] - 1, len(ordered) - 1]]]
    )

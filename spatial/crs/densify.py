"""Straight edges stay straight: vertices are added in the source system, before anything is transformed.

GEOS can densify too, but it drops repeated vertices and repairs invalid polygons on the way; here every
received vertex stays, bit for bit and in its place.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.errors import Refused
from spatial.measuring.boxes import FloatArray

MOST_VERTICES = 20_000_000
"""In one batch. A line round the earth has 400,000; more than this is a mistake or an attack."""

_LINES_AND_AREAS = frozenset(
    {
        int(shapely.GeometryType.LINESTRING),
        int(shapely.GeometryType.POLYGON),
        int(shapely.GeometryType.MULTILINESTRING),
        int(shapely.GeometryType.MULTIPOLYGON),
    }
)
_TAKEN = _LINES_AND_AREAS | {
    int(shapely.GeometryType.POINT),
    int(shapely.GeometryType.MULTIPOINT),
    int(shapely.GeometryType.MISSING),
}


def densify(geometries: NDArray[np.object_], longest_edge: float) -> NDArray[np.object_]:
    """Split every edge into equal parts of at most `longest_edge` source units.

    Points come back as they are; None stays None. Z and M are dropped. ValueError for collections and
    bare rings. Refused: crs_too_many_vertices.
    """
    kinds = shapely.get_type_id(geometries)
    here = set(kinds.tolist())
    if not here <= _TAKEN:
        first = next(number for number, kind in enumerate(kinds.tolist()) if kind not in _TAKEN)
        raise ValueError(f"geometry {first} is a {geometries[first].geom_type}: take it apart first")
    if _all_short(geometries, longest_edge):
        flat: NDArray[np.object_] = shapely.force_2d(geometries)
        return flat
    result = geometries.copy()
    for kind in here & _LINES_AND_AREAS:
        of_kind = np.flatnonzero((kinds == kind) & ~shapely.is_empty(geometries))
        if of_kind.size:
            result[of_kind] = _densify_kind(geometries[of_kind], longest_edge)
    return result


def _all_short(geometries: NDArray[np.object_], longest_edge: float) -> bool:
    """Whether surely no edge is to be split; steps from one shape to the next are taken for edges."""
    xy = shapely.get_coordinates(geometries)
    return bool((np.hypot(*(xy[1:] - xy[:-1]).T) <= longest_edge).all())


def _densify_kind(geometries: NDArray[np.object_], longest_edge: float) -> NDArray[np.object_]:
    kind, xy, offsets = shapely.to_ragged_array(geometries, include_z=False, include_m=False)
    of_parts: list[Any] = list(offsets)
    dense, of_parts[0] = split_edges(xy, offsets[0].astype(np.int64), longest_edge)
    shapes: NDArray[np.object_] = shapely.from_ragged_array(kind, dense, tuple(of_parts))
    return shapes


def split_edges(
    xy: FloatArray, runs: NDArray[np.int64], longest_edge: float
) -> tuple[FloatArray, NDArray[np.int64]]:
    """densify() of bare vertices. runs: where each line or ring begins in xy, and one past the end at last.

    Refused: crs_too_many_vertices.
    """
    step = np.zeros_like(xy)
    step[:-1] = xy[1:] - xy[:-1]
    last_of_run = runs[1:][np.diff(runs) > 0] - 1
    step[last_of_run] = 0.0  # the last vertex of a line starts no edge
    parts = np.maximum(np.ceil(np.hypot(step[:, 0], step[:, 1]) / longest_edge), 1.0)
    if parts.sum() > MOST_VERTICES:
        raise _too_many(float(parts.sum()))
    counts = parts.astype(np.int64)
    if counts.sum() == len(xy):
        return xy, runs
    begins = np.concatenate([[0], np.cumsum(counts)])
    nth = np.arange(begins[-1]) - np.repeat(begins[:-1], counts)
    share = nth / np.repeat(counts, counts)
    return np.repeat(xy, counts, axis=0) + share[:, None] * np.repeat(step, counts, axis=0), begins[runs]


def _too_many(vertices: float) -> Refused:
    return Refused.because(
        "crs_too_many_vertices",
        en=f"Keeping the edges straight to 100 m would take {vertices:,.0f} vertices, more than "
        f"{MOST_VERTICES:,}. Check the coordinates and their coordinate system, or split the file.",
        zh=f"按 100 米加密直线需要 {vertices:,.0f} 个顶点，超过上限 {MOST_VERTICES:,} 个。"
        "请检查坐标及坐标系，或拆分文件。",
    )

"""An assumed coverage: the ground within some metres of the data. It never supports `clear`."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.found import ObjectArray
from spatial.measuring.pieces import cut
from spatial.measuring.plane import from_plane, nearest_meridian, to_plane

QUARTER_SEGMENTS = 4
"""A coarse circle, inside the true one by up to 2 %: an assumption needs no more, and less is the modest side."""


def hull(geometries: Sequence[BaseGeometry], metres: float) -> MultiPolygon:
    """`geometries` widened by `metres`, as one MultiPolygon, lon/lat EPSG:4490.

    Lines are cut first, so that each piece is widened on the plane of its own tenth of a degree.
    ValueError unless 0 < metres <= 100,000 and there is a geometry.
    """
    if not 0.0 < metres <= 100_000.0 or not len(geometries):
        raise ValueError(f"a hull needs geometries and 0 < metres <= 100,000, not {metres}")
    pieces = cut(geometries, np.zeros(len(geometries))).geometry
    meridians = nearest_meridian(pieces)
    widened = [
        _widened(pieces[meridians == meridian], int(meridian), metres) for meridian in np.unique(meridians)
    ]
    return MultiPolygon(
        shapely.get_parts(shapely.disjoint_subset_union_all(np.concatenate(widened))).tolist()
    )


def _widened(pieces: ObjectArray, meridian_tenths: int, metres: float) -> ObjectArray:
    """The ground round the pieces of one meridian, as polygons in lon/lat."""
    on_plane = shapely.buffer(to_plane(pieces, meridian_tenths), metres, quad_segs=QUARTER_SEGMENTS)
    return from_plane(shapely.get_parts(shapely.disjoint_subset_union_all(on_plane)), meridian_tenths)

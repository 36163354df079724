"""Where a metre is a metre: transverse Mercator on CGCS2000 with the nearest tenth of a degree as meridian.

At most 0.05 degrees from its meridian such a plane is true to 0.02 mm over 50 m.
"""

from functools import lru_cache

import numpy as np
import shapely
from pyproj import Proj

from spatial.found import ObjectArray
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray


@lru_cache(maxsize=1024)
def _plane(meridian_tenths: int) -> Proj:
    return Proj(
        proj="tmerc", lat_0=0, lon_0=meridian_tenths / 10, k=1, x_0=0, y_0=0, a=6378137.0, rf=298.257222101
    )


def nearest_meridian(geometries: ObjectArray) -> IntArray:
    """The central meridian for each geometry, in tenths of a degree."""
    bounds = shapely.bounds(geometries)
    return np.rint((bounds[:, 0] + bounds[:, 2]) * 5.0).astype(np.int64)


def places_on_plane(lonlat: FloatArray, meridian_tenths: int) -> FloatArray:
    """(n, 2) lon/lat EPSG:4490 -> metres east, north on the plane of one meridian; each the same bits in any batch."""
    return np.array(_plane(meridian_tenths)(lonlat[:, 0], lonlat[:, 1])).T


def places_from_plane(metres: FloatArray, meridian_tenths: int) -> FloatArray:
    """The way back: (n, 2) metres east, north on the plane of one meridian -> lon/lat EPSG:4490."""
    return np.column_stack(_plane(meridian_tenths)(metres[:, 0], metres[:, 1], inverse=True))


def to_plane(geometries: ObjectArray, meridian_tenths: int) -> ObjectArray:
    """As places_on_plane(), of every vertex."""
    projected: ObjectArray = shapely.transform(
        geometries, lambda lonlat: places_on_plane(lonlat, meridian_tenths)
    )
    return projected


def from_plane(geometries: ObjectArray, meridian_tenths: int) -> ObjectArray:
    """The way back: metres on the plane of one meridian -> lon/lat EPSG:4490."""
    unprojected: ObjectArray = shapely.transform(
        geometries, lambda metres: places_from_plane(metres, meridian_tenths)
    )
    return unprojected

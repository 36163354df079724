"""Telling usable shapes from unusable ones. Nothing is repaired: a shape is taken as it is, or not at all."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ingest.files.rows import is_none
from spatial.columns import Coded
from spatial.words import AssetKind

LINE, LINES = 1, 5
AREAS = (3, 6)
"""shapely type ids."""

WALLED = frozenset({AssetKind.REGULATOR, AssetKind.STATION})
"""Whoever draws one of these with a line draws its wall, and all ground within the wall is its own."""


@np.errstate(over="ignore", invalid="ignore")  # coordinates far off the earth; they are sorted out later
def usable_shapes(
    geometry: NDArray[np.object_], fault: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """(shapes, faults): LineStrings and all others as they are, MultiLineStrings of the parts that have a length;
    None where a fault is.

    geometry: (n,) shapely 2D in any CRS, None where `fault` names a reason already.
    """
    shapes, reasons = geometry.copy(), fault.copy()
    kinds = shapely.get_type_id(shapes)
    plain = np.flatnonzero(kinds == LINE)
    reasons[plain[~(shapely.length(shapes[plain]) > 0)]] = "line_zero_length"
    lines = np.flatnonzero(kinds == LINES)
    if len(lines):
        shapes[lines], reasons[lines] = _usable_lines(shapes[lines])
    areas = np.flatnonzero(np.isin(kinds, AREAS))
    reasons[areas[~shapely.is_valid(shapes[areas])]] = "polygon_invalid"
    shapes[~is_none(reasons)] = None
    return shapes, reasons


def _usable_lines(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    parts, line_of_part = shapely.get_parts(lines, return_index=True)
    has_length = shapely.length(parts) > 0
    fault = np.full(len(lines), None, dtype=object)
    # A part without length says nothing when it lies on its own line; elsewhere it would be lost ground.
    for bare in np.flatnonzero(~has_length):
        others = parts[(line_of_part == line_of_part[bare]) & has_length]
        if not shapely.intersects(others, shapely.points(shapely.get_coordinates(parts[bare])[0])).any():
            fault[line_of_part[bare]] = "line_zero_length"
    # A part of no points at all is gone from get_parts; such a line may have no part left.
    fault[~np.isin(np.arange(len(lines)), line_of_part)] = "geometry_empty"
    kept = has_length & is_none(fault[line_of_part])
    built = np.full(len(lines), None, dtype=object)
    if kept.any():
        rows, dense = np.unique(line_of_part[kept], return_inverse=True)
        built[rows] = shapely.multilinestrings(parts[kept], indices=dense)
    return built, fault


def with_walls_filled(shapes: NDArray[np.object_], stated: Coded) -> tuple[NDArray[np.object_], int]:
    """Regulators and stations drawn by their wall as the ground within it; how many there were.

    shapes: as usable_shapes() gives them, still in their own CRS; stated: what each says it is. As a line a wall would
    be judged as a pipe, and the yard inside it would be nobody's. A stroke that encloses nothing stays the line it is.
    """
    walled = np.array([kind in WALLED for kind in stated.values], dtype=np.bool_)[stated.code]
    rows = np.flatnonzero(walled & np.isin(shapely.get_type_id(shapes), (LINE, LINES)))
    if not len(rows):
        return shapes, 0
    filled, count = shapes.copy(), 0
    for row in rows.tolist():
        ground = _within_wall(shapes[row])
        if ground.geom_type == "Polygon":
            filled[row] = ground
            count += 1
    return filled, count


@np.errstate(over="ignore", invalid="ignore")
def _within_wall(wall: BaseGeometry) -> BaseGeometry:
    """A closed wall holds what it encloses; of any other the hull, which is never less than what was meant."""
    parts = shapely.get_parts(wall)
    if len(parts) == 1 and parts[0].is_closed:
        yard = shapely.Polygon(parts[0].coords)
        if yard.is_valid:
            return yard
    hull: BaseGeometry = wall.convex_hull
    return hull

"""What an entity draws on the ground, as a shape in the drawing's own plane: heights fall away, curves become short edges."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

SAG_M = 0.001
"""How far an edge may stray from the curve it stands for."""
FINEST = 1e-6
"""Of a curve's size: no curve is cut finer, however small a unit its drawing claims."""

CURVES = frozenset({"LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "HELIX", "LWPOLYLINE", "POLYLINE"})
AREAS = frozenset({"SOLID", "TRACE", "3DFACE", "HATCH", "MPOLYGON"})
READABLE = CURVES | AREAS | {"POINT"}

Positions = NDArray[np.float64]


def shape_of(entity: Any, sag: float) -> Any:
    """A shapely shape in world coordinates, sag in drawing units; None for what draws no line, area or point.

    Whatever ezdxf raises over a damaged entity goes through.
    """
    kind = entity.dxftype()
    if kind == "POINT":
        return shapely.Point(entity.dxf.location.x, entity.dxf.location.y)
    if kind in ("SOLID", "TRACE", "3DFACE"):
        return _filled([_plane(entity.wcs_vertices())])
    if kind in ("HATCH", "MPOLYGON"):
        return _filled(_boundaries(entity, sag))
    positions = _line(entity, kind, sag)
    return None if positions is None or len(positions) < 2 else shapely.LineString(positions)


def drawn_width(entity: Any) -> float:
    """The most a polyline is drawn wide, in drawing units; 0 for what is a mere line. Whatever ezdxf raises goes through."""
    kind = entity.dxftype()
    if kind == "LWPOLYLINE":
        if entity.dxf.hasattr("const_width"):
            return abs(float(entity.dxf.const_width))
        widths = [abs(float(width)) for ends in entity.get_points("se") for width in ends]
    elif kind == "POLYLINE" and entity.has_width:
        names = ("start_width", "end_width")
        widths = [abs(float(vertex.dxf.get(name, 0.0))) for vertex in entity.vertices for name in names]
        widths += [abs(float(entity.dxf.get(f"default_{name}", 0.0))) for name in names]
    else:
        return 0.0
    return max(widths, default=0.0)


def _line(entity: Any, kind: str, sag: float) -> Positions | None:
    if kind == "LINE":
        return _plane([entity.dxf.start, entity.dxf.end])
    if kind in ("ARC", "CIRCLE"):
        return _plane(entity.flattening(max(sag, abs(entity.dxf.radius) * FINEST)))
    if kind == "ELLIPSE":
        return _plane(entity.flattening(max(sag, entity.dxf.major_axis.magnitude * FINEST)))
    if kind in ("SPLINE", "HELIX"):
        size = float(np.ptp(np.array([*entity.control_points, *entity.fit_points]), axis=0).max())
        return _plane(entity.flattening(max(sag, size * FINEST)))
    if kind == "LWPOLYLINE":
        corners = np.array([(x, y, bulge) for x, y, bulge in entity.get_points("xyb")], dtype=np.float64)
        return _bulged(corners, entity.closed, entity.dxf.elevation, entity.ocs(), sag)
    return _polyline(entity, sag)


def _polyline(entity: Any, sag: float) -> Positions | None:
    if entity.is_poly_face_mesh or entity.is_polygon_mesh:
        return None
    # Of a smoothed line the corners of its frame are kept beside the points it really goes through.
    is_smoothed = entity.dxf.flags & 4
    vertices = [vertex for vertex in entity.vertices if not (is_smoothed and vertex.dxf.flags & 16)]
    if entity.is_3d_polyline:
        positions = _plane([vertex.dxf.location for vertex in vertices])
        return np.vstack([positions, positions[:1]]) if entity.is_closed else positions
    corners = np.array(
        [(v.dxf.location.x, v.dxf.location.y, v.dxf.get("bulge", 0.0)) for v in vertices], dtype=np.float64
    )
    return _bulged(corners, entity.is_closed, entity.dxf.elevation.z, entity.ocs(), sag)


def _bulged(corners: Positions, closed: bool, elevation: float, ocs: Any, sag: float) -> Positions | None:
    """(n, 3) of x, y, bulge in the entity's own plane -> positions in the world's."""
    if len(corners) < 2:
        return None
    ends = np.vstack([corners[1:], corners[:1]]) if closed else corners[1:]
    found = [corners[:1, :2]]
    for start, end in zip(corners, ends, strict=False):
        found.append(_arc(start[:2], end[:2], start[2], sag) if start[2] else end[None, :2])
    flat = np.vstack(found)
    if not ocs.transform:
        return flat
    from ezdxf.math import Vec3

    return _plane(ocs.points_to_wcs(Vec3(x, y, elevation) for x, y in flat.tolist()))


def _arc(start: Positions, end: Positions, bulge: float, sag: float) -> Positions:
    """Behind `start` up to `end`: an arc whose bulge is the tangent of a quarter of the angle it sweeps."""
    sweep = 4.0 * math.atan(bulge)
    chord = end - start
    length = float(np.hypot(*chord))
    if length == 0.0:
        return end[None]
    radius = length / (2.0 * abs(math.sin(sweep / 2.0)))
    centre = (start + end) / 2.0 + np.array([-chord[1], chord[0]]) / (2.0 * math.tan(sweep / 2.0))
    finest = max(sag, radius * FINEST)
    step = 2.0 * math.acos(max(1.0 - finest / radius, 0.0))
    edges = max(math.ceil(abs(sweep) / step), 1)
    angles = math.atan2(*(start - centre)[::-1]) + sweep * np.arange(1, edges) / edges
    inner = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.vstack([inner, end[None]])


def _boundaries(entity: Any, sag: float) -> list[Positions]:
    from ezdxf.path import from_hatch

    return [_plane(path.flattening(sag)) for path in from_hatch(entity) if len(path)]


def _filled(rings: list[Positions]) -> Any:
    """All ground within any of the rings: what is left out of a hatch is drawn round as well."""
    areas = [shapely.Polygon(ring) for ring in rings if len(ring) >= 3]
    areas = [area if area.is_valid else area.convex_hull for area in areas]
    whole = shapely.union_all([area for area in areas if area.geom_type == "Polygon"])
    return None if whole.is_empty else whole


def _plane(points: Iterable[Any]) -> Positions:
    return np.array([(point.x, point.y) for point in points], dtype=np.float64).reshape(-1, 2)

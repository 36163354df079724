"""How much ground the registers vouch for: what their owners declared complete, in force, and not in doubt.

The same rules as for one dig site (spatial.judging.coverage), laid over a whole county: ground counts where at least
one utility says it serves, and every utility that may own pipes there has a register in force for every kind
of pipe, no blank and no unreadable row. Patches are taken as drawn, without the reach of a dig round them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import shapely
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from spatial.values import UtilityGround
from spatial.words import PipeKind

STRAIGHT_DEGREES = 1e-9
"""A tenth of a millimetre: points that densifying put on a straight edge are dropped before the overlay."""

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)


def vouched_ground(grounds: Sequence[UtilityGround], on: date) -> MultiPolygon:
    """Where a dig could be told `clear` on this day as far as the registers go, lon/lat EPSG:4490.

    grounds: everything every utility has declared. A utility that has not said where it serves may own pipes
    anywhere: it takes away whatever it does not vouch for itself.
    """
    served = _union(ground.service_area for ground in grounds if ground.service_area is not None)
    doubtful = [
        shapely.difference(
            served if ground.service_area is None else _union([ground.service_area]), _vouched_by(ground, on)
        )
        for ground in grounds
    ]
    # A row nobody could read counts where it lies, whatever its utility says of where it serves.
    doubtful += [row.geometry for ground in grounds for row in ground.unreadable]
    return areas_of(shapely.difference(served, _union(doubtful)))


def area_km2(geometry: BaseGeometry) -> float:
    """Area on the CGCS2000 ellipsoid of lon/lat polygons, edges taken as geodesics; 0 for anything else."""
    squares_m2 = (
        CGCS2000.geometry_area_perimeter(orient(polygon))[0] for polygon in areas_of(geometry).geoms
    )
    return float(sum(squares_m2)) / 1e6


def areas_of(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of any geometry; edges and points that an overlay leaves behind are dropped."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon([part for part in parts if isinstance(part, Polygon) and not part.is_empty])


def _vouched_by(ground: UtilityGround, on: date) -> BaseGeometry:
    """The ground this one utility vouches for: nothing without data, or with rows nobody can place."""
    if not ground.datasets or ground.boxless_rejected:
        return MultiPolygon()
    in_force = [
        _union(
            row.geometry
            for row in ground.coverages
            if row.pipe_kind is kind
            and not row.assumed
            and row.max_age_days is not None
            and on <= row.as_of + timedelta(days=row.max_age_days)
        )
        for kind in PipeKind
    ]
    unknown = _union([*ground.blanks, *(row.geometry for row in ground.unreadable)])
    return shapely.difference(_common(in_force), unknown)


def _union(geometries: Iterable[BaseGeometry]) -> BaseGeometry:
    bare = shapely.simplify(list(geometries), STRAIGHT_DEGREES)
    union: BaseGeometry = shapely.union_all(bare)
    return union


def _common(geometries: Sequence[BaseGeometry]) -> BaseGeometry:
    """What all of them hold. Most utilities declare the same ground for every kind of pipe."""
    first, *others = geometries
    different = [other for other in others if not shapely.equals_exact(first, other)]
    common: BaseGeometry = shapely.intersection_all([first, *different])
    return common

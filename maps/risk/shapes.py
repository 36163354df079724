"""The province laid out for drawing: counties, prefectures, and the ground to be hatched.

The borders come generalised for this scale and are drawn as they are. Nothing here decides anything. Ground that registers vouch for is drawn only where it is wide, since a
coverage declared narrowly round its pipes would otherwise draw them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Proj
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from maps.risk.view import RiskView
from spatial.ground import areas_of

NARROWEST_M = 1_000.0
"""Vouched ground narrower than this is hatched like the rest: no corridor round a pipe shows."""

_PAPER = {"proj": "aea", "lat_1": 33.0, "lat_2": 38.0, "lat_0": 35.5, "lon_0": 96.3, "ellps": "GRS80"}
"""Albers with two parallels through Qinghai: areas are true, lengths within half a percent."""


@dataclass(frozen=True, slots=True)
class CountyShape:
    """borders: lon/lat. bare: the part to be hatched; empty when all
    of it is vouched for. label: a point well inside, (lon, lat)."""

    borders: MultiPolygon
    bare: MultiPolygon
    label: tuple[float, float]


def county_shapes(view: RiskView) -> tuple[CountyShape, ...]:
    """One shape per county of the view, in its order."""
    wide = _only_wide(view.vouched)
    return tuple(_shape(risk.county.borders, wide) for risk in view.counties)


def prefecture_borders(view: RiskView, shapes: Sequence[CountyShape]) -> tuple[BaseGeometry, ...]:
    """The outline of each prefecture, in order of codes."""
    by_code: dict[str, list[BaseGeometry]] = {}
    for risk, shape in zip(view.counties, shapes, strict=True):
        by_code.setdefault(risk.county.prefecture_code, []).append(shape.borders)
    return tuple(shapely.boundary(shapely.coverage_union_all(parts)) for _, parts in sorted(by_code.items()))


def on_paper(geometry: BaseGeometry) -> BaseGeometry:
    """Lon/lat -> metres of the map sheet."""
    return _moved(geometry, inverse=False)


def _shape(borders: MultiPolygon, vouched: BaseGeometry) -> CountyShape:
    largest = max(borders.geoms, key=lambda part: part.area)
    label = shapely.maximum_inscribed_circle(largest).coords[0]
    return CountyShape(borders, areas_of(shapely.difference(borders, vouched)), (label[0], label[1]))


def _only_wide(vouched: MultiPolygon) -> BaseGeometry:
    """What remains where a disc of NARROWEST_M across fits, a little less than it was."""
    if vouched.is_empty:
        return vouched
    flat = on_paper(vouched)
    opened = flat.buffer(-NARROWEST_M / 2).buffer(NARROWEST_M / 2 * 0.95)
    return _moved(shapely.simplify(opened, NARROWEST_M / 20), inverse=True)


def _moved(geometry: BaseGeometry, *, inverse: bool) -> BaseGeometry:
    paper = Proj(_PAPER)

    def move(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(paper(lonlat[:, 0], lonlat[:, 1], inverse=inverse))

    moved: BaseGeometry = shapely.transform(geometry, move)
    return moved

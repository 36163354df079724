"""Shapes of more points than a site may have, as curves become when they are cut into edges of a millimetre: drawn with fewer,
so that no ground is lost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from ingest.plans.sizes import MAX_VERTICES
from spatial.words import PermitKind

MOST = MAX_VERTICES[PermitKind.NORMAL]
LINE_STRAYS_M = (0.004, 0.009)
"""With the millimetre of the edges of a curve: at most a centimetre. A stated width grows by it."""
AREA_GROWS_M = (0.004, 0.01, 0.02, 0.05)
"""One after the other until it is enough; an area is widened by twice as much first (at a corner by four times), and only ever
loses points outwards."""
SIDES = {"half_width_m": 1, "width_m": 2, "bottom_width_m": 2}
METRES_PER_DEGREE = 111_300.0
POLEWARDS = 85.0

Feature = dict[str, Any]


def thinned(features: Sequence[Feature]) -> tuple[list[Feature], int]:
    """The features, and how many were drawn with fewer points. What cannot be is left to be refused."""
    made = [_thinner(one) for one in features]
    return made, sum(one is not other for one, other in zip(features, made, strict=True))


def _thinner(feature: Feature) -> Feature:
    kind = feature["geometry"]["type"]
    if kind not in ("LineString", "Polygon", "MultiPolygon") or "bore" in feature["properties"]:
        return feature
    whole = shape(feature["geometry"])
    xy = shapely.get_coordinates(whole)
    if len(xy) <= MOST or whole.has_z or not np.isfinite(xy).all() or not whole.is_valid:
        return feature
    scale = _metres(xy)
    if scale is None:
        return feature
    # From the first point, so that what is left of the numbers is fine enough.
    metres = shapely.transform(whole, lambda at: (at - xy[0]) * scale)
    own = feature["properties"]
    if kind == "LineString":
        fewer, strays_m = _line(metres)
        own = {name: _wider(name, value, strays_m) for name, value in own.items()}
    else:
        fewer = _area(metres)
    if fewer is None:
        return feature
    geometry = mapping(shapely.transform(fewer, lambda at: at / scale + xy[0]))
    geometry = {"type": geometry["type"], "coordinates": _lists(geometry["coordinates"])}
    return {**feature, "geometry": geometry, "properties": own}


def _lists(coordinates: Any) -> Any:
    return list(map(_lists, coordinates)) if isinstance(coordinates, tuple | list) else coordinates


def _metres(xy: Any) -> Any:
    """What the numbers of x and y are to be multiplied by. Of degrees, as far as they can be; metres within 180 of nought are
    taken for degrees too, and are then hardly thinned at all."""
    far = np.abs(xy).max(axis=0)
    if far[0] > 180.0 or far[1] > 90.0:
        return np.ones(2)
    if far[1] > POLEWARDS:
        return None
    return METRES_PER_DEGREE * np.array([np.cos(np.radians(far[1])), 1.0])


def _line(line: Any) -> tuple[Any, float]:
    for strays_m in LINE_STRAYS_M:
        fewer = shapely.simplify(line, strays_m, preserve_topology=False)
        if 2 <= shapely.get_num_coordinates(fewer) <= MOST and fewer.length > 0:
            return fewer, strays_m
    return None, 0.0


def _wider(name: str, value: Any, strays_m: float) -> Any:
    """A width that somebody stated, so that what lay within it still does. Widths nobody stated are assumed wide enough."""
    if name not in SIDES or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return round(value + SIDES[name] * strays_m, 4)


def _area(area: Any) -> Any:
    for grows_m in AREA_GROWS_M:
        wide = shapely.buffer(area, 2.0 * grows_m, join_style="mitre", mitre_limit=2.0)
        fewer = shapely.simplify(wide, grows_m, preserve_topology=True)
        if shapely.get_num_coordinates(fewer) <= MOST and fewer.is_valid and shapely.covers(fewer, area):
            return fewer
    return None

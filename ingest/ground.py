"""Ground a utility declares: service areas, coverages and blanks as one MultiPolygon."""

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from ingest.files.rows import READ_ALL, is_none, span
from ingest.files.table import read_rows
from ingest.networks.reasons import REASONS
from ingest.place import outside, rough_bounds, roughly_inside
from spatial.crs import Grid, check_agreement, declare, open_passage
from spatial.errors import Faults, Refused
from spatial.values import Extent

MAX_GROUND_VERTICES = 1_000_000
AREA_TYPES = (3, 6)


def read_ground(
    path: str | PathLike[str], *, crs: str | Grid | None, extent: Extent, on: date
) -> MultiPolygon:
    """All polygons of a local file of any kind we read as one: lon/lat EPSG:4490, edges <= 100 m.

    on: the day it is declared, as for every reader of the dock; nothing here depends on it, because
    declared ground carries no uncertainty of its own.

    A declaration is taken whole or not at all: a row left out would move the edge of what a utility says.
    :raises Refused: as for a network file, and for every row that is no proper polygon inside the extent.
    """
    rows = read_rows(path, _no_columns, READ_ALL)
    faults = Faults()
    bounds = span(rows.bounds)
    declared = declare(crs, bounds)
    check_agreement(declared, rows.embedded_crs)
    fault = rows.fault.copy()
    fault[is_none(fault) & ~np.isin(shapely.get_type_id(rows.geometry), AREA_TYPES)] = "not_a_polygon"
    fault[is_none(fault) & ~shapely.is_valid(rows.geometry)] = "polygon_invalid"
    for row in np.flatnonzero(~is_none(fault)).tolist():
        en, zh = _REASONS[fault[row]]
        faults.add(f"ground_{fault[row]}", en=en, zh=zh, pointer=f"row {row + 1}")
    faults.raise_if_any()
    if bounds is None or not roughly_inside(rough_bounds(declared, np.array([bounds])), extent).all():
        raise outside(declared, bounds or (0.0, 0.0, 0.0, 0.0), extent)
    vertices = int(shapely.get_num_coordinates(rows.geometry).sum())
    if vertices > MAX_GROUND_VERTICES:
        raise Refused.because(
            "ground_too_many_vertices",
            en=f"the areas have {vertices} points, at most {MAX_GROUND_VERTICES} are taken; simplify them",
            zh=f"范围共有 {vertices} 个点，最多 {MAX_GROUND_VERTICES} 个，请简化",
        )
    # Merged before anything is carried: neighbours still share their edges exactly, and edges are straight.
    whole = shapely.union_all(rows.geometry) if len(rows) > 1 else rows.geometry[0]
    carried = open_passage(declared, bounds).carry(np.array([whole], dtype=object))[0]
    if not extent.holds(carried.bounds):
        raise outside(declared, bounds, extent)
    if not carried.is_valid:
        raise Refused.because(
            "ground_degenerate",
            en="parts of the outline lie closer together than can be told apart; simplify it",
            zh="轮廓的某些部分过于接近，无法区分，请简化",
        )
    return carried if isinstance(carried, MultiPolygon) else MultiPolygon([carried])


def _no_columns(names: Sequence[str]) -> Mapping[str, str]:
    return {}


_REASONS = {
    **REASONS,
    "not_a_polygon": ("ground is declared with polygons; draw this as an area", "范围须为面，请改为面"),
}

"""Drawings whose header keeps the millimetres of a template, while their numbers are metres."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from ingest.files.drawings.document import METRES
from ingest.plans.lists.headings import EASTINGS, NORTHINGS
from spatial.errors import Refused


def check_units(features: Sequence[Mapping[str, Any]], units: str, name: str) -> None:
    """features: in metres, by the units that only the header states. Of a public system, which has no easting below 100 km: a
    plan that is refused here would be refused for lying nowhere.

    :raises Refused: drawing_units.
    """
    xy = shapely.get_coordinates([shape(one["geometry"]) for one in features]) / METRES[units]
    if units == "m" or not len(xy) or not np.isfinite(xy).all():
        return
    (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    is_public = NORTHINGS[0] <= south and north <= NORTHINGS[1]
    if is_public and any(low <= west and east <= high for low, high in EASTINGS):
        raise Refused.because(
            "drawing_units",
            en=f"the header of {name} says {units}, but its numbers ({west:.10g} {south:.10g}) look like metres: if they are, "
            f"say so with --units m (units=m, or the field of the page); if they are {units}, with --units {units}",
            zh=f"{name} 的图纸头部注明单位为 {units}，但坐标值（{west:.10g} {south:.10g}）像是米：如为米，请以 --units m 说明"
            f"（接口为 units=m，页面上选择单位）；如确为 {units}，请以 --units {units} 说明",
        )

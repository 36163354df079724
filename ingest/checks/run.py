"""All checks of a network: what was rejected, and what looks wrong in what was taken.

Nothing here changes an asset. It takes longer than reading does, so it is asked for before an import or after one, not
in one; what only the file knew (refused_rows, odd_lengths) is looked at while the file is there.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from shapely.geometry.base import BaseGeometry

from ingest.checks.check import MOST_EXAMPLES, Check, evenly, found_in, places
from ingest.checks.shapes import Shapes, crossing_themselves, drawn_twice, joints, length_differs, outside
from ingest.checks.values import odd_values, unknown_values
from spatial.asset_table import AssetTable
from spatial.values import NetworkIntake, RejectedRow


def check_intake(intake: NetworkIntake, service_area: BaseGeometry | None = None) -> tuple[Check, ...]:
    """Errors by code, then what looks wrong of the rows taken. service_area: lon/lat EPSG:4490, None if unknown."""
    return (
        *refused_rows(intake.rejected),
        *odd_lengths(intake),
        *check_assets(AssetTable.of(intake.assets), service_area),
    )


def check_assets(assets: AssetTable, service_area: BaseGeometry | None = None) -> list[Check]:
    """What looks wrong of some assets that stand together; what is unknown of them is unknown_of()'s."""
    shapes = Shapes.of(assets)
    joined = joints(shapes)
    found = {
        "line_crosses_itself": crossing_themselves(shapes),
        "shape_twice": drawn_twice(shapes),
        "ends_not_joined": joined.nearly,
        "pipe_alone": joined.alone,
        **odd_values(assets),
        "outside_service_area": outside(shapes, service_area),
    }
    return found_in(assets, found)


def unknown_of(assets: AssetTable) -> list[Check]:
    """What nobody knows of the pipes, a check for each column that widens a judgement or dates it."""
    return found_in(assets, unknown_values(assets))


def odd_lengths(intake: NetworkIntake) -> list[Check]:
    """Pipes whose stated length is not the drawn one; only the file knows the stated one."""
    if intake.stated_length_m is None:
        return []
    stated_m = np.array(
        [np.nan if metres is None else metres for metres in intake.stated_length_m.values], np.float64
    )[intake.stated_length_m.code]
    assets = AssetTable.of(intake.assets)
    return found_in(assets, {"length_differs": length_differs(assets, stated_m)})


def refused_rows(rejected: Sequence[RejectedRow]) -> list[Check]:
    """A check for each reason, by code; all of them errors."""
    told: list[Check] = []
    for code in sorted(Counter(row.code for row in rejected)):
        rows = [row for row in rejected if row.code == code]
        names = tuple(row.source_id or f"row {row.number}" for row in rows[:MOST_EXAMPLES])
        boxes = [row.box for row in rows if row.box is not None]
        some = [boxes[number] for number in evenly(np.arange(len(boxes))).tolist()]
        told.append(Check(code, "error", len(rows), names, rows[0].en, rows[0].zh, places(some)))
    return told

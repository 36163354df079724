"""A whole network as few enough numbers for one file: simplified, thinned, and written as steps from point to point."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.asset_table import AssetTable
from spatial.comparing.nearness import as_a_plane
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE
from spatial.words import AssetKind, PressureClass

MOST_VERTICES = 150_000
"""Of all lines together: about two megabytes of page."""
MOST_FACILITIES = 20_000
TOLERANCES_M = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
UNIT_DEGREES = 1e-6
"""A tenth of a metre; for more than FEW_VERTICES ten times that, since fewer digits make a smaller file."""
FEW_VERTICES = 30_000
CLASSES = (*PressureClass, None)


@dataclass(frozen=True, slots=True)
class Drawing:
    """lines: by pressure class (or `unknown`) one list a line: steps lon, lat, lon, lat … in `unit` degrees; the first
    step of a line is from the first point of the line before it, that of the first line from `origin` (lon, lat).
    facilities: lon/lat. tolerance_m: how far a line may be off; left_out: lines not drawn; bounds: west, south, east,
    north."""

    origin: tuple[float, float]
    unit: float
    lines: dict[str, list[list[int]]]
    facilities: list[tuple[float, float]]
    tolerance_m: float
    drawn: int
    left_out: int
    bounds: tuple[float, float, float, float]


def drawing_of(assets: AssetTable) -> Drawing:
    """assets: at least one."""
    shapes = assets.geometry()
    kinds, classes = assets.attributes["kind"], assets.attributes["pressure_class"]
    is_pipe = np.array([kind == AssetKind.PIPE for kind in kinds.values], np.bool_)[kinds.code]
    parts, pipe = shapely.get_parts(shapes[is_pipe], return_index=True)
    class_of = np.array([CLASSES.index(name) for name in classes.values], np.int64)[classes.code][is_pipe][
        pipe
    ]
    parts, tolerance_m, kept = _few_enough(parts)
    counts = shapely.get_num_coordinates(parts)
    unit = UNIT_DEGREES if counts.sum() <= FEW_VERTICES else UNIT_DEGREES * 10.0
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    where = np.rint((shapely.get_coordinates(parts) - (west, south)) / unit).astype(np.int64)
    return Drawing(
        origin=(west, south),
        unit=unit,
        lines=_steps(where, counts, class_of[kept]),
        facilities=_middles(shapes[~is_pipe][:MOST_FACILITIES]),
        tolerance_m=max(tolerance_m, unit * METRES_PER_DEGREE_LATITUDE),
        drawn=len(parts),
        left_out=len(kept) - int(kept.sum()),
        bounds=(west, south, east, north),
    )


def _few_enough(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], float, NDArray[np.bool_]]:
    """The lines as they are drawn, by how much they are simplified, and which of them."""
    everything = np.ones(len(parts), np.bool_)
    if not len(parts):
        return parts, 0.0, everything
    flat = as_a_plane(parts)
    plane = flat(parts)
    for tolerance_m in TOLERANCES_M:
        simple = shapely.simplify(plane, tolerance_m / METRES_PER_DEGREE_LATITUDE, preserve_topology=False)
        if shapely.get_num_coordinates(simple).sum() <= MOST_VERTICES:
            return shapely.transform(simple, lambda xy: xy / flat.squeeze), tolerance_m, everything
    counts = shapely.get_num_coordinates(simple)
    longest = np.argsort(-shapely.length(simple), kind="stable")
    kept = np.zeros(len(parts), np.bool_)
    kept[longest[np.cumsum(counts[longest]) <= MOST_VERTICES]] = True
    return shapely.transform(simple[kept], lambda xy: xy / flat.squeeze), tolerance_m, kept


def _steps(where: NDArray[np.int64], counts: Any, class_of: NDArray[np.int64]) -> dict[str, list[list[int]]]:
    """where: (vertices, 2); the lines of one class together, in their order."""
    ends = np.cumsum(counts)
    lines: dict[str, list[list[int]]] = {}
    before = np.zeros(2, np.int64)
    for number, name in enumerate(CLASSES):
        some = []
        for line in np.flatnonzero(class_of == number).tolist():
            points = where[ends[line] - counts[line] : ends[line]]
            steps = np.diff(points, axis=0, prepend=before[np.newaxis])
            moved = np.ones(len(steps), np.bool_)
            moved[1:] = steps[1:].any(axis=1)  # points that fall together are one
            some.append(steps[moved].reshape(-1).tolist())
            before = points[0]
        if some:
            lines[str(name) if name else "unknown"] = some
    return lines


def _middles(shapes: NDArray[np.object_]) -> list[tuple[float, float]]:
    middles = shapely.get_coordinates(shapely.centroid(shapes)).round(6)
    return [(lon, lat) for lon, lat in middles.tolist()]

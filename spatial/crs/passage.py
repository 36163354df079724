"""The door itself: source coordinates in, register coordinates (lon/lat EPSG:4490) out.

`open_passage` decides once, for all the data of a file or a request, how they are carried; a `Passage`
then carries them. Nothing here guesses: where no real way is known the data are refused.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.crs import offsets
from spatial.crs.densify import densify, split_edges
from spatial.crs.faults import (
    no_path,
    not_finite,
    outside_area,
    outside_bounds,
    outside_grid,
    transform_failed,
)
from spatial.crs.grids.values import Grid
from spatial.crs.grids.ways import pipeline_of
from spatial.crs.looks import SourceBounds
from spatial.crs.names import BD_09, GCJ_02, DeclaredCrs, plan_crs
from spatial.crs.operations import (
    Frame,
    Operation,
    area_of,
    conversion,
    frame_of,
    is_lonlat,
    rough_lonlat,
    shifts,
    there_and_back,
    transformer,
)
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import CGCS2000
from spatial.values import Box, Extent

LONGEST_EDGE_M = 100.0
"""design 4: a 1 km edge measured after conversion sags 17 mm, a 100 m one 0.2 mm."""

_LONGEST_EDGE_DEG = 0.00085
"""At most 95 m anywhere, as no degree is longer than 111.7 km; 97 m where BD-09 stretches by 2 %."""

_EDGE_SAFETY = 0.955
"""The length of a projected unit is sampled, not known everywhere."""

_BEYOND_AREA_DEG = 6.0
"""How far beyond its own area of use a system on CGCS2000 or WGS 84 is still taken: provinces keep data
in one zone, and the conversion stays exact. A wrong zone prefix lands at least 6.5 degrees away."""

_UNCHANGED = "proj=noop "
"""How PROJ begins the pipeline of a system whose numbers are longitude and latitude already."""

_ITSELF_AS_CGCS2000 = "WGS 84 taken as CGCS2000"
_SAMPLES_A_SIDE = 256


@dataclass(frozen=True, slots=True)
class Passage:
    """One chosen way from declared source coordinates to the register.

    frame: the datum underneath (gcj02 and bd09 rest on WGS 84; other was brought to WGS 84 first; registered grids
    lead to cgcs2000).
    operation: what is done, with EPSG codes and accuracy, for the record.
    accuracy_m: the operation's published accuracy, 0 where no datum is changed. For a registered grid it is the 95 %
    bound it was registered with; else what EPSG states, not a 95 % bound: the control point at Caister lies 3.4 m off by an operation of 2 m. The drift of WGS 84
    against CGCS2000 and the residual of GCJ-02/BD-09 are the caller's terms to add.
    bounds: the source box it was chosen for; nothing outside it is carried.
    longest_edge: what LONGEST_EDGE_M is in source units there. pipeline: PROJ text; "" without PROJ; secret where
    the grid is a registered one.
    """

    declared: DeclaredCrs
    frame: Frame
    operation: str
    accuracy_m: float
    bounds: SourceBounds
    longest_edge: float
    pipeline: str = field(repr=False)
    pointer: str = field(default="", compare=False)

    def carry(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Register geometries: 2D lon/lat EPSG:4490, every edge at most 100 m, vertices in their order.

        geometries: (n,) shapely points, lines or areas in source coordinates, Z and M ignored; None
        stays None. Edges are split while still straight, in the source system; received vertices are
        kept. Refused: crs_coordinates_not_finite, crs_outside_bounds, crs_too_many_vertices,
        crs_transform_failed. ValueError for geometry collections.
        """
        self._check(shapely.get_coordinates(geometries))
        dense = densify(geometries, self.longest_edge)
        carried: NDArray[np.object_] = shapely.transform(dense, self._carry_coordinates, include_z=False)
        return carried

    def carry_lines(self, xy: FloatArray, runs: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
        """carry() of lines given as bare vertices: a million of them are not made into shapes for it.

        runs: where each line begins in xy, and one past the end at last; given back for the vertices there are
        then. Refused as `carry`.
        """
        self._check(xy)
        dense, runs = split_edges(xy, runs, self.longest_edge)
        return self._carry_coordinates(dense), runs

    def carry_point(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of one source point. Refused as `carry`."""
        xy = np.array([[x, y]], dtype=np.float64)
        self._check(xy)
        lon, lat = self._carry_coordinates(xy)[0]
        return float(lon), float(lat)

    def carry_box(self, bounds: SourceBounds) -> Box:
        """A box in degrees that holds the image of all of `bounds` (source coordinates).

        The image of a box is bounded by the images of its sides; between samples a side strays by at
        most an eighth of its second difference, and a whole one is added. Refused as `carry`.
        """
        corners = np.array([bounds[:2], bounds[2:]], dtype=np.float64)
        self._check(corners)
        margin = np.zeros(2)
        images = []
        for side in _sides(bounds, _SAMPLES_A_SIDE):
            image = self._carry_coordinates(side)
            margin = np.maximum(margin, np.abs(np.diff(image, n=2, axis=0)).max(axis=0))
            images.append(image)
        around = np.concatenate(images)
        west, south = around.min(axis=0) - margin
        east, north = around.max(axis=0) + margin
        return float(west), float(south), float(east), float(north)

    def _check(self, xy: FloatArray) -> None:
        if not np.isfinite(xy).all():
            raise not_finite(self.pointer)
        if not len(xy):
            return
        west, south, east, north = self.bounds
        slack = 1e-9 * max(map(abs, self.bounds))
        low, high = xy.min(axis=0), xy.max(axis=0)
        if (
            low[0] < west - slack
            or low[1] < south - slack
            or high[0] > east + slack
            or high[1] > north + slack
        ):
            raise outside_bounds(self.declared, self.pointer)

    def _carry_coordinates(self, xy: FloatArray) -> FloatArray:
        lonlat = _to_lonlat(self.frame, self.pipeline, xy)
        if not np.isfinite(lonlat).all():
            raise transform_failed(self.declared, self.pointer)
        return lonlat


def open_passage(declared: DeclaredCrs, bounds: SourceBounds, *, pointer: str = "") -> Passage:
    """Choose the one operation that carries everything inside `bounds`.

    bounds: x min, y min, x max, y max in source coordinates; x is the easting or longitude, always.
    Systems on CGCS2000 are converted; on WGS 84 converted and taken as CGCS2000; GCJ-02 and BD-09 are
    inverted; all others are brought to WGS 84 by the operation of best published accuracy among those
    whose area of use holds the data.

    Refused: crs_coordinates_not_finite, crs_outside_area, crs_no_path.
    """
    if not all(map(math.isfinite, bounds)):
        raise not_finite(pointer)
    if declared.grid is not None:
        return _grid_passage(declared, declared.grid, bounds, pointer)
    code = declared.epsg
    frame = _frame(declared)
    place = _place(declared, bounds)
    if code is None:
        if place is None:
            raise outside_area(declared, bounds, bounds if _on_earth(bounds) else None, pointer)
        text = f"inverse of the published {declared.name} formula by iteration; {_ITSELF_AS_CGCS2000}"
        return _passage(declared, frame, Operation("", text, 0.0), bounds, pointer)
    area = area_of(code)
    if place is None or (area is not None and not area.holds(place, _BEYOND_AREA_DEG)):
        raise outside_area(declared, bounds, place, pointer)
    if frame == "other":
        found = shifts(code)
        serving = [way for way in found.usable if way.area is not None and way.area.serves(place)]
        if not serving:
            raise no_path(declared, place, found, pointer)
        return _passage(declared, frame, serving[0], bounds, pointer)
    return _passage(declared, frame, conversion(code), bounds, pointer)


def _grid_passage(declared: DeclaredCrs, grid: Grid, bounds: SourceBounds, pointer: str) -> Passage:
    place, base_area = _place(declared, bounds), area_of(grid.base)
    if (
        place is None
        or (grid.area is not None and not _within(bounds, grid.area))
        or (base_area is not None and not base_area.holds(place, _BEYOND_AREA_DEG))
    ):
        raise outside_grid(declared, bounds, pointer)
    text = f"registered grid {grid.name}, version {grid.version}; accuracy {grid.accuracy_m:g} m"
    return _passage(
        declared, "cgcs2000", Operation(pipeline_of(grid), text, grid.accuracy_m), bounds, pointer
    )


def _within(bounds: SourceBounds, area: SourceBounds) -> bool:
    west, south, east, north = area
    return west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north


def usable_at(declared: DeclaredCrs, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each of many boxes lies where a public system may be used at all; open_passage() refuses all others.

    lonlat: (n, 4), in degrees, to about a kilometre. Of a registered grid, whose ground is not told, all are.
    """
    held = np.ones(len(lonlat), dtype=np.bool_)
    area = None if declared.epsg is None or declared.grid is not None else area_of(declared.epsg)
    if area is not None:
        west, south, east, north = lonlat.T
        from_west, to_east = west >= area.west - _BEYOND_AREA_DEG, east <= area.east + _BEYOND_AREA_DEG
        held &= (south >= area.south - _BEYOND_AREA_DEG) & (north <= area.north + _BEYOND_AREA_DEG)
        held &= (from_west & to_east) if area.west <= area.east else (from_west | to_east)
    return held


def looks_swapped(declared: DeclaredCrs, bounds: SourceBounds, extent: Extent) -> bool:
    """Whether the data would lie inside `extent` with x and y exchanged, while as given they do not."""
    if not all(map(math.isfinite, bounds)):
        return False
    west, south, east, north = bounds
    as_given = _place(declared, bounds)
    exchanged = _place(declared, (south, west, north, east))
    return not (as_given and extent.holds(as_given)) and bool(exchanged and extent.holds(exchanged))


def _passage(
    declared: DeclaredCrs, frame: Frame, way: Operation, bounds: SourceBounds, pointer: str
) -> Passage:
    longest_edge = _longest_edge(declared, frame, way.pipeline, bounds)
    if not math.isfinite(longest_edge):
        raise transform_failed(declared, pointer)
    return Passage(
        declared,
        frame,
        way.text if declared.grid else _recorded(frame, way),
        way.accuracy_m,
        bounds,
        longest_edge,
        way.pipeline,
        pointer,
    )


def _recorded(frame: Frame, way: Operation) -> str:
    if frame == "cgcs2000":
        return f"{way.text}; exact"
    if frame == "wgs84":
        return f"{way.text}; {_ITSELF_AS_CGCS2000}"
    if frame == "other":
        return f"{way.text}; accuracy {way.accuracy_m:g} m; {_ITSELF_AS_CGCS2000}"
    return way.text


def _frame(declared: DeclaredCrs) -> Frame:
    if declared.name == GCJ_02:
        return "gcj02"
    if declared.name == BD_09:
        return "bd09"
    return frame_of(int(declared.name[5:]))


def _to_lonlat(frame: Frame, pipeline: str, xy: FloatArray) -> FloatArray:
    """(n, 2) source coordinates to longitude/latitude; not finite where there is no image."""
    if frame == "gcj02":
        return offsets.wgs84_from_gcj02(xy)
    if frame == "bd09":
        return offsets.wgs84_from_bd09(xy)
    if pipeline.startswith(_UNCHANGED):
        return xy
    return np.column_stack(transformer(pipeline).transform(xy[:, 0], xy[:, 1], errcheck=False))


def _place(declared: DeclaredCrs, bounds: SourceBounds) -> Box | None:
    """Where the data lie, to about a kilometre; None if the source system has no such place."""
    if declared.epsg is None and declared.grid is None:
        corners = np.array([bounds[:2], bounds[2:]], dtype=np.float64)
        return bounds if offsets.in_gcj_rectangle(corners).all() else None
    if declared.epsg is not None and is_lonlat(declared.epsg):
        return bounds if _on_earth(bounds) else None
    lonlat = rough_place(declared, _sides(bounds, 8).reshape(-1, 2))
    if not np.isfinite(lonlat).all():
        return None
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    return float(west), float(south), float(east), float(north)


def rough_place(declared: DeclaredCrs, xy: FloatArray) -> FloatArray:
    """rough_lonlat() of coordinates in any declared system; GCJ-02, BD-09 and longitude/latitude as they stand."""
    if declared.grid is not None:
        return there_and_back(transformer(pipeline_of(declared.grid)), xy)
    if declared.epsg is None or is_lonlat(declared.epsg):
        return xy
    return rough_lonlat(declared.epsg, xy)


def _on_earth(bounds: SourceBounds) -> bool:
    west, south, east, north = bounds
    return -180.0 <= west <= east <= 180.0 and -90.0 <= south <= north <= 90.0


@np.errstate(over="ignore", invalid="ignore")  # coordinates far off the earth: no place is found for them
def _sides(bounds: SourceBounds, steps: int) -> FloatArray:
    """The four sides of a box, (4, steps + 1, 2) points."""
    west, south, east, north = bounds
    sides = np.empty((4, steps + 1, 2))
    sides[[0, 2], :, 0] = np.linspace(west, east, steps + 1)
    sides[[1, 3], :, 1] = np.linspace(south, north, steps + 1)
    sides[0, :, 1], sides[1, :, 0], sides[2, :, 1], sides[3, :, 0] = south, east, north, west
    return sides


def _longest_edge(declared: DeclaredCrs, frame: Frame, pipeline: str, bounds: SourceBounds) -> float:
    """A length in source units that is at most 100 m on the ground inside `bounds`; NaN if none is known.

    Round, so that a file with one more pipe is still split at the same vertices (for metres: 95).
    """
    code = declared.grid.base if declared.grid else declared.epsg
    if code is None:
        return _LONGEST_EDGE_DEG
    unit, is_geographic = _unit(code)
    if is_geographic:
        return math.radians(_LONGEST_EDGE_DEG) / unit
    longest = LONGEST_EDGE_M * _EDGE_SAFETY / _metres_a_unit(frame, pipeline, bounds, 10.0 / unit)
    if not math.isfinite(longest):
        return math.nan
    digit = 10.0 ** (math.floor(math.log10(longest)) - 1)
    return math.floor(longest / digit) * digit


@lru_cache(maxsize=256)
def _unit(code: int) -> tuple[float, bool]:
    """What one unit of a system's axes is in metres, or, where it is geographic (True), in radians."""
    plan = plan_crs(code)
    return float(plan.axis_info[0].unit_conversion_factor), plan.is_geographic


def _metres_a_unit(frame: Frame, pipeline: str, bounds: SourceBounds, step: float) -> float:
    """The longest one projected unit gets on the ground inside `bounds`, in any direction.

    Measured, not looked up: it serves feet and stretched projections alike. Sampled on a 5 x 5 grid, in
    steps of `step` units (about 10 m), in 8 directions (within 2 % of the longest). NaN if unknown.
    """
    west, south, east, north = bounds
    xs, ys = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    start = np.repeat(np.column_stack([xs.ravel(), ys.ravel()]), 8, axis=0)
    angle = np.tile(np.arange(8) * np.pi / 8, 25)
    end = start + step * np.column_stack([np.cos(angle), np.sin(angle)])
    a, b = _to_lonlat(frame, pipeline, start), _to_lonlat(frame, pipeline, end)
    known = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if not known.any():
        return math.nan
    _, _, metres = CGCS2000.inv(a[known, 0], a[known, 1], b[known, 0], b[known, 1])
    return float(np.max(metres)) / step

"""Which PROJ operation may carry coordinates: chosen by rule here, never left to PROJ's defaults.

PROJ answers where it knows no way: it calls the answer a ballpark, gives it no accuracy and raises
nothing. To EPSG:4490 that answer is 115 m off for EPSG:28992, 127 m for EPSG:31467, 105 m for EPSG:27700,
and for Xian 80 nothing is moved at all. So an operation is taken only if its accuracy is published, all
it needs is installed, and its area of use holds the data.
"""

import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from pyproj import CRS, Transformer
from pyproj._crs import AreaOfUse
from pyproj.exceptions import ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # its stub forgets it
from pyproj.transformer import TransformerGroup

from spatial.crs.names import plan_crs
from spatial.measuring.boxes import FloatArray
from spatial.values import Box

Frame = Literal["cgcs2000", "wgs84", "gcj02", "bd09", "other"]

REGISTER_EPSG = 4490
WGS84_EPSG = 4326

UNKNOWN_ACCURACY_M = 999.0
"""What EPSG writes where the accuracy of an operation is not known."""

ALL_CODES = 8192
"""More than EPSG has: what was looked up once need not be again, whatever anybody asks for."""

_HEART_OF_CHINA = (82.0, 30.5, 118.0, 41.5)
"""West, south, east, north of a rectangle that lies wholly inside China. PROJ keeps an area of use only
as a box, and boxes reach too far: that of the former USSR holds northern Qinghai."""


@dataclass(frozen=True, slots=True)
class Area:
    """A box of use, degrees. west > east: it runs across the antimeridian."""

    west: float
    south: float
    east: float
    north: float
    name: str

    def holds(self, box: Box, margin_deg: float = 0.0) -> bool:
        west, east = self.west - margin_deg, self.east + margin_deg
        if not (self.south - margin_deg <= box[1] and box[3] <= self.north + margin_deg):
            return False
        if self.west <= self.east:
            return west <= box[0] and box[2] <= east
        return west <= box[0] or box[2] <= east

    def serves(self, box: Box) -> bool:
        """Whether an operation for this area may be used on `box`."""
        if not self.holds(box):
            return False
        west, south, east, north = _HEART_OF_CHINA
        in_china = box[0] < east and west < box[2] and box[1] < north and south < box[3]
        return not in_china or self.name.startswith("World") or "China" in self.name


@dataclass(frozen=True, slots=True)
class Operation:
    """One way from a source system to longitude/latitude.

    pipeline: PROJ text, x first on both sides. text: its steps with their EPSG codes.
    accuracy_m: as published; 0 for a pure conversion.
    """

    pipeline: str
    text: str
    accuracy_m: float
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Shifts:
    """What PROJ's database offers from a source system to WGS 84.

    usable: published accuracy, all parts installed; best first. lacking: files that better or other ways would need,
    and where those would serve.
    """

    usable: tuple[Operation, ...]
    lacking: tuple[tuple[str, Area], ...]

    def lacking_at(self, place: Box) -> list[str]:
        return sorted({grid for grid, area in self.lacking if area.serves(place)})


@lru_cache(maxsize=256)
def frame_of(code: int) -> Frame:
    """The datum an EPSG code rests on, as far as this door tells them apart."""
    base = plan_crs(code).geodetic_crs
    if base == CRS.from_epsg(REGISTER_EPSG):
        return "cgcs2000"
    return "wgs84" if base == CRS.from_epsg(WGS84_EPSG) else "other"


@lru_cache(maxsize=256)
def is_lonlat(code: int) -> bool:
    """Whether coordinates are longitude and latitude of CGCS2000 or WGS 84 as they stand, in degrees."""
    return frame_of(code) != "other" and plan_crs(code).is_geographic


@lru_cache(maxsize=256)
def area_of(code: int) -> Area | None:
    """The area of use of the system itself."""
    return _area(plan_crs(code).area_of_use)


def _area(found: AreaOfUse | None) -> Area | None:
    return Area(found.west, found.south, found.east, found.north, found.name) if found else None


@lru_cache(maxsize=256)
def conversion(code: int) -> Operation:
    """From a system on CGCS2000 or WGS 84 to its own longitude/latitude: no datum is changed."""
    own = REGISTER_EPSG if frame_of(code) == "cgcs2000" else WGS84_EPSG
    (only,) = _group(plan_crs(code), own).transformers
    return _operation(only)


@lru_cache(maxsize=256)
def to_own_lonlat(code: int) -> str:
    """The pipeline from any system to the longitude/latitude of its own datum, in degrees of Greenwich or not."""
    plan = plan_crs(code)
    return Transformer.from_crs(plan, plan.geodetic_crs, always_xy=True).definition


@lru_cache(maxsize=ALL_CODES)
def shifts(code: int) -> Shifts:
    """Operations to WGS 84, best accuracy first, PROJ's order on a tie.

    Of all places at once: for some systems PROJ looks through all datums in between, for half a second in which no
    other thread gets a turn, and what was found is kept."""
    try:
        group = _group(plan_crs(code), WGS84_EPSG)
    except (ProjError, IndexError):  # pyproj 3.7.2 trips over an operation without steps (EPSG:9474)
        return Shifts((), ())
    usable = [_operation(found) for found in group.transformers if _is_real(found, plan_crs(code))]
    lacking = tuple(
        (grid.short_name, area)
        for way in group.unavailable_operations
        if (area := _area(way.area_of_use)) is not None
        for grid in way.grids
        if not grid.available
    )
    return Shifts(tuple(sorted(usable, key=lambda found: found.accuracy_m)), lacking)


@lru_cache(maxsize=256)
def transformer(pipeline: str) -> Transformer:
    """The transformer of a pipeline. pyproj keeps one PROJ object a thread inside it, so it may be shared."""
    set_network_enabled(False)
    return Transformer.from_pipeline(pipeline)


@dataclass(frozen=True, slots=True)
class _ToOwnDegrees:
    """way: to the longitude and latitude of a system's own datum; degrees: one unit of these; meridian_deg: where they count
    from, east of Greenwich."""

    way: Transformer
    degrees: float
    meridian_deg: float


@lru_cache(maxsize=256)
def _to_own_degrees(code: int) -> _ToOwnDegrees:
    """:raises ProjError: no way leads there. Not from_crs() to WGS 84: for some systems PROJ tries all datums in
    between, for half a second in which no other thread gets a turn."""
    own = plan_crs(code).geodetic_crs
    assert own is not None and own.prime_meridian is not None  # _accept() takes no others
    return _ToOwnDegrees(
        transformer(to_own_lonlat(code)),
        math.degrees(own.axis_info[0].unit_conversion_factor),
        math.degrees(own.prime_meridian.longitude * float(own.prime_meridian.unit_conversion_factor)),
    )


def rough_lonlat(code: int, xy: FloatArray) -> FloatArray:
    """Where (n, 2) source coordinates lie, to about a kilometre: to choose by, never to store. No datum is changed.

    NaN where the source system has no such place: no projection, outside it, or where the way back leads
    elsewhere: projections repeat themselves, a whole world away.
    """
    try:
        own = _to_own_degrees(code)
    except ProjError:  # a family of zones, or a projection PROJ lacks (EPSG:32600, EPSG:22700)
        return np.full(xy.shape, np.nan)
    lonlat = there_and_back(own.way, xy, own.degrees)
    if own.meridian_deg:
        lonlat[:, 0] = (lonlat[:, 0] + own.meridian_deg + 180.0) % 360.0 - 180.0
    return lonlat


def there_and_back(way: Transformer, xy: FloatArray, degrees: float = 1.0) -> FloatArray:
    """Where (n, 2) coordinates lead, in degrees; NaN where they lead nowhere, or the way back leads elsewhere.

    degrees: what one unit is at the end of the way."""
    lon, lat = way.transform(xy[:, 0], xy[:, 1], errcheck=False)
    x, y = way.transform(lon, lat, direction="INVERSE", errcheck=False)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # inf - inf where there is no image, or too far off to square
        off = np.hypot(x - xy[:, 0], y - xy[:, 1])
        size = np.maximum(np.hypot(xy[:, 0], xy[:, 1]), 1.0)
        lon, lat = lon * degrees, lat * degrees
        lost = ~(off <= 1e-3 * size) | ~(np.abs(lat) <= 90.0) | ~(np.abs(lon) <= 180.0)
    lonlat: FloatArray = np.column_stack([lon, lat])
    lonlat[lost] = np.nan
    return lonlat


def _group(source: CRS, target_epsg: int) -> TransformerGroup:
    set_network_enabled(False)  # whatever the environment says: nothing is fetched at run time
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a better operation without its grid: recorded by its accuracy
        return TransformerGroup(source, target_epsg, always_xy=True, allow_ballpark=False)


def _operation(found: Transformer) -> Operation:
    return Operation(found.definition, _steps(found), float(found.accuracy), _area(found.area_of_use))


_MOVES = (
    "helmert", "gridshift", "molodensky", "molobadekas", "geogoffset", "horner", "tinshift", "defmodel",
    "deformation", "affine",
)  # fmt: skip
"""PROJ's steps that change a datum. A step not named here counts as none: the operation is refused."""


def _steps(found: Transformer) -> str:
    """The steps of an operation by name, each with its code where the registry has one."""
    steps = []
    for step in found.operations or ():
        if step.name.startswith("axis order change") or step.name.startswith("Null geographic offset"):
            continue
        mark = step.to_json_dict().get("id")
        # PROJ writes INVERSE(EPSG) for a step gone backwards; the name already says "Inverse of".
        authority = mark["authority"].removeprefix("INVERSE(").removesuffix(")") if mark else ""
        code = f" ({authority}:{mark['code']})" if mark else ""
        steps.append(f"{step.name}{code}")
    return " + ".join(steps) or "no change"


def _is_real(found: Transformer, source: CRS) -> bool:
    """Not a ballpark, not of unknown accuracy, and not a move of nothing between unlike ellipsoids."""
    if not 0.0 <= found.accuracy < UNKNOWN_ACCURACY_M:
        return False
    steps = found.operations or ()
    if any(step.has_ballpark_transformation for step in steps):
        return False
    if any(not grid.available for step in steps for grid in step.grids):
        return False
    return any(word in found.definition for word in _MOVES) or _like_wgs84(source)


def _like_wgs84(source: CRS) -> bool:
    """GRS 80 and WGS 84 differ by 0.1 mm; between these a published null shift is a true statement."""
    ellipsoid = source.ellipsoid
    return (
        ellipsoid is not None
        and abs(ellipsoid.semi_major_metre - 6378137.0) < 0.01
        and abs(ellipsoid.inverse_flattening - 298.257223563) < 1e-5
    )

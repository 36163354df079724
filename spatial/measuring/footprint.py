"""The ground really opened: the cross section of a trench or pit, and the strips beside it that are only loaded.

Plain arithmetic and geodesics on CGCS2000; no rule is applied. Lengths in metres, positions lon/lat EPSG:4490.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import acos, ceil, radians, sin, tan
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString

from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import CGCS2000
from spatial.values import BorePath, DigSite, Trench
from spatial.words import SitePart


@dataclass(frozen=True, slots=True)
class FootprintDefaults:
    """What a rule profile takes where nobody said it: section [footprint].

    slope_ratio: of walls nobody described, horizontal per 1 vertical. strip_offset_m: how much farther out a
    strip of spoil or a machine path may lie when nobody said how far from the edge it stays.
    """

    slope_ratio: float
    strip_offset_m: float
    source: str
    verified: bool


NO_DEFAULTS = FootprintDefaults(slope_ratio=1.5, strip_offset_m=1.0, source="PREDIG", verified=False)
"""For a profile older than the section [footprint]: what the shipped one says."""


def defaults_of(section: Mapping[str, Any] | None) -> FootprintDefaults:
    """The section [footprint] of a checked profile document; None: NO_DEFAULTS."""
    if section is None:
        return NO_DEFAULTS
    return FootprintDefaults(
        slope_ratio=float(section["slope_ratio"]),
        strip_offset_m=float(section["strip_offset_m"]),
        source=", ".join(section["source"]),
        verified=section["verified"],
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the ground is opened beyond what is drawn, as DigSite tells it."""

    half_width_m: float
    half_width_known: bool
    trench: Trench | None


def opening(
    *,
    is_area: bool,
    from_bottom: bool,
    top_half_width_m: float | None,
    bottom_width_m: float | None,
    slope_ratio: float | None,
    shored: bool | None,
    depth_m: float | None,
    unknown_half_width_m: float,
    defaults: FootprintDefaults,
) -> Opening:
    """The opening at the surface from what was said of it; None is unknown, and widens.

    from_bottom: an area is drawn by its bottom outline. top_half_width_m: as stated for a line or point; it and
    the section agree (section_fault()). Half the top width is half the bottom width + depth x slope, and that is
    the outset of a bottom outline. It is laid round corners and ends as a circle, as a machine digs them: a top
    edge cut to a sharp corner stands out beyond it, by 0.41 of the outset at a right angle.
    """
    upright = shored is True
    known = upright or slope_ratio is not None
    slope = 0.0 if upright else defaults.slope_ratio if slope_ratio is None else slope_ratio
    bottom_half_m = 0.0 if is_area else None if bottom_width_m is None else bottom_width_m / 2
    if top_half_width_m is not None and depth_m is not None and not known and bottom_half_m is not None:
        slope, known = max(top_half_width_m - bottom_half_m, 0.0) / depth_m, True
    told = known or bottom_width_m is not None or (is_area and from_bottom)
    trench = Trench(bottom_width_m, round(slope, 4), known, shored) if told else None

    from_section = from_bottom if is_area else bottom_half_m is not None
    implied_m = None
    if from_section and bottom_half_m is not None and (slope == 0.0 or depth_m is not None):
        implied_m = bottom_half_m + slope * (depth_m or 0.0)
    stated = [width for width in (top_half_width_m, implied_m) if width is not None]
    if stated:
        return Opening(round(max(stated), 4), True, trench)
    if is_area and not from_bottom:
        return Opening(0.0, True, trench)
    # What is known counts whole, and the profile's half width stands for the rest.
    rise_m = slope * depth_m if known and depth_m is not None else 0.0
    return Opening(round((bottom_half_m or 0.0) + rise_m + unknown_half_width_m, 4), False, trench)


def contradiction_m(
    top_half_width_m: float, bottom_width_m: float | None, slope_ratio: float | None, depth_m: float | None
) -> float | None:
    """By how much a stated half of the top width and a stated section disagree; None: they do not.

    slope_ratio: as stated, 0 when shored. Half a centimetre is rounding.
    """
    rise_m: float | None = None
    if slope_ratio == 0:
        rise_m = 0.0
    elif slope_ratio is not None and depth_m is not None:
        rise_m = slope_ratio * depth_m
    if bottom_width_m is None:
        off_m = max((rise_m or 0.0) - top_half_width_m, 0.0)
    elif rise_m is None:
        off_m = max(bottom_width_m / 2 - top_half_width_m, 0.0)
    else:
        off_m = abs(bottom_width_m / 2 + rise_m - top_half_width_m)
    return off_m if off_m > 0.005 else None


class Side(StrEnum):
    """Of a line, looking from its first vertex to its last."""

    LEFT = "left"
    RIGHT = "right"


ARC_SLACK_M = 0.01
"""How far the chords of an arc may cut inside it, or a slight bend leave ground open; a strip is made that much
wider."""

_SHORTEST_EDGE_M = 1e-3
"""Vertices nearer to each other have no direction worth following."""


@dataclass(frozen=True, slots=True)
class Strip:
    """geometry: a LineString, lon/lat; half_width_m: what it covers to each side of it."""

    geometry: LineString
    half_width_m: float


def strip_beside(axis: LineString, side: Side, inner_m: float, width_m: float) -> Strip:
    """A line whose half width covers all ground on one side of `axis` from inner_m to inner_m + width_m away.

    Away: of the ground whose nearest point of the axis has it on that side. Never narrower. At an inner corner
    the line turns on the bisector, with a spur towards the corner that the two straight runs leave open; where
    the edges there are too short for that it crosses itself, and covers more. Its own length is therefore not
    the axis's.
    """
    xy = _distinct(shapely.get_coordinates(axis))
    begin, back, length_m = map(np.asarray, CGCS2000.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1]))
    leaving, arriving = begin, back + 180.0
    out = -90.0 if side is Side.LEFT else 90.0
    middle_m = inner_m + width_m / 2
    steps: list[tuple[int, float, float]] = [(0, leaving[0] + out, middle_m)]
    for vertex in range(1, len(xy) - 1):
        turn = (leaving[vertex] - arriving[vertex - 1] + 180.0) % 360.0 - 180.0
        room_m = min(length_m[vertex - 1], length_m[vertex]) / 2
        for azimuth, away_m in _corner(arriving[vertex - 1], turn, out, inner_m, width_m, room_m):
            steps.append((vertex, azimuth, away_m))
    steps.append((len(xy) - 1, arriving[-1] + out, middle_m))
    at, azimuths, away = (np.array(column) for column in zip(*steps, strict=True))
    lon, lat, _ = CGCS2000.fwd(xy[at, 0], xy[at, 1], azimuths, away)
    return Strip(LineString(np.column_stack([lon, lat])), width_m / 2 + ARC_SLACK_M + _SHORTEST_EDGE_M)


def _corner(
    arriving: float, turn: float, out: float, inner_m: float, width_m: float, room_m: float
) -> Iterator[tuple[float, float]]:
    """(azimuth, distance) from one vertex to each vertex of the line beside it. Degrees, clockwise."""
    middle_m = inner_m + width_m / 2
    away_from_strip = turn * out < 0.0
    if away_from_strip:  # an outer corner: an arc
        step = 2 * acos(1.0 - min(ARC_SLACK_M / max(middle_m, ARC_SLACK_M), 1.0))
        count = max(ceil(abs(radians(turn)) / step), 1)
        for number in range(count + 1):
            yield arriving + out + turn * number / count, middle_m
        return
    inside = radians(180.0 - abs(turn)) / 2  # between either edge and the bisector
    bisector = arriving + out + turn / 2
    if abs(turn) < 1e-9:
        yield bisector, middle_m
    elif inside > 0.0 and (inner_m + width_m) / tan(inside) <= room_m:
        yield bisector, middle_m / sin(inside)
        # The half width just reaches the inner corner of the strip from here.
        spur_m = inner_m / sin(inside) + width_m / 2
        if middle_m / sin(inside) - spur_m > ARC_SLACK_M:
            yield bisector, spur_m
            yield bisector, middle_m / sin(inside)
    else:
        yield arriving + out, middle_m
        yield arriving + out + turn, middle_m


def _distinct(xy: FloatArray) -> FloatArray:
    """The vertices without those that stand on the one before."""
    kept = [0]
    for number in range(1, len(xy)):
        if CGCS2000.inv(*xy[kept[-1]], *xy[number])[2] >= _SHORTEST_EDGE_M:
            kept.append(number)
    if len(kept) == 1:
        kept.append(len(xy) - 1)
    return xy[kept]


def section_document(site: DigSite) -> dict[str, Any]:
    """Trench, part and bore as JSON, only what is set: a site without them reads and hashes as it always did."""
    said: dict[str, Any] = {}
    if site.trench is not None:
        bottom = site.trench.bottom_width_m
        said["trench"] = {
            # float(): 2 and 2.0 are one length, and must be one text.
            "bottom_width_m": None if bottom is None else float(bottom),
            "slope_ratio": float(site.trench.slope_ratio),
            "slope_known": site.trench.slope_known,
            "shored": site.trench.shored,
        }
    if site.part is not SitePart.OPENED:
        said["part"] = site.part.value
    if site.of_feature is not None:
        said["of_feature"] = site.of_feature
    if site.bore is not None:
        said["bore"] = {
            "profile": [[float(at), float(depth)] for at, depth in site.bore.profile],
            "diameter_mm": site.bore.diameter_mm,
            "plan_accuracy_m": site.bore.plan_accuracy_m,
            "depth_accuracy_m": site.bore.depth_accuracy_m,
        }
    return said


def trench_of(document: Mapping[str, Any]) -> Trench | None:
    """What section_document() wrote of the trench."""
    said = document.get("trench")
    return Trench(**said) if said else None


def part_of(document: Mapping[str, Any]) -> SitePart:
    """What section_document() wrote of the part."""
    return SitePart(document.get("part", SitePart.OPENED))


def bore_of(document: Mapping[str, Any]) -> BorePath | None:
    """What section_document() wrote of the bore."""
    said = document.get("bore")
    if not said:
        return None
    return BorePath(**{**said, "profile": tuple((at, depth) for at, depth in said["profile"])})

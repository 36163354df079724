"""What a dig plan says beside its shape: acts, method, depth, widths, stationing. Every fault is placed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from ingest.plans.beside import StripWish, read_strips
from ingest.plans.bores import BoreWish, read_bore
from ingest.plans.section import UNSAID, SectionWish, read_section, section_for
from ingest.plans.values import listed, metres, stated_metres, word_of
from spatial.errors import Faults
from spatial.judging.doubt import DEVICE_TO_95
from spatial.words import Act, Drawn, Method, PermitKind

DEEPEST_DIG_M = 100.0
NARROWEST_M = 0.02
WIDEST_HALF_M = 1_000.0
WIDEST_UNCERTAINTY_M = 100.0
FARTHEST_STATION_M = 10_000_000.0

MOST_ACTS = 50

WIDTHS_FOR: Mapping[str, tuple[str, ...]] = {
    "LineString": ("half_width_m", "width_m"),
    "Point": ("radius_m", "half_width_m", "width_m"),
}
"""Which properties may say how wide a shape is; an area is as wide as it is drawn."""
ALL_WIDTHS = ("half_width_m", "width_m", "radius_m")

_STATION = re.compile(r"^\s*[Kk]\s*(\d{1,5})\+(\d{1,3}(?:\.\d+)?)\s*$")


@dataclass(frozen=True, slots=True)
class DigOptions:
    """What holds for every feature that does not say otherwise. Words as the user wrote them.

    acts: of spatial.words.Act; method: of Method, None = unknown; depth_m: None = unknown;
    kind: of PermitKind (design: a wider area is allowed, nothing is dug yet). bottom_width_m of a trench, slope
    ("1:0.67" or horizontal per 1 vertical) and shored give the opening at the surface; outline: "bottom" when
    areas are drawn by the bottom of the pit; drawn: of Drawn.
    """

    acts: tuple[str, ...] = ()
    method: str | None = None
    depth_m: float | None = None
    kind: str = PermitKind.NORMAL
    bottom_width_m: float | None = None
    slope: float | str | None = None
    shored: bool | None = None
    outline: str | None = None
    drawn: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where plan, CRS and options stand in the document they came in, as JSON pointers: for the faults."""

    plan: str = ""
    crs: str = ""
    options: str | None = None
    """Of the object in which each option stands under its own name; None: they stand in no document."""


NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class Intent:
    """One site's checked wishes. None is unknown. half_width_m: of a line or point, None = nobody said."""

    acts: tuple[Act, ...]
    method: Method | None
    depth_m: float | None
    half_width_m: float | None
    start_station_m: float
    uncertainty_m: float | None
    accuracy_m: float | None = None
    """As a phone or receiver gives it, of 68 % of its fixes."""
    drawn: Drawn | None = None
    depth_uncertainty_m: float | None = None
    section: SectionWish = UNSAID
    strips: tuple[StripWish, ...] = ()
    bore: BoreWish | None = None


def read_options(options: DigOptions, faults: Faults, places: Places) -> tuple[Intent, PermitKind]:
    """The options as an Intent to fall back on."""
    at, own = places.options or "", Faults()
    kind = word_of(PermitKind, options.kind, "kind_unknown", f"{at}/kind", own) or PermitKind.NORMAL
    section = {
        "bottom_width_m": options.bottom_width_m,
        "slope": options.slope,
        "shored": options.shored,
        "outline": options.outline,
    }
    fallback = Intent(
        acts=_acts(options.acts, f"{at}/acts", own),
        method=_method(options.method, f"{at}/method", own),
        depth_m=_depth(options.depth_m, f"{at}/depth_m", own),
        half_width_m=None,
        start_station_m=0.0,
        uncertainty_m=None,
        drawn=_drawn(options.drawn, f"{at}/drawn", own),
        section=read_section(section, at, own),
    )
    placed = places.options is not None
    faults.found += own.found if placed else [replace(fault, pointer="") for fault in own.found]
    return fallback, kind


def read_intent(
    properties: Any, shape: BaseGeometry | None, has_z: bool, fallback: Intent, pointer: str, faults: Faults
) -> Intent:
    """A feature's own properties where it has them, else the options. null is as good as absent.

    shape: None when it could not be read; has_z: its positions came with a third number.
    """
    own = {key: value for key, value in properties.items() if value is not None} if properties else {}
    place = f"{pointer}/properties"
    named = [own[key] for key in ("act", "acts") if key in own]
    acts = _acts(
        [word for value in named for word in (value if isinstance(value, list) else [value])],
        f"{place}/{'acts' if 'acts' in own else 'act'}",
        faults,
    )
    if not named or named == [[]]:
        acts = fallback.acts
        if not acts:
            faults.add(
                "act_missing",
                en=f"nothing says what is to be done here; name an act: {listed(Act)}",
                zh=f"未说明作业类型，请注明 act：{listed(Act)}",
                pointer=pointer,
            )
    shape_type = None if shape is None else shape.geom_type
    depth_m = _depth(own["depth_m"], f"{place}/depth_m", faults) if "depth_m" in own else fallback.depth_m
    half_width_m = _half_width(own, shape_type, place, faults)
    vertices = len(shape.coords) if shape is not None and shape_type == "LineString" else 0
    bore = read_bore(own, shape_type, vertices, has_z, acts, place, faults)
    # A line that is bored opens no trench, whatever the options say of those beside it.
    section = UNSAID if bore is not None else fallback.section
    return Intent(
        acts=acts,
        method=_method(own["method"], f"{place}/method", faults) if "method" in own else fallback.method,
        depth_m=depth_m,
        half_width_m=half_width_m,
        start_station_m=_station(own.get("start_station_m"), f"{place}/start_station_m", faults),
        uncertainty_m=_uncertainty(own.get("uncertainty_m"), "uncertainty_m", place, faults),
        accuracy_m=_accuracy(own.get("accuracy_m"), f"{place}/accuracy_m", faults),
        drawn=_drawn(own["drawn"], f"{place}/drawn", faults) if "drawn" in own else fallback.drawn,
        depth_uncertainty_m=_uncertainty(
            own.get("depth_uncertainty_m"), "depth_uncertainty_m", place, faults
        ),
        section=section_for(shape_type, own, section, half_width_m, depth_m, place, faults),
        strips=read_strips(own, shape_type, place, faults),
        bore=bore,
    )


def _uncertainty(value: Any, name: str, place: str, faults: Faults) -> float | None:
    return metres(value, 0.0, WIDEST_UNCERTAINTY_M, name, f"{place}/{name}", faults)


def _accuracy(value: Any, pointer: str, faults: Faults) -> float | None:
    """0 and what is no accuracy are unknown, as if nothing was said; a place that is hardly known is refused."""
    radius_m = stated_metres(value)
    if radius_m is not None and radius_m * DEVICE_TO_95 > WIDEST_UNCERTAINTY_M:
        faults.add(
            "accuracy_too_poor",
            en=f"this place is known to {radius_m:g} m only, which says nothing of what lies near it: take it again under open "
            "sky, or draw it on the map",
            zh=f"该位置精度仅 {radius_m:g} 米，无法判断附近管线：请在开阔处重新定位，或在地图上绘制",
            pointer=pointer,
        )
        return None
    return radius_m


def _drawn(value: Any, pointer: str, faults: Faults) -> Drawn | None:
    return None if value is None else word_of(Drawn, value, "drawn_unknown", pointer, faults)


def _acts(values: Iterable[Any], pointer: str, faults: Faults) -> tuple[Act, ...]:
    named = list(values)
    if len(named) > MOST_ACTS:
        faults.add(
            "acts_too_many",
            en=f"{len(named)} acts are named here, at most {MOST_ACTS} are read; name each once",
            zh=f"此处列出 {len(named)} 项作业，最多读取 {MOST_ACTS} 项；每项写一次即可",
            pointer=pointer,
        )
    found = {word_of(Act, value, "act_unknown", pointer, faults) for value in named[:MOST_ACTS]}
    # In the order of the list of acts, so that the same acts always read and hash the same.
    return tuple(act for act in Act if act in found)


def _method(value: Any, pointer: str, faults: Faults) -> Method | None:
    return None if value is None else word_of(Method, value, "method_unknown", pointer, faults)


def _depth(value: Any, pointer: str, faults: Faults) -> float | None:
    """0 is unknown: a depth of nothing must not relieve anything."""
    return metres(value, 0.0, DEEPEST_DIG_M, "depth_m", pointer, faults) or None


def _half_width(own: Mapping[str, Any], shape_type: str | None, place: str, faults: Faults) -> float | None:
    given = [name for name in ALL_WIDTHS if name in own]
    allowed = WIDTHS_FOR.get(shape_type or "", ())
    for name in given:
        if shape_type is not None and name not in allowed:
            faults.add(
                "width_not_for_shape",
                en=f"{name} means nothing for a {shape_type}; "
                + (
                    f"use {allowed[0]}"
                    if allowed
                    else "draw the ground really opened, or send its axis as a LineString"
                ),
                zh=f"{shape_type} 不能带 {name}；"
                + (f"请用 {allowed[0]}" if allowed else "请画出实际开挖的范围，或以 LineString 表示其轴线"),
                pointer=f"{place}/{name}",
            )
    halves = {
        name: metres(own[name], NARROWEST_M, WIDEST_HALF_M, name, f"{place}/{name}", faults)
        for name in given
        if name in allowed
    }
    found = {half / 2 if name == "width_m" else half for name, half in halves.items() if half is not None}
    if len(found) > 1:
        faults.add(
            "width_contradicts",
            en=f"{' and '.join(halves)} say different widths; keep one",
            zh=f"{'、'.join(halves)} 给出的宽度不一致，请只保留一个",
            pointer=place,
        )
    return max(found, default=None)


def _station(value: Any, pointer: str, faults: Faults) -> float:
    """Metres, or as it is written on drawings: K0+120.5."""
    match = _STATION.match(value) if isinstance(value, str) else None
    if match:
        return int(match[1]) * 1000.0 + float(match[2])
    return metres(value, -FARTHEST_STATION_M, FARTHEST_STATION_M, "start_station_m", pointer, faults) or 0.0

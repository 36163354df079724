"""What a dig plan says beside its shape: acts, method, depth, widths, stationing. Every fault is placed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ingest.files.geojson import is_number
from spatial.errors import Faults
from spatial.words import Act, Method, PermitKind

DEEPEST_DIG_M = 100.0
NARROWEST_M = 0.02
WIDEST_HALF_M = 1_000.0
WIDEST_UNCERTAINTY_M = 100.0
FARTHEST_STATION_M = 10_000_000.0

WIDTHS_FOR: Mapping[str, tuple[str, ...]] = {
    "LineString": ("half_width_m", "width_m"),
    "Point": ("radius_m", "half_width_m", "width_m"),
}
"""Which properties may say how wide a shape is; an area is as wide as it is drawn."""
ALL_WIDTHS = ("half_width_m", "width_m", "radius_m")

_STATION = re.compile(r"^\s*[Kk]\s*(\d{1,5})\+(\d{1,3}(?:\.\d+)?)\s*$")

_BETWEEN = re.compile(r"[\s-]+")

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class DigOptions:
    """What holds for every feature that does not say otherwise. Words as the user wrote them.

    acts: of spatial.words.Act; method: of Method, None = unknown; depth_m: None = unknown;
    kind: of PermitKind (design: a wider area is allowed, nothing is dug yet).
    """

    acts: tuple[str, ...] = ()
    method: str | None = None
    depth_m: float | None = None
    kind: str = PermitKind.NORMAL


@dataclass(frozen=True, slots=True)
class Intent:
    """One site's checked wishes. None is unknown. half_width_m: of a line or point, None = nobody said."""

    acts: tuple[Act, ...]
    method: Method | None
    depth_m: float | None
    half_width_m: float | None
    start_station_m: float
    uncertainty_m: float | None


def read_options(
    options: DigOptions,
    faults: Faults,
    at_acts: str = "",
    at_method: str = "",
    at_depth: str = "",
    at_kind: str = "",
) -> tuple[Intent, PermitKind]:
    """The options as an Intent to fall back on. at_…: where each stands, if in a document."""
    kind = word_of(PermitKind, options.kind, "kind_unknown", at_kind, faults) or PermitKind.NORMAL
    fallback = Intent(
        acts=_acts(options.acts, at_acts, faults),
        method=_method(options.method, at_method, faults),
        depth_m=_depth(options.depth_m, at_depth, faults),
        half_width_m=None,
        start_station_m=0.0,
        uncertainty_m=None,
    )
    return fallback, kind


def read_intent(
    properties: Any, shape_type: str | None, fallback: Intent, pointer: str, faults: Faults
) -> Intent:
    """A feature's own properties where it has them, else the options. null is as good as absent."""
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
                en=f"nothing says what is to be done here; name an act: {_list(Act)}",
                zh=f"未说明作业类型，请注明 act：{_list(Act)}",
                pointer=pointer,
            )
    return Intent(
        acts=acts,
        method=_method(own["method"], f"{place}/method", faults) if "method" in own else fallback.method,
        depth_m=_depth(own["depth_m"], f"{place}/depth_m", faults) if "depth_m" in own else fallback.depth_m,
        half_width_m=_half_width(own, shape_type, place, faults),
        start_station_m=_station(own.get("start_station_m"), f"{place}/start_station_m", faults),
        uncertainty_m=_metres(
            own.get("uncertainty_m"),
            0.0,
            WIDEST_UNCERTAINTY_M,
            "uncertainty_m",
            f"{place}/uncertainty_m",
            faults,
        ),
    )


def word_of(words: type[Word], value: Any, code: str, pointer: str, faults: Faults) -> Word | None:
    """The word of a closed list meant by `value`, in any case, with - or blanks for _."""
    if isinstance(value, str):
        text = _BETWEEN.sub("_", value.strip().lower())
        for word in words:
            if text == word:
                return word
    faults.add(
        code,
        en=f"{repr(value)[:60]} is not known; use one of: {_list(words)}",
        zh=f"不认识 {repr(value)[:60]}；可用：{_list(words)}",
        pointer=pointer,
    )
    return None


def _acts(values: Iterable[Any], pointer: str, faults: Faults) -> tuple[Act, ...]:
    found = {word_of(Act, value, "act_unknown", pointer, faults) for value in list(values)[:50]}
    # In the order of the list of acts, so that the same acts always read and hash the same.
    return tuple(act for act in Act if act in found)


def _method(value: Any, pointer: str, faults: Faults) -> Method | None:
    return None if value is None else word_of(Method, value, "method_unknown", pointer, faults)


def _depth(value: Any, pointer: str, faults: Faults) -> float | None:
    """0 is unknown: a depth of nothing must not relieve anything."""
    return _metres(value, 0.0, DEEPEST_DIG_M, "depth_m", pointer, faults) or None


def _metres(value: Any, least: float, most: float, name: str, pointer: str, faults: Faults) -> float | None:
    if value is None:
        return None
    if is_number(value) and least <= value <= most:
        return float(value)
    faults.add(
        "metres_expected",
        en=f"{name} is {repr(value)[:40]}; give a number of metres from {least:g} to {most:g}, or leave it out",
        zh=f"{name} 为 {repr(value)[:40]}；应为 {least:g} 到 {most:g} 之间的米数，或不填",
        pointer=pointer,
    )
    return None


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
        name: _metres(own[name], NARROWEST_M, WIDEST_HALF_M, name, f"{place}/{name}", faults)
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
    return _metres(value, -FARTHEST_STATION_M, FARTHEST_STATION_M, "start_station_m", pointer, faults) or 0.0


def _list(words: type[StrEnum]) -> str:
    return ", ".join(words)

"""What a dig plan says of the section it opens: bottom width, slope, shoring, and which outline is drawn."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ingest.files.geojson import is_number
from ingest.plans.values import metres, word_of, yes_or_no
from spatial.errors import Faults
from spatial.measuring.footprint import contradiction_m

WIDEST_BOTTOM_M = 1_000.0
NARROWEST_BOTTOM_M = 0.02
FLATTEST_SLOPE = 10.0

_RATIO = re.compile(r"^\s*(?:1\s*[:：∶]\s*)?(\d{1,3}(?:\.\d{1,6})?)\s*$")


class Outline(StrEnum):
    """Which edge of a pit an area is drawn by."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class SectionWish:
    """None is unknown. slope_ratio: horizontal per 1 vertical; outline: of an area, None = the top."""

    bottom_width_m: float | None = None
    slope_ratio: float | None = None
    shored: bool | None = None
    outline: Outline | None = None


UNSAID = SectionWish()


def read_section(own: Mapping[str, Any], place: str, faults: Faults) -> SectionWish:
    """The section of one feature's properties, or of the options. place: where they stand."""
    shored = yes_or_no(own.get("shored"), "shored", f"{place}/shored", faults)
    slope = slope_of(own.get("slope"), f"{place}/slope", faults)
    if shored and slope:
        faults.add(
            "shored_slopes",
            en="shored walls stand upright, yet a slope is given; leave one of shored and slope out",
            zh="已支护的沟壁应为直立，却又给出了坡度；请只保留 shored 与 slope 之一",
            pointer=f"{place}/slope",
        )
    outline = own.get("outline")
    return SectionWish(
        bottom_width_m=metres(
            own.get("bottom_width_m"),
            NARROWEST_BOTTOM_M,
            WIDEST_BOTTOM_M,
            "bottom_width_m",
            f"{place}/bottom_width_m",
            faults,
        ),
        slope_ratio=slope,
        shored=shored,
        outline=None
        if outline is None
        else word_of(Outline, outline, "outline_unknown", f"{place}/outline", faults),
    )


def slope_of(value: Any, pointer: str, faults: Faults) -> float | None:
    """Horizontal per 1 vertical: 0.67, or as drawings write it, "1:0.67"."""
    if value is None:
        return None
    written = _RATIO.match(value) if isinstance(value, str) else None
    if written:
        value = float(written[1])
    if is_number(value) and 0.0 <= value <= FLATTEST_SLOPE:
        return float(value)
    faults.add(
        "slope_expected",
        en=f"slope is {repr(value)[:40]}; write it as 1:0.67 (1 down, 0.67 out) or as the number 0.67, from 0 to "
        f"{FLATTEST_SLOPE:g}, or leave it out",
        zh=f"slope 为 {repr(value)[:40]}；请写成 1:0.67（竖 1、横 0.67）或数字 0.67，取 0 到 {FLATTEST_SLOPE:g}，或不填",
        pointer=pointer,
    )
    return None


def section_for(
    shape_type: str | None,
    own: Mapping[str, Any],
    fallback: SectionWish,
    top_half_width_m: float | None,
    depth_m: float | None,
    place: str,
    faults: Faults,
) -> SectionWish:
    """The section of one site: its own where it has one, else the options' as far as they fit its shape.

    top_half_width_m: as its own properties state it; the options then say nothing of its width.
    """
    before = len(faults.found)
    said = read_section(own, place, faults)
    is_area = shape_type in ("Polygon", "MultiPolygon")
    if shape_type is not None:
        _check_shape(shape_type, is_area, own, place, faults)
    if len(faults.found) > before:
        return said
    stated = said.slope_ratio is not None or bool(said.shored)
    if is_area:
        outline = said.outline or fallback.outline
        from_options = outline is Outline.BOTTOM and not stated
        merged = SectionWish(outline=outline)
    else:
        from_options = top_half_width_m is None and not stated
        bottom = said.bottom_width_m
        if bottom is None and top_half_width_m is None:
            bottom = fallback.bottom_width_m
        merged = SectionWish(bottom_width_m=bottom)
    # Walls said to be unshored are not those of an option that shores them.
    walls = fallback if from_options and not (fallback.shored and said.shored is False) else said
    shored = walls.shored if said.shored is None else said.shored
    merged = replace(merged, slope_ratio=walls.slope_ratio, shored=shored)
    if top_half_width_m is not None:
        _check_widths(merged, top_half_width_m, depth_m, place, faults)
    return merged


def _check_shape(shape_type: str, is_area: bool, own: Mapping[str, Any], place: str, faults: Faults) -> None:
    if is_area and "bottom_width_m" in own:
        faults.add(
            "width_not_for_shape",
            en=f"bottom_width_m means nothing for a {shape_type}; draw the bottom's outline and say outline: bottom",
            zh=f"{shape_type} 不能带 bottom_width_m；请画出坑底轮廓并注明 outline: bottom",
            pointer=f"{place}/bottom_width_m",
        )
    if not is_area and "outline" in own:
        faults.add(
            "outline_not_for_shape",
            en=f"outline means nothing for a {shape_type}; use bottom_width_m, or draw the pit as an area",
            zh=f"{shape_type} 不能带 outline；请用 bottom_width_m，或把坑画成面",
            pointer=f"{place}/outline",
        )


def _check_widths(
    wish: SectionWish, top_half_width_m: float, depth_m: float | None, place: str, faults: Faults
) -> None:
    slope = 0.0 if wish.shored else wish.slope_ratio
    off_m = contradiction_m(top_half_width_m, wish.bottom_width_m, slope, depth_m)
    if off_m is not None:
        faults.add(
            "section_contradicts",
            en=f"the stated width and the one from bottom width, depth and slope differ by {2 * off_m:.2f} m; "
            "correct one, or leave the width out",
            zh=f"所报宽度与按底宽、深度、坡度推算的上口宽度相差 {2 * off_m:.2f} m；请更正其一，或不填宽度",
            pointer=place,
        )

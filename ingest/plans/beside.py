"""What a dig plan says of the ground beside a trench that is only loaded: spoil and machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.plans.values import listed, metres, object_of
from spatial.errors import Faults
from spatial.measuring.footprint import Side
from spatial.words import SitePart

NARROWEST_STRIP_M = 0.1
WIDEST_STRIP_M = 100.0
FARTHEST_STRIP_M = 100.0

PARTS: Mapping[str, SitePart] = {"spoil": SitePart.SPOIL, "machine_path": SitePart.MACHINE_PATH}
"""Property -> the part it describes."""
_FIELDS = ("side", "offset_m", "width_m")


@dataclass(frozen=True, slots=True)
class StripWish:
    """offset_m: from the trench's top edge to the strip; None is unknown. place: JSON pointer."""

    part: SitePart
    side: Side
    offset_m: float | None
    width_m: float
    place: str

    @property
    def suffix(self) -> str:
        """What the part's feature id has after the trench's."""
        return f"{self.part.value.replace('_', '-')}-{self.side}"


def read_strips(
    own: Mapping[str, Any], shape_type: str | None, place: str, faults: Faults
) -> tuple[StripWish, ...]:
    """The strips a feature's properties name: one for each side."""
    return tuple(
        strip
        for name, part in PARTS.items()
        if name in own
        for strip in _strips(own[name], name, part, shape_type, f"{place}/{name}", faults)
    )


def _strips(
    value: Any, name: str, part: SitePart, shape_type: str | None, place: str, faults: Faults
) -> tuple[StripWish, ...]:
    said = object_of(value, name, _FIELDS, place, faults)
    if said is None:
        return ()
    if shape_type not in (None, "LineString"):
        faults.add(
            "strip_not_for_shape",
            en=f"{name} has sides only beside a line; draw that ground as a feature of its own with act heavy_load",
            zh=f"只有线的两侧才能带 {name}；请把该地面画成单独的要素，作业类型为 heavy_load",
            pointer=place,
        )
        return ()
    side = said.get("side")
    word = side.strip().lower() if isinstance(side, str) else None
    sides = tuple(Side) if word == "both" else tuple(one for one in Side if one == word)
    if not sides:
        faults.add(
            "side_unknown",
            en=f"{name} needs its side, looking along the line as drawn: {listed(Side)} or both",
            zh=f"{name} 须注明在线的哪一侧（沿绘制方向看）：{listed(Side)} 或 both",
            pointer=f"{place}/side",
        )
    if "width_m" not in said:
        faults.add(
            "strip_width_missing",
            en=f"{name} needs its width: give width_m in metres",
            zh=f"{name} 须注明宽度：请填写 width_m（米）",
            pointer=f"{place}/width_m",
        )
    width = metres(
        said.get("width_m"), NARROWEST_STRIP_M, WIDEST_STRIP_M, "width_m", f"{place}/width_m", faults
    )
    offset = metres(said.get("offset_m"), 0.0, FARTHEST_STRIP_M, "offset_m", f"{place}/offset_m", faults)
    if width is None:
        return ()
    return tuple(StripWish(part, one, offset, width, place) for one in sides)

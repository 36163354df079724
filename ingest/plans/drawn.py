"""What is drawn of a dig plan, feature by feature and part by part: shapes and wishes that are well formed, in the plan's own CRS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from ingest.files.rows import free_name, id_text
from ingest.plans.intent import Intent, read_intent
from ingest.plans.outlines import read_shape
from ingest.plans.parts import Part
from spatial import canonical
from spatial.errors import Faults


@dataclass(frozen=True, slots=True)
class Drawn:
    """A feature, or a part of one, whose shape and wishes are well formed, still in its own CRS."""

    feature_id: str
    place: str
    shape: BaseGeometry
    intent: Intent
    received: str


def drawn_of(
    parts: Sequence[Part], bare: bool, fallback: Intent, most_vertices: int, used: set[str], faults: Faults
) -> list[Drawn]:
    """Those without a fault. What is wrong with a feature of several parts is told once."""
    found: list[Drawn] = []
    told: set[tuple[str, str]] = set()
    number, last = 0, None
    for part in parts:
        if part.pointer != last:
            number, last = number + 1, part.pointer
            told.clear()
        own = Faults()
        one = _drawn(number, part, bare, fallback, most_vertices, used, own)
        if one is not None:
            found.append(one)
        for fault in own.found:
            if (fault.code, fault.pointer) not in told:
                faults.found.append(fault)
        told.update((fault.code, fault.pointer) for fault in own.found)
    return found


def _drawn(
    number: int,
    part: Part,
    bare: bool,
    fallback: Intent,
    most_vertices: int,
    used: set[str],
    faults: Faults,
) -> Drawn | None:
    feature, pointer = part.feature, part.pointer
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        faults.add(
            "feature_expected",
            en='this is not a GeoJSON feature; write {"type": "Feature", "geometry": …, "properties": …}',
            zh='此处不是 GeoJSON 要素；应为 {"type": "Feature", "geometry": …, "properties": …}',
            pointer=pointer,
        )
        return None
    before = len(faults.found)
    shape = read_shape(feature.get("geometry"), most_vertices, part.place, faults, part.coordinates)
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        faults.add(
            "properties_expected",
            en="properties must be an object or null",
            zh="properties 必须是对象或 null",
            pointer=f"{pointer}/properties",
        )
        properties = None
    has_z = shape is not None and shape.geom_type == "LineString" and _has_z(feature["geometry"])
    intent = read_intent(properties, shape, has_z, fallback, pointer, faults)
    received = _canonical(feature["geometry"] if bare else feature, pointer, faults)
    if shape is None or received is None or len(faults.found) > before:
        return None
    own_id = id_text(feature.get("id")) or id_text((properties or {}).get("id")) or str(number)
    feature_id = free_name(own_id, used)
    used.add(feature_id)
    return Drawn(feature_id, part.place, shape, intent, received)


def _has_z(line: dict[str, Any]) -> bool:
    """A line that has been read, some position of which carries more than two numbers."""
    return any(len(position) > 2 for position in line["coordinates"])


def _canonical(feature: Any, pointer: str, faults: Faults) -> str | None:
    """The feature as received, as JSON text with sorted keys; every number reads back to the same double."""
    try:
        text = canonical.dumps(feature)
        if "\\u0000" not in text and text.encode():
            return text
    except (ValueError, RecursionError):
        pass
    if not any(fault.code == "coordinate_not_finite" for fault in faults.found):
        faults.add(
            "feature_not_storable",
            en="this feature holds NaN, Infinity or broken characters; correct its properties",
            zh="该要素含有 NaN、Infinity 或损坏的字符，请更正其属性",
            pointer=pointer,
        )
    return None

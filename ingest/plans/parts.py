"""Features of several lines, points or kinds of shape taken apart: each part is a dig site of its own, as in files of other formats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.files.geojson import features_of
from ingest.plans.foreign.outlined import shapes_said
from ingest.plans.sizes import MAX_PLAN_BYTES, most_features, too_many_features
from spatial.errors import Faults

SEVERAL = ("MultiLineString", "MultiPoint")
"""Areas stay together: they are one pit in pieces."""


@dataclass(frozen=True, slots=True)
class Part:
    """pointer: of the feature it is of; place, coordinates: of its geometry, and of the positions of that."""

    feature: Any
    pointer: str
    place: str
    coordinates: str


def apart(features: Sequence[tuple[str, Any]], bare: bool, most: int, name: str, pointer: str) -> list[Part]:
    """(JSON pointer, feature), well formed or not, in their order. bare: the document is a geometry.

    Counted before any is made: a few bytes of a point would become a feature, and each keeps what its feature says.
    :raises Refused: plan_too_many_features, parts_too_large.
    """
    faults = Faults()
    count = sum(_count(feature) for _, feature in features)
    if count > most:
        too_many_features(count, most, name, pointer, faults)
    elif sum(_said_again(feature) for _, feature in features) > MAX_PLAN_BYTES:
        faults.add(
            "parts_too_large",
            en=f"{name} has shapes of many parts with properties that are too large to be kept with each part; leave out "
            "properties, or send each line, point or area as a feature of its own",
            zh=f"{name} 中由多个部分组成的图形属性过大，无法随每个部分保存；请删减属性，或将每条线、每个点或面各作一个要素提交",
            pointer=pointer,
        )
    faults.raise_if_any()
    return [part for place, feature in features for part in _parts(feature, place, bare)]


def with_shapes_said(document: Any, points_are: str | None, name: str, many: bool) -> Any:
    """A GeoJSON document with its closed lines as what points_are says they are; itself where that changes nothing.

    :raises Refused: as features_of(), apart() and shapes_said().
    """
    if points_are not in ("area", "line"):
        return document
    features = features_of(document, name)
    bare = document["type"] not in ("FeatureCollection", "Feature")
    single = [part.feature for part in apart(features, bare, most_features(many), name, "")]
    made = shapes_said(single, points_are, name)
    if all(one is other for one, other in zip(single, made, strict=True)):
        return document
    stated = {"crs": document["crs"]} if "crs" in document else {}
    return {"type": "FeatureCollection", **stated, "features": made}


def _several(feature: Any) -> Sequence[Any]:
    """The parts of its geometry; none where it has not several, or is damaged: the reader of shapes tells of that."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return ()
    parts = geometry.get("coordinates") if geometry.get("type") in SEVERAL else None
    if geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
    return parts if isinstance(parts, list | tuple) else ()


def _count(feature: Any) -> int:
    """One level of a collection is taken apart, and what has several parts in it."""
    parts = _several(feature)
    if parts and feature["geometry"]["type"] == "GeometryCollection":
        return sum(max(len(_several({"geometry": one})), 1) if _is_several(one) else 1 for one in parts)
    return max(len(parts), 1)


def _is_several(geometry: Any) -> bool:
    return isinstance(geometry, dict) and geometry.get("type") in SEVERAL


def _said_again(feature: Any) -> int:
    """About how many characters its parts hold more than it does itself."""
    more = _count(feature) - 1
    if not more:
        return 0
    return more * len(repr({name: value for name, value in feature.items() if name != "geometry"}))


def _parts(feature: Any, pointer: str, bare: bool) -> Iterator[Part]:
    place = pointer if bare else f"{pointer}/geometry"
    yield from _parts_at(feature, pointer, place, within=False)


def _parts_at(feature: Any, pointer: str, place: str, within: bool) -> Iterator[Part]:
    parts = _several(feature)
    kind = feature["geometry"]["type"] if parts else None
    if kind == "GeometryCollection" and not within:
        for number, one in enumerate(parts):
            yield from _parts_at({**feature, "geometry": one}, pointer, f"{place}/geometries/{number}", True)
    elif kind in SEVERAL:
        of = kind.removeprefix("Multi")
        for number, one in enumerate(parts):
            single = {**feature, "geometry": {"type": of, "coordinates": one}}
            yield Part(single, pointer, place, f"{place}/coordinates/{number}")
    else:
        yield Part(feature, pointer, place, f"{place}/coordinates")

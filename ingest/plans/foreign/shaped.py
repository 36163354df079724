"""What a file holds becomes shapes that can be dig sites. Behind the walls: how much work that is, whoever wrote the file decides."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.files.geojson import too_many_rows
from ingest.plans.foreign.outlined import (
    Feature,
    all_but_closes,
    is_axis_or_outline,
    is_closed,
    outlined,
    single_points,
)
from ingest.plans.foreign.thinned import thinned
from ingest.plans.sizes import MOST_FOREIGN
from ingest.plans.values import stated_metres

_NUMBER = re.compile(r"\s*[+-]?\d{1,9}(?:\.\d{1,9})?\s*")
NUMBERS = (
    *("depth_m", "depth_uncertainty_m", "half_width_m", "width_m", "radius_m"),
    *("bottom_width_m", "slope", "start_station_m", "uncertainty_m"),
)
"""Properties that are numbers: where a format knows only text (KML, attributes of blocks), its digits are meant."""


ACCURACIES = frozenset(
    {"accuracy", "accuracy_m", "horizontal_accuracy", "hacc", "精度", "定位精度", "水平精度"}
)
"""What programs call how well a place is known, in metres as the receiver gives it."""


def shaped(
    found: Sequence[Mapping[str, Any]],
    notes: Mapping[str, int],
    points_are: str | None,
    name: str,
    *,
    drawing: bool,
) -> tuple[list[Feature], dict[str, int]]:
    """A feature for each dig, and the notes with those on what became of lines. found: as the reader of the format gives
    them. points_are, drawing: as outlined() has them.

    :raises Refused: as outlined(); file_too_many_rows: of their parts.
    """
    single = [one for feature in found for one in _singles(feature)]
    if len(single) > MOST_FOREIGN:
        raise too_many_rows(name, MOST_FOREIGN)
    shapes, still_open = outlined(single, points_are, name, drawing=drawing)
    features, fewer = thinned(shapes)
    told = Counter(notes)
    if drawing:
        told["drawing_open_lines"] += still_open
        told["drawing_wide"] += sum(
            is_axis_or_outline(one) and "drawn_width_m" in one["properties"] for one in features
        )
    elif points_are == "area":
        told["lines_open"] += still_open
        told["lines_closed"] += sum(all_but_closes(one) and not is_closed(one) for one in single)
    told["points_as_holes"] += single_points(features) if points_are in ("area", "line") else 0
    told["shape_thinned"] += fewer
    told["accuracy_unknown"] += sum(_takes_accuracy(one["properties"]) for one in features)
    return features, {code: count for code, count in told.items() if count}


def _singles(feature: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A feature for each line and point; areas stay together."""
    own, geometry = feature["properties"], feature["geometry"]
    kind, parts = geometry["type"], geometry["coordinates"]
    if kind in ("MultiLineString", "MultiPoint"):
        shapes = [(kind.removeprefix("Multi"), part) for part in parts]
    elif kind == "MultiPolygon" and len(parts) == 1:
        shapes = [("Polygon", parts[0])]
    else:
        shapes = [(kind, parts)]
    for number, (of, coordinates) in enumerate(shapes):
        own_id = feature["id"] if number == 0 or feature["id"] is None else f"{feature['id']}#{number + 1}"
        yield {
            "type": "Feature",
            **({"id": own_id} if own_id is not None else {}),
            "geometry": {"type": of, "coordinates": coordinates},
            "properties": _properties(own),
        }


def _properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: float(value)
        if name in NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value)
        else value
        for name, value in properties.items()
    }


def _takes_accuracy(own: dict[str, Any]) -> bool:
    """Have an accuracy, whatever the file calls it, stand under our name; whether there is one that says nothing."""
    for name in [name for name in own if name.strip().lower() in ACCURACIES]:
        own.setdefault("accuracy_m", own.pop(name))
    if "accuracy_m" not in own or stated_metres(own["accuracy_m"]) is not None:
        return False
    del own["accuracy_m"]
    return True

"""A dig plan in a file that is not GeoJSON: opened behind walls, then read as the GeoJSON it amounts to."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from glob import escape as glob_escape
from pathlib import Path
from typing import Any

from ingest.files.drawings.document import METRES
from ingest.files.kml import WGS_84
from ingest.files.rows import Reading
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.files.sheets import SHEET_ENDINGS
from ingest.plans.foreign.notes import note
from ingest.plans.foreign.outlined import is_drawn_wide, open_lines, outlined, single_points
from ingest.plans.foreign.thinned import thinned
from ingest.plans.foreign.units import check_units
from ingest.plans.values import stated_metres
from ingest.sandbox.apart import read_apart
from ingest.sandbox.walls import Limits
from spatial.crs import BD_09, GCJ_02, Grid, declare
from spatial.errors import Refused

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

ENDINGS = (*SHEET_ENDINGS, ".gpx", ".wkt", ".txt", ".dat")
"""Of plans only; the others are those of network files."""


def read_foreign(
    local: Path,
    reading: Reading,
    crs: str | Grid | None,
    points_are: str | None,
    limits: Limits,
    own_numbers: bool = False,
) -> dict[str, Any]:
    """The GeoJSON document a plan amounts to. crs: as declared; points_are: what a list of points, or a
    closed line, means, of coordinates.SHAPES. own_numbers: its coordinates need be those of no public system.

    Lines and points of several parts become features of their own; closed lines that have no width are what points_are says. Its member `notes` tells how it was read: code, count, en, zh.
    :raises Refused: as read_apart; plan_unreadable when what came back is no plan.
    """
    options = {
        "encoding": reading.encoding,
        "layers": list(reading.layers),
        "units": reading.units,
        "points_are": points_are,
        "local": own_numbers or isinstance(crs, Grid),
    }
    understood = read_apart("plan", files_of_plan(local), options, limits)
    try:
        offset = isinstance(crs, str) and _names_an_offset(crs)
        if offset and understood["crs"] == WGS_84:
            # Programs write WGS 84 beside numbers of any kind; who names an offset system has looked.
            understood["crs"] = None
        units = _units_of_header(understood["notes"])
        plan = plan_of(understood, points_are, local.name)
        if units is not None and not options["local"]:
            check_units(plan["features"], units, local.name)
        return plan
    except Refused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused.because(
            "plan_unreadable",
            en=f"{local.name} was opened, but holds no shapes that can be told; export it as GeoJSON",
            zh=f"{local.name} 已打开，但其中的图形无法识别；请导出为 GeoJSON",
        ) from error


def files_of_plan(local: Path) -> list[Path]:
    """The file, and the other parts where it is that of a Shapefile."""
    if local.suffix.lower() != ".shp":
        return [local]
    beside = sorted(local.parent.glob(f"{glob_escape(local.stem)}.*"))
    return [local, *(part for part in beside if part != local and part.suffix.lower() in SHAPEFILE_PARTS)]


def plan_of(understood: Mapping[str, Any], points_are: str | None, name: str) -> dict[str, Any]:
    """A FeatureCollection of what the task `plan` understood, with `notes` on how. :raises Refused: as outlined()."""
    single = [one for feature in understood["features"] for one in _singles(feature)]
    shapes, still_open = outlined(single, points_are, name)
    features, fewer = thinned(shapes)
    told = Counter({str(code): int(count) for code, count in understood["notes"].items()})
    told["drawing_open_lines"] += still_open
    told["shape_thinned"] += fewer
    told["drawing_wide"] += sum(map(is_drawn_wide, features))
    told["points_as_holes"] += single_points(features) if points_are in ("area", "line") else 0
    told["lines_open"] += open_lines(features) if points_are == "area" else 0
    told["accuracy_unknown"] += sum(_takes_accuracy(one["properties"]) for one in features)
    plan: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if understood["crs"] is not None:
        plan["crs"] = {"type": "name", "properties": {"name": str(understood["crs"])}}
    return plan | {"notes": [note(code, count) for code, count in told.items() if count]}


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


def _units_of_header(notes: dict[str, int]) -> str | None:
    """The units of a drawing nobody but its header states, taken out of the notes: they matter where it then lies nowhere."""
    return next((unit for unit in METRES if notes.pop(f"drawing_in_{unit}", 0)), None)


def _names_an_offset(crs: str) -> bool:
    try:
        return declare(crs).name in (GCJ_02, BD_09)
    except Refused:
        return False

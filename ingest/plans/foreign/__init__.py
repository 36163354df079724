"""A dig plan in a file that is not GeoJSON: opened behind walls, then read as the GeoJSON it amounts to."""

from collections.abc import Mapping
from glob import escape as glob_escape
from pathlib import Path
from typing import Any

from pyproj import CRS

from ingest.files.drawings.document import METRES
from ingest.files.kml import WGS_84
from ingest.files.rows import Reading
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.files.sheets import SHEET_ENDINGS
from ingest.plans.foreign.notes import note
from ingest.plans.foreign.units import check_units
from ingest.sandbox.apart import read_apart
from ingest.sandbox.walls import Limits
from spatial.crs import BD_09, GCJ_02, Grid, declare
from spatial.errors import Refused

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

    Lines and points of several parts become features of their own; closed lines that have no width are what points_are says. Its
    member `notes` tells how it was read: code, count, en, zh.
    :raises Refused: as read_apart; plan_unreadable when what came back is no plan.
    """
    options = {
        "encoding": reading.encoding,
        "layers": list(reading.layers),
        "units": reading.units,
        "points_are": points_are,
        "local": own_numbers or isinstance(crs, Grid),
        "geographic": _has_degrees(crs),
        "system": _system(crs),
    }
    understood = read_apart("plan", files_of_plan(local), options, limits)
    try:
        offset = isinstance(crs, str) and _names_an_offset(crs)
        if offset and understood["crs"] == WGS_84:
            # Programs write WGS 84 beside numbers of any kind; who names an offset system has looked.
            understood["crs"] = None
        units = _units_of_header(understood["notes"])
        plan = plan_of(understood)
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


def plan_of(understood: Mapping[str, Any]) -> dict[str, Any]:
    """A FeatureCollection of what the task `plan` understood, with `notes` on how. What its features are, their reader
    checks."""
    plan: dict[str, Any] = {"type": "FeatureCollection", "features": list(understood["features"])}
    if understood["crs"] is not None:
        plan["crs"] = {"type": "name", "properties": {"name": str(understood["crs"])}}
    told = {str(code): int(count) for code, count in understood["notes"].items()}
    return plan | {"notes": [note(code, count) for code, count in told.items() if count]}


def _has_degrees(crs: str | Grid | None) -> bool | None:
    """Whether the numbers of the declared system are degrees; None where it is not known."""
    if isinstance(crs, Grid):
        return False
    try:
        declared = declare(crs)
    except Refused:
        return None
    return declared.epsg is None or CRS.from_epsg(declared.epsg).is_geographic


_DATUMS = (
    ("2000", "China 2000"),
    ("1980", "Xian 1980"),
    ("1954", "Beijing 1954"),
    ("WGS 84", "World Geodetic"),
)


def _system(crs: str | Grid | None) -> tuple[str, float | None] | None:
    """What tables call the declared system, and its central meridian; None of grids and of what they have no name for."""
    try:
        declared = declare(crs)
    except Refused:
        return None
    if declared.epsg is None:
        return (declared.name, None) if declared.grid is None else None
    known = CRS.from_epsg(declared.epsg)
    datum = known.datum.name if known.datum is not None else ""
    family = next((name for name, begins in _DATUMS if datum.startswith(begins)), None)
    if family is None:
        return None
    of = known.coordinate_operation.params if known.coordinate_operation is not None else []
    meridians = [one.value for one in of if one.name == "Longitude of natural origin"]
    return family, float(meridians[0]) if meridians else None


def _units_of_header(notes: dict[str, int]) -> str | None:
    """The units of a drawing nobody but its header states, taken out of the notes: they matter where it then lies nowhere."""
    return next((unit for unit in METRES if notes.pop(f"drawing_in_{unit}", 0)), None)


def _names_an_offset(crs: str) -> bool:
    try:
        return declare(crs).name in (GCJ_02, BD_09)
    except Refused:
        return False

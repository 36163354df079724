"""What is done behind the walls."""

import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import mapping

from ingest.files.kml import WGS_84
from ingest.files.ogr import gdal
from ingest.files.rows import Reading, Rows
from ingest.files.sheets import SHEET_ENDINGS
from ingest.files.table import read_tables
from ingest.networks.mapping import ColumnMap
from ingest.networks.picking import picker
from ingest.networks.reasons import plan_reason_text
from ingest.networks.survey.sources import read_sources
from ingest.plans.foreign.shaped import shaped
from ingest.plans.foreign.tracks import read_gpx
from ingest.plans.foreign.wkt import is_wkt, read_ticket, read_wkt
from ingest.plans.lists.coordinates import LIST_ENDINGS, read_coordinates
from ingest.plans.sizes import MOST_FOREIGN, MOST_POSITIONS, check_size
from ingest.sandbox.wire import Packed, packed
from spatial.crs import DeclaredCrs, check_agreement
from spatial.errors import Faults

Task = Callable[[Sequence[Path], Mapping[str, Any]], Any]
"""Given the files of a job and its options: what is understood, JSON-ready, or Packed."""


def warm_up(files: Sequence[Path]) -> None:
    """Load what would else be loaded when a file is read, some of it with tables of the system's own (/etc)."""
    endings = {file.suffix.lower() for file in files}
    if endings & {".gpkg", ".shp", ".zip"}:
        gdal()
    if endings & set(SHEET_ENDINGS):
        import_module("openpyxl")
    if ".dxf" in endings:
        import_module("ezdxf")


def plan(files: Sequence[Path], options: Mapping[str, Any]) -> dict[str, Any]:
    """A dig plan of any kind we read, as GeoJSON features, one a dig, the CRS the file states, and how often what was noted of
    it. The first file; the others lie beside it."""
    file = files[0]
    reading = Reading(
        encoding=options["encoding"],
        layers=tuple(options["layers"]),
        units=options["units"],
        most_rows=MOST_FOREIGN,
        most_positions=MOST_POSITIONS,
        kinds_apart=True,
        as_plan=True,
    )
    ending = file.suffix.lower()
    crs: str | None = None
    notes: Mapping[str, int] = {}
    if ending in SHEET_ENDINGS or (ending in LIST_ENDINGS and not is_wkt(file)):
        system = options.get("system")
        features, notes = read_coordinates(
            file,
            reading,
            options["points_are"],
            options["local"],
            options.get("geographic"),
            None if system is None else (system[0], system[1]),
        )
    elif ending == ".gpx":
        (features, notes), crs = read_gpx(file), WGS_84
    elif ending in (".wkt", ".txt"):
        features, crs = read_wkt(file)
    elif ending in (".json", ".geojson"):
        features, crs = read_ticket(file)
    else:
        (rows,) = read_tables([file], _every_column, reading)
        _check_shapes(rows)
        check_size(rows, reading, file.name)
        features, crs, notes = features_of(rows), rows.embedded_crs, rows.warnings
        if ending == ".dxf":
            notes = {"drawing_read": len(rows), **notes}
    features, told = shaped(features, notes, options["points_are"], file.name, drawing=ending == ".dxf")
    return {"features": features, "crs": crs, "notes": told}


def network(files: Sequence[Path], options: Mapping[str, Any]) -> Packed:
    """The rows of the files of one dataset, in their own CRS and unjudged (ingest.sandbox.wire): those named; the others lie
    beside them."""
    column_map = ColumnMap(
        columns=options["columns"],
        constants=dict.fromkeys(options["constants"]),
        units=options["unit_of"],
        encoding=options["encoding"],
    )
    pick = picker(column_map, options["id_field"], options["change_field"])
    reading = Reading(
        layers=tuple(options["layers"]),
        units=options["units"],
        confirmed_unreadable=options["confirmed_unreadable"],
    )
    return packed(read_sources(files[: options["named"]], pick, column_map, reading))


def agreement(files: Sequence[Path], options: Mapping[str, Any]) -> None:
    """Whether what a file says of its coordinate system, given as a file of its own, agrees with the declared one, given by
    its name. :raises Refused: as check_agreement()."""
    text = files[0].read_bytes().decode("utf-8", "surrogatepass")
    check_agreement(DeclaredCrs(options["declared"]), text, local=options["local"])


TASKS: Mapping[str, Task] = {"plan": plan, "network": network, "agreement": agreement}


def _every_column(names: Sequence[str]) -> Mapping[str, str]:
    return {name: name for name in names}


def _check_shapes(rows: Rows) -> None:
    """:raises Refused: a row whose shape cannot be used, each by its number: a dig that is left out is judged by nobody."""
    faults = Faults()
    for row, code in enumerate(rows.fault):
        if code is not None:
            en, zh = plan_reason_text(code)
            faults.add(code, en=en, zh=zh, pointer=f"row {row + 1}")
    faults.raise_if_any()


def features_of(rows: Rows) -> list[dict[str, Any]]:
    """GeoJSON features, one a row; only text, numbers and yes or no of what the columns hold."""
    columns = {name: [_plain(value) for value in column] for name, column in rows.columns.items()}
    return [
        {
            "type": "Feature",
            "id": _plain(rows.ids[row]),
            "geometry": mapping(shape),
            "properties": {name: values[row] for name, values in columns.items() if values[row] is not None},
        }
        for row, shape in enumerate(rows.geometry)
    ]


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # Bytes that are no letters came in as halves of surrogate pairs, which no JSON of ours may hold.
    return str(value).encode("utf-8", "replace").decode().replace("\0", "?")

"""What is done behind the walls."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import mapping

from ingest.files.ogr import gdal
from ingest.files.rows import Reading, Rows
from ingest.files.table import read_tables
from ingest.networks.reasons import REASONS
from spatial.errors import Faults

Task = Callable[[Path, Mapping[str, Any]], Any]


def warm_up(file: Path) -> None:
    """Load what would else be loaded when the file is read: GDAL, for what it reads."""
    if file.suffix.lower() in (".gpkg", ".shp", ".zip"):
        gdal()


def plan(file: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """A dig plan of any kind we read, as GeoJSON: each row a feature, its columns the properties."""
    reading = Reading(encoding=options["encoding"], layers=tuple(options["layers"]), units=options["units"])
    (rows,) = read_tables([file], _every_column, reading)
    _check_shapes(rows)
    return {"features": features_of(rows), "crs": rows.embedded_crs, "warnings": dict(rows.warnings)}


TASKS: Mapping[str, Task] = {"plan": plan}


def _every_column(names: Sequence[str]) -> Mapping[str, str]:
    return {name: name for name in names}


def _check_shapes(rows: Rows) -> None:
    """:raises Refused: a row whose shape cannot be used, each by its number: a dig that is left out is judged by nobody."""
    faults = Faults()
    for row, code in enumerate(rows.fault):
        if code is not None:
            en, zh = REASONS[code]
            faults.add(code, en=en, zh=zh, pointer=f"row {row + 1}")
    faults.raise_if_any()


def features_of(rows: Rows) -> list[dict[str, Any]]:
    """GeoJSON features, one a row; only text, numbers and yes or no of what the columns hold."""
    columns = {name: [_plain(value) for value in column] for name, column in rows.columns.items()}
    return [
        {
            "type": "Feature",
            "id": rows.ids[row],
            "geometry": mapping(shape),
            "properties": {name: values[row] for name, values in columns.items() if values[row] is not None},
        }
        for row, shape in enumerate(rows.geometry)
    ]


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)

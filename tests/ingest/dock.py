"""Small made inputs for the dock: Xining, in EPSG:4543 (metres) or EPSG:4490 (degrees)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from ingest import DigOptions, load_profile, parse_dig_plans, read_network
from spatial.errors import Refused
from spatial.values import CHINA, DigSite, Extent, NetworkIntake

ON = date(2026, 11, 1)
PROFILE, _ = load_profile("cn-gb55009")
X, Y = 480_000.0, 4_054_000.0
"""A corner in Xining, EPSG:4543."""
LINE = {"type": "LineString", "coordinates": [[X, Y], [X + 40, Y + 30]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **members}


def line(dx: float = 0.0, dy: float = 0.0, length: float = 50.0) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[X + dx, Y + dy], [X + dx + length, Y + dy]]}


def square(side: float = 10.0, dx: float = 0.0, dy: float = 0.0) -> dict[str, Any]:
    west, south = X + dx, Y + dy
    ring = [
        [west, south],
        [west + side, south],
        [west + side, south + side],
        [west, south + side],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def written(folder: Path, document: Any, name: str = "pipes.geojson") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def network(
    *paths: Path, crs: str | None = "EPSG:4543", extent: Extent = CHINA, **more: Any
) -> NetworkIntake:
    settings: dict[str, Any] = {"id_field": None, "mapping": None, "profile": PROFILE, "on": ON, **more}
    return read_network(paths, crs=crs, extent=extent, **settings)


def plan(
    document: Any, crs: str | None = "EPSG:4543", extent: Extent = CHINA, **options: Any
) -> tuple[DigSite, ...]:
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    asked = DigOptions(**{"acts": ("excavate",), **options})
    return parse_dig_plans(text, crs=crs, options=asked, extent=extent, profile=PROFILE, on=ON)


def codes(refused: Refused) -> set[str]:
    """The codes of the faults, once every one is known to say what to do in both languages."""
    for fault in refused.faults:
        assert len(fault.en) > 20 and any("\u4e00" <= char <= "\u9fff" for char in fault.zh), fault
    return {fault.code for fault in refused.faults}

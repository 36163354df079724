"""Canonical JSON: one text for one meaning, so that a hash can stand for a judgement."""

import hashlib
import json
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

DEGREE_DECIMALS = 9
"""0.1 mm on the ground: coordinates are written no finer."""


# Documents are made afresh and hold nothing twice over: to look for circles took a tenth of the time.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


def dumps(document: Any) -> str:
    """Keys sorted, no spaces, UTF-8 as it is. NaN and Infinity raise ValueError."""
    return _ENCODER.encode(document)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """GeoJSON of a point, a line, an area or several of one kind, coordinates rounded to 1e-9 degrees."""
    return {"type": geometry.geom_type, "coordinates": _coordinates(geometry)}


def _coordinates(geometry: BaseGeometry) -> list[Any]:
    kind = geometry.geom_type
    if kind.startswith("Multi"):
        return [_coordinates(part) for part in shapely.get_parts(geometry)]
    if kind == "Polygon":
        # An area without holes is one ring already.
        rings = shapely.get_rings(geometry) if shapely.get_num_interior_rings(geometry) else (geometry,)
        return [_lonlat(ring) for ring in rings]
    return _lonlat(geometry)[0] if kind == "Point" else _lonlat(geometry)


def _lonlat(geometry: BaseGeometry) -> list[Any]:
    lonlat: list[Any] = (shapely.get_coordinates(geometry).round(DEGREE_DECIMALS) + 0.0).tolist()
    return lonlat

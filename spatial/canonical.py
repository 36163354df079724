"""Canonical JSON: one text for one meaning, so that a hash can stand for a judgement."""

import hashlib
import json
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

DEGREE_DECIMALS = 9
"""0.1 mm on the ground: coordinates are written no finer."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def dumps(document: Any) -> str:
    """Keys sorted, no spaces, UTF-8 as it is. NaN and Infinity raise ValueError."""
    return _ENCODER.encode(document)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """GeoJSON of a register geometry, coordinates rounded to 1e-9 degrees."""
    rounded = shapely.transform(geometry, lambda xy: xy.round(DEGREE_DECIMALS) + 0.0)
    document: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return document

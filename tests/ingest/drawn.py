"""Small DXF drawings, written by ezdxf, some with what only other programs write."""

from typing import Any

import ezdxf

from bench.mixed.drawings import proxy, saved

__all__ = ["ORIGIN", "at", "drawing", "proxy", "saved"]

ORIGIN = (480_000.0, 4_054_000.0)
"""In Xining, EPSG:4543."""


def drawing(units: int = 6, version: str = "R2010") -> Any:
    """units: $INSUNITS, 4 mm, 6 m, 0 none."""
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = units
    return document


def at(x: float, y: float, scale: float = 1.0) -> tuple[float, float]:
    """Metres from the origin, in drawing units."""
    return ((ORIGIN[0] + x) * scale, (ORIGIN[1] + y) * scale)

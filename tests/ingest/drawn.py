"""Small DXF drawings, written by ezdxf, some with what only other programs write."""

import io
import struct
from pathlib import Path
from typing import Any

import ezdxf

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


def saved(document: Any, path: Path, *foreign: str) -> Path:
    """foreign: entities as bare tags, put before all others."""
    stream = io.StringIO()
    document.write(stream)
    text = stream.getvalue()
    head, mark, rest = text.partition("ENTITIES\n")
    path.write_bytes(
        (head + mark + "".join(foreign) + rest).encode(document.output_encoding, errors="surrogateescape")
    )
    return path


def proxy(document: Any, layer: str, *points: tuple[float, float], kind: str = "ACAD_PROXY_ENTITY") -> str:
    """What a program leaves of its own objects for others: with points, the picture of a line through them."""
    picture = b""
    if points:
        line = struct.pack("<i", len(points)) + b"".join(struct.pack("<3d", x, y, 0.0) for x, y in points)
        chunk = struct.pack("<2i", len(line) + 8, 6) + line
        picture = struct.pack("<2i", len(chunk) + 8, 1) + chunk
    tags = [(0, kind), (5, "FFF1"), (330, document.modelspace().layout_key), (100, "AcDbEntity"), (8, layer)]
    tags += [(100, "AcDbProxyEntity"), (90, 498), (91, 500), (95, 24), (70, 0)]
    if picture:
        tags += [(160, str(len(picture)))]
        tags += [(310, picture[at : at + 127].hex().upper()) for at in range(0, len(picture), 127)]
    return "".join(f"{code:3d}\n{value}\n" for code, value in tags)

"""What only other programs write into a drawing, put there as bare tags."""

import io
import struct
from pathlib import Path
from typing import Any


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


def proxy(
    document: Any,
    layer: str,
    *points: tuple[float, float],
    kind: str = "ACAD_PROXY_ENTITY",
    handle: str = "FFF1",
) -> str:
    """What a program leaves of its own objects for others: with points, the picture of a line through them."""
    picture = b""
    if points:
        line = struct.pack("<i", len(points)) + b"".join(struct.pack("<3d", x, y, 0.0) for x, y in points)
        chunk = struct.pack("<2i", len(line) + 8, 6) + line
        picture = struct.pack("<2i", len(chunk) + 8, 1) + chunk
    tags = [(0, kind), (5, handle), (330, document.modelspace().layout_key), (100, "AcDbEntity"), (8, layer)]
    tags += [(100, "AcDbProxyEntity"), (90, 498), (91, 500), (95, 24), (70, 0)]
    if picture:
        tags += [(160, str(len(picture)))]
        tags += [(310, picture[at : at + 127].hex().upper()) for at in range(0, len(picture), 127)]
    return "".join(f"{code:3d}\n{value}\n" for code, value in tags)

"""Shapes as well-known text: a file of it, one shape after the other, or the work site of an open ticket (FNCA format)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping

from ingest.files.geojson import no_rows, parse_json, too_many_positions, too_many_rows
from ingest.files.local import read_bytes, read_head
from ingest.plans.sizes import MAX_FEATURES, MOST_POSITIONS
from spatial.errors import Faults, Refused

_SHAPE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*[\"']?\s*(?:SRID\s*=\s*\d{1,6}\s*;\s*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)"
    rb"\s*(?:ZM?|M)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_AROUND = " \t;\"'"
"""What programs and databases put round a shape."""
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)


def read_wkt(path: Path) -> tuple[list[dict[str, Any]], str | None]:
    """GeoJSON features, one for each shape, on one line or over several, and the CRS that `SRID=n;` before them states; of a
    collection, one for each shape in it.

    :raises Refused: json_not_utf8, wkt_unreadable, wkt_several_crs, file_too_many_rows, file_too_many_points.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused.because(
            "json_not_utf8",
            en=f"{path.name} is not UTF-8 text; save it as UTF-8",
            zh=f"{path.name} 不是 UTF-8 编码，请另存为 UTF-8",
        ) from error
    lines = _shapes_of(text)
    if not lines:
        raise no_rows(path.name)
    srids = {found[1] for _, line in lines if (found := _SRID.match(line))}
    if len(srids) > 1:
        raise Refused.because(
            "wkt_several_crs",
            en=f"{path.name} has shapes in several coordinate systems (SRID {', '.join(sorted(srids)[:10])}); file each alone",
            zh=f"{path.name} 中的图形使用了多个坐标系（SRID {'、'.join(sorted(srids)[:10])}）；请分别提交",
        )
    plain = [(place, _SRID.sub("", line)) for place, line in lines]
    return _features(path.name, plain, [None] * len(lines), {}), f"EPSG:{srids.pop()}" if srids else None


def _shapes_of(text: str) -> list[tuple[str, str]]:
    """(the row it begins in, the text of a shape): lines belong together until their parentheses close."""
    found: list[tuple[str, list[str]]] = []
    still_open = 0
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip(_AROUND)
        if not said:
            continue
        if still_open > 0 or (found and said.startswith("(") and "(" not in found[-1][1][-1]):
            found[-1][1].append(said)
        else:
            found.append((f"row {number}", [said]))
            still_open = 0
        still_open += said.count("(") - said.count(")")
    return [(place, " ".join(lines)) for place, lines in found]


def is_wkt(path: Path) -> bool:
    """Whether text begins with the word for a shape; a list of coordinates does not."""
    return _SHAPE.match(read_head(path)) is not None


def is_ticket(document: Any) -> bool:
    """Whether JSON is an open ticket of an American one-call centre (FNCA open ticket format)."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("header"), dict)
        and isinstance(document.get("geography"), dict)
        and "ticketNumber" in document["header"]
    )


def read_ticket(path: Path) -> tuple[list[dict[str, Any]], str | None]:
    """The work site of a ticket, and the CRS it states. Its buffer is the centre's own and is left out.

    :raises Refused: ticket_without_site, wkt_unreadable.
    """
    document = parse_json(read_bytes(path), path.name)
    geography = document["geography"]
    shapes = geography.get("workSiteWkt")
    if isinstance(shapes, str):
        shapes = [shapes]
    if not isinstance(shapes, list) or not shapes or not all(isinstance(one, str) for one in shapes):
        raise Refused.because(
            "ticket_without_site",
            en=f"{path.name} is a ticket without a drawn work site (geography.workSiteWkt); ask the centre to draw it",
            zh=f"{path.name} 是未画作业范围（geography.workSiteWkt）的申报单；请受理单位补画",
        )
    number = str(document["header"]["ticketNumber"])[:100]
    srid = geography.get("srid")
    names = [number if at == 0 else f"{number}#{at + 1}" for at in range(len(shapes))]
    lines = [(f"/geography/workSiteWkt/{at}", one) for at, one in enumerate(shapes)]
    crs = f"EPSG:{srid}" if isinstance(srid, int) and not isinstance(srid, bool) else None
    return _features(path.name, lines, names, {"ticket": number}), crs


def _parts(shape: Any) -> list[Any]:
    return list(shape.geoms) if shape.geom_type == "GeometryCollection" else [shape]


def _features(
    name: str,
    lines: Sequence[tuple[str, str]],
    ids: Sequence[str | None],
    own: Mapping[str, Any],
) -> list[dict[str, Any]]:
    if len(lines) > MAX_FEATURES:
        raise too_many_rows(name, MAX_FEATURES)
    faults = Faults()
    found, positions = [], 0
    for (place, text), one in zip(lines, ids, strict=True):
        shape = shapely.from_wkt(text, on_invalid="ignore")
        if (
            shape is None
            or shape.is_empty
            or any(part.is_empty or part.geom_type == "GeometryCollection" for part in _parts(shape))
            or not np.isfinite(shapely.get_coordinates(shape, include_z=shape.has_z)).all()
        ):
            faults.add(
                "wkt_unreadable",
                en="this is no shape in well-known text, such as POLYGON((101.7 36.6, ...)) or LINESTRING(...); correct it",
                zh="此处不是 WKT 图形，例如 POLYGON((101.7 36.6, ...)) 或 LINESTRING(...)，请更正",
                pointer=place,
            )
            continue
        positions += int(shapely.get_num_coordinates(shape))
        if positions > MOST_POSITIONS:
            raise too_many_positions(name, MOST_POSITIONS)
        found += [
            {"type": "Feature", "id": one, "geometry": mapping(part), "properties": dict(own)}
            for part in _parts(shape)
        ]
        if len(found) > MAX_FEATURES:
            raise too_many_rows(name, MAX_FEATURES)
    faults.raise_if_any()
    return found

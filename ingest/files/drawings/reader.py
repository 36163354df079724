"""A DXF drawing as rows: an entity of a chosen layer is a row, and what nobody can read is a row with a fault."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ingest.files.drawings.curves import SAG_M, drawn_width, shape_of
from ingest.files.drawings.document import MAX_DXF_BYTES, metres_per_unit, open_drawing
from ingest.files.drawings.entities import Item, items, on_paper
from ingest.files.drawings.geodata import stated_crs
from ingest.files.drawings.sieve import ANNOTATIONS
from ingest.files.geojson import no_rows, too_many_positions, too_many_rows
from ingest.files.layers import check_layers, several
from ingest.files.local import check_kind, check_local, sha256_of
from ingest.files.rows import READ_ALL, Pick, Reading, Rows, storable
from spatial.columns import Coded
from spatial.errors import Refused

MOST_VERTICES = 20_000_000
OWN_COLUMNS = ("layer", "type", "block", "handle")


@dataclass(frozen=True, slots=True)
class Contents:
    """units: of the header, None where it says none we know. tally: (layer, type, state) -> how many."""

    units: str | None
    tally: Mapping[tuple[str, str, str], int]


def drawing_contents(path: Path, reading: Reading = READ_ALL) -> Contents:
    """What is in a drawing, entity by entity. :raises Refused: it is none, or cannot be read."""
    local = check_local(path, max_bytes=MAX_DXF_BYTES)
    check_kind(local)
    drawing = open_drawing(local, replace(reading, layers=()))
    tally = Counter((item.layer, item.kind, item.state) for item in items(drawing.document, drawing.name))
    tally.update((*said, "on_paper") for said in on_paper(drawing.document))
    return Contents(drawing.units, dict(sorted(tally.items())))


def read_drawing(path: Path, pick: Pick, reading: Reading) -> Rows:
    """The entities of the chosen layers, in metres. Columns: layer, type, block, handle, and the attributes of blocks.

    :raises Refused: as open_drawing; layers_several, layer_missing, drawing_units, drawing_placed_by_hand, encoding_unknown, network_empty.
    """
    drawing = open_drawing(path, reading)
    metres = metres_per_unit(drawing, reading)
    stated = stated_crs(drawing, metres)
    found = list(items(drawing.document, drawing.name))
    left_out = {layer for layer, kind in drawing.left_out if kind not in ANNOTATIONS}
    chosen = _chosen(
        drawing.name, left_out.union(item.layer for item in found if item.state != "annotation"), reading
    )
    taken = [item for item in found if item.layer in chosen and item.state != "annotation"]
    if not taken:
        raise no_rows(drawing.name)
    if len(taken) > reading.most_rows:
        raise too_many_rows(drawing.name, reading.most_rows)
    geometry = np.full(len(taken), None, dtype=object)
    fault = np.full(len(taken), None, dtype=object)
    bounds = np.full((len(taken), 4), np.nan)
    vertices = 0
    for row, item in enumerate(taken):
        geometry[row], fault[row], bounds[row] = _drawn(item, metres)
        if geometry[row] is not None:
            vertices += shapely.get_num_coordinates(geometry[row])
        if vertices > reading.most_positions:
            raise too_many_positions(drawing.name, reading.most_positions)
        if vertices > MOST_VERTICES:
            raise Refused.because(
                "network_too_many_vertices",
                en=f"the lines of {drawing.name} have more than {MOST_VERTICES:,} points; check --units, or split it",
                zh=f"{drawing.name} 的线超过 {MOST_VERTICES:,} 个顶点；请检查 --units，或拆分图纸",
            )
    warnings = Counter(
        {
            "drawing_other_layers": sum(
                item.layer not in chosen and item.state != "annotation" for item in found
            )
            + sum(count for (_, kind), count in drawing.left_out.items() if kind not in ANNOTATIONS),
            "drawing_on_paper": sum(layer in chosen for layer, _ in on_paper(drawing.document)),
            "drawing_annotations": sum(item.layer in chosen and item.state == "annotation" for item in found),
            f"drawing_in_{drawing.units}": len(taken) * (reading.as_plan and reading.units is None),
            "drawing_units_overruled": len(taken)
            * (drawing.units is not None and reading.units not in (None, drawing.units)),
        }
    )
    cells = [_cells(item, metres if reading.as_plan else None) for item in taken]
    names = list(dict.fromkeys([*OWN_COLUMNS, *(name for own in cells for name in own)]))
    return Rows(
        geometry=geometry,
        fault=fault,
        bounds=bounds,
        columns={ours: Coded.of([own.get(theirs) for own in cells]) for ours, theirs in pick(names).items()},
        ids=[item.handle for item in taken],
        names=names,
        embedded_crs=stated,
        sources=((path.name, sha256_of(path)),),
        warnings=+warnings,
        unread=Counter(
            f"{item.layer}: {item.kind}"
            for item, why in zip(taken, fault, strict=True)
            if why == "entity_unreadable"
        ),
    )


def _chosen(name: str, layers: set[str], reading: Reading) -> set[str]:
    """layers: with anything on them that is not only writing."""
    there = sorted(layers)
    if garbled := [layer for layer in there if not storable(layer)]:
        raise Refused.because(
            "encoding_unknown",
            en=f"{name} has {len(garbled)} layer names that are not in the encoding it states: save it as AutoCAD 2018 DXF, "
            'which is always UTF-8; for a network, the map file may state it too, for example encoding = "GB18030"',
            zh=f"{name} 有 {len(garbled)} 个图层名与其声明的编码不符：请另存为 AutoCAD 2018 DXF（一律为 UTF-8）；"
            '管网数据也可在映射文件中写明，如 encoding = "GB18030"',
        )
    if not there:
        raise no_rows(name)
    check_layers(name, there, reading.layers)
    if not reading.layers and len(there) > 1:
        raise several(name, there)
    return set(reading.layers or there)


def _drawn(item: Item, metres: float) -> tuple[Any, str | None, Any]:
    """(shape, fault, bounds), all in metres."""
    nowhere = np.full(4, np.nan)
    if item.state == "unreadable":
        return None, "entity_unreadable", _extents(item, metres)
    try:
        with np.errstate(all="ignore"):
            shape = shape_of(item.entity, SAG_M / metres)
    except Exception:  # a damaged entity can fail anywhere within ezdxf, with any error
        return None, "entity_unreadable", nowhere
    if shape is None:
        return None, "entity_unreadable", _extents(item, metres)
    shape = shapely.transform(shape, lambda xy: xy * metres)
    xy = shapely.get_coordinates(shape)
    finite = xy[np.isfinite(xy).all(axis=1)]
    bounds = np.concatenate([finite.min(axis=0), finite.max(axis=0)]) if len(finite) else nowhere
    return (shape, None, bounds) if len(finite) == len(xy) else (None, "geometry_not_finite", bounds)


def _extents(item: Item, metres: float) -> Any:
    """The box of what cannot be read, from the picture that was saved with it; NaN where there is none."""
    from ezdxf import bbox

    try:
        box = None if item.entity is None else bbox.extents(_pictured(item.entity), fast=True)
    except Exception:  # as above
        box = None
    if box is None or not box.has_data:
        return np.full(4, np.nan)
    found = np.array([box.extmin.x, box.extmin.y, box.extmax.x, box.extmax.y]) * metres
    return found if np.isfinite(found).all() else np.full(4, np.nan)


def _pictured(entity: Any) -> Iterator[Any]:
    if entity.dxftype() == "ACAD_PROXY_ENTITY":
        yield from entity.virtual_entities()
    else:
        yield entity


def _cells(item: Item, metres: float | None) -> dict[str, str | None]:
    """metres: of a unit, where drawn widths are asked for."""
    own = {"layer": item.layer, "type": item.kind, "block": item.block, "handle": item.handle}
    try:
        wide_m = drawn_width(item.entity) * metres if metres and item.entity is not None else 0.0
    except Exception:  # as above
        wide_m = 0.0
    if wide_m:
        own["drawn_width_m"] = f"{wide_m:.6g}"
    return {**{name: text for name, text in item.cells.items() if name not in own}, **own}

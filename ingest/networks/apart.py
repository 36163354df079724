"""The files of a dataset that a stranger sent: opened by a process behind walls, from which only checked rows come back.

What they are to mean is still decided here: no coordinate system is told to that process, let alone a city's own grid.
"""

from collections.abc import Sequence
from os import PathLike

from ingest.files.local import check_local, sha256_of
from ingest.files.rows import MAX_FILE_BYTES, Reading, Rows
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.networks.mapping import ColumnMap
from ingest.sandbox.apart import could_not_be_read, opened_apart
from ingest.sandbox.walls import Limits
from ingest.sandbox.wire import Garbled, unpacked


def read_sources_apart(
    paths: Sequence[str | PathLike[str]],
    column_map: ColumnMap,
    reading: Reading,
    id_field: str | None,
    change_field: str | None,
    limits: Limits,
) -> list[Rows]:
    """As read_sources(), within `limits`; the other parts of a Shapefile lie beside its .shp.

    :raises Refused: as read_sources() and ingest.sandbox.apart.
    """
    named = [check_local(path, max_bytes=MAX_FILE_BYTES) for path in paths]
    beside = [
        part
        for path in named
        if path.suffix.lower() == ".shp"
        for part in sorted(path.parent.iterdir())
        if part.stem == path.stem and part.suffix.lower() in SHAPEFILE_PARTS and part != path
    ]
    options = {
        "named": len(named),
        "columns": dict(column_map.columns),
        "constants": list(column_map.constants),
        "unit_of": dict(column_map.units),
        "encoding": column_map.encoding,
        "id_field": id_field,
        "change_field": change_field,
        "layers": list(reading.layers),
        "units": reading.units,
        "confirmed_unreadable": reading.confirmed_unreadable,
    }
    files = [*named, *beside]
    with opened_apart("network", files, options, limits) as (head, behind):
        try:
            tables = unpacked(head, behind)
        except Garbled as garbled:
            raise could_not_be_read(named[0].name, "network", limits) from garbled
    sent = {(file.name, sha256_of(file)) for file in files}
    if not {source for rows in tables for source in rows.sources} <= sent:
        raise could_not_be_read(named[0].name, "network", limits)
    return tables

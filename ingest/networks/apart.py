"""The files of a dataset that a stranger sent: opened by a process behind walls, from which only checked rows come back.

What they are to mean is still decided here: no coordinate system is told to that process. What a file says of its own is read
behind walls as well, by another process, which is told the name of the declared one and nothing of what a city's grid is.
"""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files.local import check_local, sha256_of
from ingest.files.rows import MAX_FILE_BYTES, Reading, Rows
from ingest.files.shapefiles import SHAPEFILE_PARTS
from ingest.networks.mapping import ColumnMap
from ingest.sandbox.apart import could_not_be_read, opened_apart, read_apart
from ingest.sandbox.walls import Limits
from ingest.sandbox.wire import Garbled, unpacked
from spatial.crs import LONGEST_TEXT, DeclaredCrs, not_understood
from spatial.errors import Refused

AGREEMENT_S = 10.0
"""For a text of LONGEST_TEXT, which takes a third of a second at worst."""


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


def check_agreement_apart(declared: DeclaredCrs, embedded: str | None, limits: Limits) -> None:
    """As check_agreement(), within `limits`: PROJ reads the text of a stranger where it can do no harm. A reader that was
    taken over may say that it agrees, as one of the file may say that it states nothing.

    :raises Refused: as check_agreement(); sandbox_missing.
    """
    if embedded is None or not embedded.strip():
        return
    if len(embedded) > LONGEST_TEXT:
        raise not_understood(embedded)
    own = replace(limits, wall_s=AGREEMENT_S, cpu_s=round(AGREEMENT_S))
    options = {"declared": declared.name, "local": declared.grid is not None}
    with TemporaryDirectory(prefix="predig-") as folder:
        text = Path(folder) / "stated.prj"
        text.write_bytes(embedded.encode("utf-8", "surrogatepass"))
        try:
            read_apart("agreement", [text], options, own)
        except Refused as refused:
            if refused.faults[0].code in ("file_refused", "file_too_hard"):
                raise not_understood(embedded) from refused
            raise

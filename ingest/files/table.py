"""Several files of one dataset as one table of rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from ingest.files.archives import read_zip
from ingest.files.drawings.reader import read_drawing
from ingest.files.geodatabase import read_geodatabase
from ingest.files.geojson import read_geojson, too_many_rows
from ingest.files.kml import read_kml
from ingest.files.layers import check_no_units
from ingest.files.local import (
    DXF,
    GEOJSON,
    GEOPACKAGE,
    SHAPEFILE,
    XML,
    ZIP,
    check_kind,
    check_local,
    is_local_folder,
)
from ingest.files.ogr import read_geopackage
from ingest.files.rows import MAX_FILE_BYTES, MAX_ROWS, Pick, Reading, Rows
from ingest.files.shapefiles import read_shapefile
from spatial.columns import Coded, in_a_row
from spatial.errors import Refused


def read_rows(path: str | PathLike[str], pick: Pick, reading: Reading) -> Rows:
    """The rows of one local file of any kind we read. :raises Refused: with what to do about it."""
    if is_local_folder(path, ".gdb"):
        local, reader = Path(path), read_geodatabase
    else:
        local = check_local(path, max_bytes=MAX_FILE_BYTES)
        reader = _READERS[check_kind(local)]
    if reader is not read_drawing:
        check_no_units(local.name, reading)
    return reader(local, pick, reading)


_READERS: Mapping[str, Callable[[Path, Pick, Reading], Rows]] = {
    GEOJSON: read_geojson,
    GEOPACKAGE: read_geopackage,
    SHAPEFILE: read_shapefile,
    ZIP: read_zip,
    XML: read_kml,
    DXF: read_drawing,
}


def read_tables(paths: Sequence[str | PathLike[str]], pick: Pick, reading: Reading) -> list[Rows]:
    """One Rows a file. :raises Refused: no file, a file named twice, too many rows together."""
    if not paths:
        raise Refused.because(
            "file_missing", en="no file was named; name at least one", zh="未指定文件，请至少指定一个文件"
        )
    if len(set(map(str, paths))) < len(paths):
        raise Refused.because(
            "file_twice", en="a file is named twice; name each once", zh="同一文件被指定了两次，请只指定一次"
        )
    tables = [read_rows(path, pick, reading) for path in paths]
    _check_unread(tables, reading.confirmed_unreadable)
    if sum(map(len, tables)) > MAX_ROWS:
        raise too_many_rows(tables[-1].sources[0][0])
    return tables


def _check_unread(tables: Sequence[Rows], confirmed: int) -> None:
    """What no reader can read may be a pipe: somebody must have looked at it, one by one."""
    unread = sum((Counter(table.unread) for table in tables), Counter())
    count = unread.total()
    if count and count != confirmed:
        told = "; ".join(f"{what} x {many}" for what, many in unread.most_common(10))
        raise Refused.because(
            "drawing_entities_unreadable",
            en=f"{count} entities of the chosen layers cannot be read and may be pipes ({told}): turn them into lines in the "
            "CAD program (EXPLODE; Tangent: 图形导出; BIND for external references). If that cannot be done, look at each "
            f"and give --confirm-unreadable {count}: the ground they take up is then answered with cannot_tell",
            zh=f"所选图层中有 {count} 个对象无法读取，可能就是管线（{told}）：请在 CAD 中转为普通线（EXPLODE 分解；天正用“图形导出”；"
            f"外部参照先 BIND 绑定）。实在无法转换时，请逐个核查后给出 --confirm-unreadable {count}：其所占地块将按“资料不足”答复",
        )


def joined(tables: Sequence[Rows]) -> Rows:
    """All rows in one table, in the order of the files; a column some file lacks is None there.

    embedded_crs is that of the first file that has one: the caller has compared them all.
    """
    if len(tables) == 1:
        return tables[0]
    wanted = dict.fromkeys(chain.from_iterable(table.columns for table in tables))
    return Rows(
        geometry=np.concatenate([table.geometry for table in tables]),
        fault=np.concatenate([table.fault for table in tables]),
        bounds=np.concatenate([table.bounds for table in tables]),
        columns={
            name: in_a_row([table.columns.get(name, Coded.all_alike(None, len(table))) for table in tables])
            for name in wanted
        },
        ids=list(chain.from_iterable(table.ids for table in tables)),
        names=list(dict.fromkeys(chain.from_iterable(table.names for table in tables))),
        embedded_crs=next((table.embedded_crs for table in tables if table.embedded_crs), None),
        sources=tuple(chain.from_iterable(table.sources for table in tables)),
        warnings=sum((Counter(table.warnings) for table in tables), Counter()),
    )

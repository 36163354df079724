"""File Geodatabase: a folder of tables, through GDAL's own reader of it, which opens nothing outside that folder."""

import hashlib
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files.layers import only_layer
from ingest.files.local import sha256_of
from ingest.files.ogr import check_plain, read_layer, spatial_layers
from ingest.files.rows import MAX_FILE_BYTES, Pick, Reading, Rows
from spatial.errors import Refused

MOST_FILES = 5_000
CATALOG = "a00000001.gdbtable"
"""The table that names all others."""


def read_geodatabase(path: Path, pick: Pick, reading: Reading) -> Rows:
    """The rows of one layer of a .gdb folder; ids are its object ids. Curves come in short straight edges.

    :raises Refused: links or folders in it, too large, several layers (named), unreadable.
    """
    check_plain(path)
    files = _files(path)
    layer = only_layer(path.name, spatial_layers(path), reading)
    rows, fids = read_layer(path, layer, pick, encoding=None)
    return replace(rows, ids=[str(fid) for fid in fids], sources=((path.name, _digest(files)),))


@contextmanager
def packed(path: Path) -> Iterator[Path]:
    """A .gdb folder as an archive of its own name, gone afterwards. :raises Refused: as read_geodatabase."""
    files = _files(path)
    with TemporaryDirectory(prefix="predig-") as folder:
        archive = Path(folder) / f"{path.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packing:
            for file in files:
                packing.write(file, f"{path.name}/{file.name}")
        yield archive


def _files(path: Path) -> list[Path]:
    files = sorted(path.iterdir())
    states = [file.lstat() for file in files]
    if len(files) > MOST_FILES or sum(state.st_size for state in states) > MAX_FILE_BYTES:
        raise Refused.because(
            "file_too_large",
            en=f"{path.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB; export the layer of the pipes alone",
            zh=f"{path.name} 超过 {MAX_FILE_BYTES // 1_000_000} MB，请只导出管线图层",
        )
    names = {file.name.lower() for file in files}
    # A Shapefile in such a folder would be read as one, past all that is asked of a Shapefile.
    foreign = any(name.endswith((".shp", ".dbf")) for name in names)
    if foreign or CATALOG not in names or not all(stat.S_ISREG(state.st_mode) for state in states):
        raise Refused.because(
            "geodatabase_not_plain",
            en=f"{path.name} has no {CATALOG}, or holds links, folders or Shapefiles, which no File Geodatabase does; "
            "copy the whole folder again",
            zh=f"{path.name} 缺少 {CATALOG}，或含有链接、子文件夹、Shapefile，不是有效的 File Geodatabase；请重新复制整个文件夹",
        )
    return files


def _digest(files: list[Path]) -> str:
    """sha256 of the names and sha256s of all files, a line each as sha256sum prints them."""
    lines = "".join(f"{sha256_of(file)}  {file.name}\n" for file in files if file.suffix != ".lock")
    return hashlib.sha256(lines.encode()).hexdigest()

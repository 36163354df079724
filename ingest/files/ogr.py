"""GeoPackage, Shapefile and File Geodatabase, through GDAL with every other driver taken away.

Only files whose own bytes say SQLite or Shapefile come here, and .gdb folders of plain files; a GeoPackage with virtual tables (which can
name other files) or with an unfinished journal beside it is refused before GDAL sees it.
"""

import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.geojson import no_rows, too_many_rows
from ingest.files.layers import only_layer
from ingest.files.local import sha256_of
from ingest.files.rows import ID, MAX_ROWS, Pick, Reading, Rows, is_none
from spatial.columns import Coder
from spatial.errors import Refused

KEPT_DRIVERS = frozenset({"GPKG", "ESRI Shapefile", "OpenFileGDB", "GeoJSON", "MEM"})
"""GeoJSON and MEM read nothing but what they are given; no file of ours is opened with them. Bringing OpenFileGDB back
only while it is needed would bring all drivers back for a moment, in every thread."""

ROWS_A_READ = 65_536
"""Of a GeoPackage. A Shapefile is read in one go: a deleted row would shift where the next part begins."""

ARC_STEP_DEGREES = "0.36"
"""Of the straight edges a curve is read as: they stray by 1 mm at a radius of 200 m; GDAL's own 4 degrees by 12 cm."""


@cache
def gdal() -> ModuleType:
    """pyogrio, with the drivers that read other files or the network unloaded, whoever imported it first."""
    import pyogrio
    from pyogrio._ogr import _register_drivers

    unwanted = set(pyogrio.list_drivers()) - KEPT_DRIVERS
    # Registering again makes GDAL honour OGR_SKIP; an environment variable is too late once it is loaded.
    pyogrio.set_gdal_config_options(
        {
            "OGR_SKIP": ",".join(sorted(unwanted)),
            "SHAPE_RESTORE_SHX": "NO",
            "OGR_ARC_STEPSIZE": ARC_STEP_DEGREES,
        }
    )
    _register_drivers()
    if left := set(pyogrio.list_drivers()) - KEPT_DRIVERS:
        raise RuntimeError(f"GDAL kept drivers that must not open foreign files: {sorted(left)}")
    module: ModuleType = pyogrio
    return module


def read_geopackage(path: Path, pick: Pick, reading: Reading) -> Rows:
    """The rows of one layer with geometry; ids are the layer's primary keys.

    :raises Refused: unreadable, several layers with geometry (named), none, virtual tables, open elsewhere.
    """
    check_plain(path)
    _check_sqlite(path)
    layer = only_layer(path.name, spatial_layers(path), reading)
    with ThreadPoolExecutor(1) as beside:  # a large file is hashed while GDAL reads it
        hashing = beside.submit(hashed, [path])
        rows, fids = read_layer(path, layer, pick, encoding=None, rows_a_read=ROWS_A_READ)
    # GDAL goes by a count the file keeps of itself; one that is too low would lose pipes in silence.
    if len(fids) != _rows_of(path, layer):
        raise _unreadable(path)
    return replace(rows, ids=[str(fid) for fid in fids], sources=hashing.result())


def check_plain(path: Path) -> None:
    """pyogrio reads some characters of a path as an address and would open another file than the one checked."""
    from pyogrio.util import vsi_path

    if vsi_path(path) != str(path):
        raise Refused.because(
            "file_path_not_plain",
            en=f"the path of {path.name} has a ! or ; in it, which GDAL reads as an archive; rename the folder or file",
            zh=f"{path.name} 的路径含有 ! 或 ;，会被当作压缩包路径；请重命名目录或文件",
        )


def _check_sqlite(path: Path) -> None:
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise Refused.because(
                "geopackage_open_elsewhere",
                en=f"{path.name} is being written by another program ({beside.name} is there); close it there first",
                zh=f"{path.name} 正被其他程序写入（存在 {beside.name}），请先在该程序中关闭",
            )
    try:
        # immutable: SQLite takes no lock and leaves no file beside one we only look at.
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            tables = connection.execute(
                "select name, sql from sqlite_master where sql is not null"
            ).fetchall()
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: its message quotes damaged bytes
        raise _unreadable(path) from error
    names = {str(name).lower() for name, _ in tables}
    if not {"gpkg_contents", "gpkg_geometry_columns"} <= names:
        raise Refused.because(
            "geopackage_expected",
            en=f"{path.name} is a SQLite database but not a GeoPackage; export it as GeoPackage",
            zh=f"{path.name} 是 SQLite 数据库但不是 GeoPackage，请导出为 GeoPackage",
        )
    for name, sql in tables:
        words = str(sql).lower().split()
        if words[:3] == ["create", "virtual", "table"] and "using" in words:
            module = words[words.index("using") + 1].split("(")[0]
            if module != "rtree":
                raise Refused.because(
                    "geopackage_virtual_table",
                    en=f"{path.name} holds a virtual table ({str(name)[:60]}) that may read other files; "
                    "export the layer to a new GeoPackage",
                    zh=f"{path.name} 含有可能读取其他文件的虚拟表（{str(name)[:60]}）；请将图层另存为新的 GeoPackage",
                )


def _rows_of(path: Path, layer: str) -> int:
    """How many rows the layer's table really has."""
    quoted = layer.replace('"', '""')
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
    try:
        return int(connection.execute(f'select count(*) from "{quoted}"').fetchone()[0])
    except sqlite3.Error as error:
        raise _unreadable(path) from error
    finally:
        connection.close()


def spatial_layers(path: Path) -> list[str]:
    """The layers with geometry, at least one. :raises Refused: unreadable, none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = gdal().list_layers(path)
    except _gdal_errors() as error:
        raise _unreadable(path) from error
    spatial = [str(name) for name, kind in layers if kind is not None]
    if not spatial:
        raise Refused.because(
            "network_no_geometry",
            en=f"{path.name} has no layer with geometry; export the pipes with their geometry",
            zh=f"{path.name} 中没有带几何的图层，请连同几何一起导出管线",
        )
    return spatial


def read_layer(
    path: Path, layer: str | None, pick: Pick, encoding: str | None, rows_a_read: int | None = None
) -> tuple[Rows, Sequence[int]]:
    """rows_a_read: how many are read at a time, so that the cells of few are there at once; None: all."""
    try:
        with warnings.catch_warnings():
            # GDAL says in warnings what we look at ourselves: measures dropped, text cut, dates odd.
            warnings.simplefilter("ignore")
            info = gdal().read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
            names = [str(name) for name in info["fields"]]
            if info["features"] > MAX_ROWS:
                raise too_many_rows(path.name)
            if info["geometry_type"] is None:
                raise _no_geometry(path)
            if not info["features"]:
                raise no_rows(path.name)
            table = _Table(pick(names))
            step = rows_a_read or info["features"]
            for at in range(0, info["features"], step):
                table.take(
                    *gdal().raw.read(
                        path,
                        layer=layer,
                        encoding=encoding,
                        columns=table.theirs,
                        return_fids=True,
                        datetime_as_string=True,
                        skip_features=at,
                        max_features=step,
                    )
                )
    except Refused:
        raise
    except UnicodeDecodeError as error:
        raise text_cut(path) from error
    except _gdal_errors() as error:
        raise _unreadable(path) from error
    fids = np.concatenate(table.fids)
    # Read in parts: a row that came twice or not at all would be a pipe too many or one lost.
    if len(fids) != info["features"] or (np.diff(np.sort(fids)) == 0).any():
        raise _unreadable(path)
    return table.rows(names, _stated(info["crs"])), fids.tolist()


def text_cut(path: Path) -> Refused:
    return Refused.because(
        "text_cut_or_misnamed",
        en=f"{path.name} has text that is not in the encoding it states: put the right one into its .cpg, or export it as "
        'GeoPackage; for a network, the map file may state it too, for example encoding = "GB18030"',
        zh=f"{path.name} 中的文字与其声明的编码不符：请更正同名 .cpg 中的编码，或导出为 GeoPackage；"
        '管网数据也可在映射文件中写明，如 encoding = "GB18030"',
    )


class _Table:
    """Gathers what is read of a file. picked: our name -> its name."""

    def __init__(self, picked: Mapping[str, str]) -> None:
        self.theirs = sorted(set(picked.values()))
        self.fids: list[NDArray[np.int64]] = []
        self._picked = picked
        self._coders = {name: Coder() for name in picked}
        self._shapes: list[tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]] = []

    def take(
        self,
        meta: Mapping[str, Any],
        fids: NDArray[np.int64],
        wkb: NDArray[np.object_],
        values: Sequence[NDArray[Any]],
    ) -> None:
        cells = {str(name): column for name, column in zip(meta["fields"], values, strict=True)}
        for ours, theirs in self._picked.items():
            if ours == ID:
                self._coders[ours].take_plain(cells[theirs].tolist())
            else:
                self._coders[ours].take(cells[theirs])
        self.fids.append(fids)
        self._shapes.append(_shapes(wkb))

    def rows(self, names: Sequence[str], embedded_crs: str | None) -> Rows:
        geometry, fault, bounds = map(np.concatenate, zip(*self._shapes, strict=True))
        return Rows(
            geometry=geometry,
            fault=fault,
            bounds=bounds,
            columns={name: coder.column() for name, coder in self._coders.items()},
            ids=(),
            names=names,
            embedded_crs=embedded_crs,
            sources=(),
        )


def _no_geometry(path: Path) -> Refused:
    return Refused.because(
        "network_no_geometry",
        en=f"{path.name} has no geometry at all; export the pipes with their geometry",
        zh=f"{path.name} 完全没有几何，请连同几何一起导出管线",
    )


def _shapes(wkb: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]:
    """(geometry, fault, bounds) of well-known bytes; what cannot be read is a fault of its row."""
    try:
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:  # one curve spoils the whole array
        shapes = np.array([_one(item) for item in wkb], dtype=object)
    fault = np.full(len(wkb), None, dtype=object)
    none = shapely.is_missing(shapes)
    fault[none] = "geometry_malformed"
    fault[is_none(wkb)] = "geometry_missing"
    fault[~none & shapely.is_empty(shapes)] = "geometry_empty"
    if (shapely.get_coordinate_dimension(shapes) > 2).any():
        shapes = shapely.force_2d(shapes)
    bounds = shapely.bounds(shapes)
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    for bad in np.unique(row[~np.isfinite(coordinates).all(axis=1)]):
        fault[bad] = "geometry_not_finite"
        own = coordinates[row == bad]
        own = own[np.isfinite(own).all(axis=1)]
        bounds[bad] = [*own.min(axis=0), *own.max(axis=0)] if len(own) else np.nan
    kinds = shapely.get_type_id(shapes)
    fault[is_none(fault) & ~np.isin(kinds, [0, 1, 3, 4, 5, 6])] = "geometry_type"
    shapes[~is_none(fault)] = None
    return shapes, fault, bounds


def _one(item: bytes | None) -> Any:
    try:
        return shapely.from_wkb(item, on_invalid="ignore")
    except NotImplementedError:
        return None


def _stated(crs: str | None) -> str | None:
    """The layer's CRS; GeoPackage's two "undefined" systems state nothing."""
    return None if crs is None or "undefined" in crs.lower() else crs


def hashed(files: Sequence[Path]) -> tuple[tuple[str, str], ...]:
    return tuple((file.name, sha256_of(file)) for file in files)


def _gdal_errors() -> tuple[type[Exception], ...]:
    """What a damaged file can raise: GDAL's own errors, and text or numbers that cannot be decoded."""
    own = gdal().errors
    return (
        own.DataSourceError,
        own.DataLayerError,
        own.CRSError,
        own.FieldError,
        own.FeatureError,
        own.GeometryError,
        ValueError,
        LookupError,
        MemoryError,
        UnboundLocalError,  # pyogrio's own slip over a .prj that GDAL cannot read
    )


def _unreadable(path: Path) -> Refused:
    return Refused.because(
        "file_unreadable",
        en=f"{path.name} cannot be read as what its name says; it may be damaged or cut off: export it again",
        zh=f"{path.name} 无法按其格式读取，可能已损坏或不完整，请重新导出",
    )

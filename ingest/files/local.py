"""Which bytes we are willing to open: local regular files that are what their name says.

A file's content decides, never GDAL's own guess: an OGR VRT named `.geojson` would make GDAL read other
files and fetch addresses.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from spatial.errors import Refused

READ_BLOCK_BYTES = 1 << 20

_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+:(?!\\)|[\\/]vsi)")
"""`http:…`, `PG:…`, `GPKG:…` and GDAL's virtual file systems; a Windows drive letter is one letter only."""

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\x00", "a SQLite database (GeoPackage)"),
    (b"\x00\x00\x27\x0a", "a Shapefile"),
    (b"PK", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"AutoCAD Binary DXF", "a DXF drawing"),
    (b"<", "XML (KML, GML or an OGR virtual file)"),
    (b"{", "a JSON object"),
    (b"[", "a JSON list"),
)

GEOJSON = "a JSON object"
GEOPACKAGE = "a SQLite database (GeoPackage)"
SHAPEFILE = "a Shapefile"
ZIP = "a zip archive"
XML = "XML (KML, GML or an OGR virtual file)"
DXF = "a DXF drawing"
DWG = "a DWG drawing"

EXPECTED_KIND: Mapping[str, str] = {
    ".geojson": GEOJSON,
    ".json": GEOJSON,
    ".gpkg": GEOPACKAGE,
    ".shp": SHAPEFILE,
    ".zip": ZIP,
    ".kmz": ZIP,
    ".kml": XML,
    ".ovkml": XML,
    ".dxf": DXF,
    ".dwg": DWG,
}

_DXF_TEXT = re.compile(rb"\s*(?:999[ \t]*\r?\n[^\r\n]*\r?\n\s*)*0[ \t]*\r?\n[ \t]*SECTION\s")
_DWG_BYTES = re.compile(rb"AC(?:10\d\d|1\.\d\d|2\.\d\d)")


def check_local(path: str | os.PathLike[str], *, max_bytes: int) -> Path:
    """The path, once it is known to be a non-empty regular file of at most `max_bytes` on this machine.

    :raises Refused: file_not_local, file_missing, file_not_regular, file_unreadable, file_empty, file_too_large.
    """
    text = os.fspath(path)
    if _ADDRESS.match(text) or "\x00" in text:
        raise Refused.because(
            "file_not_local",
            en=f"{text[:80]!r} is an address, not a file on this machine; download it first and name the copy",
            zh=f"{text[:80]!r} 是网络地址或虚拟路径，不是本机文件；请先下载，再指定本地文件",
        )
    local = Path(text)
    found = _found(local)
    if not stat.S_ISREG(found.st_mode):
        raise Refused.because(
            "file_not_regular",
            en=f"{text!r} is not a regular file (a folder, a pipe or a device); name the data file itself",
            zh=f"{text!r} 不是普通文件（是目录、管道或设备），请指定数据文件本身",
        )
    if found.st_size == 0:
        raise Refused.because(
            "file_empty",
            en=f"{local.name} is empty (0 bytes); export it again",
            zh=f"{local.name} 是空文件（0 字节），请重新导出",
        )
    if found.st_size > max_bytes:
        raise Refused.because(
            "file_too_large",
            en=f"{local.name} is larger than {max_bytes // 1_000_000} MB; split it into parts",
            zh=f"{local.name} 超过 {max_bytes // 1_000_000} MB，请拆分后再导入",
        )
    return local


def _found(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refused.because(
            "file_missing",
            en=f"there is no file {str(path)!r}; check the name",
            zh=f"找不到文件 {str(path)!r}，请检查文件名",
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error


def is_local_folder(path: str | os.PathLike[str], ending: str) -> bool:
    """Whether this is the name of a folder on this machine with that ending."""
    text = os.fspath(path)
    return not _ADDRESS.match(text) and text.lower().rstrip("/").endswith(ending) and os.path.isdir(text)


def check_kind(path: Path) -> str:
    """What the file's name promises and its first bytes confirm, one of EXPECTED_KIND. A DWG is told of by its bytes.

    :raises Refused: file_kind_unknown for another ending, file_not_what_it_says when name and content differ,
        dwg_not_readable.
    """
    found = sniff(read_head(path))
    if found == DWG:
        raise _dwg(path.name)
    expected = EXPECTED_KIND.get(path.suffix.lower())
    if expected is None:
        raise kind_unknown(path.name)
    if found != expected:
        raise not_what_it_says(path.name, path.suffix.lower(), found)
    return expected


def kind_unknown(name: str) -> Refused:
    return Refused.because(
        "file_kind_unknown",
        en=f"{name}: give a GeoJSON (.geojson, .json), a GeoPackage (.gpkg), the .shp of a Shapefile or its zip, "
        "a KML (.kml, .kmz), a File Geodatabase (.gdb) or a DXF drawing (.dxf)",
        zh=f"{name}：请提供 GeoJSON（.geojson、.json）、GeoPackage（.gpkg）、Shapefile 的 .shp 文件或其 zip 压缩包、"
        "KML（.kml、.kmz）、File Geodatabase（.gdb）或 DXF 图纸（.dxf）",
    )


def check_plan_kind(path: Path) -> str:
    """check_kind() of a file that is to be a dig plan. :raises Refused: as it does; for another ending with what to ask for."""
    if path.suffix.lower() in EXPECTED_KIND or sniff(read_head(path)) == DWG:
        return check_kind(path)
    raise Refused.because(
        "file_kind_unknown",
        en=f"{path.name} holds no dig plan that can be read: give a DXF drawing (.dxf), a table of coordinates (.xlsx, .csv, .txt, "
        ".dat), KML (.kml, .kmz), GeoJSON, GPX, WKT, a zipped Shapefile, a GeoPackage or a File Geodatabase. Pictures, PDFs "
        "and text documents hold no coordinates: ask the designer for the drawing as DXF or for the corners as a table",
        zh=f"{path.name} 不是可读取的开挖方案：请提供 DXF 图纸（.dxf）、坐标表（.xlsx、.csv、.txt、.dat）、KML（.kml、.kmz）、GeoJSON、"
        "GPX、WKT、Shapefile 压缩包、GeoPackage 或 File Geodatabase。图片、PDF 和文档中没有坐标：请向设计单位索取 DXF 图纸或拐点坐标表",
    )


def not_what_it_says(name: str, suffix: str, found: str) -> Refused:
    return Refused.because(
        "file_not_what_it_says",
        en=f"{name} is not what its name says: a {suffix} holds {EXPECTED_KIND[suffix]}, this looks like "
        f"{found}; export the data again in the format of its name",
        zh=f"{name} 的内容与扩展名 {suffix} 不符（看起来是 {found}）；请按扩展名对应的格式重新导出",
    )


def sniff(head: bytes) -> str:
    """What the first bytes of a file look like, in words for the reader."""
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if _DWG_BYTES.match(head):
        return DWG
    if _DXF_TEXT.match(body):
        return DXF
    for magic, kind in _KINDS:
        if head.startswith(magic) or (magic.isascii() and body.startswith(magic)):
            return kind
    return "something else"


def _dwg(name: str) -> Refused:
    return Refused.because(
        "dwg_not_readable",
        en=f"{name} is a DWG drawing, whose format is secret; open it in the CAD program it was drawn with, bind its "
        "external references (BIND), turn objects of add-ons into plain ones (Tangent: 图形导出; AutoCAD: EXPLODE), "
        "then save it as DXF (SAVEAS, AutoCAD 2018 DXF) and name the .dxf",
        zh=f"{name} 是 DWG 图纸，其格式不公开。请在原 CAD 软件（AutoCAD、中望、浩辰等）中打开：先绑定外部参照（BIND），"
        "天正等插件的对象用“图形导出”转为普通对象（或用 EXPLODE 分解），再“另存为”（SAVEAS）→ 文件类型选 "
        "AutoCAD 2018 DXF（*.dxf），然后导入该 .dxf 文件",
    )


def read_head(path: Path, size: int = 4096) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise _unreadable(path) from error


def read_bytes(path: Path) -> bytes:
    """The whole file. :raises Refused: file_unreadable."""
    try:
        return path.read_bytes()
    except (OSError, MemoryError) as error:
        raise _unreadable(path) from error


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, as hex. :raises Refused: file_unreadable."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise _unreadable(path) from error
    return digest.hexdigest()


def _unreadable(path: Path) -> Refused:
    return Refused.because(
        "file_unreadable",
        en=f"{path.name} cannot be read; check that it is whole and that you may read it",
        zh=f"{path.name} 无法读取，请确认文件完整且有读取权限",
    )

"""Shapefiles: whether all parts are there and agree, in which encoding their text is, and column names cut within a letter."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.files.layers import check_no_layers
from ingest.files.local import read_bytes
from ingest.files.ogr import check_plain, hashed, read_layer, text_cut
from ingest.files.rows import Pick, Reading, Rows
from spatial.errors import Refused

LANGUAGE_UNKNOWN = (0x00, 0x57)
"""dBASE language bytes that name no code page ("none", "whatever this machine uses")."""

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")

BY_LANGUAGE = "language"
"""The encoding is the one GDAL makes of the language byte of the .dbf, or of a .cpg in a spelling of its own."""
BYTES = "ISO-8859-1"
"""In which every byte is a letter: text read so is the bytes of the file."""


def read_shapefile(path: Path, pick: Pick, reading: Reading) -> Rows:
    """The rows of a Shapefile and the CRS text of its .prj, if it has one.

    :raises Refused: a missing part (named), unreadable, text in an unknown encoding.
    """
    check_plain(path)
    check_no_layers(path.name, reading)
    parts = {part.suffix.lower(): part for part in sorted(path.parent.iterdir()) if part.stem == path.stem}
    for needed in (".shx", ".dbf"):
        if needed not in parts:
            raise Refused.because(
                "shapefile_incomplete",
                en=f"{path.name} has no {needed} beside it; copy all parts of the Shapefile (.shp .shx .dbf .prj)",
                zh=f"{path.name} 缺少 {needed} 文件；请复制 Shapefile 的全部文件（.shp .shx .dbf .prj）",
            )
    table, index = read_bytes(parts[".dbf"]), parts[".shx"].stat().st_size
    # A shortened index would drop pipes in silence; 100 bytes of header, then 8 a shape.
    if len(table) < 32 or (index - 100) / 8 != int.from_bytes(table[4:8], "little"):
        raise Refused.because(
            "shapefile_parts_disagree",
            en=f"the .shx and the .dbf of {path.name} do not hold the same number of rows; export the Shapefile again",
            zh=f"{path.name} 的 .shx 与 .dbf 行数不一致，请重新导出整个 Shapefile",
        )
    stated = reading.encoding or _stated(parts, table)
    if stated is None:
        rows, _ = read_layer(path, None, pick, BYTES)
    elif stated != BY_LANGUAGE and any(_is_cut(name, stated) for name in _names(table)):
        rows = _in_whole_letters(path, pick, stated)
    else:
        rows, _ = read_layer(path, None, pick, None if stated == BY_LANGUAGE else stated)
    if stated is None and _has_foreign_text(rows):
        raise Refused.because(
            "encoding_unknown",
            en=f"{path.name} has text that is not plain ASCII and does not say in which encoding; put a "
            f'{path.stem}.cpg with the word GB18030 or UTF-8 beside it, or, for a network, write encoding = "GB18030" in the map file',
            zh=f"{path.name} 含有非 ASCII 文字但未说明编码；请在旁边放置内容为 GB18030 或 UTF-8 的 "
            f'{path.stem}.cpg，管网数据也可在映射文件中写 encoding = "GB18030"',
        )
    projection = parts.get(".prj")
    text = read_bytes(projection).decode("utf-8", "replace").strip() if projection else ""
    kept = [parts[suffix] for suffix in SHAPEFILE_PARTS if suffix in parts]
    return replace(rows, ids=[None] * len(rows), sources=hashed(kept), embedded_crs=text or None)


def _stated(parts: Mapping[str, Path], table: bytes) -> str | None:
    """The encoding a Shapefile states: a codec, BY_LANGUAGE, or None. A .cpg that names none ("system") states nothing."""
    if ".cpg" in parts:
        word = read_bytes(parts[".cpg"])[:100].decode("ascii", "replace").strip()
        codec = re.sub(r"^(?:ANSI|OEM)[ _-]?(?=\d)|^(?=\d)", "cp", word, flags=re.IGNORECASE)
        try:
            "a".encode(codec)  # there are others than of text
            return codecs.lookup(codec).name
        except (LookupError, ValueError):
            if re.match(r"LDID|cp\d|8859", codec, re.IGNORECASE):
                return BY_LANGUAGE
    return BY_LANGUAGE if table[29] not in LANGUAGE_UNKNOWN else None


def _names(table: bytes) -> Iterator[bytes]:
    """The column names of a .dbf as they stand in it: 32 bytes a column after the header, up to a carriage return."""
    for at in range(32, min(int.from_bytes(table[8:10], "little"), len(table)) - 31, 32):
        if table[at] == 0x0D:
            return
        yield table[at : at + 11].split(b"\0")[0]


def _is_cut(name: bytes, codec: str) -> bool:
    """Whether the last letter of a name is only begun."""
    try:
        name.decode(codec)
    except UnicodeDecodeError:
        return _whole_letters(name, codec) is not None
    return False


def _whole_letters(text: bytes, codec: str) -> str | None:
    """The letters of a name that are whole; None where more than its last one is not."""
    for lost in range(4):
        try:
            return text[: len(text) - lost].decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _in_whole_letters(path: Path, pick: Pick, codec: str) -> Rows:
    """The rows read as bytes, and turned into text here: GDAL's reader gives up over a name that is cut within a letter.

    A cell must be whole. :raises Refused: text_cut_or_misnamed.
    """
    names: list[str] = []

    def pick_raw(raw: Sequence[str]) -> dict[str, str]:
        whole = [_whole_letters(name.encode(BYTES), codec) or name for name in raw]
        # Two names of which the same is left are told apart by their place, and neither is what it was.
        names.extend(name if whole.count(name) == 1 else f"{name}#{at}" for at, name in enumerate(whole, 1))
        return {ours: raw[names.index(theirs)] for ours, theirs in pick(names).items()}

    def text(cell: Any) -> Any:
        return cell.encode(BYTES).decode(codec) if isinstance(cell, str) else cell

    rows, _ = read_layer(path, None, pick_raw, BYTES)
    try:
        columns = {ours: column.map(text) for ours, column in rows.columns.items()}
    except UnicodeError as error:
        raise text_cut(path) from error
    return replace(rows, columns=columns, names=names)


def _has_foreign_text(rows: Rows) -> bool:
    texts = (value for column in rows.columns.values() for value in column.values if isinstance(value, str))
    return any(not text.isascii() for text in texts) or any(not name.isascii() for name in rows.names)

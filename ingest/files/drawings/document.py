"""Opening a DXF drawing, and holding what ezdxf kept of it against what the file has."""

import codecs
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.files.drawings.sieve import Sieve
from ingest.files.local import READ_BLOCK_BYTES
from ingest.files.rows import Reading
from spatial.errors import Refused

MAX_DXF_BYTES = 500_000_000

BINARY_SENTINEL = b"AutoCAD Binary DXF"
METRES: dict[str, float] = {"mm": 0.001, "cm": 0.01, "m": 1.0}
_HEADER_UNITS = {4: "mm", 5: "cm", 6: "m"}
"""$INSUNITS; 0 is "none", all others are units nobody draws a network in."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """document: of ezdxf. units: of its header, mm, cm or m; None where it says none of these, with `unit_code` the $INSUNITS.
    left_out: (layer, type) -> how many entities of layers that were not chosen are not in the document."""

    name: str
    document: Any
    units: str | None
    unit_code: int
    left_out: Mapping[tuple[str, str], int]


def open_drawing(path: Path, reading: Reading) -> Drawing:
    """:raises Refused: file_too_large, drawing_unreadable, drawing_loses_entities; as Sieve."""
    if path.stat().st_size > MAX_DXF_BYTES:
        raise Refused.because(
            "file_too_large",
            en=f"{path.name} is larger than {MAX_DXF_BYTES // 1_000_000} MB; save the layers of the pipes as a drawing "
            "of their own (WBLOCK)",
            zh=f"{path.name} 超过 {MAX_DXF_BYTES // 1_000_000} MB；请把管线图层单独存为一个图（WBLOCK）",
        )
    log = logging.getLogger("ezdxf")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # what it finds odd is told by us, or it would go to stderr
    sieve = Sieve(path.name, reading)
    try:
        document = _load(path, reading.encoding, sieve)
        document.modelspace()  # raises where there is none
        kept = Counter(entity.dxftype() for block in document.blocks for entity in block)
        code = int(document.header.get("$INSUNITS", 0))
    except Refused:
        raise
    except Exception as error:  # a damaged drawing can fail anywhere within ezdxf, with any error
        raise Refused.because(
            "drawing_unreadable",
            en=f"{path.name} cannot be read as DXF: it may be damaged or cut off; in the CAD program run AUDIT, then save "
            "it as AutoCAD 2018 DXF again",
            zh=f"{path.name} 无法按 DXF 读取，可能已损坏或不完整；请在 CAD 中运行 AUDIT 后重新另存为 AutoCAD 2018 DXF",
        ) from error
    if lost := sieve.passed - kept:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items())[:10])
        raise Refused.because(
            "drawing_loses_entities",
            en=f"{path.name} has damaged entities that cannot be read at all ({told}); in the CAD program run AUDIT, then "
            "save it as AutoCAD 2018 DXF again",
            zh=f"{path.name} 含有完全无法读取的损坏对象（{told}）；请在 CAD 中运行 AUDIT 后重新另存为 AutoCAD 2018 DXF",
        )
    return Drawing(path.name, document, _HEADER_UNITS.get(code), code, sieve.left_out)


def metres_per_unit(drawing: Drawing, reading: Reading) -> float:
    """What is said goes before the header, which often keeps the mm of the template. :raises Refused: drawing_units."""
    units = reading.units or drawing.units
    if units is None:
        raise Refused.because(
            "drawing_units",
            en=f"{drawing.name} does not say whether its numbers are metres or millimetres ($INSUNITS is "
            f"{drawing.unit_code}); ask who drew it, then give --units m, cm or mm",
            zh=f"{drawing.name} 没有说明坐标单位是米还是毫米（$INSUNITS 为 {drawing.unit_code}）；"
            "请向制图人核实后给出 --units m、cm 或 mm",
        )
    return METRES[units]


def _load(path: Path, encoding: str | None, sieve: Sieve) -> Any:
    from ezdxf.document import Drawing as Document
    from ezdxf.filemanagement import dxf_file_info
    from ezdxf.lldxf.tagger import ascii_tags_loader, binary_tags_loader

    with path.open("rb") as file:
        is_binary = file.read(len(BINARY_SENTINEL)) == BINARY_SENTINEL
    if is_binary:
        return Document.load(sieve.sift(binary_tags_loader(path.read_bytes(), errors="surrogateescape")))
    info = dxf_file_info(path)
    own = "gb18030" if info.encoding in ("gbk", "gb2312") else info.encoding
    if encoding is None and own != "utf-8" and _is_utf8(path):
        own = "utf-8"  # GDAL writes it whatever the header states; other text all but never is
    told = encoding if encoding is not None and own != "utf-8" else own
    with path.open(encoding=told, errors="surrogateescape") as text:
        return Document.load(sieve.sift(ascii_tags_loader(text)))


def _is_utf8(path: Path) -> bool:
    """Whether there are letters beyond ASCII, all of them in UTF-8."""
    decoder, ascii_only = codecs.getincrementaldecoder("utf-8")(), True
    with path.open("rb") as file:
        while block := file.read(READ_BLOCK_BYTES):
            ascii_only = ascii_only and block.isascii()
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return False
    return not ascii_only

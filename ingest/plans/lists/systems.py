"""What a table of points says of its coordinate system, in a title, a heading or a remark, beside the one that is declared.

Of two systems a table was never in both: who declares one and sends the other digs tens of metres elsewhere.
"""

import re
from collections.abc import Sequence

from ingest.files.sheets import Sheet, cell_text
from spatial.errors import Refused

System = tuple[str, float | None]
"""(one of _SAID, the central meridian where there is one)."""

_SAID = {
    "2000": re.compile(r"CGCS-?(?:2000)?|国家2000|2000(?:年)?(?:国家|坐标|大地)"),
    "1980": re.compile(
        r"(?:19)?80年?西安|西安(?:19)?80|西安(?:大地)?坐标系|XI'?AN-?(?:19)?80|(?:1980|(?<!\d)80)年?(?:国家(?!高程)|坐标|大地)"
    ),
    "1954": re.compile(
        r"(?:19)?54年?北京|北京(?:19)?54|北京(?:大地)?坐标系|BEIJING-?(?:19)?54|(?:1954|(?<!\d)54)年?(?:国家|坐标|大地)"
    ),
    "WGS 84": re.compile(r"WGS-?(?:19)?84|(?<!\d)84(?:坐标|大地)"),
    "GCJ-02": re.compile(r"GCJ-?02|火星坐标"),
    "BD-09": re.compile(r"BD-?09|百度坐标"),
}
_OF_A_PLACE = re.compile(r"(?:独立|地方|施工|假定|相对|任意|建筑)(?:平面)?(?:直角)?坐标")
_ALIKE = {"WGS 84": "2000"}
"""Less than a metre from each other."""
_MERIDIAN = re.compile(
    r"(?:中央(?:子午线|经线)(?:经度)?|L0|(?<![A-Z(/:])CM(?=[\s=:]*\d{2,3}\s*(?:[°度E]|$)))[^\d]{0,6}(\d{2,3}(?:\.\d+)?)(?![\d.])"
    r"\s*(?:[°度]\s*(?:(\d{1,2})\s*[′'分])?)?"
)
_NUMERIC = re.compile(r"[\d.,\s+-]*")
_ZONE = re.compile(r"带号[^\d]{0,3}(\d{2})(?!\d)|(?<!\d)(\d{2})带")


def check_system(sheet: Sheet, declared: System | None) -> None:
    """:raises Refused: crs_said_in_table: a cell names a system, or a meridian, that is not the declared one's."""
    if declared is None:
        return
    family, meridian = declared
    for row, cells in zip(sheet.numbers, sheet.rows, strict=True):
        words = [_plain(cell) for cell in cells if isinstance(cell, str) and not _NUMERIC.fullmatch(cell)]
        for text in words:
            said = {name: found[0] for name, of in _SAID.items() if (found := of.search(text))}
            alone = _OF_A_PLACE.search(text)
            if alone or (said and _alike(family) not in map(_alike, said)):
                raise _other(sheet.name, row, alone[0] if alone else min(said.values()))
        others = _meridians(" ".join(map(cell_text, cells)).upper()) if words and meridian is not None else []
        for one in others:
            if meridian is not None and abs(one - meridian) > 1e-3:
                raise _other(sheet.name, row, f"{one:g}°E")


def _plain(cell: object) -> str:
    return re.sub(r"\s", "", cell_text(cell)).upper()


def _alike(name: str) -> str:
    return _ALIKE.get(name, name)


def _meridians(text: str) -> Sequence[float]:
    """Central meridians as they stand, or of the zones that stand instead: 25 to 45 are 3 degrees wide, 13 to 23 are 6."""
    found = [float(one[1]) + float(one[2] or 0) / 60.0 for one in _MERIDIAN.finditer(text)]
    zones = [int(one[1] or one[2]) for one in _ZONE.finditer(text)]
    return [
        *(one for one in found if 70.0 < one < 140.0),
        *(3.0 * zone for zone in zones if 25 <= zone <= 45),
        *(6.0 * zone - 3.0 for zone in zones if 13 <= zone <= 23),
    ]


def _other(name: str, row: int, said: str) -> Refused:
    return Refused.because(
        "crs_said_in_table",
        en=f"{name}: row {row} says {said}, which is not the coordinate system that is declared: declare the one the numbers are "
        "in (--crs); if the row is wrong, correct it, and delete columns of another system",
        zh=f"{name}：第 {row} 行写明 {said}，与所声明的坐标系不一致：请用 --crs 声明数值实际所用的坐标系；如该行有误，请改正；如有其他坐标系的列，请删除",
    )

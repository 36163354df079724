"""What is written of a pipe's size, as its outside diameter in millimetres; the larger where it is not sure.

`DN100` is a nominal size, `De110`, `D108x4` and `Φ325` are outside diameters, `内径100` is an inner one; of a bare number
the file must say which it is (diameter_basis), or it may be either.

Sources of the tables. Steel: HG/T 20592, series A (ISO 4200) and B, and ASME B36.10M; of each nominal size the largest of
the three. Ductile iron: GB/T 13295 (ISO 2531); grey iron (GB/T 3422) is nowhere larger but at DN 75. PE: the series of
GB/T 15558.1; the nominal size is taken as the bore, at the thickest common wall (SDR 11).
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from spatial.columns import Coded, combinations

OUTSIDE, NOMINAL, INNER = "outside", "nominal", "inner"

STEEL = {
    15: 21.3, 20: 26.9, 25: 33.7, 32: 42.4, 40: 48.3, 50: 60.3, 65: 76.1, 80: 89.0, 100: 114.3, 125: 141.3,
    150: 168.3, 200: 219.1, 250: 273.1, 300: 325.0, 350: 377.0, 400: 426.0, 450: 480.0, 500: 530.0, 600: 630.0,
    700: 720.0, 800: 820.0, 900: 920.0, 1000: 1020.0, 1200: 1220.0, 1400: 1422.0, 1600: 1626.0, 1800: 1829.0,
    2000: 2032.0,
}  # fmt: skip
IRON = {
    40: 56.0, 50: 66.0, 60: 77.0, 65: 82.0, 75: 93.0, 80: 98.0, 100: 118.0, 125: 144.0, 150: 170.0, 200: 222.0,
    250: 274.0, 300: 326.0, 350: 378.0, 400: 429.0, 450: 480.0, 500: 532.0, 600: 635.0, 700: 738.0, 800: 842.0,
    900: 945.0, 1000: 1048.0, 1100: 1152.0, 1200: 1255.0, 1400: 1462.0, 1500: 1565.0, 1600: 1668.0, 1800: 1875.0,
    2000: 2082.0,
}  # fmt: skip
PE_SERIES = (
    16, 20, 25, 32, 40, 50, 63, 75, 90, 110, 125, 140, 160, 180, 200, 225, 250, 280, 315, 355, 400, 450, 500, 560, 630,
    710, 800,
)  # fmt: skip
THICKEST_PE_SDR = 11
PE = {dn * (THICKEST_PE_SDR - 2) / THICKEST_PE_SDR: float(dn) for dn in PE_SERIES}
"""Each: nominal size or bore -> outside diameter, ascending."""

BEYOND_THE_TABLES = 1.1
"""No pipe larger than the tables is more than a tenth wider than its bore."""
NOMINAL_SIZES = frozenset(STEEL) | frozenset(IRON)
DUCT_RATIO = 4.0
"""108x4 is a diameter and its wall, 100x50 the sides of a section: no wall is a quarter of its pipe."""

_SIZE = r"(\d{1,5}(?:\.\d+)?)"
_WRITTEN = re.compile(rf"(DN|DE|OD|ID|D|Φ|Ø|⌀|外径|内径|公称直径)?=?{_SIZE}(?:[X×*]{_SIZE})?(?:MM)?")
_BASIS = {"DN": NOMINAL, "公称直径": NOMINAL, "ID": INNER, "内径": INNER}


@dataclass(frozen=True, slots=True)
class Size:
    """As written: millimetres, and what they measure."""

    mm: float
    basis: str


def written_size(text: str) -> Size | None:
    """A size with its sign, a wall or two sides; None for anything else, bare numbers among them."""
    match = _WRITTEN.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper())
    if match is None or (match[1] is None and match[3] is None):
        return None
    mm, other = float(match[2]), float(match[3] or 0)
    if match[1] is None and other * DUCT_RATIO > mm:
        return Size((mm**2 + other**2) ** 0.5, OUTSIDE)  # its corners are as far from its axis
    return Size(mm, _BASIS.get(match[1], OUTSIDE))


def outside_mm(size: Size, material: str | None) -> float:
    """The outside diameter, the largest of what the material may be."""
    if size.basis == OUTSIDE:
        return round(size.mm, 6)
    beyond = round(size.mm * BEYOND_THE_TABLES, 6)
    return max(
        next((out for bore, out in table.items() if bore >= size.mm), beyond) for table in _tables(material)
    )


def outside_diameters(
    read: Coded, basis: Coded, material: Coded, *, basis_asked: bool, warnings: Counter[str]
) -> Coded:
    """The column in millimetres outside. read: numbers, Sizes and None.

    A file without a diameter_basis (basis_asked) means outside diameters, as the column's name says.
    """
    if not basis_asked and not any(isinstance(value, Size) for value in read.values):
        return read
    found = combinations([read, basis, material])
    values: list[float | None] = []
    for (size, said, made_of), count in zip(found.rows, found.counts, strict=True):
        if size is None or isinstance(size, Size):
            values.append(None if size is None else outside_mm(size, made_of))
        elif said is not None or not basis_asked:
            values.append(outside_mm(Size(size, said or OUTSIDE), made_of))
        else:
            warnings["diameter_basis_missing"] += count
            # 108 is no nominal size, so it is a diameter; 200 is both.
            values.append(outside_mm(Size(size, NOMINAL if size in NOMINAL_SIZES else OUTSIDE), made_of))
    meant = Coded.of(values)
    return Coded(meant.code[found.of_row], meant.values)


def _tables(material: str | None) -> tuple[dict[Any, float], ...]:
    """Those the material may be made by; all where it does not say."""
    text = (material or "").upper()
    is_pe, is_iron = "PE" in text or "聚乙烯" in text, "铁" in text or "IRON" in text
    is_steel = "钢" in text or "STEEL" in text
    # 3PE is what steel is coated with; 钢骨架聚乙烯 is neither.
    if is_steel and not is_iron and "聚乙烯" not in text and "骨架" not in text:
        return (STEEL,)
    if is_iron and not is_steel:
        return (IRON,)
    if is_pe and not is_steel and not is_iron:
        return (PE,)
    return (STEEL, IRON, PE)

"""Reading one cell: a trade's spelling becomes our word or number, or unknown and a warning, never a guess.

Every reader takes a cell as the file has it and gives (value, what was wrong). Unknown is None.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from typing import Any

from ingest.files.rows import storable
from ingest.networks.depths import BOTTOM, CENTRE, TOP
from ingest.networks.diameters import INNER, NOMINAL, OUTSIDE, written_size
from spatial.columns import Coded
from spatial.words import AssetKind, PipeKind, PressureClass

COLUMNS: Mapping[str, str] = {
    "pressure_class": " | ".join(PressureClass),
    "diameter_mm": "outside diameter, 6 to 3000 mm; or a size with its sign: DN100, De110, D108x4",
    "diameter_basis": f"{OUTSIDE} | {NOMINAL} | {INNER}: what a diameter without a sign measures",
    "cover_m": "ground to pipe (to its top, if cover_to does not say otherwise), above 0 to 30 m",
    "cover_end_m": "the same at the other end of the pipe",
    "cover_to": f"{TOP} | {CENTRE} | {BOTTOM}: to what of the pipe its depths are measured",
    "cover_profiled": "yes | no: its depth was followed along the whole pipe",
    "depth_uncertainty_m": "95 % bound of the depth, above 0 to 100 m",
    "material": "text",
    "status": "text",
    "survey_class": "text",
    "surveyed_on": "a date, YYYY-MM-DD",
    "resurfaced_on": "a date, YYYY-MM-DD: when the road above was last rebuilt",
    "ground_change_m": "how much the ground rose (or sank, below 0) since the survey, -10 to 10 m",
    "laid_on": "a date, YYYY-MM-DD",
    "kind": " | ".join(PipeKind),
    "uncertainty_m": "95 % bound of the plan position, above 0 to 100 m",
    "asset": " | ".join(AssetKind),
    "length_m": "the pipe's length as the source states it, above 0 to 1,000,000 m; only compared with the drawn one",
}
"""Our columns and what they may hold."""

UNITS: Mapping[str, Mapping[str, float]] = {
    "diameter_mm": {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4},
    "pressure_class": {"kPa": 0.001, "bar": 0.1, "MPa": 1.0},
    **{
        name: {"mm": 0.001, "cm": 0.01, "m": 1.0}
        for name in (
            "cover_m",
            "cover_end_m",
            "uncertainty_m",
            "depth_uncertainty_m",
            "ground_change_m",
            "length_m",
        )
    },
}
"""Column -> unit of the file -> factor into ours; a pressure in MPa tells the class."""

DATES = ("laid_on", "surveyed_on", "resurfaced_on")
QUALITY = (
    "survey_class",
    "surveyed_on",
    "uncertainty_m",
    "cover_to",
    "cover_profiled",
    "depth_uncertainty_m",
    "ground_change_m",
    "diameter_basis",
)
"""Columns of which a whole dataset may have one word, for the rows that say nothing of their own."""

SMALLEST_DIAMETER_MM = 6.0
"""No gas pipe is thinner; a smaller number is metres or inches in the wrong column."""
LARGEST_DIAMETER_MM = 3000.0
DEEPEST_COVER_M = 30.0
PLACEHOLDER_COVERS = (9.99, 99.99)
GREATEST_GROUND_CHANGE_M = 10.0
WIDEST_UNCERTAINTY_M = 100.0
LONGEST_PIPE_M = 1e6
EARLIEST_YEAR = 1800
"""Town gas began about then; an earlier date is a placeholder."""

_NOTHING = frozenset(
    "- -- --- — —— / \\ # null (null) <null> none nan n/a na #n/a n.a. nvt n.v.t. k.a. 无 暂无 空 空值".split()
) | {""}
_SAID_UNKNOWN = frozenset(
    "? ?? ??? * unknown unk 未知 未详 未查明 未探明 不详 不明 不清 待查 待定 缺 缺失 无数据 无资料 无记录 onbekend unbekannt".split()
)
"""Somebody looked and does not know: no default of the dataset stands in for that, as it does for a blank."""
STAND_IN_DAYS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1))
"""What an empty cell becomes where a program needs a date: the days its calendar begins with."""

_CLASS_WORDS: Mapping[str, PressureClass] = {
    **{word.replace("-", ""): word for word in PressureClass},
    "低压": PressureClass.LP,
    "中压B": PressureClass.MP_B,
    "中压A": PressureClass.MP_A,
    "次高压B": PressureClass.SHP_B,
    "次高压A": PressureClass.SHP_A,
    "高压B": PressureClass.HP_B,
    "高压A": PressureClass.HP_A,
    "超高压": PressureClass.UHP,
    # A family without its letter is taken as the higher of the two.
    "中压": PressureClass.MP_A,
    "次高压": PressureClass.SHP_A,
    "高压": PressureClass.HP_A,
    "MP": PressureClass.MP_A,
    "SHP": PressureClass.SHP_A,
    "HP": PressureClass.HP_A,
}
_KIND_WORDS: Mapping[str, PipeKind] = {
    **{word.replace("_", ""): word for word in PipeKind},
    "干管": PipeKind.MAIN,
    "市政": PipeKind.MAIN,
    "庭院": PipeKind.COURTYARD,
    "引入": PipeKind.SERVICE,
    "入户": PipeKind.SERVICE,
    "用户": PipeKind.CUSTOMER_OWNED,
}
_ASSET_WORDS: Mapping[str, AssetKind] = {
    **{str(word): word for word in AssetKind},
    "管道": AssetKind.PIPE,
    "管线": AssetKind.PIPE,
    "阀门": AssetKind.VALVE,
    "阀井": AssetKind.VALVE,
    "调压箱": AssetKind.REGULATOR,
    "调压柜": AssetKind.REGULATOR,
    "调压站": AssetKind.REGULATOR,
    "阀门井": AssetKind.VALVE,
    "场站": AssetKind.STATION,
    "门站": AssetKind.STATION,
}

_COVER_WORDS: Mapping[str, str] = {
    **{word: word for word in (TOP, CENTRE, BOTTOM)},
    "center": CENTRE,
    "axis": CENTRE,
    "invert": BOTTOM,
    "管顶": TOP,
    "管中": CENTRE,
    "管中心": CENTRE,
    "管底": BOTTOM,
}
_BASIS_WORDS: Mapping[str, str] = {
    **{word: word for word in (OUTSIDE, NOMINAL, INNER)},
    "外径": OUTSIDE,
    "公称": NOMINAL,
    "公称直径": NOMINAL,
    "DN": NOMINAL,
    "DE": OUTSIDE,
    "内径": INNER,
}
_HIGHEST_MPA: tuple[tuple[float, PressureClass], ...] = (
    (0.2, PressureClass.MP_B),
    (0.4, PressureClass.MP_A),
    (0.8, PressureClass.SHP_B),
    (1.6, PressureClass.SHP_A),
    (2.5, PressureClass.HP_B),
    (4.0, PressureClass.HP_A),
    (math.inf, PressureClass.UHP),
)
"""GB 50028 6.1.6, of design pressures; below 0.01 MPa is LP."""
_PRESSURE = re.compile(r"^(\d+\.?\d*|\.\d+)(MPA|KPA|BAR|PA)$")
_MPA = {"MPA": 1.0, "KPA": 0.001, "BAR": 0.1, "PA": 1e-6}
_YES_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "是", "已探测"), True),
    **dict.fromkeys(("no", "n", "false", "0", "否", "未探测"), False),
}

_DATE = re.compile(
    r"^(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|(\d{2})(\d{2})|年(\d{1,2})月(\d{1,2})日)(?:[T ].*)?$"
)
_YEAR_OR_MONTH = re.compile(r"^(\d{4})(?:年|[-/.年](\d{1,2})月?)?$")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")

Cell = tuple[Any, str | None]
"""(value, None), (None, "missing") or (None, "unusable")."""
MISSING: Cell = (None, "missing")
UNUSABLE: Cell = (None, "unusable")


def read_column(
    name: str,
    cells: Coded,
    *,
    words: Mapping[str, Any],
    unit: str | None,
    on: date,
    warnings: Counter[str],
    default: Any = None,
    unusable: Any = None,
) -> Coded:
    """The column `name` in our words and units; every cell that became unknown is counted in `warnings`.

    words: the map's [values] for it. on: today, for dates that have not come yet. default: our value for a cell
    that says nothing; unusable: what stands for a cell that says something nobody can use.
    """
    read, read_ours = reader(name, unit, on), reader(name, None, on)
    out: list[Any] = []
    for cell, count in zip(cells.values, cells.counts(), strict=True):
        if isinstance(cell, Hashable):
            ours = _translated(cell, words)
            found = read(cell) if ours is None else read_ours(ours)
        else:  # a list or an object in a cell
            found = UNUSABLE
        if found[1] == "missing" and default is not None:
            out.append(default)
            continue
        out.append(unusable if found[1] == "unusable" else found[0])
        if found[1] is not None and count:
            warnings[f"{name}_{found[1]}"] += count
    meant = Coded.of(out)  # spellings of one word are one value from here on
    return Coded(meant.code[cells.code], meant.values)


def reader(name: str, unit: str | None, on: date) -> Callable[[Any], Cell]:
    """The reader of our column `name`."""
    factor = UNITS[name][unit] if unit is not None else 1.0
    readers: Mapping[str, Callable[[Any], Cell]] = {
        "pressure_class": lambda cell: _pressure_class(cell, None if unit is None else factor),
        "kind": lambda cell: _word(cell, _KIND_WORDS, strip="管道线"),
        "asset": lambda cell: _word(cell, _ASSET_WORDS, strip=""),
        "diameter_mm": lambda cell: _diameter(cell, factor),
        "diameter_basis": lambda cell: _word(cell, _BASIS_WORDS, strip=""),
        "cover_m": lambda cell: _number(cell, factor, _is_cover),
        "cover_end_m": lambda cell: _number(cell, factor, _is_cover),
        "cover_to": lambda cell: _word(cell, _COVER_WORDS, strip=""),
        "cover_profiled": _yes_no,
        **{
            name: lambda cell: _number(cell, factor, lambda m: 0.0 < m <= WIDEST_UNCERTAINTY_M)
            for name in ("uncertainty_m", "depth_uncertainty_m")
        },
        "length_m": lambda cell: _number(cell, factor, lambda m: 0.0 < m <= LONGEST_PIPE_M),
        "ground_change_m": lambda cell: _number(cell, factor, _is_ground_change),
        # What is said of a year may be older than any day of it; a road rebuilt in it may be younger than any survey.
        **dict.fromkeys(DATES, lambda cell: _date(cell, on, vague=name != "resurfaced_on")),
    }
    read = readers.get(name, _text)
    return lambda cell: UNUSABLE if _spelled(cell) in _SAID_UNKNOWN else read(cell)


def is_known_word(name: str, value: Any) -> bool:
    """Whether a map file may promise `value` for our column `name`."""
    if isinstance(value, date):
        return name in DATES
    if isinstance(value, bool) and name == "cover_profiled":
        return True
    if isinstance(value, bool | list | dict):
        return False
    return reader(name, None, date.max)(value)[1] is None


def _translated(cell: Any, words: Mapping[str, Any]) -> Any:
    """What the map says a cell means, in our words and units; None when it says nothing."""
    if not words or cell is None:
        return None
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    return words.get(text)


def is_nothing(cell: Any) -> bool:
    """Whether a cell was left empty, in whatever way people do that."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return _spelled(cell) in _NOTHING


def _spelled(cell: Any) -> str | None:
    """Text as one compares it; None for what is none."""
    return unicodedata.normalize("NFKC", cell).strip().lower() if isinstance(cell, str) else None


def _word(cell: Any, words: Mapping[str, Any], strip: str) -> Cell:
    if is_nothing(cell):
        return MISSING
    if not isinstance(cell, str):
        return UNUSABLE
    plain = re.sub(r"[\s_\-()·.]", "", unicodedata.normalize("NFKC", cell))
    for spelled in (plain, plain.upper(), plain.lower(), plain.upper().strip(strip) if strip else plain):
        if spelled in words:
            return words[spelled], None
    return UNUSABLE


def _number(cell: Any, factor: float, believable: Callable[[float], bool]) -> Cell:
    if is_nothing(cell):
        return MISSING
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        if not _NUMBER.match(text):
            return UNUSABLE
        cell = float(text)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or abs(cell) > 1e9:
        return UNUSABLE
    value = round(float(cell) * factor, 6)
    return (value, None) if math.isfinite(value) and believable(value) else UNUSABLE


def _is_cover(metres: float) -> bool:
    return 0.0 < metres <= DEEPEST_COVER_M and not any(
        abs(metres - placeholder) < 1e-6 for placeholder in PLACEHOLDER_COVERS
    )


def _is_diameter(mm: float) -> bool:
    return SMALLEST_DIAMETER_MM <= mm <= LARGEST_DIAMETER_MM


def _diameter(cell: Any, factor: float) -> Cell:
    """Millimetres; or a Size where the cell says what it measures, whatever the unit of bare numbers is."""
    size = written_size(cell) if isinstance(cell, str) else None
    if size is None:
        return _number(cell, factor, _is_diameter)
    return (size, None) if _is_diameter(size.mm) else UNUSABLE


def _pressure_class(cell: Any, factor: float | None) -> Cell:
    """A word, or a pressure with its unit; a bare number only where the unit of the column is stated."""
    if isinstance(cell, str):
        match = _PRESSURE.match(re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).upper())
        if match is not None:
            return _class_of_mpa(float(match[1]) * _MPA[match[2]])
    if factor is not None:
        number = _number(cell, factor, lambda mpa: mpa > 0)
        if number[0] is not None:
            return _class_of_mpa(number[0])
    return _word(cell, _CLASS_WORDS, strip="管道线级燃气")


def _class_of_mpa(mpa: float) -> Cell:
    mpa = round(mpa, 9)
    if mpa <= 0:
        return UNUSABLE
    if mpa < 0.01:
        return PressureClass.LP, None
    return next(found for highest, found in _HIGHEST_MPA if mpa <= highest), None


def _is_ground_change(metres: float) -> bool:
    return abs(metres) <= GREATEST_GROUND_CHANGE_M and not any(
        abs(abs(metres) - placeholder) < 1e-6 for placeholder in PLACEHOLDER_COVERS
    )


def _yes_no(cell: Any) -> Cell:
    if isinstance(cell, bool):
        return cell, None
    if isinstance(cell, int | float) and cell in (0, 1):  # other numbers, however long, are no answer
        cell = f"{cell:.0f}"
    return _word(cell, _YES_WORDS, strip="")


def _date(cell: Any, on: date, vague: bool) -> Cell:
    """vague: of a year or a month the first day is taken."""
    if is_nothing(cell):
        return MISSING
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | date):
        return UNUSABLE
    text = cell.isoformat() if isinstance(cell, date) else str(cell).strip()
    match = _DATE.match(text) or (_YEAR_OR_MONTH.match(text) if vague else None)
    if match is None:
        return UNUSABLE
    year, month, day, *_ = (*(int(part) for part in match.groups() if part is not None), 1, 1)
    try:
        found = date(year, month, day)
    except ValueError:
        return UNUSABLE
    believable = found.year >= EARLIEST_YEAR and found <= on and found not in STAND_IN_DAYS
    return (found, None) if believable else UNUSABLE


def _text(cell: Any) -> Cell:
    if is_nothing(cell):
        return MISSING
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return UNUSABLE
    text = str(cell).strip()
    return (text, None) if len(text) <= 200 and storable(text) else UNUSABLE

"""What the columns of a table of coordinates are: by their headings in one row or two, by their numbers where none say.

Two columns that could be the same thing are never chosen between: whoever sends them keeps one.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.files.sheets import Sheet, cell_text
from ingest.plans.lists.beneath import tells_neighbours, with_units
from ingest.plans.lists.words import MEANT, MEASURES, PLACES, meaning
from ingest.plans.lists.written import coordinate, degrees, number, step_of_degrees
from spatial.errors import Refused

NORTHINGS = (1_900_000.0, 6_200_000.0)
"""Of all of China, 17 to 55 degrees north."""
EASTINGS = ((100_000.0, 900_000.0), (13_000_000.0, 46_000_000.0))
"""Within a zone, and with the zone's number before it."""
LEAST_WHOLE = 100_000.0
"""Numbers of a public system have at least six digits before the point; fewer are a local grid's, or were cut."""
FINE_DEG = 1.1e-5
"""Five decimals of a degree: heights and accuracies have fewer."""
FIRST_ROWS = 20
"""Among these the table begins; what stands above it is its title."""

_ONCE = (*PLACES, *MEASURES, "diameter_m")

_OF_ONE_METRE: Mapping[str, float] = {
    **dict.fromkeys(("M", "米"), 1.0),
    **dict.fromkeys(("DM", "分米"), 10.0),
    **dict.fromkeys(("CM", "厘米"), 100.0),
    **dict.fromkeys(("MM", "毫米"), 1000.0),
    **dict.fromkeys(("KM", "公里", "千米"), 0.001),
}
_FOREIGN = frozenset("FT FEET IN INCH 尺 英尺 寸 英寸 丈 里 英里 万米 百米".split())
_BRACKET = re.compile(r"[(\[【<]([^()\[\]【】<>]*)[)\]】>]")
_SAYS_UNIT = re.compile(r"^单位[:：]?")
_UNIT_ABOVE = re.compile(r"单位[:：=]?\s*\(?\s*(毫米|厘米|分米|公里|千米|mm|cm|dm|km)", re.IGNORECASE)
_ENDS_IN_UNIT = re.compile(r"(.*[^A-Z]|[XY])([DCMK]?M|[分厘毫千]?米|公里)")
_UNIT_OF_TITLE = re.compile(r"[(\[](毫米|厘米|分米|公里|千米|mm|cm|dm|km)[)\]]", re.IGNORECASE)
_CODE = re.compile(r"\d{6}", re.ASCII)
"""The code of what was surveyed, second in the lists of CASS: 131100."""
_FILLERS = re.compile(r"[坐座]标|平面|轴|值")
_LIKE_A_PLACE = re.compile(r"(?=(?:[^\d]*\d){4})[\x21-\x7e°′″'’”]+")
_LETTERS = frozenset("XYLB")


@dataclass(frozen=True, slots=True)
class Table:
    """fields: our name -> column; groups: columns that part the rows; counted: that number them; parts: that may part them, see words;
    letters: L and B beside X and Y; heads: each column's heading; first: the first row of points;
    of_a_metre: field -> how many of its unit come to one metre; width: columns headed, 0 where none is."""

    sheet: Sheet
    fields: Mapping[str, int]
    first: int
    groups: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    parts: tuple[int, ...] = ()
    heads: tuple[str, ...] = ()
    letters: tuple[int, ...] = ()
    of_a_metre: Mapping[str, float] = field(default_factory=dict)
    width: int = 0

    def rows(self) -> list[tuple[int, Sequence[Any]]]:
        """Each row under the headings, with its number."""
        return [*zip(self.sheet.numbers[self.first :], self.sheet.rows[self.first :], strict=True)]

    def value(self, cells: Sequence[Any], name: str) -> Any:
        return cell_at(cells, self.fields.get(name))


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    means: str | None
    units: tuple[str, ...] = ()
    is_letter: bool = False


def cell_at(cells: Sequence[Any], at: int | None) -> Any:
    return None if at is None or at >= len(cells) else cells[at]


def unheaded(table: Table) -> list[int]:
    """The columns within the headings over which nothing stands."""
    known = {*table.fields.values(), *table.groups, *table.counted, *table.parts, *table.letters}
    return [at for at, text in enumerate(table.heads) if not text and at not in known]


def table_of(sheet: Sheet) -> Table | None:
    """The columns by the first row that heads a pair of coordinates; without one, by the first row with two such numbers.

    :raises Refused: columns_twice, unit_unclear.
    """
    sheet = _parted_by_wide_commas(sheet)
    for at in range(min(len(sheet.rows), FIRST_ROWS)):
        headings = _headings(sheet, at)
        if _heads_a_pair({one.means for one in headings}) and not tells_neighbours(sheet.rows[at]):
            sheet = with_units(sheet, at)
            headings = _headings(sheet, at)
            width = max(len(cells) for cells in sheet.rows[max(at - 1, 0) : at + 1])
            return _described(sheet, headings, {}, at, first=at + 1, width=width)
    for at, cells in enumerate(sheet.rows[:FIRST_ROWS]):
        pair = _pair_of_numbers(sheet, at, cells)
        if pair is not None:
            _check_above(sheet, at, pair)
            headings = _headings(sheet, at - 1) if at else []
            own = {"north": pair[0], "east": pair[1]}
            return _described(sheet, headings, own, at - 1, first=at, width=0)
    return None


def looks_like_places(sheet: Sheet) -> bool:
    """Whether a sheet has headings of coordinates, or numbers that could be some, whether or not they can be read."""
    try:
        if table_of(sheet) is not None:
            return True
    except Refused:
        return True
    values = [numbers_of(cells).values() for cells in sheet.rows]
    said = any(_mentions_places(cell) for cells in sheet.rows[:FIRST_ROWS] for cell in cells)
    return any(has_pair(of) or (said and len(of) > 1) for of in values)


def _mentions_places(cell: Any) -> bool:
    text = cell_text(cell).upper() if isinstance(cell, str) else ""
    return len(text) < 12 and ("坐标" in text or text.endswith(("X", "Y")))


def check_single_pair(table: Table) -> None:
    """:raises Refused: columns_twice: beside the columns that are read a row has two more numbers like coordinates."""
    known = {*table.fields.values(), *table.groups, *table.counted, *table.parts}
    for row, cells in table.rows():
        # Fewer letters than these make no northing; most cells of a wide table need no other look.
        long = [
            cell
            for column, cell in enumerate(cells)
            if column not in known and (not isinstance(cell, str) or len(cell) >= 6)
        ]
        beside = numbers_of(long).values()
        if has_pair(beside, large_only=True):
            raise _twice(table.sheet.name, f"row {row}", f"第 {row} 行")


def is_northing(value: float) -> bool:
    return NORTHINGS[0] <= value <= NORTHINGS[1]


def is_easting(value: float) -> bool:
    return any(low <= value <= high for low, high in EASTINGS)


def numbers_of(cells: Sequence[Any]) -> dict[int, float]:
    """Column -> number, of those cells that hold one."""
    found: dict[int, float] = {}
    for column, cell in enumerate(cells):
        if cell is None:
            continue
        value = number(cell)
        if value is None:
            value = degrees(cell)
        if value is not None:
            found[column] = value
    return found


def has_pair(values: Collection[float], large_only: bool = False) -> bool:
    """Whether one of the numbers could be a northing or latitude, and another the easting or longitude to it."""
    if any(map(is_northing, values)) and any(map(is_easting, values)):
        return True
    fine = [value for value in values if not (value * 1e3).is_integer()]
    return not large_only and any(73 <= one <= 136 for one in fine) and any(3 <= one <= 54 for one in fine)


# -- headings


def _heads_a_pair(means: set[str | None]) -> bool:
    return {"north", "east"} <= means or {"lon", "lat"} <= means


def _headings(sheet: Sheet, at: int) -> list[_Heading]:
    """Of a row, and of the row above it where a cell is empty or tells a unit alone."""
    cells, above = sheet.rows[at], sheet.rows[at - 1] if at else ()
    is_headed = sum(cell is not None for cell in above) > 1  # and no title
    found = []
    for column in range(max(len(cells), len(above))):
        own, upper = _heading(cell_at(cells, column)), _heading(cell_at(above, column))
        if own.means is None and upper.means not in (None, *PLACES) and not _says_words(own.text):
            own = _Heading(upper.text, upper.means, own.units or upper.units)
        elif own.means is None and upper.means is None and not own.text and is_headed:
            own = upper
        elif own.means in PLACES and not _known_units(own.units):
            over = next((cell_at(above, to) for to in range(column, -1, -1) if cell_at(above, to)), None)
            if "坐标" in cell_text(over):
                own = _Heading(own.text, own.means, (*own.units, *_heading(over).units), own.is_letter)
        found.append(own)
    if {"north", "east"} <= {one.means for one in found}:
        # Beside X and Y the letters L and B are a length and a width as often as they are degrees.
        found = [_Heading(one.text, "letter") if _is_degrees_letter(one) else one for one in found]
    return found


def _is_degrees_letter(heading: _Heading) -> bool:
    return heading.is_letter and heading.means in ("lon", "lat")


def _says_words(text: str) -> bool:
    return bool(_BRACKET.sub("", text).strip())


def _known_units(units: Sequence[str]) -> list[str]:
    return [unit for unit in units if unit in _OF_ONE_METRE or unit in _FOREIGN]


def _heading(cell: Any) -> _Heading:
    text = cell_text(cell)
    if not isinstance(cell, str) or len(text) > 40:
        return _Heading(text if isinstance(cell, str) else "", None)
    whole = re.sub(r"\s", "", text).upper()
    units = [_SAYS_UNIT.sub("", unit) for unit in _BRACKET.findall(whole)]
    words = _BRACKET.sub("", whole)
    front, slash, last = words.rpartition("/")
    if slash and (last in _OF_ONE_METRE or last in _FOREIGN):
        words, units = front, [*units, last]
    words = re.sub(r"[_\-:.,*/、#]", "", words)
    if meaning(words) is None and (ended := _ENDS_IN_UNIT.fullmatch(words)):
        words, units = ended[1], [*units, ended[2]]
    core = _FILLERS.sub("", words)
    means = meaning(words, core)
    if core in _LETTERS and means in PLACES:
        # X(东): what the bracket says is meant, whatever the letter stands for elsewhere.
        said = {MEANT.get(_FILLERS.sub("", unit)) for unit in units if unit not in _LETTERS}
        means = next((one for one in said if one in PLACES), means)
    return _Heading(text, means, tuple(units), core in ("L", "B") and words == core and not units)


def _described(
    sheet: Sheet,
    headings: Sequence[_Heading],
    own: Mapping[str, int],
    at: int,
    first: int,
    width: int,
) -> Table:
    fields = dict(own)
    of_a_metre: dict[str, float] = {}
    columns: dict[str, list[int]] = {}
    for column, heading in enumerate(headings):
        if heading.means is not None and not (own and heading.means in PLACES) and column not in own.values():
            columns.setdefault(heading.means, []).append(column)
    for name, of in columns.items():
        if name in _ONCE and len(of) > 1:
            told = [headings[column].text for column in of]
            raise _twice(sheet.name, " and ".join(told), "、".join(told))
        if name not in ("group", "part", "number", "letter"):
            fields[name] = of[0]
        if name not in (*MEASURES, "diameter_m", "north", "east"):
            continue
        of_a_metre[name] = _of_a_metre(sheet.name, headings[of[0]], is_measure=name not in PLACES)
    _check_unit_above(sheet, max(at, 0), headings, of_a_metre)
    if (rms := fields.pop("rms", None)) is not None:
        fields.setdefault("accuracy_m", rms)  # of height too, so it is never less
    if "diameter_m" in fields:
        if "radius_m" in fields:
            told = [headings[fields[name]].text for name in ("radius_m", "diameter_m")]
            raise _twice(sheet.name, " and ".join(told), "、".join(told))
        fields["radius_m"] = fields.pop("diameter_m")
        of_a_metre["radius_m"] = 2.0 * of_a_metre.pop("diameter_m")
    return Table(
        sheet,
        fields,
        first,
        groups=tuple(columns.get("group", ())),
        counted=tuple(columns.get("number", ())),
        parts=tuple(columns.get("part", ())),
        heads=tuple(one.text for one in headings) if width else (),
        letters=tuple(columns.get("letter", ())),
        of_a_metre=of_a_metre,
        width=width,
    )


def _of_a_metre(name: str, heading: _Heading, is_measure: bool) -> float:
    known = _known_units(heading.units)
    if len(set(known)) == 1 and known[0] in _OF_ONE_METRE and (len(heading.units) == 1 or not is_measure):
        return _OF_ONE_METRE[known[0]]
    if known or (is_measure and any(heading.units)):
        raise _unit_unclear(name, heading.text)
    return 1.0


def _check_unit_above(
    sheet: Sheet, at: int, headings: Sequence[_Heading], of_a_metre: Mapping[str, float]
) -> None:
    """:raises Refused: a title says 单位：mm, and a heading under it does not say whether that holds for it."""
    silent = [one for one in headings if one.means in of_a_metre and not _known_units(one.units)]
    for cells in sheet.rows[:at]:
        is_title = sum(cell is not None for cell in cells) == 1
        for cell in cells:
            said = _UNIT_ABOVE.search(cell_text(cell)) or (
                is_title and _UNIT_OF_TITLE.search(cell_text(cell))
            )
            if said and (silent or not of_a_metre):
                raise _unit_unclear(sheet.name, said[0])


def _unit_unclear(name: str, said: str) -> Refused:
    return Refused.because(
        "unit_unclear",
        en=f"{name}: '{said[:40]}' does not tell in which unit the numbers are; write the unit alone in the brackets of each "
        "heading, as (m), (cm) or (mm), and nothing else in brackets",
        zh=f"{name}：“{said[:40]}”未说明数值的单位；请在各列表头的括号中只写单位：(m)、(cm) 或 (mm)",
    )


def _twice(name: str, en: str, zh: str) -> Refused:
    return Refused.because(
        "columns_twice",
        en=f"{name} has more than one column or pair of columns for the same thing ({en[:120]}): keep one, in the declared "
        "coordinate system, and delete the others; put tables that stand side by side below each other, with a column 分区; "
        "write degrees, minutes and seconds into one cell as 101°46′12.11″",
        zh=f"{name} 中同一内容有多列或多组坐标（{zh[:120]}）：请只保留所声明坐标系的一组，删除其余列；左右并排的表请改为上下排列，"
        "并加“分区”列；度、分、秒应写在同一单元格，如 101°46′12.11″",
    )


# -- numbers without headings


def _pair_of_numbers(sheet: Sheet, at: int, cells: Sequence[Any]) -> tuple[int, int] | None:
    """The columns of the two coordinates of a row, and only two: not the number of a point, nor a height."""
    values = numbers_of(cells)
    large = {column: value for column, value in values.items() if abs(value) >= LEAST_WHOLE}
    if large:
        coded = 1 in large and _CODE.fullmatch(cell_text(cells[1]))
        drawn = {column: value for column, value in large.items() if column != 1} if coded else large
        large = drawn if len(_kinds(drawn, is_northing, is_easting)) == 2 else large
        tried = [_kinds(large, is_northing, is_easting)]
    else:
        large = {
            column: value for column, value in values.items() if 3 < value < 136 and not value.is_integer()
        }
        fine = {
            column: value for column, value in large.items() if step_of_degrees(cells[column]) <= FINE_DEG
        }
        tried = [_kinds(of, lambda v: 3 <= v <= 54, lambda v: 73 <= v <= 136) for of in (fine, large)]
    if len(large) < 2:
        return None
    for kinds in [[*large]] if len(large) == 2 else tried:
        if len(kinds) == 2:
            return kinds[0], kinds[1]
    if not tried[-1]:
        return None
    row = sheet.numbers[at]
    raise _twice(sheet.name, f"row {row}", f"第 {row} 行")


def _kinds(
    values: Mapping[int, float], is_north: Callable[[float], bool], is_east: Callable[[float], bool]
) -> list[int]:
    """The columns that could be one or the other; none where there are not both."""
    norths, easts = (
        {column for column, value in values.items() if is_a(value)} for is_a in (is_north, is_east)
    )
    return sorted(norths | easts) if norths and easts else []


def _check_above(sheet: Sheet, at: int, columns: Sequence[int]) -> None:
    """:raises Refused: a row above the first that can be read looks like one of points, and no headings tell."""
    for row, cells in zip(sheet.numbers[:at], sheet.rows[:at], strict=True):
        if any(_LIKE_A_PLACE.fullmatch(cell_text(cell_at(cells, column))) for column in columns):
            raise Refused.because(
                "coordinate_unreadable",
                en="this row stands above the first with two numbers for a place, and has something like one: write both "
                "numbers out, or delete the row",
                zh="该行位于第一个可读坐标行之前，内容像坐标但无法识别：请将两个数值写完整，或删除该行",
                pointer=f"row {row}",
            )


def _parted_by_wide_commas(sheet: Sheet) -> Sheet:
    """Rows typed with ， under headings parted by , are parted too, where that gives numbers."""
    if all(len(cells) == 1 for cells in sheet.rows):
        return sheet
    rows = [_parted(cells) for cells in sheet.rows]
    return replace(sheet, rows=rows)


def _parted(cells: Sequence[Any]) -> Sequence[Any]:
    if len(cells) != 1 or not isinstance(cells[0], str) or "，" not in cells[0]:
        return cells
    parts = [part.strip() or None for part in cells[0].split("，")]
    return parts if sum(coordinate(part) is not None for part in parts) >= 2 else cells

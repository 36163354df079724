"""What the headings of a survey table mean. Surveyors name their columns by habit; these are the habits we know.

In surveyors' coordinates X is the northing and Y the easting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.files.sheets import Sheet, heading_of
from ingest.networks.columns import COLUMNS
from ingest.networks.depths import BOTTOM, CENTRE, TOP
from ingest.networks.diameters import INNER, NOMINAL, OUTSIDE

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "point": tuple(
        "物探点号 管线点号 管线点编号 管点编号 管点号 探测点号 测点号 测点编号 外业点号 点号 点编号 本点号 本点点号 唯一点号 "
        "图上点号".split()
    ),
    "from": tuple(
        "起点点号 起点号 起始点号 起点编号 起点管点编号 起点物探点号 起点管线点号 始点号 起点".split()
    ),
    "to": tuple(
        "终点点号 终点号 终止点号 终点编号 终点管点编号 终点物探点号 终点管线点号 末点号 终点".split()
    ),
    "link": tuple(
        "连接点号 连接点 连接管点 连接方向 相连点号 连向点号 上点号 上一点号 上点 下点号 下一点号 下点".split()
    ),
    "north": tuple(
        "X X坐标 坐标X 纵坐标 纵坐标X 平面坐标X 北坐标 北坐标X 纬度 N NORTHING LAT LATITUDE".split()
    ),
    "east": tuple(
        "Y Y坐标 坐标Y 横坐标 横坐标Y 平面坐标Y 东坐标 东坐标Y 经度 E EASTING LON LONGITUDE".split()
    ),
    "ground": tuple("地面高程 地面标高 地面高".split()),
    "class": tuple("管线类别 管线种类 管线代码 管线类码 管线类型 管类 类别 线代码".split()),
    "feature": tuple("特征 管线点特征 点特征 管点特征 特征点".split()),
    "appurtenance": tuple("附属物 附属物名称 附属设施 管线点附属物 管点附属物 附属物特征".split()),
    "material": tuple("材质 管材 管线材质 管道材质 材料 MATERIAL".split()),
    "pressure_class": tuple(
        "压力级别 压力等级 压力级制 设计压力 压力 压力或电压 压力电压 压力值 PRESSURECLASS".split()
    ),
    "status": tuple("使用状态 管线状态 运行状态 使用情况 状态 STATUS".split()),
    "laid_on": tuple(
        "埋设日期 埋设年代 敷设日期 敷设年代 建设日期 建设年代 建成日期 竣工日期 埋设时间 LAIDON".split()
    ),
    "surveyed_on": tuple("探测日期 测量日期 普查日期 SURVEYEDON".split()),
}
"""Field -> headings without blanks and brackets, in capitals. Of several in one table the first here counts."""

DIAMETERS: Mapping[str, str | None] = {
    "外径": OUTSIDE,
    "管道外径": OUTSIDE,
    "管线外径": OUTSIDE,
    "公称直径": NOMINAL,
    "公称管径": NOMINAL,
    "公称口径": NOMINAL,
    "内径": INNER,
    "管道内径": INNER,
    **dict.fromkeys(
        "管径 管径或断面尺寸 管径断面尺寸 断面尺寸 管径或断面 管线规格 管道规格 规格 口径 管线管径".split()
    ),
    "DIAMETERMM": OUTSIDE,
}
DEPTHS: Mapping[str, str | None] = {
    **dict.fromkeys("管顶埋深 外顶埋深 顶埋深 管顶深度 埋深管顶".split(), TOP),
    **dict.fromkeys("管中埋深 中心埋深 管中心埋深 管心埋深".split(), CENTRE),
    **dict.fromkeys("管底埋深 内底埋深 管内底埋深 底埋深".split(), BOTTOM),
    **dict.fromkeys("埋深 管线埋深 管道埋深 埋设深度 深度".split()),
}
ELEVATIONS: Mapping[str, str | None] = {
    **dict.fromkeys("管顶高程 管外顶高程 外顶高程 管顶标高 顶高程".split(), TOP),
    **dict.fromkeys("管中高程 管中心高程 管心高程 中心高程 管中标高 管中心标高".split(), CENTRE),
    **dict.fromkeys("管底高程 管内底高程 内底高程 管底标高 管外底高程 底高程".split(), BOTTOM),
    **dict.fromkeys("管线高程 管道高程 管高程".split()),
}
"""Heading -> to what of the pipe it is measured; None: it does not say."""

START, END, HERE = "start", "end", "here"
_ENDS: Mapping[str, str] = {
    "起点": START,
    "起始点": START,
    "起始": START,
    "终点": END,
    "终止点": END,
    "终止": END,
}
_OF_ENDS: Mapping[str, str | None] = {**ELEVATIONS, "高程": None}
_IN_BRACKETS: Mapping[str, str] = {
    "管顶": TOP,
    "外顶": TOP,
    "管中": CENTRE,
    "管中心": CENTRE,
    "管底": BOTTOM,
    "内底": BOTTOM,
}
UNITS: Mapping[str, str] = {
    "MM": "mm", "毫米": "mm", "CM": "cm", "厘米": "cm", "M": "m", "米": "m", "MPA": "MPa", "KPA": "kPa", "BAR": "bar",
}  # fmt: skip

FURTHEST_HEADING = 12
"""Rows of titles above the headings; more than that is no heading."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of depths, elevations or diameters: where it is, to what it is measured, in which unit if it says so."""

    at: int
    basis: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose headings are known. fields: field or our column -> its column; names: heading as written -> column.

    depths, elevations: START, END or HERE -> where. rows: below the headings.
    """

    sheet: Sheet
    fields: Mapping[str, int]
    names: Mapping[str, int]
    diameter: Measure | None
    pressure_unit: str | None
    depths: Mapping[str, Measure] = field(default_factory=dict)
    elevations: Mapping[str, Measure] = field(default_factory=dict)
    first: int = 0

    @property
    def has_places(self) -> bool:
        return {"point", "north", "east"} <= self.fields.keys()

    @property
    def has_lines(self) -> bool:
        return {"from", "to"} <= self.fields.keys()

    @property
    def has_links(self) -> bool:
        return not self.has_lines and {"point", "link"} <= self.fields.keys()

    @property
    def known(self) -> int:
        """How many headings mean something."""
        return len(self.fields) + len(self.depths) + len(self.elevations) + (self.diameter is not None)

    @property
    def is_survey(self) -> bool:
        return self.has_places or self.has_lines or self.has_links


def table_of(sheet: Sheet) -> Table | None:
    """The sheet as a point or line table; None where no row near its top holds such headings.

    Headings may stand in two rows, the upper one over several columns (平面坐标 over X and Y).
    """
    found: Table | None = None
    for at in range(min(FURTHEST_HEADING, len(sheet.rows))):
        upper = sheet.rows[at]
        below = sheet.rows[at + 1] if at + 1 < len(sheet.rows) else ()
        # Where the lower row is data, it hides headings; so the reading that knows most is the right one.
        for headings, first in ((upper, at + 1), (_over(upper, below), at + 2)):
            table = _table(sheet, headings, first)
            if table.is_survey and (found is None or table.known > found.known):
                found = table
    return found


def headings_read(names: Sequence[str]) -> set[str]:
    """Of the headings of survey tables those that have a meaning here. Of several for one of our columns it is the first."""
    words = {name: heading_of(name)[0] for name in names}
    known = {word for field_, all_of in HEADINGS.items() if field_ not in COLUMNS for word in all_of}
    known |= {*DIAMETERS, *DEPTHS, *ELEVATIONS}
    known |= {
        next((word for word in HEADINGS[ours] if word in words.values()), "")
        for ours in HEADINGS
        if ours in COLUMNS
    }
    return {
        name
        for name, word in words.items()
        if word in known
        or ((ends := end_of(word))[0] != HERE and ends[1] in {*DEPTHS, *_OF_ENDS, *HEADINGS["ground"]})
    }


def _over(upper: Sequence[Any], below: Sequence[Any]) -> list[Any]:
    width = max(len(upper), len(below))
    padded = [[*row, *[None] * (width - len(row))] for row in (upper, below)]
    return [low if low not in (None, "") else high for high, low in zip(*padded, strict=True)]


def _table(sheet: Sheet, headings: Sequence[Any], first: int) -> Table:
    said = [heading_of(cell) for cell in headings]
    words = [word for word, _ in said]
    units = [next((UNITS[note] for note in notes if note in UNITS), None) for _, notes in said]
    fields = {
        name: words.index(found)
        for name, known in HEADINGS.items()
        if (found := next((word for word in known if word in words), None)) is not None
    }
    for name in COLUMNS:  # our own names are known everywhere
        own = name.replace("_", "").upper()
        if own in words:
            fields.setdefault(name, words.index(own))
    depths: dict[str, Measure] = {}
    elevations: dict[str, Measure] = {}
    diameter = None
    for at, (word, notes) in enumerate(said):
        noted = next((_IN_BRACKETS[note] for note in notes if note in _IN_BRACKETS), None)
        end, rest = end_of(word)
        if rest in DEPTHS:
            _keep(depths, end, Measure(at, DEPTHS[rest] or noted, units[at]))
        elif rest in ELEVATIONS or (end != HERE and rest in _OF_ENDS):
            _keep(elevations, end, Measure(at, _OF_ENDS[rest] or noted, units[at]))
        elif end != HERE and rest in HEADINGS["ground"]:
            fields.setdefault(f"ground_{end}", at)
        if word in DIAMETERS and (diameter is None or diameter.basis is None):
            diameter = Measure(at, DIAMETERS[word], units[at])
    names: dict[str, int] = {}
    for at, cell in enumerate(headings):
        if isinstance(cell, str) and cell.strip():
            names.setdefault(cell.strip(), at)
    pressure = fields.get("pressure_class")
    return Table(
        sheet=sheet,
        fields=fields,
        names=names,
        diameter=diameter,
        pressure_unit=None if pressure is None else units[pressure],
        depths=depths,
        elevations=elevations,
        first=first,
    )


def end_of(word: str) -> tuple[str, str]:
    for prefix, end in _ENDS.items():
        if word.startswith(prefix) and len(word) > len(prefix):
            return end, word.removeprefix(prefix)
    return HERE, word


def _keep(found: dict[str, Measure], end: str, measure: Measure) -> None:
    """Of two columns for one end the one that says to what it is measured."""
    if end not in found or (found[end].basis is None and measure.basis is not None):
        found[end] = measure

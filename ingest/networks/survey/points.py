"""The points of survey tables: one place for each number, and what stands there."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.files.rows import id_text
from ingest.files.sheets import cell_text
from ingest.networks.survey.headings import Table
from spatial.words import AssetKind

Cells = Sequence[Any]

GAS = frozenset("RQ TR MQ YH MT TQ YHQ LNG CNG 燃气 天然气 煤气 液化气 液化石油气 人工煤气 沼气".split())
OTHERS = frozenset(
    "JS SS PS YS WS HS FS ZS XF DL GD LD XH DC ZM DX DH TV GB DS JK TX XX RL RS ZQ GY QQ YQ SY YY ZH BM "
    "给水 上水 原水 消防 中水 再生水 排水 雨水 污水 雨污合流 合流 电力 供电 路灯 照明 电车 交通信号 电信 通信 电话 广播 有线电视 "
    "热力 热水 蒸汽 供热 工业 石油 成品油 原油 综合管廊 管廊".split()
)
"""Codes and names of CJJ 61 and its local kin. A class in neither list is taken for gas: unknown widens."""

_PLAIN = re.compile(
    "直线|拐|弯|折|[三四五多]通|变径|变材|变坡|变深|起|终|出地|入地|出土|入土|预留|管帽|堵|封|接头|分支|进户|入户|上杆|下杆|"
    "一般|非普|非测|测区|转|标志|标石|桩|阳极|凝水|抽水|排水|集水|水封|放散|压力表|波|补偿|绝缘|法兰|套管|探测点|管线点|节点|端点"
)
"""What is part of a pipe or marks it, and needs no ground of its own."""
_NOTHING = frozenset({"", "-", "--", "—", "/", "无", "0"})


@dataclass(slots=True)
class Point:
    """places: every (east, north) its rows give. standing: the first row with what stands there. is_gas: by its class,
    or for want of one."""

    places: set[tuple[float, float]] = field(default_factory=set)
    standing: tuple[Table, Cells] | None = None
    rows: list[tuple[Table, Cells]] = field(default_factory=list)
    is_gas: bool = False


def cell_of(table: Table, cells: Cells, name: str) -> Any:
    """What a row has of a field, None where the table or the row has nothing."""
    return cell_at(cells, table.fields.get(name))


def cell_at(cells: Cells, at: int | None) -> Any:
    return None if at is None or at >= len(cells) else cells[at]


def number_of(table: Table, cells: Cells, name: str = "point") -> str | None:
    """A point number, as it is compared: 12 and 12.0 and full-width １２ are one."""
    return id_text(cell_text(cell_of(table, cells, name)))


def points_of(tables: Sequence[Table]) -> dict[str, Point]:
    """All points of the tables that have places, by number."""
    found: dict[str, Point] = {}
    for table in tables:
        if not table.has_places:
            continue
        for cells in table.sheet.rows[table.first :]:
            number = number_of(table, cells)
            if number is None:
                continue
            point = found.setdefault(number, Point())
            place = _coordinate(cell_of(table, cells, "east")), _coordinate(cell_of(table, cells, "north"))
            if place[0] is not None and place[1] is not None:
                point.places.add((place[0], place[1]))
            point.rows.append((table, cells))
            is_gas = not is_other(cell_of(table, cells, "class"))
            point.is_gas |= is_gas
            if point.standing is None and is_gas and what_stands(table, cells) is not None:
                point.standing = (table, cells)
    return found


def what_stands(table: Table, cells: Cells) -> str | None:
    """The kind of a facility at a point, in our word; a word nobody knows as it stands; None where there is none."""
    for name in ("appurtenance", "feature", "asset"):
        word = cell_text(cell_of(table, cells, name))
        known = _facility(word)
        if known is not None:
            return known
        # A feature nobody knows is a bend of some kind; an appurtenance nobody knows may be anything.
        if name == "appurtenance" and word not in _NOTHING and not _PLAIN.search(word):
            return word
    return None


def _facility(word: str) -> str | None:
    if word.lower() in (AssetKind.VALVE, AssetKind.REGULATOR, AssetKind.STATION):
        return word.lower()
    for sign, kind in _FACILITIES.items():
        if sign in word:
            return str(kind)
    return None


_FACILITIES: Mapping[str, AssetKind] = {
    "调压": AssetKind.REGULATOR,
    "阀": AssetKind.VALVE,
    "站": AssetKind.STATION,
    "气柜": AssetKind.STATION,
    "燃气柜": AssetKind.STATION,
    # A shaft on a gas pipe is there for a valve.
    "井": AssetKind.VALVE,
}


def _coordinate(cell: Any) -> float | None:
    """A finite number that is not the 0 of an empty cell."""
    if isinstance(cell, str):
        try:
            cell = float(cell_text(cell))
        except ValueError:
            return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    if abs(cell) > 1e12:
        return None
    value = float(cell)
    return value if math.isfinite(value) and value != 0.0 else None


def is_other(cell: Any) -> bool:
    """Whether a cell of classes names another kind of pipe or cable than gas."""
    text = cell_text(cell).upper()
    return (
        bool(text)
        and text not in GAS
        and (text in OTHERS or text.removesuffix("管线").removesuffix("管道") in OTHERS)
    )

"""Columns of a table of coordinates whose headings are in no list of ours, but whose cells matter."""

import re
from collections.abc import Sequence
from itertools import groupby

from ingest.files.sheets import cell_text
from ingest.plans.lists.headings import Table, cell_at
from ingest.plans.lists.parting import Point, names_shapes
from ingest.plans.lists.written import number
from spatial.errors import Refused

_OF_POINTS = re.compile(
    r"(?:H|Z|.*(?:高程|标高|高|[距长宽深径坡]|边长|状态|解|类型|类别|种类|材质|特征|管材|等级|精度|方位角?|角度|编码|代码)"
    r"|.*(?:日期|时间|TIME|DATE|STATE|STATUS|CODE|ELEV.*|HEIGHT)|界址线.*"
    r"|.*(?:RMS|DOP|SATS?|EPOCHS?|AGE|星数|可见星)|(?:卫星|共用星|差分|延迟|天线|基站|基准站|历元|平滑|截止角|观测|ANT).*)"
    r"(?:[(\[].*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Of each point or side, and of no pit, whichever rows share it."""
_CODE = re.compile(r"\d{6}", re.ASCII)
_TO_A_SHAPE = 2
_LIKE_A_SIZE = re.compile(r"[宽深径]")
_NO_SIZE = re.compile(r"管径|路径|水深|(?:道路|路面|红线|路)宽|深圳")
"""Of the pipe or the ground."""
_LESSER = (
    ("width_m", re.compile(r"底.*宽|(?:平均|最小).*宽")),
    ("depth_m", re.compile(r"[埋覆].*深|(?:平均|最小).*深")),
)
"""What matters no more where the size that reaches farthest is told: how deep the pipe lies, how wide the bottom is."""
_HAS_A_SIZE = re.compile(r"[1-9]", re.ASCII)
_MEANINGLESS = {
    "points": ("width_m", "half_width_m"),
    "line": ("radius_m",),
    "area": ("radius_m", "width_m", "half_width_m"),
}


def check_parts(name: str, table: Table, points: Sequence[Point]) -> None:
    """:raises Refused: coordinates_several: within what is taken for one shape, a column goes from one thing to another."""
    known = {*table.fields.values(), *table.groups, *table.counted, *table.letters}
    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(point.group, []).append(point)
    for column in range(max(len(point.cells) for point in points)):
        if column in known or column in table.parts:
            continue
        head = table.heads[column] if column < len(table.heads) else ""
        if _OF_POINTS.fullmatch(head):
            continue
        for own in groups.values():
            blocks = _blocks([cell_text(cell_at(point.cells, column)) for point in own], bool(table.width))
            if len(blocks) > 1:
                raise _parts(name, head or str(column + 1), own[0].row, blocks)
    for column in filter(lambda at: names_shapes(at, points), table.parts):
        head = table.heads[column] if column < len(table.heads) else ""
        for _, within in groupby(points, key=lambda point: [cell_at(point.cells, at) for at in table.groups]):
            _check_together(name, head, [cell_text(cell_at(point.cells, column)) for point in within])


def check_sizes_said(name: str, table: Table, points: Sequence[Point], shape: str) -> None:
    """:raises Refused: sizes_unclear: a column holds numbers that could be the size of the dig, under a heading that does not
    say which; or the width of a hole, the radius of a trench, any of an area."""
    known = {*table.fields.values(), *table.groups, *table.counted, *table.parts}
    misfits = {table.fields[one] for one in _MEANINGLESS[shape] if one in table.fields}
    if shape == "points" and "radius_m" in table.fields:
        misfits.clear()
    for column, head in enumerate(table.heads):
        unclear = column not in known and _LIKE_A_SIZE.search(head) and not _NO_SIZE.search(head)
        if unclear and any(one in table.fields and lesser.search(head) for one, lesser in _LESSER):
            continue
        said = (cell_text(cell_at(point.cells, column)) for point in points)
        if (column in misfits or unclear) and any(_HAS_A_SIZE.search(one) for one in said):
            raise Refused.because(
                "sizes_unclear",
                en=f"{name}: column {head[:20]} may be a size of the dig, but which cannot be told: head it 深度(m), 宽度(m) (of a "
                "trench) or 半径(m) (of a hole, reaching its corners: half the diagonal), with the greatest value; if it is none of "
                "these, delete the column",
                zh=f"{name}：“{head[:20]}”列可能是开挖尺寸，但含义不明：请将表头改为 深度(m)、宽度(m)（沟槽）或 半径(m)（孔坑，按对角线的一半，覆盖各角），"
                "并填写最大值；如均不是，请删除该列",
            )


def _blocks(said: Sequence[str], is_headed: bool) -> list[str]:
    """What is said by each run of rows that is long enough for a shape; no numbers with decimals. A cell that is empty goes
    on with the one above it, where the first is filled and nothing is said twice."""
    if any(text and not text.isdecimal() and number(text) is not None for text in said):
        return []
    filled = [text for text in said if text]
    if not is_headed and all(_CODE.fullmatch(text) for text in filled):
        return []
    if filled and said[0] and len(filled) < len(said) and len(set(filled)) == len(filled):
        last, on = "", []
        for text in said:
            last = text or last
            on.append(last)
        said = on
    runs = [(text, len([*run])) for text, run in groupby(said)]
    return [text for text, count in runs if text and count >= _TO_A_SHAPE]


def _check_together(name: str, head: str, said: Sequence[str]) -> None:
    filled = [text for text in said if text]
    runs = [text for text, _ in groupby(filled)]
    if len(set(filled)) < len(filled) and len(set(runs)) < len(runs):
        back = next(text for at, text in enumerate(runs) if text in runs[:at])
        raise Refused.because(
            "coordinates_several",
            en=f"{name}: in column {head[:20]} the rows of {back[:20]} do not stand together: put the rows of each pit or trench "
            "below each other; if the column does not name pits or trenches, delete it",
            zh=f"{name}：“{head[:20]}”列中 {back[:20]} 的各行不相连：请将同一基坑或沟槽的行排在一起；如该列不是基坑或沟槽的名称，请删除该列",
        )


def _parts(name: str, head: str, row: int, blocks: Sequence[str]) -> Refused:
    return Refused.because(
        "coordinates_several",
        en=f"{name}: column {head[:20]} says {blocks[0][:20]} of some rows and {blocks[1][:20]} of others, as if they were several "
        "pits or trenches: if they are, head the column 分区; if all is one, delete the column",
        zh=f"{name}：“{head[:20]}”列中有的行为 {blocks[0][:20]}、有的行为 {blocks[1][:20]}，像是多个基坑或多条沟槽：如是，请将该列表头改为“分区”；"
        "如为同一个，请删除该列",
    )

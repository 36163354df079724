"""Whether the rows of one shape stand in the order in which its points follow each other."""

import re
from collections.abc import Sequence

from ingest.files.sheets import cell_text
from ingest.plans.lists.headings import Table, cell_at
from ingest.plans.lists.parting import Point
from spatial.errors import Refused

_LEADS_TO = re.compile(
    r"(?:连接|相连|上游|下游|上|下|起始|终止|起|终|止|前|后)(?:管|物探)?[点井](?:点?[编序]?号|名)?|连向|连接|连接方向|去向|FROM|TO",
    re.IGNORECASE,
)
"""Headings over the number of another point, to which a pipe goes on."""
_SERIES = re.compile(r"([^+]*?)(\d{1,9})", re.ASCII)


def check_order(name: str, table: Table, points: Sequence[Point], shape: str) -> None:
    """:raises Refused: points_connected, points_out_of_order."""
    groups: dict[str, list[Point]] = {}
    for point in points:
        groups.setdefault(point.group, []).append(point)
    leads = [at for at, head in enumerate(table.heads) if _LEADS_TO.fullmatch(re.sub(r"[\s_]", "", head))]
    for own in groups.values():
        if shape == "line":
            for column in leads:
                _check_connected(name, table.heads[column], column, own)
        for at in range(len(own[0].numbers)):
            _check_sorted(name, [point.numbers[at] for point in own], is_ring=shape == "area")


def _check_connected(name: str, head: str, column: int, own: Sequence[Point]) -> None:
    for at, point in enumerate(own):
        said = cell_text(cell_at(point.cells, column))
        near = {number for one in own[max(at - 1, 0) : at + 2] for number in one.numbers}
        if said and said not in near:
            raise Refused.because(
                "points_connected",
                en=f"{name}: row {point.row} leads to {said[:20]} (column {head[:20]}), which is not the point above or below it: "
                "give each trench as rows that follow each other, with a column 管段 that names the trench, and delete that column",
                zh=f"{name}：第 {point.row} 行（“{head[:20]}”列）连接 {said[:20]}，而该点不在其上一行或下一行：请将每条沟槽的点按顺序连续排列，"
                "增加“管段”列注明沟槽，并删除该列",
            )


def _check_sorted(name: str, numbers: Sequence[str], is_ring: bool) -> None:
    """J1, J10, J11, J2 is the order of letters, as programs sort text, and no way round a pit or along a trench."""
    parts = [_SERIES.fullmatch(one) for one in numbers]
    keys = [(one[1], int(one[2])) for one in parts if one is not None]
    if len(keys) < max(len(numbers), 3) or list(numbers) != sorted(numbers) or keys == sorted(keys):
        return
    first = keys.index(min(keys))
    if is_ring and [*keys[first:], *keys[:first]] == sorted(keys):
        return
    raise Refused.because(
        "points_out_of_order",
        en=f"{name}: the point numbers are sorted as text ({', '.join(numbers[:4])}), and the points would be joined in that order: "
        "sort the rows in the order in which the points follow each other",
        zh=f"{name}：点号按文本排序（{'、'.join(numbers[:4])}），各点会按此顺序连线：请按点的实际先后顺序（数字顺序）重新排列各行",
    )

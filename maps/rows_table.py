"""Rows of a register for the terminal: datasets, revisions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from maps.plain import plain
from spatial.errors import Language

HEADINGS: Mapping[str, tuple[str, str]] = {
    "utility": ("企业", "utility"),
    "dataset": ("数据集", "dataset"),
    "revision": ("版本", "revision"),
    "data_date": ("资料日期", "data date"),
    "assets": ("管道和设施", "assets"),
    "length_m": ("长度 m", "length m"),
    "rejected": ("拒绝", "rejected"),
    "depth_known": ("已知埋深", "depth known"),
    "read_as": ("读取方式", "read with"),
    "row": ("行", "row"),
    "id": ("编号", "id"),
    "code": ("代码", "code"),
    "reason": ("原因和处理", "why, and what to do"),
    "to_mend": ("更正方式", "to be mended by"),
    "kind": ("变更", "change"),
    "committed_at": ("提交时间", "committed at"),
    "added": ("新增", "added"),
    "closed": ("关闭", "closed"),
    "layer": ("图层", "layer"),
    "type": ("类型", "type"),
    "state": ("处理", "what becomes of it"),
    "count": ("个数", "how many"),
}

KINDS: Mapping[str, tuple[str, str]] = {
    "utility": ("燃气企业", "utility"),
    "network": ("管网导入", "network import"),
    "rollback": ("回滚", "rollback"),
    "service_area": ("服务范围", "service area"),
    "coverage": ("资料完整范围", "coverage"),
    "blank": ("资料空白", "blank"),
}
"""What a revision changed."""


def rows_table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], language: Language
) -> RenderableType:
    """The named columns of the rows; numbers to the right, foreign text as text."""
    which = 0 if language == "zh" else 1
    rows = list(rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        numeric = any(isinstance(row[name], int | float) for row in rows)
        table.add_column(HEADINGS[name][which], justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(_told(name, row[name], which))) for name in columns))
    return table


def _told(name: str, value: Any, which: int) -> str:
    if value is None:
        return ""
    if name == "kind" and value in KINDS:
        return KINDS[value][which]
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S %z}"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)

"""Named facts, one a line, for the terminal: what `status` and `inspect` tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from maps.plain import plain
from spatial.errors import Language

NAMES: Mapping[str, tuple[str, str]] = {
    "schema": ("数据库结构", "schema"),
    "revision": ("登记册版本", "register revision"),
    "utilities": ("燃气企业", "utilities"),
    "assets": ("管道和设施", "pipes and facilities"),
    "permits": ("许可", "permits"),
    "screenings": ("判断", "screenings"),
    "jobs": ("任务", "jobs"),
    "oldest_job": ("最早未完成的任务", "oldest job left"),
    "received": ("收到", "received"),
    "accepted": ("接受", "accepted"),
    "rejected": ("拒绝", "rejected"),
    "warnings": ("注意", "warnings"),
    "crs": ("坐标系", "CRS"),
    "operation": ("坐标转换", "operation"),
    "operation_accuracy_m": ("转换精度 m", "its accuracy, m"),
    "bounds": ("范围 西 南 东 北", "west south east north"),
    "kinds": ("种类", "kinds"),
    "pressure_classes": ("压力级别", "pressure classes"),
    "sources": ("文件", "files"),
    "name": ("名称", "name"),
    "phone": ("电话", "phone"),
    "duty_phone": ("值班电话", "duty phone"),
    "register_revision": ("登记册版本", "register revision"),
    "pipes": ("管道", "pipes"),
    "length_m": ("长度 m", "length, m"),
    "service_area_km2": ("服务范围 km²", "service area, km2"),
    "survey_classes": ("测量类别", "survey classes"),
    "unknown": ("未知（按长度）", "unknown, by length"),
    "coverage": ("资料完整范围", "complete"),
    "blanks": ("缺少资料的地块", "known to be missing"),
    "pressure_class": ("压力级别", "pressure class"),
    "diameter_mm": ("管径", "diameter"),
    "cover_m": ("埋深", "depth"),
    "material": ("材质", "material"),
    "decade": ("敷设日期", "date laid"),
    "survey_class": ("测量类别", "survey class"),
    "pipe_kind": ("管道种类", "kind of pipe"),
}


def facts_table(facts: Mapping[str, Any], language: Language) -> RenderableType:
    """Facts under their names in the reader's language; a fact without a name keeps its key."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in facts.items():
        zh, en = NAMES.get(key, (key, key))
        table.add_row(zh if language == "zh" else en, Text(plain(_told(value))))
    return table


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(one)}" for key, one in value.items()) or "–"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_told, value)) or "–"
    return "–" if value is None else str(value)

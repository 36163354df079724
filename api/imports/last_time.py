"""How a dataset was read when it was last imported whole: its next file is read alike, unless somebody says how."""

from collections.abc import Mapping
from typing import Any

from api.register import NetworkSource
from sql.vault import Vault

Remark = tuple[str, str]
"""A sentence in Chinese and in English."""


def options_of(read_as: Mapping[str, Any]) -> str:
    """How a dataset was read, as the options say it, but for its CRS; empty where nobody said anything."""
    said = []
    if read_as.get("id_field"):
        said.append(f"--id-field {read_as['id_field']}")
    if read_as.get("map") is not None:
        said.append("--map")
    said += [f"--layer {name}" for name in read_as.get("layers", ())]
    if read_as.get("units"):
        said.append(f"--units {read_as['units']}")
    return " ".join(said)


def read_last_time(vault: Vault, utility: str, dataset: str) -> Mapping[str, Any]:
    """Empty where nobody knows."""
    standing = (row for row in vault.datasets() if (row["utility"], row["dataset"]) == (utility, dataset))
    return next((row["read_as"] for row in standing if row["read_as"]), {})


def as_last_time(source: NetworkSource, kept: Mapping[str, Any]) -> tuple[NetworkSource, list[Remark]]:
    """Who says nothing of how to read the files has them read as those before, and is told; who says anything says all.

    The CRS is never taken over: the next file may be in another, and nothing in it would show.
    """
    said, remarks = options_of(kept), []
    if kept and source.crs is None:
        remarks.append(
            (
                f"该数据集上次申明的坐标系是 {kept['crs']}；如本次文件也用该坐标系，请写明 --crs {kept['crs']}",
                f"this dataset was last declared {kept['crs']}; if these files are in it too, say so: --crs {kept['crs']}",
            )
        )
    if not said:
        return source, remarks
    if not source.described():
        remarks.append(
            (
                f"按该数据集上次的方式读取：{said}（写出其中任一选项，则只按所写的读取）",
                f"read as this dataset was last time: {said} (give any of these options, and only what you give counts)",
            )
        )
        return source.read_like(kept), remarks
    if kept["id_field"] and not source.id_field:
        remarks.append(
            (
                f"上次以 --id-field {kept['id_field']} 读取，本次没有稳定编号：各行按内容比对",
                f"last time it was read with --id-field {kept['id_field']}; without it rows are told by their contents",
            )
        )
    return source, remarks


def utility_created(code: str) -> Remark:
    return (
        f"{code} 原先未登记，已新建；请用 predig utility set 补充名称和电话",
        f"utility {code} was unknown and has been created; give it a name and phones with `predig utility set`",
    )


def area_undeclared(code: str) -> Remark:
    return (
        f"{code} 未申明服务范围，其管道可能在任何地方；申明之前任何作业都不会得到“未发现”的答复："
        "predig coverage set FILE --service-area",
        f"{code} has no service area, so its pipes may be anywhere: until it declares one "
        "(`predig coverage set FILE --service-area`) no dig is answered `clear`",
    )

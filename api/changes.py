"""A change set beside the dataset it changes: every id must stand, or not stand, as the change says.

Whole or not at all: one id that does not fit means that the file was made against another state of the dataset, and then
nobody knows which of its other rows fit either.
"""

from collections.abc import Iterable

from spatial.comparing.changes import Standing
from spatial.errors import Faults, told
from spatial.values import ChangeSet
from sql.errors import refused
from sql.vault import Vault


def check_dataset(standing: Standing | None) -> Standing:
    """:raises Refused: `changes_without_ids`, where none stands or its rows have no stable ids."""
    if standing is None or not standing.stable_ids:
        raise refused("changes_without_ids")
    return standing


def check_ids(
    vault: Vault, changes: ChangeSet, standing: Standing, same: Iterable[str], *, utility: str, dataset: str
) -> tuple[str, ...]:
    """The ids to be removed that were removed before: then what the file says is so already.

    standing: the whole dataset; same: ids of rows of the file that stand as they are, which may be new once more. A rejected
    row counts as standing for whoever changes or removes it.
    :raises Refused: `change_adds_standing`, `change_of_unknown`, `change_removes_unknown`, all ids at once.
    """
    there = set(standing.source_id)
    known = there | {row.source_id for row in vault.rejected(utility, dataset) if row.replaceable}
    unfit = there - set(same)
    twice = [name for name in changes.added if name in unfit]
    unknown = [name for name in changes.changed if name not in known]
    absent = [name for name in changes.removed if name not in known]
    gone = vault.stood_once(utility, dataset, absent) if absent else frozenset()
    never = [name for name in absent if name not in gone]
    faults = Faults()
    if twice:
        en, zh = told(twice)
        faults.add(
            "change_adds_standing",
            en=f"{len(twice)} rows are said to be new, and {dataset} has their ids already with other contents: {en}. "
            "Say that they are changed, or give them ids of their own",
            zh=f"有 {len(twice)} 行标为新增，但 {dataset} 中已有相同编号而内容不同：{zh}。请改标为修改，或使用新的编号",
        )
    if unknown:
        en, zh = told(unknown)
        faults.add(
            "change_of_unknown",
            en=f"{len(unknown)} rows are said to be changed, and {dataset} has none of these ids: {en}. Look whether the "
            "id column is the one the dataset was imported with, and whether an earlier change set is missing",
            zh=f"有 {len(unknown)} 行标为修改，但 {dataset} 中没有这些编号：{zh}。请核对编号列是否与导入该数据集时一致，以及是否漏导了更早的变更",
        )
    if never:
        en, zh = told(never)
        faults.add(
            "change_removes_unknown",
            en=f"{len(never)} rows are to be removed, and {dataset} never had these ids: {en}. Look whether the id column "
            "is the one the dataset was imported with",
            zh=f"有 {len(never)} 行标为删除，但 {dataset} 从未有过这些编号：{zh}。请核对编号列是否与导入该数据集时一致",
        )
    faults.raise_if_any()
    return tuple(name for name in absent if name in gone)

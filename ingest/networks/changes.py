"""Change sets: files that hold only rows that are new, changed or gone, each with a word that says which.

Nothing is guessed: a row that says nothing, or something else, refuses the file, and so does an id that is missing or
stands twice, since nobody could tell what was meant to stand afterwards.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ingest.files.rows import ID, Rows, id_text
from spatial.columns import Coded
from spatial.errors import Faults, Refused, told
from spatial.values import ChangeSet

CHANGE = "@change"
"""Under this name the column travels beside ours, whatever the file calls it."""
REMOVED = "row_removed"
"""In the place of a fault: the row is no asset, and nothing is wrong with it."""

ADDED_WORDS = ("A", "ADD", "ADDED", "NEW", "INSERT", "新增", "增加", "添加", "新建")
CHANGED_WORDS = ("M", "MODIFY", "MODIFIED", "CHANGE", "CHANGED", "UPDATE", "UPDATED", "修改", "变更", "更新")
REMOVED_WORDS = ("D", "DEL", "DELETE", "DELETED", "REMOVE", "REMOVED", "删除", "移除", "拆除", "废除")
"""Not 废弃, 停用, 报废 and the like: such a pipe may still lie in the ground, full. It is a change of its status."""

_MEANT: Mapping[str, int] = {
    word: meant for meant, words in enumerate((ADDED_WORDS, CHANGED_WORDS, REMOVED_WORDS)) for word in words
}


def read_changes(rows: Rows) -> ChangeSet:
    """What each row says of its id; rows that go are marked REMOVED and lose their place, which nobody has to know.

    rows: with the columns ID and CHANGE.
    :raises Refused: change_unknown, change_without_id, change_twice, all at once.
    """
    column = rows.columns[CHANGE]
    meant = column.map(_meaning)
    names = list(rows.columns.get(ID, Coded.all_alike(None, len(rows))).map(id_text))
    _check(column, list(meant), names)
    kinds = np.fromiter(meant, np.int64, len(rows))
    removed = kinds == 2
    rows.fault[removed] = REMOVED
    rows.geometry[removed] = None
    rows.bounds[removed] = np.nan
    return ChangeSet(
        *(tuple(str(names[row]) for row in np.flatnonzero(kinds == kind).tolist()) for kind in range(3))
    )


def _meaning(cell: Any) -> int | None:
    if not isinstance(cell, str):
        return None
    return _MEANT.get(unicodedata.normalize("NFKC", cell).strip().upper())


def _check(column: Coded, meant: Sequence[int | None], names: Sequence[str | None]) -> None:
    faults = Faults()
    unknown = [row for row, kind in enumerate(meant) if kind is None]
    if unknown:
        rows_en, rows_zh = told([str(row + 1) for row in unknown])
        said = {repr(column[row])[:40] for row in unknown if column[row] not in (None, "")}
        words_en = f" (they say {', '.join(sorted(said)[:10])})" if said else ""
        words_zh = f"（其中写的是 {'、'.join(sorted(said)[:10])}）" if said else ""
        faults.add(
            "change_unknown",
            en=f"{len(unknown)} rows do not say whether they are new, changed or gone{words_en}: rows {rows_en}. Use "
            f"{', '.join(ADDED_WORDS)} for new, {', '.join(CHANGED_WORDS)} for changed, {', '.join(REMOVED_WORDS)} for "
            "gone; a pipe out of use that still lies in the ground is changed, not gone",
            zh=f"有 {len(unknown)} 行未说明是新增、修改还是删除{words_zh}：第 {rows_zh} 行。新增可写 {'、'.join(ADDED_WORDS)}；"
            f"修改可写 {'、'.join(CHANGED_WORDS)}；删除可写 {'、'.join(REMOVED_WORDS)}；停用但仍埋在地下的管道属于修改，不是删除",
        )
    nameless = [str(row + 1) for row, name in enumerate(names) if name is None]
    if nameless:
        rows_en, rows_zh = told(nameless)
        faults.add(
            "change_without_id",
            en=f"{len(nameless)} rows have no id, so nobody can tell which pipe they are of: rows {rows_en}; fill in "
            "the ids and run this again",
            zh=f"有 {len(nameless)} 行没有编号，无法确定是哪条管道：第 {rows_zh} 行；请补填编号后重新运行",
        )
    twice = [name for name, times in Counter(names).items() if times > 1 and name is not None]
    if twice:
        ids_en, ids_zh = told(twice)
        faults.add(
            "change_twice",
            en=f"{len(twice)} ids stand in more than one row, so nobody can tell what is to stand: {ids_en}; keep the "
            "last change of each, and run this again",
            zh=f"有 {len(twice)} 个编号出现在多行中，无法确定以哪一行为准：{ids_zh}；请每个编号只保留最后一次变更后重新运行",
        )
    faults.raise_if_any()


def check_asked(change_field: str | None, id_field: str | None) -> None:
    """:raises Refused: `changes_without_id_field`."""
    if change_field is not None and id_field is None:
        raise Refused.because(
            "changes_without_id_field",
            en="a change set tells rows by their ids: name the column of the utility's own, stable ids with --id-field",
            zh="变更文件按编号识别各行：请用 --id-field 指明企业自己的稳定编号所在的列",
        )

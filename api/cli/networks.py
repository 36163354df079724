"""Commands about what the register holds of networks: datasets, revisions, rejected rows, how files were read."""

import csv
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from api.cli.grammar import whole_number
from api.cli.output import Output, write_file
from api.cli.register import pending_permits, tell_pending
from api.imports.last_time import options_of
from api.settings import Settings
from api.wiring import open_vault
from ingest import reason_text
from maps.plain import plain
from maps.rows_table import rows_table
from spatial.errors import Refused
from sql.errors import refused
from sql.vault import RejectedRecord, RevisionRecord, Vault

DATASET_COLUMNS = ("utility", "dataset", "revision", "data_date", "assets", "length_m", "rejected", "read_as")
REVISION_COLUMNS = (
    "revision",
    "kind",
    "utility",
    "dataset",
    "committed_at",
    "added",
    "closed",
    "rejected",
)


def network_mapping(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network mapping: how a dataset was read when it was last imported whole, the map as its file was."""
    with open_vault(settings) as vault:
        datasets = vault.datasets()
    asked = (arguments.utility, arguments.dataset)
    row = next((row for row in datasets if (row["utility"], row["dataset"]) == asked), None)
    if row is None:
        raise Refused.because(
            "dataset_unknown",
            en=f"{asked[0]} has no dataset {asked[1]!r}: see `predig network list`",
            zh=f"{asked[0]} 没有数据集 {asked[1]!r}：请用 predig network list 查看",
        )
    kept = row["read_as"]
    if kept is None:
        raise Refused.because(
            "mapping_not_kept",
            en="this dataset was imported before it was kept how files are read: import it once more with its map",
            zh="该数据集导入时尚未记录读取方式：请带映射文件再导入一次",
        )
    text = kept["map"] or ""
    if arguments.out is not None:
        write_file(arguments.out, text)
    output.note(
        f"读取方式：--crs {kept['crs']} {options_of(kept)}",
        f"read with: --crs {kept['crs']} {options_of(kept)}",
    )
    record = {"utility": asked[0], "dataset": asked[1], "revision": row["revision"], **kept}
    output.record(record, text if arguments.out is None else str(arguments.out))


REJECTED_COLUMNS = ("row", "id", "code", "reason", "to_mend", "west", "south", "east", "north")


def network_rejected(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network rejected: the rows of a dataset that nobody could read, as of a revision, as a list to work from.

    No shapes and no attributes: what the file held of them is not kept, since coordinates that came back would have lost
    the doubt of where they came from. They are mended in their source.
    """
    number = whole_number(arguments.revision, "REVISION")
    with open_vault(settings) as vault:
        revisions = vault.revisions()
        revision = next((row for row in revisions if row.revision == number), None)
        if revision is None:
            raise refused("revision_unknown")
        if revision.dataset is None:
            raise Refused.because(
                "revision_without_rows",
                en=f"revision {number} is no import of a network, so no row was rejected: pick one from `predig network list`",
                zh=f"版本 {number} 不是管网导入，没有被拒绝的行：请从 predig network list 中选择",
            )
        found = vault.rejected(revision.utility, revision.dataset, number)
        unlisted = _unlisted(vault, revisions, revision)
    lines = [_rejected_line(row, output) for row in found]
    if arguments.out is not None:
        write_file(arguments.out, _csv(lines))
    output.note(
        f"{revision.utility}/{revision.dataset}：版本 {number} 时有 {len(found)} 行未能接收；请在源数据中更正，再以变更文件"
        "（--changes）或整体重新导入",
        f"{revision.utility}/{revision.dataset}: as of revision {number} {len(found)} rows could not be taken; mend them in "
        "their source and bring them as a change set (--changes) or with the next whole import",
    )
    if unlisted:
        output.note(
            f"注意：另有 {unlisted} 行在开始保存被拒绝的行之前被拒绝，无法列出，其地块仍按“无法读取”处理；重新整体导入即可列出",
            f"note: {unlisted} more were rejected before such rows were kept: they cannot be listed, and their ground stays "
            "unreadable; import the whole dataset again to see them",
        )
    if arguments.out is not None:
        output.record(
            {"revision": number, "rows": len(found), "unlisted": unlisted, "path": str(arguments.out)},
            str(arguments.out),
        )
        return
    if output.as_json:
        for line in lines:
            output.record(line, "")
        return
    output.record({}, rows_table(lines, REJECTED_COLUMNS[:5], output.language))


def _unlisted(vault: Vault, revisions: Sequence[RevisionRecord], revision: RevisionRecord) -> int:
    """How many rows were rejected before their rows were kept: a change set never settles one of them."""
    whole = next(
        row
        for row in revisions
        if row.revision <= revision.revision
        and (row.utility, row.dataset) == (revision.utility, revision.dataset)
        and "change_set" not in row.summary
    )
    return whole.rejected - len(vault.rejected(whole.utility, str(whole.dataset), whole.revision))


_TO_MEND = {
    True: ("变更文件或整体导入", "change set or whole import"),
    False: ("整体导入", "whole import"),
}
"""Whether a valid row of the same id may stand in its place."""


def _rejected_line(row: RejectedRecord, output: Output) -> dict[str, Any]:
    box = [None] * 4 if row.box is None else [round(edge, 7) for edge in row.box]
    en, zh = reason_text(row.code)
    return {
        "row": row.number,
        "id": row.source_id,
        "code": row.code,
        "replaceable": row.replaceable,
        "reason": output.both(zh, en),
        "to_mend": output.both(*_TO_MEND[row.replaceable]),
        **dict(zip(("west", "south", "east", "north"), box, strict=True)),
    }


def _csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """With a mark in front by which spreadsheets know UTF-8, and no cell that one would take for a formula."""
    text = StringIO()
    sheet = csv.DictWriter(text, REJECTED_COLUMNS, extrasaction="ignore")
    sheet.writeheader()
    for line in lines:
        name = line["id"]
        harmless = f"'{name}" if name and name[0] in "=+-@\t" else name
        sheet.writerow({**line, "id": harmless})
    return "\ufeff" + text.getvalue()


def network_list(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network list: datasets, then revisions, newest first."""
    with open_vault(settings) as vault:
        datasets, revisions = vault.datasets(), vault.revisions()
    if output.as_json:
        for row in datasets:
            output.record({"dataset": row}, "")
        for revision in revisions:
            output.record(
                {
                    "revision": revision.revision,
                    "kind": revision.kind,
                    "utility": revision.utility,
                    "dataset": revision.dataset,
                    "committed_at": revision.committed_at.isoformat(),
                    "added": revision.added,
                    "closed": revision.closed,
                    "rejected": revision.rejected,
                },
                "",
            )
        return
    shown = [{**row, "read_as": options_of(row["read_as"] or {})} for row in datasets]
    output.record({}, rows_table(shown, DATASET_COLUMNS, output.language))
    output.record({}, rows_table(map(asdict, revisions), REVISION_COLUMNS, output.language))


def network_rollback(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network rollback."""
    revision = whole_number(arguments.revision, "REVISION")
    with open_vault(settings) as vault:
        report = vault.roll_back(revision)
        pending = pending_permits(report.revision, vault)
    tell_pending(pending, output)
    output.note(
        f"注意：{report.utility} 在该次导入期间申明的资料完整范围已一并撤回；如仍成立，请用 predig coverage set 重新申明",
        f"note: coverages {report.utility} declared since that import are taken back too; "
        "declare them again with `predig coverage set` if they still hold",
    )
    record = {
        "utility": report.utility,
        "dataset": report.dataset,
        "revision": report.revision,
        "rolled_back": revision,
        "added": report.added,
        "closed": report.closed,
        "unchanged": report.unchanged,
        "pending_permits": pending,
    }
    output.record(
        record,
        plain(
            output.both(
                f"{report.utility}/{report.dataset} 已恢复到版本 {revision} 之前，新版本 {report.revision}",
                f"{report.utility}/{report.dataset} is as it was before revision {revision}; "
                f"this is revision {report.revision}",
            )
        ),
    )

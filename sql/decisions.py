"""What both vaults decide alike about a declaration or an import: pure, so that neither has a say of its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spatial.asset_table import AssetTable
from spatial.errors import Refused
from spatial.values import NetworkIntake, RejectedRow
from spatial.words import GroundKind
from sql import rows
from sql.records import GroundDeclaration, RejectedRecord


def check_declaration(declaration: GroundDeclaration, utility: str) -> None:
    """:raises Refused: a coverage that says neither of what nor of when, or ground of somebody else."""
    if declaration.utility != utility:
        raise Refused.because(
            "ground_of_another",
            en=f"this ground is declared for {declaration.utility}, the network is of {utility}: use one code",
            zh=f"该范围属于 {declaration.utility}，而管网属于 {utility}：请使用同一企业代码",
        )
    if declaration.ground is GroundKind.COVERAGE and not declaration.pipe_kinds:
        raise Refused.because(
            "coverage_of_what",
            en="a coverage says for which kinds of pipe the register is complete: name them with --kind, or all",
            zh="声明覆盖范围须说明适用的管道类别：请用 --kind 指定，或 all",
        )
    if declaration.ground is GroundKind.COVERAGE and declaration.as_of is None:
        raise Refused.because(
            "coverage_of_when",
            en="a coverage holds as of a date: give it with --as-of",
            zh="覆盖范围须注明截止日期：请用 --as-of 给出",
        )


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What an import does to the rejected rows of its dataset.

    gone: those that stand no longer. fresh: those that stand from now on, each with the ground it leaves unreadable, None
    where nobody knows its place. ground: what is to be said of unreadable ground: by a whole import all of it, by a change
    set what it adds. boxless: rows without a place that nobody has confirmed, of the whole dataset afterwards. differs: this
    alone makes the import a change.
    """

    gone: tuple[RejectedRecord, ...]
    fresh: tuple[tuple[RejectedRow, dict[str, Any] | None], ...]
    ground: Sequence[dict[str, Any]]
    boxless: int
    differs: bool


def quarantine_after(
    intake: NetworkIntake,
    standing: Sequence[RejectedRecord],
    *,
    rejected_before: int,
    boxless_before: int,
    confirmed: int,
) -> Quarantine:
    """An import replaces all rejected rows; a change set those that may be, by a valid row or the removal of their id.

    standing: the rejected rows of the dataset; rejected_before, boxless_before: how many it says it has, and of them
    without a place that nobody confirmed. confirmed: how many rows without a place are confirmed now; any more stay in
    doubt, so that a number given once does not cover the next file.
    """
    whole = intake.changes is None
    settled = set() if whole else {*AssetTable.of(intake.assets).source_id, *intake.removed}
    staying = [row for row in standing if not (row.replaceable and row.source_id in settled)]
    waiting: dict[tuple[Any, ...], list[RejectedRecord]] = defaultdict(list)
    for record in reversed(staying):
        waiting[record.source_id, record.code, record.replaceable, record.ground_digest].append(record)
    ground_of_all = rows.unreadable_rows(intake.rejected)
    left = iter(ground_of_all)
    fresh = []
    for row in intake.rejected:
        ground = None if row.box is None else next(left)
        same = waiting[row.source_id, row.code, row.replaceable, ground["digest"] if ground else None]
        if same:
            same.pop()
        else:
            fresh.append((row, ground))
    boxless_fresh = sum(ground is None for _, ground in fresh)
    if whole:
        gone = [record for records in waiting.values() for record in records]
        boxless = sum(row.box is None for row in intake.rejected) - confirmed
        differs = any(row.replaceable for row in (*gone, *(row for row, _ in fresh)))
    else:
        stay = {record.rejected_id for record in staying}
        gone = [record for record in standing if record.rejected_id not in stay]
        # Of a dataset older than the keeping of rejected rows nobody knows which are settled.
        kept = sum(record.box is None for record in staying)
        known = len(standing) == rejected_before
        boxless = (min(boxless_before, kept) if known else boxless_before) + boxless_fresh - confirmed
        differs = bool(gone or fresh)
    added = [ground for _, ground in fresh if ground is not None]
    return Quarantine(tuple(gone), tuple(fresh), ground_of_all if whole else added, max(0, boxless), differs)

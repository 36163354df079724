"""A dataset's quality: of a revision, from what the vault keeps; of a file, from what was read of it."""

from collections.abc import Iterator, Mapping, Sequence

from shapely.geometry.base import BaseGeometry

from api.guard import Comparison
from api.quality.findings import Findings, findings_of, parse_findings
from api.settings import CHINA_TIME
from ingest import Check, check_assets, reason_text, refused_rows, unknown_of, warning_text
from maps.quality.view import QualityView, ToldCheck, ToldRow
from spatial.asset_table import AssetTable
from spatial.errors import Refused
from spatial.inventory.figures import figures_of
from spatial.values import NetworkIntake, RejectedRow, Utility
from sql.vault import DatasetRecord, RevisionRecord, Vault

NOTHING_KEPT = Findings((), {}, None)
TOLD_AS_UNKNOWN = frozenset(("pressure_class_missing", "diameter_mm_missing", "cover_m_missing"))
"""Warnings of empty cells that unknown_of() counts together with those that could not be read."""


def revision_report(vault: Vault, revision: int, *, most_assets: int | None = None) -> QualityView:
    """The dataset as revision `revision` left it. most_assets: None takes any, however long it lasts.

    :raises Refused: `revision_unknown`, `revision_not_network`; `dataset_gone`: a roll-back took it away;
        `report_too_large`.
    """
    record = next((one for one in vault.revisions() if one.revision == revision), None)
    if record is None:
        raise Refused.because(
            "revision_unknown",
            en=f"there is no register revision {revision}: `predig network list` shows them",
            zh=f"没有登记册版本 {revision}：用 predig network list 查看",
        )
    if record.dataset is None:
        raise Refused.because(
            "revision_not_network",
            en=f"revision {revision} is no import of a network: `predig network list` shows which are",
            zh=f"版本 {revision} 不是管网导入：用 predig network list 查看",
        )
    stood = {row.dataset: row for row in vault.dataset_records(record.utility, revision)}
    if record.dataset not in stood:
        raise Refused.because(
            "dataset_gone",
            en=f"revision {revision} took {record.dataset} away, so there is nothing to report: name an earlier one",
            zh=f"版本 {revision} 撤销了 {record.dataset}，没有可报告的内容：请改用更早的版本",
        )
    dataset = stood[record.dataset]
    if most_assets is not None and dataset.assets > most_assets:
        raise Refused.because(
            "report_too_large",
            en=f"{record.dataset} has {dataset.assets:,} rows, more than a page is drawn of while somebody waits: use "
            f"`predig network report {revision}`",
            zh=f"{record.dataset} 有 {dataset.assets:,} 行，网页来不及绘制：请用 predig network report {revision}",
        )
    # A change set leaves those of the last whole import standing, which are about other rows.
    known = dataset.findings is not None and not record.summary.get("change_set")
    findings = parse_findings(dataset.findings) if known and dataset.findings else NOTHING_KEPT
    rejected = tuple(
        RejectedRow(row.number, row.source_id, row.code, *reason_text(row.code), row.box)
        for row in vault.rejected(record.utility, record.dataset, revision)
    )
    assets = vault.dataset_assets(record.utility, record.dataset, revision)
    area = vault.service_area(record.utility, revision)
    names = {utility.code: utility for utility in vault.utilities()}
    return QualityView(
        utility=record.utility,
        utility_name=names.get(record.utility, Utility(record.utility, record.utility)).name,
        dataset=record.dataset,
        kind=record.kind,
        revision=revision,
        committed_on=record.committed_at.astimezone(CHINA_TIME).date(),
        data_date=dataset.data_date,
        # Of the dataset as it stands, so that it always comes out even.
        received=len(assets) + dataset.rejected,
        rejected=dataset.rejected,
        changes=_changes(record, dataset, findings),
        crs=dataset.crs,
        operation=dataset.operation,
        operation_accuracy_m=dataset.operation_accuracy_m,
        sources=tuple(dataset.sources),
        checks=_checks(dataset.rejected, rejected, dataset.warnings, findings, assets, area),
        rejected_rows=_rows(rejected),
        complete=dataset.findings is not None,
        served=area is not None,
        assets=assets,
        figures=figures_of(assets),
    )


def file_report(
    intake: NetworkIntake,
    *,
    utility: str,
    utility_name: str,
    dataset: str,
    area: BaseGeometry | None,
    comparison: Comparison | None,
) -> QualityView:
    """Of files that nothing was stored of. utility: "" where nobody said."""
    findings = findings_of(intake, comparison)
    assets = AssetTable.of(intake.assets)
    return QualityView(
        utility=utility,
        utility_name=utility_name,
        dataset=dataset,
        kind="file",
        revision=None,
        committed_on=None,
        data_date=None,
        received=intake.received,
        rejected=len(intake.rejected),
        changes=None if findings.changes is None else _told(findings.changes),
        crs=intake.crs,
        operation=intake.operation,
        operation_accuracy_m=intake.operation_accuracy_m,
        sources=intake.sources,
        checks=_checks(len(intake.rejected), intake.rejected, intake.warnings, findings, assets, area),
        rejected_rows=_rows(intake.rejected),
        complete=True,
        served=area is not None,
        assets=assets,
        figures=figures_of(assets),
    )


def _changes(record: RevisionRecord, dataset: DatasetRecord, findings: Findings) -> dict[str, int]:
    """Of an import what it was compared with; of a roll-back only what it closed and opened."""
    if record.kind == "network" and findings.changes is not None:
        return _told(findings.changes)
    return {"added": record.added, "closed": record.closed, "unchanged": record.summary["unchanged"]}


def _told(changes: Mapping[str, int]) -> dict[str, int]:
    return {name: changes[name] for name in ("added", "changed", "removed", "unchanged")}


def _checks(
    rejected: int,
    kept: Sequence[RejectedRow],
    warnings: Mapping[str, int],
    findings: Findings,
    assets: AssetTable,
    area: BaseGeometry | None,
) -> tuple[ToldCheck, ...]:
    """Errors first; then what looks wrong, what the file said that nobody could use, and what nobody knows."""
    return (
        *map(_of_check, refused_rows(kept)),
        *_not_kept(rejected, len(kept)),
        *map(_of_check, (*findings.lengths, *check_assets(assets, area))),
        *_of_warnings(warnings, findings.odd_cells),
        # An unknown pipe is drawn as one; a mark on each would cover the map.
        *(_of_check(check, marked=False) for check in unknown_of(assets)),
    )


def _not_kept(rejected: int, kept: int) -> Iterator[ToldCheck]:
    if rejected > kept:
        says = (
            "rows were rejected of which the reason is not kept one by one: see the import's own answer",
            "行被拒绝，其原因未逐行保存：见导入时的答复",
        )
        yield ToldCheck("rejected_not_kept", "error", rejected - kept, says, (), ())


def _of_check(check: Check, *, marked: bool = True) -> ToldCheck:
    return ToldCheck(
        check.code,
        check.severity,
        check.count,
        (check.en, check.zh),
        check.examples,
        check.places if marked else (),
    )


def _of_warnings(
    warnings: Mapping[str, int], odd_cells: Mapping[str, Sequence[tuple[str, str]]]
) -> Iterator[ToldCheck]:
    for code, count in warnings.items():
        if code not in TOLD_AS_UNKNOWN:
            examples = [f"{row}: {cell}" for row, cell in odd_cells.get(code, ())]
            # `survey_class_unknown` of the file is a word the rules do not know; unknown_of()'s is no word at all.
            name = "survey_class_not_in_rules" if code == "survey_class_unknown" else code
            yield ToldCheck(name, "warning", count, warning_text(code), examples, ())


def _rows(rejected: Sequence[RejectedRow]) -> tuple[ToldRow, ...]:
    return tuple(ToldRow(row.number, row.source_id, row.code, (row.en, row.zh), row.box) for row in rejected)

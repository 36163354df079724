"""`predig network import`: what it brings, what it would change, what waits for somebody's word."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from api.cli.output import Output
from api.cli.quality import report_import
from api.cli.register import pending_permits, source_of, tell_checks, tell_intake, tell_pending
from api.grids.registry import crs_named
from api.guard import Comparison, Confirmed, check_comparison
from api.imports.last_time import Remark, area_undeclared, as_last_time, read_last_time, utility_created
from api.register import Imported, coverage_wish, import_network, service_area
from api.settings import Settings, today
from api.wiring import open_vault
from ingest import Check, check_intake, load_profile
from maps.plain import plain
from spatial.errors import told
from spatial.values import NetworkIntake


def network_import(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network import."""
    profile, _ = load_profile(arguments.profile)
    dataset = arguments.dataset or arguments.files[0].stem
    confirmed = Confirmed(arguments.confirm_loss, arguments.confirm_shift)
    with (
        open_vault(settings) as vault,
        output.progress("读入管网", "reading the network") as progress,
    ):
        source = replace(
            source_of(arguments, crs_named(vault, settings, arguments.crs)), change_field=arguments.changes
        )
        source, remarks = as_last_time(source, read_last_time(vault, arguments.utility, dataset))
        for remark in remarks:
            _note(remark, output)
        done = import_network(
            vault,
            source,
            utility=arguments.utility,
            dataset=dataset,
            coverage=coverage_wish(arguments.coverage, arguments.max_age_days),
            confirmed_rejected=arguments.confirm_rejected,
            confirmed=confirmed,
            dry_run=arguments.dry_run,
            extent=settings.extent,
            profile=profile,
            on=today(),
            progress=progress,
        )
        report = done.report
        if report is None:
            area = service_area(vault, arguments.utility)
            checks = check_intake(done.intake, area)
            report_import(arguments, vault, done, dataset, area, settings, output)
            return _tell_dry_run(done, checks, arguments.utility, dataset, confirmed, output)
        declared = any(
            row.utility == report.utility and row.kind == "service_area" for row in vault.revisions()
        )
        pending = pending_permits(report.revision, vault)
        report_import(arguments, vault, done, dataset, None, settings, output)
    if report.utility_created:
        _note(utility_created(report.utility), output)
    if not declared:
        _note(area_undeclared(report.utility), output)
    intake = done.intake
    tell_intake(intake, output)
    _tell_comparison(done.comparison, output)
    tell_pending(pending, output)
    record = {
        "utility": report.utility,
        "dataset": report.dataset,
        "revision": report.revision,
        "received": report.received,
        "accepted": len(intake.assets),
        "rejected": report.rejected,
        "added": report.added,
        "closed": report.closed,
        "unchanged": report.unchanged,
        "warnings": dict(intake.warnings),
        "operation": intake.operation,
        "operation_accuracy_m": intake.operation_accuracy_m,
        "changes": done.comparison.document(listed=False),
        "pending_permits": pending,
    } | _of_changes(intake)
    removed_zh, removed_en = _removed(intake)
    output.record(
        record,
        plain(
            output.both(
                f"{report.utility}/{report.dataset}：收到 {report.received}，接受 {len(intake.assets)}，{removed_zh}"
                f"拒绝 {report.rejected}；新增 {report.added}，关闭 {report.closed}，未变 {report.unchanged}；"
                f"版本 {report.revision or '（无变化）'}",
                f"{report.utility}/{report.dataset}: received {report.received}, accepted {len(intake.assets)}, {removed_en}"
                f"rejected {report.rejected}; added {report.added}, closed {report.closed}, "
                f"unchanged {report.unchanged}; revision {report.revision or '(nothing changed)'}",
            )
        ),
    )


def _note(remark: Remark, output: Output) -> None:
    zh, en = remark
    output.note(f"注意：{zh}", f"note: {en}")


def _of_changes(intake: NetworkIntake) -> dict[str, Any]:
    """What a change set has besides: received = accepted + to_remove + rejected."""
    return {} if intake.changes is None else {"change_set": True, "to_remove": len(intake.removed)}


def _removed(intake: NetworkIntake) -> tuple[str, str]:
    count = len(intake.removed)
    return ("", "") if intake.changes is None else (f"删除 {count}，", f"to be removed {count}, ")


MOST_IDS_TOLD = 20


def _tell_dry_run(
    done: Imported,
    checks: Sequence[Check],
    utility: str,
    dataset: str,
    confirmed: Confirmed,
    output: Output,
) -> None:
    """All but the commit. :raises Refused: what would stop it, after what it would do is told."""
    intake, comparison = done.intake, done.comparison
    tell_intake(intake, output)
    tell_checks(checks, output)
    _tell_comparison(comparison, output)
    record = {
        "dry_run": True,
        "utility": utility,
        "dataset": dataset,
        "received": intake.received,
        "accepted": len(intake.assets),
        "rejected": len(intake.rejected),
        "warnings": dict(intake.warnings),
        "checks": [check.document() for check in checks],
        "changes": comparison.document(listed=True),
    } | _of_changes(intake)
    removed_zh, removed_en = _removed(intake)
    lines = [
        output.both(
            f"{utility}/{dataset}（未存储）：收到 {intake.received}，接受 {len(intake.assets)}，{removed_zh}"
            f"拒绝 {len(intake.rejected)}；未变 {comparison.unchanged}；管道 {comparison.length_before_m:,.1f} 米 → "
            f"{comparison.length_after_m:,.1f} 米",
            f"{utility}/{dataset} (nothing stored): received {intake.received}, accepted {len(intake.assets)}, {removed_en}"
            f"rejected {len(intake.rejected)}; unchanged {comparison.unchanged}; pipe "
            f"{comparison.length_before_m:,.1f} m -> {comparison.length_after_m:,.1f} m",
        ),
        *_listed_ids(output.both("新增", "added"), comparison.added, output),
        *_listed_ids(output.both("改变", "changed"), comparison.changed, output),
        *_listed_ids(output.both("移除", "removed"), comparison.removed, output),
    ]
    output.record(record, "\n".join(lines))
    check_comparison(comparison, confirmed, dataset=dataset)


def _tell_comparison(comparison: Comparison, output: Output) -> None:
    """What was removed before, and what is drawn twice: how many, and the first twenty one by one."""
    if comparison.gone_already:
        ids_en, ids_zh = told(comparison.gone_already)
        count = len(comparison.gone_already)
        output.note(
            f"注意：要删除的 {count} 个编号此前已删除，无需再动：{ids_zh}",
            f"note: {count} ids to be removed were removed before, so nothing is left to do: {ids_en}",
        )
    doubles = comparison.doubles
    if not doubles.found:
        return
    count = len(doubles.found)
    output.note(
        f"注意：所查看的 {doubles.looked_at} 行中，{count} 行（{comparison.doubled_m:,.1f} 米）大部分长度在 2 米内与"
        "其他数据集的管道重合，可能是同一条：两者都保留",
        f"note: of {doubles.looked_at} rows looked at, {count} ({comparison.doubled_m:,.1f} m) lie within 2 m of pipes of "
        "another dataset along most of their length and may be the same: both are kept",
    )
    for row in doubles.found[:MOST_IDS_TOLD]:
        name, other = comparison.names[row.row], f"{row.utility}/{row.dataset}/{row.source_id}"
        output.note(
            f"重合：{name} 与 {other}，{row.metres:.1f} 米", f"twice: {name} and {other}, {row.metres:.1f} m"
        )


def _listed_ids(what: str, names: Sequence[str], output: Output) -> Iterator[str]:
    """One line with the first twenty."""
    first = ", ".join(plain(name) for name in names[:MOST_IDS_TOLD])
    rest = len(names) - MOST_IDS_TOLD
    more = output.both(f" ……另有 {rest}", f" ... and {rest} more") if rest > 0 else ""
    yield f"{what} {len(names)}" + (f": {first}{more}" if names else "")

"""Commands about utilities, networks and ground."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from api.cli.grammar import whole_number
from api.cli.grids import crs_of
from api.cli.output import Output
from api.cli.proposing import propose
from api.grids.registry import crs_named
from api.guard import Comparison, Confirmed, check_comparison
from api.register import (
    CoverageWish,
    Imported,
    NetworkSource,
    check_utility,
    declare_ground,
    import_network,
    read_source,
    service_area,
    summary,
)
from api.settings import Settings, today
from api.wiring import open_vault
from ingest import Check, Reading, check_intake, drawing_contents, load_profile, read_mapping, warning_text
from maps.facts_table import facts_table
from maps.plain import plain
from maps.rows_table import rows_table
from spatial.crs import Grid
from spatial.errors import Refused
from spatial.saying.texts import word
from spatial.values import NetworkIntake, Utility
from spatial.words import GroundKind, PipeKind
from sql.vault import Vault

DRAWING_COLUMNS = ("layer", "type", "state", "count")
DATASET_COLUMNS = ("utility", "dataset", "revision", "data_date", "assets", "length_m", "rejected")
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


def utility_set(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig utility set."""
    utility = Utility(arguments.code, arguments.name, arguments.phone, arguments.duty)
    check_utility(utility)
    with open_vault(settings) as vault:
        revision = vault.set_utility(utility)
    sentence = output.both(
        f"{utility.code} {utility.name} 已登记", f"{utility.code} {utility.name} is registered"
    )
    output.record({"utility": utility.code, "name": utility.name, "revision": revision}, plain(sentence))


def utility_list(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig utility list."""
    with open_vault(settings) as vault:
        utilities = vault.utilities()
    for row in utilities:
        record = {"code": row.code, "name": row.name, "phone": row.phone, "duty_phone": row.duty_phone}
        output.record(record, plain(f"{row.code}  {row.name}  {row.phone or '-'}  {row.duty_phone or '-'}"))


def network_import(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network import."""
    profile, _ = load_profile(arguments.profile)
    dataset = arguments.dataset or arguments.files[0].stem
    confirmed = Confirmed(arguments.confirm_loss, arguments.confirm_shift)
    with (
        open_vault(settings) as vault,
        output.progress("读入管网", "reading the network") as progress,
    ):
        source = _source(arguments, crs_named(vault, settings, arguments.crs))
        done = import_network(
            vault,
            source,
            utility=arguments.utility,
            dataset=dataset,
            coverage=_coverage_wish(arguments),
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
            return _tell_dry_run(done, checks, arguments.utility, dataset, confirmed, output)
        declared = any(
            row.utility == report.utility and row.kind == "service_area" for row in vault.revisions()
        )
        pending = _pending(report.revision, vault)
    if report.utility_created:
        output.note(
            f"注意：{report.utility} 原先未登记，已新建；请用 predig utility set 补充名称和电话",
            f"note: utility {report.utility} was unknown and has been created; "
            "give it a name and phones with `predig utility set`",
        )
    if not declared:
        output.note(
            f"注意：{report.utility} 未申明服务范围，其管道可能在任何地方；申明之前任何作业都不会得到“未发现”的答复："
            "predig coverage set FILE --service-area",
            f"note: {report.utility} has no service area, so its pipes may be anywhere: until it declares one "
            "(`predig coverage set FILE --service-area`) no dig is answered `clear`",
        )
    intake = done.intake
    _tell_intake(intake, output)
    _tell_doubled(done.comparison, output)
    _tell_pending(pending, output)
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
    }
    output.record(
        record,
        plain(
            output.both(
                f"{report.utility}/{report.dataset}：收到 {report.received}，接受 {len(intake.assets)}，"
                f"拒绝 {report.rejected}；新增 {report.added}，关闭 {report.closed}，未变 {report.unchanged}；"
                f"版本 {report.revision or '（无变化）'}",
                f"{report.utility}/{report.dataset}: received {report.received}, accepted {len(intake.assets)}, "
                f"rejected {report.rejected}; added {report.added}, closed {report.closed}, "
                f"unchanged {report.unchanged}; revision {report.revision or '(nothing changed)'}",
            )
        ),
    )


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
    _tell_intake(intake, output)
    _tell_checks(checks, output)
    _tell_doubled(comparison, output)
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
    }
    lines = [
        output.both(
            f"{utility}/{dataset}（未存储）：收到 {intake.received}，接受 {len(intake.assets)}，"
            f"拒绝 {len(intake.rejected)}；未变 {comparison.unchanged}；管道 {comparison.length_before_m:,.1f} 米 → "
            f"{comparison.length_after_m:,.1f} 米",
            f"{utility}/{dataset} (nothing stored): received {intake.received}, accepted {len(intake.assets)}, "
            f"rejected {len(intake.rejected)}; unchanged {comparison.unchanged}; pipe "
            f"{comparison.length_before_m:,.1f} m -> {comparison.length_after_m:,.1f} m",
        ),
        *_listed_ids(output.both("新增", "added"), comparison.added, output),
        *_listed_ids(output.both("改变", "changed"), comparison.changed, output),
        *_listed_ids(output.both("移除", "removed"), comparison.removed, output),
    ]
    output.record(record, "\n".join(lines))
    check_comparison(comparison, confirmed, dataset=dataset)


def _tell_checks(checks: Sequence[Check], output: Output) -> None:
    """What looks wrong and is taken; what is rejected is told row by row."""
    for check in checks:
        if check.severity == "warning":
            names = "、".join(check.examples), ", ".join(check.examples)
            output.note(
                f"检查：{check.count} {check.zh}，例如 {names[0]}",
                f"check: {check.count} {check.en}, for example {names[1]}",
            )


def _tell_doubled(comparison: Comparison, output: Output) -> None:
    """How many, and the first twenty one by one."""
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
    told = ", ".join(plain(name) for name in names[:MOST_IDS_TOLD])
    rest = len(names) - MOST_IDS_TOLD
    more = output.both(f" ……另有 {rest}", f" ... and {rest} more") if rest > 0 else ""
    yield f"{what} {len(names)}" + (f": {told}{more}" if names else "")


def network_inspect(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network inspect: reads as an import would, stores nothing, needs no database but for a registered grid.

    Of drawings it tells what is in them first, and no more where no layer was chosen. With --propose it writes a map
    first, and goes on with that where a CRS is given.
    """
    source = _source(arguments, crs_of(arguments, settings))
    drawings = [file for file in source.files if file.suffix.lower() == ".dxf"]
    for file in drawings:
        _tell_drawing(file, source, output)
    if drawings and not source.reading.layers:
        output.note(
            "注意：请用 --layer 选择管线所在图层（可重复），再查看或导入",
            "note: choose the layers of the pipes with --layer (it may be repeated), then look again or import",
        )
        return
    if arguments.propose:
        source = replace(source, mapping=propose(source, arguments.propose, output))
        if source.crs is None:
            return
    profile, _ = load_profile(arguments.profile)
    with output.progress("读入管网", "reading the network") as progress:
        intake = read_source(source, extent=settings.extent, profile=profile, on=today(), progress=progress)
    checks = check_intake(intake)
    _tell_intake(intake, output)
    _tell_checks(checks, output)
    record = summary(intake) | {"checks": [check.document() for check in checks]}
    drawn = {key: value for key, value in record.items() if key not in ("warnings", "checks")}
    drawn["rejected"] = len(intake.rejected)
    drawn["sources"] = [source["name"] for source in record["sources"]]
    output.record(record, facts_table(drawn, output.language))


def _tell_drawing(file: Path, source: NetworkSource, output: Output) -> None:
    encoding = source.mapping.encoding if source.mapping else None
    contents = drawing_contents(file, replace(source.reading, encoding=encoding))
    chosen = source.reading.layers
    rows = [
        {
            "layer": layer,
            "type": kind,
            "state": "other_layer" if state == "readable" and chosen and layer not in chosen else state,
            "count": count,
        }
        for (layer, kind, state), count in contents.tally.items()
    ]
    record = {"drawing": file.name, "units": contents.units, "entities": rows}
    said = [{**row, "state": output.both(*DRAWING_STATES[str(row["state"])])} for row in rows]
    units = contents.units or output.both("未写明，须用 --units 给出", "not stated: give --units")
    output.record(record, plain(output.both(f"{file.name}：坐标单位 {units}", f"{file.name}: units {units}")))
    if not output.as_json:
        output.record({}, rows_table(said, DRAWING_COLUMNS, output.language))


DRAWING_STATES = {
    "readable": ("读取", "read"),
    "other_layer": ("不在所选图层，略去", "left out: another layer"),
    "annotation": ("文字或标注，略去", "left out: writing, measures or pictures"),
    "on_paper": ("图纸空间，略去", "left out: on a sheet"),
    "unreadable": ("无法读取", "cannot be read"),
}


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
    output.record({}, rows_table(datasets, DATASET_COLUMNS, output.language))
    output.record({}, rows_table(map(asdict, revisions), REVISION_COLUMNS, output.language))


def network_rollback(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network rollback."""
    revision = whole_number(arguments.revision, "REVISION")
    with open_vault(settings) as vault:
        report = vault.roll_back(revision)
        pending = _pending(report.revision, vault)
    _tell_pending(pending, output)
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


def coverage_set(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig coverage set."""
    ground = GroundKind.COVERAGE
    if arguments.service_area:
        ground = GroundKind.SERVICE_AREA
    elif arguments.blank:
        ground = GroundKind.BLANK
    asked = arguments.kind or ["all"]
    kinds = tuple(PipeKind) if "all" in asked else tuple(kind for kind in PipeKind if kind.value in asked)
    with open_vault(settings) as vault:
        revision = declare_ground(
            vault,
            arguments.file,
            utility=arguments.utility,
            crs=crs_named(vault, settings, arguments.crs),
            ground=ground,
            pipe_kinds=kinds,
            as_of=arguments.as_of,
            max_age_days=arguments.max_age_days,
            extent=settings.extent,
            on=today(),
        )
        pending = _pending(revision, vault)
    _tell_pending(pending, output)
    if ground is GroundKind.COVERAGE and arguments.max_age_days is None:
        output.note(
            "注意：未给出 --max-age-days，资料时限未承诺，此处不会得到“未发现”的答复",
            "note: without --max-age-days nobody has promised how old the data may get: it cannot support `clear`",
        )
    record = {"utility": arguments.utility, "ground": ground.value, "revision": revision}
    record["pending_permits"] = pending
    told = word("ground", ground, output.language)
    if ground is GroundKind.COVERAGE:
        record["kinds"] = [kind.value for kind in kinds]
    output.record(
        record,
        plain(
            output.both(
                f"{arguments.utility} 的{told}已登记，版本 {revision}",
                f"the {told} of {arguments.utility} is declared, revision {revision}",
            )
        ),
    )


def _pending(revision: int | None, vault: Vault) -> int:
    """How many open permits a change of the register made pending."""
    return 0 if revision is None else len(vault.stale_permits(revision))


def _tell_pending(permits: int, output: Output) -> None:
    if permits:
        output.note(
            f"注意：{permits} 个未结许可受此变更影响，现为待判定；请运行 predig work",
            f"note: open permits touched by this change and pending now: {permits}; run `predig work`",
        )


def _source(arguments: Namespace, crs: str | Grid | None) -> NetworkSource:
    return NetworkSource(
        files=tuple(arguments.files),
        crs=crs,
        id_field=arguments.id_field,
        mapping=read_mapping(arguments.map) if arguments.map else None,
        reading=Reading(
            layers=tuple(arguments.layer or ()),
            units=arguments.units,
            confirmed_unreadable=arguments.confirm_unreadable,
        ),
    )


def _coverage_wish(arguments: Namespace) -> CoverageWish | None:
    text = arguments.coverage
    if text is None:
        return None
    if not text.startswith("hull:"):
        return CoverageWish(Path(text), None, arguments.max_age_days)
    try:
        metres = float(text.removeprefix("hull:"))
    except ValueError:
        metres = float("nan")
    if not 0 < metres <= 10_000:
        raise Refused.because(
            "hull_unreadable",
            en=f"--coverage {text}: give metres between 0 and 10000, for example hull:50",
            zh=f"--coverage {text}：请填写 0 到 10000 之间的米数，例如 hull:50",
        )
    return CoverageWish(None, metres, arguments.max_age_days)


MOST_REJECTED_TOLD = 20


def _tell_intake(intake: NetworkIntake, output: Output) -> None:
    """Warnings counted, rejected rows one by one (the first twenty)."""
    for code, count in sorted(intake.warnings.items()):
        english, chinese = warning_text(code)
        output.note(f"注意：{count} {chinese}", f"note: {count} {english}")
    for row in intake.rejected[:MOST_REJECTED_TOLD]:
        name = row.source_id or ""
        output.note(
            f"拒绝：第 {row.number} 行 {name}：{row.zh}", f"rejected: row {row.number} {name}: {row.en}"
        )
    if len(intake.rejected) > MOST_REJECTED_TOLD:
        rest = len(intake.rejected) - MOST_REJECTED_TOLD
        output.note(f"另有 {rest} 行被拒绝", f"{rest} more rows were rejected")

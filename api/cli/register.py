"""Commands about utilities, networks and ground."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from api.cli.grids import crs_of
from api.cli.output import Output
from api.cli.proposing import propose
from api.cli.quality import report_file
from api.grids.registry import crs_named
from api.register import (
    NetworkSource,
    check_utility,
    declare_ground,
    read_source,
    summary,
)
from api.settings import Settings, today
from api.wiring import open_vault
from ingest import Check, Reading, check_intake, drawing_contents, load_profile, read_mapping, warning_text
from maps.facts_table import facts_table
from maps.plain import plain
from maps.rows_table import rows_table
from spatial.crs import Grid
from spatial.saying.texts import word
from spatial.values import NetworkIntake, Utility
from spatial.words import GroundKind, PipeKind
from sql.vault import Vault

DRAWING_COLUMNS = ("layer", "type", "state", "count")


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


def tell_checks(checks: Sequence[Check], output: Output) -> None:
    """What looks wrong and is taken; what is rejected is told row by row."""
    for check in checks:
        if check.severity == "warning":
            names = "、".join(check.examples), ", ".join(check.examples)
            output.note(
                f"检查：{check.count} {check.zh}，例如 {names[0]}",
                f"check: {check.count} {check.en}, for example {names[1]}",
            )


def network_inspect(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network inspect: reads as an import would, stores nothing, needs no database but for a registered grid.

    Of drawings it tells what is in them first, and no more where no layer was chosen. With --propose it writes a map
    first, and goes on with that where a CRS is given.
    """
    source = source_of(arguments, crs_of(arguments, settings))
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
    tell_intake(intake, output)
    tell_checks(checks, output)
    record = summary(intake) | {"checks": [check.document() for check in checks]}
    drawn = {key: value for key, value in record.items() if key not in ("warnings", "checks")}
    drawn["rejected"] = len(intake.rejected)
    drawn["sources"] = [source["name"] for source in record["sources"]]
    report_file(arguments, intake, settings, output)
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
        pending = pending_permits(revision, vault)
    tell_pending(pending, output)
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


def pending_permits(revision: int | None, vault: Vault) -> int:
    """How many open permits a change of the register made pending."""
    return 0 if revision is None else len(vault.stale_permits(revision))


def tell_pending(permits: int, output: Output) -> None:
    if permits:
        output.note(
            f"注意：{permits} 个未结许可受此变更影响，现为待判定；请运行 predig work",
            f"note: open permits touched by this change and pending now: {permits}; run `predig work`",
        )


def source_of(arguments: Namespace, crs: str | Grid | None) -> NetworkSource:
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


MOST_REJECTED_TOLD = 20


def tell_intake(intake: NetworkIntake, output: Output) -> None:
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

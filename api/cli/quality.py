"""Commands about the quality of data: the report of a revision, and of a file before it is one."""

from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from shapely.geometry import MultiPolygon

from api.cli.grammar import whole_number
from api.cli.output import Output, write_file
from api.quality.register import register_document
from api.quality.reports import file_report, revision_report
from api.register import Imported
from api.settings import Settings, today
from api.wiring import open_vault
from maps.facts_table import NAMES, facts_table
from maps.plain import plain
from maps.quality.map import quality_html
from maps.quality.plots import length_text, share_text
from maps.quality.view import QualityView
from maps.rows_table import rows_table
from spatial.values import NetworkIntake
from sql.vault import Vault

REGISTER_COLUMNS = ("dataset", "revision", "data_date", "assets", "length_m", "depth_known", "rejected")


def utility_show(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig utility show: what a utility's register holds, how well it is known and how old it is."""
    with open_vault(settings) as vault:
        told = register_document(vault, arguments.code, today())
    if output.as_json:
        output.record(told, "")
        return
    shown = {
        name: told[name] for name in ("name", "phone", "duty_phone", "register_revision", "pipes", "length_m")
    }
    shown["service_area_km2"] = told["service_area_km2"]
    shown["pressure_classes"] = _lengths(told, "pressure_class", output)
    shown["survey_classes"] = _lengths(told, "survey_class", output)
    shown["unknown"] = {
        output.both(*NAMES[name]): share_text(share)
        for name, share in told["unknown_share"].items()
        if share is not None
    }
    shown["coverage"] = [
        f"{row['pipe_kind']} {row['km2']:g} km2 {row['as_of']} "
        + (row["holds_until"] if row["in_force"] else output.both("不作数", "not in force"))
        for row in told["coverage"]
    ]
    shown["blanks"] = told["blanks"]
    output.record({}, facts_table(shown, output.language))
    rows = [
        row
        | {
            "rejected": row["quarantined"],
            "depth_known": "" if row["known_depth_share"] is None else share_text(row["known_depth_share"]),
        }
        for row in told["datasets"]
    ]
    output.record({}, rows_table(rows, REGISTER_COLUMNS, output.language))


def _lengths(told: dict[str, Any], dimension: str, output: Output) -> dict[str, str]:
    return {
        row["value"] or output.both("未知", "unknown"): length_text(row["length_m"], output.language)
        for row in told["counts"][dimension]
    }


def network_report(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig network report: one HTML file; with --json all it says as JSON too."""
    revision = whole_number(arguments.revision, "REVISION")
    out = arguments.out or Path("out") / f"report-{revision}.html"
    with open_vault(settings) as vault:
        view = revision_report(vault, revision)
    write_file(out, quality_html(view, output.language, settings.tiles))
    output.record(view.document() | {"path": str(out)}, f"{_told(view, output)}\n{out}")


def report_import(
    arguments: Namespace,
    vault: Vault,
    done: Imported,
    dataset: str,
    area: MultiPolygon | None,
    settings: Settings,
    output: Output,
) -> None:
    """--report of an import: of the revision it made, or, of a dry run, of the file. Of one that changed nothing the
    revision that stands is told."""
    if arguments.report is None:
        return
    if done.report is None:
        names = {utility.code: utility.name for utility in vault.utilities()}
        view = file_report(
            done.intake,
            utility=arguments.utility,
            utility_name=names.get(arguments.utility, arguments.utility),
            dataset=dataset,
            area=area,
            comparison=done.comparison,
        )
    else:
        view = revision_report(vault, done.report.revision or done.comparison.revision)
    _write(arguments.report, view, settings, output)


def report_file(arguments: Namespace, intake: NetworkIntake, settings: Settings, output: Output) -> None:
    """--report of `predig network inspect`."""
    if arguments.report is not None:
        dataset = arguments.files[0].name
        view = file_report(intake, utility="", utility_name="", dataset=dataset, area=None, comparison=None)
        _write(arguments.report, view, settings, output)


def _write(out: Path, view: QualityView, settings: Settings, output: Output) -> None:
    write_file(out, quality_html(view, output.language, settings.tiles))
    output.note(f"质量报告：{out}", f"quality report: {out}")


def _told(view: QualityView, output: Output) -> str:
    found = Counter({check.severity: 0 for check in view.checks})
    for check in view.checks:
        found[check.severity] += 1
    return plain(
        output.both(
            f"{view.utility}/{view.dataset} 版本 {view.revision}：收到 {view.received}，入库 {view.accepted}，"
            f"隔离 {view.rejected}；{found['error']} 项错误，{found['warning']} 项提示",
            f"{view.utility}/{view.dataset} revision {view.revision}: received {view.received}, accepted "
            f"{view.accepted}, quarantined {view.rejected}; {found['error']} kinds of error, {found['warning']} of warning",
        )
    )

"""The command that watches the watch."""

from argparse import Namespace
from typing import Any

from api.cli.output import Failed, Output
from api.evidence.reconcile import Mismatch
from api.evidence.reconcile import reconcile as hold_against_brute_force
from api.settings import Settings, today
from api.wiring import open_vault
from maps.plain import plain

KINDS = {
    "missed": ("漏报：现有结论未列出的涉及", "MISSED, no judgement tells of it"),
    "surplus": ("多报：结论列出，核算并不涉及", "surplus, told and not so"),
    "differs": ("不一致：间距或级别不同", "differs in clearance or grade"),
    "stale_clear": ("状态显示未发现，实不成立", "READS CLEAR and may not"),
    "not_judged": ("久未判定", "not judged for too long"),
}


def reconcile(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig reconcile: exits 1 when anything that stands is not so."""

    def tell(mismatch: Mismatch) -> None:
        output.record({"mismatch": mismatch.record()}, _line(mismatch, output))

    with open_vault(settings) as vault, output.progress("核算", "working out again") as report:
        done = hold_against_brute_force(vault, today(), tell, report=report)
    summary: dict[str, Any] = {
        "permits": done.permits,
        "pending": done.pending,
        "sites": done.sites,
        "conflicts": done.conflicts,
        "mismatches": done.mismatches,
        "revision": done.revision,
    }
    output.record(
        summary,
        output.both(
            f"逐一核算 {done.permits} 个有效许可（其中待判定 {done.pending} 个）、{done.sites} 处、{done.conflicts} 项涉及："
            f"{done.mismatches} 处不符",
            f"{done.permits} open permits ({done.pending} pending), {done.sites} sites and {done.conflicts} conflicts "
            f"worked out again: {done.mismatches} mismatches",
        ),
    )
    if done.mismatches:
        output.note(
            "判断与核算不符是程序或数据的故障：在查明之前，这些许可一律按有管道对待，并保留以上记录上报",
            "a mismatch is a fault of the program or of the data: until it is found treat these permits as if a pipe lay "
            "there, and report the lines above",
        )
        raise Failed


def _line(mismatch: Mismatch, output: Output) -> str:
    pipe = "/".join(mismatch.pipe[key] for key in ("utility", "dataset", "source_id") if key in mismatch.pipe)
    said = output.both(*KINDS[mismatch.kind])
    return plain(
        f"{mismatch.permit_id}  {said}  {pipe}  {mismatch.standing} -> {mismatch.expected}".replace("\n", " ")
    )

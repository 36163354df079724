"""Commands that judge, show, replay and work."""

from argparse import Namespace

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from api.answers import permit_answer, replay_answer, screening_answer
from api.cli.output import Output
from api.replay import replay as recompute
from api.screen import Rules, enquire, file_permit
from api.screen import work as work_off
from api.settings import Settings, today
from api.wiring import migrate_database, open_vault
from ingest import DigOptions, load_profile, read_dig_plans
from maps.briefing_table import briefing_table
from spatial.errors import Refused
from spatial.values import DigSite, PermitParties
from sql.vault import PermitRecord, ScreeningRecord, Vault


class ReplayDiffers(Exception):
    """A stored judgement could not be reproduced: the command exits 1."""


def screen(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig screen: one Screening per feature, in file order."""
    rules = Rules(*load_profile(arguments.profile))
    sites = _sites(arguments, settings, rules)
    with open_vault(settings) as vault:
        records = enquire(vault, sites, rules, today())
    for record in records:
        answer = screening_answer(record)
        output.record(answer, briefing_table(answer, output.language))


def file(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig file: one permit for all features of the file."""
    rules = Rules(*load_profile(arguments.profile))
    sites = _sites(arguments, settings, rules)
    parties = PermitParties(arguments.firm, arguments.title, arguments.starts_on, arguments.ends_on)
    with open_vault(settings) as vault:
        permit = file_permit(vault, parties, sites, rules, today())
        _tell_permit(permit, vault, output)


def show(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig show: a permit's newest screenings, or one screening."""
    with open_vault(settings) as vault:
        for thing in _find(arguments.id, vault):
            if isinstance(thing, PermitRecord):
                _tell_permit(thing, vault, output)
            else:
                answer = screening_answer(thing)
                output.record(answer, briefing_table(answer, output.language))


def replay(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig replay: exits 1 when anything differs."""
    differs = False
    with open_vault(settings) as vault:
        ids = [
            screening_id
            for thing in _find(arguments.id, vault)
            for screening_id in (
                thing.screening_ids if isinstance(thing, PermitRecord) else (thing.screening_id,)
            )
        ]
        for screening_id in ids:
            found = recompute(vault, screening_id)
            differs = differs or not found.same
            lines = [
                output.both(
                    f"{screening_id}：{'逐字节一致' if found.same else '不一致'}",
                    f"{screening_id}: {'the same bytes' if found.same else 'NOT the same'}",
                )
            ]
            lines += [
                f"  {difference.where}: {difference.stored} -> {difference.recomputed}"
                for difference in found.differences
            ]
            output.record(replay_answer(found), escape("\n".join(lines)))
    if differs:
        raise ReplayDiffers


def status(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig status."""
    with open_vault(settings) as vault:
        record = vault.status()
    table = Table(box=box.SIMPLE, show_header=False)
    for key, value in record.items():
        table.add_row(key, escape(str(value)))
    output.record(record, table)


def work(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig work."""
    with open_vault(settings) as vault:
        screened = work_off(vault, today())
    output.record(
        {"screened": screened},
        output.both(f"重新筛查了 {screened} 个许可", f"{screened} permits were screened"),
    )


def db_migrate(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig db migrate."""
    applied = migrate_database(settings)
    told = ", ".join(applied) or output.both("已是最新", "nothing to do")
    output.record({"applied": applied}, escape(told))


def _sites(arguments: Namespace, settings: Settings, rules: Rules) -> tuple[DigSite, ...]:
    options = DigOptions(
        acts=tuple(arguments.act or ()),
        method=arguments.method,
        depth_m=arguments.depth_m,
        kind=arguments.kind,
    )
    return read_dig_plans(
        arguments.file,
        crs=arguments.crs,
        options=options,
        extent=settings.extent,
        profile=rules.profile,
        on=today(),
    )


def _find(name: str, vault: Vault) -> list[PermitRecord | ScreeningRecord]:
    """A permit or a screening by its id."""
    try:
        return [vault.permit(name)]
    except Refused as refused:
        if any(fault.code != "permit_unknown" for fault in refused.faults):
            raise
    try:
        return [vault.screening(name)]
    except Refused as refused:
        if any(fault.code != "screening_unknown" for fault in refused.faults):
            raise
    raise Refused.because(
        "id_unknown",
        en=f"{name!r} is neither a permit nor a screening: `predig status` and the answer of `predig file` give ids",
        zh=f"{name!r} 既不是许可也不是筛查的编号：请核对 predig file 给出的编号",
    )


def _tell_permit(permit: PermitRecord, vault: Vault, output: Output) -> None:
    records = tuple(vault.screening(screening_id) for screening_id in permit.screening_ids)
    answer = permit_answer(permit, records)
    heading = output.both(
        f"许可 {permit.permit_id}  {permit.parties.title}  {permit.parties.firm}  状态：{permit.status.value}",
        f"permit {permit.permit_id}  {permit.parties.title}  {permit.parties.firm}  status: {permit.status.value}",
    )
    drawn = [briefing_table(screening, output.language) for screening in answer["screenings"]]
    output.record(answer, Group(escape(heading), *drawn))

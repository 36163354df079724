"""Commands that judge, show, replay and work."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from api.advice import with_advice
from api.bulk import Work, run_name, screen_many
from api.cli.grids import crs_of
from api.cli.kept_files import write_files
from api.cli.output import Failed, Output
from api.engines import Engine, engine_at
from api.evidence.replay import Replay
from api.evidence.replay import replay as recompute
from api.file_limits import plan_limits
from api.journal import Journal
from api.notice import notice_of
from api.screen import Rules, enquire
from api.settings import Settings, today
from api.views.answers import permit_answer, replay_answer, screening_answer
from api.wiring import migrate_database, open_vault
from api.working import work as work_off
from ingest import DigOptions, Reading, load_profile, plan_document, read_pointed, take_dig_plans
from ingest.plans.foreign.notes import notes_of
from ingest.plans.foreign.pointed import PLACED_CRS
from maps.briefing_table import briefing_table
from maps.facts_table import facts_table
from maps.plain import plain
from maps.styles import GRADE_MARKS
from spatial.errors import Refused
from spatial.saying.explain import as_text
from spatial.saying.explain import explain as explained
from spatial.saying.texts import say, word
from spatial.values import DigSite
from spatial.words import Grade, PermitStatus
from sql.vault import FileRecord, NewScreening, PermitRecord, ScreeningRecord, Vault

AT_ONCE = 200
"""A plan of more sites is judged part by part; answers are read back and told so many at a time."""


def screen(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig screen: one Screening per feature, in file order."""
    rules = Rules(*load_profile(arguments.profile))
    sites = sites_of(arguments, settings, rules, output, many=True)
    with open_vault(settings) as vault:
        if len(sites) <= AT_ONCE and arguments.engine is None:
            _tell_screenings(vault, enquire(vault, sites, rules, today()), output)
            return
        with engine_at(arguments.engine) as engine:
            _screen_many(vault, sites, rules, settings, engine, output)


def _screen_many(
    vault: Vault,
    sites: Sequence[DigSite],
    rules: Rules,
    settings: Settings,
    engine: Engine[Work, tuple[NewScreening, ...]],
    output: Output,
) -> None:
    """Nothing is told before all is judged: what is told is in file order, and a run that was stopped can go on."""
    on, revision = today(), vault.newest_revision()
    where = settings.database_url or str(settings.home)
    # The home of an embedded database belongs to the user it runs as: nothing of another's is put there.
    home = settings.home if settings.database_url is None else Path.home() / ".predig"
    journal = Journal(home / "screens" / f"{run_name(sites, rules, on, revision, where)}.jsonl")
    with output.progress("正在判断", "judging") as report:
        ids = screen_many(
            vault, sites, rules, on, engine=engine, revision=revision, journal=journal, report=report
        )
    for start in range(0, len(ids), AT_ONCE):
        _tell_screenings(vault, vault.screenings_by_id(ids[start : start + AT_ONCE]), output)
    journal.close()


def _tell_screenings(vault: Vault, records: Sequence[ScreeningRecord], output: Output) -> None:
    for answer in _for_reader(vault, records, output):
        output.record(answer, briefing_table(answer, output.language))


def show(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig show: a permit's newest screenings, or one screening; without an id, all permits."""
    with open_vault(settings) as vault:
        if arguments.files is not None:
            write_files(arguments.id, arguments.files, vault, output)
            return
        if arguments.id is None:
            _list_permits(vault, output)
            return
        for thing in find_by_id(arguments.id, vault):
            if isinstance(thing, PermitRecord):
                tell_permit(thing, answer_of(thing, vault), output)
            else:
                (answer,) = _for_reader(vault, [thing], output)
                output.record(answer, briefing_table(answer, output.language))


def explain(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig explain: the whole reasoning of a screening, or of all that stand for a permit."""
    with open_vault(settings) as vault:
        for record in vault.screenings_by_id(screening_ids(arguments.id, vault)):
            paragraphs = explained(json.loads(record.document), output.language)
            heading = f"{record.screening_id}  {record.document_sha256}"
            output.record(
                {"id": record.screening_id, "paragraphs": [asdict(paragraph) for paragraph in paragraphs]},
                f"{heading}\n\n{as_text(paragraphs)}\n",
            )


def _for_reader(vault: Vault, records: Sequence[ScreeningRecord], output: Output) -> list[dict[str, Any]]:
    """Answers. People are told what would help too; machines ask for it (`predig advise`)."""
    return [screening_answer(record) for record in records] if output.as_json else with_advice(vault, records)


def screening_ids(wanted: str, vault: Vault) -> list[str]:
    """Of a permit as it stands, or the one that is named."""
    return [
        screening_id
        for thing in find_by_id(wanted, vault)
        for screening_id in (
            thing.screening_ids if isinstance(thing, PermitRecord) else (thing.screening_id,)
        )
    ]


def replay(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig replay: exits 1 when anything differs."""
    differs = False
    with open_vault(settings) as vault:
        for screening_id in screening_ids(arguments.id, vault):
            found = recompute(vault, screening_id)
            differs = differs or not found.stands
            lines = [f"{screening_id}{output.both('：', ': ')}{_verdict(found, output)}"]
            lines += [
                f"  {difference.where}: {difference.stored} -> {difference.recomputed}"
                for difference in found.differences
            ]
            output.record(replay_answer(found), "\n".join(lines))
    if differs:
        raise Failed


def _verdict(found: Replay, output: Output) -> str:
    if found.same:
        return output.both("逐字节一致", "the same bytes")
    if found.stands:
        return output.both(
            f"结论一致（当时引擎 {found.stored_engine}，现为 {found.engine}），以下各项不同",
            f"the same decisions (judged by engine {found.stored_engine}, now {found.engine}); different are",
        )
    return output.both("不一致", "NOT the same")


def status(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig status."""
    with open_vault(settings) as vault:
        record = vault.status()
    told = {word("status", name, output.language): count for name, count in record["permits"].items()}
    output.record(record, facts_table(record | {"permits": told}, output.language))


def work(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig work: exits 1 when a permit could not be judged."""
    with open_vault(settings) as vault:
        with output.progress("判断许可", "judging permits") as report:
            worked = work_off(vault, today(), report)
        permits = [vault.permit(permit_id) for permit_id in worked.screened]
        raised = {permit.permit_id: _news(permit, vault) for permit in permits}
    record = {
        "screened": len(permits),
        "permits": [
            {
                "id": permit.permit_id,
                "title": permit.parties.title,
                "status": permit.status.value,
                "alerts": raised[permit.permit_id],
            }
            for permit in permits
        ],
        "failed": [
            {"id": permit_id, "code": fault.code, "en": fault.en, "zh": fault.zh}
            for permit_id, fault in worked.failed.items()
        ],
        "left": worked.left,
    }
    lines = [output.both(f"判断了 {len(permits)} 个许可", f"permits judged: {len(permits)}")]
    for permit in permits:
        lines.append(_permit_line(permit, output))
        lines += [_alert_line(alert, output) for alert in raised[permit.permit_id]]
    output.record(record, "\n".join(map(plain, lines)))
    for permit_id, fault in worked.failed.items():
        output.note(
            f"许可 {permit_id} 未能判断，仍为待判定：{fault.zh}",
            f"permit {permit_id} could not be judged and stays pending: {fault.en}",
        )
    if worked.left:
        output.note(
            f"还有 {worked.left} 项任务由其他进程处理或等待重试：一分钟后再运行 predig work",
            f"jobs left: {worked.left}, held by another process or waiting for another try: run `predig work` again in "
            "a minute",
        )
    if worked.failed:
        raise Failed


def db_migrate(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig db migrate."""
    applied = migrate_database(settings)
    told = ", ".join(applied) or output.both("已是最新", "nothing to do")
    output.record({"applied": applied}, told)


def sites_of(
    arguments: Namespace, settings: Settings, rules: Rules, output: Output, *, many: bool = False
) -> tuple[DigSite, ...]:
    """The sites of the file that is named; how a foreign one was read is noted."""
    options = DigOptions(
        acts=tuple(arguments.act or ()),
        method=arguments.method,
        depth_m=arguments.depth_m,
        kind=arguments.kind,
        bottom_width_m=arguments.bottom_width_m,
        slope=arguments.slope,
        shored=arguments.shored or None,
        outline=arguments.outline,
        drawn=arguments.drawn,
    )
    crs = crs_of(arguments, settings)
    reading = Reading(layers=tuple(arguments.layer or ()), units=arguments.units)
    points = read_pointed(arguments.common_points) if arguments.common_points else None
    plan = plan_document(
        arguments.file, crs, reading, arguments.points_are, plan_limits(settings), points, many=many
    )
    for note in notes_of(plan):
        output.note(f"{note['count']} {note['zh']}", f"{note['count']} {note['en']}")
    return take_dig_plans(
        plan,
        crs=crs if points is None else PLACED_CRS,
        options=options,
        extent=settings.extent,
        profile=rules.profile,
        on=today(),
        name=Path(arguments.file).name,
        many=many,
    )


def find_by_id(name: str, vault: Vault) -> list[PermitRecord | ScreeningRecord]:
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
        en=f"{name!r} is neither a permit nor a screening: `predig show` lists all permits",
        zh=f"{name!r} 既不是许可也不是筛查的编号：predig show 可列出全部许可",
    )


def answer_of(permit: PermitRecord, vault: Vault) -> dict[str, Any]:
    screenings = vault.screenings_by_id(permit.screening_ids)
    return permit_answer(permit, screenings) | {"earliest_start": notice_of(vault, permit, screenings)}


def tell_permit(permit: PermitRecord, answer: dict[str, Any], output: Output) -> None:
    drawn = [briefing_table(screening, output.language) for screening in answer["screenings"]]
    heading = Text(_permit_line(permit, output), style="bold")
    if not permit.cancelled and permit.status is not PermitStatus.EXPIRED:
        tell_too_early(answer["earliest_start"], output)
    if permit.status is PermitStatus.PENDING:
        output.note(
            "注意：该许可待判定，下列结论可能已过时；运行 predig work 后再看",
            "note: this permit is pending: what stands below may be out of date. Run `predig work`, then look again",
        )
    files = [Text(_file_line(file, output)) for file in permit.files]
    output.record(answer, Group(heading, *files, *drawn))


def _file_line(file: FileRecord, output: Output) -> str:
    size = f"{file.size_bytes:,}"
    return plain(
        output.both(
            f"  文件 {file.number}  {file.name}  {size} 字节  sha256 {file.sha256}",
            f"  file {file.number}  {file.name}  {size} bytes  sha256 {file.sha256}",
        )
    )


def tell_too_early(start: dict[str, Any], output: Output) -> None:
    """A date that cannot be kept is told while it can still be changed, with whom to phone."""
    if not start["too_early"]:
        return
    for reason in start["reasons"]:
        output.note(say(reason, "zh"), say(reason, "en"))
    for whom in start.get("call", ()):
        if whom["phone"]:
            output.note(f"  {whom['name']}：{whom['phone']}", f"  {whom['name']}: {whom['phone']}")


def _list_permits(vault: Vault, output: Output) -> None:
    for permit in vault.permits():
        record = permit_answer(permit, ()) | {"screenings": list(permit.screening_ids)}
        output.record(record, _permit_line(permit, output))


def _permit_line(permit: PermitRecord, output: Output) -> str:
    parties, told = permit.parties, word("status", permit.status, output.language)
    days = f"{parties.starts_on} – {parties.ends_on}"
    return plain(
        output.both(
            f"许可 {permit.permit_id}  {parties.title}  {parties.firm}  {days}  状态：{told}",
            f"permit {permit.permit_id}  {parties.title}  {parties.firm}  {days}  status: {told}",
        )
    )


def _news(permit: PermitRecord, vault: Vault) -> list[dict[str, Any]]:
    """The alerts that the newest screenings of a permit raised."""
    keys = ("utility", "dataset", "source_id", "grade", "change", "screening_id")
    return [
        {key: alert[key] for key in keys}
        for alert in vault.alerts(permit.permit_id)
        if alert["screening_id"] in permit.screening_ids
    ]


def _alert_line(alert: dict[str, Any], output: Output) -> str:
    grade = word("grade", alert["grade"], output.language)
    change = word("change", alert["change"], output.language)
    return f"  {GRADE_MARKS[Grade(alert['grade'])].shape} {grade}  {alert['utility']} {alert['source_id']}  {change}"

"""predig file: a dig plan becomes a permit, or several, and keeps the files it came in."""

import traceback
from argparse import Namespace
from pathlib import Path
from typing import Any

from api.cli.output import Output
from api.cli.screening import answer_of, sites_of, tell_permit, tell_too_early
from api.notice import start_now
from api.screen import Rules, fault_of, file_each, screen_permit
from api.settings import Settings, today
from api.several import Plan, each_feature
from api.wiring import open_vault
from ingest import files_of_plan, load_profile
from ingest.files.geodatabase import packed
from ingest.files.local import is_local_folder
from maps.plain import plain
from spatial.errors import Fault
from spatial.saying.texts import word
from spatial.values import Contact, PermitParties
from spatial.words import PermitStatus
from sql.vault import PlanFile, Vault


def file(arguments: Namespace, settings: Settings, output: Output) -> None:
    """predig file: one permit for all features of the file, or one for each.

    Once a permit is committed it is acknowledged, whatever becomes of its screening: whoever heard only of
    the failure would file it again.
    """
    rules = Rules(*load_profile(arguments.profile))
    sites = sites_of(arguments, settings, rules, output)
    parties = PermitParties(arguments.title, arguments.starts_on, arguments.ends_on, Contact(arguments.firm))
    plans: list[Plan] = each_feature(parties, sites) if arguments.permits == "each" else [(parties, sites)]
    files = _files(arguments)
    with open_vault(settings) as vault:
        filed = file_each(vault, plans, rules, today(), files)
        for permit_id, plan in zip((filed.permit_id, *filed.beside), plans, strict=True):
            _screen_and_tell(vault, permit_id, plan, rules, settings, output)


def _files(arguments: Namespace) -> list[PlanFile]:
    read_as = {
        "judged": "file",
        "crs": arguments.crs,
        "layer": ", ".join(arguments.layer or ()) or None,
        "units": arguments.units,
        "points_are": arguments.points_are,
    }
    return [PlanFile(name, None, data, read_as) for name, data in _came_in(arguments.file)]


def _came_in(path: Path) -> list[tuple[str, bytes]]:
    """Names and bytes; a geodatabase, which is a folder, as the archive it was opened as."""
    if is_local_folder(path, ".gdb"):
        with packed(path) as archive:
            return [(archive.name, archive.read_bytes())]
    return [(part.name, part.read_bytes()) for part in files_of_plan(path)]


def _screen_and_tell(
    vault: Vault, permit_id: str, plan: Plan, rules: Rules, settings: Settings, output: Output
) -> None:
    parties, sites = plan
    try:
        screen_permit(vault, permit_id, today())
        permit = vault.permit(permit_id)
        answer = answer_of(permit, vault)
    except Exception as error:
        if settings.debug:
            traceback.print_exc()
        start = start_now(parties.starts_on, sites, rules.profile)
        _tell_unscreened(permit_id, parties, start.document(), fault_of(error), output)
    else:
        tell_permit(permit, answer, output)


def _tell_unscreened(
    permit_id: str, parties: PermitParties, start: dict[str, Any], fault: Fault, output: Output
) -> None:
    """The permit stands, and nobody has judged it yet."""
    tell_too_early(start, output)
    output.note(
        f"许可 {permit_id} 已备案，但尚未判断（{fault.zh}）；请运行 predig work，在此之前按有管道对待",
        f"permit {permit_id} is filed but not judged yet ({fault.en}); run `predig work`, and until then treat the "
        "ground as if a pipe lay there",
    )
    status = PermitStatus.PENDING
    record = {
        "id": permit_id,
        "status": status.value,
        "firm": parties.firm,
        "title": parties.title,
        "starts_on": parties.starts_on.isoformat(),
        "ends_on": parties.ends_on.isoformat(),
        "screenings": [],
        "earliest_start": start,
    }
    told = word("status", status, output.language)
    output.record(
        record, plain(output.both(f"许可 {permit_id}  状态：{told}", f"permit {permit_id}  status: {told}"))
    )

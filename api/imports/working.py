"""Importing what was uploaded: the next one of a spool, by a process of its own.

What is wrong with a file ends its upload with the reasons. What is wrong with the moment (another change of the register
at work, the database gone) gives it back. Who is killed in between leaves it to the next, which begins anew: until the
import is published nothing of it stands, and it is published together with its upload.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.file_limits import network_limits
from api.grids.registry import crs_named
from api.guard import Comparison, check_comparison
from api.imports.last_time import Remark, area_undeclared, as_last_time, read_last_time, utility_created
from api.imports.spool import Spool
from api.imports.wish import Wish
from api.register import Imported, import_network, service_area
from api.settings import Settings
from api.trouble import where
from ingest import warning_text
from spatial.errors import Fault, Refused
from spatial.rules.profile import RuleProfile
from spatial.values import NetworkIntake
from sql.errors import VaultUnavailable
from sql.vault import Publishing, UploadClaim, Vault

MOST_TRIES = 5
"""So often an import may be cut off before it is given up: the file may be what kills it."""
AGAIN = frozenset({"register_busy", "dataset_changed", "pieces_missing"})
AGAIN_AFTER_S = 5.0
MOST_IDS = 1_000
"""Of each kind that a dry run lists."""
MOST_FAULTS = 200
"""That are told; a map of five thousand mistakes would fill every listing."""
LONGEST_TOLD = 2_000
TAKEN_OVER = "job_lost"

LOG = logging.getLogger("predig.imports")


def import_next(vault: Vault, spool: Spool, settings: Settings, profile: RuleProfile, on: date) -> str | None:
    """Take the next upload of a spool in hand and see it to an end, if it can be; its id, or None where none is due.

    The caller is alone with the spool.
    :raises VaultUnavailable: the database is gone; the next call begins with the same upload.
    """
    claim = vault.claim_upload(spool.made())
    if claim is None:
        return None
    try:
        if claim.tries > MOST_TRIES:
            vault.end_upload(claim, "failed", _of_faults([_CUT_OFF]))
        else:
            _import(vault, claim, spool, settings, profile, on)
    except VaultUnavailable:
        raise
    except Refused as refused:
        codes = {fault.code for fault in refused.faults}
        if TAKEN_OVER in codes:
            return claim.upload_id
        if codes <= AGAIN:
            vault.give_back_upload(claim, AGAIN_AFTER_S)
            return claim.upload_id
        vault.end_upload(claim, "refused", _of_faults(refused.faults))
    except Exception as unforeseen:
        LOG.error("an import broke off: %s", where(unforeseen))
        vault.end_upload(claim, "failed", _of_faults([_BROKE_OFF]))
    spool.forget(claim.upload_id)
    return claim.upload_id


def _import(
    vault: Vault, claim: UploadClaim, spool: Spool, settings: Settings, profile: RuleProfile, on: date
) -> None:
    record = vault.upload(claim.upload_id)
    wish, folder = Wish.parse(record.asked), spool.of(claim.upload_id)
    names = [str(file["name"]) for file in record.files]
    if not all((folder / name).is_file() for name in names):
        vault.end_upload(claim, "failed", _of_faults([_BYTES_GONE]))
        return
    source = wish.source(folder, names, crs_named(vault, settings, wish.crs), network_limits(settings))
    source, remarks = as_last_time(source, read_last_time(vault, wish.utility, wish.dataset))
    if not wish.dry_run and wish.utility not in {utility.code for utility in vault.utilities()}:
        remarks.append(utility_created(wish.utility))
    if service_area(vault, wish.utility) is None:
        remarks.append(area_undeclared(wish.utility))

    def told(intake: NetworkIntake, comparison: Comparison) -> Publishing:
        return Publishing(claim, _of(intake, comparison, remarks, listed=False))

    done = import_network(
        vault,
        source,
        utility=wish.utility,
        dataset=wish.dataset,
        coverage=wish.covered(),
        confirmed_rejected=wish.confirm_rejected,
        confirmed=wish.confirmed,
        dry_run=wish.dry_run,
        extent=settings.extent,
        profile=profile,
        on=on,
        progress=_Read(vault, claim).progress,
        publishing=told,
    )
    if done.report is None:
        found = _of(done.intake, done.comparison, remarks, listed=True)
        vault.end_upload(claim, "compared", found | {"faults": _stopping(done, wish)})


class _Read:
    """Says once that the files are read: from the first row on that is carried."""

    def __init__(self, vault: Vault, claim: UploadClaim) -> None:
        self._vault, self._claim, self._said = vault, claim, False

    def progress(self, done: int, of: int) -> None:
        if not self._said:
            self._said = True
            self._vault.upload_importing(self._claim)


def _stopping(done: Imported, wish: Wish) -> list[dict[str, str]]:
    """What would keep a dry run's files from being imported."""
    try:
        check_comparison(done.comparison, wish.confirmed, dataset=wish.dataset)
    except Refused as refused:
        return [_fault(fault) for fault in refused.faults]
    return []


# -- what is told ----------------------------------------------------------------------------------------------


def _of(
    intake: NetworkIntake, comparison: Comparison, remarks: Sequence[Remark], *, listed: bool
) -> Mapping[str, Any]:
    """received = accepted + quarantined, and of a change set + to_remove. over: the revision it was compared with."""
    changes = comparison.document(listed=False)
    counts = {
        "received": intake.received,
        "accepted": len(intake.assets),
        "quarantined": len(intake.rejected),
        "to_remove": len(intake.removed),
        **{name: changes.pop(name) for name in ("added", "changed", "removed", "unchanged")},
    }
    ids = {name: list(getattr(comparison, name)[:MOST_IDS]) for name in ("added", "changed", "removed")}
    return {
        "counts": counts,
        "changes": changes | ({"ids": ids} if listed else {}),
        "crs": {
            "name": intake.crs,
            "operation": intake.operation,
            "accuracy_m": intake.operation_accuracy_m,
        },
        "warnings": [_warning(code, count) for code, count in sorted(intake.warnings.items())],
        "notes": [{"en": en, "zh": zh} for zh, en in remarks],
        "faults": [],
        "over": comparison.revision,
    }


def _warning(code: str, count: int) -> dict[str, Any]:
    en, zh = warning_text(code)
    return {"code": code, "count": count, "en": en, "zh": zh}


def _of_faults(faults: Sequence[Fault]) -> dict[str, Any]:
    more = len(faults) - MOST_FAULTS
    return {
        "faults": [_fault(fault) for fault in (*faults[:MOST_FAULTS], *([_more(more)] if more > 0 else []))]
    }


def _fault(fault: Fault) -> dict[str, Any]:
    """choices: bounded where they are made (ingest.files.layers) and where they come out of a reader."""
    return {
        name: said[:LONGEST_TOLD] if isinstance(said, str) else said for name, said in fault.record().items()
    }


def _more(count: int) -> Fault:
    return Fault(
        "more_faults",
        f"there are {count} more: mend these first, then send the files again",
        f"另有 {count} 处问题：请先更正以上各处，再重新上传",
    )


_CUT_OFF = Fault(
    "import_cut_off",
    f"this import was cut off {MOST_TRIES} times before its end, and nothing of it was stored: see that the machine has memory "
    "to spare, or split the file, and upload it again",
    f"该导入已 {MOST_TRIES} 次在完成前中断，未存储任何内容：请确认机器内存充足，或拆分文件后重新上传",
)
_BYTES_GONE = Fault(
    "upload_gone",
    "the uploaded files are not on this machine any more, and nothing of them was stored: upload them again",
    "上传的文件已不在本机，未存储任何内容：请重新上传",
)
_BROKE_OFF = Fault(
    "import_broke",
    "an internal error: nothing of this import was stored, and the log of the server says where it broke. Upload it again; "
    "if it stays so, report it and import with `predig network import`",
    "内部错误：该导入未存储任何内容，服务器日志记有出错位置。请重新上传；若仍出错请报告，并改用 predig network import 导入",
)

"""The rejected rows of the twin's register, and the ground they leave unreadable."""

from collections import Counter
from dataclasses import replace
from typing import Any

from sql import rows
from sql.decisions import Quarantine
from sql.memory.versions import Lived, Register, RejectedVersion, close
from sql.records import RejectedRecord


def rejected_rows(
    register: Register, utility: str, dataset: str, revision: int
) -> tuple[RejectedRecord, ...]:
    return tuple(
        version.record
        for version in register.rejected
        if (version.utility, version.dataset) == (utility, dataset) and version.lived.at(revision)
    )


def unreadable_that_stays(
    register: Register, quarantine: Quarantine, utility: str, dataset: str
) -> list[dict[str, Any]]:
    """The unreadable ground of a dataset as words to be said again, but for that of rows that are gone."""
    gone = Counter(row.ground_digest for row in quarantine.gone)
    words = []
    for version in register.ground:
        row = version.row
        if (row.utility, row.dataset, row.kind) != (utility, dataset, rows.UNREADABLE):
            continue
        if version.lived.valid_to is not None:
            continue
        if gone[version.digest]:
            gone[version.digest] -= 1
            continue
        words.append(
            {
                "kind": row.kind,
                "pipe_kind": None,
                "as_of": None,
                "max_age_days": None,
                "assumed": row.assumed,
                "source": version.source,
                "geometry": row.geometry,
                "digest": version.digest,
            }
        )
    return words


def change_rejected(register: Register, quarantine: Quarantine, utility: str, dataset: str) -> Register:
    number = register.newest + 1
    gone = {row.rejected_id for row in quarantine.gone}
    first_id = max((version.record.rejected_id for version in register.rejected), default=0)
    fresh = tuple(
        RejectedVersion(
            utility,
            dataset,
            RejectedRecord(
                rejected_id=first_id + nth,
                number=row.number,
                source_id=row.source_id,
                code=row.code,
                replaceable=row.replaceable,
                box=row.box,
                ground_digest=ground["digest"] if ground else None,
            ),
            Lived(number, None),
        )
        for nth, (row, ground) in enumerate(quarantine.fresh, start=1)
    )
    closed = close(register.rejected, lambda version: version.record.rejected_id in gone, number)
    return replace(register, rejected=closed + fresh)


def rejected_back(register: Register, utility: str, dataset: str, target: int) -> Register:
    """The rejected rows of a dataset as they were before revision `target`."""
    number = register.newest + 1
    own = [row for row in register.rejected if (row.utility, row.dataset) == (utility, dataset)]
    first_id = max((version.record.rejected_id for version in register.rejected), default=0)
    back = tuple(
        replace(
            version,
            record=replace(version.record, rejected_id=first_id + nth),
            lived=Lived(number, None),
        )
        for nth, version in enumerate(
            (row for row in own if row.lived.at(target - 1) and row.lived.valid_to is not None), start=1
        )
    )
    since = {row.record.rejected_id for row in own if row.lived.valid_from >= target}
    closed = close(register.rejected, lambda version: version.record.rejected_id in since, number)
    return replace(register, rejected=closed + back)

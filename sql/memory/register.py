"""Changes of the twin's register: each a pure function from one register to the next.

Written apart from the SQL on purpose: no index, no incremental matching in place, only the rules.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from spatial.comparing.changes import Standing
from spatial.measuring.pieces import Cuts
from spatial.values import Asset, NetworkIntake, Utility
from spatial.words import AssetKind
from sql import rows
from sql.decisions import Quarantine, quarantine_after
from sql.errors import refused
from sql.memory import quarantining
from sql.memory.ground import change_ground, ground_back, refuse_unsound
from sql.memory.versions import (
    AssetVersion,
    Change,
    DatasetVersion,
    Lived,
    Piece,
    Register,
    UtilityVersion,
    close,
)
from sql.records import ImportReport, RevisionRecord


def set_utility(register: Register, utility: Utility) -> tuple[Register, int | None]:
    standing = register.utility(utility.code)
    if standing == utility:
        return register, None
    number = register.newest + 1
    after = replace(
        register,
        utilities=(
            *close(register.utilities, lambda old: old.utility.code == utility.code, number),
            UtilityVersion(utility, Lived(number, None)),
        ),
    )
    closed = int(standing is not None)
    return _record(after, "utility", utility.code, None, "utility", 1, closed, 0, {}), number


def declare_ground(
    register: Register, utility: str, kind: str, words: Sequence[dict[str, Any]]
) -> tuple[Register, int]:
    if register.utility(utility) is None:
        raise refused("utility_unknown")
    after, opened, closed = change_ground(register, utility, None, words)
    if not opened and not closed:
        return register, register.newest
    touches = "everywhere" if _area_came_or_went(register, after, utility) else "ground"
    return _record(after, kind, utility, None, touches, opened, closed, 0, {}), register.newest + 1


def import_network(
    register: Register,
    intake: NetworkIntake,
    cuts: Cuts,
    words: Sequence[dict[str, Any]],
    *,
    utility: str,
    dataset: str,
    on: date,
    confirmed: int,
    read_as: Mapping[str, Any] | None,
) -> tuple[Register, ImportReport]:
    """words: the ground declared along with it."""
    number = register.newest + 1
    before = register.dataset(utility, dataset, register.newest)
    if intake.changes is not None and not (before and before.state["stable_ids"]):
        raise refused("changes_without_ids")
    quarantine = quarantine_after(
        intake,
        quarantining.rejected_rows(register, utility, dataset, register.newest),
        rejected_before=before.state["rejected"] if before else 0,
        boxless_before=before.state["boxless_rejected"] if before else 0,
        confirmed=confirmed,
    )
    state = rows.dataset_state(intake, cuts, on=on, boxless_rejected=quarantine.boxless, read_as=read_as)
    staged = _cut_assets(intake, cuts)
    standing = [version for version in register.assets if _of(version, utility, dataset)]
    kept, fresh = _match(standing, staged, stable_ids=intake.stable_ids)
    words = [*quarantine.ground, *words]
    if intake.changes is not None:
        named = {*(asset.source_id for asset in intake.assets), *intake.removed}
        kept |= {version.asset_id for version in standing if version.asset.source_id not in named}
        words += quarantining.unreadable_that_stays(register, quarantine, utility, dataset)
    gone = [version for version in standing if version.asset_id not in kept]
    first_id = max((version.asset_id for version in register.assets), default=0)
    opened = tuple(
        AssetVersion(first_id + nth, utility, dataset, asset, by_m, pieces, Lived(number, None))
        for nth, (asset, by_m, pieces) in enumerate(fresh, start=1)
    )
    created = register.utility(utility) is None
    gone_ids = {version.asset_id for version in gone}
    after = replace(
        register, assets=close(register.assets, lambda old: old.asset_id in gone_ids, number) + opened
    )
    after, ground_opened, ground_closed = change_ground(after, utility, dataset, words)
    file, summary = state, {"received": intake.received, "unchanged": len(kept)}
    if before is not None and intake.changes is not None:
        state = _changed_state(after, before, file, quarantine)
        summary["change_set"] = True
    report = ImportReport(
        revision=number,
        utility=utility,
        dataset=dataset,
        received=intake.received,
        added=len(opened),
        closed=len(gone),
        unchanged=len(kept),
        rejected=len(intake.rejected),
        utility_created=created,
    )
    differs = created or before is None or opened or gone or ground_opened or ground_closed
    if not differs and not quarantine.differs and before and _reads_alike(before.state, state):
        return register, replace(report, revision=None)
    after = quarantining.change_rejected(after, quarantine, utility, dataset)
    if created:
        newcomer = UtilityVersion(Utility(utility, utility), Lived(number, None))
        after = replace(after, utilities=(*after.utilities, newcomer))
    after = _replace_dataset(after, DatasetVersion(utility, dataset, state, Lived(number, None)))
    touches = _reach(before, state, created)
    if not created and not any(
        row.utility == utility and row.lived.valid_to is None for row in register.datasets
    ):
        touches = "utility"  # its first data: until now it vouched for nothing, wherever it serves
    if _area_came_or_went(register, after, utility):
        touches = "everywhere"
    after = _record(
        after, "network", utility, dataset, touches, len(opened), len(gone), len(intake.rejected), summary
    )
    return after, report


def _reads_alike(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """The same but for its rows: as much in doubt, ids as stable, read in the same way."""
    same = all(before[name] == after[name] for name in ("boxless_rejected", "stable_ids"))
    return same and after["read_as"] in (None, before["read_as"])


def _changed_state(
    after: Register, before: DatasetVersion, file: Mapping[str, Any], quarantine: Quarantine
) -> dict[str, Any]:
    """What a dataset is after a change set; the day its data are of stays. after: the register with the pipes changed."""
    standing = [version for version in after.assets if _of(version, before.utility, before.dataset)]
    lengths = (max((piece.to_m for piece in version.pieces), default=0.0) for version in standing)
    rejected = before.state["rejected"] - len(quarantine.gone) + len(quarantine.fresh)
    return {
        **before.state,
        **{name: file[name] for name in ("sources", "warnings", "boxless_rejected")},
        "assets": len(standing),
        "length_m": round(sum(lengths), 3),
        "rejected": rejected,
        "received": len(standing) + rejected,
    }


def check_unchanged(register: Register, utility: str, dataset: str, over: int) -> None:
    """:raises Refused: `dataset_changed`."""
    before = register.dataset(utility, dataset, register.newest)
    if over != (before.lived.valid_from if before is not None else 0):
        raise refused("dataset_changed")


def standing(register: Register, utility: str, dataset: str) -> Standing | None:
    before = register.dataset(utility, dataset, register.newest)
    if before is None:
        return None
    versions = sorted(
        (version for version in register.assets if _of(version, utility, dataset)),
        key=lambda version: version.asset_id,
    )
    return Standing(
        revision=before.lived.valid_from,
        length_m=before.state["length_m"],
        crs=before.state["crs"],
        stable_ids=before.state["stable_ids"],
        asset_id=np.array([version.asset_id for version in versions], np.int64),
        source_id=[version.asset.source_id for version in versions],
        digest=[version.asset.digest for version in versions],
        widened_by_m=np.array([version.widened_by_m for version in versions], np.float64),
    )


def roll_back(register: Register, target: int) -> tuple[Register, ImportReport]:
    undone = _undone(register, target)
    utility, dataset = undone.utility, str(undone.dataset)
    number = register.newest + 1
    standing = [version for version in register.assets if _of(version, utility, dataset)]
    gone = {version.asset_id for version in standing if version.lived.valid_from >= target}
    back = [
        version
        for version in register.assets
        if (version.utility, version.dataset) == (utility, dataset)
        and version.lived.at(target - 1)
        and version.lived.valid_to is not None
    ]
    first_id = max((version.asset_id for version in register.assets), default=0)
    reopened = tuple(
        replace(version, asset_id=first_id + nth, lived=Lived(number, None))
        for nth, version in enumerate(sorted(back, key=lambda version: version.asset_id), start=1)
    )
    after = replace(
        register, assets=close(register.assets, lambda old: old.asset_id in gone, number) + reopened
    )
    after = ground_back(after, utility, dataset, target, number)
    after = quarantining.rejected_back(after, utility, dataset, target)

    before = register.dataset(utility, dataset, register.newest)
    past = register.dataset(utility, dataset, target - 1)
    if past is None:
        after = replace(after, datasets=close(after.datasets, lambda old: old is before, number))
    else:
        after = _replace_dataset(after, replace(past, lived=Lived(number, None)))
    state = past.state if past is not None else {}
    unchanged = len(standing) - len(gone)
    report = ImportReport(
        revision=number,
        utility=utility,
        dataset=dataset,
        received=state.get("received", 0),
        added=len(reopened),
        closed=len(gone),
        unchanged=unchanged,
        rejected=state.get("rejected", 0),
        utility_created=False,
    )
    touches = _reach(before, state, False)
    if _area_came_or_went(register, after, utility):
        touches = "everywhere"
    summary = {"received": report.received, "unchanged": unchanged, "rolls_back": target}
    after = _record(
        after,
        "rollback",
        utility,
        dataset,
        touches,
        report.added,
        report.closed,
        report.rejected,
        summary,
        rolls_back=target,
    )
    return after, report


# -- within -----------------------------------------------------------------------------------------------

_Staged = tuple[Asset, float, tuple[Piece, ...]]


def _cut_assets(intake: NetworkIntake, cuts: Cuts) -> list[_Staged]:
    """Each asset with its pieces. :raises Refused: `value_refused`, for what the tables' checks refuse."""
    pieces: dict[int, list[Piece]] = defaultdict(list)
    for asset, geometry, from_m, to_m, box in zip(
        cuts.asset.tolist(),
        cuts.geometry,
        cuts.from_m.tolist(),
        cuts.to_m.tolist(),
        cuts.boxes.tolist(),
        strict=True,
    ):
        refuse_unsound(geometry)
        pieces[asset].append(Piece(geometry, from_m, to_m, tuple(box)))
    widened = rows.widened_by_m(cuts, len(intake.assets)).tolist()
    for asset in intake.assets:
        refuse_unsound(asset.geometry, valid=asset.kind is not AssetKind.PIPE)
    return [
        (asset, by_m, tuple(pieces[number]))
        for number, (asset, by_m) in enumerate(zip(intake.assets, widened, strict=True))
    ]


def _match(
    standing: Sequence[AssetVersion], staged: Sequence[_Staged], *, stable_ids: bool
) -> tuple[set[int], list[_Staged]]:
    """Ids of the versions that stay, and the rows that are new: as multisets, first come first kept."""

    def key(asset: Asset, by_m: float) -> tuple[str, float, str]:
        return (asset.digest, by_m, asset.source_id if stable_ids else "")

    waiting: dict[tuple[str, float, str], list[int]] = defaultdict(list)
    for version in sorted(standing, key=lambda version: -version.asset_id):
        waiting[key(version.asset, version.widened_by_m)].append(version.asset_id)
    kept: set[int] = set()
    fresh = []
    for asset, by_m, pieces in staged:
        matches = waiting[key(asset, by_m)]
        if matches:
            kept.add(matches.pop())
        else:
            fresh.append((asset, by_m, pieces))
    return kept, fresh


def _undone(register: Register, target: int) -> RevisionRecord:
    """The network revision to roll back, or why not."""
    rolled_back = {change.rolls_back for change in register.changes}
    records = [change.record for change in register.changes]
    undone = next((record for record in records if record.revision == target), None)
    if undone is None:
        raise refused("revision_unknown")
    if undone.kind != "network":
        raise refused("revision_not_network")
    if target in rolled_back:
        raise refused("revision_rolled_back")
    if any(
        later.revision > target
        and (later.kind, later.utility, later.dataset) == ("network", undone.utility, undone.dataset)
        and later.revision not in rolled_back
        for later in records
    ):
        raise refused("revision_not_last")
    return undone


def _of(version: AssetVersion, utility: str, dataset: str) -> bool:
    return version.lived.valid_to is None and (version.utility, version.dataset) == (utility, dataset)


def _reach(before: DatasetVersion | None, state: dict[str, Any], created: bool) -> str:
    past = before.state if before is not None else {}
    if created:
        return "everywhere"
    doubt_changed = past.get("boxless_rejected", 0) != state.get("boxless_rejected", 0)
    older = "data_date" not in state or state["data_date"] < past.get("data_date", "")
    return "utility" if doubt_changed or older else "ground"


def _area_came_or_went(before: Register, after: Register, utility: str) -> bool:
    return before.has_area(utility, before.newest) != after.has_area(utility, before.newest + 1)


def _replace_dataset(register: Register, version: DatasetVersion) -> Register:
    same = (version.utility, version.dataset)
    closed = close(
        register.datasets, lambda old: (old.utility, old.dataset) == same, version.lived.valid_from
    )
    return replace(register, datasets=(*closed, version))


def _record(
    register: Register,
    kind: str,
    utility: str,
    dataset: str | None,
    touches: str,
    added: int,
    closed: int,
    rejected: int,
    summary: dict[str, Any],
    rolls_back: int | None = None,
) -> Register:
    record = RevisionRecord(
        revision=register.newest + 1,
        kind=kind,
        utility=utility,
        dataset=dataset,
        committed_at=datetime.now(UTC),
        added=added,
        closed=closed,
        rejected=rejected,
        summary=summary,
    )
    return replace(register, changes=(*register.changes, Change(record, touches, rolls_back)))

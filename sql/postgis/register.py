"""Changes of the register: staged by COPY, applied by the vault's functions, in one transaction.

But for the pieces of an import, which take as long as all the rest: they go over a connection of their own meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection

from spatial import canonical
from spatial.asset_table import AssetTable
from spatial.comparing.changes import Beside, Standing
from spatial.measuring.pieces import Cuts
from spatial.values import Box, NetworkIntake, Utility
from sql import rows
from sql.decisions import Quarantine, check_declaration, quarantine_after
from sql.errors import refused
from sql.postgis import uploads
from sql.postgis.staging import copy_assets, copy_pieces, copy_rows
from sql.queries import REGISTER
from sql.records import GroundDeclaration, ImportReport, RejectedRecord, RevisionRecord
from sql.uploads import Publishing


def set_utility(connection: Connection, utility: Utility) -> int | None:
    revision: int | None = connection.exec_driver_sql(
        REGISTER["set_utility"],
        {
            "code": utility.code,
            "name": utility.name,
            "phone": utility.phone,
            "duty_phone": utility.duty_phone,
        },
    ).scalar_one()
    return revision


Write = Callable[[Callable[[Connection], None]], None]
"""Runs some work in a transaction of another connection and commits it."""


def import_network(
    connection: Connection,
    beside: Write,
    intake: NetworkIntake,
    cuts: Cuts,
    *,
    utility: str,
    dataset: str,
    on: date,
    coverage: GroundDeclaration | None,
    confirmed_rejected: int,
    over: int | None,
    read_as: Mapping[str, Any] | None,
    upload: Publishing | None,
) -> ImportReport:
    words = []
    if coverage is not None:
        check_declaration(coverage, utility)
        words = rows.ground_rows(coverage)
    connection.exec_driver_sql(REGISTER["allow_long_work"])
    # Before anything is sent, so that a second writer hears at once and the staging tables are ours alone.
    connection.exec_driver_sql(REGISTER["lock_register"])
    of = {"utility": utility, "dataset": dataset}
    before = connection.exec_driver_sql(REGISTER["standing_dataset"], of).one_or_none()
    if over is not None and over != (before.revision if before else 0):
        raise refused("dataset_changed")
    after = quarantine_after(
        intake,
        rejected(connection, utility, dataset, None),
        rejected_before=before.rejected if before else 0,
        boxless_before=before.boxless_rejected if before else 0,
        confirmed=confirmed_rejected,
    )
    _stage_assets(connection, intake, cuts)
    _stage_rejected(connection, after)
    _stage_ground(connection, [*after.ground, *words])
    copy_rows(connection, REGISTER["copy_removed"], ((name,) for name in intake.removed))
    matched = connection.exec_driver_sql(
        REGISTER["match_import"], of | {"stable_ids": intake.stable_ids}
    ).one()
    pieces = _of_fresh(cuts, matched.fresh, matched.last_id + 1)
    state = rows.dataset_state(intake, cuts, on=on, boxless_rejected=after.boxless, read_as=read_as)
    applying = of | {
        "state": canonical.dumps(state),
        "of_changes": intake.changes is not None,
        "gone": rows.numbers_text(row.rejected_id for row in after.gone),
        "differs": after.differs,
    }
    with ThreadPoolExecutor(1) as helper:
        applied: Future[Any] = Future()
        opened = helper.submit(beside, lambda other: _open_pieces(other, pieces, applied))
        try:
            done = connection.exec_driver_sql(REGISTER["apply_import"], applying).one()
            applied.set_result(done)
        except BaseException as error:
            applied.set_exception(error)
            raise
        # The pieces are committed here, and with the assets, by the caller, they are published.
        opened.result()
    sent = {"last_id": matched.last_id, "expected": len(pieces.asset)}
    connection.exec_driver_sql(REGISTER["seal_pieces"], sent)
    if upload is not None:
        uploads.end(connection, upload.claim, "published", upload.told, done.revision)
    return ImportReport(
        revision=done.revision,
        utility=utility,
        dataset=dataset,
        received=intake.received,
        added=done.added,
        closed=done.closed,
        unchanged=done.unchanged,
        rejected=len(intake.rejected),
        utility_created=done.utility_created,
    )


def declare_ground(connection: Connection, declaration: GroundDeclaration) -> int:
    check_declaration(declaration, declaration.utility)
    connection.exec_driver_sql(REGISTER["lock_register"])
    _stage_ground(connection, rows.ground_rows(declaration))
    revision: int = connection.exec_driver_sql(
        REGISTER["declare_ground"], {"utility": declaration.utility, "kind": declaration.ground.value}
    ).scalar_one()
    return revision


def roll_back(connection: Connection, revision: int) -> ImportReport:
    connection.exec_driver_sql(REGISTER["allow_long_work"])
    done = connection.exec_driver_sql(REGISTER["roll_back"], {"revision": revision}).one()
    return ImportReport(
        revision=done.revision,
        utility=done.of_utility,
        dataset=done.of_dataset,
        received=done.received,
        added=done.added,
        closed=done.closed,
        unchanged=done.unchanged,
        rejected=done.rejected,
        utility_created=False,
    )


def utilities(connection: Connection) -> tuple[Utility, ...]:
    return tuple(Utility(*row) for row in connection.exec_driver_sql(REGISTER["utilities"]))


def revisions(connection: Connection) -> tuple[RevisionRecord, ...]:
    return tuple(RevisionRecord(*row) for row in connection.exec_driver_sql(REGISTER["revisions"]))


def standing(connection: Connection, utility: str, dataset: str) -> Standing | None:
    of = {"utility": utility, "dataset": dataset}
    state = connection.exec_driver_sql(REGISTER["standing_dataset"], of).one_or_none()
    if state is None:
        return None
    found = connection.exec_driver_sql(REGISTER["standing_assets"], of).all()
    asset_id, source_id, digest, widened_by_m = zip(*found, strict=True) if found else ((), (), (), ())
    return Standing(
        revision=state.revision,
        length_m=state.length_m,
        crs=state.crs,
        stable_ids=state.stable_ids,
        asset_id=np.array(asset_id, np.int64),
        source_id=source_id,
        digest=digest,
        widened_by_m=np.array(widened_by_m, np.float64),
    )


def beside(connection: Connection, box: Box, utility: str, dataset: str) -> Beside:
    of = dict(zip(("west", "south", "east", "north"), box, strict=True))
    found = connection.exec_driver_sql(
        REGISTER["pieces_beside"], of | {"utility": utility, "dataset": dataset}
    ).all()
    names = {row[0]: (row[2], row[3], row[4]) for row in found}
    number = {asset_id: at for at, asset_id in enumerate(names)}
    return Beside(
        asset=np.array([number[row[0]] for row in found], np.int64),
        geometry=rows.shapes([row[1] for row in found]),
        name=tuple(names.values()),
    )


def datasets(connection: Connection) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row in connection.exec_driver_sql(REGISTER["datasets"]).mappings())


def rejected(
    connection: Connection, utility: str, dataset: str, revision: int | None
) -> tuple[RejectedRecord, ...]:
    of = {"utility": utility, "dataset": dataset, "revision": revision}
    return tuple(
        RejectedRecord(
            rejected_id=row.rejected_id,
            number=row.number,
            source_id=row.source_id,
            code=row.code,
            replaceable=row.replaceable,
            box=None if row.west is None else (row.west, row.south, row.east, row.north),
            ground_digest=row.ground_digest,
        )
        for row in connection.exec_driver_sql(REGISTER["rejected"], of)
    )


def stood_once(connection: Connection, utility: str, dataset: str, ids: Sequence[str]) -> frozenset[str]:
    of = {"utility": utility, "dataset": dataset, "ids": list(ids)}
    return frozenset(connection.exec_driver_sql(REGISTER["stood_once"], of).scalars())


def _stage_rejected(connection: Connection, after: Quarantine) -> None:
    copy_rows(
        connection,
        REGISTER["copy_rejected"],
        (
            (
                number,
                row.number,
                row.source_id,
                row.code,
                row.replaceable,
                *(row.box or (None,) * 4),
                ground["digest"] if ground else None,
            )
            for number, (row, ground) in enumerate(after.fresh)
        ),
    )


def _stage_assets(connection: Connection, intake: NetworkIntake, cuts: Cuts) -> None:
    widened = rows.widened_by_m(cuts, len(intake.assets))
    copy_assets(connection, REGISTER["copy_assets"], AssetTable.of(intake.assets), widened)


def _of_fresh(cuts: Cuts, fresh: Sequence[int] | None, first_id: int) -> Cuts:
    """The pieces of the fresh assets, each with the id its asset will have. fresh: their numbers in order; None: all."""
    if fresh is None:
        return replace(cuts, asset=cuts.asset + first_id)
    id_of = np.zeros(int(cuts.asset.max(initial=-1)) + 1, np.int64)
    id_of[fresh] = first_id + np.arange(len(fresh))
    chosen = np.flatnonzero(id_of[cuts.asset])
    return Cuts(
        asset=id_of[cuts.asset[chosen]],
        geometry=cuts.geometry[chosen],
        from_m=cuts.from_m[chosen],
        to_m=cuts.to_m[chosen],
        boxes=cuts.boxes[chosen],
    )


def _open_pieces(connection: Connection, pieces: Cuts, applied: "Future[Any]") -> None:
    """Nobody finds them before their assets are there; so they are kept only when those are about to be."""
    connection.exec_driver_sql(REGISTER["allow_long_work"])
    connection.exec_driver_sql(REGISTER["lock_pieces"])
    copy_pieces(connection, REGISTER["copy_pieces"], pieces)
    connection.exec_driver_sql(REGISTER["open_pieces"])
    applied.result()


def _stage_ground(connection: Connection, ground: Sequence[dict[str, Any]]) -> None:
    copy_rows(
        connection,
        REGISTER["copy_ground"],
        (
            (
                number,
                row["kind"],
                row["pipe_kind"],
                row["as_of"],
                row["max_age_days"],
                row["assumed"],
                row["source"],
                row["digest"],
                None if row["geometry"] is None else bytes.fromhex(rows.ewkb([row["geometry"]])[0]),
            )
            for number, row in enumerate(ground)
        ),
    )

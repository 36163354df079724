"""Changes of the register: staged by COPY, applied by the vault's functions, in one transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from spatial.asset_table import AssetTable
from spatial.measuring.pieces import Cuts
from spatial.values import NetworkIntake, Utility
from sql import rows
from sql.decisions import check_declaration
from sql.postgis.staging import copy_assets, copy_pieces, copy_rows
from sql.queries import REGISTER
from sql.records import GroundDeclaration, ImportReport, RevisionRecord


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


def import_network(
    connection: Connection,
    intake: NetworkIntake,
    cuts: Cuts,
    *,
    utility: str,
    dataset: str,
    on: date,
    coverage: GroundDeclaration | None,
    confirmed_rejected: int,
) -> ImportReport:
    ground = rows.unreadable_rows(intake)
    if coverage is not None:
        check_declaration(coverage, utility)
        ground += rows.ground_rows(coverage)
    connection.exec_driver_sql(REGISTER["allow_long_work"])
    # Before anything is sent, so that a second writer hears at once and the staging tables are ours alone.
    connection.exec_driver_sql(REGISTER["lock_register"])
    _stage_network(connection, intake, cuts)
    _stage_ground(connection, ground)
    state = rows.dataset_state(intake, cuts, on=on, confirmed_rejected=confirmed_rejected)
    done = connection.exec_driver_sql(
        REGISTER["apply_import"],
        {"utility": utility, "dataset": dataset, "state": canonical.dumps(state)},
    ).one()
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


def datasets(connection: Connection) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row in connection.exec_driver_sql(REGISTER["datasets"]).mappings())


def _stage_network(connection: Connection, intake: NetworkIntake, cuts: Cuts) -> None:
    widened = rows.widened_by_m(cuts, len(intake.assets))
    copy_assets(connection, REGISTER["copy_assets"], AssetTable.of(intake.assets), widened)
    copy_pieces(connection, REGISTER["copy_pieces"], cuts)


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

"""Changes of the register: staged by COPY, applied by the vault's functions, in one transaction."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from spatial.measuring.pieces import Cuts
from spatial.values import NetworkIntake, Utility
from sql import rows
from sql.decisions import check_declaration
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
    shapes = rows.ewkb([asset.geometry for asset in intake.assets])
    _copy(
        connection,
        REGISTER["copy_assets"],
        (
            (number, *rows.asset_row(asset).values(), by_m, shape)
            for number, (asset, by_m, shape) in enumerate(
                zip(intake.assets, widened.tolist(), shapes, strict=True)
            )
        ),
    )
    _copy(
        connection,
        REGISTER["copy_pieces"],
        zip(
            cuts.asset.tolist(),
            rows.ordinals(cuts.asset).tolist(),
            rows.ewkb(cuts.geometry),
            cuts.from_m.tolist(),
            cuts.to_m.tolist(),
            *cuts.boxes.T.tolist(),
            strict=True,
        ),
    )


def _stage_ground(connection: Connection, ground: Sequence[dict[str, Any]]) -> None:
    _copy(
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
                None if row["geometry"] is None else rows.ewkb([row["geometry"]])[0],
            )
            for number, row in enumerate(ground)
        ),
    )


def _copy(connection: Connection, statement: str, lines: Iterable[Sequence[Any]]) -> None:
    """COPY in text form: 100,000 rows in about a second, where INSERT takes a minute."""
    text = "".join("\t".join(map(_field, line)) + "\n" for line in lines)
    # Encoded here, so that what cannot be encoded is our refusal and not a failure within COPY.
    sent = io.BytesIO(text.encode())
    driver = connection.connection.dbapi_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.copy_expert(statement, sent)


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _field(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, float):
        return repr(value)
    return str(value)

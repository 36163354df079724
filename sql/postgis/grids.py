"""Registered grids: versions are added, never changed."""

from sqlalchemy import Connection

from sql.queries import GRIDS
from sql.records import GridRecord


def keep_grid(
    connection: Connection, name: str, *, kind: str, source: str, accuracy_m: float, sealed: str
) -> int:
    connection.exec_driver_sql(GRIDS["lock_grids"])
    version: int = connection.exec_driver_sql(
        GRIDS["keep_grid"],
        {"name": name, "kind": kind, "source": source, "accuracy_m": accuracy_m, "sealed": sealed},
    ).scalar_one()
    return version


def grid(connection: Connection, name: str) -> GridRecord | None:
    row = connection.exec_driver_sql(GRIDS["grid"], {"name": name}).first()
    return None if row is None else GridRecord(*row)


def grids(connection: Connection) -> tuple[GridRecord, ...]:
    return tuple(GridRecord(*row) for row in connection.exec_driver_sql(GRIDS["grids"]))

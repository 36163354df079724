"""What a dataset holds, read from the database: counted there, and kept once counted."""

from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from spatial.asset_table import ATTRIBUTES, AssetTable
from spatial.columns import Coded
from spatial.inventory.figures import Count, Figures
from spatial.words import AssetKind, PipeKind, PressureClass
from sql import rows
from sql.errors import refused
from sql.inventory import DatasetRecord
from sql.postgis.connection import Door
from sql.queries import INVENTORY, REGISTER


class Inventory:
    """The part of PostgisVault that sql.inventory describes."""

    _door: Door

    def dataset_records(self, utility: str, revision: int) -> tuple[DatasetRecord, ...]:
        return self._door.read(lambda db: _dataset_records(db, utility, revision))

    def figures(self, utility: str, dataset: str, revision: int) -> Figures:
        of = self._door.read(lambda db: _when_it_changed(db, utility, dataset, revision))
        kept = self._door.read(
            lambda db: db.exec_driver_sql(INVENTORY["kept_figures"], of).scalar_one_or_none()
        )
        if kept is None:
            kept = self._door.write(lambda db: db.exec_driver_sql(INVENTORY["keep_figures"], of).scalar_one())
        return Figures.of_counts(Count(*one) for one in kept)

    def dataset_assets(self, utility: str, dataset: str, revision: int) -> AssetTable:
        return self._door.read(lambda db: _dataset_assets(db, utility, dataset, revision))

    def service_area(self, utility: str, revision: int) -> MultiPolygon | None:
        return self._door.read(lambda db: _service_area(db, utility, revision))


def _settled(connection: Connection, revision: int) -> int:
    newest = connection.exec_driver_sql(REGISTER["newest_revision"]).scalar_one()
    if not 0 <= revision <= newest:
        raise refused("revision_unknown")
    return revision


def _dataset_records(connection: Connection, utility: str, revision: int) -> tuple[DatasetRecord, ...]:
    asked = {"utility": utility, "revision": _settled(connection, revision)}
    found = connection.exec_driver_sql(INVENTORY["dataset_records"], asked).mappings()
    return tuple(
        DatasetRecord(**{**row, "sources": [tuple(source) for source in row["sources"]]}) for row in found
    )


def _when_it_changed(connection: Connection, utility: str, dataset: str, revision: int) -> dict[str, Any]:
    asked = {"utility": utility, "dataset": dataset, "revision": _settled(connection, revision)}
    return asked | {"revision": connection.exec_driver_sql(INVENTORY["last_change"], asked).scalar_one() or 0}


def _dataset_assets(connection: Connection, utility: str, dataset: str, revision: int) -> AssetTable:
    asked = {"utility": utility, "dataset": dataset, "revision": _settled(connection, revision)}
    found = connection.exec_driver_sql(INVENTORY["dataset_assets"], asked).all()
    source_id, *columns, digest, geom = zip(*found, strict=True) if found else ((),) * 18
    wkb = np.empty(len(found), dtype=object)
    wkb[:] = [bytes(shape) for shape in geom]
    read = {
        "kind": AssetKind,
        "pressure_class": PressureClass,
        "pipe_kind": PipeKind,
        "uncertainty": rows.terms_of,
        "depth_uncertainty": rows.terms_of,
    }
    attributes = {
        name: Coded.of(column).map(
            lambda value, name=name: value if value is None else read.get(name, _same)(value)
        )
        for name, column in zip(ATTRIBUTES, columns, strict=True)
    }
    return AssetTable(list(source_id), wkb, attributes, list(digest))


def _same(value: Any) -> Any:
    return value


def _service_area(connection: Connection, utility: str, revision: int) -> MultiPolygon | None:
    asked = {"utility": utility, "revision": _settled(connection, revision)}
    wkb = connection.exec_driver_sql(INVENTORY["service_area_at"], asked).scalar_one()
    return None if wkb is None else shapely.from_wkb(bytes(wkb))

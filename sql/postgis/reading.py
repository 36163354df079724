"""Reading the register: candidates and ground round dig sites, whole assets, stored pieces.

A question is answered from one revision. Its rows never change, so the calls that make up an answer need no
transaction round them: each names the revision, and all read the same register.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from spatial.declared import Book, GroundRow, ground_of_site
from spatial.found import Assets, Found, Pieces, Region
from spatial.values import Box, DatasetState, Utility, UtilityGround
from spatial.words import GroundKind, PipeKind
from sql import rows
from sql.postgis import regions
from sql.postgis.connection import ask
from sql.queries import FIND
from sql.records import DeclaredGround, WholeAsset

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The last few of something that never changes. Safe to share between threads."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._at_most:
                self._values.popitem(last=False)


class Reader:
    """Remembers what can never change: the ground rows, and what one revision knew of each utility."""

    def __init__(self) -> None:
        self._ground: Kept[int, GroundRow] = Kept(4096)
        self._shapes: Kept[bytes, BaseGeometry] = Kept(1024)
        self._books: Kept[int, Book] = Kept(16)
        self._doubts: Kept[int, float] = Kept(64)

    def find(self, connection: Connection, queries: Sequence[Sequence[Box]], as_of: int | None) -> Found:
        asked = _asked(queries) | {"as_of": as_of}
        found: list[Any] = []
        near: list[set[int]] = [set() for _ in queries]
        owners: list[set[str]] = [set() for _ in queries]
        for row in ask(connection, FIND["around"], asked):
            read_revision, ground_id, site = row[:3]
            if read_revision is None:
                found.append(row)
                owners[site].add(row[_UTILITY])
            elif ground_id is None:
                revision = int(read_revision)
            else:
                near[site].add(ground_id)
        return Found(revision, _pieces(found), self._ground_of(connection, revision, near, queries, owners))

    def region(self, connection: Connection, box: Box, as_of: int | None) -> Region:
        read = regions.Read(connection, box, as_of)
        book = self._book(connection, read.revision)
        return read.region(book, self._ground_rows(connection, read.ground))

    def position_doubt_m(self, connection: Connection, as_of: int) -> float:
        known = self._doubts.get(as_of)
        if known is None:
            known = float(connection.exec_driver_sql(FIND["position_doubt_m"], {"as_of": as_of}).scalar_one())
            self._doubts.put(as_of, known)
        return known

    def _ground_of(
        self,
        connection: Connection,
        revision: int,
        near: Sequence[set[int]],
        queries: Sequence[Sequence[Box]],
        owners: Sequence[set[str]],
    ) -> tuple[tuple[UtilityGround, ...], ...]:
        ground = self._ground_rows(connection, set().union(*near))
        book = self._book(connection, revision)
        return tuple(
            ground_of_site(book, [ground[ground_id] for ground_id in ids], boxes, here)
            for ids, boxes, here in zip(near, queries, owners, strict=True)
        )

    def _ground_rows(self, connection: Connection, ids: set[int]) -> dict[int, GroundRow]:
        known = {ground_id: row for ground_id in ids if (row := self._ground.get(ground_id)) is not None}
        if missing := sorted(ids - known.keys()):
            for *about, wkb in connection.exec_driver_sql(FIND["ground_rows"], {"ids": missing}):
                row = GroundRow(*about, geometry=self._shape(bytes(wkb)))
                known[row.ground_id] = row
                self._ground.put(row.ground_id, row)
        return known

    def _shape(self, wkb: bytes) -> BaseGeometry:
        """Ground that is said twice is one object, prepared: what is worked out of it is worked out once."""
        shape = self._shapes.get(wkb)
        if shape is None:
            shape = rows.shapes([wkb])[0]
            shapely.prepare(shape)
            self._shapes.put(wkb, shape)
        return shape

    def _book(self, connection: Connection, revision: int) -> Book:
        known = self._books.get(revision)
        if known is None:
            known = _read_book(connection, revision)
            self._books.put(revision, known)
        return known


def find_whole(connection: Connection, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
    found = connection.exec_driver_sql(FIND["whole_assets"], rows.box_arrays(boxes) | {"as_of": as_of})
    whole = [
        WholeAsset(
            asset_id=row["asset_id"],
            utility=row["utility"],
            dataset=row["dataset"],
            revision=row["revision"],
            asset=rows.asset_of(dict(row), rows.shapes([row["geom"]])[0]),
            stored_digest=row["digest"],
        )
        for row in found.mappings()
    ]
    return tuple(row for row in whole if _meets(row.asset.geometry, boxes))


def declared_ground(connection: Connection) -> tuple[DeclaredGround, ...]:
    return tuple(
        DeclaredGround(
            utility=row.utility,
            kind=GroundKind(row.kind),
            pipe_kind=PipeKind(row.pipe_kind) if row.pipe_kind is not None else None,
            as_of=row.as_of,
            max_age_days=row.max_age_days,
            assumed=row.assumed,
            geometry=rows.shapes([row.geom])[0],
        )
        for row in connection.exec_driver_sql(FIND["declared_ground"])
    )


def stored_pieces(
    connection: Connection, asset_ids: Sequence[int]
) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
    found = connection.exec_driver_sql(
        FIND["stored_pieces"], {"ids": [int(asset_id) for asset_id in asset_ids]}
    )
    pieces: dict[int, list[tuple[BaseGeometry, float, float]]] = {}
    for asset_id, wkb, from_m, to_m in found:
        pieces.setdefault(asset_id, []).append((rows.shapes([wkb])[0], from_m, to_m))
    return {asset_id: tuple(kept) for asset_id, kept in pieces.items()}


def _meets(geometry: BaseGeometry, boxes: Sequence[Box]) -> bool:
    west, south, east, north = geometry.bounds
    return any(west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1] for box in boxes)


def _asked(queries: Sequence[Sequence[Box]]) -> dict[str, Any]:
    """All boxes of all sites, and the site each belongs to."""
    site = rows.numbers_text(number for number, boxes in enumerate(queries) for _ in boxes)
    return rows.box_arrays(box for boxes in queries for box in boxes) | {"site": site}


def _read_book(connection: Connection, revision: int) -> Book:
    at = {"revision": revision}
    datasets: dict[str, list[DatasetState]] = {}
    boxless: dict[str, int] = {}
    for row in connection.exec_driver_sql(FIND["datasets_at"], at):
        datasets.setdefault(row.utility, []).append(DatasetState(row.dataset, row.valid_from, row.data_date))
        boxless[row.utility] = boxless.get(row.utility, 0) + row.boxless_rejected
    return Book(
        utilities=tuple(Utility(*row) for row in connection.exec_driver_sql(FIND["utilities_at"], at)),
        datasets={utility: tuple(states) for utility, states in datasets.items()},
        boxless_rejected=boxless,
        without_area=frozenset(connection.exec_driver_sql(FIND["utilities_without_area"], at).scalars()),
    )


# Columns of `around`, by place: this is the hot path. The two before them are of ground.
(_SITE, _ASSET, _ORDINAL, _GEOM, _FROM, _TO, _SOURCE, _UTILITY, _DATASET, _REVISION, _KIND, _CLASS, _DIAMETER, _COVER,
 _STATUS, _PIPE_KIND, _UNCERTAINTY, _TERMS, _COVER_MOST, _PROFILED, _DEPTH, _DEPTH_TERMS) = range(2, 24)  # fmt: skip


def _pieces(found: Sequence[Any]) -> Pieces:
    """Pairs by site, asset and place along it; a pair that met two boxes of its site kept once."""
    pairs = {(row[_SITE], row[_ASSET], row[_ORDINAL]): row for row in found}
    ordered = [pairs[key] for key in sorted(pairs)]
    by_asset = {row[_ASSET]: row for row in ordered}
    ids = sorted(by_asset)
    place = {asset_id: number for number, asset_id in enumerate(ids)}
    assets = [by_asset[asset_id] for asset_id in ids]
    return Pieces(
        site=np.array([row[_SITE] for row in ordered], dtype=np.int64),
        asset=np.array([place[row[_ASSET]] for row in ordered], dtype=np.int64),
        geometry=rows.shapes([row[_GEOM] for row in ordered]),
        from_m=np.array([row[_FROM] for row in ordered], dtype=np.float64),
        to_m=np.array([row[_TO] for row in ordered], dtype=np.float64),
        assets=Assets(
            asset_id=np.array(ids, dtype=np.int64),
            source_id=_words(assets, _SOURCE),
            utility=_words(assets, _UTILITY),
            dataset=_words(assets, _DATASET),
            revision=np.array([row[_REVISION] for row in assets], dtype=np.int64),
            kind=_words(assets, _KIND),
            pressure_class=_words(assets, _CLASS),
            # None becomes NaN.
            diameter_mm=np.array([row[_DIAMETER] for row in assets], dtype=np.float64),
            cover_m=np.array([row[_COVER] for row in assets], dtype=np.float64),
            status=_words(assets, _STATUS),
            pipe_kind=_words(assets, _PIPE_KIND),
            uncertainty_m=np.array([row[_UNCERTAINTY] for row in assets], dtype=np.float64),
            uncertainty_terms=_column([rows.shown_terms(row[_TERMS]) for row in assets]),
            cover_most_m=np.array([row[_COVER_MOST] for row in assets], dtype=np.float64),
            profiled=np.array([row[_PROFILED] for row in assets], dtype=np.bool_),
            depth_uncertainty_m=np.array([row[_DEPTH] for row in assets], dtype=np.float64),
            depth_terms=_column([rows.shown_terms(row[_DEPTH_TERMS]) for row in assets]),
        ),
    )


def _words(assets: Sequence[Any], place: int) -> Any:
    return _column([row[place] for row in assets])


def _column(values: Sequence[Any]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column

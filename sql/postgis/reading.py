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
from sql.postgis.connection import Door
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
    """Reads the register through one door, and remembers what can never change in the database behind it."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._memory = _Memory(door)

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None) -> Found:
        (revision, *_), *rows_found = self._door.glance(
            FIND["around"], _asked(queries) | {"as_of": as_of}, prepare=FIND["prepare_around"]
        )
        found: list[Any] = []
        near: list[set[int]] = [set() for _ in queries]
        owners: list[set[str]] = [set() for _ in queries]
        for row in rows_found:
            if row[_GROUND] is None:
                found.append(row)
                owners[row[_SITE]].add(row[_UTILITY])
            else:
                near[row[_SITE]].add(row[_GROUND])
        return Found(revision, _pieces(found), self._remembered().ground_of(revision, near, queries, owners))

    def region(self, box: Box, as_of: int | None) -> Region:
        read = self._door.read(lambda db: regions.Read(db, box, as_of))
        return self._remembered().region(read)

    def position_doubt_m(self, as_of: int) -> float:
        return self._remembered().position_doubt_m(as_of)

    def _remembered(self) -> "_Memory":
        """Of the database that the door leads to now. Who began with another's goes on with that one."""
        if self._memory.database != self._door.database:
            self._memory = _Memory(self._door)
        return self._memory


class _Memory:
    """Of one database: the ground rows, and what one revision knew of each utility."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.database = door.database
        self._ground: Kept[int, GroundRow] = Kept(4096)
        self._shapes: Kept[bytes, BaseGeometry] = Kept(1024)
        self._books: Kept[int, Book] = Kept(16)
        self._doubts: Kept[int, float] = Kept(64)
        self._answers: Kept[tuple[int, frozenset[int], frozenset[str]], tuple[UtilityGround, ...]] = Kept(
            1024
        )

    def region(self, read: regions.Read) -> Region:
        return read.region(self._book(read.revision), self._ground_rows(read.ground))

    def position_doubt_m(self, as_of: int) -> float:
        known = self._doubts.get(as_of)
        if known is None:
            known = float(self._door.glance(FIND["position_doubt_m"], {"as_of": as_of})[0][0])
            self._doubts.put(as_of, known)
        return known

    def ground_of(
        self,
        revision: int,
        near: Sequence[set[int]],
        queries: Sequence[Sequence[Box]],
        owners: Sequence[set[str]],
    ) -> tuple[tuple[UtilityGround, ...], ...]:
        ground = self._ground_rows(set().union(*near))
        book = self._book(revision)
        return tuple(
            self._ground_of_site(revision, book, [ground[ground_id] for ground_id in ids], boxes, here)
            for ids, boxes, here in zip(near, queries, owners, strict=True)
        )

    def _ground_of_site(
        self, revision: int, book: Book, near: Sequence[GroundRow], boxes: Sequence[Box], owners: set[str]
    ) -> tuple[UtilityGround, ...]:
        """Sites of one town mostly concern the same utilities by the same words: those are put together once."""
        around = [shapely.box(*box) for box in boxes]
        # Rows that say the same share one shape, looked at once.
        shapes = {id(row.geometry): row.geometry for row in near}
        here = {
            key for key, shape in shapes.items() if any(shapely.intersects(shape, area) for area in around)
        }
        met = [row for row in near if id(row.geometry) in here]
        key = (revision, frozenset(row.ground_id for row in met), frozenset(owners))
        known = self._answers.get(key)
        if known is None:
            known = ground_of_site(book, met, boxes, owners)
            self._answers.put(key, known)
        return known

    def _ground_rows(self, ids: set[int]) -> dict[int, GroundRow]:
        known = {ground_id: row for ground_id in ids if (row := self._ground.get(ground_id)) is not None}
        if missing := sorted(ids - known.keys()):
            for *about, wkb in self._door.glance(FIND["ground_rows"], {"ids": missing}):
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

    def _book(self, revision: int) -> Book:
        known = self._books.get(revision)
        if known is None:
            known = self._door.read(lambda db: _read_book(db, revision))
            self._books.put(revision, known)
        return known


def find_whole(connection: Connection, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
    asked = rows.box_arrays(boxes) | {"as_of": as_of}
    found = connection.exec_driver_sql(FIND["whole_assets"], asked).mappings().all()
    shapes = rows.shapes([row["geom"] for row in found])
    return tuple(
        WholeAsset(
            asset_id=row["asset_id"],
            utility=row["utility"],
            dataset=row["dataset"],
            revision=row["revision"],
            asset=rows.asset_of(dict(row), shape),
            stored_digest=row["digest"],
        )
        for row, shape, meets in zip(found, shapes, _meet(shapes, boxes), strict=True)
        if meets
    )


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


def _meet(shapes: Any, boxes: Sequence[Box]) -> list[bool]:
    """Of each shape whether its bounds meet a box: the index keeps bounds in single precision, rounded outwards."""
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    met = np.zeros(len(bounds), dtype=np.bool_)
    for west, south, east, north in boxes:
        met |= (
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
    answers: list[bool] = met.tolist()
    return answers


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


# Columns of `around`, by place: this is the hot path.
(_REVISION, _SITE, _GROUND, _NUMBERS, _GEOM, _SOURCE, _UTILITY, _DATASET, _KIND, _CLASS, _STATUS, _PIPE_KIND, _TERMS,
 _DEPTH_TERMS) = range(14)  # fmt: skip

_PIECE = np.dtype([("whole", ">i8", 4), ("metres", ">f8", 7), ("profiled", "?")])
"""`numbers` of a row. whole: site, asset id, ordinal, revision. metres: from and to along the asset, its diameter (mm),
cover, uncertainty, most cover, uncertainty of the depth."""


def _pieces(found: Sequence[Any]) -> Pieces:
    """Pairs by site, asset and place along it; a pair that met two boxes of its site kept once.

    Few calls on whole columns: on the few rows of one site, a call costs more than what it does.
    """
    numbers = np.frombuffer(b"".join([row[_NUMBERS] for row in found]), dtype=_PIECE)
    # In the machine's own order of bytes first: taken out one by one from another they cost ten times as much.
    every_whole, every_metres = numbers["whole"].astype(np.int64), numbers["metres"].astype(np.float64)
    rows_of = {pair: row for row, pair in enumerate(map(tuple, every_whole[:, :3].tolist()))}
    ordered = [rows_of[pair] for pair in sorted(rows_of)]
    whole, metres = every_whole[ordered], every_metres[ordered]
    asset_ids = whole[:, 1].tolist()
    row_of = dict(zip(asset_ids, ordered, strict=True))
    ids = sorted(row_of)
    place = {asset_id: number for number, asset_id in enumerate(ids)}
    firsts = [row_of[asset_id] for asset_id in ids]
    words = np.array([found[row][_SOURCE:] for row in firsts], dtype=object).reshape(-1, 9).T
    source, utility, dataset, kind, pressure_class, status, pipe_kind, terms, depth_terms = words
    about = every_metres[firsts]
    return Pieces(
        site=whole[:, 0],
        asset=np.array([place[asset_id] for asset_id in asset_ids], dtype=np.int64),
        geometry=rows.shapes([found[row][_GEOM] for row in ordered]),
        from_m=metres[:, 0],
        to_m=metres[:, 1],
        assets=Assets(
            asset_id=np.array(ids, dtype=np.int64),
            source_id=source,
            utility=utility,
            dataset=dataset,
            revision=every_whole[firsts, 3],
            kind=kind,
            pressure_class=pressure_class,
            diameter_mm=about[:, 2],
            cover_m=about[:, 3],
            status=status,
            pipe_kind=pipe_kind,
            uncertainty_m=about[:, 4],
            uncertainty_terms=_shown(terms),
            cover_most_m=about[:, 5],
            profiled=numbers["profiled"][firsts],
            depth_uncertainty_m=about[:, 6],
            depth_terms=_shown(depth_terms),
        ),
    )


def _shown(terms: Any) -> Any:
    column = np.empty(len(terms), dtype=object)
    column[:] = [rows.shown_terms(text) for text in terms.tolist()]
    return column

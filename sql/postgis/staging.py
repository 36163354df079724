"""Rows on their way into the staging tables: binary COPY, put together by columns.

As text a million rows cost half a minute of this process alone: each number was spelt out here and read again there.
A block is made while the server works on the one before. Nothing here changes a value: text is text, and a number goes
with all its bits.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from spatial.asset_table import ROWS_A_BLOCK, AssetTable
from spatial.columns import Coded, merged
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import Cuts, IntArray
from spatial.values import UncertaintyTerm
from sql import rows

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_EPOCH = date(2000, 1, 1)
_FROM_TYPE = b"\x20" + struct.pack("<i", rows.SRID)
"""The last byte of a geometry's type, which says that its SRID follows, and the SRID."""

_length = struct.Struct(">i").pack

_ASSET_HEAD = np.dtype([("fields", ">i2"), ("length", ">i4"), ("ordinal", ">i4")])
_NUMBER = np.dtype([("length", ">i4"), ("value", ">f8")])
_PIECE_HEAD = np.dtype(
    [("fields", ">i2"), ("length", ">i4"), ("asset", ">i8"), ("length_2", ">i4"), ("ordinal", ">i4")]
)
_PIECE_TAIL = np.dtype((_NUMBER, 6))


def copy_assets(connection: Connection, statement: str, table: AssetTable, widened_by_m: FloatArray) -> None:
    """statement: the columns in the order of _asset_columns(), after the ordinal and the id."""
    # Encoded before anything is sent, so that what cannot be encoded is our refusal and not a failure within COPY.
    columns = merged(_asset_columns(table))
    for at in range(0, len(table), ROWS_A_BLOCK):
        "".join(table.source_id[at : at + ROWS_A_BLOCK]).encode()
    _send(connection, statement, _asset_blocks(table, columns, widened_by_m))


def copy_pieces(connection: Connection, statement: str, cuts: Cuts) -> None:
    """cuts: with the ids of their assets."""
    _send(connection, statement, _piece_blocks(cuts, rows.ordinals(cuts.asset)))


def copy_rows(connection: Connection, statement: str, lines: Iterable[Sequence[Any]]) -> None:
    """A few rows as they come: None, str, bool, int, float, date, and shapes as bytes."""
    sent = [b"".join((struct.pack(">h", len(line)), *map(_field, line))) for line in lines]
    _send(connection, statement, iter(sent))


def _send(connection: Connection, statement: str, blocks: Iterator[bytes]) -> None:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    with driver.cursor() as cursor, ThreadPoolExecutor(1) as ahead:
        cursor.copy_expert(statement, _Blocks(chain([_SIGNATURE], blocks, [_END]), ahead))


class _Blocks:
    """What COPY reads from: gives a block and has the next one made meanwhile."""

    def __init__(self, blocks: Iterator[bytes], ahead: ThreadPoolExecutor) -> None:
        self._blocks, self._ahead = blocks, ahead
        self._coming = ahead.submit(next, blocks, b"")

    def read(self, size: int = -1) -> bytes:
        """The next block, however long; empty at the end."""
        block = self._coming.result()
        if block:
            self._coming = self._ahead.submit(next, self._blocks, b"")
        return block


# -- assets and pieces ------------------------------------------------------------------------------------


def _asset_columns(table: AssetTable) -> list[Coded]:
    """The attributes as COPY takes them, in the order of the statement; the terms of a doubt together with its sum."""
    said = table.attributes
    return [
        said["kind"].map(_word),
        said["pressure_class"].map(_word),
        said["pipe_kind"].map(_word),
        *(said[name].map(_field) for name in _AS_THEY_ARE),
        said["uncertainty"].map(lambda terms: _terms(terms) + _field(rows.sum_m(terms))),
        said["depth_uncertainty"].map(
            lambda terms: _terms(terms) + _field(rows.sum_m(terms) if terms else None)
        ),
    ]


_AS_THEY_ARE = (
    "diameter_mm",
    "cover_m",
    "cover_most_m",
    "profiled",
    "material",
    "status",
    "survey_class",
    "laid_on",
    "surveyed_on",
    "resurfaced_on",
)


def _asset_blocks(table: AssetTable, columns: Sequence[Coded], widened_by_m: FloatArray) -> Iterator[bytes]:
    for at in range(0, len(table), ROWS_A_BLOCK):
        block = slice(at, min(at + ROWS_A_BLOCK, len(table)))
        count = block.stop - at
        head = np.empty(count, _ASSET_HEAD)
        head["fields"], head["length"], head["ordinal"] = 22, 4, np.arange(at, block.stop)
        ids = [name.encode() for name in table.source_id[block]]
        digests = [digest.encode() for digest in table.digest[block]]
        yield _woven(
            _octets(head),
            _lengths(ids),
            ids,
            *(column.cells(block) for column in columns),
            _lengths(digests),
            digests,
            _octets(_numbers(widened_by_m[block])),
            *_shapes(table.wkb[block]),
        )


def _piece_blocks(cuts: Cuts, ordinals: IntArray) -> Iterator[bytes]:
    for at in range(0, len(cuts.asset), ROWS_A_BLOCK):
        block = slice(at, min(at + ROWS_A_BLOCK, len(cuts.asset)))
        head = np.empty(block.stop - at, _PIECE_HEAD)
        head["fields"], head["length"], head["length_2"] = 9, 8, 4
        head["asset"], head["ordinal"] = cuts.asset[block], ordinals[block]
        tail = np.column_stack([cuts.from_m[block], cuts.to_m[block], cuts.boxes[block]])
        wkb = shapely.to_wkb(cuts.geometry[block], byte_order=1, output_dimension=2)
        yield _woven(_octets(head), *_shapes(wkb), _octets(_numbers(tail)))


def _woven(*columns: Sequence[bytes]) -> bytes:
    """Row by row, all columns of a row in their order."""
    return b"".join(chain.from_iterable(zip(*columns, strict=True)))


def _octets(records: NDArray[Any]) -> list[bytes]:
    """The bytes of each row."""
    flat = np.ascontiguousarray(records).reshape(len(records), -1)
    whole = np.ascontiguousarray(flat).view(np.dtype((np.void, flat.shape[1] * flat.itemsize)))
    octets: list[bytes] = whole[:, 0].tolist()
    return octets


def _numbers(values: FloatArray) -> NDArray[Any]:
    records = np.empty(values.shape, _NUMBER)
    records["length"], records["value"] = 8, values
    return records


def _lengths(texts: Sequence[bytes]) -> list[bytes]:
    return list(map(_length, map(len, texts)))


def _shapes(wkb: Sequence[bytes] | NDArray[np.object_]) -> Iterator[list[bytes]]:
    """Well-known binary as COPY takes it, with the SRID of the register put in; in four columns."""
    yield [_length(len(shape) + 4) for shape in wkb]
    yield [shape[:4] for shape in wkb]
    yield [_FROM_TYPE] * len(wkb)
    yield [shape[5:] for shape in wkb]


# -- single values ----------------------------------------------------------------------------------------


def _field(value: Any) -> bytes:
    """A value with its length before it."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return _length(len(value)) + value
    if isinstance(value, bool):
        return struct.pack(">i?", 1, value)
    if isinstance(value, int):
        return struct.pack(">ii", 4, value)
    if isinstance(value, date):
        return struct.pack(">ii", 4, (value - _EPOCH).days)
    return struct.pack(">id", 8, value)


def _word(value: Any) -> bytes:
    return _field(value.value if value else None)


def _terms(terms: Sequence[UncertaintyTerm]) -> bytes:
    return _field(rows.terms_json(terms))

"""Rows of a foreign file on their way out of the process that opened it: numbers and text laid out flat, never an object.

One line of JSON says how many there are of what; behind it the columns lie in its order, as plain little-endian
arrays. Whoever reads it makes every value anew from bytes of a stated length and believes nothing: sizes must add up to
the last byte, codes must name something, shapes must be built as well-known binary is, have no coordinate that is no
number, and lie where their row is said to lie: by that alone rows are told from those that are elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.files.rows import ID, MAX_ROWS, Rows, is_none
from ingest.networks.changes import CHANGE
from ingest.networks.columns import COLUMNS
from ingest.networks.reasons import REASONS
from ingest.sandbox.wkb import check_wkb
from spatial.columns import Coded
from spatial.crs import LONGEST_TEXT

NO_TEXT = -1
"""In the place of a length: None."""
ROWS_A_BLOCK = 16_384
MOST_NAMES = 10_000
LONGEST_NAME = 10_000
LONGEST_CRS = LONGEST_TEXT + 1
"""Of a longer one so much that it is seen to be too long."""
MOST_SOURCES = 10_000
_LENGTH, _CODE, _BOX = np.dtype("<i4"), np.dtype("<i4"), np.dtype("<f8")
_FLOAT, _WHOLE = np.dtype("<f8"), np.dtype("<i8")
CELL, FLOAT, WHOLE, TEXT = range(4)
_KINDS = {float: FLOAT, int: WHOLE, str: TEXT}
"""Nearly all values of a column are one of these; any other is a cell, which is told in JSON."""
_FAULTS = tuple(REASONS)
_PICKED = frozenset((*COLUMNS, ID, CHANGE))
_CODE_WORD = re.compile(r"[a-z][a-z0-9_]{0,99}")


class Garbled(ValueError):
    """What came out of the process is not what its tasks write."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a task has to say: JSON-ready, and the bytes that lie behind it."""

    head: Any
    behind: Iterable[bytes]


# -- writing, within the walls ------------------------------------------------------------------------------


def packed(tables: Sequence[Rows]) -> Packed:
    """Some tables of rows. Their shapes are written block by block, so that they are not there twice."""
    return Packed([_head(rows) for rows in tables], chain.from_iterable(map(_behind, tables)))


def _head(rows: Rows) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "columns": [
            {
                "name": name,
                "values": len(column.values),
                "cells": [_cell(value) for value in column.values if _kind(value) == CELL],
            }
            for name, column in rows.columns.items()
        ],
        "names": list(rows.names),
        "embedded_crs": None if rows.embedded_crs is None else rows.embedded_crs[:LONGEST_CRS],
        "sources": [list(source) for source in rows.sources],
        "warnings": dict(rows.warnings),
    }


def _behind(rows: Rows) -> Iterator[bytes]:
    codes = {code: number for number, code in enumerate(_FAULTS)}
    yield np.array([codes.get(fault, NO_TEXT) for fault in rows.fault], _CODE).tobytes()
    yield rows.bounds.astype(_BOX).tobytes()
    yield from _texts(list(rows.ids))
    for column in rows.columns.values():
        yield column.code.astype(_CODE).tobytes()
        yield from _values(column.values)
    yield from _shapes(np.where(is_none(rows.fault), rows.geometry, None))


def _values(values: Sequence[Any]) -> Iterator[bytes]:
    """Of what kind each is, then those of each kind together; cells stand in the head."""
    kinds = np.fromiter(map(_kind, values), np.uint8, len(values))
    yield kinds.tobytes()
    for kind, wanted in ((FLOAT, _FLOAT), (WHOLE, _WHOLE)):
        yield np.array([values[at] for at in np.flatnonzero(kinds == kind).tolist()], wanted).tobytes()
    yield from _texts([values[at] for at in np.flatnonzero(kinds == TEXT).tolist()])


def _kind(value: Any) -> int:
    kind = _KINDS.get(type(value), CELL)
    return CELL if kind == WHOLE and not -(2**63) <= value < 2**63 else kind


def _texts(texts: Sequence[str | None]) -> Iterator[bytes]:
    # Half a surrogate pair may stand in JSON: it goes as it came, and is found wherever it would come without walls.
    spelt = [None if text is None else text.encode("utf-8", "surrogatepass") for text in texts]
    yield np.array([NO_TEXT if one is None else len(one) for one in spelt], _LENGTH).tobytes()
    yield b"".join(one for one in spelt if one is not None)


def _shapes(shapes: NDArray[np.object_]) -> Iterator[bytes]:
    lengths = np.full(len(shapes), NO_TEXT, _LENGTH)
    for block in _blocks(len(shapes)):
        lengths[block] = [NO_TEXT if one is None else len(one) for one in _wkb(shapes[block])]
    yield lengths.tobytes()
    for block in _blocks(len(shapes)):
        yield b"".join(one for one in _wkb(shapes[block]) if one is not None)


def _wkb(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    made: NDArray[np.object_] = shapely.to_wkb(shapes, byte_order=1, output_dimension=2)
    return made


def _cell(value: Any) -> Any:
    """A cell as JSON, by itself or in a list with the name of its kind."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        return _cell(value.item())
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, time):
        return ["time", value.isoformat()]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, list | tuple):
        return ["list", *map(_cell, value)]
    if isinstance(value, dict):
        return ["dict", *([str(key), _cell(held)] for key, held in value.items())]
    return str(value)


# -- reading, without ----------------------------------------------------------------------------------------


def unpacked(head: Any, behind: memoryview) -> list[Rows]:
    """The tables, every part of them checked and made anew. :raises Garbled: anything that does not fit."""
    try:
        taker = _Taker(behind)
        tables = [_rows(one, taker) for one in _list(head)]
    except (
        TypeError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise Garbled(type(error).__name__) from error
    except shapely.errors.GEOSException as error:
        raise Garbled("shape") from error
    if taker.left or not tables:
        raise Garbled("left over")
    return tables


class _Taker:
    """Takes the bytes from the front."""

    def __init__(self, behind: memoryview) -> None:
        self._behind, self._at = behind, 0

    @property
    def left(self) -> int:
        return len(self._behind) - self._at

    def octets(self, count: int) -> memoryview:
        if not 0 <= count <= self.left:
            raise Garbled("too short")
        self._at += count
        return self._behind[self._at - count : self._at]

    def numbers(self, count: int, kind: np.dtype[Any]) -> NDArray[Any]:
        """A copy of their own, in the order of this machine."""
        return np.frombuffer(self.octets(count * kind.itemsize), kind).astype(kind.newbyteorder("="))

    def lengths(self, count: int) -> NDArray[np.int64]:
        lengths = self.numbers(count, _LENGTH).astype(np.int64)
        if (lengths < NO_TEXT).any():
            raise Garbled("length")
        return lengths

    def texts(self, count: int) -> list[str | None]:
        lengths = self.lengths(count)
        whole = self.octets(int(np.maximum(lengths, 0).sum()))
        return [
            None if length < 0 else str(whole[end - length : end], "utf-8", "surrogatepass")
            for length, end in zip(lengths.tolist(), np.maximum(lengths, 0).cumsum().tolist(), strict=True)
        ]


def _rows(head: Any, taker: _Taker) -> Rows:
    count = _count(head["rows"], MAX_ROWS)
    if count == 0:
        raise Garbled("no rows")
    fault = _faults(taker.numbers(count, _CODE))
    bounds = taker.numbers(count * 4, _BOX).reshape(count, 4)
    _check_bounds(bounds)
    said = [(_one_of(one["name"], _PICKED), one) for one in _list(head["columns"], len(_PICKED))]
    ids = taker.texts(count)
    columns = {}
    for name, one in said:
        code = taker.numbers(count, _CODE)
        values = _read_values(taker, _count(one["values"], 2 * MAX_ROWS), _list(one["cells"]))
        if not (int(code.min()) >= 0 and int(code.max()) < len(values)):
            raise Garbled("code")
        columns[name] = Coded(code, values)
    embedded = head["embedded_crs"]
    geometry = _read_shapes(taker, fault)
    usable = is_none(fault)
    if not np.array_equal(shapely.bounds(geometry[usable]), bounds[usable], equal_nan=True):
        raise Garbled("bounds of other shapes")
    return Rows(
        geometry=geometry,
        fault=fault,
        bounds=bounds,
        columns=columns,
        ids=ids,
        names=[_text(name, LONGEST_NAME) for name in _list(head["names"], MOST_NAMES)],
        embedded_crs=None if embedded is None else _text(embedded, LONGEST_CRS),
        sources=tuple(
            (_text(name, 200), _text(sha256, 64)) for name, sha256 in _list(head["sources"], MOST_SOURCES)
        ),
        warnings={_coded(code): _count(many, 2**53) for code, many in head["warnings"].items()},
    )


def _read_values(taker: _Taker, count: int, cells: list[Any]) -> list[Any]:
    kinds = taker.numbers(count, np.dtype("u1"))
    if (kinds > TEXT).any():
        raise Garbled("kind")
    many = np.bincount(kinds, minlength=TEXT + 1).tolist()
    if many[CELL] != len(cells):
        raise Garbled("cells")
    of_kind: list[Iterator[Any]] = [
        map(_value, cells),
        iter(taker.numbers(many[FLOAT], _FLOAT).tolist()),
        iter(taker.numbers(many[WHOLE], _WHOLE).tolist()),
        iter(taker.texts(many[TEXT])),
    ]
    return [next(of_kind[kind]) for kind in kinds.tolist()]


def _faults(codes: NDArray[np.int32]) -> NDArray[np.object_]:
    if not ((codes >= NO_TEXT) & (codes < len(_FAULTS))).all():
        raise Garbled("fault")
    words = np.array([*_FAULTS, None], dtype=object)  # the last one is what -1 names
    return words[codes]


def _check_bounds(bounds: NDArray[np.float64]) -> None:
    """Of each row four numbers or none."""
    known = np.isfinite(bounds).all(axis=1)
    ordered = (bounds[:, 0] <= bounds[:, 2]) & (bounds[:, 1] <= bounds[:, 3])
    if not (np.isnan(bounds).all(axis=1) | (known & ordered)).all():
        raise Garbled("bounds")


@np.errstate(invalid="ignore")  # of numbers that are none; they are found below
def _read_shapes(taker: _Taker, fault: NDArray[np.object_]) -> NDArray[np.object_]:
    """A shape for each row without a fault, and for no other."""
    lengths = taker.lengths(len(fault))
    if not ((lengths >= 0) == is_none(fault)).all():
        raise Garbled("a shape and a fault")
    shapes = np.full(len(fault), None, dtype=object)
    for block in _blocks(len(fault)):
        own = np.flatnonzero(lengths[block] >= 0) + block.start
        ends = [0, *lengths[own].cumsum().tolist()]
        whole = taker.octets(ends[-1])
        check_wkb(np.frombuffer(whole, np.uint8), np.array(ends))
        wkb = np.empty(len(own), dtype=object)
        wkb[:] = [bytes(whole[start:end]) for start, end in pairwise(ends)]
        shapes[own] = shapely.from_wkb(wkb)
        if not np.isfinite(shapely.get_coordinates(shapes[own])).all():
            raise Garbled("coordinate")
    return shapes


_DATED = {"datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat}


def _value(cell: Any) -> Any:
    if not isinstance(cell, list):
        if isinstance(cell, dict):
            raise Garbled("cell")
        return cell
    kind, *held = cell
    if kind == "list":
        return [_value(one) for one in held]
    if kind == "dict":
        return {_text(key, LONGEST_NAME): _value(one) for key, one in held}
    (text,) = held
    return bytes.fromhex(text) if kind == "bytes" else _DATED[kind](text)


def _list(value: Any, most: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (most is not None and len(value) > most):
        raise Garbled("list")
    return value


def _count(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise Garbled("count")
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise Garbled("text")
    return value


def _one_of(value: Any, known: frozenset[str]) -> str:
    if value not in known:
        raise Garbled("name")
    return str(value)


def _coded(value: Any) -> str:
    if not _CODE_WORD.fullmatch(value):
        raise Garbled("code word")
    return str(value)


def _blocks(rows: int) -> list[slice]:
    return [slice(at, min(at + ROWS_A_BLOCK, rows)) for at in range(0, rows, ROWS_A_BLOCK)]

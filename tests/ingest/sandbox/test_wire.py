"""Rows out of the process that opened a file: every value comes back as it went, and nothing else is believed."""

import struct
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ingest.files.rows import Rows
from ingest.sandbox.wire import Garbled, packed, unpacked
from ingest.sandbox.wkb import check_wkb
from spatial.columns import Coded
from spatial.crs import LONGEST_TEXT

CELLS = (
    *(None, True, False, 0, 1, -7, 2**70, 1.5, float("nan"), float("-inf"), "", "中压A", "half \ud800 pair", "a\x00b"),
    *(b"\x00\xff", date(2012, 2, 29), datetime(2012, 2, 29, 1, 2, 3), time(4, 5)),
    *([1, ["x", None]], {"a": [date(2020, 1, 1)], "b": {}}),
)  # fmt: skip
SHAPES = (
    shapely.LineString([(480_000.1, 4_053_000.25), (480_040, 4_053_030)]),
    shapely.MultiLineString([[(0, 0), (1, 1)]]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 7), (8, 8)]]),
    shapely.from_wkt("MULTILINESTRING ((0 0, 1 1), EMPTY)"),
    shapely.Point(1, 2),
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(1, 1), (2, 1), (2, 2)]]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
)


def rows_of(shapes: Any = SHAPES, cells: Any = CELLS) -> Rows:
    """One row a shape, and one more without any."""
    geometry = np.array([*shapes, None], dtype=object)
    fault = np.array([*[None] * len(shapes), "geometry_missing"], dtype=object)
    count = len(geometry)
    return Rows(
        geometry=geometry,
        fault=fault,
        bounds=shapely.bounds(geometry),
        columns={
            "material": Coded(np.arange(count, dtype=np.int32) % len(cells), list(cells)),
            "@id": Coded(np.arange(count, dtype=np.int32), [f"编号{row}" for row in range(count)]),
        },
        ids=[None, *(str(row) for row in range(1, count))],
        names=["材质", "GUID"],
        embedded_crs="EPSG:4543",
        sources=(("n.gpkg", "0" * 64),),
        warnings={"layer_left_out": 3},
    )


def sent(*tables: Rows) -> tuple[Any, bytes]:
    out = packed(tables)
    return out.head, b"".join(out.behind)


def same(one: Rows, other: Rows) -> bool:
    return (
        shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
        and one.fault.tolist() == other.fault.tolist()
        and np.array_equal(one.bounds, other.bounds, equal_nan=True)
        and [(name, list(map(repr, column))) for name, column in one.columns.items()]
        == [(name, list(map(repr, column))) for name, column in other.columns.items()]
        and (list(one.ids), list(one.names), one.embedded_crs, one.sources, dict(one.warnings))
        == (list(other.ids), list(other.names), other.embedded_crs, other.sources, dict(other.warnings))
    )


def test_every_value_comes_back_as_it_went() -> None:
    tables = [rows_of(), rows_of(SHAPES[:1], CELLS[3:4]), rows_of([SHAPES[0]] * 40_000)]
    back = unpacked(*(lambda head, behind: (head, memoryview(behind)))(*sent(*tables)))
    assert len(back) == 3 and all(map(same, tables, back))
    again = unpacked(*(lambda head, behind: (head, memoryview(behind)))(*sent(*back)))
    assert all(map(same, tables, again))


def test_a_shape_beside_a_fault_is_left_out() -> None:
    rows = rows_of(SHAPES[:2])
    rows.fault[0] = "entity_unreadable"
    head, behind = sent(rows)
    (back,) = unpacked(head, memoryview(behind))
    assert back.geometry[0] is None and back.geometry[1] is not None


def altered(head: Any, **change: Any) -> Any:
    return [{**head[0], **change}]


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 8},
        {"rows": -1},
        {"rows": 2**60},
        {"rows": True},
        {"names": ["a"] * 10_001},
        {"names": [1]},
        {"columns": [{"name": "@id", "values": 2**40, "cells": []}]},
        {"columns": [{"name": "@id", "values": 9, "cells": [["date", "yesterday"]]}]},
        {"columns": [{"name": "@id", "values": 22, "cells": [{"a": 1}]}]},
        {"columns": []},
        {"embedded_crs": "x" * 100_001},
        {"warnings": {"a": -1}},
        {"warnings": None},
        {"warnings": {"\ud800": 1}},
        {"columns": [{"name": "colour", "values": 9, "cells": []}]},
        {"columns": [{"name": "@id", "values": 9, "cells": []}] * 30},
        {"sources": [["a"]]},
    ],
)
def test_a_head_that_does_not_fit_is_not_believed(change: dict[str, Any]) -> None:
    head, behind = sent(rows_of())
    with pytest.raises(Garbled):
        unpacked(altered(head, **change), memoryview(behind))


@pytest.mark.parametrize("head", [None, {}, [], [None], [[]], "x", [{"rows": 1}]])
def test_what_is_no_head_is_not_believed(head: Any) -> None:
    with pytest.raises(Garbled):
        unpacked(head, memoryview(b""))


@given(st.data())
def test_altered_bytes_are_refused_or_make_other_rows(data: st.DataObject) -> None:
    """Never an error of another kind, never more rows than are stated."""
    head, behind = sent(rows_of())
    bytes_ = bytearray(behind)
    for _ in range(data.draw(st.integers(1, 4))):
        bytes_[data.draw(st.integers(0, len(bytes_) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(bytes_), len(bytes_) - 1, len(bytes_) // 2]))
    try:
        (back,) = unpacked(head, memoryview(bytes(bytes_[:cut])))
    except Garbled:
        return
    assert len(back) == len(back.geometry) == len(SHAPES) + 1
    assert np.isfinite(shapely.get_coordinates(back.geometry)).all()


LINE = shapely.to_wkb(SHAPES[0], byte_order=1)
LINES = shapely.to_wkb(SHAPES[2], byte_order=1)


@pytest.mark.parametrize(
    "wkb",
    [
        b"",
        LINE[:-1],
        LINE + b"\0",
        b"\0" + LINE[1:],
        LINE[:1] + struct.pack("<I", 7) + LINE[5:],
        LINE[:1] + struct.pack("<I", 0x80000002) + LINE[5:],
        LINE[:5] + struct.pack("<I", 2**32 - 1) + LINE[9:],
        LINES[:5] + struct.pack("<I", 3) + LINES[9:],
        LINES[:5] + struct.pack("<I", 1) + LINES[9:],
        LINES[:10] + struct.pack("<I", 1) + LINES[14:],
        struct.pack("<BII", 1, 5, 10**8) + LINE * 3,
        struct.pack("<BII", 1, 3, 1) + struct.pack("<I", 2**31),
        struct.pack("<BI", 1, 1) + bytes(15),
    ],
)
def test_a_shape_built_otherwise_is_refused(wkb: bytes) -> None:
    whole = LINE + wkb + LINES
    ends = np.cumsum([0, len(LINE), len(wkb), len(LINES)])
    with pytest.raises(ValueError):
        check_wkb(np.frombuffer(whole, np.uint8), ends)
    check_wkb(np.frombuffer(LINE + LINES, np.uint8), np.cumsum([0, len(LINE), len(LINES)]))


def test_no_shape_comes_past_that_look() -> None:
    """GEOS would read this one: it is big-endian."""
    head, behind = sent(rows_of(SHAPES[:1]))
    little, big = (shapely.to_wkb(SHAPES[0], byte_order=order) for order in (1, 0))
    assert len(unpacked(head, memoryview(behind))) == behind.count(little) == 1
    with pytest.raises(Garbled):
        unpacked(head, memoryview(behind.replace(little, big)))


def test_no_row_is_said_to_lie_elsewhere() -> None:
    """By its box alone a row is told from those outside the country; a shape far off would go in past it."""
    rows = rows_of(SHAPES[:2])
    head, behind = sent(replace(rows, bounds=rows.bounds + 1.0))
    with pytest.raises(Garbled):
        unpacked(head, memoryview(behind))


def test_a_coordinate_that_is_no_number_is_refused_without_a_word() -> None:
    head, behind = sent(rows_of(SHAPES[:1]))
    before, _, after = behind.rpartition(struct.pack("<d", 480_000.1))
    signalling = struct.pack("<Q", 0x7FF0_0000_0000_0001)
    with pytest.raises(Garbled):
        unpacked(head, memoryview(before + signalling + after))


def test_of_a_crs_that_is_too_long_so_much_comes_out_that_it_is_seen() -> None:
    head, behind = sent(replace(rows_of(), embedded_crs="x" * 1_000_000))
    (back,) = unpacked(head, memoryview(behind))
    assert back.embedded_crs == "x" * (LONGEST_TEXT + 1)

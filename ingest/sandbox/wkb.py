"""Well-known binary from a process nobody trusts: looked through before GEOS is given it.

Only what shapely writes of a plane shape: little-endian, two coordinates a point, counts that fit into the bytes that are
there, parts of the kind the whole says, and not a byte left over.
"""

import struct

import numpy as np
from numpy.typing import NDArray

POINT, LINE, POLYGON, POINTS, LINES, POLYGONS = range(1, 7)
_PART = {POINTS: POINT, LINES: LINE, POLYGONS: POLYGON}
_head = struct.Struct("<BI").unpack_from
_count = struct.Struct("<I").unpack_from


def check_wkb(octets: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
    """Shape i lies in octets[ends[i]:ends[i + 1]]. :raises ValueError: one of them is built in any other way."""
    start, length = ends[:-1], np.diff(ends)
    plain = _are_lines(octets, start, length) | _are_lines_of_one_part(octets, start, length)
    whole = b"" if plain.all() else octets.tobytes()
    for row in np.flatnonzero(~plain).tolist():
        if _end(whole, int(start[row]), int(ends[row + 1])) != ends[row + 1]:
            raise ValueError("bytes left over")


def _are_lines(
    octets: NDArray[np.uint8], start: NDArray[np.int64], length: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which are LineStrings of exactly their size: nearly all of a network, so they are looked at all at once."""
    return _begin_as(LINE, octets, start, length, 9) & (
        length == 9 + 16 * _numbers(octets, start + 5, length >= 9)
    )


def _are_lines_of_one_part(
    octets: NDArray[np.uint8], start: NDArray[np.int64], length: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """As GeoJSON is read."""
    return (
        _begin_as(LINES, octets, start, length, 18)
        & (_numbers(octets, start + 5, length >= 18) == 1)
        & _are_lines(octets, start + 9, length - 9)
    )


def _begin_as(
    kind: int,
    octets: NDArray[np.uint8],
    start: NDArray[np.int64],
    length: NDArray[np.int64],
    least: int,
) -> NDArray[np.bool_]:
    long_enough = length >= least
    little = octets[np.where(long_enough, start, 0)] == 1 if len(octets) else long_enough
    return long_enough & little & (_numbers(octets, start + 1, long_enough) == kind)


def _numbers(octets: NDArray[np.uint8], at: NDArray[np.int64], there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The four bytes at each place as a number; -1 where they are not there."""
    found = np.full(len(at), -1, np.int64)
    places = at[there]
    found[there] = sum(octets[places + byte].astype(np.int64) << (8 * byte) for byte in range(4))
    return found


def _end(whole: bytes, at: int, end: int) -> int:
    """Where the shape that begins at `at` ends. :raises ValueError: beyond `end`, or not a kind we know."""
    kind = _kind(whole, at, end)
    if kind == POINT:
        return at + 21
    if kind not in (LINE, POLYGON, *_PART):
        raise ValueError("kind")
    count, at = _counted(whole, at + 5, end)
    if kind == LINE:
        return at + 16 * count
    for _ in range(count):
        if kind == POLYGON:
            points, at = _counted(whole, at, end)
            at += 16 * points
        else:
            if _kind(whole, at, end) != _PART[kind]:
                raise ValueError("part")
            at = _end(whole, at, end)
        if at > end:
            raise ValueError("too short")
    return at


def _kind(whole: bytes, at: int, end: int) -> int:
    if at + 5 > end:
        raise ValueError("too short")
    order, kind = _head(whole, at)
    if order != 1:
        raise ValueError("byte order")
    return int(kind)


def _counted(whole: bytes, at: int, end: int) -> tuple[int, int]:
    """A count and where what it counts begins; each takes four bytes at least."""
    if at + 4 > end:
        raise ValueError("too short")
    (count,) = _count(whole, at)
    if count > (end - at) // 4:
        raise ValueError("count")
    return count, at + 4

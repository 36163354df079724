"""Lines as little-endian well-known binary and back, many at once, without a shape for each.

Only the MultiLineString of one part, which nearly every pipe is, is known here; all else goes through shapely.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatial.measuring.boxes import FloatArray

MULTI_LINE = b"\x01\x05\x00\x00\x00"
"""How a MultiLineString begins; the number of its parts follows, then they do."""
SINGLE_LINE = MULTI_LINE + b"\x01\x00\x00\x00\x01\x02\x00\x00\x00"
"""How one of one part begins; the number of its points follows, then they do."""
HEAD = len(SINGLE_LINE) + 4
"""No shape that has coordinates is shorter: a point takes 21 bytes."""
POINT = 16


def lines_wkb(xy: FloatArray, runs: NDArray[np.int64]) -> list[bytes]:
    """runs: where each line begins in xy, and one past the end at last."""
    counts = np.diff(runs)
    ends = np.cumsum(HEAD + POINT * counts)
    heads = (ends - HEAD - POINT * counts)[:, None] + np.arange(HEAD)
    octets = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    is_point = np.ones(len(octets), np.bool_)
    is_point[heads] = False
    octets[heads[:, : len(SINGLE_LINE)]] = np.frombuffer(SINGLE_LINE, np.uint8)
    octets[heads[:, len(SINGLE_LINE) :]] = counts.astype("<u4").view(np.uint8).reshape(-1, 4)
    octets[is_point] = np.ascontiguousarray(xy, "<f8").view(np.uint8).reshape(-1)
    whole = octets.tobytes()
    return [whole[start:end] for start, end in zip(heads[:, 0].tolist(), ends.tolist(), strict=True)]


class Octets:
    """Shapes as one run of bytes. single: which of them are lines of one part."""

    def __init__(self, wkb: Sequence[bytes] | NDArray[np.object_]) -> None:
        lengths = np.fromiter(map(len, wkb), np.int64, len(wkb))
        self.ends = np.cumsum(lengths)
        self.starts = self.ends - lengths
        self._octets = np.frombuffer(bytearray(b"".join(wkb)), np.uint8)
        heads = self.starts[:, None] + np.arange(HEAD)
        opening = self._octets[heads[:, : len(SINGLE_LINE)]]
        self.single = (opening == np.frombuffer(SINGLE_LINE, np.uint8)).all(axis=1)
        self._is_point = np.repeat(self.single, lengths)
        self._is_point[heads] = False
        self.runs: NDArray[np.int64] = np.concatenate(
            [[0], np.cumsum((lengths[self.single] - HEAD) // POINT)]
        )
        """Where each single line begins in xy, and one past the end at last."""

    @property
    def xy(self) -> FloatArray:
        """The vertices of the single lines, (n, 2)."""
        xy: FloatArray = self._octets[self._is_point].view("<f8").reshape(-1, 2)
        return xy

    def with_xy(self, xy: FloatArray) -> list[memoryview]:
        """The shapes with other vertices in their single lines."""
        changed = self._octets.copy()
        changed[self._is_point] = np.ascontiguousarray(xy, "<f8").view(np.uint8).reshape(-1)
        whole = memoryview(changed.data)
        return [whole[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]

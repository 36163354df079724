"""The same main drawn in two sources: within a stride of one another along most of its length."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.comparing.nearness import nearest, sample_points
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray

STRIDE_M = 2.0
"""No further apart lie two drawings of one main, of different years, as a rule."""
MOST_OF_IT = 0.5


@dataclass(frozen=True, slots=True)
class Alongside:
    """Who lies beside which source, each pair once. metres: so much of the asset within STRIDE_M of any of the
    source's pieces; piece: one of these."""

    asset: IntArray
    source: IntArray
    metres: FloatArray
    piece: IntArray


NOBODY = Alongside(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))


def alongside(
    pieces: NDArray[np.object_],
    lengths_m: FloatArray,
    asset: IntArray,
    others: NDArray[np.object_],
    source: IntArray,
) -> Alongside:
    """pieces, others: LineStrings, lon/lat EPSG:4490, of some degrees at most; asset, source: what each is of, as a
    number from 0. One source may draw in ten lengths what another draws in one, so its pieces count together."""
    met, _ = nearest(pieces, others, STRIDE_M)
    if not len(met):
        return NOBODY
    # Most pieces have none so near, and no point of theirs need be looked at.
    points, piece = sample_points(pieces[met], lengths_m[met])
    of_point_m = (lengths_m[met] / np.bincount(piece, minlength=len(met)))[piece]
    found = [NOBODY]
    for one in np.unique(source):
        of_it = np.flatnonzero(source == one)
        point, other = nearest(points, others[of_it], STRIDE_M)
        assets, seen, at = np.unique(asset[met][piece[point]], return_index=True, return_inverse=True)
        found.append(
            Alongside(
                asset=assets,
                source=np.full(len(assets), one),
                metres=np.bincount(at.reshape(-1), of_point_m[point], len(assets)).astype(np.float64),
                piece=of_it[other[seen]],
            )
        )
    return _together(found)


def _together(found: Sequence[Alongside]) -> Alongside:
    return Alongside(*(np.concatenate([getattr(one, of.name) for one in found]) for of in fields(Alongside)))


def is_line(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    lines: NDArray[np.bool_] = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    return lines

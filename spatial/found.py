"""What the register holds near a batch of dig sites: the columns that judge() measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray
from spatial.values import UtilityGround

ObjectArray = NDArray[np.object_]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Assets:
    """Columns, one row an asset. NaN and None are unknown.

    asset_id: the register's id of this version; revision: the register revision that brought it;
    kind, pressure_class: the words of spatial.words as str; diameter_mm: outside;
    cover_m, cover_most_m: ground to top, the least and the most along the asset (equal where one is stated);
    profiled: the depth was followed along the whole asset;
    uncertainty_m: 95 % bound in plan; uncertainty_terms: its summands as canonical JSON text;
    depth_uncertainty_m, depth_terms: the same of the cover, NaN and "[]" where nobody knows.
    """

    asset_id: IntArray
    source_id: ObjectArray
    utility: ObjectArray
    dataset: ObjectArray
    revision: IntArray
    kind: ObjectArray
    pressure_class: ObjectArray
    diameter_mm: FloatArray
    cover_m: FloatArray
    status: ObjectArray
    pipe_kind: ObjectArray
    uncertainty_m: FloatArray
    uncertainty_terms: ObjectArray
    cover_most_m: FloatArray
    profiled: BoolArray
    depth_uncertainty_m: FloatArray
    depth_terms: ObjectArray

    def __len__(self) -> int:
        return len(self.asset_id)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Columns, one row a (site, piece) pair whose boxes meet: a safe over-approximation.

    site: index into the batch of sites; asset: index into `assets`; geometry: lon/lat EPSG:4490;
    from_m, to_m: geodesic chainage of the piece along its asset. No pair stands twice.
    """

    site: IntArray
    asset: IntArray
    geometry: ObjectArray
    from_m: FloatArray
    to_m: FloatArray
    assets: Assets

    def __len__(self) -> int:
        return len(self.site)


@dataclass(frozen=True, slots=True)
class Found:
    """One snapshot of the register round a batch of sites.

    revision: the newest register revision the snapshot saw (0 = an empty register).
    ground: per site, every utility whose service area meets the site's query boxes or was never declared, and
        every utility with an asset, a blank or an unreadable row there; then an empty service area says that
        one was declared, elsewhere.
    """

    revision: int
    pieces: Pieces
    ground: Sequence[tuple[UtilityGround, ...]]

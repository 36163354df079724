"""What the register holds near a batch of dig sites: the columns that judge() measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.declared import Book, GroundRow, ground_of_site
from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import Cuts, IntArray
from spatial.values import Box, UtilityGround

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

    def of(self, some: IntArray) -> "Assets":
        """Some of the rows."""
        return Assets(*(getattr(self, column.name)[some] for column in fields(self)))


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


EVERYWHERE: Box = (-180.0, -90.0, 180.0, 90.0)
NO_BOOK = Book((), {}, {}, frozenset())
"""Of a register without utilities."""


@dataclass(frozen=True)
class Region:
    """All that the register holds in one box at one revision: read once, asked as often as there are sites in it.

    box: what may be asked about; every piece whose own box meets it is here, once. Columns, one row a piece, by
    asset, then ordinal: asset: index into `assets`, which stand by asset_id; ordinal: the piece's number along its asset; geometry, from_m,
    to_m: as Pieces; boxes: (n, 4) degrees, widened as stored. book, ground: every utility, and every row of
    ground whose bounds meet the box.
    """

    revision: int
    box: Box
    asset: IntArray
    ordinal: IntArray
    geometry: ObjectArray
    from_m: FloatArray
    to_m: FloatArray
    boxes: FloatArray
    assets: Assets
    book: Book
    ground: tuple[GroundRow, ...]

    @staticmethod
    def of(
        assets: Assets,
        cuts: Cuts,
        *,
        revision: int = 1,
        book: Book = NO_BOOK,
        ground: Sequence[GroundRow] = (),
    ) -> "Region":
        """Of pieces in memory that are all there is, so that anything may be asked. assets: by asset_id; cuts: of
        them, in their order."""
        first = np.searchsorted(cuts.asset, cuts.asset)
        return Region(
            revision=revision,
            box=EVERYWHERE,
            asset=cuts.asset,
            ordinal=np.arange(len(cuts.asset)) - first,
            geometry=cuts.geometry,
            from_m=cuts.from_m,
            to_m=cuts.to_m,
            boxes=cuts.boxes,
            assets=assets,
            book=book,
            ground=tuple(ground),
        )

    def __len__(self) -> int:
        return len(self.asset)

    def __getstate__(self) -> Mapping[str, Any]:
        """Indexes are made again where they are wanted, and shapes are packed as one column, not each by itself."""
        state = {column.name: getattr(self, column.name) for column in fields(self)}
        return state | {"geometry": shapely.to_wkb(self.geometry)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state, geometry=shapely.from_wkb(state["geometry"]))

    def find(self, queries: Sequence[Sequence[Box]]) -> Found:
        """What the vault's find() gives for the same boxes at this revision.

        :raises ValueError: a box that reaches beyond the region: what lies there is not known here.
        """
        of_box = np.repeat(np.arange(len(queries)), [len(boxes) for boxes in queries])
        asked = np.array([box for boxes in queries for box in boxes], dtype=np.float64).reshape(-1, 4)
        west, south, east, north = self.box
        if not ((asked[:, :2] >= (west, south)) & (asked[:, 2:] <= (east, north))).all():
            raise ValueError("asked beyond the region")
        box, row = self._pieces.query(_rectangles(asked))
        # A pair that met two boxes of its site is kept once; by site, asset and place along it.
        site, row = np.divmod(np.unique(of_box[box] * max(len(self), 1) + row), max(len(self), 1))
        kept, asset = np.unique(self.asset[row], return_inverse=True)
        owners: list[set[str]] = [set() for _ in queries]
        for number, utility in zip(site.tolist(), self.assets.utility[self.asset[row]].tolist(), strict=True):
            owners[number].add(utility)
        pieces = Pieces(
            site=site,
            asset=asset.astype(np.int64),
            geometry=self.geometry[row],
            from_m=self.from_m[row],
            to_m=self.to_m[row],
            assets=self.assets.of(kept),
        )
        return Found(self.revision, pieces, self._grounds(queries, of_box, asked, owners))

    def within(self, box: Box) -> "Region":
        """The part of it that any question within a smaller box can need."""
        west, south, east, north = box
        low, high = self.boxes[:, :2], self.boxes[:, 2:]
        met = ((low <= (east, north)) & (high >= (west, south))).all(axis=1)
        kept, asset = np.unique(self.asset[met], return_inverse=True)
        area = shapely.box(*box)
        return Region(
            revision=self.revision,
            box=box,
            asset=asset.astype(np.int64),
            ordinal=self.ordinal[met],
            geometry=self.geometry[met],
            from_m=self.from_m[met],
            to_m=self.to_m[met],
            boxes=self.boxes[met],
            assets=self.assets.of(kept),
            book=self.book,
            ground=tuple(
                row for row in self.ground if shapely.intersects(shapely.box(*row.geometry.bounds), area)
            ),
        )

    @cached_property
    def _pieces(self) -> shapely.STRtree:
        """By boxes alone, and those are compared exactly."""
        return shapely.STRtree(_rectangles(self.boxes))

    @cached_property
    def _grounds_tree(self) -> shapely.STRtree:
        shapes = np.array([row.geometry for row in self.ground], dtype=object)
        shapely.prepare(shapes)
        return shapely.STRtree(shapes)

    def _grounds(
        self,
        queries: Sequence[Sequence[Box]],
        of_box: IntArray,
        asked: FloatArray,
        owners: Sequence[set[str]],
    ) -> tuple[tuple[UtilityGround, ...], ...]:
        near: list[set[int]] = [set() for _ in queries]
        box, ground = self._grounds_tree.query(_rectangles(asked))
        for site, number in zip(of_box[box].tolist(), ground.tolist(), strict=True):
            near[site].add(number)
        return tuple(
            ground_of_site(self.book, [self.ground[number] for number in of], boxes, here)
            for of, boxes, here in zip(near, queries, owners, strict=True)
        )


def _rectangles(boxes: FloatArray) -> ObjectArray:
    rectangles: ObjectArray = np.asarray(shapely.box(*boxes.T), dtype=object)
    return rectangles

"""Assets as columns: a million of them read, checked and stored without a million objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import overload

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.columns import Coded
from spatial.values import Asset, RegisterGeometry

ATTRIBUTES = (
    "kind",
    "pressure_class",
    "diameter_mm",
    "cover_m",
    "material",
    "status",
    "survey_class",
    "laid_on",
    "pipe_kind",
    "uncertainty",
    "cover_most_m",
    "profiled",
    "depth_uncertainty",
    "surveyed_on",
    "resurfaced_on",
)
"""The fields of an Asset that few different values fill."""

ROWS_A_BLOCK = 32_768
"""How many assets are looked at together: enough for columns to pay, few enough to be a small part of the memory."""


@dataclass(frozen=True, slots=True)
class AssetTable(Sequence[Asset]):
    """The same as a sequence of Assets, which it also is: each one is made when it is asked for.

    wkb: (n,) bytes, the geometry as little-endian well-known binary, 2D, which takes a third of the memory of a shape.
    attributes: a column for each of ATTRIBUTES.
    """

    source_id: Sequence[str]
    wkb: NDArray[np.object_]
    attributes: Mapping[str, Coded]
    digest: Sequence[str]

    @classmethod
    def of(cls, assets: Sequence[Asset]) -> "AssetTable":
        """The columns of some assets; a table is itself."""
        if isinstance(assets, AssetTable):
            return assets
        shapes = np.array([asset.geometry for asset in assets], dtype=object)
        return cls(
            source_id=[asset.source_id for asset in assets],
            wkb=np.array(shapely.to_wkb(shapes, byte_order=1, output_dimension=2), dtype=object),
            attributes={name: Coded.of(map(attrgetter(name), assets)) for name in ATTRIBUTES},
            digest=[asset.digest for asset in assets],
        )

    def __len__(self) -> int:
        return len(self.source_id)

    @overload
    def __getitem__(self, row: int) -> Asset: ...
    @overload
    def __getitem__(self, row: slice) -> "AssetTable": ...
    def __getitem__(self, row: int | slice) -> "Asset | AssetTable":
        if isinstance(row, slice):
            return AssetTable(
                self.source_id[row],
                self.wkb[row],
                {name: column.take(row) for name, column in self.attributes.items()},
                self.digest[row],
            )
        return Asset(
            source_id=self.source_id[row],
            geometry=RegisterGeometry(shapely.from_wkb(self.wkb[row])),
            digest=self.digest[row],
            **{name: column[row] for name, column in self.attributes.items()},
        )

    def __iter__(self) -> Iterator[Asset]:
        return (self[row] for row in range(len(self)))

    def geometry(self) -> NDArray[np.object_]:
        """The shapes, lon/lat EPSG:4490."""
        shapes: NDArray[np.object_] = shapely.from_wkb(self.wkb)
        return shapes

    def blocks(self) -> "Iterator[tuple[int, AssetTable]]":
        """(number of the first row, its block), in order."""
        return ((at, self[at : at + ROWS_A_BLOCK]) for at in range(0, len(self), ROWS_A_BLOCK))

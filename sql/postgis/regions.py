"""Reading all that one box of the register holds, for bulk work: every piece once, every asset once.

What comes is as much as the box holds, and is held in memory as a whole, at some 2 kB a piece while it is read and 1 kB
after: whoever asks chooses a box for that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from spatial.declared import Book, GroundRow
from spatial.found import Assets, Region
from spatial.values import Box
from sql import rows
from sql.queries import REGION

# Columns of `region`, by place.
(_READ, _GROUND, _ASSET, _ORDINAL, _GEOM, _FROM, _TO, _WEST, _SOUTH, _EAST, _NORTH, _SOURCE, _UTILITY, _DATASET,
 _REVISION, _KIND, _CLASS, _DIAMETER, _COVER, _STATUS, _PIPE_KIND, _UNCERTAINTY, _TERMS, _COVER_MOST, _PROFILED, _DEPTH,
 _DEPTH_TERMS) = range(27)  # fmt: skip


class Read:
    """The rows of one box, sorted out. ground: ids of the ground whose bounds meet it."""

    def __init__(self, connection: Connection, box: Box, as_of: int | None) -> None:
        asked = dict(zip(("west", "south", "east", "north"), map(float, box), strict=True)) | {"as_of": as_of}
        self.box = box
        self.ground: set[int] = set()
        self._pieces: list[Any] = []
        self._assets: list[Any] = []
        for row in connection.exec_driver_sql(REGION["region"], asked):
            if row[_ORDINAL] is not None:
                self._pieces.append(row)
            elif row[_ASSET] is not None:
                self._assets.append(row)
            elif row[_GROUND] is not None:
                self.ground.add(row[_GROUND])
            else:
                self.revision = int(row[_READ])

    def region(self, book: Book, ground: Mapping[int, GroundRow]) -> Region:
        """With what is known of the ground; all that is there of it by id."""
        asset_id = np.array([row[_ASSET] for row in self._assets], dtype=np.int64)
        of_piece = np.array([row[_ASSET] for row in self._pieces], dtype=np.int64)
        boxes = np.array([row[_WEST : _NORTH + 1] for row in self._pieces], dtype=np.float64)
        return Region(
            revision=self.revision,
            box=self.box,
            asset=np.searchsorted(asset_id, of_piece),
            ordinal=np.array([row[_ORDINAL] for row in self._pieces], dtype=np.int64),
            geometry=rows.shapes([row[_GEOM] for row in self._pieces]),
            from_m=np.array([row[_FROM] for row in self._pieces], dtype=np.float64),
            to_m=np.array([row[_TO] for row in self._pieces], dtype=np.float64),
            boxes=boxes.reshape(-1, 4),
            assets=_columns(asset_id, self._assets),
            book=book,
            ground=tuple(ground[ground_id] for ground_id in sorted(self.ground)),
        )


def _columns(asset_id: Any, found: Sequence[Any]) -> Assets:
    def words(place: int) -> Any:
        return _column([row[place] for row in found])

    def numbers(place: int) -> Any:
        return np.array([row[place] for row in found], dtype=np.float64)  # None becomes NaN

    return Assets(
        asset_id=asset_id,
        source_id=words(_SOURCE),
        utility=words(_UTILITY),
        dataset=words(_DATASET),
        revision=np.array([row[_REVISION] for row in found], dtype=np.int64),
        kind=words(_KIND),
        pressure_class=words(_CLASS),
        diameter_mm=numbers(_DIAMETER),
        cover_m=numbers(_COVER),
        status=words(_STATUS),
        pipe_kind=words(_PIPE_KIND),
        uncertainty_m=numbers(_UNCERTAINTY),
        uncertainty_terms=_column([rows.shown_terms(row[_TERMS]) for row in found]),
        cover_most_m=numbers(_COVER_MOST),
        profiled=np.array([row[_PROFILED] for row in found], dtype=np.bool_),
        depth_uncertainty_m=numbers(_DEPTH),
        depth_terms=_column([rows.shown_terms(row[_DEPTH_TERMS]) for row in found]),
    )


def _column(values: Sequence[Any]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column

"""Which rows of a file stand already in its dataset, and which came, went or changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spatial.measuring.boxes import FloatArray
from spatial.measuring.pieces import IntArray


@dataclass(frozen=True, slots=True)
class Standing:
    """A dataset as it stands, without its shapes. Columns, one row an asset, by asset_id.

    revision: that of its last import; length_m: of all its pipes together; crs, stable_ids: as its last whole import
    declared them; widened_by_m: by how much the boxes of each were widened.
    """

    revision: int
    length_m: float
    crs: str
    stable_ids: bool
    asset_id: IntArray
    source_id: Sequence[str]
    digest: Sequence[str]
    widened_by_m: FloatArray

    def only(self, names: Collection[str]) -> "Standing":
        """The rows of some ids; the dataset's own figures stay those of the whole."""
        chosen = _rows(row for row, name in enumerate(self.source_id) if name in names)
        return replace(
            self,
            asset_id=self.asset_id[chosen],
            source_id=[self.source_id[row] for row in chosen.tolist()],
            digest=[self.digest[row] for row in chosen.tolist()],
            widened_by_m=self.widened_by_m[chosen],
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """Pieces of pipes of other datasets, one row a piece. asset: index into `name`; geometry: LineStrings, lon/lat
    EPSG:4490; name: utility, dataset and the utility's own id of each pipe."""

    asset: IntArray
    geometry: NDArray[np.object_]
    name: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import does to a dataset: unchanged: how many rows stand already; the others by number.

    added: rows of the file; removed: of the dataset; changed: (n, 2), the row of the dataset and the row of the file
    that follows it under the same id.
    """

    unchanged: int
    added: IntArray
    removed: IntArray
    changed: IntArray

    @property
    def closed(self) -> IntArray:
        """Rows of the dataset that will stand no longer as they are."""
        return np.concatenate([self.removed, self.changed[:, 0]])

    @property
    def opened(self) -> IntArray:
        """Rows of the file that are not in the dataset as they are."""
        return np.concatenate([self.added, self.changed[:, 1]])


def changes_of(
    standing: Standing,
    source_id: Sequence[str],
    digest: Sequence[str],
    widened_by_m: FloatArray,
    *,
    stable_ids: bool,
) -> Changes:
    """Rows match as the vault matches them: by digest and widening, and by id where ids are stable, as often as they
    occur. Without stable ids nothing says that two rows that differ are one pipe: one goes and one comes.

    source_id, digest, widened_by_m: columns of the file.
    """
    waiting = {
        key: row
        for row, key in enumerate(
            _keys(standing.source_id, standing.digest, standing.widened_by_m, stable_ids)
        )
    }
    opened = []
    for row, key in enumerate(_keys(source_id, digest, widened_by_m, stable_ids)):
        if waiting.pop(key, None) is None:
            opened.append(row)
    closed = sorted(waiting.values())
    unchanged = len(digest) - len(opened)
    changed: list[tuple[int, int]] = []
    if stable_ids:
        row_of = {standing.source_id[row]: row for row in closed}
        changed = [(row_of[source_id[row]], row) for row in opened if source_id[row] in row_of]
    before, after = {old for old, _ in changed}, {new for _, new in changed}
    return Changes(
        unchanged,
        added=_rows(row for row in opened if row not in after),
        removed=_rows(row for row in closed if row not in before),
        changed=np.array(changed, np.int64).reshape(-1, 2),
    )


def _keys(
    source_id: Iterable[str], digest: Iterable[str], widened_by_m: FloatArray, stable_ids: bool
) -> Iterator[str]:
    """What a row is matched by, and the how manieth of its like it is."""
    seen: Counter[str] = Counter()
    for name, print_, by_m in zip(source_id, digest, widened_by_m.tolist(), strict=True):
        key = f"{print_} {by_m!r} {name if stable_ids else ''}"
        nth = seen[key]
        seen[key] = nth + 1
        yield f"{nth} {key}"


def _rows(rows: Iterable[int]) -> IntArray:
    return np.fromiter(rows, np.int64)

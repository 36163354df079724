"""Before an import: what it would change in the dataset that stands, and whether somebody must look at it first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from api.changes import check_dataset, check_ids
from api.doubles import Doubles, find_doubles
from spatial.asset_table import AssetTable
from spatial.comparing.changes import Changes, Standing, changes_of
from spatial.comparing.nearness import shares_near
from spatial.comparing.shift import Shift, find_shift, vote_shift
from spatial.errors import Faults
from spatial.measuring.boxes import METRES_PER_DEGREE_LATITUDE, FloatArray
from spatial.measuring.pieces import Cuts, IntArray
from spatial.values import NetworkIntake
from sql import rows
from sql.vault import Vault

MOST_LOSS = 0.05
"""Of a dataset's length: an import that loses more wants somebody's word."""
ABANDONED_M = 10.0
"""A pipe of the dataset that has none of the file so near is lost ground, whatever else the file brings."""
MOST_LOOKED_AT = 20_000
"""Rows that go are looked at one by one up to so many, above that evenly chosen ones stand for all."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody has looked at: metres of pipe lost, metres by which the network jumps."""

    loss_m: int = 0
    shift_m: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file beside the dataset it replaces. revision: of that dataset, 0 where none stands.

    added, changed, removed: the utility's ids; gone_already: to be removed and not there any more. abandoned_m: of the
    dataset's pipes that go, what has no pipe of the file within ABANDONED_M. of_changes: the file is a change set.
    crs_before: None where none stands. doubles: of what is added or changed, what other
    datasets draw too. names: the ids of all rows of the file.
    """

    revision: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    length_before_m: float
    length_after_m: float
    abandoned_m: float
    shift: Shift | None
    crs_before: str | None
    crs: str
    doubles: Doubles
    names: Sequence[str]
    of_changes: bool = False
    gone_already: tuple[str, ...] = ()

    @property
    def lost_m(self) -> float:
        """Less pipe, or pipe elsewhere: the greater of the two. Of what jumped as a whole only the first counts."""
        less_m = max(0.0, self.length_before_m - self.length_after_m)
        return round(less_m if self.shift else max(less_m, self.abandoned_m), 1)

    @property
    def doubled_m(self) -> float:
        return round(sum(row.metres for row in self.doubles.found), 1)

    def document(self, *, listed: bool) -> dict[str, Any]:
        """As told in JSON; listed: with all ids."""
        told: dict[str, Any] = {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
            "length_before_m": round(self.length_before_m, 1),
            "length_after_m": round(self.length_after_m, 1),
            "lost_m": self.lost_m,
            "shift_m": self.shift.metres if self.shift else None,
            "doubled": len(self.doubles.found),
            "doubled_m": self.doubled_m,
            "doubled_of": self.doubles.looked_at,
        }
        if self.of_changes:
            told["removed_already"] = len(self.gone_already)
        if listed:
            told["doubled_rows"] = [row.document(self.names[row.row]) for row in self.doubles.found]
            told["ids"] = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return told


def compare(vault: Vault, intake: NetworkIntake, cuts: Cuts, *, utility: str, dataset: str) -> Comparison:
    """cuts: the pieces of intake.assets. Reads the dataset as it stands now, and stores nothing.

    :raises Refused: a change set that does not fit the dataset (api.changes).
    """
    assets = AssetTable.of(intake.assets)
    length_m = rows.length_m(cuts, len(assets))
    whole = vault.standing(utility, dataset)
    if intake.changes is not None:
        # Held against the rows of its own ids alone. So it jumps when most of its own rows do: that the others do not says
        # nothing of the frame that this file is in.
        whole = check_dataset(whole)
        standing = whole.only({*assets.source_id, *intake.removed})
    elif whole is None:
        return Comparison(
            revision=0,
            added=tuple(assets.source_id),
            changed=(),
            removed=(),
            unchanged=0,
            length_before_m=0.0,
            length_after_m=length_m,
            abandoned_m=0.0,
            shift=None,
            crs_before=None,
            crs=intake.crs,
            doubles=find_doubles(vault, cuts, np.arange(len(assets)), utility=utility, dataset=dataset),
            names=assets.source_id,
        )
    else:
        standing = whole
    widened = rows.widened_by_m(cuts, len(assets))
    changes = changes_of(standing, assets.source_id, assets.digest, widened, stable_ids=intake.stable_ids)
    gone_already: tuple[str, ...] = ()
    if intake.changes is not None:
        same = set(assets.source_id).difference(_names(assets.source_id, changes.opened))
        gone_already = check_ids(vault, intake.changes, whole, same, utility=utility, dataset=dataset)
    gone = _looked_at(vault, standing, changes.closed)
    share = len(changes.closed) / max(len(gone.rows), 1)
    if intake.changes is not None:
        opened_m = float(rows.lengths_m(cuts, len(assets))[changes.opened].sum())
        length_m = whole.length_m - share * float(gone.lengths_m.sum()) + opened_m
    return Comparison(
        revision=whole.revision,
        added=_names(assets.source_id, changes.added),
        changed=_names(assets.source_id, changes.changed[:, 1]),
        removed=_names(standing.source_id, changes.removed),
        unchanged=len(whole.source_id) - len(changes.closed),
        length_before_m=whole.length_m,
        length_after_m=length_m,
        abandoned_m=share * _abandoned_m(gone, cuts),
        shift=_shift(gone, assets, changes, intake.stable_ids),
        crs_before=whole.crs,
        crs=intake.crs,
        doubles=find_doubles(vault, cuts, changes.opened, utility=utility, dataset=dataset),
        names=assets.source_id,
        of_changes=intake.changes is not None,
        gone_already=gone_already,
    )


def check_comparison(comparison: Comparison, confirmed: Confirmed, *, dataset: str) -> None:
    """:raises Refused: `network_jumps`, `network_loss`: more than anybody has confirmed."""
    faults = Faults()
    shift, lost_m, before_m = comparison.shift, comparison.lost_m, comparison.length_before_m
    if shift is not None and shift.metres > confirmed.shift_m:
        why_en, why_zh = _why(comparison, shift)
        faults.add(
            "network_jumps",
            en=f"{shift.rows} of {shift.of} rows of {dataset} would move all alike: median shift {shift.metres:g} m "
            f"towards {shift.bearing:.0f} degrees; {why_en}. If the earlier place was the wrong one, repeat with "
            f"--confirm-shift {math.ceil(shift.metres)}",
            zh=f"{dataset} 中 {shift.of} 行有 {shift.rows} 行将整体平移：中位偏移 {shift.metres:g} 米，方位角 "
            f"{shift.bearing:.0f} 度；{why_zh}。如确认原先的位置有误，请加 --confirm-shift {math.ceil(shift.metres)} 重新运行",
        )
    elif lost_m > MOST_LOSS * before_m and lost_m > confirmed.loss_m:
        percent = 100.0 * lost_m / before_m
        why_en, why_zh = _why_lost(comparison)
        faults.add(
            "network_loss",
            en=f"{lost_m:,.1f} m of the {before_m:,.1f} m of pipe in {dataset} ({percent:.1f} %) would be lost: {why_en}. "
            f"If they are gone, repeat with --confirm-loss {math.ceil(lost_m)}",
            zh=f"{dataset} 现有管道 {before_m:,.1f} 米，其中 {lost_m:,.1f} 米（{percent:.1f} %）将丢失：{why_zh}。"
            f"如确已不存在，请加 --confirm-loss {math.ceil(lost_m)} 重新运行",
        )
    faults.raise_if_any()


def _why_lost(comparison: Comparison) -> tuple[str, str]:
    if comparison.of_changes:
        return (
            f"the change set removes {len(comparison.removed)} rows and changes {len(comparison.changed)}. --dry-run lists "
            "them; what it does not hold stays",
            f"变更文件删除 {len(comparison.removed)} 行、修改 {len(comparison.changed)} 行。可用 --dry-run 列出；其中未列的行不受影响",
        )
    return (
        f"the file holds {comparison.length_after_m:,.1f} m, and {comparison.abandoned_m:,.1f} m that stand now have no "
        f"pipe of the file within {ABANDONED_M:g} m. --dry-run lists them; an import replaces the whole dataset, so give "
        "all its files, or another --dataset",
        f"文件中有 {comparison.length_after_m:,.1f} 米，现有管道中 {comparison.abandoned_m:,.1f} 米在 {ABANDONED_M:g} 米内"
        "没有文件中的管道。可用 --dry-run 列出；导入会替换整个数据集，请给出其全部文件，或另写 --dataset",
    )


def _why(comparison: Comparison, shift: Shift) -> tuple[str, str]:
    if shift.frame is not None and shift.frame_before:
        return (
            f"the dataset as it stands looks like {shift.frame} taken for {comparison.crs_before}",
            f"现有数据集像是把 {shift.frame} 当作 {comparison.crs_before} 导入的",
        )
    if shift.frame is not None:
        return (
            f"the file looks like {shift.frame}, and was declared {comparison.crs}",
            f"文件像是 {shift.frame} 坐标，却申明为 {comparison.crs}",
        )
    return (
        f"another datum, zone or grid? Declared now {comparison.crs}, before {comparison.crs_before}: ask who "
        "exported it",
        f"是否换了坐标基准、分带或坐标网？本次申明 {comparison.crs}，上次 {comparison.crs_before}：请向导出人核实",
    )


def _names(names: Any, some: IntArray) -> tuple[str, ...]:
    return tuple(names[row] for row in some.tolist())


# -- what goes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gone:
    """Rows of the dataset that will stand no longer, with their shapes. rows: numbers in `Changes.closed`;
    boxes: (n, 4) lon/lat of each; pieces, lengths_m: of all of them, one by one."""

    rows: IntArray
    boxes: FloatArray
    pieces: NDArray[np.object_]
    lengths_m: FloatArray


def _looked_at(vault: Vault, standing: Standing, closed: IntArray) -> _Gone:
    chosen = np.unique(np.linspace(0, len(closed) - 1, min(len(closed), MOST_LOOKED_AT)).astype(np.int64))
    ids = standing.asset_id[closed[chosen]]
    stored = vault.stored_pieces(ids.tolist()) if len(ids) else {}
    pieces = [piece for asset_id in ids.tolist() for piece in stored[asset_id]]
    counts = np.array([len(stored[asset_id]) for asset_id in ids.tolist()], np.int64)
    shapes = np.array([shape for shape, _, _ in pieces], dtype=object)
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    first = np.cumsum(counts) - counts
    if len(first):
        low = np.minimum.reduceat(bounds[:, :2], first, axis=0)
        high = np.maximum.reduceat(bounds[:, 2:], first, axis=0)
        boxes = np.column_stack([low, high])
    else:
        boxes = np.empty((0, 4))
    lengths_m = np.array([to_m - from_m for _, from_m, to_m in pieces], np.float64)
    return _Gone(chosen, boxes, shapes, lengths_m)


def _abandoned_m(gone: _Gone, cuts: Cuts) -> float:
    lines = np.flatnonzero(gone.lengths_m > 0)
    if not len(lines):
        return 0.0
    lengths_m = gone.lengths_m[lines]
    near = shares_near(gone.pieces[lines], lengths_m, cuts.geometry, ABANDONED_M)
    return float(((1.0 - near) * lengths_m).sum())


def _shift(gone: _Gone, assets: AssetTable, changes: Changes, stable_ids: bool) -> Shift | None:
    if stable_ids:
        # `closed` holds the removed rows first, then those that changed.
        paired = np.flatnonzero(gone.rows >= len(changes.removed))
        after = changes.changed[gone.rows[paired] - len(changes.removed), 1]
        share = len(paired) / max(len(changes.changed), 1)
        return find_shift(
            _middles(gone.boxes[paired]),
            _middles(_boxes(assets, after)),
            round(changes.unchanged * share),
        )
    boxes = _boxes(assets, changes.opened)
    share = len(gone.rows) / max(len(changes.closed), 1)
    return vote_shift(
        _middles(gone.boxes),
        _sizes(gone.boxes),
        _middles(boxes),
        _sizes(boxes),
        round(changes.unchanged * share),
    )


def _boxes(assets: AssetTable, some: IntArray) -> FloatArray:
    bounds: FloatArray = shapely.bounds(shapely.from_wkb(assets.wkb[some])).reshape(-1, 4)
    return bounds


def _middles(boxes: FloatArray) -> FloatArray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2.0


def _sizes(boxes: FloatArray) -> FloatArray:
    metres = METRES_PER_DEGREE_LATITUDE
    squeeze = np.cos(np.radians(boxes[:, 1]))
    return np.column_stack(
        [(boxes[:, 2] - boxes[:, 0]) * squeeze * metres, (boxes[:, 3] - boxes[:, 1]) * metres]
    )

"""Where each conflict reaches, along its pipe and along its site: judge()'s own intervals, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spatial.bulk.field import spread
from spatial.bulk.sites import SiteColumns
from spatial.bulk.verdicts import Survey, Verdicts
from spatial.found import Pieces
from spatial.judging.judge import to_reach
from spatial.judging.limits import limits_of
from spatial.measuring.boxes import FloatArray
from spatial.measuring.measure import Intervals, project
from spatial.measuring.pieces import IntArray
from spatial.measuring.reaches import reached

CHUNK = 5_000
"""Conflicts measured at once, to bound memory."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Intervals of many conflicts: those of row i are from_m[starts[i]:starts[i + 1]], and to_m alike. Metres."""

    starts: IntArray
    from_m: FloatArray
    to_m: FloatArray

    @staticmethod
    def of(intervals: Sequence[Intervals]) -> "Stretches":
        ends = np.array([end for spans in intervals for end in spans], dtype=np.float64).reshape(-1, 2)
        starts = np.cumsum([0, *map(len, intervals)], dtype=np.int64)
        return Stretches(starts, ends[:, 0], ends[:, 1])

    def __getitem__(self, row: int) -> Intervals:
        these = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return tuple(zip(self.from_m[these].tolist(), self.to_m[these].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Where:
    """As Conflicts: chainages of the pipe and stations of the site, at worst and at record."""

    pipe: Stretches
    pipe_at_record: Stretches
    site: Stretches
    site_at_record: Stretches


def where(found: Verdicts, sites: SiteColumns, survey: Survey) -> Where:
    """One row a verdict."""
    parts = [
        _some(found, np.arange(start, min(start + CHUNK, len(found))), sites, survey)
        for start in range(0, len(found), CHUNK)
    ]
    joined = ([spans for part in parts for spans in part[number]] for number in range(4))
    return Where(*map(Stretches.of, joined))


def _some(
    found: Verdicts, rows: IntArray, sites: SiteColumns, survey: Survey
) -> tuple[list[Intervals], list[Intervals], list[Intervals], list[Intervals]]:
    region = survey.region
    site, asset = found.site[rows], found.asset[rows]
    first = np.searchsorted(region.asset, asset)
    pair, nth = spread(np.searchsorted(region.asset, asset, side="right") - first)
    piece = first[pair] + nth
    boxes, asks = region.boxes[piece], sites.asks[site[pair]]
    here = (boxes[:, :2] <= asks[:, 2:]).all(axis=1) & (boxes[:, 2:] >= asks[:, :2]).all(axis=1)
    pair, piece = pair[here], piece[here]
    numbers, of_row = np.unique(site, return_inverse=True)
    several = [sites.sites[number] for number in numbers.tolist()]
    pieces = Pieces(
        site=of_row[pair].astype(np.int64),
        asset=region.asset[piece],
        geometry=region.geometry[piece],
        from_m=region.from_m[piece],
        to_m=region.to_m[piece],
        assets=region.assets,
    )
    each = np.split(np.arange(len(pair)), np.searchsorted(pair, np.arange(1, len(rows))))
    limits = limits_of(sites.limits, site, survey.limits, asset)
    every = np.arange(len(rows))
    told = reached(
        several,
        of_row.astype(np.int64),
        pieces,
        project(several, pieces),
        each,
        to_reach(
            limits,
            survey.limits.control_m[asset],
            found.clearance_m[rows],
            every,
            survey.profile.tolerance_m,
        ),
    )
    return told.pipe, told.pipe_at_record, told.site, told.site_at_record

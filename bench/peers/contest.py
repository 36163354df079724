"""The task that all contestants get, and the shape of their answers.

A pipe and a dig conflict when the distance of their drawn shapes is at most what both reach: that is Predig's rule,
"clearance - uncertainty <= control width + 1 cm", with every term that does not depend on the distance on one side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

import numpy as np

from bench.limit import Hits
from bench.province import Network, Sites, cuts_of, dig_sites, reach_m, site_reach_m
from bench.province.walks import FloatArray, IntArray
from bench.ratios import seconds_of
from spatial.bulk.partition import Cell, parting
from spatial.bulk.sites import SiteColumns
from spatial.measuring.pieces import Cuts
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite

FIRST_TRIAL = 50


@dataclass(frozen=True)
class Contest:
    """Pipes, digs, and how far each reaches. Metres; the rest is worked out when the first contestant asks."""

    network: Network
    sites: Sites
    profile: RuleProfile

    @cached_property
    def reach_m(self) -> FloatArray:
        """Of each pipe, from its axis."""
        return reach_m(self.network, self.profile)

    @cached_property
    def site_reach_m(self) -> FloatArray:
        """Of each dig, from its drawn shape."""
        return site_reach_m(self.sites)

    @cached_property
    def most_m(self) -> float:
        """No pair farther apart is a conflict: the one radius of peers whose index takes but one."""
        return float(self.reach_m.max() + self.site_reach_m.max())

    @cached_property
    def digs(self) -> tuple[DigSite, ...]:
        """As the dock hands them over."""
        return dig_sites(self.sites)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The digs by ground, as `predig screen` parts them."""
        return _cells(self.digs, self.profile)

    @cached_property
    def pieces(self) -> Cuts:
        """The pieces Predig cuts: given to peers too, since whole pipes cost them most."""
        return cuts_of(self.network, self.profile)


def by_ground(sites: Sites, profile: RuleProfile) -> Sites:
    """The same digs part by part of ground, as bulk work meets them, so that the first so many are whole parts.

    The parts stand in the order of their first dig: as often in a dense city as the digs are.
    """
    parts = [part.rows for cell in _cells(dig_sites(sites), profile) for part in cell.parts]
    return sites.of(np.concatenate(sorted(parts, key=lambda rows: int(rows.min()))))


def _cells(digs: Sequence[DigSite], profile: RuleProfile) -> tuple[Cell, ...]:
    parted = parting(SiteColumns.of(digs, profile).asks)
    if len(parted.apart):
        raise ValueError("a dig of the province is too wide for a cell")
    return parted.cells


class Contestant(Protocol):
    """One way to answer. What it prepares (tables, trees) is made before anything is timed."""

    name: str

    def bulk(self, count: int) -> Hits:
        """All conflicts of the first `count` digs, in one go."""
        ...

    def single(self, number: int) -> Hits:
        """The conflicts of one dig, as a permit that comes alone."""
        ...

    def close(self) -> None: ...


def least(site: IntArray, asset: IntArray, axis_m: FloatArray) -> Hits:
    """One row a (site, asset): pieces of a pipe answer one by one, and pipes in two zones twice."""
    if not len(site):
        return Hits(site, asset, axis_m)
    order = np.lexsort([axis_m, asset, site])
    site, asset, axis_m = site[order], asset[order], axis_m[order]
    first = np.r_[True, (site[1:] != site[:-1]) | (asset[1:] != asset[:-1])]
    return Hits(site[first], asset[first], axis_m[first])


def joined(parts: Sequence[Hits]) -> Hits:
    """Answers to one batch of digs after another."""
    return Hits(
        np.concatenate([part.site for part in parts]),
        np.concatenate([part.asset for part in parts]),
        np.concatenate([part.axis_m for part in parts]),
    )


def as_many_as(contestant: Contestant, contest: Contest, budget_s: float) -> int:
    """How many digs it can answer in bulk within the time: found by trials of ten times as many. Whole parts of ground,
    unless it cannot answer one."""
    every = len(contest.sites)
    count = min(FIRST_TRIAL, every)
    while True:
        took, _ = seconds_of(partial(contestant.bulk, count))
        if count == every or took * 10 > budget_s:
            # What rebuilds an index for each query costs so much that more digs hardly cost more.
            share = max(budget_s / max(took, 1e-9), 1.0)
            return _whole_parts(contest, min(every, int(count * min(share, 10.0))))
        count = min(count * 10, every)


def _whole_parts(contest: Contest, count: int) -> int:
    ends = [int(part.rows.max()) + 1 for cell in contest.cells for part in cell.parts]
    return max((end for end in ends if end <= count), default=count)

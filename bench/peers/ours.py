"""Predig itself in the same contest: the road that a single permit takes, and the one that many take."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bench.limit import (
    THREADS,
    Hits,
    PackedSites,
    build_grid,
    conflicts,
    conflicts_of_one,
    pack_segments,
    pack_sites,
)
from bench.peers.contest import Contest, joined
from bench.province import dig_sites
from bench.province.walks import IntArray
from bench.register import ON
from spatial.bulk.partition import parting
from spatial.bulk.sites import SiteColumns
from spatial.bulk.verdicts import Survey, verdicts
from spatial.screening import query_boxes, screen
from spatial.values import DigSite
from sql.vault import Vault

SITES_A_QUESTION = 50
"""How many digs Predig's own batches ask the register about at a time."""


class Limit:
    """The kernel of bench.limit: packing the digs is part of it, packing the network is not."""

    name = "limit: numba, 2 threads"

    def __init__(self, contest: Contest) -> None:
        network = contest.network
        self._grid = build_grid(pack_segments(network.xy, network.offsets, contest.reach_m))
        self._contest = contest

    def _packed(self, numbers: slice) -> PackedSites:
        return pack_sites(self._contest.sites.geometry[numbers], self._contest.site_reach_m[numbers])

    def bulk(self, count: int) -> Hits:
        return conflicts(self._grid, self._packed(slice(count)))

    def single(self, number: int) -> Hits:
        hits = conflicts_of_one(self._grid, self._packed(slice(number, number + 1)))
        return Hits(hits.site + number, hits.asset, hits.axis_m)

    def close(self) -> None:
        del self._grid


class SinglePath:
    """The road of a permit that comes alone: find, judge, grade, give reasons, write the document."""

    name = "Predig, whole judgement"

    def __init__(self, contest: Contest, vault: Vault) -> None:
        self._vault, self._profile = vault, contest.profile
        self.sites = dig_sites(contest.sites)

    def bulk(self, count: int) -> Hits:
        return joined(
            [
                self._hits(first, self.sites[first : min(first + SITES_A_QUESTION, count)])
                for first in range(0, count, SITES_A_QUESTION)
            ]
        )

    def single(self, number: int) -> Hits:
        return self._hits(number, self.sites[number : number + 1])

    def _hits(self, first: int, sites: Sequence[DigSite]) -> Hits:
        found = self._vault.find([query_boxes(site, self._profile) for site in sites])
        judged = screen(sites, found, self._profile, on=ON)
        conflicts = [
            (first + number, int(row["source_id"][1:]), row["centreline_distance_m"] + one.site.half_width_m)
            for number, one in enumerate(judged)
            for row in one.conflicts
        ]
        site, asset, axis_m = np.array(conflicts, dtype=np.float64).reshape(-1, 3).T
        return Hits(site.astype(np.int64), asset.astype(np.int64), axis_m)

    def close(self) -> None:
        """The vault is not ours."""


class BulkPath:
    """The columns that many sites are judged in: ids and distances, and grades and requirements with them. Cell by cell,
    two threads; the regions are read and prepared beforehand, as the other contestants' trees and grids are."""

    name = "Predig in bulk, pieces"

    def __init__(self, contest: Contest, vault: Vault) -> None:
        self.sites, self._profile = dig_sites(contest.sites), contest.profile
        parted = parting(SiteColumns.of(self.sites, self._profile).asks)
        if len(parted.apart):
            raise ValueError("a dig of the province is too wide for a cell")
        self._parts: list[tuple[IntArray, Survey, IntArray]] = []
        self._part_of = np.empty(len(self.sites), dtype=np.int64)
        for cell in parted.cells:
            survey = Survey.of(vault.region(cell.box), self._profile)
            number = np.array([int(name[1:]) for name in survey.region.assets.source_id], dtype=np.int64)
            for part in cell.parts:
                self._part_of[part.rows] = len(self._parts)
                self._parts.append((part.rows, survey, number))

    def bulk(self, count: int) -> Hits:
        columns = SiteColumns.of(self.sites[:count], self._profile)
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(
                pool.map(lambda part: self._hits(columns, part[0][part[0] < count], part), self._parts)
            )
        return joined(parts)

    def single(self, number: int) -> Hits:
        columns = SiteColumns.of(self.sites[number : number + 1], self._profile)
        hits = self._hits(columns, _FIRST, self._parts[self._part_of[number]])
        return Hits(hits.site + number, hits.asset, hits.axis_m)

    def _hits(self, columns: SiteColumns, rows: IntArray, part: tuple[IntArray, Survey, IntArray]) -> Hits:
        _, survey, number = part
        judged = verdicts(columns, survey, rows)
        half_width = columns.limits.half_width_m[judged.site]
        return Hits(judged.site, number[judged.asset], judged.centreline_distance_m + half_width)

    def close(self) -> None:
        del self._parts


_FIRST = np.zeros(1, dtype=np.int64)

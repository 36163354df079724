"""Predig itself in the same contest: the road that a single permit takes, and the one that many take."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.bulk import Work, judge_work
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
from bench.province.walks import IntArray
from bench.register import ON
from spatial.bulk.partition import Cell, Part, parting
from spatial.bulk.sites import SiteColumns
from spatial.bulk.verdicts import CHUNK, Survey, verdicts
from spatial.found import Region
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes, screen
from spatial.values import DigSite
from sql.vault import Vault


class Limit:
    """The kernel of bench.limit: packing the digs is part of it, packing the network is not."""

    name = "limit: numba, 2 threads"

    def __init__(self, contest: Contest) -> None:
        network = contest.network
        self._grid = build_grid(pack_segments(network.xy, network.offsets, contest.reach_m))
        self._contest = contest

    def _packed(self, numbers: slice | IntArray) -> PackedSites:
        return pack_sites(self._contest.sites.geometry[numbers], self._contest.site_reach_m[numbers])

    def bulk(self, count: int) -> Hits:
        return conflicts(self._grid, self._packed(slice(count)))

    def some(self, rows: IntArray) -> Hits:
        """Of some of the digs, numbered as `rows` has them."""
        return conflicts(self._grid, self._packed(rows))

    def single(self, number: int) -> Hits:
        hits = conflicts_of_one(self._grid, self._packed(slice(number, number + 1)))
        return Hits(hits.site + number, hits.asset, hits.axis_m)

    def close(self) -> None:
        del self._grid


@dataclass(frozen=True, slots=True)
class Ground:
    """A cell of digs, and all that the register holds there. parts: rows of digs."""

    parts: tuple[Part, ...]
    region: Region

    @staticmethod
    def of(cell: Cell, vault: Vault) -> "Ground":
        return Ground(cell.parts, vault.region(cell.box))


def read_grounds(contest: Contest, vault: Vault) -> tuple[Ground, ...]:
    """All of them at once: about 1 kB a piece of the network."""
    return tuple(Ground.of(cell, vault) for cell in contest.cells)


class SinglePath:
    """Judged and written: grade, requirement, reasons, the document. One dig as a permit that comes alone (find, judge);
    many as `predig screen` does them, part by part of ground that was read beforehand, in one process."""

    name = "Predig, whole judgement"

    def __init__(self, contest: Contest, vault: Vault, grounds: Sequence[Ground]) -> None:
        self._vault, self._profile = vault, contest.profile
        self._digs, self._grounds = contest.digs, grounds

    def bulk(self, count: int) -> Hits:
        parts = [
            self._part(rows, part, ground)
            for ground in self._grounds
            for part in ground.parts
            if len(rows := part.rows[part.rows < count])
        ]
        return joined(parts)

    def single(self, number: int) -> Hits:
        site = self._digs[number]
        found = self._vault.find([query_boxes(site, self._profile)])
        judged = screen([site], found, self._profile, on=ON)
        return _hits([(number, site, judged[0].conflicts)])

    def _part(self, rows: IntArray, part: Part, ground: Ground) -> Hits:
        numbers = tuple(rows.tolist())
        sites = tuple(self._digs[number] for number in numbers)
        boxes = tuple(query_boxes(site, self._profile) for site in sites)
        here = ground.region.within(part.box)
        judged = judge_work(Work(numbers, sites, boxes, here, self._profile, ON))
        return _hits([(one.site_index, one.site, one.conflicts) for one in judged])

    def close(self) -> None:
        """The vault is not ours."""


def _hits(judged: Sequence[tuple[int, DigSite, Sequence[Mapping[str, Any]]]]) -> Hits:
    """The conflicts of documents: of each dig its number, itself, its rows."""
    conflicts = [
        (number, int(row["source_id"][1:]), row["centreline_distance_m"] + site.half_width_m)
        for number, site, rows in judged
        for row in rows
    ]
    site, asset, axis_m = np.array(conflicts, dtype=np.float64).reshape(-1, 3).T
    return Hits(site.astype(np.int64), asset.astype(np.int64), axis_m)


class Prepared:
    """A ground laid out for judging by columns, as the trees and grids of the other contestants are."""

    def __init__(self, ground: Ground, profile: RuleProfile) -> None:
        self.parts = ground.parts
        self._survey = Survey.of(ground.region, profile)
        names = ground.region.assets.source_id
        self._number: IntArray = np.array([int(name[1:]) for name in names], dtype=np.int64)

    def judged(self, columns: SiteColumns, rows: IntArray) -> Hits:
        told = verdicts(columns, self._survey, rows)
        half_width = columns.limits.half_width_m[told.site]
        return Hits(told.site, self._number[told.asset], told.centreline_distance_m + half_width)


def runs_of(cell: Cell) -> list[IntArray]:
    """The digs of a cell in runs that are judged at once, so that two threads share a town."""
    return np.array_split(cell.rows, -(-len(cell.rows) // CHUNK))


class BulkPath:
    """The columns that many sites are judged in, grades and requirements with them: cell by cell, two threads."""

    name = "Predig in bulk, pieces"

    def __init__(self, contest: Contest, grounds: Sequence[Ground]) -> None:
        self._digs, self._profile = contest.digs, contest.profile
        self._grounds = [Prepared(ground, self._profile) for ground in grounds]
        self._ground_of = {
            row: ground for ground in self._grounds for part in ground.parts for row in part.rows.tolist()
        }

    def bulk(self, count: int) -> Hits:
        columns = SiteColumns.of(self._digs[:count], self._profile)
        runs = [
            (self._ground_of[cell.rows[0]], rows)
            for cell in parting(columns.asks).cells
            for rows in runs_of(cell)
        ]
        with ThreadPoolExecutor(THREADS) as pool:
            return joined(list(pool.map(lambda run: run[0].judged(columns, run[1]), runs)))

    def single(self, number: int) -> Hits:
        columns = SiteColumns.of(self._digs[number : number + 1], self._profile)
        hits = self._ground_of[number].judged(columns, _FIRST)
        return Hits(hits.site + number, hits.asset, hits.axis_m)

    def close(self) -> None:
        del self._grounds, self._ground_of


_FIRST = np.zeros(1, dtype=np.int64)

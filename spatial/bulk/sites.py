"""Dig sites as columns, for thousands at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray
from spatial.judging.limits import LimitsOfSites
from spatial.measuring.boxes import FloatArray, widen
from spatial.measuring.intervals import POINT, runs_of
from spatial.measuring.pieces import IntArray
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite
from spatial.words import AssetKind


@dataclass(frozen=True, slots=True)
class SiteColumns:
    """One row a site. rule: index into `alike`, sites of which each stands for all with its acts and method;
    limits: half width, doubt and own distances; reach_m: how much farther than a pipe's own reach it can matter;
    bored: follows a path in three dimensions; bounds: (n, 4) degrees, as drawn; asks: as query_boxes() together."""

    sites: Sequence[DigSite]
    geometry: ObjectArray
    rule: IntArray
    alike: tuple[DigSite, ...]
    limits: LimitsOfSites
    reach_m: FloatArray
    bored: BoolArray
    bounds: FloatArray
    asks: FloatArray

    @staticmethod
    def of(sites: Sequence[DigSite], profile: RuleProfile) -> "SiteColumns":
        # One pass: to ask each site for one thing after another costs more than all that is worked out here.
        rows = [
            (site.geometry, site.half_width_m, site.uncertainty, site.acts, site.method, site.bore)
            for site in sites
        ]
        shapes, half_widths, doubts, acts, methods, bores = zip(*rows, strict=True) if rows else ((),) * 6
        geometry: ObjectArray = np.empty(len(sites), dtype=object)
        geometry[:] = shapes
        ways = list(zip(acts, methods, strict=True))
        rule, first = _alike(ways)
        doubt_of, doubted = _alike(doubts)
        alike = tuple(sites[number] for number in first)
        own = np.array(
            [[profile.own_distance_m(site.acts, kind) for kind in AssetKind] for site in alike],
            dtype=np.float64,
        ).reshape(-1, len(AssetKind))
        reach = np.array([profile.reach_m(site.acts) for site in alike], dtype=np.float64)
        half_width = np.array(half_widths, dtype=np.float64)
        doubt = np.array([sites[number].uncertainty_m for number in doubted], dtype=np.float64)[doubt_of]
        bounds: FloatArray = shapely.bounds(geometry).reshape(-1, 4)
        farthest = reach[rule] + profile.largest_unknown_radius_m + profile.doubt_of_unknown_m
        return SiteColumns(
            sites=sites,
            geometry=geometry,
            rule=rule,
            alike=alike,
            limits=LimitsOfSites(half_width, doubt, own[rule]),
            reach_m=half_width + doubt + own.max(axis=1, initial=0.0)[rule],
            bored=np.array([bore is not None for bore in bores], dtype=np.bool_),
            bounds=bounds,
            asks=widen(bounds, farthest + half_width + doubt),
        )

    def __len__(self) -> int:
        return len(self.geometry)


def _alike(values: Sequence[tuple[Any, ...]]) -> tuple[IntArray, list[int]]:
    """A number for each value, equal ones alike, and where each number first stands. Sites of one file mostly share what
    they are told by: a tuple met before as the same object is not hashed again, which would cost more than all else."""
    numbers: dict[tuple[Any, ...], int] = {}
    first: list[int] = []
    seen: dict[tuple[int, ...], int] = {}
    keys = [tuple(map(id, value)) for value in values]
    for place, key in enumerate(keys):
        if key not in seen:
            seen[key] = numbers.setdefault(values[place], len(numbers))
            if seen[key] == len(first):
                first.append(place)
    return np.array([seen[key] for key in keys], dtype=np.int64), first


@dataclass(frozen=True, slots=True)
class Outlines:
    """The edges of sites, by their vertices: xy (n, 2); edge i runs from begin[i] to end[i] and is of site[i]."""

    xy: FloatArray
    begin: IntArray
    end: IntArray
    site: IntArray


def outlines_of(geometry: ObjectArray) -> Outlines:
    """As edges_of(), each vertex once: to project one costs more than all else done with it."""
    runs, owner = runs_of(geometry)
    xy, run = shapely.get_coordinates(runs, return_index=True)
    goes_on = np.zeros(len(run), dtype=np.bool_)
    goes_on[:-1] = run[1:] == run[:-1]
    alone = (shapely.get_type_id(runs) == POINT)[run]
    begin = np.flatnonzero(alone | goes_on)
    return Outlines(xy, begin, begin + goes_on[begin], owner[run[begin]])

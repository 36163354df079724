"""Dig sites as columns, for thousands at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.found import BoolArray, ObjectArray
from spatial.judging.limits import LimitsOfSites
from spatial.measuring.boxes import FloatArray, widen
from spatial.measuring.intervals import POINT, runs_of
from spatial.measuring.pieces import IntArray
from spatial.rules.profile import RuleProfile
from spatial.values import DigSite, UncertaintyTerm
from spatial.words import Act, AssetKind, Method


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
        geometry: ObjectArray = np.empty(len(sites), dtype=object)
        geometry[:] = [site.geometry for site in sites]
        rule = np.array(_rules(sites), dtype=np.int64)
        _, first = np.unique(rule, return_index=True)
        alike = tuple(sites[number] for number in first.tolist())
        own = np.array(
            [[profile.own_distance_m(site.acts, kind) for kind in AssetKind] for site in alike],
            dtype=np.float64,
        ).reshape(-1, len(AssetKind))
        reach = np.array([profile.reach_m(site.acts) for site in alike], dtype=np.float64)
        half_width = np.array([site.half_width_m for site in sites], dtype=np.float64)
        doubt = np.array(_doubts_m(sites), dtype=np.float64)
        bounds: FloatArray = shapely.bounds(geometry).reshape(-1, 4)
        farthest = reach[rule] + profile.largest_unknown_radius_m + profile.doubt_of_unknown_m
        return SiteColumns(
            sites=sites,
            geometry=geometry,
            rule=rule,
            alike=alike,
            limits=LimitsOfSites(half_width, doubt, own[rule]),
            reach_m=half_width + doubt + own.max(axis=1, initial=0.0)[rule],
            bored=np.array([site.bore is not None for site in sites], dtype=np.bool_),
            bounds=bounds,
            asks=widen(bounds, farthest + half_width + doubt),
        )

    def __len__(self) -> int:
        return len(self.geometry)


def _rules(sites: Sequence[DigSite]) -> list[int]:
    """A number for each way of digging. Sites of one file mostly share one tuple of acts; to hash its words costs more
    than all else here."""
    known: dict[tuple[tuple[Act, ...], Method | None], int] = {}
    seen: dict[tuple[int, int], int] = {}
    keys = [(id(site.acts), id(site.method)) for site in sites]
    for site, key in zip(sites, keys, strict=True):
        if key not in seen:
            seen[key] = known.setdefault((site.acts, site.method), len(known))
    return [seen[key] for key in keys]


def _doubts_m(sites: Sequence[DigSite]) -> list[float]:
    """Sites of one file mostly share one doubt: it is summed once."""
    summed: dict[int, float] = {}
    terms: list[tuple[UncertaintyTerm, ...]] = [site.uncertainty for site in sites]
    for site, of in zip(sites, terms, strict=True):
        if id(of) not in summed:
            summed[id(of)] = site.uncertainty_m
    return [summed[id(of)] for of in terms]


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

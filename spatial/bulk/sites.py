"""Dig sites as columns, for thousands at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import shapely

from spatial.bulk.kernels import NONE
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
        # Attribute by attribute, so that no row becomes an object of its own.
        geometry = np.fromiter(map(attrgetter("geometry"), sites), dtype=np.object_, count=len(sites))
        half_width = np.fromiter(map(attrgetter("half_width_m"), sites), dtype=np.float64, count=len(sites))
        acts, _ = _alike(_each("acts", sites))
        method, methods = _alike(_each("method", sites))
        _, first, rule = np.unique(acts * len(methods) + method, return_index=True, return_inverse=True)
        doubt_of, doubted = _alike(_each("uncertainty", sites))
        alike = tuple(sites[number] for number in first.tolist())
        own = np.array(
            [[profile.own_distance_m(site.acts, kind) for kind in AssetKind] for site in alike],
            dtype=np.float64,
        ).reshape(-1, len(AssetKind))
        reach = np.array([profile.reach_m(site.acts) for site in alike], dtype=np.float64)
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
            bored=_objects(_each("bore", sites)) != id(None),
            bounds=bounds,
            asks=widen(bounds, farthest + half_width + doubt),
        )

    def __len__(self) -> int:
        return len(self.geometry)


def _each(name: str, sites: Sequence[DigSite]) -> list[Any]:
    return list(map(attrgetter(name), sites))


def _alike(values: list[Any]) -> tuple[IntArray, list[int]]:
    """A number for each value, equal ones alike, and where each number first stands. Sites of one file mostly share what
    they are told by: the same object is hashed once, since to hash it costs more than all else."""
    objects = _objects(values)
    if not len(objects) or (objects == objects[0]).all():
        return np.zeros(len(objects), dtype=np.int64), [0][: len(objects)]
    _, first, object_of = np.unique(objects, return_index=True, return_inverse=True)
    numbers: dict[Any, int] = {}
    number_of = [numbers.setdefault(values[row], len(numbers)) for row in first.tolist()]
    codes = np.array(number_of, dtype=np.int64)[object_of]
    return codes, np.unique(codes, return_index=True)[1].tolist()


def _objects(values: list[Any]) -> IntArray:
    """Equal where two are one object."""
    return np.fromiter(map(id, values), dtype=np.int64, count=len(values))


@dataclass(frozen=True, slots=True)
class Outlines:
    """The edges of sites, by their vertices. xy: (n, 2), those of site i from first[i] to first[i + 1]; to: where the edge
    that begins at a vertex ends, NONE where none begins; a point's ends where it begins."""

    xy: FloatArray
    to: IntArray
    first: IntArray


def outlines_of(geometry: ObjectArray) -> Outlines:
    """As edges_of(), each vertex once: to project one costs more than all else done with it."""
    runs, owner = runs_of(geometry)
    xy, run = shapely.get_coordinates(runs, return_index=True)
    here = np.arange(len(run))
    to = here + 1
    to[-1:] = NONE
    to[:-1][run[1:] != run[:-1]] = NONE
    alone = (shapely.get_type_id(runs) == POINT)[run]
    to[alone] = here[alone]
    return Outlines(xy, to, np.searchsorted(owner[run], np.arange(len(geometry) + 1)))

"""What is not known about the ground round a dig site. Silence is not clearance.

`clear` is only supported where every utility that may own pipes here has declared, within its promised
age, that its register is complete for every kind of pipe over the whole site widened by the largest reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.measuring.boxes import widened
from spatial.measuring.plane import nearest_meridian, to_plane
from spatial.rules.profile import RuleProfile
from spatial.values import Coverage, DigSite, UtilityGround
from spatial.words import PipeKind, SitePart

CLIP_FACTOR = 4.0
"""Ground is cut to the site's box widened by this many reaches before it is projected: a province-wide
polygon need not be, and the cut lies well beyond the reach."""

NARROW_WINDOW_DEG = 0.3
"""On the plane the cut's edge bends in by at most 20 m over such a width, far less than it lies beyond the reach."""


@dataclass(frozen=True, slots=True)
class GroundAnswer:
    """unknowns: why `clear` cannot be said, each {code, utility, ...}; concerned: utilities that may own
    pipes here, in code order, each with whether its coverage holds; vouched_until: the last day on which the
    coverages that hold are within their promised age, None when one of them does not hold today."""

    unknowns: tuple[dict[str, Any], ...]
    concerned: tuple[tuple[UtilityGround, bool], ...]
    vouched_until: date | None


def farthest_axis_m(site: DigSite, profile: RuleProfile) -> float:
    """From the drawn site to the farthest pipe axis that can be a conflict, the pipe's own doubt left out.

    The reach is to the pipe's wall; a register that is complete as to axes must hold the radius beyond it.
    """
    return (
        profile.reach_m(site.acts) + profile.largest_unknown_radius_m + site.uncertainty_m + site.half_width_m
    )


def unknowns_of(
    site: DigSite, ground: Sequence[UtilityGround], on: date, profile: RuleProfile
) -> GroundAnswer:
    """Everything unknown that matters to this site on this day."""
    near = _Near(site, profile)
    unknowns: list[dict[str, Any]] = []
    concerned: list[tuple[UtilityGround, bool]] = []
    supported = False
    for declared in sorted(ground, key=lambda row: row.utility.code):
        if declared.service_area is not None and not near.meets(declared.service_area):
            # A row nobody could read counts where it lies, whatever its utility says of where it serves.
            unknowns += _unknown_patches(near, declared)
            continue
        missing = _unknowns_of_utility(near, declared, on)
        unknowns += missing
        concerned.append((declared, not missing))
        supported = supported or declared.service_area is not None
    if profile.long_distance:
        unknowns.append({"code": "town_gas_not_judged"})
    if not supported:
        unknowns.insert(0, {"code": "no_utility"})
    if not site.half_width_known:
        unknowns.append(_width_unknown(site))
    return GroundAnswer(tuple(unknowns), tuple(concerned), _vouched_until(near, concerned, on))


def _vouched_until(near: "_Near", concerned: Sequence[tuple[UtilityGround, bool]], on: date) -> date | None:
    """What holds today may be too old tomorrow: a `clear` must not outlive the word it rests on."""
    last: list[date] = []
    for declared, _ in concerned:
        ends_of: dict[PipeKind, list[tuple[date, BaseGeometry]]] = {}
        for row in declared.coverages:
            if not row.assumed and row.max_age_days is not None:
                end = row.as_of + timedelta(days=row.max_age_days)
                ends_of.setdefault(row.pipe_kind, []).append((end, row.geometry))
        for kind in PipeKind:
            ends = ends_of.get(kind, [])
            days = sorted({end for end, _ in ends if end >= on}, reverse=True)
            held = (day for day in days if near.holds([shape for end, shape in ends if end >= day]))
            day = next(held, None)
            if day is None:
                return None
            last.append(day)
    return min(last, default=None)


def _width_unknown(site: DigSite) -> dict[str, Any]:
    """Which number is missing to tell how far the ground is opened, or where a strip beside it lies."""
    if site.part is not SitePart.OPENED:
        return {"code": "strip_place_unknown", "part": site.part.value}
    from_bottom = site.trench is not None and (
        site.trench.bottom_width_m is not None or shapely.get_dimensions(site.geometry) == 2
    )
    if from_bottom:
        return {"code": "top_width_unknown", "half_width_m": site.half_width_m}
    return {"code": "site_width_unknown", "half_width_m": site.half_width_m}


class _Near:
    """The site on its plane, with the reach that ground must hold or keep away from."""

    def __init__(self, site: DigSite, profile: RuleProfile) -> None:
        self.reach_m = farthest_axis_m(site, profile)
        self.doubt_m = profile.doubt_of_unknown_m
        self._shape = np.array([site.geometry], dtype=object)
        self._box = widened(site.geometry.bounds, CLIP_FACTOR * (self.reach_m + self.doubt_m))
        self._narrow = self._box[2] - self._box[0] <= NARROW_WINDOW_DEG
        # A utility mostly says the same of all its kinds of pipe, and the vault gives the same words one shape:
        # each is cut and compared once. By id, because to hash a province costs more than to cut it; the
        # caller's ground keeps the shapes alive.
        self._flat: dict[int, BaseGeometry] = {}
        self._whole: dict[int, bool] = {}
        self._held: dict[tuple[int, ...], bool] = {}

    @cached_property
    def _window(self) -> BaseGeometry:
        window: BaseGeometry = shapely.box(*self._box)
        return window

    @cached_property
    def _meridian(self) -> int:
        return int(nearest_meridian(self._shape)[0])

    @cached_property
    def site(self) -> BaseGeometry:
        """The site in metres."""
        shape: BaseGeometry = to_plane(self._shape, self._meridian)[0]
        return shape

    def _wholly_in(self, geometry: BaseGeometry) -> bool:
        """Some ground holds all that is looked at, site, reach and more: then nothing need be measured."""
        if id(geometry) not in self._whole:
            self._whole[id(geometry)] = self._narrow and bool(shapely.covers(geometry, self._window))
        return self._whole[id(geometry)]

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        """The part of some ground near the site, in metres."""
        if id(geometry) not in self._flat:
            self._flat[id(geometry)] = self._cut(geometry)
        return self._flat[id(geometry)]

    def _cut(self, geometry: BaseGeometry) -> BaseGeometry:
        # The box of a single point or of a straight row has no area: cutting would leave nothing of it.
        flat_box = shapely.area(geometry) == 0
        part = geometry if flat_box else shapely.intersection(geometry, self._window)
        shape: BaseGeometry = to_plane(np.asarray([part], dtype=object), self._meridian)[0]
        return shape

    def meets(self, geometry: BaseGeometry, doubt_m: float = 0.0) -> bool:
        return self._wholly_in(geometry) or bool(
            shapely.distance(self.site, self.flat(geometry)) <= self.reach_m + doubt_m
        )

    def holds(self, geometries: Sequence[BaseGeometry]) -> bool:
        """The union holds the site widened by the reach: no buffer, but the distance to its edge."""
        if not geometries:
            return False
        key = tuple(map(id, geometries))
        if key not in self._held:
            self._held[key] = self._holds(geometries)
        return self._held[key]

    def _holds(self, geometries: Sequence[BaseGeometry]) -> bool:
        if any(self._wholly_in(geometry) for geometry in geometries):
            return True
        union = shapely.union_all([self.flat(geometry) for geometry in geometries])
        if not shapely.covers(union, self.site):
            return False
        return bool(shapely.distance(self.site, shapely.boundary(union)) >= self.reach_m)


def _unknowns_of_utility(near: _Near, declared: UtilityGround, on: date) -> list[dict[str, Any]]:
    who = {"utility": declared.utility.code, "name": declared.utility.name}
    found: list[dict[str, Any]] = []
    if declared.service_area is None:
        found.append({"code": "service_area_undeclared", **who})
    if not declared.datasets:
        # Its word that the register is complete came before the data, or outlived them.
        found.append({"code": "no_dataset", **who})
    by_code: dict[str, list[str]] = {}
    as_of: date | None = None
    coverages_of: dict[PipeKind, list[Coverage]] = {}
    for row in declared.coverages:
        coverages_of.setdefault(row.pipe_kind, []).append(row)
    for kind in PipeKind:
        coverages = coverages_of.get(kind, [])
        code = _coverage_fault(near, coverages, on)
        if code is not None:
            by_code.setdefault(code, []).append(kind.value)
        if code == "coverage_stale":
            dates = [row.as_of for row in coverages]
            as_of = min([*dates, *([as_of] if as_of else [])])
    for code, kinds in by_code.items():
        entry: dict[str, Any] = {"code": code, **who, "pipe_kinds": kinds}
        if code == "coverage_stale" and as_of is not None:
            entry["as_of"] = as_of.isoformat()
        found.append(entry)
    found += _unknown_patches(near, declared)
    if declared.boxless_rejected:
        found.append({"code": "rejected_unconfirmed", **who, "count": declared.boxless_rejected})
    return found


def _unknown_patches(near: _Near, declared: UtilityGround) -> list[dict[str, Any]]:
    who = {"utility": declared.utility.code, "name": declared.utility.name}
    found: list[dict[str, Any]] = []
    if any(near.meets(blank) for blank in declared.blanks):
        found.append({"code": "blank", **who})
    # What a rejected row said of its pipe is lost, so its place is in doubt like that of any unknown pipe.
    unreadable = sorted(
        {row.dataset for row in declared.unreadable if near.meets(row.geometry, near.doubt_m)}
    )
    if unreadable:
        found.append({"code": "unreadable", **who, "datasets": unreadable})
    return found


def _coverage_fault(near: _Near, coverages: Sequence[Coverage], on: date) -> str | None:
    """Why the coverages of one kind do not hold the widened site; None when they do."""
    declared = [row for row in coverages if not row.assumed]
    fresh = [row for row in declared if _age_fault(row, on) is None]
    if near.holds([row.geometry for row in fresh]):
        return None
    if near.holds([row.geometry for row in declared]):
        faults = {_age_fault(row, on) for row in declared}
        return "coverage_stale" if "coverage_stale" in faults else "coverage_age_unset"
    if near.holds([row.geometry for row in coverages]):
        return "coverage_assumed"
    return "coverage_missing"


def _age_fault(coverage: Coverage, on: date) -> str | None:
    if coverage.max_age_days is None:
        return "coverage_age_unset"
    if on > coverage.as_of + timedelta(days=coverage.max_age_days):
        return "coverage_stale"
    return None

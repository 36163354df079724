"""What the profile says of each pair of site and asset, and how a distance is graded by it. Columns only.

Every number of an asset or of a site is looked up once, then spread over the pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from spatial.found import Assets, BoolArray, ObjectArray
from spatial.measuring.boxes import FloatArray
from spatial.measuring.measure import QUANTUM_M, quantise
from spatial.measuring.pieces import IntArray
from spatial.rules.profile import RuleProfile, Ruling, Widths
from spatial.values import DigSite
from spatial.words import AssetKind, Certainty, Grade, PressureClass, Zone

ZONES = np.array([Zone.PROTECTION, Zone.CONTROL, Zone.OUTSIDE], dtype=object)
GRADES = np.array([Grade.I, Grade.II, Grade.III, Grade.IV, None], dtype=object)
CERTAINTIES = np.array([Certainty.CERTAIN, Certainty.CERTAIN, Certainty.POSSIBLE], dtype=object)
_I, _II, _III, _IV, _NONE = range(5)

_KINDS = {kind.value: kind for kind in AssetKind}
_KIND_COLUMN = {kind: column for column, kind in enumerate(AssetKind)}
_CLASSES: dict[str | None, PressureClass | None] = {None: None} | {name.value: name for name in PressureClass}
"""By their words: to look a word up is four times as fast as to ask the Enum for it."""


@dataclass(frozen=True, slots=True)
class LimitsOfAssets:
    """Columns, one row an asset, metres. inside_m: as Widths; column: of its kind in LimitsOfSites.own_m."""

    widths: ObjectArray
    protection_m: FloatArray
    control_m: FloatArray
    inside_m: FloatArray
    radius_m: FloatArray
    uncertainty_m: FloatArray
    column: IntArray

    @staticmethod
    def of(assets: Assets, by_wall: BoolArray, profile: RuleProfile) -> "LimitsOfAssets":
        """by_wall: drawn by the outer wall, so that there is no radius to take off."""
        told = zip(
            assets.kind.tolist(),
            assets.pressure_class.tolist(),
            [nan if isnan(mm) else mm for mm in assets.diameter_mm.tolist()],
            by_wall.tolist(),
            strict=True,
        )
        # Many assets are of one kind, class and diameter; the unknown ones share one NaN, which is then found again.
        known: dict[tuple[str, str | None, float, bool], tuple[Widths, float]] = {}
        rows = [known.get(one) or known.setdefault(one, _limits_of_one(*one, profile)) for one in told]
        widths: ObjectArray = np.empty(len(assets), dtype=object)
        widths[:] = [width for width, _ in rows]
        metres = np.array(
            [
                (width.protection_m, width.control_m, width.inside_m, radius_m, _KIND_COLUMN[width.kind])
                for width, radius_m in rows
            ],
            dtype=np.float64,
        ).reshape(-1, 5)
        return LimitsOfAssets(
            widths=widths,
            protection_m=metres[:, 0],
            control_m=metres[:, 1],
            inside_m=metres[:, 2],
            radius_m=metres[:, 3],
            uncertainty_m=assets.uncertainty_m,
            column=metres[:, 4].astype(np.int64),
        )


def _limits_of_one(
    kind: str, class_name: str | None, diameter_mm: float, by_wall: bool, profile: RuleProfile
) -> tuple[Widths, float]:
    """Its widths, and from the drawn axis or centre to the outer wall, metres."""
    pressure_class = _CLASSES[class_name]
    known_mm = None if isnan(diameter_mm) else diameter_mm
    radius_m = 0.0 if by_wall else profile.diameter_or_largest_mm(known_mm, pressure_class) / 2000.0
    return profile.widths_from_wall(_KINDS[kind], pressure_class, radius_m), radius_m


@dataclass(frozen=True, slots=True)
class LimitsOfSites:
    """Columns, one row a site, metres. own_m: how far its acts matter by themselves, a column a kind of asset."""

    half_width_m: FloatArray
    uncertainty_m: FloatArray
    own_m: FloatArray

    @staticmethod
    def of(sites: Sequence[DigSite], profile: RuleProfile) -> "LimitsOfSites":
        metres = np.array(
            [(site.half_width_m, site.uncertainty_m) for site in sites], dtype=np.float64
        ).reshape(-1, 2)
        own = [[profile.own_distance_m(site.acts, kind) for kind in AssetKind] for site in sites]
        return LimitsOfSites(
            half_width_m=metres[:, 0],
            uncertainty_m=metres[:, 1],
            own_m=np.array(own, dtype=np.float64).reshape(-1, len(AssetKind)),
        )


@dataclass(frozen=True, slots=True)
class PairLimits:
    """What the profile says of each pair. Metres."""

    protection_m: FloatArray
    control_m: FloatArray
    radius_m: FloatArray
    half_width_m: FloatArray
    uncertainty_m: FloatArray


def limits_of(sites: LimitsOfSites, site: IntArray, assets: LimitsOfAssets, asset: IntArray) -> PairLimits:
    """site, asset: the rows of each pair."""
    own = sites.own_m[site, assets.column[asset]]
    return PairLimits(
        protection_m=assets.protection_m[asset],
        control_m=quantise(np.maximum(assets.control_m[asset], own - assets.inside_m[asset])),
        radius_m=assets.radius_m[asset],
        half_width_m=sites.half_width_m[site],
        uncertainty_m=quantise(assets.uncertainty_m[asset] + sites.uncertainty_m[site]),
    )


def clearances(axis_m: FloatArray, limits: PairLimits) -> tuple[FloatArray, FloatArray, FloatArray]:
    """From the distances between the drawn shapes: to the centre line, to the outer wall, and at worst.

    :raises ValueError: a distance or a doubt is not a number. NaN compares as "not inside", so it would
        lose a conflict in silence.
    """
    centreline = quantise(np.maximum(axis_m - limits.half_width_m, 0.0))
    clearance = quantise(np.maximum(axis_m - limits.half_width_m - limits.radius_m, 0.0))
    worst = quantise(clearance - limits.uncertainty_m)
    if not np.isfinite(worst).all():
        raise ValueError("a distance or an uncertainty is not a finite number")
    return centreline, clearance, worst


def zones_of(clearance_m: FloatArray, limits: PairLimits, tolerance_m: float) -> IntArray:
    """Index into ZONES. Within the tolerance of a limit counts as inside."""
    in_protection = clearance_m <= quantise(limits.protection_m + tolerance_m)
    in_control = clearance_m <= quantise(limits.control_m + tolerance_m)
    return np.where(in_protection, 0, np.where(in_control, 1, 2))


def grade_at_record(zone: IntArray, at_wall: BoolArray, forbidden: BoolArray) -> IntArray:
    """I: a forbidden act, or the site reaches the wall; II protection zone; III control zone."""
    by_zone = np.array([_II, _III, _NONE])[zone]
    return np.where((zone < 2) & (at_wall | forbidden), _I, by_zone)


def grade_at_worst(
    clearance_m: FloatArray,
    uncertainty_m: FloatArray,
    control_m: FloatArray,
    tolerance_m: float,
    relieved: BoolArray,
) -> IntArray:
    """I when the doubt alone reaches the wall; II when the band is wider than the zone itself or the floor stays
    above the pipe; else IV."""
    reaches = clearance_m <= quantise(uncertainty_m + tolerance_m)
    return np.where(reaches, np.where((uncertainty_m > control_m) | relieved, _II, _I), _IV)


class Rulings:
    """The profile's rulings for a batch, looked up once per site and zone."""

    def __init__(self, sites: Sequence[DigSite], profile: RuleProfile) -> None:
        self._sites = sites
        self._profile = profile
        self._known: dict[tuple[int, int], Ruling] = {}
        self._has_own_distance = [profile.own_distance_m(site.acts) > 0 for site in sites]

    def of(self, site: IntArray, zone: IntArray, clearance_m: FloatArray, widths: ObjectArray) -> ObjectArray:
        """One Ruling per row."""
        rulings: ObjectArray = np.empty(len(site), dtype=object)
        columns = (site, zone, clearance_m, widths)
        rulings[:] = [self.one(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        return rulings

    def one(self, site: int, zone: int, clearance_m: float, widths: Widths) -> Ruling:
        """zone: index into ZONES."""
        acts, method = self._sites[site].acts, self._sites[site].method
        if self._has_own_distance[site]:
            return self._profile.ruling_at(ZONES[zone], acts, method, clearance_m, widths)
        key = (site, zone)
        if key not in self._known:
            self._known[key] = self._profile.ruling(ZONES[zone], acts, method)
        return self._known[key]

    def beyond(self, site: int, control_m: float, widths: Widths) -> Ruling:
        """The strictest beyond the control zone, up to control_m, where only acts' own distances reach."""
        tolerance = self._profile.tolerance_m
        just_beyond = min(widths.control_m + tolerance + QUANTUM_M, control_m + tolerance)
        return self.one(site, 1, just_beyond, widths)

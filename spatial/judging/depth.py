"""How deep: the floor of a dig against the top and the underside of each pipe, all doubts counted.

A cover that was not followed along the whole pipe says nothing about its middle, and a depth whose doubt nobody
knows says nothing at all: both are unknown here, and unknown relieves nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from spatial.found import Assets, BoolArray, ObjectArray
from spatial.measuring.boxes import FloatArray
from spatial.measuring.measure import QUANTUM_DECIMALS, quantise
from spatial.measuring.pieces import IntArray
from spatial.rules.profile import OPENS_GROUND, RuleProfile
from spatial.values import DigSite
from spatial.words import Act, AssetKind, Level, Method, PressureClass, SitePart

TAKES_GROUND_AWAY = OPENS_GROUND | {Act.BORROW_SOIL, Act.BUILD}
"""Acts that leave a hole beside which ground may give way."""
FROM_ABOVE = (Method.HAND, Method.VACUUM, Method.MECHANICAL)
"""Ways of digging that go no deeper than the floor. A way nobody stated is none of them: unknown relieves nobody."""

LEVELS: ObjectArray = np.array([Level.ABOVE, Level.BELOW, Level.REACHES, Level.UNKNOWN], dtype=object)


@dataclass(frozen=True, slots=True)
class Depths:
    """Columns, one row a (site, asset) pair: metres below ground at record, NaN is unknown.

    floor_m, floor_uncertainty_m: of the dig. top_least_m, top_most_m: of the pipe, the least and the most along it;
    pipe_uncertainty_m: of both. thin_m, thick_m: the least and the most its outside diameter may be.
    profiled: the depth was followed along the whole pipe.
    """

    floor_m: FloatArray
    floor_uncertainty_m: FloatArray
    top_least_m: FloatArray
    top_most_m: FloatArray
    pipe_uncertainty_m: FloatArray
    thin_m: FloatArray
    thick_m: FloatArray
    profiled: BoolArray

    def __len__(self) -> int:
        return len(self.floor_m)

    def of(self, some: IntArray) -> "Depths":
        """Some of the rows."""
        return Depths(*(getattr(self, column.name)[some] for column in fields(self)))


def depths_of(
    sites: Sequence[DigSite], site: IntArray, assets: Assets, asset: IntArray, profile: RuleProfile
) -> Depths:
    """What is known of each pair. A valve or a station reaches the surface: it has no top to stay above."""
    about = np.array([_floor(of) for of in sites], dtype=np.float64).reshape(-1, 2)[site]
    is_pipe = (assets.kind == AssetKind.PIPE)[asset]
    diameter_m = assets.diameter_mm[asset] / 1000.0
    unknown = np.isnan(diameter_m)
    return Depths(
        floor_m=about[:, 0],
        floor_uncertainty_m=about[:, 1],
        top_least_m=np.where(is_pipe, assets.cover_m[asset], np.nan),
        top_most_m=np.where(is_pipe, assets.cover_most_m[asset], np.nan),
        pipe_uncertainty_m=assets.depth_uncertainty_m[asset],
        thin_m=np.where(unknown, 0.0, diameter_m),
        thick_m=np.where(unknown, _largest_m(assets, asset, profile), diameter_m)
        if unknown.any()
        else diameter_m,
        profiled=assets.profiled[asset],
    )


def _largest_m(assets: Assets, asset: IntArray, profile: RuleProfile) -> FloatArray:
    """The largest outside diameter there is in each row's class."""
    classes = (None if name is None else PressureClass(name) for name in assets.pressure_class[asset])
    return np.array(
        [profile.diameter_or_largest_mm(None, name) / 1000.0 for name in classes], dtype=np.float64
    )


def _floor(site: DigSite) -> tuple[float, float]:
    """Depth of the floor and its doubt. A bore has a path, not a floor."""
    if site.depth_m is None or site.bore is not None:
        return np.nan, np.nan
    return site.depth_m, site.depth_uncertainty_m if site.depth_uncertainty else np.nan


def relation(depths: Depths, tolerance_m: float) -> ObjectArray:
    """Level of each row. Within the tolerance of a limit counts as reaching it; what is unknown is UNKNOWN."""
    if np.isnan(depths.floor_m).all():
        return _all_unknown(len(depths))
    doubt = depths.floor_uncertainty_m + depths.pipe_uncertainty_m
    # What is unknown is NaN, in every number made of it, and NaN compares as neither above nor below.
    gap_above = quantise(depths.top_least_m - depths.floor_m - doubt)
    gap_below = quantise(depths.floor_m - depths.top_most_m - depths.thick_m - doubt)
    known = depths.profiled & ~np.isnan(gap_above + gap_below)
    level = np.where(gap_above > tolerance_m, 0, np.where(gap_below > tolerance_m, 1, 2))
    return LEVELS[np.where(known, level, 3)]


def _all_unknown(count: int) -> ObjectArray:
    level: ObjectArray = np.empty(count, dtype=object)
    level[:] = Level.UNKNOWN
    return level


def only_from_above(site: DigSite) -> bool:
    """The site does nothing but open ground from above, down to its floor."""
    return (
        site.bore is None
        and site.part is SitePart.OPENED
        and site.method in FROM_ABOVE
        and OPENS_GROUND.issuperset(site.acts)
    )


def takes_ground_away(site: DigSite) -> bool:
    """The site leaves a hole with a floor."""
    return (
        site.bore is None
        and site.part is SitePart.OPENED
        and site.method is not Method.TRENCHLESS
        and not TAKES_GROUND_AWAY.isdisjoint(site.acts)
    )


@dataclass(frozen=True, slots=True)
class Giving:
    """Columns, one row a pair: may the ground under a pipe give way into the hole beside it?

    from_edge_m: in plan, from the edge of the floor to the pipe's wall at worst, not below 0.
    height_m: from the pipe's underside down to the floor, at worst; NaN while the pipe's depth is unknown.
    Both are NaN where nothing gives way, because no floor is known or the profile does not say how far it would.
    gives: it may, by what is known. may_give: the pipe's depth is not known well enough to say no.
    """

    from_edge_m: FloatArray
    height_m: FloatArray
    gives: BoolArray
    may_give: BoolArray


def giving_way(
    sites: Sequence[DigSite],
    site: IntArray,
    depths: Depths,
    axis_m: FloatArray,
    radius_m: FloatArray,
    uncertainty_m: FloatArray,
    profile: RuleProfile,
) -> Giving:
    """axis_m: between the drawn shapes, in plan; uncertainty_m: of both positions, in plan."""
    if profile.support is None or np.isnan(depths.floor_m).all():
        unknown, nothing = np.full(len(depths), np.nan), np.zeros(len(depths), dtype=np.bool_)
        return Giving(unknown, unknown, nothing, nothing)
    about = np.array([(_half_bottom_m(of), takes_ground_away(of)) for of in sites], dtype=np.float64)[site]
    bottom, digs = about[:, 0], about[:, 1] > 0
    floor_at_worst = depths.floor_m + _or_none(depths.floor_uncertainty_m)
    from_edge, height = quantise(
        np.array(
            [
                np.maximum(axis_m - bottom - radius_m - uncertainty_m, 0.0),
                floor_at_worst - depths.top_least_m + _or_none(depths.pipe_uncertainty_m) - depths.thin_m,
            ]
        )
    )
    # What is unknown is NaN, in every number made of it, and NaN compares as neither near nor deep.
    sure = depths.profiled & ~np.isnan(height + depths.pipe_uncertainty_m + depths.floor_uncertainty_m)
    within = quantise(np.array([height, floor_at_worst]) * profile.support.reach_ratio + profile.tolerance_m)
    gives = digs & (height > 0) & (from_edge <= within[0])
    return Giving(from_edge, height, gives, digs & (from_edge <= within[1]) & ~gives & ~sure)


def gives_way_within_m(site: DigSite, profile: RuleProfile) -> float:
    """How far from the ground opened a pipe of no known depth may lose the ground under it, at worst; 0 where nothing
    is taken away, how deep is not known, or the slopes themselves reach as far."""
    if profile.support is None or site.depth_m is None or not takes_ground_away(site):
        return 0.0
    floor_at_worst_m = site.depth_m + site.depth_uncertainty_m
    from_opened_m = floor_at_worst_m * profile.support.reach_ratio - (
        site.half_width_m - _half_bottom_m(site)
    )
    return max(round(from_opened_m, QUANTUM_DECIMALS), 0.0)


def _half_bottom_m(site: DigSite) -> float:
    """From the drawn shape to the edge of the floor: what was opened at the surface, without the slopes."""
    trench = site.trench
    if trench is None:
        return site.half_width_m
    if trench.bottom_width_m is not None:
        return trench.bottom_width_m / 2
    return max(site.half_width_m - (site.depth_m or 0.0) * trench.slope_ratio, 0.0)


def _or_none(uncertainty_m: FloatArray) -> FloatArray:
    """An unknown doubt adds nothing here: it is told apart by `sure`."""
    return np.where(np.isnan(uncertainty_m), 0.0, uncertainty_m)

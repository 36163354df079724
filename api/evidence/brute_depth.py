"""Whether depth keeps a dig off a pipe whatever the doubts, by another road than a screening: for `predig reconcile`.

The law of docs/decisions/016 typed a second time. Of a bore's path the least distance is looked for, not solved: its
line is halved where a pipe may still come nearer than has been seen.
"""

from math import hypot

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.values import Asset, BorePath, DigSite
from spatial.words import Act, AssetKind, Method, SitePart

ALONG_A_PATH = frozenset({Act.BORE, Act.JACK, Act.DRILL, Act.CROSSING})
FROM_ABOVE = frozenset({Act.EXCAVATE, Act.LAY_PIPE})
DOWN_TO_A_FLOOR = frozenset({Method.HAND, Method.VACUUM, Method.MECHANICAL})
"""Methods that go no deeper than the floor that is said."""

SEEN_M = 0.001
"""How near the least distance of a bore is looked for."""
MATTERS_M = 0.05
"""What is left counts by the centimetre; a bore that surely stays this far off is looked at no closer."""


def spare_m(
    site: DigSite, asset: Asset, site_line: BaseGeometry, axis: BaseGeometry, doubt_m: float, radius_m: float
) -> float | None:
    """How much ground is left between a dig and a pipe's wall in height (a floor) or in space (a bore along a path)
    when every doubt is counted; None where depth relieves nobody, because it is not known or the act is not
    one that stays above its floor or on its path.

    site_line, axis: the drawn shapes on one plane, metres; doubt_m: of both positions together, in plan.
    """
    if not asset.profiled or asset.cover_m is None or asset.depth_uncertainty_m is None:
        return None
    if asset.kind is not AssetKind.PIPE or not site.depth_uncertainty:
        return None
    doubt_of_depth_m = asset.depth_uncertainty_m + site.depth_uncertainty_m
    if site.bore is None:
        if site.depth_m is None or not _from_above(site):
            return None
        return asset.cover_m - site.depth_m - doubt_of_depth_m
    if site.geometry.geom_type != "LineString" or not set(site.acts) <= ALONG_A_PATH:
        return None
    low = asset.cover_m + radius_m - doubt_of_depth_m
    deepest_m = asset.cover_m if asset.cover_most_m is None else asset.cover_most_m
    high = deepest_m + radius_m + doubt_of_depth_m
    walls_m = site.half_width_m + radius_m
    return _nearest_m(site.bore, site_line, axis, doubt_m, (low, high), walls_m) - walls_m


def _from_above(site: DigSite) -> bool:
    """Opened down to a floor by a method that goes no deeper, and nothing else done there."""
    return site.part is SitePart.OPENED and site.method in DOWN_TO_A_FLOOR and set(site.acts) <= FROM_ABOVE


def _nearest_m(
    bore: BorePath,
    line: BaseGeometry,
    pipe: BaseGeometry,
    doubt_m: float,
    between_m: tuple[float, float],
    walls_m: float,
) -> float:
    """Least distance from a bore's axis to an axis anywhere within `doubt_m` of `pipe` in plan and between two depths:
    to a millimetre where it is within MATTERS_M of `walls_m`, else on the right side of both.

    A metre further along the line changes that distance by no more than the path's own length over it.
    """
    at_m, depth_m = np.array(bore.profile, dtype=np.float64).T
    length_m = float(shapely.length(line))
    at_m = at_m * (length_m / at_m[-1])  # told by geodesics, measured on a plane
    runs = [(run, fall) for run, fall in zip(np.diff(at_m), np.diff(depth_m), strict=True) if run > 0]
    steepest = max(hypot(1.0, fall / run) for run, fall in runs)
    shapely.prepare(pipe)
    middle, half, least = np.array([length_m / 2]), length_m / 2, np.inf
    while half * steepest > SEEN_M and len(middle) and least > walls_m - MATTERS_M:
        half /= 2
        middle = np.concatenate([middle - half, middle + half])
        here = np.interp(middle, at_m, depth_m)
        plan = shapely.distance(shapely.line_interpolate_point(line, middle), pipe) - doubt_m
        off = np.maximum(np.maximum(between_m[0] - here, here - between_m[1]), 0.0)
        seen = np.hypot(np.maximum(plan, 0.0), off)
        least = min(least, float(seen.min()))
        middle = middle[seen - half * steepest < min(least, walls_m + MATTERS_M)]
    return float(least)

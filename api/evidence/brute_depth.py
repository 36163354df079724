"""What depth may relieve (decision 016), typed a second time for `predig reconcile`.

Nothing here uses spatial.judging.depth or spatial.judging.bores. A bore is looked at place by place instead of being
solved; where the places stand too far apart to tell, both answers are right.
"""

import numpy as np
import shapely
from pyproj import Geod, Proj
from shapely.geometry.base import BaseGeometry

from spatial.values import Asset, DigSite
from spatial.words import Act, AssetKind, Method, SitePart

PLACES = 40_000
"""Most places looked at along one bore."""
STEP_M = 0.01
"""Between them on a short one."""
SAME_M = 0.0002
"""Both roads round to 0.1 mm."""

_ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)


def relieved(
    site: DigSite, asset: Asset, radius_m: float, doubt_m: float, tolerance_m: float, plane: Proj
) -> tuple[bool, ...]:
    """Whether a wall reached in plan counts as II: the right answer, or both where this road cannot tell.

    doubt_m: in plan, of site and pipe together; plane: true where the two are nearest.
    """
    if asset.kind is not AssetKind.PIPE or asset.cover_m is None or not asset.profiled:
        return (False,)
    if not asset.depth_uncertainty or not site.depth_uncertainty:
        return (False,)
    depth_doubt_m = sum(term.metres for term in (*asset.depth_uncertainty, *site.depth_uncertainty))
    if site.bore is None:
        if not _digs_from_above(site) or site.depth_m is None:
            return (False,)
        spare_m = asset.cover_m - site.depth_m - depth_doubt_m
        return _more_than(spare_m, spare_m, tolerance_m)
    if site.geometry.geom_type != "LineString" or {*site.acts} - {
        Act.BORE,
        Act.JACK,
        Act.DRILL,
        Act.CROSSING,
    }:
        return (False,)
    seen_m, between_m = _least_seen_m(site, asset, radius_m, doubt_m, depth_doubt_m, plane)
    walls_m = site.half_width_m + radius_m
    return _more_than(seen_m - between_m - walls_m, seen_m - walls_m, tolerance_m)


def _digs_from_above(site: DigSite) -> bool:
    return (
        site.part is SitePart.OPENED
        and site.method in (Method.HAND, Method.VACUUM, Method.MECHANICAL)
        and not {*site.acts} - {Act.EXCAVATE, Act.LAY_PIPE}
    )


def _more_than(low_m: float, high_m: float, limit_m: float) -> tuple[bool, ...]:
    """Of something between low and high: whether it is more than a limit."""
    if low_m > limit_m + SAME_M:
        return (True,)
    if high_m <= limit_m - SAME_M:
        return (False,)
    return (True, False)


def _least_seen_m(
    site: DigSite, asset: Asset, radius_m: float, doubt_m: float, depth_doubt_m: float, plane: Proj
) -> tuple[float, float]:
    """From axis to axis at worst: the least seen, and by how much it may be less between two places."""
    assert site.bore is not None and asset.cover_m is not None
    most_m = asset.cover_m if asset.cover_most_m is None else asset.cover_most_m
    lonlat = shapely.get_coordinates(site.geometry)
    upto_m = np.concatenate([[0.0], np.cumsum(_ELLIPSOID.line_lengths(lonlat[:, 0], lonlat[:, 1]))])
    step_m = max(STEP_M, float(upto_m[-1]) / PLACES)
    at_m = np.unique(np.concatenate([np.arange(0.0, float(upto_m[-1]), step_m), upto_m]))
    along, depths = np.array(site.bore.profile).T
    depth_m = np.interp(at_m, along, depths)

    xy = np.column_stack(plane(lonlat[:, 0], lonlat[:, 1]))
    places = shapely.points(np.interp(at_m, upto_m, xy[:, 0]), np.interp(at_m, upto_m, xy[:, 1]))
    pipe: BaseGeometry = shapely.transform(asset.geometry, plane, interleaved=False)
    shapely.prepare(pipe)
    aside_m = np.maximum(shapely.distance(places, pipe) - doubt_m, 0.0)
    over_m = np.maximum(
        asset.cover_m + radius_m - depth_doubt_m - depth_m, depth_m - most_m - radius_m - depth_doubt_m
    )
    seen_m = np.hypot(aside_m, np.maximum(over_m, 0.0))
    # No distance changes faster than the place does: half a step of the hole's own length from a place seen.
    steps_m = np.hypot(np.diff(at_m), np.diff(depth_m))
    could_be_m = np.minimum(seen_m[:-1], seen_m[1:]) - steps_m / 2
    least_m = float(seen_m.min())
    return least_m, max(least_m - float(could_be_m.min()), 0.0)

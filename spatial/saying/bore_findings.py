"""What three dimensions say of a conflict, as a document: how a bore passes each pipe, and where to dig and look."""

from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np

from spatial.judging.bores import BoreLine, follows_path, goes_straight_down
from spatial.judging.judge import Conflicts
from spatial.measuring.boxes import FloatArray
from spatial.measuring.crossings import Crossing
from spatial.measuring.measure import QUANTUM_DECIMALS, Intervals
from spatial.rules.profile import RuleProfile
from spatial.saying.texts import station
from spatial.saying.vertical import depth_terms
from spatial.values import DigSite
from spatial.words import Passes, Side

FLAT_DEG = 30.0
"""Under a flatter angle one hole over the pipe tells too little of how it runs: two, one on each side of the bore."""


def add_bore(
    conflict: dict[str, Any],
    found: Conflicts,
    row: int,
    of_asset: str,
    site: DigSite,
    profile: RuleProfile,
) -> None:
    """Put into a conflict's document what is known in three dimensions; nothing for a site that only opens ground.

    distance_3d_m, distance_3d_at_worst_m: wall to wall, None unknown. For a bore along a path also, on every one of
    `crossings`: bore_depth_m (of its axis), top_m [least, most] of the pipe, passes, vertical_clearance_m and
    at_worst_m; and trial_holes: [{code, site_m, station, pipe_m, side, holes, source_id}], which is advice too.
    """
    path = follows_path(site)
    if not path and not goes_straight_down(site):
        return
    distance, worst = _known(found.near.distance_m[row]), _known(found.near.at_worst_m[row])
    conflict |= {"distance_3d_m": distance, "distance_3d_at_worst_m": worst}
    if conflict["asset"] == "pipe":
        conflict["reasons"] += _reasons(found, row, distance, worst, of_asset, site, profile)
    if not path:
        return
    line = BoreLine.of(site)
    inner = found.inner[row].wall_at_worst
    passed = [_passed(one, line, inner, found, row, site) for one in found.crossings[row]]
    conflict["crossings"] = [
        crossing | fields for crossing, fields in zip(conflict["crossings"], passed, strict=True)
    ]
    conflict["trial_holes"] = holes = _trial_holes(conflict, found, row, profile)
    if holes:
        # Said where they belong, they need not be said once more for the pipe as a whole.
        kept = [advice for advice in conflict["advice"] if advice["code"] != "trial_holes"]
        conflict["advice"] = [*kept, *holes]


def _reasons(
    found: Conflicts,
    row: int,
    distance_m: float | None,
    worst_m: float | None,
    of_asset: str,
    site: DigSite,
    profile: RuleProfile,
) -> list[dict[str, Any]]:
    if distance_m is None:
        return [{"code": "bore_pipe_depth_unknown"}]
    said: list[dict[str, Any]] = []
    protection_m = found.widths[row].protection_m
    measured = {"distance_3d_m": distance_m, "at_worst_m": worst_m}
    if worst_m is None:
        said.append({"code": "bore_depth_doubt_unknown", "distance_3d_m": distance_m})
    elif worst_m <= profile.tolerance_m:
        said.append({"code": "bore_may_hit", **measured})
    elif worst_m <= round(protection_m + profile.tolerance_m, QUANTUM_DECIMALS):
        said.append({"code": "bore_near", **measured, "protection_m": protection_m})
    if found.near.clears(profile.tolerance_m)[row]:
        said.append({"code": "bore_clears", **measured})
    return [*said, *depth_terms(of_asset, site)]


def _passed(
    crossing: Crossing, line: BoreLine, may_meet: Intervals, found: Conflicts, row: int, site: DigSite
) -> dict[str, Any]:
    """How the bore passes the pipe at one crossing, straight up or down between the walls.

    At worst the pipe may cross anywhere the two walls could stand over one another: the least clearance there,
    less every doubt of depth. may_meet: those stretches, stations.
    """
    depths = found.depths
    here = np.array([crossing.site_m, crossing.site_to_m]) - line.start_station_m
    axis_m, gap_m, passes = _gap(line, here, found, row, site)
    said: dict[str, Any] = {
        "bore_depth_m": round(axis_m, QUANTUM_DECIMALS) + 0.0,
        "top_m": None,
        "passes": None,
    }
    said |= {"vertical_clearance_m": None, "at_worst_m": None}
    if not depths.profiled[row] or isnan(gap_m):
        return said
    said["top_m"] = [_known(depths.top_least_m[row]), _known(depths.top_most_m[row])]
    said["passes"] = passes.value
    said["vertical_clearance_m"] = _clearance(gap_m)
    low, high = _stretch(may_meet, crossing)
    anywhere = line.broken_at(())
    anywhere = anywhere[(anywhere > low - line.start_station_m) & (anywhere < high - line.start_station_m)]
    where = np.concatenate([np.array([low, high]) - line.start_station_m, anywhere])
    _, least_m, passes_there = _gap(line, where, found, row, site)
    doubt = depths.pipe_uncertainty_m[row] + (site.depth_uncertainty_m if site.depth_uncertainty else np.nan)
    apart = passes_there is passes and passes is not Passes.MEETS
    said["at_worst_m"] = _clearance((least_m if apart else 0.0) - doubt)
    return said


def _gap(
    line: BoreLine, at_m: FloatArray, found: Conflicts, row: int, site: DigSite
) -> tuple[float, float, Passes]:
    """Over these places: the axis' depth where it is nearest to the pipe's depth, the least vertical distance of the
    walls there (below 0: they overlap), and how the bore passes; MEETS if not everywhere alike."""
    depths, radius = found.depths, float(found.radius_m[row])
    axis = line.depth_m(at_m)
    # A sloping hole is taller, cut straight down, than it is wide.
    half = site.half_width_m * line.steepness(at_m)
    over = depths.top_least_m[row] - (axis + half)
    under = (axis - half) - (depths.top_most_m[row] + 2 * radius)
    gap = np.maximum(over, under)
    nearest = int(np.argmin(gap))
    passes = Passes.OVER if (over > 0).all() else Passes.UNDER if (under > 0).all() else Passes.MEETS
    return float(axis[nearest]), float(gap[nearest]), passes


def _stretch(may_meet: Intervals, crossing: Crossing) -> tuple[float, float]:
    """The stretch round a crossing on which the walls may stand over one another."""
    touched = [
        span
        for span in may_meet
        if span[0] <= crossing.site_to_m + 0.01 and span[1] >= crossing.site_m - 0.01
    ]
    return (
        min([crossing.site_m, *(span[0] for span in touched)]),
        max([crossing.site_to_m, *(span[1] for span in touched)]),
    )


def _trial_holes(
    conflict: Mapping[str, Any], found: Conflicts, row: int, profile: RuleProfile
) -> list[dict[str, Any]]:
    """One over the pipe at each crossing, two where the angle is flat or the depth was not followed; and one where
    the pipe comes nearest in three dimensions, if that is near and at no crossing."""
    source_id = conflict["source_id"]
    sure = bool(found.depths.profiled[row])
    holes = [
        _hole(source_id, one.site_m, one.pipe_m, Side.OVER)
        if sure and one.angle_deg >= FLAT_DEG
        else _hole(source_id, one.site_m, one.pipe_m, Side.BOTH)
        for one in found.crossings[row]
    ]
    at, side = float(found.near.station_m[row]), found.near.side[row]
    worst = float(found.near.at_worst_m[row])
    clear_of_it = worst > found.widths[row].protection_m + profile.tolerance_m
    inner = found.inner[row].wall_at_worst
    told_there = any(
        low <= at <= high for low, high in (_stretch(inner, one) for one in found.crossings[row])
    )
    if isnan(at) or clear_of_it or told_there:
        return holes
    return [*holes, _hole(source_id, at, float(found.near.pipe_m[row]), side, "hole_at_nearest")]


def _hole(source_id: str, site_m: float, pipe_m: float, side: Side, code: str = "") -> dict[str, Any]:
    both = side is Side.BOTH
    return {
        "code": code or ("holes_beside_crossing" if both else "hole_over_crossing"),
        "site_m": site_m,
        "station": station(site_m),
        "pipe_m": pipe_m,
        "side": side.value,
        "holes": 2 if both else 1,
        "source_id": source_id,
    }


def _clearance(metres: float) -> float | None:
    return None if isnan(metres) else max(round(metres, QUANTUM_DECIMALS), 0.0) + 0.0


def _known(metres: float) -> float | None:
    return None if isnan(metres) else float(metres)

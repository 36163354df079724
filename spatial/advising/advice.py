"""Advice on one screened site: how to redraw it, by what other method, where to dig by hand, where trial holes go.

Computed when somebody asks, never while judging. Whatever is said to lower a grade has been judged again as it
stands there, and so has the site STEP_M short of it, which does not; no proposal makes any other conflict worse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import atan2, ceil, degrees, radians, sin
from typing import Any

import numpy as np
import shapely

from spatial import canonical
from spatial.advising.redraw import (
    NO_GRADE,
    NO_REQUIREMENT,
    RANK,
    STEP_M,
    Nearby,
    Redrawn,
    Standing,
    least_moves,
)
from spatial.advising.ways import ways_of
from spatial.found import Found
from spatial.judging.coverage import unknowns_of
from spatial.measuring.boxes import widen
from spatial.measuring.measure import QUANTUM_DECIMALS, quantise, stations_m
from spatial.measuring.plane import to_plane
from spatial.rules.profile import OPENS_GROUND, STRICTNESS, RuleProfile
from spatial.screening import query_boxes
from spatial.values import Box, DigSite
from spatial.words import Act, AssetKind, Grade, Method, Outcome

MILDER_METHODS = (Method.HAND, Method.VACUUM)
NEAREST_VALVES = 2
"""Of each utility: one to shut and one should it not turn."""

MOST_HOLES_A_SIDE = 5
"""A band wider than that at the profile's spacing is searched by as many holes, wider apart."""
ALONG_DEG = 10.0
"""Axes under a smaller angle run along one another: a row of holes along the line would never cross the pipe."""

_GRADES, _REQUIREMENTS = list(RANK), list(STRICTNESS)


def search_boxes(site: DigSite, profile: RuleProfile) -> tuple[Box, ...]:
    """The boxes to ask the register for: those of the judgement, widened by the largest shift, so that a site is
    never moved next to a pipe that was not fetched."""
    boxes = widen(np.array(query_boxes(site, profile)), profile.advice.largest_shift_m)
    return tuple((w, s, e, n) for w, s, e, n in boxes.tolist())


def advise(
    site: DigSite, found: Found, profile: RuleProfile, screening: Mapping[str, Any], *, on: date
) -> dict[str, Any]:
    """What would help at one site.

    found: the register at the revision of the screening, asked with search_boxes(); screening: its document, of
    which conflicts, their crossings and the sections are read; on: its day.

    Returns {searched_m, proposals, hand_dig, trial_holes, valves}, as JSON can hold it; lengths in metres,
    shapes GeoJSON in EPSG:4490. Proposals come the best grade first, then the least effort.
    """
    near = Nearby(site, found.pieces, profile)
    conflicts = screening["conflicts"]
    return {
        "searched_m": profile.advice.largest_shift_m if conflicts else None,
        "proposals": _proposals(near, found, on) if conflicts else [],
        "hand_dig": _hand_dig(screening.get("sections", ())),
        "trial_holes": _trial_holes(site, conflicts, profile),
        "valves": _valves(near, found, {row["utility"] for row in conflicts}),
    }


# -- proposals --------------------------------------------------------------------------------------------


def _proposals(near: Nearby, found: Found, on: date) -> list[dict[str, Any]]:
    others = _other_plans(near.site)
    now = near.judge([near.site, *(site for _, _, site in others)])
    before = now.standing[0]
    if before.grade == NO_GRADE:  # a register that says otherwise than the screening is not this one's
        return []
    proposals = [
        _proposal(code, about, site, standing, before, near.profile, found, on)
        for (code, about, site), standing in zip(others, now.standing[1:], strict=True)
        if (standing.grade, standing.requirement) > (before.grade, before.requirement)
        and not standing.worse_than(before)
    ]
    judged = now.conflicts
    columns = (judged.site, judged.grade, judged.clearance_m, judged.asset)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    *_, worst = min((RANK[grade], away_m, asset) for site, grade, away_m, asset in rows if site == 0)
    axes = list(near.axes_of(worst))
    proposals += [
        _proposal(move.way.code, _moved(move), move.site, move.standing, before, near.profile, found, on)
        for move in least_moves(near, ways_of(near.site, near.shape, axes, near.profile.advice), now)
    ]
    return sorted(proposals, key=_by_effect)


def _by_effect(proposal: Mapping[str, Any]) -> tuple[int, float]:
    """The best grade first, then what asks for the least."""
    to = proposal["lowers"]["to"]
    return (-(RANK[Grade(to)] if to else NO_GRADE), proposal.get("metres", 0.0))


def _moved(move: Redrawn) -> dict[str, Any]:
    fails_at_m = round(max(move.metres - STEP_M, 0.0), QUANTUM_DECIMALS)
    return {
        **move.way.about,
        "metres": move.metres,
        "verified_at_m": move.metres,
        "fails_at_m": fails_at_m,
        "geometry": canonical.geojson(move.site.geometry),
        "half_width_m": move.site.half_width_m,
    }


def _other_plans(site: DigSite) -> list[tuple[str, dict[str, Any], DigSite]]:
    """The same ground by other means: code, how it is told, the site."""
    plans: list[tuple[str, dict[str, Any], DigSite]] = []
    if OPENS_GROUND.intersection(site.acts) and site.method in (None, Method.MECHANICAL):
        methods = (*MILDER_METHODS, Method.TRENCHLESS) if Act.LAY_PIPE in site.acts else MILDER_METHODS
        plans += [("other_method", {"method": name.value}, replace(site, method=name)) for name in methods]
    trench = site.trench
    if (
        trench is not None
        and trench.bottom_width_m is not None
        and trench.bottom_width_m / 2 < site.half_width_m
        and site.geometry.geom_type == "LineString"
    ):
        shored = replace(
            site,
            half_width_m=trench.bottom_width_m / 2,
            trench=replace(trench, slope_ratio=0.0, slope_known=True, shored=True),
        )
        plans.append(("shore_walls", {"half_width_m": shored.half_width_m}, shored))
    return plans


def _proposal(
    code: str,
    about: Mapping[str, Any],
    site: DigSite,
    after: Standing,
    before: Standing,
    profile: RuleProfile,
    found: Found,
    on: date,
) -> dict[str, Any]:
    """One proposal with what it lowers; where nothing is left on record, what can be said of the ground there."""
    if after.grade < NO_GRADE:
        outcome = Outcome.CONFLICT
    else:
        ground = unknowns_of(site, found.ground[0], on, profile)
        outcome = Outcome.CANNOT_TELL if ground.unknowns else Outcome.CLEAR
    return {
        "code": code,
        **about,
        "lowers": {"from": _grade(before), "to": _grade(after)},
        "requirement": {"from": _requirement(before), "to": _requirement(after)},
        "outcome": outcome.value,
    }


def _grade(standing: Standing) -> str | None:
    return None if standing.grade == NO_GRADE else _GRADES[standing.grade].value


def _requirement(standing: Standing) -> str | None:
    return None if standing.requirement == NO_REQUIREMENT else _REQUIREMENTS[standing.requirement].value


# -- where to dig by hand, and where to look first ----------------------------------------------------------


def _hand_dig(sections: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Stretches of the line on which no machine may dig before the pipe is exposed; neighbours as one."""
    stretches: list[dict[str, Any]] = []
    for section in sections:
        if not section["hand_dig"]:
            continue
        if stretches and stretches[-1]["to_m"] == section["from_m"]:
            stretches[-1]["to_m"] = section["to_m"]
            stretches[-1]["source_ids"] = sorted({*stretches[-1]["source_ids"], *section["source_ids"]})
        else:
            keys = ("from_m", "to_m", "source_ids")
            stretches.append({key: section[key] for key in keys})
    for stretch in stretches:
        stretch["code"] = "hand_dig_stretch"
        stretch["metres"] = round(stretch["to_m"] - stretch["from_m"], QUANTUM_DECIMALS)
    total_m = round(sum(stretch["metres"] for stretch in stretches), QUANTUM_DECIMALS)
    return {"stretches": stretches, "total_m": total_m}


def _trial_holes(
    site: DigSite, conflicts: Sequence[Mapping[str, Any]], profile: RuleProfile
) -> list[dict[str, Any]]:
    """For each crossing a hole over the recorded place, and where the pipe's place is in doubt a row of them across
    the band it may lie in; to be dug towards the pipe from the side with more room before the next one."""
    if site.geometry.geom_type != "LineString":
        return []
    met = [(row, crossing) for row in conflicts for crossing in row.get("crossings", ())]
    ends = [float(end) for end in quantise(stations_m(site)[[0, -1]])]
    stations = sorted({*ends, *(crossing["site_m"] for _, crossing in met)})
    # Where a bore passes in three dimensions, its judgement has said already where they belong.
    bored = [
        _of_bore(row, hole, stations, profile) for row in conflicts for hole in row.get("trial_holes", ())
    ]
    if bored:
        return sorted(bored, key=lambda hole: (hole["site_m"], hole["source_id"]))
    return [
        _holes(row, crossing, stations, profile)
        for row, crossing in sorted(met, key=lambda pair: (pair[1]["site_m"], pair[0]["source_id"]))
    ]


def _of_bore(
    conflict: Mapping[str, Any],
    hole: Mapping[str, Any],
    stations: Sequence[float],
    profile: RuleProfile,
) -> dict[str, Any]:
    """One hole of a bore's judgement; a row of them where the pipe may lie so far off that one would miss it."""
    if hole["code"] == "hole_over_crossing":
        crossing = next(one for one in conflict["crossings"] if one["site_m"] == hole["site_m"])
        row = _holes(conflict, crossing, stations, profile)
        if row["count"] > 1:
            return row
    return {**hole, "utility": conflict["utility"]}


def _holes(
    conflict: Mapping[str, Any],
    crossing: Mapping[str, Any],
    stations: Sequence[float],
    profile: RuleProfile,
) -> dict[str, Any]:
    at_m = crossing["site_m"]
    if crossing["angle_deg"] < ALONG_DEG:
        holes = sorted({at_m, crossing.get("site_to_m", at_m)})
    else:
        # Across the band the pipe may lie in, as the line of the dig cuts it.
        reach_m = conflict["uncertainty_m"] / sin(radians(crossing["angle_deg"]))
        apart_m = max(profile.advice.trial_hole_spacing_m, reach_m / MOST_HOLES_A_SIDE)
        a_side = 0 if reach_m <= apart_m / 2 else ceil(round(reach_m / apart_m, 6))
        row = (round(at_m + step * apart_m, 2) for step in range(-a_side, a_side + 1))
        holes = [hole for hole in row if stations[0] <= hole <= stations[-1]] or [at_m]
    before_m = at_m - max((one for one in stations if one < at_m), default=at_m)
    after_m = min((one for one in stations if one > at_m), default=at_m) - at_m
    return {
        "code": "trial_hole_row" if len(holes) > 1 else "trial_hole",
        "source_id": conflict["source_id"],
        "utility": conflict["utility"],
        "site_m": at_m,
        "pipe_m": crossing["pipe_m"],
        "count": len(holes),
        "holes_m": holes,
        "from_side": "before" if before_m >= after_m else "after",
    }


# -- valves -----------------------------------------------------------------------------------------------


def _valves(near: Nearby, found: Found, utilities: set[str]) -> list[dict[str, Any]]:
    """The nearest valves found of each utility with a conflict. No register says which pipe a valve shuts, so each
    is marked unverified; that none is listed says nothing but that none was found so near."""
    pieces, assets = found.pieces, found.pieces.assets
    rows = np.flatnonzero(assets.kind[pieces.asset] == AssetKind.VALVE)
    flat = to_plane(pieces.geometry[rows], near.meridian)
    valves: dict[int, dict[str, Any]] = {}
    for row, there in zip(rows.tolist(), flat, strict=True):
        asset = int(pieces.asset[row])
        here, valve = shapely.get_coordinates(shapely.shortest_line(near.shape, there))
        east, north = valve - here
        distance_m = round(max(float(np.hypot(east, north)) - near.site.half_width_m, 0.0), 1)
        if asset not in valves or distance_m < valves[asset]["distance_m"]:
            valves[asset] = {
                "code": "nearest_valve",
                "source_id": str(assets.source_id[asset]),
                "utility": str(assets.utility[asset]),
                "distance_m": distance_m,
                "bearing_deg": round(degrees(atan2(east, north))) % 360,
                "verified": False,
            }
    nearest = sorted(valves.values(), key=lambda valve: (valve["distance_m"], valve["source_id"]))
    return [
        valve
        for utility in sorted(utilities)
        for valve in [one for one in nearest if one["utility"] == utility][:NEAREST_VALVES]
    ]

"""Random bores, drill holes, trenches and pits among random pipes, most of them near a limit, in depth as in plan.

Everything is made in local metres round a place and laid on the ellipsoid by GeographicLib, point by point, so that no
projection of Predig's has a hand in it. The same seed gives the same scene.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from geographiclib.geodesic import Geodesic

from tests.oracle.solid import (
    LARGEST_MM,
    WIDTHS_M,
    Array,
    Buried,
    Cut,
    Declared,
    Line,
    buried,
    half_opening_m,
    in_plan,
)

ELLIPSOID = Geodesic(6378137.0, 1 / 298.257222101)
WEST, SOUTH, EAST, NORTH = 89.5, 32.0, 103.0, 39.0
DAY = date(2026, 11, 1)

BORES = ("hdd", "jacking", "drilling")
TRENCHES = ("trench", "pit")
HOLE = "drill_hole"


@dataclass(frozen=True, slots=True)
class Dig:
    """One dig as somebody would declare it. kind: of BORES, TRENCHES or HOLE. None: not said.

    xy: the line's vertices, a pit's ring (closed, its bottom), or one point; cut: of trench and pit; profile: of a
    bore, from end to end, in the way `said`: profile, depths or ends; tip_m, radius_m: of a drill hole.
    """

    kind: str
    xy: Array
    acts: tuple[str, ...]
    method: str | None
    plan_doubt_m: float | None
    start_m: float = 0.0
    cut: Cut | None = None
    slope_as_ratio: bool = False
    profile: Array | None = None
    said: str = "profile"
    diameter_mm: float | None = None
    plan_accuracy_m: float | None = None
    depth_accuracy_m: float | None = None
    tip_m: float | None = None
    radius_m: float = 0.0
    floor_doubt_m: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A dig and the pipes round it; lon, lat of the origin of their metres."""

    lon: float
    lat: float
    dig: Dig
    pipes: tuple[Declared, ...]


def places(seed: int, count: int) -> list[Place]:
    """At least 20 km from one another. At most 378."""
    rng = np.random.default_rng(seed)
    across, up = 27, 14
    if count > across * up:
        raise ValueError(f"{count} places do not fit: at most {across * up}")
    cell = rng.permutation(across * up)[:count]
    x, y = cell % across + rng.uniform(0.3, 0.7, count), cell // across + rng.uniform(0.3, 0.7, count)
    return [
        _place(rng, WEST + a * (EAST - WEST) / across, SOUTH + b * (NORTH - SOUTH) / up)
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]


def lay(xy: Array, place: Place) -> list[list[float]]:
    """Metres east and north of the place -> [lon, lat], each by its own geodesic."""
    laid = []
    for x, y in xy.tolist():
        there = ELLIPSOID.Direct(place.lat, place.lon, np.degrees(np.arctan2(x, y)), np.hypot(x, y))
        laid.append([there["lon2"], there["lat2"]])
    return laid


# ---- as documents ------------------------------------------------------------------------------------


def plan_feature(place: Place) -> dict[str, Any]:
    """The dig as GeoJSON, EPSG:4490."""
    dig = place.dig
    ring = lay(dig.xy, place)
    shape: dict[str, Any] = {"type": "LineString", "coordinates": ring}
    said: dict[str, Any] = {
        "acts": list(dig.acts),
        "method": dig.method,
        "uncertainty_m": dig.plan_doubt_m,
        "start_station_m": dig.start_m,
    }
    if dig.cut is not None:
        slope = dig.cut.slope
        said |= {
            "depth_m": dig.cut.depth_m,
            "depth_uncertainty_m": dig.cut.depth_doubt_m,
            "shored": dig.cut.shored,
            "slope": f"1:{slope:g}" if dig.slope_as_ratio and slope is not None else slope,
        }
    if dig.kind == "trench":
        assert dig.cut is not None
        said["bottom_width_m"] = dig.cut.bottom_m
    elif dig.kind == "pit":
        shape = {"type": "Polygon", "coordinates": [ring]}
        said["outline"] = "bottom"
        del said["start_station_m"]
    elif dig.kind == HOLE:
        shape = {"type": "Point", "coordinates": ring[0]}
        said |= {"radius_m": dig.radius_m, "depth_m": dig.tip_m, "depth_uncertainty_m": dig.floor_doubt_m}
        del said["start_station_m"]
    else:
        assert dig.profile is not None
        bore = {
            "diameter_mm": dig.diameter_mm,
            "plan_accuracy_m": dig.plan_accuracy_m,
            "depth_accuracy_m": dig.depth_accuracy_m,
        }
        said["bore"] = {name: value for name, value in bore.items() if value is not None}
        if dig.said == "profile":
            said["bore"]["profile"] = dig.profile.tolist()
        elif dig.said == "depths":
            said["bore"]["depths_m"] = dig.profile[:, 1].tolist()
        else:
            said["bore"] |= {"entry_depth_m": dig.profile[0, 1], "exit_depth_m": dig.profile[-1, 1]}
    properties = {name: value for name, value in said.items() if value is not None}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def pipe_feature(place: Place, number: int, source_id: str) -> dict[str, Any]:
    """One of its pipes as a row of a register."""
    pipe = place.pipes[number]

    def told(day: date | None) -> str | None:
        return None if day is None else day.isoformat()

    return {
        "type": "Feature",
        "properties": {
            "id": source_id,
            "pressure_class": pipe.pressure_class,
            "diameter_mm": pipe.diameter_mm,
            "cover_m": pipe.cover_m,
            "cover_end_m": pipe.cover_end_m,
            "cover_to": pipe.cover_to,
            "cover_profiled": "yes" if pipe.profiled else "no",
            "uncertainty_m": pipe.plan_stated_m,
            "depth_uncertainty_m": pipe.depth_stated_m,
            "survey_class": pipe.survey_class,
            "surveyed_on": told(pipe.surveyed_on),
            "resurfaced_on": told(pipe.resurfaced_on),
        },
        "geometry": {"type": "LineString", "coordinates": lay(pipe.xy, place)},
    }


# ---- chance ------------------------------------------------------------------------------------------


def _place(rng: np.random.Generator, lon: float, lat: float) -> Place:
    dig = _bore(rng) if rng.random() < 0.5 else _trench(rng)
    count = int(rng.integers(1, 5))
    pipes: list[Declared] = []
    for _ in range(count):
        pipe = _pipe(rng)
        crosses = rng.random() < 0.5
        pipes.append(_across(rng, pipe, dig) if crosses else _beside(rng, pipe, dig))
    dig = _deep_as(rng, dig, buried(pipes[0], DAY), pipes[0].xy)
    return Place(lon, lat, dig, tuple(pipes))


def _line(rng: np.random.Generator, edges: int, length_m: float, bend: float) -> Array:
    """Vertices whose middle is near the origin."""
    heading = rng.uniform(0, 2 * np.pi) + np.r_[0.0, np.cumsum(rng.normal(0, bend, edges - 1))]
    long = rng.dirichlet(np.full(edges, 3.0)) * length_m
    xy = np.r_[
        [[0.0, 0.0]], np.cumsum(long[:, None] * np.column_stack([np.sin(heading), np.cos(heading)]), 0)
    ]
    return xy - (xy.min(axis=0) + xy.max(axis=0)) / 2


def _some(rng: np.random.Generator, low: float, high: float, share: float, digits: int = 2) -> float | None:
    """A number, or nothing."""
    return round(float(rng.uniform(low, high)), digits) if rng.random() < share else None


def _pipe(rng: np.random.Generator) -> Declared:
    name = str(rng.choice(list(WIDTHS_M)))
    straight = rng.random() < 0.5
    cover = _some(rng, 0.4, 5.0 if name in ("SHP-A", "HP-A") else 2.5, 0.92)
    end = None if cover is None or rng.random() < 0.07 else cover
    if end is not None and rng.random() < 0.4:
        end = round(end + float(rng.uniform(0.0, 1.5)), 2)
    way = rng.random()
    surveyed = way < 0.3
    years = rng.integers(2000, 2026)
    return Declared(
        xy=_line(rng, 1 if straight else int(rng.integers(2, 6)), float(rng.uniform(30, 90)), 0.5),
        pressure_class=name,
        diameter_mm=_some(rng, 32, LARGEST_MM[name], 0.85, 0),
        cover_m=cover,
        cover_end_m=end,
        cover_to=rng.choice(np.array(["top", "top", "top", "centre", "bottom", None], dtype=object)),
        profiled=bool(rng.random() < 0.85),
        plan_stated_m=None if surveyed else _some(rng, 0.01, 3.0 if rng.random() < 0.5 else 0.3, 0.9),
        depth_stated_m=None if surveyed else _some(rng, 0.01, 0.5, 0.9),
        survey_class=str(rng.choice(["exposed", "cjj61"])) if surveyed else None,
        surveyed_on=date(int(years), 6, 1) if rng.random() < 0.6 else None,
        resurfaced_on=date(2015, 6, 1) if rng.random() < 0.08 else None,
    )


def _trench(rng: np.random.Generator) -> Dig:
    pit = rng.random() < 0.3
    slope = _some(rng, 0.1, 2.0, 0.7)
    shored = None if slope is not None else bool(rng.random() < 0.7) if rng.random() < 0.7 else None
    cut = Cut(
        bottom_m=None if pit else round(float(rng.uniform(0.4, 3.0)), 2),
        depth_m=_some(rng, 0.3, 5.0, 0.95),
        slope=slope,
        shored=shored,
        depth_doubt_m=_some(rng, 0.0, 0.4, 0.7),
    )
    if pit:
        turn = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 9))))
        turn = np.linspace(0, 2 * np.pi, len(turn), endpoint=False) + 0.3 * turn / 2 / np.pi
        far = rng.uniform(3, 12, len(turn))
        xy = np.column_stack([far * np.cos(turn), far * np.sin(turn)])
        xy = np.r_[xy, xy[:1]]
    else:
        xy = _line(rng, int(rng.choice([1, 1, 2, 3, 5])), float(rng.uniform(5, 80)), 0.6)
    return Dig(
        kind="pit" if pit else "trench",
        xy=xy,
        acts=tuple(
            rng.choice(np.array([("excavate",), ("lay_pipe",), ("excavate", "lay_pipe")], dtype=object))
        ),
        method=rng.choice(np.array(["mechanical", "mechanical", "hand", "vacuum", None], dtype=object)),
        plan_doubt_m=_site_doubt(rng),
        start_m=0.0 if pit else round(float(rng.choice([0.0, rng.uniform(0, 2000)])), 2),
        cut=cut,
        slope_as_ratio=bool(rng.random() < 0.5),
    )


def _site_doubt(rng: np.random.Generator) -> float | None:
    return round(float(rng.uniform(4, 9)), 1) if rng.random() < 0.06 else _some(rng, 0.0, 1.0, 0.8)


def _bore(rng: np.random.Generator) -> Dig:
    kind = str(rng.choice(["hdd", "hdd", "jacking", "drilling", HOLE]))
    doubt = _site_doubt(rng)
    if kind == HOLE:
        return Dig(
            kind=kind,
            xy=rng.uniform(-5, 5, (1, 2)),
            acts=("drill",),
            method=None,
            plan_doubt_m=doubt,
            tip_m=_some(rng, 0.5, 8.0, 0.9),
            radius_m=round(float(rng.uniform(0.05, 0.6)), 2),
            floor_doubt_m=_some(rng, 0.0, 0.4, 0.7),
        )
    edges = {"hdd": int(rng.choice([1, 2, 4])), "jacking": 1, "drilling": int(rng.integers(2, 5))}[kind]
    xy = _line(rng, edges, float(rng.uniform(25, 160 if kind == "hdd" else 60)), 0.15)
    line = Line(xy)
    if kind == "hdd":
        profile, said = _arc(rng, line.length_m), "profile"
    elif kind == "jacking":
        deep = float(rng.uniform(1.5, 7.0))
        ends = np.round([deep, deep + line.length_m * rng.uniform(-0.02, 0.02)], 2)
        profile, said = np.array([[0.0, ends[0]], [line.length_m, ends[1]]]), "ends"
    else:
        depths = np.round(rng.uniform(1.0, 7.0, edges + 1), 2)
        profile, said = np.column_stack([line.corners_m, depths]), "depths"
    stated = rng.random() < 0.7
    return Dig(
        kind=kind,
        xy=xy,
        acts={
            "hdd": (("bore",), ("bore", "crossing"))[int(rng.integers(2))],
            "jacking": ("jack",),
            "drilling": ("drill",),
        }[kind],
        method=rng.choice(np.array(["trenchless", None], dtype=object)),
        plan_doubt_m=doubt,
        start_m=round(float(rng.choice([0.0, rng.uniform(0, 2000)])), 2),
        profile=profile,
        said=said,
        diameter_mm=_some(rng, 100, 1500, 0.9, 0),
        plan_accuracy_m=_some(rng, 0.0, 0.6, 0.9) if stated else None,
        depth_accuracy_m=_some(rng, 0.0, 0.4, 0.9) if stated else None,
    )


def _arc(rng: np.random.Generator, length_m: float) -> Array:
    """Down along a curve, level, and up again: from ground to ground, or from a shallow pit."""
    deep = float(rng.uniform(2.0, 9.0))
    down, up = rng.uniform(0.2, 0.4, 2) * length_m
    points = int(rng.integers(3, 7))
    falling = np.linspace(0, 1, points)
    at = np.r_[falling * down, length_m - (falling[::-1] * up)]
    share = np.r_[1 - (1 - falling) ** 2, (1 - (1 - falling) ** 2)[::-1]]
    entry = float(rng.choice([0.0, rng.uniform(0.3, 1.2)]))
    profile = np.column_stack([at, entry + (deep - entry) * share])
    profile = np.round(profile, 3)
    profile[-1, 0] = length_m
    return profile


def body(dig: Dig) -> Line:
    """What is drawn, seen from above, as a line; a point is a line of no length worth speaking of."""
    return Line(dig.xy if len(dig.xy) > 1 else np.concatenate([dig.xy, dig.xy + np.array([[0.0, 1e-6]])]))


def half_width_m(dig: Dig) -> float:
    """How far the ground is opened beyond what is drawn. A bore of unknown diameter opens what an unknown line does."""
    if dig.cut is not None:
        return half_opening_m(dig.cut)
    if dig.kind == HOLE:
        return dig.radius_m
    return 1.5 if dig.diameter_mm is None else dig.diameter_mm / 2000


def tool_doubts_m(dig: Dig) -> tuple[float, float]:
    """In plan and in depth: as stated, else a tenth of the greatest depth, which counts for 3 m at least."""
    if dig.profile is None:
        return 0.0, 0.0
    share = 0.10 * max(float(dig.profile[:, 1].max()), 3.0)
    plan, depth = dig.plan_accuracy_m, dig.depth_accuracy_m
    return share if plan is None else plan, share if depth is None else depth


def _across(rng: np.random.Generator, pipe: Declared, dig: Dig) -> Declared:
    """Through a point of the dig, or through a pit's middle."""
    line = body(dig)
    here = line.at(np.array([rng.uniform(0.1, 0.9) * line.length_m]))[0][0]
    of = Line(pipe.xy)
    there = of.at(np.array([rng.uniform(0.2, 0.8) * of.length_m]))[0][0]
    return replace(pipe, xy=pipe.xy - there + here)


def _beside(rng: np.random.Generator, pipe: Declared, dig: Dig) -> Declared:
    """Its wall near one of the limits, at record or at worst."""
    about = buried(pipe, DAY)
    doubt = about.plan_doubt_m + (dig.plan_doubt_m or 0.0) + tool_doubts_m(dig)[0]
    protection, control = WIDTHS_M[pipe.pressure_class]
    limit = rng.choice([0.0, protection, control, doubt, control + doubt, control + doubt])
    noise = rng.normal(0, 1) * rng.choice([0.03, 0.3, 1.5])
    target = max(float(limit + noise), 0.0) + half_width_m(dig) + about.radius_m
    turn = rng.uniform(0, 2 * np.pi)
    out = np.array([np.cos(turn), np.sin(turn)])
    drawn = body(dig)
    low, high = 0.0, 250.0  # touches, and is far away: between them somewhere it is as far as wished
    for _ in range(18):
        middle = (low + high) / 2
        if in_plan(drawn, Line(pipe.xy + out * middle), 0.5 if high - low > 2 else 0.02).distance_m < target:
            low = middle
        else:
            high = middle
    return replace(pipe, xy=pipe.xy + out * high)


def _deep_as(rng: np.random.Generator, dig: Dig, pipe: Buried, xy: Array) -> Dig:
    """Often so deep that a little more or less would matter to this pipe."""
    if pipe.top_least_m is None or pipe.top_most_m is None or rng.random() < 0.25:
        return dig
    doubt = pipe.depth_doubt_m or 0.0
    noise = float(rng.normal(0, 1) * rng.choice([0.005, 0.1, 0.5]))
    under = rng.random() < 0.5
    if dig.cut is not None and dig.cut.depth_m is not None:
        slack = doubt + (dig.cut.floor_doubt_m or 0.0)
        floor = (pipe.top_most_m + 2 * pipe.radius_m + slack if under else pipe.top_least_m - slack) + noise
        return replace(dig, cut=replace(dig.cut, depth_m=max(round(floor, 3), 0.2)))
    if dig.kind == HOLE and dig.tip_m is not None:
        return replace(dig, tip_m=max(round(pipe.top_least_m - doubt - 0.3 + noise, 3), 0.2))
    if dig.profile is not None:
        wide = half_width_m(dig) + tool_doubts_m(dig)[1] + doubt
        deep = pipe.top_most_m + 2 * pipe.radius_m + wide if under else pipe.top_least_m - wide
        there = Line(xy).at(np.linspace(0, Line(xy).length_m, 30))[0]
        line = body(dig)
        at = np.linspace(0, line.length_m, 60)
        away = line.at(at)[0][:, None] - there[None]
        nearest = at[int(np.argmin(np.hypot(away[..., 0], away[..., 1]).min(axis=1)))]
        now = float(np.interp(nearest, *dig.profile.T))
        depths = dig.profile[:, 1] + (deep + noise - now)
        if depths.min() >= 0.0:
            return replace(dig, profile=np.column_stack([dig.profile[:, 0], np.round(depths, 3)]))
        if now > 0.2 and deep + noise > 0.2:
            share = (deep + noise) / now
            return replace(
                dig, profile=np.column_stack([dig.profile[:, 0], np.round(dig.profile[:, 1] * share, 3)])
            )
    return dig

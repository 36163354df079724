"""Bores, pipes and trenches looked at point by point in local metres, and the law of depth typed a second time.

Independent on purpose: no `spatial`, no PROJ, no GEOS. Lines are cut into cells and only their middles are looked at;
cells that could still hold something nearer are cut up further, until they are as short as the step. A distance found
so is never below the true one, and at most the step above it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP_M = 0.02
FIRST_CELL_M = 1.0
CUT = 4
"""A cell that is worth it is cut into so many."""
MOST_CELLS = 2_000_000
"""Of lines that run along one another more are worth it at a fine step: then the bounds stay wider, and say so."""

LARGEST_MM = {"LP": 630.0, "MP-A": 630.0, "SHP-A": 1020.0, "HP-A": 1422.0}
WIDTHS_M = {"LP": (0.5, 5.0), "MP-A": (0.5, 5.0), "SHP-A": (1.5, 15.0), "HP-A": (5.0, 50.0)}
"""GB 55009-2021 5.1.6, 5.1.7: protection and control."""
NEAR_M = 0.01
"""Within a centimetre of a limit counts as inside."""
GRADES = ("I", "II", "III", "IV")


# ---- what lies in the ground -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """xy: (n, 2) vertices in local metres; profile: (k, 2) distance from the first vertex and depth, linear between."""

    xy: Array
    profile: Array | None = None

    @property
    def corners_m(self) -> Array:
        """Distance of each vertex from the first."""
        return np.r_[0.0, np.cumsum(np.hypot(*np.diff(self.xy, axis=0).T))]

    @property
    def length_m(self) -> float:
        return float(self.corners_m[-1])

    @property
    def steepest(self) -> float:
        """Metres of axis for a metre of plan, at most."""
        if self.profile is None:
            return 1.0
        run, fall = np.diff(self.profile, axis=0).T
        return float(np.hypot(1.0, fall / run).max())

    def at(self, at_m: Array) -> tuple[Array, Array]:
        """xy (n, 2) and depth (n,) at these distances."""
        corners = self.corners_m
        xy = np.column_stack(
            [np.interp(at_m, corners, self.xy[:, 0]), np.interp(at_m, corners, self.xy[:, 1])]
        )
        return xy, np.zeros(len(at_m)) if self.profile is None else np.interp(at_m, *self.profile.T)


@dataclass(frozen=True, slots=True)
class Plumb:
    """Straight down from the ground at xy to a tip: a drill hole's axis."""

    xy: Array
    tip_m: float

    @property
    def length_m(self) -> float:
        return self.tip_m

    @property
    def steepest(self) -> float:
        return 1.0

    def at(self, at_m: Array) -> tuple[Array, Array]:
        return np.broadcast_to(self.xy, (len(at_m), 2)), at_m


Axis = Line | Plumb


@dataclass(frozen=True, slots=True)
class Buried:
    """A pipe: the top lies between top_least_m and top_most_m (None: nobody followed it); doubts are 95 % bounds."""

    line: Line
    pressure_class: str
    diameter_mm: float | None
    plan_doubt_m: float
    top_least_m: float | None
    top_most_m: float | None
    depth_doubt_m: float | None

    @property
    def radius_m(self) -> float:
        return (LARGEST_MM[self.pressure_class] if self.diameter_mm is None else self.diameter_mm) / 2000


@dataclass(frozen=True, slots=True)
class Declared:
    """What a register says of a pipe. None: nothing. cover_m, cover_end_m: of its two ends, to `cover_to` of it."""

    xy: Array
    pressure_class: str
    diameter_mm: float | None
    cover_m: float | None
    cover_end_m: float | None
    cover_to: str | None
    profiled: bool
    plan_stated_m: float | None
    depth_stated_m: float | None
    survey_class: str | None
    surveyed_on: date | None
    resurfaced_on: date | None


def buried(said: Declared, on: date) -> Buried:
    """What is known of the pipe on that day, taken the wide way where the register is silent."""
    ends = [end for end in (said.cover_m, said.cover_end_m) if end is not None]
    thick = (LARGEST_MM[said.pressure_class] if said.diameter_mm is None else said.diameter_mm) / 1000
    thicknesses = np.linspace(0.0 if said.diameter_mm is None else thick, thick, 11)
    above = {"top": [0.0], "centre": [0.5], "bottom": [1.0], None: np.linspace(0, 1, 11)}[said.cover_to]
    tops = [end - d * share for end in ends for d in thicknesses for share in above]
    least, most = (min(tops), max(tops)) if tops and min(tops) > 0 else (None, None)

    rebuilt = said.resurfaced_on is not None and (
        said.surveyed_on is None or said.surveyed_on <= said.resurfaced_on
    )
    years = None if said.surveyed_on is None else max(on.year - said.surveyed_on.year - 10, 0)
    aged = 0.5 if years is None else min(0.02 * years, 0.5)
    deep = None if most is None else max(most + 0.711, 1.0)
    plan, depth = 2.0, None
    if said.survey_class == "exposed":
        plan, depth = 0.10 + aged, 0.06 + aged
    elif said.survey_class == "cjj61" and deep is not None:
        plan, depth = 0.10 * deep + aged, 0.15 * deep + aged
    plan = plan if said.plan_stated_m is None else said.plan_stated_m
    depth = depth if said.depth_stated_m is None else said.depth_stated_m
    followed = said.profiled and len(ends) == 2
    return Buried(
        Line(said.xy),
        said.pressure_class,
        said.diameter_mm,
        plan + (2.0 if rebuilt else 0.0),
        least if followed else None,
        most if followed else None,
        None if rebuilt or least is None else depth,
    )


# ---- how near ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nearest:
    """distance_m: never below the true one, at most slack_m above it; at_m, depth_m: of every middle of a cell of the
    first axis that may hold the nearest place."""

    distance_m: float
    slack_m: float
    at_m: Array
    depth_m: Array


def nearest(one: Axis, pipe: Line, measure: Callable[[Array, Array], Array], step_m: float) -> Nearest:
    """measure: distance from plan distance and depth of the first; must not grow faster than either place moves."""
    cells, others = (max(int(np.ceil(axis.length_m / FIRST_CELL_M)), 1) for axis in (one, pipe))
    long, wide = one.length_m / cells, pipe.length_m / others
    a, b = (index.ravel() for index in np.indices((cells, others)))
    best = np.inf
    while True:
        at, on = (a + 0.5) * long, (b + 0.5) * wide
        xy, depth = one.at(at)
        away = xy - pipe.at(on)[0]
        found = measure(np.hypot(away[:, 0], away[:, 1]), depth)
        best = min(best, float(found.min()))
        slack = (long * one.steepest + wide) / 2
        kept = found - slack <= best
        a, b = a[kept], b[kept]
        if best <= 0 or slack <= step_m or len(a) * CUT * CUT > MOST_CELLS:
            return Nearest(best, slack, at[kept], depth[kept])
        more = np.arange(CUT)
        a, b = (
            np.broadcast_to(cell, (len(cell), CUT, CUT)).ravel()
            for cell in (a[:, None, None] * CUT + more[:, None], b[:, None, None] * CUT + more)
        )
        long, wide = long / CUT, wide / CUT


def in_plan(one: Axis, pipe: Line, step_m: float = STEP_M) -> Nearest:
    """Axis to axis, seen from above."""
    return nearest(one, pipe, lambda plan, depth: plan, step_m)


def in_space(one: Axis, pipe: Buried, step_m: float = STEP_M, *, aside_m: float = 0.0) -> Nearest | None:
    """Axis to axis at record, the pipe anywhere in its range. aside_m: of the first, taken off in plan.
    None: it cannot be told."""
    if pipe.top_least_m is None or pipe.top_most_m is None:
        return None
    low, high = pipe.top_least_m + pipe.radius_m, pipe.top_most_m + pipe.radius_m
    return nearest(
        one,
        pipe.line,
        lambda plan, depth: np.hypot(np.maximum(plan - aside_m, 0.0), _off(depth, low, high)),
        step_m,
    )


def at_worst(
    one: Axis,
    pipe: Buried,
    plan_doubt_m: float,
    depth_doubt_m: float | None,
    step_m: float = STEP_M,
    *,
    aside_m: float = 0.0,
) -> Nearest | None:
    """As in_space(), with every doubt of plan and depth: those given are the first's own, the pipe's are added."""
    if pipe.top_least_m is None or pipe.top_most_m is None or None in (pipe.depth_doubt_m, depth_doubt_m):
        return None
    slack = pipe.depth_doubt_m + depth_doubt_m
    low = pipe.top_least_m + pipe.radius_m - slack
    high = pipe.top_most_m + pipe.radius_m + slack
    aside = aside_m + plan_doubt_m + pipe.plan_doubt_m
    return nearest(
        one,
        pipe.line,
        lambda plan, depth: np.hypot(np.maximum(plan - aside, 0.0), _off(depth, low, high)),
        step_m,
    )


def _off(depth_m: Array, low_m: float, high_m: float) -> Array:
    return np.maximum(np.maximum(low_m - depth_m, depth_m - high_m), 0.0)


def inside(xy: Array, ring: Array) -> bool:
    """Whether any of the points (n, 2) lies in the closed ring (m, 2): even-odd."""
    (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
    x, y = xy.T[..., None]
    spans = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        right = x < x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return bool((np.count_nonzero(spans & right, axis=1) % 2).any())


# ---- where axes cross, and how far over or under -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Met:
    """Where two axes cross: distances along the line and along the pipe, and the angle, 0 to 90 degrees.
    sure: not within `slack_m` of an end or a bend, where a hair decides whether and how often they cross."""

    at_m: float
    pipe_m: float
    angle_deg: float
    sure: bool


def meetings(line: Line, pipe: Line, slack_m: float) -> list[Met]:
    """Every crossing of an edge with an edge, by solving for both fractions one pair after another; and those that
    slack_m would make, not sure."""
    found = []
    for a, b, at in zip(line.xy[:-1], line.xy[1:], line.corners_m, strict=False):
        for c, d, on in zip(pipe.xy[:-1], pipe.xy[1:], pipe.corners_m, strict=False):
            matrix = np.column_stack([b - a, c - d])
            long, wide = np.hypot(*(b - a)), np.hypot(*(d - c))
            sine = abs(np.linalg.det(matrix)) / (long * wide)
            if sine < 1e-9:
                continue
            t, u = np.linalg.solve(matrix, c - a)
            spare = slack_m / sine
            within = min(t * long, (1 - t) * long, u * wide, (1 - u) * wide)
            if within >= -spare:
                angle = float(np.degrees(np.arcsin(min(sine, 1.0))))
                found.append(Met(at + t * long, on + u * wide, angle, within > spare))
    return sorted(found, key=lambda met: met.at_m)


def gaps_m(line: Line, pipe: Buried, half_width_m: float, at_m: Array, give_m: float) -> tuple[Array, Array]:
    """How far the hole passes over the pipe, and how far under it, straight up or down between the walls, at these
    places (below 0: it does not). Where the profile breaks within give_m the hole is as tall as its steeper side."""
    assert line.profile is not None and pipe.top_least_m is not None and pipe.top_most_m is not None
    tall = np.maximum.reduce([_tall(line.profile, at_m + by, half_width_m) for by in (-give_m, 0, give_m)])
    depth = line.at(at_m)[1]
    return pipe.top_least_m - depth - tall, depth - tall - pipe.top_most_m - 2 * pipe.radius_m


def _tall(profile: Array, at_m: Array, half_width_m: float) -> Array:
    """Half of a hole's height, cut straight down."""
    edge = np.clip(np.searchsorted(profile[:, 0], at_m) - 1, 0, len(profile) - 2)
    run, fall = np.diff(profile, axis=0)[edge].T
    return half_width_m * np.hypot(run, fall) / run


def least_vertical_m(
    line: Line, pipe: Buried, half_width_m: float, doubt_m: float, at_m: float, within_m: float
) -> tuple[float, float]:
    """The least clearance straight up or down round `at_m`, over all that hangs together and lies within `within_m` of
    the pipe in plan, less doubt_m; 0 where the bore passes now over and now under. Between these two bounds."""
    step = 0.1
    profile = line.profile
    assert profile is not None
    at = np.r_[np.linspace(0.0, line.length_m, int(np.ceil(line.length_m / step)) + 1), line.corners_m]
    at = np.unique(np.r_[at, profile[:, 0], at_m].clip(0.0, line.length_m))
    count = int(np.ceil(pipe.line.length_m / step)) + 1
    other = pipe.line.at(np.unique(np.r_[np.linspace(0, pipe.line.length_m, count), pipe.line.corners_m]))[0]
    away = line.at(at)[0][:, None] - other[None]
    plan = np.hypot(away[..., 0], away[..., 1]).min(axis=1)
    over, under = gaps_m(line, pipe, half_width_m, at, 1e-6)
    start = int(np.argmin(np.abs(at - at_m)))
    steep = np.sqrt(line.steepest**2 - 1)

    def least(near: float) -> float:
        """plan is at most step / 2 too large, and a point at most step / 2 from the next one looked at."""
        close = plan <= near
        low = high = start
        while low > 0 and close[low - 1]:
            low -= 1
        while high + 1 < len(close) and close[high + 1]:
            high += 1
        here = slice(low, high + 1)
        if (over[here] > 0).all():
            return float(over[here].min())
        return float(under[here].min()) if (under[here] > 0).all() else 0.0

    low, high = least(within_m + 1.5 * step) - step * steep, least(within_m - step / 2)
    return max(low - doubt_m, 0.0), max(high - doubt_m, 0.0)


# ---- what is opened, and the law ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cut:
    """A trench's cross section; a pit has no bottom_m: it is drawn by its bottom outline. slope: out for a metre of
    rise; None: nobody said, nor of the depth."""

    bottom_m: float | None
    depth_m: float | None
    slope: float | None
    shored: bool | None
    depth_doubt_m: float | None

    @property
    def floor_doubt_m(self) -> float | None:
        """A machine digs 0.3 m deeper than told, where nobody said how well it is held."""
        return None if self.depth_m is None else 0.3 if self.depth_doubt_m is None else self.depth_doubt_m


def half_opening_m(cut: Cut) -> float:
    """How far from what is drawn ground is missing at the surface: up the wall, step by step. Walls nobody spoke of
    lean as flat as any (1:1.5); of a depth nobody knows 1.5 m is opened beyond the bottom."""
    slope = 0.0 if cut.shored else 1.5 if cut.slope is None else cut.slope
    aside = (cut.bottom_m or 0.0) / 2
    if cut.depth_m is None:
        return aside if slope == 0 else aside + 1.5
    depth = cut.depth_m
    while depth > 1e-12:
        rise = min(STEP_M, depth)
        aside, depth = aside + rise * slope, depth - rise
    return aside


def level_of(cut: Cut, pipe: Buried) -> set[str]:
    """above, reaches, below or unknown: every floor the doubt allows against every pipe its own allows; both of two
    where a tenth of a millimetre decides."""
    if None in (pipe.top_least_m, pipe.top_most_m, pipe.depth_doubt_m, cut.depth_m, cut.floor_doubt_m):
        return {"unknown"}
    spread = np.linspace(-1.0, 1.0, 21)
    floor = cut.depth_m + spread * cut.floor_doubt_m
    tops = np.linspace(pipe.top_least_m, pipe.top_most_m, 21)[:, None] + spread * pipe.depth_doubt_m
    over = float((tops.ravel()[None] - floor[:, None]).min())
    # A pipe of unknown diameter may be as thick as its class has them.
    under = float((floor[:, None] - tops.ravel()[None] - 2 * pipe.radius_m).min())
    return {
        "above" if over + by > NEAR_M else "below" if under + by > NEAR_M else "reaches"
        for by in (-2e-4, 2e-4)
    }


def is_conflict(clearance_m: float, doubt_m: float, pressure_class: str) -> bool:
    return clearance_m - doubt_m <= WIDTHS_M[pressure_class][1] + NEAR_M


def grades_of(
    clearance_m: float, doubt_m: float, pressure_class: str, relieved: bool
) -> tuple[str | None, str, str]:
    """At record (None: only the doubt brings it inside), at worst, and the worse of the two, of a conflict whose act
    needs a plan or a notice. relieved: the floor stays above the pipe, or the bore clears it."""
    protection, control = WIDTHS_M[pressure_class]
    if clearance_m <= NEAR_M:
        record = 2 if relieved else 1
    else:
        record = 2 if clearance_m <= protection + NEAR_M else 3 if clearance_m <= control + NEAR_M else 5
    worst = 4
    if clearance_m <= doubt_m + NEAR_M:
        worst = 2 if relieved or doubt_m > control else 1
    return (
        GRADES[record - 1] if record < 5 else None,
        GRADES[worst - 1],
        GRADES[min(record, worst) - 1],
    )

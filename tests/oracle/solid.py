"""Bores, pipes and trenches as clouds of points in local metres: slow, and nothing shared with what it checks.

Independent on purpose: no `spatial`, no PROJ, no GEOS; lines are looked at point by point, STEP_M apart in space.
A distance found so is never below the true one, and at most STEP_M above it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP_M = 0.1

LARGEST_MM = {"LP": 630.0, "MP-A": 630.0, "SHP-A": 1020.0, "HP-A": 1422.0}
WIDTHS_M = {"LP": (0.5, 5.0), "MP-A": (0.5, 5.0), "SHP-A": (1.5, 15.0), "HP-A": (5.0, 50.0)}
"""GB 55009-2021 5.1.6, 5.1.7: protection and control."""
NEAR_M = 0.01
"""Within a centimetre of a limit counts as inside."""


@dataclass(frozen=True, slots=True)
class Line:
    """xy: (n, 2) vertices in local metres; profile: (k, 2) distance from the first vertex and depth, linear between."""

    xy: Array
    profile: Array | None = None

    @property
    def length_m(self) -> float:
        return float(np.hypot(*np.diff(self.xy, axis=0).T).sum())


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
class Points:
    """Points of a line: xy (n, 2), distance from its first vertex and depth (n,)."""

    xy: Array
    at_m: Array
    depth_m: Array


def points_of(line: Line) -> Points:
    """Every vertex, every profile point, and between them points no farther than STEP_M apart in space."""
    corners = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line.xy, axis=0).T))]
    steepest = 0.0
    breaks = corners
    if line.profile is not None:
        steepest = float(np.abs(np.diff(line.profile[:, 1]) / np.diff(line.profile[:, 0])).max())
        breaks = np.r_[corners, line.profile[:, 0]]
    count = int(np.ceil(line.length_m * np.hypot(1.0, steepest) / STEP_M)) + 1
    at = np.unique(np.clip(np.r_[breaks, np.linspace(0.0, line.length_m, count)], 0.0, line.length_m))
    xy = np.column_stack([np.interp(at, corners, line.xy[:, 0]), np.interp(at, corners, line.xy[:, 1])])
    depth = np.zeros(len(at)) if line.profile is None else np.interp(at, *line.profile.T)
    return Points(xy, at, depth)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clouds say of a line and a pipe, axis to axis; None: nothing can be told. plan_m: (n,) from each
    point of the line to the pipe in plan."""

    points: Points
    plan_m: Array
    distance_m: float | None
    at_worst_m: float | None


def see(line: Line, pipe: Buried, plan_doubt_m: float, depth_doubt_m: float) -> Seen:
    """plan_doubt_m, depth_doubt_m: of the line itself; the pipe's are added."""
    points, other = points_of(line), points_of(pipe.line)
    apart = points.xy[:, None] - other.xy[None]
    plan = np.hypot(apart[..., 0], apart[..., 1])
    distance = at_worst = None
    if pipe.top_least_m is not None and pipe.top_most_m is not None:
        low, high = pipe.top_least_m + pipe.radius_m, pipe.top_most_m + pipe.radius_m
        distance = float(np.hypot(plan, _off(points.depth_m, low, high)[:, None]).min())
        if pipe.depth_doubt_m is not None:
            slack = pipe.depth_doubt_m + depth_doubt_m
            off = _off(points.depth_m, low - slack, high + slack)
            aside = np.maximum(plan - pipe.plan_doubt_m - plan_doubt_m, 0.0)
            at_worst = float(np.hypot(aside, off[:, None]).min())
    return Seen(points, plan.min(axis=1), distance, at_worst)


def _off(depth_m: Array, low_m: float, high_m: float) -> Array:
    return np.maximum(np.maximum(low_m - depth_m, depth_m - high_m), 0.0)


def least_vertical_m(
    seen: Seen, pipe: Buried, half_width_m: float, depth_doubt_m: float, at_m: float, within_m: float
) -> float:
    """Wall to wall, straight up or down, the least over the points round `at_m` that lie within `within_m` of the pipe in
    plan and hang together, less all doubts of depth; 0 where the bore passes now over and now under."""
    assert pipe.top_least_m is not None and pipe.top_most_m is not None and pipe.depth_doubt_m is not None
    points = seen.points
    start = int(np.argmin(np.abs(points.at_m - at_m)))
    close = seen.plan_m <= within_m
    low = high = start
    while low > 0 and close[low - 1]:
        low -= 1
    while high + 1 < len(close) and close[high + 1]:
        high += 1
    depth = points.depth_m[low : high + 1]
    rise = np.abs(np.diff(points.depth_m) / np.diff(points.at_m))
    taller = np.hypot(1.0, np.maximum(np.r_[rise, 0.0], np.r_[0.0, rise])[low : high + 1])
    over = pipe.top_least_m - (depth + half_width_m * taller)
    under = depth - half_width_m * taller - pipe.top_most_m - 2 * pipe.radius_m
    least = over.min() if (over > 0).all() else under.min() if (under > 0).all() else 0.0
    return max(float(least) - pipe.depth_doubt_m - depth_doubt_m, 0.0)


@dataclass(frozen=True, slots=True)
class Met:
    """Where two axes cross: distances along the line and along the pipe, and the angle, 0 to 90 degrees."""

    at_m: float
    pipe_m: float
    angle_deg: float


def meetings(line: Line, pipe: Line) -> list[Met]:
    """Every proper crossing of an edge with an edge, by solving for both fractions one pair after another."""
    found = []
    at = 0.0
    for a, b in zip(line.xy[:-1], line.xy[1:], strict=True):
        on = 0.0
        for c, d in zip(pipe.xy[:-1], pipe.xy[1:], strict=True):
            matrix = np.column_stack([b - a, c - d])
            if abs(np.linalg.det(matrix)) > 1e-9:
                t, u = np.linalg.solve(matrix, c - a)
                if 0 <= t <= 1 and 0 <= u <= 1:
                    one, other = np.hypot(*(b - a)), np.hypot(*(d - c))
                    cosine = abs((b - a) @ (d - c)) / (one * other)
                    found.append(
                        Met(at + t * one, on + u * other, float(np.degrees(np.arccos(min(cosine, 1)))))
                    )
            on += float(np.hypot(*(d - c)))
        at += float(np.hypot(*(b - a)))
    return found


def grades_of(clearance_m: float, doubt_m: float, pressure_class: str, clears: bool) -> str | None:
    """The worse of the grades at record and at worst of an act that needs a plan or a notice; None: no conflict."""
    protection, control = WIDTHS_M[pressure_class]
    if clearance_m - doubt_m > control + NEAR_M:
        return None
    if clearance_m <= NEAR_M:
        record = 2 if clears else 1
    else:
        record = 2 if clearance_m <= protection + NEAR_M else 3 if clearance_m <= control + NEAR_M else 4
    worst = 4
    if clearance_m <= doubt_m + NEAR_M:
        worst = 2 if clears or doubt_m > control else 1
    return ("I", "II", "III", "IV")[min(record, worst) - 1]


@dataclass(frozen=True, slots=True)
class Cut:
    """A trench's cross section: bottom width, depth, and how far the wall leans out for a metre of rise."""

    bottom_m: float
    depth_m: float
    slope: float
    depth_doubt_m: float


def half_opening_m(cut: Cut) -> float:
    """How far from the axis ground is missing at the surface: up the wall, step by step."""
    aside, depth = cut.bottom_m / 2, cut.depth_m
    while depth > 1e-12:
        rise = min(STEP_M / 10, depth)
        aside, depth = aside + rise * cut.slope, depth - rise
    return aside


def level_of(cut: Cut, pipe: Buried) -> str | None:
    """above, reaches or below: every floor the doubt allows against every pipe its own allows; None: unknown."""
    if pipe.top_least_m is None or pipe.top_most_m is None or pipe.depth_doubt_m is None:
        return None
    spread = np.linspace(-1.0, 1.0, 21)
    floor = cut.depth_m + spread * cut.depth_doubt_m
    tops = np.linspace(pipe.top_least_m, pipe.top_most_m, 21)[:, None] + spread * pipe.depth_doubt_m
    over = tops.ravel()[None] - floor[:, None]
    if over.min() > NEAR_M:
        return "above"
    # A pipe of unknown diameter may be as thick as its class has them.
    return "below" if (-over - 2 * pipe.radius_m).min() > NEAR_M else "reaches"

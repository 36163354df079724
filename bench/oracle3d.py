"""The oracle campaign in three dimensions: 20,000 random bores and trenches, each against the pipes round it.

One side is the public path whole: a register file and a dig plan through the dock, the twin of the vault, screen_each().
The other is tests/oracle/solid.py: dense sampling in local metres and the law of depth typed a second time. Every answer
of the sampling is an interval as wide as its step; what is judged may be any value the interval allows.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from api.register import cut_assets
from bench.scenes3d import (
    BORES,
    DAY,
    HOLE,
    Dig,
    Place,
    half_width_m,
    pipe_feature,
    places,
    plan_feature,
    tool_doubts_m,
)
from ingest import DigOptions, parse_dig_plans, read_network
from spatial.rules.profile import RuleProfile
from spatial.screening import Screening, query_boxes, screen_each
from spatial.values import CHINA, DigSite
from sql.memory import MemoryVault
from tests.oracle.solid import (
    NEAR_M,
    STEP_M,
    Axis,
    Buried,
    Cut,
    Line,
    Met,
    Nearest,
    Plumb,
    at_worst,
    buried,
    gaps_m,
    grades_of,
    in_plan,
    in_space,
    inside,
    is_conflict,
    least_vertical_m,
    level_of,
    meetings,
)

SEED = 20_261_124
DIGS = 20_000
AT_ONCE = 200
"""Digs of one register."""
FINER_M = 0.001
"""Where the step leaves two answers open it is looked at again, this fine."""
ALIKE_M = 0.001
"""How far two ways of getting from degrees to metres may be apart; a crossing under a flat angle moves by more."""
ANGLE_DEG = 0.06
"""Angles are told to a tenth of a degree."""
WIDE_M = 0.1
"""Bounds farther apart than this say little: such a length is counted as left open."""
MOST_OPEN = 0.01
"""Of the comparisons, the share that the oracle may leave to either side."""

Found = Mapping[str, Any]
"""A conflict as a document."""


@dataclass
class Report:
    """How often what was compared, how often the oracle left it open, how far apart the worst were, and what differs."""

    digs: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    left_open: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    worst_mm: dict[str, float] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def open_share(self) -> float:
        return self.left_open.total() / max(self.compared.total(), 1)

    def word(self, what: str, where: str, ours: str, theirs: set[str]) -> None:
        """One answer of a few; theirs: all that the sampling allows."""
        self.compared[what] += 1
        self.left_open[what] += len(theirs) > 1
        self.answers[f"{what} {ours}"] += 1
        if ours not in theirs:
            self.differences.append(f"{where}: {what} {ours}, sampled {' or '.join(sorted(theirs))}")

    def metres(self, what: str, where: str, ours: float | None, theirs: tuple[float, float] | None) -> None:
        """A length between two bounds; None: nobody can tell."""
        self.compared[what] += 1
        if ours is None or theirs is None:
            self.answers[f"{what} unknown"] += 1
            if (ours is None) != (theirs is None):
                self.differences.append(f"{where}: {what} {ours}, sampled {theirs}")
            return
        low, high = theirs
        self.left_open[what] += high - low > WIDE_M
        self.worst_mm[what] = max(self.worst_mm.get(what, 0.0), 1000 * max(high - ours, ours - low))
        if not low - ALIKE_M <= ours <= high + ALIKE_M:
            self.differences.append(f"{where}: {what} {ours:.4f} m, sampled {low:.4f} to {high:.4f} m")

    def lines(self) -> list[str]:
        def counted(counter: Counter[str]) -> str:
            return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))

        return [
            f"digs {self.digs.total()}: {counted(self.digs)}",
            *(
                f"{what}: {count} compared, {self.left_open[what]} left open"
                + (f", at most {self.worst_mm[what]:.1f} mm from a bound" if what in self.worst_mm else "")
                for what, count in sorted(self.compared.items())
            ),
            f"answers: {counted(self.answers)}",
            f"left to either side: {self.left_open.total()} of {self.compared.total()} ({self.open_share:.3%})",
            *(f"DIFFERS: {said}" for said in self.differences[:20]),
            f"differences: {len(self.differences)}",
        ]

    @property
    def fails(self) -> bool:
        return bool(self.differences) or self.open_share > MOST_OPEN


# ---- the product's side --------------------------------------------------------------------------------


def laid(
    scene: Sequence[Place], profile: RuleProfile, folder: Path
) -> tuple[MemoryVault, tuple[DigSite, ...]]:
    """A register file and a dig plan through the dock: the register they make, and the digs."""
    rows = [
        pipe_feature(place, number, f"{at}-{number}")
        for at, place in enumerate(scene)
        for number in range(len(place.pipes))
    ]
    file = folder / "pipes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    intake = read_network(
        [file], crs="EPSG:4490", id_field="id", mapping=None, extent=CHINA, profile=profile, on=DAY
    )
    if len(intake.assets) != len(rows):
        raise ValueError(f"{len(rows) - len(intake.assets)} pipes were rejected")
    vault = MemoryVault()
    vault.import_network(intake, cut_assets(intake.assets, profile), utility="G1", dataset="town", on=DAY)
    plan = json.dumps({"type": "FeatureCollection", "features": [plan_feature(place) for place in scene]})
    return vault, parse_dig_plans(
        plan, crs="EPSG:4490", options=DigOptions(), extent=CHINA, profile=profile, on=DAY
    )


def screened(scene: Sequence[Place], profile: RuleProfile, folder: Path) -> list[Screening]:
    """Each dig as Predig judges it."""
    vault, sites = laid(scene, profile, folder)
    found = vault.find([query_boxes(site, profile) for site in sites])
    return list(screen_each(sites, found, profile, on=DAY, ends_on=[None] * len(sites)))


# ---- the oracle's side ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A dig and a pipe as the oracle sees them. line: what is drawn; axis: of bore or drill hole, in three dimensions,
    None for what opens ground or goes down nobody knows how far; doubts of both together, None unknown."""

    dig: Dig
    pipe: Buried
    line: Line
    axis: Axis | None
    half_m: float
    plan_doubt_m: float
    depth_doubt_m: float | None

    @staticmethod
    def of(dig: Dig, pipe: Buried) -> "Pair":
        plan, depth = tool_doubts_m(dig)
        axis: Axis | None = None
        own: float | None = None
        if dig.kind == HOLE and dig.tip_m is not None:
            axis, own = Plumb(dig.xy[0], dig.tip_m), _hole(dig).floor_doubt_m
        elif dig.kind in BORES:
            axis, own = Line(dig.xy, dig.profile), depth
        known = own is not None and pipe.depth_doubt_m is not None
        return Pair(
            dig,
            pipe,
            Line(dig.xy if len(dig.xy) > 1 else np.concatenate([dig.xy, dig.xy + np.array([[0.0, 1e-6]])])),
            axis,
            half_width_m(dig),
            plan + (dig.plan_doubt_m or 0.0) + pipe.plan_doubt_m,
            own + pipe.depth_doubt_m if known else None,
        )

    def clearance_m(self, step_m: float) -> tuple[float, float]:
        """Wall to what is opened, seen from above."""
        if self.dig.kind == "pit" and inside(
            self.pipe.line.at(np.linspace(0, self.pipe.line.length_m, 400))[0], self.dig.xy
        ):
            return 0.0, 0.0
        return _bounds(in_plan(self.line, self.pipe.line, step_m), self.half_m + self.pipe.radius_m)

    def near(self, step_m: float) -> Nearest | None:
        if self.axis is None:
            return None
        return in_space(self.axis, self.pipe, step_m, aside_m=self._aside_m)

    def near_at_worst(self, step_m: float) -> Nearest | None:
        if self.axis is None or self.depth_doubt_m is None or self.pipe.depth_doubt_m is None:
            return None
        plan, depth = (
            whole - own
            for whole, own in (
                (self.plan_doubt_m, self.pipe.plan_doubt_m),
                (self.depth_doubt_m, self.pipe.depth_doubt_m),
            )
        )
        return at_worst(self.axis, self.pipe, plan, depth, step_m, aside_m=self._aside_m)

    @property
    def walls_m(self) -> float:
        """From axis to axis down to wall to wall; a hole stands upright: its half width counts in plan."""
        return self.pipe.radius_m + self.half_m - self._aside_m

    @property
    def _aside_m(self) -> float:
        return self.half_m if isinstance(self.axis, Plumb) else 0.0


def _hole(dig: Dig) -> Cut:
    """A drill hole's floor."""
    return Cut(None, dig.tip_m, 0.0, None, dig.floor_doubt_m)


def _bounds(found: Nearest, less_m: float) -> tuple[float, float]:
    return max(found.distance_m - found.slack_m - less_m, 0.0), max(found.distance_m - less_m, 0.0)


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is compared of one pair; sets where the sampling leaves more than one answer."""

    conflict: set[bool]
    clearance_m: tuple[float, float]
    grades: tuple[set[str], set[str], set[str]]
    relieved: set[bool]
    level: set[str]
    distance_m: tuple[float, float] | None
    at_worst_m: tuple[float, float] | None


def truth_of(pair: Pair, step_m: float) -> Truth:
    clearance = pair.clearance_m(step_m)
    near, worst = pair.near(step_m), pair.near_at_worst(step_m)
    distance = None if near is None else _bounds(near, pair.walls_m)
    at_worst_m = None if worst is None else _bounds(worst, pair.walls_m)
    if pair.dig.kind in BORES:
        clears = (
            {False}
            if at_worst_m is None
            else {edge > NEAR_M for edge in (at_worst_m[0] - ALIKE_M, at_worst_m[1] + ALIKE_M)}
        )
        relieved = clears
        level = _path_level(pair.pipe, near, at_worst_m is not None, clears)
    else:
        cut = pair.dig.cut or _hole(pair.dig)
        level = level_of(cut, pair.pipe)
        by_hand = pair.dig.cut is not None and pair.dig.method in ("hand", "vacuum", "mechanical")
        relieved = {by_hand and word == "above" for word in level}
    name, doubt = pair.pipe.pressure_class, pair.plan_doubt_m
    edges = np.linspace(max(clearance[0] - ALIKE_M, 0.0), clearance[1] + ALIKE_M, 5)
    graded = [grades_of(at, doubt, name, eased) for at, eased in product(edges.tolist(), relieved)]
    return Truth(
        conflict={is_conflict(at, doubt, name) for at in edges.tolist()},
        clearance_m=clearance,
        grades=tuple({str(grade) for grade in column} for column in zip(*graded, strict=True)),  # type: ignore[arg-type]
        relieved=relieved,
        level=level,
        distance_m=distance,
        at_worst_m=at_worst_m,
    )


def _path_level(pipe: Buried, near: Nearest | None, known: bool, clears: set[bool]) -> set[str]:
    """Over or under the pipe where it comes nearest to it, if it clears it."""
    if near is None or not known or pipe.top_least_m is None or pipe.top_most_m is None:
        return {"unknown"}
    give = near.slack_m + ALIKE_M
    low, high = pipe.top_least_m + pipe.radius_m, pipe.top_most_m + pipe.radius_m
    levels = {"reaches"} if False in clears else set()
    if True in clears:
        for by in (-give, give):
            over, under = near.depth_m + by < low, near.depth_m + by > high
            levels |= ({"above"} if over.any() else set()) | ({"below"} if under.any() else set())
            levels |= {"reaches"} if (~over & ~under).any() else set()
    # Where the step cannot tell over from under, neither can it tell either from beside.
    return levels | ({"reaches"} if {"above", "below"} <= levels else set())


def is_open(truth: Truth) -> bool:
    return any(len(answers) > 1 for answers in (truth.conflict, *truth.grades, truth.relieved, truth.level))


# ---- one against the other -----------------------------------------------------------------------------


def compare(place: Place, screening: Screening, at: int, report: Report) -> None:
    """at: the number of the place in its scene, which names its pipes."""
    dig = place.dig
    report.digs[dig.kind] += 1
    where = f"{dig.kind} at {place.lon:.5f} {place.lat:.5f}"
    report.metres("opened half width", where, screening.site.half_width_m, (half_width_m(dig),) * 2)
    conflicts = {found["source_id"]: found for found in screening.conflicts}
    known = {f"{at}-{number}" for number in range(len(place.pipes))}
    report.differences += [f"{where}: a conflict with {name}, far away" for name in conflicts.keys() - known]
    for number, declared in enumerate(place.pipes):
        pair = Pair.of(dig, buried(declared, DAY))
        _compare_pair(pair, conflicts.get(f"{at}-{number}"), f"{where}, pipe {at}-{number}", report)


def _compare_pair(pair: Pair, found: Found | None, where: str, report: Report) -> None:
    truth = truth_of(pair, STEP_M)
    if is_open(truth):
        truth = truth_of(pair, FINER_M)
    says = {True: "yes", False: "no"}
    report.word("conflict", where, says[found is not None], {says[one] for one in truth.conflict})
    if found is None:
        return
    report.metres("clearance", where, found["clearance_m"], truth.clearance_m)
    report.metres("doubt in plan", where, found["uncertainty_m"], (pair.plan_doubt_m,) * 2)
    given = (found["at_record"]["grade"], found["at_worst"]["grade"], found["grade"])
    for what, ours, theirs in zip(
        ("grade at record", "grade at worst", "grade"), given, truth.grades, strict=True
    ):
        report.word(what, where, str(ours), theirs)
    report.word("depth", where, found["vertical"]["relation"], truth.level)
    codes = {reason["code"] for reason in found["reasons"]}
    if pair.dig.kind in BORES:
        report.word(
            "relief of a bore", where, says["bore_clears" in codes], {says[one] for one in truth.relieved}
        )
    elif pair.dig.kind != HOLE:
        reached = [
            at <= pair.plan_doubt_m + NEAR_M + by for at in truth.clearance_m for by in (-ALIKE_M, ALIKE_M)
        ]
        eased = {one and near for one in truth.relieved for near in reached}
        report.word(
            "relief by depth", where, says["relieved_by_depth" in codes], {says[one] for one in eased}
        )
    if pair.axis is not None:
        report.metres("distance in space", where, found["distance_3d_m"], truth.distance_m)
        report.metres("distance in space at worst", where, found["distance_3d_at_worst_m"], truth.at_worst_m)
        _compare_nearest(pair, found, truth, where, report)
    if pair.dig.kind not in ("pit", HOLE):
        _compare_crossings(pair, found, where, report)


def _compare_nearest(pair: Pair, found: Found, truth: Truth, where: str, report: Report) -> None:
    """Where a trial hole is asked for because the bore comes nearest there, it does."""
    for hole in found.get("trial_holes", ()):
        if hole["code"] == "hole_at_nearest" and isinstance(pair.axis, Line) and truth.distance_m is not None:
            xy, depth = pair.axis.at(np.array([hole["site_m"] - pair.dig.start_m]))
            point = Line(
                np.concatenate([xy, xy + np.array([[0.0, 1e-6]])]),
                np.array([[0.0, depth[0]], [1.0, depth[0]]]),
            )
            here = in_space(point, pair.pipe, STEP_M)
            assert here is not None
            low, high = _bounds(here, pair.walls_m)
            report.metres("nearest place", where, found["distance_3d_m"], (low - ALIKE_M, high + ALIKE_M))


def _compare_crossings(pair: Pair, found: Found, where: str, report: Report) -> None:
    crossings = sorted(found["crossings"], key=lambda one: one["site_m"])
    met = meetings(pair.line, pair.pipe.line, 3 * ALIKE_M)
    report.compared["crossings of a pair"] += 1
    if not all(one.sure for one in met):
        report.left_open["crossings of a pair"] += 1
        return
    report.answers[f"crossings of a pair {len(met)}"] += 1
    if len(crossings) != len(met):
        report.differences.append(f"{where}: {len(crossings)} crossings, sampled {len(met)}")
        return
    for one, truth in zip(crossings, met, strict=True):
        give = 2 * ALIKE_M / np.sin(np.radians(truth.angle_deg))
        station = truth.at_m + pair.dig.start_m
        report.metres("station", where, one["site_m"], (station - give, station + give))
        report.metres("chainage", where, one["pipe_m"], (truth.pipe_m - give, truth.pipe_m + give))
        report.compared["angle"] += 1
        if abs(one["angle_deg"] - truth.angle_deg) > ANGLE_DEG:
            report.differences.append(f"{where}: angle {one['angle_deg']}, sampled {truth.angle_deg:.3f}")
        if pair.dig.kind in BORES:
            _compare_vertical(pair, one, truth, give, where, report)


def _compare_vertical(pair: Pair, one: Found, met: Met, give_m: float, where: str, report: Report) -> None:
    line, pipe = pair.axis, pair.pipe
    assert isinstance(line, Line)
    at = np.clip(met.at_m + np.array([-give_m, 0.0, give_m]), 0.0, line.length_m)
    depth = line.at(at)[1]
    report.metres("depth of the bore", where, one["bore_depth_m"], (depth.min(), depth.max()))
    if pipe.top_least_m is None:
        report.metres("vertical", where, one["vertical_clearance_m"], None)
        report.metres("vertical at worst", where, one["at_worst_m"], None)
        return
    over, under = np.array([gaps_m(line, pipe, pair.half_m, at, by) for by in (0.0, give_m)]).swapaxes(0, 1)
    gap = np.maximum(np.maximum(over, under), 0.0)
    report.metres("vertical", where, one["vertical_clearance_m"], (gap.min(), gap.max()))
    passes = {
        "over" if a > 0 else "under" if b > 0 else "meets"
        for a, b in zip(over.ravel(), under.ravel(), strict=True)
    }
    report.word("passes", where, str(one["passes"]), passes)
    if pair.depth_doubt_m is None:
        report.metres("vertical at worst", where, one["at_worst_m"], None)
        return
    within = pair.plan_doubt_m + NEAR_M + pipe.radius_m + pair.half_m
    bounds = least_vertical_m(line, pipe, pair.half_m, pair.depth_doubt_m, met.at_m, within)
    report.metres("vertical at worst", where, one["at_worst_m"], bounds)


def run(seed: int, digs: int, profile: RuleProfile, *, progress: bool = False) -> Report:
    """A campaign of `digs` digs, in registers of AT_ONCE."""
    report = Report()
    began = time.monotonic()
    for first in range(0, digs, AT_ONCE):
        scene = places(seed + first, min(AT_ONCE, digs - first))
        with tempfile.TemporaryDirectory(prefix="predig-oracle3d-") as folder:
            judged = screened(scene, profile, Path(folder))
        for at, (place, screening) in enumerate(zip(scene, judged, strict=True)):
            compare(place, screening, at, report)
        if progress:
            print(
                f"{first + len(scene)} of {digs} digs, {len(report.differences)} differences, "
                f"{time.monotonic() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return report


def main(arguments: Sequence[str]) -> int:
    """[digs [seed]]"""
    from ingest import load_profile

    began = time.monotonic()
    digs, seed = (int(given) for given in (*arguments, *(str(DIGS), str(SEED))[len(arguments) :]))
    profile, _ = load_profile("cn-gb55009")
    report = run(seed, digs, profile, progress=True)
    print("\n".join(report.lines()))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if report.fails else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

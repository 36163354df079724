"""`python -m bench.street`: one street, one dig, and what each rule makes of it: docs/street.md and its pictures.

Everything written and drawn is read from screenings made here by the product; the zones are drawn with buffers, which
decide nothing.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from bench.scenes import assets_of, densify, dig_site, lay_shapes, pieces_of
from ingest import load_profile
from maps.styles import GRADE_MARKS
from spatial.found import Found
from spatial.judging.bores import tool_doubt
from spatial.rules.profile import RuleProfile
from spatial.saying.foreman import for_the_foreman
from spatial.saying.texts import say, station, word
from spatial.screening import Screening, screen
from spatial.values import BorePath, DigSite, Trench, UncertaintyTerm
from spatial.words import Act, Grade, Method
from tests.support.builders import make_ground

PAGE = Path("docs/street.md")
PICTURES = Path("docs/pictures/street")
XINING = np.array([[101.78, 36.62]])
DAY = date(2026, 11, 1)
VIEW_M = (-22.0, -9.0, 22.0, 11.0)
LABEL_APART_M = 0.9
INK, GAS, GROUND = "#1d2733", "#8F1A73", "#b9a27c"
FREE = "#2E6B34"


@dataclass(frozen=True, slots=True)
class Pipe:
    """xy: metres east and north of the street's middle. The rest as the register's columns; None is unknown."""

    xy: Sequence[tuple[float, float]] = ((-40.0, 0.0), (40.0, 0.0))
    name: str = "main"
    pressure_class: str | None = "MP-A"
    diameter_mm: float | None = 200.0
    uncertainty_m: float = 0.1
    cover_m: float | None = None
    profiled: bool = False
    depth_uncertainty_m: float | None = None


@dataclass(frozen=True, slots=True)
class Dig:
    """xy: its axis. trench, depth and bore as in DigSite."""

    xy: Sequence[tuple[float, float]] = ((-15.0, 3.0), (15.0, 3.0))
    half_width_m: float = 0.4
    acts: tuple[Act, ...] = (Act.EXCAVATE,)
    method: Method | None = Method.MECHANICAL
    depth_m: float | None = None
    trench: Trench | None = None
    bore: BorePath | None = None


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    told: str
    """What differs from the case it is compared with, and why it matters."""
    pipes: tuple[Pipe, ...] = (Pipe(),)
    dig: Dig = Dig()
    rules: str = "cn-gb55009"
    notes: tuple[str, ...] = ()
    """Codes of reasons to quote."""


ACROSS = Dig(xy=((0.0, -8.0), (0.0, 10.0)))
CASES = (
    Case(
        "base",
        "A trench beside a main",
        "A medium-pressure main, DN 200, surveyed to 0.1 m. The trench runs 3 m north of it: inside the control zone of "
        "5 m, far outside the protection zone of 0.5 m.",
        notes=("in_control",),
    ),
    Case(
        "doubt",
        "The same main, surveyed by nobody",
        "Nothing says how the main was surveyed, so it may lie 2 m to either side. The trench may be nearer than it "
        "looks; what is certain and what is possible is told apart.",
        pipes=(Pipe(uncertainty_m=2.0),),
        dig=Dig(xy=((-15.0, 2.0), (15.0, 2.0))),
        notes=("doubt_reaches_wall", "stricter_if_nearer"),
    ),
    Case(
        "class",
        "The same main, its pressure unknown",
        "No pressure class: the widest zones there are hold, 5 m and 50 m. Unknown never narrows.",
        pipes=(Pipe(pressure_class=None),),
        notes=("class_unknown", "in_protection"),
    ),
    Case(
        "diameter",
        "The same main, its diameter unknown",
        "Distances are measured from the outer wall, so a pipe of unknown diameter is taken as the largest of its class.",
        pipes=(Pipe(diameter_mm=None),),
        notes=("diameter_unknown",),
    ),
    Case(
        "footprint",
        "The trench as it is really opened",
        "The wall of the main is 1.80 m from the axis of a trench 0.8 m wide at the bottom. At 2.2 m depth with walls of "
        "1:0.67 the ground is opened 1.87 m to either side: the main lies in the hole, not 1.40 m beside it.",
        dig=Dig(
            xy=((-15.0, 1.9), (15.0, 1.9)),
            depth_m=2.2,
            trench=Trench(bottom_width_m=0.8, slope_ratio=0.67, slope_known=True, shored=False),
        ),
        notes=("wall_reached",),
    ),
    Case(
        "crossing",
        "A trench across the main",
        "One crossing does not hold up the rest: each stretch of the trench has its own verdict.",
        dig=ACROSS,
        notes=("wall_reached",),
    ),
    Case(
        "above",
        "Across the main, and well above it",
        "The cover was followed along the whole main: 1.5 m, known to 0.2 m. A cable trench 0.5 m deep stays above it, "
        "whatever the doubts, so the wall is not reached. The zones hold all the same.",
        pipes=(Pipe(cover_m=1.5, profiled=True, depth_uncertainty_m=0.2),),
        dig=replace(ACROSS, depth_m=0.5),
        notes=("floor_above",),
    ),
    Case(
        "ends",
        "Across the main, its depth known at the ends only",
        "1.5 m at both ends says nothing of the middle: pipes dip. Without a profile there is no relief.",
        pipes=(Pipe(cover_m=1.5, depth_uncertainty_m=0.2),),
        dig=replace(ACROSS, depth_m=0.5),
        notes=("depth_not_profiled",),
    ),
    Case(
        "support",
        "Beside the main, and below it",
        "A shored trench 3 m deep, 1.5 m from a main with 1 m of cover: the ground under the main may give way into it.",
        pipes=(Pipe(cover_m=1.0, profiled=True, depth_uncertainty_m=0.2),),
        dig=Dig(
            xy=((-15.0, 2.0), (15.0, 2.0)),
            depth_m=3.0,
            trench=Trench(bottom_width_m=0.8, slope_ratio=0.0, slope_known=True, shored=True),
        ),
        notes=("floor_below", "support"),
    ),
    Case(
        "act",
        "The same trench, to borrow soil",
        "What is done counts as much as where: in the protection zone digging needs a plan, borrowing soil is forbidden.",
        dig=Dig(xy=((-15.0, 0.8), (15.0, 0.8)), acts=(Act.BORROW_SOIL,)),
        notes=("forbidden_act",),
    ),
    Case(
        "blast",
        "Blasting far away",
        "Some acts have distances of their own, wider than any zone of this main.",
        dig=Dig(xy=((-15.0, 9.0), (15.0, 9.0)), acts=(Act.BLAST,), method=Method.BLASTING),
        notes=("own_distance",),
    ),
    Case(
        "local",
        "The same trench in Qingdao",
        "A city may publish wider zones. There the protection zone of this main is 1.5 m: what needs a notice elsewhere "
        "needs a plan.",
        dig=Dig(xy=((-15.0, 1.5), (15.0, 1.5))),
        rules="cn-gb55009+qingdao",
        notes=("in_protection",),
    ),
    Case(
        "bore",
        "A bore under the main",
        "A bore 3.5 m below ground, the main under 1 m of cover: in plan it crosses the wall, in space it clears it, "
        "whatever the doubts. The crossing is told with its depth, and where the trial hole belongs.",
        pipes=(Pipe(cover_m=1.0, profiled=True, depth_uncertainty_m=0.2),),
        dig=Dig(
            xy=((0.0, -8.0), (0.0, 10.0)),
            half_width_m=0.1,
            acts=(Act.BORE,),
            method=Method.TRENCHLESS,
            bore=BorePath(((0.0, 3.5), (18.0, 3.5)), 200.0, 0.2, 0.3),
        ),
        notes=("bore_clears",),
    ),
)


def site_of(dig: Dig, rules: RuleProfile) -> DigSite:
    """As the dock would leave it: with a section the half width is that of the opening."""
    laid = lay_shapes(densify(np.array([shapely.LineString(dig.xy)], dtype=object)), XINING)[0]
    half_width_m = dig.half_width_m
    if dig.trench is not None and dig.depth_m is not None and dig.trench.bottom_width_m is not None:
        half_width_m = dig.trench.bottom_width_m / 2 + dig.depth_m * dig.trench.slope_ratio
    site = dig_site(laid, feature_id="trench", half_width_m=half_width_m, acts=dig.acts, method=dig.method)
    floor = (UncertaintyTerm("dig_depth_stated", 0.1, "permit"),) if dig.depth_m is not None else ()
    if dig.bore is not None:
        plan, depth = tool_doubt(dig.bore, rules)
        site = replace(site, uncertainty=(plan,))
        floor = (depth,) if depth is not None else ()
    return replace(site, depth_m=dig.depth_m, trench=dig.trench, bore=dig.bore, depth_uncertainty=floor)


def judged(case: Case) -> tuple[DigSite, Screening]:
    rules, _ = load_profile(case.rules)
    pipes = case.pipes
    shapes = np.array(
        [shapely.MultiLineString([shapely.LineString(pipe.xy)]) for pipe in pipes], dtype=object
    )
    unknown = np.nan

    def numbers(name: str) -> Any:
        values = [getattr(pipe, name) for pipe in pipes]
        return np.array([unknown if value is None else value for value in values])

    assets = assets_of(
        [pipe.pressure_class for pipe in pipes],
        numbers("diameter_mm"),
        numbers("uncertainty_m"),
        source_id=[pipe.name for pipe in pipes],
        cover_m=numbers("cover_m"),
        profiled=np.array([pipe.profiled for pipe in pipes]),
        depth_uncertainty_m=numbers("depth_uncertainty_m"),
    )
    number = np.arange(len(pipes))
    pieces = pieces_of(
        lay_shapes(densify(shapes), np.repeat(XINING, len(pipes), axis=0)), assets, number * 0, number
    )
    site = site_of(case.dig, rules)
    # The register is declared complete all round: what no pipe holds is free.
    ground = (make_ground(at=(float(XINING[0, 0]), float(XINING[0, 1])), as_of=DAY),)
    (screening,) = screen([site], Found(1, pieces, (ground,)), rules, on=DAY)
    return site, screening


# -- drawing ----------------------------------------------------------------------------------------------


def picture(case: Case, site: DigSite, screening: Screening) -> bytes:
    """The street from above, and cut across the main where depth counts. The same case gives the same bytes."""
    figure = Figure(figsize=(8.8, 4.3), dpi=110, facecolor="white")
    deep = case.dig.depth_m is not None or case.dig.bore is not None
    axes = figure.add_axes((0.01, 0.02, 0.66 if deep else 0.98, 0.88))
    axes.set_xlim(VIEW_M[0], VIEW_M[2])
    axes.set_ylim(VIEW_M[1], VIEW_M[3])
    axes.set_aspect("equal")
    axes.axis("off")
    window = shapely.box(*VIEW_M)
    axes.axhspan(-7.5, 7.5, color="#eef0f2", zorder=0)
    for pipe, conflict in _with_conflicts(case, screening):
        _draw_pipe(axes, pipe, conflict, window)
    _draw_dig(axes, case, site, screening)
    _scale(axes)
    if deep:
        _draw_cut(figure.add_axes((0.69, 0.12, 0.30, 0.68)), case, site)
    mark = GRADE_MARKS[screening.grade] if screening.grade else None
    figure.text(0.015, 0.93, case.title, fontsize=12, color=INK)
    if mark is not None and screening.grade is not None:
        told = f"{mark.shape} {word('grade', screening.grade, 'en')}"
        figure.text(0.985, 0.93, told, fontsize=12, color=mark.colour, ha="right", weight="bold")
    target = BytesIO()
    FigureCanvasAgg(figure).print_png(target, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return target.getvalue()


def _draw_cut(axes: Axes, case: Case, site: DigSite) -> None:
    """South on the left, depth downwards, the same scale both ways."""
    axes.set_xlim(-2.6, 5.0)
    axes.set_ylim(-4.6, 0.8)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.axhspan(-4.6, 0.0, color="#efe7da", zorder=0)
    dig = case.dig
    along = dig.xy[0][0] == dig.xy[-1][0]  # the dig runs across the main, along this cut
    if dig.bore is not None:
        for side in (-1, 1):
            depth_m = dig.bore.profile[0][1] + side * (dig.bore.diameter_mm or 0.0) / 2000
            axes.plot([-2.6, 5.0], [-depth_m, -depth_m], color=INK, linewidth=0.9)
    elif dig.depth_m is not None and along:
        axes.axhspan(-dig.depth_m, 0.0, color="white", zorder=1)
        axes.plot([-2.6, 5.0], [-dig.depth_m, -dig.depth_m], color=INK, linewidth=0.9, zorder=2)
    elif dig.depth_m is not None and dig.trench is not None and dig.trench.bottom_width_m is not None:
        middle, bottom = dig.xy[0][1], dig.trench.bottom_width_m / 2
        corners = [
            (middle - site.half_width_m, 0.0),
            (middle - bottom, -dig.depth_m),
            (middle + bottom, -dig.depth_m),
            (middle + site.half_width_m, 0.0),
        ]
        axes.fill(*zip(*corners, strict=True), color="white", zorder=1)
        axes.plot(*zip(*corners, strict=True), color=INK, linewidth=0.9, zorder=2)
    axes.plot([-2.6, 5.0], [0.0, 0.0], color=INK, linewidth=1.4, zorder=3)
    turn = np.linspace(0.0, 2 * np.pi, 61)
    for pipe in case.pipes:
        if pipe.diameter_mm is None:
            continue
        radius_m = pipe.diameter_mm / 2000
        if pipe.cover_m is None:
            axes.plot([0.0, 0.0], [-4.4, -0.2], color=GAS, linewidth=1.2, linestyle=(0, (2, 3)), zorder=4)
            axes.annotate("depth unknown", (0.15, -4.4), fontsize=7.5, color=GAS, zorder=5)
            continue
        centre_m = -(pipe.cover_m + radius_m)
        axes.fill(radius_m * np.cos(turn), centre_m + radius_m * np.sin(turn), color=GAS, zorder=4)
        if pipe.profiled and pipe.depth_uncertainty_m is not None:
            for side in (-1, 1):
                at_m = centre_m + side * (radius_m + pipe.depth_uncertainty_m)
                axes.plot(
                    [-0.5, 0.5], [at_m, at_m], color=GAS, linewidth=0.8, linestyle=(0, (2, 3)), zorder=4
                )
        else:
            axes.annotate("?", (0.0, centre_m - 0.75), fontsize=11, ha="center", color=GAS, zorder=5)
    axes.plot([3.8, 4.8], [-4.35, -4.35], color=INK, linewidth=2.0, zorder=5)
    axes.annotate("1 m", (4.3, -4.3), fontsize=7.5, ha="center", va="bottom", color=INK, zorder=5)


def _with_conflicts(case: Case, screening: Screening) -> list[tuple[Pipe, Mapping[str, Any] | None]]:
    found = {row["source_id"]: row for row in screening.document["conflicts"]}
    return [(pipe, found.get(pipe.name)) for pipe in case.pipes]


def _draw_pipe(axes: Axes, pipe: Pipe, conflict: Mapping[str, Any] | None, window: BaseGeometry) -> None:
    axis = shapely.LineString(pipe.xy)
    assumed = next(
        (
            row["assumed_mm"]
            for row in (conflict or {}).get("reasons", ())
            if row["code"] == "diameter_unknown"
        ),
        None,
    )
    radius_m = (pipe.diameter_mm or assumed or 0.0) / 2000
    if conflict is not None:
        limits = conflict["limits"]
        for width_m, colour, alpha in (
            (limits["judged_to_m"], "#E2B500", 0.22),
            (limits["protection_m"], "#C55A11", 0.25),
        ):
            _fill(axes, axis.buffer(radius_m + width_m, quad_segs=32) & window, colour, alpha)
    if pipe.uncertainty_m > 0.15:
        band = axis.buffer(radius_m + pipe.uncertainty_m, quad_segs=32) & window
        axes.plot(*band.exterior.xy, color=GAS, linewidth=0.8, linestyle=(0, (2, 3)), zorder=4)
    _fill(axes, axis.buffer(max(radius_m, 0.05), cap_style="flat") & window, GAS, 1.0)


def _draw_dig(axes: Axes, case: Case, site: DigSite, screening: Screening) -> None:
    axis = shapely.LineString(case.dig.xy)
    opened = axis.buffer(site.half_width_m, cap_style="flat")
    _fill(axes, opened, GROUND, 0.55)
    labelled_m = -LABEL_APART_M
    for section in for_the_foreman(screening.document["sections"]):
        piece = substring(axis, section["from_m"], section["to_m"])
        grade = section["grade"]
        colour = GRADE_MARKS[Grade(grade)].colour if grade else FREE
        x, y = piece.xy
        axes.plot(x, y, color=colour, linewidth=3.0, solid_capstyle="butt", zorder=6)
        if section["from_m"] > 0 and section["from_m"] - labelled_m >= LABEL_APART_M:
            labelled_m = section["from_m"]
            axes.annotate(
                station(section["from_m"]),
                (x[0], y[0]),
                xytext=(8, 4),
                textcoords="offset points",
                fontsize=7.5,
                color=INK,
                zorder=7,
                path_effects=[withStroke(linewidth=2.5, foreground="white", alpha=0.85)],
            )
            axes.plot(
                [x[0]],
                [y[0]],
                marker="_" if abs(x[0] - x[-1]) < 1e-9 else "|",
                color=INK,
                markersize=9,
                zorder=7,
            )
    x, y = opened.exterior.xy
    axes.plot(x, y, color=INK, linewidth=0.9, zorder=5)


def _scale(axes: Axes) -> None:
    axes.plot([15.0, 20.0], [-8.2, -8.2], color=INK, linewidth=2.0)
    axes.annotate("5 m", (17.5, -8.0), fontsize=8, ha="center", va="bottom", color=INK)


def _fill(axes: Axes, shape: BaseGeometry, colour: str, alpha: float) -> None:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            outline = Outline.make_compound_path(
                *(Outline(np.asarray(ring.coords)) for ring in (part.exterior, *part.interiors))
            )
            axes.add_patch(PathPatch(outline, facecolor=colour, edgecolor="none", alpha=alpha, zorder=2))


# -- the page ---------------------------------------------------------------------------------------------


def page(cases: Sequence[tuple[Case, Screening]]) -> str:
    lines = [
        "# One street, and what each rule makes of it",
        "",
        "Made by `python -m bench.street`: every word of a verdict and every number below comes from a screening of the",
        "product. Violet is the gas main (dashed: where it may lie), orange its protection zone, yellow its control zone,",
        "brown the ground that is opened; the axis of the dig is coloured by the grade of each stretch.",
        "",
    ]
    for number, (case, screening) in enumerate(cases, 1):
        document = screening.document
        lines += [
            f"## {number}. {case.title}",
            "",
            case.told,
            "",
            f"![{case.title}](pictures/street/{case.name}.png)",
            "",
        ]
        for conflict in document["conflicts"]:
            lines.append(
                f"- **{word('grade', conflict['grade'], 'en')}**, {word('certainty', conflict['certainty'], 'en')}: clearance "
                f"{conflict['clearance_m']:.2f} m, doubt {conflict['uncertainty_m']:.2f} m, "
                f"{word('zone', conflict['zone'], 'en')}; {word('requirement', conflict['requirement'], 'en')} "
                f"[{conflict['clause']}]"
            )
            lines += [
                f"  - {say(reason, 'en')}" for reason in conflict["reasons"] if reason["code"] in case.notes
            ]
        if not document["conflicts"]:
            lines.append(f"- {word('outcome', document['outcome'], 'en')}")
        sections = for_the_foreman(document["sections"])
        if len(sections) > 1:
            lines += [f"- {_section(section)}" for section in sections]
        lines.append("")
    return "\n".join(lines)


def _section(section: Mapping[str, Any]) -> str:
    span = f"{station(section['from_m'])}–{station(section['to_m'])}"
    if section["grade"] is None:
        return f"{span}: {word('section', section['verdict'], 'en')}"
    by_hand = ", hand only" if section["hand_dig"] else ""
    return f"{span}: {word('grade', section['grade'], 'en')}, {word('requirement', section['requirement'], 'en')}{by_hand}"


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    done = []
    for case in CASES:
        site, screening = judged(case)
        (PICTURES / f"{case.name}.png").write_bytes(picture(case, site, screening))
        missing = set(case.notes) - {
            reason["code"] for row in screening.document["conflicts"] for reason in row["reasons"]
        }
        if missing:
            print(f"{case.name}: not said: {', '.join(sorted(missing))}", file=sys.stderr)
        done.append((case, screening))
    PAGE.write_text(page(done), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

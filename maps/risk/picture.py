"""The risk map as one picture for A3 paper, drawn without a browser: map, enlargement, table, legend, notes."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from shapely.geometry.base import BaseGeometry

from maps.days import day
from maps.risk import sheet as risk_sheet
from maps.risk.shapes import CountyShape, county_shapes, on_paper, prefecture_borders
from maps.risk.spread import Floats, spread
from maps.risk.table import draw_table
from maps.risk.view import CountyRisk, RiskView
from maps.risk.words import own_word
from spatial.errors import Language, Refused

FONT = "Noto Sans CJK SC"
SHEET_MM = (420.0, 297.0)
DPI = 200
INK, QUIET = "#1d2733", "#5b6672"
ENLARGED = ("630100", "630200")
"""西宁 and 海东: most of the pipes on two hundredths of the ground."""

Drawn = Sequence[tuple[CountyRisk, CountyShape]]


def risk_png(view: RiskView, language: Language) -> bytes:
    """An A3 landscape sheet as PNG at 200 dots an inch; the same view gives the same bytes.

    All text on it is Predig's own or the name of a county or prefecture: nothing foreign.

    :raises Refused: (`font_missing`) no font for Chinese is installed.
    """
    sheet = _Sheet()
    shapes = county_shapes(view)
    drawn = list(zip(view.counties, shapes, strict=True))
    prefectures = prefecture_borders(view, shapes)
    _head(sheet, view, language)
    near = [pair for pair in drawn if pair[0].county.prefecture_code in ENLARGED]
    window = _bounds(near, margin_m=4_000)
    _province(sheet, drawn, prefectures, window, language)
    _enlargement(sheet, near, prefectures, window, language)
    _legend(sheet, language)
    draw_table(sheet.axes(256, 21, 152, 236), view, language, sheet.font)
    _notes(sheet, view, language)
    return sheet.png()


class _Sheet:
    """Paper measured in millimetres from its lower left corner."""

    def __init__(self) -> None:
        width, height = SHEET_MM
        self.figure = Figure(figsize=(width / 25.4, height / 25.4), dpi=DPI, facecolor="white")
        self.canvas = FigureCanvasAgg(self.figure)
        self.page = self.axes(0, 0, width, height)
        try:
            findfont(FontProperties(family=FONT), fallback_to_default=False)
        except ValueError as missing:
            raise Refused.because(
                "font_missing",
                en=f"the font {FONT} is not installed: run `make setup`, or install fonts-noto-cjk",
                zh=f"字体 {FONT} 未安装：请运行 make setup，或安装 fonts-noto-cjk",
            ) from missing

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """size in points."""
        return FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes whose unit is the millimetre, without any furniture."""
        across, up = SHEET_MM
        axes = self.figure.add_axes((left / across, bottom / up, width / across, height / up))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        return axes

    def text(self, x: float, y: float, said: str, size: float, **more: Any) -> None:
        bold = bool(more.pop("bold", False))
        more = {"color": INK, "va": "baseline"} | more
        self.page.text(x, y, said, fontproperties=self.font(size, bold=bold), **more)

    def rule(self, x: float, y: float, to_x: float, weight: float = 0.8, colour: str = INK) -> None:
        self.page.add_artist(Line2D([x, to_x], [y, y], color=colour, linewidth=weight))

    def png(self) -> bytes:
        held = BytesIO()
        # Without the name and version of the software, which would differ between machines.
        self.canvas.print_png(held, metadata={"Software": None})
        return held.getvalue()


def _head(sheet: _Sheet, view: RiskView, language: Language) -> None:
    sheet.text(12, 280, risk_sheet.title(language), 23, bold=True)
    sheet.text(408, 280, own_word("internal", language), 15, bold=True, ha="right")
    dated = own_word("dated", language, on=day(view.on, language), revision=view.register_revision)
    sheet.text(408 - 32, 280, dated, 10, color=QUIET, ha="right")
    sheet.rule(12, 275, 408, 1.6)
    x = 12.0
    for name, number in risk_sheet.facts(view, language):
        said = sheet.page.text(x, 265.5, name, color=QUIET, fontproperties=sheet.font(10))
        x = _right_mm(sheet, said) + 2.5
        said = sheet.page.text(x, 265.5, number, color=INK, fontproperties=sheet.font(14, bold=True))
        x = _right_mm(sheet, said) + 10


def _right_mm(sheet: _Sheet, said: Any) -> float:
    """Where a text ends, in millimetres of the page."""
    return float(said.get_window_extent(sheet.canvas.get_renderer()).x1) / DPI * 25.4


def _bounds(drawn: Drawn, margin_m: float) -> tuple[float, float, float, float]:
    """west, south, east, north in metres of the map sheet."""
    west, south, east, north = shapely.total_bounds([on_paper(shape.borders) for _, shape in drawn])
    return west - margin_m, south - margin_m, east + margin_m, north + margin_m


def _province(
    sheet: _Sheet,
    drawn: Drawn,
    prefectures: Sequence[BaseGeometry],
    window: tuple[float, float, float, float],
    language: Language,
) -> None:
    axes = _map_axes(sheet, (12, 93, 240, 168), _bounds(drawn, margin_m=6_000))
    _ground(axes, drawn, prefectures, name_lines=0.45, outline=1.3)
    west, south, east, north = window
    axes.add_artist(
        Rectangle(
            (west, south), east - west, north - south, fill=False, edgecolor=INK, linewidth=0.9, zorder=6
        )
    )
    away = [pair for pair in drawn if pair[0].county.prefecture_code not in ENLARGED]
    _names(sheet, axes, away, size=6.6)
    _scale_bar(sheet, axes, 200, (152, 4))
    _north(sheet, axes, language)


def _enlargement(
    sheet: _Sheet,
    near: Drawn,
    prefectures: Sequence[BaseGeometry],
    window: tuple[float, float, float, float],
    language: Language,
) -> None:
    west, south, east, north = window
    height = 94.0
    width = height * (east - west) / (north - south)
    axes = _map_axes(sheet, (12, 21, width, height), window)
    axes.add_artist(
        Rectangle((west, south), east - west, north - south, facecolor="white", edgecolor=INK, linewidth=1.8)
    )
    _ground(axes, near, prefectures, name_lines=0.55, outline=1.3)
    _names(sheet, axes, near, size=7.4)
    _scale_bar(sheet, axes, 50, (3.5, 3.5))
    axes.text(
        east - 3 * _millimetre(axes),
        north - 5.5 * _millimetre(axes),
        own_word("enlarged", language),
        ha="right",
        fontproperties=sheet.font(8.5, bold=True),
        color=INK,
        zorder=9,
    )


def _map_axes(
    sheet: _Sheet, place: tuple[float, float, float, float], window: tuple[float, float, float, float]
) -> Axes:
    """Axes in metres of the map sheet that show `window` as large as fits into `place` (left, bottom, width,
    height in millimetres)."""
    left, bottom, width, height = place
    west, south, east, north = window
    metres_per_mm = max((east - west) / width, (north - south) / height)
    axes = sheet.axes(left, bottom, (east - west) / metres_per_mm, (north - south) / metres_per_mm)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    return axes


def _ground(
    axes: Axes, drawn: Drawn, prefectures: Sequence[BaseGeometry], *, name_lines: float, outline: float
) -> None:
    for risk, shape in drawn:
        border = on_paper(shape.borders)
        axes.add_artist(PathPatch(_path(border), facecolor=risk_sheet.tint(risk.tally), edgecolor="none"))
        bare = border if not risk.has_register else on_paper(shape.bare)
        if not bare.is_empty:
            _hatch(axes, _path(bare), cross=not risk.has_register)
        axes.add_artist(
            PathPatch(_path(border), fill=False, edgecolor="#7d8790", linewidth=name_lines, zorder=4)
        )
    for border in prefectures:
        for line in shapely.get_parts(on_paper(border)):
            axes.add_artist(Line2D(*shapely.get_coordinates(line).T, color=INK, linewidth=outline, zorder=5))


def _hatch(axes: Axes, path: Path, *, cross: bool) -> None:
    patch = PathPatch(
        path,
        fill=False,
        linewidth=0,
        edgecolor=risk_sheet.HATCH_COLOUR,
        hatch="xxxx" if cross else "////",
        zorder=3,
    )
    patch.set_hatch_linewidth(0.32)
    axes.add_artist(patch)


def _path(geometry: BaseGeometry) -> Path:
    """All rings of all polygons as one path; holes stay holes."""
    rings = [
        Path(shapely.get_coordinates(ring), closed=True)
        for polygon in shapely.get_parts(shapely.normalize(geometry))
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return Path.make_compound_path(*rings)


def _names(sheet: _Sheet, axes: Axes, drawn: Drawn, size: float) -> None:
    """Each county's name, over its marks if it has any; names that would lie on one another are moved apart."""
    points = np.asarray([on_paper(shapely.Point(shape.label)).coords[0] for _, shape in drawn])
    em = size * 25.4 / 72 * _millimetre(axes)
    labels = [_Label(risk, em) for risk, _ in drawn]
    sizes = np.asarray([(label.width + 0.6 * em, label.height + 0.3 * em) for label in labels])
    areas = np.asarray([on_paper(shape.borders).area for _, shape in drawn])
    moved = spread(_beside(points, sizes, areas), sizes[:, 0], sizes[:, 1])
    for point, at in zip(points, moved, strict=True):
        if np.hypot(*(at - point)) > 2.2 * em:
            axes.add_artist(Line2D(*np.stack([point, at]).T, color=INK, linewidth=0.6, zorder=7))
    for label, at in zip(labels, moved, strict=True):
        label.draw(axes, at, sheet.font(size), sheet.font(size, bold=True))


def _beside(points: Floats, sizes: Floats, areas: Floats) -> Floats:
    """Where labels are best put: those that would hide the whole of their county stand round the middle of all
    such counties, each on its own side."""
    hiding = sizes.prod(axis=1) > areas
    if hiding.sum() < 2:
        return points
    middle = points[hiding].mean(axis=0)
    away = points[hiding] - middle
    placed = points.copy()
    placed[hiding] += away / np.linalg.norm(away, axis=1, keepdims=True) * sizes[hiding].max() * 0.9
    return placed


class _Label:
    """A county's name with its marks; sizes in the unit of the map, from its letters' size `em`."""

    def __init__(self, risk: CountyRisk, em: float) -> None:
        self.name = risk.county.short_name
        self.marks = risk_sheet.marks(risk.tally)
        self.quiet = not risk.has_register and not self.marks
        self.em = em
        # A sign, its digits, and air between one mark and the next.
        self.steps = [(1.1 + 0.6 * len(str(mark.count))) * em for mark in self.marks]
        self.gap = 0.45 * em
        self.width = max(len(self.name) * em, sum(self.steps) + self.gap * (len(self.steps) - 1))
        self.height = (2.5 if self.marks else 1.3) * em

    def draw(self, axes: Axes, at: Floats, font: FontProperties, bold: FontProperties) -> None:
        x, y = at
        card = (x - self.width / 2 - 0.2 * self.em, y - self.height / 2)
        edge = "#8a939b" if self.marks else "none"
        axes.add_artist(
            Rectangle(
                card,
                self.width + 0.4 * self.em,
                self.height,
                facecolor=(1, 1, 1, 0.86 if self.marks else 0.72),
                edgecolor=edge,
                linewidth=0.4,
                zorder=8,
            )
        )
        about = {"va": "center_baseline", "zorder": 9}
        up = 0.62 * self.em if self.marks else 0.0
        colour = QUIET if self.quiet else INK
        axes.text(x, y + up, self.name, fontproperties=font, color=colour, ha="center", **about)
        left = x - (sum(self.steps) + self.gap * (len(self.steps) - 1)) / 2
        for mark, step in zip(self.marks, self.steps, strict=True):
            said = f"{mark.shape}{mark.count}"
            axes.text(
                left, y - 0.6 * self.em, said, fontproperties=bold, color=mark.colour, ha="left", **about
            )
            left += step + self.gap


def _millimetre(axes: Axes) -> float:
    """One millimetre of paper in the unit of the map."""
    west, east = axes.get_xlim()
    return float((east - west) / (axes.get_position().width * SHEET_MM[0]))


def _scale_bar(sheet: _Sheet, axes: Axes, kilometres: int, corner_mm: tuple[float, float]) -> None:
    """corner_mm: of the bar's left end, from the lower left corner of the map."""
    millimetre = _millimetre(axes)
    west, south = axes.get_xlim()[0], axes.get_ylim()[0]
    x, y = west + corner_mm[0] * millimetre, south + corner_mm[1] * millimetre
    for part, colour in ((0, INK), (1, "white")):
        half = kilometres * 500.0
        axes.add_artist(
            Rectangle(
                (x + part * half, y),
                half,
                1.1 * millimetre,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.6,
                zorder=9,
            )
        )
    for metres, said in ((0, "0"), (kilometres * 1000, f"{kilometres} km")):
        axes.text(
            x + metres,
            y + 1.8 * millimetre,
            said,
            fontproperties=sheet.font(7),
            color=INK,
            ha="center",
            zorder=9,
        )


def _north(sheet: _Sheet, axes: Axes, language: Language) -> None:
    place = axes.get_position()
    x, y = (place.x0 * SHEET_MM[0]) + 8, (place.y1 * SHEET_MM[1]) - 10
    arrow = np.asarray([[x, y + 6], [x - 2.2, y - 3], [x, y - 1.4], [x + 2.2, y - 3]])
    sheet.page.add_artist(PathPatch(Path(arrow, closed=True), facecolor=INK, edgecolor=INK))
    sheet.text(x, y - 7.5, own_word("north", language), 9, bold=True, ha="center")


def _legend(sheet: _Sheet, language: Language) -> None:
    x, y = 108.0, 80.0
    sheet.text(x, y, own_word("legend", language), 9, bold=True, color=QUIET)
    tints = [(*entry, "") for entry in risk_sheet.tint_legend(language)]
    hatches = [("#FFFFFF", "", "", own_word(name, language), name) for name in ("hatch", "cross")]
    for number, (fill, shape, colour, said, hatch) in enumerate([*tints, *hatches]):
        column, row = divmod(number, 4)
        left, low = x + column * 68, y - 7.5 - row * 6.2
        sheet.page.add_artist(
            Rectangle((left, low), 9, 4.6, facecolor=fill, edgecolor="#7d8790", linewidth=0.6)
        )
        if hatch:
            square = np.asarray([[left, low], [left + 9, low], [left + 9, low + 4.6], [left, low + 4.6]])
            _hatch(sheet.page, Path(square, closed=True), cross=hatch == "cross")
        if shape:
            sheet.text(left + 4.5, low + 2.2, shape, 9, bold=True, color=colour, ha="center", va="center")
        sheet.text(left + 11.5, low + 2.2, said, 8, va="center")


def _notes(sheet: _Sheet, view: RiskView, language: Language) -> None:
    y = 44.5
    sheet.rule(108, y + 4.2, 252, 0.5, "#b9c0c6")
    for note in risk_sheet.notes(view, language):
        for line in _folded(note, 62 if language == "zh" else 112):
            sheet.text(108, y, line, 7, color=QUIET)
            y -= 3.7
    sheet.rule(12, 14, 408, 0.8)


def _folded(text: str, longest: int) -> list[str]:
    """Lines of at most `longest` characters, broken at a space where there is one."""
    lines = []
    while len(text) > longest:
        cut = text.rfind(" ", longest // 2, longest) + 1 or longest
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return [*lines, text]

"""The table beside the printed risk map: a line for every county, its prefecture named once."""

from collections.abc import Callable
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from maps.risk import sheet as risk_sheet
from maps.risk.sheet import Row
from maps.risk.view import RiskView
from maps.risk.words import own_word
from spatial.errors import Language

INK, QUIET, FAINT, LACK = "#1d2733", "#5b6672", "#a4abb1", "#7030a0"

PREFECTURE, COUNTY, GRADES, COUNTS, REGISTER, UNCOVERED = 0.0, 17.5, 52.0, 78.0, 110.5, 152.0
"""Where the columns begin, millimetres; the last where its right edge lies."""
GRADE_STEP, COUNT_STEP = 6.4, 10.0
HEAD_MM = 13.0

Font = Callable[..., FontProperties]


def draw_table(axes: Axes, view: RiskView, language: Language, font: Font) -> None:
    """Fill `axes`, whose unit is the millimetre, with the table; its columns need 152 mm."""
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    rows = risk_sheet.table(view, language)
    step = (height - HEAD_MM) / len(rows)
    _head(axes, language, font, height)
    y = height - HEAD_MM
    for (prefecture, counted), group in groupby(rows, key=lambda row: (row.prefecture, bool(row.code))):
        lines = list(group)
        axes.add_artist(Line2D([0, width], [y, y], color=INK if not counted else "#8a939b", linewidth=0.8))
        for number, said in enumerate(_folded(prefecture) if counted else [prefecture]):
            _say(axes, font, PREFECTURE, y - (number + 0.62) * step, said, 7.4, bold=True)
        for row in lines:
            y -= step
            _row(axes, row, y, step, font, view)
            if row is not lines[-1]:
                axes.add_artist(Line2D([COUNTY, width], [y, y], color="#e3e6e8", linewidth=0.4))
    axes.add_artist(Line2D([0, width], [y, y], color=INK, linewidth=0.8))


def _head(axes: Axes, language: Language, font: Font, top: float) -> None:
    names = dict(
        zip(
            (
                "prefecture",
                "county",
                "I",
                "II",
                "III",
                "IV",
                "pending",
                "cannot_tell",
                "alerts",
                "register",
                "bare",
            ),
            risk_sheet.head(language),
            strict=False,
        )
    )
    low = top - HEAD_MM + 1.6
    _say(axes, font, PREFECTURE, low, names["prefecture"], 7.4, colour=QUIET)
    _say(axes, font, COUNTY, low, names["county"], 7.4, colour=QUIET)
    middle = GRADES + GRADE_STEP * 2
    group = own_word("by_grade", language)
    first, _, second = group.partition("（" if language == "zh" else ",")
    for number, said in enumerate((first, ("（" if language == "zh" else "") + second.strip())):
        _say(axes, font, middle, top - 3 - 3.4 * number, said, 6.6, colour=QUIET, ha="center")
    for number, name in enumerate(("I", "II", "III", "IV")):
        _say(
            axes,
            font,
            GRADES + GRADE_STEP * (number + 1) - 1,
            low,
            names[name],
            7.4,
            colour=QUIET,
            ha="right",
        )
    for number, name in enumerate(("pending", "cannot_tell", "alerts")):
        _stacked(axes, font, COUNTS + COUNT_STEP * (number + 1), low, names[name])
    _say(axes, font, REGISTER + 3, low, names["register"], 7.4, colour=QUIET)
    _stacked(axes, font, UNCOVERED, low, names["bare"])


def _stacked(axes: Axes, font: Font, right: float, low: float, said: str) -> None:
    """A heading in two lines where it is long, its right edge at `right`."""
    space = said.find(" ")
    cut = space if space > 0 else len(said) - 2
    long = space > 0 or (len(said) > 3 and not said.isascii())
    parts = [said[:cut], said[cut:].strip()] if long else [said]
    for number, part in enumerate(reversed(parts)):
        _say(axes, font, right, low + 3.4 * number, part, 7, colour=QUIET, ha="right")


def _folded(prefecture: str) -> list[str]:
    """海西蒙古族 over 藏族自治州: a long name in two lines, broken where the word is."""
    tail = 3 if len(prefecture) <= 8 else 5
    return [prefecture] if len(prefecture) <= 5 else [prefecture[:-tail], prefecture[-tail:]]


def _row(axes: Axes, row: Row, y: float, step: float, font: Font, view: RiskView) -> None:
    base = y + step * 0.38
    if row.code:
        axes.add_artist(
            Rectangle(
                (COUNTY, y + step * 0.24),
                2.8,
                step * 0.52,
                facecolor=row.tint,
                edgecolor="#8a939b",
                linewidth=0.4,
            )
        )
        _say(axes, font, COUNTY + 4.2, base, row.county, 7.4)
    for number, said in enumerate(row.grades):
        _count(axes, font, GRADES + GRADE_STEP * (number + 1) - 1, base, said)
    for number, said in enumerate((row.pending, row.cannot_tell, row.alerts)):
        _count(axes, font, COUNTS + COUNT_STEP * (number + 1), base, said)
    lacks = any(
        risk.county.code == row.code and (not risk.has_register or risk.only_assumed)
        for risk in view.counties
    )
    _say(axes, font, REGISTER + 3, base, row.register, 7.2, colour=LACK if lacks else INK)
    _say(axes, font, UNCOVERED, base, row.uncovered, 7.2, ha="right")


def _count(axes: Axes, font: Font, right: float, base: float, said: str) -> None:
    some = said not in ("0", risk_sheet.UNKNOWN)
    _say(axes, font, right, base, said, 7.4, bold=some, colour=INK if some else FAINT, ha="right")


def _say(
    axes: Axes,
    font: Font,
    x: float,
    y: float,
    said: str,
    size: float,
    *,
    bold: bool = False,
    colour: str = INK,
    ha: str = "left",
) -> None:
    axes.text(
        x, y, said, fontproperties=font(size, bold=bold), color=colour, ha=ha, va="baseline", clip_on=False
    )

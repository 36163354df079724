"""The figures of a dataset as bars: what each says, how long it is, in which colour."""

from dataclasses import dataclass

from maps.plain import plain
from maps.quality.words import own_word
from maps.styles import CLASS_LINES
from spatial.errors import Language
from spatial.inventory.figures import DECADE, OTHERS, STEPS, Count, Figures
from spatial.saying.texts import word
from spatial.words import PressureClass

BLUE, UNKNOWN_GREY = "#2F6690", "#8A8F94"
ASKED = (
    ("pressure_class", "pressure_class"),
    ("diameter_mm", "diameter_mm"),
    ("cover_m", "cover_m"),
    ("material", "material"),
    (DECADE, "laid"),
    ("survey_class", "survey_class"),
    ("pipe_kind", "pipe_kind"),
)
"""Dimension -> the word for what it tells."""


@dataclass(frozen=True, slots=True)
class Bar:
    """share: 0 to 1 of the plot's widest; text: the number as it is read; unknown: drawn hatched."""

    label: str
    share: float
    text: str
    colour: str
    unknown: bool


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    bars: tuple[Bar, ...]
    note: str


def plots_of(figures: Figures, language: Language) -> tuple[Plot, ...]:
    """Of a dataset with pipes; none without."""
    if not figures.pipes:
        return ()
    steps = own_word("step_note", language)
    return (
        _plot(figures, "pressure_class", "by_class", language),
        _unknown_shares(figures, language),
        _plot(figures, "cover_m", "by_cover", language, steps),
        _plot(figures, "diameter_mm", "by_diameter", language, steps),
        _plot(figures, DECADE, "by_decade", language),
        _plot(figures, "material", "by_material", language),
        _plot(figures, "uncertainty_m", "by_uncertainty", language, steps),
        _plot(figures, "survey_class", "by_survey", language),
    )


def label_of(count: Count, language: Language) -> str:
    """What a value is called: a class by its word, a step by its limits."""
    value, dimension = count.value, count.dimension
    if value is None:
        return own_word("unknown", language)
    if value == OTHERS:
        return own_word("others", language)
    if dimension in STEPS:
        return _step(dimension, int(value), language)
    if dimension == DECADE:
        return own_word("decade", language, year=value)
    if dimension == "pressure_class":
        return f"{word('pressure_class', value, language)} {value}" if language == "zh" else value
    return plain(value)


def length_text(metres: float, language: Language) -> str:
    if metres < 1000:
        return own_word("metres", language, value=f"{metres:,.0f}")
    return own_word("km", language, value=f"{metres / 1000:,.1f}")


def share_text(share: float) -> str:
    """Never rounded to nothing or all."""
    if 0.0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1.0 - 1e-6:  # a sum of lengths is no exact one
        return ">99.9%"
    return f"{share:.1%}"


def _plot(figures: Figures, dimension: str, title: str, language: Language, note: str = "") -> Plot:
    counts = _filled(figures.of(dimension)) if dimension in STEPS else figures.of(dimension)
    if dimension == "pressure_class":
        order = [*PressureClass, None]
        counts = tuple(sorted(counts, key=lambda one: order.index(one.value)))
    elif dimension in ("material", "survey_class"):
        counts = tuple(sorted(counts, key=lambda one: (one.value is None, one.value == OTHERS, -one.metres)))
    widest = max((one.metres for one in counts), default=0.0) or 1.0
    return Plot(
        own_word(title, language),
        tuple(
            Bar(
                label_of(one, language),
                one.metres / widest,
                f"{length_text(one.metres, language)} · {share_text(one.metres / figures.metres)}",
                _colour(one),
                one.value is None,
            )
            for one in counts
        ),
        note,
    )


def _filled(counts: tuple[Count, ...]) -> tuple[Count, ...]:
    """With the empty steps between the first and the last one: a gap in a histogram says something."""
    known = {int(one.value): one for one in counts if one.value is not None}
    if not known:
        return counts
    name = counts[0].dimension
    between = (known.get(step, Count(name, str(step), 0, 0.0)) for step in range(min(known), max(known) + 1))
    return (*between, *(one for one in counts if one.value is None))


def _unknown_shares(figures: Figures, language: Language) -> Plot:
    shares = [(name, figures.unknown_share(dimension) or 0.0) for dimension, name in ASKED]
    return Plot(
        own_word("unknown_shares", language),
        tuple(
            Bar(own_word(name, language), share, share_text(share), UNKNOWN_GREY, True)
            for name, share in shares
        ),
        "",
    )


def _step(dimension: str, step: int, language: Language) -> str:
    limits = STEPS[dimension]
    unit = " mm" if dimension == "diameter_mm" else " m"
    if step == 0:
        return own_word("below", language, value=f"{limits[0]:g}") + unit
    if step == len(limits):
        return own_word("above", language, value=f"{limits[-1]:g}") + unit
    return own_word("between", language, low=f"{limits[step - 1]:g}", high=f"{limits[step]:g}") + unit


def _colour(count: Count) -> str:
    if count.value is None:
        return UNKNOWN_GREY
    return CLASS_LINES[count.value].colour if count.dimension == "pressure_class" else BLUE

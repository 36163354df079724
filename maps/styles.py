"""How grades and classes look: colour and shape and label together, so that no eye or printer loses one."""

from collections.abc import Mapping
from dataclasses import dataclass

from spatial.words import Grade, Outcome, PressureClass


@dataclass(frozen=True, slots=True)
class Mark:
    """colour: #RRGGBB, dark enough for white paper; shape: one character that survives black and white."""

    colour: str
    shape: str


GRADE_MARKS: Mapping[Grade, Mark] = {
    Grade.I: Mark("#C00000", "■"),
    Grade.II: Mark("#C55A11", "▲"),
    Grade.III: Mark("#8A6D00", "◆"),
    Grade.IV: Mark("#1F4E9E", "●"),
}

OUTCOME_MARKS: Mapping[Outcome, Mark] = {
    Outcome.CONFLICT: Mark("#C00000", "✖"),
    Outcome.CANNOT_TELL: Mark("#7030A0", "?"),
    Outcome.CLEAR: Mark("#2E6B34", "○"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """How a pipe of one class is drawn: the higher the pressure, the heavier. weight_px on screen and paper;
    dash: SVG dash array, empty = solid; core: a white line runs down its middle.
    """

    colour: str
    weight_px: float
    dash: str
    core: bool = False


CLASS_LINES: Mapping[str, Line] = {
    PressureClass.LP: Line("#C0479A", 2.0, "3 4"),
    PressureClass.MP_B: Line("#AD2B84", 2.5, "10 4"),
    PressureClass.MP_A: Line("#8F1A73", 3.0, ""),
    PressureClass.SHP_B: Line("#6F1B80", 4.0, "16 4 3 4"),
    PressureClass.SHP_A: Line("#6F1B80", 5.0, "16 4 3 4 3 4"),
    PressureClass.HP_B: Line("#47156F", 6.0, "", core=True),
    PressureClass.HP_A: Line("#47156F", 7.5, "", core=True),
    PressureClass.UHP: Line("#2C0D52", 9.0, "24 4", core=True),
    "unknown": Line("#4A4A4A", 4.0, "2 4"),
}
"""Violet, kin to the trade's magenta for gas (CJJ 61) but dark enough for white paper, and no grade's colour;
dashes and weights tell the classes apart in black and white."""

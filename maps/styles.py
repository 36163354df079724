"""How grades and classes look: colour and shape and label together, so that no eye or printer loses one."""

from collections.abc import Mapping
from dataclasses import dataclass

from spatial.words import Grade, Outcome


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

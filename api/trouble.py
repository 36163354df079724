"""What may be said of an error that nobody foresaw: where it was, never what it held."""

import traceback
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]


def where(error: BaseException) -> str:
    """Type and place of an error, in one line and without its words: those may hold geometry or names.

    The place is the last in our own house, since what broke is rarely the library it broke in.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame for frame in frames if HOUSE in Path(frame.filename).parents and ".venv" not in frame.filename
    ]
    for frame in (own or frames)[-1:]:
        return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    return type(error).__name__

"""Coordinates as people write them into tables: numbers with commas or without, degrees with minutes and seconds."""

import math
import re
from typing import Any

from ingest.files.sheets import cell_text

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3}){2,}(?:\.\d*)?|,\d{3}\.\d*)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
# As cell_text() leaves them: it makes two ′ of ″, an o of º, and a combining ring of ˚.
_SIGNED = re.compile(
    r"""(?:[NE]|北纬|东经|纬度|经度)?[:：]?
        (?P<deg>\d{1,3}(?:\.\d+)?)(?:°|度|o|\u030a)
        (?:(?P<min>\d{1,2}(?:\.\d+)?)(?:′|'|’|‘|分)
           (?:(?P<sec>\d{1,2}(?:\.\d+)?)(?:′′|''|’’|"|”|“|秒))?)?
        (?:[NE]|北|东)?""",
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_PARTED = re.compile(
    r"(?P<deg>\d{1,3})([:-])(?P<min>\d{1,2})\2(?P<sec>\d{1,2}(?:\.\d+)?)[NE]?", re.ASCII | re.IGNORECASE
)
_BLANKS = re.compile(
    r"(?P<deg>\d{1,3}) +(?P<min>\d{1,2}) +(?P<sec>\d{1,2}(?:\.\d+)?)[NE]?", re.ASCII | re.IGNORECASE
)
_LETTERED = re.compile(r"(?P<deg>\d{1,3}\.\d+)(?P<min>)(?P<sec>)[NE]", re.ASCII | re.IGNORECASE)
_PACKED = re.compile(r"\d{1,3}\.(\d\d)(\d\d)\d*", re.ASCII)
_ROUNDED = re.compile(r"[+-]?\d(?:\.(\d*))?[eE]([+-]?\d{1,3})", re.ASCII)
_WHOLE = re.compile(r"\d+", re.ASCII)
_THOUSANDS_APART = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d*)?", re.ASCII)


def number(cell: Any) -> float | None:
    """A finite number; as text also with a comma for its point (480123,45), or with commas or blanks between thousands
    where they can be nothing else (4,054,321.5)."""
    text = _digits(cell)
    if text is None or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def degrees(cell: Any) -> float | None:
    """Of 101°46′12.5″, 101度46.2分, 101.77°E; None of what bears no such signs."""
    return None if isinstance(cell, bool) else _of_parts(_SIGNED.fullmatch(_text(cell)))


def coordinate(cell: Any) -> float | None:
    """A number(), degrees(), or degrees, minutes and seconds parted by -, : or blanks (101-46-12.5), with N or E behind."""
    value = number(cell)
    if value is None:
        value = degrees(cell)
    return _of_parts(_in_parts(cell)) if value is None else value


def step_of_degrees(cell: Any) -> float:
    """What the last digit of a coordinate() in degrees stands for: 0.0001 of 101.7701, 1/3600 of 101°46′12″."""
    parts = _SIGNED.fullmatch(_text(cell)) or _in_parts(cell)
    if parts is None:
        last, unit = _digits(cell) or "", 1.0
    else:
        name, unit = next((n, u) for n, u in (("sec", 3600.0), ("min", 60.0), ("deg", 1.0)) if parts[n])
        last = parts[name]
    return 10.0 ** -len(last.partition(".")[2]) / unit


def like_packed(cell: Any) -> bool:
    """Whether a plain number could be degrees, minutes and seconds behind a point: 36.363175 for 36°36′31.75″."""
    parts = _PACKED.fullmatch(cell_text(cell))
    return parts is not None and int(parts[1]) < 60 and int(parts[2]) < 60


def lost_digits(cell: Any) -> bool:
    """Whether a number was rounded for showing, as spreadsheets do: 4.05312E+06 is known to 10 m."""
    parts = _ROUNDED.fullmatch(_text(cell)) if isinstance(cell, str) else None
    return parts is not None and int(parts[2]) - len(parts[1] or "") > -2


def whole_digits(cell: Any) -> str | None:
    """The digits of a cell of text that holds nothing else."""
    text = cell_text(cell) if isinstance(cell, str) else ""
    return text if _WHOLE.fullmatch(text) else None


def whole_degrees(cell: Any) -> bool:
    """Whether a cell holds a number without anything behind its point: 101, of which the minutes stand elsewhere."""
    return bool(_WHOLE.fullmatch(cell_text(cell)))


def _in_parts(cell: Any) -> re.Match[str] | None:
    return (
        _PARTED.fullmatch(_text(cell))
        or _BLANKS.fullmatch(cell_text(cell))
        or _LETTERED.fullmatch(_text(cell))
    )


def _text(cell: Any) -> str:
    return cell_text(cell).replace(" ", "")


def _digits(cell: Any) -> str | None:
    if isinstance(cell, bool):
        return None
    text = cell_text(cell)
    if _THOUSANDS_APART.fullmatch(text):
        text = text.replace(" ", "")
    if _IN_THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if (decimal := _DECIMAL_COMMA.fullmatch(text)) and (len(decimal[1]) > 3 or len(decimal[2]) != 3):
        return f"{decimal[1]}.{decimal[2]}"
    return text


def _of_parts(parts: re.Match[str] | None) -> float | None:
    """None too where minutes or seconds reach 60, or what is no whole number is followed by smaller parts."""
    if parts is None:
        return None
    said = [parts[name] for name in ("deg", "min", "sec") if parts[name]]
    values = [float(one) for one in said]
    if any("." in one for one in said[:-1]) or any(value >= 60.0 for value in values[1:]):
        return None
    return sum(value / 60.0**place for place, value in enumerate(values))

"""Days as people write them: 2026年7月29日, and 2026-07-29 in English."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from spatial.errors import Language

DAYS_OF_ENTRIES = ("as_of", "counted_from", "date", "starts_on")
"""What is a day in the entries that spatial.saying.texts words; a pipe may be called 2026-07-29 too, and stays so."""


def day(known: date | str, language: Language) -> str:
    """A calendar day, given as one or as its ISO text. Text that is no day stays as it is.

    >>> day("2026-07-29", "zh"), day("2026-07-29", "en"), day("?", "zh")
    ('2026年7月29日', '2026-07-29', '?')
    """
    if isinstance(known, str):
        try:
            known = date.fromisoformat(known)
        except ValueError:
            return str(known)
    return known.isoformat() if language == "en" else f"{known.year}年{known.month}月{known.day}日"


def with_days(entry: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """An entry for `say` with its days as the reader writes them."""
    return {
        name: day(value, language) if name in DAYS_OF_ENTRIES and isinstance(value, str) else value
        for name, value in entry.items()
    }

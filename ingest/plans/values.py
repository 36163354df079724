"""Reading one value of a dig plan: a number of metres, a word of a closed list, yes or no. Every fault is placed."""

import re
from enum import StrEnum
from typing import Any, TypeVar

from ingest.files.geojson import is_number
from spatial.errors import Faults

_BETWEEN = re.compile(r"[\s-]+")
_METRES = re.compile(r"\s*[±+]?\s*(\d{1,6}(?:\.\d{1,9})?)\s*(?:m|M|米)?\s*")

Word = TypeVar("Word", bound=StrEnum)


def metres(
    value: Any,
    least: float,
    most: float,
    name: str,
    pointer: str,
    faults: Faults,
    unit: tuple[str, str] = ("metres", "米"),
) -> float | None:
    """A number from least to most; None is unknown. unit: (en, zh)."""
    if value is None:
        return None
    if is_number(value) and least <= value <= most:
        return float(value)
    en, zh = unit
    is_text = isinstance(value, str) and stated_metres(value) is not None
    bare, bare_zh = (", without quotation marks,", "不加引号的 ") if is_text else ("", " ")
    faults.add(
        f"{en}_expected",
        en=f"{name} is {repr(value)[:40]}; give a number of {en}{bare} from {least:g} to {most:g}, or leave it out",
        zh=f"{name} 为 {repr(value)[:40]}；应为{bare_zh}{least:g} 到 {most:g} 之间的{zh}数，或不填",
        pointer=pointer,
    )
    return None


def stated_metres(value: Any) -> float | None:
    """A number above 0, also as text such as `±5 m`; None for all else, which says nothing."""
    found = _METRES.fullmatch(value) if isinstance(value, str) else None
    number = float(found[1]) if found else value
    return float(number) if is_number(number) and number > 0.0 else None


def word_of(words: type[Word], value: Any, code: str, pointer: str, faults: Faults) -> Word | None:
    """The word of a closed list meant by `value`, in any case, with - or blanks for _."""
    if isinstance(value, str):
        text = _BETWEEN.sub("_", value.strip().lower())
        for word in words:
            if text == word:
                return word
    faults.add(
        code,
        en=f"{repr(value)[:60]} is not known; use one of: {listed(words)}",
        zh=f"不认识 {repr(value)[:60]}；可用：{listed(words)}",
        pointer=pointer,
    )
    return None


def yes_or_no(value: Any, name: str, pointer: str, faults: Faults) -> bool | None:
    """true, false, or None for unknown."""
    if value is None or isinstance(value, bool):
        return value
    faults.add(
        "yes_or_no_expected",
        en=f"{name} is {repr(value)[:40]}; write true or false, or leave it out",
        zh=f"{name} 为 {repr(value)[:40]}；应为 true 或 false，或不填",
        pointer=pointer,
    )
    return None


def object_of(
    value: Any, name: str, known: tuple[str, ...], pointer: str, faults: Faults
) -> dict[str, Any] | None:
    """The fields of an object that hold something; a field nobody knows is a fault: it may have been meant."""
    if not isinstance(value, dict):
        faults.add(
            "object_expected",
            en=f"{name} must be an object with {', '.join(known)}",
            zh=f"{name} 应为含 {'、'.join(known)} 的对象",
            pointer=pointer,
        )
        return None
    for key in value:
        if key not in known:
            faults.add(
                "field_unknown",
                en=f"{repr(key)[:80]} is no field of {name}; leave it out, or use one of {', '.join(known)}",
                zh=f"{name} 没有字段 {repr(key)[:80]}；请删除，或改用 {'、'.join(known)}",
                pointer=f"{pointer}/{str(key)[:200].replace('~', '~0').replace('/', '~1')}",
            )
    return {key: value[key] for key in known if value.get(key) is not None}


def listed(words: type[StrEnum]) -> str:
    """A closed list as it is told."""
    return ", ".join(words)

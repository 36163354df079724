"""What differs between two versions of the rules, entry by entry, under names a reader of the rules knows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from spatial.rules.profile import RuleProfile

_NOT_RULES = frozenset({"sha256"})


@dataclass(frozen=True, slots=True)
class Difference:
    """at: where in the rules, such as widths/pipe/MP-A/protection_m; None: one of them has no such entry."""

    at: str
    first: str | None
    second: str | None


def differences(first: RuleProfile, second: RuleProfile) -> tuple[Difference, ...]:
    """Every entry that is not the same in both, sorted by where it stands."""
    one, other = entries(first), entries(second)
    return tuple(
        Difference(at, one.get(at), other.get(at))
        for at in sorted(one.keys() | other.keys())
        if one.get(at) != other.get(at)
    )


def entries(profile: RuleProfile) -> dict[str, str]:
    """Every value of the rules by where it stands."""
    found: dict[str, str] = {}
    for field in fields(profile):
        if field.name not in _NOT_RULES:
            _walk(getattr(profile, field.name), field.name, found)
    return found


def _walk(value: Any, at: str, found: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _walk(inner, f"{at}/{_name(key)}", found)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _walk(getattr(value, field.name), f"{at}/{field.name}", found)
    elif value is not None:
        found[at] = _said(value)


def _name(key: Any) -> str:
    return "/".join(map(_name, key)) if isinstance(key, tuple) else _said(key)


def _said(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple | list):
        return ", ".join(map(_said, value))
    # Ten digits: a tenth of a millimetre in a kilometre must not read as the same.
    return f"{value:.10g}" if isinstance(value, float) else str(value)

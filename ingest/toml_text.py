"""A document as TOML text: the form in which a profile put together from several files is kept and hashed."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, Any]) -> str:
    """The same document gives the same text, and the text read again gives the document.

    document: strings, finite numbers, booleans, lists and mappings, as tomllib gives them; no dates, no None.
    """
    return "\n".join(_table(document, ())) + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    below = {key: value for key, value in table.items() if _is_table(value) or _is_tables(value)}
    for key, value in table.items():
        if key not in below:
            yield f"{toml_key(key)} = {toml_value(value)}"
    for key, value in below.items():
        name = ".".join(map(toml_key, (*path, key)))
        if _is_table(value):
            yield f"\n[{name}]"
            yield from _table(value, (*path, key))
        else:
            for row in value:
                yield f"\n[[{name}]]"
                yield from (f"{toml_key(field)} = {toml_value(entry)}" for field, entry in row.items())


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def toml_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_key(key)} = {toml_value(entry)}" for key, entry in value.items()) + "}"
    raise TypeError(f"{type(value).__name__} has no place in a rule profile")

"""The lines of explanations in one language."""

from collections.abc import Sequence
from typing import Any

from spatial.errors import Language
from spatial.saying.explain_texts import LINES
from spatial.saying.texts import word


class Teller:
    """tell("zone", …): the line of that name in the reader's language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, line: str, /, **values: Any) -> str:
        zh, en = LINES[line]
        return (zh if self.language == "zh" else en).format(**values)

    def word(self, kind: str, name: str | None) -> str:
        return self("not_stated") if name is None else word(kind, name, self.language)

    def listed(self, words: Sequence[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(words)

    def source(self, name: str) -> str:
        """Of a number: a clause or a default by the name the rules give it, or who stated it."""
        return self(f"from_{name}") if f"from_{name}" in LINES else name

    def verified(self, is_verified: bool) -> str:
        return "" if is_verified else self("unverified")

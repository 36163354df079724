"""Refusals: what a user can mend, said in both languages. They know no HTTP and no exit codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what came in, and what to do about it.

    `code` is stable and machine-readable; `pointer` is a JSON pointer or a place such as `row 17`; `choices` are names of which
    one would do, where there are such.
    """

    code: str
    en: str
    zh: str
    pointer: str = ""
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # Words of a stranger's file may stand in it, and whatever they are it can be kept and shown.
        for name in ("en", "zh", "pointer"):
            if not (said := getattr(self, name)).isprintable():
                object.__setattr__(self, name, plain(said))
        if self.choices:
            object.__setattr__(self, "choices", tuple(map(plain, self.choices)))

    def record(self) -> dict[str, Any]:
        """As JSON; `choices` only if there are any."""
        said = {"code": self.code, "pointer": self.pointer, "en": self.en, "zh": self.zh}
        return {**said, "choices": list(self.choices)} if self.choices else said

    def text(self, language: Language = "en") -> str:
        said = self.zh if language == "zh" else self.en
        return f"{self.pointer}: {said}" if self.pointer else said


class Refused(ValueError):
    """The input cannot be taken. Carries every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.text() for fault in self.faults))

    @classmethod
    def because(cls, code: str, *, en: str, zh: str, pointer: str = "", choices: Sequence[str] = ()) -> Self:
        return cls([Fault(code, en, zh, pointer, tuple(choices))])


def plain(text: str) -> str:
    """Text with a sign in the place of each control character and each half of a surrogate pair: what no database takes."""
    return "".join(_SIGN if _is_no_letter(ord(char)) else char for char in text)


_SIGN = "\N{REPLACEMENT CHARACTER}"


def _is_no_letter(code: int) -> bool:
    return (code < 32 and code not in (9, 10)) or 0xD800 <= code <= 0xDFFF


class Faults:
    """Collects faults, then raises them all at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, code: str, *, en: str, zh: str, pointer: str = "") -> None:
        self.found.append(Fault(code, en, zh, pointer))

    def extend(self, refused: Refused, pointer: str = "") -> None:
        """Take over the faults of `refused`, placing those without a place at `pointer`."""
        self.found.extend(replace(fault, pointer=fault.pointer or pointer) for fault in refused.faults)

    def raise_if_any(self) -> None:
        if self.found:
            raise Refused(self.found)


MOST_TOLD = 20


def told(names: Sequence[str]) -> tuple[str, str]:
    """The first twenty of some names within a sentence, and how many more there are: (English, Chinese)."""
    first, rest = names[:MOST_TOLD], len(names) - MOST_TOLD
    more = (f" and {rest} more", f" 等（另有 {rest}）") if rest > 0 else ("", "")
    return ", ".join(first) + more[0], "、".join(first) + more[1]

"""Refusals: what a user can mend, said in both languages. They know no HTTP and no exit codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what came in, and what to do about it.

    `code` is stable and machine-readable; `pointer` is a JSON pointer or a place such as `row 17`.
    """

    code: str
    en: str
    zh: str
    pointer: str = ""

    def text(self, language: Language = "en") -> str:
        said = self.zh if language == "zh" else self.en
        return f"{self.pointer}: {said}" if self.pointer else said


class Refused(ValueError):
    """The input cannot be taken. Carries every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.text() for fault in self.faults))

    @classmethod
    def because(cls, code: str, *, en: str, zh: str, pointer: str = "") -> Self:
        return cls([Fault(code, en, zh, pointer)])


class Faults:
    """Collects faults, then raises them all at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, code: str, *, en: str, zh: str, pointer: str = "") -> None:
        self.found.append(Fault(code, en, zh, pointer))

    def extend(self, refused: Refused, pointer: str = "") -> None:
        """Take over the faults of `refused`, placing those without a place at `pointer`."""
        self.found.extend(
            Fault(fault.code, fault.en, fault.zh, fault.pointer or pointer) for fault in refused.faults
        )

    def raise_if_any(self) -> None:
        if self.found:
            raise Refused(self.found)


MOST_TOLD = 20


def told(names: Sequence[str]) -> tuple[str, str]:
    """The first twenty of some names within a sentence, and how many more there are: (English, Chinese)."""
    first, rest = names[:MOST_TOLD], len(names) - MOST_TOLD
    more = (f" and {rest} more", f" 等（另有 {rest}）") if rest > 0 else ("", "")
    return ", ".join(first) + more[0], "、".join(first) + more[1]

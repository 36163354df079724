"""The corpus of hostile files, U1-U9 and G1-G6 of the catalogue of attacks: made when asked for, nothing is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

UNDERSTOOD = "understood"
"""Among the codes: it may also be taken for what it is."""
PLANS, ENQUIRIES, IMPORTS = "/v1/plans", "/v1/enquiries", "/v1/networks/imports"


@dataclass(frozen=True, slots=True)
class Trap:
    """What nobody may touch: a file whose words are in no answer, and a port to which nobody connects."""

    canary: Path
    words: str
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file, or one body.

    case: of the catalogue, what: in words; together they are its name. file: what it is called; its bytes are made by
    `make`. codes: one of which the first fault has; without them it is harmless, and is understood. within_s: how long its
    answer may take when nothing else is asked. heavy: takes seconds of a core, so that not every run has it.
    """

    case: str
    what: str
    file: str
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)
    door: str = PLANS
    within_s: float = 10.0
    heavy: bool = False

    @property
    def name(self) -> str:
        return f"{self.case} {self.what}"


def corpus(trap: Trap) -> list[Hostile]:
    """All of it. Names are told apart by what stands in them."""
    from tests.attack.corpus import archives, disguises, documents, drawings, markup, tables

    return [
        hostile
        for part in (archives, markup, disguises, drawings, documents, tables)
        for hostile in part.corpus(trap)
    ]


def refused(*codes: str) -> frozenset[str]:
    return frozenset(codes)

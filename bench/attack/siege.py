"""The whole corpus against a real server under strace."""

from dataclasses import dataclass, field

from bench.attack.watch import watching
from tests.attack.corpus import corpus
from tests.attack.siege import besiege

CLIENTS = 2


@dataclass
class Figures:
    files: int = 0
    by_status: dict[int, int] = field(default_factory=dict)
    slowest_s: float = 0.0
    slowest: str = ""
    wrong: list[str] = field(default_factory=list)


def watched(only: str = "") -> Figures:
    """Every file of the corpus. Nothing may die, nothing may be left, nothing may be asked of a network."""
    with watching({}) as (running, trap, wrong):
        files = [one for one in corpus(trap) if only in one.name]
        answers = besiege(f"http://127.0.0.1:{running.port}", files, CLIENTS)
        wrong += [fault for answer in answers for fault in (*answer.faults(), *answer.late())]
    last = max(answers, key=lambda answer: answer.took_s)
    figures = Figures(len(answers), slowest_s=round(last.took_s, 2), slowest=last.hostile.name, wrong=wrong)
    for answer in answers:
        figures.by_status[answer.status] = figures.by_status.get(answer.status, 0) + 1
    return figures

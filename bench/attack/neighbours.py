"""Other people's enquiries while clients send without end: hostile files, or nothing but names of coordinate systems."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.attack.asking import ASKED, Asked, ask
from bench.attack.senders import Senders
from bench.attack.watch import house
from spatial.crs import registry
from tests.attack.corpus import ENQUIRIES, Hostile, corpus
from tests.attack.corpus.bodies import enquiry
from tests.attack.seeds import DEGREES
from tests.attack.siege import trapped

HOSTILE_CLIENTS = (2, 4)
NAMING_CLIENTS = 2
NAMED_OF = 6
"""One of so many systems of the registry is named: a thousand."""
ROUNDS = 6
PHASE_S = 8.0
"""Of each round one alone and one beside them: a machine has slow minutes, so what is compared is measured by turns."""
UNDER_WAY_AFTER_S = 1.5


@dataclass(frozen=True, slots=True)
class Beside:
    """p95 of other users' enquiries in ms, alone and while so many clients send: over all rounds, their ratio, and in each
    round. sent: files or bodies; busy: of them, how many were told to come again."""

    alone_ms: float
    besieged_ms: float
    times: float
    alone_each_ms: tuple[float, ...]
    besieged_each_ms: tuple[float, ...]
    asked: int
    not_answered: int
    sent: int
    busy: int


def beside_files() -> dict[int, Beside]:
    """By number of hostile clients."""
    with tempfile.TemporaryDirectory() as scratch, trapped(Path(scratch)) as (trap, _):
        files = [_made(one) for one in corpus(trap) if "32 MB" not in one.name]
        with _asking() as (address, asked):
            return {clients: _beside(clients, address, files, asked) for clients in HOSTILE_CLIENTS}


def beside_names() -> Mapping[str, Beside]:
    """`names`: clients each of whose enquiries names another coordinate system, most of no use here, every second one
    misspelt. `plain`: as many whose enquiries are like everybody's: any request costs its share of a server."""
    with _asking() as (address, asked):
        return {
            "plain": _beside(NAMING_CLIENTS, address, [_enquiry(DEGREES)] * NAMING_CLIENTS, asked),
            "names": _beside(NAMING_CLIENTS, address, [_enquiry(name) for name in _names()], asked),
        }


@contextmanager
def _asking() -> Iterator[tuple[str, Callable[[], Asked]]]:
    """The address of a house, and how to ask there for a while. Who asks has a process of his own, or he would wait for the
    senders' interpreter as well."""
    with house({}) as running, ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        address = f"http://127.0.0.1:{running.port}"

        def asked() -> Asked:
            return elsewhere.submit(ask, address, PHASE_S).result()

        asked()  # what is made once is made
        yield address, asked


def _names() -> list[str]:
    """Codes from all over the registry, each followed by a name of it that lacks a letter."""
    return [
        name
        for title, code in list(registry.titles().items())[::NAMED_OF]
        for name in (f"EPSG:{code}", title[:3] + title[4:])
    ]


def _enquiry(crs: str) -> Hostile:
    body = enquiry(ASKED, crs)
    return Hostile("G5", crs, "", lambda: body, door=ENQUIRIES)


def _made(hostile: Hostile) -> Hostile:
    data = hostile.make()
    return replace(hostile, make=lambda: data)


def _beside(clients: int, address: str, files: Sequence[Hostile], asked: Callable[[], Asked]) -> Beside:
    alone, besieged = [], []
    with Senders(clients, address, files) as senders:
        for _ in range(ROUNDS):
            alone.append(asked())
            senders.go()
            time.sleep(UNDER_WAY_AFTER_S)
            besieged.append(asked())
            senders.rest()
    of_alone, of_besieged = Asked.of(alone), Asked.of(besieged)
    return Beside(
        of_alone.p95_ms,
        of_besieged.p95_ms,
        round(of_besieged.p95_ms / of_alone.p95_ms, 2),
        tuple(one.p95_ms for one in alone),
        tuple(one.p95_ms for one in besieged),
        len(of_alone.took_ms) + len(of_besieged.took_ms),
        of_alone.lost + of_besieged.lost,
        *senders.sent(),
    )

"""The whole corpus against a real server under strace; and other people's enquiries while files are sent without end."""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import httpx

from bench.attack.watch import house, watching
from ingest import come_last
from tests.attack.corpus import Hostile, corpus
from tests.attack.corpus.bodies import enquiry
from tests.attack.seeds import LAT, LON
from tests.attack.siege import besiege, send, trapped

CLIENTS = 2
HOSTILE_CLIENTS = (2, 4)
NEIGHBOURS_S = 40.0
SENDERS_NICENESS = 10
"""Whoever sends sits elsewhere: his own processor time must not be what others wait for."""
ASK_EVERY_S = 0.05


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


@dataclass
class Neighbours:
    """p95 of other users' enquiries in ms: alone, each time and at the median, then while so many clients send hostile files; their
    ratio."""

    alone_each_ms: list[float] = field(default_factory=list)
    alone_ms: float = 0.0
    besieged_ms: dict[int, float] = field(default_factory=dict)
    times: dict[int, float] = field(default_factory=dict)
    files: dict[int, int] = field(default_factory=dict)
    busy: dict[int, int] = field(default_factory=dict)
    not_answered: int = 0


def neighbours(seconds: float = NEIGHBOURS_S) -> Neighbours:
    """Enquiries at a steady rate before, during and after; alone is the median of these. Who asks has a process of his own,
    or he would wait for the senders' interpreter as well."""
    found, elsewhere = Neighbours(), get_context("fork")
    with (
        tempfile.TemporaryDirectory() as scratch,
        trapped(Path(scratch)) as (trap, _),
        house({}) as running,
        ProcessPoolExecutor(1, get_context("spawn")) as asking,
    ):

        def p95(seconds: float) -> tuple[float, int]:
            return asking.submit(p95_ms, address, seconds).result()

        address = f"http://127.0.0.1:{running.port}"
        made = [(one, one.make()) for one in corpus(trap) if "32 MB" not in one.name]
        ready = [
            Hostile(one.case, one.what, one.file, lambda data=data: data, one.codes, one.asked, one.door)
            for one, data in made
        ]
        p95(5.0)  # what is made once is made
        measured = [p95(seconds)]
        for clients in HOSTILE_CLIENTS:
            over, counts = elsewhere.Event(), elsewhere.Array("i", 2)
            sending = elsewhere.Process(target=_send_all, args=(address, ready, clients, over, counts))
            sending.start()
            time.sleep(3.0)
            besieged = p95(seconds)
            found.besieged_ms[clients] = besieged[0]
            found.not_answered += besieged[1]
            over.set()
            sending.join()
            found.files[clients], found.busy[clients] = counts
            measured.append(p95(seconds / 2))
    found.not_answered += sum(lost for _, lost in measured)
    found.alone_each_ms = [ms for ms, _ in measured]
    found.alone_ms = statistics.median(found.alone_each_ms)
    found.times = {clients: round(ms / found.alone_ms, 2) for clients, ms in found.besieged_ms.items()}
    return found


def _send_all(address: str, files: Sequence[Hostile], clients: int, over: Event, counts: Any) -> None:
    """counts: files sent, and how many of them were told to come again."""
    os.setsid()  # niceness counts within a session, and the one who asks must not be in it
    come_last(SENDERS_NICENESS)
    sent = [[0, 0] for _ in range(clients)]
    senders = [
        threading.Thread(target=_send_on, args=(address, files[at::clients], over, sent[at]))
        for at in range(clients)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    counts[:] = [sum(column) for column in zip(*sent, strict=True)]


def _send_on(address: str, files: Sequence[Hostile], over: Event, counts: list[int]) -> None:
    with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as client:
        while not over.is_set():
            for hostile in files:
                if over.is_set():
                    return
                counts[1] += send(client, hostile).status == 503
                counts[0] += 1


_ASKED = {
    "type": "Feature",
    "properties": {"radius_m": 2},
    "geometry": {"type": "Point", "coordinates": [LON, LAT]},
}


def p95_ms(address: str, seconds: float) -> tuple[float, int]:
    """Of enquiries at a steady rate, and how many were not answered with a judgement."""
    body, headers = enquiry(_ASKED), {"Content-Type": "application/json"}
    took: list[float] = []
    lost = 0
    with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as client:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            begun = time.perf_counter()
            answer = client.post("/v1/enquiries", content=body, headers=headers)
            took.append((time.perf_counter() - begun) * 1000)
            lost += answer.status_code != 200
            time.sleep(ASK_EVERY_S)
    return round(statistics.quantiles(took, n=20)[18], 1), lost

"""The database gone while the server stands: stopped in its tracks, or killed and kept from coming back."""

import json
import signal
import threading
import time
from collections import Counter
from datetime import timedelta
from enum import StrEnum
from typing import Any

from api.settings import today
from bench.fault_house import FaultHouse

GONE_FOR_S = 8.0
WITHIN_S = 2.0
BACK_WITHIN_S = 30.0
ANSWERED_WITHIN_S = 15.0


class Gone(StrEnum):
    """STOPPED: every process of it gets SIGSTOP. KILLED: killed, and its supervisor stopped meanwhile."""

    STOPPED = "stopped"
    KILLED = "killed"


def database_gone(house: FaultHouse, how: Gone, permit_id: str) -> dict[str, Any]:
    """Ask for everything meanwhile. Every answer to what was asked while it was gone must be a 503 in time."""
    house.wait_until_ready()
    answers = _Answers()
    over = threading.Event()
    supervisor = house.victims("supervisor")
    if how is Gone.KILLED:
        house.signal_all(supervisor, signal.SIGSTOP)
        house.signal_all(house.database_processes(), signal.SIGKILL)
    else:
        house.signal_all(house.database_processes(), signal.SIGSTOP)
    gone_at = time.monotonic()
    askers = [
        threading.Thread(target=_ask_on, args=(house, question, answers, over), daemon=True)
        for question in _questions(permit_id)
    ]
    for asker in askers:
        asker.start()
    time.sleep(GONE_FOR_S)
    alive = house.status_of("GET", "/livez", timeout_s=5.0)
    over.set()
    for asker in askers:
        asker.join()
    gone_s = time.monotonic() - gone_at
    if how is Gone.KILLED:
        house.signal_all(supervisor, signal.SIGCONT)
    else:
        house.signal_all(house.database_processes(), signal.SIGCONT)
    back_s = house.wait_until_ready(BACK_WITHIN_S)
    statuses = dict(answers.statuses)
    return {
        "gone_s": round(gone_s, 1),
        "asked": sum(statuses.values()),
        "statuses": statuses,
        "answered_s_max": round(answers.longest_s, 2),
        "slowest": answers.slowest,
        "livez": alive,
        "back_s": round(back_s, 2),
        "sound": set(statuses) == {"503"} and answers.longest_s <= WITHIN_S and alive == 200,
    }


class _Answers:
    """What came back, from several threads."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.longest_s = 0.0
        self.slowest = ""
        self._lock = threading.Lock()

    def add(self, question: str, status: int | None, took_s: float) -> None:
        with self._lock:
            self.statuses[str(status)] += 1
            if took_s > self.longest_s:
                self.longest_s, self.slowest = took_s, question


Question = tuple[str, str, bytes | None]


def _questions(permit_id: str) -> list[Question]:
    """Everything that needs the database, each of its own kind."""
    dig = {
        "crs": "EPSG:4490",
        "plan": {"type": "Point", "coordinates": [101.72, 36.6]},
        "acts": ["excavate"],
    }
    filing = dig | {
        "title": "while the database is gone",
        "starts_on": (today() + timedelta(days=20)).isoformat(),
        "ends_on": (today() + timedelta(days=30)).isoformat(),
        "contractor": {"name": "Road works"},
    }
    return [
        ("GET", "/readyz", None),
        ("GET", f"/v1/permits/{permit_id}", None),
        ("GET", f"/v1/permits/{permit_id}/screenings", None),
        ("GET", "/v1/permits?limit=5", None),
        ("GET", "/v1/alerts?limit=5", None),
        ("GET", "/v1/summary", None),
        ("POST", "/v1/enquiries", json.dumps(dig).encode()),
        ("POST", "/v1/permits", json.dumps(filing).encode()),
    ]


def _ask_on(house: FaultHouse, question: Question, answers: _Answers, over: threading.Event) -> None:
    method, path, body = question
    while not over.wait(0.1):
        begun = time.monotonic()
        status = house.status_of(method, path, body, timeout_s=ANSWERED_WITHIN_S)
        answers.add(f"{method} {path}", status, time.monotonic() - begun)

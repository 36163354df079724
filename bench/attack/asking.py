"""Other people's enquiries at a steady rate, and how long they wait."""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import httpx

from tests.attack.corpus.bodies import enquiry
from tests.attack.seeds import LAT, LON

ASK_EVERY_S = 0.05

ASKED = {
    "type": "Feature",
    "properties": {"radius_m": 2},
    "geometry": {"type": "Point", "coordinates": [LON, LAT]},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How long each waited, in ms; lost: of them, how many were not answered with a judgement."""

    took_ms: tuple[float, ...]
    lost: int

    @property
    def p95_ms(self) -> float:
        return round(statistics.quantiles(self.took_ms, n=20)[18], 1)

    @classmethod
    def of(cls, phases: Iterable[Self]) -> Self:
        known = list(phases)
        return cls(tuple(ms for one in known for ms in one.took_ms), sum(one.lost for one in known))


def ask(address: str, seconds: float) -> Asked:
    body, headers = enquiry(ASKED), {"Content-Type": "application/json"}
    took_ms: list[float] = []
    lost = 0
    with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as client:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            begun = time.perf_counter()
            answer = client.post("/v1/enquiries", content=body, headers=headers)
            took_ms.append((time.perf_counter() - begun) * 1000)
            lost += answer.status_code != 200
            time.sleep(ASK_EVERY_S)
    return Asked(tuple(took_ms), lost)

"""Figures for Prometheus: what was asked, how long it took, what came out, and how much work waits.

Servers that share a socket count into the files of one folder (PROMETHEUS_MULTIPROC_DIR), and whichever of them is
asked tells the sum; a server alone keeps its own.
"""

import os
import time
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))


@dataclass(slots=True)
class Seen:
    status: int = 0


class Meters:
    """One set of figures per application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "predig_http_requests", "Requests answered", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "predig_http_request_seconds",
            "Time to answer",
            ("route", "method"),
            buckets=SECONDS,
            registry=self.registry,
        )
        # To look a figure up by its labels takes longer than to count in it. As few as there are routes and statuses.
        self._requests_of = cache(self._requests.labels)
        self._seconds_of = cache(self._seconds.labels)
        self._screenings = Counter(
            "predig_screenings", "Screenings asked for over HTTP", ("outcome",), registry=self.registry
        )
        self._up = self._gauge("predig_database_up", "1 when the database takes writes")
        self._jobs = self._gauge("predig_jobs_waiting", "Jobs waiting for a worker")
        self._oldest = self._gauge("predig_oldest_job_seconds", "Age of the oldest waiting job")

    @contextmanager
    def timed(self, scope: MutableMapping[str, Any]) -> Iterator[Seen]:
        """Count one request under the template of its route: paths would be endless."""
        seen, began = Seen(), time.perf_counter()
        try:
            yield seen
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._requests_of(route, method, seen.status).inc()
            self._seconds_of(route, method).observe(time.perf_counter() - began)

    def screened(self, outcomes: Iterable[str]) -> None:
        for outcome in outcomes:
            self._screenings.labels(outcome).inc()

    def note_database(self, up: bool, jobs_waiting: int, oldest_job_s: float | None) -> None:
        self._up.set(up)
        if up:
            self._jobs.set(jobs_waiting)
            self._oldest.set(oldest_job_s or 0.0)

    def text(self) -> bytes:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        """Of what is one for all servers: whoever looked last is right."""
        return Gauge(name, meaning, registry=self.registry, multiprocess_mode="mostrecent")

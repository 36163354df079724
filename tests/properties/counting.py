"""Cases are judged in batches, in columns, and counted: 10,000 of each law.

Hypothesis chooses each batch (a seed and what is changed in it) and shrinks it. The two laws that need a whole
screening or declared ground a case, which is slow, take 2,000 in `make test` and all in `make properties`.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

CASES = 10_000
SLOW_CASES = CASES if settings.default.max_examples >= CASES else 2_000
"""The campaign profile (see tests/conftest.py) asks for all of them."""


def in_batches_of(size: int, cases: int = CASES) -> Callable[[Any], Any]:
    """As many batches as make `cases`; the same ones at every run, so that a failure can be looked at."""
    return settings(max_examples=-(-cases // size), deadline=None, derandomize=True)


class Count:
    """How many cases were really judged."""

    def __init__(self) -> None:
        self.cases = 0

    def enough(self, cases: int = CASES) -> None:
        print(f"{self.cases} cases")
        assert self.cases >= cases

"""Cases are judged in batches, in columns, and counted: 2,000 of each law in `make test`, 10,000 in `make properties`.

Hypothesis chooses each batch (a seed and what is changed in it) and shrinks it.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

CASES = 10_000 if settings.default.max_examples >= 10_000 else 2_000
"""The campaign profile (see tests/conftest.py) asks for all of them."""


def in_batches_of(size: int) -> Callable[[Any], Any]:
    """As many batches as make CASES; the same ones at every run, so that a failure can be looked at."""
    return settings(max_examples=-(-CASES // size), deadline=None, derandomize=True)


class Count:
    """How many cases were really judged."""

    def __init__(self) -> None:
        self.cases = 0

    def enough(self) -> None:
        print(f"{self.cases} cases")
        assert self.cases >= CASES

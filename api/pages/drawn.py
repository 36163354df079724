"""The risk map drawn once for each state of things: a picture takes seconds of a processor that filings need too."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from maps.risk.view import RiskView
from spatial.errors import Language

Drawn = TypeVar("Drawn", str, bytes)


class LastDrawn(Generic[Drawn]):
    """draw: what is drawn of a view. One at a time, and not again while nothing has changed."""

    def __init__(self, draw: Callable[[RiskView, Language], Drawn]) -> None:
        self._draw = draw
        self._lock = threading.Lock()
        self._last: dict[Language, tuple[RiskView, Drawn]] = {}

    def of(self, view: RiskView, language: Language) -> Drawn:
        """The drawing of this view."""
        with self._lock:
            known = self._last.get(language)
            if known is None or known[0] != view:
                known = self._last[language] = (view, self._draw(view, language))
            return known[1]

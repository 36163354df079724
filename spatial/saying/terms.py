"""The terms of an uncertainty as documents and as text."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from spatial import canonical
from spatial.measuring.measure import QUANTUM_DECIMALS
from spatial.values import UncertaintyTerm


def term_document(term: UncertaintyTerm) -> dict[str, Any]:
    return {
        "code": term.code,
        "metres": round(float(term.metres), QUANTUM_DECIMALS),
        "source": term.source,
        "verified": term.verified,
    }


def terms_text(terms: Sequence[UncertaintyTerm]) -> str:
    """The form the columns of Assets carry: canonical JSON of the terms."""
    return canonical.dumps([term_document(term) for term in terms])


@lru_cache(maxsize=4096)
def told(text: str) -> tuple[Mapping[str, Any], ...]:
    """What terms_text() wrote, read once for all assets that say the same; the code stands first."""
    return tuple({"code": term["code"], **term} for term in json.loads(text))

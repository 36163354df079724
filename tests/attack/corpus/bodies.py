"""Bodies of POST /v1/enquiries round a plan."""

import json
from typing import Any

from tests.attack.seeds import DEGREES


def enquiry(plan: Any, crs: str = DEGREES, **more: Any) -> bytes:
    return json.dumps(
        {"crs": crs, "plan": plan, "acts": ["excavate"], "method": "mechanical", **more}
    ).encode()


def around(plan: bytes, crs: str = DEGREES, acts: bytes = b'["excavate"]') -> bytes:
    """Round a plan, or acts, that are no sound JSON, or that would take long to write."""
    return b'{"crs": "%s", "acts": %s, "method": "mechanical", "plan": %s}' % (crs.encode(), acts, plan)

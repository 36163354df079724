"""Answers as bytes, made once and sent as they are."""

import json
from typing import Any

from starlette.responses import Response

JSON = "application/json"


def json_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def as_json(document: Any, status: int = 200) -> Response:
    return Response(json_bytes(document), status, media_type=JSON)

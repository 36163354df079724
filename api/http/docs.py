"""How a route stands in /openapi.json: its answers, its problems, its parameters, with examples that hold."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http import schemas
from api.http.answer_schemas import COMPONENTS, ref
from api.http.network_schemas import NETWORK_FORM, NETWORK_IMPORT, NETWORK_IMPORTS, NETWORK_RECEIVED
from api.http.problems import MEDIA_TYPE, PROBLEMS_SAY
from api.http.register_schema import REGISTER

BODIES = {
    "EnquiryBody": schemas.ENQUIRY,
    "PermitBody": schemas.PERMIT,
    "AmendmentBody": schemas.AMENDMENT,
    "ResponseBody": schemas.RESPONSE,
    "NetworkForm": NETWORK_FORM,
}
ALWAYS = (400, 422, 500, 503)
WITH_BODY = (408, 413, 415)
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "What you call this very request, such as a UUID. The same key with the same body gets the same "
    "answer, byte for byte, for as long as the permit is kept; with another body it is refused.",
}
ABOUT = (
    "Judges dig plans against gas networks before anyone digs. An answer speaks of the registers it names, as of the "
    "revisions it names: it never says that digging is safe. Errors are RFC 9457 problems with every fault at once."
)


@cache
def examples() -> dict[str, Any]:
    """By name of body or answer: documents that the server really takes and gives; a test sends them."""
    found: dict[str, Any] = json.loads((files("api.http") / "examples.json").read_text("utf-8"))
    return found


def documented(
    summary: str,
    answer: str | None,
    *,
    status: int = 200,
    problems: tuple[int, ...] = (),
    query: dict[str, schemas.Schema] | None = None,
    body: str | None = None,
    keyed: bool = False,
    media: str = "application/json",
    merge_patch: bool = False,
    file: bool = False,
    form: str | None = None,
    with_file: Mapping[str, schemas.Schema] | None = None,
) -> dict[str, Any]:
    """Keyword arguments for a route. answer, body, form: names of schemas; None: no JSON but text of `media`. file: the body is
    a file's bytes; form: it is one with files. with_file: what a form says of the files of a dig plan; it stands beside the
    body."""
    every = sorted({*ALWAYS, *problems, *(WITH_BODY if body or file or form else ())})
    if with_file is not None:
        every = sorted({*every, 403})
    responses: dict[int, dict[str, Any]] = {
        status: {"description": summary, "content": {media: _content(answer)}}
    }
    for code in every:
        responses[code] = {
            "description": PROBLEMS_SAY[code],
            "content": {MEDIA_TYPE: {"schema": ref("Problem"), "example": examples()["Problem"]}},
        }
    extra: dict[str, Any] = {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "schema": schema,
                "description": schema.get("description", ""),
            }
            for name, schema in (query or {}).items()
        ]
        + ([KEY_PARAMETER] if keyed else [])
    }
    content: dict[str, Any] = {}
    if file:
        table = "X,Y\n4053003.0,480100.0\n4053003.0,480110.0\n4053008.0,480110.0\n"
        content["application/octet-stream"] = {
            "schema": {"type": "string", "format": "binary"},
            "examples": {"a table, named corners.csv": {"value": table}},
        }
    if form is not None:
        content["multipart/form-data"] = {"schema": ref(form), "examples": examples()[form]}
    if body is not None:
        kinds = ("application/json", "application/merge-patch+json") if merge_patch else ("application/json",)
        content |= {kind: {"schema": ref(body), "examples": examples()[body]} for kind in kinds}
    if with_file is not None:
        content["multipart/form-data"] = _form(with_file, body)
    if content:
        extra["requestBody"] = {"required": True, "content": content}
    return {
        "summary": summary,
        "status_code": status,
        "responses": responses,
        "openapi_extra": {name: value for name, value in extra.items() if value},
    }


def _form(fields: Mapping[str, schemas.Schema], body: str | None) -> dict[str, Any]:
    """A form with files. Their plan is read from them where the request has none."""
    request: schemas.Schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "description": f"A {body} as JSON. Without `plan`, the plan is read from the file; `crs` may be a part of its own.",
    }
    file: schemas.Schema = {
        "type": "string",
        "format": "binary",
        "description": "The dig plan with its name, as the firm has it; given several times for the parts of one Shapefile.",
    }
    properties = {**({} if body is None else {"request": request}), "file": file, **fields}
    asked = {} if body is None else {"request": json.dumps(_without_a_place(body), ensure_ascii=False)}
    return {
        "schema": {
            "type": "object",
            "required": ["file"] if body is None else ["request"],
            "properties": properties,
            "additionalProperties": False,
        },
        "examples": {"corners.csv": {"value": {**asked, "crs": "EPSG:4543", "points_are": "area"}}},
    }


def _without_a_place(body: str) -> dict[str, Any]:
    """What is said of a dig beside a file that says where it is."""
    if body == "AmendmentBody":
        return {"acts": ["excavate"]}
    example = next(iter(examples()[body].values()))["value"]
    return {name: value for name, value in example.items() if name not in ("crs", "plan")}


def _content(answer: str | None) -> dict[str, Any]:
    if answer is None:
        return {"schema": {"type": "string"}}
    shown = examples().get(answer)
    return {"schema": ref(answer)} | ({"example": shown} if shown is not None else {})


def openapi_document(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole description. OpenAPI 3.1, whose schemas are JSON Schema 2020-12."""
    document = get_openapi(title="Predig", version=version, description=ABOUT, routes=app.routes)
    components = document.setdefault("components", {})
    components["schemas"] = {
        **COMPONENTS,
        "Register": REGISTER,
        "NetworkImport": NETWORK_IMPORT,
        "NetworkImports": NETWORK_IMPORTS,
        "NetworkReceived": NETWORK_RECEIVED,
        **BODIES,
    }
    return document

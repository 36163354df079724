"""What may come in, as JSON Schema 2020-12: the same texts check a body and stand in /openapi.json."""

from typing import Any

from spatial.words import Act, Grade, Method, PermitKind

Schema = dict[str, Any]

DAY: Schema = {
    "type": "string",
    "format": "date",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "description": "Calendar day in Asia/Shanghai, YYYY-MM-DD.",
}


def text(longest: int, description: str) -> Schema:
    """A text that says something: not only blanks."""
    return {
        "type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S", "description": description
    }  # fmt: skip


def or_null(schema: Schema) -> Schema:
    """null is as good as leaving it out; in an amendment it takes the value away."""
    return {**schema, "type": [schema["type"], "null"]}


def _contact(description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": text(200, "The firm, or the person."),
            "person": or_null(text(200, "Whom to ask for there.")),
            "phone": or_null(text(100, "How to reach them.")),
        },
    }


CRS = text(
    200,
    "The CRS of the plan: EPSG:n, GCJ-02 or BD-09. Never guessed. Coordinates are x (or longitude) first.",
)
PLAN: Schema = {
    "type": "object",
    "description": "GeoJSON: a FeatureCollection, a Feature or a geometry. An area is the ground opened; a line takes "
    "`half_width_m` (or `width_m`), a point `radius_m`, in its properties. A feature's own `acts`, `method`, `depth_m`, "
    "`start_station_m` and `uncertainty_m` go before those of the request. At most 1,000 features of 500 points and "
    "1 km2 each (a design enquiry: 6.25 km2).",
    "required": ["type"],
    "properties": {"type": {"type": "string"}},
}
ACTS: Schema = {
    "type": "array",
    "items": {"type": "string", "enum": [act.value for act in Act]},
    "maxItems": len(Act),
    "description": "What is done to the ground; needed unless every feature says it itself.",
}
METHOD: Schema = {
    "type": "string", "enum": [method.value for method in Method], "description": "Unknown when left out."
}  # fmt: skip
DEPTH_M: Schema = {
    "type": "number", "minimum": 0, "maximum": 100, "description": "Metres; 0 or left out is unknown."
}  # fmt: skip
KIND: Schema = {"type": "string", "enum": [kind.value for kind in PermitKind], "default": "normal"}

DIG: dict[str, Schema] = {
    "crs": CRS,
    "plan": PLAN,
    "acts": or_null(ACTS),
    "method": {**or_null(METHOD), "enum": [*METHOD["enum"], None]},
    "depth_m": or_null(DEPTH_M),
    "kind": {**or_null(KIND), "enum": [*KIND["enum"], None]},
}
"""What is dug where."""

PARTIES: dict[str, Schema] = {
    "title": text(500, "What the work is called (工程名称)."),
    "starts_on": DAY,
    "ends_on": DAY,
    "contractor": _contact("Who digs and files (施工单位)."),
    "builder": or_null(_contact("Whose work it is (建设单位).")),
    "supervisor": or_null(_contact("Who supervises it (监理单位).")),
    "permit_numbers": {
        "type": ["array", "null"],
        "items": text(100, "As on the paper."),
        "maxItems": 50,
        "description": "Road, planning or construction permits it rests on.",
    },
    "machine": or_null(text(200, "What digs.")),
    "driver": or_null(_contact("Who sits in the machine.")),
}
"""Who answers for it, and when it is."""

ENQUIRY: Schema = {
    "type": "object",
    "required": ["crs", "plan"],
    "additionalProperties": False,
    "properties": DIG,
}
PERMIT: Schema = {
    "type": "object",
    "required": ["crs", "plan", "title", "starts_on", "ends_on", "contractor"],
    "additionalProperties": False,
    "properties": {**DIG, **PARTIES},
}
AMENDMENT: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "description": "A JSON merge patch: what is named replaces what was filed, null takes an optional value away. "
    "Another site needs `crs` and `plan` (with `acts`, unless each feature says them), and replaces all sites.",
    "properties": {
        "cancelled": {"const": True, "description": "Withdraw the permit; nothing else may stand beside it."},
        **DIG,
        **PARTIES,
    },
    "dependentRequired": {
        "plan": ["crs"],
        "crs": ["plan"],
        "acts": ["plan"],
        "method": ["plan"],
        "depth_m": ["plan"],
        "kind": ["plan"],
    },
}
RESPONSE: Schema = {
    "type": "object",
    "required": ["action", "by"],
    "additionalProperties": False,
    "properties": {
        "action": {"type": "string", "enum": ["acknowledge"]},
        "by": text(200, "Who answers for the utility."),
        "note": or_null(text(2000, "What was said or done.")),
    },
}

CURSOR: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
GRADE: Schema = {"type": "string", "enum": [grade.value for grade in Grade]}
OPEN: Schema = {"type": "boolean", "description": "true: only those neither ended nor cancelled."}
ALERT_STATE: Schema = {"type": "string", "enum": ["open", "acknowledged"]}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
LANGUAGE: Schema = {"type": "string", "enum": ["zh", "en"], "default": "zh"}

"""What may come in, as JSON Schema 2020-12: the same texts check a body and stand in /openapi.json."""

from typing import Any

from ingest.plans.lists.coordinates import SHAPES
from spatial.words import Act, Drawn, Grade, Method, PermitKind

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
    "The CRS of the plan: EPSG:n, GCJ-02, BD-09 or a registered grid:NAME. Never guessed. Coordinates are x (or longitude) first.",
)
PLAN: Schema = {
    "type": "object",
    "description": "GeoJSON: a FeatureCollection, a Feature or a geometry. An area is the ground opened; a line takes "
    "`half_width_m` (or `width_m`), a point `radius_m`, in its properties. A feature's own `acts`, `method`, `depth_m`, "
    "`bottom_width_m`, `slope`, `shored`, `outline` and `drawn` go before those of the request; `start_station_m`, "
    "`uncertainty_m` (95 % bound of its place; goes before `drawn`), `accuracy_m` (as a phone gives it, of 68 %; the wider of "
    "the two counts) and `depth_uncertainty_m` are its own. A line may "
    "have `spoil` and `machine_path`: {side: left, right or both, width_m, offset_m from the top edge}; each becomes a "
    "site of its own, judged as heavy_load. A line that is bored, jacked or drilled takes `bore`: {profile: "
    "[[distance_m, depth_m of the axis], …] or depths_m, one for each vertex, or entry_depth_m and exit_depth_m; "
    "diameter_mm, plan_accuracy_m, depth_accuracy_m}; a third coordinate is never read as a depth. At most 1,000 "
    "sites of 500 points and 1 km2 each (a design enquiry: 2,000 points and 6.25 km2).",
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
BOTTOM_WIDTH_M: Schema = {
    "type": "number", "minimum": 0.02, "maximum": 1000,
    "description": "Of a trench along a line, metres: with depth_m and slope it gives the opening at the surface.",
}  # fmt: skip
SLOPE: Schema = {
    "type": ["number", "string", "null"], "minimum": 0, "maximum": 10, "maxLength": 20,
    "description": "Of the walls: '1:0.67' or 0.67, horizontal per 1 vertical. Left out, and not shored: the rule "
    "profile's default, which the answer tells.",
}  # fmt: skip
SHORED: Schema = {"type": "boolean", "description": "true: the walls are held upright."}
OUTLINE: Schema = {
    "type": "string", "enum": ["top", "bottom"], "default": "top",
    "description": "Which edge of a pit its area is drawn by.",
}  # fmt: skip
DRAWN: Schema = {
    "type": "string", "enum": [way.value for way in Drawn],
    "description": "How the shapes came to be; the doubt of their place follows.",
}  # fmt: skip
KIND: Schema = {"type": "string", "enum": [kind.value for kind in PermitKind], "default": "normal"}

DIG: dict[str, Schema] = {
    "crs": CRS,
    "plan": PLAN,
    "acts": or_null(ACTS),
    "method": {**or_null(METHOD), "enum": [*METHOD["enum"], None]},
    "depth_m": or_null(DEPTH_M),
    "kind": {**or_null(KIND), "enum": [*KIND["enum"], None]},
    "bottom_width_m": or_null(BOTTOM_WIDTH_M),
    "slope": SLOPE,
    "shored": or_null(SHORED),
    "outline": {**or_null(OUTLINE), "enum": [*OUTLINE["enum"], None]},
    "drawn": {**or_null(DRAWN), "enum": [*DRAWN["enum"], None]},
}
"""What is dug where."""
DIG_OPTIONS = tuple(name for name in DIG if name not in ("crs", "plan"))
"""What holds for every feature of the plan that does not say otherwise."""

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
        **{name: ["plan"] for name in DIG_OPTIONS},
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

UNITS: Schema = {
    "type": "string", "enum": ["mm", "cm", "m"], "description": "Of the coordinates of a DXF drawing.",
}  # fmt: skip
SHAPES_OF_POINTS: Schema = {
    "type": "string", "enum": list(SHAPES),
    "description": "What the points of a table, or closed lines of a drawing, are.",
}  # fmt: skip
PERMITS_OF_PLAN: Schema = {
    "type": "string", "enum": ["one", "each"], "default": "one",
    "description": "each: every feature of the plan becomes a permit of its own, all filed or none; at most 50.",
}  # fmt: skip

CURSOR: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
GRADE: Schema = {"type": "string", "enum": [grade.value for grade in Grade]}
OPEN: Schema = {"type": "boolean", "description": "true: only those neither ended nor cancelled."}
ALERT_STATE: Schema = {"type": "string", "enum": ["open", "acknowledged"]}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
LANGUAGE: Schema = {"type": "string", "enum": ["zh", "en"], "default": "zh"}

"""What goes out, as JSON Schema 2020-12 for /openapi.json. Nothing is checked against it on the way out."""

from api.http.schemas import Schema
from spatial.words import (
    Act,
    AssetKind,
    Certainty,
    Grade,
    Level,
    Outcome,
    Passes,
    PermitStatus,
    PressureClass,
    Requirement,
    SectionVerdict,
    Zone,
)

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "number"}
METRES: Schema = {"type": "number", "minimum": 0}
METRES_OR_NULL: Schema = {"type": ["number", "null"], "minimum": 0}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
CURSOR: Schema = {
    "type": ["integer", "null"],
    "description": "Give it as `after` for the next page; null: that was all.",
}
CODED: Schema = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": TEXT},
    "description": "A code with its values; the sentences of every code are in spatial/saying.",
}
SPANS: Schema = {
    "type": "array",
    "items": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
    "description": "From and to, metres along the axis.",
}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _words(words: type) -> Schema:
    return {"type": "string", "enum": [word.value for word in words]}  # type: ignore[attr-defined]


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _object(
    properties: dict[str, Schema], optional: dict[str, Schema] | None = None, said: str = ""
) -> Schema:
    schema: Schema = {
        "type": "object",
        "required": list(properties),
        "properties": {**properties, **(optional or {})},
    }
    return {**schema, "description": said} if said else schema


GRADE_OR_NULL: Schema = {"enum": [*(grade.value for grade in Grade), None]}
CONTACT = _or_null(_object({"name": TEXT, "person": TEXT_OR_NULL, "phone": TEXT_OR_NULL}))

CHOICES: dict[str, Schema] = {
    "choices": {
        **_list(TEXT),
        "description": "Names of which one would do, where there are such: layers, sheets.",
    }
}
PROBLEM = _object(
    {
        "type": TEXT,
        "title": TEXT,
        "status": WHOLE,
        "code": TEXT,
        "detail": TEXT,
        "faults": _list(
            _object(
                {"code": TEXT, "pointer": TEXT, "en": TEXT, "zh": TEXT},
                optional=CHOICES,
                said="One thing wrong, what to do about it in English and Chinese, and where: a JSON pointer into the "
                "body, ?name for a parameter of the query, form:name for a part of a form, or nothing for the whole request.",
            )
        ),
    },
    said="RFC 9457. All faults at once; `code` and `detail` are those of the first.",
)

CONFLICT = _object(
    {
        "pipe_id": TEXT,
        "source_id": {**TEXT, "description": "The utility's own id."},
        "utility": TEXT,
        "dataset": TEXT,
        "asset": _words(AssetKind),
        "pressure_class": {"enum": [*(one.value for one in PressureClass), None]},
        "diameter_mm": {"type": ["number", "null"], "description": "Outside diameter."},
        "centreline_distance_m": METRES,
        "clearance_m": {
            **METRES,
            "description": "Least horizontal distance from the site to the outer wall.",
        },
        "uncertainty_m": {**METRES, "description": "95 % bound of the distance."},
        "certainty": _words(Certainty),
        "zone": _words(Zone),
        "act": _words(Act),
        "requirement": _words(Requirement),
        "clause": TEXT_OR_NULL,
        "grade": _words(Grade),
        "affected_length_m": METRES,
        "pipe_intervals_m": SPANS,
        "site_intervals_m": SPANS,
        "reasons": _list(CODED),
        "advice": _list(CODED),
    },
    # Judgements of the engine predig/1 have none of these.
    {
        "limits": _object(
            {
                "protection_m": METRES,
                "control_m": METRES,
                "judged_to_m": METRES,
                "clause": TEXT,
                "source": _list(TEXT),
                "verified": YES_NO,
            },
            said="The zones from the outer wall; judged_to_m is an act's own distance where that is wider.",
        ),
        "vertical": _object(
            {
                "relation": _words(Level),
                "floor_m": METRES_OR_NULL,
                "top_m": _or_null(_list(METRES)),
                "underside_m": _or_null(_list(METRES)),
                "uncertainty_m": METRES_OR_NULL,
            },
            said="The floor of the dig against the pipe, metres below ground; [least, most] along the pipe; null is "
            "unknown.",
        ),
        "crossings": _list(
            _object(
                {
                    "site_m": NUMBER,
                    "pipe_m": METRES,
                    "angle_deg": NUMBER,
                    "half_along_pipe_m": METRES_OR_NULL,
                },
                {
                    "site_to_m": NUMBER,
                    "pipe_to_m": METRES,
                    "bore_depth_m": METRES_OR_NULL,
                    "top_m": _or_null(_list(METRES)),
                    "passes": {"enum": [*(one.value for one in Passes), None]},
                    "vertical_clearance_m": METRES_OR_NULL,
                    "at_worst_m": METRES_OR_NULL,
                },
                said="Where the axes meet. Of a bore also how it passes, straight up or down between the walls.",
            )
        ),
        "distance_3d_m": METRES_OR_NULL,
        "distance_3d_at_worst_m": METRES_OR_NULL,
        "trial_holes": _list(CODED),
    },
)

SCREENING = _object(
    {
        "id": TEXT,
        "permit_id": TEXT_OR_NULL,
        "feature_id": TEXT,
        "outcome": _words(Outcome),
        "grade": GRADE_OR_NULL,
        "conflicts": _list(ref("Conflict")),
        "sections": _list(
            _object(
                {
                    "from_m": NUMBER,
                    "to_m": NUMBER,
                    "verdict": _words(SectionVerdict),
                    "grade": GRADE_OR_NULL,
                    "requirement": {"enum": [*(one.value for one in Requirement), None]},
                    "hand_dig": YES_NO,
                    "source_ids": _list(TEXT),
                },
                said="A stretch of a line dig by its stationing; areas and points have none.",
            )
        ),
        "unknowns": _list(CODED),
        "utilities": _list({"type": "object"}),
        "advice": _list(CODED),
        "valid_until": DAY,
        "rule_profile": _object({"id": TEXT, "version": TEXT, "sha256": TEXT}),
        "engine": TEXT,
        "hash": {**TEXT, "description": "SHA-256 of the canonical document; `predig replay` makes it again."},
        "register_revision": WHOLE,
        "on": DAY,
        "site": {"type": "object"},
        "created_at": MOMENT,
    },
    said="One dated, replayable judgement of one dig site.",
)

PERMIT_HEAD: dict[str, Schema] = {
    "id": TEXT,
    "status": _words(PermitStatus),
    "grade": {**GRADE_OR_NULL, "description": "The worst that stands; while pending it may be out of date."},
    "firm": TEXT,
    "title": TEXT,
    "starts_on": DAY,
    "ends_on": DAY,
    "contractor": CONTACT,
    "builder": CONTACT,
    "supervisor": CONTACT,
    "permit_numbers": _list(TEXT),
    "machine": TEXT_OR_NULL,
    "driver": CONTACT,
    "filed_at": MOMENT,
    "amendment": WHOLE,
    "amended_at": _or_null(MOMENT),
    "sites": WHOLE,
    "links": _object({"self": TEXT, "screenings": TEXT, "map": TEXT, "page": TEXT}),
}
PERMIT = _object(
    {
        **PERMIT_HEAD,
        "files": _list(
            _object(
                {
                    "name": TEXT,
                    "content_type": {**TEXT_OR_NULL, "description": "As the sender has it."},
                    "bytes": WHOLE,
                    "sha256": TEXT,
                    "amendment": {**WHOLE, "description": "With which it came; 0 is the filing."},
                    "read_as": {"type": "object"},
                    "link": {**TEXT, "description": "Where its very bytes are."},
                },
                said="A file of the dig plan as it came in. read_as: crs, layer, units, points_are as stated, and `judged`: "
                "the `file`, or a `plan` that was sent beside it.",
            )
        ),
        "screenings": _list(ref("Screening")),
        "earliest_start": _object(
            {
                "date": _or_null(DAY),
                "starts_on": DAY,
                "working_days": WHOLE,
                "counted_from": _or_null(DAY),
                "too_early": YES_NO,
                "reasons": _list(CODED),
                "verified": YES_NO,
            },
            said="The earliest lawful start: the time to answer in China's working days.",
        ),
    },
    {
        "pending_because": _object(
            {"code": TEXT, "en": TEXT, "zh": TEXT},
            said="Why it could not be judged at once. It is filed all the same, and judged as soon as that can be.",
        )
    },
    said="With the judgement that stands for each site.",
)
PERMIT_ROW = _object({**PERMIT_HEAD, "screening_ids": _list(TEXT)})

ALERT = _object(
    {
        "id": WHOLE,
        "permit_id": TEXT,
        "site_index": WHOLE,
        "screening_id": TEXT,
        "ordinal": {
            "type": ["integer", "null"],
            "description": "Of the conflict in that screening; null when gone.",
        },
        "utility": TEXT,
        "dataset": TEXT,
        "source_id": TEXT,
        "pipe_id": TEXT_OR_NULL,
        "grade": _words(Grade),
        "change": {"enum": ["new", "worse", "better", "gone"]},
        "state": {"enum": ["open", "acknowledged"]},
        "raised_at": MOMENT,
        "acknowledged_at": _or_null(MOMENT),
        "acknowledged_by": TEXT_OR_NULL,
        "note": TEXT_OR_NULL,
        "permit_cancelled": YES_NO,
    }
)

PROPOSAL = _object(
    {
        "code": TEXT,
        "lowers": _object(
            {"from": _words(Grade), "to": GRADE_OR_NULL}, said="to null: no conflict on record."
        ),
        "requirement": _object(
            {"from": _words(Requirement), "to": {"enum": [*(one.value for one in Requirement), None]}}
        ),
        "outcome": {**_words(Outcome), "description": "Of the site as proposed."},
    },
    {
        "direction": {
            **TEXT,
            "description": "left or right of the line's own direction, ahead or back along it; N, E, S, W; or away.",
        },
        "edge": {**TEXT, "description": "The side of the outline that is moved in."},
        "bearing_deg": {**NUMBER, "description": "Which way it is moved, clockwise from north."},
        "edge_length_m": METRES,
        "method": TEXT,
        "metres": METRES,
        "verified_at_m": {**METRES, "description": "Judged again there: the grade is lower."},
        "fails_at_m": {**METRES, "description": "Judged again there: the grade is not lower."},
        "half_width_now_m": METRES,
        "half_width_m": METRES,
        "geometry": {"type": "object", "description": "GeoJSON, EPSG:4490: the site as it was judged again."},
    },
    said="A change that lowers the grade (or, by another method, the requirement) and makes nothing worse.",
)
ADVICE = _object(
    {
        "screening_id": TEXT,
        "searched_m": {
            "type": ["number", "null"],
            "description": "No farther move was looked for; null where there is no conflict.",
        },
        "proposals": {**_list(PROPOSAL), "description": "The best grade first, then the least effort."},
        "hand_dig": _object(
            {
                "stretches": _list(
                    _object({"from_m": NUMBER, "to_m": NUMBER, "metres": METRES, "source_ids": _list(TEXT)})
                ),
                "total_m": METRES,
            },
            said="Where no machine may dig before the pipe is exposed; stations of the line.",
        ),
        "trial_holes": _list(
            _object(
                {"code": TEXT, "source_id": TEXT, "utility": TEXT, "site_m": NUMBER, "pipe_m": NUMBER},
                {
                    "count": WHOLE,
                    "holes_m": _list(NUMBER),
                    "from_side": {
                        "enum": ["before", "after"],
                        "description": "Of lower or of higher stations.",
                    },
                    "station": TEXT,
                    "side": {**TEXT, "description": "Of a bore: over the pipe or on which side."},
                    "holes": {**WHOLE, "description": "Of a bore."},
                },
            )
        ),
        "valves": _list(
            _object(
                {
                    "code": TEXT,
                    "source_id": TEXT,
                    "utility": TEXT,
                    "distance_m": METRES,
                    "bearing_deg": NUMBER,
                    "verified": {**YES_NO, "description": "Whether it shuts this pipe: no register says so."},
                }
            )
        ),
    },
    said="Every proposal was judged again before it is shown; only what is filed is judged for good.",
)

COMPONENTS: dict[str, Schema] = {
    "Advice": ADVICE,
    "Problem": PROBLEM,
    "Conflict": CONFLICT,
    "Screening": SCREENING,
    "Screenings": _object({"screenings": _list(ref("Screening"))}),
    "EnquiryAnswer": _object(
        {"outcome": _words(Outcome), "grade": GRADE_OR_NULL, "screenings": _list(ref("Screening"))},
        said="One screening per feature, in order; outcome and grade are the worst of them.",
    ),
    "UnderstoodPlan": _object(
        {
            "plan": {
                "type": "object",
                "description": "GeoJSON, in the coordinates of the file: the `plan` of an enquiry.",
            },
            "file": _object({"name": TEXT, "bytes": WHOLE, "sha256": TEXT}),
        }
    ),
    "Permit": PERMIT,
    "PermitOrPermits": {
        "anyOf": [
            ref("Permit"),
            _object(
                {"permits": _list(ref("Permit"))}, said="A form that asked for a permit for each feature."
            ),
        ]
    },
    "Permits": _object({"permits": _list(PERMIT_ROW), "next": CURSOR}),
    "Alert": ALERT,
    "Alerts": _object({"alerts": _list(ref("Alert")), "next": CURSOR}),
    "Summary": _object(
        {
            "on": DAY,
            "permits": {
                "type": "object",
                "additionalProperties": WHOLE,
                "description": "Open ones by status.",
            },
            "conflicts": {
                "type": "object",
                "additionalProperties": WHOLE,
                "description": "Open permits by grade.",
            },
            "alerts": _list(
                _object(
                    {
                        "utility": TEXT,
                        "open": WHOLE,
                        "grades": {"type": "object", "additionalProperties": WHOLE},
                    }
                )
            ),
            "register": _list({"type": "object"}),
            "register_revision": WHOLE,
            "jobs": {"type": "object"},
            "oldest_job": _or_null(MOMENT),
        },
        said="What is open, and what is left to do.",
    ),
    "Alive": _object({"alive": YES_NO}),
    "Ready": _object(
        {
            "ready": YES_NO,
            "writable": YES_NO,
            "schema_current": YES_NO,
            "jobs_waiting": WHOLE,
            "oldest_job_s": {"type": ["number", "null"]},
        }
    ),
}

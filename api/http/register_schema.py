"""What GET /v1/utilities/{code}/register answers, as JSON Schema."""

from api.http.answer_schemas import (
    DAY,
    METRES,
    MOMENT,
    TEXT,
    TEXT_OR_NULL,
    WHOLE,
    YES_NO,
    _list,
    _object,
    _or_null,
    _words,
)
from api.http.schemas import Schema
from spatial.inventory.figures import DIMENSIONS, FACILITY
from spatial.words import PipeKind

SHARE_OR_NULL: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
HOLDINGS: dict[str, Schema] = {
    "pipes": WHOLE,
    "length_m": METRES,
    "known_depth_share": SHARE_OR_NULL,
    "unknown_share": {
        "type": "object",
        "additionalProperties": SHARE_OR_NULL,
        "description": "Of the metres of pipe, by property; null without any pipe.",
    },
}
COUNTS = _list(_object({"value": TEXT_OR_NULL, "rows": WHOLE, "length_m": METRES}))

REGISTER: Schema = _object(
    {
        "utility": TEXT,
        "name": TEXT,
        "phone": TEXT_OR_NULL,
        "duty_phone": TEXT_OR_NULL,
        "on": DAY,
        "register_revision": WHOLE,
        **HOLDINGS,
        "counts": {
            "type": "object",
            "required": [FACILITY, *DIMENSIONS],
            "additionalProperties": COUNTS,
            "description": "By property; null is unknown, `*` all values beyond the twenty longest. Of diameter_mm, cover_m "
            "and uncertainty_m the number of the step: 50, 90, 160, 250, 400, 630, 1020 mm; 0.3, 0.6, 0.9, 1.2, 1.5, 2, 3, "
            "6 m; 0.1, 0.25, 0.5, 1, 2, 5 m; `0` below the first.",
        },
        "service_area_km2": {"type": ["number", "null"], "minimum": 0},
        "coverage": _list(
            _object(
                {
                    "pipe_kind": _words(PipeKind),
                    "km2": METRES,
                    "as_of": DAY,
                    "age_days": WHOLE,
                    "max_age_days": {"type": ["integer", "null"]},
                    "holds_until": _or_null(DAY),
                    "in_force": YES_NO,
                    "assumed": YES_NO,
                }
            )
        ),
        "blanks": _object({"count": WHOLE, "km2": METRES}),
        "datasets": _list(
            _object(
                {
                    "dataset": TEXT,
                    "revision": WHOLE,
                    "data_date": DAY,
                    "age_days": WHOLE,
                    "assets": WHOLE,
                    **HOLDINGS,
                    "quarantined": WHOLE,
                    "quarantined_nowhere": WHOLE,
                    "warnings": _list(_object({"code": TEXT, "count": WHOLE, "en": TEXT, "zh": TEXT})),
                    "revisions": _list(
                        _object(
                            {
                                "revision": WHOLE,
                                "kind": TEXT,
                                "committed_at": MOMENT,
                                "added": WHOLE,
                                "closed": WHOLE,
                                "quarantined": WHOLE,
                            }
                        )
                    ),
                }
            )
        ),
    },
    said="What a utility has registered, how well it is known, how old it is, and where it says it is complete. No place of "
    "any pipe is in it.",
)

"""What POST /v1/networks/imports takes, and what is answered of an upload, as JSON Schema."""

from api.http.answer_schemas import (
    CHOICES,
    CURSOR,
    METRES,
    MOMENT,
    TEXT,
    TEXT_OR_NULL,
    WHOLE,
    YES_NO,
    _list,
    _object,
    _or_null,
    ref,
)
from api.http.schemas import Schema, text
from sql.uploads import UPLOAD_STATES


def _number(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0, "description": description}


LONGEST_MAP = 50_000

WORDS: dict[str, Schema] = {
    "utility": text(40, "Code of the owner; created if unknown."),
    "dataset": text(
        200, "Which of its datasets the files replace; left out: the first file's name without its ending."
    ),
    "crs": text(
        200,
        "The CRS of the files: EPSG:n, a common name, GCJ-02, BD-09 or a registered grid:NAME. Never guessed.",
    ),
    "id_field": text(200, "The column of the utility's own ids, if it keeps them stable."),
    "mapping": text(LONGEST_MAP, "The text of a map file (TOML): which column is what."),
    "encoding": text(
        40, "Of text whose file does not say its own, such as GB18030; where the map does not say it."
    ),
    "layer": text(200, "The layer that is meant where there are several. Of drawings it may be repeated."),
    "units": {
        "type": "string",
        "enum": ["mm", "cm", "m"],
        "description": "Of the coordinates of a DXF drawing.",
    },
    "changes": text(
        200, "The files are a change set, and this column says which row is new, changed or gone."
    ),
    "coverage": text(
        30, "hull:M: the register is taken to be complete M metres round the data; never supports `clear`."
    ),
    "max_age_days": {"type": "integer", "minimum": 1, "maximum": 100_000, "description": "Of that coverage."},
    "confirm_rejected": _number("Rejected rows without a place that somebody has looked at."),
    "confirm_loss": _number("Metres of pipe lost from the dataset that somebody has looked at."),
    "confirm_shift": _number("Metres by which all of the network moves, if somebody has looked at it."),
    "confirm_unreadable": _number(
        "Entities of drawings that nobody can read, if somebody has looked at each."
    ),
    "dry_run": {"type": "boolean", "default": False, "description": "true: read and compare only."},
}
"""As `predig network import` has them."""

NETWORK_FORM: Schema = {
    "type": "object",
    "description": "The words of `predig network import`, each once, and the files of one dataset, each as a part named `file`.",
    "required": ["utility", "file"],
    "additionalProperties": False,
    "properties": {
        **WORDS,
        "file": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {"type": "string", "format": "binary"},
        },
    },
}

COUNTS = _object(
    {
        name: WHOLE
        for name in (
            *("received", "accepted", "quarantined", "to_remove"),
            *("added", "changed", "removed", "unchanged"),
        )
    },
    said="Rows: received = accepted + quarantined, and of a change set + to_remove. Added, changed, removed and unchanged: "
    "beside the dataset that stood.",
)
_SAID = {"en": TEXT, "zh": TEXT}
_LINKS = {"self": TEXT, "register": TEXT, "report": TEXT_OR_NULL}

NETWORK_RECEIVED = _object({"id": TEXT, "state": {"const": "waiting"}, "links": _object({"self": TEXT})})
NETWORK_IMPORT = _object(
    {
        "id": TEXT,
        "state": {"type": "string", "enum": list(UPLOAD_STATES)},
        "utility": TEXT,
        "dataset": TEXT,
        "dry_run": YES_NO,
        "files": _list(_object({"name": TEXT, "bytes": WHOLE, "sha256": TEXT})),
        "received_at": MOMENT,
        "begun_at": _or_null(MOMENT),
        "ended_at": _or_null(MOMENT),
        "counts": _or_null(COUNTS),
        "changes": _or_null(
            {"type": "object", "description": "Metres before, after and lost, and what is drawn twice."}
        ),
        "crs": _or_null(_object({"name": TEXT, "operation": TEXT, "accuracy_m": METRES})),
        "warnings": _list(_object({"code": TEXT, "count": WHOLE, **_SAID})),
        "notes": _list(_object(_SAID)),
        "faults": _list(_object({"code": TEXT, "pointer": TEXT, **_SAID}, optional=CHOICES)),
        "revision": {
            "type": ["integer", "null"],
            "description": "The one it made; null where nothing differed.",
        },
        "links": _object(_LINKS),
    },
    said="waiting, reading (its files are opened), importing, and then for ever: published; compared (a dry run); refused (the "
    "files, for what `faults` say); failed (not the files' fault). Only `published` changed the register, all at once.",
)
NETWORK_IMPORTS = _object({"imports": _list(ref("NetworkImport")), "next": CURSOR})

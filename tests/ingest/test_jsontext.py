"""JSON of strangers is counted before it is read, and read in a time that grows with its length."""

import json

import pytest

from ingest.files.jsontext import DEEPEST, MOST_OBJECTS, MOST_VALUES, read_json
from spatial.errors import Refused


def code(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_json(data, "plan.geojson", "plan.geojson")
    return caught.value.faults[0].code


def test_not_more_values_than_a_plan_can_have() -> None:
    assert code(b"[" + b"1," * MOST_VALUES + b"1]") == "json_too_much"
    assert code(b"[" + b"{}," * MOST_OBJECTS + b"{}]") == "json_too_much"
    position = [101.77, 36.61, 2_261.0]
    shapes = [[position] * 500] * 900
    assert read_json(json.dumps(shapes).encode()) == shapes


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" + b"[]," * 100 + b'"' + b'\\"' * 1_000_000, "json_unreadable"),
        (b"{" + b",".join(b'"%d":1' % n for n in range(300_000)) + b',"299999":1}', "json_name_twice"),
        (b"[" * 65 + b"]" * 65, "json_too_deep"),
        (b'["' + b"[" * 100 + b'", NaN]', "json_not_finite"),
        (b"[1e999]", "json_not_finite"),
        (b"[" + b"9" * 400 + b".0]", "json_not_finite"),
        (b"[-1E+400]", "json_not_finite"),
    ],
)
def test_what_once_took_hours_or_slipped_through(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_brackets_in_texts_nest_nothing() -> None:
    document = ["[" * 200, '\\"[', *([] for _ in range(DEEPEST))]
    assert read_json(json.dumps(document).encode()) == document
    assert read_json(b"[0.%s, 1e-400]" % (b"0" * 400)) == [0.0, 0.0]

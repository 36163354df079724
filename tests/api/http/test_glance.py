"""Two libraries read one schema: the quick one says yes exactly where the one that tells what is wrong finds nothing."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from api.http.bodies import FORMATS, MOST_FAULTS, at_a_glance, read_response, schema_faults
from api.http.schemas import AMENDMENT, ENQUIRY, PERMIT, RESPONSE, Schema
from spatial.errors import Refused

CONTACT = {"name": "某某市政", "person": None, "phone": "0971-1"}
FULL = {
    "crs": "EPSG:4490",
    "plan": {"type": "Point", "coordinates": [101.7, 36.6]},
    "acts": ["excavate", "pile"],
    "method": "hand",
    "depth_m": 1.5,
    "kind": "normal",
    "title": "给水管",
    "starts_on": "2026-11-06",
    "ends_on": "2026-12-06",
    "contractor": CONTACT,
    "builder": CONTACT,
    "supervisor": None,
    "permit_numbers": ["A-1", "B"],
    "machine": None,
    "driver": {"name": "李"},
    "action": "acknowledge",
    "by": "值班",
    "note": None,
}
SCHEMAS = {"permit": PERMIT, "enquiry": ENQUIRY, "amendment": AMENDMENT, "response": RESPONSE}

ODD = [
    *(None, True, False, 0, 1, -1, 100, 101, 1.0, 100.5, 1e300, 10**400, [], {}, "", " ", "\n", "x", "x" * 600),
    *("hand", "normal", "excavate", "HAND", "2026-11-06", "2026-02-30", "2026-W48-2", "20261106", "2026-11-06\n"),
    *("２０２６-11-06", ["excavate"], ["dig"], [None], [1], ["x"] * 60, {"type": 1}, {"type": "x"}),
    *({"name": ""}, {"name": "x", "fax": "1"}, {"person": "x"}, CONTACT),
]  # fmt: skip
NAMES = [*FULL, "extra", "name", "person", "phone", "type", "cancelled", "action", "by", "note"]


def right(schema: Schema) -> dict[str, Any]:
    return {name: value for name, value in copy.deepcopy(FULL).items() if name in schema["properties"]}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_right_body_gets_a_yes(name: str) -> None:
    assert at_a_glance(name).is_valid(right(SCHEMAS[name]))


@st.composite
def spoilt(draw: st.DrawFn, schema: Schema) -> Any:
    """A right body in which some values, at any depth, were put in, taken away or exchanged."""
    body: Any = right(schema)
    for _ in range(draw(st.integers(1, 3))):
        node = body
        while isinstance(node, dict):
            name = draw(st.sampled_from(NAMES))
            if isinstance(node.get(name), dict) and draw(st.booleans()):
                node = node[name]
            elif draw(st.booleans()):
                node[name] = copy.deepcopy(draw(st.sampled_from(ODD)))
                break
            else:
                node.pop(name, None)
                break
    return body


@pytest.mark.parametrize("name", SCHEMAS)
@given(data=st.data())
def test_yes_is_said_where_jsonschema_finds_nothing_and_nowhere_else(name: str, data: st.DataObject) -> None:
    schema = SCHEMAS[name]
    body = data.draw(spoilt(schema) | st.sampled_from(ODD))
    assert at_a_glance(name).is_valid(body) == Draft202012Validator(schema, format_checker=FORMATS).is_valid(
        body
    )


@pytest.mark.parametrize("field", ["acts", "permit_numbers"])
def test_of_a_list_that_is_too_long_it_is_enough_to_say_so(field: str) -> None:
    """Each entry takes a tenth of a millisecond to tell of, in which a server answers nobody else."""
    faults = list(schema_faults({**right(PERMIT), field: [1] * 9_500}, "permit"))
    assert [(fault.pointer, fault.code) for fault in faults] == [(f"/{field}", "field_too_long")]


def test_of_thousands_of_fields_nobody_knows_some_more_than_are_told_are_looked_at() -> None:
    body = right(PERMIT) | {f"x{number}": number for number in range(5_000)}
    assert len(list(schema_faults(body, "permit"))) == MOST_FAULTS + 1
    with pytest.raises(Refused) as refused:
        read_response(dict.fromkeys(body, 1))
    assert [fault.code for fault in refused.value.faults][MOST_FAULTS:] == ["more_faults"]

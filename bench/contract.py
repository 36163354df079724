"""`python -m bench.contract`: thousands of generated requests against a real server; nothing may leave the contract.

Requests are made from /openapi.json by schemathesis, half of them as the schemas allow and half as they forbid, with
the examples' bodies and ids of real permits, screenings and alerts mixed in, so that they get past the front door.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

CASES = 5_000
SEED = 20261124
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@dataclass(slots=True)
class Found:
    cases: int = 0
    by_status: Counter[int] = field(default_factory=Counter)
    server_errors: int = 0
    undocumented: int = 0
    wrong: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {
            "cases": self.cases,
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            "server_errors": self.server_errors,
            "undocumented_statuses": self.undocumented,
            "failures": len(self.wrong),
            "first_failures": self.wrong[:10],
        }


def campaign(address: str, ids: Mapping[str, list[str]], cases: int, seed_: int = SEED) -> Found:
    """Ask `cases` generated questions, as many of each operation. ids: real ones, by the name of the parameter."""
    load_all_checks()
    schema = schemathesis.openapi.from_dict(requests.get(f"{address}/openapi.json", timeout=30).json())
    operations = [found.ok() for found in schema.get_all_operations()]
    found = Found()
    with requests.Session() as session:
        session.trust_env = False
        for operation in operations:
            _ask(operation, address, session, ids, -(-cases // len(operations)), seed_, found)
    return found


def _ask(
    operation: Any,
    address: str,
    session: requests.Session,
    ids: Mapping[str, list[str]],
    cases: int,
    seed_: int,
    found: Found,
) -> None:
    named = [name for name in ids if f"{{{name}}}" in operation.path]
    declared = operation.definition.raw.get("requestBody", {}).get("content", {})
    examples = [
        example["value"] for kind in declared.values() for example in kind.get("examples", {}).values()
    ]

    @seed(seed_)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(MODES))
        case = data.draw(operation.as_strategy(mode))
        for name in named:
            if data.draw(st.booleans()):
                case.path_parameters = {
                    **(case.path_parameters or {}),
                    name: data.draw(st.sampled_from(ids[name])),
                }
        if examples and data.draw(st.booleans()):
            case.media_type = "application/json"
            case.body = _varied(data, data.draw(st.sampled_from(examples)))
        response = case.call(base_url=address, session=session, timeout=60)
        found.cases += 1
        found.by_status[response.status_code] += 1
        found.server_errors += response.status_code >= 500
        try:
            case.validate_response(response, checks=_checks())
        except (Failure, FailureGroup) as failure:
            told = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            found.undocumented += any("Undocumented HTTP status" in str(one) for one in told)
            found.wrong.append(
                f"{operation.method} {operation.path} {response.status_code}: {' | '.join(str(one)[:300] for one in told)}"
            )

    ask()


def _varied(data: st.DataObject, example: Mapping[str, Any]) -> dict[str, Any]:
    """An example as it stands, or with a field left out, or with something else in it."""
    body = dict(example)
    how = data.draw(st.sampled_from(("as it is", "without", "instead")))
    if how != "as it is":
        name = data.draw(st.sampled_from(sorted(body)))
        body.pop(name)
        if how == "instead":
            body[name] = data.draw(_ANYTHING)
    return body


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _checks() -> list[Any]:
    return [check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ in CHECKS]


def make_ids(address: str) -> dict[str, list[str]]:
    """One permit of the documented example, its screening, and the alerts there are: so that ids lead somewhere."""
    session = requests.Session()
    session.trust_env = False
    described = session.get(f"{address}/openapi.json", timeout=30).json()
    content = described["paths"]["/v1/permits"]["post"]["requestBody"]["content"]
    body = content["application/json"]["examples"]["pit"]["value"]
    permits = [session.post(f"{address}/v1/permits", json=body, timeout=60).json() for _ in range(3)]
    alerts = session.get(f"{address}/v1/alerts", timeout=30).json()["alerts"]
    return {
        "permit_id": [permit["id"] for permit in permits],
        "screening_id": [one["id"] for permit in permits for one in permit["screenings"]],
        "alert_id": [str(alert["alert_id"]) for alert in alerts] or ["1"],
    }


def main(cases: int = CASES) -> int:
    """0 when nothing left the contract. Figures as JSON on stdout."""
    from tests.support.served import served

    with tempfile.TemporaryDirectory(prefix="predig-contract-") as folder:
        Path(folder).chmod(0o755)
        with served(home=Path(folder) / "home") as server:
            found = campaign(server.address, make_ids(server.address), cases)
    print(json.dumps(found.document(), ensure_ascii=False))
    return 1 if found.wrong or found.server_errors else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))

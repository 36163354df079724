"""`python -m bench.contract`: thousands of generated requests against a real server; nothing may leave the contract.

Requests are made from /openapi.json by schemathesis, half of them as the schemas allow and half as they forbid, with
the examples' bodies and ids of real permits, screenings and alerts mixed in, so that they get past the front door.
"""

import json
import os
import subprocess
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
from schemathesis.openapi.checks import UndefinedStatusCode

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


def description(address: str) -> dict[str, Any]:
    """/openapi.json as the server gives it."""
    found: dict[str, Any] = _session().get(f"{address}/openapi.json", timeout=30).json()
    return found


def campaign(
    address: str, described: dict[str, Any], ids: Mapping[str, list[str]], cases: int, seed_: int = SEED
) -> Found:
    """Ask at least `cases` generated questions: as many of each operation as it has different ones, then more of
    those that have more. ids: real ones, by the name of the parameter."""
    load_all_checks()
    schema = schemathesis.openapi.from_dict(described)
    operations = [found.ok() for found in schema.get_all_operations()]
    found = Found()
    with _session() as session:
        while operations and found.cases < cases:
            each = -(-(cases - found.cases) // len(operations))
            asked = {id(one): _ask(one, address, session, ids, each, seed_, found) for one in operations}
            operations = [one for one in operations if asked[id(one)] >= each]
            seed_ += 1
    return found


def _ask(
    operation: Any,
    address: str,
    session: requests.Session,
    ids: Mapping[str, list[str]],
    cases: int,
    seed_: int,
    found: Found,
) -> int:
    """How many cases there were to ask, up to `cases`."""
    before = found.cases
    named = [name for name in ids if f"{{{name}}}" in operation.path]
    declared = operation.definition.raw.get("requestBody", {}).get("content", {})
    json_bodies = declared.get("application/json", {}).get("examples", {})
    examples = [example["value"] for example in json_bodies.values()]
    files = declared.get("application/octet-stream", {}).get("examples", {})
    # Of a form with files schemathesis cannot make what its schema forbids.
    modes = MODES[:1] if "multipart/form-data" in declared else MODES

    @seed(seed_)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        derandomize=False,  # by the seed
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(modes))
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
        # Seldom: a file is opened by a process of its own, which takes a second to start.
        if files and data.draw(st.integers(0, 4)) == 0:
            case.media_type = "application/octet-stream"
            case.body = data.draw(st.sampled_from([one["value"] for one in files.values()])).encode()
            case.query = {"name": "corners.csv", "points_are": "area"}
        response = case.call(base_url=address, session=session, timeout=60)
        found.cases += 1
        found.by_status[response.status_code] += 1
        found.server_errors += response.status_code >= 500
        try:
            case.validate_response(response, checks=_checks())
        except (Failure, FailureGroup) as failure:
            told = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            found.undocumented += any(isinstance(one, UndefinedStatusCode) for one in told)
            found.wrong.append(
                f"{operation.method} {operation.path} {response.status_code}: {' | '.join(str(one)[:300] for one in told)}"
            )

    ask()
    return found.cases - before


def _varied(data: st.DataObject, example: Mapping[str, Any]) -> dict[str, Any]:
    """An example as it stands, every second time, or with a field left out, or with something else in it."""
    body = dict(example)
    how = data.draw(st.sampled_from(("as it is", "as it is", "without", "instead")))
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


def _session() -> requests.Session:
    """No proxy of the environment stands between."""
    session = requests.Session()
    session.trust_env = False
    return session


def make_ids(address: str) -> dict[str, list[str]]:
    """One permit of the documented example, its screening, and the alerts there are: so that ids lead somewhere."""
    session = _session()
    content = description(address)["paths"]["/v1/permits"]["post"]["requestBody"]["content"]
    body = content["application/json"]["examples"]["pit"]["value"]
    permits = [session.post(f"{address}/v1/permits", json=body, timeout=60).json() for _ in range(3)]
    alerts = session.get(f"{address}/v1/alerts", timeout=30).json()["alerts"]
    return {
        "permit_id": [permit["id"] for permit in permits],
        "screening_id": [one["id"] for permit in permits for one in permit["screenings"]],
        "alert_id": [str(alert["id"]) for alert in alerts] or ["1"],
        "code": ["GAS"],
    }


def _lay_a_pipe(folder: Path) -> None:
    """Under the pit of the documented example, so that there are conflicts and alerts to ask about."""
    line = {"type": "LineString", "coordinates": [[101.777, 36.61715], [101.778, 36.61715]]}
    pipe = {"type": "Feature", "id": "P-1", "properties": {"pressure_class": "MP-A"}, "geometry": line}
    file = folder / "pipe.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [pipe]}), encoding="utf-8")
    words = ("network", "import", str(file), "--utility", "GAS", "--crs", "EPSG:4490", "--json")
    environment = {**os.environ, "PREDIG_HOME": str(folder / "home")}
    subprocess.run(
        [sys.executable, "-m", "api.cli", *words], env=environment, check=True, capture_output=True
    )


def main(cases: int = CASES) -> int:
    """0 when nothing left the contract. Figures as JSON on stdout."""
    from tests.support.served import served

    with tempfile.TemporaryDirectory(prefix="predig-contract-") as folder:
        Path(folder).chmod(0o755)
        with served(home=Path(folder) / "home") as server:
            _lay_a_pipe(Path(folder))
            address = server.address
            found = campaign(address, description(address), make_ids(address), cases)
    print(json.dumps(found.document(), ensure_ascii=False))
    return 1 if found.wrong or found.server_errors else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))

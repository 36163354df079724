"""One real server process per module, over a real database in which the small town is declared."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli import main
from api.settings import today
from sql.cluster import ADMIN, APP, Cluster
from tests.api.conftest import Predig, Said, Write, feature, ring
from tests.api.town import E, N, declare_all
from tests.support.databases import execute_as_admin
from tests.support.served import Served, served

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Town:
    """A server, its database, and the commands of people who work beside it."""

    server: Served
    url: str
    owner_url: str
    predig: Predig
    write: Write


@pytest.fixture(scope="module")
def town(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    name = f"http_{next(_numbers)}"
    execute_as_admin(cluster, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    url = cluster.url(APP, name)
    folder = tmp_path_factory.mktemp("town")

    def write(file: str, content: Any) -> Path:
        (folder / file).write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
        return folder / file

    def predig(*words: object) -> Said:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PREDIG_DATABASE_URL", url)
            patch.setenv("PREDIG_LANG", "en")
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = main([*map(str, words), "--json"])
        return Said(code, out.getvalue(), err.getvalue())

    declare_all(predig, write)
    # Else the worker parts these imports by permits in its first round, and judges again whom it meets on the way.
    assert predig("work").lines[0]["left"] == 0
    small = {"PREDIG_MAX_NETWORK_MB": "1"}
    with served(home=folder / "home", database_url=url, environment=small, log=folder / "log") as server:
        yield Town(server, url, cluster.url(ADMIN, name), predig, write)
        assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")
    execute_as_admin(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def ask(town: Town) -> Iterator[httpx.Client]:
    with town.server.client() as client:
        yield client


AT_THE_MAIN = feature("Polygon", ring(E + 100, N + 3, 10, 5))
IN_THE_FIELD = feature("Polygon", ring(E + 100, N + 400, 10, 5))


def enquiry(*plan: Any, **more: Any) -> dict[str, Any]:
    sites = plan or (AT_THE_MAIN,)
    whole = {"type": "FeatureCollection", "features": list(sites)}
    return {"crs": "EPSG:4543", "plan": whole, "acts": ["excavate"], "method": "mechanical", **more}


def filing(*plan: Any, starts: int = 10, ends: int = 30, **more: Any) -> dict[str, Any]:
    return enquiry(
        *plan,
        **{
            "title": "给水管",
            "starts_on": str(today() + timedelta(days=starts)),
            "ends_on": str(today() + timedelta(days=ends)),
            "contractor": {"name": "某某市政", "person": "张工", "phone": "0971-0000000"},
            **more,
        },
    )


def codes(answer: httpx.Response) -> dict[str, str]:
    """Pointer -> code of every fault of a problem, which is checked to be one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["code"] == told["faults"][0]["code"]
    assert all(fault["en"] and fault["zh"] for fault in told["faults"])
    return {fault["pointer"]: fault["code"] for fault in told["faults"]}

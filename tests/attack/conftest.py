"""A server under watch: one for each file of tests, with a small town to judge by."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from sql.cluster import ADMIN, APP, Cluster
from tests.api.conftest import Said
from tests.api.town import declare_all
from tests.attack.corpus import Trap
from tests.attack.siege import trapped
from tests.attack.strace import NETWORK
from tests.support.databases import execute_as_admin
from tests.support.served import Served, served

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class House:
    """temporary: where it may leave files while it works. log: of strace. came: who came to the trap's port."""

    server: Served
    owner_url: str
    temporary: Path
    trap: Trap
    came: list[str]
    log: Path


@pytest.fixture(scope="module")
def house(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """strace looks at what would reach a network, of the servers, the worker and every reader."""
    name = f"attack_{next(_numbers)}"
    execute_as_admin(cluster, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    url = cluster.url(APP, name)
    folder = tmp_path_factory.mktemp("attack")
    for place in (folder, *folder.parents):
        if os.geteuid() == 0 and not place.stat().st_mode & 0o001:  # nobody must find the folder of a job
            place.chmod(place.stat().st_mode | 0o111)
    temporary = folder / "temporary"
    temporary.mkdir()
    temporary.chmod(0o777)

    def write(file: str, content: Any) -> Path:
        (folder / file).write_text(json.dumps(content), encoding="utf-8")
        return folder / file

    def predig(*words: object) -> Said:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PREDIG_DATABASE_URL", url)
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                code = main([*map(str, words), "--json"])
        return Said(code, out.getvalue(), err.getvalue())

    declare_all(predig, write)
    log = folder / "strace"
    under = ("strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", str(log), "-e", f"trace={','.join(NETWORK)}")
    settings = {"TMPDIR": str(temporary), "PREDIG_MAX_BODY_MB": "20", "PREDIG_MAX_UPLOAD_MB": "20"}
    # What a file costs is bounded by its processor time alone: other tests run beside these.
    settings |= {"PREDIG_PLAN_WALL_S": "60", "PREDIG_REQUEST_TIMEOUT_S": "80"}
    with (
        trapped(folder) as (trap, came),
        served(database_url=url, environment=settings, log=folder / "log", under=under) as server,
    ):
        yield House(server, cluster.url(ADMIN, name), temporary, trap, came, log)
        assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")
    execute_as_admin(cluster, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

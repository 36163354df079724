"""The house stands as designed: and each check is shown to be able to fail."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house import ROOMS, house_faults

REPOSITORY = Path(__file__).resolve().parents[1]
LOCKS = sorted(REPOSITORY.glob("requirements*.lock"))


def test_no_rule_of_the_house_is_broken() -> None:
    assert house_faults(REPOSITORY) == []


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A small house in which nothing is wrong."""
    for room in ROOMS:
        write(tmp_path, f"{room}/__init__.py", "")
        write(tmp_path, f"{room}/work.py", "answer = 42\n")
    return tmp_path


def write(root: Path, place: str, text: str) -> None:
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_text(text, encoding="utf-8")


def test_a_sound_house_has_no_faults(sound: Path) -> None:
    write(sound, "api/app.py", "import fastapi\nimport spatial, sql.vault, ingest, maps\n")
    write(
        sound, "sql/store.py", "import psycopg2\nfrom sqlalchemy import text\nfrom spatial.words import Act\n"
    )
    write(sound, "spatial/deep/__init__.py", "")
    write(
        sound, "spatial/deep/part.py", "from ..work import answer\nfrom . import other\nfrom .. import work\n"
    )
    write(sound, "tests/test_it.py", "import psycopg2, folium, fastapi\nfrom api import app\n")
    write(sound, "maps/draw.py", "import folium\n")
    assert house_faults(sound) == []


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("spatial/bad.py", "import sql", "spatial imports sql"),
        ("spatial/judging/bad.py", "from spatial.saying.texts import say", "judging imports saying"),
        ("spatial/saying/bad.py", "from spatial.screening import screen", "saying imports screening"),
        ("spatial/bad.py", "import ingest.files as f", "spatial imports ingest"),
        ("spatial/bad.py", "from maps import style", "spatial imports maps"),
        ("spatial/bad.py", "from ..sql import vault", "spatial imports sql"),
        ("spatial/bad.py", "from .. import sql", "spatial imports sql"),
        ("spatial/deep/bad.py", "from ...sql import vault", "spatial imports sql"),
        ("spatial/deep/bad.py", "from ... import sql", "spatial imports sql"),
        ("spatial/__init__.py", "import api", "spatial imports api"),
        ("sql/bad.py", "from ingest import read_network", "sql imports ingest"),
        ("ingest/bad.py", "def f():\n    import sql.vault", "ingest imports sql"),
        ("maps/bad.py", "def f():\n    from sql import vault", "maps imports sql"),
        ("maps/bad.py", "import importlib\nimportlib.import_module('sql.vault')", "maps imports sql"),
        ("maps/bad.py", "from importlib import import_module\nimport_module('..api', 'maps')", "maps imports api"),
        ("sql/bad.py", "__import__('api')", "sql imports api"),
        ("sql/bad.py", "import importlib\nimportlib.import_module(name)", "only exists at run time"),
        ("ingest/bad.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import api", "imports api"),
        ("ingest/bad.py", "import tests.conftest", "ingest imports tests"),
        ("sql/bad.py", "import fastapi", "which lives in api"),
        ("ingest/bad.py", "from fastapi import UploadFile", "which lives in api"),
        ("api/bad.py", "import folium", "which lives in maps"),
        ("api/bad.py", "import psycopg2.extras", "which lives in sql"),
        ("api/bad.py", "from sqlalchemy import text", "which lives in sql"),
        ("ingest/bad.py", "def f():\n    import geoalchemy2", "which lives in sql"),
        ("spatial/bad.py", "import os", "pure"),
        ("spatial/bad.py", "from pathlib import Path", "pure"),
        ("spatial/bad.py", "def f():\n    import requests", "pure"),
        ("spatial/bad.py", "import random", "pure"),
        ("spatial/bad.py", "from time import time", "pure"),
        ("spatial/bad.py", "text = open('rules.toml').read()", "pure"),
        ("spatial/bad.py", "from datetime import datetime\nnow = datetime.now()", "pure"),
        ("spatial/bad.py", "import datetime\ntoday = datetime.date.today()", "pure"),
        ("helpers/bad.py", "answer = 1", "helpers is no room"),
    ],
)  # fmt: skip
def test_a_forbidden_thing_is_found(sound: Path, place: str, text: str, said: str) -> None:
    write(sound, place, text + "\n")
    found = house_faults(sound)
    assert len(found) == 1, found
    assert said in found[0]


@pytest.mark.parametrize("room", ROOMS)
def test_a_missing_room_is_found(sound: Path, room: str) -> None:
    (sound / room / "work.py").unlink()
    (sound / room / "__init__.py").unlink()
    assert house_faults(sound) == [f"the room {room} is missing"]


@pytest.mark.parametrize("room", ROOMS)
def test_an_empty_room_is_found(sound: Path, room: str) -> None:
    write(sound, f"{room}/work.py", '"""Only words."""\n')
    assert house_faults(sound) == [f"the room {room} is empty"]


# -- what set-up installs


def project() -> dict[str, object]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_and_data_file_of_the_rooms_is_installed() -> None:
    """An unlisted sub-room works from the working tree and is gone from the installed package."""
    listed = project()["tool"]["setuptools"]  # type: ignore[index]
    installed = {
        file.relative_to(REPOSITORY).as_posix()
        for package, patterns in listed["package-data"].items()
        for pattern in patterns
        for file in (REPOSITORY / package.replace(".", "/")).glob(pattern)
    }
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *ROOMS],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    of_rooms = [
        place for place in tracked if not place.startswith("tests/") and (REPOSITORY / place).exists()
    ]
    packages = {str(Path(place).parent).replace("/", ".") for place in of_rooms if place.endswith(".py")}
    assert packages == set(listed["packages"])
    data = [place for place in of_rooms if not place.endswith(".py")]
    assert [place for place in data if place not in installed] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_names_versions_and_hashes_and_no_host(lock: Path) -> None:
    lines = [
        line for line in lock.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert lines
    assert [
        line
        for line in lines
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==\S+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    ] == []


def test_every_declared_dependency_is_locked() -> None:
    locked = {
        line.partition("==")[0]
        for lock in LOCKS
        for line in lock.read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    declared = project()["project"]
    extras = declared["optional-dependencies"]  # type: ignore[index]
    wanted = [*declared["dependencies"], *(name for extra in extras.values() for name in extra)]  # type: ignore[index]
    assert [name for name in wanted if re.split(r"[>=<\[;! ]", name)[0] not in locked] == []


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    """Seen on a run of its own, with the conftest of this suite."""
    write(tmp_path, "conftest.py", (REPOSITORY / "tests" / "conftest.py").read_text(encoding="utf-8"))
    write(tmp_path, "test_fine.py", "def test_fine():\n    assert True\n")
    assert run_pytest(tmp_path).returncode == 0
    write(
        tmp_path,
        "test_skipping.py",
        "import pytest\n\ndef test_skipping():\n    pytest.skip('no database')\n",
    )
    done = run_pytest(tmp_path)
    assert done.returncode == 1
    assert "skipped tests are not allowed" in done.stdout


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    here = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=folder, env=here, capture_output=True, text=True, timeout=120, check=False
    )

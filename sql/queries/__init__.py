"""The statements of the vault by name, read from the .sql files beside this one.

A file is a run of `-- name: some_name` lines, each followed by its comment and one statement.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_HEADING = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The statements of one file, read when the first is asked for."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __getitem__(self, name: str) -> str:
        return _statements(self._file)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_statements(self._file))

    def __len__(self) -> int:
        return len(_statements(self._file))


MIGRATE = Queries("migrate.sql")
REGISTER = Queries("register.sql")
FIND = Queries("find.sql")
REGION = Queries("region.sql")
RULES = Queries("rules.sql")
PERMITS = Queries("permits.sql")
SCREENINGS = Queries("screenings.sql")
ALERTS = Queries("alerts.sql")
JOBS = Queries("jobs.sql")
WATCH = Queries("watch.sql")
GRIDS = Queries("grids.sql")
INVENTORY = Queries("inventory.sql")
UPLOADS = Queries("uploads.sql")


@cache
def _statements(file: str) -> dict[str, str]:
    text = (resources.files("sql.queries") / file).read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    names, bodies = parts[0::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{file} names a statement twice")
    return {name: body.strip().rstrip(";") for name, body in zip(names, bodies, strict=True)}

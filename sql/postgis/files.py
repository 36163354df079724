"""The files of dig plans, byte for byte."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from spatial import canonical
from sql import rows
from sql.queries import PERMITS
from sql.records import FileRecord, PlanFile

Brought = tuple[str, int, Sequence[PlanFile]]
"""The permit, with which amendment, and what came with it."""


def keep(connection: Connection, brought: Iterable[Brought]) -> None:
    """Keep what came with permits that are written in this transaction."""
    to_keep = [
        {
            "permit_id": permit_id,
            "amendment": amendment,
            "name": file.name,
            "content_type": file.content_type,
            "sha256": sha256(file.data).hexdigest(),
            "read_as": canonical.dumps(file.read_as),
            "bytes": file.data,
        }
        for permit_id, amendment, files in brought
        for file in files
    ]
    contents = {one["sha256"]: one["bytes"] for one in to_keep}
    # In one order, so that two who keep the same files never wait for each other.
    for digest in sorted(contents):
        content = {"sha256": digest, "bytes": contents[digest]}
        connection.exec_driver_sql(PERMITS["keep_plan_file"], content)
    for row in to_keep:
        connection.exec_driver_sql(PERMITS["keep_permit_file"], row)


def told(files: Iterable[Mapping[str, Any]] | None) -> tuple[FileRecord, ...]:
    """The files of a permit, from the JSON of the query `permits`."""
    return tuple(FileRecord(**one) for one in files or ())


def one(connection: Connection, permit_id: str, number: int) -> tuple[FileRecord, bytes] | None:
    """None: there is no such file."""
    named = {"permit_id": rows.uuid_or_nil(permit_id), "number": number}
    row = connection.exec_driver_sql(PERMITS["permit_file"], named).one_or_none()
    if row is None:
        return None
    data = bytes(row.bytes)
    about = FileRecord(
        row.number, row.amendment, row.name, row.content_type, len(data), row.sha256, row.read_as
    )
    return about, data

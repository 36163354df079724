"""Uploaded network files in the database."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from sql.errors import refused
from sql.judgements import key_reused
from sql.postgis.connection import Door
from sql.queries import UPLOADS
from sql.records import RequestKey
from sql.uploads import Ending, NewUpload, UploadClaim, UploadRecord, upload_unknown


class Uploads:
    """The part of PostgisVault that sql.uploads describes."""

    _door: Door

    def keep_upload(self, upload: NewUpload, *, key: RequestKey | None = None) -> str:
        return self._door.write(lambda db: _keep(db, upload, key))

    def claim_upload(self, spool: str) -> UploadClaim | None:
        found = self._door.write(
            lambda db: db.exec_driver_sql(UPLOADS["claim"], {"spool": spool}).one_or_none()
        )
        return None if found is None else UploadClaim(*found)

    def upload_importing(self, claim: UploadClaim) -> None:
        self._door.write(lambda db: db.exec_driver_sql(UPLOADS["importing"], _of(claim)))

    def end_upload(self, claim: UploadClaim, state: Ending, told: Mapping[str, Any]) -> None:
        self._door.write(lambda db: end(db, claim, state, told, None))

    def give_back_upload(self, claim: UploadClaim, pause_s: float) -> None:
        asked = _of(claim) | {"pause_s": pause_s}
        self._door.write(lambda db: db.exec_driver_sql(UPLOADS["give_back"], asked))

    def upload(self, upload_id: str) -> UploadRecord:
        found = self._door.read(
            lambda db: db.exec_driver_sql(UPLOADS["one"], {"upload_id": upload_id}).one_or_none()
        )
        if found is None:
            raise upload_unknown(upload_id)
        return UploadRecord(*found)

    def uploads(
        self, *, utility: str | None = None, state: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[UploadRecord, ...]:
        asked = {"utility": utility, "state": state, "after": after, "limit": limit}
        found = self._door.read(lambda db: db.exec_driver_sql(UPLOADS["several"], asked).all())
        return tuple(UploadRecord(*row) for row in found)

    def upload_queue(self, spool: str) -> tuple[int, bool]:
        count, due = self._door.read(lambda db: db.exec_driver_sql(UPLOADS["queue"], {"spool": spool}).one())
        return count, due


def end(
    connection: Connection, claim: UploadClaim, state: str, told: Mapping[str, Any], revision: int | None
) -> None:
    """:raises Refused: `job_lost`; the caller's transaction is then rolled back whole."""
    asked = _of(claim) | {"state": state, "told": _json(told), "revision": revision}
    if connection.exec_driver_sql(UPLOADS["end"], asked).one_or_none() is None:
        raise refused("job_lost")


def _of(claim: UploadClaim) -> dict[str, Any]:
    return {"upload_id": claim.upload_id, "fence": claim.fence}


def _keep(connection: Connection, upload: NewUpload, key: RequestKey | None) -> str:
    asked = {
        "upload_id": upload.upload_id,
        "spool": upload.spool,
        "utility": upload.utility,
        "dataset": upload.dataset,
        "asked": _json(upload.asked),
        "files": _json(list(upload.files)),
        "key": key.key if key else None,
        "body_sha256": key.body_sha256 if key else None,
    }
    if connection.exec_driver_sql(UPLOADS["keep"], asked).one_or_none() is not None:
        return upload.upload_id
    earlier = connection.exec_driver_sql(UPLOADS["under_key"], {"key": key.key if key else None}).one()
    if key is None or earlier.body_sha256 != key.body_sha256:
        raise key_reused()
    upload_id: str = earlier.upload_id
    return upload_id


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Uploaded network files, kept by the twin."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sql.errors import refused
from sql.judgements import key_reused
from sql.records import RequestKey
from sql.uploads import Ending, NewUpload, State, UploadClaim, UploadRecord, upload_unknown


@dataclass(slots=True)
class Kept:
    """An upload, and what only the vault knows of it."""

    record: UploadRecord
    key: RequestKey | None
    fence: int = 0
    tries: int = 0
    not_before: datetime = field(default_factory=lambda: datetime.now(UTC))


class Uploads:
    """The part of MemoryVault that sql.uploads describes."""

    _lock: threading.RLock
    _uploads: list[Kept]

    def keep_upload(self, upload: NewUpload, *, key: RequestKey | None = None) -> str:
        with self._lock:
            for kept in self._uploads:
                if key is not None and kept.key is not None and kept.key.key == key.key:
                    if kept.key != key:
                        raise key_reused()
                    return kept.record.upload_id
            record = UploadRecord(
                upload_id=upload.upload_id,
                kept_order=len(self._uploads) + 1,
                spool=upload.spool,
                utility=upload.utility,
                dataset=upload.dataset,
                asked=_as_json(upload.asked),
                files=_as_json(list(upload.files)),
                state="waiting",
                told=None,
                revision=None,
                received_at=datetime.now(UTC),
                begun_at=None,
                ended_at=None,
            )
            self._uploads.append(Kept(record, key))
            return upload.upload_id

    def claim_upload(self, spool: str) -> UploadClaim | None:
        with self._lock:
            kept = next(iter(self._unfinished(spool)), None)
            if kept is None or kept.not_before > datetime.now(UTC):
                return None
            kept.fence, kept.tries = kept.fence + 1, kept.tries + 1
            kept.record = replace(kept.record, state="reading", begun_at=datetime.now(UTC))
            return UploadClaim(kept.record.upload_id, kept.fence, kept.tries)

    def upload_importing(self, claim: UploadClaim) -> None:
        with self._lock:
            kept = self._claimed(claim)
            if kept is not None:
                kept.record = replace(kept.record, state="importing")

    def end_upload(self, claim: UploadClaim, state: Ending, told: Mapping[str, Any]) -> None:
        with self._lock:
            self._check_claim(claim)
            self._end(claim, state, told, None)

    def give_back_upload(self, claim: UploadClaim, pause_s: float) -> None:
        with self._lock:
            kept = self._claimed(claim)
            if kept is not None:
                kept.record, kept.tries = replace(kept.record, state="waiting"), kept.tries - 1
                kept.not_before = datetime.now(UTC) + timedelta(seconds=pause_s)

    def upload(self, upload_id: str) -> UploadRecord:
        with self._lock:
            for kept in self._uploads:
                if kept.record.upload_id == upload_id:
                    return kept.record
        raise upload_unknown(upload_id)

    def uploads(
        self, *, utility: str | None = None, state: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[UploadRecord, ...]:
        with self._lock:
            found = [
                kept.record
                for kept in self._uploads
                if kept.record.kept_order > after
                and utility in (None, kept.record.utility)
                and state in (None, kept.record.state)
            ]
        return tuple(found[:limit])

    def upload_queue(self, spool: str) -> tuple[int, bool]:
        with self._lock:
            unfinished = self._unfinished(spool)
        return len(unfinished), bool(unfinished) and unfinished[0].not_before <= datetime.now(UTC)

    # -- within

    def _unfinished(self, spool: str) -> list[Kept]:
        return [kept for kept in self._uploads if kept.record.spool == spool and kept.record.ended_at is None]

    def _claimed(self, claim: UploadClaim) -> Kept | None:
        for kept in self._uploads:
            if (kept.record.upload_id, kept.fence) == (claim.upload_id, claim.fence):
                return kept if kept.record.state in ("reading", "importing") else None
        return None

    def _check_claim(self, claim: UploadClaim) -> None:
        """:raises Refused: `job_lost`."""
        if self._claimed(claim) is None:
            raise refused("job_lost")

    def _end(self, claim: UploadClaim, state: State, told: Mapping[str, Any], revision: int | None) -> None:
        kept = self._claimed(claim)
        assert kept is not None
        kept.record = replace(
            kept.record, state=state, told=_as_json(told), revision=revision, ended_at=datetime.now(UTC)
        )


def _as_json(value: Any) -> Any:
    """As it comes back from a database."""
    return json.loads(json.dumps(value))

"""Network files that came over HTTP, as the vault tells them: what was asked, how far it is, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from spatial.errors import Refused
from sql.records import RequestKey

State = Literal["waiting", "reading", "importing", "published", "compared", "refused", "failed"]
Ending = Literal["compared", "refused", "failed"]
"""How an upload ends that changes nothing."""
UPLOAD_STATES: tuple[State, ...] = (
    *("waiting", "reading", "importing"),
    *("published", "compared", "refused", "failed"),
)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """Files that lie whole in a spool. upload_id: a UUID its caller made, the name of their folder. asked: JSON-ready;
    files: name, bytes and sha256 of each."""

    upload_id: str
    spool: str
    utility: str
    dataset: str
    asked: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """An upload as it stands. told: what is to be said of it, None before it has ended. revision: the one it made; None
    of one that is published where nothing differed."""

    upload_id: str
    kept_order: int
    spool: str
    utility: str
    dataset: str
    asked: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]
    state: State
    told: Mapping[str, Any] | None
    revision: int | None
    received_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class UploadClaim:
    """An upload taken in hand. fence: rises with every claim; tries: how often that was, but for those given back."""

    upload_id: str
    fence: int
    tries: int


@dataclass(frozen=True, slots=True)
class Publishing:
    """An upload that ends with the import that publishes it. told: as of UploadRecord."""

    claim: UploadClaim
    told: Mapping[str, Any]


class Uploads(Protocol):
    """A part of sql.vault. Refused: `upload_unknown`; `job_lost`, where a claim was taken over: then nothing is written."""

    def keep_upload(self, upload: NewUpload, *, key: RequestKey | None = None) -> str:
        """Its id; with a key used before, that of then. Refused (`idempotency_key_reused`) for another body."""
        ...

    def claim_upload(self, spool: str) -> UploadClaim | None:
        """The oldest upload of a spool that has not ended, also from whoever had it before: only one process at a time may
        ask this for a spool. It is `reading` from now on. None: there is none, or it is not due yet."""
        ...

    def upload_importing(self, claim: UploadClaim) -> None:
        """Its files are read."""
        ...

    def end_upload(self, claim: UploadClaim, state: Ending, told: Mapping[str, Any]) -> None: ...

    def give_back_upload(self, claim: UploadClaim, pause_s: float) -> None:
        """Nothing is wrong with it, only the moment: it waits again, for so long at least, and this was no try."""
        ...

    def upload(self, upload_id: str) -> UploadRecord: ...

    def uploads(
        self, *, utility: str | None = None, state: str | None = None, after: int = 0, limit: int = 100
    ) -> tuple[UploadRecord, ...]:
        """In the order in which they came. after: the kept_order of the last one seen."""
        ...

    def upload_queue(self, spool: str) -> tuple[int, bool]:
        """How many have not ended, and whether the oldest of them is due."""
        ...


def upload_unknown(upload_id: str) -> Refused:
    return Refused.because(
        "upload_unknown",
        en=f"there is no import {upload_id[:60]}: take the id from the answer to its upload, or from GET /v1/networks/imports",
        zh=f"没有导入任务 {upload_id[:60]}：请使用上传时返回的编号，或从 GET /v1/networks/imports 中选择",
    )

"""What the twin keeps of a permit: its words by amendment, with the files that came with them."""

from dataclasses import dataclass
from datetime import datetime

from spatial.values import Box, DigSite, PermitParties
from sql.records import FileRecord, KeptAnswer, PlanFile, records_of


@dataclass(frozen=True, slots=True)
class Words:
    """What a permit says as of one amendment."""

    parties: PermitParties
    profile: str
    sites: tuple[DigSite, ...]
    boxes: tuple[tuple[Box, ...], ...]
    since: datetime
    files: tuple[PlanFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """versions: by amendment, the filing first."""

    permit_id: str
    order: int
    versions: tuple[Words, ...]
    cancelled: bool = False

    @property
    def amendment(self) -> int:
        return len(self.versions) - 1

    @property
    def words(self) -> Words:
        return self.versions[-1]

    @property
    def files(self) -> tuple[tuple[FileRecord, bytes], ...]:
        found: list[tuple[FileRecord, bytes]] = []
        for amendment, words in enumerate(self.versions):
            records = records_of(words.files, amendment, after=len(found))
            found += zip(records, (file.data for file in words.files), strict=True)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Request:
    body_sha256: str
    permit_id: str
    answer: KeptAnswer | None = None
    beside: tuple[str, ...] = ()

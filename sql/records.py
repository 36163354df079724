"""What the vault takes and gives: plain records, frozen. Their meaning is the contract in sql.vault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from shapely.geometry import MultiPolygon

from spatial.values import Asset, Box, DigSite, PermitParties
from spatial.words import GroundKind, PermitStatus, PipeKind


@dataclass(frozen=True, slots=True)
class GroundDeclaration:
    """A utility's word about ground. Replaces its earlier word of the same kind (coverage: per pipe kind).

    geometry: lon/lat EPSG:4490; an empty one withdraws the word. pipe_kinds, as_of, max_age_days,
    assumed: coverage only, and there pipe_kinds and as_of must be given.
    """

    utility: str
    ground: GroundKind
    geometry: MultiPolygon
    pipe_kinds: tuple[PipeKind, ...] = ()
    as_of: date | None = None
    max_age_days: int | None = None
    assumed: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one import or rollback did. added + unchanged = assets valid after it."""

    revision: int | None
    """None when nothing differed: no revision was made."""
    utility: str
    dataset: str
    received: int
    added: int
    closed: int
    unchanged: int
    rejected: int
    utility_created: bool


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    revision: int
    kind: str
    """utility, network, rollback, service_area, coverage or blank."""
    utility: str
    dataset: str | None
    committed_at: datetime
    added: int
    closed: int
    rejected: int
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A row that could not become an asset, as it stands in the register. number: in its files, from 1; code, replaceable,
    box: as of RejectedRow; ground_digest: of the ground it leaves unreadable, None where nobody knows its place."""

    rejected_id: int
    number: int
    source_id: str | None
    code: str
    replaceable: bool
    box: Box | None
    ground_digest: str | None


@dataclass(frozen=True, slots=True)
class GridRecord:
    """One version of a registered grid. kind: `3`, `4`, `7` (parameters), `plane` (raised) or `points` (common ones).

    accuracy_m: the 95 % bound of what it carries. sealed: its parameters, which the vault cannot read.
    """

    name: str
    version: int
    kind: str
    source: str
    accuracy_m: float
    registered_at: datetime
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WholeAsset:
    """One asset version as the register keeps it, for recomputing: geometry uncut, digest as stored."""

    asset_id: int
    utility: str
    dataset: str
    revision: int
    asset: Asset
    stored_digest: str


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a commit left to do. `fence` rises with every claim: a late finisher writes nothing.

    kind: `permit` (screen permit_id) or `revision` (screen every open permit the revision touches).
    """

    job_id: int
    kind: str
    permit_id: str | None
    revision: int | None
    fence: int


@dataclass(frozen=True, slots=True)
class PendingPermit:
    """since: when it began to read pending, its filing, amendment, new rules, first change or end of a clear."""

    permit_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ScreeningRecord:
    """One judgement as stored.

    document: the canonical JSON text the hash was taken of; conflicts: the same conflicts as kept in
    columns for lists and alerts, each a dict of the contract's conflict fields, in document order.
    site_index: position of the site in its permit as of `amendment`. query_boxes: what the register was
    asked for. stood: it spoke for its site when it was kept; one that came too late (for an older amendment,
    rules or register, or a cancelled permit) never did, and neither does an enquiry's.
    content: what `document` says, where whoever made it still has it at hand.
    """

    screening_id: str
    permit_id: str | None
    site_index: int
    register_revision: int
    screened_on: date
    site: DigSite
    profile_sha256: str
    engine: str
    outcome: str
    grade: str | None
    valid_until: date
    document: str
    document_sha256: str
    conflicts: tuple[dict[str, Any], ...]
    created_at: datetime
    amendment: int = 0
    query_boxes: tuple[Box, ...] = ()
    stood: bool = False
    content: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NewScreening:
    """A judgement to be kept; the fields are those of ScreeningRecord.

    amendment: the one of the PermitRecord whose sites were judged.
    """

    site_index: int
    register_revision: int
    screened_on: date
    site: DigSite
    query_boxes: tuple[Box, ...]
    ends_on: date | None
    profile_sha256: str
    engine: str
    outcome: str
    grade: str | None
    valid_until: date
    document: str
    document_sha256: str
    conflicts: tuple[dict[str, Any], ...]
    amendment: int = 0
    content: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PermitRecord:
    """A filed dig plan as last amended. `status` is derived at the moment of reading, never stored.

    A judgement stands for a site while it is of the permit's current amendment and was made under the rules
    in force for it; of several, the one at the newest register revision. The status is pending while a site
    has none, while a later register change touches what its judgement asked about, and when a clear it had
    has run out (`valid_until`).
    """

    permit_id: str
    parties: PermitParties
    profile: str
    """sha256 of the rules in force for it: the newest adopted of its profile's family, else those it was
    filed (or last amended) under."""
    sites: tuple[DigSite, ...]
    status: PermitStatus
    filed_at: datetime
    screening_ids: tuple[str, ...]
    """The standing screening of each site, in site order; a site without one is left out."""
    filed_order: int = 0
    """Rises with every filing; the cursor of permits()."""
    amendment: int = 0
    """0 as filed, then one more with every amendment."""
    amended_at: datetime | None = None
    cancelled: bool = False
    grade: str | None = None
    """The worst of the standing judgements; while pending it may be out of date."""
    files: tuple["FileRecord", ...] = ()
    """Of its dig plan and of all amendments', in the order in which they came."""


@dataclass(frozen=True, slots=True)
class DigPlan:
    """As much of a permit as is asked to judge it: its sites as last amended, by which rules (sha256 of those in
    force for it), until when."""

    permit_id: str
    amendment: int
    profile: str
    ends_on: date
    sites: tuple[DigSite, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of one permit, or of one enquiry, to be kept. job: ends with them.

    filed: the permit as whoever filed it a moment ago knows it. Then the vault tells how it stands, and need not
    ask for what nobody else can have changed yet; where somebody has, it sees that.
    """

    screenings: tuple[NewScreening, ...]
    permit_id: str | None = None
    job: Job | None = None
    filed: PermitRecord | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """screenings: as they would be read back. permit: how it stands with them, where `filed` was given."""

    screenings: tuple[ScreeningRecord, ...]
    permit: PermitRecord | None = None


@dataclass(frozen=True, slots=True)
class AmendmentRecord:
    """What a permit said from `since` on, until it was amended again. amendment 0 is the filing."""

    amendment: int
    since: datetime
    parties: PermitParties
    profile: str
    """sha256 of the rules it was filed or amended under."""
    sites: tuple[DigSite, ...]


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A caller's word that a request is one and the same: Idempotency-Key, 1 to 255 characters.

    body_sha256: of all that makes the request what it is, so that a key used again for something else is
    refused.
    """

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it went out, to be given again byte for byte."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file of a dig plan, to be kept as it came. name, content_type: as its sender has them; read_as: how it became the
    plan that is judged (JSON)."""

    name: str
    content_type: str | None
    data: bytes = field(repr=False)
    read_as: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that is kept. number: of the permit's files, from 0; amendment: with which it came; sha256: of its bytes."""

    number: int
    amendment: int
    name: str
    content_type: str | None
    size_bytes: int
    sha256: str
    read_as: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filing:
    """A permit to be filed. profile: sha256 of the rules; query_boxes: of each site; files: as its plan came in."""

    parties: PermitParties
    profile: str
    sites: tuple[DigSite, ...]
    query_boxes: tuple[tuple[Box, ...], ...]
    key: RequestKey | None = None
    files: tuple[PlanFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Filed:
    """repeated: this key was used before with this body, and nothing was done now. answer: what keep_answer
    kept for it; None when nothing was (the first request died before it answered). beside: the permits that were filed
    together with it, in order."""

    permit_id: str
    repeated: bool
    answer: KeptAnswer | None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredGround:
    """A utility's standing word about ground: service_area, coverage or blank. No pipe lies in it, but an
    assumed coverage is drawn round pipes."""

    utility: str
    kind: GroundKind
    pipe_kind: PipeKind | None
    as_of: date | None
    max_age_days: int | None
    assumed: bool
    geometry: MultiPolygon


@dataclass(frozen=True, slots=True)
class Readiness:
    """writable: a write was taken just now. oldest_job_s: how long the oldest job that may be taken up has
    been due; None without any."""

    writable: bool
    schema_current: bool
    jobs_waiting: int
    oldest_job_s: float | None


def records_of(files: Sequence[PlanFile], amendment: int = 0, after: int = 0) -> tuple[FileRecord, ...]:
    """Files as they are told once they are kept. after: how many the permit had before."""
    return tuple(
        FileRecord(
            number=number,
            amendment=amendment,
            name=file.name,
            content_type=file.content_type,
            size_bytes=len(file.data),
            sha256=sha256(file.data).hexdigest(),
            read_as=file.read_as,
        )
        for number, file in enumerate(files, after)
    )

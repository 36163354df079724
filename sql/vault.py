"""The vault as the other rooms see it. PostgisVault keeps it; MemoryVault is its twin for tests and oracles.

Register changes (utilities, networks, ground) are numbered revisions, one transaction and one writer
at a time, so that revision order is commit order. Versions are never updated in place: a change closes
(`valid_to`) and opens (`valid_from`), and revision N of the register can be read for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.found import Found
from spatial.pieces import Cuts
from spatial.values import Asset, Box, DigSite, NetworkIntake, PermitParties, Utility
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
class ScreeningRecord:
    """One judgement as stored.

    document: the canonical JSON text the hash was taken of; conflicts: the same conflicts as kept in
    columns for lists and alerts, each a dict of the contract's conflict fields, in document order.
    site_index: position of the site in its permit.
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


@dataclass(frozen=True, slots=True)
class NewScreening:
    """A judgement to be kept; the fields are those of ScreeningRecord."""

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


@dataclass(frozen=True, slots=True)
class PermitRecord:
    """A filed dig plan. `status` is derived at the moment of reading, never stored.

    It is pending while any of its sites lacks a screening at a revision that is not older than the newest
    register change touching the site's query boxes, and when a clear it had has run out (`valid_until`).
    """

    permit_id: str
    parties: PermitParties
    profile: str
    sites: tuple[DigSite, ...]
    status: PermitStatus
    filed_at: datetime
    screening_ids: tuple[str, ...]
    """The newest screening of each site, in site order; empty while none was made."""


class Vault(Protocol):
    """All reads and writes. Every method is one transaction unless it says otherwise.

    Raises spatial.errors.Refused for what a user can mend (unknown utility, unknown id, a second
    writer at work), sql.errors.VaultUnavailable when the database cannot be reached or is full.
    """

    # -- register changes: one writer at a time, refused (`register_busy`) while another is at work
    def set_utility(self, utility: Utility) -> int | None:
        """Create or change a utility; its revision, or None when nothing differed."""
        ...

    def import_network(
        self,
        intake: NetworkIntake,
        cuts: Cuts,
        *,
        utility: str,
        dataset: str,
        on: date,
        coverage: GroundDeclaration | None = None,
        confirmed_rejected: int = 0,
    ) -> ImportReport:
        """Replace one dataset, all or nothing; leave a `revision` job; create the utility if unknown.

        cuts: the pieces of intake.assets, same order. Unchanged rows (same digest; same source_id too
        when intake.stable_ids) keep their version. Rejected rows become unreadable ground of the new
        revision. on: the data date; a later date alone is no difference. confirmed_rejected: how many
        rejected rows without a box the utility confirms; any more leave the dataset in doubt.
        """
        ...

    def roll_back(self, revision: int) -> ImportReport:
        """Make the dataset of network revision `revision` what it was just before it, as a new revision.

        Ground which that import declared goes back too where it still stands, so that no coverage outlives
        the pipes it came with.
        Refused when a later revision of the same dataset exists that is not rolled back.
        """
        ...

    def declare_ground(self, declaration: GroundDeclaration) -> int:
        """Its revision; the newest one when nothing differed. Refused (`utility_unknown`) for an unknown
        utility."""
        ...

    def utilities(self) -> tuple[Utility, ...]: ...

    def revisions(self) -> tuple[RevisionRecord, ...]:
        """All, newest first."""
        ...

    def datasets(self) -> tuple[dict[str, Any], ...]:
        """utility, dataset, revision, data_date, assets, length_m, rejected, operation per dataset."""
        ...

    # -- reading the register
    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        """All pieces and ground whose boxes meet each site's query boxes, in one snapshot.

        as_of: a register revision; None = the newest the snapshot sees. Refused (`query_too_wide`) for a
        box of more than 0.3 degrees.
        """
        ...

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        """Uncut assets whose unwidened bounds meet `boxes`, by another index than find() uses."""
        ...

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        """The pieces (geometry, from_m, to_m) kept for each asset, in chainage order."""
        ...

    def position_doubt_m(self, as_of: int) -> float:
        """The largest radius + uncertainty of any asset at `as_of`: how far find_whole must widen."""
        ...

    # -- permits and screenings
    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        """Keep a rule profile's text so that screenings under it can be replayed. Safe to repeat."""
        ...

    def profile(self, sha256: str) -> str: ...

    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
    ) -> str:
        """Commit a permit together with its job; the permit's id. Screening comes after, in its own transaction."""
        ...

    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        """Commit screenings, their conflicts and alerts, and the end of `job`, together.

        Alerts: one per conflict that is new or whose grade changed against the permit's screening before.
        A screening at an older revision than the one that stands is kept, raises nothing and does not
        displace it. Without `job`, the permit's own waiting job ends once every site has a screening.
        Refused (`job_lost`) when the job was taken over: then nothing is written.
        """
        ...

    def screening(self, screening_id: str) -> ScreeningRecord: ...

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        """on: the day its status is read for; None = today in Asia/Shanghai by the vault's clock."""
        ...

    def permits(self, *, open_on: date | None = None, on: date | None = None) -> tuple[PermitRecord, ...]:
        """All, oldest first; with open_on only those not ended or cancelled on that day. on: as permit()."""
        ...

    def cancel_permit(self, permit_id: str) -> None: ...

    def alerts(self, permit_id: str | None = None) -> tuple[dict[str, Any], ...]:
        """alert_id, permit_id, site_index, screening_id, ordinal (of the conflict), utility, dataset,
        source_id, pipe_id, grade, change (new, worse, better), state, raised_at; oldest first."""
        ...

    def stale_permits(self, revision: int) -> tuple[str, ...]:
        """Open permits that revision `revision` touches and no screening at or after it covers.

        One that nobody screened yet counts as well: its own screening may be reading an older register now.
        """
        ...

    def claim_job(self) -> Job | None:
        """The oldest of the jobs tried least, or None; its fence raised and its claim committed, for 60 s.

        A claim older than that counts as dead and is taken over (SKIP LOCKED, by state, never by id > last).
        """
        ...

    def finish_job(self, job: Job) -> None:
        """Refused (`job_lost`) when it was taken over."""
        ...

    def release_job(self, job: Job, error: str) -> None:
        """Put a job back after a failure; tried again later, the error kept for `status`."""
        ...

    def status(self) -> dict[str, Any]:
        """Counts for `predig status`: schema, revision, utilities, assets, screenings, permits by status,
        jobs by state with the last error, oldest_job."""
        ...

    def close(self) -> None:
        """Give back what is held; the vault is not used afterwards."""
        ...

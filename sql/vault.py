"""The vault as the other rooms see it. PostgisVault keeps it; MemoryVault is its twin for tests and oracles.

Register changes (utilities, networks, ground) are numbered revisions, one transaction and one writer
at a time, so that revision order is commit order. Versions are never updated in place: a change closes
(`valid_to`) and opens (`valid_from`), and revision N of the register can be read for ever.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from shapely.geometry.base import BaseGeometry

from spatial.comparing.changes import Beside, Standing
from spatial.found import Found, Region
from spatial.measuring.pieces import Cuts
from spatial.values import Box, DigSite, NetworkIntake, PermitParties, Utility
from sql.inventory import DatasetRecord, Inventory
from sql.records import (
    AmendmentRecord,
    DeclaredGround,
    DigPlan,
    Filed,
    FileRecord,
    Filing,
    GridRecord,
    GroundDeclaration,
    ImportReport,
    Job,
    Judged,
    Kept,
    KeptAnswer,
    NewScreening,
    PendingPermit,
    PermitRecord,
    PlanFile,
    Readiness,
    RejectedRecord,
    RequestKey,
    RevisionRecord,
    ScreeningRecord,
    WholeAsset,
    records_of,
)
from sql.uploads import NewUpload, Publishing, UploadClaim, UploadRecord, Uploads

__all__ = [
    "AmendmentRecord",
    "DatasetRecord",
    "DeclaredGround",
    "DigPlan",
    "FileRecord",
    "Filed",
    "Filing",
    "GridRecord",
    "GroundDeclaration",
    "ImportReport",
    "Job",
    "Judged",
    "Kept",
    "KeptAnswer",
    "NewScreening",
    "NewUpload",
    "PendingPermit",
    "PermitRecord",
    "PlanFile",
    "Publishing",
    "Readiness",
    "RejectedRecord",
    "RequestKey",
    "RevisionRecord",
    "ScreeningRecord",
    "UploadClaim",
    "UploadRecord",
    "Vault",
    "WholeAsset",
    "records_of",
]


class Vault(Inventory, Uploads, Protocol):
    """All reads and writes; what a dataset holds is told by sql.inventory, uploaded files by sql.uploads. Every method is one transaction unless it says otherwise.

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
        over: int | None = None,
        read_as: Mapping[str, Any] | None = None,
        upload: Publishing | None = None,
    ) -> ImportReport:
        """Replace one dataset, or with intake.changes the rows it names, all or nothing; leave a `revision` job; create
        the utility if unknown.

        cuts: the pieces of intake.assets, same order. Unchanged rows (same digest; same source_id too
        when intake.stable_ids) keep their version. Rejected rows become unreadable ground of the new
        revision. on: the data date; a later date alone is no difference. confirmed_rejected: how many
        rejected rows without a box the utility confirms; any more leave the dataset in doubt. over: the revision of
        the dataset that this import was compared with, 0 for none, None if it was not. Refused (`dataset_changed`)
        when another stands by now. read_as: how the files were read, to be told by datasets().
        upload: it is `published` with this import; refused (`job_lost`), and nothing is imported, where it was taken over.

        A change set closes the rows it removes and those that differ from a row of its own with the same id; all
        other rows, the data date and `read_as` stay. A rejected row leaves the row of its id standing. Rejected
        rows that stand are kept, but for those that may be replaced (RejectedRow) by an accepted row or a removal. Whether
        ids are there that must be, or must not, the caller has looked at, and says so with `over`. Refused
        (`changes_without_ids`) where no dataset stands that was imported with stable ids.
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
        """utility, dataset, revision, data_date, assets, length_m, rejected, operation, read_as per dataset. read_as: as
        given with its last whole import, None where that was before it was kept."""
        ...

    # -- reading the register
    def standing(self, utility: str, dataset: str) -> Standing | None:
        """A dataset as it stands, without its shapes; None where none does."""
        ...

    def rejected(self, utility: str, dataset: str, revision: int | None = None) -> tuple[RejectedRecord, ...]:
        """The rejected rows of a dataset as of a revision (None: now), in the order in which they came. What was rejected
        before they were kept is not among them."""
        ...

    def stood_once(self, utility: str, dataset: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of some ids an asset of the dataset has or ever had."""
        ...

    def beside(self, box: Box, utility: str, dataset: str) -> Beside:
        """The pieces of pipes of all other datasets whose own box meets this one. Refused (`query_too_wide`) as
        find()."""
        ...

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        """All pieces and ground whose boxes meet each site's query boxes, in one snapshot.

        as_of: a register revision; None = the newest the snapshot sees. Refused (`query_too_wide`) for a
        box of more than 0.3 degrees.
        """
        ...

    def region(self, box: Box, as_of: int | None = None) -> Region:
        """All pieces and ground of one box: what find() would be given there, however often it were asked. as_of,
        refusals: as find(). All of it is held in memory."""
        ...

    def newest_revision(self) -> int:
        """The register's newest revision; 0 = an empty one."""
        ...

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        """Uncut assets whose unwidened bounds meet `boxes`, by another index than find() uses."""
        ...

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        """The pieces (geometry, from_m, to_m) kept for each asset, in chainage order."""
        ...

    def declared_ground(self) -> tuple[DeclaredGround, ...]:
        """Every service area, coverage and blank that stands now, by utility; no pipe, no unreadable row."""
        ...

    def position_doubt_m(self, as_of: int) -> float:
        """The largest radius + uncertainty of any asset at `as_of`: how far find_whole must widen."""
        ...

    # -- rules
    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        """Keep a rule profile's text so that screenings under it can be replayed. Safe to repeat."""
        ...

    def profile(self, sha256: str) -> str: ...

    def adopt_profile(self, document: str, sha256: str, profile_id: str, version: str) -> int:
        """These are the rules in force of the family `profile_id` from now on; how many permits that makes
        pending: the open ones of the family judged by others so far, each left a job. 0 when they are in
        force already. Going back to earlier rules is adopting them again."""
        ...

    def profile_in_force(self, profile_id: str) -> str | None:
        """The text of the rules adopted last; None when none ever were."""
        ...

    # -- registered grids
    def keep_grid(self, name: str, *, kind: str, source: str, accuracy_m: float, sealed: str) -> int:
        """Add a version of a grid; its number, from 1. It is the one in use from now on; what was carried by an
        earlier one stays as it is. sealed: the parameters, already encrypted."""
        ...

    def grid(self, name: str) -> GridRecord | None:
        """The newest version of that name."""
        ...

    def grids(self) -> tuple[GridRecord, ...]:
        """Every version, by name, newest first."""
        ...

    # -- permits
    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
        *,
        key: RequestKey | None = None,
    ) -> Filed:
        """Commit a permit together with its job. Screening comes after, in its own transaction.

        With a key used before, the permit of then and its answer: one at work at the same time is waited
        for. Refused (`idempotency_key_reused`) for another body. A key lives as long as its permit.
        """
        ...

    def file_all(self, filings: Sequence[Filing]) -> tuple[Filed, ...]:
        """file_permit() for several in one transaction: all are filed or none."""
        ...

    def file_together(self, filings: Sequence[Filing]) -> Filed:
        """The permits that one plan becomes, all filed or none, under one key: that of the first, whose permit is
        named, with the others beside it. Refusals, and a key used before: as file_permit()."""
        ...

    def filed_under(self, key: RequestKey) -> Filed | None:
        """What was done under a key before, for a request that would not be taken any more: days pass. None: it was
        never used. Refused (`idempotency_key_reused`) for another body."""
        ...

    def keep_answer(self, key: str, answer: KeptAnswer) -> KeptAnswer:
        """Keep what was answered under a key; the first one kept wins, and is returned.
        Refused (`idempotency_key_unknown`) for a key nothing was filed under."""
        ...

    def permit_file(self, permit_id: str, number: int) -> tuple[FileRecord, bytes]:
        """A file of a permit's plan with its bytes, as they came in. Refused: `permit_unknown`, `file_unknown`."""
        ...

    def amend_permit(
        self,
        permit_id: str,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
        *,
        key: RequestKey | None = None,
        seen: int | None = None,
        files: Sequence[PlanFile] = (),
    ) -> Filed:
        """Put new words in the place of a permit's: it is pending at once, with a job. What it said before
        stays in history(), and so do the files it had. Sites are known again by feature_id. key: as file_permit. seen:
        the amendment that the new words were written upon; should there be a later one by now, nothing is changed.

        Refused: `permit_unknown`, `permit_cancelled`, `permit_expired`, `permit_changed`.
        """
        ...

    def cancel_permit(self, permit_id: str, *, key: RequestKey | None = None) -> Filed:
        """The dig is off. Safe to repeat. From now on it raises no alert; those it raised stay open until
        they are acknowledged, marked `permit_cancelled`: whoever planned a guard there has to hear of it."""
        ...

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        """on: the day its status is read for; None = today in Asia/Shanghai by the vault's clock."""
        ...

    def permits(
        self,
        *,
        open_on: date | None = None,
        on: date | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[PermitRecord, ...]:
        """Oldest first; with open_on only those not ended or cancelled on that day. on: as permit().

        after: the filed_order of the last one seen; limit: at most so many. This pages a list. It is no way
        to follow what is filed: of two filings at once the later number may be there first.
        """
        ...

    def plans(self, permit_ids: Sequence[str]) -> tuple[DigPlan, ...]:
        """What is asked of some permits, in that order, all read at once. Refused: `permit_unknown`."""
        ...

    def history(self, permit_id: str) -> tuple[AmendmentRecord, ...]:
        """All a permit ever said, the filing first."""
        ...

    # -- screenings
    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        """Commit screenings, their conflicts and alerts, and the end of `job`, together.

        A screening of an older amendment, of rules not in force, or of an older register than the one that
        stands is kept as evidence: it raises nothing and displaces nothing. The others raise an alert for
        each conflict that is new, gone, or whose grade changed against what was told of that site before,
        also under earlier rules or before an amendment; a site that an amendment took away has all its
        conflicts gone.

        The job ends, or without one the permit's own waiting jobs, once a judgement stands for every site; a
        job whose screenings came too late is put back. Refused (`job_lost`) when the job was taken over: then
        nothing is written.
        """
        ...

    def keep_all(self, judged: Sequence[Judged]) -> tuple[Kept, ...]:
        """keep_screenings() for several permits and enquiries in one transaction: all are kept or none."""
        ...

    def screening(self, screening_id: str) -> ScreeningRecord: ...

    def screenings_by_id(self, screening_ids: Sequence[str]) -> tuple[ScreeningRecord, ...]:
        """In the order asked for; refused (`screening_unknown`) if one is not there."""
        ...

    def screenings(self, permit_id: str) -> tuple[ScreeningRecord, ...]:
        """Every judgement of a permit, of all its amendments, newest first."""
        ...

    # -- alerts
    def alerts(
        self,
        permit_id: str | None = None,
        *,
        utility: str | None = None,
        state: str | None = None,
        grade: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[dict[str, Any], ...]:
        """alert_id, permit_id, amendment, site_index, screening_id, ordinal (of the conflict in that
        screening), utility, dataset, source_id, pipe_id, grade, change (new, worse, better, gone), state
        (open, acknowledged), raised_at, acknowledged_at, acknowledged_by, note, permit_cancelled; oldest first.

        gone: ordinal is None and grade the former one; screening_id is the judgement that no longer has the
        conflict, or, when the site was taken away, the last one that had it. after, limit: as permits(), by
        alert_id; to follow alerts, ask for those that are open.
        """
        ...

    def respond(self, alert_id: int, *, action: str, by: str, note: str | None = None) -> dict[str, Any]:
        """Add a response to an alert; the alert as alerts() tells it. action: `acknowledge`. Responses are only
        ever added, and the first one says who acknowledged. Refused: `alert_unknown`, `response_unknown`,
        `responder_missing`."""
        ...

    # -- jobs
    def stale_permits(self, revision: int) -> tuple[str, ...]:
        """Open permits that revision `revision` touches and no standing screening at or after it covers.

        One without a standing screening counts as well: its own may be reading an older register now.
        """
        ...

    def open_permits(self, on: date) -> int:
        """How many permits have not ended or been cancelled on that day."""
        ...

    def pending_permits(self, on: date) -> tuple[PendingPermit, ...]:
        """Every open permit that reads pending on that day, oldest first, and since when."""
        ...

    def split_job(self, job: Job) -> int:
        """Part the job of a revision: leave a permit job for each of its stale permits, unless one is waiting
        already, and end it, together; how many permits are stale. Nobody can take it over meanwhile, however
        long it takes. Refused (`job_lost`) when it was taken over before: then nothing is left.
        """
        ...

    def claim_jobs(self, at_most: int) -> tuple[Job, ...]:
        """The first of those to be done, by the number of the job; their fences raised and their claims committed,
        for 60 s. Those tried least come first, of them what a filing or an amendment left, then the oldest.

        Several only of permits' jobs that nobody has claimed before: what has been was perhaps the death of whoever
        did, and is tried alone, as is the job of a revision.

        What a filing or an amendment left is offered after some seconds only: the request screens it itself.

        A claim older than that counts as dead and is taken over (SKIP LOCKED, by state, never by id > last).
        """
        ...

    def hold_jobs(self, claimed: Sequence[Job]) -> tuple[Job, ...]:
        """Begin the 60 s anew; those that nobody has taken over yet."""
        ...

    def give_back_jobs(self, claimed: Sequence[Job]) -> None:
        """Let others claim them at once, for want of time; those that were taken over are left alone."""
        ...

    def finish_job(self, job: Job) -> None:
        """Refused (`job_lost`) when it was taken over."""
        ...

    def release_job(self, job: Job, error: str) -> None:
        """Put a job back after a failure; tried again later, the error kept for `status`."""
        ...

    def readiness(self) -> Readiness:
        """Quick, for a probe. Refuses nothing; raises VaultUnavailable when the database is gone."""
        ...

    def status(self) -> dict[str, Any]:
        """Counts for `predig status`: schema, revision, utilities, assets, screenings, permits by status,
        jobs by state with the last error, oldest_job."""
        ...

    def close(self) -> None:
        """Give back what is held; the vault is not used afterwards."""
        ...

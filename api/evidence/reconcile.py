"""The second net: what stands for every open permit, held against brute force.

Screening finds pipes by an index of pieces; should that ever miss one, nobody would know. So once a night every
open permit is judged again by `api.evidence.brute_force`, which shares no finding and no measuring with it, and each
difference is told. It mends nothing: a difference is a fault to be looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from api.evidence.brute_force import AGREE_M, Expected, expected_conflicts
from api.evidence.clear_ground import Ground, read_ground, why_not_clear
from ingest import parse_profile
from spatial.rules.profile import RuleProfile
from spatial.words import PermitStatus
from sql.vault import PermitRecord, ScreeningRecord, Vault

PATIENCE = timedelta(minutes=15)
"""How long a permit may read pending before that itself is a fault."""

PAGE = 100
TRIES = 5
"""A difference is told only when the register and the judgement stood still while it was found."""

DOUBT_AGREES_M = 0.001


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference. kind: missed (a conflict that no judgement tells of), surplus (one that is told and is
    none), differs (told with another clearance, doubt or grade), stale_clear (the permit reads clear and may
    not), not_judged (pending for longer than the patience). standing, expected: what is told, what is so."""

    kind: str
    permit_id: str
    site_index: int | None = None
    screening_id: str | None = None
    revision: int | None = None
    pipe: Mapping[str, str] = field(default_factory=dict)
    standing: Any = None
    expected: Any = None

    def record(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was looked at: open permits, of which `pending` had no judgement that stands; sites; conflicts."""

    permits: int
    pending: int
    sites: int
    conflicts: int
    mismatches: int
    revision: int


def reconcile(
    vault: Vault,
    on: date,
    tell: Callable[[Mismatch], None],
    *,
    patience: timedelta = PATIENCE,
    now: datetime | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Reconciled:
    """Hold every permit open on the day against brute force, one after the other; `tell` hears each difference.

    Holds one page of permits with their judgements, the assets round some of their sites and the declared ground in
    memory, whatever the number of permits. report: told (done, of how many).
    """
    moment = now or datetime.now(UTC)
    permits = pending = sites = conflicts = mismatches = 0
    books = _Books(vault)
    every = vault.open_permits(on)
    for checked in _all_checked(vault, on, books):
        permits += 1
        if report is not None:
            report(permits, max(every, permits))
        pending += checked.pending
        sites += checked.sites
        conflicts += checked.conflicts
        for mismatch in checked.mismatches:
            mismatches += 1
            tell(mismatch)
    for waiting in vault.pending_permits(on):
        if moment - waiting.since > patience:
            mismatches += 1
            tell(
                Mismatch(
                    "not_judged",
                    waiting.permit_id,
                    standing={"pending_since": waiting.since.isoformat()},
                    expected={"within_minutes": patience.total_seconds() / 60},
                )
            )
    return Reconciled(permits, pending, sites, conflicts, mismatches, vault.newest_revision())


@dataclass(frozen=True, slots=True)
class _Checked:
    pending: bool
    sites: int
    conflicts: int
    mismatches: tuple[Mismatch, ...]


_NOTHING = _Checked(False, 0, 0, ())


class _Books:
    """What many permits share: rule profiles, and the ground declared at the newest revision seen."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._profiles: dict[str, RuleProfile] = {}
        self._ground: Ground | None = None

    def profile(self, sha256: str) -> RuleProfile:
        if sha256 not in self._profiles:
            self._profiles[sha256] = parse_profile(self._vault.profile(sha256))
        return self._profiles[sha256]

    def ground(self, revision: int) -> Ground:
        if self._ground is None or self._ground.revision != revision:
            self._ground = read_ground(self._vault, revision)
        return self._ground


def _all_checked(vault: Vault, on: date, books: _Books) -> Iterator[_Checked]:
    """Every open permit, with a page of them and of their judgements read at a time. What differs then, and it may be
    no more than out of date, is looked at by itself."""
    after = 0
    while True:
        # The revision first: a judgement that stands after it was read knows at least that much.
        revision = vault.newest_revision()
        page = vault.permits(open_on=on, after=after, limit=PAGE)
        if not page:
            return
        ids = [screening_id for permit in page for screening_id in permit.screening_ids]
        stands = dict(zip(ids, vault.screenings_by_id(ids), strict=True))
        expected = _expected(vault, page, revision, books)
        for permit in page:
            checked = _as_read(permit, revision, books, stands, expected)
            yield _checked(vault, permit.permit_id, on, books) if checked.mismatches else checked
        after = page[-1].filed_order


_NOT_JUDGED = (PermitStatus.CANCELLED, PermitStatus.EXPIRED, PermitStatus.PENDING)


def _expected(
    vault: Vault, permits: Sequence[PermitRecord], revision: int, books: _Books
) -> Iterator[Mapping[str, Expected]]:
    """What each site of those that are judged conflicts with, in their order, worked out as it is asked for."""
    judged = (permit for permit in permits if permit.status not in _NOT_JUDGED)
    asked = ((site, books.profile(permit.profile)) for permit in judged for site in permit.sites)
    return expected_conflicts(vault, asked, revision)


def _as_read(
    permit: PermitRecord,
    revision: int,
    books: _Books,
    stands: Mapping[str, ScreeningRecord],
    expected: Iterator[Mapping[str, Expected]],
) -> _Checked:
    """stands: the judgements that stand for its sites, by id, read after the revision. expected: of its sites if it is
    judged, and of more; its own are taken."""
    if permit.status in _NOT_JUDGED:
        pending = permit.status is PermitStatus.PENDING
        return _Checked(True, len(permit.sites), 0, ()) if pending else _NOTHING
    return _held_against(permit, revision, books, stands, expected)


def _checked(vault: Vault, permit_id: str, on: date, books: _Books) -> _Checked:
    checked = _NOTHING
    for _ in range(TRIES):
        revision = vault.newest_revision()  # first, as for a page
        permit = vault.permit(permit_id, on=on)
        stands = dict(zip(permit.screening_ids, vault.screenings_by_id(permit.screening_ids), strict=True))
        checked = _as_read(permit, revision, books, stands, _expected(vault, [permit], revision, books))
        if not checked.mismatches:
            break
        again = vault.permit(permit_id, on=on)
        stood_still = (again.status, again.screening_ids) == (permit.status, permit.screening_ids)
        if stood_still and vault.newest_revision() == revision:
            break
    return checked


def _held_against(
    permit: PermitRecord,
    revision: int,
    books: _Books,
    judgements: Mapping[str, ScreeningRecord],
    expected_of_sites: Iterator[Mapping[str, Expected]],
) -> _Checked:
    profile = books.profile(permit.profile)
    reads_clear = permit.status is PermitStatus.CLEAR
    found: list[Mismatch] = []
    conflicts = 0
    for number, (site, screening_id) in enumerate(zip(permit.sites, permit.screening_ids, strict=True)):
        expected = next(expected_of_sites)
        conflicts += sum(row.must for row in expected.values())
        stands = judgements[screening_id]
        found += _mismatches(permit, number, stands, expected, revision)
        if reads_clear:
            reasons = [
                f"conflict with {row.utility}/{row.dataset}/{row.source_id}"
                for row in expected.values()
                if row.must
            ]
            reasons += why_not_clear(books.ground(revision), site, profile, stands.screened_on)
            found += [_stale_clear(permit, number, stands, reasons, revision)] * bool(reasons)
    return _Checked(False, len(permit.sites), conflicts, tuple(found))


def _mismatches(
    permit: PermitRecord,
    number: int,
    stands: ScreeningRecord,
    expected: Mapping[str, Expected],
    revision: int,
) -> Iterator[Mismatch]:
    told = {str(row["pipe_id"]): row for row in stands.conflicts}

    def mismatch(kind: str, pipe_id: str, standing: Any, so: Any) -> Mismatch:
        row = expected.get(pipe_id)
        known = told[pipe_id] if row is None else asdict(row)
        pipe = {"pipe_id": pipe_id} | {key: known[key] for key in ("utility", "dataset", "source_id")}
        return Mismatch(kind, permit.permit_id, number, stands.screening_id, revision, pipe, standing, so)

    for pipe_id, row in expected.items():
        if row.must and pipe_id not in told:
            yield mismatch("missed", pipe_id, None, _facts(row))
    for pipe_id, conflict in told.items():
        so = expected.get(pipe_id)
        standing = {key: conflict[key] for key in ("clearance_m", "uncertainty_m", "grade")}
        if so is None:
            yield mismatch("surplus", pipe_id, standing, None)
        elif (
            abs(conflict["clearance_m"] - so.clearance_m) > AGREE_M
            or abs(conflict["uncertainty_m"] - so.doubt_m) > DOUBT_AGREES_M
            or conflict["grade"] not in so.grades
        ):
            yield mismatch("differs", pipe_id, standing, _facts(so))


def _stale_clear(
    permit: PermitRecord, number: int, stands: ScreeningRecord, reasons: list[str], revision: int
) -> Mismatch:
    return Mismatch(
        "stale_clear",
        permit.permit_id,
        number,
        stands.screening_id,
        revision,
        standing={"status": permit.status.value, "valid_until": stands.valid_until.isoformat()},
        expected=reasons,
    )


def _facts(row: Expected) -> dict[str, Any]:
    return {
        "clearance_m": round(row.clearance_m, 4),
        "uncertainty_m": round(row.doubt_m, 4),
        "grade": row.grades[0],
    }

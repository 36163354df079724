"""The vault's twin: the same contract in plain Python and brute force, for tests and as an oracle."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from spatial.found import Assets, Found, Pieces
from spatial.pieces import Cuts
from spatial.values import Box, DigSite, NetworkIntake, PermitParties, Utility
from sql import rows
from sql.decisions import check_declaration, ground_of_site
from sql.errors import refused
from sql.memory import permits, register
from sql.memory.permits import Desk
from sql.memory.versions import AssetVersion, Piece, Register, meets
from sql.vault import (
    GroundDeclaration,
    ImportReport,
    Job,
    NewScreening,
    PermitRecord,
    RevisionRecord,
    ScreeningRecord,
    WholeAsset,
)

WIDEST_BOX_DEGREES = 0.3


class MemoryVault:
    """Safe to share between threads. lease_s: as PostgisVault."""

    def __init__(self, *, lease_s: float = 60.0) -> None:
        self._register = Register()
        self._desk = Desk(lease_s)
        self._writing = threading.Lock()
        self._lock = threading.RLock()

    def close(self) -> None:
        """Nothing is held."""

    # -- register changes

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One writer at a time; a revision made within leaves its job."""
        if not self._writing.acquire(blocking=False):
            raise refused("register_busy")
        try:
            with self._lock:
                before = self._register.newest
                yield
                if self._register.newest > before:
                    self._desk.leave_job(revision=self._register.newest)
        finally:
            self._writing.release()

    def set_utility(self, utility: Utility) -> int | None:
        with self._change():
            self._register, revision = register.set_utility(self._register, utility)
            return revision

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
        words = rows.unreadable_rows(intake)
        if coverage is not None:
            check_declaration(coverage, utility)
            words += rows.ground_rows(coverage)
        state = rows.dataset_state(intake, cuts, on=on, confirmed_rejected=confirmed_rejected)
        with self._change():
            self._register, report = register.import_network(
                self._register, intake, cuts, state, words, utility=utility, dataset=dataset
            )
            return report

    def roll_back(self, revision: int) -> ImportReport:
        with self._change():
            self._register, report = register.roll_back(self._register, revision)
            return report

    def declare_ground(self, declaration: GroundDeclaration) -> int:
        check_declaration(declaration, declaration.utility)
        with self._change():
            self._register, revision = register.declare_ground(
                self._register,
                declaration.utility,
                declaration.ground.value,
                rows.ground_rows(declaration),
            )
            return revision

    def utilities(self) -> tuple[Utility, ...]:
        now = self._register
        return tuple(sorted(now.book(now.newest).utilities, key=lambda utility: utility.code))

    def revisions(self) -> tuple[RevisionRecord, ...]:
        return tuple(change.record for change in reversed(self._register.changes))

    def datasets(self) -> tuple[dict[str, Any], ...]:
        standing = [version for version in self._register.datasets if version.lived.valid_to is None]
        return tuple(
            {
                "utility": version.utility,
                "dataset": version.dataset,
                "revision": version.lived.valid_from,
                "data_date": date.fromisoformat(version.state["data_date"]),
                **{name: version.state[name] for name in ("assets", "length_m", "rejected", "operation")},
            }
            for version in sorted(standing, key=lambda version: (version.utility, version.dataset))
        )

    # -- reading the register

    def find(self, queries: Sequence[Sequence[Box]], as_of: int | None = None) -> Found:
        now = self._register
        revision = now.settled(as_of)
        _refuse_wide([box for boxes in queries for box in boxes])
        standing = [version for version in now.assets if version.lived.at(revision)]
        pairs = [
            (site, version, piece)
            for site, boxes in enumerate(queries)
            for version in standing
            for piece in version.pieces
            if any(meets(piece.box, box) for box in boxes)
        ]
        ground = [version.row for version in now.ground if version.lived.at(revision)]
        book = now.book(revision)
        owners: list[set[str]] = [set() for _ in queries]
        for site, version, _ in pairs:
            owners[site].add(version.utility)
        return Found(
            revision,
            _columns(pairs),
            tuple(
                ground_of_site(book, ground, boxes, here) for boxes, here in zip(queries, owners, strict=True)
            ),
        )

    def find_whole(self, boxes: Sequence[Box], as_of: int) -> tuple[WholeAsset, ...]:
        now = self._register
        revision = now.settled(as_of)
        _refuse_wide(boxes)
        return tuple(
            WholeAsset(
                asset_id=version.asset_id,
                utility=version.utility,
                dataset=version.dataset,
                revision=version.lived.valid_from,
                asset=version.asset,
                stored_digest=version.asset.digest,
            )
            for version in now.assets
            if version.lived.at(revision) and any(meets(version.asset.geometry.bounds, box) for box in boxes)
        )

    def stored_pieces(
        self, asset_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[BaseGeometry, float, float], ...]]:
        wanted = {int(asset_id) for asset_id in asset_ids}
        return {
            version.asset_id: tuple((piece.geometry, piece.from_m, piece.to_m) for piece in version.pieces)
            for version in self._register.assets
            if version.asset_id in wanted
        }

    def position_doubt_m(self, as_of: int) -> float:
        now = self._register
        revision = now.settled(as_of)
        return max((row.widened_by_m for row in now.assets if row.lived.at(revision)), default=0.0)

    # -- permits and screenings

    def keep_profile(self, document: str, sha256: str, profile_id: str, version: str) -> None:
        with self._lock:
            self._desk.profiles.setdefault(sha256, document)

    def profile(self, sha256: str) -> str:
        with self._lock:
            return self._desk.profile(sha256)

    def file_permit(
        self,
        parties: PermitParties,
        profile: str,
        sites: Sequence[DigSite],
        query_boxes: Sequence[Sequence[Box]],
    ) -> str:
        with self._lock:
            return self._desk.file_permit(parties, profile, sites, query_boxes)

    def cancel_permit(self, permit_id: str) -> None:
        with self._lock:
            self._desk.cancel_permit(permit_id)

    def keep_screenings(
        self, screenings: Sequence[NewScreening], *, permit_id: str | None = None, job: Job | None = None
    ) -> tuple[str, ...]:
        with self._lock:
            return self._desk.keep_screenings(screenings, permit_id, job, self._stable_datasets())

    def screening(self, screening_id: str) -> ScreeningRecord:
        with self._lock:
            return self._desk.screening(screening_id)

    def permit(self, permit_id: str, *, on: date | None = None) -> PermitRecord:
        with self._lock:
            filed = self._desk.filed(permit_id)
            return self._desk.permit(filed, self._register, on or permits.today())

    def permits(self, *, open_on: date | None = None, on: date | None = None) -> tuple[PermitRecord, ...]:
        with self._lock:
            filed = self._desk.open_permits(open_on) if open_on else list(self._desk.permits.values())
            day = on or open_on or permits.today()
            return tuple(self._desk.permit(permit, self._register, day) for permit in filed)

    def alerts(self, permit_id: str | None = None) -> tuple[dict[str, Any], ...]:
        with self._lock:
            return tuple(
                dict(alert) for alert in self._desk.alerts if permit_id in (None, alert["permit_id"])
            )

    def stale_permits(self, revision: int) -> tuple[str, ...]:
        with self._lock:
            return self._desk.stale_permits(self._register, revision)

    # -- jobs

    def claim_job(self) -> Job | None:
        with self._lock:
            return self._desk.claim_job()

    def finish_job(self, job: Job) -> None:
        with self._lock:
            self._desk.finish_job(job)

    def release_job(self, job: Job, error: str) -> None:
        with self._lock:
            self._desk.release_job(job, error)

    def status(self) -> dict[str, Any]:
        with self._lock:
            jobs = self._desk.job_counts()
            oldest = jobs.pop("oldest")
            return {
                "schema": None,
                "revision": self._register.newest,
                "utilities": len(self.utilities()),
                "assets": sum(row.lived.valid_to is None for row in self._register.assets),
                "permits": dict(Counter(record.status.value for record in self.permits())),
                "screenings": len(self._desk.screenings),
                "jobs": jobs,
                "oldest_job": oldest.isoformat() if oldest is not None else None,
            }

    def _stable_datasets(self) -> frozenset[tuple[str, str]]:
        named = {(row.utility, row.dataset) for row in self._register.datasets}
        unstable = {
            (row.utility, row.dataset) for row in self._register.datasets if not row.state["stable_ids"]
        }
        return frozenset(named - unstable)


def _refuse_wide(boxes: Sequence[Box]) -> None:
    for west, south, east, north in boxes:
        if not (0 <= east - west <= WIDEST_BOX_DEGREES and 0 <= north - south <= WIDEST_BOX_DEGREES):
            raise refused("query_too_wide")


def _columns(pairs: Sequence[tuple[int, AssetVersion, Piece]]) -> Pieces:
    """Pairs by site, asset and place along it."""
    by_id = {version.asset_id: version for _, version, _ in pairs}
    ids = sorted(by_id)
    versions = [by_id[asset_id] for asset_id in ids]
    ordered = sorted(pairs, key=lambda pair: (pair[0], pair[1].asset_id, pair[1].pieces.index(pair[2])))

    def words(values: Sequence[Any]) -> Any:
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column

    about = [rows.asset_row(version.asset) for version in versions]
    return Pieces(
        site=np.array([site for site, _, _ in ordered], dtype=np.int64),
        asset=np.array([ids.index(version.asset_id) for _, version, _ in ordered], dtype=np.int64),
        geometry=words([piece.geometry for _, _, piece in ordered]),
        from_m=np.array([piece.from_m for _, _, piece in ordered], dtype=np.float64),
        to_m=np.array([piece.to_m for _, _, piece in ordered], dtype=np.float64),
        assets=Assets(
            asset_id=np.array(ids, dtype=np.int64),
            source_id=words([row["source_id"] for row in about]),
            utility=words([version.utility for version in versions]),
            dataset=words([version.dataset for version in versions]),
            revision=np.array([version.lived.valid_from for version in versions], dtype=np.int64),
            kind=words([row["kind"] for row in about]),
            pressure_class=words([row["pressure_class"] for row in about]),
            diameter_mm=np.array([row["diameter_mm"] for row in about], dtype=np.float64),
            cover_m=np.array([row["cover_m"] for row in about], dtype=np.float64),
            status=words([row["status"] for row in about]),
            pipe_kind=words([row["pipe_kind"] for row in about]),
            uncertainty_m=np.array([row["uncertainty_m"] for row in about], dtype=np.float64),
            uncertainty_terms=words([rows.shown_terms(row["uncertainty"]) for row in about]),
        ),
    )

"""Permits, screenings and alerts of the twin. Not safe between threads by itself: the vault locks."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from spatial import canonical
from sql.errors import refused
from sql.judgements import (
    Notice,
    PermitNow,
    Standing,
    Told,
    alert_unknown,
    check_response,
    file_unknown,
    key_reused,
    key_unknown,
    notices,
    permit_cancelled,
    permit_changed,
    permit_expired,
    permit_status,
    permit_unknown,
    profile_unknown,
    screening_unknown,
    worst_grade,
)
from sql.memory.filed import Permit, Request, Words
from sql.memory.jobs import Jobs, now
from sql.memory.versions import Register
from sql.records import (
    AmendmentRecord,
    DigPlan,
    Filed,
    FileRecord,
    Judged,
    KeptAnswer,
    NewScreening,
    PermitRecord,
    RequestKey,
    ScreeningRecord,
)

Stable = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Desk:
    """adopted: family -> the profiles adopted, the rules in force last; adopted_at: when each was last."""

    jobs: Jobs
    head_start_s: float
    profiles: dict[str, tuple[str, str]] = field(default_factory=dict)
    """sha256 -> (family, document)."""
    adopted: dict[str, list[str]] = field(default_factory=dict)
    adopted_at: dict[str, datetime] = field(default_factory=dict)
    permits: dict[str, Permit] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    screenings: dict[str, ScreeningRecord] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)

    # -- rules

    def keep_profile(self, document: str, sha256: str, profile_id: str) -> None:
        self.profiles.setdefault(sha256, (profile_id, document))

    def profile(self, sha256: str) -> str:
        if sha256 not in self.profiles:
            raise profile_unknown(sha256)
        return self.profiles[sha256][1]

    def adopt_profile(self, document: str, sha256: str, profile_id: str) -> int:
        self.keep_profile(document, sha256, profile_id)
        adopted = self.adopted.setdefault(profile_id, [])
        if adopted and adopted[-1] == sha256:
            return 0
        pending = [
            permit.permit_id
            for permit in self.open_permits(today())
            if self._family(permit.words.profile) == profile_id
            and self.rules_now(permit.words.profile) != sha256
        ]
        adopted.append(sha256)
        self.adopted_at[sha256] = now()
        for permit_id in pending:
            self.jobs.leave(permit_id=permit_id)
        return len(pending)

    def profile_in_force(self, profile_id: str) -> str | None:
        adopted = self.adopted.get(profile_id)
        return self.profiles[adopted[-1]][1] if adopted else None

    def rules_now(self, filed: str) -> str:
        adopted = self.adopted.get(self._family(filed) or "")
        return adopted[-1] if adopted else filed

    def _family(self, sha256: str) -> str | None:
        return self.profiles[sha256][0] if sha256 in self.profiles else None

    # -- permits

    def file_permit(self, words: Words, key: RequestKey | None) -> Filed:
        if (before := self._before(key)) is not None:
            return before
        permit = Permit(str(uuid.uuid4()), len(self.permits) + 1, (words,))
        self.permits[permit.permit_id] = permit
        return self._done(permit.permit_id, key)

    def amend_permit(self, permit_id: str, words: Words, key: RequestKey | None, seen: int | None) -> Filed:
        if (before := self._before(key)) is not None:
            return before
        permit = self.filed(permit_id)
        if permit.cancelled:
            raise permit_cancelled(permit_id)
        if permit.words.parties.ends_on < today():
            raise permit_expired(permit_id)
        if seen is not None and seen != permit.amendment:
            raise permit_changed(permit_id)
        self.permits[permit_id] = replace(permit, versions=(*permit.versions, words))
        return self._done(permit_id, key)

    def cancel_permit(self, permit_id: str, key: RequestKey | None) -> Filed:
        if (before := self._before(key)) is not None:
            return before
        self.permits[permit_id] = replace(self.filed(permit_id), cancelled=True)
        return self._done(permit_id, key, job=False)

    def keep_answer(self, key: str, answer: KeptAnswer) -> KeptAnswer:
        if key not in self.requests:
            raise key_unknown()
        kept = self.requests[key].answer or answer
        self.requests[key] = replace(self.requests[key], answer=kept)
        return kept

    def filed_under(self, key: RequestKey) -> Filed | None:
        return self._before(key)

    def check_keys(self, keys: Iterable[RequestKey | None]) -> None:
        """:raises Refused: one was used for another body, before or among these."""
        bodies: dict[str, str] = {}
        for key in keys:
            self._before(key)
            if key is not None and bodies.setdefault(key.key, key.body_sha256) != key.body_sha256:
                raise key_reused()

    def _before(self, key: RequestKey | None) -> Filed | None:
        """What was done under the key before."""
        if key is None or key.key not in self.requests:
            return None
        request = self.requests[key.key]
        if request.body_sha256 != key.body_sha256:
            raise key_reused()
        return Filed(request.permit_id, True, request.answer, request.beside)

    def put_beside(self, first: Filed, others: Iterable[str]) -> Filed:
        """The permits that one plan became: a key of the first is the key of all."""
        beside = tuple(others)
        for key, request in self.requests.items():
            if request.permit_id == first.permit_id:
                self.requests[key] = replace(request, beside=beside)
        return replace(first, beside=beside)

    def _done(self, permit_id: str, key: RequestKey | None, *, job: bool = True) -> Filed:
        if key is not None:
            self.requests[key.key] = Request(key.body_sha256, permit_id)
        if job:
            self.jobs.leave(permit_id=permit_id, of_request=True, head_start_s=self.head_start_s)
        return Filed(permit_id, False, None)

    def filed(self, permit_id: str) -> Permit:
        if permit_id not in self.permits:
            raise permit_unknown(permit_id)
        return self.permits[permit_id]

    def open_permits(self, on: date) -> list[Permit]:
        return [
            permit
            for permit in self.permits.values()
            if not permit.cancelled and permit.words.parties.ends_on >= on
        ]

    def permit(self, permit: Permit, register: Register, on: date) -> PermitRecord:
        words = permit.words
        standing = [self._standing(permit, number, register) for number in range(len(words.sites))]
        return PermitRecord(
            permit_id=permit.permit_id,
            parties=words.parties,
            profile=self.rules_now(words.profile),
            sites=words.sites,
            status=permit_status(standing, ends_on=words.parties.ends_on, cancelled=permit.cancelled, on=on),
            filed_at=permit.versions[0].since,
            screening_ids=tuple(entry.screening_id for entry in standing if entry is not None),
            filed_order=permit.order,
            amendment=permit.amendment,
            amended_at=words.since if permit.amendment else None,
            cancelled=permit.cancelled,
            grade=worst_grade(standing),
            files=tuple(record for record, _ in permit.files),
        )

    def file_of(self, permit: Permit, number: int) -> tuple[FileRecord, bytes]:
        if not 0 <= number < len(permit.files):
            raise file_unknown(permit.permit_id, number)
        return permit.files[number]

    def plan(self, permit: Permit) -> DigPlan:
        words = permit.words
        rules = self.rules_now(words.profile)
        return DigPlan(permit.permit_id, permit.amendment, rules, words.parties.ends_on, words.sites)

    def history(self, permit: Permit) -> tuple[AmendmentRecord, ...]:
        return tuple(
            AmendmentRecord(number, words.since, words.parties, words.profile, words.sites)
            for number, words in enumerate(permit.versions)
        )

    def stale_permits(self, register: Register, revision: int) -> tuple[str, ...]:
        def stale(permit: Permit, number: int) -> bool:
            words, stands = permit.words, self.stands(permit, number)
            if stands is None:
                other_rules = self.rules_now(words.profile) != words.profile
                return other_rules or register.touched(words.boxes[number], revision - 1, revision)
            covered = stands.register_revision >= revision
            return not covered and register.touched(stands.query_boxes, revision - 1, revision)

        if revision > register.newest:
            raise refused("revision_unknown")
        return tuple(
            permit.permit_id
            for permit in self.open_permits(today())
            if any(stale(permit, number) for number in range(len(permit.words.sites)))
        )

    # -- screenings

    def keep_all(self, judged: Sequence[Judged], stable: Stable) -> tuple[tuple[ScreeningRecord, ...], ...]:
        """All the checks come first, so that a refusal leaves nothing behind."""
        for one in judged:
            if one.permit_id is not None:
                self.filed(one.permit_id)
            for screening in one.screenings:
                self.profile(screening.profile_sha256)
            if one.job is not None:
                self.jobs.claimed(one.job)
        return tuple(self._keep(one, stable) for one in judged)

    def _keep(self, one: Judged, stable: Stable) -> tuple[ScreeningRecord, ...]:
        permit = self.filed(one.permit_id) if one.permit_id is not None else None
        now_ = self._permit_now(permit) if permit is not None else None
        records = tuple(
            _record(screening, one.permit_id, now_ is not None and now_.stands(screening))
            for screening in one.screenings
        )
        self.screenings |= {record.screening_id: record for record in records}
        if now_ is not None:
            self._tell(now_, [record for record in records if record.stood], stable)
        judged = permit is None or self._is_judged(permit)
        if one.job is not None:
            self.jobs.finish_if(one.job, judged)
        elif permit is not None and judged:
            self.jobs.finish_waiting(permit.permit_id)
        return records

    def screening(self, screening_id: str) -> ScreeningRecord:
        if screening_id not in self.screenings:
            raise screening_unknown(screening_id)
        return self.screenings[screening_id]

    def _permit_now(self, permit: Permit) -> PermitNow:
        rules = self.rules_now(permit.words.profile)
        told: dict[tuple[int, int], Told] = {}
        for record in self._of(permit.permit_id):
            place = (record.amendment, record.site_index)
            before = told[place].newest if place in told else None
            own = record.register_revision if record.profile_sha256 == rules else None
            newest = max((revision for revision in (before, own) if revision is not None), default=None)
            feature_id = permit.versions[record.amendment].sites[record.site_index].feature_id
            told[place] = Told(record.screening_id, *place, feature_id, newest)
        return PermitNow(
            cancelled=permit.cancelled,
            amendment=permit.amendment,
            rules=rules,
            features=tuple(site.feature_id for site in permit.words.sites),
            told=tuple(told[place] for place in sorted(told)),
        )

    def _of(self, permit_id: str) -> list[ScreeningRecord]:
        """Those that stood, in the order they were kept."""
        return [row for row in self.screenings.values() if row.permit_id == permit_id and row.stood]

    def stands(self, permit: Permit, site_index: int) -> ScreeningRecord | None:
        rules = self.rules_now(permit.words.profile)
        own = [
            row
            for row in self._of(permit.permit_id)
            if (row.amendment, row.site_index, row.profile_sha256) == (permit.amendment, site_index, rules)
        ]
        return max(reversed(own), key=lambda row: row.register_revision, default=None)

    def _standing(self, permit: Permit, site_index: int, register: Register) -> Standing | None:
        row = self.stands(permit, site_index)
        if row is None:
            return None
        touched = register.touched(row.query_boxes, row.register_revision, None)
        return Standing(row.screening_id, row.outcome, row.grade, row.valid_until, touched)

    def _is_judged(self, permit: Permit) -> bool:
        numbers = range(len(permit.words.sites))
        return permit.cancelled or all(self.stands(permit, number) is not None for number in numbers)

    # -- alerts

    def _tell(self, now_: PermitNow, stood: Sequence[ScreeningRecord], stable: Stable) -> None:
        if not stood:
            return
        before = now_.before()
        for record in stood:
            told = before.get(record.site_index)
            said = self.screenings[told.screening_id].conflicts if told is not None else ()
            for notice in notices(said, record.conflicts, stable):
                self._raise(record, notice, told.screening_id if told is not None else None)
        for told in now_.taken_away():
            record = self.screenings[told.screening_id]
            for notice in notices(record.conflicts, (), stable):
                self._raise(record, notice, record.screening_id)

    def _raise(self, record: ScreeningRecord, notice: Notice, follows: str | None) -> None:
        about = {
            name: notice.conflict[name] for name in ("utility", "dataset", "source_id", "pipe_id", "grade")
        }
        self.alerts.append(
            {
                "alert_id": len(self.alerts) + 1,
                "permit_id": record.permit_id,
                "amendment": record.amendment,
                "site_index": record.site_index,
                "screening_id": record.screening_id,
                "ordinal": notice.ordinal,
                **about,
                "change": notice.change,
                "state": "open",
                "raised_at": now(),
                "acknowledged_at": None,
                "acknowledged_by": None,
                "note": None,
            }
        )

    def alert(self, alert: dict[str, Any]) -> dict[str, Any]:
        return alert | {"permit_cancelled": self.permits[alert["permit_id"]].cancelled}

    def respond(self, alert_id: int, action: str, by: str, note: str | None) -> dict[str, Any]:
        check_response(action, by)
        for alert in self.alerts:
            if alert["alert_id"] == alert_id:
                if alert["state"] == "open":
                    alert |= {"state": "acknowledged", "acknowledged_at": now()}
                    alert |= {"acknowledged_by": by, "note": note}
                return self.alert(alert)
        raise alert_unknown(alert_id)


def today() -> date:
    return now().astimezone(ZoneInfo("Asia/Shanghai")).date()


def _record(screening: NewScreening, permit_id: str | None, stood: bool) -> ScreeningRecord:
    return ScreeningRecord(
        screening_id=str(uuid.uuid4()),
        permit_id=permit_id,
        site_index=screening.site_index,
        register_revision=screening.register_revision,
        screened_on=screening.screened_on,
        site=screening.site,
        profile_sha256=screening.profile_sha256,
        engine=screening.engine,
        outcome=screening.outcome,
        grade=screening.grade,
        valid_until=screening.valid_until,
        document=screening.document,
        document_sha256=screening.document_sha256,
        conflicts=tuple(json.loads(canonical.dumps(conflict)) for conflict in screening.conflicts),
        created_at=now(),
        amendment=screening.amendment,
        query_boxes=screening.query_boxes,
        stood=stood,
    )

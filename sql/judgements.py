"""What both vaults decide alike about permits: what stands, what is told of it, what is refused. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from spatial.errors import Refused
from spatial.words import Grade, Outcome, PermitStatus
from sql.records import NewScreening

GRADES = list(Grade)
OUTCOMES = list(Outcome)
"""Worst first."""

ACKNOWLEDGE = "acknowledge"
"""The one answer to an alert so far."""


# -- status -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """The judgement that stands for one site. touched: a later revision changed what can be said there."""

    screening_id: str
    outcome: str
    grade: str | None
    valid_until: date
    touched: bool


def permit_status(
    standing: Sequence[Standing | None], *, ends_on: date, cancelled: bool, on: date
) -> PermitStatus:
    """One entry a site, None where none stands. on: the Asia/Shanghai day it is read.

    A clear that has run out says nothing any more: it reads pending, never clear.
    """
    if cancelled:
        return PermitStatus.CANCELLED
    if ends_on < on:
        return PermitStatus.EXPIRED
    judged = [entry for entry in standing if entry is not None]
    if len(judged) < len(standing) or any(entry.touched for entry in judged):
        return PermitStatus.PENDING
    worst = min((Outcome(entry.outcome) for entry in judged), key=OUTCOMES.index)
    if worst is Outcome.CLEAR and any(entry.valid_until < on for entry in judged):
        return PermitStatus.PENDING
    return PermitStatus(worst.value)


def worst_grade(standing: Iterable[Standing | None]) -> str | None:
    grades = [Grade(entry.grade) for entry in standing if entry is not None and entry.grade is not None]
    return min(grades, key=GRADES.index).value if grades else None


# -- what a new judgement is held against -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """The last judgement that stood for a site of an amendment: what was said of it last.

    newest: the newest register revision it was judged at under the rules in force now; None if never.
    """

    screening_id: str
    amendment: int
    site_index: int
    feature_id: str
    newest: int | None


@dataclass(frozen=True, slots=True)
class PermitNow:
    """A permit while one of its judgements is being kept. features: of its sites, in their order. told: by
    amendment and site."""

    cancelled: bool
    amendment: int
    rules: str
    features: tuple[str, ...]
    told: tuple[Told, ...]

    def stands(self, screening: NewScreening) -> bool:
        """It speaks for its site: of the words, the rules and a register not older than what stands."""
        newest = max(
            (
                entry.newest
                for entry in self.told
                if (entry.amendment, entry.site_index) == (self.amendment, screening.site_index)
                and entry.newest is not None
            ),
            default=screening.register_revision,
        )
        return (
            not self.cancelled
            and screening.amendment == self.amendment
            and screening.profile_sha256 == self.rules
            and screening.register_revision >= newest
        )

    def before(self) -> dict[int, Told]:
        """site index -> what was said last of that site, under this amendment or an earlier one."""
        former = dict(zip(_keys(self._former()), self._former(), strict=True))
        known = {number: former[key] for number, key in enumerate(_named(self.features)) if key in former}
        return known | {entry.site_index: entry for entry in self._of(self.amendment)}

    def taken_away(self) -> tuple[Told, ...]:
        """What was said of sites that are gone with the amendment, as long as nothing was said under it."""
        if self._of(self.amendment):
            return ()
        staying = set(_named(self.features))
        former = self._former()
        return tuple(entry for key, entry in zip(_keys(former), former, strict=True) if key not in staying)

    def _former(self) -> tuple[Told, ...]:
        """Of the last amendment before this one of which anything was said."""
        earlier = [entry.amendment for entry in self.told if entry.amendment < self.amendment]
        return self._of(max(earlier)) if earlier else ()

    def _of(self, amendment: int) -> tuple[Told, ...]:
        return tuple(entry for entry in self.told if entry.amendment == amendment)


def _keys(told: Sequence[Told]) -> list[tuple[str, int]]:
    return _named([entry.feature_id for entry in told])


def _named(features: Sequence[str]) -> list[tuple[str, int]]:
    """Each feature id with its number among those alike: a file may name two features the same."""
    seen: Counter[str] = Counter()
    keys = []
    for feature in features:
        seen[feature] += 1
        keys.append((feature, seen[feature]))
    return keys


# -- alerts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert to raise. change: new, worse, better or gone. ordinal: of `conflict` in the new screening; a
    conflict that is gone has none, and `conflict` is the former one."""

    change: str
    ordinal: int | None
    conflict: Mapping[str, Any]


def notices(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], stable: frozenset[tuple[str, str]]
) -> list[Notice]:
    """One notice per conflict that is new, gone, or whose grade changed, against what was told of the site.

    A conflict is the same as one before when its register row is (pipe_id), or when the dataset has ids its
    utility vouches for (`stable`: (utility, dataset)) and the utility's own id is the same. Without such ids
    a changed row is news, and the former one is gone: its old number may now name another pipe.
    """
    raised = []
    by_row = {_row_key(conflict): number for number, conflict in enumerate(before)}
    by_id = {
        _id_key(conflict): number
        for number, conflict in enumerate(before)
        if (conflict["utility"], conflict["dataset"]) in stable
    }
    met = set()
    for ordinal, conflict in enumerate(now):
        number = by_row.get(_row_key(conflict), by_id.get(_id_key(conflict)))
        if number is None:
            raised.append(Notice("new", ordinal, conflict))
            continue
        met.add(number)
        grade, former = conflict["grade"], before[number]["grade"]
        if grade != former:
            worse = GRADES.index(Grade(grade)) < GRADES.index(Grade(former))
            raised.append(Notice("worse" if worse else "better", ordinal, conflict))
    gone = [Notice("gone", None, former) for number, former in enumerate(before) if number not in met]
    return raised + gone


def _row_key(conflict: Mapping[str, Any]) -> tuple[Any, ...]:
    return (conflict["utility"], conflict["dataset"], conflict["pipe_id"])


def _id_key(conflict: Mapping[str, Any]) -> tuple[Any, ...]:
    return (conflict["utility"], conflict["dataset"], conflict["source_id"])


def check_response(action: str, by: str) -> None:
    """:raises Refused: an answer nobody knows, or of nobody."""
    if action != ACKNOWLEDGE:
        raise Refused.because(
            "response_unknown",
            en=f"an alert can be answered with {ACKNOWLEDGE!r} only",
            zh=f"对预警的答复目前只能是 {ACKNOWLEDGE}（确认收到）",
            pointer="/action",
        )
    if not by.strip():
        raise Refused.because(
            "responder_missing",
            en="say who acknowledges the alert, so that the firm knows whom to call",
            zh="请填写确认人，以便施工单位联系",
            pointer="/by",
        )


# -- refusals of both vaults ------------------------------------------------------------------------------


def permit_unknown(permit_id: str) -> Refused:
    return Refused.because(
        "permit_unknown",
        en=f"there is no permit {permit_id}: check the id `predig file` gave",
        zh=f"没有许可 {permit_id}：请核对 `predig file` 给出的编号",
    )


def file_unknown(permit_id: str, number: int) -> Refused:
    return Refused.because(
        "file_unknown",
        en=f"the permit {permit_id} has no file {number}: the permit lists those it has",
        zh=f"许可 {permit_id} 没有第 {number} 号文件：许可中列有全部文件",
    )


def permit_cancelled(permit_id: str) -> Refused:
    return Refused.because(
        "permit_cancelled",
        en=f"the permit {permit_id} is cancelled and stays so: file the dig again",
        zh=f"许可 {permit_id} 已撤销，不能修改：请重新备案",
    )


def permit_expired(permit_id: str) -> Refused:
    return Refused.because(
        "permit_expired",
        en=f"the permit {permit_id} has ended: file what is still to be dug as a new permit",
        zh=f"许可 {permit_id} 已到期，不能修改：尚未完成的作业请重新备案",
    )


def permit_changed(permit_id: str) -> Refused:
    return Refused.because(
        "permit_changed",
        en=f"somebody else has just amended the permit {permit_id}: read it again, then change what is still to be "
        "changed",
        zh=f"许可 {permit_id} 刚被他人修改：请重新查看后再作修改",
    )


def screening_unknown(screening_id: str) -> Refused:
    return Refused.because(
        "screening_unknown",
        en=f"there is no screening {screening_id}: check the id `predig screen` gave",
        zh=f"没有筛查记录 {screening_id}：请核对 `predig screen` 给出的编号",
    )


def alert_unknown(alert_id: int) -> Refused:
    return Refused.because(
        "alert_unknown",
        en=f"there is no alert {alert_id}: pick one from the list of alerts",
        zh=f"没有预警 {alert_id}：请从预警列表中选择",
    )


def key_reused() -> Refused:
    return Refused.because(
        "idempotency_key_reused",
        en="this Idempotency-Key was used for another request: send a new key with a new request",
        zh="该 Idempotency-Key 已用于另一请求：新的请求请使用新的键",
    )


def key_unknown() -> Refused:
    return Refused.because(
        "idempotency_key_unknown",
        en="nothing was filed under this Idempotency-Key: send the request again",
        zh="没有用该 Idempotency-Key 备案的请求：请重新发送",
    )


def profile_unknown(sha256: str) -> Refused:
    return Refused.because(
        "profile_unknown",
        en=f"no rule profile {sha256[:12]} is kept in the vault: screen with it once, then try again",
        zh=f"库中没有规则集 {sha256[:12]}：请先用它筛查一次再试",
    )

"""The worker's round: companies, and one among them that cannot be judged, is lost, or comes when time is up."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

import api.working
from api.screen import file_permit
from api.settings import today
from api.working import sweep, work, work_off_jobs
from bench.race_town import Town, pipe_at
from spatial.words import PermitStatus
from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.records import DigPlan, Judged, Kept
from sql.vault import Job, Vault

COUNT = 6


@pytest.fixture(params=["postgis", "memory"])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    made: Vault
    if request.param == "postgis":
        made = PostgisVault(request.getfixturevalue("vault_urls").app, head_start_s=0.0)
    else:
        made = MemoryVault(head_start_s=0.0)
    yield made
    made.close()


@pytest.fixture
def town(vault: Vault) -> Town:
    """Everything is declared; no pipe is near."""
    made = Town(vault, "", today())
    made.settle()
    work(vault, today())
    return made


def filed(town: Town, count: int = COUNT, *, sites: int = 1) -> list[str]:
    return [
        file_permit(
            town.vault,
            town.parties("dig"),
            town.plan(*(town.place() for _ in range(sites))),
            town.rules,
            town.on,
        )
        for _ in range(count)
    ]


def statuses(town: Town, ids: Sequence[str]) -> set[PermitStatus]:
    return {town.vault.permit(permit_id).status for permit_id in ids}


def counting(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many judgements were kept at once, each time."""
    sizes: list[int] = []
    keep = vault.keep_all

    def kept(judged: Sequence[Judged]) -> tuple[Kept, ...]:
        sizes.append(len(judged))
        return keep(judged)

    monkeypatch.setattr(vault, "keep_all", kept)
    return sizes


def test_a_company_is_kept_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = filed(town)
    sizes = counting(town.vault, monkeypatch)
    assert set(work_off_jobs(town.vault, town.on).screened) == set(ids)
    assert sizes == [COUNT] and statuses(town, ids) == {PermitStatus.CLEAR}


def test_a_company_has_no_more_sites_than_it_may(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.working, "MOST_SITES", 5)
    ids = [*filed(town, 2, sites=2), *filed(town, 1, sites=9), *filed(town, 2, sites=3)]
    sizes = counting(town.vault, monkeypatch)
    assert work_off_jobs(town.vault, town.on).screened == tuple(ids)
    assert sizes == [2, 1, 1, 1]


def test_who_cannot_be_judged_stops_nobody_else(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is tried alone from then on, so that the others are judged together again."""
    ids = filed(town)
    poison(monkeypatch, ids[2])
    worked = work_off_jobs(town.vault, town.on)
    assert set(worked.screened) == set(ids) - {ids[2]} and set(worked.failed) == {ids[2]}
    assert statuses(town, [one for one in ids if one != ids[2]]) == {PermitStatus.CLEAR}
    assert town.vault.permit(ids[2]).status is PermitStatus.PENDING
    jobs = town.vault.status()["jobs"]
    assert (jobs["waiting"], jobs["claimed"], jobs["failing"]) == (1, 0, 1)
    assert all(len(town.vault.screenings(one)) == 1 for one in ids if one != ids[2])


def test_plans_that_cannot_be_read_stop_nobody_else(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = filed(town)
    plans = town.vault.plans

    def some(permit_ids: Sequence[str]) -> tuple[DigPlan, ...]:
        if ids[4] in permit_ids:
            raise ValueError("a row that cannot be read")
        return plans(permit_ids)

    monkeypatch.setattr(town.vault, "plans", some)
    worked = work_off_jobs(town.vault, town.on)
    assert set(worked.screened) == set(ids) - {ids[4]} and set(worked.failed) == {ids[4]}


def test_a_claim_lost_within_a_company_is_left_to_whoever_has_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost between the judgement and its keeping, when nothing of the company is written."""
    ids = filed(town)
    keep = town.vault.keep_all

    def kept(judged: Sequence[Judged]) -> tuple[Kept, ...]:
        return keep([late(one) if one.permit_id == ids[1] else one for one in judged])

    def late(one: Judged) -> Judged:
        job = one.job
        assert job is not None
        lost = Job(job.job_id, job.kind, job.permit_id, job.revision, job.fence - 1)
        return Judged(one.screenings, one.permit_id, lost)

    monkeypatch.setattr(town.vault, "keep_all", kept)
    worked = work_off_jobs(town.vault, town.on)
    assert set(worked.screened) == set(ids) - {ids[1]} and not worked.failed
    assert town.vault.status()["jobs"]["claimed"] == 1 and town.vault.screenings(ids[1]) == ()


def test_a_company_that_was_taken_over_while_it_waited_is_left_alone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.working, "MOST_SITES", 2)
    monkeypatch.setattr(api.working, "HOLD_AFTER_S", 0.0)
    ids = filed(town, 4)
    hold = town.vault.hold_jobs
    monkeypatch.setattr(
        town.vault, "hold_jobs", lambda jobs: tuple(job for job in hold(jobs) if job.permit_id != ids[3])
    )
    assert work_off_jobs(town.vault, town.on).screened == tuple(ids[:3])
    assert town.vault.screenings(ids[3]) == ()


def test_what_is_not_begun_when_time_is_up_is_given_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.working, "MOST_SITES", 2)
    ids = filed(town)
    asked = iter([True, True, False])
    worked = work_off_jobs(town.vault, town.on, go_on=lambda: next(asked, False))
    assert worked.screened == tuple(ids[:2])
    jobs = town.vault.status()["jobs"]
    assert (jobs["waiting"], jobs["claimed"], jobs["failing"]) == (4, 0, 0)
    assert set(work_off_jobs(town.vault, town.on).screened) == set(ids[2:])


def test_the_sweep_goes_in_companies_and_leaves_out_whom_it_is_told_to(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = filed(town)
    poison(monkeypatch, ids[5])
    sizes = counting(town.vault, monkeypatch)
    told: list[tuple[int, int]] = []
    worked = sweep(town.vault, town.on, {ids[0]}, report=lambda done, of: told.append((done, of)))
    assert worked.screened == tuple(ids[1:5]) and set(worked.failed) == {ids[5]}
    assert told == [(5, 5)] and sizes == [1] * 4
    monkeypatch.undo()
    assert set(sweep(town.vault, town.on).screened) == {ids[0], ids[5]}


def test_the_sweep_can_leave_alone_what_was_filed_just_now(town: Town) -> None:
    """Whoever took it in is judging it; judged twice, it would have another answer than the one that was given."""
    ids = filed(town)
    assert sweep(town.vault, town.on, pending_for_s=300.0).screened == ()
    time.sleep(0.2)
    assert set(sweep(town.vault, town.on, pending_for_s=0.1).screened) == set(ids)


def test_everything_an_import_touched_is_told_once(town: Town) -> None:
    ids = filed(town)
    work(town.vault, town.on)
    # The first place of the six, and what lies beside it.
    town.bring(town.vault, near=pipe_at(1, 0.0))
    told: list[tuple[int, int]] = []
    worked = work(town.vault, town.on, lambda done, of: told.append((done, of)))
    assert worked.screened == (ids[0],) and worked.left == 0 and told[-1] == (1, 1)
    changed = [(row["permit_id"], row["change"], row["source_id"]) for row in town.vault.alerts()]
    assert changed == [(ids[0], "new", "near")]


def poison(monkeypatch: pytest.MonkeyPatch, permit_id: str) -> None:
    """Its judgement raises what nobody foresaw."""
    judge = api.working.judge

    def judged(vault: Vault, asked: Sequence[Any]) -> Any:
        if any(question.permit_id == permit_id for question in asked):
            raise ZeroDivisionError
        return judge(vault, asked)

    monkeypatch.setattr("api.working.judge", judged)
    monkeypatch.setattr("api.judging.judge", judged)

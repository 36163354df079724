"""Lists, pages and short answers about the whole vault."""

from datetime import date

from spatial.values import Utility
from spatial.words import GroundKind, PipeKind
from sql.vault import Vault
from tests.contract.town import (
    DAY,
    HERE,
    bring,
    claim,
    conflict,
    declared,
    file,
    judged,
    pipe,
    refuses,
    rejected,
)
from tests.support.builders import area, block


def test_permits_come_in_pages(vault: Vault) -> None:
    ids = [file(vault, ends_on=ends_on) for ends_on in (DAY, date(2098, 1, 1), DAY, date(2098, 1, 1))]
    pages, after = [], 0
    while page := vault.permits(after=after, limit=3):
        pages.append([record.permit_id for record in page])
        after = page[-1].filed_order
    assert pages == [ids[:3], ids[3:]]
    first = vault.permits(open_on=date(2027, 1, 1), limit=1)
    assert [record.permit_id for record in first] == [ids[1]]
    rest = vault.permits(open_on=date(2027, 1, 1), after=first[0].filed_order)
    assert [record.permit_id for record in rest] == [ids[3]]


def test_what_is_no_id_names_nothing(vault: Vault) -> None:
    """With permits there: an id that cannot be read must not stand for all of them."""
    file(vault)
    refuses("permit_unknown", lambda: vault.permit("no id"))
    assert vault.alerts("no id") == ()


def test_every_judgement_of_a_permit_newest_first(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)])
    permit_id, other = file(vault, 0.0, 30.0), file(vault)
    assert vault.screenings(permit_id) == ()
    first = vault.keep_screenings(
        [judged(1, conflict("a"), conflict("b", pipe_id="8")), judged(1, index=1)], permit_id=permit_id
    )
    vault.keep_screenings([judged(1)], permit_id=other)
    (second,) = vault.keep_screenings([judged(0, conflict("late"))], permit_id=permit_id)
    kept = vault.screenings(permit_id)
    assert [record.screening_id for record in kept] == [second, *first[::-1]]
    assert kept == tuple(vault.screening(record.screening_id) for record in kept)
    assert [len(record.conflicts) for record in kept] == [1, 0, 2]
    assert [record.stood for record in kept] == [False, True, True]
    assert kept[0].query_boxes == judged(0).query_boxes and kept[0].amendment == 0
    assert vault.screenings_by_id(first) == kept[:0:-1]
    refuses("screening_unknown", lambda: vault.screenings_by_id([*first, "no id"]))
    refuses("permit_unknown", lambda: vault.screenings("no id"))


def test_declared_ground_is_what_utilities_say_now(vault: Vault) -> None:
    bring(vault, [pipe("a", 10)], rejected=[rejected(2, HERE[0])])
    vault.set_utility(Utility("G2", "Other"))
    vault.declare_ground(declared("service_area", utility="G2"))
    vault.declare_ground(declared("coverage", pipe_kinds=(PipeKind.MAIN,), assumed=True, max_age_days=None))
    vault.declare_ground(declared("blank", block(0, 0, 9, 9)))
    vault.declare_ground(declared("blank", area(5)))
    found = vault.declared_ground()
    assert [(ground.utility, ground.kind) for ground in found] == [
        ("G1", GroundKind.COVERAGE),
        ("G1", GroundKind.BLANK),
        ("G2", GroundKind.SERVICE_AREA),
    ]
    coverage, blank, _ = found
    assert (coverage.pipe_kind, coverage.as_of, coverage.max_age_days) == (PipeKind.MAIN, DAY, None)
    assert coverage.assumed and not blank.assumed and blank.pipe_kind is blank.as_of is None
    assert blank.geometry.equals(area(5))


def test_readiness_counts_what_is_due(vault: Vault) -> None:
    ready = vault.readiness()
    assert (ready.writable, ready.schema_current) == (True, True)
    assert (ready.jobs_waiting, ready.oldest_job_s) == (0, None)
    file(vault)
    ready = vault.readiness()
    assert ready.jobs_waiting == 1 and ready.oldest_job_s is not None
    assert 0 <= ready.oldest_job_s < 60
    job = claim(vault)
    assert job is not None and vault.readiness().jobs_waiting == 1  # a worker that has it may die
    vault.release_job(job, "later")
    assert vault.readiness().jobs_waiting == 0

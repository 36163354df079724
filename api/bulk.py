"""Judging a plan of thousands of sites: cell by cell of ground, each read once, judged, kept, and forgotten.

What is in memory at a time: the sites themselves (about 2 kB each), the pipes of one cell (1 kB a piece), and a few parts
of at most 500 sites with their answers. All is judged at one revision of the register, the newest when it begins.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from api.engines import Engine
from api.journal import Journal
from api.judging import screening_of
from api.screen import Rules, keep_rules
from spatial.bulk.documents import screen_region
from spatial.bulk.partition import MOST_SITES, Parting, parting
from spatial.bulk.sites import SiteColumns
from spatial.canonical import dumps, sha256
from spatial.found import Found, Region
from spatial.rules.profile import RuleProfile
from spatial.screening import query_boxes, screen_each, site_document
from spatial.values import Box, DigSite
from sql.vault import Judged, NewScreening, Vault


@dataclass(frozen=True, slots=True)
class Work:
    """One part, whole in itself: it can be sent anywhere. numbers: of its sites in the plan. ground: the region all
    their questions lie in; or, for sites too wide for one, what was found for them."""

    numbers: tuple[int, ...]
    sites: tuple[DigSite, ...]
    boxes: tuple[tuple[Box, ...], ...]
    ground: Region | Found
    profile: RuleProfile
    on: date


def judge_work(work: Work) -> tuple[NewScreening, ...]:
    """Pure, so that it is the same wherever it is done, and may be done again."""
    never: list[date | None] = [None] * len(work.sites)
    if isinstance(work.ground, Region):
        screenings = screen_region(
            work.sites, work.boxes, work.ground, work.profile, on=work.on, ends_on=never
        )
    else:
        screenings = screen_each(work.sites, work.ground, work.profile, on=work.on, ends_on=never)
    return tuple(
        screening_of(number, screening, boxes, work.profile, 0)
        for number, screening, boxes in zip(work.numbers, screenings, work.boxes, strict=True)
    )


def screen_many(
    vault: Vault,
    sites: Sequence[DigSite],
    rules: Rules,
    on: date,
    *,
    engine: Engine[Work, tuple[NewScreening, ...]],
    revision: int,
    journal: Journal,
    report: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Judge dig sites without filing them, in any order; the id of each one's screening, in theirs.

    What the journal has is not judged again. report: told (done, of how many) as parts are kept.
    """
    keep_rules(vault, rules)
    done = journal.kept()
    if report is not None:
        report(len(done), len(sites))
    left = np.array([number for number in range(len(sites)) if number not in done], dtype=np.int64)
    works = enumerate(_works(vault, sites, left, rules.profile, on, revision))
    for _, screenings in engine(judge_work, works):
        (kept,) = vault.keep_all([Judged(screenings)])
        ids = {record.site_index: record.screening_id for record in kept.screenings}
        journal.add(ids)
        done |= ids
        if report is not None:
            report(len(done), len(sites))
    return [done[number] for number in range(len(sites))]


def run_name(sites: Sequence[DigSite], rules: Rules, on: date, revision: int, vault_name: str) -> str:
    """One name for one run: the same plan, rules, day and register, of the same database."""
    plan = [site_document(site) for site in sites]
    return sha256(dumps([plan, rules.profile.sha256, on.isoformat(), revision, vault_name]))


def _works(
    vault: Vault, sites: Sequence[DigSite], left: np.ndarray, profile: RuleProfile, on: date, revision: int
) -> Iterator[Work]:
    """The sites that are left, part by part; the register is read when a part of a new cell is asked for."""
    some = [sites[number] for number in left.tolist()]
    parts: Parting = parting(SiteColumns.of(some, profile).asks)

    def work(rows: np.ndarray, ground: Callable[[Sequence[Sequence[Box]]], Region | Found]) -> Work:
        of = tuple(some[row] for row in rows.tolist())
        boxes = tuple(query_boxes(site, profile) for site in of)
        return Work(tuple(left[rows].tolist()), of, boxes, ground(boxes), profile, on)

    for cell in parts.cells:
        region = vault.region(cell.box, revision)
        for part in cell.parts:
            here = region.within(part.box)
            yield work(part.rows, lambda _, here=here: here)  # type: ignore[misc]
    for start in range(0, len(parts.apart), MOST_SITES):
        yield work(parts.apart[start : start + MOST_SITES], lambda boxes: vault.find(boxes, revision))

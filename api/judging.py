"""Gather, decide, keep: one question or many at once, in one look into the register and one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import MethodType

from api.together import Steps, together
from spatial.rules.profile import RuleProfile
from spatial.screening import Screening, query_boxes, screen_each
from spatial.values import Box, DigSite
from sql.vault import Job, Judged, Kept, NewScreening, PermitRecord, Vault


@dataclass(frozen=True, slots=True)
class Question:
    """Dig sites to be judged by some rules as of a day; of a permit (then with its amendment and last day) or not.

    job: ends with the judgement. filed: the permit as the asker filed it a moment ago, to be told how it stands.
    """

    sites: Sequence[DigSite]
    profile: RuleProfile
    on: date
    permit_id: str | None = None
    amendment: int = 0
    ends_on: date | None = None
    job: Job | None = None
    filed: PermitRecord | None = None


def judging(vault: Vault, question: Question) -> Steps[Kept]:
    """Judge, then keep."""
    # A bound method, since those are equal for the same vault.
    judgements = yield from together(MethodType(judge, vault), question)
    return (yield from together(vault.keep_all, to_keep(question, judgements)))


def to_keep(question: Question, judgements: tuple[NewScreening, ...]) -> Judged:
    """The answer to a question, as a vault keeps it."""
    return Judged(judgements, question.permit_id, question.job, question.filed)


def judge(vault: Vault, asked: Sequence[Question]) -> list[tuple[NewScreening, ...]]:
    """Judge all questions against one snapshot of the register, taken now."""
    boxes = [[query_boxes(site, question.profile) for site in question.sites] for question in asked]
    answers: list[tuple[NewScreening, ...]] = [()] * len(asked)
    # Whoever asks at the same time mostly asks of the same day and by the same rules.
    alike: dict[tuple[str, date], list[int]] = {}
    for number, question in enumerate(asked):
        alike.setdefault((question.profile.sha256, question.on), []).append(number)
    for (_, on), numbers in alike.items():
        sites = [site for number in numbers for site in asked[number].sites]
        around = [of_site for number in numbers for of_site in boxes[number]]
        profile = asked[numbers[0]].profile
        screenings = iter(
            screen_each(
                sites,
                vault.find(around),
                profile,
                on=on,
                ends_on=[asked[number].ends_on for number in numbers for _ in asked[number].sites],
            )
        )
        for number in numbers:
            answers[number] = tuple(
                screening_of(index, next(screenings), of_site, profile, asked[number].amendment)
                for index, of_site in enumerate(boxes[number])
            )
    return answers


def screening_of(
    number: int, screening: Screening, boxes: tuple[Box, ...], profile: RuleProfile, amendment: int
) -> NewScreening:
    """A screening as the vault takes it. number: of its site; boxes: what the register was asked for."""
    return NewScreening(
        site_index=number,
        register_revision=screening.register_revision,
        screened_on=screening.on,
        site=screening.site,
        query_boxes=boxes,
        ends_on=screening.ends_on,
        profile_sha256=profile.sha256,
        engine=screening.document["engine"],
        outcome=screening.outcome.value,
        grade=screening.grade.value if screening.grade else None,
        valid_until=screening.valid_until,
        document=screening.text,
        content=screening.document,
        document_sha256=screening.sha256,
        conflicts=screening.conflicts,
        amendment=amendment,
    )

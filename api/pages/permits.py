"""A permit's page: what it says now, when it may start, every judgement so far."""

from typing import Any

from api.advice import with_advice
from api.notice import notice_of
from api.pages.paint import address
from api.pages.texts import text
from api.pages.views import MOST_FILED_CONFLICTS, View, grade_view, stamp, verdict_view
from api.views.answers import screening_answer
from maps.days import day, with_days
from maps.plain import plain
from maps.styles import OUTCOME_MARKS
from spatial.errors import Language
from spatial.saying.texts import say, word
from spatial.values import Contact
from spatial.words import Grade, Outcome, PermitStatus
from sql.vault import FileRecord, PermitRecord, ScreeningRecord, Vault

MOST_JUDGEMENTS = 200
CLOSED = (PermitStatus.EXPIRED, PermitStatus.CANCELLED)


def permit_page(vault: Vault, permit_id: str, language: Language) -> dict[str, Any]:
    """The values of permit.html. :raises Refused: permit_unknown."""
    permit = vault.permit(permit_id)
    newest = vault.screenings_by_id(permit.screening_ids)
    standing = permit.status is PermitStatus.CONFLICT
    answers = with_advice(vault, newest) if standing else [screening_answer(record) for record in newest]
    return {
        "permit": _permit(vault, permit, newest, language),
        "judged": verdict_view(answers, language, MOST_FILED_CONFLICTS) if answers else None,
        "history": [
            _judgement(record, permit, language) for record in vault.screenings(permit_id)[:MOST_JUDGEMENTS]
        ],
        "data": {"address": f"/v1/permits/{permit_id}"},
    }


def _permit(
    vault: Vault, permit: PermitRecord, newest: tuple[ScreeningRecord, ...], language: Language
) -> View:
    parties = permit.parties
    notice = notice_of(vault, permit, newest)
    facts = [
        (text("contractor", language), _contact(parties.contractor)),
        (text("builder", language), _contact(parties.builder)),
        (text("supervisor", language), _contact(parties.supervisor)),
        (text("permit_numbers", language), plain("、".join(parties.permit_numbers))),
        (text("machine", language), plain(parties.machine or "")),
        (text("driver", language), _contact(parties.driver)),
    ]
    return {
        "id": permit.permit_id,
        "title": plain(parties.title),
        "status": permit.status.value,
        "status_word": word("status", permit.status, language),
        "open": permit.status not in CLOSED,
        "starts_on": parties.starts_on.isoformat(),
        "ends_on": parties.ends_on.isoformat(),
        "starts": day(parties.starts_on, language),
        "ends": day(parties.ends_on, language),
        "filed_at": stamp(permit.filed_at, language),
        "earliest": [say(with_days(reason, language), language) for reason in notice["reasons"]],
        "calls": [
            say({"code": "call" if row["phone"] else "call_no_phone", **row}, language)
            for row in notice["call"]
        ],
        "facts": [(name, value) for name, value in facts if value],
        "files": [_file(permit.permit_id, file, language) for file in permit.files],
        "map": address(f"/v1/permits/{permit.permit_id}/map", language),
    }


def _file(permit_id: str, file: FileRecord, language: Language) -> View:
    said = [text(f"came_in_{file.read_as['judged']}", language)]
    if file.amendment:
        said.append(text("came_in_amended", language).format(number=file.amendment))
    size = text("came_in_size", language)
    return {
        "name": plain(file.name),
        "link": f"/v1/permits/{permit_id}/files/{file.number}",
        "size": size.format(kb=f"{max(file.size_bytes / 1000, 0.1):,.1f}", digest=file.sha256[:12]),
        "said": " · ".join(said),
    }


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return plain(" · ".join(filter(None, (contact.name, contact.person, contact.phone))))


def _judgement(record: ScreeningRecord, permit: PermitRecord, language: Language) -> View:
    outcome = Outcome(record.outcome)
    return {
        "at": stamp(record.created_at, language),
        "site": plain(record.site.feature_id),
        "outcome": outcome.value,
        "mark": OUTCOME_MARKS[outcome].shape,
        "word": word("status", outcome, language),
        "grade": grade_view(Grade(record.grade), language) if record.grade else None,
        "revision": record.register_revision,
        "stands": record.screening_id in permit.screening_ids and permit.status is not PermitStatus.PENDING,
        "map": address(f"/v1/screenings/{record.screening_id}/map", language),
    }

"""The form in which judgements leave the house: JSON for machines, the same for the page and the terminal."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from api.evidence.replay import Replay
from spatial.values import Contact, PermitParties
from sql.vault import FileRecord, PermitRecord, ScreeningRecord


def document_of(record: ScreeningRecord) -> Mapping[str, Any]:
    """What a screening's document says; of a judgement made a moment ago it need not be read."""
    if record.content is not None:
        return record.content
    document: dict[str, Any] = json.loads(record.document)
    return document


def screening_answer(record: ScreeningRecord) -> dict[str, Any]:
    """A screening as the contract has it: the stored document with its id, hash and register ids."""
    document = document_of(record)
    return {
        "id": record.screening_id,
        "permit_id": record.permit_id,
        "feature_id": record.site.feature_id,
        "outcome": record.outcome,
        "grade": record.grade,
        "conflicts": list(record.conflicts),
        # A judgement of the engine predig/1 has none.
        "sections": document.get("sections", []),
        "unknowns": document["unknowns"],
        "utilities": document["utilities"],
        "advice": document["advice"],
        "valid_until": record.valid_until.isoformat(),
        "rule_profile": document["rule_profile"],
        "engine": record.engine,
        "hash": record.document_sha256,
        "register_revision": record.register_revision,
        "amendment": record.amendment,
        "stood": record.stood,
        "on": record.screened_on.isoformat(),
        "site": document["site"],
        "created_at": record.created_at.isoformat(),
    }


def parties_answer(parties: PermitParties) -> dict[str, Any]:
    """Who answers for a dig and when it is, as it may be filed again."""
    return {
        "firm": parties.firm,
        "title": parties.title,
        "starts_on": parties.starts_on.isoformat(),
        "ends_on": parties.ends_on.isoformat(),
        "contractor": _contact(parties.contractor),
        "builder": _contact(parties.builder) if parties.builder else None,
        "supervisor": _contact(parties.supervisor) if parties.supervisor else None,
        "permit_numbers": list(parties.permit_numbers),
        "machine": parties.machine,
        "driver": _contact(parties.driver) if parties.driver else None,
    }


def _contact(one: Contact) -> dict[str, str | None]:
    return {"name": one.name, "person": one.person, "phone": one.phone}


def permit_head(permit: PermitRecord) -> dict[str, Any]:
    """A permit without its judgements, as in a list."""
    return {
        "id": permit.permit_id,
        "status": permit.status.value,
        "grade": permit.grade,
        **parties_answer(permit.parties),
        "filed_at": permit.filed_at.isoformat(),
        "amendment": permit.amendment,
        "amended_at": permit.amended_at.isoformat() if permit.amended_at else None,
        "sites": len(permit.sites),
    }


def permit_answer(permit: PermitRecord, screenings: tuple[ScreeningRecord, ...]) -> dict[str, Any]:
    """A permit with the files it came in and the judgement that stands for each of its sites."""
    return {
        **permit_head(permit),
        "files": [_file(permit.permit_id, file) for file in permit.files],
        "screenings": [screening_answer(record) for record in screenings],
    }


def _file(permit_id: str, file: FileRecord) -> dict[str, Any]:
    return {
        "name": file.name,
        "content_type": file.content_type,
        "bytes": file.size_bytes,
        "sha256": file.sha256,
        "amendment": file.amendment,
        "read_as": file.read_as,
        "link": f"/v1/permits/{permit_id}/files/{file.number}",
    }


def alert_answer(alert: Mapping[str, Any]) -> dict[str, Any]:
    """An alert of the vault under the names of the contract."""
    return {"id": alert["alert_id"], **{key: value for key, value in alert.items() if key != "alert_id"}}


def replay_answer(replay: Replay) -> dict[str, Any]:
    """What a replay found."""
    return {
        "id": replay.screening_id,
        "same": replay.same,
        "same_decisions": replay.same_decisions,
        "stands": replay.stands,
        "engine": replay.engine,
        "stored_engine": replay.stored_engine,
        "stored_hash": replay.stored_sha256,
        "hash": replay.sha256,
        "differences": [asdict(difference) for difference in replay.differences],
    }

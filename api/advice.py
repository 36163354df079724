"""Use case of advice: what would help at a screened site, worked out when somebody asks and never kept."""

import json
from collections.abc import Sequence
from typing import Any

from api.screen import rules_of
from api.views.answers import screening_answer
from spatial.advising.advice import advise, search_boxes
from sql.vault import ScreeningRecord, Vault

MOST_ADVISED = 20
"""Sites of one answer that are advised on unasked: nobody reads more, and each costs as much as ten judgements."""


def advice_on(vault: Vault, record: ScreeningRecord) -> dict[str, Any]:
    """spatial.advising.advice.advise() for one judgement, against the register and by the rules it was made with."""
    profile = rules_of(vault, record.profile_sha256).profile
    found = vault.find([search_boxes(record.site, profile)], as_of=record.register_revision)
    return advise(record.site, found, profile, json.loads(record.document), on=record.screened_on)


def with_advice(
    vault: Vault, records: Sequence[ScreeningRecord], most: int = MOST_ADVISED
) -> list[dict[str, Any]]:
    """Screenings in their answer form; the first `most` with conflicts carry the advice on them as `helps`."""
    answers = [screening_answer(record) for record in records]
    advised = [number for number, record in enumerate(records) if record.conflicts][:most]
    for number in advised:
        answers[number]["helps"] = advice_on(vault, records[number])
    return answers

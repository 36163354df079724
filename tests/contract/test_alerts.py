"""The inbox: which alerts are shown to whom, and what is answered."""

from collections.abc import Iterator
from typing import Any

import pytest

from sql.vault import Vault
from tests.contract.town import bring, conflict, file, judged, pipe, refuses


@pytest.fixture
def inbox(vault: Vault) -> Iterator[Vault]:
    """Alerts 1 to 5: of two permits, two utilities, three grades."""
    bring(vault, [pipe("a", 10)])
    for _ in range(2):
        vault.keep_screenings(
            [judged(1, conflict("a", "II"), conflict("b", "III", pipe_id="8", utility="G2"))],
            permit_id=file(vault),
        )
    first = vault.permits()[0].permit_id
    conflicts = [conflict("a", "I"), conflict("b", "III", pipe_id="8", utility="G2")]
    vault.keep_screenings([judged(1, *conflicts)], permit_id=first)
    yield vault


def numbers(found: tuple[dict[str, Any], ...]) -> list[int]:
    return [alert["alert_id"] for alert in found]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"utility": "G2"}, [2, 4]),
        ({"utility": "nobody"}, []),
        ({"grade": "II"}, [1, 3]),
        ({"grade": "II", "utility": "G2"}, []),
        ({"state": "open"}, [1, 3, 4, 5]),
        ({"state": "acknowledged"}, [2]),
        ({"after": 2}, [3, 4, 5]),
        ({"after": 2, "limit": 2}, [3, 4]),
        ({"after": 1, "limit": 1, "utility": "G2"}, [2]),
        ({"after": 5}, []),
    ],
)
def test_alerts_are_chosen_and_paged(inbox: Vault, asked: dict[str, Any], expected: list[int]) -> None:
    inbox.respond(2, action="acknowledge", by="Li")
    assert numbers(inbox.alerts(**asked)) == expected


def test_alerts_of_one_permit(inbox: Vault) -> None:
    first, second = (record.permit_id for record in inbox.permits())
    assert numbers(inbox.alerts(first)) == [1, 2, 5] and numbers(inbox.alerts(second)) == [3, 4]
    assert inbox.alerts("no id") == () == inbox.alerts("00000000-0000-0000-0000-000000000000")


def test_the_first_response_says_who_acknowledged(inbox: Vault) -> None:
    untouched = inbox.alerts()[0]
    assert [untouched[name] for name in ("state", "acknowledged_at", "acknowledged_by", "note")] == [
        "open",
        None,
        None,
        None,
    ]
    alert = inbox.respond(1, action="acknowledge", by="李", note="现场监护 8:00")
    assert (alert["state"], alert["acknowledged_by"], alert["note"]) == (
        "acknowledged",
        "李",
        "现场监护 8:00",
    )
    assert alert["acknowledged_at"] >= alert["raised_at"]
    assert inbox.respond(1, action="acknowledge", by="Wang") == alert == inbox.alerts()[0]


def test_a_response_that_says_nothing_is_refused(inbox: Vault) -> None:
    refuses("alert_unknown", lambda: inbox.respond(99, action="acknowledge", by="Li"))
    refuses("alert_unknown", lambda: inbox.respond(2**70, action="acknowledge", by="Li"))
    refuses("response_unknown", lambda: inbox.respond(1, action="refuse", by="Li"))
    refuses("responder_missing", lambda: inbox.respond(1, action="acknowledge", by=" "))
    assert {alert["state"] for alert in inbox.alerts()} == {"open"}


def test_an_acknowledged_alert_is_not_opened_again_by_what_comes_later(inbox: Vault) -> None:
    first = inbox.permits()[0].permit_id
    inbox.respond(1, action="acknowledge", by="Li")
    inbox.keep_screenings([judged(1)], permit_id=first)
    states = [(alert["source_id"], alert["change"], alert["state"]) for alert in inbox.alerts(first)]
    assert states == [
        ("a", "new", "acknowledged"),
        ("b", "new", "open"),
        ("a", "worse", "open"),
        ("a", "gone", "open"),
        ("b", "gone", "open"),
    ]

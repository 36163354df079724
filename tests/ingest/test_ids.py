"""Ids as text: what a database, a page and a person can hold."""

from typing import Any

import pytest

from ingest.files.rows import id_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (" 12 ", "12"),
        (12, "12"),
        (12.0, "12"),
        (1.5, "1.5"),
        ("x" * 200, "x" * 200),
        ("x" * 201, None),
        (1e308, None),  # 309 digits: no cut is made of them, and no id is as long
        (10**400, None),
        (float("nan"), None),
        (True, None),
        ("", None),
        ("\ud800", None),
        ("a\0", None),
    ],
)
def test_an_id_is_short_text_or_none(value: Any, text: str | None) -> None:
    assert id_text(value) == text

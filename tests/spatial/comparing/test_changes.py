"""Rows are matched as the vault matches them."""

import numpy as np
import pytest

from spatial.comparing.changes import Standing, changes_of


def standing(*names_and_digests: str) -> Standing:
    """`a:1` is the row a with the digest 1."""
    names, digests = zip(*(word.split(":") for word in names_and_digests), strict=True)
    count = len(names)
    return Standing(1, 100.0, "EPSG:4543", True, np.arange(count) + 7, names, digests, np.ones(count))


def told(before: Standing, *after: str, stable: bool, by_m: float = 1.0) -> tuple[object, ...]:
    names, digests = zip(*(word.split(":") for word in after), strict=True)
    found = changes_of(before, names, digests, np.full(len(names), by_m), stable_ids=stable)
    assert found.unchanged + len(found.opened) == len(after)
    assert found.unchanged + len(found.closed) == len(before.asset_id)
    return found.unchanged, found.added.tolist(), found.removed.tolist(), found.changed.tolist()


def test_with_ids_a_row_is_what_its_id_says() -> None:
    assert told(standing("a:1", "b:2", "c:3"), "c:3", "b:9", "d:1", stable=True) == (1, [2], [0], [[1, 1]])


def test_a_re_export_with_new_ids_changes_nothing() -> None:
    assert told(standing("a:1", "b:2", "c:2"), "x:2", "y:2", "z:1", stable=False) == (3, [], [], [])


def test_without_ids_rows_stand_as_often_as_they_occur() -> None:
    assert told(standing("a:1", "b:1", "c:2"), "x:1", "y:2", "z:2", stable=False) == (2, [2], [1], [])


@pytest.mark.parametrize("stable", [True, False])
def test_a_row_widened_otherwise_is_another(stable: bool) -> None:
    unchanged, *_ = told(standing("a:1"), "a:1", stable=stable, by_m=2.0)
    assert unchanged == 0

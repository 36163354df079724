"""What every vault promises about change sets, rejected rows and how a dataset was read."""

from typing import Any

import pytest

from spatial.errors import Refused
from sql.memory import MemoryVault
from sql.postgis import PostgisVault
from sql.vault import Vault
from tests.contract.town import DAY as TODAY
from tests.contract.town import (
    HERE,
    Row,
    all_of,
    bring,
    code_of,
    day_after,
    declared,
    names,
    pipe,
    rejected,
)

BOX, OTHER_BOX = HERE[0], (101.70, 36.60, 101.71, 36.61)
OLD = [pipe("a", 10), pipe("b", 20), pipe("c", 30)]


def unreadable(vault: Vault) -> int:
    """How many patches of unreadable ground meet HERE."""
    return sum(len(ground.unreadable) for ground in vault.find([HERE]).ground[0])


def refused_rows(vault: Vault, revision: int | None = None) -> list[tuple[Any, ...]]:
    return [(row.number, row.source_id, row.box) for row in vault.rejected("G1", "town", revision)]


def test_a_change_set_leaves_all_it_does_not_name(vault: Vault) -> None:
    bring(vault, OLD)
    bring(vault, [pipe("a", 12)], dataset="other")
    before = vault.find([HERE])
    report = bring(vault, [pipe("b", 21), pipe("d", 40)], removed=["c"], on=day_after(TODAY))
    assert (report.revision, report.added, report.closed, report.unchanged) == (3, 2, 2, 1)
    assert (report.received, report.rejected) == (3, 0)
    assert names(vault.find([HERE])) == ["a", "a", "b", "d"]
    assert {row for row in all_of(before) if "'a'" in str(row)} <= {*all_of(vault.find([HERE]))}
    (_, town) = vault.datasets()
    assert (town["dataset"], town["revision"], town["assets"], town["rejected"]) == ("town", 3, 3, 0)
    assert town["length_m"] == pytest.approx(240, abs=0.01)
    assert town["data_date"] == TODAY  # nobody has looked at the other rows since
    assert vault.revisions()[0].summary == {"received": 3, "unchanged": 1, "change_set": True}
    again = bring(vault, [pipe("b", 21), pipe("d", 40)], removed=["c"])
    assert (again.revision, again.added, again.closed, again.unchanged) == (None, 0, 0, 3)
    assert vault.stood_once("G1", "town", ["a", "c", "z"]) == {"a", "c"}
    vault.roll_back(3)
    assert all_of(vault.find([HERE])) != [] and names(vault.find([HERE])) == ["a", "a", "b", "c"]
    assert [row.asset.source_id for row in vault.find_whole(HERE, 3)] == ["a", "a", "b", "d"]


def test_a_change_set_can_take_all_and_bring_some_again(vault: Vault) -> None:
    bring(vault, OLD)
    bring(vault, [], removed=["a", "b", "c"])
    assert names(vault.find([HERE])) == []
    report = bring(vault, [pipe("a", 10)], removed=[])
    assert (report.added, report.unchanged) == (1, 0)
    assert vault.datasets()[0]["length_m"] == pytest.approx(80, abs=0.01)


@pytest.mark.parametrize("stable", [None, False])
def test_a_change_set_of_a_dataset_without_stable_ids_is_refused(vault: Vault, stable: bool | None) -> None:
    if stable is False:
        bring(vault, OLD, stable=False)
    with pytest.raises(Refused) as refusal:
        bring(vault, [pipe("a", 11)], removed=["b"])
    assert code_of(refusal) == "changes_without_ids"
    assert bring(vault, OLD).revision is not None  # the same rows, with ids that are stable from now on
    assert bring(vault, [pipe("a", 11)], removed=["b"]).closed == 2


def test_a_rejected_change_leaves_the_row_and_unreadable_ground_until_it_is_mended(vault: Vault) -> None:
    bring(vault, OLD, rejected=[rejected(4, OTHER_BOX, "z")])
    assert unreadable(vault) == 0
    report = bring(vault, [pipe("c", 31)], rejected=[rejected(2, BOX, "b")], removed=[])
    assert (report.added, report.closed, report.unchanged, report.rejected) == (1, 1, 2, 1)
    assert names(vault.find([HERE])) == ["a", "b", "c"] and unreadable(vault) == 1
    assert refused_rows(vault) == [(4, "z", OTHER_BOX), (2, "b", BOX)]
    assert refused_rows(vault, 1) == [(4, "z", OTHER_BOX)]
    assert vault.datasets()[0]["rejected"] == 2
    again = bring(vault, [pipe("c", 31)], rejected=[rejected(2, BOX, "b")], removed=[])
    assert (again.revision, unreadable(vault)) == (None, 1)
    bring(vault, [pipe("b", 22)], removed=[])
    assert unreadable(vault) == 0 and refused_rows(vault) == [(4, "z", OTHER_BOX)]
    bring(vault, [], removed=["z"])
    assert refused_rows(vault) == [] and vault.datasets()[0]["rejected"] == 0
    vault.roll_back(4)
    assert refused_rows(vault) == [(4, "z", OTHER_BOX)]
    vault.roll_back(3)
    assert refused_rows(vault) == [(4, "z", OTHER_BOX), (2, "b", BOX)] and unreadable(vault) == 1
    assert names(vault.find([HERE])) == ["a", "b", "c"]


def test_a_row_whose_id_is_not_its_own_is_settled_by_a_whole_import_alone(vault: Vault) -> None:
    bring(vault, OLD, rejected=[rejected(4, BOX), rejected(5, BOX)])
    bring(vault, [pipe("a", 11)], removed=["b"])
    assert unreadable(vault) == 2 and len(refused_rows(vault)) == 2
    bring(vault, [pipe("a", 11), pipe("c", 30)], rejected=[rejected(9, BOX)])
    assert unreadable(vault) == 1 and len(refused_rows(vault)) == 1
    assert len(refused_rows(vault, 2)) == 2


def test_rows_of_one_shape_are_settled_one_by_one(vault: Vault) -> None:
    bring(vault, OLD, rejected=[rejected(4, BOX, "x"), rejected(5, BOX, "y"), rejected(6, BOX)])
    bring(vault, [], removed=["x"])
    assert unreadable(vault) == 2 and [row[1] for row in refused_rows(vault)] == ["y", None]
    bring(vault, [pipe("y", 40)], removed=[])
    assert unreadable(vault) == 1


def test_rows_without_a_place_stay_in_doubt_until_they_are_settled_or_confirmed(vault: Vault) -> None:
    def in_doubt() -> int:
        (ground,) = vault.find([HERE]).ground[0]
        return ground.boxless_rejected

    bring(vault, OLD, rejected=[rejected(4, None, "x"), rejected(5, None, "y")], confirmed=1)
    assert in_doubt() == 1
    bring(vault, [pipe("x", 40)], removed=[])
    assert in_doubt() == 1  # nobody knows which of the two was confirmed
    bring(vault, [pipe("a", 11)], rejected=[rejected(1, None, "z")], removed=[])
    assert in_doubt() == 2
    bring(vault, [pipe("a", 12)], rejected=[rejected(1, None, "w")], removed=[], confirmed=1)
    assert in_doubt() == 2
    bring(vault, [], removed=["y", "z", "w"])
    assert in_doubt() == 0 and vault.datasets()[0]["rejected"] == 0


def test_a_coverage_may_come_with_a_change_set(vault: Vault) -> None:
    bring(vault, OLD, rejected=[rejected(4, BOX, "x")])
    bring(vault, [pipe("d", 40)], removed=[], coverage=declared("coverage"))
    (ground,) = vault.find([HERE]).ground[0]
    assert len(ground.coverages) == 4 and unreadable(vault) == 1


def test_how_a_dataset_was_read_is_kept_with_it(vault: Vault) -> None:
    first = {
        "crs": "EPSG:4543",
        "id_field": "id",
        "map": '[columns]\ndiameter_mm = "管径"\n',
        "layers": [],
        "units": None,
    }
    second = first | {"layers": ["管线"]}
    bring(vault, OLD)
    assert vault.datasets()[0]["read_as"] is None
    assert bring(vault, OLD, read_as=first).revision == 2
    assert vault.datasets()[0]["read_as"] == first
    assert bring(vault, OLD, read_as=first).revision is None
    bring(vault, [pipe("a", 11)], removed=[], read_as=second)
    assert vault.datasets()[0]["read_as"] == first
    assert bring(vault, [pipe("a", 11), *OLD[1:]], read_as=second).revision == 4
    assert vault.datasets()[0]["read_as"] == second
    vault.roll_back(4)
    assert vault.datasets()[0]["read_as"] == first


def test_both_vaults_come_to_the_same(postgis: PostgisVault, memory: MemoryVault) -> None:
    told = []
    for vault in (postgis, memory):
        bring(vault, OLD, rejected=[rejected(4, BOX, "x"), rejected(5, None, "y"), rejected(6, OTHER_BOX)])
        bring(vault, [pipe("b", 22), Row("v", pipe("v", 33).shape.centroid, kind="valve")],
              rejected=[rejected(2, BOX, "c"), rejected(3, BOX)], removed=["a", "y"])  # fmt: skip
        bring(vault, [pipe("x", 50)], removed=["c"], confirmed=1)
        vault.roll_back(3)
        told.append(
            [
                [all_of(vault.find([HERE], as_of=number)) for number in range(5)],
                [vault.rejected("G1", "town", number) for number in range(5)],
                [row | {"length_m": round(row["length_m"], 2)} for row in vault.datasets()],
                [(row.added, row.closed, row.rejected, row.summary) for row in vault.revisions()],
                unreadable(vault),
            ]
        )
    assert told[0] == told[1]

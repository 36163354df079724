"""What stands of a dataset, and an import that was compared with something else."""

import pytest
import shapely

from spatial.errors import Refused
from sql import rows
from sql.vault import Vault
from tests.contract.town import DAY, HERE, Row, bring, code_of, cuts_of, intake, pipe


def test_a_dataset_is_told_without_its_shapes(vault: Vault) -> None:
    assert vault.standing("G1", "town") is None
    kept = [pipe("a", 10), pipe("b", 20, diameter_mm=None)]
    bring(vault, kept)
    bring(vault, [pipe("z", 10)], dataset="other")
    bring(vault, [*kept, pipe("c", 30)])
    bring(vault, kept)
    taken = intake(kept)
    standing = vault.standing("G1", "town")
    assert standing is not None
    assert (standing.revision, standing.crs) == (4, "EPSG:4543")
    assert standing.length_m == pytest.approx(160, abs=0.01)
    assert list(standing.source_id) == ["a", "b"]
    assert list(standing.digest) == [asset.digest for asset in taken.assets]
    assert standing.widened_by_m.tolist() == rows.widened_by_m(cuts_of(taken), 2).tolist()
    assert set(vault.stored_pieces(standing.asset_id.tolist())) == set(standing.asset_id.tolist())


def test_an_import_compared_with_another_state_is_refused(vault: Vault) -> None:
    taken = intake([pipe("a", 10)])

    def again(over: int | None) -> int | None:
        return vault.import_network(
            taken, cuts_of(taken), utility="G1", dataset="town", on=DAY, over=over
        ).revision

    with pytest.raises(Refused) as refusal:
        again(1)
    assert code_of(refusal) == "dataset_changed"
    assert again(0) == 1
    with pytest.raises(Refused) as refusal:
        again(0)
    assert code_of(refusal) == "dataset_changed"
    assert len(vault.revisions()) == 1
    bring(vault, [pipe("b", 10)], dataset="other")
    assert again(1) is None and again(None) is None


def test_what_lies_beside_a_dataset_is_that_of_all_others(vault: Vault) -> None:
    bring(vault, [pipe("a", 10), pipe("far", 900)])
    bring(
        vault, [pipe("b", 10), pipe("gone", 12), Row("v", shapely.Point(3, 3), kind="valve")], dataset="other"
    )
    bring(vault, [pipe("b", 10), Row("v", shapely.Point(3, 3), kind="valve")], dataset="other")
    bring(vault, [pipe("a", 11), pipe("z", 12)], utility="G2")
    beside = vault.beside(HERE[0], "G1", "town")
    assert list(beside.name) == [("G1", "other", "b"), ("G2", "town", "a"), ("G2", "town", "z")]
    assert beside.asset.tolist() == [0, 1, 2]
    expected = [asset.geometry for asset in intake([pipe("b", 10), pipe("a", 11), pipe("z", 12)]).assets]
    assert [shape.equals(whole) for shape, whole in zip(beside.geometry, expected, strict=True)] == [True] * 3
    assert vault.beside(HERE[0], "G1", "other").name[0] == ("G1", "town", "a")
    with pytest.raises(Refused) as refusal:
        vault.beside((101.0, 36.0, 101.4, 36.1), "G1", "town")
    assert code_of(refusal) == "query_too_wide"
